/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses and ports as people write them. */
#ifndef PORTTRACE_MODEL_ENDPOINT_H
#define PORTTRACE_MODEL_ENDPOINT_H

#include <linux/types.h>
#include <stdbool.h>

#include "bpf/event.h"
#include "user/model/strbuf.h"

/* True for IPv4 and IPv6: there is an address that can be written. */
bool endpoint_has_address(const struct pt_endpoint *endpoint);

/* "127.0.0.1", "::1": no scope, no brackets. Only where endpoint_has_address(). */
void endpoint_add_address(struct strbuf *out, const struct pt_endpoint *endpoint);

/*
 * As ss writes it: "127.0.0.1:80", "[fe80::1%2]:80", with a device "0.0.0.0%eth0:80" and
 * "[::]%eth0:80". The device may be NULL and must be fit to print. Another family than IPv4 and
 * IPv6 gives "family 1", no endpoint gives "-".
 */
void endpoint_add(struct strbuf *out, const struct pt_endpoint *endpoint, const char *device);

#endif
