// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "tests/unit/sample.h"
#include "user/cli/run_options.h"
#include "user/cli/run_wanted.h"

static int parse(char *const *argv, struct run_options *ret_options, struct strbuf *error)
{
    int argc = 0;

    while (argv[argc])
        argc++;
    return run_options_parse(argc, argv, ret_options, error);
}

#define PARSE(...) parse((char *const[]){__VA_ARGS__, NULL}, &options, &error)

static void check_refused(char *const *argv, const char *reason)
{
    struct run_options options;
    struct strbuf error = {0};

    assert_int_equal(parse(argv, &options, &error), -EINVAL);
    assert_string_equal(error.text, reason);
    strbuf_free(&error);
}

#define CHECK_REFUSED(reason, ...) check_refused((char *const[]){__VA_ARGS__, NULL}, reason)

static void the_command_is_what_stands_behind_the_options(void **state)
{
    struct run_options options;
    struct strbuf error = {0};

    (void)state;
    assert_int_equal(PARSE("-q", "--", "make", "-j", "--", "x"), 0);
    assert_string_equal(options.command[0], "make");
    assert_string_equal(options.command[1], "-j");
    assert_string_equal(options.command[2], "--");
    assert_string_equal(options.command[3], "x");
    assert_null(options.command[4]);
    assert_true(options.quiet);
    assert_int_equal(PARSE("make", "-q", "--help"), 0);
    assert_string_equal(options.command[0], "make");
    assert_string_equal(options.command[2], "--help");
    assert_false(options.quiet);
    assert_false(options.help);
    assert_int_equal(PARSE("--", "-x"), 0);
    assert_string_equal(options.command[0], "-x");
    assert_int_equal(PARSE(""), 0);
    assert_string_equal(options.command[0], "");
}

static void options_are_taken(void **state)
{
    struct run_options options;
    struct strbuf error = {0};

    (void)state;
    assert_int_equal(PARSE("-u", "alice", "-ja", "-ox.txt", "--wait", "--plan=kprobe", "--seccomp",
                           "--color=never", "x"),
                     0);
    assert_string_equal(options.user, "alice");
    assert_string_equal(options.output, "x.txt");
    assert_true(options.json && options.all && options.wait && options.capture.seccomp);
    assert_int_equal(options.capture.plan, PT_PLAN_KPROBE);
    assert_int_equal(options.colour, COLOUR_NEVER);
    assert_int_equal(options.capture.filter.outcomes, FILTER_FAILURE);
    assert_int_equal(options.capture.buffer_bytes, CAPTURE_BUFFER_DEFAULT);
    assert_int_equal(options.command_count, 1);
}

static void help_needs_no_command(void **state)
{
    struct run_options options;
    struct strbuf error = {0};

    (void)state;
    assert_int_equal(PARSE("--help"), 0);
    assert_true(options.help);
}

static void wrong_usage_is_refused(void **state)
{
    (void)state;
    CHECK_REFUSED("a command is missing, such as: porttrace run -- node server.js", "-q");
    CHECK_REFUSED("a command is missing, such as: porttrace run -- node server.js", "--");
    CHECK_REFUSED("--output: can be given only once", "-o", "x", "-o", "y", "z");
    CHECK_REFUSED("--user: needs the name of a user", "-u", "", "z");
    CHECK_REFUSED("unknown option --qiet (did you mean --quiet?)", "--qiet", "x");
    CHECK_REFUSED("--plan: best is not a plan; allowed: fexit, kprobe, restricted", "--plan",
                  "best", "x");
}

static void check_wanted(struct observation seen, int error, bool wanted, bool wanted_by_all)
{
    seen.error = error;
    assert_int_equal(run_wants(&seen, false), wanted);
    assert_int_equal(run_wants(&seen, true), wanted_by_all);
}

static struct observation autobind_by(enum pt_entry entry)
{
    struct observation seen = sample_listen();

    seen.op = PT_OP_AUTOBIND;
    seen.entry = entry;
    return seen;
}

static void a_port_without_bind_fails_with_its_call(void **state)
{
    (void)state;
    check_wanted(autobind_by(PT_ENTRY_SYSCALL), EADDRINUSE, false, false);
    check_wanted(autobind_by(PT_ENTRY_IO_URING), EAGAIN, false, false);
    check_wanted(autobind_by(PT_ENTRY_SEND), EAGAIN, true, true);
    check_wanted(autobind_by(PT_ENTRY_KERNEL), EADDRINUSE, true, true);
}

static struct observation connect_to_loopback(void)
{
    struct observation seen = sample_connect();

    seen.requested = (struct pt_endpoint){.family = AF_INET, .address = {127, 0, 0, 1}, .port = 80};
    return seen;
}

static void only_what_this_host_refused_is_wanted(void **state)
{
    (void)state;
    check_wanted(sample_refused_bind(), EADDRINUSE, true, true);
    check_wanted(sample_refused_bind(), EBADF, true, true);
    check_wanted(sample_bind(), 0, false, false);
    check_wanted(sample_listen(), EOPNOTSUPP, true, true);
    check_wanted(sample_connect(), EADDRNOTAVAIL, true, true);
    check_wanted(sample_connect(), EADDRINUSE, true, true);
    check_wanted(sample_connect(), EACCES, true, true);
    check_wanted(sample_connect(), EPERM, true, true);
    check_wanted(sample_connect(), EAGAIN, true, true);
    check_wanted(sample_connect(), ECONNREFUSED, false, true);
    check_wanted(sample_connect(), EINVAL, true, true);
    check_wanted(sample_connect(), EAFNOSUPPORT, true, true);
    check_wanted(sample_connect(), ENETUNREACH, false, true);
    check_wanted(connect_to_loopback(), ENETUNREACH, true, true);
    check_wanted(connect_to_loopback(), ECONNREFUSED, false, true);
    check_wanted(sample_connect(), ETIMEDOUT, false, true);
    check_wanted(sample_connect(), EINPROGRESS, false, false);
    check_wanted(sample_connect(), EALREADY, false, false);
    check_wanted(sample_connect(), EISCONN, false, false);
    check_wanted(sample_release(), 0, false, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_command_is_what_stands_behind_the_options),
        cmocka_unit_test(options_are_taken),
        cmocka_unit_test(help_needs_no_command),
        cmocka_unit_test(wrong_usage_is_refused),
        cmocka_unit_test(only_what_this_host_refused_is_wanted),
        cmocka_unit_test(a_port_without_bind_fails_with_its_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
