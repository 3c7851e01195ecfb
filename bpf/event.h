/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only header that the BPF programs and the C program share: the records in the ring buffer,
 * which are also what an event file holds. Kinds and fields are only ever added; a reader skips a
 * kind it does not know and takes a longer record for a newer one of the same kind.
 */
#ifndef PORTTRACE_EVENT_H
#define PORTTRACE_EVENT_H

#ifndef __bpf__ /* there, vmlinux.h has them */
#include <linux/types.h>
#endif

#define PT_EVENT_VERSION 1

#define PT_COMM_SIZE   16
#define PT_DEVICE_SIZE 16
#define PT_TEXT_SIZE   768  /* bytes of text that one PT_KIND_TEXT record carries */
#define PT_ARGS_MAX    4096 /* bytes of a command line that are kept */
#define PT_PATH_MAX    512  /* bytes of a path of an executable or cgroup that are surely kept */

enum pt_kind {
    PT_KIND_START = 1,      /* struct pt_start: written by the C program, first in an event file */
    PT_KIND_PROCESS = 2,    /* struct pt_process: precedes the first event of a process */
    PT_KIND_TEXT = 3,       /* struct pt_text: exe, args or cgroup path of a process, in pieces */
    PT_KIND_CALL = 4,       /* struct pt_call, or pt_failed_call: a call has ended */
    PT_KIND_RELEASE = 5,    /* struct pt_release: a socket gave its port back */
    PT_KIND_LOSS = 6,       /* struct pt_loss: written by the C program where records are missing */
    PT_KIND_HELD = 7,       /* struct pt_held: a socket that has a port, found by looking it up */
    PT_KIND_SHORT_CALL = 8, /* struct pt_short_call: a PT_KIND_CALL in few bytes */
    PT_KIND_SHORT_RELEASE = 9, /* struct pt_short_release: a PT_KIND_RELEASE in few bytes */
    PT_KIND_REPEATED = 10,     /* struct pt_repeated: refused calls that were counted */
    PT_KIND_END = 11,          /* pt_end, or a pt_seal: by the C program, last in an event file */
    PT_KIND_SEAL = 12,         /* struct pt_seal: written by the C program, for what is before it */
};

struct pt_header {
    __u16 version;
    __u16 kind;
    __u32 size;    /* of the whole record, header included */
    __u64 time_ns; /* CLOCK_BOOTTIME */
    __u64 lost;    /* events that this trace had lost when this one was written */
};

enum pt_op {
    PT_OP_BIND = 1,
    PT_OP_LISTEN = 2,
    PT_OP_CONNECT = 3,
    PT_OP_AUTOBIND = 4, /* the kernel chose a port without bind(): listen, UDP connect or send */
    PT_OP_RELEASE = 5,
};

enum pt_entry {
    PT_ENTRY_UNKNOWN = 0,
    PT_ENTRY_SYSCALL = 1,
    PT_ENTRY_IO_URING = 2,
    PT_ENTRY_KERNEL = 3, /* the kernel's own socket: WireGuard, NFS, ... */
    PT_ENTRY_SEND = 4,   /* implied by a send: UDP autobind, TCP fast open */
};

enum pt_plan {
    PT_PLAN_FEXIT = 1,
    PT_PLAN_KPROBE = 2,
    PT_PLAN_RESTRICTED = 3,
};

/* Where the requested address was read. User memory can be changed during the call. */
enum pt_address_source {
    PT_ADDRESS_NONE = 0,
    PT_ADDRESS_KERNEL = 1,
    PT_ADDRESS_USER = 2,
};

/* How far a call got before it ended. */
enum pt_stage {
    PT_STAGE_UNKNOWN = 0,
    PT_STAGE_ENTRY = 1,    /* not past the descriptor and the copy of the address */
    PT_STAGE_SECURITY = 2, /* at the security modules */
    PT_STAGE_PROTOCOL = 3, /* in the code of the protocol */
};

enum pt_option {
    PT_OPTION_REUSEADDR = 1 << 0,
    PT_OPTION_REUSEPORT = 1 << 1,
    PT_OPTION_FREEBIND = 1 << 2,
    PT_OPTION_TRANSPARENT = 1 << 3,
    PT_OPTION_BIND_ADDRESS_NO_PORT = 1 << 4,
    PT_OPTION_V6ONLY = 1 << 5,
};

enum pt_call_flag {
    PT_CALL_SOCKET_KNOWN = 1 << 0,     /* .socket was filled */
    PT_CALL_PARTIAL_LATENCY = 1 << 1,  /* latency counts from a hook inside the call */
    PT_CALL_IMPLIES_AUTOBIND = 1 << 2, /* a listen or connect of a socket that had no port */
    PT_CALL_ENTRY_UNSEEN = 1 << 3,     /* no hook saw the socket before: options are those after */
};

enum pt_release_flag {
    PT_RELEASE_OWNER_KNOWN = 1 << 0, /* .task is the process that took the port */
};

/* AF_INET addresses stand in the first four bytes, in network order. */
struct pt_endpoint {
    __u8 address[16];
    __u16 family; /* 0: there is no endpoint */
    __u16 port;   /* host order */
    __u32 scope_id;
};

/* The caller, as it was at the call. (pid, start_ns, exec_id, cgroup_id) names its pt_process. */
struct pt_task {
    __u32 pid; /* of the process, in the initial pid namespace */
    __u32 tid;
    __u32 parent_pid;
    __u32 uid;
    __u32 gid;
    __u32 netns;    /* inode number of the socket's (or the caller's) net namespace */
    __u64 start_ns; /* CLOCK_BOOTTIME */
    __u64 exec_id;
    __u64 cgroup_id;
    char comm[PT_COMM_SIZE]; /* of the process, not of the thread */
};

struct pt_socket {
    __u64 cookie; /* 0 where none has been assigned */
    __u64 inode;
    __u16 family;
    __u16 type;
    __u16 protocol;
    __u8 state; /* as in include/net/tcp_states.h */
    __u8 pad;
    __u32 options;        /* enum pt_option */
    __s32 device_ifindex; /* bound device, 0 none */
    char device[PT_DEVICE_SIZE];
    __u16 range_low; /* IP_LOCAL_PORT_RANGE, 0 0 where not set or not in this kernel */
    __u16 range_high;
    __u32 pad2;
};

enum pt_start_flag {
    PT_START_HOLDERS = 1 << 0, /* whoever stands in the way of a refused call was looked for */
    PT_START_ENDS = 1 << 1,    /* the last record is a PT_KIND_END, or the recording broke off */
    PT_START_SEALED = 1 << 2,  /* that one is a struct pt_seal, as is another now and then */
};

struct pt_start {
    struct pt_header header;
    __u64 wall_offset_ns; /* CLOCK_REALTIME minus CLOCK_BOOTTIME */
    char boot_id[40];
    char host[64];
    char kernel[64];
    __u32 plan;  /* enum pt_plan */
    __u32 flags; /* enum pt_start_flag */
};

struct pt_process {
    struct pt_header header;
    struct pt_task task;
    __u32 args_size; /* whole size in the process, which may exceed PT_ARGS_MAX */
    __u32 pad;
};

enum pt_text_kind {
    PT_TEXT_EXE = 1,    /* path components, leaf first, each ended by NUL */
    PT_TEXT_ARGS = 2,   /* arguments, each ended by NUL */
    PT_TEXT_CGROUP = 3, /* path components, leaf first, each ended by NUL */
};

enum pt_text_flag {
    PT_TEXT_LAST = 1 << 0,
    PT_TEXT_TRUNCATED = 1 << 1,
    PT_TEXT_DELETED = 1 << 2, /* the executable was unlinked */
};

struct pt_text {
    struct pt_header header;
    __u32 pid;
    __u16 text_kind;
    __u16 flags;
    __u64 start_ns;
    __u64 exec_id;
    __u64 cgroup_id;
    __u32 offset;
    __u32 length; /* bytes used of .text */
    char text[PT_TEXT_SIZE];
};

struct pt_call {
    struct pt_header header;
    struct pt_task task;
    struct pt_socket socket;
    struct pt_endpoint requested; /* what the caller asked for; the peer of a connect */
    struct pt_endpoint local;     /* what the socket is bound to after the call */
    __u64 latency_ns;             /* 0 unknown */
    __s32 error;                  /* 0 or a positive errno */
    __s32 fd;                     /* -1 none */
    __s32 backlog;                /* of a listen */
    __u32 address_size;           /* as the caller gave it */
    __u8 op;
    __u8 entry;
    __u8 plan;
    __u8 address_source;
    __u8 stage;
    __u8 pad[3];
    __u32 flags; /* enum pt_call_flag */
    __u32 pad2;
};

/* How it is known that a socket is in the way. */
enum pt_holder_source {
    PT_HOLDER_NONE = 0,
    PT_HOLDER_CHECK = 1,  /* the kernel's own check hit it: seen under its lock */
    PT_HOLDER_TABLE = 2,  /* the last one known to have taken the port, from a table of our own */
    PT_HOLDER_LOOKUP = 3, /* found afterwards, by looking through the sockets */
};

enum pt_holder_flag {
    PT_HOLDER_OWNER_KNOWN = 1 << 0,  /* .task is a process that has it, or had it */
    PT_HOLDER_BOUND = 1 << 1,        /* the port was asked for by a bind(), not chosen */
    PT_HOLDER_KERNEL = 1 << 2,       /* made by the kernel for itself: no process ever had it */
    PT_HOLDER_ORPHAN = 1 << 3,       /* no descriptor stands for it any more, or not yet */
    PT_HOLDER_BUCKET_KNOWN = 1 << 4, /* .fastreuse and .fastreuseport were read */
    PT_HOLDER_UID_KNOWN = 1 << 5,
    PT_HOLDER_OPTIONS_UNSEEN = 1 << 6, /* whether it has REUSEADDR and REUSEPORT is not known */
    PT_HOLDER_HALF_CLOSED = 1 << 7,    /* TIME_WAIT, but the other end is open: FIN_WAIT2 */
};

/* A socket that has, or had, a port. Of TIME_WAIT only what is left of a socket then is there. */
struct pt_holder {
    struct pt_task task; /* .netns is always that of the socket */
    struct pt_socket socket;
    struct pt_endpoint local;
    struct pt_endpoint peer; /* .family 0: not connected */
    __u64 since_ns;          /* CLOCK_BOOTTIME when the port was taken, 0 not known */
    __u64 gone_ns;           /* when it was given back, 0: has it still */
    __u64 expires_ns;        /* TIME_WAIT: how long it will still hold, 0 not known */
    __u32 uid;               /* of the socket: what SO_REUSEPORT goes by */
    __u32 flags;             /* enum pt_holder_flag */
    __s32 fd;                /* in .task, -1 not known */
    __u8 taken_by;           /* the enum pt_op that took the port, 0 not known */
    __u8 source;             /* enum pt_holder_source */
    __s8 fastreuse;          /* of the port's bucket: -1 and -1 mean an outgoing connection */
    __s8 fastreuseport;
};

struct pt_held {
    struct pt_header header;
    struct pt_holder holder; /* one record for each process and descriptor that has the socket */
};

/* The last check of the kernel that is known to have refused. */
enum pt_check {
    PT_CHECK_UNKNOWN = 0,
    PT_CHECK_DESCRIPTOR = 1, /* no socket, no readable address */
    PT_CHECK_SECCOMP = 2,
    PT_CHECK_SECURITY = 3, /* a security module, which one is not known */
    PT_CHECK_SELINUX = 4,
    PT_CHECK_APPARMOR = 5,
    PT_CHECK_TOMOYO = 6,
    PT_CHECK_SMACK = 7,
    PT_CHECK_LANDLOCK = 8,
    PT_CHECK_BPF_LSM = 9,
    PT_CHECK_CGROUP = 10,     /* a cgroup program */
    PT_CHECK_ADDRESS = 11,    /* form, family, locality of the address; state of the socket */
    PT_CHECK_PRIVILEGED = 12, /* the port is below ip_unprivileged_port_start */
    PT_CHECK_PORT = 13,       /* the protocol's get_port */
    PT_CHECK_CONNECT = 14,    /* no local port, or the pair of endpoints exists */
    PT_CHECK_SOURCE = 15,     /* no source address that fits the peer */
    PT_CHECKS = 16,
};

enum pt_refusal_flag {
    PT_REFUSAL_CAPABLE = 1 << 0,      /* has CAP_NET_BIND_SERVICE where it counts */
    PT_REFUSAL_RESERVED = 1 << 1,     /* the requested port is in ip_local_reserved_ports */
    PT_REFUSAL_NONLOCAL = 1 << 2,     /* ip_nonlocal_bind is on for the socket's family */
    PT_REFUSAL_FILTERED = 1 << 3,     /* a seccomp filter is on the caller */
    PT_REFUSAL_NETNS_KNOWN = 1 << 4,  /* what is of the net namespace was read */
    PT_REFUSAL_SOCKET_KNOWN = 1 << 5, /* .entry_port, .entry_state and .uid were read */
};

/* What the kernel went by when it refused. */
struct pt_refusal {
    __u32 flags; /* enum pt_refusal_flag */
    __u32 unprivileged_start;
    __u16 range_low; /* of the net namespace */
    __u16 range_high;
    __u16 entry_port; /* that the socket had before, 0 none */
    __u8 entry_state; /* of the socket before, as in include/net/tcp_states.h */
    __u8 check;       /* enum pt_check */
    __u32 uid;        /* of the socket */
    __u32 conflicts;  /* sockets that the kernel's check hit: of a search for a free port, many */
    struct pt_holder holder; /* .source 0: none was seen */
};

struct pt_failed_call {
    struct pt_call call;
    struct pt_refusal refusal;
};

struct pt_release {
    struct pt_header header;
    struct pt_task task; /* who took the port, not who happened to run when it was released */
    struct pt_socket socket;
    struct pt_endpoint local;
    __u64 held_ns; /* since the port was taken, 0 unknown */
    __u32 flags;   /* enum pt_release_flag */
    __u8 op;       /* PT_OP_RELEASE */
    __u8 plan;
    __u8 taken_by; /* the enum pt_op that took the port, 0 unknown */
    __u8 pad;
};

/* Beside those of enum pt_call_flag: what is there. A socket that is known is of IPv4, too. */
enum pt_short_flag {
    PT_SHORT_REQUESTED = 1 << 6,
    PT_SHORT_LOCAL = 1 << 7,
};

/* A call of IPv4 without a device, a range of its own or a refusal to explain, as most are. */
struct pt_short_call {
    struct pt_header header;
    struct pt_task task;
    __u64 cookie;
    __u64 inode;
    __u8 requested_address[4];
    __u8 local_address[4];
    __u16 requested_port;
    __u16 local_port;
    __u32 latency_ns;
    __s32 fd;
    __s32 backlog;
    __u16 error;
    __u16 address_size;
    __u16 type;
    __u16 protocol;
    __u8 state;
    __u8 options;
    __u8 op;
    __u8 entry;
    __u8 plan;
    __u8 address_source;
    __u8 stage;
    __u8 flags; /* enum pt_call_flag and pt_short_flag */
};

struct pt_short_release {
    struct pt_header header;
    struct pt_task task;
    __u64 cookie;
    __u64 inode;
    __u64 held_ns;
    __u8 local_address[4];
    __u16 local_port;
    __u16 type;
    __u16 protocol;
    __u8 state;
    __u8 options;
    __u8 plan;
    __u8 taken_by;
    __u8 flags; /* enum pt_release_flag */
    __u8 pad;
};

/* Calls of one thread that were refused in the same way, and are not told each by itself. */
struct pt_repeated {
    struct pt_header header;    /* the time is that of the last */
    __u64 times;                /* how many, the last included */
    __u64 since_ns;             /* when the first was */
    struct pt_failed_call call; /* with .refusal or without, as its own header says */
};

enum pt_loss_cause {
    PT_LOSS_RING_FULL = 0,     /* the reader was too slow for the buffer */
    PT_LOSS_CALLS_FULL = 1,    /* more calls under way at once than the map holds */
    PT_LOSS_SOCKETS_FULL = 2,  /* more sockets with a port than the map holds */
    PT_LOSS_MISSED_RETURN = 3, /* the return of a call was not seen */
    PT_LOSS_DESCRIPTION = 4,   /* of a process, not an event: no sequence number is missing */
    PT_LOSS_SKIPPED = 5,       /* hooks, not events: the kernel skips one that still runs */
    PT_LOSS_CHILDREN = 6,      /* processes, not events: more to follow than the map holds */
    PT_LOSS_CAUSES = 7,
};

/* Without the last causes where they were not known yet. */
struct pt_loss {
    struct pt_header header;
    __u64 lost[PT_LOSS_CAUSES];
};

/* The time is that of the end, and what was lost is all that was. */
struct pt_end {
    struct pt_header header;
};

/* The sum, by decode/seal.c, goes over all since the seal before, and over this header. */
struct pt_seal {
    struct pt_header header;
    __u64 sum;
};

/* 1 or 0, without a branch: the verifier would look at what follows once for each outcome. */
static inline __u32 pt_is_set(__u32 number)
{
    number |= -number;
    __asm__ volatile("" : "+r"(number));
    return number >> 31;
}

#define PT_ERRNO_INTERRUPTED 4
#define PT_ERRNO_IN_PROGRESS 115
#define PT_ERRNO_RESTART     512 /* what hooks inside the call see of an interruption */

/* A connect that goes on after its call has not failed. */
static inline __u32 pt_call_failed(__u32 op, __u32 error)
{
    return pt_is_set(error) &
           (pt_is_set(op ^ PT_OP_CONNECT) |
            (pt_is_set(error ^ PT_ERRNO_IN_PROGRESS) & pt_is_set(error ^ PT_ERRNO_INTERRUPTED) &
             pt_is_set(error ^ PT_ERRNO_RESTART)));
}

#define PT_ASSERT_SIZE(type, size)                                                                 \
    _Static_assert(sizeof(struct type) == (size), #type " is part of the event file format")

PT_ASSERT_SIZE(pt_header, 24);
PT_ASSERT_SIZE(pt_endpoint, 24);
PT_ASSERT_SIZE(pt_task, 64);
PT_ASSERT_SIZE(pt_socket, 56);
PT_ASSERT_SIZE(pt_start, 208);
PT_ASSERT_SIZE(pt_process, 96);
PT_ASSERT_SIZE(pt_text, 832);
PT_ASSERT_SIZE(pt_call, 232);
PT_ASSERT_SIZE(pt_holder, 208);
PT_ASSERT_SIZE(pt_held, 232);
PT_ASSERT_SIZE(pt_refusal, 232);
PT_ASSERT_SIZE(pt_failed_call, 464);
PT_ASSERT_SIZE(pt_release, 184);
PT_ASSERT_SIZE(pt_loss, 80);
PT_ASSERT_SIZE(pt_short_call, 144);
PT_ASSERT_SIZE(pt_short_release, 128);
PT_ASSERT_SIZE(pt_repeated, 504);
PT_ASSERT_SIZE(pt_end, 24);
PT_ASSERT_SIZE(pt_seal, 32);

#endif
