/* SPDX-License-Identifier: GPL-2.0 */
/* What a user asks about: "8080", "udp/53", "[::1]:443", "10.0.0.1%eth0:80", "http". Pure. */
#ifndef PORTTRACE_CLI_QUESTION_H
#define PORTTRACE_CLI_QUESTION_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/event.h"
#include "user/model/strbuf.h"

#define QUESTION_SERVICE_SIZE 32

struct question {
    const char *protocol_name; /* "tcp" where none was typed */
    uint16_t protocol;
    uint16_t type;
    bool any_address;                    /* none was typed, or * */
    bool localhost;                      /* by name: both addresses of it */
    struct pt_endpoint endpoint;         /* .port 0: see .service */
    char scope[PT_DEVICE_SIZE];          /* of IPv6, in the brackets: a name or number; "" none */
    char device[PT_DEVICE_SIZE];         /* that the socket is bound to; "" none */
    char service[QUESTION_SERVICE_SIZE]; /* "" a number was typed */
};

/* 0, or -EINVAL with the reason added to error. */
int question_parse(const char *text, struct question *ret_question, struct strbuf *error);

/* "127.0.0.1", "10.0.0.1%eth0", "::1", "[fe80::1%eth0]", "localhost", "*": of a question all but
 * port and protocol. As above. */
int question_parse_address(const char *text, struct question *question, struct strbuf *error);

/* "tcp", "udp", ... False: there is no such protocol here. */
bool question_set_protocol(struct question *question, const char *name, size_t length);

#endif
