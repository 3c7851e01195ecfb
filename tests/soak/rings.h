/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_SOAK_RINGS_H
#define TESTS_SOAK_RINGS_H

/*
 * So many binds by io_uring, 10,000 a second, from the caller, from a worker of the kernel and
 * several at once; every fourth is refused. Returns 77, and has made nothing, where the kernel has
 * no such bind.
 */
int rings_run(unsigned long count);

#endif
