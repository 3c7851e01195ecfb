// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>

#include "tests/kernel/report.h"

static unsigned int passed, failed, skipped;

void report_note(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

void report_passed(const char *group, const char *name)
{
    printf("ok      %s %s\n", group, name);
    passed++;
}

void report_failed(const char *group, const char *name, const char *format, ...)
{
    va_list args;

    printf("FAILED  %s %s: ", group, name);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    failed++;
}

void report_skipped(const char *group, const char *name, const char *why)
{
    printf("skipped %s %s: not on this kernel: %s\n", group, name, why);
    skipped++;
}

int report_end(void)
{
    printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
    return failed || !passed ? 1 : 0;
}
