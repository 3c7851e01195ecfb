/* SPDX-License-Identifier: GPL-2.0 */
/* The caller of a bind or listen as the rules of ports look at it. Pure. */
#ifndef PORTTRACE_EXPLAIN_ASKER_H
#define PORTTRACE_EXPLAIN_ASKER_H

#include "user/explain/facts.h"
#include "user/explain/rules.h"
#include "user/model/observation.h"

struct rules_asker asker_of(const struct observation *seen, const struct facts *facts);

/* Whether a connect goes to this host itself, as far as is known. */
bool peer_is_here(const struct observation *seen, const struct facts *facts);

#endif
