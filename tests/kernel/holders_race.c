// SPDX-License-Identifier: GPL-2.0
/*
 * One process binds a port and gives it back in a loop, another wants the same port all the time.
 * The first writes down each socket and how long it can have been bound; so for each refusal it is
 * known which sockets can have been in the way.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/feature.h"
#include "tests/kernel/holders.h"
#include "tests/kernel/scene.h"
#include "user/decode/decode.h"

#define RACE_CONFLICTS            10000u /* at 100 percent */
#define RACE_ROUNDS               2000000u
#define RACE_WRONG_SHARE          0.005 /* of a plan that looks into its table */
#define RACE_WRONG_SHARE_EMULATED 0.02
#define RACE_SECONDS              240
#define RACE_PORT                 8180

/* A socket of the process that holds, from before its bind until after its close. */
static unsigned int conflicts_wanted; /* also in the processes that race */

struct round {
    uint64_t inode;
    uint64_t begun_ns;
    uint64_t ended_ns; /* 0: not yet */
};

struct race {
    atomic_bool over;
    atomic_uint round_count; /* that are whole but for .ended_ns */
    _Atomic uint64_t refused;
    int holder_pid;
    int victim_pid;
    int type;
    struct address address;
    struct round rounds[RACE_ROUNDS];
};

/* What was said of one refusal. */
struct said {
    uint64_t from_ns;
    uint64_t to_ns;
    uint64_t inode;
    uint64_t times; /* refusals that it is said of */
    uint32_t pid;
    uint8_t source;
};

struct hearing {
    struct race *race;
    struct said *said;
    size_t count;
    uint64_t refusals;
};

static uint64_t inode_of(int fd)
{
    struct stat status;

    return fstat(fd, &status) ? 0 : status.st_ino;
}

static void hold_in_a_loop(struct race *race)
{
    for (unsigned int i = 0; i < RACE_ROUNDS && !atomic_load(&race->over); i++) {
        struct round *round = &race->rounds[i];
        int fd = socket(race->address.storage.ss_family, race->type, 0);

        round->inode = inode_of(fd);
        round->begun_ns = holders_now_ns();
        atomic_store(&race->round_count, i + 1);
        (void)bind(fd, (struct sockaddr *)&race->address.storage, race->address.size);
        close(fd);
        round->ended_ns = holders_now_ns();
    }
}

/* A socket that was refused can be refused again; one that is bound is of no more use. */
static void want_in_a_loop(struct race *race)
{
    int fd = -1;

    while (atomic_load(&race->refused) < conflicts_wanted) {
        if (fd < 0)
            fd = socket(race->address.storage.ss_family, race->type, 0);
        if (bind(fd, (struct sockaddr *)&race->address.storage, race->address.size)) {
            if (errno != EADDRINUSE)
                _exit(3);
            atomic_fetch_add(&race->refused, 1);
        } else {
            close(fd);
            fd = -1;
        }
    }
    atomic_store(&race->over, true);
}

/* Both in a net namespace of their own. */
static int start(struct race *race)
{
    int status, holder, pid = fork();

    if (pid)
        return pid;
    if (!scene_network_up())
        _exit(2);
    alarm(RACE_SECONDS);
    race->victim_pid = getpid();
    holder = fork();
    if (!holder) {
        alarm(RACE_SECONDS);
        hold_in_a_loop(race);
        _exit(0);
    }
    race->holder_pid = holder;
    want_in_a_loop(race);
    _exit(waitpid(holder, &status, 0) < 0 || status);
}

static int hear(void *context, const void *at, size_t size)
{
    struct hearing *hearing = context;
    const struct pt_refusal *refusal;
    const struct pt_call *call;
    struct record record;
    struct said *said;

    if (decode_record(at, size, &record) < 0 || record.kind != PT_KIND_CALL)
        return 0;
    call = &record.call;
    if (call->task.pid != (uint32_t)hearing->race->victim_pid || call->error != EADDRINUSE)
        return 0;
    if (hearing->count == conflicts_wanted)
        return -E2BIG;
    refusal = &record.failed_call.refusal;
    said = &hearing->said[hearing->count++];
    said->from_ns = record.times ? record.since_ns : call->header.time_ns - call->latency_ns;
    said->to_ns = call->header.time_ns;
    said->times = record.times ? record.times : 1;
    hearing->refusals += said->times;
    if (!record.refusal_known)
        return 0;
    said->source = refusal->holder.source;
    said->inode = refusal->holder.socket.inode;
    said->pid = refusal->holder.task.pid;
    return 0;
}

static void hear_all(struct holders_run *run, struct hearing *hearing, int pid)
{
    bool ended = false;
    int status = 0, got = 1;

    while (!ended || got > 0) {
        ended = ended || waitpid(pid, &status, WNOHANG) == pid;
        got = capture_read(run->capture, hear, hearing, -1, 100);
        if (got < 0)
            HOLDERS_FAIL(run, "reading fails: %s", strerror(-got));
    }
    if (status)
        HOLDERS_FAIL(run, "the two processes did not end well: %d, %llu conflicts", status,
                     (unsigned long long)hearing->race->refused);
}

static int compare_inodes(const void *one, const void *other)
{
    const struct round *a = one, *b = other;

    return (a->inode > b->inode) - (a->inode < b->inode);
}

static bool is_right(const struct race *race, const struct said *said)
{
    const struct round wanted = {.inode = said->inode};
    const struct round *round =
        bsearch(&wanted, race->rounds, race->round_count, sizeof(wanted), compare_inodes);

    return round && said->pid == (uint32_t)race->holder_pid && round->begun_ns <= said->to_ns &&
           (!round->ended_ns || round->ended_ns >= said->from_ns);
}

/* Of refusals that were counted, the last one has begun when they are told to end. */
static uint64_t wrong_of(const struct race *race, const struct said *said)
{
    struct said last = *said;

    last.from_ns = said->to_ns;
    if (!is_right(race, said))
        return said->times;
    return said->times > 1 && !is_right(race, &last);
}

static void judge(struct holders_run *run, struct hearing *hearing)
{
    const double share = feature_emulated() ? RACE_WRONG_SHARE_EMULATED : RACE_WRONG_SHARE;
    struct race *race = hearing->race;
    uint64_t empty = 0, wrong = 0, bad;

    qsort(race->rounds, race->round_count, sizeof(race->rounds[0]), compare_inodes);
    for (size_t i = 0; i < hearing->count; i++) {
        if (!hearing->said[i].source)
            empty += hearing->said[i].times;
        else
            wrong += wrong_of(race, &hearing->said[i]);
    }
    snprintf(run->note, sizeof(run->note),
             "%" PRIu64 " conflicts with %u sockets, %" PRIu64 " empty, %" PRIu64 " wrong",
             hearing->refusals, race->round_count, empty, wrong);
    /*
     * Where a processor is emulated it stands still for a tenth of a second between two hooks, in
     * which hundreds are refused: how many of those find nobody in the table says nothing of real
     * machines.
     */
    bad = run->plan_id == PT_PLAN_RESTRICTED && feature_emulated() ? wrong : empty + wrong;
    if (hearing->refusals != conflicts_wanted)
        HOLDERS_FAIL(run, "of %u refusals %" PRIu64 " were seen", conflicts_wanted,
                     hearing->refusals);
    if (run->plan_id != PT_PLAN_RESTRICTED && bad)
        HOLDERS_FAIL(run, "%" PRIu64 " without a holder, %" PRIu64 " with a wrong one", empty,
                     wrong);
    if ((double)bad > share * conflicts_wanted)
        HOLDERS_FAIL(run,
                     "%" PRIu64 " without a holder, %" PRIu64 " with a wrong one, more than %.1f%%",
                     empty, wrong, 100 * share);
}

static void race(struct holders_run *run, int type, struct address address)
{
    struct race *race = holders_shared(sizeof(*race));
    struct hearing hearing = {.race = race};

    conflicts_wanted = RACE_CONFLICTS * run->percent / 100;
    race->type = type;
    race->address = address;
    hearing.said = calloc(conflicts_wanted, sizeof(*hearing.said));
    if (hearing.said) {
        hear_all(run, &hearing, start(race));
        if (!run->why[0])
            judge(run, &hearing);
    }
    free(hearing.said);
    holders_unshare(race, sizeof(*race));
}

void holders_race_tcp(struct holders_run *run)
{
    race(run, SOCK_STREAM, loopback(AF_INET, RACE_PORT));
}

void holders_race_wildcard(struct holders_run *run)
{
    race(run, SOCK_STREAM, wildcard(AF_INET6, RACE_PORT));
}

void holders_race_udp(struct holders_run *run)
{
    race(run, SOCK_DGRAM, loopback(AF_INET6, RACE_PORT));
}
