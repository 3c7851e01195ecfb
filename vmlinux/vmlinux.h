/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel types that the programs read, and of each only the fields that they read. Offsets and
 * order mean nothing here: CO-RE takes them from the running kernel's BTF. Field names that differ
 * between kernels are variants of a type behind three underscores (struct x___what).
 */
/* The name that libbpf's headers look for. */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u16 __sum16;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef _Bool bool;
enum { false = 0, true = 1 };

/* These are uapi of the BPF subsystem: their values are the same on every kernel. */
enum bpf_map_type {
    BPF_MAP_TYPE_HASH = 1,
    BPF_MAP_TYPE_ARRAY = 2,
    BPF_MAP_TYPE_LRU_HASH = 9,
    BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
    BPF_ANY = 0,
    BPF_NOEXIST = 1,
    BPF_RB_NO_WAKEUP = 1,
    BPF_RB_FORCE_WAKEUP = 2,
    BPF_RB_AVAIL_DATA = 0,
};

struct bpf_sock {
    __u32 bound_dev_if;
    __u32 family;
    __u32 type;
    __u32 protocol;
    __u32 mark;
    __u32 priority;
    __u32 src_ip4;
    __u32 src_ip6[4];
    __u32 src_port;
    __be16 dst_port;
    __u16 pad;
    __u32 dst_ip4;
    __u32 dst_ip6[4];
    __u32 state;
    __s32 rx_queue_mapping;
};

struct bpf_sock_addr {
    __u32 user_family;
    __u32 user_ip4;
    __u32 user_ip6[4];
    __u32 user_port;
    __u32 family;
    __u32 type;
    __u32 protocol;
    __u32 msg_src_ip4;
    __u32 msg_src_ip6[4];
    union {
        struct bpf_sock *sk;
        __u64 pad;
    };
};

struct trace_event_raw_sys_exit {
    __u64 common;
    int id; /* what follows is not set, though the tracepoint's own format says long */
    long ret;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
    unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8;
    unsigned long ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
    __u64 regs[31];
    __u64 sp, pc, pstate;
};
struct pt_regs {
    struct user_pt_regs user_regs;
    __u64 orig_x0;
};
#else
#error "porttrace knows the registers of x86_64 and arm64"
#endif

struct hlist_node {
    struct hlist_node *next;
};

struct hlist_bl_node {
    struct hlist_bl_node *next, **pprev;
};

struct hlist_head {
    struct hlist_node *first;
};

struct in6_addr {
    union {
        __u8 u6_addr8[16];
        __be32 u6_addr32[4];
    } in6_u;
};

/* Processes */

typedef struct {
    __u32 val;
} kuid_t;

typedef struct {
    __u32 val;
} kgid_t;

struct user_namespace {
    struct user_namespace *parent;
    int level;
    kuid_t owner;
};

/* Only where it is: compat.h reads it. */
typedef struct {
    __u64 val;
} kernel_cap_t;

struct cred {
    kuid_t euid;
    kgid_t egid;
    kernel_cap_t cap_effective;
    struct user_namespace *user_ns;
};

struct qstr {
    const unsigned char *name;
};

struct inode {
    unsigned long i_ino;
    __u16 i_mode;
    unsigned int i_nlink;
};

struct dentry {
    struct hlist_bl_node d_hash;
    struct dentry *d_parent;
    struct qstr d_name;
    struct inode *d_inode;
};

struct vfsmount {
    struct dentry *mnt_root;
};

struct mount {
    struct mount *mnt_parent;
    struct dentry *mnt_mountpoint;
    struct vfsmount mnt;
};

struct path {
    struct vfsmount *mnt;
    struct dentry *dentry;
};

struct file {
    struct path f_path;
    struct inode *f_inode;
    void *private_data;
};

struct fdtable {
    unsigned int max_fds;
    struct file **fd;
};

struct files_struct {
    struct fdtable *fdt;
};

struct mm_struct {
    unsigned long arg_start, arg_end;
    struct file *exe_file;
};

struct ns_common {
    unsigned int inum;
};

struct local_ports {
    __u32 range;
};

/* Up to 6.7. */
struct local_ports___pair {
    int range[2];
};

struct netns_ipv4 {
    struct local_ports ip_local_ports;
    __u8 sysctl_ip_nonlocal_bind;
    unsigned long *sysctl_local_reserved_ports;
    int sysctl_ip_prot_sock;
};

struct netns_sysctl_ipv6 {
    __u8 ip_nonlocal_bind;
};

struct netns_ipv6 {
    struct netns_sysctl_ipv6 sysctl;
};

struct net {
    struct ns_common ns;
    struct user_namespace *user_ns;
    struct netns_ipv4 ipv4;
    struct netns_ipv6 ipv6;
    struct hlist_head *dev_index_head;
};

struct nsproxy {
    struct net *net_ns;
};

struct kernfs_node {
    struct kernfs_node *parent;
    const char *name;
    __u64 id;
};

struct kernfs_node___rcu_parent {
    struct kernfs_node *__parent;
};

struct cgroup {
    struct kernfs_node *kn;
};

struct cgroup_subsys_state {
    struct cgroup *cgroup;
};

enum cgroup_subsys_id {
    memory_cgrp_id = 1,
    pids_cgrp_id = 2,
    cpu_cgrp_id = 3,
};

struct css_set {
    struct cgroup_subsys_state *subsys[16];
    struct cgroup *dfl_cgrp;
};

typedef struct {
    int counter;
} atomic_t;

struct signal_struct {
    atomic_t live;
};

struct thread_info {
    unsigned long flags;
    __u32 status;
};

struct seccomp {
    int mode;
};

struct task_struct {
    struct thread_info thread_info;
    struct seccomp seccomp;
    struct signal_struct *signal;
    int pid;
    int tgid;
    char comm[16];
    struct task_struct *group_leader;
    struct task_struct *real_parent;
    __u64 start_boottime;
    __u64 self_exec_id;
    void *stack;
    struct cred *cred;
    struct mm_struct *mm;
    struct files_struct *files;
    struct nsproxy *nsproxy;
    struct css_set *cgroups;
};

/* Sockets */

typedef struct {
    struct net *net;
} possible_net_t;

typedef struct {
    __s64 counter;
} atomic64_t;

struct sock_common {
    __be32 skc_daddr;
    __be32 skc_rcv_saddr;
    __be16 skc_dport;
    __u16 skc_num;
    unsigned short skc_family;
    volatile unsigned char skc_state;
    unsigned char skc_reuse : 4;
    unsigned char skc_reuseport : 1;
    unsigned char skc_ipv6only : 1;
    int skc_bound_dev_if;
    possible_net_t skc_net;
    struct in6_addr skc_v6_daddr;
    struct in6_addr skc_v6_rcv_saddr;
    atomic64_t skc_cookie;
};

struct socket;

struct sock {
    struct sock_common __sk_common;
    struct socket *sk_socket;
    __u8 sk_kern_sock : 1;
    __u8 sk_userlocks : 4;
    kuid_t sk_uid;
    __u16 sk_protocol;
    __u16 sk_type;
};

/* 6.18: the inode number is kept in the socket. */
struct sock___with_inode {
    unsigned long sk_ino;
};

struct inet_bind_bucket {
    unsigned short port;
    signed char fastreuse;
    signed char fastreuseport;
};

struct timer_list {
    unsigned long expires;
};

struct inet_timewait_sock {
    unsigned char tw_substate;
    struct timer_list tw_timer;
    struct inet_bind_bucket *tw_tb;
};

struct ipv6_pinfo {
    struct in6_addr saddr;
};

struct inet_sock {
    struct sock sk;
    struct ipv6_pinfo *pinet6;
    __be32 inet_saddr;
    __be16 inet_sport;
};

struct inet_connection_sock {
    struct inet_bind_bucket *icsk_bind_hash;
};

struct tcp_sock {
    bool is_mptcp;
};

/* 6.6: the options became bits of one word. */
struct inet_sock___flags {
    unsigned long inet_flags;
};

struct inet_sock___bitfields {
    __u8 freebind : 1;
    __u8 transparent : 1;
    __u8 bind_address_no_port : 1;
};

struct inet_sock___range {
    __u32 local_port_range;
};

struct inet_sock___range_pair {
    struct {
        __u16 lo;
        __u16 hi;
    } local_port_range;
};

struct socket {
    short type;
    struct file *file;
    struct sock *sk;
};

struct socket_alloc {
    struct socket socket;
    struct inode vfs_inode;
};

struct net_device {
    char name[16];
    int ifindex;
    struct hlist_node index_hlist;
};

/* io_uring */

/* Only to ask whether this kernel has it. */
enum bpf_func_id {
    BPF_FUNC_task_pt_regs = 175,
};

struct io_cqe {
    __s32 res;
};

struct mptcp_sock {
    struct sock *first;
};

struct io_kiocb {
    struct file *file;
    __u8 opcode;
    struct io_cqe cqe;
};

/* These lie over the beginning of struct io_kiocb. */
struct io_bind {
    int addr_len;
};

struct io_listen {
    int backlog;
};

struct io_connect {
    int addr_len;
};

struct io_uring_cqe {
    __s32 res;
};

/* Iterators */

struct seq_file;

struct bpf_iter_meta {
    struct seq_file *seq;
};

struct bpf_iter__task {
    struct bpf_iter_meta *meta;
    struct task_struct *task;
};

struct bpf_iter__task_file {
    struct bpf_iter_meta *meta;
    struct task_struct *task;
    __u32 fd;
    struct file *file;
};

struct bpf_iter__tcp {
    struct bpf_iter_meta *meta;
    struct sock_common *sk_common;
    __u32 uid;
};

struct udp_sock;

struct bpf_iter__udp {
    struct bpf_iter_meta *meta;
    struct udp_sock *udp_sk;
    __u32 uid;
};

#pragma clang attribute pop

#endif
