// SPDX-License-Identifier: GPL-2.0
/* Trampolines: the fastest hooks, and nothing else on the machine pays for them. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "user/capture/plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct choice {
    const char *program;
    const char *function;
    const char *unless; /* not where the kernel has this function, which does the same and more */
    bool required;
};

static const struct choice choices[] = {
    {"fexit_security_bind", "security_socket_bind", NULL, true},
    {"fexit_security_listen", "security_socket_listen", NULL, true},
    {"fexit_security_connect", "security_socket_connect", NULL, true},
    {"fexit_sys_bind", "__sys_bind", NULL, true},
    {"fexit_sys_listen", "__sys_listen", NULL, true},
    {"fexit_sys_connect", "__sys_connect", NULL, true},
    {"fexit_inet_bind", "inet_bind", "inet_bind_sk", false},
    {"fexit_inet6_bind", "inet6_bind", "inet6_bind_sk", false},
    {"fexit_inet_bind_sk", "inet_bind_sk", NULL, false},
    {"fexit_inet6_bind_sk", "inet6_bind_sk", NULL, false},
    {"fexit_inet_listen", "inet_listen", NULL, true},
    {"fentry_inet_listen_sk", "__inet_listen_sk", NULL, false},
    {"fentry_tcp_v4_connect", "tcp_v4_connect", NULL, true},
    {"fentry_tcp_v6_connect", "tcp_v6_connect", NULL, false},
    {"fentry_stream_connect", "__inet_stream_connect", NULL, true},
    {"fexit_stream_connect", "__inet_stream_connect", NULL, true},
    {"fentry_dgram_connect", "inet_dgram_connect", NULL, true},
    {"fexit_dgram_connect", "inet_dgram_connect", NULL, true},
    {"fexit_sys_bind_socket", "__sys_bind_socket", NULL, false},
    {"fexit_sys_listen_socket", "__sys_listen_socket", NULL, false},
    {"fexit_sys_connect_file", "__sys_connect_file", NULL, false},
    {"fentry_io_bind", "io_bind", NULL, false},
    {"fexit_io_bind", "io_bind", NULL, false},
    {"fentry_io_listen", "io_listen", NULL, false},
    {"fexit_io_listen", "io_listen", NULL, false},
    {"fentry_io_connect", "io_connect", NULL, false},
    {"fexit_inet_autobind", "inet_autobind", NULL, false},
    {"fentry_inet_put_port", "inet_put_port", NULL, true},
    {"fentry_udp_lib_unhash", "udp_lib_unhash", NULL, true},
    {"fentry_ping_unhash", "ping_unhash", NULL, false},
    {"fentry_inet_release", "inet_release", NULL, false},
};

/* What only tells why a call failed. */
static const struct choice reasons[] = {
    {"fexit_bind_conflict", "inet_bind_conflict", NULL, false},
    {"fexit_same_address", "inet_rcv_saddr_equal", NULL, true},
    {"fentry_inet_bind", "inet_bind", "inet_bind_sk", false},
    {"fentry_inet6_bind", "inet6_bind", "inet6_bind_sk", false},
    {"fentry_inet_bind_sk", "inet_bind_sk", NULL, false},
    {"fentry_inet6_bind_sk", "inet6_bind_sk", NULL, false},
    {"fentry_inet_listen", "inet_listen", NULL, true},
    {"fentry_inet_autobind", "inet_autobind", NULL, false},
    {"fexit_hash_connect", "inet_hash_connect", NULL, false},
    {"fexit_hash_connect6", "inet6_hash_connect", NULL, false},
};

static const struct {
    const char *program;
    const char *function;
    const char *module;
} modules[] = {
    {"fexit_selinux_bind", "selinux_socket_bind", "selinux"},
    {"fexit_selinux_connect", "selinux_socket_connect", "selinux"},
    {"fexit_selinux_listen", "selinux_socket_listen", "selinux"},
    {"fexit_apparmor_bind", "apparmor_socket_bind", "apparmor"},
    {"fexit_apparmor_connect", "apparmor_socket_connect", "apparmor"},
    {"fexit_apparmor_listen", "apparmor_socket_listen", "apparmor"},
    {"fexit_tomoyo_bind", "tomoyo_socket_bind", "tomoyo"},
    {"fexit_tomoyo_connect", "tomoyo_socket_connect", "tomoyo"},
    {"fexit_tomoyo_listen", "tomoyo_socket_listen", "tomoyo"},
    {"fexit_hook_bind", "hook_socket_bind", "landlock"},
    {"fexit_hook_connect", "hook_socket_connect", "landlock"},
    {"fexit_bpf_lsm_bind", "bpf_lsm_socket_bind", "bpf"},
    {"fexit_bpf_lsm_connect", "bpf_lsm_socket_connect", "bpf"},
    {"fexit_bpf_lsm_listen", "bpf_lsm_socket_listen", "bpf"},
    {"fexit_smack_connect", "smack_socket_connect", "smack"},
};

static const char closing[] = "tp_closing";

static int select_io_connect(struct attachment *attachment)
{
    switch (kernel_function_arguments(attachment->kernel, "io_connect")) {
    case 2:
        return plan_select_program(attachment, "fexit_io_connect");
    case 3:
        return plan_select_program(attachment, "fexit_io_connect3");
    default:
        return 0; /* a kernel without io_uring */
    }
}

static int select_seccomp(struct attachment *attachment)
{
    switch (kernel_function_arguments(attachment->kernel, "__seccomp_filter")) {
    case 2:
        return plan_select_program(attachment, "fexit_seccomp_filter2");
    case 3:
        return plan_select_program(attachment, "fexit_seccomp_filter3");
    default:
        return plan_refuse(attachment, "__seccomp_filter", -EOPNOTSUPP,
                           "this kernel's seccomp cannot be hooked");
    }
}

/* Loading everything only to be refused takes long; two instructions are refused as surely. */
static int try_trampoline(struct attachment *attachment)
{
    const struct bpf_insn instructions[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
        {.code = BPF_JMP | BPF_EXIT},
    };
    LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FEXIT);
    int fd;

    options.attach_btf_id = types_find(&attachment->kernel->types, "__sys_bind", BTF_KIND_FUNC);
    fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "try", "GPL", instructions, 2, &options);
    if (fd < 0)
        return plan_refuse(attachment, "fexit/__sys_bind", fd,
                           "this kernel loads no program of this kind: %s", strerror(-fd));
    close(fd);
    return 0;
}

static int select_choice(struct attachment *attachment, const struct choice *choice)
{
    if (choice->unless && kernel_has_function(attachment->kernel, choice->unless))
        return 0;
    if (kernel_has_function(attachment->kernel, choice->function))
        return plan_select_program(attachment, choice->program);
    if (!choice->required)
        return 0;
    return plan_refuse(attachment, choice->function, -EOPNOTSUPP,
                       "this kernel does not have the function");
}

static int select_reasons(struct attachment *attachment)
{
    const struct kernel *kernel = attachment->kernel;
    int error = plan_select_program(attachment, closing);

    for (size_t i = 0; i < COUNT(reasons) && !error; i++)
        error = select_choice(attachment, &reasons[i]);
    for (size_t i = 0; i < COUNT(modules) && !error; i++)
        if (kernel_uses_module(kernel, modules[i].module) &&
            kernel_has_function(kernel, modules[i].function))
            error = plan_select_program(attachment, modules[i].program);
    return error;
}

static int select_programs(struct attachment *attachment)
{
    int error = 0;

    for (size_t i = 0; i < COUNT(choices) && !error; i++)
        error = select_choice(attachment, &choices[i]);
    if (!error)
        error = select_io_connect(attachment);
    if (!error && attachment->options->seccomp)
        error = select_seccomp(attachment);
    if (!error && attachment->options->holders)
        error = select_reasons(attachment);
    return error;
}

static int attach_programs(struct attachment *attachment)
{
    int error = plan_attach_trampolines(attachment);

    if (!error && attachment->options->holders)
        error = plan_attach_program(attachment, closing);
    return error;
}

const struct plan plan_fexit = {
    .id = PT_PLAN_FEXIT,
    .name = "fexit",
    .check = try_trampoline,
    .select = select_programs,
    .attach = attach_programs,
};
