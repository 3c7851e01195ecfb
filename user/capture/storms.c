// SPDX-License-Identifier: GPL-2.0
#include "user/capture/storms.h"

#include <string.h>
#include <time.h>

#define NS_PER_MS 1000000ull

static uint64_t now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_BOOTTIME, &at);
    return (uint64_t)at.tv_sec * 1000000000ull + (uint64_t)at.tv_nsec;
}

void storms_notice(struct storms *storms)
{
    if (!__atomic_load_n(&storms->control->storms, __ATOMIC_RELAXED))
        return;
    __atomic_store_n(&storms->control->storms, 0, __ATOMIC_RELAXED);
    if (!storms->look_ns)
        storms->look_ns = now() + PT_STORM_WINDOW_NS;
}

int storms_wait_ms(const struct storms *storms, int most_ms)
{
    uint64_t now_ns, wait_ms;

    if (!storms->look_ns)
        return most_ms;
    now_ns = now();
    wait_ms = storms->look_ns > now_ns ? (storms->look_ns - now_ns) / NS_PER_MS + 1 : 0;
    return most_ms < 0 || wait_ms < (uint64_t)most_ms ? (int)wait_ms : most_ms;
}

/* What was counted, if anything was; false: it is locked, or nothing. */
static bool take(struct pt_storm *storm, struct pt_repeated *ret_repeated)
{
    uint32_t unlocked = 0;
    uint64_t times;

    if (!__atomic_compare_exchange_n(&storm->locked, &unlocked, 1, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED))
        return false;
    times = storm->times;
    if (times) {
        *ret_repeated = (struct pt_repeated){
            .header = {.version = PT_EVENT_VERSION,
                       .kind = PT_KIND_REPEATED,
                       .size = offsetof(struct pt_repeated, call) + storm->call.call.header.size,
                       .time_ns = storm->until_ns},
            .times = times,
            .since_ns = storm->since_ns,
            .call = storm->call,
        };
        ret_repeated->call.call.latency_ns = 0;
        storm->times = 0;
    }
    __atomic_store_n(&storm->locked, 0, __ATOMIC_RELEASE);
    return times > 0;
}

/* Only within a window anything is counted, and one that begins later is said by the programs. */
static bool goes_on(const struct pt_storm *storm, uint64_t now_ns)
{
    uint64_t window_ns = __atomic_load_n(&storm->window_ns, __ATOMIC_RELAXED);

    return __atomic_load_n(&storm->locked, __ATOMIC_RELAXED) ||
           __atomic_load_n(&storm->times, __ATOMIC_RELAXED) ||
           (window_ns && now_ns < window_ns + 3 * PT_STORM_WINDOW_NS);
}

int storms_take(struct storms *storms, bool ended, ring_record_fn *on_record, void *context)
{
    struct pt_repeated repeated;
    uint64_t now_ns;
    bool any = false;
    int count = 0;

    if (!ended && !storms->look_ns)
        return 0;
    now_ns = now();
    if (!ended && now_ns < storms->look_ns)
        return 0;
    for (size_t i = 0; i < PT_STORMS; i++) {
        struct pt_storm *storm = &storms->shared[i];

        if (take(storm, &repeated)) {
            int result = on_record(context, &repeated, repeated.header.size);

            count++;
            if (result)
                return result;
        }
        any |= goes_on(storm, now_ns);
    }
    storms->look_ns = any && !ended ? now_ns + PT_STORM_WINDOW_NS : 0;
    return count;
}
