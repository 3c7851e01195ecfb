// SPDX-License-Identifier: GPL-2.0
#include "user/render/json_event.h"

#include "user/explain/explain.h"
#include "user/model/sockets.h"

/* These words are part of the format; those of confidence_name() are for people. */
static const char *confidence_word(enum confidence confidence)
{
    static const char *const words[] = {
        [CONFIDENCE_NONE] = "none",       [CONFIDENCE_CHECK] = "check",
        [CONFIDENCE_TABLE] = "table",     [CONFIDENCE_LOOKUP] = "lookup",
        [CONFIDENCE_DEDUCED] = "deduced",
    };

    return words[confidence];
}

static void add_reason(struct json *json, const struct explanation *explanation)
{
    const struct reason_words *words = reason_words(explanation->reason);

    json_object(json, "reason");
    json_text(json, "code", words->code);
    json_text(json, "name", words->name);
    json_bytes(json, "message", explanation->sentence.text, explanation->sentence.length);
    json_text(json, "confidence", confidence_word(explanation->confidence));
    if (explanation->confidence == CONFIDENCE_LOOKUP && explanation->looked_after_ns)
        json_uint(json, "looked_after_ns", explanation->looked_after_ns);
    json_text_if(json, "check", explanation->check);
    if (explanation->also) {
        words = reason_words(explanation->also);
        json_object(json, "also");
        json_text(json, "code", words->code);
        json_text(json, "name", words->name);
        json_object_end(json);
    }
    json_object_end(json);
}

static void add_holders(struct json *json, const struct json_instant *now,
                        const struct explanation *explanation)
{
    if (!explanation->holder_count)
        return;
    json_array(json, "holders");
    for (unsigned int i = 0; i < explanation->holder_count; i++)
        json_event_holder(json, NULL, now, explanation->holders[i]);
    json_array_end(json);
    if (explanation->holders_left_out)
        json_uint(json, "holders_left_out", explanation->holders_left_out);
}

static void add_sentences(struct json *json, const char *key, const struct strbuf *at,
                          unsigned int count)
{
    if (!count)
        return;
    json_array(json, key);
    for (unsigned int i = 0; i < count; i++)
        json_bytes(json, NULL, at[i].text, at[i].length);
    json_array_end(json);
}

static const char *check_word(unsigned int check)
{
    static const char *const words[PT_CHECKS] = {
        [PT_CHECK_UNKNOWN] = NULL,           [PT_CHECK_DESCRIPTOR] = "descriptor",
        [PT_CHECK_SECCOMP] = "seccomp",      [PT_CHECK_SECURITY] = "security",
        [PT_CHECK_SELINUX] = "selinux",      [PT_CHECK_APPARMOR] = "apparmor",
        [PT_CHECK_TOMOYO] = "tomoyo",        [PT_CHECK_SMACK] = "smack",
        [PT_CHECK_LANDLOCK] = "landlock",    [PT_CHECK_BPF_LSM] = "bpf_lsm",
        [PT_CHECK_CGROUP] = "cgroup",        [PT_CHECK_ADDRESS] = "address",
        [PT_CHECK_PRIVILEGED] = "privilege", [PT_CHECK_PORT] = "port",
        [PT_CHECK_CONNECT] = "connect",      [PT_CHECK_SOURCE] = "source",
    };

    return check < PT_CHECKS ? words[check] : NULL;
}

static void add_netns_rules(struct json *json, const struct pt_refusal *refusal)
{
    if (!(refusal->flags & PT_REFUSAL_NETNS_KNOWN))
        return;
    json_object(json, "range");
    json_uint(json, "low", refusal->range_low);
    json_uint(json, "high", refusal->range_high);
    json_object_end(json);
    json_uint(json, "unprivileged_port_start", refusal->unprivileged_start);
    json_bool(json, "reserved", refusal->flags & PT_REFUSAL_RESERVED);
    json_bool(json, "nonlocal_bind", refusal->flags & PT_REFUSAL_NONLOCAL);
    json_bool(json, "capable", refusal->flags & PT_REFUSAL_CAPABLE);
}

static void add_refusal(struct json *json, const struct pt_refusal *refusal)
{
    json_object(json, "refusal");
    json_text_if(json, "check", check_word(refusal->check));
    if (refusal->flags & PT_REFUSAL_SOCKET_KNOWN) {
        json_uint(json, "entry_port", refusal->entry_port);
        json_text_if(json, "entry_state", socket_state_name(refusal->entry_state));
        json_id(json, "socket_uid", refusal->uid);
    }
    json_uint(json, "conflicts", refusal->conflicts);
    add_netns_rules(json, refusal);
    json_bool(json, "seccomp_filter", refusal->flags & PT_REFUSAL_FILTERED);
    json_object_end(json);
}

void json_event_refused(struct json *json, const struct json_instant *now,
                        const struct observation *seen, const struct explanation *explanation)
{
    if (explanation && explanation->sentence.length) {
        add_reason(json, explanation);
        add_holders(json, now, explanation);
        add_sentences(json, "notes", explanation->notes, explanation->note_count);
        add_sentences(json, "advice", explanation->helps, explanation->help_count);
    }
    if (seen->refusal_known)
        add_refusal(json, &seen->refusal);
}
