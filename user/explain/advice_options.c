// SPDX-License-Identifier: GPL-2.0
/*
 * What SO_REUSEADDR and SO_REUSEPORT would change. Nothing is said to help that does not let all
 * sockets in the way pass by the kernel's rules.
 */
#include "user/explain/inquiry.h"

#include "user/explain/socket_words.h"

static bool asker_has(const struct inquiry *inquiry, uint32_t option)
{
    return inquiry->asker.options & option;
}

static bool all_holders_have(const struct inquiry *inquiry, uint32_t option)
{
    const struct explanation *out = inquiry->out;

    for (unsigned int i = 0; i < out->holder_count; i++) {
        if (!(out->holders[i]->seen.socket.options & option))
            return false;
    }
    return out->holder_count;
}

static bool someone_listens(const struct inquiry *inquiry)
{
    const struct explanation *out = inquiry->out;

    for (unsigned int i = 0; i < out->holder_count; i++) {
        if (out->holders[i]->seen.socket.state == WORDS_LISTEN)
            return true;
    }
    return false;
}

/* Other processes' sockets cannot be changed from outside, but their programs can. */
static void advise_reuse_address(struct inquiry *inquiry)
{
    struct strbuf *text;

    if (asker_has(inquiry, PT_OPTION_REUSEADDR)) {
        if (someone_listens(inquiry) && words_is_stream(inquiry->asker.protocol)) {
            text = inquiry_note(inquiry);
            strbuf_puts(text, "your socket has SO_REUSEADDR; that does not help while someone "
                              "listens");
        } else if (blockers_gone_with(inquiry, 0, PT_OPTION_REUSEADDR)) {
            text = inquiry_note(inquiry);
            strbuf_puts(text, "your socket has SO_REUSEADDR; the one in the way lacks it, and "
                              "both need it");
        }
        return;
    }
    if (blockers_gone_with(inquiry, PT_OPTION_REUSEADDR, 0)) {
        text = inquiry_help(inquiry);
        strbuf_puts(text, "set SO_REUSEADDR on your socket before bind(): the one in the way has "
                          "it, so the bind succeeds then");
    } else if (blockers_gone_with(inquiry, PT_OPTION_REUSEADDR, PT_OPTION_REUSEADDR)) {
        text = inquiry_note(inquiry);
        strbuf_puts(text, "neither your socket nor the one in the way has SO_REUSEADDR; with it "
                          "on both, set before bind(), they would not have conflicted");
    }
}

/* Of its process, as it is by now. False: not known. */
static bool process_uid(const struct holder *holder, uint32_t *ret_uid)
{
    if (!holder->process_count && !(holder->seen.flags & PT_HOLDER_OWNER_KNOWN))
        return false;
    *ret_uid =
        holder->process_count ? holder->processes[0].process->task.uid : holder->seen.task.uid;
    return true;
}

/* The user that counts is not always the one that its process has. */
static void note_users(struct inquiry *inquiry)
{
    struct strbuf *note = inquiry_note(inquiry);
    uint32_t uid, now;

    strbuf_puts(note, "SO_REUSEPORT shares a port only among sockets of the same user");
    if (!rules_holder_uid(&inquiry->primary->seen, &uid))
        return;
    strbuf_puts(note, ": yours is of ");
    holder_user_add(note, inquiry->facts, inquiry->asker.uid);
    strbuf_puts(note, ", the one in the way of ");
    holder_user_add(note, inquiry->facts, uid);
    if (inquiry->asker.uid != inquiry->seen->process.task.uid ||
        (process_uid(inquiry->primary, &now) && now != uid))
        strbuf_puts(note, "; a socket keeps the user that made it");
}

static void advise_reuse_port(struct inquiry *inquiry)
{
    uint32_t option = PT_OPTION_REUSEPORT;
    struct strbuf *text;

    if (asker_has(inquiry, option)) {
        if (!all_holders_have(inquiry, option) && blockers_gone_with(inquiry, 0, option)) {
            text = inquiry_note(inquiry);
            strbuf_puts(text, "your socket has SO_REUSEPORT; the one in the way lacks it: both "
                              "must set it before bind(), as the same user");
        }
        return;
    }
    if (blockers_gone_with(inquiry, option, 0)) {
        text = inquiry_help(inquiry);
        strbuf_puts(text, "set SO_REUSEPORT on your socket before bind(): the one in the way has "
                          "it and is of the same user; they share what arrives");
    }
}

/* sock_diag, which is all that there is without privileges, does not tell. */
static bool options_are_seen(const struct inquiry *inquiry)
{
    for (unsigned int i = 0; !inquiry->facts->holders_complete && i < inquiry->out->holder_count;
         i++)
        if (inquiry->out->holders[i]->seen.flags & PT_HOLDER_OPTIONS_UNSEEN)
            return false;
    return true;
}

void advice_options(struct inquiry *inquiry)
{
    if (!options_are_seen(inquiry))
        return;
    if (inquiry->out->reason == REASON_REUSEPORT_USER)
        note_users(inquiry);
    advise_reuse_address(inquiry);
    if (inquiry->out->reason != REASON_REUSEPORT_USER)
        advise_reuse_port(inquiry);
}
