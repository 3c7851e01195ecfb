/* SPDX-License-Identifier: GPL-2.0 */
/* The programs that every plan needs: a walk over existing sockets, and children of processes. */
#ifndef PORTTRACE_CAPTURE_FOLLOW_H
#define PORTTRACE_CAPTURE_FOLLOW_H

struct attachment;

int follow_select(struct attachment *attachment);
int follow_attach(struct attachment *attachment);

/* Once the hooks are in place, so that nothing falls between. */
int follow_existing(struct attachment *attachment);

#endif
