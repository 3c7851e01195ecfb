/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The iterators over sockets, loaded by a program in the kernel that also resolves their fields
 * there. Libbpf would read all types of the kernel for that: five times the time, and 13 MB.
 */
#ifndef PORTTRACE_CAPTURE_ITERATORS_H
#define PORTTRACE_CAPTURE_ITERATORS_H

#include <linux/types.h>

#include "bpf/event.h"
#include "bpf/config.h"

enum {
    ITERATOR_DESCRIPTORS,
    ITERATOR_TCP,
    ITERATOR_UDP,
    ITERATOR_THREADS,
    ITERATORS,
};

struct iterators;

/*
 * Links, which close with the iterators, and what the iterators look for. 0, or negative errno:
 * before Linux 5.17 the kernel cannot do this, and libbpf has to.
 */
int iterators_open(struct iterators **ret_iterators, int ret_links[ITERATORS],
                   struct pt_held_query **ret_query);
void iterators_close(struct iterators *iterators);

#endif
