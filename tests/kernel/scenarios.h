/* SPDX-License-Identifier: GPL-2.0 */
/* All scenarios, by theme; each theme is one file. */
#ifndef TESTS_KERNEL_SCENARIOS_H
#define TESTS_KERNEL_SCENARIOS_H

#include "tests/kernel/scene.h"

struct theme {
    const struct scenario *scenarios;
    size_t count;
};

#define THEME(name, table)                                                                         \
    const struct theme theme_##name = {table, sizeof(table) / sizeof((table)[0])}

extern const struct theme theme_bind;
extern const struct theme theme_listen;
extern const struct theme theme_connect;
extern const struct theme theme_release;
extern const struct theme theme_in_use;
extern const struct theme theme_unavailable;
extern const struct theme theme_policy;
extern const struct theme theme_argument;
extern const struct theme theme_option;
extern const struct theme theme_process;
extern const struct theme theme_kernel;
extern const struct theme theme_reason_holder;
extern const struct theme theme_reason_kernel;
extern const struct theme theme_reason_remains;
extern const struct theme theme_reason_share;
extern const struct theme theme_reason_range;
extern const struct theme theme_reason_denied;
extern const struct theme theme_reason_address;
extern const struct theme theme_reason_connect;

extern const struct theme *const scenario_themes[];
extern const size_t scenario_theme_count;

#endif
