/* SPDX-License-Identifier: GPL-2.0 */
/* Where and as whom a bind is asked about: the net namespace, its devices, the user. Does I/O. */
#ifndef PORTTRACE_CLI_WHY_PLACE_H
#define PORTTRACE_CLI_WHY_PLACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "user/model/strbuf.h"

struct why_place {
    int netns_fd;
    uint32_t netns; /* its inode number */
    uint32_t uid;
    bool as_user; /* that somebody has named */
    bool capable; /* of CAP_NET_BIND_SERVICE there */
    bool ipv6;    /* this kernel has it */
    bool v6only;  /* the default for sockets there: the sysctl bindv6only */
};

/* Of netns and user either may be NULL: this one. 0, or -EINVAL with the reason added to error. */
int why_place_open(struct why_place *ret_place, const char *netns, const char *user,
                   struct strbuf *error);
void why_place_close(struct why_place *place);

/* A device there, by name or number. As above. */
int why_place_device(const struct why_place *place, const char *name, uint32_t *ret_ifindex,
                     char ret_name[IF_NAMESIZE], struct strbuf *error);

/* As above for the scope of an address, where a number need not be that of any device. */
int why_place_scope(const struct why_place *place, const char *name, uint32_t *ret_ifindex,
                    struct strbuf *error);

#endif
