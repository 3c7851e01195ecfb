// SPDX-License-Identifier: GPL-2.0
#include "user/explain/pages.h"

#include "user/explain/explain.h"

static const char *const pages[REASONS] = {
    [REASON_UNKNOWN] = page_unknown,
    [REASON_LISTENER] = page_listener,
    [REASON_BOUND] = page_bound,
    [REASON_CONNECTION] = page_connection,
    [REASON_TIME_WAIT] = page_time_wait,
    [REASON_OUTGOING] = page_outgoing,
    [REASON_REUSEADDR] = page_reuseaddr,
    [REASON_REUSEPORT] = page_reuseport,
    [REASON_REUSEPORT_USER] = page_reuseport_user,
    [REASON_DUAL_STACK] = page_dual_stack,
    [REASON_WILDCARD] = page_wildcard,
    [REASON_ALREADY_BOUND] = page_already_bound,
    [REASON_RANGE_EXHAUSTED] = page_range_exhausted,
    [REASON_RANGE_RESERVED] = page_range_reserved,
    [REASON_CONNECT_EXHAUSTED] = page_connect_exhausted,
    [REASON_DUPLICATE_CONNECTION] = page_duplicate_connection,
    [REASON_PRIVILEGED_PORT] = page_privileged_port,
    [REASON_LSM] = page_lsm,
    [REASON_LANDLOCK] = page_landlock,
    [REASON_CGROUP] = page_cgroup,
    [REASON_SECCOMP] = page_seccomp,
    [REASON_ADDRESS_ABSENT] = page_address_absent,
    [REASON_ADDRESS_TENTATIVE] = page_address_tentative,
    [REASON_SCOPE_MISSING] = page_scope_missing,
    [REASON_WRONG_ADDRESS] = page_wrong_address,
    [REASON_OTHER_VRF] = page_other_vrf,
    [REASON_BAD_ARGUMENT] = page_bad_argument,
    [REASON_KERNEL_SOCKET] = page_kernel_socket,
    [REASON_LISTENS_ALREADY] = page_listens_already,
    [REASON_SOCKET_STATE] = page_socket_state,
    [REASON_NOT_SUPPORTED] = page_not_supported,
    [REASON_SCOPE_WRONG] = page_scope_wrong,
    [REASON_NOBODY_LISTENS] = page_nobody_listens,
    [REASON_UNREACHABLE] = page_unreachable,
    [REASON_TIMED_OUT] = page_timed_out,
};

const char *explain_page(enum reason reason)
{
    return pages[(unsigned int)reason < REASONS ? reason : REASON_UNKNOWN];
}
