/* SPDX-License-Identifier: GPL-2.0 */
/* What another program of the host says. No shell, an environment of our own. Does I/O. */
#ifndef PORTTRACE_HOST_RUN_PROGRAM_H
#define PORTTRACE_HOST_RUN_PROGRAM_H

/*
 * Runs argv[0], which is looked for where the system keeps its programs, in the namespaces of the
 * calling thread. The text, ended by NUL, is to be freed. 0, -ENOENT: it is not installed,
 * -ETIMEDOUT, -EFBIG, -EIO: it failed, or other negative errno.
 */
int run_program(const char *const argv[], char **ret_text);

/*
 * As above, for what may take its time: the text is also what it writes to standard error, and
 * there is one whatever status it ends with, which is returned. Negative errno as above, but -EIO:
 * a signal ended it.
 */
int run_program_patiently(const char *const argv[], unsigned int patience_ms, char **ret_text);

#endif
