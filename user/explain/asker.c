// SPDX-License-Identifier: GPL-2.0
#include "user/explain/asker.h"

#include "user/explain/socket_words.h"
#include "user/model/operations.h"

/* Older recordings know of a refused listen() no more than the port that its socket had. */
static struct pt_endpoint wanted_by(const struct observation *seen)
{
    struct pt_endpoint wanted = *operation_wanted(seen);

    if (seen->op == PT_OP_LISTEN && !wanted.family) {
        wanted.family = seen->socket.family;
        wanted.port = seen->refusal_known ? seen->refusal.entry_port : 0;
    }
    return wanted;
}

struct rules_asker asker_of(const struct observation *seen, const struct facts *facts)
{
    bool socket_read = seen->refusal_known && seen->refusal.flags & PT_REFUSAL_SOCKET_KNOWN;

    return (struct rules_asker){
        .op = seen->op == PT_OP_LISTEN ? PT_OP_LISTEN : PT_OP_BIND,
        .family = seen->socket.family,
        .type = seen->socket.type,
        .protocol = seen->socket.protocol,
        .wanted = wanted_by(seen),
        .options = seen->socket.options,
        .uid = socket_read ? seen->refusal.uid : seen->process.task.uid,
        .device_ifindex = seen->socket.device_ifindex,
        .inode = seen->socket.inode,
        .netns = seen->process.task.netns,
        .kernel_major = facts->kernel_major,
        .kernel_minor = facts->kernel_minor,
    };
}

bool peer_is_here(const struct observation *seen, const struct facts *facts)
{
    return words_is_loopback(&seen->requested) || facts->address == ADDRESS_LOCAL;
}
