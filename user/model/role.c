// SPDX-License-Identifier: GPL-2.0
#include "user/model/role.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "user/model/sockets.h"

#define NS_PER_S 1000000000ull

/* As in include/net/tcp_states.h. */
enum state {
    STATE_ESTABLISHED = 1,
    STATE_SYN_SENT = 2,
    STATE_SYN_RECV = 3,
    STATE_TIME_WAIT = 6,
    STATE_CLOSE = 7,
    STATE_CLOSE_WAIT = 8,
    STATE_LISTEN = 10,
    STATE_NEW_SYN_RECV = 12,
    STATE_BOUND_INACTIVE = 13,
};

static bool is_datagram(const struct pt_holder *seen)
{
    return seen->socket.type == SOCK_DGRAM || seen->socket.protocol == IPPROTO_UDP ||
           seen->socket.protocol == IPPROTO_UDPLITE;
}

static bool is_handshake(const struct pt_holder *seen)
{
    return seen->socket.state == STATE_SYN_RECV || seen->socket.state == STATE_NEW_SYN_RECV;
}

/* Without a descriptor, but still open: it waits to be accepted. */
static bool is_queued(const struct pt_holder *seen)
{
    return seen->flags & PT_HOLDER_ORPHAN &&
           (seen->socket.state == STATE_ESTABLISHED || seen->socket.state == STATE_CLOSE_WAIT ||
            is_handshake(seen));
}

bool role_is_chosen(const struct pt_holder *seen, const struct role_context *context)
{
    uint16_t port = seen->local.port;

    if (seen->flags & PT_HOLDER_BOUND)
        return false;
    return !context->range_high || (port >= context->range_low && port <= context->range_high);
}

static enum role connection_of(const struct pt_holder *seen, const struct role_context *context)
{
    bool bucket_known = seen->flags & PT_HOLDER_BUCKET_KNOWN;

    if (is_handshake(seen) || is_queued(seen))
        return ROLE_SERVED;
    if (seen->flags & PT_HOLDER_ORPHAN)
        return ROLE_CLOSING;
    if (seen->socket.state == STATE_SYN_SENT || seen->taken_by == PT_OP_CONNECT ||
        seen->taken_by == PT_OP_AUTOBIND)
        return ROLE_CLIENT;
    if (bucket_known && seen->fastreuse == -1 && seen->fastreuseport == -1)
        return ROLE_CLIENT;
    /* What accept() returns does not inherit that its port was asked for. */
    if (seen->flags & PT_HOLDER_BOUND)
        return ROLE_CLIENT;
    if (context->listened)
        return ROLE_SERVED;
    return bucket_known && !role_is_chosen(seen, context) ? ROLE_SERVED : ROLE_CONNECTION;
}

enum role role_of(const struct pt_holder *seen, const struct role_context *context)
{
    if (!seen->socket.state && !seen->socket.inode)
        return ROLE_RULE;
    if (seen->socket.state == STATE_TIME_WAIT)
        return ROLE_TIME_WAIT;
    if (is_datagram(seen))
        return seen->peer.family && seen->peer.port ? ROLE_CLIENT : ROLE_DATAGRAM;
    if (seen->socket.state == STATE_LISTEN)
        return ROLE_LISTENER;
    if (seen->socket.state == STATE_CLOSE || seen->socket.state == STATE_BOUND_INACTIVE)
        return ROLE_BOUND;
    return connection_of(seen, context);
}

static bool listens_for(const struct pt_holder *listener, const struct pt_holder *seen)
{
    return listener->socket.state == STATE_LISTEN &&
           listener->socket.protocol == seen->socket.protocol &&
           listener->task.netns == seen->task.netns;
}

bool role_is_listened(const struct holder_list *list, unsigned int index)
{
    const struct holder asked = holder_list_at(list, index);
    uint16_t port = asked.seen.local.port;
    unsigned int first = index;

    while (first && holder_list_at(list, first - 1).seen.local.port == port)
        first--;
    for (unsigned int i = first; i < list->count; i++) {
        const struct holder other = holder_list_at(list, i);

        if (other.seen.local.port != port)
            break;
        if (listens_for(&other.seen, &asked.seen))
            return true;
    }
    return false;
}

bool role_is_listened_next(struct role_listened *last, const struct holder_list *list,
                           unsigned int index)
{
    const struct holder holder = holder_list_at(list, index);
    const struct pt_holder *seen = &holder.seen;

    if (!last->known || last->port != seen->local.port || last->protocol != seen->socket.protocol ||
        last->netns != seen->task.netns)
        *last = (struct role_listened){.port = seen->local.port,
                                       .protocol = seen->socket.protocol,
                                       .netns = seen->task.netns,
                                       .known = true,
                                       .listened = role_is_listened(list, index)};
    return last->listened;
}

bool role_is_server(enum role role)
{
    return role == ROLE_LISTENER || role == ROLE_BOUND || role == ROLE_DATAGRAM;
}

bool role_is_holder(const struct pt_holder *seen, const struct role_context *context)
{
    switch (role_of(seen, context)) {
    case ROLE_LISTENER:
    case ROLE_BOUND:
        return true;
    case ROLE_DATAGRAM:
        return !role_is_chosen(seen, context);
    case ROLE_SERVED:
        return !context->listened;
    case ROLE_CLIENT:
    case ROLE_CONNECTION:
    case ROLE_CLOSING:
    case ROLE_TIME_WAIT:
    case ROLE_RULE:
        return false;
    }
    return false;
}

/* "fin_wait2" as "fin-wait2". */
static void add_tcp_state(struct strbuf *out, const struct pt_holder *seen)
{
    const char *name = holder_state_name(seen);

    for (; name && *name; name++)
        strbuf_putc(out, *name == '_' ? '-' : *name);
    if (!name)
        strbuf_printf(out, "state %u", seen->socket.state);
}

/* A connection is established unless it says otherwise. */
static void add_connection(struct strbuf *out, const struct pt_holder *seen, const char *word)
{
    strbuf_puts(out, word);
    if (is_datagram(seen) || seen->socket.state == STATE_ESTABLISHED)
        return;
    strbuf_putc(out, ' ');
    add_tcp_state(out, seen);
}

static void add_time_wait(struct strbuf *out, const struct pt_holder *seen)
{
    add_tcp_state(out, seen);
    if (seen->expires_ns)
        strbuf_printf(out, " %llus",
                      (unsigned long long)((seen->expires_ns + NS_PER_S - 1) / NS_PER_S));
}

static void add_served(struct strbuf *out, const struct pt_holder *seen)
{
    if (is_handshake(seen))
        strbuf_puts(out, "handshake");
    else if (is_queued(seen))
        strbuf_puts(out, "accept queue");
    else
        add_connection(out, seen, "connection");
}

void role_add_state(struct strbuf *out, const struct pt_holder *seen,
                    const struct role_context *context)
{
    enum role role = role_of(seen, context);
    bool kernel = seen->flags & PT_HOLDER_KERNEL;

    if (kernel)
        strbuf_puts(out, role == ROLE_DATAGRAM ? "kernel" : "kernel ");
    switch (role) {
    case ROLE_LISTENER:
        strbuf_puts(out, "listen");
        break;
    case ROLE_BOUND:
        strbuf_puts(out, "bound");
        break;
    case ROLE_DATAGRAM:
        if (!kernel)
            strbuf_puts(out, "udp");
        break;
    case ROLE_SERVED:
        add_served(out, seen);
        break;
    case ROLE_CLIENT:
        add_connection(out, seen,
                       seen->socket.state == STATE_SYN_SENT ? "client" : "connected client");
        break;
    case ROLE_CONNECTION:
        add_connection(out, seen, "connection");
        break;
    case ROLE_CLOSING:
        add_connection(out, seen, "orphan");
        break;
    case ROLE_TIME_WAIT:
        add_time_wait(out, seen);
        break;
    case ROLE_RULE:
        strbuf_puts(out, "rule");
        break;
    }
}
