"""Runs all measurements in interleaved rounds: bench.py BUILD ROUNDS."""

import datetime
import json
import os
import platform
import statistics
import sys
import tempfile
import time

import chart
import report
from measure import WORKS, Bench
from session import Failed
from tracers import all_tracers

NOTHING = "nothing attached"
SECONDS = 0.3
STARTS = 5
ROUNDS_S = 420  # a slow machine makes fewer rounds, and the report says how many


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


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
    """Those that run here, and why the others do not."""
    available, missing = [], {}
    for tracer in tracers:
        try:
            bench.check(tracer)
            available.append(tracer)
        except Failed as failure:
            missing[tracer.name] = str(failure)
            say(f"not available: {tracer.name}: {failure}")
    return available, missing


def run_rounds(bench, tracers, rounds):
    """By name: a list of (times, about), one a round. The order turns: none is always first."""
    results = {name: [] for name in [NOTHING, *(tracer.name for tracer in tracers)]}
    everything = [None, *tracers]
    end = time.monotonic() + ROUNDS_S
    for number in range(rounds):
        if time.monotonic() > end:
            say(f"no time for more than {number} rounds")
            break
        say(f"round {number + 1} of {rounds}")
        turn = number % len(everything)
        for tracer in everything[turn:] + everything[:turn]:
            results[tracer.name if tracer else NOTHING].append(bench.round(tracer))
    return results


def summarize_works(results):
    """By work and name: median time, and median of the ratios to nothing in the same round."""
    works = {}
    for work in WORKS:
        nothing = [times[work] for times, _ in results[NOTHING]]
        works[work] = {}
        for name, rounds in results.items():
            times = [found[work] for found, _ in rounds]
            ratios = [one / other for one, other in zip(times, nothing)]
            works[work][name] = {
                "ns": statistics.median(times),
                "ratio": statistics.median(ratios),
                "lowest": min(ratios),
                "highest": max(ratios),
            }
    return works


def footprint(bench, tracer, rounds, starts):
    found = {"binary_kb": bench.binary_kb(tracer)}
    about = [values for _, values in rounds if values]
    if about:
        found["steady_kb"] = statistics.median(values["steady"] for values in about)
        found["peak_kb"] = max(values["peak"] for values in about)
        lost = [values["lost"] for values in about if values["lost"] is not None]
        if lost:
            found["lost"], found["operations"] = sum(lost), sum(v["operations"] for v in about)
    if not tracer.wraps:
        found.update(bench.idle(tracer))
    if tracer.live:
        times = [bench.first_event(tracer) for _ in range(starts)]
        found["first_event_ms"] = statistics.median(times)
        found.update(bench.latency(tracer))
    return found


def measure_all(bench, tracers, rounds):
    results = run_rounds(bench, tracers, rounds)
    footprints = {}
    for tracer in tracers:
        say(f"footprint of {tracer.name}")
        footprints[tracer.name] = footprint(
            bench, tracer, results[tracer.name], min(rounds, STARTS)
        )
    return {
        "rounds": len(results[NOTHING]),
        "works": summarize_works(results),
        "footprint": footprints,
    }


def main():
    build, rounds = sys.argv[1], int(sys.argv[2])
    here = os.path.dirname(os.path.abspath(__file__))
    start = time.monotonic()
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="porttrace-bench-") as scratch:
        bench = Bench(os.path.abspath(build), scratch, SECONDS)
        result = {"machine": machine(), "rounds_wanted": rounds, "seconds": SECONDS}
        tracers, result["not_available"] = find_available(
            bench, all_tracers(os.path.abspath(build), here)
        )
        result.update(measure_all(bench, tracers, rounds))
    result["took_s"] = round(time.monotonic() - start)
    with open(f"{build}/bench.json", "w", encoding="utf-8") as file:
        json.dump(result, file, indent=2)
    with open(f"{build}/bench.svg", "w", encoding="utf-8") as file:
        file.write(chart.draw(result["works"]))
    print(report.write(result), end="")
    wanted = [name for name in result["not_available"] if name.startswith(("floor", "porttrace"))]
    plans = [name for name in result["footprint"] if name.startswith("porttrace")]
    if not plans or "floor" in " ".join(wanted):
        sys.exit("bench: porttrace or its floor does not run here")


try:
    main()
except Failed as failed:
    sys.exit(f"bench: {failed}")
