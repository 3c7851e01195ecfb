// SPDX-License-Identifier: GPL-2.0
/* Breakpoints: slower than trampolines, and still nobody else pays for them. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "user/capture/plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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

/* What only tells why a call failed. */
static const struct probe reasons[] = {
    {"kprobe_bind_conflict", "inet_bind_conflict", NULL, ENTRY, false},
    {"kretprobe_bind_conflict", "inet_bind_conflict", NULL, RETURN, false},
    {"kprobe_same_address", "inet_rcv_saddr_equal", NULL, ENTRY, true},
    {"kretprobe_same_address", "inet_rcv_saddr_equal", NULL, RETURN, true},
    {"kretprobe_hash_connect", "inet_hash_connect", NULL, RETURN, false},
    {"kretprobe_hash_connect", "inet6_hash_connect", NULL, RETURN, false},
};

static const struct {
    struct probe probe;
    const char *module;
} modules[] = {
    {{"kretprobe_selinux", "selinux_socket_bind", NULL, RETURN, false}, "selinux"},
    {{"kretprobe_selinux", "selinux_socket_connect", NULL, RETURN, false}, "selinux"},
    {{"kretprobe_selinux", "selinux_socket_listen", NULL, RETURN, false}, "selinux"},
    {{"kretprobe_apparmor", "apparmor_socket_bind", NULL, RETURN, false}, "apparmor"},
    {{"kretprobe_apparmor", "apparmor_socket_connect", NULL, RETURN, false}, "apparmor"},
    {{"kretprobe_apparmor", "apparmor_socket_listen", NULL, RETURN, false}, "apparmor"},
    {{"kretprobe_tomoyo", "tomoyo_socket_bind", NULL, RETURN, false}, "tomoyo"},
    {{"kretprobe_tomoyo", "tomoyo_socket_connect", NULL, RETURN, false}, "tomoyo"},
    {{"kretprobe_tomoyo", "tomoyo_socket_listen", NULL, RETURN, false}, "tomoyo"},
    {{"kretprobe_hook", "hook_socket_bind", NULL, RETURN, false}, "landlock"},
    {{"kretprobe_hook", "hook_socket_connect", NULL, RETURN, false}, "landlock"},
    {{"kretprobe_bpf_lsm", "bpf_lsm_socket_bind", NULL, RETURN, false}, "bpf"},
    {{"kretprobe_bpf_lsm", "bpf_lsm_socket_connect", NULL, RETURN, false}, "bpf"},
    {{"kretprobe_bpf_lsm", "bpf_lsm_socket_listen", NULL, RETURN, false}, "bpf"},
    {{"kretprobe_smack", "smack_socket_connect", NULL, RETURN, false}, "smack"},
};

static const char thread_exit[] = "kprobe_thread_exit";
static const char closing[] = "tp_closing";
static const struct probe seccomp_probe = {"kretprobe_seccomp_filter", "__seccomp_filter", NULL,
                                           RETURN, true};

static bool fits(const struct attachment *attachment, const struct probe *probe)
{
    return kernel_has_function(attachment->kernel, probe->function) &&
           !(probe->unless && kernel_has_function(attachment->kernel, probe->unless));
}

typedef int probe_fn(struct attachment *attachment, const struct probe *probe);

static int select_probe(struct attachment *attachment, const struct probe *probe)
{
    if (fits(attachment, probe))
        return plan_select_program(attachment, probe->program);
    if (!probe->required)
        return 0;
    return plan_refuse(attachment, probe->function, -EOPNOTSUPP,
                       "this kernel does not have the function");
}

static int attach_probe(struct attachment *attachment, const struct probe *probe)
{
    struct bpf_program *program =
        bpf_object__find_program_by_name(attachment->object, probe->program);

    if (!fits(attachment, probe))
        return 0;
    return plan_keep_link(
        attachment, probe->function,
        bpf_program__attach_kprobe(program, probe->side == RETURN, probe->function));
}

static int for_each_probe(struct attachment *attachment, probe_fn *act)
{
    int error = 0;

    for (size_t i = 0; i < COUNT(probes) && !error; i++)
        error = act(attachment, &probes[i]);
    if (!error && attachment->options->seccomp)
        error = act(attachment, &seccomp_probe);
    if (!attachment->options->holders)
        return error;
    for (size_t i = 0; i < COUNT(reasons) && !error; i++)
        error = act(attachment, &reasons[i]);
    for (size_t i = 0; i < COUNT(modules) && !error; i++)
        if (kernel_uses_module(attachment->kernel, modules[i].module))
            error = act(attachment, &modules[i].probe);
    return error;
}

static int find_kprobes(struct attachment *attachment)
{
    if (access("/sys/bus/event_source/devices/kprobe/type", F_OK) && errno == ENOENT)
        return plan_refuse(attachment, "kprobe", -EOPNOTSUPP,
                           "this kernel is built without kprobes");
    return 0;
}

static int select_programs(struct attachment *attachment)
{
    int error = for_each_probe(attachment, select_probe);
    if (!error)
        error = plan_select_program(attachment, thread_exit);
    if (!error && attachment->options->holders)
        error = plan_select_program(attachment, closing);
    return error;
}

static int attach_programs(struct attachment *attachment)
{
    int error = for_each_probe(attachment, attach_probe);

    if (!error)
        error = plan_attach_program(attachment, thread_exit);
    if (!error && attachment->options->holders)
        error = plan_attach_program(attachment, closing);
    return error;
}

const struct plan plan_kprobe = {
    .id = PT_PLAN_KPROBE,
    .name = "kprobe",
    .check = find_kprobes,
    .select = select_programs,
    .attach = attach_programs,
};
