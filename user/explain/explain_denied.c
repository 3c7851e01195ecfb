// SPDX-License-Identifier: GPL-2.0
/* EACCES and EPERM: a privileged port, a security module, a cgroup program or a seccomp filter. */
#include "user/explain/inquiry.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "user/explain/socket_words.h"
#include "user/model/endpoint.h"
#include "user/model/operations.h"
#include "user/model/sanitize.h"

/* The security modules that can refuse a call on a socket, of those that facts.lsms names. */
static const struct {
    const char *name;
    const char *shown;
    enum pt_check check;
    bool confines; /* a profile or context, which facts.caller_confined tells of */
} modules[] = {
    {"selinux", "SELinux", PT_CHECK_SELINUX, true},
    {"apparmor", "AppArmor", PT_CHECK_APPARMOR, true},
    {"tomoyo", "TOMOYO", PT_CHECK_TOMOYO, false},
    {"smack", "Smack", PT_CHECK_SMACK, false},
    {"landlock", "Landlock", PT_CHECK_LANDLOCK, false},
    {"bpf", "a BPF program of the LSM kind", PT_CHECK_BPF_LSM, false},
};

#define MODULES (sizeof(modules) / sizeof(modules[0]))

static bool is_active(const char *lsms, const char *name)
{
    size_t size = strlen(name);

    for (const char *at = lsms; at && *at;) {
        size_t length = strcspn(at, ",");

        if (length == size && !memcmp(at, name, size))
            return true;
        at += length + (at[length] == ',');
    }
    return false;
}

/* Bits of the modules that may have refused; .lsms must be known. */
static unsigned int suspects(const struct inquiry *inquiry)
{
    const struct facts *facts = inquiry->facts;
    bool unconfined = facts->profile.at && !facts->caller_confined;
    unsigned int mask = 0;

    for (size_t i = 0; i < MODULES; i++) {
        if (!is_active(facts->lsms, modules[i].name) || (modules[i].confines && unconfined))
            continue;
        /* Landlock knows no other errno and, of what is here, no other protocol. */
        if (modules[i].check == PT_CHECK_LANDLOCK &&
            (inquiry->seen->error != EACCES ||
             (inquiry->seen->socket_known && inquiry->seen->socket.protocol != IPPROTO_TCP) ||
             inquiry->seen->op == PT_OP_LISTEN))
            continue;
        mask |= 1u << i;
    }
    return mask;
}

static bool is_single(unsigned int mask)
{
    return mask && !(mask & (mask - 1));
}

static void add_modules(struct strbuf *out, unsigned int mask)
{
    bool first = true;

    for (size_t i = 0; i < MODULES; i++) {
        if (!(mask >> i & 1))
            continue;
        strbuf_puts(out, first ? "" : ", ");
        strbuf_puts(out, modules[i].shown);
        first = false;
    }
}

static void note_profile(struct inquiry *inquiry)
{
    struct bytes profile = inquiry->facts->profile;
    struct strbuf *note;

    if (!profile.at || !inquiry->facts->caller_confined)
        return;
    note = inquiry_note(inquiry);
    strbuf_puts(note, "the process runs under the profile ");
    sanitize_add_quoted(note, profile.at, profile.size);
}

static void advise_module(struct inquiry *inquiry, enum pt_check check)
{
    switch (check) {
    case PT_CHECK_SELINUX:
        strbuf_puts(inquiry_help(inquiry), "ausearch -m AVC -ts recent (the refusal as SELinux "
                                           "tells it; audit2why explains it)");
        if (inquiry->seen->op != PT_OP_CONNECT && inquiry->seen->requested.port)
            strbuf_printf(inquiry_help(inquiry),
                          "semanage port -l (what the ports are for), then semanage port -a -t "
                          "TYPE -p %s %u",
                          inquiry_protocol(inquiry), inquiry->seen->requested.port);
        break;
    case PT_CHECK_APPARMOR:
        strbuf_puts(inquiry_help(inquiry), "journalctl -k -g apparmor (the refusal as AppArmor "
                                           "tells it; aa-logprof mends the profile)");
        break;
    case PT_CHECK_LANDLOCK:
        strbuf_puts(inquiry_help(inquiry),
                    "the program, or what started it, has restricted itself: let it add a rule for "
                    "this port before it does");
        break;
    case PT_CHECK_BPF_LSM:
        strbuf_puts(inquiry_help(inquiry), "bpftool prog list (the programs of type lsm)");
        break;
    default:
        strbuf_puts(inquiry_help(inquiry), "journalctl -k (what the module tells of its refusals)");
        break;
    }
}

static void settle_module(struct inquiry *inquiry, size_t which, enum confidence confidence)
{
    struct explanation *out = inquiry->out;

    out->confidence = confidence;
    if (modules[which].check == PT_CHECK_LANDLOCK) {
        out->reason = REASON_LANDLOCK;
    } else {
        out->reason = REASON_LSM;
        strbuf_printf(&inquiry->brief, "%s does not allow it", modules[which].shown);
        if (modules[which].confines)
            note_profile(inquiry);
    }
    advise_module(inquiry, modules[which].check);
}

static bool settle_by_check(struct inquiry *inquiry)
{
    for (size_t i = 0; i < MODULES; i++) {
        if (modules[i].check == inquiry_check(inquiry)) {
            settle_module(inquiry, i, CONFIDENCE_CHECK);
            return true;
        }
    }
    return false;
}

/* The hook of the security modules refused. Which one it was may still be told from the host. */
static void settle_some_module(struct inquiry *inquiry)
{
    unsigned int mask = suspects(inquiry);

    if (is_single(mask)) {
        settle_module(inquiry, (size_t)__builtin_ctz(mask), CONFIDENCE_DEDUCED);
        return;
    }
    inquiry->out->reason = REASON_LSM;
    inquiry->out->confidence = CONFIDENCE_CHECK;
    note_profile(inquiry);
    if (mask) {
        struct strbuf *note = inquiry_note(inquiry);

        strbuf_puts(note, "which module is not known; active are ");
        add_modules(note, mask);
    }
    advise_module(inquiry, PT_CHECK_SECURITY);
}

static void settle_seccomp(struct inquiry *inquiry, enum confidence confidence)
{
    inquiry->out->reason = REASON_SECCOMP;
    inquiry->out->confidence = confidence;
    strbuf_puts(inquiry_note(inquiry),
                "the filter was installed by the program, or by what started it: a container "
                "runtime, or systemd (SystemCallFilter=, RestrictAddressFamilies=)");
    strbuf_printf(inquiry_help(inquiry),
                  "let the filter allow %s(), or start the program without it",
                  operation_name(inquiry->seen->op));
}

static struct bytes last_component(struct bytes path)
{
    const char *slash;

    while (path.size > 1 && path.at[path.size - 1] == '/')
        path.size--;
    slash = memrchr(path.at, '/', path.size);
    if (slash) {
        path.size -= (uint32_t)(slash + 1 - path.at);
        path.at = slash + 1;
    }
    return path;
}

static bool is_service(struct bytes name)
{
    static const char *const suffixes[] = {".service", ".scope", ".slice", ".socket"};

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        size_t size = strlen(suffixes[i]);

        if (name.size > size && !memcmp(name.at + name.size - size, suffixes[i], size))
            return true;
    }
    return false;
}

static void settle_cgroup(struct inquiry *inquiry, enum confidence confidence)
{
    struct bytes path = inquiry->facts->cgroup_program;
    struct strbuf *text;
    struct bytes unit;

    inquiry->out->reason = REASON_CGROUP;
    inquiry->out->confidence = confidence;
    if (!path.at) {
        strbuf_puts(inquiry_note(inquiry), "systemd does this for SocketBindDeny= and the like");
        return;
    }
    text = inquiry_note(inquiry);
    strbuf_puts(text, "the program is attached to the cgroup ");
    sanitize_add_quoted(text, path.at, path.size);
    unit = last_component(path);
    if (is_service(unit)) {
        strbuf_puts(text, "; systemd does this for SocketBindDeny= and the like");
        text = inquiry_help(inquiry);
        strbuf_puts(text, "systemctl show -p SocketBindAllow -p SocketBindDeny ");
        sanitize_add_quoted(text, unit.at, unit.size);
    }
    text = inquiry_help(inquiry);
    strbuf_puts(text, "bpftool cgroup tree (which programs are attached where)");
}

static bool has_privileged_ports(const struct pt_socket *socket)
{
    return socket->type != SOCK_RAW && socket->protocol != IPPROTO_ICMP &&
           socket->protocol != IPPROTO_ICMPV6;
}

static uint32_t unprivileged_start(const struct inquiry *inquiry)
{
    if (inquiry_refusal_flags(inquiry) & PT_REFUSAL_NETNS_KNOWN)
        return inquiry->seen->refusal.unprivileged_start;
    return inquiry->facts->netns_known ? inquiry->facts->unprivileged_start : 0;
}

/* Would the kernel's check of privileged ports have refused, had the call come to it? */
static bool is_privileged(const struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;

    if (seen->op != PT_OP_BIND || !seen->requested.port || seen->stage == PT_STAGE_SECURITY ||
        seen->stage == PT_STAGE_ENTRY || inquiry_refusal_flags(inquiry) & PT_REFUSAL_CAPABLE ||
        (seen->socket_known && !has_privileged_ports(&seen->socket)))
        return false;
    /* Who has the capability was not read: users other than root hardly ever have it. */
    if (!seen->refusal_known && (!seen->process_known || !seen->process.task.uid))
        return false;
    return seen->requested.port < unprivileged_start(inquiry);
}

static const char *whose_capability(const struct facts *facts)
{
    return facts->caller_in_userns ? ", which the process has in its own user namespace at most"
                                   : ", which the process lacks";
}

static void settle_privileged(struct inquiry *inquiry, enum confidence confidence)
{
    uint32_t start = unprivileged_start(inquiry);
    bool question = inquiry_is_question(inquiry);

    inquiry->out->reason = REASON_PRIVILEGED_PORT;
    inquiry->out->confidence = confidence;
    if (start)
        strbuf_printf(inquiry_note(inquiry), "ports below %u need CAP_NET_BIND_SERVICE%s", start,
                      question ? "" : whose_capability(inquiry->facts));
    if (question)
        strbuf_puts(&inquiry->brief, "the port is privileged");
    advice_privileged(inquiry);
}

/* Only IPv4 knows broadcast, and a stream gets another errno for it. */
static bool may_be_broadcast(const struct observation *seen)
{
    bool is_ipv4 = seen->requested.family == AF_INET || words_is_mapped(&seen->requested);

    return is_ipv4 && (!seen->socket_known || seen->socket.type == SOCK_DGRAM ||
                       seen->socket.type == SOCK_RAW);
}

/* The protocol's own code refused, after filters and modules had let the call pass. */
static void note_protocol(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    bool broadcast = may_be_broadcast(seen);
    struct strbuf *text;

    if (seen->op != PT_OP_CONNECT || seen->error != EACCES ||
        !endpoint_has_address(&seen->requested))
        return;
    text = inquiry_note(inquiry);
    strbuf_puts(text, "the kernel answers this for a route or rule of type prohibit");
    if (broadcast) {
        strbuf_puts(text,
                    ", and to a datagram socket without SO_BROADCAST for a broadcast address");
        strbuf_puts(
            inquiry_help(inquiry),
            "set SO_BROADCAST on the socket before connect(), if it is a broadcast address");
    }
    strbuf_puts(advice_route_get(inquiry),
                " (Permission denied: it is prohibited, by what ip route "
                "or ip rule shows)");
}

/* No hook saw who refused: only what is left over is named. */
static void settle_by_exclusion(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    bool filtered = inquiry_refusal_flags(inquiry) & PT_REFUSAL_FILTERED;
    bool programs = inquiry->facts->cgroup_program.at && seen->error == EPERM &&
                    seen->op != PT_OP_LISTEN; /* for that the kernel asks none */
    unsigned int mask = inquiry->facts->lsms ? suspects(inquiry) : 0;
    bool modules_excluded = inquiry->facts->lsms && !mask;
    struct strbuf *note;

    if (programs && !filtered) {
        settle_cgroup(inquiry, CONFIDENCE_DEDUCED);
    } else if (seen->plan && seen->stage == PT_STAGE_PROTOCOL) {
        note_protocol(inquiry);
    } else if (filtered && modules_excluded && !programs && seen->refusal_known) {
        settle_seccomp(inquiry, CONFIDENCE_DEDUCED);
    } else if (!filtered && !programs && seen->refusal_known && is_single(mask) &&
               seen->error == EACCES) {
        settle_module(inquiry, (size_t)__builtin_ctz(mask), CONFIDENCE_DEDUCED);
    } else {
        note = inquiry_note(inquiry);
        strbuf_puts(note, "it may have been ");
        if (programs)
            strbuf_puts(note, "a BPF program of the cgroup, or ");
        if (filtered)
            strbuf_puts(note, "the seccomp filter that the process has, or ");
        strbuf_puts(note, "a security module");
        if (mask) {
            strbuf_puts(note, " (active: ");
            add_modules(note, mask);
            strbuf_putc(note, ')');
        }
    }
}

static void settle_by_any_means(struct inquiry *inquiry)
{
    enum pt_check check = inquiry_check(inquiry);

    if (check == PT_CHECK_PRIVILEGED)
        settle_privileged(inquiry, inquiry_confidence(inquiry));
    else if (check == PT_CHECK_CGROUP)
        settle_cgroup(inquiry, CONFIDENCE_CHECK);
    else if (check == PT_CHECK_SECCOMP)
        settle_seccomp(inquiry, CONFIDENCE_CHECK);
    else if (settle_by_check(inquiry))
        return;
    else if (check == PT_CHECK_SECURITY)
        settle_some_module(inquiry);
    else if (inquiry->seen->error == EACCES && is_privileged(inquiry))
        settle_privileged(inquiry, CONFIDENCE_DEDUCED);
    else
        settle_by_exclusion(inquiry);
}

/* What is refused for one reason may be refused for another one next. */
static void look_behind(struct inquiry *inquiry)
{
    struct strbuf *note;

    if (inquiry->seen->op != PT_OP_BIND || !inquiry->asker.wanted.port)
        return;
    inquiry->out->also = explain_reason_in_use(inquiry);
    if (!inquiry->out->also)
        return;
    note = inquiry_note(inquiry);
    strbuf_puts(note, "two things are wrong: the port is taken as well, by ");
    holder_name_add(note, inquiry->primary);
}

void explain_denied(struct inquiry *inquiry)
{
    settle_by_any_means(inquiry);
    look_behind(inquiry);
    if (inquiry->out->also)
        advice_stop(inquiry);
}
