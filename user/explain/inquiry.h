/* SPDX-License-Identifier: GPL-2.0 */
/* One failure while it is being explained: what the parts of the explanation share. */
#ifndef PORTTRACE_EXPLAIN_INQUIRY_H
#define PORTTRACE_EXPLAIN_INQUIRY_H

#include "user/explain/explain.h"
#include "user/explain/rules.h"

struct inquiry {
    const struct observation *seen;
    const struct facts *facts;
    struct explanation *out;
    struct rules_asker asker;
    const struct holder *primary; /* the one in the way that the reason goes by; NULL: none */
    const struct holder
        *descent_from; /* whose kinship_ancestor() .ancestor is: it asks the system */
    const struct pt_task *ancestor;
    unsigned int waiting; /* of all in the way, those in TIME_WAIT */
    uint64_t wait_ns;     /* until the last of them is gone, 0 not known */
    /* One of them that lasts longer if its other end is closed meanwhile; NULL: none. */
    const struct pt_holder *half_closed;
    /* Who took the port of the one that the kernel hit, and has it no more; .pid 0: not known. */
    struct pt_task former;
    struct strbuf brief;  /* after the colon of the sentence; empty: the reason's own words */
    struct strbuf spare;  /* takes what there is no room for */
    bool elsewhere_noted; /* that commands are for another net namespace, which cannot be named */
};

/* The next note or help, to be written by the caller. */
struct strbuf *inquiry_note(struct inquiry *inquiry);
struct strbuf *inquiry_help(struct inquiry *inquiry);

/* The kernel's own view, where it was seen: flags of pt_refusal, 0 where not known. */
uint32_t inquiry_refusal_flags(const struct inquiry *inquiry);
enum pt_check inquiry_check(const struct inquiry *inquiry);

/* No hook of plan restricted saw the call, which a seccomp filter may have answered. */
bool inquiry_may_be_filtered(const struct inquiry *inquiry);

/* Of what follows from the kernel's check; of a prediction it is only deduced. */
enum confidence inquiry_confidence(const struct inquiry *inquiry);

/* Nobody has made this call: porttrace why asks what would become of it. */
bool inquiry_is_question(const struct inquiry *inquiry);

/* When the holders were looked up, against the call: that long after it, 0 not known or before. */
uint64_t inquiry_looked_after_ns(const struct inquiry *inquiry);
bool inquiry_looked_before(const struct inquiry *inquiry);

/* The socket's protocol, "tcp"; "" not known. */
const char *inquiry_protocol(const struct inquiry *inquiry);

/* Sockets in the way, into the explanation. */
void blockers_find(struct inquiry *inquiry);
/* Took the port after the call, as the caller itself may, when it tries again. */
bool blockers_came_later(const struct inquiry *inquiry, const struct pt_holder *seen);
/* Writes their lines. */
void blockers_describe(struct inquiry *inquiry);

/* True: with these options on the asker's and on all holders' side nothing would be in the way. */
bool blockers_gone_with(const struct inquiry *inquiry, uint32_t asker_options,
                        uint32_t holder_options);

/* Each settles reason, confidence, notes and helps for failures of its kind. */
void explain_in_use(struct inquiry *inquiry);
/* The reason that the port is taken for, as if nothing else were wrong; 0: it is not. */
enum reason explain_reason_in_use(struct inquiry *inquiry);
void explain_no_port(struct inquiry *inquiry); /* port 0, autobind: none could be had */
void explain_denied(struct inquiry *inquiry);
void explain_address(struct inquiry *inquiry);
void explain_connect(struct inquiry *inquiry);
/* Of a connect, where what the socket is bound to is the reason. False: it is not. */
bool explain_source(struct inquiry *inquiry);
/* Likewise where no answer came; false: nothing is noted. */
bool note_loopback_source(struct inquiry *inquiry);

/* What to do about the sockets in the way, and about the port. */
void advice_in_use(struct inquiry *inquiry);
void advice_stop(struct inquiry *inquiry);
void advice_options(struct inquiry *inquiry);
void advice_free_ports(struct inquiry *inquiry, const char *lead);
void advice_range(struct inquiry *inquiry);
void note_range(struct inquiry *inquiry); /* how large it is, and who uses it up */
void advice_privileged(struct inquiry *inquiry);
/* The next help, a command that asks or changes the net namespace of the call: enters it first. */
struct strbuf *advice_command(struct inquiry *inquiry);
void advice_enter_netns(struct inquiry *inquiry, struct strbuf *out);
/* IPv6 is off, or the loopback device is, which the requested IPv6 address would take. */
void advice_ipv6(struct inquiry *inquiry);
void advice_loopback(struct inquiry *inquiry); /* which is down */
/* Commands that tell the way to the peer and the connections to it; what they show may follow. */
struct strbuf *advice_route_get(struct inquiry *inquiry);
struct strbuf *advice_connections(struct inquiry *inquiry);

/* The kernel's function that refused; NULL: not known. */
const char *check_name(const struct inquiry *inquiry);

void holder_line_add(struct strbuf *out, const struct facts *facts, const struct holder *holder);
/* "node (pid 1188)"; of a kernel socket "the kernel". */
void holder_name_add(struct strbuf *out, const struct holder *holder);
/* "user www-data", or "user 33" without a name. */
void holder_user_add(struct strbuf *out, const struct facts *facts, uint32_t uid);
/* Nobody has it any more, nor can anybody say who had it besides who took the port. */
bool holder_is_gone(const struct holder *holder);
/* It is there, and so somebody keeps it, in no process that was seen. */
bool holder_lacks_owner(const struct holder *holder);
/* Does the calling process have this socket too? */
bool holder_is_callers(const struct holder *holder, const struct observation *seen);
/* One of its processes that the caller comes from, but no service manager; NULL: there is none. */
const struct pt_task *kinship_ancestor(struct inquiry *inquiry, const struct holder *holder);
/* That one was the caller's parent when it called. */
bool kinship_is_parent(const struct inquiry *inquiry, const struct pt_task *ancestor);
/* One of its processes that is of the command which porttrace runs; NULL: none is known to be. */
const struct pt_task *kinship_of_command(const struct inquiry *inquiry,
                                         const struct holder *holder);
/* The kernel subsystem that is likely behind a port without a process; NULL: no idea. */
const char *kernel_socket_guess(const struct pt_holder *holder);

/* "13:43:10", with the date when that is not today. */
void instant_add(struct strbuf *out, const struct facts *facts, uint64_t boot_ns);
/* "2 h 14 min", "45 s", "120 ms". */
void span_add(struct strbuf *out, uint64_t length_ns);

#endif
