/* SPDX-License-Identifier: GPL-2.0 */
/* Who has the port that a user asks about. Pure. */
#ifndef PORTTRACE_CLI_QUESTION_MATCH_H
#define PORTTRACE_CLI_QUESTION_MATCH_H

#include "user/cli/question.h"

/*
 * Whether the holder is in the way of what was asked for. .endpoint.port must be known; .protocol
 * 0: any.
 */
bool question_means(const struct question *question, const struct pt_holder *seen);

#endif
