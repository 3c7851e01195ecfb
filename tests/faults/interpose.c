// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into a program, makes one call of a kind fail: the FAULT_NTH-th of FAULT_KIND with
 * FAULT_ERRNO. At the end the calls of each kind are counted into FAULT_COUNTS. The program's own
 * calls and those of the libraries that it is linked to count, not those within the C library.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define KINDS 5

enum kind {
    KIND_MEMORY,
    KIND_FILE,
    KIND_MAPPING,
    KIND_WAIT,
    KIND_BPF,
};

static const char *const kind_names[KINDS] = {"memory", "file", "mapping", "wait", "bpf"};

static unsigned long counts[KINDS];
static unsigned long wanted_call;
static int wanted_kind = -1;
static int wanted_errno;
static char counts_path[256];

/* dlsym() allocates: until it has answered, memory comes from here and is never given back. */
static char early[65536];
static size_t early_used;

static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static void (*next_free)(void *);

static void *early_alloc(size_t size)
{
    void *at = early + early_used;

    early_used += (size + 15) & ~(size_t)15;
    if (early_used > sizeof(early))
        abort();
    return at;
}

static bool is_early(const void *at)
{
    return (const char *)at >= early && (const char *)at < early + sizeof(early);
}

/* A pointer to a function out of one to an object, which C does not convert. */
static void find_next(void *ret_function, const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);

    if (!symbol)
        abort();
    memcpy(ret_function, &symbol, sizeof(symbol));
}

static void __attribute__((constructor)) start(void)
{
    const char *kind = getenv("FAULT_KIND"), *path = getenv("FAULT_COUNTS");
    const char *nth, *number;

    find_next(&next_malloc, "malloc");
    find_next(&next_calloc, "calloc");
    find_next(&next_realloc, "realloc");
    find_next(&next_free, "free");
    if (path)
        snprintf(counts_path, sizeof(counts_path), "%s", path);
    for (int i = 0; kind && i < KINDS; i++)
        if (!strcmp(kind, kind_names[i]))
            wanted_kind = i;
    if (wanted_kind < 0)
        return;
    nth = getenv("FAULT_NTH");
    number = getenv("FAULT_ERRNO");
    if (!nth || !number)
        abort();
    wanted_call = strtoul(nth, NULL, 10);
    wanted_errno = (int)strtol(number, NULL, 10);
}

static void __attribute__((destructor)) end(void)
{
    int wanted = wanted_kind;
    FILE *file;

    wanted_kind = -1;
    file = counts_path[0] ? fopen(counts_path, "w") : NULL;
    if (!file)
        return;
    for (int i = 0; i < KINDS; i++)
        fprintf(file, "%s %lu\n", kind_names[i], counts[i]);
    fclose(file);
    wanted_kind = wanted;
}

static bool fails(enum kind kind)
{
    unsigned long call = __atomic_add_fetch(&counts[kind], 1, __ATOMIC_RELAXED);

    if ((int)kind != wanted_kind || call != wanted_call)
        return false;
    errno = wanted_errno;
    return true;
}

void *malloc(size_t size)
{
    if (!next_malloc)
        return early_alloc(size);
    return fails(KIND_MEMORY) ? NULL : next_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (!next_calloc)
        return early_alloc(count * size);
    return fails(KIND_MEMORY) ? NULL : next_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
    return fails(KIND_MEMORY) ? NULL : next_realloc(at, size);
}

void free(void *at)
{
    if (!is_early(at) && next_free)
        next_free(at);
}

char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);

    return copy ? memcpy(copy, text, size) : NULL;
}

/* All of these have the shape of a system call: words in, a word out. */
/* NOLINTBEGIN(bugprone-macro-parentheses): types and lists of parameters stand in none */
#define PASS_ON(type, kind, failure, name, parameters, arguments)                                  \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*next) parameters;                                                             \
                                                                                                   \
        if (!next)                                                                                 \
            find_next(&next, #name);                                                               \
        return fails(kind) ? (failure) : next arguments;                                           \
    }

PASS_ON(ssize_t, KIND_FILE, -1, read, (int fd, void *to, size_t size), (fd, to, size))
PASS_ON(ssize_t, KIND_FILE, -1, write, (int fd, const void *from, size_t size), (fd, from, size))
PASS_ON(FILE *, KIND_FILE, NULL, fopen, (const char *path, const char *mode), (path, mode))
PASS_ON(FILE *, KIND_FILE, NULL, fopen64, (const char *path, const char *mode), (path, mode))
PASS_ON(int, KIND_FILE, -1, ftruncate, (int fd, off_t size), (fd, size))
PASS_ON(void *, KIND_MAPPING, MAP_FAILED, mmap,
        (void *at, size_t size, int protection, int flags, int fd, off_t offset),
        (at, size, protection, flags, fd, offset))
PASS_ON(void *, KIND_MAPPING, MAP_FAILED, mmap64,
        (void *at, size_t size, int protection, int flags, int fd, off_t offset),
        (at, size, protection, flags, fd, offset))
PASS_ON(int, KIND_WAIT, -1, epoll_create1, (int flags), (flags))
PASS_ON(int, KIND_WAIT, -1, epoll_ctl, (int fd, int op, int other, struct epoll_event *event),
        (fd, op, other, event))
PASS_ON(int, KIND_WAIT, -1, epoll_wait, (int fd, struct epoll_event *events, int most, int timeout),
        (fd, events, most, timeout))
PASS_ON(int, KIND_WAIT, -1, eventfd, (unsigned int count, int flags), (count, flags))
PASS_ON(int, KIND_WAIT, -1, timerfd_create, (int clock, int flags), (clock, flags))
PASS_ON(int, KIND_WAIT, -1, timerfd_settime,
        (int fd, int flags, const struct itimerspec *to, struct itimerspec *was),
        (fd, flags, to, was))

#define OPEN(name, before, named)                                                                  \
    int name(before const char *path, int flags, ...)                                              \
    {                                                                                              \
        static int (*next)(before const char *, int, ...);                                         \
        va_list rest;                                                                              \
        mode_t mode;                                                                               \
                                                                                                   \
        va_start(rest, flags);                                                                     \
        mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                                         \
        va_end(rest);                                                                              \
        if (!next)                                                                                 \
            find_next(&next, #name);                                                               \
        return fails(KIND_FILE) ? -1 : next(named path, flags, mode);                              \
    }
#define AND ,

OPEN(open, , )
OPEN(open64, , )
OPEN(openat, int folder AND, folder AND)
/* NOLINTEND(bugprone-macro-parentheses) */

long syscall(long number, ...)
{
    static long (*next)(long, ...);
    long words[6];
    va_list rest;

    va_start(rest, number);
    for (int i = 0; i < 6; i++)
        words[i] = va_arg(rest, long);
    va_end(rest);
    if (!next)
        find_next(&next, "syscall");
    if (fails(KIND_BPF))
        return -1;
    return next(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}
