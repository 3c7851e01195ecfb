// SPDX-License-Identifier: GPL-2.0
/*
 * Repeats one operation on one processor and prints what it takes:
 *     load CPU SECONDS bind|refused|connect|getppid [RATE]
 * One line: nanoseconds per operation, number of operations. RATE is of operations a second; as
 * fast as it can without. Only loopback is used.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BATCH        64          /* operations between two looks at the clock */
#define BIND_ADDRESS 0x7f4e0001u /* 127.78.0.1 */
#define BIND_PORT    20077
#define HELD_TRIES   100000

struct scene {
    struct sockaddr_in address;
    int holder; /* has the address, where the work needs it taken */
    int fd;
};

struct work {
    const char *name;
    int (*prepare)(struct scene *scene);
    int (*operate)(struct scene *scene);
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A listener on a port of the kernel's choice. */
static int prepare_holder(struct scene *scene)
{
    socklen_t size = sizeof(scene->address);

    scene->holder = socket(AF_INET, SOCK_STREAM, 0);
    if (scene->holder < 0 ||
        bind(scene->holder, (const struct sockaddr *)&scene->address, sizeof(scene->address)) ||
        listen(scene->holder, 16) ||
        getsockname(scene->holder, (struct sockaddr *)&scene->address, &size))
        return -errno;
    return 0;
}

/* An address and a port that nobody else is given by chance. */
static int prepare_bind(struct scene *scene)
{
    scene->address.sin_addr.s_addr = htonl(BIND_ADDRESS);
    scene->address.sin_port = htons(BIND_PORT);
    return 0;
}

/*
 * A tracer that starts may walk over all descriptors, and then holds a socket for a moment that was
 * closed meanwhile: its port is not free yet.
 */
static int bind_free(int fd, const struct sockaddr_in *address)
{
    int tries = 0, result;

    do
        result = bind(fd, (const struct sockaddr *)address, sizeof(*address));
    while (result && errno == EADDRINUSE && tries++ < HELD_TRIES);
    return result;
}

static int operate_bind(struct scene *scene)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || bind_free(fd, &scene->address) || close(fd))
        return -errno;
    return 0;
}

static int prepare_refused(struct scene *scene)
{
    int error = prepare_holder(scene);

    scene->fd = socket(AF_INET, SOCK_STREAM, 0);
    return error || scene->fd < 0 ? -EIO : 0;
}

static int operate_refused(struct scene *scene)
{
    if (!bind(scene->fd, (const struct sockaddr *)&scene->address, sizeof(scene->address)))
        return -EEXIST;
    return errno == EADDRINUSE ? 0 : -errno;
}

/* The connecting side resets, so that no TIME_WAIT uses the ports up. */
static int operate_connect(struct scene *scene)
{
    const struct linger reset = {.l_onoff = 1};
    int client = socket(AF_INET, SOCK_STREAM, 0);
    int server;

    if (client < 0 || setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) ||
        connect(client, (const struct sockaddr *)&scene->address, sizeof(scene->address)))
        return -errno;
    server = accept(scene->holder, NULL, NULL);
    if (server < 0 || close(client) || close(server))
        return -errno;
    return 0;
}

static int prepare_nothing(struct scene *scene)
{
    (void)scene;
    return 0;
}

static int operate_getppid(struct scene *scene)
{
    (void)scene;
    return syscall(SYS_getppid) < 0 ? -errno : 0;
}

static const struct work works[] = {
    {"bind", prepare_bind, operate_bind},
    {"refused", prepare_refused, operate_refused},
    {"connect", prepare_holder, operate_connect},
    {"getppid", prepare_nothing, operate_getppid},
};

static int pin(long cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static int operate_times(const struct work *work, struct scene *scene, int times)
{
    int error = 0;

    for (int i = 0; i < times && !error; i++)
        error = work->operate(scene);
    return error;
}

/* Sleeping would make the rate depend on the timers of the machine. */
static int run(const struct work *work, struct scene *scene, double seconds, double rate)
{
    uint64_t start_ns = now_ns(), end_ns = start_ns, operations = 0;
    const uint64_t enough_ns = (uint64_t)(seconds * 1e9);
    const int batch = rate > 0 ? 1 : BATCH;

    while (end_ns - start_ns < enough_ns) {
        if (rate <= 0 || (double)(end_ns - start_ns) * rate / 1e9 >= (double)operations) {
            int error = operate_times(work, scene, batch);

            if (error)
                return error;
            operations += (uint64_t)batch;
        }
        end_ns = now_ns();
    }
    printf("%.2f %llu\n", (double)(end_ns - start_ns) / (double)operations,
           (unsigned long long)operations);
    return 0;
}

static const struct work *find_work(const char *name)
{
    for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
        if (!strcmp(works[i].name, name))
            return &works[i];
    return NULL;
}

int main(int argc, char **argv)
{
    struct scene scene = {
        .address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    const struct work *work = argc == 4 || argc == 5 ? find_work(argv[3]) : NULL;
    int error;

    if (!work) {
        fprintf(stderr, "usage: load CPU SECONDS bind|refused|connect|getppid [RATE]\n");
        return 2;
    }
    error = pin(strtol(argv[1], NULL, 10));
    if (!error)
        error = work->prepare(&scene);
    if (!error)
        error = run(work, &scene, strtod(argv[2], NULL), argc == 5 ? strtod(argv[4], NULL) : 0);
    if (error)
        fprintf(stderr, "load: %s: %s\n", work->name, strerror(-error));
    return error ? 1 : 0;
}
