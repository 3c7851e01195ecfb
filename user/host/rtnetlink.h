/* SPDX-License-Identifier: GPL-2.0 */
/* Lists of addresses, routes and links from the kernel. Does I/O. */
#ifndef PORTTRACE_HOST_RTNETLINK_H
#define PORTTRACE_HOST_RTNETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

/* A NETLINK_ROUTE socket of the net namespace that the thread is in. Negative errno. */
int rtnetlink_open(void);

/*
 * Hands each message of a dump to on_message(), whose lengths have been checked. request begins
 * with a struct nlmsghdr of which type and length are set. 0, what the kernel answered (-ENOENT: no
 * such table), -EAGAIN where the list changed meanwhile time and again, or other negative errno.
 */
typedef void rtnetlink_message_fn(void *context, const struct nlmsghdr *message);
int rtnetlink_dump(int fd, struct nlmsghdr *request, rtnetlink_message_fn *on_message,
                   void (*restart)(void *context), void *context);

/* The attributes that follow the fixed part; those of the same type: the last one. */
void rtnetlink_attributes(const struct nlmsghdr *message, size_t fixed_size,
                          const struct rtattr *ret_attributes[], unsigned int limit);
void rtnetlink_nested(const struct rtattr *attribute, const struct rtattr *ret_attributes[],
                      unsigned int limit);

/* The macros of the kernel's header are not for what is const. */
static inline const void *rtnetlink_fixed(const struct nlmsghdr *message)
{
    return (const char *)message + NLMSG_HDRLEN;
}

static inline const void *rtnetlink_value(const struct rtattr *attribute)
{
    return (const char *)attribute + RTA_LENGTH(0);
}

/* 0 where it is missing or too short. */
uint32_t rtnetlink_u32(const struct rtattr *attribute);

#endif
