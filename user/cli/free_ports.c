// SPDX-License-Identifier: GPL-2.0
#include "user/cli/free_ports.h"

#include <stddef.h>

#define PORT_MAX 65535

static bool is_refused_by(const struct free_search *search, uint16_t port,
                          const struct pt_holder *seen)
{
    for (unsigned int i = 0; i < search->asker_count; i++) {
        struct rules_asker asker = search->askers[i];

        asker.wanted.port = port;
        if (rules_conflict(&asker, seen))
            return true;
    }
    return false;
}

static bool is_held(const struct free_search *search, uint16_t port, struct holder *ret_holder)
{
    unsigned int first = holder_list_first(search->holders, port);
    unsigned int end = first + holder_list_run(search->holders, first, port);

    for (unsigned int i = first; i < end; i++) {
        *ret_holder = holder_list_at(search->holders, i);
        if (is_refused_by(search, port, &ret_holder->seen))
            return true;
    }
    return false;
}

static const char *service_of(const struct free_search *search, uint16_t port)
{
    const char *name = NULL;

    for (unsigned int i = 0; search->names.service && i < search->asker_count && !name; i++)
        name = search->names.service(search->names.context, port, search->askers[i].protocol);
    return name;
}

static bool is_reserved(const struct facts *facts, uint16_t port)
{
    return facts->reserved && facts->reserved[port / 64] >> port % 64 & 1;
}

struct free_answer free_judge(const struct free_search *search, uint16_t port)
{
    const struct facts *facts = search->facts;
    struct free_answer answer = {0};

    if (is_held(search, port, &answer.holder))
        answer.state = FREE_HELD;
    else if (port < facts->unprivileged_start && !search->capable)
        answer.state = FREE_PRIVILEGED;
    else if (is_reserved(facts, port))
        answer.state = FREE_RESERVED;
    else if (port >= facts->range_low && port <= facts->range_high)
        answer.state = FREE_EPHEMERAL;
    else if (port != search->asked && (answer.service = service_of(search, port)))
        answer.state = FREE_SERVICE;
    return answer;
}

unsigned int free_find(const struct free_search *search, uint16_t from, unsigned int count,
                       uint16_t *ret_ports)
{
    unsigned int found = 0;

    for (uint32_t port = from; port && port <= PORT_MAX && found < count; port++)
        if (free_judge(search, (uint16_t)port).state == FREE_YES)
            ret_ports[found++] = (uint16_t)port;
    for (uint32_t port = from ? from - 1u : 0; port && found < count; port--)
        if (free_judge(search, (uint16_t)port).state == FREE_YES)
            ret_ports[found++] = (uint16_t)port;
    return found;
}
