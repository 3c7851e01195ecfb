// SPDX-License-Identifier: GPL-2.0
#include "user/cli/stop_others.h"

#include "user/cli/question_match.h"
#include "user/model/sockets.h"

#define NAMED_MOST 8

struct others {
    struct strbuf *out;
    unsigned int count; /* ports, one for each protocol */
    uint16_t port;      /* the last one */
    uint16_t protocol;
};

static bool has(const struct holder *holder, uint32_t pid)
{
    for (unsigned int i = 0; i < holder->process_count; i++)
        if (holder->processes[i].process->task.pid == pid)
            return true;
    return false;
}

static void add_port(struct others *others, const struct pt_holder *seen)
{
    const char *protocol = socket_protocol_name(&seen->socket);

    if (others->count && others->port == seen->local.port &&
        others->protocol == seen->socket.protocol)
        return;
    others->port = seen->local.port;
    others->protocol = seen->socket.protocol;
    if (others->count++ >= NAMED_MOST)
        return;
    strbuf_puts(others->out, others->count > 1 ? ", " : ", which also has ");
    strbuf_printf(others->out, "%s/%u", protocol ? protocol : "port", seen->local.port);
}

/* What listens for a service, or for a container, goes on for others. */
static bool ends_its_process(const struct stop_step *step)
{
    return step->way == STOP_SIGNAL ||
           (step->way == STOP_MANAGED && step->ending.way == ENDING_UNIT);
}

void stop_others_add(struct strbuf *out, const struct holder_list *all,
                     const struct stop_facts *facts, const struct question *asked,
                     const struct stop_step *step)
{
    struct role_listened listened = {0};
    struct others others = {.out = out};

    if (!ends_its_process(step))
        return;
    for (unsigned int i = 0; i < all->count; i++) {
        const struct holder holder = holder_list_at(all, i);
        struct role_context context = {.range_low = facts->range_low,
                                       .range_high = facts->range_high};

        if (!has(&holder, step->process->process->task.pid) || question_means(asked, &holder.seen))
            continue;
        context.listened = role_is_listened_next(&listened, all, i);
        if (role_is_server(role_of(&holder.seen, &context)))
            add_port(&others, &holder.seen);
    }
    if (others.count > NAMED_MOST)
        strbuf_printf(out, " and %u more", others.count - NAMED_MOST);
}
