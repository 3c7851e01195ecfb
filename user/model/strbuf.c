// SPDX-License-Identifier: GPL-2.0
#include "user/model/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 256

void strbuf_reset(struct strbuf *buf)
{
    buf->length = 0;
    buf->failed = false;
    if (buf->text)
        buf->text[0] = '\0';
}

void strbuf_free(struct strbuf *buf)
{
    free(buf->text);
    *buf = (struct strbuf){0};
}

/* Without memory there is no room any more either, so that nothing is added to what was cut off. */
static bool fail(struct strbuf *buf)
{
    buf->failed = true;
    buf->capacity = buf->length;
    return false;
}

bool strbuf_grow(struct strbuf *buf, size_t more)
{
    size_t need = buf->length + more + 1;
    size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY;
    char *text;

    if (buf->failed || need <= more)
        return fail(buf);
    while (capacity < need)
        capacity *= 2;
    text = realloc(buf->text, capacity);
    if (!text)
        return fail(buf);
    buf->text = text;
    buf->capacity = capacity;
    return true;
}

void strbuf_add(struct strbuf *buf, const char *text, size_t length)
{
    char *at = strbuf_room(buf, length);

    if (!at)
        return;
    memcpy(at, text, length);
    strbuf_took(buf, at + length);
}

void strbuf_puts(struct strbuf *buf, const char *text)
{
    strbuf_add(buf, text, strlen(text));
}

void strbuf_uint(struct strbuf *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    strbuf_add(buf, digits + at, sizeof(digits) - at);
}

void strbuf_digits(struct strbuf *buf, uint64_t value, unsigned int count)
{
    char *at = strbuf_room(buf, count);

    if (!at)
        return;
    for (unsigned int i = count; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    strbuf_took(buf, at + count);
}

/* What fits is written at once; only what does not is made twice. */
void strbuf_printf(struct strbuf *buf, const char *format, ...)
{
    size_t room = buf->capacity - buf->length;
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(room ? buf->text + buf->length : NULL, room, format, args);
    va_end(args);
    if (length < 0) {
        fail(buf);
        return;
    }
    if ((size_t)length >= room) {
        if (room)
            buf->text[buf->length] = '\0';
        if (!strbuf_grow(buf, (size_t)length))
            return;
        va_start(args, format);
        vsnprintf(buf->text + buf->length, (size_t)length + 1, format, args);
        va_end(args);
    }
    buf->length += (size_t)length;
}
