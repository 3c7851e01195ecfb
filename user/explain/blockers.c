// SPDX-License-Identifier: GPL-2.0
#include "user/explain/inquiry.h"

#include <string.h>

#include "user/explain/other_end.h"
#include "user/explain/socket_words.h"

/* Sockets without a process have no inode, and a cookie only where somebody asked for one. */
static bool same_socket(const struct pt_holder *one, const struct pt_holder *other)
{
    if (one->socket.cookie && other->socket.cookie)
        return one->socket.cookie == other->socket.cookie;
    if (one->socket.inode || other->socket.inode)
        return one->socket.inode == other->socket.inode &&
               one->socket.protocol == other->socket.protocol;
    return one->socket.protocol == other->socket.protocol &&
           one->socket.device_ifindex == other->socket.device_ifindex &&
           one->socket.state == other->socket.state &&
           words_same_endpoint(&one->local, &other->local) &&
           words_same_endpoint(&one->peer, &other->peer);
}

static bool is_callers_socket(const struct inquiry *inquiry, const struct pt_holder *seen)
{
    const struct pt_socket *own = &inquiry->seen->socket;

    if (!inquiry->seen->socket_known)
        return false;
    return (own->inode && own->inode == seen->socket.inode) ||
           (own->cookie && own->cookie == seen->socket.cookie);
}

static bool is_listed(const struct explanation *out, const struct pt_holder *seen)
{
    for (unsigned int i = 0; i < out->holder_count; i++) {
        if (same_socket(&out->holders[i]->seen, seen))
            return true;
    }
    return false;
}

/* A listener matters most, and what nobody has any more least. */
static unsigned int weight(const struct holder *holder)
{
    if (holder->seen.socket.state == WORDS_LISTEN)
        return 2;
    return holder->process_count || holder->seen.flags & PT_HOLDER_KERNEL ? 1 : 0;
}

/* The last of those that matter least, but never what the kernel's check hit. */
static unsigned int find_least(const struct explanation *out)
{
    unsigned int least = EXPLAIN_HOLDERS_MAX - 1;

    for (unsigned int i = least; i-- > 1;) {
        if (weight(out->holders[i]) < weight(out->holders[least]))
            least = i;
    }
    return least;
}

static void add_wait(struct inquiry *inquiry, const struct pt_holder *seen)
{
    if (seen->socket.state != WORDS_TIME_WAIT)
        return;
    if (!seen->expires_ns || (inquiry->waiting && !inquiry->wait_ns))
        inquiry->wait_ns = 0;
    else if (seen->expires_ns > inquiry->wait_ns)
        inquiry->wait_ns = seen->expires_ns;
    inquiry->waiting++;
    if (seen->flags & PT_HOLDER_HALF_CLOSED &&
        (!inquiry->half_closed || other_end_is_of(&inquiry->facts->other_end, seen)))
        inquiry->half_closed = seen;
}

static void list(struct inquiry *inquiry, const struct holder *holder)
{
    struct explanation *out = inquiry->out;
    unsigned int least;

    add_wait(inquiry, &holder->seen);
    if (out->holder_count < EXPLAIN_HOLDERS_MAX) {
        out->holders[out->holder_count++] = holder;
        return;
    }
    out->holders_left_out++;
    least = find_least(out);
    if (weight(out->holders[least]) < weight(holder))
        out->holders[least] = holder;
}

/* What the kernel's check hit is as it was then; who has it may have been looked up better. */
static void complete_hit(struct holder *hit, const struct holder *found)
{
    struct pt_holder *seen = &hit->seen;

    hit->processes = found->processes;
    hit->process_count = found->process_count;
    hit->published = found->published;
    if (!seen->since_ns)
        seen->since_ns = found->seen.since_ns;
    if (!seen->taken_by)
        seen->taken_by = found->seen.taken_by;
    if (!seen->expires_ns)
        seen->expires_ns = found->seen.expires_ns;
    if (!seen->gone_ns)
        seen->gone_ns = found->seen.gone_ns;
    if (!seen->peer.family)
        seen->peer = found->seen.peer;
    seen->flags |= found->seen.flags & (PT_HOLDER_KERNEL | PT_HOLDER_BOUND);
    if (!(seen->flags & PT_HOLDER_BUCKET_KNOWN) && found->seen.flags & PT_HOLDER_BUCKET_KNOWN) {
        seen->fastreuse = found->seen.fastreuse;
        seen->fastreuseport = found->seen.fastreuseport;
        seen->flags |= PT_HOLDER_BUCKET_KNOWN;
    }
    if (!(seen->flags & PT_HOLDER_OWNER_KNOWN) && found->seen.flags & PT_HOLDER_OWNER_KNOWN) {
        seen->task = found->seen.task;
        seen->flags |= PT_HOLDER_OWNER_KNOWN;
    }
}

/*
 * Who took a port has it no more where a look finds the socket in no process: it was sent to
 * another one, which has not received it yet.
 */
static void drop_former_owner(struct inquiry *inquiry, struct holder *hit,
                              const struct holder *found)
{
    if (!holder_lacks_owner(found) || hit->seen.gone_ns || inquiry->facts->pids_elsewhere)
        return;
    inquiry->former = hit->seen.task;
    hit->seen.flags &= ~(uint32_t)PT_HOLDER_OWNER_KNOWN;
}

/* A table keeps who had the port last, also when that one gave it back before this call began. */
static bool was_gone_before(const struct inquiry *inquiry, const struct pt_holder *seen)
{
    const struct observation *call = inquiry->seen;

    return seen->source != PT_HOLDER_CHECK && seen->socket.state != WORDS_TIME_WAIT &&
           seen->gone_ns && seen->gone_ns + call->latency_ns <= call->time_ns;
}

/* What the last one left behind has no owner; that one was it. */
static void name_former_owner(struct inquiry *inquiry)
{
    const struct pt_holder *former = &inquiry->seen->refusal.holder;
    struct explanation *out = inquiry->out;
    const struct holder *left;

    if (!out->holder_count || !inquiry->seen->refusal_known || !former->source ||
        !was_gone_before(inquiry, former) || !(former->flags & PT_HOLDER_OWNER_KNOWN))
        return;
    left = out->holders[0];
    if (left->process_count || left->seen.flags & (PT_HOLDER_OWNER_KNOWN | PT_HOLDER_KERNEL) ||
        left->seen.local.port != former->local.port ||
        left->seen.socket.protocol != former->socket.protocol ||
        (left->seen.task.netns && left->seen.task.netns != former->task.netns))
        return;
    out->hit = *left;
    out->hit.seen.task = former->task;
    out->hit.seen.flags |= PT_HOLDER_OWNER_KNOWN;
    out->holders[0] = &out->hit;
}

static const struct holder *find_known(const struct inquiry *inquiry, const struct pt_holder *seen)
{
    const struct holders *known = &inquiry->facts->holders;

    for (unsigned int i = 0; i < known->count; i++)
        if (same_socket(&known->at[i].seen, seen))
            return &known->at[i];
    return NULL;
}

/*
 * A table tells of the moment when the port was taken. What the socket has become since, a look at
 * it tells: it may listen no more, have other options, or be of another device.
 */
static void update_hit(struct pt_holder *hit, const struct pt_holder *found)
{
    struct pt_socket now = found->socket;

    if (found->flags & PT_HOLDER_OPTIONS_UNSEEN)
        now.options = hit->socket.options;
    if (now.state != hit->socket.state || now.options != hit->socket.options ||
        now.device_ifindex != hit->socket.device_ifindex ||
        !words_same_endpoint(&found->local, &hit->local))
        hit->source = PT_HOLDER_LOOKUP;
    hit->socket = now;
    hit->local = found->local;
}

static void list_hit(struct inquiry *inquiry)
{
    const struct pt_holder *seen = &inquiry->seen->refusal.holder;
    struct holder *hit = &inquiry->out->hit;
    const struct holder *found;

    if (!inquiry->seen->refusal_known || seen->source == PT_HOLDER_NONE ||
        is_callers_socket(inquiry, seen) || was_gone_before(inquiry, seen))
        return;
    *hit = (struct holder){.seen = *seen};
    found = find_known(inquiry, seen);
    if (seen->source != PT_HOLDER_CHECK && found && !seen->gone_ns &&
        rules_conflict(&inquiry->asker, &found->seen))
        update_hit(&hit->seen, &found->seen);
    /* A table may be behind; what the kernel itself hit needs no rule to prove it. */
    else if (seen->source != PT_HOLDER_CHECK && !rules_conflict(&inquiry->asker, seen))
        return;
    if (found) {
        complete_hit(hit, found);
        drop_former_owner(inquiry, hit, found);
    }
    list(inquiry, hit);
}

bool blockers_came_later(const struct inquiry *inquiry, const struct pt_holder *seen)
{
    return inquiry->seen->time_ns && seen->since_ns > inquiry->seen->time_ns;
}

void blockers_find(struct inquiry *inquiry)
{
    const struct holders *known = &inquiry->facts->holders;

    list_hit(inquiry);
    for (unsigned int i = 0; i < known->count; i++) {
        const struct holder *holder = &known->at[i];

        if (!rules_conflict(&inquiry->asker, &holder->seen) ||
            is_callers_socket(inquiry, &holder->seen) || is_listed(inquiry->out, &holder->seen) ||
            was_gone_before(inquiry, &holder->seen) || blockers_came_later(inquiry, &holder->seen))
            continue;
        list(inquiry, holder);
    }
    name_former_owner(inquiry);
}

void blockers_describe(struct inquiry *inquiry)
{
    struct explanation *out = inquiry->out;

    for (unsigned int i = 0; i < out->holder_count; i++)
        holder_line_add(&out->holder_lines[i], inquiry->facts, out->holders[i]);
}

bool blockers_gone_with(const struct inquiry *inquiry, uint32_t asker_options,
                        uint32_t holder_options)
{
    const struct explanation *out = inquiry->out;
    struct rules_asker asker = inquiry->asker;

    asker.options |= asker_options;
    if (out->holders_left_out || !out->holder_count)
        return false;
    for (unsigned int i = 0; i < out->holder_count; i++) {
        struct pt_holder holder = out->holders[i]->seen;

        holder.socket.options |= holder_options;
        if (rules_conflict(&asker, &holder))
            return false;
    }
    return true;
}
