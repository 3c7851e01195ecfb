// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/model/sanitize.h"
#include "user/model/unicode.h"

#define RANDOM_NAMES 200000
#define NAME_MAX_    24

#define CHECK(add, bytes, expected)                                                                \
    do {                                                                                           \
        struct strbuf out = {0};                                                                   \
                                                                                                   \
        strbuf_puts(&out, "");                                                                     \
        add(&out, bytes, sizeof(bytes) - 1);                                                       \
        assert_string_equal(out.text, expected);                                                   \
        strbuf_free(&out);                                                                         \
    } while (0)

static void plain_text_stays(void **state)
{
    (void)state;
    CHECK(sanitize_add, "", "");
    CHECK(sanitize_add, "nginx: worker", "nginx: worker");
    CHECK(sanitize_add, "caf\xc3\xa9 \xe4\xb8\xad", "caf\xc3\xa9 \xe4\xb8\xad");
}

static void controls_are_visible(void **state)
{
    (void)state;
    CHECK(sanitize_add, "a\nb\tc\rd", "a\\nb\\tc\\rd");
    CHECK(sanitize_add, "\x1b[31mred", "\\e[31mred");
    CHECK(sanitize_add, "\x07\x7f", "\\x07\\x7f");
    CHECK(sanitize_add, "a\0b", "a\\x00b");
    CHECK(sanitize_add,
          "\xc2\x9b"
          "31m",
          "\\u009b31m");
}

static void a_backslash_is_not_an_escape(void **state)
{
    (void)state;
    CHECK(sanitize_add, "\\x1b", "\\\\x1b");
    CHECK(sanitize_add, "\\", "\\\\");
}

static void what_reorders_or_hides_text_is_visible(void **state)
{
    (void)state;
    CHECK(sanitize_add, "a\xe2\x80\xaeg", "a\\u202eg");
    CHECK(sanitize_add, "\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf", "\\u2066\\u200b\\ufeff");
    CHECK(sanitize_add, "\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029");
    CHECK(sanitize_add, "\xf3\xa0\x81\x81", "\\U000e0041");
}

static void what_is_not_utf8_is_visible(void **state)
{
    (void)state;
    CHECK(sanitize_add, "\xff\xfe", "\\xff\\xfe");
    CHECK(sanitize_add, "\xc3", "\\xc3");
    CHECK(sanitize_add, "\xe4\xb8", "\\xe4\\xb8");
    CHECK(sanitize_add, "\xc0\x8a", "\\xc0\\x8a");
    CHECK(sanitize_add, "\xed\xa0\x80", "\\xed\\xa0\\x80");
    CHECK(sanitize_add, "\xed\xbf\xbf", "\\xed\\xbf\\xbf");
    CHECK(sanitize_add, "\xee\x80\x80", "\xee\x80\x80");
    CHECK(sanitize_add, "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
    CHECK(sanitize_add, "\x80", "\\x80");
}

static void a_mark_cannot_change_what_stands_before(void **state)
{
    (void)state;
    CHECK(sanitize_add,
          "\xcc\x81"
          "a",
          "\\u0301a");
    CHECK(sanitize_add, "e\xcc\x81", "e\xcc\x81");
}

static void words_are_quoted_as_a_shell_reads_them(void **state)
{
    (void)state;
    CHECK(sanitize_add_quoted, "/usr/bin/x-1.0", "/usr/bin/x-1.0");
    CHECK(sanitize_add_quoted, "", "''");
    CHECK(sanitize_add_quoted, "two words", "'two words'");
    CHECK(sanitize_add_quoted, "$HOME;`ls`", "'$HOME;`ls`'");
    CHECK(sanitize_add_quoted, "caf\xc3\xa9", "'caf\xc3\xa9'");
    CHECK(sanitize_add_quoted, "it's", "$'it\\'s'");
    CHECK(sanitize_add_quoted, "a\\b", "$'a\\\\b'");
    CHECK(sanitize_add_quoted, "\n\x1b\xff", "$'\\n\\e\\xff'");
    CHECK(sanitize_add_quoted, "a\0b", "$'a\\x00b'");
    CHECK(sanitize_add_words, "sh\0-c\0echo hi", "sh -c 'echo hi'");
    CHECK(sanitize_add_words, "sh\0\0x\0", "sh '' x");
    CHECK(sanitize_add_words, "a title\0\0\0\0", "'a title'");
    CHECK(sanitize_add_words, "\0\0\0", "''");
}

static void json_strings_are_escaped(void **state)
{
    (void)state;
    CHECK(sanitize_add_json, "say \"hi\"", "say \\\"hi\\\"");
    CHECK(sanitize_add_json, "a\nb\x1b\x7f", "a\\u000ab\\u001b\\u007f");
    CHECK(sanitize_add_json, "\\x41", "\\\\\\\\x41");
    CHECK(sanitize_add_json, "\xff", "\\\\xff");
    CHECK(sanitize_add_json, "\xe2\x80\xae", "\\u202e");
    CHECK(sanitize_add_json, "\xf3\xa0\x81\x81", "\\udb40\\udc41");
    CHECK(sanitize_add_json, "caf\xc3\xa9", "caf\xc3\xa9");
}

static void columns_are_those_of_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(sanitize_columns("abc", 3), 3);
    assert_int_equal(sanitize_columns("caf\xc3\xa9", 5), 4);
    assert_int_equal(sanitize_columns("e\xcc\x81", 3), 1);
    assert_int_equal(sanitize_columns("\xe4\xb8\xad\xe6\x96\x87", 6), 4);
    assert_int_equal(sanitize_columns("\xf0\x9f\x9a\x80", 4), 2);
    assert_int_equal(sanitize_columns("\\x1b", 4), 4);
}

static void check_cut(const char *text, unsigned int columns, const char *expected)
{
    struct strbuf out = {0};

    strbuf_puts(&out, ">");
    strbuf_puts(&out, text);
    sanitize_cut(&out, 1, columns);
    assert_string_equal(out.text + 1, expected);
    assert_int_equal(out.text[0], '>');
    strbuf_free(&out);
}

static void a_cut_never_splits(void **state)
{
    (void)state;
    check_cut("abcdef", 6, "abcdef");
    check_cut("abcdef", 5, "abcd\xe2\x80\xa6");
    check_cut("ab\\x1bcd", 7, "ab\\x1b\xe2\x80\xa6");
    check_cut("ab\\x1bcd", 6, "ab\xe2\x80\xa6");
    check_cut("ab\\u202ecd", 8, "ab\xe2\x80\xa6");
    check_cut("\\\\\\\\\\\\", 4, "\\\\\xe2\x80\xa6");
    check_cut("\xe4\xb8\xad\xe6\x96\x87", 3, "\xe4\xb8\xad\xe2\x80\xa6");
    check_cut("\xe4\xb8\xad\xe6\x96\x87", 2, "\xe2\x80\xa6");
    check_cut("abc", 1, "\xe2\x80\xa6");
    check_cut("abc", 0, "");
}

static void check_cut_words(const char *text, unsigned int columns, const char *expected)
{
    struct strbuf out = {0};

    strbuf_puts(&out, text);
    sanitize_cut_words(&out, 0, columns);
    assert_string_equal(out.text, expected);
    strbuf_free(&out);
}

static void a_cut_quote_is_closed(void **state)
{
    (void)state;
    check_cut_words("'a b c'", 7, "'a b c'");
    check_cut_words("'a b c' d", 8, "'a b c'\xe2\x80\xa6");
    check_cut_words("'a b c'", 6, "'a b\xe2\x80\xa6'");
    check_cut_words("$'a\\'b' c", 7, "$'a\\'\xe2\x80\xa6'");
    check_cut_words("'abc'", 3, "'\xe2\x80\xa6'");
    check_cut_words("'abc'", 2, "\xe2\x80\xa6");
    check_cut_words("sh 'abc'", 5, "sh \xe2\x80\xa6");
}

/* Mostly what is dangerous: escapes, beginnings of UTF-8 sequences, bytes of format characters. */
static size_t random_name(char *name)
{
    static const char nasty[] =
        "\\\\x1bu\"'\n\x1b\x7f\xe2\x80\xae\xaa\xcc\x81\xc2\x9b\xf0\x9f\xed ";
    size_t length = (size_t)rand() % NAME_MAX_;

    for (size_t i = 0; i < length; i++)
        name[i] = rand() % 2 ? nasty[(size_t)rand() % (sizeof(nasty) - 1)] : (char)(rand() % 256);
    return length;
}

static void assert_printable(const struct strbuf *out)
{
    for (size_t at = 0; at < out->length;) {
        uint32_t character;
        size_t length = unicode_decode(out->text + at, out->length - at, &character);

        assert_int_not_equal(length, 0);
        assert_false(unicode_is_unsafe(character));
        at += length;
    }
}

static void add_utf8(struct strbuf *out, uint32_t character)
{
    if (character < 0x80) {
        strbuf_putc(out, (char)character);
    } else if (character < 0x800) {
        strbuf_putc(out, (char)(0xc0 | character >> 6));
        strbuf_putc(out, (char)(0x80 | (character & 0x3f)));
    } else {
        if (character < 0x10000) {
            strbuf_putc(out, (char)(0xe0 | character >> 12));
        } else {
            strbuf_putc(out, (char)(0xf0 | character >> 18));
            strbuf_putc(out, (char)(0x80 | (character >> 12 & 0x3f)));
        }
        strbuf_putc(out, (char)(0x80 | (character >> 6 & 0x3f)));
        strbuf_putc(out, (char)(0x80 | (character & 0x3f)));
    }
}

static uint32_t hex(const char *digits, size_t count)
{
    char text[9] = {0};

    memcpy(text, digits, count);
    return (uint32_t)strtoul(text, NULL, 16);
}

/* What was sanitized, from what sanitize_add() and the inside of $'' made of it. */
static void undo(const char *text, size_t size, struct strbuf *out)
{
    static const char letters[] = "tnre";
    static const char bytes[] = "\t\n\r\x1b";

    for (size_t at = 0; at < size; at++) {
        const char *letter;

        if (text[at] != '\\') {
            strbuf_putc(out, text[at]);
            continue;
        }
        at++;
        letter = strchr(letters, text[at]);
        if (text[at] == 'x') {
            strbuf_putc(out, (char)hex(text + at + 1, 2));
            at += 2;
        } else if (text[at] == 'u' || text[at] == 'U') {
            size_t digits = text[at] == 'u' ? 4 : 8;

            add_utf8(out, hex(text + at + 1, digits));
            at += digits;
        } else {
            strbuf_putc(out, letter ? bytes[letter - letters] : text[at]);
        }
    }
}

static void undo_quoted(const struct strbuf *quoted, struct strbuf *out)
{
    if (quoted->text[0] == '$')
        undo(quoted->text + 2, quoted->length - 3, out);
    else if (quoted->text[0] == '\'')
        strbuf_add(out, quoted->text + 1, quoted->length - 2);
    else
        strbuf_add(out, quoted->text, quoted->length);
}

static void assert_same(const struct strbuf *out, const char *name, size_t length)
{
    assert_int_equal(out->length, length);
    if (length)
        assert_memory_equal(out->text, name, length);
}

static void any_name_is_printable_and_can_be_read_back(void **state)
{
    struct strbuf made = {0};
    struct strbuf back = {0};
    char name[NAME_MAX_];

    (void)state;
    srand(1);
    for (int i = 0; i < RANDOM_NAMES; i++) {
        size_t length = random_name(name);

        strbuf_reset(&made);
        strbuf_reset(&back);
        sanitize_add(&made, name, length);
        assert_printable(&made);
        undo(made.text, made.length, &back);
        assert_same(&back, name, length);

        strbuf_reset(&made);
        strbuf_reset(&back);
        sanitize_add_quoted(&made, name, length);
        assert_printable(&made);
        undo_quoted(&made, &back);
        assert_same(&back, name, length);
    }
    strbuf_free(&made);
    strbuf_free(&back);
}

static void any_cut_is_printable_and_fits(void **state)
{
    struct strbuf out = {0};
    char name[NAME_MAX_];

    (void)state;
    srand(2);
    for (int i = 0; i < RANDOM_NAMES; i++) {
        unsigned int columns = 1 + (unsigned int)rand() % 20;

        strbuf_reset(&out);
        sanitize_add(&out, name, random_name(name));
        sanitize_cut(&out, 0, columns);
        assert_printable(&out);
        assert_true(sanitize_columns(out.text, out.length) <= columns);
    }
    strbuf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_stays),
        cmocka_unit_test(controls_are_visible),
        cmocka_unit_test(a_backslash_is_not_an_escape),
        cmocka_unit_test(what_reorders_or_hides_text_is_visible),
        cmocka_unit_test(what_is_not_utf8_is_visible),
        cmocka_unit_test(a_mark_cannot_change_what_stands_before),
        cmocka_unit_test(words_are_quoted_as_a_shell_reads_them),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(columns_are_those_of_a_terminal),
        cmocka_unit_test(a_cut_never_splits),
        cmocka_unit_test(a_cut_quote_is_closed),
        cmocka_unit_test(any_name_is_printable_and_can_be_read_back),
        cmocka_unit_test(any_cut_is_printable_and_fits),
    };

    return cmocka_run_group_tests_name("sanitize", tests, NULL, NULL);
}
