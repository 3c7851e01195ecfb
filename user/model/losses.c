// SPDX-License-Identifier: GPL-2.0
#include "user/model/losses.h"

struct loss_words {
    const char *name;
    const char *reason;
    const char *advice;
};

static const struct loss_words words[PT_LOSS_CAUSES] = {
    [PT_LOSS_RING_FULL] = {"ring_full", "the reader was too slow", "use a larger --buffer"},
    [PT_LOSS_CALLS_FULL] = {"calls_full", "too many calls were under way at once",
                            "narrow the filter"},
    [PT_LOSS_SOCKETS_FULL] = {"sockets_full", "too many sockets held a port at once",
                              "use a larger --sockets"},
    [PT_LOSS_MISSED_RETURN] = {"missed_return", "the kernel skipped the hook at the end of a call",
                               "try another --plan"},
    [PT_LOSS_DESCRIPTION] = {"description", "the reader was too slow", "use a larger --buffer"},
    [PT_LOSS_SKIPPED] = {"skipped_hooks", "they were in use when they were due again",
                         "events may be missing; --plan kprobe skips fewer"},
};

_Static_assert(PT_LOSS_CAUSES == 6, "a new cause needs its words, here and in the JSON Schema");

static const struct loss_words unknown = {"unknown", "of an unknown cause", "run porttrace doctor"};

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

bool loss_is_of_events(enum pt_loss_cause cause)
{
    return cause != PT_LOSS_DESCRIPTION && cause != PT_LOSS_SKIPPED;
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
