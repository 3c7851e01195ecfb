/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records, live or from a file, into numbered observations with their process described. Losses
 * come out where they happened, before the record that follows them. Pure.
 */
#ifndef PORTTRACE_CLI_PIPELINE_H
#define PORTTRACE_CLI_PIPELINE_H

#include <stddef.h>

#include "user/cli/found.h"
#include "user/model/filter_match.h"
#include "user/render/render.h"

/* What returns int stops the pipeline by anything but 0, which pipeline_take() then returns. */
struct pipeline_output {
    int (*start)(void *context, const struct pt_start *start);
    /* found: holders that came with the call or as records before it. */
    int (*observation)(void *context, const struct observation *seen, struct found *found);
    int (*loss)(void *context, const struct loss *loss);

    /* Losses so far by cause. NULL: records of the kind PT_KIND_LOSS tell them. */
    void (*losses)(void *context, uint64_t ret_lost[PT_LOSS_CAUSES]);

    /* The description of the process is not kept any more: it is to be sent again. May be NULL. */
    void (*forgotten)(void *context, uint32_t pid);

    struct filter_match *match; /* NULL: all are wanted */
    void *context;
};

struct pipeline;

struct pipeline *pipeline_new(const struct pipeline_output *output); /* NULL: no memory */
void pipeline_free(struct pipeline *pipeline);

/*
 * Takes the record at the start of these bytes. The first one is a PT_KIND_START and there is no
 * other, and none comes after a PT_KIND_END. Returns the bytes it took, -EBADMSG for what is no
 * such record, or another negative errno.
 */
int pipeline_take(struct pipeline *pipeline, const void *at, size_t size);

/*
 * Tells the losses after the last record, whose time is now. -ENOMSG where the record of the end is
 * missing, -ENODATA where records say that events are and nothing says why.
 */
int pipeline_finish(struct pipeline *pipeline, uint64_t time_ns);

/* There is a description of the process, as of events that come now. */
bool pipeline_describes(struct pipeline *pipeline, const struct pt_task *task);

struct trace_totals pipeline_totals(const struct pipeline *pipeline);
uint64_t pipeline_last_ns(const struct pipeline *pipeline); /* CLOCK_BOOTTIME, 0: no record yet */
uint64_t pipeline_wall_ns(const struct pipeline *pipeline, uint64_t time_ns);

#endif
