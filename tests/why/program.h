/* SPDX-License-Identifier: GPL-2.0 */
/* porttrace, run so that the kernel kills it if it binds or listens. */
#ifndef TESTS_WHY_PROGRAM_H
#define TESTS_WHY_PROGRAM_H

#include <stdint.h>

extern const char *program_path;

/*
 * Its standard output, to be freed, and in *ret_status its exit status, or 128 and the signal.
 * other_netns: it runs in the net namespace of the test's own start. uid 0: with all privileges.
 * Ends the test on failure.
 */
char *program_run(const char *const arguments[], int other_netns, uint32_t uid, int *ret_status);

/* The exit status of a process that binds in the same confinement. */
int program_check_confinement(void);

/* Before the first net namespace is made. */
void program_remember_netns(void);

#endif
