// SPDX-License-Identifier: GPL-2.0
/*
 * Whole event files as porttrace --read takes them: with or without a header, cut off, with kinds
 * that nobody knows; the lines that come out are JSON, or text without controls.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/clean.h"
#include "tests/fuzz/input.h"
#include "user/cli/cmd.h"
#include "user/cli/event_file.h"
#include "user/cli/trace_replay.h"

void __wrap_complain(const char *format, ...);

/* What it says is about the names of files, which are ours. */
void __wrap_complain(const char *format, ...)
{
    require(format != NULL);
}

static int open_memory(const char *name, const uint8_t *bytes, size_t size, char ret_path[32])
{
    int fd = memfd_create(name, MFD_CLOEXEC);

    require(fd >= 0 && (!size || write(fd, bytes, size) == (ssize_t)size));
    snprintf(ret_path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

static void check_output(int fd, const struct trace_options *options)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *text = malloc((size_t)size + 1);

    require(text && size >= 0 && pread(fd, text, (size_t)size, 0) == size);
    if (options->json)
        require(clean_json(text, (size_t)size));
    else
        require(clean_text(text, (size_t)size, options->colour == COLOUR_ALWAYS));
    free(text);
}

/* No output goes through a link, as the names in /proc/self/fd are, so it is standard output. */
static void replay(const struct trace_options *options)
{
    char path[32];
    int out = open_memory("lines", NULL, 0, path), kept = dup(STDOUT_FILENO), status;

    require(kept >= 0 && dup2(out, STDOUT_FILENO) >= 0);
    status = trace_replay(options);
    require(status == STATUS_DONE || status == STATUS_BAD_NEWS);
    require(dup2(kept, STDOUT_FILENO) >= 0);
    check_output(out, options);
    close(kept);
    close(out);
}

static void choose_filter(struct input *input, struct filter *filter)
{
    unsigned int choice = input_byte(input);

    if (choice & 1) {
        filter->pids[0] = 4242;
        filter->pid_count = 1;
    }
    if (choice & 2) {
        filter->ports[0] = (struct port_range){8000, 9000};
        filter->port_count = 1;
    }
    if (choice & 4)
        filter->outcomes = FILTER_FAILURE;
    if (choice & 8)
        filter->families = FILTER_IPV6;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint32_t widths[] = {0, 40, 80, 132};
    struct input input = {bytes, size};
    char path[32];
    struct trace_options options = {.read = path};
    unsigned int choice = input_byte(&input);
    int fd;

    options.json = choice & 1;
    options.verbose = choice & 2;
    options.colour = choice & 4 ? COLOUR_ALWAYS : COLOUR_NEVER;
    options.no_holders = choice & 8;
    options.width = widths[choice >> 4 & 3];
    options.count = choice >> 6;
    if (options.json)
        options.colour = COLOUR_NEVER;
    choose_filter(&input, &options.capture.filter);
    fd = open_memory("events", input.at, input.left, path);
    replay(&options);
    close(fd);
    return 0;
}
