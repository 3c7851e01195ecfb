// SPDX-License-Identifier: GPL-2.0
#include "user/cli/survey.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "user/capture/snapshot.h"
#include "user/cli/survey_published.h"
#include "user/host/descriptors.h"
#include "user/host/diag.h"
#include "user/host/netns_list.h"
#include "user/host/own_units.h"
#include "user/host/process.h"
#include "user/host/process_signals.h"
#include "user/host/published.h"
#include "user/model/arena.h"
#include "user/model/holdings.h"

#define PROC       "/proc"
#define SEPARATOR  ", "
#define LARGE_LIST 131072 /* bytes */

struct surveyor {
    struct snapshot *snapshot; /* NULL: not tried yet, or refused */
    int refusal;               /* negative errno: why there is no snapshot */
    struct holdings *holdings;
    struct arena arena; /* strings of the survey */
    struct strbuf missing;
    struct published *published;
    struct survey_query query;
    struct netns_list netns;
    bool all_processes;       /* in this pid namespace */
    unsigned int unreachable; /* net namespaces */
    unsigned int hidden;      /* processes whose descriptors may not be read */
    struct pt_task last_task; /* of the process whose descriptors are looked at */
};

struct surveyor *surveyor_new(void)
{
    struct surveyor *surveyor = calloc(1, sizeof(*surveyor));

    if (!surveyor)
        return NULL;
    /* Large lists stay mappings of their own, which go back when they are freed: glibc's threshold
     * would follow the largest that was. */
    mallopt(M_MMAP_THRESHOLD, LARGE_LIST);
    surveyor->holdings = holdings_new();
    surveyor->published = published_new();
    if (!surveyor->holdings || !surveyor->published) {
        surveyor_free(surveyor);
        return NULL;
    }
    return surveyor;
}

void surveyor_free(struct surveyor *surveyor)
{
    if (!surveyor)
        return;
    snapshot_close(surveyor->snapshot);
    holdings_free(surveyor->holdings);
    published_free(surveyor->published);
    arena_reset(&surveyor->arena);
    strbuf_free(&surveyor->missing);
    free(surveyor);
}

static int on_held(void *context, const struct pt_held *held)
{
    struct surveyor *surveyor = context;

    return holdings_add(surveyor->holdings, &held->holder);
}

/* A socket may be in a net namespace that has no process and no name any more. */
static int on_descriptor(void *context, const struct pt_held *held)
{
    const struct pt_holder *holder = &held->holder;
    struct surveyor *surveyor = context;
    uint32_t netns = holder->task.netns;

    if (surveyor->query.netns && netns != surveyor->query.netns)
        return 0;
    if (!netns_list_has(&surveyor->netns, netns) &&
        netns_list_add_socket(&surveyor->netns, holder->task.pid, holder->fd, netns))
        surveyor->unreachable++;
    return holdings_add(surveyor->holdings, holder);
}

/* What the iterators over sockets miss: TCP that is bound only, on its way to another process. */
static int look_here(void *context, uint32_t netns)
{
    struct surveyor *surveyor = context;
    uint16_t port = surveyor->query.port;
    int error;

    if (!surveyor->snapshot)
        return diag_dump(DIAG_ALL, netns, port, on_held, surveyor);
    error = snapshot_netns(surveyor->snapshot, port, on_held, surveyor);
    return error ? error : diag_dump(DIAG_BOUND, netns, port, on_held, surveyor);
}

static int on_proc_descriptor(void *context, uint32_t pid, int fd, uint64_t inode)
{
    struct surveyor *surveyor = context;

    if (surveyor->last_task.pid != pid && process_read_task(PROC, pid, &surveyor->last_task)) {
        surveyor->last_task.pid = 0; /* it has ended */
        return 0;
    }
    return holdings_add_process(surveyor->holdings, inode, &surveyor->last_task, fd);
}

static int look_everywhere(struct surveyor *surveyor)
{
    int error = 0;

    if (surveyor->snapshot)
        error =
            snapshot_descriptors(surveyor->snapshot, surveyor->query.port, on_descriptor, surveyor);
    if (!error)
        error = netns_visit(&surveyor->netns, surveyor->query.netns, look_here, surveyor,
                            &surveyor->unreachable);
    if (!error && !surveyor->snapshot) {
        surveyor->last_task.pid = 0;
        error = descriptors_walk(PROC, on_proc_descriptor, surveyor, &surveyor->hidden);
    }
    return error;
}

static int on_thread(void *context, uint32_t pid, uint32_t tid, uint32_t netns)
{
    struct surveyor *surveyor = context;

    return netns_list_add_thread(&surveyor->netns, PROC, pid, tid, netns);
}

static int list_netns(struct surveyor *surveyor)
{
    int error = netns_list_start(&surveyor->netns, PROC);

    if (error || surveyor->query.netns == surveyor->netns.at[0].inode)
        return error;
    if (surveyor->snapshot && surveyor->all_processes)
        return snapshot_threads(surveyor->snapshot, on_thread, surveyor);
    return netns_list_add_processes(&surveyor->netns, PROC);
}

/* The kernel's iterators know the numbers of the initial pid namespace only. */
static bool may_have_snapshot(const struct surveyor *surveyor)
{
    return surveyor->all_processes || !surveyor->query.own_numbers;
}

static int look(struct surveyor *surveyor)
{
    int error;

    surveyor->all_processes = process_all_visible(PROC);
    if (!surveyor->snapshot && !surveyor->refusal && may_have_snapshot(surveyor))
        surveyor->refusal = snapshot_open(&surveyor->snapshot);
    error = list_netns(surveyor);
    if (!error)
        error = look_everywhere(surveyor);
    surveyor->unreachable += surveyor->netns.hidden;
    netns_list_free(&surveyor->netns);
    return error;
}

/* One that has ended meanwhile stays undescribed. */
static int describe(struct surveyor *surveyor)
{
    unsigned int count;
    struct process_facts *processes = holdings_processes(surveyor->holdings, &count);

    for (unsigned int i = 0; i < count; i++)
        if (process_describe(PROC, &surveyor->arena, &processes[i]) == -ENOMEM)
            return -ENOMEM;
    if (!surveyor->query.units)
        return 0;
    own_units_tell(processes, count);
    for (unsigned int i = 0; i < count; i++)
        processes[i].term = process_signals_read(processes[i].task.pid);
    return 0;
}

static void miss(struct surveyor *surveyor, const char *what)
{
    if (surveyor->missing.length)
        strbuf_puts(&surveyor->missing, SEPARATOR);
    strbuf_puts(&surveyor->missing, what);
}

/*
 * With an inode a socket has a descriptor somewhere, but for one that is on its way to another
 * process: whoever has it is protected, or of no pid namespace below this one.
 */
bool survey_lacks_owner(const struct holder *holder)
{
    return holder->seen.socket.inode && !holder->process_count && !holder->published &&
           !(holder->seen.flags & (PT_HOLDER_KERNEL | PT_HOLDER_OWNER_KNOWN));
}

static bool some_owner_is_unseen(const struct holder_list *holders)
{
    for (unsigned int i = 0; i < holders->count; i++) {
        const struct holder holder = holder_list_at(holders, i);

        if (survey_lacks_owner(&holder))
            return true;
    }
    return false;
}

static int tell_missing(struct surveyor *surveyor, struct survey *survey)
{
    struct strbuf *missing = &surveyor->missing;
    size_t beside;

    if (surveyor->snapshot && surveyor->all_processes && !surveyor->hidden &&
        some_owner_is_unseen(&survey->holders))
        miss(surveyor,
             "who has the sockets that are shown without a process (protected, or "
             "outside of this pid namespace, registered with an io_uring, or on their way to "
             "another process)");
    beside = missing->length ? missing->length + strlen(SEPARATOR) : 0;
    if (surveyor->hidden)
        miss(surveyor, "processes of other users");
    if (surveyor->unreachable)
        miss(surveyor, "other net namespaces");
    if (!surveyor->snapshot)
        miss(surveyor, "options of sockets, SCTP and ping sockets, which sockets are the kernel's");
    if (!surveyor->all_processes)
        miss(surveyor, "processes outside of this pid namespace");
    if (surveyor->refusal == -EPERM)
        strbuf_puts(missing, " (try as root)");
    else if (surveyor->refusal)
        strbuf_printf(missing, " (the kernel refuses the iterators: %s)",
                      strerror(-surveyor->refusal));
    if (missing->failed)
        return -ENOMEM;
    survey->own_numbers =
        surveyor->all_processes || (!surveyor->snapshot && process_numbers_are_ours(PROC));
    survey->complete = !missing->length;
    survey->sockets_complete =
        !surveyor->unreachable &&
        ((surveyor->snapshot && surveyor->all_processes) || diag_tells_of_bound());
    survey->missing = survey->complete ? NULL : missing->text;
    survey->missing_beside = missing->length > beside ? missing->text + beside : NULL;
    survey->privileges_help =
        surveyor->refusal == -EPERM || surveyor->hidden || surveyor->unreachable;
    return 0;
}

void surveyor_drop_list(struct surveyor *surveyor)
{
    holdings_drop_list(surveyor->holdings);
}

int surveyor_take(struct surveyor *surveyor, const struct survey_query *query,
                  struct survey *ret_survey)
{
    int error;

    *ret_survey = (struct survey){0};
    surveyor->query = *query;
    surveyor->unreachable = 0;
    surveyor->hidden = 0;
    holdings_reset(surveyor->holdings);
    arena_reset(&surveyor->arena);
    strbuf_reset(&surveyor->missing);
    error = look(surveyor);
    if (!error && query->described)
        error = describe(surveyor);
    if (!error)
        error = holdings_finish(surveyor->holdings);
    if (!error && query->published)
        error = survey_published_add(surveyor->published, query, surveyor->holdings);
    if (error)
        return error;
    ret_survey->holders = holdings_holders(surveyor->holdings);
    return tell_missing(surveyor, ret_survey);
}
