/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which systemd unit, container and Kubernetes pod the path of a cgroup stands for. Pure.
 *
 * Whoever owns a cgroup names those below it: a user all of user@UID.service, a container all of
 * its own. So a path is a claim, and the further from the root the weaker. The innermost container
 * counts, and with it the *outermost* unit, which the manager of the host has made: a container
 * claimed below user@1000.service is told as of that unit, be it rootless podman or a lie. Units
 * inside a container are not told. Without a container the innermost unit counts. A path of which
 * the beginning is missing tells nothing.
 *
 * A container is trusted where all that is above it is of root: slices, which systemd delegates to
 * nobody, and the folders of runtimes. A service, a session or a container may be somebody else's.
 * Below user@1000.service the systemd of that user makes the same tree once more: by the same rules
 * a container there is the user's, and the outermost unit is one of that manager.
 */
#ifndef PORTTRACE_ENRICH_CGROUP_H
#define PORTTRACE_ENRICH_CGROUP_H

#include "user/model/observation.h"

#define CGROUP_POD_ID_MAX 36

/* Of the facts .pod_id is as the path writes it, at most CGROUP_POD_ID_MAX bytes. */
struct cgroup_facts cgroup_parse(struct bytes path);

/* The uid as the API writes it, of the same size: in the name of a slice dashes are underscores. */
void cgroup_pod_uid(struct bytes pod_id, char *ret_uid);

#endif
