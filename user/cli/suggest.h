/* SPDX-License-Identifier: GPL-2.0 */
/* What somebody who mistyped a word may have meant. Pure. */
#ifndef PORTTRACE_CLI_SUGGEST_H
#define PORTTRACE_CLI_SUGGEST_H

#include <stddef.h>

#define SUGGEST_WORD_MAX 32

struct suggestion {
    const char *typed;
    const char *best; /* NULL: nothing is near */
    unsigned int distance;
};

struct suggestion suggest_start(const char *typed);
void suggest_consider(struct suggestion *suggestion, const char *word);

#endif
