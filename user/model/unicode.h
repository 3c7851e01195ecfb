/* SPDX-License-Identifier: GPL-2.0 */
/* What a terminal makes of UTF-8. Pure and without locale. */
#ifndef PORTTRACE_MODEL_UNICODE_H
#define PORTTRACE_MODEL_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at the front, 0 where it is not valid UTF-8 (or size is 0). */
size_t unicode_decode(const char *at, size_t size, uint32_t *ret_character);

/*
 * Controls, line separators, and format characters, which reorder, join or hide the text around
 * them: what must not reach a terminal as it is.
 */
bool unicode_is_unsafe(uint32_t character);

/* 0, 1 or 2; in doubt the greater, so that a line never becomes longer than counted. */
unsigned int unicode_columns(uint32_t character);

#endif
