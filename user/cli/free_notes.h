/* SPDX-License-Identifier: GPL-2.0 */
/* Why the ports before a free one were left out, in words. Pure. */
#ifndef PORTTRACE_CLI_FREE_NOTES_H
#define PORTTRACE_CLI_FREE_NOTES_H

#include "user/cli/free_ports.h"
#include "user/model/strbuf.h"

/* A line for each port from low to high that is not free; those alike in one. */
void free_notes_add(const struct free_search *search, uint16_t low, uint16_t high,
                    struct strbuf *out);

#endif
