/* SPDX-License-Identifier: GPL-2.0 */
/* Records that the kernel wrote in few bytes, as the long ones that they stand for. Pure. */
#ifndef PORTTRACE_DECODE_SHORT_H
#define PORTTRACE_DECODE_SHORT_H

#include "bpf/event.h"

void short_call_expand(const struct pt_short_call *from, struct pt_call *to);
void short_release_expand(const struct pt_short_release *from, struct pt_release *to);

#endif
