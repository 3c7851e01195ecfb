// SPDX-License-Identifier: GPL-2.0
#include "user/model/holdings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/model/held_socket.h"

#define NONE        UINT32_MAX
#define FIRST_SLOTS 1024
#define FIRST_ROOM  1024
#define KEPT_ROOM   4096

struct holding {
    struct held_socket seen;
    uint32_t first; /* of its links; when all are handed out, of its processes among those */
    uint32_t process_count;
    const struct holder_published *published;
};

/* A process that has a socket: part of the list of that socket. */
struct link {
    uint32_t process;
    uint32_t next;
    int fd;
};

/* Numbers of entries by hash; the size is a power of two and more than half of it is free. */
struct table {
    uint32_t *slots;
    uint32_t size;
};

struct holdings {
    struct holding *sockets;
    uint32_t socket_count;
    uint32_t socket_room;
    struct process_facts *processes;
    uint32_t process_count;
    uint32_t process_room;
    struct link *links;
    uint32_t link_count;
    uint32_t link_room;
    struct table socket_table;
    struct table process_table;
    struct holder_process *handed_out;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 29);
}

static uint64_t mix_endpoint(uint64_t hash, const struct pt_endpoint *endpoint)
{
    uint64_t halves[2];

    memcpy(halves, endpoint->address, sizeof(halves));
    hash = mix(mix(hash, halves[0]), halves[1]);
    return mix(hash, (uint64_t)endpoint->port << 16 | endpoint->family);
}

/* Of an inode alone, since it may have to be found without knowing the net namespace. */
static uint64_t inode_hash(uint64_t inode)
{
    return mix(0, inode);
}

static uint64_t socket_hash(const struct held_socket *seen)
{
    uint64_t hash;

    if (seen->socket.inode)
        return inode_hash(seen->socket.inode);
    hash = mix(seen->netns, seen->socket.protocol);
    return mix_endpoint(mix_endpoint(hash, &seen->local), &seen->peer);
}

static uint64_t process_hash(const struct pt_task *task)
{
    return mix(task->pid, task->start_ns);
}

static bool same_process(const struct pt_task *a, const struct pt_task *b)
{
    return a->pid == b->pid && a->start_ns == b->start_ns;
}

/* Makes room for one more; the memory may move. */
static int grow(void **at, uint32_t count, uint32_t *room, size_t size)
{
    uint32_t more = *room ? *room * 2 : FIRST_ROOM;
    void *moved;

    if (count < *room)
        return 0;
    if (more >= NONE / 4)
        return -ENOMEM;
    moved = reallocarray(*at, more, size);
    if (!moved)
        return -ENOMEM;
    *at = moved;
    *room = more;
    return 0;
}

static int table_renew(struct table *table, uint32_t size)
{
    uint32_t *slots = reallocarray(table->slots, size, sizeof(*slots));

    if (!slots)
        return -ENOMEM;
    memset(slots, 0xff, size * sizeof(*slots));
    *table = (struct table){slots, size};
    return 0;
}

static void table_put(struct table *table, uint64_t hash, uint32_t number)
{
    uint32_t at = (uint32_t)(hash >> 32) & (table->size - 1);

    while (table->slots[at] != NONE)
        at = (at + 1) & (table->size - 1);
    table->slots[at] = number;
}

static uint32_t find_socket(const struct holdings *holdings, const struct held_socket *seen)
{
    const struct table *table = &holdings->socket_table;
    uint32_t at = (uint32_t)(socket_hash(seen) >> 32) & (table->size - 1);

    for (; table->slots[at] != NONE; at = (at + 1) & (table->size - 1))
        if (held_socket_same(&holdings->sockets[table->slots[at]].seen, seen))
            return table->slots[at];
    return NONE;
}

static uint32_t find_process(const struct holdings *holdings, const struct pt_task *task)
{
    const struct table *table = &holdings->process_table;
    uint32_t at = (uint32_t)(process_hash(task) >> 32) & (table->size - 1);

    for (; table->slots[at] != NONE; at = (at + 1) & (table->size - 1))
        if (same_process(&holdings->processes[table->slots[at]].task, task))
            return table->slots[at];
    return NONE;
}

static int add_socket(struct holdings *holdings, const struct held_socket *seen,
                      uint32_t *ret_number)
{
    struct table *table = &holdings->socket_table;
    uint32_t number = holdings->socket_count;
    int error = grow((void **)&holdings->sockets, number, &holdings->socket_room,
                     sizeof(*holdings->sockets));

    if (!error && (number + 1) * 2 > table->size) {
        error = table_renew(table, table->size * 2);
        for (uint32_t i = 0; !error && i < number; i++)
            table_put(table, socket_hash(&holdings->sockets[i].seen), i);
    }
    if (error)
        return error;
    holdings->sockets[number] = (struct holding){.seen = *seen, .first = NONE};
    holdings->socket_count++;
    table_put(table, socket_hash(seen), number);
    *ret_number = number;
    return 0;
}

static int add_process(struct holdings *holdings, const struct pt_task *task, uint32_t *ret_number)
{
    struct table *table = &holdings->process_table;
    uint32_t number = holdings->process_count;
    int error = grow((void **)&holdings->processes, number, &holdings->process_room,
                     sizeof(*holdings->processes));

    if (!error && (number + 1) * 2 > table->size) {
        error = table_renew(table, table->size * 2);
        for (uint32_t i = 0; !error && i < number; i++)
            table_put(table, process_hash(&holdings->processes[i].task), i);
    }
    if (error)
        return error;
    holdings->processes[number] = (struct process_facts){.task = *task};
    holdings->process_count++;
    table_put(table, process_hash(task), number);
    *ret_number = number;
    return 0;
}

/* Of several descriptors in one process the lowest is kept. */
static int link_process(struct holdings *holdings, uint32_t socket, const struct pt_task *task,
                        int fd)
{
    uint32_t process = find_process(holdings, task);
    struct link *link;
    int error = 0;

    if (process == NONE)
        error = add_process(holdings, task, &process);
    for (uint32_t i = holdings->sockets[socket].first; !error && i != NONE; i = link->next) {
        link = &holdings->links[i];
        if (link->process != process)
            continue;
        if (fd >= 0 && (link->fd < 0 || fd < link->fd))
            link->fd = fd;
        return 0;
    }
    if (!error)
        error = grow((void **)&holdings->links, holdings->link_count, &holdings->link_room,
                     sizeof(*holdings->links));
    if (error)
        return error;
    holdings->links[holdings->link_count] =
        (struct link){process, holdings->sockets[socket].first, fd};
    holdings->sockets[socket].first = holdings->link_count++;
    holdings->sockets[socket].process_count++;
    return 0;
}

int holdings_add(struct holdings *holdings, const struct pt_holder *seen)
{
    const struct held_socket held = held_socket_of(seen);
    uint32_t socket = find_socket(holdings, &held);
    int error = 0;

    if (socket == NONE)
        error = add_socket(holdings, &held, &socket);
    else
        held_socket_merge(&holdings->sockets[socket].seen, &held);
    if (error || !(seen->flags & PT_HOLDER_OWNER_KNOWN))
        return error;
    return link_process(holdings, socket, &seen->task, seen->fd);
}

int holdings_add_process(struct holdings *holdings, uint64_t inode, const struct pt_task *task,
                         int fd)
{
    const struct table *table = &holdings->socket_table;
    uint32_t at = (uint32_t)(inode_hash(inode) >> 32) & (table->size - 1);
    int error = 0;

    for (; !error && table->slots[at] != NONE; at = (at + 1) & (table->size - 1)) {
        uint32_t socket = table->slots[at];

        if (inode && holdings->sockets[socket].seen.socket.inode == inode) {
            holdings->sockets[socket].seen.flags |= PT_HOLDER_OWNER_KNOWN;
            error = link_process(holdings, socket, task, fd);
        }
    }
    return error;
}

struct process_facts *holdings_processes(struct holdings *holdings, unsigned int *ret_count)
{
    *ret_count = holdings->process_count;
    return holdings->processes;
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

/* systemd holds the sockets that it starts services for: those are meant, and not pid 1. */
static int compare_processes(const void *left, const void *right)
{
    const struct holder_process *a_process = left, *b_process = right;
    const struct pt_task *a = &a_process->process->task;
    const struct pt_task *b = &b_process->process->task;

    if ((a->pid == 1) != (b->pid == 1))
        return a->pid == 1 ? 1 : -1;
    return a->start_ns != b->start_ns ? COMPARE(a->start_ns, b->start_ns) : COMPARE(a->pid, b->pid);
}

static int compare_holdings(const void *left, const void *right)
{
    const struct holding *a = left, *b = right;

    return held_socket_compare(&a->seen, &b->seen);
}

/* Its processes, behind those that were handed out before. */
static void hand_out(struct holdings *holdings, struct holding *holding, uint32_t first)
{
    struct holder_process *to = holdings->handed_out + first;
    unsigned int count = 0;
    const struct link *link;

    for (uint32_t i = holding->first; i != NONE; i = link->next) {
        link = &holdings->links[i];
        to[count++] = (struct holder_process){&holdings->processes[link->process], link->fd};
    }
    qsort(to, count, sizeof(*to), compare_processes);
    holding->first = first;
}

/* Empty, and small: what only more to come would need. */
static void release_tables(struct holdings *holdings)
{
    (void)table_renew(&holdings->socket_table, FIRST_SLOTS);
    (void)table_renew(&holdings->process_table, FIRST_SLOTS);
}

/* What only a look at very many sockets needs is given back: the next may be at one port. */
static void shed(void **at, uint32_t *count, uint32_t *room)
{
    *count = 0;
    if (*room <= KEPT_ROOM)
        return;
    free(*at);
    *at = NULL;
    *room = 0;
}

static bool is_nobodys(const struct holding *holding)
{
    return !holding->process_count && !holding->seen.socket.inode;
}

/*
 * A connection that was closed between two looks was seen with its process, and then without.
 * Sorted, the two are neighbours.
 */
static void drop_remains(struct holdings *holdings)
{
    struct holding *at = holdings->sockets;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < holdings->socket_count; i++) {
        bool twice = kept && is_nobodys(&at[i]) && !is_nobodys(&at[kept - 1]) &&
                     at[i].seen.peer.family &&
                     held_socket_same_ends(&at[i].seen, &at[kept - 1].seen);

        if (twice)
            continue;
        if (kept != i)
            at[kept] = at[i];
        kept++;
    }
    holdings->socket_count = kept;
}

int holdings_finish(struct holdings *holdings)
{
    uint32_t count = 0;

    free(holdings->handed_out);
    release_tables(holdings);
    holdings->handed_out = calloc(holdings->link_count + 1u, sizeof(*holdings->handed_out));
    if (!holdings->handed_out)
        return -ENOMEM;
    for (uint32_t i = 0; i < holdings->socket_count; i++) {
        hand_out(holdings, &holdings->sockets[i], count);
        count += holdings->sockets[i].process_count;
    }
    shed((void **)&holdings->links, &holdings->link_count, &holdings->link_room);
    if (holdings->socket_count)
        qsort(holdings->sockets, holdings->socket_count, sizeof(*holdings->sockets),
              compare_holdings);
    drop_remains(holdings);
    return 0;
}

static struct holder make_holder(const void *source, unsigned int index)
{
    const struct holdings *holdings = source;
    const struct holding *holding = &holdings->sockets[index];
    struct holder holder = {.seen = held_socket_seen(&holding->seen),
                            .published = holding->published};

    if (!holding->process_count)
        return holder;
    holder.processes = holdings->handed_out + holding->first;
    holder.process_count = holding->process_count;
    holder.seen.task = holder.processes[0].process->task;
    holder.seen.task.netns = holding->seen.netns;
    holder.seen.fd = holder.processes[0].fd;
    return holder;
}

struct holder_list holdings_holders(const struct holdings *holdings)
{
    return (struct holder_list){
        .count = holdings->socket_count, .make = make_holder, .source = holdings};
}

void holdings_drop_list(struct holdings *holdings)
{
    shed((void **)&holdings->sockets, &holdings->socket_count, &holdings->socket_room);
}

void holdings_publish(struct holdings *holdings, unsigned int index,
                      const struct holder_published *published)
{
    holdings->sockets[index].published = published;
}

int holdings_append(struct holdings *holdings, const struct holder *holder)
{
    int error = grow((void **)&holdings->sockets, holdings->socket_count, &holdings->socket_room,
                     sizeof(*holdings->sockets));

    if (error)
        return error;
    holdings->sockets[holdings->socket_count++] =
        (struct holding){.seen = held_socket_of(&holder->seen), .published = holder->published};
    return 0;
}

struct holdings *holdings_new(void)
{
    struct holdings *holdings = calloc(1, sizeof(*holdings));

    if (!holdings)
        return NULL;
    if (table_renew(&holdings->socket_table, FIRST_SLOTS) ||
        table_renew(&holdings->process_table, FIRST_SLOTS)) {
        holdings_free(holdings);
        return NULL;
    }
    return holdings;
}

void holdings_free(struct holdings *holdings)
{
    if (!holdings)
        return;
    free(holdings->sockets);
    free(holdings->processes);
    free(holdings->links);
    free(holdings->socket_table.slots);
    free(holdings->process_table.slots);
    free(holdings->handed_out);
    free(holdings);
}

void holdings_reset(struct holdings *holdings)
{
    free(holdings->handed_out);
    holdings->handed_out = NULL;
    shed((void **)&holdings->sockets, &holdings->socket_count, &holdings->socket_room);
    shed((void **)&holdings->processes, &holdings->process_count, &holdings->process_room);
    shed((void **)&holdings->links, &holdings->link_count, &holdings->link_room);
    release_tables(holdings);
}
