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
#include "user/render/report.h"

#define RANDOM_REPORTS 3000
#define NARROWEST      20
#define WIDEST         200

static const struct process_facts server_processes[] = {
    {.task = {.pid = 1188, .uid = 1000, .comm = "node"},
     .exe = SAMPLE_BYTES("/usr/bin/node"),
     .cgroup_facts = {.unit = SAMPLE_BYTES("web.service")}},
    {.task = {.pid = 1189, .uid = 33, .comm = "node"}},
};

static const struct holder_process server[] = {
    {.process = &server_processes[0], .fd = 19},
    {.process = &server_processes[1], .fd = 19},
};

static const struct holder listener = {
    .seen = {.flags = PT_HOLDER_OWNER_KNOWN, .source = PT_HOLDER_CHECK},
    .processes = server,
    .process_count = 1,
};

static struct text_style style_of(unsigned int width)
{
    return (struct text_style){.width = width, .names = sample_names()};
}

/* The example of the tone. */
static void sample_explanation(struct explanation *explanation)
{
    *explanation = (struct explanation){
        .reason = REASON_LISTENER,
        .confidence = CONFIDENCE_CHECK,
        .check = "inet_csk_get_port",
        .holders = {&listener},
        .holder_count = 1,
        .note_count = 1,
        .help_count = 2,
    };
    strbuf_puts(&explanation->sentence, "python3 (pid 4242) cannot bind 127.0.0.1:8080/tcp: "
                                        "another process is listening there");
    strbuf_puts(&explanation->holder_lines[0], "node /srv/web/server.js, pid 1188, user alice");
    strbuf_puts(&explanation->notes[0],
                "your socket has SO_REUSEADDR; that does not help while someone listens");
    strbuf_puts(&explanation->helps[0], "systemctl stop web.service");
    strbuf_puts(&explanation->helps[1], "or use a free port: 8081, 8082, 8090");
}

static void forget(struct explanation *explanation)
{
    strbuf_free(&explanation->sentence);
    for (int i = 0; i < EXPLAIN_HOLDERS_MAX; i++)
        strbuf_free(&explanation->holder_lines[i]);
    for (int i = 0; i < EXPLAIN_NOTES_MAX; i++)
        strbuf_free(&explanation->notes[i]);
    for (int i = 0; i < EXPLAIN_HELPS_MAX; i++)
        strbuf_free(&explanation->helps[i]);
}

static void check(unsigned int width, const struct observation *seen,
                  const struct explanation *explanation, const char *expected)
{
    struct text_style style = style_of(width);
    struct strbuf out = {0};

    render_report(&style, seen, explanation, &out);
    assert_string_equal(out.text, expected);
    strbuf_free(&out);
}

static void check_part(const struct observation *seen, const struct explanation *explanation,
                       const char *expected)
{
    struct text_style style = style_of(0);
    struct strbuf out = {0};

    render_report(&style, seen, explanation, &out);
    if (!strstr(out.text, expected))
        fail_msg("%s is not in %s", expected, out.text);
    strbuf_free(&out);
}

static void check_missing(const struct observation *seen, const struct explanation *explanation,
                          const char *unexpected)
{
    struct text_style style = style_of(0);
    struct strbuf out = {0};

    render_report(&style, seen, explanation, &out);
    if (strstr(out.text, unexpected))
        fail_msg("%s is in %s", unexpected, out.text);
    strbuf_free(&out);
}

static void a_report_has_title_evidence_holders_notes_and_help(void **state)
{
    struct observation seen = sample_refused_bind();
    struct explanation explanation;

    (void)state;
    sample_explanation(&explanation);
    check(0, &seen, &explanation,
          "error[P001]: python3 (pid 4242) cannot bind 127.0.0.1:8080/tcp: another process is "
          "listening there\n"
          "   --> bind(fd 3, 127.0.0.1:8080) = EADDRINUSE, refused by inet_csk_get_port\n"
          "    = holder: node /srv/web/server.js, pid 1188, user alice\n"
          "    = note: your socket has SO_REUSEADDR; that does not help while someone listens\n"
          "    = help: systemctl stop web.service\n"
          "    = help: or use a free port: 8081, 8082, 8090\n");
    forget(&explanation);
}

static void a_report_wraps_between_words_and_hangs(void **state)
{
    struct observation seen = sample_refused_bind();
    struct explanation explanation;

    (void)state;
    sample_explanation(&explanation);
    explanation.help_count = 1;
    strbuf_puts(&explanation.helps[0],
                " && run 'a long word' --of=words/that/are/never/broken/ever");
    check(50, &seen, &explanation,
          "error[P001]: python3 (pid 4242) cannot bind\n"
          "    127.0.0.1:8080/tcp: another process is\n"
          "    listening there\n"
          "   --> bind(fd 3, 127.0.0.1:8080) = EADDRINUSE,\n"
          "       refused by inet_csk_get_port\n"
          "    = holder: node /srv/web/server.js, pid 1188,\n"
          "            user alice\n"
          "    = note: your socket has SO_REUSEADDR; that\n"
          "            does not help while someone listens\n"
          "    = help: systemctl stop web.service && run\n"
          "            'a long word'\n"
          "            --of=words/that/are/never/broken/ever\n");
    forget(&explanation);
}

static void the_call_is_told_by_its_kind_and_entry(void **state)
{
    struct observation seen = sample_refused_bind();
    struct explanation explanation;

    (void)state;
    sample_explanation(&explanation);
    seen.entry = PT_ENTRY_IO_URING;
    check_part(&seen, &explanation, "   --> bind by io_uring(fd 3, 127.0.0.1:8080) = EADDRINUSE,");
    seen.entry = PT_ENTRY_KERNEL;
    seen.fd = -1;
    check_part(&seen, &explanation, "   --> bind by the kernel(127.0.0.1:8080) = EADDRINUSE,");
    strcpy(seen.socket.device, "e\x1b");
    check_part(&seen, &explanation, "(127.0.0.1%e\\e:8080)");
    seen = sample_refused_bind();
    seen.address_size = 8;
    seen.error = EINVAL;
    explanation.check = NULL;
    check_part(&seen, &explanation, "bind(fd 3, 127.0.0.1:8080, 8 bytes) = EINVAL\n");
    seen.requested.family = 1;
    seen.address_size = 16;
    seen.error = 599;
    check_part(&seen, &explanation, "bind(fd 3, family 1) = errno 599\n");
    seen.requested = sample_ipv6("fe80::1", 53, 2);
    seen.address_size = 28;
    check_part(&seen, &explanation, "bind(fd 3, [fe80::1%2]:53) = ");
    seen.requested.family = 0;
    check_part(&seen, &explanation, "bind(fd 3) = ");
    seen = sample_listen();
    seen.error = EADDRINUSE;
    check_part(&seen, &explanation, "listen(fd 3, backlog 128) on 127.0.0.1:8080 = EADDRINUSE\n");
    seen = sample_connect();
    seen.error = EADDRNOTAVAIL;
    check_part(&seen, &explanation,
               "connect(fd 3, 10.0.0.9:443) from 10.0.0.5:51234 = EADDRNOTAVAIL\n");
    seen.local = (struct pt_endpoint){0};
    check_part(&seen, &explanation, "connect(fd 3, 10.0.0.9:443) = EADDRNOTAVAIL\n");
    seen = sample_bind();
    seen.op = PT_OP_AUTOBIND;
    seen.entry = PT_ENTRY_SEND;
    seen.requested.family = 0;
    seen.error = EAGAIN;
    check_part(&seen, &explanation, "autobind by a send(fd 3) = EAGAIN\n");
    forget(&explanation);
}

static void confidence_is_told_where_the_check_was_not_seen(void **state)
{
    struct observation seen = sample_refused_bind();
    struct explanation explanation;

    (void)state;
    sample_explanation(&explanation);
    explanation.note_count = 0;
    check_missing(&seen, &explanation, "note");
    explanation.confidence = CONFIDENCE_TABLE;
    check_part(&seen, &explanation,
               "= note: the holder is the last one that porttrace saw taking the port\n");
    explanation.holders_left_out = 1;
    check_part(&seen, &explanation,
               "= note: the first holder is the last one that porttrace saw taking the port\n");
    explanation.holders_left_out = 0;
    explanation.confidence = CONFIDENCE_LOOKUP;
    check_part(&seen, &explanation, "= note: the holder was looked up after the refusal\n");
    explanation.looked_before = true;
    check_part(&seen, &explanation, "= note: the holder was looked up before the refusal\n");
    explanation.looked_before = false;
    explanation.looked_after_ns = 3400000;
    check_part(&seen, &explanation, "= note: the holder was looked up 3 ms after the refusal\n");
    explanation.looked_after_ns = 120000;
    explanation.holders[1] = &listener;
    explanation.holder_count = 2;
    check_part(&seen, &explanation,
               "= note: the holders were looked up 120 us after the refusal\n");
    explanation.looked_after_ns = 12000000000;
    check_part(&seen, &explanation, "looked up 12 s after");
    explanation.holder_count = 0;
    check_missing(&seen, &explanation, "looked up");
    explanation.confidence = CONFIDENCE_DEDUCED;
    check_part(&seen, &explanation,
               "= note: deduced from the error and from the rules of this host\n");
    forget(&explanation);
}

static void more_than_fits_and_a_second_reason_are_told(void **state)
{
    struct observation seen = sample_refused_bind();
    struct explanation explanation;

    (void)state;
    sample_explanation(&explanation);
    explanation.holders_left_out = 12;
    check_part(&seen, &explanation, "user alice\n    = holder: and 12 more sockets\n");
    explanation.holders_left_out = 1;
    check_part(&seen, &explanation, "    = holder: and 1 more socket\n");
    explanation.also = REASON_PRIVILEGED_PORT;
    check_part(&seen, &explanation, "inet_csk_get_port\n    = also: P016, ");
    explanation.reason = REASON_UNKNOWN;
    check_part(&seen, &explanation, "error[P000]: python3 ");
    forget(&explanation);
}

static void nothing_to_explain_gives_no_report(void **state)
{
    struct observation seen = sample_bind();
    struct explanation explanation = {0};
    struct text_style style = style_of(0);
    struct strbuf out = {0};

    (void)state;
    render_report(&style, &seen, &explanation, &out);
    assert_int_equal(out.length, 0);
    strbuf_free(&out);
}

static void colours_are_those_of_a_compiler(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_refused_bind();
    struct explanation explanation;
    struct strbuf out = {0};

    (void)state;
    sample_explanation(&explanation);
    style.colour = true;
    render_report(&style, &seen, &explanation, &out);
    assert_non_null(strstr(out.text, "\033[1;31merror[P001]:\033[0m\033[1m python3"));
    assert_non_null(strstr(out.text, "\033[1;34m   -->\033[0m bind("));
    assert_non_null(strstr(out.text, "\033[1;34m    =\033[0m \033[1;36mnote:\033[0m your"));
    assert_non_null(strstr(out.text, "\033[1;32mhelp:\033[0m systemctl"));
    strbuf_free(&out);
    forget(&explanation);
}

static void a_verdict_is_ok_with_notes_or_what_would_be_refused(void **state)
{
    struct text_style style = style_of(0);
    struct observation asked = sample_bind();
    struct explanation explanation = {.note_count = 1};
    struct strbuf out = {0};

    (void)state;
    asked.fd = -1;
    strbuf_puts(&explanation.notes[0], "the port is reserved");
    render_verdict(&style, &asked, &explanation, NULL, &out);
    assert_string_equal(out.text, "ok: 127.0.0.1:8080/tcp can be bound now\n"
                                  "    = note: the port is reserved\n");
    strbuf_reset(&out);
    asked.op = PT_OP_LISTEN;
    explanation.note_count = 0;
    render_verdict(&style, &asked, &explanation, NULL, &out);
    assert_string_equal(out.text, "ok: 127.0.0.1:8080/tcp can be listened on now\n");
    strbuf_reset(&out);
    render_verdict(&style, &asked, &explanation, "other users", &out);
    assert_string_equal(out.text, "unknown: 127.0.0.1:8080/tcp can perhaps be listened on now\n"
                                  "    = note: not seen: other users\n");
    forget(&explanation);
    sample_explanation(&explanation);
    explanation.confidence = CONFIDENCE_LOOKUP;
    explanation.note_count = 0;
    explanation.help_count = 0;
    asked.error = EADDRINUSE;
    strbuf_reset(&out);
    render_verdict(&style, &asked, &explanation, NULL, &out);
    assert_string_equal(
        out.text,
        "error[P001]: python3 (pid 4242) cannot bind 127.0.0.1:8080/tcp: another process is "
        "listening there\n"
        "   --> bind(127.0.0.1:8080) and listen() would fail with EADDRINUSE, refused by "
        "inet_csk_get_port\n"
        "    = holder: node /srv/web/server.js, pid 1188, user alice\n");
    strbuf_free(&out);
    forget(&explanation);
}

static void check_reason(const struct explanation *explanation, const char *expected)
{
    struct observation seen = sample_refused_bind();
    struct text_style style = style_of(0);
    struct strbuf out = {0};

    render_text_observation(&style, &seen, explanation, &out);
    assert_non_null(strstr(out.text, "\n             P"));
    assert_string_equal(strchr(out.text, '\n') + 1 + 13, expected);
    strbuf_free(&out);
}

static void a_trace_tells_the_reason_below_the_call(void **state)
{
    struct holder shared = listener;
    struct explanation explanation;

    (void)state;
    sample_explanation(&explanation);
    check_reason(&explanation, "P001 another process is listening there: node, pid 1188, alice, "
                               "web.service\n");
    shared.process_count = 2;
    explanation.holders[0] = &shared;
    explanation.holders_left_out = 2;
    explanation.confidence = CONFIDENCE_LOOKUP;
    explanation.looked_after_ns = 3400000;
    check_reason(&explanation,
                 "P001 another process is listening there: node, pid 1188, alice, web.service, "
                 "with 1 more process and 2 more sockets (looked up 3.40ms later)\n");
    explanation.looked_after_ns = 0;
    explanation.looked_before = true;
    check_reason(&explanation,
                 "P001 another process is listening there: node, pid 1188, alice, web.service, "
                 "with 1 more process and 2 more sockets (looked up before)\n");
    shared = (struct holder){.seen = {.flags = PT_HOLDER_KERNEL}};
    explanation.holders_left_out = 0;
    explanation.reason = REASON_KERNEL_SOCKET;
    explanation.confidence = CONFIDENCE_TABLE;
    check_reason(&explanation, "P027 the kernel itself holds the port (from porttrace's table)\n");
    explanation.reason = REASON_LISTENER;
    shared.seen = (struct pt_holder){.flags = PT_HOLDER_OWNER_KNOWN, .task = sample_process().task};
    shared.seen.task.uid = 77;
    explanation.confidence = CONFIDENCE_DEDUCED;
    check_reason(&explanation,
                 "P001 another process is listening there: python3, pid 4242, uid 77 (deduced)\n");
    shared.seen.socket.state = 6;
    check_reason(&explanation, "P001 another process is listening there: formerly python3, pid "
                               "4242, uid 77 (deduced)\n");
    explanation.holder_count = 0;
    explanation.confidence = CONFIDENCE_CHECK;
    explanation.also = REASON_KERNEL_SOCKET;
    check_reason(&explanation, "P001 another process is listening there; also P027, the kernel "
                               "itself holds the port\n");
    forget(&explanation);
}

static void a_container_is_named_by_its_short_id(void **state)
{
    struct process_facts facts = server_processes[0];
    const struct holder_process process = {.process = &facts, .fd = 19};
    struct holder holder = listener;
    struct explanation explanation;

    (void)state;
    facts.cgroup_facts.runtime = RUNTIME_DOCKER;
    facts.cgroup_facts.container_id = SAMPLE_BYTES("0123456789abcdef0123456789abcdef");
    holder.processes = &process;
    sample_explanation(&explanation);
    explanation.holders[0] = &holder;
    check_reason(&explanation, "P001 another process is listening there: node, pid 1188, alice, "
                               "docker 0123456789ab\n");
    facts.cgroup_facts.runtime = RUNTIME_UNKNOWN;
    facts.cgroup_facts.container_id = SAMPLE_BYTES("\033[31m");
    check_reason(&explanation, "P001 another process is listening there: node, pid 1188, alice, "
                               "container \\e[31m\n");
    forget(&explanation);
}

static void nothing_known_gives_no_second_line(void **state)
{
    struct text_style style = style_of(0);
    struct observation seen = sample_bind();
    struct explanation explanation;
    struct strbuf out = {0};

    (void)state;
    sample_explanation(&explanation);
    render_text_observation(&style, &seen, &explanation, &out);
    assert_ptr_equal(strchr(out.text, '\n'), out.text + out.length - 1);
    seen.error = EADDRINUSE;
    explanation.reason = REASON_UNKNOWN;
    explanation.holder_count = 0;
    strbuf_reset(&out);
    render_text_observation(&style, &seen, &explanation, &out);
    assert_non_null(strstr(out.text, "P000 the reason is not known; "));
    assert_non_null(strstr(out.text, explanation.notes[0].text));
    explanation.note_count = 0;
    strbuf_reset(&out);
    render_text_observation(&style, &seen, &explanation, &out);
    assert_ptr_equal(strchr(out.text, '\n'), out.text + out.length - 1);
    strbuf_free(&out);
    forget(&explanation);
}

static void add_random(struct strbuf *out)
{
    char bytes[60];
    size_t size = (size_t)rand() % sizeof(bytes);

    strbuf_reset(out);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(rand() % 4 ? "ab '$\\"[rand() % 6] : rand() % 256);
    sanitize_add(out, bytes, size);
}

/* Wider than the terminal is only what is one word. */
static void assert_fits(const struct strbuf *out, unsigned int width)
{
    const char *at = out->text;

    for (const char *end; (end = strchr(at, '\n')); at = end + 1) {
        size_t length = (size_t)(end - at);
        size_t indent = strspn(at, " ");

        for (size_t i = 0; i < length; i++)
            assert_true((unsigned char)at[i] >= ' ' && at[i] != '\x7f');
        if (sanitize_columns(at, length) > width && !memchr(at, '\'', length) &&
            strncmp(at + indent, "= ", 2) != 0 && strncmp(at + indent, "-->", 3) != 0 &&
            strncmp(at, "error[", 6) != 0)
            assert_null(memchr(at + indent, ' ', length - indent));
    }
    assert_string_equal(at, "");
}

static void any_text_and_width_keep_the_lines(void **state)
{
    struct observation seen = sample_refused_bind();
    struct explanation explanation;
    struct strbuf out = {0};

    (void)state;
    srand(11);
    sample_explanation(&explanation);
    for (int i = 0; i < RANDOM_REPORTS; i++) {
        unsigned int width = NARROWEST + (unsigned int)i % (WIDEST - NARROWEST + 1);
        struct text_style style = style_of(width);

        add_random(&explanation.sentence);
        add_random(&explanation.holder_lines[0]);
        add_random(&explanation.notes[0]);
        add_random(&explanation.helps[0]);
        strbuf_reset(&out);
        render_report(&style, &seen, &explanation, &out);
        if (!explanation.sentence.length) {
            assert_int_equal(out.length, 0);
            continue;
        }
        assert_null(memchr(out.text, '\033', out.length));
        assert_fits(&out, width);
    }
    strbuf_free(&out);
    forget(&explanation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_has_title_evidence_holders_notes_and_help),
        cmocka_unit_test(a_report_wraps_between_words_and_hangs),
        cmocka_unit_test(the_call_is_told_by_its_kind_and_entry),
        cmocka_unit_test(confidence_is_told_where_the_check_was_not_seen),
        cmocka_unit_test(more_than_fits_and_a_second_reason_are_told),
        cmocka_unit_test(nothing_to_explain_gives_no_report),
        cmocka_unit_test(colours_are_those_of_a_compiler),
        cmocka_unit_test(a_verdict_is_ok_with_notes_or_what_would_be_refused),
        cmocka_unit_test(a_trace_tells_the_reason_below_the_call),
        cmocka_unit_test(a_container_is_named_by_its_short_id),
        cmocka_unit_test(nothing_known_gives_no_second_line),
        cmocka_unit_test(any_text_and_width_keep_the_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
