// SPDX-License-Identifier: GPL-2.0
#include "user/cli/why_ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "user/host/protocols.h"
#include "user/model/endpoint.h"
#include "user/model/sanitize.h"

#define STATE_CLOSE  7
#define STATE_LISTEN 10

static int find_devices(const struct why_asker *asker, const struct question *question,
                        struct observation *call, struct strbuf *error)
{
    const char *device = question->device[0] ? question->device : asker->socket.device;
    char name[IF_NAMESIZE];
    uint32_t ifindex;

    if (question->scope[0] &&
        why_place_scope(asker->place, question->scope, &call->requested.scope_id, error))
        return -EINVAL;
    if (!device)
        return 0;
    if (why_place_device(asker->place, device, &ifindex, name, error))
        return -EINVAL;
    call->socket.device_ifindex = (int32_t)ifindex;
    memcpy(call->socket.device, name, sizeof(call->socket.device));
    return 0;
}

static void set_address(const struct why_asker *asker, struct observation *call, int family,
                        const char *address)
{
    call->requested.family = (uint16_t)family;
    inet_pton(family, address, call->requested.address);
    call->socket.family = (uint16_t)family;
    call->socket.options = asker->socket.options;
    if (family != AF_INET6)
        call->socket.options &= ~(uint32_t)PT_OPTION_V6ONLY;
    else if (asker->place->v6only)
        call->socket.options |= PT_OPTION_V6ONLY;
}

int why_ask_calls(const struct why_asker *asker, const struct question *question,
                  struct observation ret_calls[WHY_CALLS_MAX], struct strbuf *error)
{
    const struct why_place *place = asker->place;
    bool listens = question->type == SOCK_STREAM && !asker->socket.bind_only;
    struct observation call = {
        .op = listens ? PT_OP_LISTEN : PT_OP_BIND,
        .fd = -1,
        .process = {.task = {.uid = place->uid, .netns = place->netns}},
        .socket = {.type = question->type, .protocol = question->protocol, .state = STATE_CLOSE},
        .socket_known = true,
        .requested = question->endpoint,
        .refusal = {.flags = place->capable ? PT_REFUSAL_CAPABLE : 0},
    };

    if (find_devices(asker, question, &call, error))
        return -EINVAL;
    ret_calls[0] = ret_calls[1] = call;
    if (!question->any_address && !question->localhost) {
        char address[INET6_ADDRSTRLEN];

        inet_ntop(call.requested.family, call.requested.address, address, sizeof(address));
        set_address(asker, &ret_calls[0], call.requested.family, address);
        return 1;
    }
    set_address(asker, &ret_calls[0], AF_INET, question->localhost ? "127.0.0.1" : "0.0.0.0");
    set_address(asker, &ret_calls[1], AF_INET6, question->localhost ? "::1" : "::");
    return place->ipv6 ? 2 : 1;
}

/* The scope's device does not exist: what __inet6_bind() says behind privilege and state. */
static void refuse_scope(struct observation *seen)
{
    if (seen->error && seen->error != EADDRINUSE && seen->error != EADDRNOTAVAIL)
        return;
    seen->op = PT_OP_BIND;
    seen->error = ENODEV;
    seen->stage = PT_STAGE_PROTOCOL;
    seen->refusal.check = PT_CHECK_ADDRESS;
}

static bool is_mapped(const struct pt_endpoint *endpoint)
{
    static const uint8_t prefix[] = {[10] = 0xff, [11] = 0xff};

    return endpoint->family == AF_INET6 && !memcmp(endpoint->address, prefix, sizeof(prefix));
}

/* sock_diag tells of V6ONLY as long as a socket is not connected, of options of sharing never. */
static bool option_matters(const struct observation *seen, const struct pt_holder *holder)
{
    if (!(holder->flags & PT_HOLDER_OPTIONS_UNSEEN))
        return false;
    if (seen->socket.options & (PT_OPTION_REUSEADDR | PT_OPTION_REUSEPORT))
        return true;
    return holder->socket.family == AF_INET6 && !is_mapped(&holder->local) &&
           holder->socket.state != STATE_CLOSE && holder->socket.state != STATE_LISTEN;
}

static bool options_are_unseen(const struct observation *seen, const struct facts *facts)
{
    if (facts->holders_complete || seen->error != EADDRINUSE)
        return false;
    for (unsigned int i = 0; i < facts->holders.count; i++)
        if (option_matters(seen, &facts->holders.at[i].seen))
            return true;
    return false;
}

/*
 * A port remembers whose sockets share it by SO_REUSEPORT, and lets in those of the same user
 * without a look at the others. Of a socket without a process the user was forgotten before 6.17,
 * so that the two do not say the same, and what the port remembers is not seen.
 */
static bool sharing_is_unseen(const struct observation *seen, const struct facts *facts)
{
    if (seen->error != EADDRINUSE || !(seen->socket.options & PT_OPTION_REUSEPORT) ||
        facts->kernel_major > 6 || (facts->kernel_major == 6 && facts->kernel_minor >= 17))
        return false;
    for (unsigned int i = 0; i < facts->holders.count; i++) {
        const struct pt_holder *holder = &facts->holders.at[i].seen;

        if (holder->flags & PT_HOLDER_ORPHAN && holder->socket.options & PT_OPTION_REUSEPORT)
            return true;
    }
    return false;
}

static bool sockets_are_unseen(const struct why_asker *asker, const struct observation *seen,
                               const struct facts *facts)
{
    if (facts->holders_complete || seen->error)
        return false;
    return seen->socket.protocol == IPPROTO_SCTP || !facts_saw_sockets(asker->gatherer);
}

static bool depends_on_unseen(const struct why_asker *asker, const struct observation *seen,
                              const struct facts *facts)
{
    if (!facts->netns_known || protocol_is_missing(seen->socket.protocol))
        return true;
    if (facts->address == ADDRESS_UNKNOWN &&
        !(seen->socket.options & (PT_OPTION_FREEBIND | PT_OPTION_TRANSPARENT)))
        return true;
    return sockets_are_unseen(asker, seen, facts) || options_are_unseen(seen, facts) ||
           sharing_is_unseen(seen, facts);
}

static const char *what_is_unseen(const struct facts_gatherer *gatherer,
                                  const struct observation *seen, const struct facts *facts)
{
    const char *missing = facts_missing(gatherer);

    if (protocol_is_missing(seen->socket.protocol))
        return "whether this kernel can have that protocol: it is not loaded now";
    if (!facts->netns_known)
        return "that net namespace, which may not be entered";
    if (facts->address == ADDRESS_UNKNOWN)
        return "the addresses of this host";
    return missing ? missing : "the user whose sockets share the port";
}

static void add_rules(const struct why_asker *asker, const struct observation *seen,
                      struct explanation *explanation)
{
    struct holders rules = facts_rules(asker->gatherer);

    for (unsigned int i = 0; i < rules.count && explanation->note_count < EXPLAIN_NOTES_MAX; i++) {
        const struct holder *rule = &rules.at[i];
        struct strbuf *note = &explanation->notes[explanation->note_count];

        if (rule->seen.socket.protocol != seen->socket.protocol)
            continue;
        strbuf_printf(note, "a rule (%s) sends what comes for the port to ", rule->published->by);
        if (rule->published->to.family)
            endpoint_add(note, &rule->published->to, NULL);
        else
            strbuf_printf(note, "port %u", rule->published->to.port);
        if (rule->published->container.at) {
            strbuf_puts(note, ", container ");
            sanitize_add_quoted(note, rule->published->container.at,
                                rule->published->container.size);
        }
        strbuf_puts(note, ": a server here may get none of it");
        explanation->note_count++;
    }
}

/* There is no answer; what may be in the way is told all the same. */
static void tell_suspects(const struct observation *seen, const struct facts *facts,
                          struct explanation *ret_explanation)
{
    struct explanation suspicion;
    unsigned int count = 0;

    *ret_explanation = (struct explanation){0};
    explain(seen, facts, &suspicion);
    for (; count < suspicion.holder_count && count < EXPLAIN_NOTES_MAX - 2; count++) {
        struct strbuf *note = &ret_explanation->notes[count];

        strbuf_puts(note, "in the way, unless its options let others share: ");
        strbuf_puts(note, suspicion.holder_lines[count].text ? suspicion.holder_lines[count].text
                                                             : "a socket");
    }
    ret_explanation->note_count = count;
    explanation_free(&suspicion);
}

static void conclude(const struct why_asker *asker, const struct facts *facts,
                     struct why_answer *answer)
{
    if (depends_on_unseen(asker, &answer->seen, facts)) {
        answer->unseen = what_is_unseen(asker->gatherer, &answer->seen, facts);
        tell_suspects(&answer->seen, facts, &answer->explanation);
        answer->seen.error = 0;
    } else {
        explain(&answer->seen, facts, &answer->explanation);
    }
    add_rules(asker, &answer->seen, &answer->explanation);
}

/* The facts are of another call for the same port: but for the address all is shared. */
static void predict(const struct why_asker *asker, const struct observation *call,
                    struct facts *facts, struct observation *ret_seen)
{
    int result = facts_gather_address(asker->gatherer, call, asker->place->netns_fd, facts);

    *ret_seen = *call;
    if (result == -ENODEV)
        facts->address = ADDRESS_ABSENT;
    explain_predict(ret_seen, facts);
    if (result == -ENODEV)
        refuse_scope(ret_seen);
}

static int gather(const struct why_asker *asker, const struct observation *call, int error,
                  struct facts *ret_facts)
{
    struct observation asked = *call;
    int result;

    asked.error = error;
    result = facts_gather(asker->gatherer, &asked, asker->place->netns_fd, ret_facts);
    ret_facts->asked_for_user = asker->place->as_user;
    return result == -ENODEV ? 0 : result;
}

int why_ask(const struct why_asker *asker, const struct observation *calls, int count,
            struct why_answer ret_answers[WHY_CALLS_MAX])
{
    const struct observation *last = &calls[count - 1];
    struct facts shared, facts;
    int error = 0, result = gather(asker, last, 0, &shared);

    memset(ret_answers, 0, WHY_CALLS_MAX * sizeof(*ret_answers));
    for (int i = 0; i < count && !result; i++) {
        facts = shared;
        predict(asker, &calls[i], &facts, &ret_answers[i].seen);
        if (ret_answers[i].seen.error)
            error = ret_answers[i].seen.error;
    }
    /* Free ports are looked for where one is refused, with those that could be had otherwise. */
    if (!result && error)
        result = gather(asker, last, error, &shared);
    for (int i = 0; i < count && !result; i++) {
        facts = shared;
        predict(asker, &calls[i], &facts, &ret_answers[i].seen);
        conclude(asker, &facts, &ret_answers[i]);
    }
    return result;
}

void why_answer_free(struct why_answer *answer)
{
    explanation_free(&answer->explanation);
}
