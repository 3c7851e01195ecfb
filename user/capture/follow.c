// SPDX-License-Identifier: GPL-2.0
#include "user/capture/follow.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "user/capture/plan.h"

static const char *const child_programs[] = {"tp_fork", "tp_exit"};

int follow_select(struct attachment *attachment)
{
    int error = plan_select_program(attachment, "iter_existing");

    if (!attachment->options->filter.pid_count)
        return error;
    for (size_t i = 0; i < sizeof(child_programs) / sizeof(child_programs[0]) && !error; i++)
        error = plan_select_program(attachment, child_programs[i]);
    return error;
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

static int read_to_end(int fd)
{
    char nothing[64];
    ssize_t got;

    do
        got = read(fd, nothing, sizeof(nothing));
    while (got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN)));
    return got < 0 ? -errno : 0;
}

int follow_existing(struct attachment *attachment)
{
    struct bpf_program *program =
        bpf_object__find_program_by_name(attachment->object, "iter_existing");
    struct bpf_link *link = bpf_program__attach_iter(program, NULL);
    int fd, error;

    if (!link)
        return plan_refuse(attachment, "iter/task_file", -errno, "cannot be attached: %s",
                           strerror(errno));
    fd = bpf_iter_create(bpf_link__fd(link));
    if (fd < 0) {
        error = plan_refuse(attachment, "iter/task_file", fd, "cannot be run: %s", strerror(-fd));
    } else {
        error = read_to_end(fd);
        close(fd);
        if (error)
            plan_refuse(attachment, "iter/task_file", error, "failed: %s", strerror(-error));
    }
    bpf_link__destroy(link);
    return error;
}
