// SPDX-License-Identifier: GPL-2.0
/*
 * Loads the programs of every plan that this kernel takes and prints what the verifier had to do:
 *     kernel <TAB> plan <TAB> filters <TAB> program <TAB> instructions
 * once without filters, as most users load them, and once with every filter and as many values as
 * it takes. Seccomp is watched where it can be. Exit status: 1 when nothing could be loaded.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include "bpf/event.h"
#include "bpf/config.h"
#include "porttrace.skel.h"
#include "user/capture/filter_maps.h"
#include "user/capture/follow.h"
#include "user/capture/loader.h"
#include "user/capture/log.h"
#include "user/capture/object.h"
#include "user/capture/plan.h"

#define PROGRAMS_MAX 128
#define LOG_BYTES    4096
#define LOG_STATS    4 /* BPF_LOG_STATS of the kernel: the figures, not the listing */
#define RING_BYTES   (64u << 10)

struct costs {
    struct bpf_program *programs[PROGRAMS_MAX];
    char logs[PROGRAMS_MAX][LOG_BYTES];
    size_t count;
};

static const struct plan *const plans[] = {&plan_fexit, &plan_kprobe, &plan_restricted};

/* No value excludes an event for certain: what is excluded is not verified. */
static void set_every_filter(struct filter *filter)
{
    filter->pid_count = 1;
    filter->port_count = 1;
    filter->comm_count = FILTER_LIST_MAX;
    filter->uid_count = FILTER_LIST_MAX;
    filter->netns_count = FILTER_LIST_MAX;
    filter->cgroup_count = FILTER_LIST_MAX;
    for (uint32_t i = 0; i < FILTER_LIST_MAX; i++) {
        snprintf(filter->comms[i], sizeof(filter->comms[i]), "name-%u", i);
        filter->uids[i] = i + 1;
        filter->netns[i] = i + 1;
        filter->cgroup_ids[i] = i + 1;
    }
    filter->protocols = UINT8_MAX;
    filter->families = FILTER_IPV4 | FILTER_IPV6;
    filter->ops = UINT16_MAX;
    filter->outcomes = FILTER_SUCCESS | FILTER_FAILURE;
    filter->errors[0] = UINT64_MAX;
    filter->by_error = true;
}

/* The sum stands on a line of its own; 7.2 has another one with the parts, function by function. */
static int read_cost(const char *log, unsigned long *ret_instructions)
{
    const char *at = strstr(log, "\nprocessed ");

    if (!at || sscanf(at, "\nprocessed %lu insns", ret_instructions) != 1)
        return -EBADMSG;
    return 0;
}

static int watch_logs(struct bpf_object *object, struct costs *costs)
{
    struct bpf_program *program;

    bpf_object__for_each_program(program, object)
    {
        if (!bpf_program__autoload(program))
            continue;
        if (costs->count == PROGRAMS_MAX)
            return -E2BIG;
        bpf_program__set_log_level(program, LOG_STATS);
        bpf_program__set_log_buf(program, costs->logs[costs->count], LOG_BYTES);
        costs->programs[costs->count++] = program;
    }
    return 0;
}

static int print_costs(const struct costs *costs, const char *prefix)
{
    for (size_t i = 0; i < costs->count; i++) {
        const char *name = bpf_program__name(costs->programs[i]);
        unsigned long instructions;

        if (read_cost(costs->logs[i], &instructions)) {
            fprintf(stderr, "cost: %s: the verifier gave no figures\n", name);
            return -EBADMSG;
        }
        printf("%s\t%s\t%lu\n", prefix, name, instructions);
    }
    return 0;
}

static int load_plan(struct porttrace *skeleton, const struct plan *plan,
                     struct attachment *attachment, struct costs *costs)
{
    struct pt_config *config = (struct pt_config *)&skeleton->rodata->config;
    int error;

    config->plan = plan->id;
    config->ring_bytes = RING_BYTES;
    config->holders = attachment->options->holders;
    config->bind_conflict = kernel_has_function(attachment->kernel, "inet_bind_conflict");
    filter_to_config(&attachment->options->filter, config);
    error = bpf_map__set_max_entries(skeleton->maps.events, RING_BYTES);
    if (!error)
        error = follow_select(attachment);
    if (!error)
        error = plan->select(attachment);
    if (!error)
        error = watch_logs(skeleton->obj, costs);
    if (!error)
        error = loader_load(attachment->kernel, skeleton);
    if (error && !attachment->refusal->error)
        fprintf(stderr, "cost: plan %s cannot be loaded: %s\n", plan->name, log_summary());
    return error;
}

static int measure(struct kernel *kernel, const struct plan *plan, struct attachment *attachment,
                   const char *prefix)
{
    struct costs *costs = calloc(1, sizeof(*costs));
    struct porttrace *skeleton = NULL;
    int error = costs ? object_open(kernel, &skeleton) : -ENOMEM;

    if (!error) {
        attachment->object = skeleton->obj;
        log_start();
        error = plan->check ? plan->check(attachment) : 0;
    }
    if (!error)
        error = load_plan(skeleton, plan, attachment, costs);
    if (!error)
        error = print_costs(costs, prefix);
    porttrace__destroy(skeleton);
    free(costs);
    return error;
}

/* A plan that this kernel refuses is no error, as long as it takes another one. */
static int measure_all(struct kernel *kernel, const char *version,
                       const struct capture_options *options, const char *filters)
{
    int measured = 0;

    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        struct plan_refusal refusal = {0};
        struct attachment attachment = {.kernel = kernel,
                                        .options = options,
                                        .refusal = &refusal,
                                        .tracefs_fd = -1,
                                        .cgroup_fd = -1};
        char prefix[128];
        int error;

        snprintf(prefix, sizeof(prefix), "%s\t%s\t%s", version, plans[i]->name, filters);
        error = measure(kernel, plans[i], &attachment, prefix);
        if (refusal.error)
            fprintf(stderr, "cost: plan %s is refused: %s\n", plans[i]->name, refusal.reason);
        else if (error)
            return error;
        measured += !error;
    }
    return measured ? 0 : -EOPNOTSUPP;
}

static int find_version(char *ret_version, size_t size)
{
    struct utsname names;
    unsigned int major, minor;

    if (uname(&names))
        return -errno;
    if (sscanf(names.release, "%u.%u", &major, &minor) != 2)
        return -EBADMSG;
    snprintf(ret_version, size, "%u.%u", major, minor);
    return 0;
}

int main(void)
{
    const struct rlimit no_limit = {RLIM_INFINITY, RLIM_INFINITY};
    struct capture_options options = {.buffer_bytes = RING_BYTES, .seccomp = true, .holders = true};
    struct kernel kernel = {0};
    char version[32];
    int error;

    setrlimit(RLIMIT_MEMLOCK, &no_limit); /* counts before Linux 5.11 */
    error = find_version(version, sizeof(version));
    if (!error)
        error = measure_all(&kernel, version, &options, "none");
    set_every_filter(&options.filter);
    if (!error)
        error = measure_all(&kernel, version, &options, "all");
    kernel_unload(&kernel);
    if (error)
        fprintf(stderr, "cost: %s\n", strerror(-error));
    return error ? 1 : 0;
}
