// SPDX-License-Identifier: GPL-2.0
#include "user/model/holder_list.h"

static struct holder take_from_array(const void *source, unsigned int index)
{
    const struct holder *at = source;

    return at[index];
}

struct holder_list holder_list_of(const struct holders *holders)
{
    return (struct holder_list){
        .count = holders->count, .make = take_from_array, .source = holders->at};
}

static uint16_t port_at(const struct holder_list *list, unsigned int index)
{
    return holder_list_at(list, index).seen.local.port;
}

unsigned int holder_list_first(const struct holder_list *list, uint16_t port)
{
    unsigned int low = 0, high = list->count;

    while (low < high) {
        unsigned int middle = low + (high - low) / 2;

        if (port_at(list, middle) < port)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

unsigned int holder_list_run(const struct holder_list *list, unsigned int first, uint16_t port)
{
    unsigned int end = first;

    while (end < list->count && port_at(list, end) == port)
        end++;
    return end - first;
}
