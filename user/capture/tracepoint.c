// SPDX-License-Identifier: GPL-2.0
#include "user/capture/tracepoint.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static long read_id(int tracefs, const char *name)
{
    char path[128], text[32];
    ssize_t got;
    int fd;

    snprintf(path, sizeof(path), "events/%s/id", name);
    fd = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    got = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (got <= 0)
        return -EIO;
    text[got] = '\0';
    return strtol(text, NULL, 10);
}

struct bpf_link *tracepoint_attach(const struct bpf_program *program, int tracefs, const char *name)
{
    long id = read_id(tracefs, name);
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_TRACEPOINT,
        .size = sizeof(attributes),
        .config = (unsigned long)id,
    };
    struct bpf_link *link;
    int fd;

    if (id < 0) {
        errno = (int)-id;
        return NULL;
    }
    fd = (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0)
        return NULL;
    link = bpf_program__attach_perf_event(program, fd);
    if (!link) {
        int error = errno;

        close(fd);
        errno = error;
    }
    return link;
}
