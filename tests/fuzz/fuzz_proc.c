// SPDX-License-Identifier: GPL-2.0
/*
 * Files of /proc and /sys with any contents: every file that is opened is the next piece of the
 * input, every link leads to the next one, every folder holds names up to an empty one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/input.h"
#include "user/cli/mounts.h"
#include "user/enrich/cgroup.h"
#include "user/host/descriptors.h"
#include "user/host/process.h"
#include "user/host/process_cgroup.h"
#include "user/host/process_signals.h"
#include "user/host/process_stat.h"
#include "user/host/security.h"
#include "user/host/sysctl.h"
#include "user/host/text_file.h"

static struct input files;
static bool answering; /* only what the code under test opens */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
ssize_t __wrap_readlinkat(int folder, const char *path, char *to, size_t size);
DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
struct dirent *__real_readdir(DIR *folder);
struct dirent *__wrap_readdir(DIR *folder);

static int open_next(void)
{
    char *text;
    size_t size;
    int fd;

    if (!files.left) {
        errno = ENOENT;
        return -1;
    }
    text = input_text(&files, &size);
    fd = memfd_create("file", MFD_CLOEXEC);
    require(fd >= 0 && (!size || write(fd, text, size) == (ssize_t)size));
    require(!lseek(fd, 0, SEEK_SET));
    free(text);
    return fd;
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list rest;
    int mode = 0;

    if (answering)
        return flags & O_PATH ? __real_open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : open_next();
    if (flags & O_CREAT) {
        va_start(rest, flags);
        mode = va_arg(rest, int);
        va_end(rest);
    }
    return __real_open(path, flags, mode);
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
    require(answering && folder >= 0 && path && !(flags & O_CREAT));
    return open_next();
}

ssize_t __wrap_readlinkat(int folder, const char *path, char *to, size_t size)
{
    size_t length;
    char *text;

    require(folder >= 0 && path);
    if (!files.left) {
        errno = ENOENT;
        return -1;
    }
    text = input_text(&files, &length);
    if (length > size)
        length = size;
    memcpy(to, text, length);
    free(text);
    return (ssize_t)length;
}

DIR *__wrap_opendir(const char *path)
{
    return __real_opendir(answering ? "/" : path);
}

struct dirent *__wrap_readdir(DIR *folder)
{
    static struct dirent entry;
    size_t length;
    char *name;

    require(folder != NULL);
    if (!answering)
        return __real_readdir(folder);
    name = input_text(&files, &length);
    if (length >= sizeof(entry.d_name))
        length = sizeof(entry.d_name) - 1;
    memcpy(entry.d_name, name, length);
    entry.d_name[length] = '\0';
    free(name);
    return length ? &entry : NULL;
}

static void require_within(struct bytes part, struct bytes whole)
{
    require(!part.at || (part.at >= whole.at && part.at + part.size <= whole.at + whole.size));
}

static void check_process(void)
{
    struct process_facts process = {0};
    struct arena arena = {0};

    if (!process_read_task("/proc", 1, &process.task))
        require(memchr(process.task.comm, '\0', PT_COMM_SIZE) != NULL);
    if (!process_describe("/proc", &arena, &process))
        require(process.described && process.args.size <= PT_ARGS_MAX &&
                process.args.size <= process.args_size);
    require_within(process.cgroup_facts.unit, process.cgroup);
    require_within(process.cgroup_facts.container_id, process.cgroup);
    arena_reset(&arena);
}

static void check_cgroup(void)
{
    char path[64];

    if (!process_cgroup_read(1, path, sizeof(path)))
        require(path[0] == '/' && memchr(path, '\0', sizeof(path)) && !strchr(path, '\n'));
}

static int on_socket(void *context, uint32_t pid, int fd, uint64_t inode)
{
    ++*(unsigned int *)context;
    require(pid && fd >= 0 && inode);
    return fd == 99 ? -ECANCELED : 0;
}

static void check_descriptors(void)
{
    unsigned int found = 0, hidden;
    int result = descriptors_walk("/proc", on_socket, &found, &hidden);

    require(!result || (result == -ECANCELED && found));
}

static void check_sysctls(void)
{
    static struct sysctl_net net;

    if (sysctl_read_net(&net))
        return;
    require(net.range_low <= net.range_high && net.unprivileged_start <= 65535);
    sysctl_has_port(net.reserved, 65535);
}

static void check_security(void)
{
    char *text;
    bool confined;

    if (!security_read_modules(&text)) {
        require(!strchr(text, '\n'));
        free(text);
    }
    if (!security_read_confinement(1, &text, &confined)) {
        require(!strchr(text, '\n'));
        free(text);
    }
}

static void check_texts(void)
{
    struct process_stat stat;
    char path[64], *text = input_text(&files, NULL);

    process_stat_parse(text, &stat);
    require(process_signals_parse(text) <= TERM_WAITS);
    if (!mounts_find(text, "cgroup2", path, sizeof(path)))
        require(memchr(path, '\0', sizeof(path)) != NULL);
    free(text);
}

static void check_whole_file(void)
{
    size_t limit = input_byte(&files), size;
    struct input again = files;
    char *text, *at_once;
    int result = text_file_read("/proc/version", limit, &text, &size);

    files = again;
    require(text_file_read_at_once("/proc/version", limit, &at_once) == result);
    if (result) {
        require(result == -EFBIG || result == -ENOENT);
        return;
    }
    require(size <= limit && !text[size] && !memcmp(text, at_once, size + 1));
    free(at_once);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static void (*const checks[])(void) = {check_process,    check_cgroup, check_sysctls,
                                           check_security,   check_texts,  check_whole_file,
                                           check_descriptors};

    files = (struct input){bytes, size};
    answering = true;
    checks[input_below(&files, sizeof(checks) / sizeof(checks[0]))]();
    answering = false;
    return 0;
}
