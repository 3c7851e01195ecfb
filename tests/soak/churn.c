// SPDX-License-Identifier: GPL-2.0
#include "tests/soak/churn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/soak/made.h"

#define PUMPS              2
#define PAUSE_US           2000
#define PORT_TAKEN         7000
#define PORT_LISTENER      7001
#define PORT_FIRST         8000
#define PORTS              20000
#define SPECIAL_EVERY      16 /* rounds: a connection, and a datagram of a socket without a port */
#define NETNS_EVERY        50 /* births */
#define CGROUP_EVERY       20
#define HEIR_EVERY         25
#define HEIR_US            20000
#define BIRTHS_FIRST_PER_S 2500
#define RESIDENTS          12 /* processes that stay until the end */
#define RESIDENT_PORTS     4
#define KEPT               32 /* sockets that a pump has at the end */

/* What a pump has all the time, and where it stands. */
struct pump {
    int taken;   /* has PORT_TAKEN */
    int refused; /* is refused it again and again */
    int listener;
    uint16_t port;
};

static atomic_uint *at_rest; /* processes */

static int open_socket(int type)
{
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;

    require(fd >= 0, "socket");
    require(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0, "SO_REUSEADDR");
    return fd;
}

static int bind_to(int fd, uint16_t port)
{
    struct sockaddr_in address = loopback(port);

    return bind(fd, (struct sockaddr *)&address, sizeof(address));
}

static int bound(int type, uint16_t port)
{
    int fd = open_socket(type);

    require(bind_to(fd, port) == 0, "bind");
    made_add(MADE_BIND);
    return fd;
}

static void listen_on(int fd)
{
    require(listen(fd, 16) == 0, "listen");
    made_add(MADE_LISTEN);
}

static void release(int fd)
{
    close(fd);
    made_add(MADE_RELEASE);
}

static void set_up(struct pump *pump)
{
    pump->taken = bound(SOCK_STREAM, PORT_TAKEN);
    listen_on(pump->taken);
    pump->listener = bound(SOCK_STREAM, PORT_LISTENER);
    listen_on(pump->listener);
    pump->refused = open_socket(SOCK_STREAM);
    pump->port = PORT_FIRST;
}

static void take_down(struct pump *pump)
{
    release(pump->taken);
    release(pump->listener);
    close(pump->refused);
}

static uint16_t next_port(struct pump *pump)
{
    pump->port = pump->port >= PORT_FIRST + PORTS ? PORT_FIRST : pump->port + 1;
    return pump->port;
}

/* Both ends are reset, so that no TIME_WAIT is left. */
static void connect_once(const struct pump *pump)
{
    struct sockaddr_in address = loopback(PORT_LISTENER);
    const struct linger reset = {.l_onoff = 1};
    int client = open_socket(SOCK_STREAM), served;

    require(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
    made_add(MADE_CONNECT); /* of TCP it tells by itself that a port was chosen */
    served = accept4(pump->listener, NULL, NULL, SOCK_CLOEXEC);
    require(served >= 0, "accept");
    require(setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) == 0, "SO_LINGER");
    release(client);
    close(served);
}

static void send_once(void)
{
    struct sockaddr_in address = loopback(PORT_TAKEN);
    int fd = open_socket(SOCK_DGRAM);

    require(sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof(address)) == 1, "sendto");
    made_add(MADE_AUTOBIND);
    release(fd);
}

/* Four events. */
static void round_of_calls(struct pump *pump)
{
    int fd = bound(SOCK_STREAM, next_port(pump));

    require(bind_to(pump->refused, PORT_TAKEN) < 0 && errno == EADDRINUSE, "bind to be refused");
    made_add(MADE_REFUSED);
    listen_on(fd);
    release(fd);
}

static void rest(void)
{
    atomic_fetch_add(at_rest, 1);
    while (made_goes_on())
        usleep(10000);
}

static void __attribute__((noreturn)) run_pump(const struct churn *churn)
{
    double share = (churn->events_per_s - churn->births_per_s * 11) / PUMPS, start, passed;
    uint64_t events = 0, rounds = 0;
    int kept[KEPT];
    struct pump pump;

    enter_new_netns();
    set_up(&pump);
    start = now_s();
    while ((passed = now_s() - start) < churn->seconds) {
        for (; (double)events < passed * share; events += 4) {
            round_of_calls(&pump);
            if (++rounds % SPECIAL_EVERY)
                continue;
            connect_once(&pump);
            send_once();
            events += 4;
        }
        usleep(PAUSE_US);
    }
    for (int i = 0; i < KEPT; i++)
        kept[i] = bound(i % 2 ? SOCK_STREAM : SOCK_DGRAM, next_port(&pump));
    rest();
    for (int i = 0; i < KEPT; i++)
        release(kept[i]);
    take_down(&pump);
    _exit(0);
}

/* Whoever has bound the socket has let go of it when it is closed. */
static void leave_to_heir(struct pump *pump)
{
    int fd = bound(SOCK_DGRAM, next_port(pump));

    if (!fork_child()) {
        usleep(HEIR_US);
        made_add(MADE_RELEASE);
        _exit(0);
    }
    close(fd);
    while (wait(NULL) > 0)
        ;
}

static void move_to(const char *cgroup)
{
    char path[512];
    int fd;

    snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    require(fd >= 0 && write(fd, "0", 1) == 1, "a cgroup to move to");
    close(fd);
}

/* About eleven events. What it leaves open goes when it ends. */
static void __attribute__((noreturn))
live(unsigned long number, struct pump *pump, const char *cgroup)
{
    bool apart = number % NETNS_EVERY == 0;

    if (cgroup)
        move_to(cgroup);
    if (apart) {
        enter_new_netns();
        set_up(pump);
    }
    round_of_calls(pump);
    round_of_calls(pump);
    if (number % HEIR_EVERY == 0)
        leave_to_heir(pump);
    bound(SOCK_STREAM, next_port(pump));
    made_add(MADE_RELEASE);
    if (apart)
        take_down(pump);
    _exit(0);
}

static void __attribute__((noreturn)) live_short(struct pump *pump)
{
    bound(SOCK_DGRAM, next_port(pump));
    made_add(MADE_RELEASE);
    _exit(0);
}

static void wait_for(int pid)
{
    int status;

    require(waitpid(pid, &status, 0) == pid, "waitpid");
    if (status)
        give_up("a process ended with %d", status);
}

static void bear(const struct churn *churn, unsigned long number, struct pump *pump)
{
    bool own_cgroup = churn->cgroup && number % CGROUP_EVERY == 0;
    char cgroup[400];
    int pid;

    if (own_cgroup) {
        snprintf(cgroup, sizeof(cgroup), "%s/soak-%lu.service", churn->cgroup, number);
        require(mkdir(cgroup, 0755) == 0, "a new cgroup");
        made_add(MADE_CGROUPS);
    }
    pid = fork_child();
    if (!pid)
        live(number, pump, own_cgroup ? cgroup : NULL);
    wait_for(pid);
    pump->port = (uint16_t)(PORT_FIRST + number * 8 % PORTS);
    if (own_cgroup)
        require(rmdir(cgroup) == 0, "the end of a cgroup");
}

/* Ends with the process that has taken it over from the one that was its parent. */
static void await_guardian(int guardian)
{
    while (getppid() != guardian)
        usleep(1000);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != guardian)
        _exit(1);
}

/* Who has bound the sockets is gone when they are looked at. Half are in a net namespace apart. */
static void __attribute__((noreturn)) reside(unsigned int number, int guardian)
{
    unsigned int first = PORT_FIRST + PORTS + 100 + number * RESIDENT_PORTS;
    int fds[RESIDENT_PORTS];

    if (number % 2)
        enter_new_netns();
    for (unsigned int i = 0; i < RESIDENT_PORTS; i++)
        fds[i] = bound(i % 2 ? SOCK_STREAM : SOCK_DGRAM, (uint16_t)(first + i));
    if (fork())
        _exit(0);
    await_guardian(guardian);
    rest();
    for (int i = 0; i < RESIDENT_PORTS; i++)
        release(fds[i]);
    _exit(0);
}

static void bear_first(const struct churn *churn, struct pump *pump)
{
    double start = now_s();

    for (unsigned long i = 0; i < churn->births_first; i++) {
        int pid = fork_child();

        if (!pid)
            live_short(pump);
        wait_for(pid);
        next_port(pump);
        while ((now_s() - start) * BIRTHS_FIRST_PER_S < (double)i)
            usleep(PAUSE_US);
    }
}

static void __attribute__((noreturn)) run_births(const struct churn *churn)
{
    struct pump pump;
    unsigned long births = 0;
    double start, passed;

    enter_new_netns();
    set_up(&pump);
    bear_first(churn, &pump);
    made_print("warm");
    start = now_s();
    while ((passed = now_s() - start) < churn->seconds) {
        for (; (double)births < passed * churn->births_per_s; births++)
            bear(churn, births, &pump);
        usleep(PAUSE_US);
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (unsigned int i = 0; i < RESIDENTS; i++)
        if (!fork_child())
            reside(i, getppid());
    rest();
    while (wait(NULL) > 0)
        ;
    take_down(&pump);
    _exit(0);
}

void churn_run(const struct churn *churn)
{
    unsigned int all = PUMPS + (churn->births_per_s > 0 ? 1 + RESIDENTS : 0);
    int children = 0, status;
    char byte;

    at_rest =
        mmap(NULL, sizeof(*at_rest), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(at_rest != MAP_FAILED, "shared memory");
    for (; children < PUMPS; children++)
        if (!fork_child())
            run_pump(churn);
    if (churn->births_per_s > 0) {
        children++;
        if (!fork_child())
            run_births(churn);
    }
    while (atomic_load(at_rest) < all) {
        usleep(10000);
        if (waitpid(-1, &status, WNOHANG) > 0)
            give_up("a process ended early, with %d", status);
    }
    made_print("rest");
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    made_end();
    while (children--)
        if (wait(&status) < 0 || status)
            give_up("a process ended with %d", status);
    made_print("end");
}
