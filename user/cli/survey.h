/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who holds which port on this host now, put together from all sources that these privileges allow:
 * the kernel's iterators in every net namespace, sock_diag, /proc. Does I/O. A survey holds until
 * the next one is taken with the same surveyor.
 */
#ifndef PORTTRACE_CLI_SURVEY_H
#define PORTTRACE_CLI_SURVEY_H

#include <stdbool.h>

#include "user/model/holder_list.h"
#include "user/model/strbuf.h"

struct surveyor;

struct survey_query {
    uint16_t port;  /* 0: all */
    uint32_t netns; /* inode number; 0: all that can be reached */
    bool described; /* processes with exe, command line, cgroup; else .task alone */
    bool published; /* what is behind docker-proxy, socket activation; of those described */
    bool rules; /* with published: also what DNAT sends on from this port, as published_is_rule()
                 * tells, behind the sockets */
    bool units; /* with described: .unit_is_own too, which systemd is asked for, and .term */
    bool own_numbers; /* of processes those of this pid namespace, even if less is seen */
};

struct survey {
    struct holder_list holders; /* sorted by port, protocol, address, netns */
    bool complete;              /* nothing was out of reach */
    bool sockets_complete;      /* of TCP and UDP all sockets are there, if not who has them */
    const char *missing;        /* what was, and why, for people; NULL where complete */
    const char *missing_beside; /* the same, but for who has sockets without a process */
    bool privileges_help;       /* more of them would show more */
    bool own_numbers;           /* of processes those of this pid namespace */
};

struct surveyor *surveyor_new(void); /* NULL: no memory. Works without privileges, and sees less */
void surveyor_free(struct surveyor *surveyor);

/* The list of the last survey is no more; the processes of holders out of it still are. */
void surveyor_drop_list(struct surveyor *surveyor);

/* Whether somebody has the socket who was not seen, so that .missing concerns it. */
bool survey_lacks_owner(const struct holder *holder);

/* 0 or negative errno. */
int surveyor_take(struct surveyor *surveyor, const struct survey_query *query,
                  struct survey *ret_survey);

#endif
