// SPDX-License-Identifier: GPL-2.0
#include "tests/soak/made.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* In memory that all processes share. */
static struct {
    atomic_ullong counts[MADE_KINDS];
    atomic_bool over;
} * shared;

void made_open(void)
{
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(shared != MAP_FAILED, "shared memory");
}

void made_add(enum made kind)
{
    atomic_fetch_add_explicit(&shared->counts[kind], 1, memory_order_relaxed);
}

uint64_t made_events(void)
{
    uint64_t sum = 0;

    for (int kind = 0; kind <= MADE_RELEASE; kind++)
        sum += atomic_load_explicit(&shared->counts[kind], memory_order_relaxed);
    return sum;
}

void made_print(const char *word)
{
    static const char *const names[MADE_KINDS] = {"bind",      "refused",  "listen",
                                                  "connect",   "autobind", "release",
                                                  "processes", "netns",    "cgroups"};

    printf("%s", word);
    for (int kind = 0; kind < MADE_KINDS; kind++)
        printf(" %s=%llu", names[kind], atomic_load(&shared->counts[kind]));
    puts("");
    fflush(stdout);
}

bool made_goes_on(void)
{
    return !atomic_load_explicit(&shared->over, memory_order_relaxed);
}

void made_end(void)
{
    atomic_store(&shared->over, true);
}

void give_up(const char *format, ...)
{
    va_list rest;

    va_start(rest, format);
    fputs(LOAD_NAME ": ", stderr);
    vfprintf(stderr, format, rest);
    fputs("\n", stderr);
    va_end(rest);
    _exit(1);
}

void require(bool holds, const char *what)
{
    if (!holds)
        give_up("%s: %s", what, strerror(errno));
}

struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

void enter_new_netns(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd;

    require(unshare(CLONE_NEWNET) == 0, "unshare");
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    require(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0, "the loopback device");
    close(fd);
    made_add(MADE_NETNS);
}

int fork_child(void)
{
    int parent = getpid(), pid = fork();

    require(pid >= 0, "fork");
    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
        made_add(MADE_PROCESSES);
    }
    return pid;
}

double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
