// SPDX-License-Identifier: GPL-2.0
/*
 * Many processes with many sockets: half listen, half are bound for UDP, each on a port of its own.
 * Says "ready" when all are there, ends when its standard input does.
 * usage: crowd PROCESSES SOCKETS
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_PORT 1024

static void make(int type, unsigned int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, type, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
        err(1, "port %u", port);
    if (type == SOCK_STREAM && listen(fd, 1))
        err(1, "port %u", port);
}

static void crowd(unsigned int first_port, unsigned int sockets, int ready)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned int i = 0; i < sockets; i++)
        make(i % 2 ? SOCK_DGRAM : SOCK_STREAM, first_port + i / 2);
    if (write(ready, "", 1) != 1)
        err(1, "write");
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    unsigned int processes = argc == 3 ? (unsigned int)strtoul(argv[1], NULL, 10) : 0;
    unsigned int sockets = argc == 3 ? (unsigned int)strtoul(argv[2], NULL, 10) : 0;
    unsigned int each = processes ? sockets / processes : 0;
    int ready[2];
    char byte;

    if (!each || FIRST_PORT + sockets / 2 > 65536)
        errx(2, "usage: crowd PROCESSES SOCKETS");
    if (pipe(ready))
        err(1, "pipe");
    for (unsigned int i = 0; i < processes; i++) {
        pid_t pid = fork();

        if (pid < 0)
            err(1, "fork");
        if (!pid)
            crowd(FIRST_PORT + i * each / 2, each, ready[1]);
    }
    close(ready[1]);
    for (unsigned int i = 0; i < processes; i++)
        if (read(ready[0], &byte, 1) != 1)
            errx(1, "a process ended");
    puts("ready");
    fflush(stdout);
    return read(STDIN_FILENO, &byte, 1) < 0;
}
