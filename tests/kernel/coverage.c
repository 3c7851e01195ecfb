// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "tests/kernel/coverage.h"

static FILE *table;
static char kernel[16];

bool coverage_open(const char *dir)
{
    unsigned int major = 0, minor = 0;
    struct utsname name;
    char path[4096];

    if (!dir)
        return true;
    uname(&name);
    sscanf(name.release, "%u.%u", &major, &minor);
    snprintf(kernel, sizeof(kernel), "%u.%u", major, minor);
    snprintf(path, sizeof(path), "%s/coverage.tsv", dir);
    table = fopen(path, "we");
    if (!table)
        return false;
    fputs("kernel\tplan\top\toutcome\tprotocol\tfamily\tentry\tverdict\twhy\tscenario\n", table);
    return true;
}

void coverage_close(void)
{
    if (table)
        fclose(table);
    table = NULL;
}

/* Reasons come from the kernel or from the program and must not break the lines. */
static void write_text(const char *text)
{
    for (; *text; text++)
        fputc(*text == '\t' || *text == '\n' ? ' ' : *text, table);
}

static void write_row(const char *plan, const char *cell, const char *verdict, const char *why,
                      const char *scenario)
{
    if (!table)
        return;
    fprintf(table, "%s\t%s\t%s\t%s\t", kernel, plan, cell, verdict);
    write_text(why);
    fprintf(table, "\t%s\n", scenario);
}

void coverage_call(const char *plan, const struct scenario *scenario, const struct call *call,
                   const char *verdict, const char *why)
{
    char cell[128];

    snprintf(cell, sizeof(cell), "%s\t%s\t%s\t%s\t%s", op_name(call->op),
             call->error ? strerrorname_np(call->error) : "success", protocol_name(call->protocol),
             call->family == AF_INET6 ? "ipv6" : "ipv4",
             call->op == PT_OP_RELEASE ? "-" : entry_name(call->entry));
    write_row(plan, cell, verdict, why, scenario->name);
}

void coverage_missing_scenario(const char *plan, const struct scenario *scenario, const char *why)
{
    write_row(plan, "-\t-\t-\t-\t-", "not on this kernel", why, scenario->name);
}

void coverage_missing_plan(const char *plan, const char *why)
{
    write_row(plan, "-\t-\t-\t-\t-", "plan not on this kernel", why, "-");
}
