// SPDX-License-Identifier: GPL-2.0
#include "user/cli/doctor.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "user/cli/plan_report.h"
#include "user/cli/privileges.h"
#include "user/capture/kernel.h"
#include "user/cli/host_check.h"
#include "user/model/errors.h"
#include "user/model/operations.h"
#include "user/render/json.h"
#include "user/model/sanitize.h"

#define GREEN   "\033[32m"
#define RED     "\033[31m"
#define PLAIN   "\033[0m"
#define UNKNOWN "not known without /proc"
#define LABEL   "%-14s"
#define INDENT  "              "

static void add_verdict(struct strbuf *out, bool good, const char *text, bool colour)
{
    if (colour)
        strbuf_puts(out, good ? GREEN : RED);
    strbuf_puts(out, text);
    if (colour)
        strbuf_puts(out, PLAIN);
}

static void add_label(struct strbuf *out, const char *label)
{
    strbuf_printf(out, LABEL, label);
}

static void add_btf(struct strbuf *out, int error, bool colour)
{
    add_label(out, "BTF");
    add_verdict(out, !error, error ? "no" : "yes", colour);
    if (error == -ENOENT)
        strbuf_puts(out, ", every plan needs it (CONFIG_DEBUG_INFO_BTF)");
    else if (error == -EBADMSG)
        strbuf_puts(out, ", " KERNEL_BTF " is damaged or of a newer kind; every plan needs it");
    else if (error)
        strbuf_printf(out, ", " KERNEL_BTF " cannot be read: %s; every plan needs it",
                      error_message(-error));
    strbuf_putc(out, '\n');
}

static void add_mount(struct strbuf *out, const struct findings *findings, const char *label,
                      const char *path, const char *without)
{
    add_label(out, label);
    if (path[0])
        sanitize_add(out, path, strlen(path));
    else
        strbuf_puts(out, findings->proc ? without : UNKNOWN);
    strbuf_putc(out, '\n');
}

static void add_proc(struct strbuf *out, bool colour)
{
    add_label(out, "/proc");
    add_verdict(out, false, "no", colour);
    strbuf_puts(out, ", " PROC_MISSING "\n");
}

static void add_trial(struct strbuf *out, const struct plan_trial *trial, bool colour)
{
    add_label(out, operation_plan_name(trial->plan));
    if (!trial->result) {
        add_verdict(out, true, "works", colour);
        strbuf_printf(out, ", %u hooks\n", trial->hooks);
        for (const char *const *spot = plan_blind_spots(trial->plan); *spot; spot++)
            strbuf_printf(out, INDENT "does not see: %s\n", *spot);
        strbuf_printf(out, INDENT "costs: %s\n", plan_cost(trial->plan));
        return;
    }
    add_verdict(out, false, "refused", colour);
    strbuf_printf(out, ", %s", error_name(-trial->result));
    if (trial->refusal.hook[0])
        strbuf_printf(out, " at %s", trial->refusal.hook);
    strbuf_putc(out, '\n');
    if (trial->refusal.reason[0]) {
        strbuf_puts(out, INDENT);
        sanitize_add(out, trial->refusal.reason, strlen(trial->refusal.reason));
        strbuf_putc(out, '\n');
    }
}

static void add_capabilities(struct strbuf *out, const struct findings *findings, bool colour)
{
    for (int i = 0; i < CAPABILITIES; i++) {
        bool present = situation_has(&findings->here, privileges_used[i].number);

        add_label(out, i ? "" : "privileges");
        strbuf_printf(out, "%-20s ", privileges_used[i].name);
        add_verdict(out, present, present ? "yes" : "no ", colour);
        strbuf_printf(out, "  %s\n", privileges_used[i].purpose);
    }
}

static void add_memlock(struct strbuf *out, const struct findings *findings)
{
    add_label(out, "memlock");
    if (!findings->here.memlock_counts)
        strbuf_puts(out, "does not matter on this kernel\n");
    else if (findings->here.memlock_bytes == UINT64_MAX)
        strbuf_puts(out, "no limit\n");
    else
        strbuf_printf(out, "%llu bytes; BPF memory counts against it before Linux 5.11%s\n",
                      (unsigned long long)findings->here.memlock_bytes,
                      situation_memlock_limits(&findings->here) ? ", ulimit -l unlimited" : "");
}

static void add_perf(struct strbuf *out, const struct findings *findings)
{
    int paranoid = findings->here.perf_event_paranoid;

    add_label(out, "perf events");
    if (!findings->proc) {
        strbuf_puts(out, UNKNOWN "\n");
        return;
    }
    strbuf_printf(out, "kernel.perf_event_paranoid is %d%s\n", paranoid,
                  situation_perf_refused(&findings->here)
                      ? "; the plans kprobe and restricted take CAP_SYS_ADMIN, or 2"
                      : "");
}

void doctor_print_text(const struct findings *findings, bool colour, struct strbuf *out)
{
    enum pt_plan choice = doctor_choice(findings);

    add_label(out, "kernel");
    sanitize_add(out, findings->here.kernel, strlen(findings->here.kernel));
    strbuf_putc(out, '\n');
    add_btf(out, findings->btf, colour);
    if (!findings->proc)
        add_proc(out, colour);
    add_mount(out, findings, "cgroup2", findings->cgroup2,
              "not mounted; --cgroup and the plan restricted need it");
    add_mount(out, findings, "tracefs", findings->tracefs,
              situation_has(&findings->here, CAP_SYS_ADMIN)
                  ? "not mounted, and need not be"
                  : "not mounted; without CAP_SYS_ADMIN the plan restricted needs it");
    add_memlock(out, findings);
    add_perf(out, findings);
    add_capabilities(out, findings, colour);
    strbuf_puts(out, "\nPlans, the best first, each really attached and detached again:\n");
    for (int i = 0; i < CAPTURE_PLANS; i++)
        add_trial(out, &findings->trials[i], colour);
    if (choice)
        strbuf_printf(out, "\nporttrace uses the plan %s here.\n", operation_plan_name(choice));
    else
        strbuf_puts(out, "\nporttrace cannot trace here.\n");
}

static void add_json_trial(struct json *json, const struct plan_trial *trial)
{
    json_object(json, NULL);
    json_text(json, "plan", operation_plan_name(trial->plan));
    json_bool(json, "works", !trial->result);
    if (trial->result) {
        json_text(json, "error", error_name(-trial->result));
        if (trial->refusal.hook[0])
            json_text(json, "hook", trial->refusal.hook);
        if (trial->refusal.reason[0])
            json_text(json, "reason", trial->refusal.reason);
    } else {
        json_uint(json, "hooks", trial->hooks);
        json_array(json, "does_not_see");
        for (const char *const *spot = plan_blind_spots(trial->plan); *spot; spot++)
            json_text(json, NULL, *spot);
        json_array_end(json);
        json_text(json, "costs", plan_cost(trial->plan));
    }
    json_object_end(json);
}

static void add_json_capabilities(struct json *json, uint64_t effective)
{
    json_object(json, "capabilities");
    for (int i = 0; i < CAPABILITIES; i++)
        json_bool(json, privileges_used[i].name, effective >> privileges_used[i].number & 1);
    json_object_end(json);
}

void doctor_print_json(const struct findings *findings, struct strbuf *out)
{
    struct json json = {.out = out};
    enum pt_plan choice = doctor_choice(findings);

    json_object(&json, NULL);
    json_text(&json, "kernel", findings->here.kernel);
    json_bool(&json, "proc", findings->proc);
    json_bool(&json, "btf", !findings->btf);
    if (findings->btf)
        json_text(&json, "btf_error", error_name(-findings->btf));
    json_text_if(&json, "cgroup2", findings->cgroup2[0] ? findings->cgroup2 : NULL);
    json_text_if(&json, "tracefs", findings->tracefs[0] ? findings->tracefs : NULL);
    if (findings->here.memlock_counts && findings->here.memlock_bytes != UINT64_MAX)
        json_id(&json, "memlock_bytes", findings->here.memlock_bytes);
    if (findings->proc)
        json_int(&json, "perf_event_paranoid", findings->here.perf_event_paranoid);
    add_json_capabilities(&json, findings->here.capabilities);
    json_array(&json, "plans");
    for (int i = 0; i < CAPTURE_PLANS; i++)
        add_json_trial(&json, &findings->trials[i]);
    json_array_end(&json);
    json_text_if(&json, "plan", choice ? operation_plan_name(choice) : NULL);
    json_object_end(&json);
    strbuf_putc(out, '\n');
}
