/* SPDX-License-Identifier: GPL-2.0 */
/* Makes the maps of an object on all processors, where libbpf would make one after the other. */
#ifndef PORTTRACE_CAPTURE_MAPS_H
#define PORTTRACE_CAPTURE_MAPS_H

struct bpf_object;

/* What fails is left to libbpf, which says why. */
void maps_make(struct bpf_object *object);

#endif
