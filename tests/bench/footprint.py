"""What a tracer takes for itself: memory, size, time of the processor, wake-ups."""

import contextlib
import statistics
import time

from live import Live
from rounds import say
from session import Failed

IDLE_TRIES = 3
CONSUMED_RATE = 50_000  # binds a second; each makes an event more when its port is released


def of_rounds(rounds):
    about = [values for _, values in rounds if values]
    if not about:
        return {}
    found = {
        "began_kb": statistics.median(values["began"] for values in about),
        "steady_kb": statistics.median(values["steady"] for values in about),
        "own_kb": statistics.median(values["own"] for values in about),
        "peak_kb": max(values["peak"] for values in about),
    }
    lost = [values["lost"] for values in about if values["lost"] is not None]
    if lost:
        found["lost"], found["operations"] = sum(lost), sum(v["operations"] for v in about)
    return found


def consumer(bench, tracer):
    """Per cent of a processor that it takes at a steady rate, and the rate that there was."""
    with bench.session(tracer) as session:
        before_ns = session.process.cpu_ns()
        ns, binds = bench.load("bind", bench.size.consumer_s, CONSUMED_RATE)
        session.settle()
        spent_ns = session.process.cpu_ns() - before_ns
    return {"consumer_percent": 100 * spent_ns / (ns * binds), "consumer_rate": 1e9 / ns}


def _idle_once(bench, sessions):
    for session in sessions:
        session.settle()
    before = [
        (session.process.cpu_ns(), session.process.wakeups(), session.output_size())
        for session in sessions
    ]
    time.sleep(bench.size.idle_s)
    return [
        {
            "idle_cpu_ms": (session.process.cpu_ns() - cpu_ns) / 1e6,
            "idle_wakeups": session.process.wakeups() - wakeups,
            "idle_shown": session.output_size() - size,
        }
        for session, (cpu_ns, wakeups, size) in zip(sessions, before)
    ]


def idle(bench, tracers):
    """By name, all at the same time. Again when others on this machine made events meanwhile."""
    attached = [tracer for tracer in tracers if not tracer.wraps]
    with contextlib.ExitStack() as stack:
        sessions = [
            stack.enter_context(bench.session(tracer, f"{bench.out}.{number}"))
            for number, tracer in enumerate(attached)
        ]
        for tries in range(IDLE_TRIES):
            if tries:
                say("others made events: idle once more")
            found = _idle_once(bench, sessions)
            if not any(values["idle_shown"] for values in found):
                break
    return {tracer.name: values for tracer, values in zip(attached, found)}


def _parts(bench, tracer):
    """What is measured by itself, so that what one part cannot tell does not cost the others."""
    live = Live(bench)
    if not tracer.wraps:
        yield lambda: consumer(bench, tracer)
    if tracer.live:
        yield lambda: live.first_event(tracer, bench.size.starts)
        yield lambda: {"latency": [live.latency(tracer, *pace) for pace in bench.size.paces]}


def measure(bench, tracer, rounds):
    found = {"binary_kb": bench.binary_kb(tracer), **of_rounds(rounds)}
    for part in _parts(bench, tracer):
        try:
            found.update(part())
        except Failed as failure:
            say(str(failure))
            found.setdefault("failures", []).append(str(failure))
    return found
