// SPDX-License-Identifier: GPL-2.0
#include "user/capture/filter_maps.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/types.h>
#include <stdint.h>
#include <string.h>

#include "bpf/event.h"
#include "bpf/config.h"

_Static_assert(FILTER_LIST_MAX == PT_FILTER_LIST, "both sides hold lists of the same length");

void filter_to_config(const struct filter *filter, struct pt_config *config)
{
    config->by_pid = filter->pid_count > 0;
    config->by_port = filter->port_count > 0;
    config->by_error = filter->by_error;
    memcpy(config->errors, filter->errors, sizeof(config->errors));
    config->comm_count = (__u8)filter->comm_count;
    memcpy(config->comms, filter->comms, sizeof(config->comms));
    config->uid_count = (__u8)filter->uid_count;
    memcpy(config->uids, filter->uids, sizeof(config->uids));
    config->netns_count = (__u8)filter->netns_count;
    memcpy(config->netns, filter->netns, sizeof(config->netns));
    config->cgroup_count = (__u8)filter->cgroup_count;
    memcpy(config->cgroup_ids, filter->cgroup_ids, sizeof(config->cgroup_ids));
    config->protocols = (__u8)filter->protocols;
    config->families = (__u8)filter->families;
    config->outcomes = (__u8)filter->outcomes;
    config->ops = (__u16)filter->ops;
}

static int fill_ports(const struct filter *filter, int ports_fd)
{
    uint64_t words[PT_PORT_WORDS] = {0};

    for (unsigned int i = 0; i < filter->port_count; i++)
        for (uint32_t port = filter->ports[i].low; port <= filter->ports[i].high; port++)
            words[port / 64] |= 1ull << (port % 64);
    for (uint32_t word = 0; word < PT_PORT_WORDS; word++)
        if (words[word] && bpf_map_update_elem(ports_fd, &word, &words[word], BPF_ANY))
            return -errno;
    return 0;
}

int filter_fill_maps(const struct filter *filter, int pids_fd, int ports_fd)
{
    const uint8_t wanted = 1;

    for (unsigned int i = 0; i < filter->pid_count; i++)
        if (bpf_map_update_elem(pids_fd, &filter->pids[i], &wanted, BPF_ANY))
            return -errno;
    return fill_ports(filter, ports_fd);
}
