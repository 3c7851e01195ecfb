// SPDX-License-Identifier: GPL-2.0
/* Refused calls that are counted: as many as were made, each under the facts that it had. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "tests/kernel/lifecycle_run.h"
#include "tests/kernel/limits.h"
#include "tests/kernel/scene.h"
#include "tests/kernel/seen_reason.h"

#define PHASES 6

/* What the process tells of itself. */
struct storm {
    bool failed;
    ino_t last_socket;
    ino_t last_holder;
};

static bool kernel_counts(void)
{
    return limits_kernel_version() >= VERSION(6, 2);
}

/* Of a phase. Where each is a line of its own, so many would not fit into a small machine. */
static int times(void)
{
    return kernel_counts() ? 4000 : 200;
}

static ino_t inode(int fd)
{
    struct stat status;

    return fstat(fd, &status) ? 0 : status.st_ino;
}

static int listener(const struct address *address)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (const struct sockaddr *)&address->storage, address->size) || listen(fd, 1))
        return -1;
    return fd;
}

static bool is_refused(int fd, const struct address *address)
{
    int count = times();

    for (int i = 0; i < count; i++)
        if (!bind(fd, (const struct sockaddr *)&address->storage, address->size) ||
            errno != EADDRINUSE)
            return false;
    return true;
}

/*
 * The phases differ in one thing each: nothing yet, the caller's options, its name, the holder, the
 * port, and the socket with the same descriptor.
 */
static bool make_phases(struct storm *storm)
{
    struct address address = loopback(AF_INET, 8080), other = loopback(AF_INET, 8081);
    int holder = listener(&address), fd = socket(AF_INET, SOCK_STREAM, 0), one = 1, second;

    if (!is_refused(fd, &address) || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
        !is_refused(fd, &address) || prctl(PR_SET_NAME, "renamed") || !is_refused(fd, &address) ||
        close(holder))
        return false;
    holder = listener(&address);
    second = listener(&other);
    storm->last_holder = inode(holder);
    if (!is_refused(fd, &address) || second < 0 || !is_refused(fd, &other) || close(second) ||
        close(fd))
        return false;
    second = socket(AF_INET, SOCK_STREAM, 0);
    storm->last_socket = inode(second);
    return second == fd && is_refused(second, &address);
}

/* It stays until it is killed, so that what was counted is not told for its end. */
static int start_phases(int said[2])
{
    struct storm storm = {0};
    int pid = fork();

    if (pid)
        return pid;
    storm.failed = !scene_network_up() || !make_phases(&storm);
    if (write(said[1], &storm, sizeof(storm)) == sizeof(storm))
        pause();
    _exit(1);
}

static unsigned int phase_of(const struct seen *seen, const struct storm *storm, bool holders)
{
    const cJSON *socket =
        cJSON_GetObjectItem(cJSON_GetObjectItem(seen->json, "porttrace"), "socket");
    const char *own = cJSON_GetStringValue(cJSON_GetObjectItem(socket, "inode"));
    struct seen_holder holder = {0};
    const char *theirs = NULL;

    if (own && strtoul(own, NULL, 10) == storm->last_socket)
        return 5;
    if (seen->requested.port == 8081)
        return 4;
    if (holders && seen_holder_count(seen)) {
        holder = seen_holder(seen, 0);
        theirs = cJSON_GetStringValue(cJSON_GetObjectItem(holder.json, "inode"));
        if (theirs && strtoul(theirs, NULL, 10) == storm->last_holder)
            return 3;
    }
    if (seen->comm && !strcmp(seen->comm, "renamed"))
        return 2;
    return seen->options & PT_OPTION_REUSEADDR ? 1 : 0;
}

struct counted {
    int64_t calls[PHASES];
    int64_t all;
    size_t told;
};

static struct counted count(const struct trace *trace, int pid, const struct storm *storm,
                            bool holders)
{
    struct counted counted = {0};

    for (size_t i = 0; i < trace->count; i++) {
        const struct seen *seen = &trace->seen[i];

        if (seen->pid != pid || !seen->error || strcmp(seen->error, "EADDRINUSE"))
            continue;
        counted.calls[phase_of(seen, storm, holders)] += seen->times;
        counted.all += seen->times;
        counted.told++;
    }
    return counted;
}

static void judge(struct lifecycle *run, const struct counted *counted, bool holders)
{
    size_t all = (size_t)(PHASES * times());

    for (int i = 0; i < PHASES; i++) {
        /* Without a look at the holders nothing differs there. */
        int64_t wanted = times() * (holders ? 1 : i == 2 ? 2 : i != 3);

        if (counted->calls[i] != wanted)
            FAIL(run, "phase %d: of %lld calls %lld are told", i, (long long)wanted,
                 (long long)counted->calls[i]);
    }
    if (kernel_counts() && counted->told > all / 4)
        FAIL(run, "%zu of %zu calls are told each by itself", counted->told, all);
    if (!kernel_counts() && counted->told != all)
        FAIL(run, "%zu of %zu calls are told, and nothing can be counted in this kernel",
             counted->told, all);
}

static void check(struct lifecycle *run, const char *option)
{
    bool holders = !option;
    struct storm storm = {.failed = true};
    struct counted counted = {0};
    int said[2], pid, waited;

    if (pipe(said))
        FAIL(run, "no pipe");
    if (!lifecycle_start(run, "--failed", option))
        return;
    pid = start_phases(said);
    if (read(said[0], &storm, sizeof(storm)) != sizeof(storm))
        storm.failed = true;
    for (waited = 0; waited < LIFECYCLE_PATIENCE_MS && counted.all < PHASES * times();
         waited += 50) {
        int64_t before = counted.all;

        usleep(50000);
        trace_read(&run->trace);
        counted = count(&run->trace, pid, &storm, holders);
        if (counted.all > before)
            waited = 0;
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(said[0]);
    close(said[1]);
    if (storm.failed)
        FAIL(run, "the calls were not refused");
    judge(run, &counted, holders);
}

void lifecycle_repeated(struct lifecycle *run)
{
    check(run, NULL);
}

void lifecycle_repeated_without_holders(struct lifecycle *run)
{
    check(run, "--no-holders");
}
