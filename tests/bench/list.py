"""Measures porttrace list beside ss and lsof: many sockets in many processes, interleaved rounds.

usage: list.py BUILD [ROUNDS]     in a net namespace of its own, see list
"""
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

PROCESSES = 1000
SOCKETS = 20000
ENOUGH = 0.99  # of the sockets must be in the output, or nothing was compared


def commands(build):
    program = f"{build}/porttrace"
    return {
        "porttrace list": [program, "list"],
        "porttrace list -q": [program, "list", "-q"],
        "porttrace list --json": [program, "list", "--json"],
        "porttrace list 1500": [program, "list", "1500"],
        "ss -tulnp": ["ss", "-tulnp"],
        "lsof -nP -i": ["lsof", "-nP", "-i"],
    }


def lines_of(path):
    with open(path, "rb") as out:
        return sum(1 for line in out if re.search(rb"\d", line))


def measure(build, out, command):
    result = subprocess.run(
        [f"{build}/tests/bench/cost", out, *command], capture_output=True, text=True, check=True
    )
    wall_ns, cpu_us, peak_kb, status = (int(word) for word in result.stdout.split())
    if status:
        raise SystemExit(f"{command}: status {status}: {result.stderr.strip()}")
    return {"wall_ms": wall_ns / 1e6, "cpu_ms": cpu_us / 1e3, "peak_kb": peak_kb}


def expected(name):
    return {"porttrace list -q": PROCESSES, "porttrace list 1500": 2}.get(name, SOCKETS)


def run_rounds(build, rounds, out):
    here = {name: argv for name, argv in commands(build).items() if shutil.which(argv[0])}
    seen = {name: [] for name in here}
    names = list(here)
    for name, argv in here.items():
        measure(build, out, argv)  # files are in the cache from now on
    for turn in range(rounds):
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            seen[name].append(measure(build, out, here[name]))
            if lines_of(out) < ENOUGH * expected(name):
                raise SystemExit(f"{name}: {lines_of(out)} lines, not {expected(name)}")
    return seen


def table(seen):
    base = "porttrace list"
    print("| command | wall | ratio | CPU | peak memory | ratio |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, rounds in seen.items():
        wall = statistics.median(one["wall_ms"] for one in rounds)
        cpu = statistics.median(one["cpu_ms"] for one in rounds)
        peak = statistics.median(one["peak_kb"] for one in rounds)
        slower = statistics.median(
            one["wall_ms"] / own["wall_ms"] for one, own in zip(rounds, seen[base])
        )
        larger = statistics.median(
            one["peak_kb"] / own["peak_kb"] for one, own in zip(rounds, seen[base])
        )
        print(
            f"| `{name}` | {wall:.0f} ms | {slower:.2f}x | {cpu:.0f} ms "
            f"| {peak:.0f} kB | {larger:.2f}x |"
        )


def main():
    build, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 9
    crowd = subprocess.Popen(
        [f"{build}/tests/bench/crowd", str(PROCESSES), str(SOCKETS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if crowd.stdout.readline() != "ready\n":
        raise SystemExit("the sockets cannot be made")
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as out:
        seen = run_rounds(build, rounds, f"{out}/out")
    crowd.stdin.close()
    crowd.wait()
    print(f"{SOCKETS} sockets in {PROCESSES} processes, {rounds} rounds, Linux {os.uname().release}")
    print()
    table(seen)
    with open(f"{build}/bench-list.json", "w", encoding="utf-8") as file:
        json.dump(seen, file, indent=1)


main()
