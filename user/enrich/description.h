/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The texts of one process while their pieces come in, in any order, some twice, some never. Pure.
 * What is there without a gap from the beginning counts, so a missing piece truncates.
 */
#ifndef PORTTRACE_ENRICH_DESCRIPTION_H
#define PORTTRACE_ENRICH_DESCRIPTION_H

#include <stddef.h>

#include "user/decode/decode.h"

#define DESCRIPTION_TEXTS    3 /* index: enum pt_text_kind - 1 */
#define DESCRIPTION_SIZE     (2 * DECODE_PATH_MAX + PT_ARGS_MAX)
#define DESCRIPTION_ELLIPSIS "..." /* stands for the missing beginning of a path */

struct text_pieces {
    uint32_t end;  /* of the last piece, once .ended */
    uint32_t seen; /* pieces */
    bool ended;
    bool truncated;
    bool deleted;
};

struct description {
    struct text_pieces texts[DESCRIPTION_TEXTS];
    unsigned char present[DESCRIPTION_SIZE]; /* 1: has come */
    char bytes[DESCRIPTION_SIZE];
};

/* A text as it will be shown: paths from the root, with slashes. */
struct text_state {
    uint32_t size;
    bool known; /* else there is nothing to show */
    bool whole; /* every piece has come */
    bool truncated;
    bool deleted;
};

void description_reset(struct description *description);
void description_add(struct description *description, const struct pt_text *piece);
struct text_state description_state(const struct description *description, size_t text);

/* Writes as many bytes as the state of a known text tells; never more than fit a description. */
void description_write(const struct description *description, size_t text, char *to);

#endif
