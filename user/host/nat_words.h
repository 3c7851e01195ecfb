/* SPDX-License-Identifier: GPL-2.0 */
/* A line of rules as words. Pure. */
#ifndef PORTTRACE_HOST_NAT_WORDS_H
#define PORTTRACE_HOST_NAT_WORDS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

#define NAT_WORDS_MAX 128 /* what is beyond is not looked at */
#define NAT_WORD_SIZE 64  /* a longer word is none that matters: it becomes empty */

struct nat_words {
    char at[NAT_WORDS_MAX][NAT_WORD_SIZE];
    unsigned int count;
};

/* Words between blanks and, where commas is set, commas; what is in quotes is one. */
void nat_words_split(const char *line, size_t length, bool commas, struct nat_words *ret_words);

/* Index of the word at or after from; .count: there is none. */
unsigned int nat_words_find(const struct nat_words *words, unsigned int from, const char *word);

/* True: "80", "80-90" or, with colon, "80:90" holds the port. */
bool nat_words_has_port(const char *word, char dash, uint16_t port);

uint16_t nat_words_protocol(const char *word); /* 0: none of those with ports */

/* "1.2.3.4", "1.2.3.4:80", "[::1]:80-90", ":80"; "/32" is passed over. False: it is none. */
bool nat_words_endpoint(const char *word, struct pt_endpoint *ret_endpoint);

#endif
