/* SPDX-License-Identifier: GPL-2.0 */
/* What the runner prints, and the count that it ends with. */
#ifndef TESTS_KERNEL_REPORT_H
#define TESTS_KERNEL_REPORT_H

void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_passed(const char *group, const char *name);
void report_failed(const char *group, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void report_skipped(const char *group, const char *name, const char *why);

/* The last line; returns the exit status. */
int report_end(void);

#endif
