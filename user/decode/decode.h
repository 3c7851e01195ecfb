/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes of the ring buffer or of an event file into checked records. Pure. A record shorter than
 * its kind, of another version, or with a length or enum value out of range is refused with
 * -EBADMSG; a kind that is not known is told by .kind 0. Names in a record are always ended by NUL.
 */
#ifndef PORTTRACE_DECODE_DECODE_H
#define PORTTRACE_DECODE_DECODE_H

#include <stddef.h>

#include "user/model/observation.h"

/* Bytes that the pieces of a path come to at most: beyond PT_PATH_MAX its last component ends. */
#define DECODE_PATH_MAX PT_TEXT_SIZE

#define DECODE_TIMES_MOST (1ull << 53) /* what every reader of JSON holds exactly */

/* A short record is the long one that it stands for, and calls that were counted are that call. */
struct record {
    enum pt_kind kind;  /* 0: a kind that this program does not know; skip it */
    bool refusal_known; /* a PT_KIND_CALL is a .failed_call */
    uint64_t times;     /* of a PT_KIND_CALL that stands for several, else 0 */
    uint64_t since_ns;  /* the first of those */
    union {
        struct pt_header header;
        struct pt_start start;
        struct pt_process process;
        struct pt_text text;
        struct pt_call call;
        struct pt_failed_call failed_call;
        struct pt_release release;
        struct pt_loss loss;
        struct pt_held held;
        struct pt_end end;
    };
};

/* Copies one record out of at most size bytes. Returns the bytes it took, or negative errno. */
int decode_record(const void *at, size_t size, struct record *ret_record);

/*
 * Of a PT_KIND_CALL or PT_KIND_RELEASE. Sequence, losses and wall time are left 0; of the process
 * only .task is filled in, where it is known.
 */
void decode_observation(const struct record *record, struct observation *ret_seen);

#endif
