/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a call was refused, who is in the way and what to do. Pure: the observation of the call and
 * facts of the host in, an explanation out. "Unknown" is an answer; a wrong one is a bug.
 */
#ifndef PORTTRACE_EXPLAIN_EXPLAIN_H
#define PORTTRACE_EXPLAIN_EXPLAIN_H

#include "user/explain/facts.h"
#include "user/explain/reasons.h"
#include "user/model/strbuf.h"

#define EXPLAIN_NOTES_MAX   8
#define EXPLAIN_HELPS_MAX   7
#define EXPLAIN_HOLDERS_MAX 32

enum confidence {
    CONFIDENCE_NONE = 0, /* the reason is not known */
    CONFIDENCE_CHECK,    /* seen in the kernel, at its own check */
    CONFIDENCE_TABLE,    /* from the table of who took which port */
    CONFIDENCE_LOOKUP,   /* looked up afterwards */
    CONFIDENCE_DEDUCED,  /* follows from the errno and the rules of the host */
};

/* Not to be copied: .holders may point into it. Text is fit to print: what comes from strangers has
 * been through model/sanitize. */
struct explanation {
    enum reason reason;
    enum reason also; /* the second thing that is wrong and would be refused next; 0 none */
    enum confidence confidence;
    uint64_t looked_after_ns; /* the call, with CONFIDENCE_LOOKUP; 0 not known, or before it */
    bool looked_before;
    struct strbuf
        sentence;      /* "node (pid 2091) cannot bind [::]:8080/tcp: ..." without a full stop */
    size_t why;        /* where in it, behind the colon, it says why */
    bool is_own;       /* the caller itself is in the way */
    bool is_ancestors; /* or its parent, or one further up */
    const char *check; /* the kernel's function that refused, NULL not known */
    const struct holder *holders[EXPLAIN_HOLDERS_MAX]; /* in the way, the kernel's own hit first */
    unsigned int holder_count;
    unsigned int holders_left_out;                   /* more than fit */
    struct strbuf holder_lines[EXPLAIN_HOLDERS_MAX]; /* "node /srv/server.js, pid 1188, user ..." */
    struct strbuf notes[EXPLAIN_NOTES_MAX];          /* facts */
    unsigned int note_count;
    struct strbuf helps[EXPLAIN_HELPS_MAX]; /* actions, most useful first */
    unsigned int help_count;
    struct holder hit; /* what the kernel's check hit, of which a holder is made for .holders */
};

/* Nothing to explain (success, a connect under way): .reason 0 and an empty sentence. */
void explain(const struct observation *seen, const struct facts *facts,
             struct explanation *ret_explanation);
void explanation_free(struct explanation *explanation);

const char *confidence_name(enum confidence confidence); /* "kernel check", "table", ... */

/*
 * Would this bind (and, if .op is listen, the listen after it) be refused now? An observation with
 * .error 0 and what is asked for, the uid in .process.task and PT_REFUSAL_CAPABLE in
 * .refusal.flags; on return .error, .op (bind, where that fails already), .stage and .refusal are
 * as the kernel would have them, and .plan is 0: nobody saw it. Everything in facts must be known.
 * What security modules, cgroup programs and seccomp filters would say is not predicted.
 */
void explain_predict(struct observation *seen, const struct facts *facts);

/* The long text of a reason, for porttrace explain: plain text of at most 80 columns. */
const char *explain_page(enum reason reason);

#endif
