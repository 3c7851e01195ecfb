/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_MODEL_UNIT_NAME_H
#define PORTTRACE_MODEL_UNIT_NAME_H

#include "user/model/observation.h"

/* Whether a unit of systemd is of this kind, ".service", and has a name before that. Pure. */
bool unit_name_is(struct bytes name, const char *kind);

#endif
