// SPDX-License-Identifier: GPL-2.0
/* What the host says of ports, addresses and security modules, from its text and messages. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/unit/sample.h"
#include "user/host/address.h"
#include "user/host/diag.h"
#include "user/host/local_routes.h"
#include "user/host/process_cgroup.h"
#include "user/host/security.h"
#include "user/host/sysctl.h"

static unsigned int count_ports(const uint64_t *ports)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < SYSCTL_PORT_WORDS; i++)
        count += (unsigned int)__builtin_popcountll(ports[i]);
    return count;
}

static void test_reserved_ports(void **state)
{
    uint64_t ports[SYSCTL_PORT_WORDS];

    (void)state;
    assert_int_equal(sysctl_parse_ports("\n", ports), 0);
    assert_int_equal(count_ports(ports), 0);
    assert_int_equal(sysctl_parse_ports("80,8000-8002,65535\n", ports), 0);
    assert_int_equal(count_ports(ports), 5);
    assert_true(sysctl_has_port(ports, 80));
    assert_false(sysctl_has_port(ports, 81));
    assert_true(sysctl_has_port(ports, 8000) && sysctl_has_port(ports, 8002));
    assert_true(sysctl_has_port(ports, 65535));
    assert_int_equal(sysctl_parse_ports("0-65535", ports), 0);
    assert_int_equal(count_ports(ports), 65536);
}

static void test_reserved_ports_refuses(void **state)
{
    static const char *const wrong[] = {
        "a",     "80,",      "80,,81",      ",80",   "80-",        "-80",      "90-80", "65536",
        "80 81", "80-81-82", "99999999999", "80;81", "4294967376", "80-70000", "0x50"};
    uint64_t ports[SYSCTL_PORT_WORDS];

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (sysctl_parse_ports(wrong[i], ports) != -EBADMSG)
            fail_msg("taken: %s", wrong[i]);
}

static void test_range(void **state)
{
    uint16_t low, high;

    (void)state;
    assert_int_equal(sysctl_parse_range("32768\t60999\n", &low, &high), 0);
    assert_int_equal(low, 32768);
    assert_int_equal(high, 60999);
    assert_int_equal(sysctl_parse_range("60999\t32768\n", &low, &high), -EBADMSG);
    assert_int_equal(sysctl_parse_range("32768\n", &low, &high), -EBADMSG);
    assert_int_equal(sysctl_parse_range("1 2 3", &low, &high), -EBADMSG);
    assert_int_equal(sysctl_parse_range("", &low, &high), -EBADMSG);
    assert_int_equal(sysctl_parse_range("1 70000", &low, &high), -EBADMSG);
}

static bool confines(const char *current, const char *name)
{
    size_t length;
    bool confined = security_parse_confinement(current, &length);

    assert_int_equal(length, strlen(name));
    assert_memory_equal(current, name, length);
    return confined;
}

static void test_confinement(void **state)
{
    (void)state;
    assert_false(confines("unconfined\n", "unconfined"));
    assert_false(confines("", ""));
    assert_false(confines("_\n", "_"));
    assert_true(confines("docker-default (enforce)\n", "docker-default"));
    assert_true(confines("a:b:c (enforce)", "a:b:c"));
    assert_true(confines("a//&b (mixed)\n", "a//&b"));
    assert_false(confines("usr.sbin.named (complain)\n", "usr.sbin.named"));
    assert_false(confines("/bin/(odd) (unconfined)", "/bin/(odd)"));
    assert_true(confines("system_u:system_r:httpd_t:s0", "system_u:system_r:httpd_t:s0"));
    assert_true(confines("u:r:httpd_t", "u:r:httpd_t"));
    assert_false(confines("unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023",
                          "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023"));
    assert_false(confines("system_u:system_r:unconfined_service_t:s0",
                          "system_u:system_r:unconfined_service_t:s0"));
    assert_false(confines("kernel", "kernel"));
    assert_false(confines("a:b:", "a:b:"));
    assert_false(confines("::", "::"));
}

static void test_address_of_itself(void **state)
{
    static const struct {
        const char *address;
        enum address_state expected;
    } rows[] = {
        {"0.0.0.0", ADDRESS_WILDCARD},        {"::", ADDRESS_WILDCARD},
        {"::ffff:0.0.0.0", ADDRESS_WILDCARD}, {"224.0.0.1", ADDRESS_MULTICAST},
        {"239.1.2.3", ADDRESS_MULTICAST},     {"255.255.255.255", ADDRESS_MULTICAST},
        {"ff02::1", ADDRESS_MULTICAST},       {"::ffff:224.0.0.1", ADDRESS_MULTICAST},
        {"127.0.0.1", ADDRESS_UNKNOWN},       {"::1", ADDRESS_UNKNOWN},
        {"240.0.0.1", ADDRESS_UNKNOWN},       {"0.0.0.1", ADDRESS_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pt_endpoint wanted = strchr(rows[i].address, ':')
                                        ? sample_ipv6(rows[i].address, 80, 0)
                                        : sample_ipv4(rows[i].address, 80);

        if (address_of_itself(&wanted) != rows[i].expected)
            fail_msg("%s", rows[i].address);
    }
}

/* Two devices without a VRF, one in a VRF, and that VRF. */
static const struct host_link links_at[] = {
    {.ifindex = 1, .name = "lo"},
    {.ifindex = 2, .name = "eth0"},
    {.ifindex = 3, .name = "eth1", .master = 9},
    {.ifindex = 9, .name = "blue", .vrf_table = 100},
};

static struct host_links sample_links(struct host_link room[4])
{
    memcpy(room, links_at, sizeof(links_at));
    return (struct host_links){.at = room, .count = 4};
}

static void test_links(void **state)
{
    struct host_link room[4];
    struct host_links links = sample_links(room);

    (void)state;
    assert_null(links_find(&links, 0));
    assert_null(links_find(&links, 7));
    assert_string_equal(links_find(&links, 2)->name, "eth0");
    assert_null(links_vrf_of(&links, 2));
    assert_int_equal(links_vrf_of(&links, 3)->ifindex, 9);
    assert_int_equal(links_vrf_of(&links, 9)->ifindex, 9);
    assert_false(links_loopback_down(&links));
    room[0].down = true;
    assert_true(links_loopback_down(&links));
    links.count = 0;
    assert_false(links_loopback_down(&links));
}

static struct address_answer weigh(int32_t device, struct address_found found)
{
    struct host_link room[4];
    struct host_links links = sample_links(room);
    struct address_answer answer = {.state = ADDRESS_ABSENT};

    address_weigh(&links, device, &found, &answer);
    return answer;
}

static void test_weigh(void **state)
{
    struct host_link room[4];
    struct host_links links = sample_links(room);
    struct address_answer answer = {.state = ADDRESS_ABSENT};

    (void)state;
    assert_int_equal(weigh(0, (struct address_found){.ifindex = 2}).state, ADDRESS_LOCAL);
    assert_int_equal(weigh(2, (struct address_found){.ifindex = 1}).state, ADDRESS_LOCAL);
    assert_int_equal(weigh(2, (struct address_found){.ifindex = 1, .on_link = true}).state,
                     ADDRESS_OTHER_DEVICE);
    assert_int_equal(weigh(0, (struct address_found){.ifindex = 1, .on_link = true}).state,
                     ADDRESS_LOCAL);
    answer = weigh(0, (struct address_found){.ifindex = 3});
    assert_int_equal(answer.state, ADDRESS_OTHER_VRF);
    assert_string_equal(answer.device, "blue");
    assert_int_equal(weigh(9, (struct address_found){.ifindex = 3}).state, ADDRESS_LOCAL);
    assert_int_equal(weigh(3, (struct address_found){.ifindex = 2}).state, ADDRESS_OTHER_VRF);
    assert_int_equal(weigh(0, (struct address_found){.ifindex = 2, .tentative = true}).state,
                     ADDRESS_TENTATIVE);
    assert_int_equal(
        weigh(0, (struct address_found){.ifindex = 2, .tentative = true, .optimistic = true}).state,
        ADDRESS_LOCAL);
    assert_int_equal(
        weigh(0, (struct address_found){.ifindex = 2, .tentative = true, .duplicate = true}).state,
        ADDRESS_DUPLICATE);

    /* The best of several places counts, in whichever order. */
    answer = (struct address_answer){.state = ADDRESS_ABSENT};
    address_weigh(&links, 0, &(struct address_found){.ifindex = 2}, &answer);
    address_weigh(&links, 0, &(struct address_found){.ifindex = 3}, &answer);
    assert_int_equal(answer.state, ADDRESS_LOCAL);
    assert_string_equal(answer.device, "eth0");
}

static void test_device_of_question(void **state)
{
    struct address_question question = {.wanted = sample_ipv6("fe80::1", 80, 7),
                                        .device_ifindex = 2};

    (void)state;
    assert_int_equal(address_device(&question), 7);
    question.wanted = sample_ipv6("fe80::1", 80, 0);
    assert_int_equal(address_device(&question), 2);
    question.wanted = sample_ipv6("2001:db8::1", 80, 7);
    assert_int_equal(address_device(&question), 2);
    question.wanted = sample_ipv6("ff02::1", 80, 7);
    assert_int_equal(address_device(&question), 7);
    question.wanted = sample_ipv4("254.128.0.0", 80);
    assert_int_equal(address_device(&question), 2);
}

static void add_route(struct local_route *best, const char *address, const char *network,
                      int prefix, uint8_t type)
{
    struct in_addr wanted, destination;

    inet_pton(AF_INET, address, &wanted);
    if (network)
        inet_pton(AF_INET, network, &destination);
    local_routes_weigh(wanted, network ? &destination : NULL,
                       &(struct local_route){.prefix = prefix, .type = type}, best);
}

static void test_longest_route(void **state)
{
    struct local_route best = {.prefix = -1};

    (void)state;
    add_route(&best, "10.1.2.3", "10.1.2.4", 32, RTN_LOCAL);
    assert_int_equal(best.prefix, -1);
    add_route(&best, "10.1.2.3", NULL, 0, RTN_UNICAST);
    assert_int_equal(best.type, RTN_UNICAST);
    add_route(&best, "10.1.2.3", "10.1.0.0", 16, RTN_LOCAL);
    assert_int_equal(best.type, RTN_LOCAL);
    add_route(&best, "10.1.2.3", "10.0.0.0", 8, RTN_UNICAST);
    assert_int_equal(best.type, RTN_LOCAL);
    add_route(&best, "10.1.2.3", "10.1.0.0", 16, RTN_UNICAST); /* the first one counts */
    assert_int_equal(best.type, RTN_LOCAL);
    add_route(&best, "10.1.2.3", "10.1.2.3", 32, RTN_BROADCAST);
    assert_int_equal(best.type, RTN_BROADCAST);
}

static void test_process_cgroup(void **state)
{
    char path[16];

    (void)state;
    assert_int_equal(process_cgroup_parse("0::/a/b\n", path, sizeof(path)), 0);
    assert_string_equal(path, "/a/b");
    assert_int_equal(process_cgroup_parse("9:name=systemd:/x\n1:cpu:/\n0::/\n", path, 16), 0);
    assert_string_equal(path, "/");
    assert_int_equal(process_cgroup_parse("1:cpu:/a0::/b\n", path, sizeof(path)), -ENOENT);
    assert_int_equal(process_cgroup_parse("10::/b\n", path, sizeof(path)), -ENOENT);
    assert_int_equal(process_cgroup_parse("", path, sizeof(path)), -ENOENT);
    assert_int_equal(process_cgroup_parse("0::/12345678901234\n", path, 16), 0);
    assert_int_equal(process_cgroup_parse("0::/123456789012345\n", path, 16), -ENAMETOOLONG);
}

static int count_held(void *context, const struct pt_held *held)
{
    assert_int_equal(held->holder.local.port, 80);
    ++*(unsigned int *)context;
    return 0;
}

/* Two sockets with a byte of attributes each, and then cut to size. */
static int take_cut_reply(size_t size, unsigned int *ret_count)
{
    struct {
        struct nlmsghdr header;
        struct inet_diag_msg message;
        char rest[4];
    } replies[2] = {0};
    const struct diag_request request = {
        .protocol = IPPROTO_TCP, .on_held = count_held, .context = ret_count};
    char *reply = malloc(size ? size : 1);
    int result;

    assert_non_null(reply);
    for (int i = 0; i < 2; i++) {
        replies[i].header =
            (struct nlmsghdr){.nlmsg_len = NLMSG_LENGTH(sizeof(replies->message)) + 1,
                              .nlmsg_type = SOCK_DIAG_BY_FAMILY};
        replies[i].message.idiag_family = AF_INET;
        replies[i].message.id.idiag_sport = htons(80);
    }
    memcpy(reply, replies, size);
    *ret_count = 0;
    result = diag_take_reply(&request, reply, size);
    free(reply);
    return result;
}

/* The last message need not be padded: the room behind it was once taken for more of them. */
static void test_sock_diag_replies_end_where_they_end(void **state)
{
    const size_t padded = NLMSG_SPACE(sizeof(struct inet_diag_msg) + 1);
    unsigned int count;

    (void)state;
    assert_int_equal(take_cut_reply(2 * padded, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(take_cut_reply(2 * padded - 3, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(take_cut_reply(padded - 3, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(take_cut_reply(padded - 4, &count), -EBADMSG);
    assert_int_equal(take_cut_reply(2 * padded - 4, &count), -EBADMSG);
    assert_int_equal(take_cut_reply(0, &count), 0);
    assert_int_equal(count, 0);
}

static int keep_held(void *context, const struct pt_held *held)
{
    *(struct pt_holder *)context = held->holder;
    return 0;
}

/* Of what is left of a connection sock_diag tells the state that it is in besides. */
static void test_sock_diag_tells_half_closed(void **state)
{
    enum { FIN_WAIT2 = 5, TIME_WAIT = 6, TIMER_TIME_WAIT = 3 };
    struct pt_holder seen = {0};
    struct {
        struct nlmsghdr header;
        struct inet_diag_msg message;
    } reply = {.header = {.nlmsg_len = sizeof(reply), .nlmsg_type = SOCK_DIAG_BY_FAMILY},
               .message = {.idiag_family = AF_INET,
                           .idiag_state = FIN_WAIT2,
                           .idiag_timer = TIMER_TIME_WAIT,
                           .id.idiag_sport = htons(80)}};
    const struct diag_request request = {
        .protocol = IPPROTO_TCP, .on_held = keep_held, .context = &seen};

    (void)state;
    assert_int_equal(diag_take_reply(&request, &reply, sizeof(reply)), 0);
    assert_int_equal(seen.socket.state, TIME_WAIT);
    assert_true(seen.flags & PT_HOLDER_HALF_CLOSED);
    reply.message.idiag_state = TIME_WAIT;
    assert_int_equal(diag_take_reply(&request, &reply, sizeof(reply)), 0);
    assert_int_equal(seen.socket.state, TIME_WAIT);
    assert_false(seen.flags & PT_HOLDER_HALF_CLOSED);
    reply.message.idiag_state = FIN_WAIT2;
    reply.message.idiag_timer = 0;
    assert_int_equal(diag_take_reply(&request, &reply, sizeof(reply)), 0);
    assert_int_equal(seen.socket.state, FIN_WAIT2);
    assert_false(seen.flags & PT_HOLDER_HALF_CLOSED);
}

static void test_sock_diag_refusals(void **state)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr refusal;
    } reply = {.header = {.nlmsg_len = sizeof(reply), .nlmsg_type = NLMSG_ERROR},
               .refusal = {.error = -ENOENT}};
    const struct diag_request request = {.protocol = IPPROTO_TCP, .on_held = count_held};

    (void)state;
    assert_int_equal(diag_take_reply(&request, &reply, sizeof(reply)), -ENOENT);
    reply.refusal.error = 1; /* no errno, and not the end either */
    assert_int_equal(diag_take_reply(&request, &reply, sizeof(reply)), -EBADMSG);
    reply.header.nlmsg_len = NLMSG_HDRLEN;
    assert_int_equal(diag_take_reply(&request, &reply, sizeof(reply)), -EBADMSG);
    reply.header.nlmsg_type = NLMSG_DONE;
    assert_int_equal(diag_take_reply(&request, &reply, sizeof(reply)), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sock_diag_replies_end_where_they_end),
        cmocka_unit_test(test_sock_diag_tells_half_closed),
        cmocka_unit_test(test_sock_diag_refusals),
        cmocka_unit_test(test_reserved_ports),
        cmocka_unit_test(test_reserved_ports_refuses),
        cmocka_unit_test(test_range),
        cmocka_unit_test(test_confinement),
        cmocka_unit_test(test_address_of_itself),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_weigh),
        cmocka_unit_test(test_device_of_question),
        cmocka_unit_test(test_longest_route),
        cmocka_unit_test(test_process_cgroup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
