/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only stage that knows libbpf: loads and attaches the best plan that this kernel allows and
 * hands out the records of the ring buffer. Everything it attaches ends with the process.
 */
#ifndef PORTTRACE_CAPTURE_CAPTURE_H
#define PORTTRACE_CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "user/model/filter.h"

#define CAPTURE_PLANS           3
#define CAPTURE_BUFFER_DEFAULT  (8u << 20)
#define CAPTURE_SOCKETS_DEFAULT 32768u

struct capture_options {
    enum pt_plan plan;     /* 0: the best that loads and attaches */
    uint32_t buffer_bytes; /* power of two, at least a page */
    uint32_t sockets;      /* sockets with a port that are followed at once */
    bool seccomp;          /* full plans: also see calls that a seccomp filter refused */
    bool holders;          /* failures tell why, and who is in the way; see struct pt_refusal */
    struct filter filter;
};

/* Why a plan cannot be used here. */
struct plan_refusal {
    enum pt_plan plan;
    int error;        /* positive errno, 0: not tried or not refused */
    char hook[64];    /* the program that was refused; empty: the whole of the plan */
    char reason[512]; /* for people */
};

struct capture_report {
    struct plan_refusal refusals[CAPTURE_PLANS];
    unsigned int refusal_count;
    enum pt_plan plan;  /* the one in use, 0 none */
    unsigned int hooks; /* programs attached */
};

struct capture;

/*
 * 0, or negative errno: -EPERM privileges are missing, -EOPNOTSUPP the kernel lacks what is needed,
 * anything else as it happened. ret_report is filled in either way.
 */
int capture_open(const struct capture_options *options, struct capture **ret_capture,
                 struct capture_report *ret_report);
void capture_close(struct capture *capture);

/* Return of the callback: 0 go on, else stop reading and return that. */
typedef int capture_record_fn(void *context, const void *record, size_t size);

/*
 * Hands out all the records that are there. When there are none it waits for the first one, until
 * timeout_ms (-1: for ever, with no timer) or until wake_fd (-1: none) becomes readable. Returns
 * the number of records handed out, what the callback returned if that was not 0, or negative
 * errno.
 */
int capture_read(struct capture *capture, capture_record_fn *on_record, void *context, int wake_fd,
                 int timeout_ms);

/* Return of the callback: 0 go on, else stop and return that. */
typedef int capture_holder_fn(void *context, const struct pt_holder *holder);

/*
 * Hands out the sockets that are followed now, in no order: without .holders those of wanted
 * processes alone, else all that took a port since the trace began or had one then behind a
 * descriptor. What changes meanwhile may come twice. 0, what the callback returned, or negative
 * errno.
 */
int capture_table(struct capture *capture, capture_holder_fn *on_holder, void *context);

/*
 * The process is described again when it calls next: whoever has read its description has not kept
 * it. Where this may not be told the kernel, nothing changes.
 */
void capture_describe_again(struct capture *capture, uint32_t pid);

/*
 * Fills in who closed the connection that .local and .peer are what is left of, if that was seen:
 * its former owner. Only with .holders.
 */
void capture_closer(const struct capture *capture, struct pt_holder *holder);

/* Detaches all hooks, so that what is in the buffer is all that will come. */
void capture_stop(struct capture *capture);

/* Losses so far, by enum pt_loss_cause; of skipped hooks those of the last second too once stopped.
 */
void capture_losses(struct capture *capture, uint64_t ret_lost[PT_LOSS_CAUSES]);

#endif
