/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_CAPTURE_TABLE_H
#define PORTTRACE_CAPTURE_TABLE_H

#include "user/capture/capture.h"

/* As capture_table() has it; capacity is that of the map. */
int table_each(int sockets_fd, uint32_t capacity, capture_holder_fn *on_holder, void *context);

/* The map of this name; from 6.2 on the programs keep it in sets of places. */
struct closers {
    int fd;
    bool in_sets;
};

/* As capture_closer() has it. */
void table_closer(const struct closers *closers, struct pt_holder *holder);

#endif
