// SPDX-License-Identifier: GPL-2.0
#include "user/host/nat_rules.h"

#include <stdlib.h>
#include <string.h>

#include "user/host/nat_words.h"

/* The word behind an option; NULL: it is not there, or its opposite is meant. */
static const char *value_of(const struct nat_words *words, const char *option)
{
    unsigned int at = nat_words_find(words, 0, option);

    if (at + 1 >= words->count || (at && !strcmp(words->at[at - 1], "!")))
        return NULL;
    return words->at[at + 1];
}

static bool list_has_port(const char *list, uint16_t port)
{
    struct nat_words ports;

    nat_words_split(list, strlen(list), true, &ports);
    for (unsigned int i = 0; i < ports.count; i++)
        if (nat_words_has_port(ports.at[i], ':', port))
            return true;
    return false;
}

static bool iptables_rule(const struct nat_words *words, uint16_t port, struct nat_rule *rule)
{
    const char *protocol = value_of(words, "-p"), *target = value_of(words, "-j");
    const char *ports = value_of(words, "--dport"), *address = value_of(words, "-d"), *to;

    *rule = (struct nat_rule){.from = {.port = port}};
    if (!words->count || strcmp(words->at[0], "-A") != 0 || !protocol || !target)
        return false;
    if (!ports)
        ports = value_of(words, "--dports");
    rule->protocol = nat_words_protocol(protocol);
    if (!rule->protocol || !ports || !list_has_port(ports, port))
        return false;
    if (!strcmp(target, "DNAT")) {
        to = value_of(words, "--to-destination");
        if (!to || !nat_words_endpoint(to, &rule->to))
            return false;
    } else if (!strcmp(target, "REDIRECT")) {
        to = value_of(words, "--to-ports");
        if (to)
            rule->to.port = (uint16_t)strtoul(to, NULL, 10);
    } else {
        return false;
    }
    if (address && !nat_words_endpoint(address, &rule->from))
        rule->from.family = 0;
    rule->from.port = port;
    return true;
}

/* The words of { 80, 8000-8100 }, or one alone, from at on. Returns behind them. */
static unsigned int nft_ports(const struct nat_words *words, unsigned int at, uint16_t port,
                              bool *ret_has)
{
    bool set = at < words->count && !strcmp(words->at[at], "{");

    *ret_has = false;
    if (set)
        at++;
    do {
        if (at >= words->count || !strcmp(words->at[at], "}"))
            break;
        *ret_has |= nat_words_has_port(words->at[at], '-', port);
        at++;
    } while (set);
    return at;
}

/* "tcp dport", or "meta l4proto tcp ... th dport". */
static uint16_t nft_protocol(const struct nat_words *words, unsigned int dport)
{
    uint16_t protocol = dport ? nat_words_protocol(words->at[dport - 1]) : 0;
    unsigned int meta = nat_words_find(words, 0, "l4proto");

    if (protocol || !dport || strcmp(words->at[dport - 1], "th") != 0)
        return protocol;
    return meta + 1 < dport ? nat_words_protocol(words->at[meta + 1]) : 0;
}

static bool nft_target(const struct nat_words *words, unsigned int from, struct nat_rule *rule)
{
    unsigned int verdict = nat_words_find(words, from, "dnat"), to;

    if (verdict == words->count)
        verdict = nat_words_find(words, from, "redirect");
    if (verdict == words->count)
        return false;
    to = nat_words_find(words, verdict, "to");
    if (to == words->count) /* redirect alone: to the same port of this host */
        return !strcmp(words->at[verdict], "redirect");
    return to <= verdict + 2 && to + 1 < words->count &&
           nat_words_endpoint(words->at[to + 1], &rule->to);
}

static bool nft_rule(const struct nat_words *words, uint16_t port, struct nat_rule *rule)
{
    unsigned int dport = nat_words_find(words, 0, "dport");
    unsigned int address = nat_words_find(words, 0, "daddr");
    unsigned int behind;
    bool has;

    *rule = (struct nat_rule){.protocol = nft_protocol(words, dport)};
    if (dport == words->count || !rule->protocol)
        return false;
    behind = nft_ports(words, dport + 1, port, &has);
    if (!has || !nft_target(words, behind, rule))
        return false;
    if (address + 1 < dport && !nat_words_endpoint(words->at[address + 1], &rule->from))
        rule->from.family = 0;
    rule->from.port = port;
    return true;
}

static void each_line(const char *text, bool commas, uint16_t port,
                      bool (*take)(const struct nat_words *, uint16_t, struct nat_rule *),
                      nat_rule_fn *on_rule, void *context)
{
    struct nat_words words;
    struct nat_rule rule;
    bool go_on = true;

    while (*text && go_on) {
        size_t length = strcspn(text, "\n");

        nat_words_split(text, length, commas, &words);
        if (take(&words, port, &rule))
            go_on = on_rule(context, &rule);
        text += length;
        text += *text == '\n';
    }
}

void nat_rules_in_iptables(const char *text, uint16_t port, nat_rule_fn *on_rule, void *context)
{
    each_line(text, false, port, iptables_rule, on_rule, context);
}

void nat_rules_in_nft(const char *text, uint16_t port, nat_rule_fn *on_rule, void *context)
{
    each_line(text, true, port, nft_rule, on_rule, context);
}
