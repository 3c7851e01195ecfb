// SPDX-License-Identifier: GPL-2.0
/*
 * Binds 127.0.0.1:PORT and lets it go again, twenty times a second, as long as its parent lives.
 * usage: binds [-r] PORT    -r listens there meanwhile, so that every bind is refused
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAUSE_US 50000

static int try_bind(const struct sockaddr_in *address, int *ret_fd)
{
    *ret_fd = socket(AF_INET, SOCK_STREAM, 0);
    return *ret_fd < 0 ? -1 : bind(*ret_fd, (const struct sockaddr *)address, sizeof(*address));
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool refused = getopt(argc, argv, "r") == 'r';
    pid_t parent = getppid();
    int holder;

    if (optind + 1 != argc) {
        fputs("usage: binds [-r] PORT\n", stderr);
        return 2;
    }
    address.sin_port = htons((uint16_t)strtoul(argv[optind], NULL, 10));
    if (refused && (try_bind(&address, &holder) || listen(holder, 1))) {
        perror("binds: holder");
        return 1;
    }
    while (getppid() == parent) {
        int fd;

        if (try_bind(&address, &fd) && !refused) {
            perror("binds");
            return 1;
        }
        close(fd);
        usleep(PAUSE_US);
    }
    return 0;
}
