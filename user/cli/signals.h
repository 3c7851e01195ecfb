/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signals as a descriptor that can be waited for. SIGINT, SIGTERM and SIGHUP ask once to end in
 * good order; a second one ends the program at once, also while it writes to somebody who does not
 * read. SIGPIPE is ignored.
 */
#ifndef PORTTRACE_CLI_SIGNALS_H
#define PORTTRACE_CLI_SIGNALS_H

#include <stdbool.h>

/* Readable after each signal. Negative errno on failure. */
int signals_open(void);
void signals_close(void);

/*
 * For whoever has changed the terminal and must change it back first: SIGQUIT asks to end too, and
 * SIGTSTP asks to call signals_stop(), which is over when the program goes on.
 */
int signals_keep_terminal(void);
bool signals_take_stop(void);
void signals_stop(void);

bool signals_asked_to_end(void);
bool signals_take_resize(void); /* the terminal changed its size since this was last asked */

/* Makes the descriptor wait for the next signal. */
void signals_clear(void);

#endif
