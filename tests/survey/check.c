// SPDX-License-Identifier: GPL-2.0
/* usage: check [NAME]. Needs root; makes its own net namespace. */
#include "tests/survey/check.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/netlink.h"
#include "user/host/netns.h"

void check_failed(struct scene *scene, const char *file, int line, const char *condition)
{
    scene->failed = true;
    printf("%s:%d: %s: %s\n", file, line, scene->name, condition);
    for (unsigned int i = 0; i < scene->row_count; i++) {
        const struct holder *holder = &scene->rows[i];
        const struct pt_holder *seen = &holder->seen;

        printf("    protocol %u port %u state %u netns %u inode %llu flags %x options %x uid %u "
               "peer %u bucket %d %d processes %u\n",
               seen->socket.protocol, seen->local.port, seen->socket.state, seen->task.netns,
               (unsigned long long)seen->socket.inode, seen->flags, seen->socket.options, seen->uid,
               seen->peer.port, seen->fastreuse, seen->fastreuseport, holder->process_count);
    }
}

int scene_socket(int family, int type, int protocol)
{
    return socket(family, type | SOCK_CLOEXEC, protocol);
}

static socklen_t loopback(struct sockaddr_storage *to, int family, uint16_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    v6.sin6_addr = in6addr_loopback;
    memset(to, 0, sizeof(*to));
    if (family == AF_INET)
        memcpy(to, &v4, sizeof(v4));
    else
        memcpy(to, &v6, sizeof(v6));
    return family == AF_INET ? sizeof(v4) : sizeof(v6);
}

int scene_bound(int family, int type, int protocol, uint16_t port)
{
    int fd = scene_socket(family, type, protocol);
    struct sockaddr_storage address;
    socklen_t size = loopback(&address, family, port);
    const int on = 1;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&address, size)) {
        close(fd);
        return -1;
    }
    return fd;
}

int scene_listener(uint16_t port)
{
    int fd = scene_bound(AF_INET, SOCK_STREAM, 0, port);

    if (fd >= 0 && listen(fd, 8)) {
        close(fd);
        return -1;
    }
    return fd;
}

int scene_connection(uint16_t port)
{
    int fd = scene_socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_storage address;
    socklen_t size = loopback(&address, AF_INET, port);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, size)) {
        close(fd);
        return -1;
    }
    return fd;
}

pid_t scene_process(void (*work)(void *context), void *context)
{
    int ready[2];
    char byte;
    pid_t pid;

    if (pipe(ready))
        return -1;
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ready[0]);
        work(context);
        close(ready[1]);
        for (;;)
            pause();
    }
    close(ready[1]);
    while (read(ready[0], &byte, 1) < 0 && errno == EINTR)
        ;
    close(ready[0]);
    return pid;
}

void scene_end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void take_rows(struct scene *scene)
{
    const struct holder_list *list = &scene->survey.holders;

    free(scene->rows);
    scene->rows = calloc(list->count + 1u, sizeof(*scene->rows));
    if (!scene->rows)
        abort();
    scene->row_count = list->count;
    for (unsigned int i = 0; i < list->count; i++)
        scene->rows[i] = holder_list_at(list, i);
}

void scene_look(struct scene *scene, uint16_t port)
{
    struct survey_query query = {.port = port, .described = true};
    int error = surveyor_take(scene->surveyor, &query, &scene->survey);

    CHECK(scene, error == 0);
    take_rows(scene);
}

unsigned int scene_count(const struct scene *scene, unsigned int state)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < scene->row_count; i++) {
        const struct pt_holder *seen = &scene->rows[i].seen;

        count += seen->socket.state == state && seen->task.netns == scene->netns;
    }
    return count;
}

const struct holder *scene_row(struct scene *scene, unsigned int state)
{
    static const struct holder none;

    for (unsigned int i = 0; i < scene->row_count; i++) {
        const struct pt_holder *seen = &scene->rows[i].seen;

        if (seen->socket.state == state && seen->task.netns == scene->netns)
            return &scene->rows[i];
    }
    CHECK(scene, !"a row in the wanted state");
    return &none;
}

const struct holder_process *process_of(const struct holder *holder, pid_t pid)
{
    static const struct process_facts nobody;
    static const struct holder_process none = {.process = &nobody, .fd = -2};

    for (unsigned int i = 0; i < holder->process_count; i++)
        if (holder->processes[i].process->task.pid == (uint32_t)pid)
            return &holder->processes[i];
    return &none;
}

static void run(const struct check *check, struct surveyor *surveyor, unsigned int counts[3])
{
    struct scene scene = {.name = check->name, .surveyor = surveyor, .netns = netns_here()};

    check->run(&scene);
    free(scene.rows);
    counts[scene.failed ? 1 : scene.skipped ? 2 : 0]++;
    if (scene.skipped && !scene.failed)
        printf("%s: not on this kernel\n", check->name);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const struct check *const themes[] = {process_checks, state_checks};
    struct surveyor *surveyor = surveyor_new();
    unsigned int counts[3] = {0};

    if (!surveyor || unshare(CLONE_NEWNET) || link_up("lo")) {
        fprintf(stderr, "survey: cannot make a net namespace: %s\n", strerror(errno));
        return 1;
    }
    for (size_t i = 0; i < sizeof(themes) / sizeof(themes[0]); i++)
        for (const struct check *check = themes[i]; check->name; check++)
            if (argc < 2 || !strcmp(argv[1], check->name))
                run(check, surveyor, counts);
    surveyor_free(surveyor);
    printf("%u passed, %u failed, %u skipped\n", counts[0], counts[1], counts[2]);
    return counts[1] || !counts[0];
}
