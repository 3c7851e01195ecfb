// SPDX-License-Identifier: GPL-2.0
#include "user/cli/trace_replay.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/cli/cmd.h"
#include "user/cli/complain.h"
#include "user/cli/event_file.h"
#include "user/cli/pipeline.h"
#include "user/cli/trace_view.h"
#include "user/model/errors.h"

#define ENDED (-ECANCELED) /* as the user wanted */

struct replay {
    const struct trace_options *options;
    char name[OUTPUT_NAME]; /* of what is read, fit to print */
    struct pipeline *pipeline;
    struct trace_view view;
    uint64_t shown;
    uint64_t offset;
};

static int on_start(void *context, const struct pt_start *start)
{
    return trace_view_start(&((struct replay *)context)->view, start);
}

static int on_observation(void *context, const struct observation *seen, struct found *found)
{
    struct replay *replay = context;
    int result = trace_view_observation(&replay->view, seen, found);

    return !result && ++replay->shown == replay->options->count ? ENDED : result;
}

static int on_loss(void *context, const struct loss *loss)
{
    return trace_view_loss(&((struct replay *)context)->view, loss);
}

static int on_record(void *context, const void *at, size_t size)
{
    return pipeline_take(((struct replay *)context)->pipeline, at, size);
}

/* A damaged file is shown as far as it makes sense, and has no end that could be told. */
static int show(struct replay *replay, int fd)
{
    int result = event_file_read(fd, on_record, replay, &replay->offset);
    uint64_t end_ns = pipeline_last_ns(replay->pipeline);
    struct trace_totals totals;

    if (!result && replay->offset)
        result = pipeline_finish(replay->pipeline, end_ns);
    if (result && result != ENDED) {
        int shown = trace_view_flush(&replay->view);

        return shown ? shown : result;
    }
    if (!replay->offset)
        return -EBADMSG;
    totals = pipeline_totals(replay->pipeline);
    return trace_view_end(&replay->view, pipeline_wall_ns(replay->pipeline, end_ns), &totals);
}

/* Whoever writes a recording has it locked. */
static bool is_still_recorded(int fd)
{
    if (flock(fd, LOCK_SH | LOCK_NB))
        return errno == EWOULDBLOCK;
    flock(fd, LOCK_UN);
    return false;
}

static int report_end(const struct replay *replay, int fd, int result)
{
    const char *name = replay->name;

    if (!result || result == -EPIPE || replay->view.output.error)
        return STATUS_DONE; /* what could not be written is told when the output is closed */
    if (result == -EBADMSG && !replay->offset)
        complain("%s: is not an event file of porttrace trace --write", name);
    else if ((result == -EBADMSG || result == -ENOMSG) && is_still_recorded(fd))
        complain("%s: is still being recorded; what is there until now was shown", name);
    else if (result == -EBADMSG)
        complain("%s: damaged or cut off at byte %llu; what is before it was shown", name,
                 (unsigned long long)replay->offset);
    else if (result == -ENOMSG)
        complain("%s: the recording broke off, without an end; what there is was shown", name);
    else if (result == -ENODATA)
        complain("%s: events are missing, and no record says why", name);
    else
        complain("%s: %s", name, error_message(-result));
    return STATUS_BAD_NEWS;
}

static int replay_into(struct replay *replay, int fd)
{
    const struct trace_options *options = replay->options;
    struct pipeline_output output = {
        .start = on_start, .observation = on_observation, .loss = on_loss, .context = replay};
    int result = -ENOMEM;

    output.match =
        filter_match_new(&options->capture.filter, options->cgroups.at, options->cgroups.count);
    if (output.match)
        replay->pipeline = pipeline_new(&output);
    if (replay->pipeline)
        result = show(replay, fd);
    pipeline_free(replay->pipeline);
    filter_match_free(output.match);
    return report_end(replay, fd, result);
}

static int close_view(struct replay *replay, int status)
{
    const char *name = replay->view.output.name;
    int result = trace_view_close(&replay->view);

    if (!result || result == -EPIPE)
        return status;
    complain("%s cannot be written: %s", name, error_message(-result));
    return STATUS_BAD_NEWS;
}

/* The recording would be gone before it is read. */
static bool is_what_is_read(const struct output *output, int fd)
{
    struct stat from, to;

    return output->is_file && !fstat(fd, &from) && !fstat(output->fd, &to) &&
           from.st_dev == to.st_dev && from.st_ino == to.st_ino;
}

static int replay_to_output(struct replay *replay, int fd)
{
    struct output *output = &replay->view.output;
    int status = STATUS_BAD_NEWS;

    if (is_what_is_read(output, fd))
        complain("--output: %s is the file that is read", output->name);
    else if (!output_begin(output))
        status = replay_into(replay, fd);
    return close_view(replay, status);
}

int trace_replay(const struct trace_options *options)
{
    struct replay replay = {.options = options, .name = "standard input"};
    struct strbuf reason = {0};
    int status = STATUS_BAD_NEWS;
    int fd = STDIN_FILENO;

    if (strcmp(options->read, "-") != 0) {
        output_print_name(replay.name, sizeof(replay.name), options->read);
        fd = open(options->read, O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0) {
        complain("--read: %s: %s", replay.name, error_message(errno));
        return STATUS_BAD_NEWS;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (options->capture.filter.pid_count)
        complain("note: children of a process are found in a file only where each process between "
                 "them has events too");
    if (trace_view_open(&replay.view, options, &reason)) {
        complain("--output: %s", reason.text ? reason.text : error_message(ENOMEM));
    } else {
        status = replay_to_output(&replay, fd);
    }
    strbuf_free(&reason);
    if (fd != STDIN_FILENO)
        close(fd);
    return status;
}
