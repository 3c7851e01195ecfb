/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A JSON line of porttrace, by field. The only place that knows what the fields are called. What a
 * line does not have is 0, -1 or NULL.
 */
#ifndef TESTS_KERNEL_SEEN_H
#define TESTS_KERNEL_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

struct cJSON;

struct seen_endpoint {
    const char *address;
    int port; /* -1 none */
};

struct seen {
    struct cJSON *json;
    bool used; /* by the matcher */
    const char *action;
    const char *outcome;
    const char *error;
    const char *entry;
    const char *plan;
    const char *transport;
    const char *network_type;
    const char *comm;
    const char *exe;
    const char *cgroup;
    const char *device;
    const char *uid;
    const char *gid;
    const struct cJSON *args;
    bool args_truncated;
    int64_t pid;
    int64_t tid;
    int64_t parent_pid;
    int64_t netns;
    int64_t fd;
    int64_t backlog;
    int64_t address_size;
    int64_t sequence;
    int64_t times; /* calls that it stands for */
    int64_t lost_before;
    int64_t range_low;
    int64_t range_high;
    int64_t lost_events;  /* of "loss" and "trace-end" lines */
    int64_t skipped;      /* hooks, likewise */
    int64_t observations; /* of "trace-end" */
    bool implies_autobind;
    bool has_socket;
    uint32_t options;
    struct seen_endpoint requested;
    const char *requested_source;
    struct seen_endpoint local;
    struct seen_endpoint destination;
};

/* False: not a JSON object. The text is not kept. */
bool seen_parse(const char *line, size_t size, struct seen *ret_seen);
void seen_free(struct seen *seen);

/* The decoded JSON string that these bytes of a stranger must have become. NULL: no memory. */
char *seen_text_of(const char *bytes, size_t size);

/* Whether process.args are these arguments, each ended by NUL, as far as the program keeps them. */
bool seen_args_equal(const struct seen *seen, const char *args, size_t size);

#endif
