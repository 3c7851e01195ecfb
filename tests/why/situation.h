/* SPDX-License-Identifier: GPL-2.0 */
/* A question to porttrace why, and the same bind really made. */
#ifndef TESTS_WHY_SITUATION_H
#define TESTS_WHY_SITUATION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define QUESTION_SIZE 96
#define WHAT_SIZE     160
#define BATCH_MAX     64

/* What porttrace is told by options, the same for all questions of one run. */
struct manner {
    uint32_t options; /* enum pt_option: REUSEADDR, REUSEPORT, V6ONLY, FREEBIND */
    uint32_t uid;
    const char *device; /* NULL: none */
    bool bind_only;
    bool from_outside; /* asked from another net namespace, which is named */
    bool unprivileged; /* porttrace has no more privileges than who asks, and may say "unknown" */
};

struct situation {
    char what[WHAT_SIZE]; /* for people */
    char question[QUESTION_SIZE];
    int type, protocol;
    struct sockaddr_storage address;
    socklen_t address_size;
};

struct batch {
    struct manner manner;
    struct situation at[BATCH_MAX];
    unsigned int count;
};

#define ERRNOS 134

struct counts {
    unsigned int passed;
    unsigned int failed;
    unsigned int unknown; /* of those passed: without privileges there is not always an answer */
    unsigned int answers[2][ERRNOS]; /* of the kernel, to bind and to listen, by errno */
};

/* Adds a question. The address is a number, of IPv6 with the scope behind %; NULL: "0.0.0.0". */
void batch_add(struct batch *batch, const char *protocol, const char *address, uint16_t port,
               const char *what);

/* Asks porttrace, then makes each bind, and compares. */
void batch_run(const struct batch *batch, struct counts *counts);

/* Which answers there were: that all were the same would prove little. */
void counts_print_answers(const struct counts *counts);

/* The protocol by porttrace's name for it. */
void protocol_numbers(const char *name, int *ret_type, int *ret_protocol);

void count_failure(struct counts *counts, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
