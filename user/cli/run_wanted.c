// SPDX-License-Identifier: GPL-2.0
#include "user/cli/run_wanted.h"

#include <errno.h>

#include "user/model/operations.h"

bool run_wants(const struct observation *seen, bool all)
{
    if (operation_outcome(seen) != OUTCOME_FAILURE)
        return false;
    if (seen->op != PT_OP_CONNECT)
        return true;
    switch (seen->error) {
    case EADDRNOTAVAIL:
    case EADDRINUSE:
    case EACCES:
    case EPERM:
    case EAGAIN:
        return true;
    case EALREADY: /* it is asked how a connect gets on */
    case EISCONN:
        return false;
    }
    return all;
}
