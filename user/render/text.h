/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the text renderer share. */
#ifndef PORTTRACE_RENDER_TEXT_H
#define PORTTRACE_RENDER_TEXT_H

#include "user/render/line.h"
#include "user/render/render.h"

/* Narrower terminals get no OPTS column and a shorter COMM. */
#define TEXT_WIDE_COLUMNS 100

bool text_is_wide(const struct text_style *style);

/* "..NR..": bindsnoop's letters, and 6 for V6ONLY. */
void text_add_options(struct strbuf *out, uint32_t options);

/* The second line: who made the call, in full, and what is known of the call besides. */
void text_put_details(struct line *line, const struct text_style *style,
                      const struct observation *seen);

/*
 * A line for a failure: the reason, who is in the way and how that is known. Nothing where it would
 * only say that the reason is not known.
 */
void text_put_reason(struct line *line, const struct text_style *style,
                     const struct explanation *explanation);

/* " (looked up 3 ms later)"; nothing for what the kernel's own check told. */
void text_add_confidence(struct strbuf *out, const struct explanation *explanation);

#endif
