// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sample.h"
#include "user/model/sanitize.h"
#include "user/model/unicode.h"

#define RANDOM_NAMES 20000

static struct text_style style_of(unsigned int width)
{
    return (struct text_style){.width = width, .names = sample_names()};
}

static void check(const struct text_style *style, const struct observation *seen,
                  const char *expected)
{
    struct strbuf out = {0};

    render_text_observation(style, seen, NULL, &out);
    assert_string_equal(out.text, expected);
    strbuf_free(&out);
}

static void the_header_stands_over_the_columns(void **state)
{
    struct text_style wide = style_of(0);
    struct text_style narrow = style_of(80);
    struct strbuf out = {0};

    (void)state;
    render_text_header(&wide, &out);
    render_text_header(&narrow, &out);
    assert_string_equal(
        out.text,
        "TIME         PID     COMM            OP       RESULT        PROTO OPTS   ENDPOINT\n"
        "TIME         PID     COMM       OP       RESULT        PROTO ENDPOINT\n");
    strbuf_free(&out);
}

static void a_failure_shows_errno_and_what_was_requested(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_refused_bind();

    (void)state;
    check(&style, &seen,
          "03:47:08.123 4242    python3         bind     EADDRINUSE    tcp   ...R.. "
          "127.0.0.1:8080 (http-alt, registered)\n");
    seen.local = sample_ipv4("0.0.0.0", 0);
    seen.error = 599;
    check(&style, &seen,
          "03:47:08.123 4242    python3         bind     errno 599     tcp   ...R.. "
          "127.0.0.1:8080 (http-alt, registered)\n");
    seen.requested.family = 0;
    seen.local.family = 0;
    seen.socket_known = false;
    seen.error = EBADF;
    check(&style, &seen,
          "03:47:08.123 4242    python3         bind     EBADF         -     -      -\n");
}

static void a_success_shows_what_was_bound(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_bind();

    (void)state;
    check(&style, &seen,
          "03:47:08.123 4242    python3         bind     ok            tcp   ...R.. "
          "127.0.0.1:8080 (http-alt, registered)\n");
    seen.socket.protocol = 262;
    check(&style, &seen,
          "03:47:08.123 4242    python3         bind     ok            mptcp ...R.. "
          "127.0.0.1:8080 (http-alt, registered)\n");
    seen = sample_bind();
    seen.requested.port = 0;
    seen.local.port = 40001;
    check(&style, &seen,
          "03:47:08.123 4242    python3         bind     ok            tcp   ...R.. "
          "127.0.0.1:40001 asked for :0 (registered)\n");
}

static void options_and_device_are_shown(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_bind();

    (void)state;
    seen.socket.options = 0x3f;
    strcpy(seen.socket.device, "eth0");
    check(&style, &seen,
          "03:47:08.123 4242    python3         bind     ok            tcp   FTNRr6 "
          "127.0.0.1%eth0:8080 (http-alt, registered)\n");
    strcpy(seen.socket.device, "e\n\x1b");
    seen.local = sample_ipv6("fe80::1", 80, 2);
    seen.requested = seen.local;
    check(&style, &seen,
          "03:47:08.123 4242    python3         bind     ok            tcp   FTNRr6 "
          "[fe80::1%2]%e\\n\\e:80 (well-known)\n");
}

static void the_other_operations_show_their_own(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_listen();

    (void)state;
    seen.entry = PT_ENTRY_IO_URING;
    seen.implies_autobind = true;
    check(&style, &seen,
          "03:47:08.123 4242    python3         listen   ok            tcp   ...R.. "
          "127.0.0.1:8080 [io_uring] [+autobind] backlog 128 (http-alt, registered)\n");
    seen = sample_connect();
    seen.error = EINPROGRESS;
    check(&style, &seen,
          "03:47:08.123 4242    python3         connect  EINPROGRESS   tcp   ...R.. "
          "10.0.0.5:51234 -> 10.0.0.9:443 (well-known)\n");
    seen.error = EADDRNOTAVAIL;
    seen.local.family = 0;
    check(&style, &seen,
          "03:47:08.123 4242    python3         connect  EADDRNOTAVAIL tcp   ...R.. "
          "-> 10.0.0.9:443 (well-known)\n");
    seen.error = 0;
    seen.requested = (struct pt_endpoint){0};
    check(&style, &seen,
          "03:47:08.123 4242    python3         connect  ok            tcp   ...R.. -> - "
          "[disconnect]\n");
    seen = sample_release();
    check(&style, &seen,
          "03:47:08.123 4242    python3         release  ok            tcp   ...R.. "
          "127.0.0.1:8080 held 1m23s (http-alt, registered)\n");
    seen.process_known = false;
    seen.held_ns = 0;
    check(&style, &seen,
          "03:47:08.123 -       -               release  ok            tcp   ...R.. "
          "127.0.0.1:8080 (http-alt, registered)\n");
}

static void implicit_and_kernel_binds_are_marked(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_bind();

    (void)state;
    seen.op = PT_OP_AUTOBIND;
    seen.entry = PT_ENTRY_SEND;
    seen.socket.protocol = 17;
    seen.socket.type = SOCK_DGRAM;
    seen.requested.family = 0;
    seen.local = sample_ipv4("0.0.0.0", 50000);
    check(&style, &seen,
          "03:47:08.123 4242    python3         autobind ok            udp   ...R.. "
          "0.0.0.0:50000 [implicit] [send] (dynamic)\n");
    seen.op = PT_OP_BIND;
    seen.entry = PT_ENTRY_KERNEL;
    check(&style, &seen,
          "03:47:08.123 4242    python3         bind     ok            udp   ...R.. "
          "0.0.0.0:50000 [kernel] (dynamic)\n");
}

static void raw_sockets_have_no_ports(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_bind();

    (void)state;
    seen.socket.type = SOCK_RAW;
    check(&style, &seen,
          "03:47:08.123 4242    python3         bind     ok            raw   ...R.. "
          "127.0.0.1:8080\n");
}

static void a_narrow_line_wraps_and_never_loses_the_endpoint(void **state)
{
    struct text_style style = style_of(80);
    struct observation seen = sample_refused_bind();

    (void)state;
    strcpy(seen.process.task.comm, "systemd-resolve");
    check(
        &style, &seen,
        "03:47:08.123 4242    systemd-r\xe2\x80\xa6 bind     EADDRINUSE    tcp   127.0.0.1:8080\n");
    seen.requested = sample_ipv6("2001:db8:1:2:3:4:5:6", 65535, 0);
    check(&style, &seen,
          "03:47:08.123 4242    systemd-r\xe2\x80\xa6 bind     EADDRINUSE    tcp\n"
          "             [2001:db8:1:2:3:4:5:6]:65535 (dynamic)\n");
}

static void colour_is_for_failures_and_hints(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_refused_bind();

    (void)state;
    style.colour = true;
    check(&style, &seen,
          "03:47:08.123 4242    python3         bind     \033[1;31mEADDRINUSE\033[0m    tcp   "
          "...R.. 127.0.0.1:8080 \033[2m(http-alt, registered)\033[0m\n");
    seen = sample_connect();
    seen.error = EINPROGRESS;
    check(&style, &seen,
          "03:47:08.123 4242    python3         connect  \033[33mEINPROGRESS\033[0m   tcp   "
          "...R.. 10.0.0.5:51234 -> 10.0.0.9:443 \033[2m(well-known)\033[0m\n");
}

static void verbose_adds_a_line_about_the_caller(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_refused_bind();

    (void)state;
    style.verbose = true;
    seen.socket.cookie = 255;
    seen.socket.range_low = 40000;
    seen.socket.range_high = 41000;
    seen.address_source = PT_ADDRESS_USER;
    seen.latency_partial = true;
    check(&style, &seen,
          "03:47:08.123 4242    python3         bind     EADDRINUSE    tcp   ...R.. "
          "127.0.0.1:8080 (http-alt, registered)\n"
          "             exe=/usr/bin/python3 uid=1000(alice) gid=100 parent=1 tid=4243 "
          "unit=web.service netns=4026531840 fd=3 latency>=12.3us stage=protocol "
          "requested-from=user-memory range=40000-41000 ino=12345 sk=ff "
          "args=python3 -m 'http server'\n");
}

static void verbose_names_containers(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_release();
    struct cgroup_facts *facts = &seen.process.cgroup_facts;

    (void)state;
    style.verbose = true;
    style.names = (struct render_names){0};
    seen.socket.cookie = 0;
    seen.process.exe_deleted = true;
    facts->unit = (struct bytes){0};
    facts->runtime = RUNTIME_DOCKER;
    facts->container_id =
        SAMPLE_BYTES("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    facts->pod_id = SAMPLE_BYTES("6f0c-11");
    seen.process.args.truncated = true;
    seen.process.args_size = 9000;
    check(&style, &seen,
          "03:47:08.123 4242    python3         release  ok            tcp   ...R.. "
          "127.0.0.1:8080 held 1m23s (registered)\n"
          "             exe=/usr/bin/python3(deleted) uid=1000 gid=100 parent=1 tid=4243 "
          "container=docker:0123456789ab pod=6f0c-11 netns=4026531840 taken-by=bind ino=12345 "
          "args=python3 -m 'http server' (23 of 9000 bytes)\n");
}

static void verbose_says_what_is_not_known(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_listen();

    (void)state;
    style.verbose = true;
    seen.process = (struct process_facts){.task = seen.process.task};
    seen.socket_known = false;
    check(&style, &seen,
          "03:47:08.123 4242    python3         listen   ok            -     -      "
          "127.0.0.1:8080 backlog 128 (registered)\n"
          "             uid=1000(alice) gid=100 parent=1 tid=4243 netns=4026531840 fd=3 "
          "latency=12.3us backlog=128 (description of the process lost)\n");
    seen.process_known = false;
    check(&style, &seen,
          "03:47:08.123 -       -               listen   ok            -     -      "
          "127.0.0.1:8080 backlog 128 (registered)\n"
          "             netns=4026531840 fd=3 latency=12.3us backlog=128 "
          "(port taken before the trace began)\n");
}

static void losses_are_told_by_cause_with_advice(void **state)
{
    struct text_style style = style_of(0);
    struct loss loss = {.lost = {[PT_LOSS_RING_FULL] = 150, [PT_LOSS_SOCKETS_FULL] = 3}};
    struct strbuf out = {0};

    (void)state;
    render_text_loss(&style, &loss, &out);
    assert_string_equal(out.text,
                        "*** 153 events lost here: 150 because the reader was too slow (use a "
                        "larger --buffer), 3 because too many sockets held a port at once (use a "
                        "larger --sockets)\n");
    strbuf_reset(&out);
    loss = (struct loss){.lost = {[PT_LOSS_MISSED_RETURN] = 1, [PT_LOSS_DESCRIPTION] = 2}};
    render_text_loss(&style, &loss, &out);
    assert_string_equal(out.text,
                        "*** 1 event lost here: 1 because the kernel skipped the hook at the end "
                        "of a call (try another --plan)\n"
                        "*** 2 descriptions of processes lost here because the reader was too "
                        "slow (use a larger --buffer)\n");
    strbuf_free(&out);
}

static void the_end_tells_losses_only(void **state)
{
    struct text_style style = style_of(60);
    struct trace_totals totals = {.observations = 1000};
    struct strbuf out = {0};

    (void)state;
    render_text_end(&style, &totals, &out);
    assert_int_equal(out.length, 0);
    totals.lost[PT_LOSS_CALLS_FULL] = 5;
    style.colour = true;
    render_text_end(&style, &totals, &out);
    assert_string_equal(out.text,
                        "\033[1;31m*** 5 events lost in all: 5 because too many calls were\n"
                        "             under way at once (narrow the filter)\033[0m\n");
    strbuf_free(&out);
}

static void a_name_cannot_forge_a_line(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_bind();

    (void)state;
    memcpy(seen.process.task.comm, "a\n\x1b[2J\xff\\x\0zzz", 14);
    check(&style, &seen,
          "03:47:08.123 4242    a\\n\\e[2J\\xff\\\\x bind     ok            tcp   ...R.. "
          "127.0.0.1:8080 (http-alt, registered)\n");
    memset(seen.process.task.comm, 0, PT_COMM_SIZE);
    check(&style, &seen,
          "03:47:08.123 4242    ''              bind     ok            tcp   ...R.. "
          "127.0.0.1:8080 (http-alt, registered)\n");
    memset(seen.process.task.comm, 'x', PT_COMM_SIZE);
    check(&style, &seen,
          "03:47:08.123 4242    xxxxxxxxxxxxxxxx bind     ok            tcp   ...R.. "
          "127.0.0.1:8080 (http-alt, registered)\n");
}

static size_t random_bytes(char *at, size_t most)
{
    size_t length = (size_t)rand() % (most + 1);

    for (size_t i = 0; i < length; i++)
        at[i] = (char)(rand() % 256);
    return length;
}

static unsigned int assert_clean_lines(const struct strbuf *out, unsigned int width)
{
    unsigned int lines = 0;
    unsigned int columns = 0;

    for (size_t at = 0; at < out->length;) {
        uint32_t character;
        size_t length = unicode_decode(out->text + at, out->length - at, &character);

        assert_int_not_equal(length, 0);
        if (character == '\n') {
            lines++;
            columns = 0;
        } else {
            assert_false(unicode_is_unsafe(character));
            columns += unicode_columns(character);
            assert_true(!width || columns <= width);
        }
        at += length;
    }
    assert_int_equal(out->text[out->length - 1], '\n');
    return lines;
}

static void any_names_make_clean_lines_that_fit(void **state)
{
    struct text_style wide = style_of(0);
    struct observation seen = sample_refused_bind();
    struct strbuf out = {0};
    char exe[60], args[300], unit[40], id[40];

    (void)state;
    wide.verbose = true;
    srand(3);
    for (int i = 0; i < RANDOM_NAMES; i++) {
        struct text_style narrow = style_of(100 + (unsigned int)rand() % 60);

        random_bytes(seen.process.task.comm, PT_COMM_SIZE);
        random_bytes(seen.socket.device, 4);
        seen.process.exe = sample_bytes(exe, random_bytes(exe, sizeof(exe)));
        seen.process.args = sample_bytes(args, random_bytes(args, sizeof(args)));
        seen.process.cgroup_facts.unit = sample_bytes(unit, random_bytes(unit, sizeof(unit)));
        seen.process.cgroup_facts.container_id = sample_bytes(id, random_bytes(id, sizeof(id)));

        strbuf_reset(&out);
        render_text_observation(&wide, &seen, NULL, &out);
        assert_int_equal(assert_clean_lines(&out, 0), 2);

        narrow.verbose = false;
        strbuf_reset(&out);
        render_text_observation(&narrow, &seen, NULL, &out);
        assert_in_range(assert_clean_lines(&out, narrow.width), 1, 2);
        assert_non_null(strstr(out.text, "EADDRINUSE"));
        assert_non_null(strstr(out.text, ":8080"));
    }
    strbuf_free(&out);
}

static void long_arguments_are_cut_to_the_line(void **state)
{
    static char args[PT_ARGS_MAX];
    struct text_style style = style_of(100);
    struct observation seen = sample_bind();
    struct strbuf out = {0};

    (void)state;
    memset(args, '\x1b', sizeof(args));
    style.verbose = true;
    seen.process.args = sample_bytes(args, sizeof(args));
    render_text_observation(&style, &seen, NULL, &out);
    assert_int_equal(assert_clean_lines(&out, 100), 4);
    assert_non_null(strstr(out.text, "args=$'\\e\\e"));
    assert_non_null(strstr(out.text, "\\e\xe2\x80\xa6'\n"));
    style.width = 0;
    strbuf_reset(&out);
    render_text_observation(&style, &seen, NULL, &out);
    assert_true(out.length > 2 * sizeof(args));
    strbuf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_stands_over_the_columns),
        cmocka_unit_test(a_failure_shows_errno_and_what_was_requested),
        cmocka_unit_test(a_success_shows_what_was_bound),
        cmocka_unit_test(options_and_device_are_shown),
        cmocka_unit_test(the_other_operations_show_their_own),
        cmocka_unit_test(implicit_and_kernel_binds_are_marked),
        cmocka_unit_test(raw_sockets_have_no_ports),
        cmocka_unit_test(a_narrow_line_wraps_and_never_loses_the_endpoint),
        cmocka_unit_test(colour_is_for_failures_and_hints),
        cmocka_unit_test(verbose_adds_a_line_about_the_caller),
        cmocka_unit_test(verbose_names_containers),
        cmocka_unit_test(verbose_says_what_is_not_known),
        cmocka_unit_test(losses_are_told_by_cause_with_advice),
        cmocka_unit_test(the_end_tells_losses_only),
        cmocka_unit_test(a_name_cannot_forge_a_line),
        cmocka_unit_test(any_names_make_clean_lines_that_fit),
        cmocka_unit_test(long_arguments_are_cut_to_the_line),
    };

    return cmocka_run_group_tests_name("render_text", tests, NULL, NULL);
}
