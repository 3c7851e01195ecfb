// SPDX-License-Identifier: GPL-2.0
/*
 * Processes make sockets, take ports and give them back at random, with descriptors that children
 * inherit. In the end the table must hold exactly the sockets that have a port: those that the
 * kernel's iterator finds behind descriptors, and what /proc/net says is left of connections that
 * have none.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/holders.h"
#include "tests/kernel/scene.h"
#include "user/capture/snapshot.h"

#define TABLE_OPERATIONS  100000u /* at 100 percent */
#define TABLE_PROCESSES   4
#define TABLE_FDS         48
#define TABLE_CHILD_EVERY 400
#define TABLE_CHILD_TURNS 40
#define TABLE_SECONDS     300
#define TABLE_ROWS        4096
#define TABLE_PORT_LOW    8200
#define TABLE_PORTS       64

struct row {
    uint64_t inode; /* 0: a connection without a descriptor */
    uint16_t family;
    uint16_t protocol;
    uint16_t port;
};

/* Shared by all processes. */
struct churn {
    unsigned int wanted; /* operations */
    atomic_uint operations;
    atomic_uint settled; /* workers that have come to rest */
    atomic_bool over;
    uint32_t netns;
    unsigned int row_count;
    struct row rows[TABLE_ROWS];
    atomic_uint next_row;
};

struct worker {
    struct churn *churn;
    unsigned int random;
    int fds[TABLE_FDS]; /* -1: none */
};

static unsigned int draw(struct worker *worker, unsigned int below)
{
    worker->random = worker->random * 1664525u + 1013904223u;
    return (worker->random >> 8) % below;
}

static struct address draw_address(struct worker *worker, int fd, bool any_port)
{
    uint16_t port = TABLE_PORT_LOW + (uint16_t)draw(worker, TABLE_PORTS);
    int family = AF_INET;
    socklen_t size = sizeof(family);

    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
    if (any_port && !draw(worker, 3))
        port = 0;
    return draw(worker, 2) ? loopback(family, port) : wildcard(family, port);
}

static void open_one(struct worker *worker, int *fd)
{
    int on = 1, family = draw(worker, 2) ? AF_INET6 : AF_INET;
    int type = (draw(worker, 2) ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;

    *fd = socket(family, type, 0);
    if (draw(worker, 2))
        setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (!draw(worker, 4))
        setsockopt(*fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
}

static void turn(struct worker *worker)
{
    int *fd = &worker->fds[draw(worker, TABLE_FDS)];
    struct address address;

    atomic_fetch_add(&worker->churn->operations, 1);
    if (*fd < 0) {
        open_one(worker, fd);
        return;
    }
    switch (draw(worker, 8)) {
    case 0:
    case 1:
        close(*fd);
        *fd = -1;
        break;
    case 2:
        (void)listen(*fd, 4);
        break;
    case 3:
        address = draw_address(worker, *fd, false);
        (void)connect(*fd, (struct sockaddr *)&address.storage, address.size);
        break;
    default:
        address = draw_address(worker, *fd, true);
        (void)bind(*fd, (struct sockaddr *)&address.storage, address.size);
    }
}

/* The child has all descriptors too, closes some and takes ports with others. */
static void bear_child(struct worker *worker)
{
    int pid = fork(), status;

    if (pid) {
        waitpid(pid, &status, 0);
        return;
    }
    worker->random ^= (unsigned int)getpid() * 2654435761u;
    for (int i = 0; i < TABLE_CHILD_TURNS; i++)
        turn(worker);
    _exit(0);
}

static void write_row(struct churn *churn, const struct row *row)
{
    unsigned int at = atomic_fetch_add(&churn->next_row, 1);

    if (at < TABLE_ROWS)
        churn->rows[at] = *row;
}

static void work(struct churn *churn, unsigned int seed)
{
    struct worker worker = {.churn = churn, .random = seed * 2654435761u + 1};

    alarm(TABLE_SECONDS);
    memset(worker.fds, -1, sizeof(worker.fds));
    for (unsigned int i = 1; atomic_load(&churn->operations) < churn->wanted; i++) {
        turn(&worker);
        if (i % TABLE_CHILD_EVERY == 0)
            bear_child(&worker);
    }
    usleep(300000); /* refused connections, and what was closed, come to rest */
    atomic_fetch_add(&churn->settled, 1);
    while (!atomic_load(&churn->over))
        usleep(10000);
    _exit(0);
}

/* What has a port and no descriptor: inode 0. */
static void write_orphans(struct churn *churn, const char *path, uint16_t family, uint16_t protocol)
{
    FILE *file = fopen(path, "re");
    char line[512];

    if (!file)
        return;
    while (fgets(line, sizeof(line), file)) {
        struct row row = {0, family, protocol, 0};
        unsigned int port;
        uint64_t inode;

        if (sscanf(line, "%*d: %*[^:]:%x %*s %*s %*s %*s %*s %*u %*u %" SCNu64, &port, &inode) !=
                2 ||
            inode)
            continue;
        row.port = (uint16_t)port;
        write_row(churn, &row);
    }
    fclose(file);
}

static int start(struct churn *churn)
{
    int pid = fork();
    struct stat status;

    if (pid)
        return pid;
    if (!scene_network_up() || stat("/proc/self/ns/net", &status))
        _exit(2);
    churn->netns = (uint32_t)status.st_ino;
    alarm(TABLE_SECONDS);
    for (unsigned int i = 0; i < TABLE_PROCESSES; i++)
        if (!fork())
            work(churn, i);
    while (atomic_load(&churn->settled) < TABLE_PROCESSES)
        usleep(10000);
    write_orphans(churn, "/proc/self/net/tcp", AF_INET, IPPROTO_TCP);
    write_orphans(churn, "/proc/self/net/tcp6", AF_INET6, IPPROTO_TCP);
    atomic_store(&churn->settled, TABLE_PROCESSES + 1);
    while (wait(NULL) > 0)
        ;
    _exit(0);
}

struct comparison {
    struct holders_run *run;
    struct churn *churn;
    bool seen[TABLE_ROWS];
    unsigned int extra, strangers;
};

static int compare_one(void *context, const struct pt_holder *holder)
{
    struct comparison *comparison = context;
    struct churn *churn = comparison->churn;
    bool found = false, left = false;

    if (holder->task.netns != churn->netns)
        return 0;
    for (unsigned int i = 0; i < churn->row_count; i++) {
        const struct row *row = &churn->rows[i];

        if (row->port != holder->local.port || row->protocol != holder->socket.protocol ||
            row->family != holder->socket.family)
            continue;
        left = left || !row->inode;
        if (row->inode != holder->socket.inode)
            continue;
        comparison->seen[i] = found = true;
    }
    comparison->strangers += !(holder->flags & PT_HOLDER_OWNER_KNOWN) || !holder->task.pid;
    if (!found && !left && !comparison->extra++)
        snprintf(comparison->run->why, sizeof(comparison->run->why),
                 "inode %" PRIu64
                 ", family %u, protocol %u, port %u, state %u, taken by %u is gone",
                 (uint64_t)holder->socket.inode, holder->socket.family, holder->socket.protocol,
                 holder->local.port, holder->socket.state, holder->taken_by);
    return 0;
}

/* As many rows as processes have the socket. */
static int take_descriptor(void *context, const struct pt_held *held)
{
    struct churn *churn = context;
    const struct pt_holder *holder = &held->holder;
    struct row row = {holder->socket.inode, holder->socket.family, holder->socket.protocol,
                      holder->local.port};

    if (holder->task.netns == churn->netns)
        write_row(churn, &row);
    return 0;
}

static int take_snapshot(struct churn *churn)
{
    struct snapshot *snapshot;
    int error = snapshot_open(&snapshot);

    if (error)
        return error;
    error = snapshot_descriptors(snapshot, 0, take_descriptor, churn);
    snapshot_close(snapshot);
    return error;
}

static void compare(struct holders_run *run, struct churn *churn)
{
    struct comparison comparison = {.run = run, .churn = churn};
    unsigned int missing = 0, first = 0, open = 0;
    uint64_t lost[PT_LOSS_CAUSES];
    int error;

    error = take_snapshot(churn);
    if (error)
        HOLDERS_FAIL(run, "no snapshot: %s", strerror(-error));
    churn->row_count = churn->next_row;
    if (churn->row_count >= TABLE_ROWS)
        HOLDERS_FAIL(run, "more sockets than there is room for");
    error = capture_table(run->capture, compare_one, &comparison);
    if (error)
        HOLDERS_FAIL(run, "the table cannot be read: %s", strerror(-error));
    for (unsigned int i = 0; i < churn->row_count; i++) {
        open += churn->rows[i].inode != 0;
        if (churn->rows[i].inode && !comparison.seen[i] && !missing++)
            first = i;
    }
    snprintf(run->note, sizeof(run->note),
             "%u operations, %u descriptors with a port, %u connections "
             "without one",
             churn->operations, open, churn->row_count - open);
    capture_losses(run->capture, lost);
    if ((missing || comparison.extra) && (lost[PT_LOSS_SKIPPED] || lost[PT_LOSS_MISSED_RETURN])) {
        size_t length = strlen(run->note);

        /* What the kernel did not run, and says so, has told nothing. */
        run->why[0] = '\0';
        snprintf(run->note + length, sizeof(run->note) - length,
                 "; %u missing and %u too many, where the kernel skipped %" PRIu64
                 " hooks and %" PRIu64 " returns",
                 missing, comparison.extra, lost[PT_LOSS_SKIPPED], lost[PT_LOSS_MISSED_RETURN]);
        return;
    }
    if (comparison.extra)
        return; /* .why says which */
    if (missing)
        HOLDERS_FAIL(run,
                     "%u are missing, first inode %" PRIu64 ", family %u, protocol %u, port %u",
                     missing, churn->rows[first].inode, churn->rows[first].family,
                     churn->rows[first].protocol, churn->rows[first].port);
    if (!open || comparison.strangers)
        HOLDERS_FAIL(run, "%u open, %u without an owner", open, comparison.strangers);
    if (lost[PT_LOSS_SOCKETS_FULL] || lost[PT_LOSS_CALLS_FULL])
        HOLDERS_FAIL(run, "sockets or calls were lost");
}

static int pass_over(void *context, const void *record, size_t size)
{
    (void)context;
    (void)record;
    (void)size;
    return 0;
}

void holders_table(struct holders_run *run)
{
    struct churn *churn = holders_shared(sizeof(*churn));
    int status, pid;

    churn->wanted = TABLE_OPERATIONS * run->percent / 100;
    pid = start(churn);
    while (atomic_load(&churn->settled) <= TABLE_PROCESSES && !waitpid(pid, &status, WNOHANG))
        capture_read(run->capture, pass_over, NULL, -1, 100);
    if (atomic_load(&churn->settled) > TABLE_PROCESSES)
        compare(run, churn);
    else
        snprintf(run->why, sizeof(run->why), "the processes ended early");
    atomic_store(&churn->over, true);
    waitpid(pid, &status, 0);
    holders_unshare(churn, sizeof(*churn));
}
