// SPDX-License-Identifier: GPL-2.0
/* Breakpoints: slower than trampolines, and still nobody else pays for them. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "user/capture/plan.h"

enum side { ENTRY, RETURN };

struct probe {
    const char *program;
    const char *function;
    const char *unless; /* not where the kernel has this function, which does the same and more */
    enum side side;
    bool required;
};

static const struct probe probes[] = {
    {"kprobe_sys_bind", "__sys_bind", NULL, ENTRY, true},
    {"kretprobe_sys_bind", "__sys_bind", NULL, RETURN, true},
    {"kprobe_security_bind", "security_socket_bind", NULL, ENTRY, true},
    {"kretprobe_security_bind", "security_socket_bind", NULL, RETURN, true},
    {"kprobe_inet_bind", "inet_bind", "inet_bind_sk", ENTRY, false},
    {"kretprobe_inet_bind", "inet_bind", "inet_bind_sk", RETURN, false},
    {"kprobe_inet_bind", "inet6_bind", "inet6_bind_sk", ENTRY, false},
    {"kretprobe_inet_bind", "inet6_bind", "inet6_bind_sk", RETURN, false},
    {"kprobe_inet_bind_sk", "inet_bind_sk", NULL, ENTRY, false},
    {"kretprobe_inet_bind", "inet_bind_sk", NULL, RETURN, false},
    {"kprobe_inet_bind_sk", "inet6_bind_sk", NULL, ENTRY, false},
    {"kretprobe_inet_bind", "inet6_bind_sk", NULL, RETURN, false},
    {"kretprobe_sys_bind_socket", "__sys_bind_socket", NULL, RETURN, false},
    {"kprobe_io_bind", "io_bind", NULL, ENTRY, false},
    {"kretprobe_io_bind", "io_bind", NULL, RETURN, false},
    {"kprobe_sys_listen", "__sys_listen", NULL, ENTRY, true},
    {"kretprobe_sys_listen", "__sys_listen", NULL, RETURN, true},
    {"kprobe_security_listen", "security_socket_listen", NULL, ENTRY, true},
    {"kretprobe_security_listen", "security_socket_listen", NULL, RETURN, true},
    {"kprobe_inet_listen", "inet_listen", NULL, ENTRY, true},
    {"kretprobe_inet_listen", "inet_listen", NULL, RETURN, true},
    {"kretprobe_sys_listen_socket", "__sys_listen_socket", NULL, RETURN, false},
    {"kprobe_io_listen", "io_listen", NULL, ENTRY, false},
    {"kretprobe_io_listen", "io_listen", NULL, RETURN, false},
    {"kprobe_sys_connect", "__sys_connect", NULL, ENTRY, true},
    {"kretprobe_sys_connect", "__sys_connect", NULL, RETURN, true},
    {"kprobe_security_connect", "security_socket_connect", NULL, ENTRY, true},
    {"kretprobe_security_connect", "security_socket_connect", NULL, RETURN, true},
    {"kprobe_inet_listen_sk", "__inet_listen_sk", NULL, ENTRY, false},
    {"kprobe_tcp_connect", "tcp_v4_connect", NULL, ENTRY, true},
    {"kprobe_tcp_connect", "tcp_v6_connect", NULL, ENTRY, false},
    {"kprobe_inet_connect", "__inet_stream_connect", NULL, ENTRY, true},
    {"kretprobe_inet_connect", "__inet_stream_connect", NULL, RETURN, true},
    {"kprobe_inet_connect", "inet_dgram_connect", NULL, ENTRY, true},
    {"kretprobe_inet_connect", "inet_dgram_connect", NULL, RETURN, true},
    {"kretprobe_sys_connect_file", "__sys_connect_file", NULL, RETURN, false},
    {"kprobe_io_connect", "io_connect", NULL, ENTRY, false},
    {"kretprobe_io_connect", "io_connect", NULL, RETURN, false},
    {"kprobe_inet_autobind", "inet_autobind", NULL, ENTRY, false},
    {"kretprobe_inet_autobind", "inet_autobind", NULL, RETURN, false},
    {"kprobe_port_released", "inet_put_port", NULL, ENTRY, true},
    {"kprobe_port_released", "udp_lib_unhash", NULL, ENTRY, true},
    {"kprobe_port_released", "ping_unhash", NULL, ENTRY, false},
    {"kprobe_inet_release", "inet_release", NULL, ENTRY, false},
};

static const char thread_exit[] = "kprobe_thread_exit";
static const struct probe seccomp_probe = {"kretprobe_seccomp_filter", "__seccomp_filter", NULL,
                                           RETURN, true};

static bool fits(const struct attachment *attachment, const struct probe *probe)
{
    return kernel_has_function(attachment->kernel, probe->function) &&
           !(probe->unless && kernel_has_function(attachment->kernel, probe->unless));
}

static int select_programs(struct attachment *attachment)
{
    int error = 0;

    if (access("/sys/bus/event_source/devices/kprobe/type", F_OK) && errno == ENOENT)
        return plan_refuse(attachment, "kprobe", -EOPNOTSUPP,
                           "this kernel is built without kprobes");

    for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]) && !error; i++) {
        if (fits(attachment, &probes[i]))
            error = plan_select_program(attachment, probes[i].program);
        else if (probes[i].required)
            error = plan_refuse(attachment, probes[i].function, -EOPNOTSUPP,
                                "this kernel does not have the function");
    }
    if (!error)
        error = plan_select_program(attachment, thread_exit);
    if (!error && attachment->options->seccomp)
        error = plan_select_program(attachment, seccomp_probe.program);
    return error;
}

static int attach_probe(struct attachment *attachment, const struct probe *probe)
{
    struct bpf_program *program =
        bpf_object__find_program_by_name(attachment->object, probe->program);

    return plan_keep_link(
        attachment, probe->function,
        bpf_program__attach_kprobe(program, probe->side == RETURN, probe->function));
}

static int attach_programs(struct attachment *attachment)
{
    int error = 0;

    for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]) && !error; i++)
        if (fits(attachment, &probes[i]))
            error = attach_probe(attachment, &probes[i]);
    if (!error)
        error = plan_attach_program(attachment, thread_exit);
    if (!error && attachment->options->seccomp)
        error = attach_probe(attachment, &seccomp_probe);
    return error;
}

const struct plan plan_kprobe = {
    .id = PT_PLAN_KPROBE,
    .name = "kprobe",
    .select = select_programs,
    .attach = attach_programs,
};
