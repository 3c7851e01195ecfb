/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes of strangers made fit to print. Nothing is lost and nothing can be taken for something
 * else: controls become \n, \t, \r, \e or \xNN, bytes that are not UTF-8 \xNN, characters that
 * reorder or hide text \uNNNN or \UNNNNNNNN, and a backslash is doubled.
 */
#ifndef PORTTRACE_MODEL_SANITIZE_H
#define PORTTRACE_MODEL_SANITIZE_H

#include <stddef.h>

#include "user/model/strbuf.h"

void sanitize_add(struct strbuf *out, const char *at, size_t size);

/*
 * One word as a shell would read it back, bytes and all: bare where that is safe, in '' where not,
 * in $'' with the escapes above where '' cannot.
 */
void sanitize_add_quoted(struct strbuf *out, const char *at, size_t size);

/*
 * Words ended by NUL each, quoted, with spaces between. Empty ones at the end are left out: a
 * program that writes a title over its arguments leaves many behind.
 */
void sanitize_add_words(struct strbuf *out, const char *at, size_t size);

/*
 * The inside of a JSON string. JSON can carry any character, so controls and format characters are
 * \u escapes of JSON itself; only bytes that are not UTF-8 become the text \xNN, and a backslash is
 * the text \\ (both with the backslash escaped once more by JSON).
 */
void sanitize_add_json(struct strbuf *out, const char *at, size_t size);

/* Columns that text made by the functions above takes. */
unsigned int sanitize_columns(const char *text, size_t size);

/*
 * Shortens what was added to out since start to so many columns, the last of them an ellipsis.
 * Never leaves half an escape or half a character. What fits stays as it is.
 */
void sanitize_cut(struct strbuf *out, size_t start, unsigned int columns);

/* The same for quoted words: a quote that is cut is closed again. */
void sanitize_cut_words(struct strbuf *out, size_t start, unsigned int columns);

#endif
