// SPDX-License-Identifier: GPL-2.0
#include "user/enrich/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/enrich/cgroup.h"
#include "user/enrich/description.h"

#define NONE   UINT32_MAX
#define EXE    (PT_TEXT_EXE - 1)
#define ARGS   (PT_TEXT_ARGS - 1)
#define CGROUP (PT_TEXT_CGROUP - 1)

/* Descriptions come in whole, a few at a time from different processors. */
#define DRAFTS 16

#define RECENT_SHARE 64 /* of all that are kept */

#define BLOCK_MAX (DESCRIPTION_SIZE + 2 * sizeof(DESCRIPTION_ELLIPSIS))

struct key {
    uint64_t start_ns;
    uint64_t exec_id;
    uint64_t cgroup_id; /* a process that moves is described again */
    uint32_t pid;
};

struct process {
    struct key key;
    uint32_t next; /* in the bucket */
    uint32_t newer;
    uint32_t older;
    uint32_t draft;
    uint32_t args_size;
    uint32_t held;     /* ports */
    bool announced;    /* .args_size is known */
    uint64_t revision; /* of what is known */
    char *block;       /* the texts one after another, then the pod's uid */
    struct text_state texts[DESCRIPTION_TEXTS];
    struct cgroup_facts cgroup_facts;
};

struct draft {
    struct description description;
    uint64_t used;  /* on the clock of the cache */
    uint32_t owner; /* NONE: free */
    bool changed;   /* since it was settled */
};

/* By use. */
struct use_list {
    uint32_t newest;
    uint32_t oldest;
    uint32_t count;
};

struct process_cache {
    struct process *processes;
    uint32_t *buckets;
    uint32_t bucket_mask;
    uint32_t capacity;
    uint32_t count;
    struct use_list idle;
    struct use_list holding; /* processes that hold a port */
    uint64_t clock;
    uint64_t revisions; /* of all processes */
    struct draft *drafts[DRAFTS];
    process_forgotten_fn *on_forgotten;
    void *context;
};

static uint32_t bucket_of(const struct process_cache *cache, const struct key *key)
{
    uint64_t hash =
        key->pid ^ key->start_ns * 0x9e3779b97f4a7c15u ^ key->exec_id << 48 ^ key->cgroup_id << 24;

    hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93u;
    return (uint32_t)(hash >> 32) & cache->bucket_mask;
}

struct process_cache *process_cache_new(size_t capacity)
{
    struct process_cache *cache;
    uint32_t buckets = 1;

    if (!capacity || capacity > UINT32_MAX / 4)
        return NULL;
    cache = calloc(1, sizeof(*cache));
    if (!cache)
        return NULL;
    while (buckets < capacity)
        buckets *= 2;
    cache->capacity = (uint32_t)capacity;
    cache->bucket_mask = buckets - 1;
    cache->idle = cache->holding = (struct use_list){NONE, NONE, 0};
    cache->processes = calloc(capacity, sizeof(*cache->processes));
    cache->buckets = malloc(buckets * sizeof(*cache->buckets));
    if (!cache->processes || !cache->buckets) {
        process_cache_free(cache);
        return NULL;
    }
    memset(cache->buckets, 0xff, buckets * sizeof(*cache->buckets));
    return cache;
}

void process_cache_free(struct process_cache *cache)
{
    if (!cache)
        return;
    for (uint32_t i = 0; i < cache->count; i++)
        free(cache->processes[i].block);
    for (size_t i = 0; i < DRAFTS; i++)
        free(cache->drafts[i]);
    free(cache->processes);
    free(cache->buckets);
    free(cache);
}

static struct use_list *list_of(struct process_cache *cache, const struct process *process)
{
    return process->held ? &cache->holding : &cache->idle;
}

static void list_remove(struct process_cache *cache, struct process *process)
{
    struct use_list *list = list_of(cache, process);
    uint32_t *from_newer =
        process->newer == NONE ? &list->newest : &cache->processes[process->newer].older;
    uint32_t *from_older =
        process->older == NONE ? &list->oldest : &cache->processes[process->older].newer;

    *from_newer = process->older;
    *from_older = process->newer;
    list->count--;
}

static void list_add_newest(struct process_cache *cache, uint32_t index)
{
    struct process *process = &cache->processes[index];
    struct use_list *list = list_of(cache, process);

    process->newer = NONE;
    process->older = list->newest;
    if (list->newest == NONE)
        list->oldest = index;
    else
        cache->processes[list->newest].newer = index;
    list->newest = index;
    list->count++;
}

static bool same_key(const struct key *a, const struct key *b)
{
    return a->pid == b->pid && a->start_ns == b->start_ns && a->exec_id == b->exec_id &&
           a->cgroup_id == b->cgroup_id;
}

static struct key key_of_task(const struct pt_task *task)
{
    return (struct key){task->start_ns, task->exec_id, task->cgroup_id, task->pid};
}

/* The one it finds is the one used last from now on. */
static uint32_t find(struct process_cache *cache, const struct key *key)
{
    uint32_t index = cache->buckets[bucket_of(cache, key)];

    while (index != NONE && !same_key(&cache->processes[index].key, key))
        index = cache->processes[index].next;
    if (index != NONE && cache->processes[index].newer != NONE) {
        list_remove(cache, &cache->processes[index]);
        list_add_newest(cache, index);
    }
    return index;
}

static void forget(struct process_cache *cache, uint32_t index)
{
    struct process *process = &cache->processes[index];
    uint32_t *link = &cache->buckets[bucket_of(cache, &process->key)];

    while (*link != index)
        link = &cache->processes[*link].next;
    *link = process->next;
    list_remove(cache, process);
    if (process->draft != NONE)
        cache->drafts[process->draft]->owner = NONE;
    free(process->block);
    if (cache->on_forgotten)
        cache->on_forgotten(cache->context, process->key.pid);
}

/*
 * Of the last few without a port the texts, or the event, are still to come: where releases are not
 * told, all that have been shown hold a port, and only those are without one.
 */
static uint32_t least_needed(const struct process_cache *cache)
{
    bool few_idle = cache->idle.count <= cache->capacity / RECENT_SHARE;

    if (cache->idle.oldest == NONE || (few_idle && cache->holding.oldest != NONE))
        return cache->holding.oldest;
    return cache->idle.oldest;
}

static uint32_t find_or_add(struct process_cache *cache, const struct key *key)
{
    uint32_t index = find(cache, key);
    uint32_t *bucket = &cache->buckets[bucket_of(cache, key)];

    if (index != NONE)
        return index;
    if (cache->count < cache->capacity) {
        index = cache->count++;
    } else {
        index = least_needed(cache);
        forget(cache, index);
    }
    cache->processes[index] = (struct process){.key = *key, .draft = NONE, .next = *bucket};
    *bucket = index;
    list_add_newest(cache, index);
    return index;
}

void process_cache_hold(struct process_cache *cache, const struct pt_task *task, bool takes)
{
    struct key key = key_of_task(task);
    uint32_t index = find(cache, &key);
    struct process *process = index == NONE ? NULL : &cache->processes[index];

    if (!process || (!takes && !process->held))
        return;
    list_remove(cache, process);
    process->held = takes ? process->held + 1 : process->held - 1;
    list_add_newest(cache, index);
}

void process_cache_watch(struct process_cache *cache, process_forgotten_fn *on_forgotten,
                         void *context)
{
    cache->on_forgotten = on_forgotten;
    cache->context = context;
}

static struct bytes text_of(const struct process *process, size_t text)
{
    const struct text_state *state = &process->texts[text];
    const char *at = process->block;

    if (!state->known)
        return (struct bytes){.truncated = state->truncated};
    for (size_t before = 0; before < text; before++)
        at += process->texts[before].size;
    return (struct bytes){.at = at, .size = state->size, .truncated = state->truncated};
}

/* What is whole replaces what was there; a part replaces only a smaller part. */
static bool is_better(const struct text_state *now, const struct text_state *before)
{
    if (!now->known || !before->known)
        return now->known;
    if (now->whole || before->whole)
        return now->whole;
    return now->size > before->size;
}

/* Lays the better of old and new texts out in a row; returns how long it is. */
static uint32_t lay_out(const struct process *process, const struct description *description,
                        char *to, struct text_state *ret_texts)
{
    uint32_t size = 0;

    for (size_t text = 0; text < DESCRIPTION_TEXTS; text++) {
        struct bytes before = text_of(process, text);

        ret_texts[text] = description_state(description, text);
        if (is_better(&ret_texts[text], &process->texts[text])) {
            description_write(description, text, to + size);
        } else {
            ret_texts[text] = process->texts[text];
            if (before.size)
                memcpy(to + size, before.at, before.size);
        }
        if (!ret_texts[text].known)
            ret_texts[text].size = 0;
        size += ret_texts[text].size;
    }
    return size;
}

/* Takes what the draft has so far into the process, which keeps what the draft lacks. */
static int settle(struct process_cache *cache, struct process *process, struct draft *draft)
{
    struct text_state texts[DESCRIPTION_TEXTS];
    char laid_out[BLOCK_MAX];
    uint32_t size = lay_out(process, &draft->description, laid_out, texts);
    struct bytes cgroup = {.at = laid_out + size - texts[CGROUP].size,
                           .size = texts[CGROUP].size,
                           .truncated = texts[CGROUP].truncated};
    struct cgroup_facts facts = cgroup_parse(cgroup);
    char *block;

    block = malloc(size + facts.pod_id.size + 1);
    if (!block)
        return -ENOMEM;
    memcpy(block, laid_out, size);
    free(process->block);
    process->block = block;
    memcpy(process->texts, texts, sizeof(texts));
    process->cgroup_facts = cgroup_parse(text_of(process, CGROUP));
    if (facts.pod_id.at) {
        cgroup_pod_uid(facts.pod_id, block + size);
        process->cgroup_facts.pod_id.at = block + size;
    }
    process->revision = ++cache->revisions;
    draft->changed = false;
    return 0;
}

static int close_draft(struct process_cache *cache, struct draft *draft)
{
    struct process *process = &cache->processes[draft->owner];
    int error = draft->changed ? settle(cache, process, draft) : 0;

    process->draft = NONE;
    draft->owner = NONE;
    return error;
}

/* A free draft, if need be by closing the one that has not grown for longest. */
static int take_draft(struct process_cache *cache, uint32_t *ret_slot)
{
    uint32_t slot = 0;

    for (uint32_t i = 0; i < DRAFTS; i++) {
        if (!cache->drafts[i]) {
            cache->drafts[i] = malloc(sizeof(*cache->drafts[i]));
            if (!cache->drafts[i])
                return -ENOMEM;
            cache->drafts[i]->owner = NONE;
        }
        if (cache->drafts[i]->owner == NONE) {
            *ret_slot = i;
            return 0;
        }
        if (cache->drafts[i]->used < cache->drafts[slot]->used)
            slot = i;
    }
    *ret_slot = slot;
    return close_draft(cache, cache->drafts[slot]);
}

static int draft_of(struct process_cache *cache, uint32_t index, struct draft **ret_draft)
{
    struct process *process = &cache->processes[index];
    int error;

    if (process->draft == NONE) {
        uint32_t slot;

        error = take_draft(cache, &slot);
        if (error)
            return error;
        process->draft = slot;
        cache->drafts[slot]->owner = index;
        cache->drafts[slot]->changed = false;
        description_reset(&cache->drafts[slot]->description);
    }
    *ret_draft = cache->drafts[process->draft];
    (*ret_draft)->used = ++cache->clock;
    return 0;
}

int process_cache_describe(struct process_cache *cache, const struct pt_process *record)
{
    struct key key = key_of_task(&record->task);
    uint32_t index = find_or_add(cache, &key);
    struct process *process = &cache->processes[index];
    struct draft *draft;
    int error = draft_of(cache, index, &draft);

    if (!error && draft->changed)
        error = settle(cache, process, draft);
    if (error)
        return error;
    description_reset(&draft->description);
    process->args_size = record->args_size;
    process->announced = true;
    process->revision = ++cache->revisions;
    return 0;
}

/* The cgroup is sent last; a kernel thread has neither executable nor arguments. */
static bool is_complete(const struct process *process, const struct draft *draft)
{
    const struct description *description = &draft->description;

    return description_state(description, CGROUP).whole &&
           (description_state(description, ARGS).whole ||
            (process->announced && !process->args_size)) &&
           (description_state(description, EXE).whole || !description->texts[EXE].seen);
}

int process_cache_text(struct process_cache *cache, const struct pt_text *record)
{
    struct key key = {record->start_ns, record->exec_id, record->cgroup_id, record->pid};
    uint32_t index = find_or_add(cache, &key);
    struct draft *draft;
    int error = draft_of(cache, index, &draft);

    if (error)
        return error;
    description_add(&draft->description, record);
    draft->changed = true;
    return is_complete(&cache->processes[index], draft) ? close_draft(cache, draft) : 0;
}

static void fill_in(const struct process *process, struct process_facts *facts)
{
    facts->revision = process->revision;
    facts->exe = text_of(process, EXE);
    facts->exe_deleted = process->texts[EXE].known && process->texts[EXE].deleted;
    facts->args = text_of(process, ARGS);
    if (!facts->args.at && process->announced && !process->args_size)
        facts->args = (struct bytes){.at = ""};
    facts->args_size =
        process->args_size > facts->args.size ? process->args_size : facts->args.size;
    facts->described = facts->exe.at || facts->args.size || process->texts[CGROUP].known;
    facts->cgroup = text_of(process, CGROUP);
    facts->cgroup_facts = process->cgroup_facts;
}

void process_cache_lookup(struct process_cache *cache, const struct pt_task *task,
                          struct process_facts *ret_facts)
{
    struct key key = key_of_task(task);
    uint32_t index = find(cache, &key);
    struct process *process;

    *ret_facts = (struct process_facts){.task = *task};
    if (index == NONE)
        return;
    process = &cache->processes[index];
    /* Without memory for what has come since, what was known before has to do. */
    if (process->draft != NONE && cache->drafts[process->draft]->changed)
        (void)settle(cache, process, cache->drafts[process->draft]);
    fill_in(process, ret_facts);
}
