// SPDX-License-Identifier: GPL-2.0
#include "user/cli/run_wanted.h"

#include <errno.h>

#include "user/explain/socket_words.h"
#include "user/model/operations.h"

/* It fails with the listen or connect that asked for it, which is reported. */
static bool is_part_of_call(const struct observation *seen)
{
    return seen->op == PT_OP_AUTOBIND &&
           (seen->entry == PT_ENTRY_SYSCALL || seen->entry == PT_ENTRY_IO_URING);
}

bool run_wants(const struct observation *seen, bool all)
{
    if (operation_outcome(seen) != OUTCOME_FAILURE || is_part_of_call(seen))
        return false;
    if (seen->op != PT_OP_CONNECT)
        return true;
    switch (seen->error) {
    case EADDRNOTAVAIL:
    case EADDRINUSE:
    case EACCES:
    case EPERM:
    case EAGAIN:
    case EINVAL: /* what the caller gave does not fit, or a route of type blackhole */
    case EAFNOSUPPORT:
    case ENODEV:
        return true;
    case ENETUNREACH: /* the loopback device is down */
        return all || words_is_loopback(&seen->requested);
    case EALREADY: /* it is asked how a connect gets on */
    case EISCONN:
        return false;
    }
    return all;
}
