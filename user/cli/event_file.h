/* SPDX-License-Identifier: GPL-2.0 */
/* Records one after another, as they came: what porttrace trace --write leaves. */
#ifndef PORTTRACE_CLI_EVENT_FILE_H
#define PORTTRACE_CLI_EVENT_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "user/model/strbuf.h"

/* Returns the bytes it took of these, or negative errno to stop. */
typedef int event_file_record_fn(void *context, const void *at, size_t size);

/*
 * Hands out the records of a file until its end, what is sealed only once its seal is found to be
 * true. 0, what the callback stopped with, -EBADMSG where the file is damaged or ends within a
 * record or without a seal, or what reading gave. ret_offset is where what is sound ends.
 */
int event_file_read(int fd, event_file_record_fn *on_record, void *context, uint64_t *ret_offset);

/*
 * To records that are written next: a seal, if there are any, and the last record of the file. The
 * sum is that of the file's last seal, 0 before the first.
 */
void event_file_seal(struct strbuf *records, uint64_t *last_sum);
void event_file_end(struct strbuf *records, uint64_t end_ns, uint64_t lost, uint64_t *last_sum);

/* How many of these bytes have their seal. */
size_t event_file_whole(const char *at, size_t size);

#endif
