// SPDX-License-Identifier: GPL-2.0
/*
 * Holds porttrace's rules for who may share a port against the kernel's: every combination of a
 * socket that holds a port and one that asks for it is really made, and the answers are compared.
 * Needs root.
 * usage: compare [EVERY]    only each EVERY-th of them, for a slow machine
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/rules/hold.h"
#include "user/explain/rules.h"

#define FIRST_PORT     2000
#define LAST_PORT      30000
#define FAILURES_SHOWN 20

/*
 * A socket that was closed keeps its port while another process looks at the file (an iterator over
 * all descriptors does). What differs only for a moment says nothing of the rules.
 */
#define RETRIES  50
#define RETRY_US 20000

struct counts {
    unsigned int passed;
    unsigned int failed;
};

static unsigned int every = 1;

static const char *const devices[] = {NULL, "lo", SPOT_DEVICE};
static const uint32_t users[] = {0, SPOT_OTHER_USER};

#define DEVICES 3
#define USERS   2
#define SPOTS   (PLACES * 4 * USERS * DEVICES)

static bool is_chosen(void)
{
    static unsigned int number;

    return number++ % every == 0;
}

static struct spot spot_number(enum protocol protocol, unsigned int number)
{
    struct spot spot = {.protocol = protocol};

    spot.place = number % PLACES;
    number /= PLACES;
    spot.options =
        (number & 1 ? PT_OPTION_REUSEADDR : 0u) | (number & 2 ? PT_OPTION_REUSEPORT : 0u);
    number /= 4;
    spot.uid = users[number % USERS];
    spot.device = devices[number / USERS];
    return spot;
}

static struct rules_asker asker_of(const struct spot *spot, enum pt_op op, uint16_t port)
{
    struct rules_asker asker = {
        .op = op,
        .family = spot_family(spot),
        .type = spot_type(spot->protocol),
        .protocol = spot_protocol(spot),
        .options = spot->options | (spot->place == PLACE_6_ONLY ? PT_OPTION_V6ONLY : 0u),
        .uid = spot->uid,
        .device_ifindex = spot_device_index(spot),
    };
    struct sockaddr_storage address;
    struct pt_endpoint *wanted = &asker.wanted;

    hold_kernel(&asker.kernel_major, &asker.kernel_minor);
    spot_address(spot->place, port, &address);
    wanted->family = asker.family;
    wanted->port = port;
    if (asker.family == AF_INET)
        memcpy(wanted->address, (char *)&address + 4, 4);
    else
        memcpy(wanted->address, (char *)&address + 8, 16);
    return asker;
}

static void print_spot(const struct spot *spot)
{
    printf("%s %s%s%s uid %u device %s", spot_protocol_name(spot->protocol),
           spot_place_name(spot->place), spot->options & PT_OPTION_REUSEADDR ? " REUSEADDR" : "",
           spot->options & PT_OPTION_REUSEPORT ? " REUSEPORT" : "", spot->uid,
           spot->device ? spot->device : "any");
}

static void count(struct counts *counts, int error, bool conflict, const struct spot *holder,
                  const char *state, const struct spot *asker, const char *op)
{
    if (error == (conflict ? EADDRINUSE : 0)) {
        counts->passed++;
        return;
    }
    if (counts->failed++ >= FAILURES_SHOWN)
        return;
    print_spot(holder);
    printf(", %s, against %s ", state, op);
    print_spot(asker);
    printf(": the kernel says %s, the rules %s\n", error ? strerror(error) : "yes",
           conflict ? "no" : "yes");
}

static bool conflicts(const struct rules_asker *asker, const struct hold *hold)
{
    for (unsigned int i = 0; i < hold->count; i++) {
        if (rules_conflict(asker, &hold->seen[i]))
            return true;
    }
    return false;
}

/*
 * A port remembers SO_REUSEPORT of a socket that is gone again, and lets the next one in without a
 * look at the others. A socket under repair may be bound to anything, and makes it forget.
 */
static void forget_sharing(uint16_t port)
{
    struct spot spot = {.protocol = PROTOCOL_TCP, .place = PLACE_4_TWO};
    int fd = spot_socket(&spot);
    int on = 1;

    if (setsockopt(fd, SOL_TCP, TCP_REPAIR, &on, sizeof(on)) || spot_bind(fd, spot.place, port))
        spot_die("a socket under repair cannot be bound: %s", strerror(errno));
    close(fd);
}

static int bind_once(const struct spot *spot, uint16_t port)
{
    int fd = spot_socket(spot);
    int error;

    if (fd < 0)
        spot_die("socket: %s", strerror(-fd));
    error = spot_bind(fd, spot->place, port);
    close(fd);
    if (!error && spot->options & PT_OPTION_REUSEPORT && spot_type(spot->protocol) == SOCK_STREAM)
        forget_sharing(port);
    return error;
}

static void ask(struct counts *counts, const struct hold *hold, const struct spot *holder,
                const char *state, const struct spot *spot)
{
    struct rules_asker asker = asker_of(spot, PT_OP_BIND, hold->port);
    bool conflict = conflicts(&asker, hold);
    int error = bind_once(spot, hold->port);

    for (int again = 0; again < RETRIES && error != (conflict ? EADDRINUSE : 0); again++) {
        usleep(RETRY_US);
        error = bind_once(spot, hold->port);
    }
    count(counts, error, conflict, holder, state, spot, "bind");
}

static void compare_binds(struct counts *counts, enum protocol holds, enum protocol asks,
                          enum hold_state state, bool via_ipv6, bool devices_too)
{
    static uint16_t port = FIRST_PORT;
    unsigned int spots = devices_too ? SPOTS : SPOTS / DEVICES;

    for (unsigned int i = 0; i < spots; i++) {
        struct spot holder = spot_number(holds, i);
        struct hold hold;

        if (!hold_is_possible(&holder, state, via_ipv6))
            continue;
        port = port == LAST_PORT ? FIRST_PORT : (uint16_t)(port + 1);
        hold_take(&holder, state, via_ipv6, port, &hold);
        for (unsigned int k = 0; k < spots; k++) {
            struct spot asker = spot_number(asks, k);

            if (spot_is_possible(&asker) && is_chosen())
                ask(counts, &hold, &holder, hold_state_name(state), &asker);
        }
        hold_give_back(&hold);
    }
}

static int compare_listen(struct counts *counts, int fd, const struct rules_asker *asker,
                          const struct spot *asks, const struct pt_holder *seen,
                          const struct spot *holder)
{
    bool conflict = rules_conflict(asker, seen);
    int error = listen(fd, 8) ? errno : 0;

    for (int again = 0; again < RETRIES && error && !conflict; again++) {
        usleep(RETRY_US);
        error = listen(fd, 8) ? errno : 0;
    }
    count(counts, error, conflict, holder, seen->socket.state == TCP_LISTEN ? "listening" : "bound",
          asks, "listen");
    return error;
}

/* Both are bound, the one listens, then the other one wants to. */
static void ask_to_listen(struct counts *counts, const struct spot *holder, const struct spot *asks,
                          uint16_t port, bool drops_option)
{
    struct rules_asker asker = asker_of(asks, PT_OP_LISTEN, port);
    struct rules_asker first = asker_of(holder, PT_OP_LISTEN, port);
    int holding = spot_socket(holder), asking = spot_socket(asks);
    struct pt_holder seen;
    int error = spot_bind(holding, holder->place, port);

    if (!error)
        error = spot_bind(asking, asks->place, port);
    if (!error && drops_option) {
        spot_set(asking, SO_REUSEADDR, false);
        asker.options &= ~(uint32_t)PT_OPTION_REUSEADDR;
    } else if (!error) {
        hold_describe(asking, asks, TCP_CLOSE, &seen);
        error = compare_listen(counts, holding, &first, holder, &seen, asks);
    }
    if (!error) {
        hold_describe(holding, holder, drops_option ? TCP_CLOSE : TCP_LISTEN, &seen);
        compare_listen(counts, asking, &asker, asks, &seen, holder);
    }
    close(holding);
    close(asking);
}

static void compare_listens(struct counts *counts)
{
    for (unsigned int i = 0; i < SPOTS; i++) {
        struct spot holder = spot_number(PROTOCOL_TCP, i);

        for (unsigned int k = 0; k < SPOTS; k++) {
            struct spot asker = spot_number(PROTOCOL_TCP, k);

            if (!spot_is_possible(&holder) || !spot_is_possible(&asker) || !is_chosen())
                continue;
            ask_to_listen(counts, &holder, &asker, FIRST_PORT - 1, false);
            /* With SO_REUSEPORT its own bind() has opened the port for it. */
            if (asker.options == PT_OPTION_REUSEADDR)
                ask_to_listen(counts, &holder, &asker, FIRST_PORT - 1, true);
        }
    }
}

/*
 * What the port's bucket remembers counts, and not what an option was set to since. From 6.8 on it
 * remembers no SO_REUSEADDR: update_fastreuse() never finds the bucket empty any more.
 */
static void compare_bucket(struct counts *counts)
{
    for (unsigned int place = 0; place < PLACES; place++) {
        for (unsigned int had = 0; had < 2; had++) {
            struct spot holder = {.place = place, .options = had ? PT_OPTION_REUSEADDR : 0u};
            struct spot asker = {.place = place, .options = PT_OPTION_REUSEADDR};
            struct hold hold;

            hold_take(&holder, HOLD_BOUND, false, FIRST_PORT - 2, &hold);
            spot_set(hold.fds[0], SO_REUSEADDR, !had);
            hold_describe(hold.fds[0], &holder, TCP_CLOSE, &hold.seen[0]);
            hold.seen[0].flags |= PT_HOLDER_BUCKET_KNOWN;
            hold.seen[0].fastreuse = had && !hold_kernel_is(6, 8);
            ask(counts, &hold, &holder, "bound, then changed", &asker);
            hold_give_back(&hold);
        }
    }
}

static void report(const char *part, const struct counts *counts, struct counts *total)
{
    printf("%-24s %7u passed %4u failed\n", part, counts->passed, counts->failed);
    fflush(stdout);
    total->passed += counts->passed;
    total->failed += counts->failed;
}

static void run_binds(enum protocol holds, enum protocol asks, enum hold_state state,
                      bool devices_too, struct counts *total)
{
    struct counts counts = {0};
    char part[64];

    if (!spot_has_protocol(holds) || !spot_has_protocol(asks)) {
        printf("%s against %s: not in this kernel\n", spot_protocol_name(holds),
               spot_protocol_name(asks));
        return;
    }
    compare_binds(&counts, holds, asks, state, false, devices_too);
    compare_binds(&counts, holds, asks, state, true, devices_too);
    snprintf(part, sizeof(part), "%s %s / %s", spot_protocol_name(holds), hold_state_name(state),
             spot_protocol_name(asks));
    report(part, &counts, total);
}

int main(int argc, char **argv)
{
    struct counts total = {0}, counts = {0};

    if (argc > 1)
        every = (unsigned int)strtoul(argv[1], NULL, 10);
    if (!every)
        spot_die("usage: compare [EVERY]");

    spot_prepare();
    for (int state = 0; state < HOLD_STATES; state++)
        run_binds(PROTOCOL_TCP, PROTOCOL_TCP, (enum hold_state)state, true, &total);
    run_binds(PROTOCOL_UDP, PROTOCOL_UDP, HOLD_BOUND, true, &total);
    run_binds(PROTOCOL_UDP, PROTOCOL_UDP, HOLD_OUTGOING, true, &total);
    run_binds(PROTOCOL_UDP, PROTOCOL_UDP, HOLD_OUTGOING_BOUND, true, &total);
    run_binds(PROTOCOL_UDPLITE, PROTOCOL_UDPLITE, HOLD_BOUND, false, &total);
    run_binds(PROTOCOL_UDPLITE, PROTOCOL_UDP, HOLD_BOUND, false, &total);
    run_binds(PROTOCOL_UDP, PROTOCOL_UDPLITE, HOLD_BOUND, false, &total);
    run_binds(PROTOCOL_MPTCP, PROTOCOL_TCP, HOLD_BOUND, false, &total);
    run_binds(PROTOCOL_MPTCP, PROTOCOL_TCP, HOLD_LISTENING, false, &total);
    run_binds(PROTOCOL_TCP, PROTOCOL_MPTCP, HOLD_LISTENING, false, &total);
    run_binds(PROTOCOL_UDP, PROTOCOL_TCP, HOLD_BOUND, false, &total);
    run_binds(PROTOCOL_PING, PROTOCOL_PING, HOLD_BOUND, false, &total);
    compare_listens(&counts);
    report("tcp listen", &counts, &total);
    counts = (struct counts){0};
    compare_bucket(&counts);
    report("tcp bucket", &counts, &total);
    printf("%u passed, %u failed\n", total.passed, total.failed);
    return total.failed || !total.passed;
}
