// SPDX-License-Identifier: GPL-2.0
#include "user/cli/colour.h"

#include <string.h>

#include "user/cli/values.h"

int colour_parse(const char *text, enum colour_choice *ret_choice, struct strbuf *error)
{
    static const struct word words[] = {
        {"auto", COLOUR_AUTO}, {"always", COLOUR_ALWAYS}, {"never", COLOUR_NEVER}, {0}};
    uint32_t choice;
    int result = value_word(text, "a choice", words, &choice, error);

    if (!result)
        *ret_choice = choice;
    return result;
}

bool colour_wanted(enum colour_choice choice, bool terminal, const char *no_colour,
                   const char *term)
{
    if (choice != COLOUR_AUTO)
        return choice == COLOUR_ALWAYS;
    if (no_colour && *no_colour)
        return false;
    return terminal && term && *term && strcmp(term, "dumb") != 0;
}
