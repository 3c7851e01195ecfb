// SPDX-License-Identifier: GPL-2.0
#include "user/host/rtnetlink.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_SIZE (32u << 10) /* the kernel's own upper limit of a piece of a dump */
#define TRIES       4
#define PATIENCE_S  5
#define SEQUENCE    1

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

enum {
    DUMP_GOES_ON = 1,
};

int rtnetlink_open(void)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int yes = 1, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (fd < 0)
        return -errno;
    /* Without it the kernel would ignore what the request is narrowed to. */
    if (setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &yes, sizeof(yes)) ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience))) {
        int error = errno;

        close(fd);
        return -error;
    }
    return fd;
}

static int32_t error_in(const struct nlmsghdr *message)
{
    int32_t error = 0;

    if (message->nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
        memcpy(&error, rtnetlink_fixed(message), sizeof(error));
    return error > 0 ? -EBADMSG : error;
}

/* DUMP_GOES_ON, or how it ended. */
static int take_piece(const void *piece, size_t size, rtnetlink_message_fn *on_message,
                      void *context, bool *torn)
{
    const char *at = piece, *end = at + size;

    while ((size_t)(end - at) >= NLMSG_HDRLEN) {
        const struct nlmsghdr *message = (const void *)at;

        if (message->nlmsg_len < NLMSG_HDRLEN || message->nlmsg_len > (size_t)(end - at))
            return -EBADMSG;
        at += NLMSG_ALIGN(message->nlmsg_len) > (size_t)(end - at)
                  ? (size_t)(end - at)
                  : NLMSG_ALIGN(message->nlmsg_len);
        if (message->nlmsg_seq != SEQUENCE)
            continue;
        if (message->nlmsg_flags & NLM_F_DUMP_INTR)
            *torn = true;
        if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR)
            return error_in(message);
        on_message(context, message);
    }
    return DUMP_GOES_ON;
}

static int receive(int fd, rtnetlink_message_fn *on_message, void *context, bool *torn)
{
    char answer[ANSWER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
    int result = DUMP_GOES_ON;

    while (result == DUMP_GOES_ON) {
        ssize_t got = recv(fd, answer, sizeof(answer), 0);

        if (got < 0 && errno != EINTR)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        if (got > 0)
            result = take_piece(answer, (size_t)got, on_message, context, torn);
    }
    return result;
}

int rtnetlink_dump(int fd, struct nlmsghdr *request, rtnetlink_message_fn *on_message,
                   void (*restart)(void *context), void *context)
{
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request->nlmsg_seq = SEQUENCE;
    for (int i = 0; i < TRIES; i++) {
        bool torn = false;
        int result;

        restart(context);
        if (send(fd, request, request->nlmsg_len, 0) < 0)
            return -errno;
        result = receive(fd, on_message, context, &torn);
        if (result || !torn)
            return result;
    }
    return -EAGAIN;
}

static void forget(const struct rtattr *ret_attributes[], unsigned int limit)
{
    for (unsigned int i = 0; i < limit; i++)
        ret_attributes[i] = NULL;
}

static void collect(const void *attributes, size_t size, const struct rtattr *ret_attributes[],
                    unsigned int limit)
{
    const char *at = attributes;

    forget(ret_attributes, limit);
    while (size >= sizeof(struct rtattr)) {
        const struct rtattr *attribute = (const void *)at;
        unsigned int type = attribute->rta_type & NLA_TYPE_MASK;
        size_t step = RTA_ALIGN((size_t)attribute->rta_len);

        if (attribute->rta_len < sizeof(*attribute) || attribute->rta_len > size)
            return;
        if (type < limit)
            ret_attributes[type] = attribute;
        if (step >= size)
            return;
        at += step;
        size -= step;
    }
}

void rtnetlink_attributes(const struct nlmsghdr *message, size_t fixed_size,
                          const struct rtattr *ret_attributes[], unsigned int limit)
{
    size_t before = NLMSG_SPACE(fixed_size);

    if (message->nlmsg_len < before) {
        forget(ret_attributes, limit);
        return;
    }
    collect((const char *)message + before, message->nlmsg_len - before, ret_attributes, limit);
}

void rtnetlink_nested(const struct rtattr *attribute, const struct rtattr *ret_attributes[],
                      unsigned int limit)
{
    if (attribute)
        collect(rtnetlink_value(attribute), RTA_PAYLOAD(attribute), ret_attributes, limit);
    else
        forget(ret_attributes, limit);
}

uint32_t rtnetlink_u32(const struct rtattr *attribute)
{
    uint32_t number = 0;

    if (attribute && RTA_PAYLOAD(attribute) >= sizeof(number))
        memcpy(&number, rtnetlink_value(attribute), sizeof(number));
    return number;
}
