// SPDX-License-Identifier: GPL-2.0
/*
 * Replies of sock_diag and rtnetlink: the input is what recv() gives, datagram by datagram. Of
 * sock_diag, whose buffer is on the heap, what is behind a datagram must not even be looked at.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <sanitizer/asan_interface.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/input.h"
#include "user/host/address.h"
#include "user/host/diag.h"
#include "user/host/links.h"

static struct input replies;
static unsigned int answers_left; /* a kernel that never ends its answer would be waited for */

int __wrap_socket(int domain, int type, int protocol);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size);
ssize_t __wrap_send(int fd, const void *at, size_t size, int flags);
ssize_t __wrap_sendto(int fd, const void *at, size_t size, int flags, const struct sockaddr *to,
                      socklen_t to_size);
ssize_t __wrap_recv(int fd, void *at, size_t size, int flags);

int __wrap_socket(int domain, int type, int protocol)
{
    require(domain == AF_NETLINK && type && protocol >= 0);
    return dup(STDERR_FILENO);
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
    require(fd >= 0 && level && name && value && size);
    return 0;
}

ssize_t __wrap_send(int fd, const void *at, size_t size, int flags)
{
    require(fd >= 0 && at && !flags);
    return (ssize_t)size;
}

ssize_t __wrap_sendto(int fd, const void *at, size_t size, int flags, const struct sockaddr *to,
                      socklen_t to_size)
{
    require(to && to_size);
    return __wrap_send(fd, at, size, flags);
}

/* Two bytes of length before each datagram. */
ssize_t __wrap_recv(int fd, void *at, size_t size, int flags)
{
    uint16_t length;
    size_t copied;

    require(fd >= 0 && at);
    if (!replies.left || !answers_left--) {
        errno = EIO;
        return -1;
    }
    input_take(&replies, &length, sizeof(length));
    if (length > replies.left)
        length = (uint16_t)replies.left;
    copied = length > size ? size : length;
    __asan_unpoison_memory_region(at, size);
    input_take(&replies, at, copied);
    if (!(flags & MSG_TRUNC))
        return (ssize_t)copied;
    __asan_poison_memory_region((char *)at + copied, size - copied);
    return length;
}

static int on_held(void *context, const struct pt_held *held)
{
    uint16_t port = *(const uint16_t *)context;
    const struct pt_holder *holder = &held->holder;

    require(holder->local.port && (!port || holder->local.port == port));
    require(holder->local.family == 2 || holder->local.family == 10);
    require(memchr(holder->socket.device, '\0', PT_DEVICE_SIZE) != NULL);
    return holder->local.port == 6666 ? -ECANCELED : 0;
}

static void check_links(void)
{
    struct host_links links;

    if (links_read_here(&links)) {
        require(!links.count && !links.at);
        return;
    }
    for (unsigned int i = 0; i < links.count; i++) {
        require(memchr(links.at[i].name, '\0', PT_DEVICE_SIZE) != NULL);
        links_vrf_of(&links, links.at[i].ifindex);
    }
    links_free(&links);
}

static void check_address(uint16_t family)
{
    struct address_question question = {.wanted = {.family = family}};
    struct address_answer answer;
    int result;

    input_take(&replies, question.wanted.address, sizeof(question.wanted.address));
    question.wanted.scope_id = input_below(&replies, 3);
    question.device_ifindex = (int32_t)input_below(&replies, 3);
    result = address_look_up(&question, &answer);
    require(result <= 0 && (!result || answer.state == ADDRESS_UNKNOWN));
    require(memchr(answer.device, '\0', PT_DEVICE_SIZE) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    unsigned int what;
    uint16_t port;

    replies = (struct input){bytes, size};
    answers_left = 64;
    what = input_byte(&replies);
    port = what & 8 ? 80 : 0;
    switch (what & 7) {
    case 0:
    case 1:
        require(diag_dump(what & 1 ? DIAG_ALL : DIAG_BOUND, 1, port, on_held, &port) <= 0);
        break;
    case 2:
        check_links();
        break;
    default:
        check_address(what & 1 ? AF_INET : AF_INET6);
        break;
    }
    return 0;
}
