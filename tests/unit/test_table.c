// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/holders.h"
#include "user/render/holder_row.h"

static const struct table_column columns[] = {
    {.title = "NAME", .least = 4},
    {.title = "N", .right = true},
    {.title = "HINT", .least = 4, .optional = true, .spare = 1},
    {.title = "LAST"},
};

#define COLUMNS 4

static void print(struct table *table, const char *const (*rows)[COLUMNS], unsigned int count,
                  struct strbuf *out)
{
    table_start(table, columns, COLUMNS);
    for (unsigned int row = 0; row < count; row++)
        for (unsigned int column = 0; column < COLUMNS; column++) {
            strbuf_puts(&table->cell, rows[row][column]);
            table_measure(table, column);
        }
    table_fit(table);
    table_titles(table, out);
    for (unsigned int row = 0; row < count; row++)
        for (unsigned int column = 0; column < COLUMNS; column++) {
            strbuf_puts(&table->cell, rows[row][column]);
            table_cell(table, TABLE_DIM, out);
        }
    table_free(table);
}

static void assert_table(unsigned int width, const char *const (*rows)[COLUMNS], unsigned int count,
                         const char *expected)
{
    struct table table = {.width = width};
    struct strbuf out = {0};

    print(&table, rows, count, &out);
    assert_string_equal(out.text, expected);
    strbuf_free(&out);
}

static const char *const plain[][COLUMNS] = {
    {"a-long-name", "5", "-", "x"},
    {"b", "1234", "something", "yy"},
};

static void columns_are_as_wide_as_what_is_in_them(void **state)
{
    (void)state;
    assert_table(0, plain, 2,
                 "NAME            N  HINT       LAST\n"
                 "a-long-name     5  -          x\n"
                 "b            1234  something  yy\n");
}

static void a_narrow_terminal_cuts_the_widest_first(void **state)
{
    (void)state;
    assert_table(31, plain, 2,
                 "NAME         N  HINT       LAST\n"
                 "a-long-\u2026     5  -          x\n"
                 "b         1234  something  yy\n");
}

static void what_can_be_spared_goes_when_nothing_can_be_cut(void **state)
{
    (void)state;
    assert_table(20, plain, 2,
                 "NAME         N  LAST\n"
                 "a-long-\u2026     5  x\n"
                 "b         1234  yy\n");
}

static void a_column_of_nothing_is_left_out(void **state)
{
    static const char *const rows[][COLUMNS] = {{"a", "1", "-", "z"}};

    (void)state;
    assert_table(0, rows, 1, "NAME  N  LAST\na     1  z\n");
}

static void colour_does_not_move_columns(void **state)
{
    static const char *const rows[][COLUMNS] = {{"a", "1", "h", "z"}};
    struct table table = {.colour = true};
    struct strbuf out = {0};

    (void)state;
    print(&table, rows, 1, &out);
    assert_string_equal(out.text, "\033[1mNAME\033[0m  \033[1mN\033[0m  \033[1mHINT\033[0m  "
                                  "\033[1mLAST\033[0m\n"
                                  "\033[2ma\033[0m     \033[2m1\033[0m  \033[2mh\033[0m     "
                                  "\033[2mz\033[0m\n");
    strbuf_free(&out);
}

static const char *netns_name(void *context, uint32_t netns)
{
    (void)context;
    return netns == HELD_NETNS ? "-" : NULL;
}

static const struct role_context alone = {.range_low = 32768, .range_high = 60999};

/* 2026-11-21 10:00:00 UTC, an hour after the boot. */
static struct holder_style style(void)
{
    return (struct holder_style){
        .names = sample_names(),
        .netns_name = netns_name,
        .now_ns = 3600000000000,
        .wall_ns = 1795255200000000000,
    };
}

static void assert_cell(const struct holder *holder, enum holder_column column,
                        const char *expected)
{
    struct holder_style how = style();
    struct strbuf text = {0};

    holder_row_cell(&how, holder, &alone, column, &text);
    assert_string_equal(text.text, expected);
    strbuf_free(&text);
}

static void every_column_says_what_is_known(void **state)
{
    struct holder_process process = held_process(4242, "python3");
    struct holder holder = held_by(held_listener(8080), &process, 1);

    (void)state;
    assert_cell(&holder, HOLDER_PROTO, "tcp");
    assert_cell(&holder, HOLDER_ENDPOINT, "0.0.0.0:8080");
    assert_cell(&holder, HOLDER_PEER, "-");
    assert_cell(&holder, HOLDER_SERVICE, "http-alt");
    assert_cell(&holder, HOLDER_PROCESS, "python3");
    assert_cell(&holder, HOLDER_PID, "4242");
    assert_cell(&holder, HOLDER_USER, "alice");
    assert_cell(&holder, HOLDER_UNIT, "web.service");
    assert_cell(&holder, HOLDER_STATE, "listen");
    assert_cell(&holder, HOLDER_SINCE, "~09:00:00");
    assert_cell(&holder, HOLDER_NETNS, "-");
    holder.seen.since_ns = 1800000000000;
    holder.seen.task.netns = 4026532177u;
    memcpy(holder.seen.socket.device, "eth0", 5);
    assert_cell(&holder, HOLDER_SINCE, "09:30:00");
    assert_cell(&holder, HOLDER_NETNS, "4026532177");
    assert_cell(&holder, HOLDER_ENDPOINT, "0.0.0.0%eth0:8080");
}

static void a_day_before_is_a_date(void **state)
{
    struct holder holder = held_listener(80);
    struct holder_style how = style();
    struct strbuf text = {0};

    (void)state;
    how.now_ns = 36000000000000;
    holder.seen.since_ns = 1;
    holder_row_since(&how, &holder, &text);
    assert_string_equal(text.text, "00:00:00");
    strbuf_reset(&text);
    how.utc_offset_s = -3600;
    holder_row_since(&how, &holder, &text);
    assert_string_equal(text.text, "2026-11-20");
    strbuf_free(&text);
}

/* The kernel's numbers are taken as they are: the year is wrong then, and nothing else. */
static void times_that_cannot_be_are_still_times(void **state)
{
    static const uint64_t times[] = {1, INT64_MAX, 1ull << 63, UINT64_MAX};
    struct holder holder = held_listener(80);
    struct holder_style how = style();
    struct strbuf text = {0};

    (void)state;
    for (size_t i = 0; i < 16; i++) {
        how.wall_ns = times[i % 4];
        how.now_ns = times[3 - i % 4];
        holder.seen.since_ns = times[i / 4];
        strbuf_reset(&text);
        holder_row_since(&how, &holder, &text);
        assert_true(text.length == strlen("00:00:00") || text.length == strlen("2026-11-20"));
    }
    strbuf_free(&text);
}

static void a_socket_of_nobody_has_no_process(void **state)
{
    struct holder holder = held_listener(80);

    (void)state;
    assert_cell(&holder, HOLDER_PROCESS, "-");
    assert_cell(&holder, HOLDER_PID, "-");
    assert_cell(&holder, HOLDER_SINCE, "-");
    assert_cell(&holder, HOLDER_UNIT, "-");
    assert_cell(&holder, HOLDER_USER, "0");
    holder.seen.flags |= PT_HOLDER_OWNER_KNOWN;
    memcpy(holder.seen.task.comm, "node", 5);
    holder.seen.task.pid = 77;
    assert_cell(&holder, HOLDER_PROCESS, "(was node)");
    assert_cell(&holder, HOLDER_PID, "-");
    holder.seen.flags = PT_HOLDER_KERNEL | PT_HOLDER_UID_KNOWN;
    assert_cell(&holder, HOLDER_PROCESS, "(kernel)");
    assert_cell(&holder, HOLDER_USER, "-");
}

static void processes_that_share_it_are_counted(void **state)
{
    const struct holder_process processes[] = {held_process(10, "nginx"), held_process(11, "nginx"),
                                               held_process(10, "nginx"),
                                               held_process(12, "nginx")};
    struct holder holder = held_by(held_listener(80), processes, 4);
    struct holder_style how = style();
    struct strbuf text = {0};

    (void)state;
    assert_cell(&holder, HOLDER_PROCESS, "nginx (+2)");
    holder_row_details(&how, &holder, &text);
    assert_non_null(strstr(text.text, "pid 10 nginx fd 3, user alice, /usr/bin/python3: python3 "
                                      "-m 'http server'"));
    assert_non_null(strstr(text.text, "pid 11 nginx"));
    assert_non_null(strstr(text.text, "pid 12 nginx"));
    strbuf_free(&text);
}

/* A server that has given up its privileges. */
static void a_socket_of_another_user_than_its_process_says_so(void **state)
{
    struct holder_process process = held_process(10, "nginx");
    struct holder holder = held_by(held_listener(80), &process, 1);
    struct holder_style how = style();
    struct strbuf text = {0};

    (void)state;
    holder.seen.uid = holder.seen.task.uid;
    holder.seen.flags |= PT_HOLDER_UID_KNOWN;
    holder_row_details(&how, &holder, &text);
    assert_null(strstr(text.text, "socket of"));
    holder.seen.uid++;
    holder_row_details(&how, &holder, &text);
    assert_non_null(strstr(text.text, "    socket of user 1001\n"));
    strbuf_free(&text);
}

static void names_of_strangers_cannot_forge_a_line(void **state)
{
    struct holder_process process = held_process(5, "a\nb\033[2J");
    struct holder holder;
    struct holder_style how = style();
    struct strbuf text = {0};

    (void)state;
    facts_of(&process)->args = SAMPLE_BYTES("x\ny\0");
    facts_of(&process)->cgroup_facts.unit = SAMPLE_BYTES("a\033.service");
    holder = held_by(held_listener(80), &process, 1);
    assert_cell(&holder, HOLDER_PROCESS, "a\\nb\\e[2J");
    assert_cell(&holder, HOLDER_UNIT, "a\\e.service");
    holder_row_details(&how, &holder, &text);
    assert_null(strchr(text.text, '\033'));
    assert_non_null(strstr(text.text, "$'x\\ny'"));
    strbuf_free(&text);
}

static void a_container_is_named_before_a_unit(void **state)
{
    struct holder_process process = held_process(5, "docker-proxy");
    struct holder holder = held_by(held_listener(80), &process, 1);
    struct holder_published behind = {.by = "docker-proxy"};

    (void)state;
    facts_of(&process)->cgroup_facts.runtime = RUNTIME_DOCKER;
    facts_of(&process)->cgroup_facts.container_id =
        SAMPLE_BYTES("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    assert_cell(&holder, HOLDER_UNIT, "docker:0123456789ab");
    holder.published = &behind;
    behind.unit = SAMPLE_BYTES("web.service");
    assert_cell(&holder, HOLDER_UNIT, "web.service");
    behind.container = SAMPLE_BYTES("shop");
    assert_cell(&holder, HOLDER_UNIT, "shop");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_what_is_in_them),
        cmocka_unit_test(a_socket_of_another_user_than_its_process_says_so),
        cmocka_unit_test(a_narrow_terminal_cuts_the_widest_first),
        cmocka_unit_test(what_can_be_spared_goes_when_nothing_can_be_cut),
        cmocka_unit_test(a_column_of_nothing_is_left_out),
        cmocka_unit_test(colour_does_not_move_columns),
        cmocka_unit_test(every_column_says_what_is_known),
        cmocka_unit_test(a_day_before_is_a_date),
        cmocka_unit_test(times_that_cannot_be_are_still_times),
        cmocka_unit_test(a_socket_of_nobody_has_no_process),
        cmocka_unit_test(processes_that_share_it_are_counted),
        cmocka_unit_test(names_of_strangers_cannot_forge_a_line),
        cmocka_unit_test(a_container_is_named_before_a_unit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
