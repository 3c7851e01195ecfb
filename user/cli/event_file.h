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

/* Bytes behind which a seal is worth its place: where a file ends early, these are lost at most. */
#define EVENT_FILE_PART 4096

struct event_file_seals {
    uint64_t sum;  /* of the file's last seal, 0 before the first */
    size_t sealed; /* of what is written next */
};

/* To records that are written next: a seal, and the last record of the file. */
void event_file_seal(struct strbuf *records, struct event_file_seals *seals);
void event_file_end(struct strbuf *records, uint64_t end_ns, uint64_t lost,
                    struct event_file_seals *seals);

/* How many of these bytes have their seal. */
size_t event_file_whole(const char *at, size_t size);

#endif
