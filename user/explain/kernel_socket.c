// SPDX-License-Identifier: GPL-2.0
#include "user/explain/inquiry.h"

#include <netinet/in.h>
#include <stddef.h>

#include "user/explain/socket_words.h"

static const struct {
    uint16_t protocol;
    uint16_t port;
    const char *name;
} known[] = {
    {IPPROTO_UDP, 111, "rpcbind"},
    {IPPROTO_TCP, 2049, "the NFS server"},
    {IPPROTO_UDP, 2049, "the NFS server"},
    {IPPROTO_TCP, 20049, "NFS over RDMA"},
    {IPPROTO_TCP, 445, "the ksmbd file server"},
    {IPPROTO_UDP, 51820, "WireGuard"},
    {IPPROTO_UDP, 4789, "VXLAN"},
    {IPPROTO_UDP, 8472, "VXLAN"},
    {IPPROTO_UDP, 4790, "VXLAN-GPE"},
    {IPPROTO_UDP, 6081, "GENEVE"},
    {IPPROTO_UDP, 1701, "L2TP"},
    {IPPROTO_UDP, 2152, "GTP"},
    {IPPROTO_UDP, 3386, "GTP"},
    {IPPROTO_UDP, 4500, "IPsec"},
    {IPPROTO_UDP, 5555, "FOU or GUE"},
    {IPPROTO_UDP, 6080, "GUE"},
    {IPPROTO_UDP, 6635, "MPLS over UDP"},
    {IPPROTO_UDP, 4791, "RoCE"},
    {IPPROTO_TCP, 3260, "the iSCSI target"},
    {IPPROTO_TCP, 4420, "the NVMe target"},
    {IPPROTO_TCP, 8009, "the NVMe discovery"},
    {IPPROTO_UDP, 9899, "SCTP over UDP"},
    {IPPROTO_TCP, 21064, "DLM"},
};

const char *kernel_socket_guess(const struct pt_holder *holder)
{
    uint16_t protocol = holder->socket.protocol;

    if (protocol == WORDS_IPPROTO_MPTCP)
        protocol = IPPROTO_TCP;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].protocol == protocol && known[i].port == holder->local.port)
            return known[i].name;
    }
    return NULL;
}
