// SPDX-License-Identifier: GPL-2.0
#include "user/model/sanitize.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "user/model/unicode.h"

#define ELLIPSIS         "\xe2\x80\xa6"
#define ELLIPSIS_COLUMNS 1

static void add_escape(struct strbuf *out, uint32_t character)
{
    static const char named[] = {['\t'] = 't', ['\n'] = 'n', ['\r'] = 'r', [0x1b] = 'e'};

    if (character < sizeof(named) && named[character])
        strbuf_printf(out, "\\%c", named[character]);
    else if (character < 0x80)
        strbuf_printf(out, "\\x%02x", character);
    else if (character <= 0xffff)
        strbuf_printf(out, "\\u%04x", character);
    else
        strbuf_printf(out, "\\U%08x", character);
}

/* A mark that combines would change the character before it, which is not the stranger's. */
static bool stands_alone(const char *at, size_t size)
{
    uint32_t first;

    return !unicode_decode(at, size, &first) || unicode_columns(first) > 0;
}

static void add_escaped(struct strbuf *out, const char *at, size_t size, const char *also)
{
    bool escape = !stands_alone(at, size);

    while (size) {
        uint32_t character;
        size_t length = unicode_decode(at, size, &character);

        if (!length)
            strbuf_printf(out, "\\x%02x", (unsigned char)at[0]);
        else if (escape || unicode_is_unsafe(character))
            add_escape(out, character);
        else if (character < 0x80 && strchr(also, (int)character))
            strbuf_printf(out, "\\%c", (int)character);
        else
            strbuf_add(out, at, length);
        escape = false;
        at += length ? length : 1;
        size -= length ? length : 1;
    }
}

void sanitize_add(struct strbuf *out, const char *at, size_t size)
{
    add_escaped(out, at, size, "\\");
}

static bool is_bare(const char *at, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)at[i];

        if (c >= 0x80 || (!isalnum(c) && !strchr("%+,-./:=@_", c)))
            return false;
        if (c == '\0')
            return false;
    }
    return size > 0;
}

static bool needs_escapes(const char *at, size_t size)
{
    if (!stands_alone(at, size))
        return true;
    while (size) {
        uint32_t character;
        size_t length = unicode_decode(at, size, &character);

        if (!length || unicode_is_unsafe(character) || character == '\'' || character == '\\')
            return true;
        at += length;
        size -= length;
    }
    return false;
}

void sanitize_add_quoted(struct strbuf *out, const char *at, size_t size)
{
    if (is_bare(at, size)) {
        strbuf_add(out, at, size);
        return;
    }
    if (needs_escapes(at, size)) {
        strbuf_puts(out, "$'");
        add_escaped(out, at, size, "\\'");
    } else {
        strbuf_putc(out, '\'');
        strbuf_add(out, at, size);
    }
    strbuf_putc(out, '\'');
}

void sanitize_add_words(struct strbuf *out, const char *at, size_t size)
{
    const char *end;

    while (size > 1 && !at[size - 1] && !at[size - 2])
        size--;
    end = at + size;
    while (at < end) {
        size_t length = strnlen(at, (size_t)(end - at));

        sanitize_add_quoted(out, at, length);
        at += length + 1;
        if (at < end)
            strbuf_putc(out, ' ');
    }
}

static void add_json_unit(struct strbuf *out, uint32_t unit)
{
    strbuf_printf(out, "\\u%04x", unit);
}

static void add_json_escape(struct strbuf *out, uint32_t character)
{
    if (character <= 0xffff) {
        add_json_unit(out, character);
        return;
    }
    character -= 0x10000;
    add_json_unit(out, 0xd800 + (character >> 10));
    add_json_unit(out, 0xdc00 + (character & 0x3ff));
}

static size_t add_json_character(struct strbuf *out, const char *at, size_t size)
{
    uint32_t character;
    size_t length = unicode_decode(at, size, &character);

    if (!length) {
        strbuf_printf(out, "\\\\x%02x", (unsigned char)at[0]);
        return 1;
    }
    if (unicode_is_unsafe(character))
        add_json_escape(out, character);
    else if (character == '\\')
        strbuf_puts(out, "\\\\\\\\");
    else if (character == '"')
        strbuf_puts(out, "\\\"");
    else
        strbuf_add(out, at, length);
    return length;
}

/* Most names need no escape, and go faster as a whole. */
static size_t plain_length(const char *at, size_t size)
{
    size_t length = 0;

    while (length < size && at[length] >= ' ' && at[length] <= '~' && at[length] != '\\' &&
           at[length] != '"')
        length++;
    return length;
}

void sanitize_add_json(struct strbuf *out, const char *at, size_t size)
{
    while (size) {
        size_t length = plain_length(at, size);

        if (length)
            strbuf_add(out, at, length);
        else
            length = add_json_character(out, at, size);
        at += length;
        size -= length;
    }
}

/* Bytes of the escape or character at the front of sanitized text. */
static size_t unit_at(const char *text, size_t size, unsigned int *ret_columns)
{
    uint32_t character = 0;
    size_t length;

    if (text[0] == '\\' && size > 1) {
        length = text[1] == 'x' ? 4 : text[1] == 'u' ? 6 : text[1] == 'U' ? 10 : 2;
        if (length > size)
            length = size;
        *ret_columns = (unsigned int)length;
        return length;
    }
    length = unicode_decode(text, size, &character);
    *ret_columns = length ? unicode_columns(character) : 1;
    return length ? length : 1;
}

unsigned int sanitize_columns(const char *text, size_t size)
{
    unsigned int columns = 0;

    while (size) {
        unsigned int more;
        size_t length = unit_at(text, size, &more);

        columns += more;
        text += length;
        size -= length;
    }
    return columns;
}

/* In words a quote is always an outer one: inside it is escaped. */
static void cut(struct strbuf *out, size_t start, unsigned int columns, bool words)
{
    size_t keep = start;
    unsigned int used = 0;
    bool quoted = false;

    if (out->failed || out->length <= start ||
        sanitize_columns(out->text + start, out->length - start) <= columns)
        return;
    while (keep < out->length) {
        unsigned int more;
        size_t length = unit_at(out->text + keep, out->length - keep, &more);
        bool then_quoted = quoted != (words && out->text[keep] == '\'');

        if (used + more + ELLIPSIS_COLUMNS + then_quoted > columns)
            break;
        used += more;
        keep += length;
        quoted = then_quoted;
    }
    out->length = keep;
    strbuf_puts(out, columns ? ELLIPSIS : "");
    strbuf_puts(out, quoted ? "'" : "");
}

void sanitize_cut(struct strbuf *out, size_t start, unsigned int columns)
{
    cut(out, start, columns, false);
}

void sanitize_cut_words(struct strbuf *out, size_t start, unsigned int columns)
{
    cut(out, start, columns, true);
}
