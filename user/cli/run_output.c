// SPDX-License-Identifier: GPL-2.0
#include "user/cli/run_output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "user/cli/complain.h"
#include "user/model/errors.h"

int run_output_open(struct run_output *ret_output, const char *path, struct run_job *job,
                    struct strbuf *error)
{
    struct run_output output = {
        .output = {.name = "standard error", .fd = STDERR_FILENO}, .job = job, .is_file = path};
    int result = path ? output_open(&output.output, path, error) : 0;

    if (!result)
        *ret_output = output;
    return result;
}

/* Until something can be written. -ECANCELED: nobody wants to wait for that any more. */
static int wait_for_room(struct run_output *output)
{
    struct pollfd ready[] = {{.fd = output->output.fd, .events = POLLOUT},
                             {.fd = output->job->signals.fd, .events = POLLIN}};

    for (;;) {
        int count = poll(ready, 2, output->job->given_up ? 0 : -1);

        if (count < 0 && errno != EINTR)
            return -errno;
        if (count > 0 && ready[1].revents)
            run_job_attend(output->job);
        if (count > 0 && ready[0].revents)
            return 0;
        if (output->job->given_up)
            return -ECANCELED;
    }
}

/* A pipe that has room at all takes PIPE_BUF bytes without waiting for more of it. */
static int write_text(struct run_output *output, const char *at, size_t left, size_t *ret_written)
{
    *ret_written = 0;
    while (left) {
        int result = wait_for_room(output);
        ssize_t written;

        if (result)
            return result;
        written = write(output->output.fd, at, left < PIPE_BUF ? left : PIPE_BUF);
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            return -errno;
        if (written < 0)
            continue;
        at += written;
        left -= (size_t)written;
        *ret_written += (size_t)written;
    }
    return 0;
}

/* The command may write to standard output too, so what is there may be its own. */
static void take_back(const struct run_output *output, size_t written)
{
    int fd = output->output.fd;

    if (fd != STDOUT_FILENO)
        write_take_back(fd, lseek(fd, 0, SEEK_CUR), written);
}

static void turn_to_standard_error(struct run_output *output, int error)
{
    const char *name = output->output.name;

    if (output->output.fd != STDOUT_FILENO)
        close(output->output.fd);
    output->output.fd = STDERR_FILENO;
    output->is_file = false;
    complain("%s cannot be written: %s; what comes is reported here", name, error_message(error));
}

void run_output_write(struct run_output *output, const struct strbuf *text)
{
    size_t written = 0;
    int result = -ENOMEM;

    if (output->closed)
        return;
    if (!text->failed)
        result = write_text(output, text->text, text->length, &written);
    if (result == -ENOMEM) {
        complain("a report is left out: %s", error_message(ENOMEM));
    } else if (result && output->is_file) {
        take_back(output, written);
        turn_to_standard_error(output, -result);
        run_output_write(output, text);
    } else if (result) {
        output->closed = true;
    }
}

void run_output_close(struct run_output *output)
{
    if (output->is_file && close(output->output.fd))
        complain("%s cannot be written: %s", output->output.name, error_message(errno));
}
