/* SPDX-License-Identifier: GPL-2.0 */
/* Which other ports has what is ended for one of them. Pure. */
#ifndef PORTTRACE_CLI_STOP_OTHERS_H
#define PORTTRACE_CLI_STOP_OTHERS_H

#include "user/cli/question.h"
#include "user/cli/stop_plan.h"

/*
 * ", which also has tcp/81, udp/53", or nothing: not its connections. All holders of the net
 * namespace, sorted as a survey does.
 */
void stop_others_add(struct strbuf *out, const struct holder_list *all,
                     const struct stop_facts *facts, const struct question *asked,
                     const struct stop_step *step);

#endif
