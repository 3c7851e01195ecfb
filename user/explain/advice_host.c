// SPDX-License-Identifier: GPL-2.0
/* What to change on the host, where no socket is in the way. */
#include "user/explain/inquiry.h"

#include <string.h>
#include <netinet/in.h>

#include "user/explain/ephemeral.h"
#include "user/explain/socket_words.h"
#include "user/model/sanitize.h"
#include "user/model/unit_name.h"
#include "user/model/user_manager.h"

#define RANGE_LOW_SAFE 15000

static void add_user(struct strbuf *note, const struct ephemeral_user *user,
                     const struct observation *seen)
{
    holder_name_add(note, &user->holder);
    if (holder_is_callers(&user->holder, seen))
        strbuf_puts(note, ", the calling process,");
    strbuf_printf(note, " has %u", user->ports);
}

static void add_users(struct strbuf *note, const struct inquiry *inquiry)
{
    const struct ephemeral_use *used = &inquiry->facts->used;
    unsigned int others = used->ports - used->time_wait;
    const char *between = ": ";

    strbuf_puts(note, inquiry->out->reason == REASON_CONNECT_EXHAUSTED
                          ? "lead there already, or were taken by bind"
                          : "are taken");
    for (unsigned int i = 0; i < EPHEMERAL_USERS && used->most[i].ports; i++) {
        strbuf_puts(note, between);
        add_user(note, &used->most[i], inquiry->seen);
        others -= used->most[i].ports;
        between = ", ";
    }
    if (used->time_wait) {
        strbuf_printf(note, "%s%u in TIME-WAIT", between, used->time_wait);
        between = ", ";
    }
    if (others)
        strbuf_printf(note, "%s%u others", between, others);
}

/* Not all: some were given back between the refusal and the look. */
static void note_looked_later(struct strbuf *note, const struct inquiry *inquiry)
{
    uint64_t call_ns = inquiry->seen->time_ns, now_ns = inquiry->facts->now_ns;

    if (!call_ns || now_ns <= call_ns)
        return;
    strbuf_puts(note, ", as seen ");
    span_add(note, now_ns - call_ns);
    strbuf_puts(note, " after the refusal");
}

void note_range(struct inquiry *inquiry)
{
    const struct ephemeral_use *used = &inquiry->facts->used;
    unsigned int reserved = ephemeral_reserved(inquiry->seen, inquiry->facts), ports;
    struct strbuf *note;
    uint16_t low, high;

    if (!ephemeral_range(inquiry->seen, inquiry->facts, &low, &high))
        return;
    note = inquiry_note(inquiry);
    ports = high - low + 1u;
    if (used->ports) {
        strbuf_printf(note, "%u of %u ports in the range %u-%u ", used->ports, ports, low, high);
        add_users(note, inquiry);
    } else {
        strbuf_printf(note, "the range has %u port%s: %u-%u", ports, ports > 1 ? "s" : "", low,
                      high);
    }
    if (reserved)
        strbuf_printf(note, "; ip_local_reserved_ports has %u of the %u", reserved, ports);
    if (used->ports && used->ports + reserved < ports)
        note_looked_later(note, inquiry);
}

void advice_range(struct inquiry *inquiry)
{
    uint16_t low = 0, high = 0;
    bool known = ephemeral_range(inquiry->seen, inquiry->facts, &low, &high);
    const struct pt_socket *socket = &inquiry->seen->socket;

    if (inquiry->seen->socket_known && (socket->range_low || socket->range_high)) {
        strbuf_puts(inquiry_note(inquiry),
                    "the socket has a range of its own (IP_LOCAL_PORT_RANGE)");
        strbuf_puts(inquiry_help(inquiry),
                    "set a wider IP_LOCAL_PORT_RANGE on the socket, or none");
        return;
    }
    if (ephemeral_reserved(inquiry->seen, inquiry->facts))
        strbuf_puts(advice_command(inquiry),
                    "sysctl net.ipv4.ip_local_reserved_ports (shows what is reserved: shorten it)");
    if (known && low > RANGE_LOW_SAFE)
        strbuf_printf(advice_command(inquiry),
                      "sysctl -w net.ipv4.ip_local_port_range=\"%u 65535\" (a wider range)",
                      RANGE_LOW_SAFE);
    else if (known && high < UINT16_MAX)
        strbuf_printf(advice_command(inquiry),
                      "sysctl -w net.ipv4.ip_local_port_range=\"%u 65535\" (a wider range)", low);
}

void advice_loopback(struct inquiry *inquiry)
{
    strbuf_puts(inquiry_note(inquiry), "the loopback device is down there");
    strbuf_puts(advice_command(inquiry), "ip link set lo up");
}

void advice_ipv6(struct inquiry *inquiry)
{
    const struct pt_endpoint *wanted = &inquiry->seen->requested;
    const struct facts *facts = inquiry->facts;
    bool loopback = words_is_loopback(wanted) || words_is_wildcard(wanted);
    const char *device = loopback ? "lo" : "all";

    if (loopback ? facts->lo_disabled6 : facts->disabled6) {
        strbuf_printf(inquiry_note(inquiry),
                      "IPv6 is disabled there (net.ipv6.conf.%s.disable_ipv6)", device);
        strbuf_printf(advice_command(inquiry), "sysctl -w net.ipv6.conf.%s.disable_ipv6=0", device);
    }
    if (loopback && facts->lo_down)
        advice_loopback(inquiry);
}

/* As in python3.11, php8.2, lua5.4. */
static bool is_version(const char *at, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!at[i] || !strchr("0123456789._-", at[i]))
            return false;
    }
    return true;
}

/* Programs that run what others have written: a capability of theirs is one of every script. */
static bool is_interpreter(struct bytes exe)
{
    static const char *const names[] = {
        "bash", "beam.smp", "bun",  "busybox", "dash",  "deno",   "dotnet", "guile",
        "java", "ksh",      "lua",  "mono",    "node",  "nodejs", "perl",   "php",
        "pypy", "python",   "ruby", "sh",      "tclsh", "zsh",
    };
    const char *slash = memrchr(exe.at, '/', exe.size);
    const char *name = slash ? slash + 1 : exe.at;
    size_t size = exe.size - (size_t)(name - exe.at);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t length = strlen(names[i]);

        if (size >= length && !memcmp(name, names[i], length) &&
            is_version(name + length, size - length))
            return true;
    }
    return false;
}

/* The systemd of a user has no privileges to give. */
static bool is_own_service(const struct inquiry *inquiry, const struct process_facts *process)
{
    struct bytes unit = process->cgroup_facts.unit;
    struct user_manager manager;

    return unit.at && !unit.truncated && process->cgroup_facts.runtime == RUNTIME_NONE &&
           unit_name_is(unit, ".service") && inquiry->facts->caller_unit_is_own &&
           !user_manager_of(process->cgroup, &manager);
}

/* For one start, where neither a unit nor a file can be given the capability. */
static void advise_ambient(struct inquiry *inquiry)
{
    const struct facts *facts = inquiry->facts;
    const struct process_facts *process = &inquiry->seen->process;
    bool named = facts->user_name && facts->user_name(facts->names, process->task.uid);

    if (!inquiry->seen->process_known || !process->task.uid || facts->netns_elsewhere ||
        process->cgroup_facts.runtime != RUNTIME_NONE)
        return;
    strbuf_printf(inquiry_help(inquiry),
                  "setpriv --reuid=%u --regid=%u --%s-groups --inh-caps=+net_bind_service "
                  "--ambient-caps=+net_bind_service COMMAND (as root)",
                  process->task.uid, process->task.gid, named ? "init" : "clear");
}

static void advise_capability(struct inquiry *inquiry)
{
    const struct process_facts *process = &inquiry->seen->process;
    struct strbuf *help;

    if (is_own_service(inquiry, process)) {
        help = inquiry_help(inquiry);
        strbuf_puts(help, "systemctl edit ");
        sanitize_add_quoted(help, process->cgroup_facts.unit.at, process->cgroup_facts.unit.size);
        strbuf_puts(help, " and add under [Service]: AmbientCapabilities=CAP_NET_BIND_SERVICE");
    }
    if (inquiry->seen->process_known && process->exe.at && !process->exe.truncated &&
        !process->exe_deleted && !is_interpreter(process->exe)) {
        help = inquiry_help(inquiry);
        strbuf_puts(help, "setcap cap_net_bind_service=+ep ");
        sanitize_add_quoted(help, process->exe.at, process->exe.size);
    }
    if (!inquiry->out->help_count)
        advise_ambient(inquiry);
}

void advice_privileged(struct inquiry *inquiry)
{
    /* None that it is given would be of the user namespace that counts. */
    if (!inquiry->facts->caller_in_userns)
        advise_capability(inquiry);
    advice_free_ports(inquiry,
                      inquiry->out->help_count ? "or use a free port: " : "use a free port: ");
    strbuf_printf(advice_command(inquiry),
                  "sysctl -w net.ipv4.ip_unprivileged_port_start=%u (lets everybody have it)",
                  inquiry->seen->requested.port);
}
