// SPDX-License-Identifier: GPL-2.0
/* What is done very often. Each runs in a net namespace of its own. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/scene.h"
#include "tests/kernel/thorough.h"
#include "tests/kernel/uring.h"

#define PORT        20001
#define OTHER_PORT  20002
#define AT_ONCE     16
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

static void require(bool condition)
{
    if (!condition)
        _exit(1);
}

static struct sockaddr_in loopback_address(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void bind_once(const struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    require(fd >= 0 && !bind(fd, (const struct sockaddr *)address, sizeof(*address)));
    close(fd);
}

static const char *port_is_right(const struct seen *seen)
{
    if (seen->requested.port != PORT && seen->requested.port != OTHER_PORT)
        return "the requested port is neither of the two";
    return seen->requested.port == seen->local.port ? NULL
                                                    : "another port was requested than is bound";
}

struct flipping {
    struct sockaddr_in address;
    atomic_bool ended;
};

static void *flip(void *context)
{
    struct flipping *flipping = context;
    volatile in_port_t *port = &flipping->address.sin_port;

    while (!atomic_load(&flipping->ended))
        *port = *port == htons(PORT) ? htons(OTHER_PORT) : htons(PORT);
    return NULL;
}

static void run_flips(unsigned long times)
{
    struct flipping flipping = {.address = loopback_address(PORT)};
    pthread_t thread;

    require(!pthread_create(&thread, NULL, flip, &flipping));
    while (times--)
        bind_once(&flipping.address);
    atomic_store(&flipping.ended, true);
    pthread_join(thread, NULL);
}

/* The page goes before each bind, so that only the kernel's own copy brings it back. */
static void run_absent_page(unsigned long times)
{
    int file = memfd_create("page", 0);
    struct sockaddr_in *address;

    require(file >= 0 && !ftruncate(file, getpagesize()));
    address = mmap(NULL, (size_t)getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    require(address != MAP_FAILED);
    while (times--) {
        *address = loopback_address(times & 1 ? PORT : OTHER_PORT);
        require(!madvise(address, (size_t)getpagesize(), MADV_DONTNEED));
        bind_once(address);
    }
}

static const char *is_described(const struct seen *seen)
{
    char exe[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

    exe[size > 0 ? size : 0] = '\0';
    if (!seen->exe || strcmp(seen->exe, exe) != 0)
        return "the executable is missing or another one";
    if (!seen->args || !seen->cgroup)
        return "the arguments or the cgroup are missing";
    return port_is_right(seen);
}

/* Processes that are gone as soon as they have bound, many at once. */
static void run_processes(unsigned long times)
{
    struct sockaddr_in address = loopback_address(0);
    unsigned long alive = 0;
    int status;

    while (times || alive) {
        if (times && alive < AT_ONCE) {
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (in_addr_t)(times % AT_ONCE));
            address.sin_port = htons(times & 1 ? PORT : OTHER_PORT);
            if (!fork()) {
                int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1;

                setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
                require(!bind(fd, (struct sockaddr *)&address, sizeof(address)));
                _exit(0);
            }
            times--;
            alive++;
        } else {
            require(wait(&status) > 0 && !status);
            alive--;
        }
    }
}

static void run_uring(unsigned long times)
{
    while (times--) {
        struct sockaddr_in address = loopback_address(times & 1 ? PORT : OTHER_PORT);
        int fd = socket(AF_INET, SOCK_DGRAM, 0);

        require(fd >= 0 && !uring_bind(fd, &address, sizeof(address), false));
        close(fd);
    }
}

static const char *is_by_uring(const struct seen *seen)
{
    if (!seen->entry || strcmp(seen->entry, "io_uring") != 0)
        return "it was not by io_uring";
    return port_is_right(seen);
}

/* The name says itself what it must be: the port is a sum over its bytes. */
static uint16_t sum_of(const unsigned char *name, size_t size)
{
    uint16_t sum = 0;

    for (size_t i = 0; i < size; i++)
        sum = (uint16_t)(sum * 31 + name[i]);
    return (uint16_t)(1024 + sum % 60000);
}

static void run_names(unsigned long times)
{
    unsigned char name[16];

    while (times--) {
        struct sockaddr_in address;

        require(getrandom(name, sizeof(name), 0) == sizeof(name));
        name[15] = '\0';
        require(!prctl(PR_SET_NAME, name));
        address = loopback_address(sum_of(name, strlen((char *)name)));
        bind_once(&address);
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Back from the text of a JSON string: \xNN for what was not UTF-8, \\ for a backslash. */
static size_t bytes_of(const char *text, unsigned char *to, size_t most)
{
    size_t size = 0;

    while (*text && size < most) {
        if (text[0] == '\\' && text[1] == 'x' && hex_digit(text[2]) >= 0 &&
            hex_digit(text[3]) >= 0) {
            to[size++] = (unsigned char)(hex_digit(text[2]) * 16 + hex_digit(text[3]));
            text += 4;
        } else {
            text += text[0] == '\\' && text[1] == '\\';
            to[size++] = (unsigned char)*text++;
        }
    }
    return size;
}

static const char *name_is_right(const struct seen *seen)
{
    unsigned char name[64];
    size_t size = bytes_of(seen->comm ? seen->comm : "", name, sizeof(name));

    return sum_of(name, size) == seen->local.port ? NULL : "the name is not the one it had";
}

const struct thorough_work thorough_works[] = {
    {"flipped-address", 1000000, run_flips, port_is_right, false},
    {"absent-page", 100000, run_absent_page, port_is_right, false},
    {"short-lived-processes", 100000, run_processes, is_described, false},
    {"io_uring", 100000, run_uring, is_by_uring, true},
    {"random-names", 1000000, run_names, name_is_right, false},
};
const unsigned int thorough_work_count = COUNT_OF(thorough_works);
