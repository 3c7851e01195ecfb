// SPDX-License-Identifier: GPL-2.0
#include "user/enrich/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#define LOOKUP_SIZE   16384 /* bytes for one entry of a file; a longer one counts as unknown */
#define NAME_MAX_SIZE 256
#define BUCKETS       NAMES_USERS_MAX
#define NONE          UINT16_MAX

struct user {
    uid_t uid;
    uint16_t next; /* in the bucket */
    char *name;    /* NULL: has none */
};

struct service {
    uint16_t port;
    uint16_t protocol;
    uint32_t name; /* offset into the names, which grows in the order of the file */
};

struct name_tables {
    struct user users[NAMES_USERS_MAX];
    uint16_t buckets[BUCKETS];
    uint16_t user_count;
    uint16_t next_victim;
    struct service *services;
    uint32_t service_count;
    bool services_read;
    struct strbuf service_names;
    char lookup[LOOKUP_SIZE];
};

struct name_tables *name_tables_new(void)
{
    struct name_tables *tables = calloc(1, sizeof(*tables));

    if (tables)
        memset(tables->buckets, 0xff, sizeof(tables->buckets));
    return tables;
}

void name_tables_free(struct name_tables *tables)
{
    if (!tables)
        return;
    for (size_t i = 0; i < tables->user_count; i++)
        free(tables->users[i].name);
    free(tables->services);
    strbuf_free(&tables->service_names);
    free(tables);
}

static char *read_user(struct name_tables *tables, uid_t uid)
{
    struct passwd entry;
    struct passwd *found = NULL;
    int error;

    do {
        error = getpwuid_r(uid, &entry, tables->lookup, sizeof(tables->lookup), &found);
    } while (error == EINTR);
    if (error || !found || !found->pw_name || strlen(found->pw_name) > NAME_MAX_SIZE)
        return NULL;
    return strdup(found->pw_name);
}

static void forget_user(struct name_tables *tables, uint16_t index)
{
    uint16_t *link = &tables->buckets[tables->users[index].uid % BUCKETS];

    while (*link != index)
        link = &tables->users[*link].next;
    *link = tables->users[index].next;
    free(tables->users[index].name);
}

static uint16_t take_user(struct name_tables *tables)
{
    uint16_t index;

    if (tables->user_count < NAMES_USERS_MAX)
        return tables->user_count++;
    index = tables->next_victim;
    tables->next_victim = (uint16_t)((index + 1) % NAMES_USERS_MAX);
    forget_user(tables, index);
    return index;
}

static const char *user_name(void *context, uint32_t uid)
{
    struct name_tables *tables = context;
    uint16_t *bucket = &tables->buckets[uid % BUCKETS];
    uint16_t index = *bucket;

    while (index != NONE && tables->users[index].uid != uid)
        index = tables->users[index].next;
    if (index == NONE) {
        index = take_user(tables);
        tables->users[index] =
            (struct user){.uid = uid, .next = *bucket, .name = read_user(tables, uid)};
        *bucket = index;
    }
    return tables->users[index].name;
}

/* The protocol whose services these are: MPTCP servers are TCP's, UDP-Lite's are UDP's. */
static uint16_t service_protocol(uint16_t protocol)
{
    switch (protocol) {
    case IPPROTO_TCP:
    case IPPROTO_MPTCP:
        return IPPROTO_TCP;
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
        return IPPROTO_UDP;
    case IPPROTO_SCTP:
        return IPPROTO_SCTP;
    default:
        return 0;
    }
}

static uint16_t protocol_number(const char *name)
{
    if (!strcmp(name, "tcp"))
        return IPPROTO_TCP;
    if (!strcmp(name, "udp"))
        return IPPROTO_UDP;
    if (!strcmp(name, "sctp"))
        return IPPROTO_SCTP;
    return 0;
}

static int compare_port(const void *a, const void *b)
{
    const struct service *left = a, *right = b;

    if (left->port != right->port)
        return left->port < right->port ? -1 : 1;
    return (left->protocol > right->protocol) - (left->protocol < right->protocol);
}

/* Of several names the one that the file tells first comes first. */
static int compare_order(const void *a, const void *b)
{
    const struct service *left = a, *right = b;
    int order = compare_port(a, b);

    return order ? order : (left->name > right->name) - (left->name < right->name);
}

static void add_service(struct name_tables *tables, const struct servent *entry)
{
    struct service *service = &tables->services[tables->service_count];
    uint16_t protocol = protocol_number(entry->s_proto);
    size_t length = strlen(entry->s_name);

    if (!protocol || length > NAME_MAX_SIZE)
        return;
    *service = (struct service){.port = ntohs((uint16_t)entry->s_port),
                                .protocol = protocol,
                                .name = (uint32_t)tables->service_names.length};
    strbuf_add(&tables->service_names, entry->s_name, length + 1);
    if (!tables->service_names.failed)
        tables->service_count++;
}

static void sort_services(struct name_tables *tables)
{
    struct service *services = tables->services;
    uint32_t kept = 0;

    qsort(services, tables->service_count, sizeof(*services), compare_order);
    for (uint32_t i = 0; i < tables->service_count; i++)
        if (!kept || compare_port(&services[kept - 1], &services[i]))
            services[kept++] = services[i];
    tables->service_count = kept;
}

/* All at once: most ports have no name, and to ask for each would read the file each time. */
static void read_services(struct name_tables *tables)
{
    struct servent entry;
    struct servent *found;
    struct service *fitting;

    tables->services_read = true;
    tables->services = malloc(NAMES_SERVICES_MAX * sizeof(*tables->services));
    if (!tables->services)
        return;
    setservent(0);
    while (tables->service_count < NAMES_SERVICES_MAX &&
           !getservent_r(&entry, tables->lookup, sizeof(tables->lookup), &found) && found)
        add_service(tables, found);
    endservent();
    sort_services(tables);
    fitting = realloc(tables->services, (tables->service_count + 1) * sizeof(*fitting));
    if (fitting)
        tables->services = fitting;
}

static const char *service_name(void *context, uint16_t port, uint16_t protocol)
{
    struct name_tables *tables = context;
    struct service wanted = {.port = port, .protocol = service_protocol(protocol)};
    const struct service *found;

    if (!port || !wanted.protocol)
        return NULL;
    if (!tables->services_read)
        read_services(tables);
    if (!tables->service_count)
        return NULL;
    found = bsearch(&wanted, tables->services, tables->service_count, sizeof(wanted), compare_port);
    return found ? tables->service_names.text + found->name : NULL;
}

struct render_names name_tables_render(struct name_tables *tables)
{
    return (struct render_names){.user = user_name, .service = service_name, .context = tables};
}
