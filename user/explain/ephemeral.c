// SPDX-License-Identifier: GPL-2.0
#include "user/explain/ephemeral.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "user/explain/asker.h"
#include "user/explain/socket_words.h"

/* Who has a port of the range. */
struct user {
    uint32_t pid;
    unsigned int index; /* of a socket of it, in the list */
};

struct count {
    const struct observation *seen;
    const struct holder_list *holders;
    struct rules_asker asker;
    struct user *users;
    unsigned int user_count;
    struct ephemeral_use *use;
};

bool ephemeral_range(const struct observation *seen, const struct facts *facts, uint16_t *ret_low,
                     uint16_t *ret_high)
{
    if (seen->refusal_known && seen->refusal.flags & PT_REFUSAL_NETNS_KNOWN) {
        *ret_low = seen->refusal.range_low;
        *ret_high = seen->refusal.range_high;
    } else if (facts->netns_known) {
        *ret_low = facts->range_low;
        *ret_high = facts->range_high;
    } else {
        return false;
    }
    /* IP_LOCAL_PORT_RANGE narrows the range of the host, and never widens it. */
    if (seen->socket_known) {
        if (seen->socket.range_low >= *ret_low && seen->socket.range_low <= *ret_high)
            *ret_low = seen->socket.range_low;
        if (seen->socket.range_high >= *ret_low && seen->socket.range_high <= *ret_high)
            *ret_high = seen->socket.range_high;
    }
    return *ret_low && *ret_low <= *ret_high;
}

unsigned int ephemeral_reserved(const struct observation *seen, const struct facts *facts)
{
    uint16_t low, high;
    unsigned int count = 0;

    if (!facts->reserved || !ephemeral_range(seen, facts, &low, &high))
        return 0;
    for (unsigned int port = low; port <= high; port++)
        count += facts->reserved[port / 64] >> (port % 64) & 1;
    return count;
}

bool ephemeral_is_reserved(const struct observation *seen, const struct facts *facts)
{
    uint16_t low, high;

    return ephemeral_range(seen, facts, &low, &high) &&
           ephemeral_reserved(seen, facts) == high - low + 1u;
}

bool ephemeral_may_be_short(const struct observation *seen)
{
    bool stream = seen->socket.type == SOCK_STREAM;

    if (!seen->socket_known)
        return false;
    switch (seen->op) {
    case PT_OP_BIND:
        return seen->error == EADDRINUSE && seen->requested.family && !seen->requested.port;
    case PT_OP_AUTOBIND:
        return seen->error == EADDRINUSE || seen->error == EAGAIN;
    case PT_OP_LISTEN:
        return seen->error == EADDRINUSE && seen->implies_autobind;
    case PT_OP_CONNECT:
        return seen->implies_autobind && seen->error == (stream ? EADDRNOTAVAIL : EAGAIN);
    case PT_OP_RELEASE:
        break;
    }
    return false;
}

/* A connection takes no port that bind() has given away, and one for each peer otherwise. */
static bool is_in_way_of_connect(const struct observation *seen, const struct pt_holder *holder)
{
    bool outgoing = holder->fastreuse == -1 && holder->fastreuseport == -1;

    if (holder->socket.type != SOCK_STREAM)
        return false;
    if (!holder->peer.family || (holder->flags & PT_HOLDER_BUCKET_KNOWN && !outgoing))
        return true;
    return words_same_endpoint(&holder->peer, &seen->requested);
}

static struct rules_asker asker_without_port(const struct observation *seen,
                                             const struct facts *facts)
{
    struct rules_asker asker = asker_of(seen, facts);

    asker.op = PT_OP_BIND;
    if (words_is_stream(asker.protocol)) /* where the kernel chooses, these do not share a port */
        asker.options &= ~(uint32_t)(PT_OPTION_REUSEADDR | PT_OPTION_REUSEPORT);
    if (seen->op != PT_OP_BIND)
        asker.wanted = (struct pt_endpoint){.family = seen->socket.family};
    return asker;
}

/* 0: none is known. */
static uint32_t pid_of(const struct holder *holder)
{
    if (holder->process_count)
        return holder->processes[0].process->task.pid;
    return holder->seen.flags & PT_HOLDER_OWNER_KNOWN ? holder->seen.task.pid : 0;
}

static int by_pid(const void *one, const void *other)
{
    const struct user *a = one, *b = other;

    return (a->pid > b->pid) - (a->pid < b->pid);
}

/* Whoever has most first, and of those with as many whoever came first. */
static void rank(struct ephemeral_use *use, struct holder holder, unsigned int ports)
{
    unsigned int to = EPHEMERAL_USERS;

    for (; to && use->most[to - 1].ports < ports; to--)
        if (to < EPHEMERAL_USERS)
            use->most[to] = use->most[to - 1];
    if (to < EPHEMERAL_USERS)
        use->most[to] = (struct ephemeral_user){.holder = holder, .ports = ports};
}

static void rank_users(struct count *count)
{
    struct user *users = count->users;
    unsigned int end;

    qsort(users, count->user_count, sizeof(*users), by_pid);
    for (unsigned int i = 0; i < count->user_count; i = end) {
        for (end = i + 1; end < count->user_count && users[end].pid == users[i].pid; end++)
            ;
        rank(count->use, holder_list_at(count->holders, users[i].index), end - i);
    }
}

static bool is_in_way(const struct count *count, const struct pt_holder *holder)
{
    const struct observation *seen = count->seen;

    if (seen->op == PT_OP_CONNECT && seen->socket.type == SOCK_STREAM)
        return is_in_way_of_connect(seen, holder);
    return rules_conflict(&count->asker, holder);
}

/* The first socket that is in the way stands for the port. */
static void count_port(struct count *count, uint16_t port, unsigned int first, unsigned int end)
{
    count->asker.wanted.port = port;
    for (unsigned int i = first; i < end; i++) {
        struct holder holder = holder_list_at(count->holders, i);
        uint32_t pid = pid_of(&holder);

        if (!is_in_way(count, &holder.seen))
            continue;
        count->use->ports++;
        if (holder.seen.socket.state == WORDS_TIME_WAIT)
            count->use->time_wait++;
        else if (pid)
            count->users[count->user_count++] = (struct user){.pid = pid, .index = i};
        return;
    }
}

void ephemeral_count(const struct observation *seen, const struct facts *facts,
                     const struct holder_list *holders, struct ephemeral_use *ret_use)
{
    struct count count = {
        .seen = seen, .holders = holders, .asker = asker_without_port(seen, facts), .use = ret_use};
    unsigned int first, end;
    uint16_t low, high;

    *ret_use = (struct ephemeral_use){0};
    if (!ephemeral_range(seen, facts, &low, &high))
        return;
    count.users = calloc(high - low + 1u, sizeof(*count.users));
    if (!count.users)
        return;
    for (first = holder_list_first(holders, low); first < holders->count; first = end) {
        uint16_t port = holder_list_at(holders, first).seen.local.port;

        if (port > high)
            break;
        end = first + holder_list_run(holders, first, port);
        count_port(&count, port, first, end);
    }
    rank_users(&count);
    free(count.users);
}
