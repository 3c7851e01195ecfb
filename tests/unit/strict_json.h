/* SPDX-License-Identifier: GPL-2.0 */
/* A strict reader of RFC 8259, with no leniency to forgive what a renderer did wrong. */
#ifndef TESTS_UNIT_STRICT_JSON_H
#define TESTS_UNIT_STRICT_JSON_H

#include <stdlib.h>
#include <string.h>

#include "user/model/strbuf.h"
#include "user/model/unicode.h"

#define DEEPEST 8

static inline const char *skip_string(const char *at, const char *end)
{
    if (at == end || *at++ != '"')
        return NULL;
    while (at < end && *at != '"') {
        uint32_t character;
        size_t length = unicode_decode(at, (size_t)(end - at), &character);

        if (!length || character < 0x20)
            return NULL;
        if (character == '\\') {
            if (end - at < 2 || !strchr("\"\\/bfnrtu", at[1]) || !at[1])
                return NULL;
            length = 2;
            if (at[1] == 'u') {
                if (end - at < 6 || strspn(at + 2, "0123456789abcdef") < 4)
                    return NULL;
                length = 6;
            }
        }
        at += length;
    }
    return at < end ? at + 1 : NULL;
}

static inline const char *skip_number(const char *at, const char *end)
{
    const char *digits;

    if (at < end && *at == '-')
        at++;
    digits = at;
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    if (at == digits || (*digits == '0' && at > digits + 1))
        return NULL;
    return at;
}

static inline const char *skip_value(const char *at, const char *end, int depth);

static inline const char *skip_members(const char *at, const char *end, char closing, int depth)
{
    if (at < end && *at == closing)
        return at + 1;
    for (;;) {
        if (closing == '}') {
            at = skip_string(at, end);
            if (!at || at == end || *at++ != ':')
                return NULL;
        }
        at = skip_value(at, end, depth + 1);
        if (!at || at == end)
            return NULL;
        if (*at == closing)
            return at + 1;
        if (*at++ != ',')
            return NULL;
    }
}

static inline const char *skip_value(const char *at, const char *end, int depth)
{
    if (at == end || depth > DEEPEST)
        return NULL;
    if (*at == '{')
        return skip_members(at + 1, end, '}', depth);
    if (*at == '[')
        return skip_members(at + 1, end, ']', depth);
    if (*at == '"')
        return skip_string(at, end);
    if (end - at >= 4 && !memcmp(at, "true", 4))
        return at + 4;
    if (end - at >= 5 && !memcmp(at, "false", 5))
        return at + 5;
    return skip_number(at, end);
}

static inline void assert_one_json_line(const struct strbuf *out)
{
    const char *end = out->text + out->length;

    assert_int_equal(out->text[0], '{');
    assert_ptr_equal(skip_value(out->text, end, 0), end - 1);
    assert_int_equal(end[-1], '\n');
}

static inline void add_utf8(struct strbuf *out, uint32_t character)
{
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    unsigned int length = character < 0x80      ? 1
                          : character < 0x800   ? 2
                          : character < 0x10000 ? 3
                                                : 4;

    strbuf_putc(out, (char)(leads[length] | character >> 6 * (length - 1)));
    for (unsigned int i = length - 1; i > 0; i--)
        strbuf_putc(out, (char)(0x80 | (character >> 6 * (i - 1) & 0x3f)));
}

static inline uint32_t hex(const char *digits, size_t count)
{
    char text[5] = {0};

    memcpy(text, digits, count);
    return (uint32_t)strtoul(text, NULL, 16);
}

/* What a reader of JSON gets from the inside of a string. */
static inline void undo_json(const char *text, size_t size, struct strbuf *out)
{
    for (size_t at = 0; at < size; at++) {
        uint32_t unit;

        if (text[at] != '\\') {
            strbuf_putc(out, text[at]);
            continue;
        }
        if (text[++at] != 'u') {
            strbuf_putc(out, text[at]);
            continue;
        }
        unit = hex(text + at + 1, 4);
        at += 4;
        if (unit >= 0xd800 && unit < 0xdc00) {
            unit = 0x10000 + ((unit - 0xd800) << 10) + hex(text + at + 3, 4) - 0xdc00;
            at += 6;
        }
        add_utf8(out, unit);
    }
}

#endif
