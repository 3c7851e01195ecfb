// SPDX-License-Identifier: GPL-2.0
#include "user/capture/follow.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "user/capture/plan.h"

static const char *const child_programs[] = {"tp_process_fork", "tp_process_exit"};

int follow_select(struct attachment *attachment)
{
    int error = plan_select_program(attachment, "iter_existing");

    if (!attachment->options->filter.pid_count)
        return error;
    for (size_t i = 0; i < sizeof(child_programs) / sizeof(child_programs[0]) && !error; i++)
        error = plan_select_program(attachment, child_programs[i]);
    return error ? error : plan_select_program(attachment, "iter_children");
}

int follow_attach(struct attachment *attachment)
{
    int error = 0;

    if (!attachment->options->filter.pid_count)
        return 0;
    for (size_t i = 0; i < sizeof(child_programs) / sizeof(child_programs[0]) && !error; i++)
        error = plan_attach_program(attachment, child_programs[i]);
    return error;
}

/* How much it has written, or negative errno. */
static long read_to_end(int fd)
{
    char text[256];
    long total = 0;
    ssize_t got;

    do {
        got = read(fd, text, sizeof(text));
        total += got > 0 ? got : 0;
    } while (got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN)));
    return got < 0 ? -errno : total;
}

static long run_iterator(struct attachment *attachment, const char *name)
{
    struct bpf_program *program = bpf_object__find_program_by_name(attachment->object, name);
    struct bpf_link *link = bpf_program__attach_iter(program, NULL);
    long result;
    int fd;

    if (!link)
        return plan_refuse(attachment, name, -errno, "cannot be attached: %s", strerror(errno));
    fd = bpf_iter_create(bpf_link__fd(link));
    if (fd < 0) {
        result = plan_refuse(attachment, name, fd, "cannot be run: %s", strerror(-fd));
    } else {
        result = read_to_end(fd);
        close(fd);
        if (result < 0)
            plan_refuse(attachment, name, (int)result, "failed: %s", strerror((int)-result));
    }
    bpf_link__destroy(link);
    return result;
}

int follow_existing(struct attachment *attachment)
{
    long found = attachment->options->filter.pid_count ? 1 : 0;

    while (found > 0)
        found = run_iterator(attachment, "iter_children");
    if (!found)
        found = run_iterator(attachment, "iter_existing");
    return found < 0 ? (int)found : 0;
}
