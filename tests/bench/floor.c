// SPDX-License-Identifier: GPL-2.0
/*
 * Attaches the empty programs of floor.bpf.c as the restricted plan attaches its own, until a
 * signal comes:
 *     floor OBJECT
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "user/capture/log.h"
#include "user/capture/plan.h"

static int attach(struct attachment *attachment)
{
    int error = plan_restricted.select(attachment);

    if (!error)
        error = bpf_object__load(attachment->object);
    if (!error)
        error = plan_restricted.attach(attachment);
    if (error)
        fprintf(stderr, "floor: %s\n",
                attachment->refusal->error ? attachment->refusal->reason : strerror(-error));
    return error;
}

int main(int argc, char **argv)
{
    const struct rlimit no_limit = {RLIM_INFINITY, RLIM_INFINITY};
    const struct capture_options options = {0};
    struct plan_refusal refusal = {0};
    struct kernel kernel = {0};
    struct attachment attachment = {.kernel = &kernel,
                                    .options = &options,
                                    .refusal = &refusal,
                                    .tracefs_fd = -1,
                                    .cgroup_fd = -1};
    int error;

    if (argc != 2) {
        fprintf(stderr, "usage: floor OBJECT\n");
        return 2;
    }
    setrlimit(RLIMIT_MEMLOCK, &no_limit); /* counts before Linux 5.11 */
    log_start();
    error = kernel_load(&kernel);
    if (error) {
        fprintf(stderr, "floor: this kernel has no BTF: %s\n", strerror(-error));
        return 1;
    }
    attachment.object = bpf_object__open_file(argv[1], NULL);
    if (!attachment.object) {
        fprintf(stderr, "floor: %s: %s\n", argv[1], strerror(errno));
        kernel_unload(&kernel);
        return 1;
    }
    error = attach(&attachment);
    while (!error && pause())
        ;
    bpf_object__close(attachment.object);
    kernel_unload(&kernel);
    return error ? 1 : 0;
}
