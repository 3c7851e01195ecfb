// SPDX-License-Identifier: GPL-2.0
#include "user/render/moment.h"

#include <inttypes.h>

#define NS_PER_US  UINT64_C(1000)
#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_S   UINT64_C(1000000000)
#define S_PER_MIN  UINT64_C(60)
#define S_PER_HOUR UINT64_C(3600)
#define S_PER_DAY  UINT64_C(86400)

/*
 * Counted in years that begin in March, so that a leap day is the last of its year: 400 of them
 * have 146,097 days, and the months from March on have 153 in five. 719,468 days are from the first
 * of March of the year 0 to 1970.
 */
static void add_date(struct strbuf *out, uint64_t days)
{
    uint64_t era = (days + 719468) / 146097, day = (days + 719468) % 146097;
    uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    uint64_t of_year = day - (365 * year + year / 4 - year / 100);
    uint64_t month = (5 * of_year + 2) / 153;

    strbuf_digits(out, 400 * era + year + (month >= 10), 4);
    strbuf_putc(out, '-');
    strbuf_digits(out, month < 10 ? month + 3 : month - 9, 2);
    strbuf_putc(out, '-');
    strbuf_digits(out, of_year - (153 * month + 2) / 5 + 1, 2);
}

static void add_time_of_day(struct strbuf *out, uint64_t second)
{
    strbuf_digits(out, second / S_PER_HOUR, 2);
    strbuf_putc(out, ':');
    strbuf_digits(out, second % S_PER_HOUR / S_PER_MIN, 2);
    strbuf_putc(out, ':');
    strbuf_digits(out, second % S_PER_MIN, 2);
}

void moment_add_utc(struct strbuf *out, uint64_t wall_ns)
{
    uint64_t second = wall_ns / NS_PER_S;

    add_date(out, second / S_PER_DAY);
    strbuf_putc(out, 'T');
    add_time_of_day(out, second % S_PER_DAY);
    strbuf_putc(out, '.');
    strbuf_digits(out, wall_ns % NS_PER_S, 9);
    strbuf_putc(out, 'Z');
}

void moment_add_clock(struct strbuf *out, uint64_t wall_ns, int64_t utc_offset_s)
{
    int64_t day = (int64_t)S_PER_DAY;
    int64_t second = (int64_t)(wall_ns / NS_PER_S % S_PER_DAY) + utc_offset_s % day;

    add_time_of_day(out, (uint64_t)((second + day) % day));
    strbuf_putc(out, '.');
    strbuf_digits(out, wall_ns % NS_PER_S / NS_PER_MS, 3);
}

static void add_three_digits(struct strbuf *out, uint64_t length_ns, uint64_t unit_ns,
                             const char *unit)
{
    uint64_t whole = length_ns / unit_ns;
    uint64_t part = length_ns % unit_ns * 100 / unit_ns;

    if (whole >= 100)
        strbuf_printf(out, "%" PRIu64 "%s", whole, unit);
    else if (whole >= 10)
        strbuf_printf(out, "%" PRIu64 ".%" PRIu64 "%s", whole, part / 10, unit);
    else
        strbuf_printf(out, "%" PRIu64 ".%02" PRIu64 "%s", whole, part, unit);
}

void moment_add_length(struct strbuf *out, uint64_t length_ns)
{
    uint64_t second = length_ns / NS_PER_S;

    if (length_ns < NS_PER_US)
        strbuf_printf(out, "%" PRIu64 "ns", length_ns);
    else if (length_ns < NS_PER_MS)
        add_three_digits(out, length_ns, NS_PER_US, "us");
    else if (length_ns < NS_PER_S)
        add_three_digits(out, length_ns, NS_PER_MS, "ms");
    else if (second < S_PER_MIN)
        add_three_digits(out, length_ns, NS_PER_S, "s");
    else if (second < S_PER_HOUR)
        strbuf_printf(out, "%" PRIu64 "m%02" PRIu64 "s", second / S_PER_MIN, second % S_PER_MIN);
    else if (second < S_PER_DAY)
        strbuf_printf(out, "%" PRIu64 "h%02" PRIu64 "m", second / S_PER_HOUR,
                      second % S_PER_HOUR / S_PER_MIN);
    else
        strbuf_printf(out, "%" PRIu64 "d%02" PRIu64 "h", second / S_PER_DAY,
                      second % S_PER_DAY / S_PER_HOUR);
}
