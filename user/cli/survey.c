// SPDX-License-Identifier: GPL-2.0
#include "user/cli/survey.h"

#include <errno.h>
#include <stdlib.h>

#include "user/capture/snapshot.h"
#include "user/host/netns_list.h"
#include "user/host/process.h"
#include "user/model/arena.h"
#include "user/model/holdings.h"

#define PROC "/proc"

struct surveyor {
    struct snapshot *snapshot;
    int snapshot_error;
    bool tried;
    struct holdings *holdings;
    struct arena arena; /* strings of the survey */
    struct strbuf missing;
    struct survey_query query;
    unsigned int unreachable; /* net namespaces */
};

struct surveyor *surveyor_new(void)
{
    struct surveyor *surveyor = calloc(1, sizeof(*surveyor));

    if (!surveyor)
        return NULL;
    surveyor->holdings = holdings_new();
    if (!surveyor->holdings) {
        free(surveyor);
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
    arena_reset(&surveyor->arena);
    strbuf_free(&surveyor->missing);
    free(surveyor);
}

static int on_held(void *context, const struct pt_held *held)
{
    struct surveyor *surveyor = context;

    if (surveyor->query.netns && held->holder.task.netns != surveyor->query.netns)
        return 0;
    return holdings_add(surveyor->holdings, &held->holder);
}

static int look_here(void *context, uint32_t inode)
{
    struct surveyor *surveyor = context;

    (void)inode;
    return snapshot_netns(surveyor->snapshot, surveyor->query.port, on_held, surveyor);
}

static int look_everywhere(struct surveyor *surveyor)
{
    struct netns_list list = {0};
    unsigned int next = 0;
    int error = netns_list_fill(&list, PROC);

    if (!error)
        error = netns_visit(&list, &next, surveyor->query.netns, look_here, surveyor,
                            &surveyor->unreachable);
    netns_list_free(&list);
    return error;
}

static void describe(struct surveyor *surveyor)
{
    unsigned int count;
    struct process_facts *processes = holdings_processes(surveyor->holdings, &count);

    for (unsigned int i = 0; i < count; i++)
        process_describe(PROC, &surveyor->arena, &processes[i]);
}

static int look(struct surveyor *surveyor)
{
    int error;

    if (!surveyor->tried) {
        surveyor->tried = true;
        surveyor->snapshot_error = snapshot_open(&surveyor->snapshot);
    }
    if (surveyor->snapshot_error)
        return surveyor->snapshot_error;
    error = snapshot_descriptors(surveyor->snapshot, surveyor->query.port, on_held, surveyor);
    return error ? error : look_everywhere(surveyor);
}

int surveyor_take(struct surveyor *surveyor, const struct survey_query *query,
                  struct survey *ret_survey)
{
    int error;

    *ret_survey = (struct survey){0};
    surveyor->query = *query;
    surveyor->unreachable = 0;
    holdings_reset(surveyor->holdings);
    arena_reset(&surveyor->arena);
    strbuf_reset(&surveyor->missing);
    error = look(surveyor);
    if (error)
        return error;
    if (query->described)
        describe(surveyor);
    error = holdings_finish(surveyor->holdings, &ret_survey->holders);
    if (error)
        return error;
    if (surveyor->unreachable)
        strbuf_puts(&surveyor->missing, "net namespaces that may not be entered");
    if (surveyor->missing.failed)
        return -ENOMEM;
    ret_survey->complete = !surveyor->missing.length;
    ret_survey->missing = ret_survey->complete ? NULL : surveyor->missing.text;
    return 0;
}
