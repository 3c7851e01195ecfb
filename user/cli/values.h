/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The values of options from what was typed. Pure. Each returns 0, or -EINVAL with the reason, and
 * what is allowed instead, added to error. What is typed is made fit to print.
 */
#ifndef PORTTRACE_CLI_VALUES_H
#define PORTTRACE_CLI_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "user/model/filter.h"
#include "user/model/strbuf.h"

struct word {
    const char *name;
    uint32_t value;
};

/* noun: "a process id"; the reason reads "x is not a process id; allowed: low to high". */
int value_number(const char *text, const char *noun, uint64_t low, uint64_t high,
                 uint64_t *ret_number, struct strbuf *error);

/* Bytes: "65536", "64K", "8M", "1G", in any case, with or without "B" or "iB". */
int value_size(const char *text, uint64_t *ret_bytes, struct strbuf *error);

/* "5", "5s", "1.5s", "500ms", "2m", "1h". */
int value_duration_ns(const char *text, uint64_t *ret_ns, struct strbuf *error);

/* "80" or "8000-8100". */
int value_ports(const char *text, struct port_range *ret_range, struct strbuf *error);

/* One of the words, which end with a name of NULL. Of each value the first is the one proposed. */
int value_word(const char *text, const char *noun, const struct word *words, uint32_t *ret_value,
               struct strbuf *error);

/* A name of an enum pt_plan. */
int value_plan(const char *text, uint32_t *ret_plan, struct strbuf *error);

/* The number of an errno, by name or number. */
int value_errno(const char *text, unsigned int limit, int *ret_error, struct strbuf *error);

/* Hands each item of "a,b,c" to take() until one is refused. */
typedef int value_item_fn(void *context, const char *item, struct strbuf *error);
int value_list(const char *text, value_item_fn *take, void *context, struct strbuf *error);

/* Adds what was typed, fit to print and not too long. */
void value_quote(struct strbuf *out, const char *text);

#endif
