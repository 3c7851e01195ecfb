/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signals while a command runs under porttrace. What a terminal sends reaches the whole foreground
 * group, the command with it, and is only kept from ending porttrace; what a process sends to
 * porttrace is meant for the command and passed on. No disposition is changed that the command
 * would inherit, but for SIGCHLD's, which it gets back. Stops and SIGCONT keep their default: in
 * the same process group they reach both.
 */
#ifndef PORTTRACE_CLI_RUN_SIGNALS_H
#define PORTTRACE_CLI_RUN_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct run_signals {
    int fd;        /* readable when a signal has come */
    sigset_t mask; /* as it was before */
    struct sigaction child_action;
};

/* 0 or negative errno. */
int run_signals_open(struct run_signals *ret_signals);
void run_signals_close(struct run_signals *signals);

/* As before run_signals_open(): for the child, before it becomes the command. */
void run_signals_restore(const struct run_signals *signals);

struct run_signal {
    int number;
    bool sent;    /* by a process, and not by the terminal or the kernel */
    pid_t sender; /* 0: in a pid namespace that cannot be seen from here */
};

/* The next signal that has come. False: there is none. */
bool run_signals_take(const struct run_signals *signals, struct run_signal *ret_signal);

/* Ends this process as the command was ended by this signal. Returns where that does not work. */
void run_signals_die(int number);

#endif
