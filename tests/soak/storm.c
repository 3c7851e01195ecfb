// SPDX-License-Identifier: GPL-2.0
#include "tests/soak/storm.h"

#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/soak/made.h"

#define SPAWNERS   4
#define PORT_FIRST 1024
#define PORTS_MOST 60000
#define USERS      1000

/* One for each process, by number. */
struct record {
    int pid;
    uint32_t netns;
    uint16_t port;
};

struct spawner {
    const struct storm *storm;
    struct record *records;
    unsigned int index;
    char cgroup[400];
    uint32_t netns;
    uint16_t port;
};

int storm_once(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    return fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address));
}

static void enter_own_cgroup(struct spawner *spawner)
{
    char path[500];
    int fd;

    snprintf(spawner->cgroup, sizeof(spawner->cgroup), "%s/storm-%u.service",
             spawner->storm->cgroup, spawner->index);
    require(mkdir(spawner->cgroup, 0755) == 0, "a new cgroup");
    snprintf(path, sizeof(path), "%s/cgroup.procs", spawner->cgroup);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    require(fd >= 0 && write(fd, "0", 1) == 1, "a cgroup to move to");
    close(fd);
}

static uint32_t own_netns(void)
{
    struct stat status;

    require(stat("/proc/self/ns/net", &status) == 0, "the net namespace");
    return (uint32_t)status.st_ino;
}

/* Waits until the writing end of the pipe is closed. */
static void __attribute__((noreturn))
act(const struct spawner *spawner, unsigned long number, int released)
{
    char port[8], text[24], byte;
    unsigned int user = STORM_USER + (unsigned int)(number % USERS);

    require(setgroups(0, NULL) == 0 && setresgid(user, user, user) == 0 &&
                setresuid(user, user, user) == 0,
            "another user");
    while (read(released, &byte, 1) > 0)
        ;
    if (!spawner->storm->program)
        _exit(storm_once(spawner->port));
    snprintf(port, sizeof(port), "%u", spawner->port);
    snprintf(text, sizeof(text), "%lu", number);
    execl(spawner->storm->program, spawner->storm->program, "once", port, text, NULL);
    give_up("cannot execute %s", spawner->storm->program);
}

static void wave(struct spawner *spawner, unsigned long from, unsigned long to)
{
    int release[2], status;

    require(pipe2(release, O_CLOEXEC) == 0, "pipe");
    for (unsigned long number = from; number < to; number++) {
        struct record *record = &spawner->records[number];
        int pid;

        spawner->port++;
        pid = fork_child();
        if (!pid) {
            close(release[1]);
            act(spawner, number, release[0]);
        }
        *record = (struct record){.pid = pid, .netns = spawner->netns, .port = spawner->port};
        made_add(MADE_BIND);
        made_add(MADE_RELEASE);
    }
    close(release[1]);
    for (unsigned long number = from; number < to; number++)
        if (wait(&status) < 0 || status)
            give_up("a process ended with %d", status);
    close(release[0]);
}

static void __attribute__((noreturn))
spawn(const struct storm *storm, struct record *records, unsigned int index)
{
    unsigned long share = storm->count / SPAWNERS, first = index * share, end = first + share;
    struct spawner spawner = {
        .storm = storm, .records = records, .index = index, .port = PORT_FIRST};

    enter_new_netns();
    enter_own_cgroup(&spawner);
    spawner.netns = own_netns();
    while (first < end) {
        unsigned long next = first + storm->wave / SPAWNERS;

        wave(&spawner, first, next < end ? next : end);
        first = next;
    }
    while (made_goes_on()) /* the number of its net namespace stays taken */
        usleep(10000);
    _exit(0);
}

static void write_records(const struct storm *storm, const struct record *records)
{
    FILE *file = fopen(storm->record, "we");

    require(file != NULL, storm->record);
    for (unsigned long i = 0; i < storm->count; i++)
        fprintf(file, "%" PRIu32 " %u %d %lu storm-%lu.service %lu\n", records[i].netns,
                records[i].port, records[i].pid, STORM_USER + i % USERS,
                i / (storm->count / SPAWNERS), i);
    require(fclose(file) == 0, storm->record);
}

static void remove_cgroups(const struct storm *storm)
{
    char path[500];

    for (unsigned int i = 0; i < SPAWNERS; i++) {
        snprintf(path, sizeof(path), "%s/storm-%u.service", storm->cgroup, i);
        require(rmdir(path) == 0, path);
    }
}

void storm_run(const struct storm *storm)
{
    size_t size = storm->count * sizeof(struct record);
    struct record *records =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;

    require(records != MAP_FAILED, "shared memory");
    if (!storm->count || storm->count % SPAWNERS || storm->count / SPAWNERS > PORTS_MOST ||
        storm->wave < SPAWNERS)
        give_up("the count must be a multiple of %u and each share have its ports", SPAWNERS);
    for (unsigned int i = 0; i < SPAWNERS; i++)
        if (!fork_child())
            spawn(storm, records, i);
    while (made_events() < 2 * storm->count) {
        usleep(10000);
        if (waitpid(-1, &status, WNOHANG) > 0)
            give_up("a process ended early, with %d", status);
    }
    made_end();
    for (unsigned int i = 0; i < SPAWNERS; i++)
        if (wait(&status) < 0 || status)
            give_up("a process ended with %d", status);
    write_records(storm, records);
    remove_cgroups(storm);
    made_print("end");
}
