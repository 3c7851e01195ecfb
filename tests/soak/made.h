/* SPDX-License-Identifier: GPL-2.0 */
/* What the load has really made, counted by all its processes together, and what they all need. */
#ifndef TESTS_SOAK_MADE_H
#define TESTS_SOAK_MADE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define LOAD_NAME "soak-load" /* of the program and of all its processes: what is counted */

/* Events, one each, then what else comes and goes. */
enum made {
    MADE_BIND,
    MADE_REFUSED,
    MADE_LISTEN,
    MADE_CONNECT,
    MADE_AUTOBIND,
    MADE_RELEASE,
    MADE_PROCESSES,
    MADE_NETNS,
    MADE_CGROUPS,
    MADE_KINDS,
};

/* Before any process is forked. */
void made_open(void);
void made_add(enum made kind);
uint64_t made_events(void);

/* One line: WORD, then NAME=NUMBER of each kind. */
void made_print(const char *word);

/* True until made_end(), in every process. */
bool made_goes_on(void);
void made_end(void);

/* Ends the process, so that a load that is not what it should be is no load. */
void __attribute__((noreturn, format(printf, 1, 2))) give_up(const char *format, ...);
void require(bool holds, const char *what);

struct sockaddr_in loopback(uint16_t port);

/* A net namespace of its own, with its loopback device up. */
void enter_new_netns(void);

/* A forked child ends with its parent. 0 in the child. */
int fork_child(void);
double now_s(void);

#endif
