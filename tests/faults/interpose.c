// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into a program, makes calls fail. A site is a function of the C library together with
 * the chain of those who have called it: what is reached by different ways has to be left by
 * different ways. The program's own calls and those of the libraries that it is linked to count,
 * not those within the C library.
 *
 * Variables:
 *   FAULT_SITES    a file: at the end a line for each site reached is added to it,
 *                  NAME KIND NUMBER CALLS
 *   FAULT_SITE     the number of the site that fails
 *   FAULT_CALL     which of its calls, from 1
 *   FAULT_ALWAYS   1: all of them
 *   FAULT_ERRNO    with this
 *   FAULT_HIT      a file: made when the call fails
 *   FAULT_OPEN     a file: at the end what is still open, one a line
 *
 * Sites are the same from run to run only at the same addresses: ADDR_NO_RANDOMIZE.
 */
#include <dirent.h>
#include <fcntl.h>
#include <mntent.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>
#include <errno.h>

#include "tests/faults/sites.h"

#define MEMORY  "memory"
#define FILES   "file"
#define NETWORK "network"
#define PROCESS "process"
#define WAIT    "wait"
#define BPF     "bpf"

/* dlsym() allocates: until it has answered, memory comes from here and is never given back. */
static char early[65536];
static size_t early_used;
static bool asking;

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

/* False: nobody can be asked yet. */
static bool can_pass_on(void)
{
    if (next_free || asking)
        return next_free;
    asking = true;
    sites_find_next(&next_malloc, "malloc");
    sites_find_next(&next_calloc, "calloc");
    sites_find_next(&next_realloc, "realloc");
    sites_find_next(&next_free, "free");
    asking = false;
    return true;
}

void *malloc(size_t size)
{
    if (!can_pass_on())
        return early_alloc(size);
    return site_fails(MEMORY, "malloc") ? NULL : next_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (!can_pass_on())
        return early_alloc(count * size);
    return site_fails(MEMORY, "calloc") ? NULL : next_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
    if (!can_pass_on())
        abort();
    return site_fails(MEMORY, "realloc") ? NULL : next_realloc(at, size);
}

void *reallocarray(void *at, size_t count, size_t size)
{
    if (!can_pass_on())
        abort();
    return site_fails(MEMORY, "reallocarray") ? NULL : next_realloc(at, count * size);
}

int posix_memalign(void **ret_at, size_t alignment, size_t size)
{
    static int (*next)(void **, size_t, size_t);

    if (!next)
        sites_find_next(&next, "posix_memalign");
    return site_fails(MEMORY, "posix_memalign") ? ENOMEM : next(ret_at, alignment, size);
}

void free(void *at)
{
    if (!is_early(at) && can_pass_on())
        next_free(at);
}

char *strndup(const char *text, size_t most)
{
    size_t size = strnlen(text, most);
    char *copy = !can_pass_on() || site_fails(MEMORY, "strndup") ? NULL : next_malloc(size + 1);

    if (!copy)
        return NULL;
    copy[size] = '\0';
    return memcpy(copy, text, size);
}

char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = !can_pass_on() || site_fails(MEMORY, "strdup") ? NULL : next_malloc(size);

    return copy ? memcpy(copy, text, size) : NULL;
}

/* NOLINTBEGIN(bugprone-macro-parentheses): types and lists of parameters stand in none */
#define PASS_ON(type, kind, failure, name, parameters, arguments)                                  \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*next) parameters;                                                             \
                                                                                                   \
        if (!next)                                                                                 \
            sites_find_next(&next, #name);                                                         \
        return site_fails(kind, #name) ? (failure) : next arguments;                               \
    }

/* What is closed is closed, also where that fails. */
#define CLOSE(type, parameter, name)                                                               \
    type name(parameter at)                                                                        \
    {                                                                                              \
        static type (*next)(parameter);                                                            \
        type result;                                                                               \
                                                                                                   \
        if (!next)                                                                                 \
            sites_find_next(&next, #name);                                                         \
        result = next(at);                                                                         \
        return site_fails(FILES, #name) ? (type)-1 : result;                                       \
    }

CLOSE(int, int, close)
CLOSE(int, FILE *, fclose)
CLOSE(int, DIR *, closedir)
PASS_ON(ssize_t, FILES, -1, read, (int fd, void *to, size_t size), (fd, to, size))
PASS_ON(ssize_t, FILES, -1, pread, (int fd, void *to, size_t size, off_t at), (fd, to, size, at))
PASS_ON(ssize_t, FILES, -1, write, (int fd, const void *from, size_t size), (fd, from, size))
PASS_ON(FILE *, FILES, NULL, fopen, (const char *path, const char *mode), (path, mode))
PASS_ON(FILE *, FILES, NULL, fopen64, (const char *path, const char *mode), (path, mode))
PASS_ON(FILE *, FILES, NULL, fmemopen, (void *at, size_t size, const char *mode), (at, size, mode))
PASS_ON(size_t, FILES, 0, fread, (void *to, size_t size, size_t count, FILE *file),
        (to, size, count, file))
PASS_ON(char *, FILES, NULL, fgets, (char *to, int size, FILE *file), (to, size, file))
PASS_ON(int, FILES, -1, fseek, (FILE * file, long at, int from), (file, at, from))
PASS_ON(long, FILES, -1, ftell, (FILE * file), (file))
PASS_ON(ssize_t, FILES, -1, __getdelim, (char **line, size_t *size, int end, FILE *file),
        (line, size, end, file))
PASS_ON(int, FILES, -1, ftruncate, (int fd, off_t size), (fd, size))
PASS_ON(int, FILES, -1, flock, (int fd, int how), (fd, how))
PASS_ON(int, FILES, -1, stat, (const char *path, struct stat *to), (path, to))
PASS_ON(int, FILES, -1, fstat, (int fd, struct stat *to), (fd, to))
PASS_ON(int, FILES, -1, fstatat, (int fd, const char *path, struct stat *to, int flags),
        (fd, path, to, flags))
PASS_ON(int, FILES, -1, statfs, (const char *path, struct statfs *to), (path, to))
PASS_ON(int, FILES, -1, fstatfs, (int fd, struct statfs *to), (fd, to))
PASS_ON(int, FILES, -1, access, (const char *path, int mode), (path, mode))
PASS_ON(int, FILES, -1, faccessat, (int fd, const char *path, int mode, int flags),
        (fd, path, mode, flags))
PASS_ON(ssize_t, FILES, -1, readlink, (const char *path, char *to, size_t size), (path, to, size))
PASS_ON(ssize_t, FILES, -1, readlinkat, (int fd, const char *path, char *to, size_t size),
        (fd, path, to, size))
PASS_ON(int, FILES, -1, name_to_handle_at,
        (int fd, const char *path, struct file_handle *to, int *mount, int flags),
        (fd, path, to, mount, flags))
PASS_ON(DIR *, FILES, NULL, opendir, (const char *path), (path))
PASS_ON(struct dirent *, FILES, NULL, readdir, (DIR * folder), (folder))
PASS_ON(FILE *, FILES, NULL, setmntent, (const char *path, const char *mode), (path, mode))
PASS_ON(struct mntent *, FILES, NULL, getmntent, (FILE * file), (file))
PASS_ON(int, FILES, site_errno(), getpwuid_r,
        (uid_t uid, struct passwd *to, char *room, size_t size, struct passwd **ret_found),
        (uid, to, room, size, ret_found))
PASS_ON(int, FILES, -1, dup3, (int fd, int to, int flags), (fd, to, flags))
PASS_ON(int, FILES, -1, pipe2, (int ret_fds[2], int flags), (ret_fds, flags))
PASS_ON(void *, MEMORY, MAP_FAILED, mmap,
        (void *at, size_t size, int protection, int flags, int fd, off_t offset),
        (at, size, protection, flags, fd, offset))
PASS_ON(void *, MEMORY, MAP_FAILED, mmap64,
        (void *at, size_t size, int protection, int flags, int fd, off_t offset),
        (at, size, protection, flags, fd, offset))
PASS_ON(int, NETWORK, -1, socket, (int family, int type, int protocol), (family, type, protocol))
PASS_ON(int, NETWORK, -1, bind, (int fd, const struct sockaddr *address, socklen_t size),
        (fd, address, size))
PASS_ON(int, NETWORK, -1, setsockopt,
        (int fd, int level, int name, const void *value, socklen_t size),
        (fd, level, name, value, size))
PASS_ON(int, NETWORK, -1, getsockname, (int fd, struct sockaddr *address, socklen_t *size),
        (fd, address, size))
PASS_ON(ssize_t, NETWORK, -1, send, (int fd, const void *from, size_t size, int flags),
        (fd, from, size, flags))
PASS_ON(ssize_t, NETWORK, -1, sendto,
        (int fd, const void *from, size_t size, int flags, const struct sockaddr *address,
         socklen_t address_size),
        (fd, from, size, flags, address, address_size))
PASS_ON(ssize_t, NETWORK, -1, recv, (int fd, void *to, size_t size, int flags),
        (fd, to, size, flags))
PASS_ON(ssize_t, NETWORK, -1, recvmsg, (int fd, struct msghdr *message, int flags),
        (fd, message, flags))
PASS_ON(pid_t, PROCESS, -1, fork, (void), ())
PASS_ON(int, PROCESS, site_errno(), posix_spawn,
        (pid_t * ret_pid, const char *path, const posix_spawn_file_actions_t *actions,
         const posix_spawnattr_t *attributes, char *const *argv, char *const *environment),
        (ret_pid, path, actions, attributes, argv, environment))
PASS_ON(int, PROCESS, site_errno(), posix_spawn_file_actions_init,
        (posix_spawn_file_actions_t * actions), (actions))
PASS_ON(int, PROCESS, site_errno(), posix_spawn_file_actions_adddup2,
        (posix_spawn_file_actions_t * actions, int fd, int to), (actions, fd, to))
PASS_ON(int, PROCESS, site_errno(), posix_spawn_file_actions_addopen,
        (posix_spawn_file_actions_t * actions, int fd, const char *path, int flags, mode_t mode),
        (actions, fd, path, flags, mode))
PASS_ON(int, PROCESS, site_errno(), posix_spawnattr_init, (posix_spawnattr_t * attributes),
        (attributes))
PASS_ON(int, PROCESS, -1, execvp, (const char *path, char *const *argv), (path, argv))
PASS_ON(pid_t, PROCESS, -1, waitpid, (pid_t pid, int *status, int options), (pid, status, options))
PASS_ON(int, PROCESS, -1, kill, (pid_t pid, int number), (pid, number))
PASS_ON(int, PROCESS, -1, setns, (int fd, int type), (fd, type))
PASS_ON(int, PROCESS, -1, setrlimit, (__rlimit_resource_t which, const struct rlimit *to),
        (which, to))
PASS_ON(int, PROCESS, -1, setrlimit64, (__rlimit_resource_t which, const struct rlimit64 *to),
        (which, to))
PASS_ON(int, PROCESS, -1, getrlimit, (__rlimit_resource_t which, struct rlimit *to), (which, to))
PASS_ON(int, PROCESS, -1, getrlimit64, (__rlimit_resource_t which, struct rlimit64 *to),
        (which, to))
PASS_ON(int, PROCESS, -1, getpriority, (__priority_which_t which, id_t who), (which, who))
PASS_ON(int, PROCESS, -1, setpriority, (__priority_which_t which, id_t who, int nice),
        (which, who, nice))
PASS_ON(int, PROCESS, -1, sigaction,
        (int number, const struct sigaction *to, struct sigaction *ret_was), (number, to, ret_was))
PASS_ON(int, PROCESS, -1, sigprocmask, (int how, const sigset_t *set, sigset_t *ret_was),
        (how, set, ret_was))
PASS_ON(int, PROCESS, site_errno(), pthread_create,
        (pthread_t * ret_thread, const pthread_attr_t *attributes, void *(*run)(void *), void *arg),
        (ret_thread, attributes, run, arg))
PASS_ON(int, WAIT, -1, signalfd, (int fd, const sigset_t *set, int flags), (fd, set, flags))
PASS_ON(int, WAIT, -1, epoll_create1, (int flags), (flags))
PASS_ON(int, WAIT, -1, epoll_ctl, (int fd, int op, int other, struct epoll_event *event),
        (fd, op, other, event))
PASS_ON(int, WAIT, -1, epoll_wait, (int fd, struct epoll_event *events, int most, int timeout),
        (fd, events, most, timeout))
PASS_ON(int, WAIT, -1, epoll_pwait2,
        (int fd, struct epoll_event *events, int most, const struct timespec *timeout,
         const sigset_t *set),
        (fd, events, most, timeout, set))
PASS_ON(int, WAIT, -1, poll, (struct pollfd * fds, nfds_t count, int timeout),
        (fds, count, timeout))
PASS_ON(int, WAIT, -1, nanosleep, (const struct timespec *time, struct timespec *ret_left),
        (time, ret_left))
PASS_ON(int, WAIT, -1, eventfd, (unsigned int count, int flags), (count, flags))
PASS_ON(int, WAIT, -1, timerfd_create, (int clock, int flags), (clock, flags))
PASS_ON(int, WAIT, -1, timerfd_settime,
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
            sites_find_next(&next, #name);                                                         \
        return site_fails(FILES, #name) ? -1 : next(named path, flags, mode);                      \
    }
#define AND ,

OPEN(open, , )
OPEN(open64, , )
OPEN(openat, int folder AND, folder AND)

/* open() without a mode, where the headers check it. */
int __open_2(const char *path, int flags);

int __open_2(const char *path, int flags)
{
    static int (*next)(const char *, int);

    if (!next)
        sites_find_next(&next, "__open_2");
    return site_fails(FILES, "__open_2") ? -1 : next(path, flags);
}

/* All of these take one word more, or none. */
#define WITH_WORD(kind, name, type)                                                                \
    int name(int first, type second, ...)                                                          \
    {                                                                                              \
        static int (*next)(int, type, ...);                                                        \
        va_list rest;                                                                              \
        long word;                                                                                 \
                                                                                                   \
        va_start(rest, second);                                                                    \
        word = va_arg(rest, long);                                                                 \
        va_end(rest);                                                                              \
        if (!next)                                                                                 \
            sites_find_next(&next, #name);                                                         \
        return site_fails(kind, #name) ? -1 : next(first, second, word);                           \
    }

WITH_WORD(FILES, fcntl, int)
WITH_WORD(FILES, fcntl64, int)
WITH_WORD(FILES, ioctl, unsigned long)
/* NOLINTEND(bugprone-macro-parentheses) */

/* Called __isoc99_fscanf by the header. */
int fscanf(FILE *file, const char *format, ...)
{
    va_list rest;
    int result;

    if (site_fails(FILES, "fscanf"))
        return EOF;
    va_start(rest, format);
    result = vfscanf(file, format, rest);
    va_end(rest);
    return result;
}

int prctl(int option, ...)
{
    static int (*next)(int, ...);
    unsigned long words[4];
    va_list rest;

    va_start(rest, option);
    for (int i = 0; i < 4; i++)
        words[i] = va_arg(rest, unsigned long);
    va_end(rest);
    if (!next)
        sites_find_next(&next, "prctl");
    return site_fails(PROCESS, "prctl") ? -1 : next(option, words[0], words[1], words[2], words[3]);
}

/* bpf() among others: the C library has no function for them. */
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
        sites_find_next(&next, "syscall");
    if (site_fails(BPF, "syscall"))
        return -1;
    return next(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}
