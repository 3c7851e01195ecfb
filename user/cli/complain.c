// SPDX-License-Identifier: GPL-2.0
#include "user/cli/complain.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "user/cli/cmd.h"
#include "user/cli/write_whole.h"
#include "user/model/errors.h"

#define LINE_MOST 8192

/* In one write, so that the lines of programs that share the terminal stay lines. */
static void __attribute__((format(printf, 2, 0)))
print_line(const char *start, const char *format, va_list args)
{
    char line[LINE_MOST];
    size_t room = sizeof(line) - 1, length;

    length = (size_t)snprintf(line, room, "%s", start);
    length += (size_t)vsnprintf(line + length, room - length, format, args);
    if (length >= room)
        length = room - 1;
    line[length++] = '\n';
    write_whole(STDERR_FILENO, line, length, whole_lines);
}

void complain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line("porttrace: ", format, args);
    va_end(args);
}

void complain_more(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line("", format, args);
    va_end(args);
}

int complain_usage(const char *command, struct strbuf *reason)
{
    complain("%s", reason->text && !reason->failed ? reason->text : error_message(ENOMEM));
    complain_more("Try '%s --help'.", command);
    strbuf_free(reason);
    return STATUS_USAGE;
}

int status_of_error(int error)
{
    return error == -EPERM || error == -EACCES ? STATUS_PRIVILEGE : STATUS_BAD_NEWS;
}

int print_text(const struct strbuf *text)
{
    int result = -ENOMEM;

    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is told by the write */
    if (!text->failed)
        result = write_whole(STDOUT_FILENO, text->text, text->length, whole_lines);
    if (!result || result == -EPIPE)
        return STATUS_DONE;
    if (text->failed)
        complain("%s", error_message(ENOMEM));
    else
        complain("standard output cannot be written: %s", error_message(-result));
    return STATUS_BAD_NEWS;
}

int print_help(const struct syntax *syntax)
{
    struct strbuf text = {0};
    int status;

    options_help(syntax, &text);
    status = print_text(&text);
    strbuf_free(&text);
    return status;
}
