// SPDX-License-Identifier: GPL-2.0
#include "user/cli/suggest.h"

#include <ctype.h>
#include <string.h>

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
    unsigned int smaller = a < b ? a : b;

    return smaller < c ? smaller : c;
}

/* Insertions, deletions, changes and swaps of neighbours, in any case. */
static unsigned int edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned int rows[3][SUGGEST_WORD_MAX + 1];
    unsigned int *before = rows[0], *last = rows[1], *row = rows[2], *spare;

    for (size_t j = 0; j <= b_length; j++)
        last[j] = (unsigned int)j;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = (unsigned int)i;
        for (size_t j = 1; j <= b_length; j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);

            row[j] = least(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                y == tolower((unsigned char)a[i - 2]) && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[b_length];
}

struct suggestion suggest_start(const char *typed)
{
    struct suggestion suggestion = {.typed = typed};

    suggestion.distance = (unsigned int)(strlen(typed) + 1) / 3 + 1;
    return suggestion;
}

void suggest_consider(struct suggestion *suggestion, const char *word)
{
    size_t typed_length = strlen(suggestion->typed);
    size_t length = strlen(word);
    unsigned int distance;

    if (!typed_length || typed_length > SUGGEST_WORD_MAX || length > SUGGEST_WORD_MAX)
        return;
    distance = edit_distance(suggestion->typed, typed_length, word, length);
    if (typed_length >= 3 && length > typed_length &&
        !strncasecmp(suggestion->typed, word, typed_length))
        distance = 1;
    if (distance >= suggestion->distance)
        return;
    suggestion->distance = distance;
    suggestion->best = word;
}
