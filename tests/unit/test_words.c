// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "user/model/containers.h"
#include "user/model/losses.h"
#include "user/model/operations.h"
#include "user/model/ports.h"
#include "user/model/sockets.h"

#define IPPROTO_MPTCP_ 262

static void ports_fall_into_classes(void **state)
{
    (void)state;
    assert_string_equal(port_class_name(port_class(0)), "any");
    assert_string_equal(port_class_name(port_class(1)), "well-known");
    assert_string_equal(port_class_name(port_class(1023)), "well-known");
    assert_string_equal(port_class_name(port_class(1024)), "registered");
    assert_string_equal(port_class_name(port_class(49151)), "registered");
    assert_string_equal(port_class_name(port_class(49152)), "dynamic");
    assert_string_equal(port_class_name(port_class(65535)), "dynamic");
}

static const char *protocol(uint16_t type, uint16_t number)
{
    struct pt_socket socket = {.family = AF_INET, .type = type, .protocol = number};

    return socket_protocol_name(&socket);
}

static void protocols_have_names(void **state)
{
    (void)state;
    assert_string_equal(protocol(SOCK_STREAM, IPPROTO_TCP), "tcp");
    assert_string_equal(protocol(SOCK_STREAM, IPPROTO_MPTCP_), "mptcp");
    assert_string_equal(protocol(SOCK_DGRAM, IPPROTO_UDP), "udp");
    assert_string_equal(protocol(SOCK_DGRAM, IPPROTO_UDPLITE), "udplite");
    assert_string_equal(protocol(SOCK_SEQPACKET, IPPROTO_SCTP), "sctp");
    assert_string_equal(protocol(SOCK_DGRAM, IPPROTO_ICMP), "ping");
    assert_string_equal(protocol(SOCK_DGRAM, IPPROTO_ICMPV6), "ping");
    assert_string_equal(protocol(SOCK_RAW, IPPROTO_ICMP), "raw");
    assert_string_equal(protocol(SOCK_RAW, IPPROTO_TCP), "raw");
    assert_null(protocol(SOCK_STREAM, 0));
}

static void sockets_have_names(void **state)
{
    (void)state;
    assert_string_equal(socket_state_name(1), "established");
    assert_string_equal(socket_state_name(7), "close");
    assert_string_equal(socket_state_name(10), "listen");
    assert_string_equal(socket_state_name(13), "bound_inactive");
    assert_null(socket_state_name(0));
    assert_null(socket_state_name(14));
    assert_string_equal(socket_type_name(SOCK_STREAM), "stream");
    assert_null(socket_type_name(0));
    assert_string_equal(socket_family_name(AF_INET), "ipv4");
    assert_string_equal(socket_family_name(AF_INET6), "ipv6");
    assert_null(socket_family_name(AF_UNIX));
}

static void options_are_in_the_order_of_their_letters(void **state)
{
    uint32_t all = 0;

    (void)state;
    for (int i = 0; i < SOCKET_OPTIONS; i++) {
        assert_int_equal(socket_options[i].letter, SOCKET_OPTION_LETTERS[i]);
        assert_false(all & socket_options[i].bit);
        all |= socket_options[i].bit;
    }
    assert_int_equal(all, 0x3f);
    assert_string_equal(socket_options[3].name, "REUSEADDR");
}

static enum outcome outcome(enum pt_op op, int error)
{
    struct observation seen = {.op = op, .error = error};

    return operation_outcome(&seen);
}

static void a_connect_under_way_has_not_failed(void **state)
{
    (void)state;
    assert_int_equal(outcome(PT_OP_CONNECT, 0), OUTCOME_SUCCESS);
    assert_int_equal(outcome(PT_OP_CONNECT, EINPROGRESS), OUTCOME_UNKNOWN);
    assert_int_equal(outcome(PT_OP_CONNECT, EINTR), OUTCOME_UNKNOWN);
    assert_int_equal(outcome(PT_OP_CONNECT, 512), OUTCOME_UNKNOWN);
    assert_int_equal(outcome(PT_OP_CONNECT, ECONNREFUSED), OUTCOME_FAILURE);
    assert_int_equal(outcome(PT_OP_CONNECT, EALREADY), OUTCOME_FAILURE);
    assert_int_equal(outcome(PT_OP_BIND, EINPROGRESS), OUTCOME_FAILURE);
    assert_int_equal(outcome(PT_OP_BIND, EADDRINUSE), OUTCOME_FAILURE);
}

static void operations_have_words(void **state)
{
    (void)state;
    assert_string_equal(operation_name(PT_OP_BIND), "bind");
    assert_string_equal(operation_name(PT_OP_LISTEN), "listen");
    assert_string_equal(operation_name(PT_OP_CONNECT), "connect");
    assert_string_equal(operation_name(PT_OP_AUTOBIND), "autobind");
    assert_string_equal(operation_name(PT_OP_RELEASE), "release");
    assert_string_equal(operation_name(0), "unknown");
    assert_string_equal(operation_entry_name(PT_ENTRY_UNKNOWN), "unknown");
    assert_string_equal(operation_entry_name(PT_ENTRY_SYSCALL), "syscall");
    assert_string_equal(operation_entry_name(PT_ENTRY_IO_URING), "io_uring");
    assert_string_equal(operation_entry_name(PT_ENTRY_KERNEL), "kernel");
    assert_string_equal(operation_entry_name(PT_ENTRY_SEND), "send");
    assert_string_equal(operation_plan_name(PT_PLAN_FEXIT), "fexit");
    assert_string_equal(operation_plan_name(PT_PLAN_KPROBE), "kprobe");
    assert_string_equal(operation_plan_name(PT_PLAN_RESTRICTED), "restricted");
    assert_string_equal(operation_stage_name(PT_STAGE_ENTRY), "entry");
    assert_string_equal(operation_stage_name(PT_STAGE_SECURITY), "security");
    assert_string_equal(operation_stage_name(PT_STAGE_PROTOCOL), "protocol");
    assert_string_equal(operation_source_name(PT_ADDRESS_NONE), "none");
    assert_string_equal(operation_source_name(PT_ADDRESS_KERNEL), "kernel");
    assert_string_equal(operation_source_name(PT_ADDRESS_USER), "user");
    assert_string_equal(operation_outcome_name(OUTCOME_SUCCESS), "success");
    assert_string_equal(operation_outcome_name(OUTCOME_FAILURE), "failure");
    assert_string_equal(operation_outcome_name(OUTCOME_UNKNOWN), "unknown");
}

static void runtimes_have_names(void **state)
{
    (void)state;
    assert_string_equal(container_runtime_name(RUNTIME_DOCKER), "docker");
    assert_string_equal(container_runtime_name(RUNTIME_CONTAINERD), "containerd");
    assert_string_equal(container_runtime_name(RUNTIME_CONTAINERD_CRI), "containerd");
    assert_string_equal(container_runtime_name(RUNTIME_CONTAINERD_NERDCTL), "containerd");
    assert_string_equal(container_runtime_name(RUNTIME_CRIO), "cri-o");
    assert_string_equal(container_runtime_name(RUNTIME_SYSTEMD_NSPAWN), "systemd-nspawn");
    assert_null(container_runtime_name(RUNTIME_NONE));
    assert_null(container_runtime_name(RUNTIME_UNKNOWN));
}

static void every_cause_of_loss_has_its_words(void **state)
{
    (void)state;
    assert_string_equal(loss_name(PT_LOSS_RING_FULL), "ring_full");
    assert_string_equal(loss_name(PT_LOSS_CALLS_FULL), "calls_full");
    assert_string_equal(loss_name(PT_LOSS_SOCKETS_FULL), "sockets_full");
    assert_string_equal(loss_name(PT_LOSS_MISSED_RETURN), "missed_return");
    assert_string_equal(loss_name(PT_LOSS_DESCRIPTION), "description");
    assert_string_equal(loss_name(PT_LOSS_SKIPPED), "skipped_hooks");
    assert_string_equal(loss_name(PT_LOSS_CHILDREN), "children");
    assert_string_equal(loss_what(PT_LOSS_RING_FULL, 1), "event lost");
    assert_string_equal(loss_what(PT_LOSS_RING_FULL, 2), "events lost");
    assert_string_equal(loss_what(PT_LOSS_CHILDREN, 1), "child process not followed");
    assert_string_equal(loss_advice(PT_LOSS_RING_FULL), "use a larger --buffer");
    assert_string_equal(loss_name(PT_LOSS_CAUSES), "unknown");
    for (int cause = 0; cause < PT_LOSS_CAUSES; cause++) {
        assert_true(strlen(loss_reason(cause)) > 0);
        assert_true(strlen(loss_advice(cause)) > 0);
    }
}

static void what_is_no_event_is_not_counted_as_one(void **state)
{
    uint64_t lost[PT_LOSS_CAUSES] = {1, 20, 300, 4000, 50000, 600000, 7000000};

    (void)state;
    assert_int_equal(loss_events(lost), 4321);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_fall_into_classes),
        cmocka_unit_test(protocols_have_names),
        cmocka_unit_test(sockets_have_names),
        cmocka_unit_test(options_are_in_the_order_of_their_letters),
        cmocka_unit_test(a_connect_under_way_has_not_failed),
        cmocka_unit_test(operations_have_words),
        cmocka_unit_test(runtimes_have_names),
        cmocka_unit_test(every_cause_of_loss_has_its_words),
        cmocka_unit_test(what_is_no_event_is_not_counted_as_one),
    };

    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
