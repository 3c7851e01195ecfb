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
    config->by_comm = filter->comm_count > 0;
    config->by_uid = filter->uid_count > 0;
    config->by_netns = filter->netns_count > 0;
    config->by_cgroup = filter->cgroup_count > 0;
    config->protocols = (__u8)filter->protocols;
    config->families = (__u8)filter->families;
    config->outcomes = (__u8)filter->outcomes;
    config->ops = (__u16)filter->ops;
    config->filters = 0;
    if (config->by_pid || config->by_comm || config->by_uid || config->by_cgroup)
        config->filters |= PT_BY_PROCESS;
    if (config->by_netns || config->protocols || config->families)
        config->filters |= PT_BY_SOCKET;
    if (config->ops || config->outcomes || config->by_error)
        config->filters |= PT_BY_OUTCOME;
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

static int fill_lists(const struct filter *filter, int lists_fd)
{
    const uint8_t wanted = 1;
    struct pt_listed_value keys[PT_LISTED * PT_FILTER_LIST] = {0};
    unsigned int count = 0;

    for (unsigned int i = 0; i < filter->comm_count; i++) {
        keys[count].place = PT_LISTED_COMM;
        memcpy(keys[count++].value, filter->comms[i], sizeof(keys->value));
    }
    for (unsigned int i = 0; i < filter->uid_count; i++)
        keys[count++] = (struct pt_listed_value){PT_LISTED_UID, {filter->uids[i], 0}};
    for (unsigned int i = 0; i < filter->netns_count; i++)
        keys[count++] = (struct pt_listed_value){PT_LISTED_NETNS, {filter->netns[i], 0}};
    for (unsigned int i = 0; i < filter->cgroup_count; i++)
        keys[count++] = (struct pt_listed_value){PT_LISTED_CGROUP, {filter->cgroup_ids[i], 0}};
    for (unsigned int i = 0; i < count; i++)
        if (bpf_map_update_elem(lists_fd, &keys[i], &wanted, BPF_ANY))
            return -errno;
    return 0;
}

int filter_fill_maps(const struct filter *filter, int pids_fd, int ports_fd, int lists_fd)
{
    const uint8_t wanted = 1;
    int error;

    for (unsigned int i = 0; i < filter->pid_count; i++)
        if (bpf_map_update_elem(pids_fd, &filter->pids[i], &wanted, BPF_ANY))
            return -errno;
    error = fill_ports(filter, ports_fd);
    return error ? error : fill_lists(filter, lists_fd);
}
