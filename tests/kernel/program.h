/* SPDX-License-Identifier: GPL-2.0 */
/* A program that runs once, its output in a pipe and its complaints kept. */
#ifndef TESTS_KERNEL_PROGRAM_H
#define TESTS_KERNEL_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

struct program {
    int pid;
    int out;    /* the end to read from, -1 closed */
    int errors; /* a file */
    int status; /* as a shell has it, once it has ended; -1: it had to be killed */
    char error_text[2048];
};

/* args: without the program's own name. */
bool program_start(struct program *program, const char *path, const char *const *args,
                   uint32_t uid);
void program_wait(struct program *program);
const char *program_errors(struct program *program);

#endif
