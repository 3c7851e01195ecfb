// SPDX-License-Identifier: GPL-2.0
#include "user/explain/inquiry.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "user/explain/ephemeral.h"
#include "user/explain/other_end.h"
#include "user/explain/socket_words.h"
#include "user/model/endpoint.h"
#include "user/model/sanitize.h"

#define RESERVED_RANGES_SHOWN 16

static bool is_reserved(const uint64_t *reserved, unsigned int port)
{
    return reserved[port / 64] >> (port % 64) & 1;
}

/* The whole list, with this port in it: writing the sysctl replaces what was there. */
static bool add_reserved_with(struct strbuf *out, const uint64_t *reserved, unsigned int wanted)
{
    unsigned int ranges = 0;

    for (unsigned int port = 1; port <= UINT16_MAX; port++) {
        unsigned int last = port;

        if (port != wanted && !is_reserved(reserved, port))
            continue;
        while (last < UINT16_MAX && (last + 1 == wanted || is_reserved(reserved, last + 1)))
            last++;
        if (ranges++ == RESERVED_RANGES_SHOWN)
            return false;
        strbuf_puts(out, ranges > 1 ? "," : "");
        strbuf_printf(out, last > port ? "%u-%u" : "%u", port, last);
        port = last;
    }
    return true;
}

static void advise_reserving(struct inquiry *inquiry)
{
    const struct facts *facts = inquiry->facts;
    unsigned int port = inquiry->asker.wanted.port;
    struct strbuf list = {0};
    struct strbuf *help;

    if (facts->reserved && is_reserved(facts->reserved, port))
        return;
    help = advice_command(inquiry);
    /* The kernel takes a list that ends in a comma, but none that begins with one. */
    strbuf_puts(help, "sysctl -w net.ipv4.ip_local_reserved_ports=");
    if (facts->reserved && add_reserved_with(&list, facts->reserved, port) && !list.failed) {
        strbuf_puts(help, list.text);
    } else {
        strbuf_printf(help, "\"%u,$(", port);
        advice_enter_netns(inquiry, help);
        strbuf_puts(help, "cat /proc/sys/net/ipv4/ip_local_reserved_ports)\"");
    }
    strbuf_puts(help, " (so that it is never given to a connection again)");
    strbuf_free(&list);
}

void advice_free_ports(struct inquiry *inquiry, const char *lead)
{
    const uint16_t *ports = inquiry->facts->free_ports;
    struct strbuf *help;

    if (!ports[0])
        return;
    help = inquiry_help(inquiry);
    strbuf_puts(help, lead);
    for (unsigned int i = 0; i < FACTS_FREE_PORTS && ports[i]; i++)
        strbuf_printf(help, i ? ", %u" : "%u", ports[i]);
}

static void note_outgoing(struct inquiry *inquiry)
{
    const struct pt_holder *seen = &inquiry->primary->seen;
    uint16_t low, high;
    struct strbuf *note = inquiry_note(inquiry);

    strbuf_puts(note, words_is_connected(&seen->socket) ? "the connection" : "the socket");
    if (seen->peer.family) {
        strbuf_puts(note, " to ");
        endpoint_add(note, &seen->peer, NULL);
    }
    strbuf_printf(note, " was given port %u as its local port", seen->local.port);
    if (ephemeral_range(inquiry->seen, inquiry->facts, &low, &high) && seen->local.port >= low &&
        seen->local.port <= high)
        strbuf_printf(note, ", which is in the ephemeral range %u-%u", low, high);
}

/* What else is taken by a listener on [::] surprises most. */
static void note_both_families(struct inquiry *inquiry)
{
    const struct pt_holder *seen = &inquiry->primary->seen;
    bool listens = seen->socket.state == WORDS_LISTEN;
    struct strbuf *note;

    if (seen->local.family != AF_INET6 || !words_is_wildcard(&seen->local) ||
        seen->socket.options & PT_OPTION_V6ONLY)
        return;
    note = inquiry_note(inquiry);
    strbuf_printf(note, "it %s [::] without V6ONLY, so 0.0.0.0:%u and 127.0.0.1:%u are taken too",
                  listens ? "listens on" : "has", seen->local.port, seen->local.port);
}

/* An asker on [::] that would not be in conflict if it left IPv4 alone. */
static void advise_v6only(struct inquiry *inquiry)
{
    struct inquiry changed = *inquiry;

    if (inquiry->asker.family != AF_INET6 || inquiry->asker.options & PT_OPTION_V6ONLY ||
        !words_is_wildcard(&inquiry->asker.wanted))
        return;
    if (blockers_gone_with(&changed, PT_OPTION_V6ONLY, 0))
        strbuf_puts(inquiry_help(inquiry),
                    "set IPV6_V6ONLY on your socket before bind(), if IPv6 is all it shall serve");
}

/*
 * The kernel's timers of a minute end late, as coarse as its wheel is there: 2 s at 250 ticks a
 * second, 4 s at 1000, 5.1 s at 100.
 */
#define TIMER_LATE_NS 5120000000ull

/* A connection that is ended with its process begins to wait then. */
static bool someone_is_connected(const struct explanation *out)
{
    for (unsigned int i = 0; i < out->holder_count; i++)
        if (words_is_connected(&out->holders[i]->seen.socket))
            return true;
    return false;
}

/* All of them are in the way, and whoever has the port besides is to be ended before. */
static void advise_waiting(struct inquiry *inquiry)
{
    const struct explanation *out = inquiry->out;
    bool first = !out->help_count;
    bool alone = inquiry->waiting == out->holder_count + out->holders_left_out;
    struct strbuf *help;

    if (!inquiry->waiting)
        return;
    help = inquiry_help(inquiry);
    strbuf_puts(help, first ? "wait " : alone ? "or wait " : "then wait ");
    if (inquiry->wait_ns && !someone_is_connected(out))
        strbuf_printf(help, "%llu s",
                      (unsigned long long)((inquiry->wait_ns + TIMER_LATE_NS) / 1000000000 + 1));
    else
        strbuf_puts(help, "at most 66 s");
    if (inquiry->half_closed)
        strbuf_puts(help, ", or 66 s from when the other end is closed,");
    strbuf_puts(help, " and try again; a server sets SO_REUSEADDR always, before bind()");
}

/* What its other side has not closed before it waits when its process is ended. */
static bool will_wait(const struct inquiry *inquiry, const struct holder *holder)
{
    struct pt_holder left = holder->seen;

    if ((left.socket.protocol != IPPROTO_TCP && left.socket.protocol != WORDS_IPPROTO_MPTCP) ||
        left.socket.state != WORDS_ESTABLISHED ||
        left.flags & (PT_HOLDER_KERNEL | PT_HOLDER_ORPHAN) || left.gone_ns)
        return false;
    left.socket.state = WORDS_TIME_WAIT;
    return rules_conflict(&inquiry->asker, &left);
}

/* Some of what has just been advised ends a process, with its connections. */
static void advise_waiting_for_connections(struct inquiry *inquiry)
{
    const struct explanation *out = inquiry->out;

    if (inquiry->waiting)
        return;
    for (unsigned int i = 0; i < out->holder_count; i++) {
        if (will_wait(inquiry, out->holders[i])) {
            strbuf_puts(inquiry_help(inquiry),
                        "then wait up to 66 s from when both ends are closed: the connections "
                        "keep the port so long, unless your socket and theirs have SO_REUSEADDR");
            return;
        }
    }
}

static void advise_stopping(struct inquiry *inquiry)
{
    unsigned int before = inquiry->out->help_count;

    advice_stop(inquiry);
    if (inquiry->out->help_count > before && !inquiry->out->is_own && !inquiry->out->is_ancestors)
        advise_waiting_for_connections(inquiry);
}

static void note_kinship(struct inquiry *inquiry)
{
    const struct pt_task *ancestor = kinship_ancestor(inquiry, inquiry->primary);
    const struct pt_task *of_command = kinship_of_command(inquiry, inquiry->primary);

    if (ancestor)
        strbuf_printf(inquiry_note(inquiry),
                      "pid %u is %s of the calling process, which may have inherited this very "
                      "socket",
                      ancestor->pid,
                      kinship_is_parent(inquiry, ancestor) ? "the parent" : "an ancestor");
    else if (of_command && !inquiry->out->is_own)
        strbuf_printf(inquiry_note(inquiry), "pid %u is of the command itself", of_command->pid);
}

static void note_own_socket(struct inquiry *inquiry)
{
    const struct holder *holder = inquiry->primary;
    struct strbuf *note;

    if (!inquiry->out->is_own)
        return;
    note = inquiry_note(inquiry);
    if (holder_is_gone(holder)) {
        strbuf_puts(note, "the calling process took the port before; it, or a process that has "
                          "inherited the socket, had it then, and has closed it since");
        return;
    }
    strbuf_puts(note, "it is the calling process itself that has the port");
    for (unsigned int i = 0; i < holder->process_count; i++) {
        if (holder->processes[i].process->task.pid == inquiry->seen->process.task.pid &&
            holder->processes[i].fd >= 0) {
            strbuf_printf(note, ", as descriptor %d", holder->processes[i].fd);
            break;
        }
    }
    if (inquiry->out->reason == REASON_DUAL_STACK)
        strbuf_puts(note, ": a server that opens both families sets IPV6_V6ONLY on the IPv6 one");
}

/* It does so again whenever it is run, however often it has given the port back by ending. */
static void advise_taking_once(struct inquiry *inquiry)
{
    if (!inquiry->out->is_own)
        return;
    switch (inquiry->out->reason) {
    case REASON_LISTENER:
    case REASON_BOUND:
    case REASON_WILDCARD:
    case REASON_REUSEADDR:
    case REASON_REUSEPORT:
    case REASON_LISTENS_ALREADY:
        if (holder_is_gone(inquiry->primary)) {
            strbuf_puts(inquiry_help(inquiry),
                        "the process takes the port twice, unless a child has kept the first "
                        "socket: let it do so once, and close that one in all that inherit it "
                        "(FD_CLOEXEC, and close() after fork())");
            break;
        }
        /* Others that have the socket would keep the port. */
        strbuf_printf(inquiry_help(inquiry),
                      "the process takes the port twice: let it do so once%s",
                      inquiry->primary->process_count > 1
                          ? ", and use the socket that it has"
                          : ", or close the first socket before the second one");
        break;
    default:
        break;
    }
}

static void note_gone(struct inquiry *inquiry)
{
    const struct pt_holder *seen = &inquiry->primary->seen;

    if (seen->gone_ns && !inquiry->out->is_own && !inquiry->out->is_ancestors &&
        !kinship_of_command(inquiry, inquiry->primary))
        strbuf_puts(inquiry_note(inquiry), "the holder has given the port back since: try again");
}

/* With an inode it has not been closed by all: somebody keeps it. */
static void note_unseen(struct inquiry *inquiry)
{
    const struct holder *holder = inquiry->primary;
    struct holder former = {.seen.flags = PT_HOLDER_OWNER_KNOWN};
    struct strbuf *note;

    if (!holder_lacks_owner(holder))
        return;
    note = inquiry_note(inquiry);
    if (inquiry->former.pid && holder == &inquiry->out->hit) {
        former.seen.task = inquiry->former;
        holder_name_add(note, &former);
        strbuf_puts(note, " took the port, and has the socket no more; ");
    }
    strbuf_puts(note, "no process that can be seen has it: it is one of another user or pid "
                      "namespace, the socket is on its way between two (SCM_RIGHTS), or an "
                      "io_uring has it registered");
}

/* The kernel's wait of a minute begins anew when the other side closes, too. */
static void note_half_closed(struct inquiry *inquiry)
{
    const struct pt_holder *seen = inquiry->half_closed;
    const struct holder other_end = {.seen = inquiry->facts->other_end};
    struct strbuf *note;

    if (!seen)
        return;
    note = inquiry_note(inquiry);
    strbuf_puts(note, "the other end, ");
    endpoint_add(note, &seen->peer, NULL);
    strbuf_puts(note, ", is open still");
    if (other_end_is_of(&other_end.seen, seen)) {
        strbuf_puts(note, " in ");
        holder_name_add(note, &other_end);
    }
    strbuf_puts(note, ": once it is closed, the port is kept for up to 60 s from then");
}

static void note_kernel(struct inquiry *inquiry)
{
    struct strbuf *help;

    strbuf_puts(inquiry_note(inquiry), "no process has this socket, so none can be stopped for it");
    if (inquiry->asker.protocol == IPPROTO_UDP) {
        help = advice_command(inquiry);
        strbuf_puts(help, "ip -d link show (tunnels and their ports), ");
        advice_enter_netns(inquiry, help);
        strbuf_puts(help, "wg show (WireGuard)");
    } else {
        strbuf_puts(inquiry_help(inquiry), "rpcinfo -p (NFS and its services)");
    }
}

/* A datagram socket that nobody has bound has its port from the kernel, whatever it is for. */
static bool was_chosen(const struct inquiry *inquiry)
{
    const struct pt_holder *seen = &inquiry->primary->seen;
    uint32_t otherwise = PT_HOLDER_BOUND | PT_HOLDER_KERNEL | PT_HOLDER_OPTIONS_UNSEEN;
    uint16_t low, high;

    if (inquiry->out->reason == REASON_OUTGOING)
        return true;
    return seen->socket.type == SOCK_DGRAM && !(seen->flags & otherwise) &&
           seen->taken_by != PT_OP_BIND &&
           ephemeral_range(inquiry->seen, inquiry->facts, &low, &high) && seen->local.port >= low &&
           seen->local.port <= high;
}

/* To end one client is no help against the next that is given the port. */
static void advise_on_chosen(struct inquiry *inquiry)
{
    if (!was_chosen(inquiry))
        return;
    note_outgoing(inquiry);
    advise_reserving(inquiry);
    if (!inquiry->out->is_own && !inquiry->primary->seen.gone_ns)
        strbuf_printf(inquiry_help(inquiry), "try again when that %s is closed",
                      words_is_connected(&inquiry->primary->seen.socket) ? "connection" : "socket");
}

void advice_in_use(struct inquiry *inquiry)
{
    const struct explanation *out = inquiry->out;

    note_own_socket(inquiry);
    note_kinship(inquiry);
    note_both_families(inquiry);
    note_gone(inquiry);
    note_unseen(inquiry);
    note_half_closed(inquiry);
    advise_taking_once(inquiry);
    advise_on_chosen(inquiry);
    if (out->reason == REASON_TIME_WAIT || out->reason == REASON_CONNECTION ||
        out->reason == REASON_REUSEADDR || out->reason == REASON_REUSEPORT) {
        advice_options(inquiry);
        advise_v6only(inquiry);
        advise_stopping(inquiry);
    } else if (out->reason != REASON_KERNEL_SOCKET) {
        advise_stopping(inquiry);
        advise_v6only(inquiry);
        advice_options(inquiry);
    }
    if (out->reason == REASON_KERNEL_SOCKET)
        note_kernel(inquiry);
    else
        advise_waiting(inquiry);
    advice_free_ports(inquiry, out->help_count ? "or use a free port: " : "use a free port: ");
}
