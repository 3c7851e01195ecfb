// SPDX-License-Identifier: GPL-2.0
#include "user/cli/stop_plan.h"

#include <string.h>

#include "user/model/sanitize.h"

#define NS_PER_S 1000000000ull

static void add_process(struct strbuf *out, const struct stop_step *step)
{
    const struct pt_task *task = &step->process->process->task;

    sanitize_add(out, task->comm, strnlen(task->comm, sizeof(task->comm)));
    strbuf_printf(out, " (pid %u)", task->pid);
}

static void add_managed(struct strbuf *out, const struct ending *ending)
{
    static const char *const whats[] = {
        [ENDING_UNIT] = "service", [ENDING_SOCKET] = "service", [ENDING_CONTAINER] = "container"};

    strbuf_printf(out, "stop the %s ", whats[ending->way]);
    sanitize_add_quoted(out, ending->name, strlen(ending->name));
    if (ending->way == ENDING_SOCKET)
        strbuf_puts(out, " and the sockets that start it");
    strbuf_puts(out, " (");
    ending_add_command(out, ending);
    strbuf_putc(out, ')');
}

static void add_time_wait(struct strbuf *out, const struct pt_holder *seen)
{
    bool half_closed = seen->flags & PT_HOLDER_HALF_CLOSED;

    strbuf_puts(out, half_closed ? "FIN_WAIT2 of a connection that only this side has closed"
                                 : "TIME_WAIT of a closed connection");
    strbuf_puts(out, ", which is nobody's");
    if (seen->expires_ns)
        strbuf_printf(out, ": over in %llu s%s",
                      (unsigned long long)((seen->expires_ns + NS_PER_S - 1) / NS_PER_S),
                      half_closed ? ", or 60 s after the other side closes" : "");
}

static void add_leave(struct strbuf *out, const struct stop_step *step)
{
    static const char *const words[] = {
        [STOP_LEAVE_NOT] = "",
        [STOP_LEAVE_KERNEL] = "a socket of the kernel itself: there is no process to end",
        [STOP_LEAVE_INIT] = ", the service manager: for which service it listens is not known",
        [STOP_LEAVE_SELF] = ", which is porttrace itself",
        [STOP_LEAVE_ANCESTOR] = ", which porttrace was started from: --ancestors ends that too",
        [STOP_LEAVE_CLIENT] = ": a client has the port for its own traffic, and is not ended",
        [STOP_LEAVE_SERVED] = ": a connection that the listener has accepted",
        [STOP_LEAVE_TIME_WAIT] = "",
        [STOP_LEAVE_NOBODY] = "a connection that no process has: the kernel ends it",
        [STOP_LEAVE_UNSEEN] =
            ("a process that cannot be seen from here: another user's, a protected one, one "
             "outside of this pid namespace, an io_uring, or one that is about to get the socket"),
        [STOP_LEAVE_PROXY] = ", the way into a container that is not known: stop the container",
        [STOP_LEAVE_RULE] = "a rule of the firewall that sends on what comes: there is no process",
        [STOP_LEAVE_FULL] = "more than can be ended at once",
        [STOP_LEAVE_MORE] = "more processes that are not to be ended",
    };

    if (step->leave == STOP_LEAVE_TIME_WAIT)
        add_time_wait(out, &step->holder->seen);
    else if (step->process)
        add_process(out, step);
    strbuf_puts(out, words[step->leave]);
}

void stop_plan_add_step(struct strbuf *out, const struct stop_step *step)
{
    switch (step->way) {
    case STOP_SIGNAL:
        strbuf_puts(out, "send SIGTERM to ");
        add_process(out, step);
        break;
    case STOP_MANAGED:
        add_managed(out, &step->ending);
        break;
    case STOP_AWAITED:
        strbuf_puts(out, "wait for the end of ");
        add_process(out, step);
        break;
    case STOP_LEAVE:
        strbuf_puts(out, "leave ");
        add_leave(out, step);
        break;
    }
}
