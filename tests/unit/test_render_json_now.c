// SPDX-License-Identifier: GPL-2.0
/* Reasons, holders, verdicts and rows of list as JSON. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "tests/unit/sample.h"
#include "user/explain/explain.h"

static const struct trace_facts trace = {
    .host = "web1", .kernel = "6.1.0", .boot_id = "b007", .plan = PT_PLAN_FEXIT};

static struct holder_process processes[80];

static struct holder sample_holder(void)
{
    static struct process_facts sample;

    sample = sample_process();
    processes[0] = (struct holder_process){.process = &sample, .fd = 5};
    return (struct holder){
        .seen = {.task = {.pid = 4242, .netns = 4026531840u},
                 .socket = {.cookie = 77,
                            .inode = 78,
                            .family = AF_INET6,
                            .type = SOCK_STREAM,
                            .protocol = 6,
                            .state = 10,
                            .options = PT_OPTION_REUSEADDR | PT_OPTION_V6ONLY,
                            .device = "eth0",
                            .device_ifindex = 2},
                 .local = sample_ipv6("::", 8080, 0),
                 .since_ns = 400000000,
                 .uid = 1000,
                 .flags = PT_HOLDER_OWNER_KNOWN | PT_HOLDER_BOUND | PT_HOLDER_UID_KNOWN,
                 .taken_by = PT_OP_BIND,
                 .source = PT_HOLDER_CHECK},
        .processes = processes,
        .process_count = 1,
    };
}

#define SAMPLE_HOLDER                                                                              \
    "{\"source\":\"check\",\"pid\":4242,\"name\":\"python3\","                                     \
    "\"executable\":\"/usr/bin/python3\",\"args\":[\"python3\",\"-m\",\"http server\"],"           \
    "\"args_count\":3,\"user\":{\"id\":\"1000\",\"name\":\"alice\"},"                              \
    "\"start\":\"2026-11-21T03:47:07.623456789Z\",\"unit\":\"web.service\",\"fd\":5,"              \
    "\"address\":\"::\",\"port\":8080,\"protocol\":\"tcp\",\"state\":\"listen\","                  \
    "\"options\":[\"REUSEADDR\",\"V6ONLY\"],\"inode\":\"78\",\"cookie\":\"77\","                   \
    "\"netns\":4026531840,\"device\":\"eth0\",\"device_ifindex\":2,\"socket_uid\":\"1000\","       \
    "\"since\":\"2026-11-21T03:47:07.523456789Z\",\"held_ns\":600000000,\"bound\":true,"           \
    "\"taken_by\":\"bind\"}"

static void sample_explanation(struct explanation *explanation, const struct holder *holder)
{
    *explanation = (struct explanation){
        .reason = REASON_LISTENER,
        .also = REASON_PRIVILEGED_PORT,
        .confidence = CONFIDENCE_LOOKUP,
        .looked_after_ns = 3000000,
        .check = "inet_csk_get_port",
        .holders = {holder},
        .holder_count = 1,
        .holders_left_out = 2,
        .note_count = 1,
        .help_count = 1,
    };
    strbuf_puts(&explanation->sentence, "a\\e\"b cannot bind");
    strbuf_puts(&explanation->notes[0], "it listens");
    strbuf_puts(&explanation->helps[0], "systemctl stop web.service");
}

static void forget(struct explanation *explanation)
{
    strbuf_free(&explanation->sentence);
    strbuf_free(&explanation->notes[0]);
    strbuf_free(&explanation->helps[0]);
}

static void check_json(struct strbuf *out, const char *expected)
{
    cJSON *value = cJSON_Parse(out->text);

    assert_non_null(value);
    cJSON_Delete(value);
    if (!strstr(out->text, expected))
        fail_msg("%s is not in %s", expected, out->text);
    strbuf_free(out);
}

static void check_missing(struct strbuf *out, const char *unexpected)
{
    if (strstr(out->text, unexpected))
        fail_msg("%s is in %s", unexpected, out->text);
    strbuf_free(out);
}

static struct strbuf observation_json(const struct observation *seen,
                                      const struct explanation *explanation)
{
    struct render_names names = sample_names();
    struct strbuf out = {0};

    render_json_observation(&trace, &names, NULL, seen, explanation, &out);
    return out;
}

static void a_failure_tells_its_reason_holders_notes_and_advice(void **state)
{
    struct observation seen = sample_refused_bind();
    struct holder holder = sample_holder();
    struct explanation explanation;
    struct strbuf out;

    (void)state;
    sample_explanation(&explanation, &holder);
    out = observation_json(&seen, &explanation);
    check_json(&out, "\"unit\":\"web.service\",\"reason\":{\"code\":\"P001\",\"name\":\"listener\","
                     "\"message\":\"a\\\\\\\\e\\\"b cannot bind\",\"confidence\":\"lookup\","
                     "\"looked_after_ns\":3000000,\"check\":\"inet_csk_get_port\","
                     "\"also\":{\"code\":\"P016\",\"name\":\"privileged-port\"}},"
                     "\"holders\":[" SAMPLE_HOLDER "],\"holders_left_out\":2,"
                     "\"notes\":[\"it listens\"],\"advice\":[\"systemctl stop web.service\"]}}\n");
    seen.error = 0;
    out = observation_json(&seen, &explanation);
    check_missing(&out, "reason");
    forget(&explanation);
}

static void what_the_kernel_went_by_is_told(void **state)
{
    struct observation seen = sample_refused_bind();
    struct strbuf out;

    (void)state;
    seen.refusal_known = true;
    seen.refusal = (struct pt_refusal){
        .flags = PT_REFUSAL_NETNS_KNOWN | PT_REFUSAL_SOCKET_KNOWN | PT_REFUSAL_CAPABLE,
        .unprivileged_start = 1024,
        .range_low = 32768,
        .range_high = 60999,
        .entry_port = 0,
        .entry_state = 7,
        .check = PT_CHECK_PORT,
        .uid = 1000,
        .conflicts = 1,
    };
    out = observation_json(&seen, NULL);
    check_json(&out, "\"refusal\":{\"check\":\"port\",\"entry_port\":0,\"entry_state\":\"close\","
                     "\"socket_uid\":\"1000\",\"conflicts\":1,"
                     "\"range\":{\"low\":32768,\"high\":60999},\"unprivileged_port_start\":1024,"
                     "\"reserved\":false,\"nonlocal_bind\":false,\"capable\":true,"
                     "\"seccomp_filter\":false}}}\n");
    seen.refusal.flags = PT_REFUSAL_FILTERED;
    seen.refusal.check = PT_CHECKS;
    out = observation_json(&seen, NULL);
    check_json(&out, "\"refusal\":{\"conflicts\":1,\"seccomp_filter\":true}}}\n");
}

static struct strbuf row_json(const struct holder *holder)
{
    struct render_names names = sample_names();
    struct json_instant now = {&trace, &names, 1000000000, 1795232828123456789};
    struct strbuf out = {0};

    render_json_holder_row(&now, 3, holder, &out);
    return out;
}

static void a_row_of_list_is_a_state_with_its_process(void **state)
{
    struct holder holder = sample_holder();
    struct strbuf out = row_json(&holder);

    (void)state;
    assert_string_equal(
        out.text,
        "{\"@timestamp\":\"2026-11-21T03:47:08.123456789Z\","
        "\"event\":{\"kind\":\"state\",\"category\":[\"network\"],\"type\":[\"info\"],"
        "\"action\":\"holder\",\"id\":\"b007:1000000000:holder-3\"},"
        "\"process\":{\"pid\":4242,\"thread\":{\"id\":4243},\"parent\":{\"pid\":1},"
        "\"name\":\"python3\",\"start\":\"2026-11-21T03:47:07.623456789Z\","
        "\"entity_id\":\"b007:4242:500000000\",\"executable\":\"/usr/bin/python3\","
        "\"args\":[\"python3\",\"-m\",\"http server\"],\"args_count\":3},"
        "\"user\":{\"id\":\"1000\",\"name\":\"alice\"},\"group\":{\"id\":\"100\"},"
        "\"network\":{\"transport\":\"tcp\",\"iana_number\":\"6\",\"type\":\"ipv6\","
        "\"local\":{\"address\":\"::\",\"port\":8080}},"
        "\"host\":{\"name\":\"web1\",\"boot\":{\"id\":\"b007\"},\"os\":{\"kernel\":\"6.1.0\"}},"
        "\"porttrace\":{\"holder\":" SAMPLE_HOLDER ","
        "\"process\":{\"described\":true,\"exe_deleted\":false,\"exe_truncated\":false,"
        "\"args_truncated\":false,\"args_size\":23},"
        "\"cgroup\":{\"id\":\"9007199254740993\",\"path\":\"/system.slice/web.service\"},"
        "\"unit\":\"web.service\"}}\n");
    strbuf_free(&out);
}

static void a_holder_without_a_process_has_none(void **state)
{
    struct holder holder = sample_holder();
    struct strbuf out;

    (void)state;
    holder.process_count = 0;
    holder.seen.flags = PT_HOLDER_KERNEL | PT_HOLDER_ORPHAN;
    holder.seen.expires_ns = 5;
    out = row_json(&holder);
    check_json(&out, "\"kernel\":true,\"orphan\":true");
    out = row_json(&holder);
    check_missing(&out, "\"pid\"");
    holder.seen.flags = PT_HOLDER_OWNER_KNOWN;
    strcpy(holder.seen.task.comm, "gone\xff");
    holder.seen.fd = -1;
    holder.seen.gone_ns = 900000000;
    holder.seen.peer = sample_ipv4("10.0.0.9", 443);
    out = row_json(&holder);
    check_json(&out, "\"holder\":{\"source\":\"check\",\"pid\":4242,\"name\":\"gone\\\\xff\","
                     "\"user\":{\"id\":\"0\"},\"address\":\"::\",\"port\":8080,"
                     "\"peer\":{\"address\":\"10.0.0.9\",\"port\":443},");
    out = row_json(&holder);
    check_json(&out, "\"held_ns\":500000000,\"gone\":\"2026-11-21T03:47:08.023456789Z\","
                     "\"expires_ns\":5,");
}

static unsigned int count_of(const char *text, const char *part)
{
    unsigned int count = 0;

    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

static void all_processes_are_told_up_to_a_number(void **state)
{
    struct holder holder = sample_holder();
    struct process_facts second = sample_process();
    struct strbuf out;

    (void)state;
    for (int i = 1; i < 80; i++)
        processes[i] = processes[0];
    second.task.pid = 7;
    second.cgroup_facts =
        (struct cgroup_facts){.runtime = RUNTIME_DOCKER, .container_id = SAMPLE_BYTES("c0ffee")};
    processes[1] = (struct holder_process){.process = &second, .fd = -1};
    holder.process_count = 2;
    out = row_json(&holder);
    assert_non_null(strstr(out.text, "\"process_count\":2,\"processes\":[{\"pid\":4242,"));
    check_json(&out, "},{\"pid\":7,\"name\":\"python3\",\"executable\":\"/usr/bin/python3\","
                     "\"args\":[\"python3\",\"-m\",\"http server\"],\"args_count\":3,"
                     "\"user\":{\"id\":\"1000\",\"name\":\"alice\"},"
                     "\"start\":\"2026-11-21T03:47:07.623456789Z\","
                     "\"container\":{\"id\":\"c0ffee\",\"runtime\":\"docker\"}}],\"address\"");
    holder.process_count = 80;
    out = row_json(&holder);
    assert_int_equal(count_of(out.text, "{\"pid\":"), 64 + 2);
    check_json(&out, "\"process_count\":80,");
}

static void what_is_behind_a_port_is_told(void **state)
{
    const struct holder_published behind = {.by = "docker-proxy",
                                            .container = SAMPLE_BYTES("web\n"),
                                            .to = sample_ipv4("172.17.0.2", 80)};
    struct holder holder = sample_holder();
    struct strbuf out;

    (void)state;
    holder.published = &behind;
    out = row_json(&holder);
    check_json(&out, "\"published\":{\"by\":\"docker-proxy\",\"container\":\"web\\u000a\","
                     "\"address\":\"172.17.0.2\",\"port\":80}}");
}

static struct strbuf verdict_json(const struct observation *asked,
                                  const struct explanation *explanation)
{
    struct render_names names = sample_names();
    struct json_instant now = {&trace, &names, 1000000000, 1795232828123456789};
    struct strbuf out = {0};

    render_json_verdict(&now, asked, explanation, NULL, &out);
    return out;
}

static void a_verdict_has_question_and_answer(void **state)
{
    struct observation asked = sample_bind();
    struct holder holder = sample_holder();
    struct explanation explanation;
    struct strbuf out;

    (void)state;
    sample_explanation(&explanation, &holder);
    out = verdict_json(&asked, &explanation);
    assert_string_equal(
        out.text,
        "{\"@timestamp\":\"2026-11-21T03:47:08.123456789Z\","
        "\"event\":{\"kind\":\"state\",\"category\":[\"network\"],\"type\":[\"info\"],"
        "\"action\":\"verdict\",\"id\":\"b007:1000000000:bind:tcp:127.0.0.1:8080\"},"
        "\"user\":{\"id\":\"1000\",\"name\":\"alice\"},"
        "\"network\":{\"transport\":\"tcp\",\"iana_number\":\"6\",\"type\":\"ipv4\","
        "\"local\":{\"address\":\"127.0.0.1\",\"port\":8080}},"
        "\"host\":{\"name\":\"web1\",\"boot\":{\"id\":\"b007\"},\"os\":{\"kernel\":\"6.1.0\"}},"
        "\"porttrace\":{\"question\":{\"op\":\"bind\",\"protocol\":\"tcp\","
        "\"address\":\"127.0.0.1\",\"port\":8080,\"options\":[\"REUSEADDR\"],"
        "\"netns\":4026531840},\"would_succeed\":true,\"notes\":[\"it listens\"]}}\n");
    strbuf_free(&out);
    asked.error = EADDRINUSE;
    out = verdict_json(&asked, &explanation);
    assert_non_null(strstr(out.text, "\"error\":{\"type\":\"EADDRINUSE\""));
    check_json(&out, "\"would_succeed\":false,\"reason\":{\"code\":\"P001\",");
    out = verdict_json(&asked, &explanation);
    check_json(&out, "\"holders\":[" SAMPLE_HOLDER "]");
    out = verdict_json(&asked, NULL);
    check_json(&out, "\"would_succeed\":false}}\n");
    forget(&explanation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_tells_its_reason_holders_notes_and_advice),
        cmocka_unit_test(what_the_kernel_went_by_is_told),
        cmocka_unit_test(a_row_of_list_is_a_state_with_its_process),
        cmocka_unit_test(a_holder_without_a_process_has_none),
        cmocka_unit_test(all_processes_are_told_up_to_a_number),
        cmocka_unit_test(what_is_behind_a_port_is_told),
        cmocka_unit_test(a_verdict_has_question_and_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
