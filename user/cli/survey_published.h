/* SPDX-License-Identifier: GPL-2.0 */
/* What is behind the ports of a survey, and those that rules publish without a socket. Does I/O. */
#ifndef PORTTRACE_CLI_SURVEY_PUBLISHED_H
#define PORTTRACE_CLI_SURVEY_PUBLISHED_H

#include "user/cli/survey.h"
#include "user/host/published.h"
#include "user/model/holdings.h"

/* To holdings that are finished; what it finds holds until the next call. 0 or -ENOMEM. */
int survey_published_add(struct published *published, const struct survey_query *query,
                         struct holdings *holdings);

#endif
