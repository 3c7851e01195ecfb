// SPDX-License-Identifier: GPL-2.0
#include "user/capture/log.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char first_warning[400]; /* libbpf's callback has no context */

bool log_is_wanted(void)
{
    return getenv("PORTTRACE_LIBBPF_LOG") != NULL;
}

__attribute__((format(printf, 2, 0))) static int keep_warning(enum libbpf_print_level level,
                                                              const char *format, va_list args)
{
    if (level != LIBBPF_WARN)
        return 0;
    if (log_is_wanted())
        return vfprintf(stderr, format, args);
    if (!first_warning[0])
        vsnprintf(first_warning, sizeof(first_warning), format, args);
    return 0;
}

void log_add(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    keep_warning(LIBBPF_WARN, format, args);
    va_end(args);
}

void log_start(void)
{
    first_warning[0] = '\0';
    libbpf_set_print(keep_warning);
}

const char *log_summary(void)
{
    char *at = first_warning;

    if (!strncmp(at, "libbpf: ", 8))
        at += 8;
    at[strcspn(at, "\n")] = '\0';
    return at;
}
