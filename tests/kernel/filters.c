// SPDX-License-Identifier: GPL-2.0
#include "tests/kernel/filters.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/feature.h"
#include "tests/kernel/match.h"
#include "tests/kernel/mixture.h"
#include "tests/kernel/report.h"

#define PATIENCE_MS 5000
#define STEP_MS     100

struct mixture {
    struct scene_log *log;
    int pid;
    bool first;
};

struct filter_check {
    const char *name;
    const char *args[8]; /* @pid, @netns, @cgroup: of the first mixture; @runner: our pid */
    bool (*wanted)(const struct call *call, const struct mixture *of);
    unsigned int needs;
    bool alike; /* another one with other values, or with two of them */
};

static bool has_port(const struct call *call, uint16_t low, uint16_t high)
{
    bool bound = call_outcome(call) != CALL_FAILED || call->op == PT_OP_LISTEN;
    bool requested = call->op != PT_OP_RELEASE && call->requested.family;

    return (requested && call->requested.port >= low && call->requested.port <= high) ||
           (bound && call->local.port >= low && call->local.port <= high);
}

static bool port_8080(const struct call *call, const struct mixture *of)
{
    (void)of;
    return has_port(call, 8080, 8080);
}

static bool port_list(const struct call *call, const struct mixture *of)
{
    (void)of;
    return has_port(call, 80, 80) || has_port(call, 9000, 9010);
}

static bool port_ephemeral(const struct call *call, const struct mixture *of)
{
    (void)of;
    return has_port(call, 40000, 40999);
}

static bool nothing(const struct call *call, const struct mixture *of)
{
    (void)call;
    (void)of;
    return false;
}

static bool everything(const struct call *call, const struct mixture *of)
{
    (void)call, (void)of;
    return true;
}

static bool of_first(const struct call *call, const struct mixture *of)
{
    (void)call;
    return of->first;
}

static bool by_child(const struct call *call, const struct mixture *of)
{
    (void)of;
    return strcmp(call->caller.comm, MIXTURE_CHILD_COMM) == 0;
}

static bool by_user(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->caller.uid == MIXTURE_USER;
}

static bool failed(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->error != 0;
}

static bool succeeded(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->error == 0;
}

static bool in_use(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->error == EADDRINUSE;
}

static bool denied_or_refused(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->error == EACCES || call->error == ECONNREFUSED;
}

static bool is_bind(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->op == PT_OP_BIND;
}

static bool listen_or_release(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->op == PT_OP_LISTEN || call->op == PT_OP_RELEASE;
}

static bool is_connect(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->op == PT_OP_CONNECT;
}

static bool is_autobind(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->op == PT_OP_AUTOBIND;
}

static bool is_tcp(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->protocol == PROTOCOL_TCP;
}

static bool tcp_or_mptcp(const struct call *call, const struct mixture *of)
{
    return is_tcp(call, of) || call->protocol == PROTOCOL_MPTCP;
}

static bool udp_or_ping(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->protocol == PROTOCOL_UDP || call->protocol == PROTOCOL_PING;
}

static bool is_udp(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->protocol == PROTOCOL_UDP;
}

static bool is_ipv4(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->family == AF_INET;
}

static bool is_ipv6(const struct call *call, const struct mixture *of)
{
    (void)of;
    return call->family == AF_INET6;
}

static bool port_8080_failed(const struct call *call, const struct mixture *of)
{
    return port_8080(call, of) && failed(call, of);
}

static bool first_tcp_binds(const struct call *call, const struct mixture *of)
{
    return of->first && tcp_or_mptcp(call, of) && is_bind(call, of);
}

static bool child_in_use(const struct call *call, const struct mixture *of)
{
    return by_child(call, of) && in_use(call, of);
}

static const struct filter_check checks[] = {
    {"port", {"--port", "8080"}, port_8080, 0, false},
    {"port-list", {"--port", "80,9000-9010"}, port_list, 0, true},
    {"port-ephemeral", {"-P", "40000-40999"}, port_ephemeral, 0, false},
    {"port-of-nobody", {"--port", "7"}, nothing, 0, true},
    {"pid-with-children", {"--pid", "@pid"}, of_first, 0, false},
    {"pid-with-existing-children", {"--pid", "@runner"}, everything, 0, false},
    {"comm", {"--comm", MIXTURE_CHILD_COMM}, by_child, 0, false},
    {"user", {"--user", "65534"}, by_user, 0, false},
    {"failed", {"--failed"}, failed, 0, false},
    {"ok", {"--ok"}, succeeded, 0, true},
    {"errno", {"--errno", "EADDRINUSE"}, in_use, 0, false},
    {"errno-list", {"--errno", "EACCES,111"}, denied_or_refused, 0, true},
    {"op-bind", {"--op", "bind"}, is_bind, 0, false},
    {"op-list", {"--op", "listen,release"}, listen_or_release, 0, true},
    {"op-connect", {"--op", "connect"}, is_connect, 0, true},
    {"op-autobind", {"--op", "autobind"}, is_autobind, 0, false},
    {"protocol-tcp", {"--protocol", "tcp"}, is_tcp, 0, true},
    {"tcp", {"--tcp"}, tcp_or_mptcp, 0, false},
    {"protocol-list", {"--protocol", "udp,ping"}, udp_or_ping, 0, true},
    {"udp", {"--udp"}, is_udp, 0, false},
    {"ipv4", {"-4"}, is_ipv4, 0, true},
    {"ipv6", {"-6"}, is_ipv6, 0, false},
    {"netns", {"--netns", "@netns"}, of_first, 0, false},
    {"netns-of-pid", {"--netns", "@pid"}, of_first, 0, true},
    {"cgroup", {"--cgroup", "@cgroup"}, of_first, FEATURE_CGROUP2, false},
    {"port-and-failed", {"--port", "8080", "--failed"}, port_8080_failed, 0, true},
    {"pid-tcp-bind", {"--pid", "@pid", "-t", "--op", "bind"}, first_tcp_binds, 0, false},
    {"comm-and-errno", {"-c", MIXTURE_CHILD_COMM, "--errno", "98"}, child_in_use, 0, true},
};

static void start_mixture(struct mixture *mixture, int which)
{
    int fd;

    mixture->first = which == MIXTURE_FIRST;
    mixture->log = scene_log_new(&fd);
    if (!mixture->log)
        abort();
    fflush(stdout);
    mixture->pid = fork();
    if (mixture->pid == 0)
        scene_play(&mixtures[which], mixture->log, fd);
    close(fd);
    while (!__atomic_load_n(&mixture->log->ready, __ATOMIC_SEQ_CST) && !mixture->log->failure[0])
        usleep(5000);
}

static bool end_mixture(struct mixture *mixture)
{
    __atomic_store_n(&mixture->log->go, true, __ATOMIC_SEQ_CST);
    waitpid(mixture->pid, NULL, 0);
    return mixture->log->finished && !mixture->log->failure[0];
}

/* What stands for a word that is known only now. */
static const char *word_of(const char *word, const struct mixture *first, char *room, size_t size)
{
    struct stat netns;
    char path[64];

    if (strcmp(word, "@pid") == 0) {
        snprintf(room, size, "%d", first->pid);
    } else if (strcmp(word, "@runner") == 0) {
        snprintf(room, size, "%d", getpid());
    } else if (strcmp(word, "@netns") == 0) {
        snprintf(path, sizeof(path), "/proc/%d/ns/net", first->pid);
        snprintf(room, size, "%llu", stat(path, &netns) ? 0ull : (unsigned long long)netns.st_ino);
    } else if (strcmp(word, "@cgroup") == 0) {
        snprintf(room, size, "/%s.%s", SCENE_CGROUP_NAME, mixtures[MIXTURE_FIRST].name);
    } else {
        return word;
    }
    return room;
}

struct wanted_context {
    const struct filter_check *check;
    const struct mixture *mixture;
};

static bool is_wanted(const struct call *call, const void *context)
{
    const struct wanted_context *wanted = context;

    return wanted->check->wanted(call, wanted->mixture);
}

static void wait_for_events(struct trace *trace, const struct filter_check *check, const char *plan,
                            const struct mixture *mixture)
{
    const struct wanted_context context = {check, mixture};
    const struct expectation expected = {plan, NULL, is_wanted, &context};
    int waited;

    for (waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
        trace_read(trace);
        if (!match_missing(trace, &expected, mixture->log))
            return;
        usleep(STEP_MS * 1000);
    }
}

static void judge(struct trace *trace, const struct filter_check *check, const char *plan,
                  struct mixture *both)
{
    char wrong[MIXTURES][768];
    char group[64];
    int i;

    snprintf(group, sizeof(group), "filter %s", plan);
    for (i = 0; i < MIXTURES; i++)
        wait_for_events(trace, check, plan, &both[i]);
    trace_end(trace, SIGINT);
    for (i = 0; i < MIXTURES; i++) {
        const struct wanted_context context = {check, &both[i]};
        const struct expectation expected = {plan, NULL, is_wanted, &context};

        match_judge(trace, &expected, both[i].log, wrong[i], sizeof(wrong[i]));
    }
    if (wrong[MIXTURE_FIRST][0] || wrong[MIXTURE_SECOND][0])
        report_failed(group, check->name, "%s%s%s", wrong[MIXTURE_FIRST],
                      wrong[MIXTURE_FIRST][0] && wrong[MIXTURE_SECOND][0] ? "; second: " : "",
                      wrong[MIXTURE_SECOND]);
    else
        report_passed(group, check->name);
}

static void run_check(const struct run_options *options, const char *plan,
                      const struct filter_check *check)
{
    const char *args[TRACE_ARGS_MAX] = {"--plan", plan};
    char room[8][128];
    struct mixture both[MIXTURES];
    struct trace trace;
    bool started, played = true;
    size_t i;

    for (i = 0; i < MIXTURES; i++)
        start_mixture(&both[i], (int)i);
    for (i = 0; i < 8 && check->args[i]; i++)
        args[2 + i] = word_of(check->args[i], &both[0], room[i], sizeof(room[i]));
    started = trace_start(&trace, options->porttrace, args, NULL);
    for (i = 0; i < MIXTURES; i++)
        played &= end_mixture(&both[i]);
    if (!started || !played) {
        trace_end(&trace, SIGKILL);
        report_failed("filter", check->name, "%s%s%s", started ? "" : "it does not start: ",
                      started ? both[0].log->failure : trace.errors, both[1].log->failure);
    } else {
        judge(&trace, check, plan, both);
    }
    trace_free(&trace);
    for (i = 0; i < MIXTURES; i++)
        scene_log_free(both[i].log);
}

static void check_plan(const struct run_options *options, const char *plan)
{
    const char *missing;
    size_t i;

    for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (options->only && !strstr(checks[i].name, options->only))
            continue;
        if (options->brief && checks[i].alike)
            continue;
        missing = feature_missing(checks[i].needs);
        if (missing)
            report_skipped("filter", checks[i].name, missing);
        else
            run_check(options, plan, &checks[i]);
    }
}

void filters_check(const struct run_options *options)
{
    size_t i;

    for (i = 0; i < PLAN_COUNT; i++)
        if (plan_is_chosen(options, plan_names[i]) && plan_is_usable(options, plan_names[i]))
            check_plan(options, plan_names[i]);
}
