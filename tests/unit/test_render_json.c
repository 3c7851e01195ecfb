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
#include "tests/unit/strict_json.h"
#include "user/render/json_memo.h"
#include "user/model/sanitize.h"

#define RANDOM_NAMES   200000
#define RANDOM_RECORDS 5000

static const struct trace_facts trace = {
    .host = "web1", .kernel = "6.1.0", .boot_id = "b007", .plan = PT_PLAN_FEXIT};

/* What the schema says of bytes that are not UTF-8. */
static void undo_text(const struct strbuf *text, struct strbuf *out)
{
    for (size_t at = 0; at < text->length; at++) {
        if (text->text[at] != '\\') {
            strbuf_putc(out, text->text[at]);
        } else if (text->text[at + 1] == 'x') {
            strbuf_putc(out, (char)hex(text->text + at + 2, 2));
            at += 3;
        } else {
            strbuf_putc(out, text->text[++at]);
        }
    }
}

static size_t random_name(char *at, size_t most)
{
    static const char nasty[] =
        "\\\\x1bu\"/\n\x1b\x7f\xe2\x80\xae\xaa\xcc\x81\xc2\x9b\xf0\x9f\xed ";
    size_t length = (size_t)rand() % (most + 1);

    for (size_t i = 0; i < length; i++)
        at[i] = rand() % 2 ? nasty[(size_t)rand() % (sizeof(nasty) - 1)] : (char)(rand() % 256);
    return length;
}

static void any_name_is_valid_json_and_can_be_read_back(void **state)
{
    struct strbuf json = {0};
    struct strbuf text = {0};
    struct strbuf back = {0};
    char name[24];

    (void)state;
    srand(4);
    for (int i = 0; i < RANDOM_NAMES; i++) {
        size_t length = random_name(name, sizeof(name));

        strbuf_reset(&json);
        strbuf_reset(&text);
        strbuf_reset(&back);
        strbuf_putc(&json, '"');
        sanitize_add_json(&json, name, length);
        strbuf_putc(&json, '"');
        assert_ptr_equal(skip_string(json.text, json.text + json.length), json.text + json.length);
        undo_json(json.text + 1, json.length - 2, &text);
        undo_text(&text, &back);
        assert_int_equal(back.length, length);
        if (length)
            assert_memory_equal(back.text, name, length);
    }
    strbuf_free(&json);
    strbuf_free(&text);
    strbuf_free(&back);
}

static void any_names_make_one_line_of_json(void **state)
{
    struct observation seen = sample_refused_bind();
    struct render_names names = sample_names();
    struct strbuf out = {0};
    char exe[60], args[300], path[60], id[40];

    (void)state;
    srand(5);
    for (int i = 0; i < RANDOM_RECORDS; i++) {
        random_name(seen.process.task.comm, PT_COMM_SIZE);
        random_name(seen.socket.device, PT_DEVICE_SIZE);
        seen.process.exe = sample_bytes(exe, random_name(exe, sizeof(exe)));
        seen.process.args = sample_bytes(args, random_name(args, sizeof(args)));
        seen.process.cgroup = sample_bytes(path, random_name(path, sizeof(path)));
        seen.process.cgroup_facts.container_id = sample_bytes(id, random_name(id, sizeof(id)));
        strbuf_reset(&out);
        render_json_observation(&trace, &names, NULL, &seen, NULL, &out);
        assert_one_json_line(&out);
        assert_int_equal(strlen(out.text), out.length);
        assert_non_null(strstr(out.text, "\"EADDRINUSE\""));
    }
    strbuf_free(&out);
}

static void check(const struct observation *seen, const char *expected)
{
    struct render_names names = sample_names();
    struct strbuf out = {0};

    render_json_observation(&trace, &names, NULL, seen, NULL, &out);
    assert_one_json_line(&out);
    assert_string_equal(out.text, expected);
    strbuf_free(&out);
}

static void check_with(struct json_memo *memo, const struct observation *seen)
{
    struct render_names names = sample_names();
    struct strbuf with = {0}, without = {0};

    render_json_observation(&trace, &names, memo, seen, NULL, &with);
    render_json_observation(&trace, &names, NULL, seen, NULL, &without);
    assert_string_equal(with.text, without.text);
    strbuf_free(&with);
    strbuf_free(&without);
}

static void a_memo_changes_nothing(void **state)
{
    struct observation seen = sample_refused_bind();
    struct json_memo memo = {0};

    (void)state;
    check_with(&memo, &seen);
    check_with(&memo, &seen);
    seen.process.task.tid++;
    check_with(&memo, &seen);
    seen.process.task.comm[0] ^= 1;
    check_with(&memo, &seen);
    seen.process.task.uid++;
    check_with(&memo, &seen);
    seen.process.exe = sample_bytes("/other", 6);
    seen.process.revision++;
    check_with(&memo, &seen);
    seen.wall_ns += 1000000000;
    check_with(&memo, &seen);
    seen.time_ns += 1000000000;
    check_with(&memo, &seen);
    seen.process_known = false;
    check_with(&memo, &seen);
    seen = sample_release();
    check_with(&memo, &seen);
    json_memo_free(&memo);
}

static void check_part(const struct observation *seen, const char *expected)
{
    struct strbuf out = {0};

    render_json_observation(&trace, NULL, NULL, seen, NULL, &out);
    assert_one_json_line(&out);
    if (!strstr(out.text, expected))
        fail_msg("%s is not in %s", expected, out.text);
    strbuf_free(&out);
}

static void check_missing(const struct observation *seen, const char *unexpected)
{
    struct strbuf out = {0};

    render_json_observation(&trace, NULL, NULL, seen, NULL, &out);
    assert_one_json_line(&out);
    if (strstr(out.text, unexpected))
        fail_msg("%s is in %s", unexpected, out.text);
    strbuf_free(&out);
}

static void a_failure_is_told_whole(void **state)
{
    struct observation seen = sample_refused_bind();

    (void)state;
    check(&seen,
          "{\"@timestamp\":\"2026-11-21T03:47:08.123456789Z\","
          "\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"info\"],"
          "\"action\":\"bind\",\"outcome\":\"failure\",\"id\":\"b007:1000000000:7\","
          "\"sequence\":7,\"duration\":12345},"
          "\"error\":{\"type\":\"EADDRINUSE\",\"code\":98,"
          "\"message\":\"Address already in use\"},"
          "\"process\":{\"pid\":4242,\"thread\":{\"id\":4243},\"parent\":{\"pid\":1},"
          "\"name\":\"python3\",\"start\":\"2026-11-21T03:47:07.623456789Z\","
          "\"entity_id\":\"b007:4242:500000000\",\"executable\":\"/usr/bin/python3\","
          "\"args\":[\"python3\",\"-m\",\"http server\"],\"args_count\":3},"
          "\"user\":{\"id\":\"1000\",\"name\":\"alice\"},\"group\":{\"id\":\"100\"},"
          "\"network\":{\"transport\":\"tcp\",\"iana_number\":\"6\",\"type\":\"ipv4\"},"
          "\"host\":{\"name\":\"web1\",\"boot\":{\"id\":\"b007\"},\"os\":{\"kernel\":\"6.1.0\"}},"
          "\"porttrace\":{\"plan\":\"fexit\",\"lost_before\":0,\"entry\":\"syscall\","
          "\"stage\":\"protocol\",\"requested\":{\"family\":2,\"address\":\"127.0.0.1\","
          "\"port\":8080,\"source\":\"kernel\"},\"address_size\":16,\"fd\":3,"
          "\"implies_autobind\":false,\"duration_partial\":false,"
          "\"socket\":{\"cookie\":\"18446744073709551615\",\"inode\":\"12345\",\"family\":2,"
          "\"type\":\"stream\",\"protocol\":6,\"state\":\"close\",\"options\":[\"REUSEADDR\"]},"
          "\"netns\":4026531840,"
          "\"process\":{\"described\":true,\"exe_deleted\":false,\"exe_truncated\":false,"
          "\"args_truncated\":false,\"args_size\":23},"
          "\"cgroup\":{\"id\":\"9007199254740993\",\"path\":\"/system.slice/web.service\"},"
          "\"unit\":\"web.service\"}}\n");
}

static void a_release_of_an_unknown_owner_is_told_whole(void **state)
{
    struct observation seen = sample_release();

    (void)state;
    seen.process_known = false;
    seen.process = (struct process_facts){0};
    seen.socket_known = false;
    seen.lost_before = 2;
    check(&seen, "{\"@timestamp\":\"2026-11-21T03:47:08.123456789Z\","
                 "\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"end\"],"
                 "\"action\":\"release\",\"outcome\":\"success\",\"id\":\"b007:1000000000:7\","
                 "\"sequence\":7},"
                 "\"network\":{\"local\":{\"address\":\"127.0.0.1\",\"port\":8080}},"
                 "\"host\":{\"name\":\"web1\",\"boot\":{\"id\":\"b007\"},"
                 "\"os\":{\"kernel\":\"6.1.0\"}},"
                 "\"porttrace\":{\"plan\":\"fexit\",\"lost_before\":2,\"held_ns\":83000000000,"
                 "\"taken_by\":\"bind\"}}\n");
}

static void a_connect_has_a_destination(void **state)
{
    struct observation seen = sample_connect();

    (void)state;
    check_part(&seen, "\"type\":[\"start\",\"connection\"],\"action\":\"connect\","
                      "\"outcome\":\"success\"");
    check_part(&seen, "\"destination\":{\"address\":\"10.0.0.9\",\"ip\":\"10.0.0.9\","
                      "\"port\":443}");
    check_part(&seen, "\"local\":{\"address\":\"10.0.0.5\",\"port\":51234}");
    seen.error = EINPROGRESS;
    check_part(&seen, "\"outcome\":\"unknown\"");
    check_part(&seen, "\"error\":{\"type\":\"EINPROGRESS\",\"code\":115,");
    seen.error = EACCES;
    check_part(&seen, "\"type\":[\"connection\",\"denied\"]");
    check_part(&seen, "\"outcome\":\"failure\"");
    seen.requested.family = AF_UNIX;
    check_missing(&seen, "\"destination\"");
    check_part(&seen, "\"requested\":{\"family\":1,\"source\":\"kernel\"}");
    seen.requested.family = 0;
    check_missing(&seen, "\"requested\"");
    seen.error = 0; /* AF_UNSPEC takes the connection back */
    check_missing(&seen, "\"destination\"");
    check_part(&seen, "\"requested\":{\"family\":0,\"source\":\"kernel\"}");
}

static void only_what_is_known_is_told(void **state)
{
    struct observation seen = sample_listen();

    (void)state;
    check_part(&seen, "\"backlog\":128");
    check_missing(&seen, "\"requested\"");
    check_missing(&seen, "\"error\"");
    check_missing(&seen, "\"address_size\"");
    check_missing(&seen, "\"device\"");
    seen.process = (struct process_facts){.task = seen.process.task};
    seen.fd = -1;
    check_part(&seen, "\"process\":{\"described\":false}");
    check_missing(&seen, "\"args");
    check_missing(&seen, "\"executable\"");
    check_missing(&seen, "\"fd\"");
    check_part(&seen, "\"cgroup\":{\"id\":\"9007199254740993\"}");
    seen.process.task.start_ns = 0;
    check_missing(&seen, "\"entity_id\"");
    seen = sample_bind();
    check_missing(&seen, "\"backlog\"");
    seen.address_size = (uint32_t)-1;
    check_part(&seen, "\"address_size\":-1,");
}

static void sockets_and_places_are_told(void **state)
{
    struct observation seen = sample_bind();
    struct cgroup_facts *facts = &seen.process.cgroup_facts;

    (void)state;
    seen.socket.options = 0x3f;
    strcpy(seen.socket.device, "e\"0");
    seen.socket.device_ifindex = 2;
    seen.socket.range_low = 40000;
    seen.socket.range_high = 41000;
    check_part(&seen, "\"options\":[\"FREEBIND\",\"TRANSPARENT\",\"BIND_ADDRESS_NO_PORT\","
                      "\"REUSEADDR\",\"REUSEPORT\",\"V6ONLY\"],\"device\":\"e\\\"0\","
                      "\"device_ifindex\":2,\"local_port_range\":{\"low\":40000,\"high\":41000}}");
    seen.socket.protocol = 262;
    check_part(&seen, "\"network\":{\"transport\":\"mptcp\",\"type\":\"ipv4\",");
    seen.local = sample_ipv6("fe80::1", 80, 3);
    check_part(&seen, "\"local\":{\"address\":\"fe80::1\",\"port\":80,\"scope_id\":3}");
    check_missing(&seen, "\"container\"");
    facts->runtime = RUNTIME_UNKNOWN;
    facts->container_id = SAMPLE_BYTES("abc");
    facts->pod_id = SAMPLE_BYTES("6f0c-11");
    check_part(&seen, "\"container\":{\"id\":\"abc\"}");
    check_part(&seen, "\"orchestrator\":{\"type\":\"kubernetes\",\"resource\":{\"type\":\"pod\","
                      "\"id\":\"6f0c-11\"}}");
    facts->runtime = RUNTIME_PODMAN;
    check_part(&seen, "\"container\":{\"id\":\"abc\",\"runtime\":\"podman\"}");
}

static void what_was_shortened_says_so(void **state)
{
    struct observation seen = sample_bind();

    (void)state;
    seen.process.args.truncated = true;
    seen.process.args_size = 9000;
    seen.process.exe.truncated = true;
    seen.process.exe_deleted = true;
    seen.process.cgroup.truncated = true;
    check_part(&seen, "\"exe_deleted\":true,\"exe_truncated\":true,\"args_truncated\":true,"
                      "\"args_size\":9000");
    check_part(&seen, "\"path_truncated\":true}");
}

static void hostile_names_stay_inside_their_strings(void **state)
{
    struct observation seen = sample_bind();

    (void)state;
    memcpy(seen.process.task.comm, "\",\"pid\":1,\n\xff\\", 13);
    seen.process.args = SAMPLE_BYTES("a\0\0\x1b\xe2\x80\xae");
    check_part(&seen, "\"name\":\"\\\",\\\"pid\\\":1,\\u000a\\\\xff\\\\\\\\\"");
    check_part(&seen, "\"args\":[\"a\",\"\",\"\\u001b\\u202e\"],\"args_count\":3");
    seen.process.args = SAMPLE_BYTES("");
    check_part(&seen, "\"args\":[],\"args_count\":0");
}

static void the_trace_itself_is_told(void **state)
{
    struct trace_totals totals = {.observations = 1000, .lost = {150, 3, 0, 0, 2}};
    struct loss loss = {
        .time_ns = 5, .wall_ns = 1795232828123456789, .sequence = 9, .lost = {1, 0, 0, 4, 0}};
    struct strbuf out = {0};

    (void)state;
    render_json_start(&trace, loss.wall_ns, &out);
    assert_one_json_line(&out);
    assert_string_equal(
        out.text, "{\"@timestamp\":\"2026-11-21T03:47:08.123456789Z\","
                  "\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"info\"],"
                  "\"action\":\"trace-start\",\"id\":\"b007:1795232828123456789:trace-start\"},"
                  "\"host\":{\"name\":\"web1\",\"boot\":{\"id\":\"b007\"},"
                  "\"os\":{\"kernel\":\"6.1.0\"}},"
                  "\"porttrace\":{\"plan\":\"fexit\",\"with_holders\":false}}\n");
    strbuf_reset(&out);
    render_json_loss(&trace, &loss, &out);
    assert_one_json_line(&out);
    assert_non_null(strstr(out.text, "\"action\":\"loss\",\"id\":\"b007:5:loss\""));
    assert_non_null(strstr(out.text, "\"porttrace\":{\"plan\":\"fexit\",\"next_sequence\":9,"
                                     "\"lost\":{\"events\":5,\"ring_full\":1,\"calls_full\":0,"
                                     "\"sockets_full\":0,\"missed_return\":4,\"description\":0,"
                                     "\"skipped_hooks\":0,\"children\":0}}}\n"));
    strbuf_reset(&out);
    render_json_end(&trace, loss.wall_ns, &totals, &out);
    assert_one_json_line(&out);
    assert_non_null(strstr(out.text, "\"action\":\"trace-end\""));
    assert_non_null(strstr(out.text, "\"observations\":1000,\"lost\":{\"events\":153,"));
    strbuf_free(&out);
}

static void the_reader_of_this_test_refuses_what_is_no_json(void **state)
{
    static const char *const wrong[] = {
        "",        "{",         "{}x",      "{\"a\"}", "{\"a\":1,}",  "[1,]",   "01",    "\"\n\"",
        "\"\\x\"", "\"\\u12\"", "\"\xff\"", "{a:1}",   "{\"a\":nul}", "\"open", "[1 2]", "-",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *end = wrong[i] + strlen(wrong[i]);

        assert_ptr_not_equal(skip_value(wrong[i], end, 0), end);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_memo_changes_nothing),
        cmocka_unit_test(the_reader_of_this_test_refuses_what_is_no_json),
        cmocka_unit_test(any_name_is_valid_json_and_can_be_read_back),
        cmocka_unit_test(any_names_make_one_line_of_json),
        cmocka_unit_test(a_failure_is_told_whole),
        cmocka_unit_test(a_release_of_an_unknown_owner_is_told_whole),
        cmocka_unit_test(a_connect_has_a_destination),
        cmocka_unit_test(only_what_is_known_is_told),
        cmocka_unit_test(sockets_and_places_are_told),
        cmocka_unit_test(what_was_shortened_says_so),
        cmocka_unit_test(hostile_names_stay_inside_their_strings),
        cmocka_unit_test(the_trace_itself_is_told),
    };

    return cmocka_run_group_tests_name("render_json", tests, NULL, NULL);
}
