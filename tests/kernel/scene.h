/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a scenario is, and what it may call. A scenario runs in a process of its own; each call it
 * makes goes through a scene_*() function, which checks that the kernel answers what the scenario
 * says it must, and writes down what really happened. That is what porttrace has to report.
 */
#ifndef TESTS_KERNEL_SCENE_H
#define TESTS_KERNEL_SCENE_H

#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "bpf/event.h"
#include "user/explain/reasons.h"

#define SCENE_CALLS_MAX     96
#define SCENE_PROCESSES_MAX 16
#define SCENE_FDS_MAX       64
#define SCENE_PATH_MAX      512
#define SCENE_ARGS_MAX      8192
#define SCENE_TOGETHER      3
#define SCENE_HOLDERS_MAX   3
#define SCENE_SHARERS_MAX   4
#define SCENE_HELPS_MAX     8
#define SCENE_HELP_SIZE     512
#define SCENE_CGROUP_NAME   "porttrace-test"

enum protocol {
    PROTOCOL_NONE,
    PROTOCOL_TCP,
    PROTOCOL_UDP,
    PROTOCOL_UDPLITE,
    PROTOCOL_MPTCP,
    PROTOCOL_SCTP,
    PROTOCOL_SCTP_MANY, /* one-to-many */
    PROTOCOL_RAW,
    PROTOCOL_PING,
};

/* What a scenario needs of the kernel beyond the ordinary. */
enum feature {
    FEATURE_IPV6 = 1 << 0,
    FEATURE_UDPLITE = 1 << 1,
    FEATURE_MPTCP = 1 << 2,
    FEATURE_SCTP = 1 << 3,
    FEATURE_IO_URING = 1 << 4,
    FEATURE_IO_URING_BIND = 1 << 5,
    FEATURE_LANDLOCK_NET = 1 << 6,
    FEATURE_VRF = 1 << 7,
    FEATURE_VETH = 1 << 8,
    FEATURE_WIREGUARD = 1 << 9,
    FEATURE_VXLAN = 1 << 10,
    FEATURE_PORT_RANGE = 1 << 11,
    FEATURE_CGROUP2 = 1 << 12,
    FEATURE_SECCOMP = 1 << 13,
    FEATURE_32_BIT = 1 << 14,
    FEATURE_BPF_LSM = 1 << 15,
};

struct endpoint {
    uint16_t family; /* 0: there is none */
    uint16_t port;
    char address[INET6_ADDRSTRLEN];
};

struct address {
    struct sockaddr_storage storage;
    socklen_t size;
};

/* Who called, as the process sees itself. */
struct caller {
    uint32_t pid;
    uint32_t tid; /* 0: not known */
    uint32_t parent_pid;
    uint32_t uid;
    uint32_t gid;
    uint64_t netns;
    unsigned int process; /* index of scene_log.processes */
    char comm[PT_COMM_SIZE];
    char cgroup[SCENE_PATH_MAX]; /* "": not known */
};

/* What of a process does not change between two execs. */
struct process {
    char exe[SCENE_PATH_MAX];
    char args[SCENE_ARGS_MAX];
    size_t args_size;
};

enum holding {
    HOLDING_NOW,    /* by the processes named */
    HOLDING_FORMER, /* gone, or TIME_WAIT: the process is the one that had it */
    HOLDING_KERNEL, /* the kernel's own, no process */
};

struct expected_holder {
    enum holding holding;
    uint8_t state; /* as in include/net/tcp_states.h */
    uint32_t pids[SCENE_SHARERS_MAX];
    unsigned int pid_count;
};

/* What must be told of why a call was refused. */
struct expected {
    bool known;
    enum reason reason;
    enum reason also;
    struct expected_holder holders[SCENE_HOLDERS_MAX]; /* in any order, others may be there too */
    unsigned int holder_count;
    uint32_t strangers[SCENE_SHARERS_MAX]; /* that must not be told to be in the way */
    unsigned int stranger_count;
};

struct call {
    bool complete;
    enum pt_op op;
    enum pt_entry entry;
    int error;
    struct caller caller;
    enum protocol protocol;
    int family;
    int fd;
    int backlog;
    uint32_t address_size;
    struct endpoint requested;
    struct endpoint local;
    uint32_t options;
    char device[PT_DEVICE_SIZE];
    uint16_t range_low;
    uint16_t range_high;
    bool implies_autobind;
    bool as_32bit; /* by the system call of a 32-bit program */
    bool rebound;  /* of a release: the address has changed since the port was taken */
    struct expected expected;
};

enum call_outcome {
    CALL_DONE,
    CALL_GOES_ON, /* a connect that is not through yet */
    CALL_FAILED,
};

enum call_outcome call_outcome(const struct call *call);

/* What porttrace has said of one refusal, taken from its output while the scenario waits. */
struct told {
    unsigned int asked; /* number of the call, from 1; 0: nothing is asked */
    bool answered;
    bool limited; /* this plan cannot tell the reason; see limits_reason.c */
    unsigned int help_count;
    char helps[SCENE_HELPS_MAX][SCENE_HELP_SIZE];
    char note[SCENE_HELP_SIZE]; /* the first, "" none */
};

/* Shared by all processes of a scenario and the runner. */
struct scene_log {
    unsigned int call_count;
    unsigned int process_count;
    bool finished;
    bool ready; /* of a scenario that waits: it has come to where it waits for .go */
    bool go;
    bool watched; /* the runner reads along and answers .told */
    struct told told;
    char failure[512];
    uint32_t pids[SCENE_PROCESSES_MAX]; /* of all processes that made calls */
    unsigned int pid_count;
    uint16_t accepted_port; /* accepted sockets share it and may be released too */
    struct process processes[SCENE_PROCESSES_MAX];
    struct call calls[SCENE_CALLS_MAX];
};

/* Shorthands for the tables. */
#define TCP4          .protocol = PROTOCOL_TCP, .family = AF_INET
#define TCP6          .protocol = PROTOCOL_TCP, .family = AF_INET6
#define UDP4          .protocol = PROTOCOL_UDP, .family = AF_INET
#define UDP6          .protocol = PROTOCOL_UDP, .family = AF_INET6
#define UDPLITE4      .protocol = PROTOCOL_UDPLITE, .family = AF_INET
#define UDPLITE6      .protocol = PROTOCOL_UDPLITE, .family = AF_INET6
#define MPTCP4        .protocol = PROTOCOL_MPTCP, .family = AF_INET
#define MPTCP6        .protocol = PROTOCOL_MPTCP, .family = AF_INET6
#define SCTP4         .protocol = PROTOCOL_SCTP, .family = AF_INET
#define SCTP6         .protocol = PROTOCOL_SCTP, .family = AF_INET6
#define SCTPMANY4     .protocol = PROTOCOL_SCTP_MANY, .family = AF_INET
#define RAW4          .protocol = PROTOCOL_RAW, .family = AF_INET
#define RAW6          .protocol = PROTOCOL_RAW, .family = AF_INET6
#define PING4         .protocol = PROTOCOL_PING, .family = AF_INET
#define PING6         .protocol = PROTOCOL_PING, .family = AF_INET6
#define BY_URING      .entry = PT_ENTRY_IO_URING, .needs = FEATURE_IO_URING
#define BY_URING_BIND .entry = PT_ENTRY_IO_URING, .needs = FEATURE_IO_URING_BIND

struct held_port {
    bool held;
    struct call taken;
};

struct scene;

struct scenario {
    const char *name;
    void (*run)(struct scene *t);
    enum protocol protocol;
    int family;
    enum pt_entry entry; /* 0: syscall */
    unsigned int needs;  /* enum feature; what protocol and family need comes on top */
};

struct scene {
    const struct scenario *scenario;
    struct scene_log *log;
    int log_fd;
    enum pt_entry entry; /* by which bind, listen and connect are made */
    bool as_32bit;       /* system calls of a 32-bit program */
    bool asynchronous;   /* of io_uring: a worker thread of the kernel does it */
    bool hasty;          /* goes on without waiting for what is said of a refusal */
    struct held_port held[SCENE_FDS_MAX];
    unsigned int refused;          /* number of the last refused call of this process, from 1 */
    unsigned int refused_autobind; /* of the autobind that it needed and did not get, 0 none */
    const char *step;              /* NULL: the beginning; else what scene_exec() said */
    int process;                   /* index of log->processes, -1 not yet described */
};

/* Addresses. */
struct address v4(const char *address, uint16_t port);
struct address v6(const char *address, uint16_t port);
struct address v6_scoped(const char *address, uint16_t port, uint32_t scope_id);
struct address loopback(int family, uint16_t port);
struct address wildcard(int family, uint16_t port);
struct address nowhere(int family, uint16_t port); /* an address that no host has */
struct endpoint endpoint_of(const struct sockaddr_storage *storage);

/* Until the kernel has done what it has put off, as what becomes of a closed connection. */
void scene_settle(void);

/* Ends the process; the scenario has failed. */
void scene_fail(struct scene *t, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));
#define scene_require(t, condition)                                                                \
    do {                                                                                           \
        if (!(condition))                                                                          \
            scene_fail((t), "%s:%d: %s: %m", __FILE__, __LINE__, #condition);                      \
    } while (0)

/* Sockets. want is the errno that the kernel must answer, 0 for success. */
int scene_socket(struct scene *t); /* of the scenario's protocol and family */
int scene_socket_of(struct scene *t, enum protocol protocol, int family);
void scene_option(struct scene *t, int fd, int level, int name, int value);
void scene_bind(struct scene *t, int fd, struct address address, int want);
/* By io_uring, SCENE_TOGETHER of them submitted at once. */
void scene_bind_together(struct scene *t, const int *fds, const uint16_t *ports);
void scene_bind_raw(struct scene *t, int fd, const void *address, int size, int want);
void scene_listen(struct scene *t, int fd, int backlog, int want);
void scene_connect(struct scene *t, int fd, struct address address, int want);
void scene_connect_raw(struct scene *t, int fd, const void *address, int size, int want);
void scene_send(struct scene *t, int fd, struct address address, int want);
void scene_fastopen(struct scene *t, int fd, struct address address, int want);
void scene_connect_cancelled(struct scene *t, int fd, struct address address); /* by io_uring */
void scene_disconnect(struct scene *t, int fd); /* connect() to nowhere, which takes one back */
int scene_accept(struct scene *t, int fd);
void scene_close(struct scene *t, int fd);
uint16_t scene_port(struct scene *t, int fd);

/* A listener on loopback, and a socket bound there: the two most common beginnings. */
int scene_listener(struct scene *t, uint16_t port);
int scene_bound(struct scene *t, uint16_t port);

/* A bind to loopback that is refused because the port is taken, or succeeds. */
void scene_refused(struct scene *t, uint16_t port);
void scene_allowed(struct scene *t, uint16_t port);

/* A bind that the kernel itself made in this process; its port goes with the net namespace. */
void scene_kernel_bind(struct scene *t, enum protocol protocol, struct address requested,
                       uint16_t port, int error);

/* Processes. The child's function ends it; releases of its own sockets are written down. */
typedef void scene_child_fn(struct scene *t, void *context);
int scene_fork(struct scene *t, scene_child_fn *run, void *context);
void scene_wait(struct scene *t, int pid);
void scene_run_child(struct scene *t, scene_child_fn *run, void *context);
void scene_become(struct scene *t, uint32_t uid, uint32_t gid);
/* Runs the scenario's function again in the same process after an exec, with .step set. */
void scene_exec(struct scene *t, const char *step, const char *const *args)
    __attribute__((noreturn));
void scene_expect_releases(struct scene *t); /* of all that this process holds */
int scene_resume(int argc, char **argv);     /* the other side of scene_exec() */

void scene_wait_for_go(struct scene *t); /* until the runner sets log->go */

/* The surroundings; a failure ends the scenario. */
void scene_sysctl(struct scene *t, const char *name, const char *value);
void scene_one_ephemeral_port(struct scene *t, uint16_t port);
void scene_enter_cgroup(struct scene *t, const char *name);

/* Used by the runner. */
struct scene_log *scene_log_new(int *ret_fd);
void scene_log_free(struct scene_log *log); /* the descriptor is the caller's */
void scene_play(const struct scenario *scenario, struct scene_log *log, int log_fd);
bool scene_network_up(void); /* a net namespace of its own, with lo up */
void scene_remove_cgroups(void);
const char *scene_cgroup_root(void); /* the cgroup2 mount, NULL none */

const char *protocol_name(enum protocol protocol);
const char *op_name(enum pt_op op);
const char *entry_name(enum pt_entry entry);

/* The whole table, whatever the theme. */
const struct scenario *scenario_find(const char *name);
unsigned int scenario_needs(const struct scenario *scenario);

#endif
