/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_CAPTURE_TABLE_H
#define PORTTRACE_CAPTURE_TABLE_H

#include "user/capture/capture.h"

/* The maps of the sockets that are followed. */
struct followed {
    int near_fd;
    int far_fd;
    uint32_t far_most;
};

/* As capture_table() has it. */
int table_each(const struct followed *followed, capture_holder_fn *on_holder, void *context);

/* The map of this name; from 6.2 on the programs keep it in sets of places. */
struct closers {
    int fd;
    bool in_sets;
};

/* As capture_closer() has it. */
void table_closer(const struct closers *closers, struct pt_holder *holder);

#endif
