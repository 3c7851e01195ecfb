// SPDX-License-Identifier: GPL-2.0
#include "user/render/moment.h"

#include <inttypes.h>
#include <stdbool.h>

#define NS_PER_US  UINT64_C(1000)
#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_S   UINT64_C(1000000000)
#define S_PER_MIN  UINT64_C(60)
#define S_PER_HOUR UINT64_C(3600)
#define S_PER_DAY  UINT64_C(86400)

static bool is_leap(unsigned int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned int days_of_month(unsigned int year, unsigned int month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month] + (month == 1 && is_leap(year) ? 1 : 0);
}

/* 64 bits of nanoseconds end in 2554, so the years can be counted out. */
static void add_date(struct strbuf *out, uint64_t days)
{
    unsigned int year = 1970;
    unsigned int month = 0;

    for (; days >= (is_leap(year) ? 366u : 365u); year++)
        days -= is_leap(year) ? 366 : 365;
    for (; days >= days_of_month(year, month); month++)
        days -= days_of_month(year, month);
    strbuf_printf(out, "%04u-%02u-%02u", year, month + 1, (unsigned int)days + 1);
}

static void add_time_of_day(struct strbuf *out, uint64_t second)
{
    strbuf_printf(out, "%02u:%02u:%02u", (unsigned int)(second / S_PER_HOUR),
                  (unsigned int)(second % S_PER_HOUR / S_PER_MIN),
                  (unsigned int)(second % S_PER_MIN));
}

void moment_add_utc(struct strbuf *out, uint64_t wall_ns)
{
    uint64_t second = wall_ns / NS_PER_S;

    add_date(out, second / S_PER_DAY);
    strbuf_putc(out, 'T');
    add_time_of_day(out, second % S_PER_DAY);
    strbuf_printf(out, ".%09" PRIu64 "Z", wall_ns % NS_PER_S);
}

void moment_add_clock(struct strbuf *out, uint64_t wall_ns, int64_t utc_offset_s)
{
    int64_t day = (int64_t)S_PER_DAY;
    int64_t second = (int64_t)(wall_ns / NS_PER_S % S_PER_DAY) + utc_offset_s % day;

    add_time_of_day(out, (uint64_t)((second + day) % day));
    strbuf_printf(out, ".%03" PRIu64, wall_ns % NS_PER_S / NS_PER_MS);
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
