/* SPDX-License-Identifier: GPL-2.0 */
/* The stable codes of why a call was refused. Numbers are never used again for something else. */
#ifndef PORTTRACE_EXPLAIN_REASONS_H
#define PORTTRACE_EXPLAIN_REASONS_H

enum reason {
    REASON_UNKNOWN = 0,    /* P000 */
    REASON_LISTENER = 1,   /* somebody listens there */
    REASON_BOUND = 2,      /* bound, and never listened; a UDP socket */
    REASON_CONNECTION = 3, /* a live connection of a closed listener, or its orphan */
    REASON_TIME_WAIT = 4,
    REASON_OUTGOING = 5,              /* an outgoing connection got it as its ephemeral port */
    REASON_REUSEADDR = 6,             /* one side lacks SO_REUSEADDR */
    REASON_REUSEPORT = 7,             /* one side lacks SO_REUSEPORT */
    REASON_REUSEPORT_USER = 8,        /* both have it, of different users */
    REASON_DUAL_STACK = 9,            /* IPv4 against IPv6 without V6ONLY */
    REASON_WILDCARD = 10,             /* a wildcard address against a specific one */
    REASON_ALREADY_BOUND = 11,        /* this very socket has a port already */
    REASON_RANGE_EXHAUSTED = 12,      /* port 0, none is free */
    REASON_RANGE_RESERVED = 13,       /* port 0, all of the range is reserved */
    REASON_CONNECT_EXHAUSTED = 14,    /* no local port is left for this destination */
    REASON_DUPLICATE_CONNECTION = 15, /* the pair of endpoints exists already */
    REASON_PRIVILEGED_PORT = 16,
    REASON_LSM = 17,
    REASON_LANDLOCK = 18,
    REASON_CGROUP = 19,
    REASON_SECCOMP = 20,
    REASON_ADDRESS_ABSENT = 21,
    REASON_ADDRESS_TENTATIVE = 22,
    REASON_SCOPE_MISSING = 23,
    REASON_WRONG_ADDRESS = 24, /* family or length */
    REASON_OTHER_VRF = 25,
    REASON_BAD_ARGUMENT = 26,    /* descriptor or pointer */
    REASON_KERNEL_SOCKET = 27,   /* the kernel itself holds the port */
    REASON_LISTENS_ALREADY = 28, /* of two bound with SO_REUSEADDR the other one listens */
    REASON_SOCKET_STATE = 29,    /* connected, or under way: cannot do that now */
    REASON_NOT_SUPPORTED = 30,   /* listen on a datagram socket */
    REASON_SCOPE_WRONG = 31,     /* no such device or scope */
    REASON_NOBODY_LISTENS = 32,  /* connect, refused by the peer */
    REASON_UNREACHABLE = 33,
    REASON_TIMED_OUT = 34,
    REASONS = 35,
};

struct reason_words {
    const char *code;  /* "P001" */
    const char *name;  /* "listener": stable, for programs */
    const char *brief; /* "another process is listening there" */
};

const struct reason_words *reason_words(enum reason reason); /* never NULL */

/* By code, in any case, with or without the P and zeros; REASONS: there is none. */
enum reason reason_find(const char *code);

#endif
