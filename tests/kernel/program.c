// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/program.h"

#define PATIENCE_MS 30000
#define STEP_MS     20
#define ARGS_MAX    16

extern char **environ;

/* The file is opened before the user changes, who may not reach where it lies. */
static void run_program(int file, const char *const *args, uint32_t uid)
{
    const char *argv[ARGS_MAX] = {"porttrace"};
    int i;

    for (i = 0; args[i] && i < ARGS_MAX - 2; i++)
        argv[i + 1] = args[i];
    if (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
        _exit(125);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fexecve(file, (char *const *)(uintptr_t)argv, environ);
    _exit(127);
}

bool program_start(struct program *program, const char *path, const char *const *args, uint32_t uid)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int pipe_fds[2];

    program->errors = memfd_create("errors", MFD_CLOEXEC);
    if (file < 0 || program->errors < 0 || pipe2(pipe_fds, O_CLOEXEC))
        return false;
    program->pid = fork();
    if (program->pid == 0) {
        dup2(pipe_fds[1], STDOUT_FILENO);
        dup2(program->errors, STDERR_FILENO);
        run_program(file, args, uid);
    }
    close(file);
    close(pipe_fds[1]);
    program->out = pipe_fds[0];
    return program->pid > 0;
}

void program_wait(struct program *program)
{
    int status = 0, waited;

    program->status = -1;
    for (waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
        if (waitpid(program->pid, &status, WNOHANG) == program->pid) {
            program->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            break;
        }
        usleep(STEP_MS * 1000);
    }
    if (program->status < 0) {
        kill(program->pid, SIGKILL);
        waitpid(program->pid, NULL, 0);
    }
    if (program->out >= 0)
        close(program->out);
    program_errors(program);
    close(program->errors);
    program->errors = -1;
}

const char *program_errors(struct program *program)
{
    ssize_t got;

    if (program->errors >= 0) {
        got = pread(program->errors, program->error_text, sizeof(program->error_text) - 1, 0);
        program->error_text[got > 0 ? got : 0] = '\0';
    }
    return program->error_text;
}
