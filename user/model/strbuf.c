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

static bool reserve(struct strbuf *buf, size_t more)
{
    size_t need = buf->length + more + 1;
    size_t capacity = buf->capacity ? buf->capacity : FIRST_CAPACITY;
    char *text;

    if (buf->failed || need <= more) {
        buf->failed = true;
        return false;
    }
    if (need <= buf->capacity)
        return true;
    while (capacity < need)
        capacity *= 2;
    text = realloc(buf->text, capacity);
    if (!text) {
        buf->failed = true;
        return false;
    }
    buf->text = text;
    buf->capacity = capacity;
    return true;
}

void strbuf_add(struct strbuf *buf, const char *text, size_t length)
{
    if (!reserve(buf, length))
        return;
    memcpy(buf->text + buf->length, text, length);
    buf->length += length;
    buf->text[buf->length] = '\0';
}

void strbuf_puts(struct strbuf *buf, const char *text)
{
    strbuf_add(buf, text, strlen(text));
}

void strbuf_putc(struct strbuf *buf, char c)
{
    strbuf_add(buf, &c, 1);
}

/* What fits is written at once; only what does not is made twice. */
void strbuf_printf(struct strbuf *buf, const char *format, ...)
{
    size_t room = buf->failed ? 0 : buf->capacity - buf->length;
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(room ? buf->text + buf->length : NULL, room, format, args);
    va_end(args);
    if (length < 0) {
        buf->failed = true;
        return;
    }
    if ((size_t)length >= room) {
        if (room)
            buf->text[buf->length] = '\0';
        if (!reserve(buf, (size_t)length))
            return;
        va_start(args, format);
        vsnprintf(buf->text + buf->length, (size_t)length + 1, format, args);
        va_end(args);
    }
    buf->length += (size_t)length;
}
