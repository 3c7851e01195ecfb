/* SPDX-License-Identifier: GPL-2.0 */
/* What a question means as a call that nobody makes, and the answer. */
#ifndef PORTTRACE_CLI_WHY_ASK_H
#define PORTTRACE_CLI_WHY_ASK_H

#include "user/cli/facts_here.h"
#include "user/cli/why_options.h"
#include "user/cli/why_place.h"
#include "user/explain/explain.h"

#define WHY_CALLS_MAX 2

/* One call. With .unseen there is no answer, and .seen.error is 0. */
struct why_answer {
    struct observation seen;
    struct explanation explanation;
    const char *unseen; /* what could not be looked at, and the answer depends on; NULL: nothing */
};

struct why_asker {
    struct why_socket socket;
    const struct why_place *place;
    struct facts_gatherer *gatherer;
};

/*
 * The calls that a server would make, one or two: 0.0.0.0 and [::], or 127.0.0.1 and [::1]. Returns
 * how many, or -EINVAL with the reason added to error.
 */
int why_ask_calls(const struct why_asker *asker, const struct question *question,
                  struct observation ret_calls[WHY_CALLS_MAX], struct strbuf *error);

/*
 * Answers calls for the same port and net namespace. The answers hold until the next call with the
 * same gatherer, and are to be freed. 0 or negative errno.
 */
int why_ask(const struct why_asker *asker, const struct observation *calls, int count,
            struct why_answer ret_answers[WHY_CALLS_MAX]);
void why_answer_free(struct why_answer *answer);

#endif
