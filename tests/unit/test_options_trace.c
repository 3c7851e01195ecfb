// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "user/cli/cmd.h"

static struct trace_options options;
static struct strbuf error;

static int parse(char *const *argv)
{
    int argc = 0;

    while (argv[argc])
        argc++;
    strbuf_reset(&error);
    return trace_options_parse(argc, argv, &options, &error);
}

static int free_error(void **state)
{
    (void)state;
    strbuf_free(&error);
    return 0;
}

#define PARSE(...)    parse((char *const[]){__VA_ARGS__, NULL})
#define ACCEPTED(...) assert_int_equal(PARSE(__VA_ARGS__), 0)

#define REFUSED(reason, ...)                                                                       \
    do {                                                                                           \
        assert_int_equal(PARSE(__VA_ARGS__), -EINVAL);                                             \
        assert_string_equal(error.text, reason);                                                   \
    } while (0)

static void nothing_given_means_everything(void **state)
{
    const struct filter none = {0};

    (void)state;
    assert_int_equal(parse((char *const[]){NULL}), 0);
    assert_memory_equal(&options.capture.filter, &none, sizeof(none));
    assert_int_equal(options.capture.plan, 0);
    assert_int_equal(options.capture.buffer_bytes, 8 << 20);
    assert_int_equal(options.capture.sockets, 32768);
    assert_int_equal(options.count, 0);
    assert_int_equal(options.duration_ns, 0);
}

static void ports_add_up(void **state)
{
    (void)state;
    ACCEPTED("-P", "80,8000-8100", "--port=1-65535", "-P", "http");
    assert_int_equal(options.capture.filter.port_count, 4);
    assert_int_equal(options.capture.filter.ports[3].low, 80);
    assert_int_equal(options.capture.filter.ports[3].high, 80);
    assert_int_equal(options.capture.filter.ports[0].low, 80);
    assert_int_equal(options.capture.filter.ports[0].high, 80);
    assert_int_equal(options.capture.filter.ports[1].low, 8000);
    assert_int_equal(options.capture.filter.ports[1].high, 8100);
    assert_int_equal(options.capture.filter.ports[2].high, 65535);
}

static void wrong_ports_are_refused(void **state)
{
    static const char *const wrong[] = {
        "65536", "0",      "-1",   "80-", "-80", "80-65536", "x",   "8 0",
        "80x",   "80-90x", "0x50", "+80", "",    "80,",      ",80", "99999999999999999999999"};
    char reason[256];

    (void)state;
    REFUSED("--port: 65536 is not a port; allowed: 1 to 65535, or a range such as 8000-8100",
            "--port", "65536");
    REFUSED("--port: 90-80 is no range, its first port is the greater one; allowed: 80-90",
            "--port", "90-80");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        snprintf(reason, sizeof(reason), "--port=%s", wrong[i]);
        assert_int_equal(PARSE(reason), -EINVAL);
    }
}

static void too_many_of_a_kind_are_refused(void **state)
{
    char ports[256] = "1", pids[256] = "1";

    (void)state;
    for (int i = 1; i < FILTER_RANGES_MAX; i++)
        strcat(ports, ",2");
    for (int i = 1; i < FILTER_LIST_MAX; i++)
        strcat(pids, ",2");
    ACCEPTED("-P", ports, "-p", pids);
    REFUSED("--port: too many; allowed: 32", "-P", ports, "-P", "3");
    REFUSED("--pid: too many; allowed: 16", "-p", pids, "-p", "3");
}

static void processes_are_named_by_number_and_name(void **state)
{
    (void)state;
    ACCEPTED("-p", "1,4194304", "-c", "fifteen letters", "-c", "a,b");
    assert_int_equal(options.capture.filter.pid_count, 2);
    assert_int_equal(options.capture.filter.pids[1], 4194304);
    assert_int_equal(options.capture.filter.comm_count, 2);
    assert_memory_equal(options.capture.filter.comms[0], "fifteen letters", 16);
    assert_memory_equal(options.capture.filter.comms[1], "a,b\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    REFUSED("--pid: 0 is not a process id; allowed: 1 to 4194304", "-p", "0");
    REFUSED("--comm: sixteen letters! is not a process name; allowed: 1 to 15 bytes, the kernel "
            "cuts longer names",
            "-c", "sixteen letters!");
    REFUSED("--comm: '' is not a process name; allowed: 1 to 15 bytes, the kernel cuts longer "
            "names",
            "-c", "");
}

static void words_become_bits(void **state)
{
    (void)state;
    ACCEPTED("--protocol", "udp,SCTP,tcp", "--op", "bind,release", "-4", "--ok");
    assert_int_equal(options.capture.filter.protocols, FILTER_UDP | FILTER_SCTP | FILTER_TCP);
    assert_int_equal(options.capture.filter.ops, 1 << PT_OP_BIND | 1 << PT_OP_RELEASE);
    assert_int_equal(options.capture.filter.families, FILTER_IPV4);
    assert_int_equal(options.capture.filter.outcomes, FILTER_SUCCESS);
    ACCEPTED("-ux6", "--op=autobind");
    assert_int_equal(options.capture.filter.protocols, FILTER_UDP);
    assert_int_equal(options.capture.filter.families, FILTER_IPV6);
    assert_int_equal(options.capture.filter.outcomes, FILTER_FAILURE);
    ACCEPTED("-t");
    assert_int_equal(options.capture.filter.protocols, FILTER_TCP | FILTER_MPTCP);
    REFUSED("--protocol: tpc is not a protocol (did you mean tcp?); allowed: tcp, udp, mptcp, "
            "sctp, raw, ping",
            "--protocol", "tcp,tpc");
    REFUSED("--op: accept is not an operation; allowed: bind, listen, connect, autobind, release",
            "--op", "accept");
}

static void errors_are_known_by_name(void **state)
{
    (void)state;
    ACCEPTED("--errno", "EADDRINUSE,eacces,5,EWOULDBLOCK");
    assert_true(options.capture.filter.by_error);
    assert_int_equal(options.capture.filter.errors[0],
                     1ull << EACCES | 1ull << 5 | 1ull << EWOULDBLOCK);
    assert_int_equal(options.capture.filter.errors[1], 1ull << (EADDRINUSE - 64));
    REFUSED("--errno: EADRINUSE is not an error (did you mean EADDRINUSE?); allowed: names such as "
            "EADDRINUSE or EACCES, or 1 to 191",
            "--errno", "EADRINUSE");
    REFUSED("--errno: EFOO is not an error; allowed: names such as EADDRINUSE or EACCES, or 1 to "
            "191",
            "--errno", "EFOO");
    assert_int_equal(PARSE("--errno", "0"), -EINVAL);
    assert_int_equal(PARSE("--errno", "192"), -EINVAL);
}

static void sizes_are_powers_of_two(void **state)
{
    (void)state;
    ACCEPTED("--buffer", "64K");
    assert_int_equal(options.capture.buffer_bytes, 64 << 10);
    ACCEPTED("--buffer", "1G");
    assert_int_equal(options.capture.buffer_bytes, 1 << 30);
    ACCEPTED("--buffer", "16mib");
    assert_int_equal(options.capture.buffer_bytes, 16 << 20);
    ACCEPTED("--buffer", "65536");
    assert_int_equal(options.capture.buffer_bytes, 65536);
    REFUSED("--buffer: 5M is not a size that the kernel takes; allowed: a power of two from 64K to "
            "1G, such as 8M",
            "--buffer", "5M");
    assert_int_equal(PARSE("--buffer", "32K"), -EINVAL);
    assert_int_equal(PARSE("--buffer", "2G"), -EINVAL);
    assert_int_equal(PARSE("--buffer", "17179869184G"), -EINVAL);
    assert_int_equal(PARSE("--buffer", "8X"), -EINVAL);
    assert_int_equal(PARSE("--buffer", "iB"), -EINVAL);
}

static void durations_have_units(void **state)
{
    static const struct {
        char *text;
        uint64_t ns;
    } durations[] = {
        {"5", 5000000000},
        {"500ms", 500000000},
        {"2m", 120000000000},
        {"1.5s", 1500000000},
        {"0.5000000ms", 500000},
        {"1.5000000ms", 1500000},
        {"0.123456789d", 10666666569600},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
        ACCEPTED("-d", durations[i].text);
        assert_int_equal(options.duration_ns, durations[i].ns);
    }
    ACCEPTED("-d", "365d");
    assert_int_equal(PARSE("-d", "366d"), -EINVAL);
    assert_int_equal(PARSE("-d", "365.9d"), -EINVAL);
    assert_int_equal(PARSE("-d", "0"), -EINVAL);
    assert_int_equal(PARSE("-d", "5 s"), -EINVAL);
    assert_int_equal(PARSE("-d", "-5"), -EINVAL);
    assert_int_equal(PARSE("-d", "1."), -EINVAL);
    assert_int_equal(PARSE("-d", "s"), -EINVAL);
    assert_int_equal(PARSE("-d", "5weeks"), -EINVAL);
}

static void names_wait_to_be_looked_up(void **state)
{
    (void)state;
    ACCEPTED("--user", "nobody", "--user", "0", "--cgroup", "system.slice", "--netns", "blue");
    assert_int_equal(options.users.count, 2);
    assert_string_equal(options.users.at[1], "0");
    assert_string_equal(options.cgroups.at[0], "system.slice");
    assert_string_equal(options.netns.at[0], "blue");
    REFUSED("--user: is empty", "--user", "");
}

static void options_that_exclude_each_other_are_refused(void **state)
{
    (void)state;
    REFUSED("--failed and --ok together leave nothing out; give one, or neither for both", "-x",
            "--ok");
    REFUSED("--ok and --errno exclude each other: what succeeded has no error", "--ok", "--errno",
            "EACCES");
    REFUSED("a release never fails, so --op release with --failed or --errno would show nothing",
            "--op", "release", "-x");
    REFUSED("--json and --verbose exclude each other: JSON always holds everything", "-jv");
    REFUSED("--read and --plan exclude each other: the events of a file were seen already", "-r",
            "f", "--plan", "fexit");
    REFUSED("--output: can be given only once", "-o", "a", "-o", "b");
    assert_int_equal(PARSE("-r", "f", "-w", "g"), -EINVAL);
    assert_int_equal(PARSE("-r", "f", "--buffer", "8M"), -EINVAL);
    assert_int_equal(PARSE("-r", "f", "--sockets", "100"), -EINVAL);
    assert_int_equal(PARSE("-r", "f", "--seccomp"), -EINVAL);
    assert_int_equal(PARSE("-r", "f", "-d", "5"), -EINVAL);
    assert_int_equal(PARSE("-w", "f", "-j"), -EINVAL);
    assert_int_equal(PARSE("-w", "f", "-v"), -EINVAL);
    assert_int_equal(PARSE("-w", "f", "-o", "g"), -EINVAL);
    assert_int_equal(PARSE("-j", "--width", "80"), -EINVAL);
    ACCEPTED("-r", "f", "-n", "5", "-P", "80", "-v", "-o", "g");
    ACCEPTED("-w", "f", "-n", "5", "-d", "5", "--plan", "kprobe");
    ACCEPTED("-jv", "--help");
}

static void port_is_what_a_lonely_number_means(void **state)
{
    (void)state;
    REFUSED("unexpected argument 8080 (did you mean --port 8080?)", "8080");
}

static void every_option_can_be_told_from_every_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < trace_syntax.row_count; i++)
        for (size_t j = i + 1; j < trace_syntax.row_count; j++) {
            const struct option_row *a = &trace_syntax.rows[i], *b = &trace_syntax.rows[j];

            assert_string_not_equal(a->name, b->name);
            assert_true(!a->letter || a->letter != b->letter);
        }
}

static void check_columns(const struct syntax *syntax)
{
    struct strbuf out = {0};

    options_help(syntax, &out);
    for (const char *line = out.text; *line; line += strcspn(line, "\n") + 1)
        assert_in_range(strcspn(line, "\n"), 0, 80);
    strbuf_free(&out);
}

static void help_fits_a_terminal_of_80_columns(void **state)
{
    (void)state;
    check_columns(&trace_syntax);
    check_columns(&doctor_syntax);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_given_means_everything),
        cmocka_unit_test(ports_add_up),
        cmocka_unit_test(wrong_ports_are_refused),
        cmocka_unit_test(too_many_of_a_kind_are_refused),
        cmocka_unit_test(processes_are_named_by_number_and_name),
        cmocka_unit_test(words_become_bits),
        cmocka_unit_test(errors_are_known_by_name),
        cmocka_unit_test(sizes_are_powers_of_two),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(names_wait_to_be_looked_up),
        cmocka_unit_test(options_that_exclude_each_other_are_refused),
        cmocka_unit_test(port_is_what_a_lonely_number_means),
        cmocka_unit_test(help_fits_a_terminal_of_80_columns),
        cmocka_unit_test(every_option_can_be_told_from_every_other),
    };

    return cmocka_run_group_tests(tests, NULL, free_error);
}
