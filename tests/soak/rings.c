// SPDX-License-Identifier: GPL-2.0
#include "tests/soak/rings.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/kernel/uring.h"
#include "tests/soak/made.h"

#define PORT_TAKEN  7000
#define PORT_FIRST  8000
#define PORTS       40000
#define TOGETHER    3
#define UNSUPPORTED 77
#define PER_S       10000
#define PAUSE_US    2000

static int datagram_socket(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    require(fd >= 0, "socket");
    return fd;
}

static void count(int result, int expected)
{
    if (result != expected)
        give_up("a bind by io_uring ended with %d, not %d", result, expected);
    made_add(result ? MADE_REFUSED : MADE_BIND);
}

static void bind_one(uint16_t port, bool asynchronous)
{
    struct sockaddr_in address = loopback(port);
    int fd = datagram_socket();

    count(uring_bind(fd, &address, sizeof(address), asynchronous),
          port == PORT_TAKEN ? -EADDRINUSE : 0);
    close(fd);
    if (port != PORT_TAKEN)
        made_add(MADE_RELEASE);
}

static void bind_together(uint16_t port)
{
    struct sockaddr_storage addresses[TOGETHER] = {0};
    int fds[TOGETHER], results[TOGETHER];

    for (int i = 0; i < TOGETHER; i++) {
        *(struct sockaddr_in *)&addresses[i] = loopback((uint16_t)(port + i));
        fds[i] = datagram_socket();
    }
    if (uring_bind_together(fds, addresses, sizeof(struct sockaddr_in), TOGETHER, results))
        give_up("binds by io_uring, several at once, fail");
    for (int i = 0; i < TOGETHER; i++) {
        count(results[i], 0);
        close(fds[i]);
        made_add(MADE_RELEASE);
    }
}

int rings_run(unsigned long wanted)
{
    struct sockaddr_in taken = loopback(PORT_TAKEN);
    double start;
    int holder;

    if (uring_probe(URING_OP_BIND))
        return UNSUPPORTED;
    enter_new_netns();
    holder = datagram_socket();
    require(bind(holder, (struct sockaddr *)&taken, sizeof(taken)) == 0, "bind");
    start = now_s();
    for (unsigned long made = 0, turn = 0; made < wanted; turn++) {
        uint16_t port = (uint16_t)(PORT_FIRST + made % PORTS);

        if (turn % 3 == 2) {
            bind_together(port);
            made += TOGETHER;
        } else {
            bind_one(port, turn % 3);
            bind_one(PORT_TAKEN, turn % 3);
            made += 2;
        }
        while ((now_s() - start) * PER_S < (double)made)
            usleep(PAUSE_US);
    }
    close(holder);
    made_print("end");
    return 0;
}
