/* SPDX-License-Identifier: GPL-2.0 */
/* What is behind the ports of a survey, and those that rules publish without a socket. Does I/O. */
#ifndef PORTTRACE_CLI_SURVEY_PUBLISHED_H
#define PORTTRACE_CLI_SURVEY_PUBLISHED_H

#include "user/cli/survey.h"

struct survey_published;

struct survey_published *survey_published_new(void); /* NULL: no memory */
void survey_published_free(struct survey_published *published);

/* Puts others in the place of the holders, which hold until the next call. 0 or -ENOMEM. */
int survey_published_add(struct survey_published *published, const struct survey_query *query,
                         struct holders *holders);

#endif
