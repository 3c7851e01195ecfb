// SPDX-License-Identifier: GPL-2.0
/* Which ports are proposed, and what is said of the others. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/unit/sample.h"
#include "user/cli/free_notes.h"

#define STATE_LISTEN 10

static const struct process_facts node_facts = {.task = {.pid = 1188,
                                                         .comm = "no\x1b"
                                                                 "de"}};
static const struct holder_process node = {.process = &node_facts};

static struct holder listener(uint16_t port)
{
    return (struct holder){
        .seen = {.socket = {.family = AF_INET,
                            .type = SOCK_STREAM,
                            .protocol = IPPROTO_TCP,
                            .state = STATE_LISTEN},
                 .local = sample_ipv4("127.0.0.1", port)},
        .processes = &node,
        .process_count = 1,
    };
}

struct situation {
    struct holder at[3];
    struct holder_list holders;
    struct facts facts;
    uint64_t reserved[FACTS_PORT_WORDS];
    struct free_search search;
};

static void reserve(struct situation *situation, uint16_t port)
{
    situation->reserved[port / 64] |= 1ull << port % 64;
}

/* sample_service() names 8080. */
static void begin(struct situation *situation)
{
    memset(situation, 0, sizeof(*situation));
    situation->at[0] = listener(3000);
    situation->at[1] = listener(3001);
    situation->at[2] = listener(9000);
    situation->holders = holder_list_of(&(struct holders){.at = situation->at, .count = 3});
    situation->facts = (struct facts){.range_low = 32768,
                                      .range_high = 60999,
                                      .unprivileged_start = 1024,
                                      .reserved = situation->reserved};
    situation->search = (struct free_search){
        .askers = {{.op = PT_OP_LISTEN,
                    .family = AF_INET,
                    .type = SOCK_STREAM,
                    .protocol = IPPROTO_TCP,
                    .wanted = sample_ipv4("0.0.0.0", 0)}},
        .asker_count = 1,
        .holders = &situation->holders,
        .facts = &situation->facts,
        .names = sample_names(),
    };
}

static enum free_state state_of(const struct situation *situation, uint16_t port)
{
    return free_judge(&situation->search, port).state;
}

static void test_judge(void **state)
{
    struct situation here;

    (void)state;
    begin(&here);
    reserve(&here, 5000);
    reserve(&here, 40000);
    assert_int_equal(state_of(&here, 2999), FREE_YES);
    assert_int_equal(state_of(&here, 3000), FREE_HELD);
    assert_int_equal(free_judge(&here.search, 3001).holder.seen.local.port, 3001);
    assert_int_equal(state_of(&here, 3002), FREE_YES);
    assert_int_equal(state_of(&here, 1023), FREE_PRIVILEGED);
    assert_int_equal(state_of(&here, 1024), FREE_YES);
    assert_int_equal(state_of(&here, 32767), FREE_YES);
    assert_int_equal(state_of(&here, 32768), FREE_EPHEMERAL);
    assert_int_equal(state_of(&here, 60999), FREE_EPHEMERAL);
    assert_int_equal(state_of(&here, 61000), FREE_YES);
    assert_int_equal(state_of(&here, 65535), FREE_YES);
    assert_int_equal(state_of(&here, 5000), FREE_RESERVED);
    assert_int_equal(state_of(&here, 40000), FREE_RESERVED);
    assert_string_equal(free_judge(&here.search, 8080).service, "http-alt");
    here.search.asked = 8080;
    assert_int_equal(state_of(&here, 8080), FREE_YES);
    here.search.capable = true;
    assert_int_equal(state_of(&here, 1), FREE_YES);
    here.facts.reserved = NULL;
    assert_int_equal(state_of(&here, 5000), FREE_YES);
}

/* A second asker, for another protocol, has no quarrel with a listener of TCP. */
static void test_each_asker_counts(void **state)
{
    struct situation here;

    (void)state;
    begin(&here);
    here.search.askers[0].type = SOCK_DGRAM;
    here.search.askers[0].protocol = IPPROTO_UDP;
    here.search.askers[0].op = PT_OP_BIND;
    assert_int_equal(state_of(&here, 3000), FREE_YES);
    here.search.askers[1] = here.search.askers[0];
    here.search.askers[1].type = SOCK_STREAM;
    here.search.askers[1].protocol = IPPROTO_TCP;
    here.search.asker_count = 2;
    assert_int_equal(state_of(&here, 3000), FREE_HELD);
}

static void test_find(void **state)
{
    struct situation here;
    uint16_t ports[4] = {0};

    (void)state;
    begin(&here);
    assert_int_equal(free_find(&here.search, 3000, 2, ports), 2);
    assert_int_equal(ports[0], 3002);
    assert_int_equal(ports[1], 3003);
    assert_int_equal(free_find(&here.search, 32768, 1, ports), 1);
    assert_int_equal(ports[0], 61000);
    assert_int_equal(free_find(&here.search, 65534, 4, ports), 4);
    assert_int_equal(ports[0], 65534);
    assert_int_equal(ports[1], 65535);
    assert_int_equal(ports[2], 65533);
    assert_int_equal(ports[3], 65532);
    here.facts.range_high = 65535;
    assert_int_equal(free_find(&here.search, 40000, 1, ports), 1);
    assert_int_equal(ports[0], 32767);
    here.facts.unprivileged_start = 65536;
    assert_int_equal(free_find(&here.search, 1, 1, ports), 0);
    assert_int_equal(free_find(&here.search, 65535, 4, ports), 0);
}

static void test_notes(void **state)
{
    struct situation here;
    struct strbuf out = {0};

    (void)state;
    begin(&here);
    here.at[1].process_count = 0;
    here.at[2] = here.at[1];
    here.at[2].seen.local.port = 3002;
    here.at[2].seen.flags = PT_HOLDER_ORPHAN;
    free_notes_add(&here.search, 3000, 3002, &out);
    assert_string_equal(out.text, "3000 is held by $'no\\ede', pid 1188, at 127.0.0.1:3000\n"
                                  "3001 is held by a socket (listen) of a process that is not "
                                  "known, at 127.0.0.1:3001\n"
                                  "3002 is held by a socket (listen) without a process, at "
                                  "127.0.0.1:3002\n");
    strbuf_reset(&out);
    free_notes_add(&here.search, 1000, 1030, &out);
    assert_string_equal(out.text, "1000-1023 are privileged (below 1024)\n");
    strbuf_reset(&out);
    free_notes_add(&here.search, 32767, 65535, &out);
    assert_string_equal(out.text, "32768-60999 are in the range that the kernel gives to "
                                  "connections, 32768-60999\n");
    strbuf_reset(&out);
    free_notes_add(&here.search, 8080, 8080, &out);
    assert_string_equal(out.text, "8080 is that of the service http-alt\n");
    strbuf_reset(&out);
    free_notes_add(&here.search, 8000, 8079, &out);
    assert_int_equal(out.length, 0);
    strbuf_free(&out);
}

static void test_many_notes(void **state)
{
    struct situation here;
    struct strbuf out = {0};

    (void)state;
    begin(&here);
    for (uint16_t port = 4000; port < 4040; port += 2)
        reserve(&here, port);
    free_notes_add(&here.search, 4000, 4040, &out);
    assert_non_null(strstr(out.text, "4022 is in ip_local_reserved_ports\nand 8 more of such\n"));
    assert_null(strstr(out.text, "4024"));
    strbuf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge),      cmocka_unit_test(test_each_asker_counts),
        cmocka_unit_test(test_find),       cmocka_unit_test(test_notes),
        cmocka_unit_test(test_many_notes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
