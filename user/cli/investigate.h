/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a refused call to its explanation: looks up who holds the port and what the rules of the
 * host are, joins that with what the kernel sent, and has it explained. Bounded: what was looked up
 * holds for a moment, and looking up takes a tenth of the time at most. Beyond that, and for files,
 * the explanation goes by the records alone, which its confidence says.
 */
#ifndef PORTTRACE_CLI_INVESTIGATE_H
#define PORTTRACE_CLI_INVESTIGATE_H

#include "user/capture/capture.h"
#include "user/cli/found.h"
#include "user/explain/explain.h"
#include "user/render/render.h"

struct investigator;

enum lookups {
    LOOKUPS_NONE,    /* nothing is asked of this host */
    LOOKUPS_SPARING, /* as said above */
    LOOKUPS_ALWAYS,  /* for each refusal, however long that takes */
};

/* NULL: no memory. */
struct investigator *investigator_new(const struct render_names *names, enum lookups lookups);
void investigator_free(struct investigator *investigator);

/* A trace that knows since when sockets have their port. It must outlive what is explained. */
void investigator_follow(struct investigator *investigator, struct capture *capture);

/* Of whom what is explained tells, and when: of a file it may be another host. */
void investigator_set_origin(struct investigator *investigator, const struct pt_start *start,
                             int64_t utc_offset_s);

/* Porttrace run, from whose process all that its command is comes. */
void investigator_set_command(struct investigator *investigator, uint32_t parent_pid);

/*
 * What is returned, and all that it borrows, holds until the next call. NULL: there is nothing to
 * explain, or no memory.
 */
const struct explanation *investigate(struct investigator *investigator,
                                      const struct observation *seen, struct found *found);

/* The holders that the last explanation went by, and when they were looked up, 0: they were not. */
const struct facts *investigator_facts(const struct investigator *investigator);

#endif
