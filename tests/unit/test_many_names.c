// SPDX-License-Identifier: GPL-2.0
/*
 * Random bytes as the names of processes, from the record on: JSON stays JSON and text has no
 * control byte. And the checks that this and the fuzz targets go by, on what they must refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/fuzz/clean.h"
#include "user/cli/investigate.h"
#include "user/cli/pipeline.h"
#include "user/render/report.h"

#ifdef __SANITIZE_ADDRESS__ /* takes three times as long for each */
#define NAMES              100000
#define names_of_any_bytes a_hundred_thousand_names_of_any_bytes_are_clean
#else
#define NAMES              1000000
#define names_of_any_bytes a_million_names_of_any_bytes_are_clean
#endif

struct output {
    struct investigator *investigator;
    struct pt_start start;
    struct trace_facts facts;
    struct text_style style;
    struct strbuf text;
    struct strbuf json;
    unsigned int shown;
    unsigned int explained;
};

static uint64_t state_of_chance = 88172645463325252ull;

static uint64_t chance(void)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return state_of_chance;
}

/* Half of them of any bytes, half of those that have done harm somewhere. */
static void any_name(char name[PT_COMM_SIZE])
{
    static const char bad[] =
        "\x1b[m\n\r\t\b\x7f\"\\'{},:u0\x80\x85\x9b\xc2\xe2\x80\xae\xef\xbb\xbf"
        "\xf0\x9f\xed\xa0\xff/ ";
    bool hostile = chance() & 1;
    size_t length = 1 + chance() % (PT_COMM_SIZE - 1);

    memset(name, 0, PT_COMM_SIZE);
    for (size_t i = 0; i < length; i++)
        name[i] = hostile ? bad[chance() % (sizeof(bad) - 1)] : (char)(chance() % 256);
}

static int on_start(void *context, const struct pt_start *start)
{
    struct output *output = context;

    output->start = *start;
    output->facts = (struct trace_facts){.host = output->start.host,
                                         .kernel = output->start.kernel,
                                         .boot_id = output->start.boot_id,
                                         .plan = output->start.plan,
                                         .holders = true};
    investigator_set_origin(output->investigator, &output->start, 0);
    return 0;
}

static int on_loss(void *context, const struct loss *loss)
{
    (void)context;
    (void)loss;
    fail_msg("nothing was lost");
    return 0;
}

static int on_observation(void *context, const struct observation *seen, struct found *found)
{
    struct output *output = context;
    const struct explanation *explanation = investigate(output->investigator, seen, found);

    output->shown++;
    strbuf_reset(&output->text);
    strbuf_reset(&output->json);
    render_text_observation(&output->style, seen, explanation, &output->text);
    if (explanation) {
        output->explained++;
        render_report(&output->style, seen, explanation, &output->text);
    }
    render_json_observation(&output->facts, &output->style.names, NULL, seen, explanation,
                            &output->json);
    assert_true(output->text.length && clean_text(output->text.text, output->text.length, false));
    assert_true(output->json.length && clean_json(output->json.text, output->json.length));
    return 0;
}

static void take_start(struct pipeline *pipeline)
{
    struct pt_start start = {
        .header = {PT_EVENT_VERSION, PT_KIND_START, sizeof(start), 1, 0},
        .host = "here",
        .kernel = "6.1",
        .boot_id = "b007",
        .plan = PT_PLAN_FEXIT,
        .flags = PT_START_HOLDERS,
    };

    assert_int_equal(pipeline_take(pipeline, &start, sizeof(start)), sizeof(start));
}

/* A refused bind of one, in whose way another one is, every fourth time. */
static void take_call(struct pipeline *pipeline, unsigned int number)
{
    struct pt_failed_call failed = {
        .call = {.header = {PT_EVENT_VERSION, PT_KIND_CALL, sizeof(failed.call), 2 + number, 0},
                 .task = {.pid = 1 + number, .start_ns = 1},
                 .socket = {.family = AF_INET, .type = SOCK_STREAM, .protocol = 6},
                 .requested = {.family = AF_INET, .port = 8080},
                 .error = 98,
                 .fd = 3,
                 .op = PT_OP_BIND,
                 .entry = PT_ENTRY_SYSCALL,
                 .plan = PT_PLAN_FEXIT,
                 .stage = PT_STAGE_PROTOCOL,
                 .flags = PT_CALL_SOCKET_KNOWN},
        .refusal = {.check = PT_CHECK_PORT,
                    .conflicts = 1,
                    .holder = {.task = {.pid = 2},
                               .socket = {.family = AF_INET,
                                          .type = SOCK_STREAM,
                                          .protocol = 6,
                                          .state = 10,
                                          .inode = 5},
                               .local = {.family = AF_INET, .port = 8080},
                               .flags = PT_HOLDER_OWNER_KNOWN | PT_HOLDER_BOUND,
                               .taken_by = PT_OP_BIND,
                               .source = PT_HOLDER_CHECK}},
    };
    bool refused = number % 4 == 0;

    any_name(failed.call.task.comm);
    any_name(failed.refusal.holder.task.comm);
    if (refused)
        failed.call.header.size = sizeof(failed);
    else
        failed.call.error = 0;
    assert_int_equal(pipeline_take(pipeline, &failed, failed.call.header.size),
                     failed.call.header.size);
}

static void names_of_any_bytes(void **state)
{
    static const unsigned int widths[] = {0, 40, 80, 132};
    struct output output = {0};
    const struct pipeline_output to = {
        .start = on_start, .observation = on_observation, .loss = on_loss, .context = &output};
    struct pipeline *pipeline = pipeline_new(&to);

    (void)state;
    output.investigator = investigator_new(&output.style.names, LOOKUPS_NONE);
    assert_true(pipeline && output.investigator);
    take_start(pipeline);
    for (unsigned int i = 0; i < NAMES; i++) {
        output.style.width = widths[i / 4 % 4];
        output.style.verbose = i & 1;
        take_call(pipeline, i);
    }
    assert_int_equal(output.shown, NAMES);
    assert_int_equal(output.explained, NAMES / 4);
    investigator_free(output.investigator);
    pipeline_free(pipeline);
    strbuf_free(&output.text);
    strbuf_free(&output.json);
}

static void what_is_no_json_is_refused(void **state)
{
    static const char *const good[] = {"", "{}\n", "{\"a\":[1,-0.5,true,\"\\u00e9\\n\"]}\n{}\n"};
    static const char *const wrong[] = {"{}",
                                        "{}\n\n",
                                        "[]\n",
                                        "{\"a\":1,}\n",
                                        "{\"a\":01}\n",
                                        "{\"a\":}\n",
                                        "{a:1}\n",
                                        "{\"a\":\"\n\"}\n",
                                        "{\"\\x\":1}\n",
                                        "{\"a\":\"\xff\"}\n",
                                        "{\"a\" :1}\n",
                                        "{\"a\":nan}\n",
                                        "{\"a\":[1}\n",
                                        "{\"a\":\"\x7f\"}\n",
                                        "{\"a\":1}x\n",
                                        "{\"\\u12g4\":1}\n",
                                        "{\"a\":\"\xed\xa0\x80\"}\n",
                                        "{\"a\":\"\xc0\x80\"}\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(clean_json(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (clean_json(wrong[i], strlen(wrong[i])))
            fail_msg("taken: %s", wrong[i]);
}

static void what_is_not_clean_text_is_refused(void **state)
{
    static const char *const good[] = {"", "a\n", "\xc3\xa9 \xf0\x9f\x98\x80\n\n"};
    static const char *const wrong[] = {"a",          "\x1b[1mb\n",         "a\rb\n",
                                        "\x7f\n",     "\xc2\x9b\n",         "\xff\n",
                                        "\xc0\xaf\n", "\xf5\x80\x80\x80\n", "\xe2\x82\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(clean_text(good[i], strlen(good[i]), false));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (clean_text(wrong[i], strlen(wrong[i]), false))
            fail_msg("taken: %s", wrong[i]);
    assert_true(clean_text("\x1b[1;31mb\x1b[0m\n", 13, true));
    assert_false(clean_text("\x1b]0;b\x07\n", 7, true));
    assert_false(clean_text("\x1b[2J\n", 5, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(what_is_not_clean_text_is_refused),
        cmocka_unit_test(names_of_any_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
