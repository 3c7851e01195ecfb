// SPDX-License-Identifier: GPL-2.0
/* The functions of libc that read the files are replaced here: what is asked of them is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "user/enrich/names.h"

#define UID_NAMELESS 70000u
#define UID_BROKEN   70001u
#define UID_LONG     70002u
#define UID_ENDLESS  70003u
#define PORT_LONG    77
#define NAME_LONG    1000

struct fake_service {
    const char *name;
    uint16_t port;
    const char *protocol;
};

static const struct fake_service few_services[] = {
    {"ssh", 22, "tcp"},
    {"domain", 53, "udp"},
    {"domain-tcp", 53, "tcp"},
    {"http", 80, "tcp"},
    {"www", 80, "tcp"},
    {"http-sctp", 80, "sctp"},
    {"dccp-thing", 5, "dccp"},
    {"http-alt", 8080, "tcp"},
    {"last", 65535, "udp"},
    {"zero", 0, "tcp"},
    {"\033[31mhostile", 66, "tcp"},
    {"", PORT_LONG, "tcp"},
};

static unsigned int users_asked;
static unsigned int services_opened;
static unsigned int services_closed;
static unsigned int services_asked;
static unsigned int interruptions;
static bool endless_services;

static int answer_user(struct passwd *entry, char *buffer, size_t size, const char *name,
                       struct passwd **ret_found)
{
    if (strlen(name) >= size)
        return ERANGE;
    strcpy(buffer, name);
    *entry = (struct passwd){.pw_name = buffer};
    *ret_found = entry;
    return 0;
}

int getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size, struct passwd **found)
{
    static char long_name[NAME_LONG];
    char name[32];

    *found = NULL;
    if (interruptions) {
        interruptions--;
        return EINTR;
    }
    users_asked++;
    memset(long_name, 'x', sizeof(long_name) - 1);
    switch (uid) {
    case 0:
        return answer_user(entry, buffer, size, "root", found);
    case UID_NAMELESS:
        return 0;
    case UID_BROKEN:
        return EIO;
    case UID_LONG:
        return answer_user(entry, buffer, size, long_name, found);
    case UID_ENDLESS:
        return ERANGE;
    default:
        snprintf(name, sizeof(name), "user%u", uid);
        return answer_user(entry, buffer, size, name, found);
    }
}

void setservent(int stay_open)
{
    (void)stay_open;
    services_opened++;
    services_asked = 0;
}

void endservent(void)
{
    services_closed++;
}

int getservent_r(struct servent *entry, char *buffer, size_t size, struct servent **found)
{
    static char tcp[] = "tcp";
    unsigned int index = services_asked++;

    *found = NULL;
    if (endless_services) {
        snprintf(buffer, size, "service%u", index);
        *entry = (struct servent){
            .s_name = buffer, .s_port = htons((uint16_t)(index + 1)), .s_proto = tcp};
    } else if (index < sizeof(few_services) / sizeof(few_services[0])) {
        const struct fake_service *fake = &few_services[index];

        strcpy(buffer, fake->name);
        if (fake->port == PORT_LONG) {
            memset(buffer, 'x', NAME_LONG);
            buffer[NAME_LONG] = '\0';
        }
        strcpy(buffer + size / 2, fake->protocol);
        *entry = (struct servent){
            .s_name = buffer, .s_port = htons(fake->port), .s_proto = buffer + size / 2};
    } else {
        return ENOENT;
    }
    *found = entry;
    return 0;
}

struct fixture {
    struct name_tables *tables;
    struct render_names names;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    users_asked = services_opened = services_closed = services_asked = interruptions = 0;
    endless_services = false;
    fixture.tables = name_tables_new();
    if (!fixture.tables)
        return -1;
    fixture.names = name_tables_render(fixture.tables);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    name_tables_free(fixture->tables);
    return 0;
}

static const char *user(void **state, uint32_t uid)
{
    struct fixture *fixture = *state;

    return fixture->names.user(fixture->names.context, uid);
}

static const char *service(void **state, uint16_t port, uint16_t protocol)
{
    struct fixture *fixture = *state;

    return fixture->names.service(fixture->names.context, port, protocol);
}

static void user_is_looked_up_once(void **state)
{
    for (int i = 0; i < 10; i++) {
        assert_string_equal(user(state, 0), "root");
        assert_string_equal(user(state, 1000), "user1000");
        assert_string_equal(user(state, UINT32_MAX), "user4294967295");
    }
    assert_int_equal(users_asked, 3);
}

static void user_without_a_name_is_asked_for_once(void **state)
{
    static const uint32_t uids[] = {UID_NAMELESS, UID_BROKEN, UID_LONG, UID_ENDLESS};

    for (int i = 0; i < 10; i++)
        for (size_t j = 0; j < sizeof(uids) / sizeof(uids[0]); j++)
            assert_null(user(state, uids[j]));
    assert_int_equal(users_asked, 4);
}

static void interrupted_lookup_is_repeated(void **state)
{
    interruptions = 3;
    assert_string_equal(user(state, 0), "root");
    assert_int_equal(users_asked, 1);
}

static void users_are_bounded(void **state)
{
    char wanted[32];

    for (uint32_t uid = 1; uid <= 4 * NAMES_USERS_MAX; uid++) {
        snprintf(wanted, sizeof(wanted), "user%u", uid);
        assert_string_equal(user(state, uid), wanted);
    }
    users_asked = 0;
    for (uint32_t uid = 3 * NAMES_USERS_MAX + 1; uid <= 4 * NAMES_USERS_MAX; uid++) {
        snprintf(wanted, sizeof(wanted), "user%u", uid);
        assert_string_equal(user(state, uid), wanted);
    }
    assert_int_equal(users_asked, 0);
    assert_string_equal(user(state, 1), "user1");
    assert_int_equal(users_asked, 1);
}

static void users_of_one_bucket_are_told_apart(void **state)
{
    char wanted[32];

    for (int i = 0; i < 2; i++)
        for (uint32_t uid = 5; uid < 40 * NAMES_USERS_MAX; uid += NAMES_USERS_MAX) {
            snprintf(wanted, sizeof(wanted), "user%u", uid);
            assert_string_equal(user(state, uid), wanted);
        }
    assert_int_equal(users_asked, 40);
}

static void name_holds_while_others_are_looked_up(void **state)
{
    const char *root = user(state, 0);

    for (uint32_t uid = 1; uid < NAMES_USERS_MAX; uid++)
        assert_non_null(user(state, uid));
    assert_ptr_equal(user(state, 0), root);
    assert_string_equal(root, "root");
}

static void services_are_found_by_protocol(void **state)
{
    assert_string_equal(service(state, 22, IPPROTO_TCP), "ssh");
    assert_null(service(state, 22, IPPROTO_UDP));
    assert_string_equal(service(state, 53, IPPROTO_UDP), "domain");
    assert_string_equal(service(state, 53, IPPROTO_TCP), "domain-tcp");
    assert_string_equal(service(state, 80, IPPROTO_TCP), "http");
    assert_string_equal(service(state, 80, IPPROTO_SCTP), "http-sctp");
    assert_string_equal(service(state, 8080, 262), "http-alt");
    assert_string_equal(service(state, 53, IPPROTO_UDPLITE), "domain");
    assert_string_equal(service(state, 65535, IPPROTO_UDP), "last");
    assert_null(service(state, PORT_LONG, IPPROTO_TCP));
    assert_null(service(state, 5, IPPROTO_DCCP));
    assert_null(service(state, 22, IPPROTO_RAW));
    assert_null(service(state, 22, IPPROTO_ICMP));
    assert_null(service(state, 22, 0));
}

static void port_zero_has_no_name(void **state)
{
    assert_null(service(state, 0, IPPROTO_TCP));
    assert_int_equal(services_opened, 0);
}

static void services_are_read_once_and_not_before(void **state)
{
    assert_int_equal(services_opened, 0);
    for (uint16_t port = 1; port < 5000; port++)
        service(state, port, IPPROTO_TCP);
    assert_int_equal(services_opened, 1);
    assert_int_equal(services_closed, 1);
}

static void services_are_bounded(void **state)
{
    endless_services = true;
    assert_string_equal(service(state, 1, IPPROTO_TCP), "service0");
    assert_int_equal(services_asked, NAMES_SERVICES_MAX);
    assert_string_equal(service(state, NAMES_SERVICES_MAX, IPPROTO_TCP), "service16383");
    assert_null(service(state, NAMES_SERVICES_MAX + 1, IPPROTO_TCP));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(user_is_looked_up_once),
        TEST(user_without_a_name_is_asked_for_once),
        TEST(interrupted_lookup_is_repeated),
        TEST(users_are_bounded),
        TEST(users_of_one_bucket_are_told_apart),
        TEST(name_holds_while_others_are_looked_up),
        TEST(services_are_found_by_protocol),
        TEST(port_zero_has_no_name),
        TEST(services_are_read_once_and_not_before),
        TEST(services_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
