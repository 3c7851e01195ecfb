// SPDX-License-Identifier: GPL-2.0
#include "user/model/losses.h"

struct loss_words {
    const char *name;
    const char *reason;
    const char *advice;
    const char *one; /* what has become of one, and of more */
    const char *many;
};

#define EVENTS "event lost", "events lost"

static const struct loss_words words[PT_LOSS_CAUSES] = {
    [PT_LOSS_RING_FULL] = {"ring_full", "the reader was too slow", "use a larger --buffer", EVENTS},
    [PT_LOSS_CALLS_FULL] = {"calls_full", "too many calls were under way at once",
                            "narrow the filter", EVENTS},
    [PT_LOSS_SOCKETS_FULL] = {"sockets_full", "too many sockets held a port at once",
                              "use a larger --sockets", EVENTS},
    [PT_LOSS_MISSED_RETURN] = {"missed_return", "the kernel skipped the hook at the end of a call",
                               "try another --plan", EVENTS},
    [PT_LOSS_DESCRIPTION] = {"description", "the reader was too slow", "use a larger --buffer",
                             "description of a process lost", "descriptions of processes lost"},
    [PT_LOSS_SKIPPED] = {"skipped_hooks", "they were in use when they were due again",
                         "events may be missing; of the plans, kprobe skips fewest",
                         "hook skipped by the kernel", "hooks skipped by the kernel"},
    [PT_LOSS_CHILDREN] = {"children", "--pid had too many processes to follow",
                          "their events are missing; name other processes, or none",
                          "child process not followed", "child processes not followed"},
};

_Static_assert(PT_LOSS_CAUSES == 7, "a new cause needs its words, here and in the JSON Schema");

static const struct loss_words unknown = {"unknown", "of an unknown cause", "run porttrace doctor",
                                          EVENTS};

static const struct loss_words *words_of(enum pt_loss_cause cause)
{
    return (unsigned int)cause < PT_LOSS_CAUSES ? &words[cause] : &unknown;
}

const char *loss_name(enum pt_loss_cause cause)
{
    return words_of(cause)->name;
}

const char *loss_reason(enum pt_loss_cause cause)
{
    return words_of(cause)->reason;
}

const char *loss_advice(enum pt_loss_cause cause)
{
    return words_of(cause)->advice;
}

const char *loss_what(enum pt_loss_cause cause, uint64_t count)
{
    return count == 1 ? words_of(cause)->one : words_of(cause)->many;
}

bool loss_is_of_events(enum pt_loss_cause cause)
{
    return cause != PT_LOSS_DESCRIPTION && cause != PT_LOSS_SKIPPED && cause != PT_LOSS_CHILDREN;
}

uint64_t loss_events(const uint64_t lost[PT_LOSS_CAUSES])
{
    uint64_t events = 0;

    for (int cause = 0; cause < PT_LOSS_CAUSES; cause++) {
        if (loss_is_of_events(cause))
            events += lost[cause];
    }
    return events;
}
