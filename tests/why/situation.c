// SPDX-License-Identifier: GPL-2.0
#include "tests/why/situation.h"

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/rules/hold.h"
#include "tests/why/program.h"

#define FAILURES_SHOWN 40
#define ARGUMENTS_MAX  (BATCH_MAX + 24)

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

/* How it ends: with which call, and how. */
struct answer {
    const char *op;
    int error;
};

void count_failure(struct counts *counts, const char *format, ...)
{
    va_list arguments;

    if (counts->failed++ >= FAILURES_SHOWN)
        return;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

void protocol_numbers(const char *name, int *ret_type, int *ret_protocol)
{
    static const struct {
        const char *name;
        int type;
        int protocol;
    } rows[] = {
        {"tcp", SOCK_STREAM, IPPROTO_TCP},
        {"udp", SOCK_DGRAM, IPPROTO_UDP},
        {"udplite", SOCK_DGRAM, IPPROTO_UDPLITE},
        {"mptcp", SOCK_STREAM, IPPROTO_MPTCP},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (!strcmp(rows[i].name, name)) {
            *ret_type = rows[i].type;
            *ret_protocol = rows[i].protocol;
            return;
        }
    spot_die("no protocol %s", name);
}

static void set_address(struct situation *situation, const char *text, uint16_t port)
{
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)&situation->address;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&situation->address;
    char address[64];
    char *scope;

    snprintf(address, sizeof(address), "%s", text);
    scope = strchr(address, '%');
    if (scope)
        *scope++ = '\0';
    if (inet_pton(AF_INET, address, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        situation->address_size = sizeof(*in);
        return;
    }
    if (inet_pton(AF_INET6, address, &in6->sin6_addr) != 1)
        spot_die("no address: %s", text);
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(port);
    if (scope)
        in6->sin6_scope_id =
            if_nametoindex(scope) ? if_nametoindex(scope) : (uint32_t)strtoul(scope, NULL, 10);
    situation->address_size = sizeof(*in6);
}

void batch_add(struct batch *batch, const char *protocol, const char *address, uint16_t port,
               const char *what)
{
    struct situation *situation;

    if (batch->count == BATCH_MAX)
        spot_die("too many questions in a batch");
    if (!address)
        address = "0.0.0.0";
    situation = &batch->at[batch->count++];
    memset(situation, 0, sizeof(*situation));
    snprintf(situation->what, sizeof(situation->what), "%s", what);
    snprintf(situation->question, sizeof(situation->question),
             strchr(address, ':') ? "%s/[%s]:%u" : "%s/%s:%u", protocol, address, port);
    protocol_numbers(protocol, &situation->type, &situation->protocol);
    set_address(situation, address, port);
}

static int prepare_socket(const struct manner *manner, const struct situation *situation, int fd)
{
    static const struct {
        uint32_t bit;
        int level;
        int name;
    } options[] = {
        {PT_OPTION_REUSEADDR, SOL_SOCKET, SO_REUSEADDR},
        {PT_OPTION_REUSEPORT, SOL_SOCKET, SO_REUSEPORT},
        {PT_OPTION_FREEBIND, SOL_IP, IP_FREEBIND},
        {PT_OPTION_V6ONLY, SOL_IPV6, IPV6_V6ONLY},
    };
    int on = 1;

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (!(manner->options & options[i].bit) ||
            (options[i].level == SOL_IPV6 && situation->address.ss_family != AF_INET6))
            continue;
        if (setsockopt(fd, options[i].level, options[i].name, &on, sizeof(on)))
            return -errno;
    }
    if (manner->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, manner->device,
                                     (socklen_t)strlen(manner->device) + 1))
        return -errno;
    return 0;
}

/* The device of a socket takes privileges on some kernels; its user is that of its making. */
static struct answer really(const struct manner *manner, const struct situation *situation)
{
    bool listens = situation->type == SOCK_STREAM && !manner->bind_only;
    struct answer answer = {"bind", 0};
    int fd;

    spot_become(manner->uid);
    fd = socket(situation->address.ss_family, situation->type | SOCK_CLOEXEC, situation->protocol);
    spot_become(0);
    if (fd < 0 || prepare_socket(manner, situation, fd))
        spot_die("%s: a socket cannot be made: %s", situation->question, strerror(errno));
    spot_become(manner->uid);
    if (bind(fd, (const struct sockaddr *)&situation->address, situation->address_size)) {
        answer.error = errno;
    } else if (listens) {
        answer.op = "listen";
        answer.error = listen(fd, 8) ? errno : 0;
    }
    spot_become(0);
    close(fd);
    return answer;
}

static const cJSON *member(const cJSON *at, const char *name)
{
    return at ? cJSON_GetObjectItemCaseSensitive(at, name) : NULL;
}

/* False: this is no verdict, or not one for this question. */
static bool read_verdict(const cJSON *line, struct answer *ret_answer)
{
    const cJSON *own = member(line, "porttrace");
    const cJSON *succeeds = member(own, "would_succeed");
    const cJSON *op = member(member(own, "question"), "op");
    const cJSON *code = member(member(line, "error"), "code");

    if (!cJSON_IsBool(succeeds) || !cJSON_IsString(op) || cJSON_IsTrue(succeeds) == !!code)
        return false;
    ret_answer->op = op->valuestring;
    ret_answer->error = code ? code->valueint : 0;
    return true;
}

/*
 * What sock_diag does not tell: of sockets in the way whether they share, of connected ones whether
 * they are V6ONLY; before 6.8 those bound only. Of sockets without a process before 6.17 whose they
 * were, with all privileges too.
 */
static bool may_be_unknown(const struct manner *manner, const struct situation *situation,
                           const cJSON *line)
{
    if (!cJSON_IsString(member(member(line, "porttrace"), "unseen")))
        return false;
    if (strstr(situation->what, " orphan ") && manner->options & PT_OPTION_REUSEPORT &&
        !hold_kernel_is(6, 17))
        return true;
    if (!manner->unprivileged)
        return false;
    return manner->options & (PT_OPTION_REUSEADDR | PT_OPTION_REUSEPORT) ||
           strstr(situation->what, "via IPv6") || !hold_kernel_is(6, 8);
}

static void compare(const struct batch *batch, const struct situation *situation, const cJSON *line,
                    struct counts *counts)
{
    struct answer predicted, real = really(&batch->manner, situation);

    counts->answers[!strcmp(real.op, "listen")][real.error < ERRNOS ? real.error : 0]++;
    if (may_be_unknown(&batch->manner, situation, line)) {
        counts->unknown++;
        counts->passed++;
        return;
    }
    if (!read_verdict(line, &predicted)) {
        const cJSON *unseen = member(member(line, "porttrace"), "unseen");

        count_failure(counts, "%s (%s)%s: no verdict: %s", situation->question, situation->what,
                      batch->manner.unprivileged   ? " unprivileged"
                      : batch->manner.from_outside ? " outside"
                                                   : "",
                      cJSON_IsString(unseen) ? unseen->valuestring : "no JSON");
        return;
    }
    if (predicted.error == real.error && !strcmp(predicted.op, real.op)) {
        counts->passed++;
        return;
    }
    count_failure(counts, "%s as %u%s%s%s%s device %s, %s: why says %s %s, the kernel %s %s",
                  situation->question, batch->manner.uid,
                  batch->manner.options & PT_OPTION_REUSEADDR ? " REUSEADDR" : "",
                  batch->manner.options & PT_OPTION_REUSEPORT ? " REUSEPORT" : "",
                  batch->manner.options & PT_OPTION_V6ONLY ? " V6ONLY" : "",
                  batch->manner.options & PT_OPTION_FREEBIND ? " FREEBIND" : "",
                  batch->manner.device ? batch->manner.device : "any", situation->what,
                  predicted.op, strerrorname_np(predicted.error), real.op,
                  strerrorname_np(real.error));
}

void counts_print_answers(const struct counts *counts)
{
    static const char *const ops[] = {"bind", "listen"};

    for (int op = 0; op < 2; op++)
        for (int error = 0; error < ERRNOS; error++)
            if (counts->answers[op][error])
                printf("%6u %s %s\n", counts->answers[op][error], ops[op],
                       error ? strerrorname_np(error) : "succeeded");
    printf("%6u not known\n", counts->unknown);
}

static void add_manner(const struct manner *manner, const char *arguments[], unsigned int *count,
                       char uid[16], char netns[32])
{
    static const struct {
        uint32_t bit;
        const char *option;
    } options[] = {
        {PT_OPTION_REUSEADDR, "--reuseaddr"},
        {PT_OPTION_REUSEPORT, "--reuseport"},
        {PT_OPTION_V6ONLY, "--v6only"},
        {PT_OPTION_FREEBIND, "--freebind"},
    };

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (manner->options & options[i].bit)
            arguments[(*count)++] = options[i].option;
    if (!manner->unprivileged) {
        snprintf(uid, 16, "%u", manner->uid);
        arguments[(*count)++] = "--as";
        arguments[(*count)++] = uid;
    }
    if (manner->device) {
        arguments[(*count)++] = "--device";
        arguments[(*count)++] = manner->device;
    }
    if (manner->bind_only)
        arguments[(*count)++] = "--bind-only";
    if (manner->from_outside) {
        snprintf(netns, 32, "%d", (int)getpid());
        arguments[(*count)++] = "--netns";
        arguments[(*count)++] = netns;
    }
}

void batch_run(const struct batch *batch, struct counts *counts)
{
    const char *arguments[ARGUMENTS_MAX] = {"porttrace", "why", "--json"};
    unsigned int count = 3, asked = 0, refused = 0, unknown = counts->unknown;
    char uid[16], netns[32], *text, *line, *rest = NULL;
    int status;

    add_manner(&batch->manner, arguments, &count, uid, netns);
    for (unsigned int i = 0; i < batch->count; i++)
        arguments[count++] = batch->at[i].question;
    text = program_run(arguments, batch->manner.from_outside,
                       batch->manner.unprivileged ? batch->manner.uid : 0, &status);
    for (line = strtok_r(text, "\n", &rest); line && asked < batch->count;
         line = strtok_r(NULL, "\n", &rest)) {
        cJSON *verdict = cJSON_Parse(line);

        refused += member(verdict, "error") != NULL;
        compare(batch, &batch->at[asked++], verdict, counts);
        cJSON_Delete(verdict);
    }
    free(text);
    if (asked != batch->count || line)
        count_failure(counts, "%u questions, %u answers, status %d, first: %s", batch->count, asked,
                      status, batch->at[0].question);
    else if (status != (refused ? 1 : counts->unknown > unknown ? 3 : 0))
        count_failure(counts, "status %d with %u refusals", status, refused);
}
