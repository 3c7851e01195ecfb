// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "tests/unit/holders.h"
#include "user/cli/list_match.h"
#include "user/cli/list_options.h"
#include "user/cli/list_watch.h"
#include "user/host/process_stat.h"

static int parse(struct list_options *options, struct strbuf *error, char *const *argv)
{
    int argc = 0;

    while (argv[argc])
        argc++;
    strbuf_reset(error);
    return list_options_parse(argc, argv, options, error);
}

#define PARSE(...) parse(&options, &error, (char *const[]){__VA_ARGS__, NULL})

#define REFUSED(reason, ...)                                                                       \
    do {                                                                                           \
        assert_int_equal(PARSE(__VA_ARGS__), -EINVAL);                                             \
        assert_string_equal(error.text, reason);                                                   \
    } while (0)

static void ports_are_arguments_ranges_and_names(void **state)
{
    struct list_options options;
    struct strbuf error = {0};
    const struct filter *filter = &options.trace.capture.filter;

    (void)state;
    assert_int_equal(PARSE("8080", "9000-9010", "http,53", "-P", "1"), 0);
    assert_int_equal(filter->port_count, 5);
    assert_int_equal(filter->ports[0].low, 8080);
    assert_int_equal(filter->ports[0].high, 8080);
    assert_int_equal(filter->ports[1].high, 9010);
    assert_int_equal(filter->ports[2].low, 80);
    assert_int_equal(filter->ports[3].low, 53);
    assert_int_equal(filter->ports[4].low, 1);
    REFUSED("no-such-service is neither a port nor the name of a service; allowed: 1 to 65535, a "
            "range such as 8000-8100, or a name such as http",
            "no-such-service");
    REFUSED("65536 is not a port; allowed: 1 to 65535, or a range such as 8000-8100", "65536");
    strbuf_free(&error);
}

static void ports_have_the_forms_of_why_and_stop(void **state)
{
    struct list_options options;
    struct strbuf error = {0};
    char many[256] = ":1";

    (void)state;
    assert_int_equal(PARSE("udp/53,127.0.0.1:http", "8080", "-P", "tcp/[::1]:443"), 0);
    assert_int_equal(options.trace.capture.filter.port_count, 1);
    assert_int_equal(options.wanted_count, 3);
    assert_int_equal(options.wanted[0].protocol, IPPROTO_UDP);
    assert_int_equal(options.wanted[1].protocol, 0);
    assert_int_equal(options.wanted[1].endpoint.port, 80);
    assert_int_equal(options.wanted[2].endpoint.family, AF_INET6);
    REFUSED("example.com is not an IPv4 address; allowed: such as 127.0.0.1, or [::1] in brackets",
            "example.com:80");
    REFUSED("no-such is not a service that this host knows; a number from 1 to 65535 is allowed as "
            "well",
            "tcp/no-such");
    for (int i = 1; i < LIST_WANTED_MAX; i++)
        strcat(many, ",:1");
    assert_int_equal(PARSE(many), 0);
    REFUSED("too many; allowed: 32", many, "tcp/1");
    strbuf_free(&error);
}

static void filters_are_those_of_trace(void **state)
{
    struct list_options options;
    struct strbuf error = {0};
    const struct filter *filter = &options.trace.capture.filter;

    (void)state;
    assert_int_equal(PARSE("-t", "-4", "-p", "12", "-c", "node", "--user", "bob", "--netns", "blue",
                           "--cgroup", "a.slice", "-a"),
                     0);
    assert_int_equal(filter->protocols, FILTER_TCP | FILTER_MPTCP);
    assert_int_equal(filter->families, FILTER_IPV4);
    assert_int_equal(filter->pids[0], 12);
    assert_string_equal(filter->comms[0], "node");
    assert_string_equal(options.trace.users.at[0], "bob");
    assert_string_equal(options.trace.netns.at[0], "blue");
    assert_string_equal(options.trace.cgroups.at[0], "a.slice");
    assert_true(options.all);
    assert_int_equal(PARSE("-u", "-6"), 0);
    assert_int_equal(filter->protocols, FILTER_UDP);
    assert_int_equal(filter->families, FILTER_IPV6);
    assert_int_equal(options.interval_ns, 1000000000);
    strbuf_free(&error);
}

static void what_contradicts_is_refused(void **state)
{
    struct list_options options;
    struct strbuf error = {0};

    (void)state;
    REFUSED("--quiet and --json cannot be combined", "-q", "-j");
    REFUSED("--quiet and --verbose cannot be combined", "-q", "-v");
    REFUSED("--quiet and --watch cannot be combined", "-q", "-w");
    REFUSED("--json and --verbose cannot be combined: JSON has all that is known", "-j", "-v");
    REFUSED("--json and --watch cannot be combined; porttrace trace --json follows events", "-j",
            "-w");
    REFUSED("--interval needs --watch", "-i", "2");
    REFUSED("--interval: 10ms is too short; allowed: 100ms and more", "-w", "-i", "10ms");
    strbuf_free(&error);
}

static uint32_t parent_of(uint32_t pid)
{
    return pid == 30 ? 20 : pid == 20 ? 10 : pid == 10 ? 1 : 0;
}

static struct port_range range_of(void *ranges, const struct pt_holder *seen)
{
    (void)ranges;
    return seen->task.netns == HELD_NETNS ? (struct port_range){32768, 60999}
                                          : (struct port_range){1024, 2047};
}

static struct list_match match_of(const struct filter *filter)
{
    return (struct list_match){.filter = filter, .parent_of = parent_of, .range_of = range_of};
}

static bool matches(const struct list_match *match, const struct holder *holder)
{
    const struct role_context context = {.range_low = 32768, .range_high = 60999};

    return list_matches(match, holder, &context);
}

static void what_holds_a_port_on_purpose_is_listed(void **state)
{
    struct filter filter = {0};
    struct list_match match = match_of(&filter);
    struct holder listener = held_listener(80), client = held_client(40000);
    struct holder waiting = held_listener(80), udp = held_datagram(53);

    (void)state;
    waiting.seen.socket.state = HELD_TIME_WAIT;
    assert_true(matches(&match, &listener));
    assert_true(matches(&match, &udp));
    assert_false(matches(&match, &client));
    assert_false(matches(&match, &waiting));
    match.all = true;
    assert_true(matches(&match, &client));
    assert_true(matches(&match, &waiting));
}

static void all_of_a_port_that_is_named_is_listed(void **state)
{
    struct filter filter = {.ports = {{80, 80}, {40000, 40010}}, .port_count = 2};
    struct list_match match = match_of(&filter);
    struct holder listener = held_listener(80), client = held_client(40000);
    struct holder other = held_listener(81), waiting = held_listener(80);

    (void)state;
    waiting.seen.socket.state = HELD_TIME_WAIT;
    assert_true(matches(&match, &listener));
    assert_true(matches(&match, &client));
    assert_true(matches(&match, &waiting));
    assert_false(matches(&match, &other));
    /* A client that connects to the port does not have it. */
    client.seen.local.port = 40011;
    client.seen.peer.port = 80;
    assert_false(matches(&match, &client));
}

static void protocol_and_address_count_for_their_port(void **state)
{
    struct filter filter = {.ports = {{90, 90}}, .port_count = 1};
    struct list_match match = match_of(&filter);
    const struct question wanted[] = {
        {.protocol = IPPROTO_UDP, .any_address = true, .endpoint = sample_ipv4("0.0.0.0", 53)},
        {.endpoint = sample_ipv4("10.0.0.1", 80)}};
    struct holder listener = held_listener(80), other = held_listener(80);
    struct holder resolver = held_datagram(53), tcp = held_listener(53), third = held_listener(90);
    struct holder client = held_client(80), http3 = held_datagram(80);

    (void)state;
    match.wanted = wanted;
    match.wanted_count = 2;
    other.seen.local = sample_ipv4("10.0.0.2", 80);
    assert_true(matches(&match, &listener) && matches(&match, &http3));
    assert_true(matches(&match, &resolver) && matches(&match, &third));
    assert_true(matches(&match, &client));
    assert_false(matches(&match, &other) || matches(&match, &tcp));
}

static void sockets_are_told_by_protocol_family_and_namespace(void **state)
{
    struct filter filter = {.protocols = FILTER_UDP};
    struct list_match match = match_of(&filter);
    struct holder tcp = held_listener(80), udp = held_datagram(80);

    (void)state;
    assert_false(matches(&match, &tcp));
    assert_true(matches(&match, &udp));
    filter = (struct filter){.families = FILTER_IPV6};
    assert_false(matches(&match, &tcp));
    tcp.seen.socket.family = AF_INET6;
    assert_true(matches(&match, &tcp));
    filter = (struct filter){.netns = {HELD_NETNS + 1}, .netns_count = 1};
    assert_false(matches(&match, &tcp));
    tcp.seen.task.netns++;
    assert_true(matches(&match, &tcp));
}

static void any_process_that_has_it_counts(void **state)
{
    const struct holder_process processes[] = {held_process(5, "master"), held_process(30, "work")};
    struct holder holder = held_by(held_listener(80), processes, 2), nobody = held_listener(80);
    struct filter filter = {.comms = {"work"}, .comm_count = 1};
    struct list_match match = match_of(&filter);

    (void)state;
    assert_true(matches(&match, &holder));
    assert_false(matches(&match, &nobody));
    filter = (struct filter){.pids = {10}, .pid_count = 1};
    assert_true(matches(&match, &holder));
    filter.pids[0] = 11;
    assert_false(matches(&match, &holder));
    assert_false(matches(&match, &nobody));
    filter = (struct filter){.uids = {1000}, .uid_count = 1};
    assert_true(matches(&match, &holder));
    assert_false(matches(&match, &nobody));
    nobody.seen.uid = 1000;
    assert_true(matches(&match, &nobody));
    nobody.seen.flags &= ~(uint32_t)PT_HOLDER_UID_KNOWN;
    assert_false(matches(&match, &nobody));
}

static void cgroups_are_matched_with_those_below(void **state)
{
    const char *cgroups[] = {"system.slice/"};
    const struct holder_process process = held_process(5, "web");
    struct holder holder = held_by(held_listener(80), &process, 1);
    struct filter filter = {0};
    struct list_match match = match_of(&filter);

    (void)state;
    match.cgroups = cgroups;
    match.cgroup_count = 1;
    assert_true(matches(&match, &holder));
    cgroups[0] = "/system";
    assert_false(matches(&match, &holder));
}

static unsigned int pids_of(const struct list_match *match, const struct holder *holder,
                            uint32_t *pids, unsigned int capacity)
{
    const struct role_context context = {.range_low = 32768, .range_high = 60999};

    return list_pids(match, holder, &context, pids, 0, capacity);
}

static void pids_are_those_of_holders_only(void **state)
{
    const struct holder_process processes[] = {held_process(5, "a"), held_process(6, "b"),
                                               held_process(5, "a"), held_process(1, "init"),
                                               held_process(0, "none")};
    struct holder holder = held_by(held_listener(80), processes, 5);
    struct holder client = held_by(held_client(40000), processes, 2);
    struct filter filter = {0};
    struct list_match match = match_of(&filter);
    uint32_t pids[5];

    (void)state;
    assert_int_equal(pids_of(&match, &holder, pids, 5), 2);
    assert_int_equal(pids[0], 5);
    assert_int_equal(pids[1], 6);
    assert_int_equal(pids_of(&match, &holder, pids, 1), 1);
    assert_int_equal(pids_of(&match, &client, pids, 5), 0);
    match.all = true;
    assert_int_equal(pids_of(&match, &client, pids, 5), 0);
    filter = (struct filter){.comms = {"b"}, .comm_count = 1};
    assert_int_equal(pids_of(&match, &holder, pids, 5), 1);
    assert_int_equal(pids[0], 6);
    holder.seen.flags |= PT_HOLDER_KERNEL;
    assert_int_equal(pids_of(&match, &holder, pids, 5), 0);
}

static void pids_of_accepted_connections_are_for_ports_without_a_listener(void **state)
{
    const struct holder_process process = held_process(7, "session");
    struct holder sockets[2] = {held_listener(22), held_by(held_connection(22), &process, 1)};
    const struct holder_list holders = holder_list_of(&(struct holders){sockets, 2});
    struct filter filter = {0};
    struct list_match match = match_of(&filter);
    struct role_listened listened = {0};
    struct role_context context = list_context(&match, &listened, &holders, 1);
    uint32_t pids[1];

    (void)state;
    assert_true(context.listened);
    assert_int_equal(list_pids(&match, &sockets[1], &context, pids, 0, 1), 0);
    match.all = true;
    assert_int_equal(list_pids(&match, &sockets[1], &context, pids, 0, 1), 1);
    match.all = false;
    sockets[0].seen.socket.state = HELD_TIME_WAIT;
    listened = (struct role_listened){0};
    context = list_context(&match, &listened, &holders, 1);
    assert_false(context.listened);
    assert_int_equal(list_pids(&match, &sockets[1], &context, pids, 0, 1), 1);
}

/* What is left of a server here is a client where the kernel chooses such ports. */
static void each_net_namespace_chooses_ports_from_its_own_range(void **state)
{
    const struct holder_process process = held_process(7, "session");
    struct holder socket = held_by(held_connection(1500), &process, 1);
    const struct holder_list holders = holder_list_of(&(struct holders){&socket, 1});
    struct filter filter = {0};
    struct list_match match = match_of(&filter);
    struct role_listened listened = {0};
    struct role_context context = list_context(&match, &listened, &holders, 0);
    uint32_t pids[1];

    (void)state;
    assert_int_equal(list_pids(&match, &socket, &context, pids, 0, 1), 1);
    socket.seen.task.netns = HELD_NETNS + 1;
    context = list_context(&match, &listened, &holders, 0);
    assert_int_equal(list_pids(&match, &socket, &context, pids, 0, 1), 0);
}

static void a_screen_never_scrolls(void **state)
{
    static const char text[] = "one\ntwo\nthree\n";
    struct strbuf out = {0};

    (void)state;
    list_watch_screen(text, sizeof(text) - 1, 2, &out);
    assert_string_equal(out.text, "\033[Hone\033[K\r\ntwo\033[K\033[J");
    strbuf_reset(&out);
    list_watch_screen(text, sizeof(text) - 1, 10, &out);
    assert_string_equal(out.text, "\033[Hone\033[K\r\ntwo\033[K\r\nthree\033[K\033[J");
    strbuf_free(&out);
}

static void a_process_can_be_called_anything(void **state)
{
    struct process_stat stat;

    (void)state;
    assert_int_equal(process_stat_parse("12 (a) Z 1 (b)) S 7 12 3 4 5 6 7 8 9 10 11 12 13 14 15 16 "
                                        "17 18 12345 20 21\n",
                                        &stat),
                     0);
    assert_string_equal(stat.comm, "a) Z 1 (b)");
    assert_false(stat.stopped);
    assert_int_equal(stat.parent_pid, 7);
    assert_int_equal(stat.group, 12);
    assert_int_equal(stat.start_ticks, 12345);
    assert_false(stat.dead);
    assert_true(process_stat_started(&stat, 123450000001));
    assert_true(process_stat_started(&stat, 123459999999));
    assert_false(process_stat_started(&stat, 123460000000));
    assert_int_equal(
        process_stat_parse("12 (a name of more than 15 bytes) T 7 12 3 4 5 6 7 8 9 10 11 "
                           "12 13 14 15 16 17 18 12345\n",
                           &stat),
        0);
    assert_string_equal(stat.comm, "a name of more ");
    assert_true(stat.stopped);
    assert_int_equal(process_stat_parse("12 (a", &stat), -EBADMSG);
    assert_int_equal(process_stat_parse("12 )a( S 7 12", &stat), -EBADMSG);
    assert_int_equal(process_stat_parse("12 (a) S 7", &stat), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_are_arguments_ranges_and_names),
        cmocka_unit_test(ports_have_the_forms_of_why_and_stop),
        cmocka_unit_test(filters_are_those_of_trace),
        cmocka_unit_test(what_contradicts_is_refused),
        cmocka_unit_test(what_holds_a_port_on_purpose_is_listed),
        cmocka_unit_test(all_of_a_port_that_is_named_is_listed),
        cmocka_unit_test(protocol_and_address_count_for_their_port),
        cmocka_unit_test(sockets_are_told_by_protocol_family_and_namespace),
        cmocka_unit_test(any_process_that_has_it_counts),
        cmocka_unit_test(cgroups_are_matched_with_those_below),
        cmocka_unit_test(pids_are_those_of_holders_only),
        cmocka_unit_test(pids_of_accepted_connections_are_for_ports_without_a_listener),
        cmocka_unit_test(each_net_namespace_chooses_ports_from_its_own_range),
        cmocka_unit_test(a_screen_never_scrolls),
        cmocka_unit_test(a_process_can_be_called_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
