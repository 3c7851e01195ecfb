// SPDX-License-Identifier: GPL-2.0
#include "user/capture/capture.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>

#include "bpf/config.h"
#include "porttrace.skel.h"
#include "user/capture/filter_maps.h"
#include "user/capture/follow.h"
#include "user/capture/loader.h"
#include "user/capture/log.h"
#include "user/capture/object.h"
#include "user/capture/plan.h"
#include "user/capture/programs.h"
#include "user/capture/ring.h"
#include "user/capture/skipped.h"
#include "user/capture/storms.h"
#include "user/capture/table.h"

#define NAP_MS       1
#define NAP_NS       900000 /* from one look to the next, what is done with the records included */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The maps that are read or written later. */
enum { MAP_NEAR_SOCKETS, MAP_SOCKETS, MAP_CLOSERS, KEPT_MAPS };

struct capture {
    struct porttrace *skeleton; /* NULL once all is attached */
    struct porttrace__bss *shared;
    int map_fds[KEPT_MAPS]; /* -1: not kept */
    uint32_t sockets_most;
    bool closers_in_sets;
    struct attachment attachment;
    struct plan_refusal refusal;
    struct ring ring;
    struct skipped skipped;
    struct storms storms;
    int epoll_fd;
    int wake_fd;
    bool busy; /* the last look found records */
    uint64_t looked_ns;
};

static const struct attachment no_attachment = {.tracefs_fd = -1, .cgroup_fd = -1};

static const struct plan *const plans[CAPTURE_PLANS] = {&plan_fexit, &plan_kprobe,
                                                        &plan_restricted};

/* What is never looked into takes no memory, nor the time to get it. */
static int shrink_unused_maps(struct porttrace *skeleton, const struct pt_config *config)
{
    struct bpf_map *const of_holders[] = {skeleton->maps.ports, skeleton->maps.closers,
                                          skeleton->maps.refusers};
    int error = config->by_pid ? 0 : bpf_map__set_max_entries(skeleton->maps.filter_pids, 1);

    if (!error && !(config->by_comm || config->by_uid || config->by_netns || config->by_cgroup))
        error = bpf_map__set_max_entries(skeleton->maps.filter_lists, 1);
    for (size_t i = 0; i < COUNT(of_holders) && !error && !config->holders; i++)
        error = bpf_map__set_max_entries(of_holders[i], 1);
    return error;
}

static int prepare(struct capture *capture, const struct capture_options *options,
                   const struct plan *plan)
{
    struct porttrace *skeleton = capture->skeleton;
    struct pt_config *config = (struct pt_config *)&skeleton->rodata->config;
    int error;

    config->plan = plan->id;
    config->ring_bytes = options->buffer_bytes;
    config->holders = options->holders;
    config->bind_conflict = kernel_has_function(capture->attachment.kernel, "inet_bind_conflict");
    config->port_choice6 = plan->id == PT_PLAN_RESTRICTED ||
                           kernel_has_function(capture->attachment.kernel, "inet6_hash_connect");
    filter_to_config(&options->filter, config);
    error = bpf_map__set_max_entries(skeleton->maps.events, options->buffer_bytes);
    if (!error)
        error = bpf_map__set_max_entries(skeleton->maps.sockets, options->sockets);
    if (!error)
        error = shrink_unused_maps(skeleton, config);
    if (!error)
        error = follow_select(&capture->attachment);
    return error ? error : plan->select(&capture->attachment);
}

/* What is read and written while the programs run stays when the object goes. */
static int share_counters(struct capture *capture)
{
    struct porttrace *skeleton = capture->skeleton;
    void *shared;

    /* libbpf maps them only if its own trial of that has succeeded. */
    if (!skeleton->bss)
        return -EOPNOTSUPP;
    shared = mmap(NULL, sizeof(*capture->shared), PROT_READ | PROT_WRITE, MAP_SHARED,
                  bpf_map__fd(skeleton->maps.bss), 0);
    if (shared == MAP_FAILED)
        return -errno;
    capture->shared = shared;
    capture->shared->held_query.tick_ns = kernel_tick_ns();
    capture->storms =
        (struct storms){.shared = capture->shared->storms, .control = &capture->shared->control};
    return 0;
}

static int keep_maps(struct capture *capture, const struct capture_options *options)
{
    const struct porttrace *skeleton = capture->skeleton;
    const struct bpf_map *const maps[KEPT_MAPS] = {
        [MAP_NEAR_SOCKETS] = skeleton->maps.near_sockets,
        [MAP_SOCKETS] = skeleton->maps.sockets,
        [MAP_CLOSERS] = skeleton->maps.closers,
    };

    capture->sockets_most = bpf_map__max_entries(skeleton->maps.sockets);
    capture->closers_in_sets = bpf_map__type(skeleton->maps.closers) == BPF_MAP_TYPE_ARRAY;
    for (size_t i = 0; i < KEPT_MAPS; i++) {
        capture->map_fds[i] = fcntl(bpf_map__fd(maps[i]), F_DUPFD_CLOEXEC, 0);
        if (capture->map_fds[i] < 0)
            return -errno;
    }
    return ring_open(&capture->ring, bpf_map__fd(skeleton->maps.events), options->buffer_bytes);
}

static int load(struct capture *capture, const struct capture_options *options)
{
    struct porttrace *skeleton = capture->skeleton;
    int error = loader_load(capture->attachment.kernel, skeleton);

    if (error)
        return plan_refuse(&capture->attachment, "", error, "cannot be loaded: %s (%s)",
                           strerror(-error), log_summary());
    error = share_counters(capture);
    if (error)
        return plan_refuse(&capture->attachment, "", error,
                           "the counters cannot be shared with the kernel");
    error = keep_maps(capture, options);
    if (error)
        return plan_refuse(&capture->attachment, "", error, "the buffer cannot be mapped: %s",
                           strerror(-error));
    error = filter_fill_maps(&options->filter, bpf_map__fd(skeleton->maps.filter_pids),
                             bpf_map__fd(skeleton->maps.filter_ports),
                             bpf_map__fd(skeleton->maps.filter_lists));
    if (error)
        return plan_refuse(&capture->attachment, "", error, "the filter cannot be set: %s",
                           strerror(-error));
    return 0;
}

/* Calls that were under way while one hook was in place and the next was not are not of the trace.
 */
static int forget_losses(struct capture *capture)
{
    struct pt_control *control = &capture->shared->control;

    memset(control->lost, 0, sizeof(control->lost));
    control->lost_events = 0;
    return skipped_begin(&capture->skipped, capture->attachment.object);
}

static int attach(struct capture *capture, const struct plan *plan)
{
    int error = follow_attach(&capture->attachment);

    if (!error)
        error = plan->attach(&capture->attachment);
    if (!error)
        error = forget_losses(capture);
    return error ? error : follow_existing(&capture->attachment);
}

/* The links keep the programs, and those the maps. */
static void shed(struct capture *capture)
{
    porttrace__destroy(capture->skeleton);
    capture->skeleton = NULL;
    capture->attachment.object = NULL;
    programs_shed();
    malloc_trim(0);
}

static void start_plan(struct capture *capture, const struct capture_options *options,
                       const struct plan *plan, const struct kernel *kernel)
{
    capture->refusal = (struct plan_refusal){.plan = plan->id};
    capture->attachment = no_attachment;
    capture->attachment.kernel = kernel;
    capture->attachment.options = options;
    capture->attachment.refusal = &capture->refusal;
    log_start();
}

static int try_plan(struct capture *capture, const struct capture_options *options,
                    const struct plan *plan, struct kernel *kernel)
{
    int error;

    start_plan(capture, options, plan, kernel);
    error = plan->check ? plan->check(&capture->attachment) : 0;
    if (!error && !capture->skeleton)
        error = object_open(kernel, &capture->skeleton);
    if (error)
        return error;
    capture->attachment.object = capture->skeleton->obj;
    error = prepare(capture, options, plan);
    if (!error)
        error = load(capture, options);
    return error ? error : attach(capture, plan);
}

void capture_stop(struct capture *capture)
{
    struct attachment *attachment = &capture->attachment;

    if (!attachment->link_count)
        return;
    while (attachment->link_count > 0)
        bpf_link__destroy(attachment->links[--attachment->link_count]);
    /* Programs that still run when their hook goes write their last record before this returns. */
    syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

/* Of a plan: what was attached and what may have been loaded. */
static void discard(struct capture *capture)
{
    struct attachment *attachment = &capture->attachment;

    capture_stop(capture);
    skipped_end(&capture->skipped);
    ring_close(&capture->ring);
    if (capture->shared)
        munmap(capture->shared, sizeof(*capture->shared));
    capture->shared = NULL;
    for (size_t i = 0; i < COUNT(capture->map_fds); i++) {
        if (capture->map_fds[i] >= 0)
            close(capture->map_fds[i]);
        capture->map_fds[i] = -1;
    }
    if (attachment->object) {
        porttrace__destroy(capture->skeleton);
        capture->skeleton = NULL;
    }
    if (attachment->tracefs_fd >= 0)
        close(attachment->tracefs_fd);
    if (attachment->cgroup_fd >= 0)
        close(attachment->cgroup_fd);
    *attachment = no_attachment;
}

static int choose_plan(struct capture *capture, const struct capture_options *options,
                       struct kernel *kernel, struct capture_report *report)
{
    int error = -EOPNOTSUPP;

    for (size_t i = 0; i < CAPTURE_PLANS; i++) {
        if (options->plan && options->plan != plans[i]->id)
            continue;
        error = try_plan(capture, options, plans[i], kernel);
        if (!error) {
            report->plan = plans[i]->id;
            report->hooks = capture->attachment.link_count;
            return 0;
        }
        if (!capture->refusal.error)
            plan_refuse(&capture->attachment, "", error, "%s", strerror(-error));
        report->refusals[report->refusal_count++] = capture->refusal;
        discard(capture);
    }
    return error;
}

int capture_open(const struct capture_options *options, struct capture **ret_capture,
                 struct capture_report *ret_report)
{
    struct capture *capture = calloc(1, sizeof(*capture));
    struct kernel kernel = {0};
    int error;

    *ret_report = (struct capture_report){0};
    if (!capture)
        return -ENOMEM;
    capture->epoll_fd = capture->wake_fd = -1;
    for (size_t i = 0; i < KEPT_MAPS; i++)
        capture->map_fds[i] = -1;
    capture->attachment = no_attachment;
    log_start();
    error = object_open(&kernel, &capture->skeleton);
    if (!error)
        error = choose_plan(capture, options, &kernel, ret_report);
    kernel_unload(&kernel);
    capture->attachment.kernel = NULL;
    capture->attachment.options = NULL;
    if (error) {
        capture_close(capture);
        return error;
    }
    shed(capture);
    *ret_capture = capture;
    return 0;
}

void capture_close(struct capture *capture)
{
    if (!capture)
        return;
    discard(capture);
    porttrace__destroy(capture->skeleton);
    if (capture->epoll_fd >= 0)
        close(capture->epoll_fd);
    free(capture);
}

int capture_table(struct capture *capture, capture_holder_fn *on_holder, void *context)
{
    const struct followed followed = {.near_fd = capture->map_fds[MAP_NEAR_SOCKETS],
                                      .far_fd = capture->map_fds[MAP_SOCKETS],
                                      .far_most = capture->sockets_most};

    return table_each(&followed, on_holder, context);
}

void capture_describe_again(struct capture *capture, uint32_t pid)
{
    __u64 *known = capture->shared->described[pid % PT_DESCRIBED_SETS];

    for (size_t i = 0; i < PT_DESCRIBED; i++)
        __atomic_store_n(&known[i], 0, __ATOMIC_RELAXED);
}

void capture_closer(const struct capture *capture, struct pt_holder *holder)
{
    const struct closers closers = {.fd = capture->map_fds[MAP_CLOSERS],
                                    .in_sets = capture->closers_in_sets};

    table_closer(&closers, holder);
}

void capture_losses(struct capture *capture, uint64_t ret_lost[PT_LOSS_CAUSES])
{
    const struct pt_control *control = &capture->shared->control;

    for (size_t i = 0; i < PT_LOSS_CAUSES; i++)
        ret_lost[i] = __atomic_load_n(&control->lost[i], __ATOMIC_RELAXED);
    ret_lost[PT_LOSS_SKIPPED] = skipped_hooks(&capture->skipped, !capture->attachment.link_count);
}

/* The ring counts as an event only when the programs wake the reader, not while it holds records.
 */
static int watch(struct capture *capture, int wake_fd)
{
    struct epoll_event woken = {.events = EPOLLIN | EPOLLET, .data.fd = capture->ring.map_fd};
    struct epoll_event wake = {.events = EPOLLIN, .data.fd = wake_fd};

    if (capture->epoll_fd < 0) {
        capture->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (capture->epoll_fd < 0 ||
            epoll_ctl(capture->epoll_fd, EPOLL_CTL_ADD, capture->ring.map_fd, &woken))
            return -errno;
    }
    if (wake_fd < 0 || wake_fd == capture->wake_fd)
        return 0;
    if (epoll_ctl(capture->epoll_fd, EPOLL_CTL_ADD, wake_fd, &wake))
        return -errno;
    capture->wake_fd = wake_fd;
    return 0;
}

static uint64_t now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * 1000000000ull + (uint64_t)at.tv_nsec;
}

static bool has_wake_fd(const struct capture *capture, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++)
        if (events[i].data.fd == capture->wake_fd)
            return true;
    return false;
}

/* True: wake_fd is readable. */
static bool wait_for(struct capture *capture, int timeout_ms)
{
    struct epoll_event events[2];

    return has_wake_fd(capture, events, epoll_wait(capture->epoll_fd, events, 2, timeout_ms));
}

/* Before 5.11 a wait is of whole milliseconds. */
static bool wait_shortly(struct capture *capture, uint64_t wait_ns)
{
    const struct timespec wait = {.tv_nsec = (long)wait_ns};
    struct epoll_event events[2];
    int count = epoll_pwait2(capture->epoll_fd, events, 2, &wait, NULL);

    if (count < 0 && errno == ENOSYS)
        return wait_for(capture, NAP_MS);
    return has_wake_fd(capture, events, count);
}

/* Said first; the ring is looked at afterwards. The programs do it the other way round. */
static void say(struct capture *capture, enum pt_reader what)
{
    __atomic_store_n(&capture->shared->control.reader, what, __ATOMIC_SEQ_CST);
}

/* True: wake_fd is readable. */
static bool nap(struct capture *capture)
{
    uint64_t passed_ns = now() - capture->looked_ns;
    bool woken = false;

    if (passed_ns >= NAP_NS)
        return false;
    say(capture, PT_READER_NAPS);
    if (ring_fill(&capture->ring) < capture->ring.bytes / 4)
        woken = wait_shortly(capture, NAP_NS - passed_ns);
    say(capture, PT_READER_AWAKE);
    return woken;
}

/* What is in the ring and could not be read is still being written. */
static void sleep_until_woken(struct capture *capture, int timeout_ms)
{
    say(capture, PT_READER_SLEEPS);
    wait_for(capture, ring_fill(&capture->ring) ? NAP_MS : timeout_ms);
    say(capture, PT_READER_AWAKE);
}

/* What is in the ring, and of refused calls what was counted. */
static int take_all(struct capture *capture, capture_record_fn *on_record, void *context)
{
    int count, counted;

    capture->looked_ns = now();
    count = ring_drain(&capture->ring, on_record, context);
    if (count < 0)
        return count;
    storms_notice(&capture->storms);
    counted = storms_take(&capture->storms, !capture->attachment.link_count && !count, on_record,
                          context);
    capture->busy = count > 0;
    return counted < 0 ? counted : count + counted;
}

int capture_read(struct capture *capture, capture_record_fn *on_record, void *context, int wake_fd,
                 int timeout_ms)
{
    bool woken = false;
    int count = watch(capture, wake_fd);

    if (count)
        return count;
    /* While records keep coming one look a millisecond is enough, and nobody has to wake us. */
    if (capture->busy && timeout_ms)
        woken = nap(capture);
    count = take_all(capture, on_record, context);
    if (count || woken || timeout_ms == 0)
        return count;
    sleep_until_woken(capture, storms_wait_ms(&capture->storms, timeout_ms));
    return take_all(capture, on_record, context);
}
