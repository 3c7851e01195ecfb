// SPDX-License-Identifier: GPL-2.0
#include "user/explain/reasons.h"

#include <ctype.h>
#include <stddef.h>

static const struct reason_words words[REASONS] = {
    [REASON_UNKNOWN] = {"P000", "unknown", "the reason is not known"},
    [REASON_LISTENER] = {"P001", "listener", "another process is listening there"},
    [REASON_BOUND] = {"P002", "bound", "another socket is bound to the port"},
    [REASON_CONNECTION] = {"P003", "connection",
                           "a connection of a listener that was closed still has the port"},
    [REASON_TIME_WAIT] = {"P004", "time-wait",
                          "a connection that was closed keeps the port for a while (TIME_WAIT)"},
    [REASON_OUTGOING] = {"P005", "outgoing", "an outgoing connection was given this port"},
    [REASON_REUSEADDR] = {"P006", "reuseaddr",
                          "the port could be shared, but one side lacks SO_REUSEADDR"},
    [REASON_REUSEPORT] = {"P007", "reuseport",
                          "the port could be shared, but one side lacks SO_REUSEPORT"},
    [REASON_REUSEPORT_USER] = {"P008", "reuseport-user",
                               "the port is shared by SO_REUSEPORT, but by another user"},
    [REASON_DUAL_STACK] = {"P009", "dual-stack",
                           "an IPv4 socket and an IPv6 one that serves IPv4 too meet"},
    [REASON_WILDCARD] = {"P010", "wildcard",
                         "a wildcard address and a specific one overlap on this port"},
    [REASON_ALREADY_BOUND] = {"P011", "already-bound", "this very socket has a port already"},
    [REASON_RANGE_EXHAUSTED] = {"P012", "range-exhausted",
                                "no port of the ephemeral range is free"},
    [REASON_RANGE_RESERVED] = {"P013", "range-reserved", "the whole ephemeral range is reserved"},
    [REASON_CONNECT_EXHAUSTED] = {"P014", "connect-exhausted",
                                  "no local port is left for this destination"},
    [REASON_DUPLICATE_CONNECTION] = {"P015", "duplicate-connection",
                                     "there is such a connection already, from this very port"},
    [REASON_PRIVILEGED_PORT] = {"P016", "privileged-port",
                                "the port is privileged and the process may not use it"},
    [REASON_LSM] = {"P017", "lsm", "a security module does not allow it"},
    [REASON_LANDLOCK] = {"P018", "landlock", "the Landlock sandbox of the process forbids it"},
    [REASON_CGROUP] = {"P019", "cgroup", "a BPF program of its cgroup forbids it"},
    [REASON_SECCOMP] = {"P020", "seccomp", "the seccomp filter of the process forbids it"},
    [REASON_ADDRESS_ABSENT] = {"P021", "address-absent", "this host does not have that address"},
    [REASON_ADDRESS_TENTATIVE] = {"P022", "address-tentative",
                                  "the IPv6 address is not usable yet"},
    [REASON_SCOPE_MISSING] = {"P023", "scope-missing",
                              "a link-local address needs to say on which device"},
    [REASON_WRONG_ADDRESS] = {"P024", "wrong-address", "the address does not fit the socket"},
    [REASON_OTHER_VRF] = {"P025", "other-vrf", "the address belongs to another VRF or device"},
    [REASON_BAD_ARGUMENT] = {"P026", "bad-argument",
                             "the descriptor or the address given is not valid"},
    [REASON_KERNEL_SOCKET] = {"P027", "kernel-socket", "the kernel itself holds the port"},
    [REASON_LISTENS_ALREADY] = {"P028", "listens-already",
                                "another socket of the same port listens already"},
    [REASON_SOCKET_STATE] = {"P029", "socket-state",
                             "the socket is in a state in which it cannot do that"},
    [REASON_NOT_SUPPORTED] = {"P030", "not-supported", "this kind of socket cannot do that"},
    [REASON_SCOPE_WRONG] = {"P031", "scope-wrong", "there is no such device or scope"},
    [REASON_NOBODY_LISTENS] = {"P032", "nobody-listens", "nobody listens there"},
    [REASON_UNREACHABLE] = {"P033", "unreachable", "there is no way to that address"},
    [REASON_TIMED_OUT] = {"P034", "timed-out", "no answer came in time"},
};

const struct reason_words *reason_words(enum reason reason)
{
    return &words[(unsigned int)reason < REASONS ? reason : REASON_UNKNOWN];
}

enum reason reason_find(const char *code)
{
    unsigned int number = 0;

    if (!code)
        return REASONS;
    if (*code == 'p' || *code == 'P')
        code++;
    if (!*code)
        return REASONS;
    for (; *code; code++) {
        if (!isdigit((unsigned char)*code))
            return REASONS;
        number = number * 10 + (unsigned int)(*code - '0');
        if (number >= REASONS)
            return REASONS;
    }
    return (enum reason)number;
}
