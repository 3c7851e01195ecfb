// SPDX-License-Identifier: GPL-2.0
#include "user/cli/list_watch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "user/cli/clock.h"
#include "user/cli/cmd.h"
#include "user/cli/complain.h"
#include "user/cli/output.h"
#include "user/cli/signals.h"
#include "user/cli/terminal.h"
#include "user/cli/wakeup.h"
#include "user/model/errors.h"
#include "user/render/moment.h"

#define SCREEN_ENTER "\033[?1049h\033[?25l"
#define SCREEN_LEAVE "\033[?25h\033[?1049l"
#define SCREEN_HOME  "\033[H"
#define CLEAR_LINE   "\033[K"
#define CLEAR_BELOW  "\033[J"
#define NS_PER_S     1000000000ull
#define NS_PER_MS    1000000ull
#define LINES_BESIDE 3 /* of the screen: the head, the titles, and the last one */

struct watch {
    const struct list_options *options;
    struct list_view *view;
    struct surveyor *surveyor;
    const struct survey_query *query;
    struct output output;
    struct wakeup wakeup;
    struct strbuf text;
    bool screen;
    bool entered; /* the screen is taken */
};

void list_watch_screen(const char *text, size_t size, unsigned int height, struct strbuf *out)
{
    const char *end = text + size;

    strbuf_puts(out, SCREEN_HOME);
    for (unsigned int line = 0; line < height && text < end; line++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((newline ? newline : end) - text);

        if (line)
            strbuf_puts(out, "\r\n");
        strbuf_add(out, text, length);
        strbuf_puts(out, CLEAR_LINE);
        text += length + 1;
    }
    strbuf_puts(out, CLEAR_BELOW);
}

static const char *how_complete(const struct survey *survey, const char *missing)
{
    if (!missing)
        return "";
    return survey->privileges_help ? ", incomplete: more privileges see more" : ", incomplete";
}

static void add_head(struct strbuf *out, unsigned int rows, const char *complete)
{
    uint64_t wall_ns = clock_wall_ns();

    moment_add_clock(out, wall_ns, clock_utc_offset_s(wall_ns));
    strbuf_printf(out, "  %u socket%s%s\n", rows, rows == 1 ? "" : "s", complete);
}

static int draw(struct watch *watch)
{
    struct survey survey;
    struct strbuf rows = {0};
    unsigned int height = watch->screen ? terminal_height(watch->output.fd) : 0;
    int result = surveyor_take(watch->surveyor, watch->query, &survey);

    if (result)
        return result;
    watch->view->out = &rows;
    watch->view->rows_most = height > LINES_BESIDE ? height - LINES_BESIDE : 0;
    if (!watch->options->trace.width)
        watch->view->table.width = terminal_width(watch->output.fd);
    result = list_view_print(watch->view, &survey);
    if (result >= 0) {
        strbuf_reset(&watch->text);
        add_head(&watch->text, (unsigned int)result, how_complete(&survey, watch->view->missing));
        if (rows.length)
            strbuf_add(&watch->text, rows.text, rows.length);
        if (watch->screen)
            list_watch_screen(watch->text.text, watch->text.length, height ? height : UINT32_MAX,
                              &watch->output.buffer);
        else
            strbuf_add(&watch->output.buffer, watch->text.text, watch->text.length);
        if (watch->text.failed || rows.failed)
            watch->output.buffer.failed = true;
        result = output_flush(&watch->output);
    }
    strbuf_free(&rows);
    return result;
}

/* Who is asked to end while another job is in front does not show that. */
static void enter_screen(struct watch *watch)
{
    while (!signals_asked_to_end() && terminal_await(watch->output.fd))
        ;
    if (signals_asked_to_end())
        return;
    watch->entered = true;
    strbuf_puts(&watch->output.buffer, SCREEN_ENTER);
    output_flush(&watch->output);
}

static void leave_screen(struct watch *watch)
{
    if (!watch->entered)
        return;
    watch->entered = false;
    strbuf_puts(&watch->output.buffer, SCREEN_LEAVE);
    output_flush(&watch->output);
}

static void stop(struct watch *watch)
{
    leave_screen(watch);
    signals_stop();
    enter_screen(watch);
}

/* 1: it is time to draw; 0: to end. Negative errno. */
static int wait_for_next(struct watch *watch, uint64_t next_ns)
{
    for (;;) {
        struct pollfd polled = {.fd = watch->wakeup.fd, .events = POLLIN};
        uint64_t now_ns = clock_boot_ns();
        int left_ms = next_ns > now_ns ? (int)((next_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS) : 0;

        if (poll(&polled, 1, left_ms) < 0 && errno != EINTR)
            return -errno;
        if (signals_take_stop()) {
            stop(watch);
            return !signals_asked_to_end();
        }
        switch (wakeup_check(&watch->wakeup)) {
        case WAKEUP_END:
            return 0;
        case WAKEUP_NOBODY:
            return -EPIPE;
        case WAKEUP_RESIZE:
            return 1;
        case WAKEUP_NOTHING:
            break;
        }
        if (!left_ms)
            return 1;
    }
}

static int follow(struct watch *watch)
{
    for (;;) {
        uint64_t next_ns = clock_boot_ns() + watch->options->interval_ns;
        int result = draw(watch);

        if (!result)
            result = wait_for_next(watch, next_ns);
        if (result != 1)
            return result;
        list_view_forget(watch->view);
        if (!watch->screen)
            strbuf_putc(&watch->output.buffer, '\n');
    }
}

static int watch_output(struct watch *watch)
{
    int result = wakeup_open(&watch->wakeup, watch->output.fd, 0);

    if (result)
        return result;
    if (watch->screen)
        result = signals_keep_terminal();
    if (!result && watch->screen)
        enter_screen(watch);
    if (!result && (watch->entered || !watch->screen))
        result = follow(watch);
    leave_screen(watch);
    wakeup_close(&watch->wakeup);
    return result;
}

int list_watch(const struct list_options *options, struct list_view *view,
               struct surveyor *surveyor, const struct survey_query *query)
{
    struct watch watch = {.options = options, .view = view, .surveyor = surveyor, .query = query};
    struct strbuf reason = {0};
    int result = output_open(&watch.output, NULL, &reason);

    strbuf_free(&reason);
    if (!result) {
        watch.screen = isatty(watch.output.fd);
        result = watch_output(&watch);
        strbuf_free(&watch.output.buffer);
    }
    strbuf_free(&watch.text);
    if (!result || result == -EPIPE)
        return STATUS_DONE;
    complain("cannot go on: %s", error_message(-result));
    return STATUS_BAD_NEWS;
}
