/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_CAPTURE_TABLE_H
#define PORTTRACE_CAPTURE_TABLE_H

#include "user/capture/capture.h"

/* As capture_table() has it; capacity is that of the map. */
int table_each(int sockets_fd, uint32_t capacity, capture_holder_fn *on_holder, void *context);

/* As capture_closer() has it. */
void table_closer(int closers_fd, struct pt_holder *holder);

#endif
