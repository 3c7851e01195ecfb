/* SPDX-License-Identifier: GPL-2.0 */
/* A refusal as a compiler would tell an error: what, the evidence, notes and help. Pure. */
#ifndef PORTTRACE_RENDER_REPORT_H
#define PORTTRACE_RENDER_REPORT_H

#include "user/explain/explain.h"
#include "user/render/render.h"

/* Nothing where there is nothing to explain. */
void render_report(const struct text_style *style, const struct observation *seen,
                   const struct explanation *explanation, struct strbuf *out);

/*
 * For a question, not a call: "ok: 0.0.0.0:8080/tcp can be bound now" with notes, or a report of
 * what would be refused. The observation is as explain_predict() leaves it. unseen: what could not
 * be looked at although the answer depends on it, so that there is none; NULL otherwise.
 */
void render_verdict(const struct text_style *style, const struct observation *asked,
                    const struct explanation *explanation, const char *unseen, struct strbuf *out);

#endif
