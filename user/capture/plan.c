// SPDX-License-Identifier: GPL-2.0
#include "user/capture/plan.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int plan_refuse(struct attachment *attachment, const char *hook, int error, const char *format, ...)
{
    struct plan_refusal *refusal = attachment->refusal;
    va_list args;

    refusal->error = -error;
    snprintf(refusal->hook, sizeof(refusal->hook), "%s", hook);
    va_start(args, format);
    vsnprintf(refusal->reason, sizeof(refusal->reason), format, args);
    va_end(args);
    return error;
}

int plan_select_program(struct attachment *attachment, const char *name)
{
    struct bpf_program *program = bpf_object__find_program_by_name(attachment->object, name);

    if (!program)
        return plan_refuse(attachment, name, -ENOENT, "the program is missing from this build");
    return bpf_program__set_autoload(program, true);
}

int plan_keep_link(struct attachment *attachment, const char *hook, struct bpf_link *link)
{
    if (!link)
        return plan_refuse(attachment, hook, -errno, "cannot be attached: %s", strerror(errno));
    if (attachment->link_count == PLAN_LINKS_MAX) {
        bpf_link__destroy(link);
        return plan_refuse(attachment, hook, -E2BIG, "more hooks than there is room for");
    }
    attachment->links[attachment->link_count++] = link;
    return 0;
}

int plan_attach_program(struct attachment *attachment, const char *name)
{
    struct bpf_program *program = bpf_object__find_program_by_name(attachment->object, name);

    return plan_keep_link(attachment, name, bpf_program__attach_trace(program));
}

int plan_attach_trampolines(struct attachment *attachment)
{
    struct bpf_program *program = NULL;
    int error;

    /* Ends of calls stand behind their beginnings: no call is begun whose end would not be seen. */
    while ((program = bpf_object__prev_program(attachment->object, program))) {
        const char *section = bpf_program__section_name(program);

        if (!bpf_program__autoload(program) ||
            (strncmp(section, "fexit/", 6) && strncmp(section, "fentry/", 7)))
            continue;
        error = plan_keep_link(attachment, section, bpf_program__attach_trace(program));
        if (error)
            return error;
    }
    return 0;
}
