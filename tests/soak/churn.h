/* SPDX-License-Identifier: GPL-2.0 */
/* A steady load: sockets, processes, net namespaces and cgroups that come and go. */
#ifndef TESTS_SOAK_CHURN_H
#define TESTS_SOAK_CHURN_H

struct churn {
    double events_per_s;
    double seconds;
    double births_per_s;        /* of processes */
    unsigned long births_first; /* so many at the beginning, faster */
    const char *cgroup;         /* a cgroup of its own, below which others are made */
};

/*
 * Prints "warm" when births_first are done. Comes to rest with sockets open, prints "rest" and what
 * was made, waits for the end of standard input, closes all and prints "end". Does not return
 * before all its processes have ended.
 */
void churn_run(const struct churn *churn);

#endif
