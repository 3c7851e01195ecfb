/* SPDX-License-Identifier: GPL-2.0 */
/* Records one after another, as they came: what porttrace trace --write leaves. */
#ifndef PORTTRACE_CLI_EVENT_FILE_H
#define PORTTRACE_CLI_EVENT_FILE_H

#include <stddef.h>
#include <stdint.h>

/* Returns the bytes it took of these, or negative errno to stop. */
typedef int event_file_record_fn(void *context, const void *at, size_t size);

/*
 * Hands out the records of a file until its end. 0, what the callback stopped with, -EBADMSG where
 * the file ends within a record, or what reading gave. ret_offset is where it stopped.
 */
int event_file_read(int fd, event_file_record_fn *on_record, void *context, uint64_t *ret_offset);

/* How many of these bytes are whole records. */
size_t event_file_whole(const char *at, size_t size);

#endif
