/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the calls that are under way stand, by thread: in an array with two places for the threads
 * that fall together, the third of which goes astray to a place of others. Before 6.2 in a table.
 */
#ifndef PORTTRACE_BPF_CALLS_H
#define PORTTRACE_BPF_CALLS_H

#include "bpf/compare.h"
#include "bpf/emit.h"

#ifdef PT_DIRECT_READS

#define UNDER_WAY    (1ull << 63) /* in callers, on top of the thread; without, it is the last */
#define STRAY_PLACES 10

static __always_inline __u32 first_place(__u64 thread)
{
    return (__u32)thread * 2 % PT_CALLS;
}

/* Beyond PT_CALLS is none. */
static __always_inline struct call_state *call_at(__u32 place)
{
    return bpf_map_lookup_elem(&calls, &place);
}

static __always_inline __u32 place_of(__u64 thread, __u64 mask)
{
    __u32 first = first_place(thread);
    __u32 not_first = differ(callers[first] & mask, thread);
    __u32 not_second = differ(callers[first | 1] & mask, thread);

    return first + not_first + (not_first & not_second) * PT_CALLS;
}

/* The place of others that has this, of what the mask leaves of it. */
VERIFIED_ONCE __u32 stray_place(__u64 thread, __u64 mask, __u64 wanted)
{
    __u32 first = first_place(thread), place;

    for (__u32 i = 2; i < STRAY_PLACES; i++) {
        place = (first + i) % PT_CALLS;
        if ((callers[place] & mask) == wanted)
            return place;
    }
    return PT_CALLS;
}

static __always_inline struct call_state *call_under_way(__u64 thread)
{
    __u32 place = place_of(thread | UNDER_WAY, ~0ull);

    if (place >= PT_CALLS && control.strays)
        place = stray_place(thread, ~0ull, thread | UNDER_WAY);
    return call_at(place);
}

/* Of a thread, also when it has ended. */
static __always_inline struct call_state *call_last(__u64 thread)
{
    return call_at(place_of(thread, ~UNDER_WAY));
}

/* The thread's own place, else one of a thread that is in no call, else the second. */
static __always_inline __u32 own_place(__u64 thread)
{
    __u32 first = first_place(thread);
    __u64 one = callers[first], other = callers[first | 1];

    return first + (differ(one, thread) & ((differ(other, thread) ^ 1) | one >> 63));
}

/*
 * Where all places are taken, most likely by calls that no hook saw the end of, the own one is
 * taken away. Of that call plan restricted still tells the end, and the others its failure. What is
 * found free must be so when it is taken, or PT_CALLS: it is not had.
 */
VERIFIED_ONCE __u32 take_place(__u64 thread)
{
    __u32 own = own_place(thread) % PT_CALLS, place = PT_CALLS;
    __u64 last = *(volatile __u64 *)&callers[own];

    if (last & UNDER_WAY)
        place = stray_place(thread, UNDER_WAY, 0);
    if (place >= PT_CALLS)
        place = own;
    if (place != own)
        last = *(volatile __u64 *)&callers[place] & ~UNDER_WAY;
    if (__sync_val_compare_and_swap(&callers[place], last, thread | UNDER_WAY) != last)
        return PT_CALLS;
    if (config.plan != PT_PLAN_RESTRICTED && last & UNDER_WAY)
        count_loss(PT_LOSS_CALLS_FULL);
    if (place != own)
        __sync_fetch_and_add(&control.strays, 1);
    return place;
}

/* Where the state of the thread's calls is, from now on. */
static __always_inline struct call_state *call_place(__u64 thread)
{
    struct call_state *call = call_under_way(thread);
    __u32 place;

    if (call)
        return call;
    place = take_place(thread);
    if (place >= PT_CALLS)
        place = take_place(thread);
    call = call_at(place);
    if (!call) {
        count_loss(PT_LOSS_CALLS_FULL);
        return NULL;
    }
    call->op = 0;
    call->place = place;
    return call;
}

/* One that was taken away is another's already. */
static __always_inline void call_let_go(struct call_state *call)
{
    __u64 thread = call->thread, taken = thread | UNDER_WAY;
    __u32 place = call->place % PT_CALLS;

    if (*(volatile __u64 *)&callers[place] != taken)
        return;
    call->op = 0;
    if (__sync_val_compare_and_swap(&callers[place], taken, thread) == taken &&
        (place ^ first_place(thread)) > 1)
        __sync_fetch_and_add(&control.strays, -1);
}

/* One that was set aside becomes the thread's. */
static __always_inline void call_put(__u64 thread, const struct call_state *from)
{
    struct call_state *call = call_place(thread);
    __u32 place;

    if (!call)
        return;
    place = call->place;
    bpf_probe_read_kernel(call, sizeof(*call), from);
    call->thread = thread;
    call->place = place;
}

#else

static __always_inline struct call_state *call_last(__u64 thread)
{
    return bpf_map_lookup_elem(&calls, &thread);
}

static __always_inline struct call_state *call_under_way(__u64 thread)
{
    struct call_state *call = call_last(thread);

    return call && call->op ? call : NULL;
}

static __always_inline struct call_state *call_place(__u64 thread)
{
    struct call_state *call = call_last(thread);

    if (call)
        return call;
    if (bpf_map_update_elem(&calls, &thread, &no_call, BPF_ANY)) {
        count_loss(PT_LOSS_CALLS_FULL);
        return NULL;
    }
    return call_last(thread);
}

/* Where what is not ended falls out by itself, the next call of the thread finds its place made. */
static __always_inline void call_let_go(struct call_state *call)
{
    __u64 thread = call->thread;

    if (config.plan == PT_PLAN_RESTRICTED)
        call->op = 0;
    else
        bpf_map_delete_elem(&calls, &thread);
}

static __always_inline void call_put(__u64 thread, struct call_state *from)
{
    from->thread = thread;
    bpf_map_update_elem(&calls, &thread, from, BPF_ANY);
}

#endif

#endif
