/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_BPF_MAPS_H
#define PORTTRACE_BPF_MAPS_H

#include "bpf/config.h"
#include "bpf/read.h"

/* What uses none of the maps can do with their declarations: then they are not made. */
#ifdef PT_MAPS_ONLY_DECLARED
#define MAP                 extern
#define SHARED(declaration) extern declaration
#else
#define MAP
/* With a value each stands where it is defined; else each object has an order of its own. */
#define SHARED(declaration) declaration = {}
#endif

const volatile struct pt_config config;

#define PT_FOLLOWED_SLOTS 8192
#define PT_PASSING_SLOTS  1024
#define PT_TAKER_BITS     12
#define PT_CALLS          8192

struct pt_control control = {};
SHARED(struct pt_storm storms[PT_STORMS]);
SHARED(__u8 followed[PT_FOLLOWED_SLOTS]); /* by port: whether any socket of a slot ever was */
SHARED(__u32 passing[PT_PASSING_SLOTS]);  /* by thread: one whose bind is not wanted */
SHARED(__u64 takers[1 << PT_TAKER_BITS]); /* by what is taken: the thread, in bpf/takers.h */
SHARED(__u64 callers[PT_CALLS]);          /* by place in calls: the thread, in bpf/calls.h */
SHARED(__u64 described[PT_DESCRIBED_SETS][PT_DESCRIBED]); /* by pid, in bpf/process.h */

MAP struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
#ifdef PT_DIRECT_READS
    __uint(max_entries, PT_NEAR_SOCKETS);
#else
    __uint(max_entries, 1);
#endif
    __type(key, __u32);
    __type(value, struct socket_owner);
} near_sockets SEC(".maps");

/* Sockets that have a port, by struct sock. */
MAP struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 32768);
    __type(key, __u64);
    __type(value, struct socket_owner);
} sockets SEC(".maps");

/*
 * A call under way, by thread. What is collected at its end stands here too: the value belongs to
 * one thread alone, and the stack of a program is too small for it. .op is 0 while there is none.
 */
struct call_state {
    __u64 thread;       /* the key */
    __u64 start_ns;     /* CLOCK_BOOTTIME, 0: no hook saw the beginning */
    __u64 now_ns;       /* of the end */
    __u64 socket;       /* struct sock that the caller's descriptor stands for */
    __u64 inner_socket; /* struct sock that got the port: another one for MPTCP */
    __u64 user_address;
    __u64 request; /* struct io_kiocb */
    struct pt_endpoint requested;
    __s32 fd;
    __u32 address_size;
    __s32 backlog;
    __s32 error;
    __u32 options; /* on entry: a bind to one IPv6 address sets V6ONLY by itself */
    __s32 device;  /* on entry: a bind to a link-local address sets it, also when it fails */
    __u8 op;
    __u8 entry;
    __u8 address_source;
    __u8 stage;
    __u8 had_port;
    __u8 not_inet;
    __u8 partial_latency;
    __u8 seen_entry;     /* .options and .had_port were seen on entry */
    __u8 task_known;     /* .end.task is filled in already, */
    __u8 collected;      /* and so is the rest of .end */
    __u8 port_noted;     /* in the map ports, before the end of the call */
    __u8 tells;          /* what is to be done at the end: an event of the call, */
    __u8 tells_autobind; /* one of the autobind that it implies, */
    __u8 follows;        /* the socket followed, */
    __u8 implicit;       /* which has its port by that autobind */
    __u8 in_storm;       /* .storm is filled in */
    __u8 goes_on;        /* and was the same as what the thread was told before */
    __u8 in_own;         /* this is the system call of .op that the thread is in, on .socket */
    __u8 failed;         /* by .error */
    __u8 pad2[5];
    __u64 checked;  /* the struct sock that the kernel compares with the caller's now */
    __u64 conflict; /* and the last that was in the way */
    struct socket_owner end;
    struct socket_owner last;     /* who had the port in question */
    struct pt_failed_call record; /* .refusal is filled during the call, .call to be written */
    struct pt_storm_key storm;
    __u64 at;    /* on the way up from a cgroup or user namespace */
    __u32 above; /* how far up that way goes on */
    __u32 place; /* where it stands in calls */
};

MAP struct {
#ifdef PT_DIRECT_READS
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __type(key, __u32);
#else
    __uint(type, BPF_MAP_TYPE_HASH);
    __type(key, __u64);
#endif
    __uint(max_entries, PT_CALLS);
    __type(value, struct call_state);
} calls SEC(".maps");

const __u8 no_call[sizeof(struct call_state)] = {}; /* only before 6.2 */

/*
 * Calls that io_uring ends later: by request where that is known from the beginning, by socket in
 * the restricted plan. What is never ended falls out by itself.
 */
MAP struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, __u64);
    __type(value, struct call_state);
} waiting_calls SEC(".maps");

/*
 * Who had a port last, as bpf/ports.h has the key. It is overwritten and never deleted, so that it
 * names a holder that has just gone, too.
 */
MAP struct {
#ifdef PT_DIRECT_READS
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1 << PT_PORT_SET_BITS);
    __type(key, __u32);
    __type(value, struct port_set);
#else
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 16384);
    __type(key, __u64);
    __type(value, struct socket_owner);
#endif
} ports SEC(".maps");

MAP struct {
#ifdef PT_DIRECT_READS
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1 << PT_CLOSER_SET_BITS);
    __type(key, __u32);
    __type(value, struct closer_set);
#else
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 8192);
    __type(key, struct connection_key);
    __type(value, struct closer);
#endif
} closers SEC(".maps");

/* The security module, as enum pt_check, that has refused the call that this thread is in. */
MAP struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, __u64);
    __type(value, __u32);
} refusers SEC(".maps");

/* The description of a process that a thread is writing, and where the walk along a path stands. */
struct draft {
    __u64 at;    /* struct dentry or kernfs_node; for arguments, where they begin */
    __u64 mount; /* struct mount */
    __u64 size;  /* of all arguments */
    struct pt_text text;
};

MAP struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, __u64);
    __type(value, struct draft);
} drafts SEC(".maps");

const __u8 no_draft[sizeof(struct draft)] = {};

MAP struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 16384);
    __type(key, __u32);
    __type(value, __u8);
} filter_pids SEC(".maps");

MAP struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, PT_PORT_WORDS);
    __type(key, __u32);
    __type(value, __u64);
} filter_ports SEC(".maps");

MAP struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, PT_LISTED *PT_FILTER_LIST);
    __type(key, struct pt_listed_value);
    __type(value, __u8);
} filter_lists SEC(".maps");

MAP struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 8 << 20);
} events SEC(".maps");

#endif
