/* SPDX-License-Identifier: GPL-2.0 */
/* Hands the user's filter to the programs: constants before they are loaded, maps afterwards. */
#ifndef PORTTRACE_CAPTURE_FILTER_MAPS_H
#define PORTTRACE_CAPTURE_FILTER_MAPS_H

#include "user/model/filter.h"

struct pt_config;

void filter_to_config(const struct filter *filter, struct pt_config *config);
int filter_fill_maps(const struct filter *filter, int pids_fd, int ports_fd, int lists_fd);

#endif
