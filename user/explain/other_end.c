// SPDX-License-Identifier: GPL-2.0
#include "user/explain/other_end.h"

#include "user/explain/socket_words.h"

bool other_end_is_of(const struct pt_holder *one, const struct pt_holder *other)
{
    return words_same_endpoint(&one->local, &other->peer) &&
           words_same_endpoint(&one->peer, &other->local);
}

static bool find_for(const struct holder_list *all, const struct pt_holder *half_closed,
                     struct pt_holder *ret_other_end)
{
    uint16_t port = half_closed->peer.port;
    unsigned int first = holder_list_first(all, port);
    unsigned int run = holder_list_run(all, first, port);

    for (unsigned int i = first; i < first + run; i++) {
        const struct pt_holder seen = holder_list_at(all, i).seen;

        if (seen.socket.state == WORDS_CLOSE_WAIT && seen.flags & PT_HOLDER_OWNER_KNOWN &&
            other_end_is_of(&seen, half_closed)) {
            *ret_other_end = seen;
            return true;
        }
    }
    return false;
}

bool other_end_find(const struct holder_list *all, uint16_t port, struct pt_holder *ret_other_end)
{
    unsigned int first = holder_list_first(all, port);
    unsigned int run = holder_list_run(all, first, port);

    for (unsigned int i = first; i < first + run; i++) {
        const struct pt_holder seen = holder_list_at(all, i).seen;

        if (seen.flags & PT_HOLDER_HALF_CLOSED && find_for(all, &seen, ret_other_end))
            return true;
    }
    return false;
}
