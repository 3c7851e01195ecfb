// SPDX-License-Identifier: GPL-2.0
#include "user/cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/cli/values.h"
#include "user/cli/write_whole.h"
#include "user/model/errors.h"
#include "user/model/sanitize.h"

/* With sudo the files of who called it are as good as root's own. */
static bool is_own(uid_t owner)
{
    const char *sudo_uid = getenv("SUDO_UID");

    return owner == geteuid() ||
           (sudo_uid && !geteuid() && owner == (uid_t)strtoul(sudo_uid, NULL, 10));
}

static int refuse(struct strbuf *error, const char *path, const char *reason, int result)
{
    value_quote(error, path);
    strbuf_printf(error, " cannot be written: %s", reason);
    return result;
}

static const char *open_reason(int error)
{
    if (error == ELOOP)
        return "it is a symbolic link; name the file itself, or - for standard output";
    if (error == ENXIO)
        return "nobody reads this pipe";
    return error_message(error);
}

/*
 * Two that write to one file would destroy what each has written. Where a file system knows no
 * locks, none is seen.
 */
static int lock(int fd, const char *path, struct strbuf *error)
{
    if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
        return refuse(error, path, "another porttrace or program has locked it to write to it",
                      -EWOULDBLOCK);
    return 0;
}

/*
 * A regular file or a pipe could be somebody's trap; what else stands under the name is what was
 * meant.
 */
static int check(int fd, const char *path, bool *ret_is_file, struct strbuf *error)
{
    struct stat status;

    if (fstat(fd, &status))
        return refuse(error, path, error_message(errno), -errno);
    *ret_is_file = S_ISREG(status.st_mode);
    if (!*ret_is_file && !S_ISFIFO(status.st_mode))
        return 0;
    if (!is_own(status.st_uid))
        return refuse(error, path, "it belongs to another user", -EPERM);
    if (status.st_nlink > 1)
        return refuse(error, path, "it has other names, and would change under those too", -EPERM);
    return *ret_is_file ? lock(fd, path, error) : 0;
}

static int open_existing(const char *path, bool *ret_is_file, struct strbuf *error)
{
    int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int result;

    if (fd < 0)
        return refuse(error, path, open_reason(errno), -errno);
    result = check(fd, path, ret_is_file, error);
    if (!result && fcntl(fd, F_SETFL, 0))
        result = refuse(error, path, error_message(errno), -errno);
    if (result) {
        close(fd);
        return result;
    }
    return fd;
}

static int open_file(const char *path, bool *ret_is_file, struct strbuf *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int result;

    if (fd < 0)
        return errno == EEXIST ? open_existing(path, ret_is_file, error)
                               : refuse(error, path, open_reason(errno), -errno);
    result = lock(fd, path, error);
    if (result) {
        close(fd);
        return result;
    }
    return fd;
}

void output_print_name(char *ret_name, size_t size, const char *path)
{
    struct strbuf name = {0};

    sanitize_add(&name, path, strlen(path));
    snprintf(ret_name, size, "%s", name.text ? name.text : "the file");
    strbuf_free(&name);
}

int output_open(struct output *ret_output, const char *path, struct strbuf *error)
{
    struct output output = {.name = "standard output", .fd = STDOUT_FILENO, .whole = whole_lines};

    if (path && strcmp(path, "-") != 0) {
        output_print_name(output.name, sizeof(output.name), path);
        output.fd = open_file(path, &output.is_file, error);
        if (output.fd < 0)
            return output.fd;
    }
    *ret_output = output;
    return 0;
}

int output_begin(struct output *output)
{
    if (output->is_file && ftruncate(output->fd, 0) && !output->error)
        output->error = -errno;
    return output->error;
}

int output_flush(struct output *output)
{
    int result = -ENOMEM;

    if (!output->buffer.failed)
        result = write_whole(output->fd, output->buffer.text, output->buffer.length, output->whole);
    if (!output->error)
        output->error = result;
    strbuf_reset(&output->buffer);
    return result;
}

int output_flush_batch(struct output *output)
{
    return output->buffer.length < OUTPUT_BATCH ? 0 : output_flush(output);
}

int output_close(struct output *output)
{
    if (close(output->fd) && !output->error)
        output->error = -errno;
    strbuf_free(&output->buffer);
    output->fd = -1;
    return output->error;
}
