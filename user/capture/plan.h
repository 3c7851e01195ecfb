/* SPDX-License-Identifier: GPL-2.0 */
/* What the plans have in common: which programs to load on this kernel, and how to attach them. */
#ifndef PORTTRACE_CAPTURE_PLAN_H
#define PORTTRACE_CAPTURE_PLAN_H

#include "user/capture/capture.h"
#include "user/capture/kernel.h"

struct bpf_link;
struct bpf_object;
struct bpf_program;

#define PLAN_LINKS_MAX 96

struct attachment {
    struct bpf_object *object;
    const struct kernel *kernel;
    const struct capture_options *options;
    struct plan_refusal *refusal;
    struct bpf_link *links[PLAN_LINKS_MAX];
    unsigned int link_count;
    int tracefs_fd; /* -1 until it is needed */
    int cgroup_fd;
};

struct plan {
    enum pt_plan id;
    const char *name;
    /* Refuses before anything is loaded, where that can be told; may be NULL. */
    int (*check)(struct attachment *attachment);
    /* Switches on the programs that this kernel has a place for; 0 or negative errno. */
    int (*select)(struct attachment *attachment);
    int (*attach)(struct attachment *attachment);
};

extern const struct plan plan_fexit;
extern const struct plan plan_kprobe;
extern const struct plan plan_restricted;

/* Fills in why, for people, and returns the error. */
int plan_refuse(struct attachment *attachment, const char *hook, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

int plan_select_program(struct attachment *attachment, const char *program);
int plan_keep_link(struct attachment *attachment, const char *hook, struct bpf_link *link);
int plan_attach_program(struct attachment *attachment,
                        const char *program); /* as its section says */

/* Attaches all of the kind that select() has switched on. */
int plan_attach_trampolines(struct attachment *attachment);

#endif
