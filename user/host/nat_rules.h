/* SPDX-License-Identifier: GPL-2.0 */
/* Rules that send what comes for a port elsewhere, without a socket. Pure. */
#ifndef PORTTRACE_HOST_NAT_RULES_H
#define PORTTRACE_HOST_NAT_RULES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/event.h"

struct nat_rule {
    uint16_t protocol;       /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP */
    struct pt_endpoint from; /* .port the one asked for; .family 0: of any address */
    struct pt_endpoint to;   /* .family 0: this host; .port 0: the same */
};

/* Return of the callback: true go on. */
typedef bool nat_rule_fn(void *context, const struct nat_rule *rule);

/*
 * Those for this port in what iptables-save or nft -n list ruleset print. A rule that says
 * for which ports it does not hold, or finds its port in a map, is passed over.
 */
void nat_rules_in_iptables(const char *text, uint16_t port, nat_rule_fn *on_rule, void *context);
void nat_rules_in_nft(const char *text, uint16_t port, nat_rule_fn *on_rule, void *context);

#endif
