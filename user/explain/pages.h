/* SPDX-License-Identifier: GPL-2.0 */
/* The texts of explain_page(), lines of at most 80 columns. */
#ifndef PORTTRACE_EXPLAIN_PAGES_H
#define PORTTRACE_EXPLAIN_PAGES_H

extern const char page_unknown[];
extern const char page_listener[];
extern const char page_bound[];
extern const char page_connection[];
extern const char page_time_wait[];
extern const char page_outgoing[];
extern const char page_reuseaddr[];
extern const char page_reuseport[];
extern const char page_reuseport_user[];
extern const char page_dual_stack[];
extern const char page_wildcard[];
extern const char page_already_bound[];
extern const char page_range_exhausted[];
extern const char page_range_reserved[];
extern const char page_connect_exhausted[];
extern const char page_duplicate_connection[];
extern const char page_privileged_port[];
extern const char page_lsm[];
extern const char page_landlock[];
extern const char page_cgroup[];
extern const char page_seccomp[];
extern const char page_address_absent[];
extern const char page_address_tentative[];
extern const char page_scope_missing[];
extern const char page_wrong_address[];
extern const char page_other_vrf[];
extern const char page_bad_argument[];
extern const char page_kernel_socket[];
extern const char page_listens_already[];
extern const char page_socket_state[];
extern const char page_not_supported[];
extern const char page_scope_wrong[];
extern const char page_nobody_listens[];
extern const char page_unreachable[];
extern const char page_timed_out[];

#endif
