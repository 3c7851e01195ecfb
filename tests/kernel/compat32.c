// SPDX-License-Identifier: GPL-2.0
#include "tests/kernel/compat32.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR32_GETPID 20
#define NR32_BIND   361
#define NR32_LISTEN 363

#ifdef __x86_64__
static long call32(long number, long first, long second, long third)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(first), "c"(second), "d"(third)
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}
#define MAP_LOW MAP_32BIT
#else
static long call32(long number, long first, long second, long third)
{
    (void)number, (void)first, (void)second, (void)third;
    return -ENOSYS;
}
#define MAP_LOW 0
#endif

int compat32_bind(int fd, const struct sockaddr *address, int size)
{
    void *low =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOW, -1, 0);
    long result;

    if (low == MAP_FAILED)
        return -errno;
    memcpy(low, address, (size_t)size);
    result = call32(NR32_BIND, fd, (long)(intptr_t)low, size);
    munmap(low, 4096);
    return (int)result;
}

int compat32_listen(int fd, int backlog)
{
    return (int)call32(NR32_LISTEN, fd, backlog, 0);
}

/* Without 32-bit emulation the instruction kills. */
int compat32_probe(void)
{
    pid_t child = fork();
    int status = 0;

    if (child < 0)
        return errno;
    if (!child)
        _exit(call32(NR32_GETPID, 0, 0, 0) == getpid() ? 0 : 1);
    if (waitpid(child, &status, 0) < 0)
        return errno;
    return status ? ENOSYS : 0;
}
