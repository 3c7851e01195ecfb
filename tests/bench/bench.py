"""Measures porttrace beside its floor and its peers: bench.py BUILD ROUNDS."""

import datetime
import json
import os
import platform
import signal
import sys
import tempfile
import time

import chart
import footprint
import loss
import report
import server
import targets
from measure import WORKS, Bench
from rounds import run_rounds, say, summarize
from session import Failed
from sizes import size_of
from tracers import all_tracers, plan_name


def machine():
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {
        "cpu": (models or [platform.machine()])[0],
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "load_before": os.getloadavg()[0],
    }


def find_available(bench, tracers):
    """Those that run here, and why the others do not. A plan is refused for all its tracers."""
    available, missing, refused = [], {}, {}
    for tracer in tracers:
        plan = plan_name(tracer.name)
        try:
            if plan in refused:
                raise Failed(refused[plan])
            bench.check(tracer)
            available.append(tracer)
        except Failed as failure:
            missing[tracer.name] = str(failure)
            if plan not in refused:
                say(f"not available: {tracer.name}: {failure}")
            if str(failure).startswith(f"plan {plan}: "):
                refused[plan] = str(failure)
    return available, missing


def measure_works(bench, tracers):
    """The summary of each work, and the rounds as they were."""
    say("works")
    results = run_rounds(tracers, bench.size.rounds, bench.size.rounds_s, bench.round)
    works = {}
    for work in WORKS:
        times = {name: [one[work] for one, _ in rounds] for name, rounds in results.items()}
        works[work] = summarize(times)
    return works, results


def measure_server(bench, tracers):
    """None where there is no server."""
    missing = server.missing()
    if missing:
        say(f"no server under load: {' and '.join(missing)} not installed")
        return None
    say("nginx under load")
    serving = [tracer for tracer in tracers if tracer.serves]
    results = run_rounds(
        serving,
        bench.size.rounds,
        bench.size.rounds_s,
        lambda tracer: server.measure(bench, tracer, bench.size.server_s),
    )
    return {"rounds": min(map(len, results.values())), "found": summarize(results)}


def measure_footprints(bench, tracers, results):
    say("idle")
    idle = footprint.idle(bench, tracers)
    found = {}
    for tracer in tracers:
        if not tracer.serves and not bench.size.all_footprints:
            continue
        say(f"footprint of {tracer.name}")
        found[tracer.name] = footprint.measure(bench, tracer, results[tracer.name])
        found[tracer.name].update(idle.get(tracer.name, {}))
    return found


def measure_all(bench, tracers):
    works, results = measure_works(bench, tracers)
    plans = dict.fromkeys(plan_name(tracer.name) for tracer in tracers)
    plans = [plan for plan in plans if plan]
    found = {
        "plans": plans,
        "rounds": min(map(len, results.values())),
        "works": works,
        "server": measure_server(bench, tracers),
        "footprint": measure_footprints(bench, tracers, results),
    }
    say("loss")
    found["loss"] = {plan: loss.measure(bench, plan) for plan in plans}
    return found


def write(build, result):
    with open(f"{build}/bench.json", "w", encoding="utf-8") as file:
        json.dump(result, file, indent=2)
    with open(f"{build}/bench.svg", "w", encoding="utf-8") as file:
        file.write(chart.draw(result["works"], result["server"]))
    print(report.write(result), end="")


def main():
    build, size = os.path.abspath(sys.argv[1]), size_of(int(sys.argv[2]))
    here = os.path.dirname(os.path.abspath(__file__))
    start = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended"))  # with all it started
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="porttrace-bench-") as scratch:
        bench = Bench(build, scratch, size)
        result = {"machine": machine(), "rounds_wanted": size.rounds, "seconds": size.work_s}
        result["idle_s"] = size.idle_s
        tracers, result["not_available"] = find_available(bench, all_tracers(build, here))
        result.update(measure_all(bench, tracers))
    result["took_s"] = round(time.monotonic() - start)
    result["targets"] = targets.compare(result)
    write(build, result)
    if not result["plans"] or any(name.startswith("floor") for name in result["not_available"]):
        sys.exit("bench: porttrace or its floor does not run here")


try:
    main()
except Failed as failed:
    sys.exit(f"bench: {failed}")
