// SPDX-License-Identifier: GPL-2.0
/* Hostile names of cgroups: every fact must lie within the path that it is borrowed from. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "user/enrich/cgroup.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_within(struct bytes fact, struct bytes path)
{
    require(fact.at ? fact.size > 0 : fact.size == 0);
    if (!fact.at)
        return;
    require(fact.at >= path.at && fact.at + fact.size <= path.at + path.size);
    require(!memchr(fact.at, '/', fact.size));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct bytes path = {.at = (const char *)input, .size = (uint32_t)size};
    struct cgroup_facts facts = cgroup_parse(path);
    char uid[CGROUP_POD_ID_MAX];

    require_within(facts.unit, path);
    require_within(facts.unit_of_user, path);
    require_within(facts.container_id, path);
    require_within(facts.pod_id, path);
    require((facts.runtime != RUNTIME_NONE) == (facts.container_id.at != NULL));
    require(!facts.container_is_trusted || facts.container_id.at);
    require(!facts.container_is_of_user || (facts.container_id.at && !facts.container_is_trusted));
    require(facts.pod_id.size <= sizeof(uid));
    cgroup_pod_uid(facts.pod_id, uid);
    require(!facts.pod_id.size || !memchr(uid, '_', facts.pod_id.size));
    return 0;
}
