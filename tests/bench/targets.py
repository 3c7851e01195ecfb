"""What porttrace wants to reach, and whether this run reached it."""

import csv
import os

from measure import WORKS
from rounds import NOTHING
from sizes import MIB
from tracers import FULL, KINDS

FLOOR = "floor: empty programs, restricted plan"
BPFTRACE, PERF = "bpftrace, equal script", "perf trace"
NO_MATCH = KINDS[-1][0]
COSTS = os.path.join(os.path.dirname(__file__), "../../docs/verifier-cost.tsv")
NOISE = 0.02  # of a ratio that shall be no more than another one
AS_FAST_AS_ASKED = 0.99
VERIFIED_MOST = 5000


def row(what, wanted, shown, met):
    """met: None is not measured."""
    return {"what": what, "wanted": wanted, "is": shown, "met": met}


def at_most(what, value, most, form):
    shown = "not measured" if value is None else form.format(value)
    met = None if value is None else value <= most
    return row(what, f"at most {form.format(most)}", shown, met)


def ratio(works, work, name):
    return works[work][name]["ratio"] if name in works[work] else None


def share(works, work, name, peer):
    """What one adds to nothing, of what the other adds; None where that is nothing."""
    own, other = ratio(works, work, name), ratio(works, work, peer)
    return None if other is None or other <= 1 else (own - 1) / (other - 1)


def work_targets(works, name, plan):
    yield at_most("socket+bind+close", ratio(works, "bind", name), 1.20, "{:.2f}x")
    yield at_most("refused bind", ratio(works, "refused", name), 2.2, "{:.2f}x")
    for peer, most in ((BPFTRACE, 0.10), (PERF, 0.05)):
        for work, title in (("bind", "a bind"), ("refused", "a refused bind")):
            value = share(works, work, name, peer)
            what = f"added to {title}, of what {peer.split(',')[0]} adds"
            yield at_most(what, value, most, "{:.2f}")
    no_match = ratio(works, "bind", f"porttrace {plan}, {NO_MATCH}")
    yield at_most("socket+bind+close, filter without a match", no_match, 1.10, "{:.2f}x")
    yield getppid_target(works, name, plan)


def getppid_target(works, name, plan):
    """The full plans use no tracepoint of system calls; where the restricted one does, all pay."""
    other = FLOOR if plan == "restricted" else NOTHING
    value, most = ratio(works, "getppid", name), ratio(works, "getppid", other)
    if most is None:
        return row("getppid", f"no more than {other.split(':')[0]}", f"{value:.2f}x", None)
    wanted = f"no more than {other.split(':')[0]}: {most:.2f}x"
    return row("getppid", wanted, f"{value:.2f}x", value <= most + NOISE)


def server_target(server, name):
    value = server and server["found"].get(name)
    return row(
        "nginx, requests a second under load",
        "at least 0.98x",
        f"{value['ratio']:.3f}x" if value else "not measured",
        value["ratio"] >= 0.98 if value else None,
    )


def loss_target(what, trial):
    """A trial that was slower than asked for proves nothing, unless it lost something."""
    if not trial:
        return row(what, "nothing lost", "not measured", None)
    asked = not trial["rate"] or trial["rate_made"] >= AS_FAST_AS_ASKED * trial["rate"]
    shown = f"{trial['lost']:,} of {trial['made']:,} lost"
    if not asked:
        shown += f", only {trial['rate_made']:,.0f} a second made"
    return row(what, "nothing lost", shown, False if trial["lost"] else asked or None)


def find_trial(trials, **wanted):
    return next((t for t in trials if all(t[key] == value for key, value in wanted.items())), None)


def loss_targets(trials):
    flood = max(trials, key=lambda trial: trial["seconds"] if not trial["rate"] else 0)
    what = f"one processor doing only refused binds for {flood['seconds']} s, JSON, 8 MiB"
    yield loss_target(what, flood)
    for output in ("event file", "JSON"):
        what = f"2 M synthetic events a second, {output}, 1 MiB"
        wanted = {"events": "synthetic", "output": output, "buffer": MIB, "rate": 2_000_000}
        yield loss_target(what, find_trial(trials, **wanted))
    for events in ("synthetic", "refused binds"):
        what = f"reader stopped for 1 s, 50,000 events a second ({events}), JSON, 8 MiB"
        yield loss_target(what, find_trial(trials, events=events, stalled_s=1))
    wrong = sum(trial["made"] != trial["printed"] + trial["lost"] for trial in trials)
    shown = f"in {len(trials) - wrong} of {len(trials)} trials"
    yield row("made = printed + reported as lost", "always", shown, not wrong)


def footprint_targets(found, idle_s):
    for latency in found.get("latency", []):
        what = f"latency p99 at {2 * latency['rate']:,} events a second"
        yield at_most(what, latency["p99_us"] / 1000, 1.2, "{:.2f} ms")
    what = f"of a processor at {2 * found.get('consumer_rate', 0):,.0f} events a second"
    yield at_most(what, found.get("consumer_percent"), 5, "{:.1f}%")
    shown = f"{found['idle_wakeups']}, {found['idle_cpu_ms']:.2f} ms"
    quiet = not found["idle_wakeups"] and not found["idle_cpu_ms"]
    yield row(f"wake-ups and CPU time in {idle_s:g} s without events", "none, none", shown, quiet)
    yield at_most("exec to first event", found.get("first_event_ms"), 20, "{:.0f} ms")
    own = f" (pages once: {found['own_kb'] / 1024:.1f} MB)"
    steady = at_most("steady resident memory", found["steady_kb"] / 1024, 6, "{:.1f} MB")
    steady["is"] += own
    yield steady
    yield at_most("peak resident memory", found["peak_kb"] / 1024, 14, "{:.1f} MB")
    yield at_most("program, dynamic, stripped", found["binary_kb"] / 1024, 1.5, "{:.2f} MB")


def verifier_target():
    """As recorded by `make verifier-cost`, not of this run."""
    with open(COSTS, encoding="ascii") as file:
        most = max(int(line["instructions"]) for line in csv.DictReader(file, delimiter="\t"))
    return at_most("instructions verified, the largest program", most, VERIFIED_MOST, "{:,}")


def compare(result):
    """By plan: JSON to a file, with all fields, holders and reasons."""
    found = {}
    for plan in result["plans"]:
        name = f"porttrace {plan}, {FULL}"
        if name not in result["works"][WORKS[0]]:
            continue
        found[plan] = [
            *work_targets(result["works"], name, plan),
            server_target(result["server"], name),
            *loss_targets(result["loss"][plan]),
            *footprint_targets(result["footprint"][name], result["idle_s"]),
            verifier_target(),
        ]
    return found
