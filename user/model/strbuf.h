/* SPDX-License-Identifier: GPL-2.0 */
/* A growing string. After a failed allocation it ignores everything and says so in .failed. */
#ifndef PORTTRACE_MODEL_STRBUF_H
#define PORTTRACE_MODEL_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

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
void strbuf_putc(struct strbuf *buf, char c);
void strbuf_printf(struct strbuf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
