"""The result as tables, in Markdown that is readable as it is."""

TITLES = {
    "bind": "socket+bind+close",
    "refused": "refused bind",
    "connect": "connect+accept+close",
    "getppid": "getppid",
}
COLUMNS = (
    ("first event", "first_event_ms", "{:.0f} ms"),
    ("memory at start", "began_kb", "{:.0f} kB"),
    ("steady", "steady_kb", "{:.0f} kB"),
    ("pages once", "own_kb", "{:.0f} kB"),
    ("peak", "peak_kb", "{:.0f} kB"),
    ("idle CPU", "idle_cpu_ms", "{:.2f} ms"),
    ("idle wake-ups", "idle_wakeups", "{}"),
    ("consumer", "consumer_percent", "{:.1f}%"),
    ("at binds/s", "consumer_rate", "{:.0f}"),
    ("said lost", "lost", "{}"),
    ("binary", "binary_kb", "{:.0f} kB"),
)
MET = {True: "met", False: "missed", None: "not measured"}


def table(head, rows):
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

    def line(cells):
        first = cells[0].ljust(widths[0])
        rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]
        return "| " + " | ".join([first, *rest]) + " |"

    rule = "|" + "|".join(
        ("-" * (width + 2)) if not column else ("-" * (width + 1) + ":")
        for column, width in enumerate(widths)
    ) + "|"
    return "\n".join([line(head), rule, *(line(row) for row in rows)]) + "\n"


def works_table(works):
    form = "{ratio:.2f}x {median:.0f}"
    names = list(next(iter(works.values())))
    rows = [
        [name, *(form.format(**found[name]) for found in works.values())]
        for name in names
    ]
    return table(["attached", *(TITLES[work] for work in works)], rows)


def footprint_table(footprints):
    rows = [
        [name, *(form.format(found[key]) if key in found else "-" for _, key, form in COLUMNS)]
        for name, found in footprints.items()
    ]
    return table(["", *(title for title, _, _ in COLUMNS)], rows)


def server_table(server):
    if not server:
        return "nginx or wrk is not installed: no server under load.\n"
    forms = ("{median:.0f}", "{ratio:.3f}x", "{lowest:.3f}x", "{highest:.3f}x")
    rows = [
        [name, *(form.format(**one) for form in forms)] for name, one in server["found"].items()
    ]
    head = ["nginx under load", "requests/s", "ratio", "lowest", "highest"]
    return f"{table(head, rows)}\nRounds: {server['rounds']}.\n"


def latency_table(footprints):
    measured = {name: found["latency"] for name, found in footprints.items() if "latency" in found}
    if not measured:
        return ""
    head = ["latency"]
    for one in next(iter(measured.values())):
        head += [f"p50 at {one['rate']:,} binds/s", "p99", "not shown"]
    rows = []
    for name, found in measured.items():
        forms = ("{p50_us:.0f} us", "{p99_us:.0f} us", "{not_shown}")
        rows.append([name, *(form.format(**one) for one in found for form in forms)])
    return table(head, rows)


def trial_row(trial):
    summed = trial["printed"] + trial["lost"]
    equal = "=" if summed == trial["made"] else f"{trial['made'] - summed:+d} MISSING"
    stalled = f", stopped for {trial['stalled_s']} s" if trial["stalled_s"] else ""
    return [
        f"{trial['events']}, {trial['output']}{stalled}",
        f"{trial['buffer'] >> 10} KiB",
        f"{trial['seconds']:g} s",
        f"{trial['rate']:,}" if trial["rate"] else "all it can",
        f"{trial['rate_made']:,.0f}",
        str(trial["made"]),
        equal,
        str(trial["printed"]),
        str(trial["lost"]),
        f"{100 * trial['lost'] / max(trial['made'], 1):.2f}%",
    ]


def loss_tables(losses):
    head = ["", "buffer", "for", "rate", "events/s"]
    head += ["made", "", "printed", "+ reported lost", "lost"]
    return "".join(
        f"Plan {plan}:\n\n{table(head, [trial_row(trial) for trial in trials])}\n"
        for plan, trials in losses.items()
    )


def targets_tables(targets):
    return "".join(
        f"Plan {plan}, JSON to a file:\n\n"
        + table(
            ["", "wanted", "is", ""],
            [[one["what"], one["wanted"], one["is"], MET[one["met"]]] for one in rows],
        )
        + "\n"
        for plan, rows in targets.items()
    )


def failures(footprints):
    found = [one for values in footprints.values() for one in values.get("failures", [])]
    return "\nNot measured:\n" + "".join(f"- {one}\n" for one in found) if found else ""


def missing_table(missing):
    if not missing:
        return ""
    reasons = dict.fromkeys((name.split(",")[0], why) for name, why in missing.items())
    return "\nNot available here:\n" + "".join(f"- {name}: {why}\n" for name, why in reasons)


def write(result):
    machine = result["machine"]
    return (
        f"{machine['date']}, Linux {machine['kernel']}, {machine['cpus']} processors "
        f"({machine['cpu']}), load {machine['load_before']:.2f} before, {result['rounds']} of "
        f"{result['rounds_wanted']} rounds of {result['seconds']} s a work, "
        f"{result['took_s']} s in all\n\n"
        "Median ratio to nothing attached in the same round, and median nanoseconds:\n\n"
        f"{works_table(result['works'])}\n{server_table(result['server'])}\n"
        f"{footprint_table(result['footprint'])}\n{latency_table(result['footprint'])}"
        f"{failures(result['footprint'])}{missing_table(result['not_available'])}"
        f"\n## Loss\n\n{loss_tables(result['loss'])}"
        f"## Against the targets\n\n{targets_tables(result['targets'])}"
    )
