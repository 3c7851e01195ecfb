/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must hold of all output, checked by code that shares nothing with the renderers: text is
 * UTF-8 without controls, lines of JSON are JSON by RFC 8259.
 */
#ifndef PORTTRACE_TESTS_FUZZ_CLEAN_H
#define PORTTRACE_TESTS_FUZZ_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define CLEAN_DEPTH_MAX 32

/* Bytes of the character there, 0: it is none of UTF-8. */
static inline size_t clean_character(const unsigned char *at, size_t left)
{
    static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = at[0] < 0x80             ? 1
                  : (at[0] & 0xe0) == 0xc0 ? 2
                  : (at[0] & 0xf0) == 0xe0 ? 3
                  : (at[0] & 0xf8) == 0xf0 ? 4
                                           : 0;
    unsigned long code = size == 1 ? at[0] : at[0] & (0x7fu >> size);

    if (!size || size > left)
        return 0;
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3f);
    }
    return code < least[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : size;
}

/* Bytes of "\e[1;31m" there, 0: it is none. */
static inline size_t clean_colour(const char *at, size_t left)
{
    size_t size = 2;

    if (left < 3 || at[0] != '\x1b' || at[1] != '[')
        return 0;
    while (size < left && ((at[size] >= '0' && at[size] <= '9') || at[size] == ';'))
        size++;
    return size < left && at[size] == 'm' ? size + 1 : 0;
}

/* Whole lines, or nothing at all. */
static inline bool clean_text(const char *text, size_t length, bool colour)
{
    const unsigned char *at = (const unsigned char *)text;

    for (size_t i = 0, size; i < length; i += size) {
        bool control = (at[i] < 0x20 && at[i] != '\n') || at[i] == 0x7f ||
                       (at[i] == 0xc2 && i + 1 < length && at[i + 1] < 0xa0);

        size = clean_character(at + i, length - i);
        if (control)
            size = colour ? clean_colour(text + i, length - i) : 0;
        if (!size)
            return false;
    }
    return !length || text[length - 1] == '\n';
}

struct clean_json {
    const char *at;
    const char *end;
    unsigned int depth;
};

static inline bool clean_json_is(struct clean_json *json, char c)
{
    if (json->at == json->end || *json->at != c)
        return false;
    json->at++;
    return true;
}

static inline bool clean_json_escape(struct clean_json *json)
{
    if (json->at == json->end)
        return false;
    if (*json->at != 'u')
        return strchr("\"\\/bfnrt", *json->at) && *json->at++;
    json->at++;
    for (int i = 0; i < 4; i++)
        if (json->at == json->end || !*json->at || !strchr("0123456789abcdefABCDEF", *json->at++))
            return false;
    return true;
}

static inline bool clean_json_string(struct clean_json *json)
{
    if (!clean_json_is(json, '"'))
        return false;
    while (json->at < json->end && *json->at != '"') {
        const unsigned char *at = (const unsigned char *)json->at;
        size_t size = clean_character(at, (size_t)(json->end - json->at));

        if (clean_json_is(json, '\\')) {
            if (!clean_json_escape(json))
                return false;
            continue;
        }
        if (!size || *at < 0x20 || *at == 0x7f)
            return false;
        json->at += size;
    }
    return clean_json_is(json, '"');
}

static inline bool clean_json_digits(struct clean_json *json)
{
    const char *start = json->at;

    while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
        json->at++;
    return json->at > start;
}

/* Whole numbers and fractions; nothing here writes an exponent. */
static inline bool clean_json_number(struct clean_json *json)
{
    clean_json_is(json, '-');
    if (!clean_json_is(json, '0') && !clean_json_digits(json))
        return false;
    return !clean_json_is(json, '.') || clean_json_digits(json);
}

static inline bool clean_json_word(struct clean_json *json, const char *word)
{
    size_t size = strlen(word);

    if ((size_t)(json->end - json->at) < size || memcmp(json->at, word, size) != 0)
        return false;
    json->at += size;
    return true;
}

static inline bool clean_json_value(struct clean_json *json);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as CLEAN_DEPTH_MAX */
static inline bool clean_json_members(struct clean_json *json, char close, bool keys)
{
    if (++json->depth > CLEAN_DEPTH_MAX)
        return false;
    if (!clean_json_is(json, close)) {
        do {
            if (keys && (!clean_json_string(json) || !clean_json_is(json, ':')))
                return false;
            if (!clean_json_value(json))
                return false;
        } while (clean_json_is(json, ','));
        if (!clean_json_is(json, close))
            return false;
    }
    json->depth--;
    return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static inline bool clean_json_value(struct clean_json *json)
{
    if (json->at == json->end)
        return false;
    switch (*json->at) {
    case '{':
        json->at++;
        return clean_json_members(json, '}', true);
    case '[':
        json->at++;
        return clean_json_members(json, ']', false);
    case '"':
        return clean_json_string(json);
    case 't':
        return clean_json_word(json, "true");
    case 'f':
        return clean_json_word(json, "false");
    default:
        return clean_json_number(json);
    }
}

/* Objects without blanks, a line each, or nothing at all. */
static inline bool clean_json(const char *text, size_t length)
{
    const char *end = text + length;

    while (length && text < end) {
        const char *line = memchr(text, '\n', (size_t)(end - text));
        struct clean_json json = {.at = text, .end = line};

        if (!line || *text != '{' || !clean_json_value(&json) || json.at != line)
            return false;
        text = line + 1;
    }
    return true;
}

#endif
