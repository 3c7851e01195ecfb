// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "user/model/filter_match.h"

#define CGROUP "/system.slice/web.service"

static struct observation failed_bind(void)
{
    struct observation seen = {
        .op = PT_OP_BIND,
        .error = EADDRINUSE,
        .process_known = true,
        .process = {.task = {.pid = 10, .uid = 1000, .netns = 99, .start_ns = 5, .comm = "web"},
                    .cgroup = {CGROUP, sizeof(CGROUP) - 1, false}},
        .socket_known = true,
        .socket = {.family = AF_INET6, .type = SOCK_STREAM, .protocol = IPPROTO_TCP},
        .requested = {.family = AF_INET, .port = 8080},
    };

    return seen;
}

static bool matches_in(const struct filter *filter, const struct observation *seen,
                       const char *cgroup)
{
    struct filter_match *match = filter_match_new(filter, &cgroup, cgroup ? 1 : 0);
    bool result;

    assert_non_null(match);
    assert_int_equal(filter_match_process(match, &seen->process.task), 0);
    result = filter_match(match, seen);
    filter_match_free(match);
    return result;
}

static bool matches(struct filter filter, struct observation seen)
{
    return matches_in(&filter, &seen, NULL);
}

#define FILTER(...) ((struct filter){__VA_ARGS__})

static void no_filter_wants_everything(void **state)
{
    struct observation unknown = {.op = PT_OP_RELEASE};

    (void)state;
    assert_true(matches(FILTER(0), failed_bind()));
    assert_true(matches(FILTER(0), unknown));
}

static void a_failure_matches_by_the_requested_port(void **state)
{
    struct observation seen = failed_bind();

    (void)state;
    assert_true(matches(FILTER(.ports = {{8080, 8080}}, .port_count = 1), seen));
    assert_true(matches(FILTER(.ports = {{1, 2}, {8000, 8100}}, .port_count = 2), seen));
    assert_false(matches(FILTER(.ports = {{8081, 65535}}, .port_count = 1), seen));
    seen.local = (struct pt_endpoint){.family = AF_INET, .port = 40000};
    assert_true(matches(FILTER(.ports = {{40000, 40000}}, .port_count = 1), seen));
    seen.requested.family = 0;
    assert_false(matches(FILTER(.ports = {{8080, 8080}}, .port_count = 1), seen));
}

static void the_caller_is_matched_by_what_it_is(void **state)
{
    struct observation seen = failed_bind();

    (void)state;
    assert_true(matches(FILTER(.comms = {"db", "web"}, .comm_count = 2), seen));
    assert_false(matches(FILTER(.comms = {"we"}, .comm_count = 1), seen));
    assert_true(matches(FILTER(.uids = {0, 1000}, .uid_count = 2), seen));
    assert_false(matches(FILTER(.uids = {0}, .uid_count = 1), seen));
    assert_true(matches(FILTER(.netns = {99}, .netns_count = 1), seen));
    assert_false(matches(FILTER(.netns = {98}, .netns_count = 1), seen));
    seen.process_known = false;
    assert_false(matches(FILTER(.uids = {1000}, .uid_count = 1), seen));
    assert_true(matches(FILTER(.netns = {99}, .netns_count = 1), seen)); /* the socket's */
    assert_false(matches(FILTER(.netns = {98}, .netns_count = 1), seen));
}

static void sockets_are_matched_by_protocol_and_family(void **state)
{
    struct observation seen = failed_bind();

    (void)state;
    assert_true(matches(FILTER(.protocols = FILTER_TCP | FILTER_UDP), seen));
    assert_false(matches(FILTER(.protocols = FILTER_UDP), seen));
    assert_true(matches(FILTER(.families = FILTER_IPV6), seen));
    assert_false(matches(FILTER(.families = FILTER_IPV4), seen));
    seen.socket.protocol = IPPROTO_UDPLITE;
    assert_true(matches(FILTER(.protocols = FILTER_UDP), seen));
    seen.socket.type = SOCK_RAW;
    assert_true(matches(FILTER(.protocols = FILTER_RAW), seen));
    assert_false(matches(FILTER(.protocols = FILTER_UDP), seen));
    seen.socket_known = false;
    assert_false(matches(FILTER(.protocols = FILTER_RAW), seen));
    assert_true(matches(FILTER(.families = FILTER_IPV4), seen));
}

static void outcomes_and_errors_are_matched(void **state)
{
    struct observation seen = failed_bind();

    (void)state;
    assert_true(matches(FILTER(.outcomes = FILTER_FAILURE), seen));
    assert_false(matches(FILTER(.outcomes = FILTER_SUCCESS), seen));
    assert_true(matches(FILTER(.ops = 1 << PT_OP_BIND), seen));
    assert_false(matches(FILTER(.ops = 1 << PT_OP_LISTEN), seen));
    assert_true(matches(
        FILTER(.errors = {[EADDRINUSE / 64] = 1ull << EADDRINUSE % 64}, .by_error = true), seen));
    assert_false(matches(FILTER(.errors = {1ull << EACCES}, .by_error = true), seen));
    seen.op = PT_OP_CONNECT;
    seen.error = EINPROGRESS;
    assert_true(matches(FILTER(.outcomes = FILTER_SUCCESS), seen));
    seen.error = 4095;
    assert_false(matches(FILTER(.errors = {~0ull, ~0ull, ~0ull}, .by_error = true), seen));
}

static void a_cgroup_is_meant_with_those_below(void **state)
{
    static const struct {
        const char *path;
        bool wanted;
    } cases[] = {
        {CGROUP, true},           {"/system.slice", true},
        {"system.slice/", true},  {"/", true},
        {"/system.sli", false},   {"/system.slice/web", false},
        {CGROUP "/below", false}, {"/user.slice", false},
    };
    const struct filter none = {0};
    struct observation seen = failed_bind();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(matches_in(&none, &seen, cases[i].path), cases[i].wanted);
    seen.process.cgroup.at = NULL;
    assert_false(matches_in(&none, &seen, CGROUP));
}

static struct observation bind_of(uint32_t pid, uint32_t parent_pid, uint64_t start_ns)
{
    struct observation seen = failed_bind();

    seen.process.task.pid = pid;
    seen.process.task.parent_pid = parent_pid;
    seen.process.task.start_ns = start_ns;
    return seen;
}

static bool learn(struct filter_match *match, struct observation seen)
{
    assert_int_equal(filter_match_process(match, &seen.process.task), 0);
    return filter_match(match, &seen);
}

static void a_process_is_meant_with_its_children(void **state)
{
    const struct filter filter = {.pids = {10}, .pid_count = 1};
    struct filter_match *match = filter_match_new(&filter, NULL, 0);

    (void)state;
    assert_false(learn(match, bind_of(12, 11, 3)));
    assert_true(learn(match, bind_of(10, 1, 1)));
    assert_true(learn(match, bind_of(11, 10, 2)));
    assert_true(learn(match, bind_of(13, 11, 4)));
    assert_true(learn(match, bind_of(11, 1, 2)));  /* its parent has gone */
    assert_false(learn(match, bind_of(11, 1, 9))); /* another process with this pid */
    assert_false(learn(match, bind_of(14, 11, 10)));
    assert_true(learn(match, bind_of(13 + 1024, 13, 11))); /* the same chain */
    assert_false(learn(match, bind_of(13 + 2048, 1, 12)));
    filter_match_free(match);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_filter_wants_everything),
        cmocka_unit_test(a_failure_matches_by_the_requested_port),
        cmocka_unit_test(the_caller_is_matched_by_what_it_is),
        cmocka_unit_test(sockets_are_matched_by_protocol_and_family),
        cmocka_unit_test(outcomes_and_errors_are_matched),
        cmocka_unit_test(a_cgroup_is_meant_with_those_below),
        cmocka_unit_test(a_process_is_meant_with_its_children),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
