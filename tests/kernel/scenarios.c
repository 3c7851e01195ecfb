// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "tests/kernel/scenarios.h"

const struct theme *const scenario_themes[] = {
    &theme_bind,           &theme_listen,         &theme_connect,        &theme_release,
    &theme_in_use,         &theme_unavailable,    &theme_policy,         &theme_argument,
    &theme_option,         &theme_process,        &theme_kernel,         &theme_reason_holder,
    &theme_reason_remains, &theme_reason_kernel,  &theme_reason_share,   &theme_reason_range,
    &theme_reason_denied,  &theme_reason_address, &theme_reason_connect,
};
const size_t scenario_theme_count = sizeof(scenario_themes) / sizeof(scenario_themes[0]);

const struct scenario *scenario_find(const char *name)
{
    size_t i, k;

    for (i = 0; i < scenario_theme_count; i++)
        for (k = 0; k < scenario_themes[i]->count; k++)
            if (strcmp(scenario_themes[i]->scenarios[k].name, name) == 0)
                return &scenario_themes[i]->scenarios[k];
    return NULL;
}

unsigned int scenario_needs(const struct scenario *scenario)
{
    static const unsigned int of_protocol[] = {
        [PROTOCOL_UDPLITE] = FEATURE_UDPLITE,
        [PROTOCOL_MPTCP] = FEATURE_MPTCP,
        [PROTOCOL_SCTP] = FEATURE_SCTP,
        [PROTOCOL_SCTP_MANY] = FEATURE_SCTP,
        [PROTOCOL_PING] = 0,
    };
    unsigned int needs = scenario->needs | of_protocol[scenario->protocol];

    return scenario->family == AF_INET6 ? needs | FEATURE_IPV6 : needs;
}
