// SPDX-License-Identifier: GPL-2.0
#include "user/cli/followed.h"

#include <stdlib.h>

#include "user/cli/found.h"

/* One of the two by which found_is_same_socket() goes. */
struct key {
    uint64_t number;
    uint32_t netns;
    bool is_cookie; /* else an inode */
    struct pt_holder *holder;
};

struct followed {
    unsigned int count;
    struct key keys[]; /* in order */
};

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_keys(const void *left, const void *right)
{
    const struct key *a = left, *b = right;

    if (a->number != b->number)
        return COMPARE(a->number, b->number);
    return a->netns != b->netns ? COMPARE(a->netns, b->netns) : COMPARE(a->is_cookie, b->is_cookie);
}

static struct key inode_of(const struct pt_holder *seen)
{
    return (struct key){.number = seen->socket.inode, .netns = seen->task.netns};
}

static struct key cookie_of(const struct pt_holder *seen)
{
    return (struct key){
        .number = seen->socket.cookie, .netns = seen->task.netns, .is_cookie = true};
}

static void add_key(struct followed *followed, struct pt_holder *holder, struct key key)
{
    if (!key.number)
        return;
    key.holder = holder;
    followed->keys[followed->count++] = key;
}

struct followed *followed_new(struct holder *holders, unsigned int count)
{
    struct followed *followed = malloc(sizeof(*followed) + 2ul * count * sizeof(struct key));

    if (!followed)
        return NULL;
    followed->count = 0;
    for (unsigned int i = 0; i < count; i++) {
        add_key(followed, &holders[i].seen, inode_of(&holders[i].seen));
        add_key(followed, &holders[i].seen, cookie_of(&holders[i].seen));
    }
    qsort(followed->keys, followed->count, sizeof(struct key), compare_keys);
    return followed;
}

void followed_free(struct followed *followed)
{
    free(followed);
}

static unsigned int find_first(const struct followed *followed, const struct key *wanted)
{
    unsigned int low = 0, high = followed->count;

    while (low < high) {
        unsigned int middle = low + (high - low) / 2;

        if (compare_keys(&followed->keys[middle], wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void complete(struct pt_holder *seen, const struct pt_holder *more)
{
    if (seen->since_ns || !found_is_same_socket(seen, more))
        return;
    seen->since_ns = more->since_ns;
    seen->taken_by = more->taken_by;
}

static void tell_all_of(const struct followed *followed, struct key key,
                        const struct pt_holder *seen)
{
    unsigned int i = find_first(followed, &key);

    for (; i < followed->count && !compare_keys(&followed->keys[i], &key); i++)
        complete(followed->keys[i].holder, seen);
}

void followed_tell(const struct followed *followed, const struct pt_holder *seen)
{
    tell_all_of(followed, inode_of(seen), seen);
    tell_all_of(followed, cookie_of(seen), seen);
}
