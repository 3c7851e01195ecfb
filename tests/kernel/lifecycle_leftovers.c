// SPDX-License-Identifier: GPL-2.0
/* What a trace leaves behind, however it ends: nothing. */
#include <signal.h>
#include <unistd.h>

#include "tests/kernel/leftovers.h"
#include "tests/kernel/lifecycle_run.h"

static void check_nothing_left(struct lifecycle *run, int number)
{
    static struct surroundings before, during, after;
    int attached = cgroup_attachments(), waited;
    static struct bpf_ids ids;
    const char *what;

    surroundings_look(&before);
    if (!lifecycle_start(run, NULL, NULL))
        return;
    surroundings_look(&during);
    bpf_ids_of(run->trace.pid, &ids);
    lifecycle_binds(10);
    trace_end(&run->trace, number);
    if (!ids.count)
        FAIL(run, "it holds no BPF objects, so that this check sees nothing");
    if (!bpf_ids_gone(&ids))
        FAIL(run, "a BPF object was left behind");
    for (waited = 0; waited < LIFECYCLE_PATIENCE_MS && cgroup_attachments() > attached;
         waited += 10)
        usleep(10000);
    if (cgroup_attachments() > attached)
        FAIL(run, "a program is still attached to the root cgroup");
    surroundings_look(&after);
    what = surroundings_differ(&before, &during);
    if (what)
        FAIL(run, "%s appeared", what);
    what = surroundings_differ(&before, &after);
    if (what)
        FAIL(run, "%s was left behind", what);
}

void lifecycle_kill_leaves_nothing(struct lifecycle *run)
{
    check_nothing_left(run, SIGKILL);
}

void lifecycle_end_leaves_nothing(struct lifecycle *run)
{
    check_nothing_left(run, SIGINT);
}
