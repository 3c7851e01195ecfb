// SPDX-License-Identifier: GPL-2.0
/* What is behind a port, from arguments, lists and rules, also from such as nobody should write. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/unit/sample.h"
#include "user/host/nat_rules.h"
#include "user/host/port_proxy.h"
#include "user/host/published.h"
#include "user/host/socket_units.h"

#define ARGS(literal) sample_bytes(literal, sizeof(literal)) /* with the last NUL */

static bool same(const struct pt_endpoint *endpoint, const char *address, uint16_t port)
{
    struct pt_endpoint expected =
        strchr(address, ':') ? sample_ipv6(address, port, 0) : sample_ipv4(address, port);

    return !memcmp(endpoint, &expected, sizeof(expected));
}

static void test_proxy_target(void **state)
{
    struct pt_endpoint to;

    (void)state;
    assert_true(port_proxy_target(ARGS("/usr/bin/docker-proxy\0-proto\0tcp\0-host-ip\0"
                                       "0.0.0.0\0-host-port\0"
                                       "8080\0-container-ip\0"
                                       "172.17.0.2\0-container-port\0"
                                       "80\0-use-listen-fd"),
                                  &to));
    assert_true(same(&to, "172.17.0.2", 80));
    assert_true(port_proxy_target(ARGS("p\0--container-ip=fd00::2\0--container-port=443"), &to));
    assert_true(same(&to, "fd00::2", 443));
}

#define WITH_NUL(text) text, sizeof(text)

static void test_proxy_target_refuses(void **state)
{
    static const struct {
        const char *args;
        size_t size;
    } rows[] = {
        {WITH_NUL("p")},
        {WITH_NUL("")},
        {WITH_NUL("p\0-container-ip")},
        {WITH_NUL("p\0-container-ip\0001.2.3\0-container-port\00080")},
        {WITH_NUL("p\0-container-ip\0001.2.3.4\0-container-port\00070000")},
        {WITH_NUL("p\0-container-ip\0001.2.3.4\0-container-port\000-1")},
        {WITH_NUL("p\0-container-ip\0001.2.3.4\0-container-port")},
        {"-container-ip=1.2.3.4", 21}, /* no NUL: cut off */
    };
    struct pt_endpoint to = {.port = 7};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (port_proxy_target(sample_bytes(rows[i].args, rows[i].size), &to))
            fail_msg("row %zu was taken", i);
    assert_false(port_proxy_target((struct bytes){0}, &to));
    assert_int_equal(to.port, 7);
}

static void test_proxy_name(void **state)
{
    struct process_facts process = sample_process();

    (void)state;
    process.exe = SAMPLE_BYTES("/usr/libexec/docker/docker-proxy");
    assert_string_equal(port_proxy_name(&process), "docker-proxy");
    process.exe = SAMPLE_BYTES("/home/x/docker-proxy2");
    assert_null(port_proxy_name(&process));
    process.exe = SAMPLE_BYTES("/");
    assert_null(port_proxy_name(&process));
    process.exe = (struct bytes){0};
    strcpy(process.task.comm, "slirp4netns");
    assert_string_equal(port_proxy_name(&process), "slirp4netns");
}

static void test_proxy_trust(void **state)
{
    struct process_facts process = sample_process();

    (void)state;
    process.cgroup_facts.runtime = RUNTIME_NONE;
    process.task.uid = 0;
    assert_true(port_proxy_is_trusted(&process));
    process.task.uid = 1000;
    assert_false(port_proxy_is_trusted(&process));
    process.task.uid = 0;
    process.cgroup_facts.runtime = RUNTIME_DOCKER;
    assert_false(port_proxy_is_trusted(&process));
}

static void test_container(void **state)
{
    static const char config[] =
        "{\"State\":{},\"NetworkSettings\":{\"Networks\":{\"bridge\":{\"IPAddress\":\"172.17.0.2\","
        "\"GlobalIPv6Address\":\"fd00::2\"}}},\"RestartPolicy\":{\"Name\":\"no\"},"
        "\"Name\":\"/web-1\",\"Driver\":\"overlay2\"}";
    struct bytes name;

    (void)state;
    assert_true(port_proxy_container(config, "172.17.0.2", &name));
    assert_int_equal(name.size, 5);
    assert_memory_equal(name.at, "web-1", 5);
    assert_true(port_proxy_container(config, "fd00::2", &name));
    assert_false(port_proxy_container(config, "172.17.0.20", &name));
    assert_false(port_proxy_container(config, "72.17.0.2", &name));
    assert_false(port_proxy_container("\"IPAddress\":\"1.2.3.4\"", "1.2.3.4", &name));
    assert_false(
        port_proxy_container("\"IPAddress\":\"1.2.3.4\",\"Name\":\"/a\\u001b\"", "1.2.3.4", &name));
    assert_false(
        port_proxy_container("\"IPAddress\":\"1.2.3.4\",\"Name\":\"/abc", "1.2.3.4", &name));
    assert_false(port_proxy_container("", "1.2.3.4", &name));
}

static bool finds_unit(const char *list, uint16_t type, struct pt_endpoint local,
                       const char *expected)
{
    struct bytes unit;

    return socket_units_find(list, type, &local, &unit) && unit.size == strlen(expected) &&
           !memcmp(unit.at, expected, unit.size);
}

static void test_socket_units(void **state)
{
    static const char list[] =
        "/run/dbus/system_bus_socket Stream   dbus.socket  dbus.service\n"
        "[::]:22                     Stream   ssh.socket   ssh.service\n"
        "127.0.0.1:53%lo             Datagram dns.socket   a.service, b.service\n"
        "127.0.0.1:99                Stream   x.socket     -\n"
        "127.0.0.1:98 Stream x.socket\n"
        "127.0.0.1:97 Stream x.socket ,\n";
    struct bytes unit;
    struct pt_endpoint local = sample_ipv4("0.0.0.0", 22);

    (void)state;
    assert_true(finds_unit(list, SOCK_STREAM, sample_ipv6("::", 22, 0), "ssh.service"));
    assert_true(finds_unit(list, SOCK_DGRAM, sample_ipv4("127.0.0.1", 53), "a.service"));
    assert_false(socket_units_find(list, SOCK_STREAM, &local, &unit));
    local = sample_ipv6("::", 2, 0);
    assert_false(socket_units_find(list, SOCK_STREAM, &local, &unit));
    local = sample_ipv4("127.0.0.1", 53);
    assert_false(socket_units_find(list, SOCK_STREAM, &local, &unit));
    for (uint16_t port = 97; port <= 99; port++) {
        local = sample_ipv4("127.0.0.1", port);
        assert_false(socket_units_find(list, SOCK_STREAM, &local, &unit));
    }
    assert_false(socket_units_find("", SOCK_STREAM, &local, &unit));
}

static void assert_sockets(const char *list, const char *unit, const char *expected)
{
    struct strbuf sockets = {0};

    socket_units_of(list, sample_bytes(unit, strlen(unit)), &sockets);
    assert_string_equal(sockets.text ? sockets.text : "", expected);
    strbuf_free(&sockets);
}

static void test_sockets_of_a_unit(void **state)
{
    static const char list[] = "/run/b.socket    Stream     web.socket   web.service\n"
                               "/run/a b         Stream     admin.socket web.service\n"
                               "kobject-uevent 1 Netlink    udev.socket  udev.service\n"
                               "audit 1          Netlink    log.socket   a.service, web.service\n"
                               "[::]:80          Stream     web.socket   web.service\n"
                               "[::]:81          Stream     we.socket    web.services\n"
                               "[::]:82          Stream     web.service  web.service\n"
                               "[::]:83          Stream     web.path     web.service\n"
                               "[::]:84          Stream     x.socket     ,";

    (void)state;
    assert_sockets(list, "web.service", "web.socket admin.socket");
    assert_sockets(list, "udev.service", "udev.socket");
    assert_sockets(list, "a.service", "log.socket");
    assert_sockets(list, "b.service", "");
    assert_sockets("", "web.service", "");
}

struct found {
    struct nat_rule rules[8];
    unsigned int count;
};

static bool take(void *context, const struct nat_rule *rule)
{
    struct found *found = context;

    assert_in_range(found->count, 0, 7);
    found->rules[found->count++] = *rule;
    return found->count < 8;
}

static const char iptables[] =
    "# Generated by iptables-save v1.8.9\n*nat\n:PREROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n"
    "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
    "-A POSTROUTING -s 172.17.0.2/32 -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE\n"
    "-A DOCKER -i docker0 -j RETURN\n"
    "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80\n"
    "-A DOCKER -d 127.0.0.1/32 ! -i docker0 -p udp -m udp --dport 53 -j DNAT "
    "--to-destination 172.17.0.3:5353\n"
    "-A X -p tcp -m multiport --dports 90,100:110 -m comment --comment \"a -j DNAT b\" -j DNAT "
    "--to-destination 10.0.0.1\n"
    "-A X -p tcp -m tcp --dport 81 -j REDIRECT --to-ports 3128\n"
    "-A X -p tcp -m tcp ! --dport 82 -j DNAT --to-destination 10.0.0.1\n"
    "-A X -p tcp -m tcp --dport 83 -j DNAT --to-destination [fd00::1]:80-90\n"
    "-A X ! -p tcp -m tcp --dport 84 -j DNAT --to-destination 10.0.0.1\n"
    "-A X -p tcp -m tcp --dport 85 -j DNAT --to-destination 10.0.0.1:99999\n"
    "-A X -p tcp -m tcp --dport 86 -j DNAT\n"
    "-A X -p tcp --dport\n-A\n-j\nCOMMIT\n";

static struct found in_iptables(uint16_t port)
{
    struct found found = {0};

    nat_rules_in_iptables(iptables, port, take, &found);
    return found;
}

static void test_iptables(void **state)
{
    struct found found = in_iptables(8080);

    (void)state;
    assert_int_equal(found.count, 1);
    assert_int_equal(found.rules[0].protocol, IPPROTO_TCP);
    assert_int_equal(found.rules[0].from.family, 0);
    assert_true(same(&found.rules[0].to, "172.17.0.2", 80));
    found = in_iptables(53);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.rules[0].protocol, IPPROTO_UDP);
    assert_true(same(&found.rules[0].from, "127.0.0.1", 53));
    assert_int_equal(in_iptables(90).count, 1);
    assert_int_equal(in_iptables(105).count, 1);
    assert_int_equal(in_iptables(111).count, 0);
    found = in_iptables(81);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.rules[0].to.family, 0);
    assert_int_equal(found.rules[0].to.port, 3128);
    found = in_iptables(83);
    assert_int_equal(found.count, 1);
    assert_true(same(&found.rules[0].to, "fd00::1", 80));
    for (uint16_t port = 84; port <= 86; port++)
        assert_int_equal(in_iptables(port).count, 0);
    assert_int_equal(in_iptables(82).count, 0);
    assert_int_equal(in_iptables(80).count, 0);
}

static const char nft[] =
    "table ip nat {\n\tchain PREROUTING {\n\t\ttype nat hook prerouting priority dstnat; policy "
    "accept;\n"
    "\t\tiifname != \"docker0\" tcp dport 8080 counter packets 0 bytes 0 dnat to 172.17.0.2:80\n"
    "\t\tip daddr 10.1.1.1 udp dport { 53, 100-110 } dnat ip to 10.0.0.2\n"
    "\t\tmeta l4proto tcp ip saddr 1.1.1.1 th dport 90 dnat to 10.0.0.3:91\n"
    "\t\ttcp dport 81 redirect to :3128\n"
    "\t\ttcp dport 82 redirect\n"
    "\t\ttcp dport != 83 dnat to 10.0.0.1\n"
    "\t\tdnat ip to tcp dport map { 84 : 10.0.0.1 }\n"
    "\t\ttcp dport 85 dnat to 10.0.0.1 : 5 . 7\n"
    "\t\ttcp dport 86 dnat to [fd00::1]:80\n"
    "\t\ttcp dport { 87, 88 accept\n"
    "\t\ttcp dport { 89, \n"
    "\t\ttcp dport\n\t\tdport 80 dnat to 1.2.3.4\n\t\tdnat to\n\t}\n}\n";

static struct found in_nft(uint16_t port)
{
    struct found found = {0};

    nat_rules_in_nft(nft, port, take, &found);
    return found;
}

static void test_nft(void **state)
{
    struct found found = in_nft(8080);

    (void)state;
    assert_int_equal(found.count, 1);
    assert_true(same(&found.rules[0].to, "172.17.0.2", 80));
    found = in_nft(105);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.rules[0].protocol, IPPROTO_UDP);
    assert_true(same(&found.rules[0].from, "10.1.1.1", 105));
    found = in_nft(90);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.rules[0].protocol, IPPROTO_TCP);
    found = in_nft(81);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.rules[0].to.port, 3128);
    assert_int_equal(in_nft(82).count, 1);
    assert_int_equal(in_nft(85).count, 1);
    assert_true(same(&in_nft(86).rules[0].to, "fd00::1", 80));
    assert_int_equal(in_nft(80).count, 0);
    assert_int_equal(in_nft(83).count, 0);
    assert_int_equal(in_nft(84).count, 0);
    assert_int_equal(in_nft(87).count, 0);
    assert_int_equal(in_nft(88).count, 0);
    assert_int_equal(in_nft(89).count, 0);
}

/* Words without end, and cut at every place. */
static void test_hostile_rules(void **state)
{
    struct found found = {0};
    char *text = malloc(100001);

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < 100000; i++)
        text[i] = i % 3 ? 'a' : ' ';
    text[100000] = '\0';
    nat_rules_in_nft(text, 80, take, &found);
    memset(text, 'x', 100000);
    nat_rules_in_iptables(text, 80, take, &found);
    nat_rules_in_iptables("-A \"-p tcp --dport 80 -j DNAT --to-destination 1.2.3.4", 80, take,
                          &found);
    assert_int_equal(found.count, 0);
    for (size_t length = 0; length < sizeof(nft); length++) {
        memcpy(text, nft, length);
        text[length] = '\0';
        found.count = 0;
        nat_rules_in_nft(text, 8080, take, &found);
        nat_rules_in_iptables(text, 8080, take, &found);
        assert_in_range(found.count, 0, 1);
    }
    free(text);
}

static void test_rule_is_no_socket(void **state)
{
    const struct holder_published behind = {.by = "nft DNAT"};
    struct holder holder = {.published = &behind};

    (void)state;
    assert_true(published_is_rule(&holder));
    holder.seen.socket.state = 10;
    assert_false(published_is_rule(&holder));
    holder = (struct holder){0};
    assert_false(published_is_rule(&holder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proxy_target),
        cmocka_unit_test(test_proxy_target_refuses),
        cmocka_unit_test(test_proxy_name),
        cmocka_unit_test(test_proxy_trust),
        cmocka_unit_test(test_container),
        cmocka_unit_test(test_socket_units),
        cmocka_unit_test(test_sockets_of_a_unit),
        cmocka_unit_test(test_iptables),
        cmocka_unit_test(test_nft),
        cmocka_unit_test(test_hostile_rules),
        cmocka_unit_test(test_rule_is_no_socket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
