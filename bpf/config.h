/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the C program fixes before the programs are loaded. The verifier sees constants, so that a
 * filter that is not set costs nothing.
 */
#ifndef PORTTRACE_BPF_CONFIG_H
#define PORTTRACE_BPF_CONFIG_H

#include "bpf/event.h"

/*
 * Odd, and without a pattern. What it makes of a number is in the highest bits, which alone depend
 * on all of it.
 */
#define PT_HASH_MULTIPLIER     0x9e3779b97f4a7c15
#define PT_PLACE(number, bits) ((number)*PT_HASH_MULTIPLIER >> (64 - (bits)))

/* No helper has this number: it stands for a function of the kernel. */
#define PT_RDONLY_CAST 0x70000001

#define PT_FILTER_LIST 16
#define PT_PORT_WORDS  1024 /* a bit for each port */

/*
 * Asked before the filters themselves: each branch that the verifier finds to be dead makes it move
 * the rest of the program.
 */
enum pt_filters { PT_BY_PROCESS = 1, PT_BY_SOCKET = 2, PT_BY_OUTCOME = 4 };

struct pt_config {
    __u32 plan;
    __u32 ring_bytes;
    __u64 errors[3]; /* not the last: the verifier takes an index for up to 7 bytes more */
    __u8 by_pid;  /* the map filter_pids holds the processes, children are added as they appear */
    __u8 by_port; /* the map filter_ports holds a bit for each port */
    __u8 by_error;
    __u8 by_comm; /* these four: the map filter_lists holds them */
    __u8 by_uid;
    __u8 by_netns;
    __u8 by_cgroup;
    __u8 protocols;     /* enum filter_protocol, 0 all */
    __u8 families;      /* enum filter_family, 0 all */
    __u8 outcomes;      /* enum filter_outcome, 0 all */
    __u16 ops;          /* 1 << enum pt_op, 0 all */
    __u8 holders;       /* failures tell what the kernel went by; sockets of all are followed */
    __u8 bind_conflict; /* the kernel has a function of this name for TCP, from 6.1 on */
    __u8 filters;       /* enum pt_filters: which of the above there are at all */
    __u8 port_choice6;  /* it is seen where TCP over IPv6 chooses a port for a connection */
    __u8 pad[4];
};

/* One of the values that the filter wants in a place. */
enum pt_listed { PT_LISTED_COMM, PT_LISTED_UID, PT_LISTED_NETNS, PT_LISTED_CGROUP, PT_LISTED };

struct pt_listed_value {
    __u64 place; /* enum pt_listed */
    __u64 value[2];
};

/* A socket that has or had a port, and the process that took it. */
struct socket_owner {
    struct pt_task task;
    struct pt_socket socket;
    struct pt_endpoint local;
    __u64 since_ns;
    __u64 gone_ns; /* 0: has it still */
    __u64 gone_by; /* the thread that was running then */
    __u32 uid;     /* of the socket */
    __u8 taken_by;
    __u8 wanted; /* by the filter; of others nothing is told */
    __u8 kept;   /* it was bound to the port and has it still, as the table of ports has it */
    __u8 pad;
    __u64 address; /* of its struct sock */
};

/*
 * Most sockets are followed in an array, each in the only place for it there, and in a table where
 * that place is taken. .address says whose the place is.
 */
#define PT_NEAR_BITS    12
#define PT_NEAR_SOCKETS (1 << PT_NEAR_BITS)
#define PT_NEAR_FREE    0
#define PT_NEAR_TAKEN   1 /* somebody is writing it */

/* Who closed a connection, which may hold its port long after that. */
struct connection_key {
    __u8 local[16];
    __u8 peer[16];
    __u32 netns;
    __u16 local_port;
    __u16 peer_port;
} __attribute__((aligned(8)));

struct closer {
    struct pt_task task;
    __u64 inode;
};

/*
 * Places for keys that fall together, which are given to new ones in turn. A table that forgets the
 * oldest of all takes a microsecond for each new key.
 */
#define PT_SET             4
#define PT_PORT_SET_BITS   12
#define PT_CLOSER_SET_BITS 11

/* In .changes of a set, as bpf/sets.h has it; what is above them counts. */
#define PT_SET_WRITING 1
#define PT_SET_LOCKED  2

/* Who had a port last, by net namespace, protocol and port. */
struct port_set {
    __u32 changes;
    __u32 next; /* the place to be written next */
    __u64 keys[PT_SET];
    struct socket_owner owners[PT_SET];
};

struct closer_set {
    __u32 changes;
    __u32 next;
    struct connection_key keys[PT_SET];
    struct closer closers[PT_SET];
};

/* Alike for the programs and their reader: where the set of a key is. */
static inline __attribute__((always_inline)) __u32 closer_set_at(const struct connection_key *key)
{
    const __u64 *words = (const __u64 *)(const void *)key;
    __u64 hash = 0;

    for (__u32 i = 0; i < sizeof(*key) / sizeof(*words); i++)
        hash = (hash ^ hash >> 32 ^ words[i]) * PT_HASH_MULTIPLIER;
    return hash >> (64 - PT_CLOSER_SET_BITS);
}

/* What the iterators over sockets look for; set before each run. */
struct pt_held_query {
    __u64 tick_ns;    /* of the kernel's timers */
    __u32 last_netns; /* that was written; 0 at the beginning */
    __u16 port;       /* 0: all */
    __u16 pad;
};

/* What the iterator over threads writes of the first of several in the same net namespace. */
struct pt_held_thread {
    __u32 pid;
    __u32 tid;
    __u32 netns;
};

/* What a call is told apart by from the one before it. */
struct pt_storm_key {
    __u64 socket; /* the struct sock */
    __u64 inode;  /* and which one it is of those that have been there */
    __u64 cred;   /* the struct cred of the caller */
    __u64 cgroups;
    __u64 exec_id;
    char comm[PT_COMM_SIZE];
    struct pt_endpoint requested;
    __u32 uid;
    __u32 gid;
    __u32 options;
    __s32 device;
    __s32 error;
    __s32 fd;
    __u32 address_size;
    __u16 entry_port;
    __u8 entry_state;
    __u8 stage;
    __u8 entry;
    __u8 address_source;
    __u8 pad[6];
};

/*
 * A thread that is refused the same thing again and again, and what of that was counted instead of
 * told. Programs and the reader lock it by trying once; who fails does without.
 */
struct pt_storm {
    __u32 locked;
    __u32 told;      /* in the window, or as many as are told at most */
    __u64 window_ns; /* when it began */
    __u64 thread;
    __u64 times; /* counted since the reader took them last */
    __u64 since_ns;
    __u64 until_ns;
    struct pt_storm_key key;
    struct pt_failed_call call;
};

#define PT_STORMS          64
#define PT_STORM_TOLD      16 /* of a window; all that comes after them is counted */
#define PT_STORM_WINDOW_NS 100000000ull

/* Processes whose description was sent: places for those whose pids fall together. */
#define PT_DESCRIBED_SETS 4096
#define PT_DESCRIBED      2

/* What the reader does; one that naps wakes up by itself within a millisecond. */
enum pt_reader { PT_READER_AWAKE, PT_READER_NAPS, PT_READER_SLEEPS };

/* Shared with the reader while it runs. */
struct pt_control {
    __u32 reader; /* enum pt_reader */
    __u32 fence;  /* only added to, for the order that a locked add brings */
    __u32 storms; /* 1: there is something to count, soon; set by the programs */
    __u32 far;    /* sockets that are not in the array, or more */
    __u32 strays; /* calls that are in none of the two places for them, or more */
    __u32 pad;
    __u64 registers_at; /* of a system call, in the kernel stack; 0: nobody has asked yet */
    __u64 lost_events;
    __u64 lost[PT_LOSS_CAUSES];
};

#endif
