// SPDX-License-Identifier: GPL-2.0
/* The kernel's functions that refuse. */
#include "user/explain/inquiry.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "user/explain/socket_words.h"

/* By operation: bind, listen, connect. */
struct names {
    const char *bind;
    const char *listen;
    const char *connect;
};

static const char *name_of_op(const struct names *names, enum pt_op op)
{
    switch (op) {
    case PT_OP_BIND:
        return names->bind;
    case PT_OP_LISTEN:
        return names->listen;
    case PT_OP_CONNECT:
        return names->connect;
    default:
        return NULL;
    }
}

static const char *name_of_port_check(const struct pt_socket *socket)
{
    switch (socket->protocol) {
    case IPPROTO_TCP:
    case WORDS_IPPROTO_MPTCP:
        return "inet_csk_get_port";
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
        return "udp_lib_get_port";
    case IPPROTO_SCTP:
        return "sctp_get_port_local";
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return socket->type == SOCK_RAW ? NULL : "ping_get_port";
    default:
        return NULL;
    }
}

static const char *name_of_address_check(const struct inquiry *inquiry)
{
    const struct pt_socket *socket = &inquiry->seen->socket;

    if (!inquiry->seen->socket_known || socket->type == SOCK_RAW)
        return NULL;
    switch (inquiry->seen->op) {
    case PT_OP_BIND:
        return socket->family == AF_INET6 ? "__inet6_bind" : "__inet_bind";
    case PT_OP_LISTEN:
        return words_is_stream(socket->protocol) ? "inet_listen" : NULL;
    default:
        return NULL;
    }
}

static const char *name_of_connect_check(const struct inquiry *inquiry)
{
    if (inquiry->out->reason != REASON_DUPLICATE_CONNECTION)
        return "__inet_hash_connect";
    return inquiry->seen->socket.family == AF_INET6 ? "__inet6_check_established"
                                                    : "__inet_check_established";
}

static const char *name_of_module(const struct inquiry *inquiry, enum pt_check check)
{
    static const struct names names[PT_CHECKS] = {
        [PT_CHECK_SECURITY] = {"security_socket_bind", "security_socket_listen",
                               "security_socket_connect"},
        [PT_CHECK_SELINUX] = {"selinux_socket_bind", "selinux_socket_listen",
                              "selinux_socket_connect"},
        [PT_CHECK_APPARMOR] = {"apparmor_socket_bind", "apparmor_socket_listen",
                               "apparmor_socket_connect"},
        [PT_CHECK_TOMOYO] = {"tomoyo_socket_bind", "tomoyo_socket_listen", "tomoyo_socket_connect"},
        [PT_CHECK_SMACK] = {NULL, NULL, "smack_socket_connect"},
        [PT_CHECK_LANDLOCK] = {"hook_socket_bind", NULL, "hook_socket_connect"},
        [PT_CHECK_BPF_LSM] = {"bpf_lsm_socket_bind", "bpf_lsm_socket_listen",
                              "bpf_lsm_socket_connect"},
        [PT_CHECK_DESCRIPTOR] = {"__sys_bind", "__sys_listen", "__sys_connect"},
    };

    return name_of_op(&names[check], inquiry->seen->op);
}

const char *check_name(const struct inquiry *inquiry)
{
    enum pt_check check = inquiry_check(inquiry);
    bool port_refused = inquiry->seen->error == EADDRINUSE && !inquiry_may_be_filtered(inquiry);

    switch (check) {
    case PT_CHECK_SECCOMP:
        return "__seccomp_filter";
    case PT_CHECK_CGROUP:
        return "__cgroup_bpf_run_filter_sock_addr";
    case PT_CHECK_ADDRESS:
    case PT_CHECK_PRIVILEGED:
        return name_of_address_check(inquiry);
    case PT_CHECK_PORT:
        return name_of_port_check(&inquiry->seen->socket);
    case PT_CHECK_CONNECT:
        return name_of_connect_check(inquiry);
    case PT_CHECK_SOURCE:
        return "ipv6_dev_get_saddr";
    case PT_CHECK_UNKNOWN:
        /* Nothing else in the kernel answers a bind or listen with this errno. */
        return port_refused && inquiry->seen->socket_known
                   ? name_of_port_check(&inquiry->seen->socket)
                   : NULL;
    default:
        return (unsigned int)check < PT_CHECKS ? name_of_module(inquiry, check) : NULL;
    }
}
