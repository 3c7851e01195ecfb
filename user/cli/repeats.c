// SPDX-License-Identifier: GPL-2.0
#include "user/cli/repeats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/model/operations.h"

#define FAILURES_KEPT   64
#define NS_PER_S        1000000000ull
#define TELL_FIRST_NS   (5 * NS_PER_S)
#define TELL_MOST_NS    (60 * NS_PER_S)
#define FORGOTTEN_NS    (60 * NS_PER_S) /* without another one, the next one is news */
#define CHANGE_LEAST_NS NS_PER_S        /* holders that come and go fast are no news each time */
#define HASH_START      0xcbf29ce484222325ull
#define HASH_FACTOR     0x100000001b3ull

/*
 * All of a call that its sentence goes by. The process is told by its name: one that a loop starts
 * anew is the same to who watches it.
 */
struct key {
    struct pt_endpoint wanted;
    struct pt_endpoint source; /* of a connect, without the port */
    char comm[PT_COMM_SIZE];
    uint32_t netns;
    int error;
    int fd; /* where that is what is wrong */
    uint32_t address_size;
    uint32_t options;
    int device_ifindex;
    uint16_t op;
    uint16_t family;
    uint16_t type;
    uint16_t protocol;
    uint8_t entry_state;
    uint8_t check;
    uint16_t pad;
};

struct failure {
    struct key key;
    enum reason reason, also;
    uint64_t signature; /* of the holders when it was reported */
    uint64_t reported_ns;
    uint64_t told_ns;
    uint64_t last_ns; /* 0: free */
    uint64_t interval_ns;
    uint64_t times;
    struct strbuf sentence;
};

struct repeats {
    repeats_tell_fn *tell;
    void *context;
    struct failure failures[FAILURES_KEPT];
};

struct repeats *repeats_new(repeats_tell_fn *tell, void *context)
{
    struct repeats *repeats = calloc(1, sizeof(*repeats));

    if (!repeats)
        return NULL;
    repeats->tell = tell;
    repeats->context = context;
    return repeats;
}

void repeats_free(struct repeats *repeats)
{
    if (!repeats)
        return;
    for (size_t i = 0; i < FAILURES_KEPT; i++)
        strbuf_free(&repeats->failures[i].sentence);
    free(repeats);
}

static struct key key_of(const struct observation *seen)
{
    struct key key;

    memset(&key, 0, sizeof(key));
    key.wanted = *operation_wanted(seen);
    if (seen->op == PT_OP_CONNECT) {
        key.source = seen->local;
        key.source.port = 0;
    }
    memcpy(key.comm, seen->process.task.comm, sizeof(key.comm));
    key.netns = seen->process.task.netns;
    key.error = seen->error;
    if (seen->error == EBADF || seen->error == ENOTSOCK)
        key.fd = seen->fd;
    key.address_size = seen->address_size;
    key.op = (uint16_t)seen->op;
    if (seen->socket_known) {
        key.options = seen->socket.options;
        key.device_ifindex = seen->socket.device_ifindex;
        key.family = seen->socket.family;
        key.type = seen->socket.type;
        key.protocol = seen->socket.protocol;
    }
    if (seen->refusal_known) {
        key.entry_state = seen->refusal.entry_state;
        key.check = seen->refusal.check;
    }
    return key;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * HASH_FACTOR;
}

/* Holders are added up, for their order is nobody's. */
static uint64_t signature_of(const struct explanation *explanation)
{
    uint64_t sum = 0;

    for (unsigned int i = 0; i < explanation->holder_count; i++) {
        const struct pt_holder *seen = &explanation->holders[i]->seen;
        uint64_t hash = HASH_START;

        hash = mix(hash, seen->socket.inode);
        hash = mix(hash, seen->socket.inode ? 0 : seen->socket.cookie);
        hash = mix(hash, seen->task.pid);
        hash = mix(hash, seen->task.start_ns);
        sum += hash;
    }
    return sum;
}

static uint64_t elapsed(uint64_t since_ns, uint64_t now_ns)
{
    return now_ns > since_ns ? now_ns - since_ns : 0;
}

static void tell(struct repeats *repeats, struct failure *failure, uint64_t now_ns)
{
    struct repeat repeat = {
        .sentence = failure->sentence.text ? failure->sentence.text : "",
        .times = failure->times,
        .over_ns = elapsed(failure->told_ns, now_ns),
    };

    if (failure->times)
        repeats->tell(repeats->context, &repeat);
    failure->times = 0;
    failure->told_ns = now_ns;
}

/* As when it was not looked up again who is in the way. */
static bool tells_less(const struct failure *failure, const struct explanation *explanation)
{
    if (explanation->reason == REASON_UNKNOWN)
        return failure->reason != REASON_UNKNOWN;
    return explanation->reason == failure->reason && !explanation->holder_count;
}

static bool is_of_call(const struct failure *failure, const struct key *key)
{
    return failure->last_ns && !memcmp(&failure->key, key, sizeof(*key));
}

static bool is_same(const struct failure *failure, const struct key *key,
                    const struct explanation *explanation)
{
    return is_of_call(failure, key) &&
           (tells_less(failure, explanation) ||
            (failure->reason == explanation->reason && failure->also == explanation->also));
}

/* What tells less can be any: it is taken for the last one. */
static struct failure *find(struct repeats *repeats, const struct key *key,
                            const struct explanation *explanation)
{
    struct failure *found = NULL;

    for (size_t i = 0; i < FAILURES_KEPT; i++) {
        struct failure *failure = &repeats->failures[i];

        if (is_same(failure, key, explanation) && (!found || failure->last_ns > found->last_ns))
            found = failure;
    }
    return found;
}

/* What was counted of a call comes before what is reported of it. */
static void tell_of_call(struct repeats *repeats, const struct key *key)
{
    for (size_t i = 0; i < FAILURES_KEPT; i++)
        if (is_of_call(&repeats->failures[i], key))
            tell(repeats, &repeats->failures[i], repeats->failures[i].last_ns);
}

static struct failure *take_oldest(struct repeats *repeats, const struct key *key)
{
    struct failure *oldest = &repeats->failures[0];

    for (size_t i = 1; i < FAILURES_KEPT; i++)
        if (repeats->failures[i].last_ns < oldest->last_ns)
            oldest = &repeats->failures[i];
    tell(repeats, oldest, oldest->last_ns);
    oldest->key = *key;
    return oldest;
}

static bool is_news(const struct failure *failure, const struct explanation *explanation,
                    uint64_t now_ns)
{
    if (elapsed(failure->last_ns, now_ns) > FORGOTTEN_NS)
        return true;
    return !tells_less(failure, explanation) && failure->signature != signature_of(explanation) &&
           elapsed(failure->reported_ns, now_ns) >= CHANGE_LEAST_NS;
}

/* The new sentence names the process as it is now, if that is started anew each time. */
static void keep_sentence(struct failure *failure, const struct explanation *explanation)
{
    strbuf_reset(&failure->sentence);
    strbuf_add(&failure->sentence, explanation->sentence.text, explanation->sentence.length);
}

static void count(struct repeats *repeats, struct failure *failure, uint64_t times, uint64_t now_ns)
{
    failure->times += times;
    if (elapsed(failure->told_ns, now_ns) < failure->interval_ns)
        return;
    tell(repeats, failure, now_ns);
    failure->interval_ns *= 2;
    if (failure->interval_ns > TELL_MOST_NS)
        failure->interval_ns = TELL_MOST_NS;
}

bool repeats_take(struct repeats *repeats, const struct observation *seen,
                  const struct explanation *explanation)
{
    struct key key = key_of(seen);
    struct failure *failure = find(repeats, &key, explanation);
    uint64_t now_ns = seen->time_ns ? seen->time_ns : 1;
    bool report = !failure || is_news(failure, explanation, now_ns);

    if (report)
        tell_of_call(repeats, &key);
    if (!failure)
        failure = take_oldest(repeats, &key);
    if (report || !tells_less(failure, explanation))
        keep_sentence(failure, explanation);
    failure->last_ns = now_ns;
    if (!report) {
        count(repeats, failure, seen->repeated ? seen->repeated : 1, now_ns);
        return false;
    }
    failure->signature = signature_of(explanation);
    failure->reason = explanation->reason;
    failure->also = explanation->also;
    failure->reported_ns = now_ns;
    failure->told_ns = now_ns;
    failure->interval_ns = TELL_FIRST_NS;
    return true;
}

void repeats_finish(struct repeats *repeats, uint64_t time_ns)
{
    for (size_t i = 0; i < FAILURES_KEPT; i++)
        tell(repeats, &repeats->failures[i], time_ns);
}
