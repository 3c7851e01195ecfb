// SPDX-License-Identifier: GPL-2.0
#include "user/explain/inquiry.h"

#include <inttypes.h>
#include <time.h>

#define NS_PER_MS        UINT64_C(1000000)
#define NS_PER_S         UINT64_C(1000000000)
#define S_PER_MIN        UINT64_C(60)
#define S_PER_HOUR       UINT64_C(3600)
#define S_PER_DAY        UINT64_C(86400)
#define UTC_OFFSET_MAX_S (26 * 3600)

static bool local_time(const struct facts *facts, uint64_t boot_ns, struct tm *ret_time)
{
    int64_t offset_s = facts->utc_offset_s;
    int64_t second = (int64_t)((boot_ns + (uint64_t)facts->wall_offset_ns) / NS_PER_S);
    time_t at;

    if (offset_s < -UTC_OFFSET_MAX_S || offset_s > UTC_OFFSET_MAX_S)
        offset_s = 0;
    at = (time_t)(second + offset_s);
    return gmtime_r(&at, ret_time);
}

void instant_add(struct strbuf *out, const struct facts *facts, uint64_t boot_ns)
{
    struct tm then, now;

    if (!local_time(facts, boot_ns, &then) || !local_time(facts, facts->now_ns, &now)) {
        strbuf_puts(out, "an unknown time");
        return;
    }
    if (then.tm_year != now.tm_year || then.tm_yday != now.tm_yday)
        strbuf_printf(out, "%04d-%02d-%02d ", then.tm_year + 1900, then.tm_mon + 1, then.tm_mday);
    strbuf_printf(out, "%02d:%02d:%02d", then.tm_hour, then.tm_min, then.tm_sec);
}

static void two_units(struct strbuf *out, uint64_t large, const char *large_unit, uint64_t small,
                      const char *small_unit)
{
    strbuf_printf(out, "%" PRIu64 " %s", large, large_unit);
    if (small)
        strbuf_printf(out, " %" PRIu64 " %s", small, small_unit);
}

void span_add(struct strbuf *out, uint64_t length_ns)
{
    uint64_t second = length_ns / NS_PER_S;

    if (length_ns < NS_PER_MS)
        strbuf_puts(out, "less than 1 ms");
    else if (!second)
        strbuf_printf(out, "%" PRIu64 " ms", length_ns / NS_PER_MS);
    else if (second < S_PER_MIN)
        strbuf_printf(out, "%" PRIu64 " s", second);
    else if (second < S_PER_HOUR)
        two_units(out, second / S_PER_MIN, "min", second % S_PER_MIN, "s");
    else if (second < S_PER_DAY)
        two_units(out, second / S_PER_HOUR, "h", second % S_PER_HOUR / S_PER_MIN, "min");
    else
        two_units(out, second / S_PER_DAY, "d", second % S_PER_DAY / S_PER_HOUR, "h");
}
