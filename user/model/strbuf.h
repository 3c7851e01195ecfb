/* SPDX-License-Identifier: GPL-2.0 */
/* A growing string. After a failed allocation it ignores everything and says so in .failed. */
#ifndef PORTTRACE_MODEL_STRBUF_H
#define PORTTRACE_MODEL_STRBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strbuf {
    char *text; /* ended by NUL once anything was added */
    size_t length;
    size_t capacity;
    bool failed;
};

void strbuf_reset(struct strbuf *buf);
void strbuf_free(struct strbuf *buf);
void strbuf_add(struct strbuf *buf, const char *text, size_t length);
void strbuf_puts(struct strbuf *buf, const char *text);
void strbuf_uint(struct strbuf *buf, uint64_t value);
void strbuf_digits(struct strbuf *buf, uint64_t value, unsigned int count); /* leading zeros */
void strbuf_printf(struct strbuf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

bool strbuf_grow(struct strbuf *buf, size_t more);

/*
 * Where the next characters go, with room for so many and the NUL; NULL once there is no memory.
 * strbuf_took() tells where they end. A line is made of hundreds of short pieces.
 */
static inline char *strbuf_room(struct strbuf *buf, size_t most)
{
    if (most >= buf->capacity - buf->length && !strbuf_grow(buf, most))
        return NULL;
    return buf->text + buf->length;
}

static inline void strbuf_took(struct strbuf *buf, char *end)
{
    *end = '\0';
    buf->length = (size_t)(end - buf->text);
}

static inline void strbuf_putc(struct strbuf *buf, char c)
{
    char *at = strbuf_room(buf, 1);

    if (!at)
        return;
    *at++ = c;
    strbuf_took(buf, at);
}

#endif
