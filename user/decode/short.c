// SPDX-License-Identifier: GPL-2.0
#include "user/decode/short.h"

#include <string.h>
#include <sys/socket.h>

static struct pt_endpoint endpoint(const __u8 address[4], __u16 port)
{
    struct pt_endpoint end = {.family = AF_INET, .port = port};

    memcpy(end.address, address, 4);
    return end;
}

void short_call_expand(const struct pt_short_call *from, struct pt_call *to)
{
    *to = (struct pt_call){
        .header = from->header,
        .task = from->task,
        .latency_ns = from->latency_ns,
        .error = from->error,
        .fd = from->fd,
        .backlog = from->backlog,
        .address_size = from->address_size,
        .op = from->op,
        .entry = from->entry,
        .plan = from->plan,
        .address_source = from->address_source,
        .stage = from->stage,
        .flags = from->flags & ~(PT_SHORT_REQUESTED | PT_SHORT_LOCAL),
    };
    to->header.kind = PT_KIND_CALL;
    to->header.size = sizeof(*to);
    if (from->flags & PT_CALL_SOCKET_KNOWN)
        to->socket = (struct pt_socket){
            .cookie = from->cookie,
            .inode = from->inode,
            .family = AF_INET,
            .type = from->type,
            .protocol = from->protocol,
            .state = from->state,
            .options = from->options,
        };
    if (from->flags & PT_SHORT_REQUESTED)
        to->requested = endpoint(from->requested_address, from->requested_port);
    if (from->flags & PT_SHORT_LOCAL)
        to->local = endpoint(from->local_address, from->local_port);
}

void short_release_expand(const struct pt_short_release *from, struct pt_release *to)
{
    *to = (struct pt_release){
        .header = from->header,
        .task = from->task,
        .socket =
            {
                .cookie = from->cookie,
                .inode = from->inode,
                .family = AF_INET,
                .type = from->type,
                .protocol = from->protocol,
                .state = from->state,
                .options = from->options,
            },
        .local = endpoint(from->local_address, from->local_port),
        .held_ns = from->held_ns,
        .flags = from->flags,
        .op = PT_OP_RELEASE,
        .plan = from->plan,
        .taken_by = from->taken_by,
    };
    to->header.kind = PT_KIND_RELEASE;
    to->header.size = sizeof(*to);
}
