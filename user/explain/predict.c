// SPDX-License-Identifier: GPL-2.0
/* A bind that nobody made: the kernel's checks in the kernel's order. */
#include "user/explain/inquiry.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "user/explain/asker.h"
#include "user/explain/ephemeral.h"
#include "user/explain/socket_words.h"

#define SIZE_IPV4        16
#define SIZE_IPV6        24
#define SIZE_MAX_ADDRESS 128

struct question {
    struct observation *seen;
    const struct facts *facts;
};

static bool refuse(const struct question *question, int error, enum pt_check check)
{
    question->seen->error = error;
    question->seen->refusal.check = (__u8)check;
    question->seen->stage = check == PT_CHECK_DESCRIPTOR ? PT_STAGE_ENTRY : PT_STAGE_PROTOCOL;
    return true;
}

static bool refuse_size(const struct question *question)
{
    uint32_t size = question->seen->address_size;
    uint32_t needed = question->seen->socket.family == AF_INET6 ? SIZE_IPV6 : SIZE_IPV4;

    if (size > SIZE_MAX_ADDRESS)
        return refuse(question, EINVAL, PT_CHECK_DESCRIPTOR);
    if (size && size < needed)
        return refuse(question, EINVAL, PT_CHECK_ADDRESS);
    return false;
}

static bool refuse_family(const struct question *question)
{
    const struct observation *seen = question->seen;

    if (seen->requested.family == seen->socket.family)
        return false;
    return refuse(question, EAFNOSUPPORT, PT_CHECK_ADDRESS);
}

static bool refuse_privileged(const struct question *question)
{
    const struct observation *seen = question->seen;

    if (!seen->requested.port || seen->requested.port >= question->facts->unprivileged_start ||
        seen->refusal.flags & PT_REFUSAL_CAPABLE)
        return false;
    return refuse(question, EACCES, PT_CHECK_PRIVILEGED);
}

static bool refuse_state(const struct question *question)
{
    const struct pt_refusal *refusal = &question->seen->refusal;

    if (refusal->entry_port || refusal->entry_state != WORDS_CLOSE)
        return refuse(question, EINVAL, PT_CHECK_ADDRESS);
    return false;
}

static bool refuse_locality(const struct question *question, bool nonlocal)
{
    const struct observation *seen = question->seen;

    switch (question->facts->address) {
    case ADDRESS_UNKNOWN:
    case ADDRESS_WILDCARD:
    case ADDRESS_LOCAL:
    case ADDRESS_MULTICAST:
        return false;
    default:
        break;
    }
    if (nonlocal || seen->socket.options & (PT_OPTION_FREEBIND | PT_OPTION_TRANSPARENT))
        return false;
    return refuse(question, EADDRNOTAVAIL, PT_CHECK_ADDRESS);
}

/* An IPv6 address, wildcard or not, and what it asks of the socket. */
static bool refuse_ipv6(const struct question *question)
{
    struct observation *seen = question->seen;

    if (words_is_mapped(&seen->requested)) {
        if (seen->socket.options & PT_OPTION_V6ONLY)
            return refuse(question, EINVAL, PT_CHECK_ADDRESS);
        return refuse_locality(question, question->facts->nonlocal4);
    }
    if (words_is_wildcard(&seen->requested))
        return false;
    if (words_needs_scope(&seen->requested) && !seen->requested.scope_id &&
        !seen->socket.device_ifindex)
        return refuse(question, EINVAL, PT_CHECK_ADDRESS);
    if (words_is_multicast(&seen->requested))
        return false;
    return refuse_locality(question, question->facts->nonlocal6);
}

/* __inet_bind() looks at the address first, __inet6_bind() at the privilege and the state. */
static bool refuse_before_port(const struct question *question)
{
    const struct observation *seen = question->seen;

    if (refuse_size(question) || refuse_family(question))
        return true;
    if (seen->socket.family != AF_INET6)
        return refuse_locality(question, question->facts->nonlocal4) ||
               refuse_privileged(question) || refuse_state(question);
    if (seen->socket.type == SOCK_STREAM && words_is_multicast(&seen->requested))
        return refuse(question, EINVAL, PT_CHECK_ADDRESS);
    return refuse_privileged(question) || refuse_state(question) || refuse_ipv6(question);
}

/*
 * Of the sockets that overlap, udp_lib_lport_inuse() goes by the first that it finds, which is the
 * youngest: one that shares by SO_REUSEPORT hides the older ones.
 */
static bool udp_in_use(const struct rules_asker *asker, const struct holders *holders)
{
    const struct pt_holder *youngest = NULL;
    bool conflict = false, order_known = true;

    for (unsigned int i = 0; i < holders->count; i++) {
        const struct pt_holder *holder = &holders->at[i].seen;

        if (holder->gone_ns || !rules_overlap(asker, holder) ||
            asker->options & holder->socket.options & PT_OPTION_REUSEADDR)
            continue;
        conflict |= rules_conflict(asker, holder);
        order_known &= holder->since_ns != 0;
        if (!youngest || holder->since_ns > youngest->since_ns)
            youngest = holder;
    }
    return order_known && youngest ? rules_conflict(asker, youngest) : conflict;
}

static bool tcp_in_use(const struct rules_asker *asker, const struct holders *holders)
{
    for (unsigned int i = 0; i < holders->count; i++) {
        if (!holders->at[i].seen.gone_ns && rules_conflict(asker, &holders->at[i].seen))
            return true;
    }
    return false;
}

static bool refuse_port(const struct question *question)
{
    const struct observation *seen = question->seen;
    struct rules_asker asker = asker_of(seen, question->facts);
    const struct holders *holders = &question->facts->holders;
    bool in_use;

    if (!seen->requested.port) {
        in_use = ephemeral_is_reserved(seen, question->facts);
    } else if (seen->socket.protocol == IPPROTO_UDP || seen->socket.protocol == IPPROTO_UDPLITE) {
        in_use = udp_in_use(&asker, holders);
    } else {
        in_use = tcp_in_use(&asker, holders);
    }
    return in_use && refuse(question, EADDRINUSE, PT_CHECK_PORT);
}

static void begin(struct observation *seen, const struct facts *facts)
{
    struct pt_refusal *refusal = &seen->refusal;

    seen->error = 0;
    seen->stage = PT_STAGE_UNKNOWN;
    seen->plan = 0;
    seen->refusal_known = true;
    refusal->check = PT_CHECK_UNKNOWN;
    refusal->flags |= PT_REFUSAL_SOCKET_KNOWN;
    refusal->uid = seen->process.task.uid;
    if (!refusal->entry_state)
        refusal->entry_state = WORDS_CLOSE;
    if (!facts->netns_known)
        return;
    refusal->flags |= PT_REFUSAL_NETNS_KNOWN;
    refusal->unprivileged_start = facts->unprivileged_start;
    refusal->range_low = facts->range_low;
    refusal->range_high = facts->range_high;
    if (seen->socket.family == AF_INET6 ? facts->nonlocal6 : facts->nonlocal4)
        refusal->flags |= PT_REFUSAL_NONLOCAL;
    if (facts->reserved &&
        facts->reserved[seen->requested.port / 64] >> (seen->requested.port % 64) & 1)
        refusal->flags |= PT_REFUSAL_RESERVED;
}

void explain_predict(struct observation *seen, const struct facts *facts)
{
    struct question question = {seen, facts};
    bool listens = seen->op == PT_OP_LISTEN;

    begin(seen, facts);
    if (!seen->socket_known || seen->socket.type == SOCK_RAW)
        return;
    seen->op = PT_OP_BIND;
    if (refuse_before_port(&question) || refuse_port(&question) || !listens)
        return;
    seen->op = PT_OP_LISTEN;
    /* With SO_REUSEPORT its own bind() has opened the port for it: no other socket is looked at. */
    if (!words_is_stream(seen->socket.protocol))
        refuse(&question, EOPNOTSUPP, PT_CHECK_ADDRESS);
    else if (!(seen->socket.options & PT_OPTION_REUSEPORT))
        refuse_port(&question);
}
