// SPDX-License-Identifier: GPL-2.0
#include "tests/faults/sites.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SITES      8192 /* a power of two */
#define FRAMES     12   /* that tell ways apart */
#define FRAMES_OWN 2    /* of this file, on top of the function that is called */

struct site {
    uint64_t number; /* 0: free */
    const char *name;
    const char *kind;
    unsigned long calls;
};

/* Shared with a forked child, whose sites count as well. */
static struct shared {
    struct site sites[SITES];
    int lock;
    unsigned long reached; /* calls of the site that is to fail */
    bool failed;
} * shared;

static uint64_t wanted_site;
static unsigned long wanted_call;
static bool wanted_always;
static int wanted_errno;
static char sites_path[256], open_path[256], hit_path[256];
static bool ready;
static __thread bool inside;
static uintptr_t c_library_from, c_library_to;

/* A pointer to a function out of one to an object, which C does not convert. */
void sites_find_next(void *ret_function, const char *name)
{
    bool was_inside = inside;
    void *symbol;

    inside = true;
    symbol = dlsym(RTLD_NEXT, name);
    inside = was_inside;
    if (!symbol)
        abort();
    memcpy(ret_function, &symbol, sizeof(symbol));
}

static void take_path(char *to, size_t size, const char *name)
{
    const char *path = getenv(name);

    if (path)
        snprintf(to, size, "%s", path);
    unsetenv(name);
}

static uint64_t take_number(const char *name, int base)
{
    const char *text = getenv(name);
    uint64_t number = text ? strtoull(text, NULL, base) : 0;

    unsetenv(name);
    return number;
}

static int find_c_library(struct dl_phdr_info *library, size_t size, void *context)
{
    (void)size;
    (void)context;
    if (!strstr(library->dlpi_name, "/libc.so"))
        return 0;
    c_library_from = library->dlpi_addr;
    for (int i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &library->dlpi_phdr[i];

        if (part->p_type == PT_LOAD &&
            library->dlpi_addr + part->p_vaddr + part->p_memsz > c_library_to)
            c_library_to = library->dlpi_addr + part->p_vaddr + part->p_memsz;
    }
    return 1;
}

/* What the program starts is left alone: the variables go. */
static void __attribute__((constructor)) start(void)
{
    void *frames[FRAMES];

    inside = true;
    shared = (struct shared *)syscall(SYS_mmap, NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    take_path(sites_path, sizeof(sites_path), "FAULT_SITES");
    take_path(open_path, sizeof(open_path), "FAULT_OPEN");
    take_path(hit_path, sizeof(hit_path), "FAULT_HIT");
    wanted_site = take_number("FAULT_SITE", 16);
    wanted_errno = (int)take_number("FAULT_ERRNO", 10);
    wanted_always = take_number("FAULT_ALWAYS", 10);
    wanted_call = take_number("FAULT_CALL", 10);
    unsetenv("LD_PRELOAD");
    dl_iterate_phdr(find_c_library, NULL);
    backtrace(frames, FRAMES); /* loads what it needs */
    inside = false;
    ready = true;
}

static void write_sites(void)
{
    FILE *file = fopen(sites_path, "a");

    for (size_t i = 0; file && i < SITES; i++) {
        const struct site *site = &shared->sites[i];

        if (site->number)
            fprintf(file, "%s %s %lx %lu\n", site->name, site->kind, site->number, site->calls);
    }
    if (file)
        fclose(file);
}

static void write_open(void)
{
    FILE *file = fopen(open_path, "w");
    char path[64], target[256];

    for (int fd = 0; file && fd < 1024; fd++) {
        ssize_t size;

        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        size = fd == fileno(file) ? -1 : readlink(path, target, sizeof(target) - 1);
        if (size > 0)
            fprintf(file, "%d %.*s\n", fd, (int)size, target);
    }
    if (file)
        fclose(file);
}

static void __attribute__((destructor)) end(void)
{
    inside = true;
    if (sites_path[0])
        write_sites();
    if (open_path[0])
        write_open();
}

/* 0: the C library called itself. */
static __attribute__((noinline)) uint64_t site_number(const char *name)
{
    void *frames[FRAMES_OWN + 1 + FRAMES];
    int count = backtrace(frames, FRAMES_OWN + 1 + FRAMES);
    uintptr_t caller = count > FRAMES_OWN + 1 ? (uintptr_t)frames[FRAMES_OWN + 1] : 0;
    uint64_t hash = 0xcbf29ce484222325u;

    if (caller >= c_library_from && caller < c_library_to)
        return 0;
    for (const char *at = name; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    for (int i = FRAMES_OWN + 1; i < count; i++)
        hash = (hash ^ (uintptr_t)frames[i]) * 0x9e3779b97f4a7c15u;
    return hash ? hash : 1;
}

static struct site *find_site(uint64_t number)
{
    size_t at = number & (SITES - 1);

    for (size_t tries = 0; tries < SITES; tries++, at = (at + 1) & (SITES - 1))
        if (!shared->sites[at].number || shared->sites[at].number == number)
            return &shared->sites[at];
    abort();
}

static void count_call(uint64_t number, const char *name, const char *kind)
{
    struct site *site;

    while (__atomic_exchange_n(&shared->lock, 1, __ATOMIC_ACQUIRE))
        continue;
    site = find_site(number);
    site->number = number;
    site->name = name;
    site->kind = kind;
    site->calls++;
    __atomic_store_n(&shared->lock, 0, __ATOMIC_RELEASE);
}

__attribute__((noinline)) bool site_fails(const char *kind, const char *name)
{
    int kept_errno = errno;
    uint64_t number;
    bool failing;

    if (!ready || inside)
        return false;
    inside = true;
    number = site_number(name);
    if (sites_path[0])
        count_call(number, name, kind);
    failing =
        number == wanted_site &&
        (__atomic_add_fetch(&shared->reached, 1, __ATOMIC_RELAXED) == wanted_call || wanted_always);
    if (failing && !shared->failed) {
        shared->failed = true;
        syscall(SYS_mknod, hit_path, S_IFREG | 0600, 0);
    }
    inside = false;
    errno = failing ? wanted_errno : kept_errno;
    return failing;
}

int site_errno(void)
{
    return wanted_errno;
}
