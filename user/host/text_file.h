/* SPDX-License-Identifier: GPL-2.0 */
/* A file of the host as a string. Does I/O. */
#ifndef PORTTRACE_HOST_TEXT_FILE_H
#define PORTTRACE_HOST_TEXT_FILE_H

#include <stddef.h>

/*
 * All of the file, ended by NUL, to be freed. size may be NULL. 0, -EFBIG past limit bytes, or
 * other negative errno. Files of /proc change while they are read in pieces, so it tries not to.
 */
int text_file_read(const char *path, size_t limit, char **ret_text, size_t *ret_size);

/* As above, of a file of /proc/sys that answers one read(), and as if it ended there. */
int text_file_read_at_once(const char *path, size_t limit, char **ret_text);

#endif
