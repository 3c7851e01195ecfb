// SPDX-License-Identifier: GPL-2.0
/*
 * Makes sockets as its arguments say and keeps them until it is ended; says "ready" and the local
 * port of the last connect once they are there.
 * usage: hold [-n NAME] [-u UID] [-f CHILDREN] [-t own|last] [-i] [-l] [-x COMMAND] STEP...
 *   -i ignores SIGTERM; -f: so many children share the sockets; -x: ends as this command does
 *   -t own: in a thread with descriptors of its own; last: in one that goes on without the first
 *   -l stays for a second once it is refused
 *   listen:ADDR:PORT bind:ADDR:PORT udp:ADDR:PORT connect:ADDR:PORT udpconnect:ADDR:PORT
 *   accept               the next connection of the last listener
 *   fill-accepted        sends until nothing more fits
 *   close-listener  close-client  close-accepted     the last one
 */
#include <arpa/inet.h>
#include <err.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BACKLOG 16

struct sockets {
    int listener;
    int client;
    int accepted;
    unsigned int client_port;
};

struct settings {
    const char *name;
    const char *command;
    const char *thread;
    uid_t uid;
    int children;
    int ignores_term;
};

static socklen_t parse(const char *text, struct sockaddr_storage *ret_address)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret_address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret_address;
    const char *colon = strrchr(text, ':');
    char host[INET6_ADDRSTRLEN];
    size_t length = colon ? (size_t)(colon - text) : sizeof(host);
    unsigned long port = colon ? strtoul(colon + 1, NULL, 10) : 0;

    if (length >= sizeof(host) || port > 65535)
        errx(2, "%s: not ADDR:PORT", text);
    memcpy(host, text, length);
    host[length] = '\0';
    memset(ret_address, 0, sizeof(*ret_address));
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        return sizeof(*v4);
    }
    if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
        errx(2, "%s: not ADDR:PORT", text);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)port);
    return sizeof(*v6);
}

static int make(const char *text, int type, int connects, int shares)
{
    struct sockaddr_storage address;
    socklen_t size = parse(text, &address);
    int one = 1;
    int fd = socket(address.ss_family, type, 0);

    if (fd < 0)
        err(1, "socket");
    if (shares)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (connects ? connect(fd, (struct sockaddr *)&address, size)
                 : bind(fd, (struct sockaddr *)&address, size))
        err(1, "%s", text);
    return fd;
}

static unsigned int local_port(int fd)
{
    struct sockaddr_in address = {0};
    socklen_t size = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &size))
        err(1, "getsockname");
    return ntohs(address.sin_port);
}

static const char *argument(const char *step, const char *word)
{
    size_t length = strlen(word);

    return !strncmp(step, word, length) && step[length] == ':' ? step + length + 1 : NULL;
}

static void make_socket(struct sockets *sockets, const char *step)
{
    const char *at;

    if ((at = argument(step, "listen"))) {
        sockets->listener = make(at, SOCK_STREAM, 0, 1);
        if (listen(sockets->listener, BACKLOG))
            err(1, "listen");
    } else if ((at = argument(step, "bind"))) {
        make(at, SOCK_STREAM, 0, 0);
    } else if ((at = argument(step, "udp"))) {
        make(at, SOCK_DGRAM, 0, 0);
    } else if ((at = argument(step, "connect"))) {
        sockets->client = make(at, SOCK_STREAM, 1, 0);
        sockets->client_port = local_port(sockets->client);
    } else if ((at = argument(step, "udpconnect"))) {
        sockets->client_port = local_port(make(at, SOCK_DGRAM, 1, 0));
    } else {
        errx(2, "%s: no such step", step);
    }
}

static void fill(int fd)
{
    static const char zeros[65536];

    while (send(fd, zeros, sizeof(zeros), MSG_DONTWAIT) > 0)
        ;
}

static void take_step(struct sockets *sockets, const char *step)
{
    if (!strcmp(step, "accept")) {
        sockets->accepted = accept(sockets->listener, NULL, NULL);
        if (sockets->accepted < 0)
            err(1, "accept");
    } else if (!strcmp(step, "fill-accepted")) {
        fill(sockets->accepted);
    } else if (!strcmp(step, "close-listener")) {
        close(sockets->listener);
    } else if (!strcmp(step, "close-client")) {
        close(sockets->client);
    } else if (!strcmp(step, "close-accepted")) {
        close(sockets->accepted);
    } else {
        make_socket(sockets, step);
    }
}

static void settle(const struct settings *settings)
{
    if (settings->name)
        prctl(PR_SET_NAME, settings->name);
    if (settings->uid && (setgroups(0, NULL) || setgid(settings->uid) || setuid(settings->uid)))
        err(1, "setuid");
    if (settings->ignores_term)
        signal(SIGTERM, SIG_IGN);
}

static void linger(void)
{
    sleep(1);
}

static struct settings parse_settings(int argc, char **argv)
{
    struct settings settings = {0};
    int option;

    while ((option = getopt(argc, argv, "n:u:f:t:ilx:")) >= 0) {
        switch (option) {
        case 'n':
            settings.name = optarg;
            break;
        case 'u':
            settings.uid = (uid_t)strtoul(optarg, NULL, 10);
            break;
        case 'f':
            settings.children = (int)strtol(optarg, NULL, 10);
            break;
        case 't':
            settings.thread = optarg;
            break;
        case 'i':
            settings.ignores_term = 1;
            break;
        case 'l':
            atexit(linger);
            break;
        case 'x':
            settings.command = optarg;
            break;
        default:
            errx(2, "usage: hold [-n NAME] [-u UID] [-f CHILDREN] [-t own|last] [-i] [-l] "
                    "[-x COMMAND] STEP...");
        }
    }
    return settings;
}

__attribute__((noreturn)) static void hold(const struct settings *settings, char **steps)
{
    struct sockets sockets = {-1, -1, -1, 0};

    while (*steps)
        take_step(&sockets, *steps++);
    for (int i = 0; i < settings->children; i++) {
        pid_t child = fork();

        if (child < 0)
            err(1, "fork");
        if (!child) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (;;)
                pause();
        }
    }
    printf("ready %u\n", sockets.client_port);
    fflush(stdout);
    if (settings->command) {
        int status = system(settings->command);

        exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    for (;;)
        pause();
}

struct in_thread {
    const struct settings *settings;
    char **steps;
};

static void *hold_in_thread(void *context)
{
    const struct in_thread *in_thread = context;

    if (!strcmp(in_thread->settings->thread, "own") && unshare(CLONE_FILES))
        err(1, "unshare");
    hold(in_thread->settings, in_thread->steps);
}

int main(int argc, char **argv)
{
    static struct settings settings;
    static struct in_thread in_thread;
    pthread_t thread;

    settings = parse_settings(argc, argv);
    settle(&settings);
    in_thread = (struct in_thread){&settings, argv + optind};
    if (!settings.thread)
        hold(&settings, in_thread.steps);
    if (pthread_create(&thread, NULL, hold_in_thread, &in_thread))
        errx(1, "pthread_create");
    if (!strcmp(settings.thread, "last"))
        pthread_exit(NULL);
    pthread_join(thread, NULL);
    return 0;
}
