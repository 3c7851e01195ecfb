// SPDX-License-Identifier: GPL-2.0
#include "user/cli/investigate.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/cli/budget.h"
#include "user/cli/clock.h"
#include "user/cli/facts_here.h"
#include "user/cli/followed.h"
#include "user/cli/netns_entry.h"
#include "user/cli/parents.h"
#include "user/explain/socket_words.h"
#include "user/host/process.h"
#include "user/host/process_stat.h"
#include "user/model/operations.h"

#define FRESH_NS 100000000ull /* what was looked up is taken for true that long */
#define STALE_NS                                                                                   \
    1000000000ull /* and that long where the kernel has hit one of the holders again               \
                   */

struct investigator {
    enum lookups lookups;
    struct surveyor *surveyor;
    struct facts_gatherer *gatherer;
    struct budget budget;
    struct netns_entry entry;
    struct parents parents;
    struct facts known;  /* without looking anything up */
    struct facts looked; /* for .question */
    uint64_t looked_at_ns;
    struct facts_question question;
    struct pt_holder looked_for;   /* who was said to be in the way then; .source 0: nobody */
    struct capture *capture;       /* NULL: there is none */
    struct holder *looked_holders; /* of .looked, with what the trace knows of them */
    struct facts facts;            /* what the last explanation went by */
    struct holder *holders;
    unsigned int holder_room;
    struct explanation explanation;
};

struct investigator *investigator_new(const struct render_names *names, enum lookups lookups)
{
    struct investigator *investigator = calloc(1, sizeof(*investigator));

    if (!investigator)
        return NULL;
    investigator->lookups = lookups;
    investigator->known.user_name = names->user;
    investigator->known.names = names->context;
    investigator->known.reader_uid = getuid();
    if (lookups) {
        investigator->known.pids_elsewhere = !process_all_visible("/proc");
        investigator->parents.ask = process_stat_parent;
        investigator->known.parent_of = parents_of;
        investigator->known.parents = &investigator->parents;
        investigator->surveyor = surveyor_new();
        investigator->gatherer = facts_gatherer_new(investigator->surveyor);
    }
    if (lookups && (!investigator->surveyor || !investigator->gatherer)) {
        investigator_free(investigator);
        return NULL;
    }
    return investigator;
}

void investigator_free(struct investigator *investigator)
{
    if (!investigator)
        return;
    explanation_free(&investigator->explanation);
    facts_gatherer_free(investigator->gatherer);
    surveyor_free(investigator->surveyor);
    free(investigator->looked_holders);
    free(investigator->holders);
    free(investigator);
}

void investigator_follow(struct investigator *investigator, struct capture *capture)
{
    investigator->capture = capture;
}

void investigator_set_origin(struct investigator *investigator, const struct pt_start *start,
                             int64_t utc_offset_s)
{
    struct facts *known = &investigator->known;

    if (sscanf(start->kernel, "%u.%u", &known->kernel_major, &known->kernel_minor) != 2)
        known->kernel_major = known->kernel_minor = 0;
    known->wall_offset_ns = (int64_t)start->wall_offset_ns;
    known->utc_offset_s = utc_offset_s;
}

void investigator_set_command(struct investigator *investigator, uint32_t parent_pid)
{
    investigator->known.command_parent = parent_pid;
}

const struct facts *investigator_facts(const struct investigator *investigator)
{
    return &investigator->facts;
}

/* What the other side or the way there refused, or the arguments alone, no fact of the host tells.
 */
static bool is_worth_looking(const struct observation *seen)
{
    switch (seen->error) {
    case ECONNREFUSED: /* by this host itself, where somebody may listen on another address */
        return words_is_loopback(&seen->requested);
    case EBADF:
    case EFAULT:
    case ENOTSOCK:
    case ECONNRESET:
    case ECONNABORTED:
    case EISCONN:
    case EALREADY:
    case EINTR:
        return false;
    }
    return true;
}

static const struct holder *find_socket(struct holders holders, const struct pt_holder *seen)
{
    for (unsigned int i = 0; i < holders.count; i++)
        if (found_is_same_socket(&holders.at[i].seen, seen))
            return &holders.at[i];
    return NULL;
}

static bool was_looked_up(const struct investigator *investigator,
                          const struct facts_question *question, uint64_t now_ns, uint64_t age_ns)
{
    return investigator->looked_at_ns && now_ns - investigator->looked_at_ns < age_ns &&
           !memcmp(question, &investigator->question, sizeof(*question));
}

/* Where it may not be looked again yet: what was looked up still holds if the kernel says so. */
static bool is_confirmed(const struct investigator *investigator, struct holders came)
{
    return came.count && came.at[0].seen.source != PT_HOLDER_LOOKUP &&
           find_socket(investigator->looked.holders, &came.at[0].seen);
}

/* Where a table says what it said at the look already, the look has seen what has become of it. */
static bool has_changed(const struct investigator *investigator, const struct pt_holder *came,
                        const struct pt_holder *looked_up)
{
    const struct pt_holder *then = &investigator->looked_for;

    return came->source == PT_HOLDER_TABLE && came->socket.state != looked_up->socket.state &&
           !(then->source && found_is_same_socket(then, came) &&
             then->socket.state == came->socket.state);
}

/* The kernel has hit a socket that was not there yet: what was looked up is of another time. */
static bool is_outdated(const struct investigator *investigator, struct holders came)
{
    const struct holder *same;

    if (!came.count || came.at[0].seen.source == PT_HOLDER_LOOKUP || came.at[0].seen.gone_ns)
        return false;
    same = find_socket(investigator->looked.holders, &came.at[0].seen);
    return !same || has_changed(investigator, &came.at[0].seen, &same->seen);
}

static int on_followed(void *followed, const struct pt_holder *seen)
{
    followed_tell(followed, seen);
    return 0;
}

/* A look at the sockets tells neither since when they have their port, nor who had it before. */
static void add_what_was_followed(struct investigator *investigator)
{
    struct holders *holders = &investigator->looked.holders;
    struct followed *followed;
    struct holder *copies;

    if (!investigator->capture || !holders->count)
        return;
    copies = realloc(investigator->looked_holders, holders->count * sizeof(*copies));
    if (!copies)
        return;
    memcpy(copies, holders->at, holders->count * sizeof(*copies));
    investigator->looked_holders = copies;
    holders->at = copies;
    followed = followed_new(copies, holders->count);
    if (followed)
        (void)capture_table(investigator->capture, on_followed, followed);
    followed_free(followed);
    /* What is left of a connection has no process any more: who closed it is its former owner. */
    for (unsigned int i = 0; i < holders->count; i++)
        if (!copies[i].process_count && copies[i].seen.flags & PT_HOLDER_ORPHAN)
            capture_closer(investigator->capture, &copies[i].seen);
}

/* False: there are no facts of this question, and cannot be now. */
static bool look(struct investigator *investigator, const struct observation *seen,
                 struct holders came)
{
    struct facts_question question = facts_question_of(seen);
    uint64_t now_ns = clock_boot_ns();
    bool sparing;
    int result;

    if (!investigator->lookups || !is_worth_looking(seen))
        return false;
    sparing = investigator->lookups == LOOKUPS_SPARING;
    if (sparing && was_looked_up(investigator, &question, now_ns, FRESH_NS) &&
        !is_outdated(investigator, came))
        return true;
    if (sparing && !budget_take(&investigator->budget, now_ns))
        return was_looked_up(investigator, &question, now_ns, STALE_NS) &&
               is_confirmed(investigator, came) && !is_outdated(investigator, came);
    result = facts_gather(investigator->gatherer, seen, -1, &investigator->looked);
    investigator->looked_at_ns = result && result != -ENODEV ? 0 : clock_boot_ns();
    investigator->question = question;
    investigator->looked_for = came.count ? came.at[0].seen : (struct pt_holder){0};
    if (investigator->looked_at_ns)
        add_what_was_followed(investigator);
    budget_spend(&investigator->budget, clock_boot_ns() - now_ns);
    if (!investigator->looked_at_ns)
        return false;
    investigator->known.lsms = investigator->looked.lsms;
    return true;
}

static bool make_room(struct investigator *investigator, unsigned int count)
{
    struct holder *larger;

    if (count <= investigator->holder_room)
        return true;
    larger = realloc(investigator->holders, count * sizeof(*larger));
    if (!larger)
        return false;
    investigator->holders = larger;
    investigator->holder_room = count;
    return true;
}

/* Whoever the kernel's check hit and a look at all sockets did not find has gone in between. */
static void note_gone(const struct facts *looked, uint64_t call_ns, struct pt_holder *seen)
{
    uint16_t protocol = seen->socket.protocol;

    if (!looked->holders_complete || looked->looked_at_ns <= call_ns || seen->gone_ns ||
        !seen->socket.inode || (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP))
        return;
    seen->gone_ns = looked->now_ns;
}

/* Some time may have passed between then and the call. */
static void take_looked_up(struct holder *to, const struct holder *looked_up, uint64_t passed_ns)
{
    uint64_t left_ns = looked_up->seen.expires_ns;

    *to = *looked_up;
    to->seen.expires_ns = left_ns > passed_ns ? left_ns - passed_ns : 0;
}

/* A holder that was looked up is told with all that is known of it, but as sure as it was seen. */
static void join(struct holder *to, const struct holder *looked_up, uint64_t passed_ns)
{
    struct pt_holder seen = to->seen;

    take_looked_up(to, looked_up, passed_ns);
    to->seen.source = seen.source;
    if (seen.flags & PT_HOLDER_BUCKET_KNOWN) {
        to->seen.flags |= PT_HOLDER_BUCKET_KNOWN;
        to->seen.fastreuse = seen.fastreuse;
        to->seen.fastreuseport = seen.fastreuseport;
    }
    if (!to->seen.since_ns)
        to->seen.since_ns = seen.since_ns;
    if (!to->seen.taken_by)
        to->seen.taken_by = seen.taken_by;
}

/* Those that came with the call first, then the others that were looked up. */
static void join_holders(struct investigator *investigator, uint64_t call_ns, struct holders came,
                         bool looked)
{
    const struct facts *facts = &investigator->facts;
    struct holders others = facts->holders;
    struct holder *all = investigator->holders;
    unsigned int count = 0;
    uint64_t passed_ns = call_ns > facts->looked_at_ns ? call_ns - facts->looked_at_ns : 0;

    for (; count < came.count; count++) {
        const struct holder *same = find_socket(others, &came.at[count].seen);

        all[count] = came.at[count];
        if (same)
            join(&all[count], same, passed_ns);
        else if (looked)
            note_gone(facts, call_ns, &all[count].seen);
    }
    for (unsigned int i = 0; others.at && i < others.count; i++)
        if (!find_socket(came, &others.at[i].seen))
            take_looked_up(&all[count++], &others.at[i], passed_ns);
    investigator->facts.holders = (struct holders){.at = all, .count = count};
}

static bool collect(struct investigator *investigator, const struct observation *seen,
                    struct found *found)
{
    struct facts *facts = &investigator->facts;
    struct holders came = found_holders(found);
    bool looked = look(investigator, seen, came);

    *facts = looked ? investigator->looked : investigator->known;
    facts->command_parent = investigator->known.command_parent;
    facts->parent_of = investigator->known.parent_of;
    facts->parents = investigator->known.parents;
    if (!looked) {
        if (investigator->lookups)
            netns_entry_find(&investigator->entry, seen, false, facts);
        facts->looked_at_ns = found->looked_ns;
    }
    if (facts->now_ns < seen->time_ns)
        facts->now_ns = seen->time_ns;
    if (!make_room(investigator, came.count + facts->holders.count))
        return false;
    join_holders(investigator, seen->time_ns, came, looked);
    return true;
}

const struct explanation *investigate(struct investigator *investigator,
                                      const struct observation *seen, struct found *found)
{
    if (operation_outcome(seen) != OUTCOME_FAILURE)
        return NULL;
    explanation_free(&investigator->explanation);
    investigator->facts = (struct facts){0};
    if (!collect(investigator, seen, found))
        return NULL;
    parents_begin(&investigator->parents, &seen->process.task, clock_boot_ns(),
                  investigator->lookups == LOOKUPS_SPARING ? FRESH_NS : 0);
    explain(seen, &investigator->facts, &investigator->explanation);
    return investigator->explanation.sentence.length ? &investigator->explanation : NULL;
}
