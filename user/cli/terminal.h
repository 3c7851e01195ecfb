/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_CLI_TERMINAL_H
#define PORTTRACE_CLI_TERMINAL_H

#include "user/cli/colour.h"

/* Columns; 0 where this is no terminal or its size is not known. */
unsigned int terminal_width(int fd);

unsigned int terminal_height(int fd); /* lines, as above */

/* Stops this program while another job is in front of the terminal. -EINTR: a signal came first. */
int terminal_await(int fd);

bool terminal_colour(int fd, enum colour_choice choice);

#endif
