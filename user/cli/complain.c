// SPDX-License-Identifier: GPL-2.0
#include "user/cli/complain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "user/cli/cmd.h"
#include "user/model/errors.h"

void complain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("porttrace: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

int complain_usage(const char *command, struct strbuf *reason)
{
    complain("%s", reason->text && !reason->failed ? reason->text : error_message(ENOMEM));
    fprintf(stderr, "Try '%s --help'.\n", command);
    strbuf_free(reason);
    return STATUS_USAGE;
}

int print_text(const struct strbuf *text)
{
    if (text->failed) {
        complain("%s", error_message(ENOMEM));
        return STATUS_BAD_NEWS;
    }
    if (fwrite(text->text, 1, text->length, stdout) != text->length || fflush(stdout)) {
        if (errno == EPIPE)
            return STATUS_DONE;
        complain("standard output cannot be written: %s", error_message(errno));
        return STATUS_BAD_NEWS;
    }
    return STATUS_DONE;
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
