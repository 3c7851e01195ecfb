/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_BENCH_SYNTHETIC_H
#define PORTTRACE_BENCH_SYNTHETIC_H

#define SYNTHETIC_PROGRAM   "synthetic_calls"
#define SYNTHETIC_BATCH_MAX 256

/* What one run of the program is given; it returns how many events it has made. */
struct synthetic_batch {
    unsigned int count;
};

#endif
