// SPDX-License-Identifier: GPL-2.0
#include "user/host/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 1500
#define TEXT_MAX    (4u << 20)
#define PIECE       (64u << 10)

struct run {
    pid_t pid;
    int fd;
    char *text;
    size_t size, capacity;
    unsigned int patience_ms;
    bool errors_too; /* what it writes to standard error is text as well */
};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int find_program(const char *name, char *ret_path, size_t size)
{
    static const char *const folders[] = {"/usr/sbin", "/usr/bin",        "/sbin",
                                          "/bin",      "/usr/local/sbin", "/usr/local/bin"};

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        if ((size_t)snprintf(ret_path, size, "%s/%s", folders[i], name) < size &&
            !access(ret_path, X_OK))
            return 0;
    }
    return -ENOENT;
}

/* The child begins with no signal blocked, ignored or caught. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t all, none;

    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setsigmask(attributes, &none);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static int spawn(struct run *run, const char *path, const char *const argv[], int output)
{
    char runtime[64]; /* where systemctl --user finds the manager of this user */
    const char *const environment[] = {"LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", runtime,
                                       NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char **arguments, **variables;
    int error;

    memcpy(&arguments, &argv, sizeof(arguments)); /* posix_spawn() changes neither */
    memcpy(&variables, &(const char *const *){environment}, sizeof(variables));
    snprintf(runtime, sizeof(runtime), "XDG_RUNTIME_DIR=/run/user/%u", getuid());
    if (posix_spawn_file_actions_init(&actions))
        return -ENOMEM;
    if (posix_spawnattr_init(&attributes)) {
        posix_spawn_file_actions_destroy(&actions);
        return -ENOMEM;
    }
    error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (!error && run->errors_too)
        error = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    else if (!error)
        error = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!error)
        error = set_signals(&attributes);
    if (!error)
        error = posix_spawn(&run->pid, path, &actions, &attributes, arguments, variables);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

static int make_room(struct run *run)
{
    char *grown;

    if (run->capacity - run->size > 1)
        return 0;
    if (run->capacity >= TEXT_MAX)
        return -EFBIG;
    grown = realloc(run->text, run->capacity + PIECE);
    if (!grown)
        return -ENOMEM;
    run->text = grown;
    run->capacity += PIECE;
    return 0;
}

static int read_to_end(struct run *run)
{
    int64_t until_ms = now_ms() + run->patience_ms;
    int result = make_room(run);

    while (!result) {
        struct pollfd readable = {.fd = run->fd, .events = POLLIN};
        int64_t left_ms = until_ms - now_ms();
        ssize_t got;

        if (left_ms <= 0 || !poll(&readable, 1, (int)left_ms))
            return -ETIMEDOUT;
        got = read(run->fd, run->text + run->size, run->capacity - run->size - 1);
        if (!got)
            return 0;
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            return -errno;
        run->size += got > 0 ? (size_t)got : 0;
        result = make_room(run);
    }
    return result;
}

/*
 * It has closed its output, but may go on for other reasons: it is not waited for without end. The
 * status that it ended with, or -EIO.
 */
static int reap(pid_t pid, bool at_once)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    int status = 0;

    if (at_once)
        kill(pid, SIGKILL);
    errno = 0;
    for (int ms = 0; waitpid(pid, &status, at_once ? 0 : WNOHANG) != pid; ms++) {
        if (errno == ECHILD)
            return 0; /* somebody else of this program has waited for it */
        if (!at_once && ms >= PATIENCE_MS) {
            kill(pid, SIGKILL);
            at_once = true;
        } else if (!at_once) {
            errno = 0;
            nanosleep(&pause, NULL);
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

/* The status that it ended with, or negative errno; then there is no text. */
static int run_to_end(struct run *run, const char *const argv[])
{
    char path[64];
    int ends[2];
    int result = find_program(argv[0], path, sizeof(path));

    if (result)
        return result;
    if (pipe2(ends, O_CLOEXEC))
        return -errno;
    result = spawn(run, path, argv, ends[1]);
    close(ends[1]);
    run->fd = ends[0];
    if (!result) {
        int ended;

        result = read_to_end(run);
        ended = reap(run->pid, result != 0);
        if (!result)
            result = ended;
    }
    close(run->fd);
    if (result < 0 || !run->text) {
        free(run->text);
        return result < 0 ? result : -ENOMEM;
    }
    run->text[run->size] = '\0';
    return result;
}

int run_program(const char *const argv[], char **ret_text)
{
    struct run run = {.patience_ms = PATIENCE_MS};
    int status = run_to_end(&run, argv);

    if (status < 0)
        return status;
    if (status) {
        free(run.text);
        return -EIO;
    }
    *ret_text = run.text;
    return 0;
}

int run_program_patiently(const char *const argv[], unsigned int patience_ms, char **ret_text)
{
    struct run run = {.patience_ms = patience_ms, .errors_too = true};
    int status = run_to_end(&run, argv);

    if (status >= 0)
        *ret_text = run.text;
    return status;
}
