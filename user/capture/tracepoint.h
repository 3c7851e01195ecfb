/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints by perf events, found through a tracefs that is mounted nowhere. */
#ifndef PORTTRACE_CAPTURE_TRACEPOINT_H
#define PORTTRACE_CAPTURE_TRACEPOINT_H

struct bpf_link;
struct bpf_program;

/* NULL with errno set. name is "category/event"; tracefs a directory descriptor of its root. */
struct bpf_link *tracepoint_attach(const struct bpf_program *program, int tracefs,
                                   const char *name);

#endif
