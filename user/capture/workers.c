// SPDX-License-Identifier: GPL-2.0
#include "user/capture/workers.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define THREADS_MAX 8
#define STACK_BYTES (128 << 10)

struct workers {
    workers_fn *work;
    void *context;
    size_t count;
    size_t next;
};

static void *work_on(void *context)
{
    struct workers *workers = context;
    size_t i;

    while ((i = __atomic_fetch_add(&workers->next, 1, __ATOMIC_RELAXED)) < workers->count)
        workers->work(workers->context, i);
    return NULL;
}

static size_t helpers_wanted(size_t count)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t most = processors > THREADS_MAX ? THREADS_MAX : processors > 1 ? (size_t)processors : 1;

    return (most > count ? count : most) - (count > 0);
}

/* Signals are for the thread that was there before. Without helpers it does all by itself. */
void workers_run(workers_fn *work, void *context, size_t count)
{
    struct workers workers = {.work = work, .context = context, .count = count};
    pthread_t helpers[THREADS_MAX];
    size_t wanted = helpers_wanted(count), started = 0;
    pthread_attr_t attributes;
    sigset_t all, kept;

    if (!pthread_attr_init(&attributes)) {
        pthread_attr_setstacksize(&attributes, STACK_BYTES);
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &kept);
        while (started < wanted &&
               !pthread_create(&helpers[started], &attributes, work_on, &workers))
            started++;
        pthread_sigmask(SIG_SETMASK, &kept, NULL);
        pthread_attr_destroy(&attributes);
    }
    work_on(&workers);
    for (size_t i = 0; i < started; i++)
        pthread_join(helpers[i], NULL);
}
