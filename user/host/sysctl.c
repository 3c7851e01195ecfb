// SPDX-License-Identifier: GPL-2.0
#include "user/host/sysctl.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/host/text_file.h"

#define PORT_MAX       65535
#define RESERVED_LIMIT (1u << 20) /* two of three ports, written out, is a quarter of it */

/* Digits only. Returns behind them, NULL where there is no number of a port. */
static const char *take_port(const char *text, unsigned int *ret_port)
{
    unsigned int port = 0;
    const char *at = text;

    for (; isdigit((unsigned char)*at); at++) {
        port = port * 10 + (unsigned int)(*at - '0');
        if (port > PORT_MAX)
            return NULL;
    }
    *ret_port = port;
    return at == text ? NULL : at;
}

static bool at_end(const char *text)
{
    return !text[strspn(text, " \t\n")];
}

int sysctl_parse_ports(const char *text, uint64_t ret_ports[SYSCTL_PORT_WORDS])
{
    memset(ret_ports, 0, SYSCTL_PORT_WORDS * sizeof(*ret_ports));
    while (!at_end(text)) {
        unsigned int low, high;

        text = take_port(text, &low);
        high = low;
        if (text && *text == '-')
            text = take_port(text + 1, &high);
        if (!text || high < low)
            return -EBADMSG;
        for (unsigned int port = low; port <= high; port++)
            ret_ports[port / 64] |= 1ull << port % 64;
        if (*text == ',' && !at_end(text + 1))
            text++;
        else if (!at_end(text))
            return -EBADMSG;
    }
    return 0;
}

int sysctl_parse_range(const char *text, uint16_t *ret_low, uint16_t *ret_high)
{
    unsigned int low, high;

    text = take_port(text + strspn(text, " \t"), &low);
    if (!text || !isspace((unsigned char)*text))
        return -EBADMSG;
    text = take_port(text + strspn(text, " \t"), &high);
    if (!text || !at_end(text) || high < low)
        return -EBADMSG;
    *ret_low = (uint16_t)low;
    *ret_high = (uint16_t)high;
    return 0;
}

static int read_number(const char *path, unsigned int *ret_number)
{
    char *text;
    const char *end;
    int result = text_file_read(path, 64, &text, NULL);

    if (result)
        return result;
    end = take_port(text, ret_number);
    result = end && at_end(end) ? 0 : -EBADMSG;
    free(text);
    return result;
}

static bool is_on(const char *path)
{
    unsigned int number;

    return !read_number(path, &number) && number == 1;
}

static int read_range(struct sysctl_net *net)
{
    char *text;
    int result = text_file_read("/proc/sys/net/ipv4/ip_local_port_range", 64, &text, NULL);

    if (result)
        return result;
    result = sysctl_parse_range(text, &net->range_low, &net->range_high);
    free(text);
    return result;
}

static bool read_reserved(struct sysctl_net *net)
{
    char *text;
    int result;

    if (text_file_read_at_once("/proc/sys/net/ipv4/ip_local_reserved_ports", RESERVED_LIMIT, &text))
        return false;
    result = sysctl_parse_ports(text, net->reserved);
    free(text);
    return !result;
}

int sysctl_read_net(struct sysctl_net *ret_net)
{
    unsigned int start;
    int result;

    *ret_net = (struct sysctl_net){0};
    result = read_range(ret_net);
    if (!result)
        result = read_number("/proc/sys/net/ipv4/ip_unprivileged_port_start", &start);
    if (result)
        return result;
    ret_net->unprivileged_start = start;
    ret_net->nonlocal4 = is_on("/proc/sys/net/ipv4/ip_nonlocal_bind");
    ret_net->nonlocal6 = is_on("/proc/sys/net/ipv6/ip_nonlocal_bind");
    ret_net->disabled6 = is_on("/proc/sys/net/ipv6/conf/all/disable_ipv6");
    ret_net->lo_disabled6 = is_on("/proc/sys/net/ipv6/conf/lo/disable_ipv6");
    if (read_number("/proc/sys/net/ipv4/tcp_tw_reuse", &ret_net->tcp_tw_reuse))
        ret_net->tcp_tw_reuse = 0;
    ret_net->tcp_l3mdev_accept = is_on("/proc/sys/net/ipv4/tcp_l3mdev_accept");
    ret_net->reserved_known = read_reserved(ret_net);
    return 0;
}
