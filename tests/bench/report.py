"""The result as tables, in Markdown that is readable as it is."""

TITLES = {
    "bind": "socket+bind+close",
    "refused": "refused bind",
    "connect": "connect+accept+close",
    "getppid": "getppid",
}
COLUMNS = (
    ("first event", "first_event_ms", "{:.0f} ms"),
    ("steady", "steady_kb", "{:.0f} kB"),
    ("peak", "peak_kb", "{:.0f} kB"),
    ("idle CPU", "idle_cpu_ms", "{:.2f} ms"),
    ("idle wake-ups", "idle_wakeups", "{}"),
    ("latency p50", "latency_p50_us", "{:.0f} us"),
    ("p99", "latency_p99_us", "{:.0f} us"),
    ("not shown", "not_shown", "{}"),
    ("said lost", "lost", "{}"),
    ("binary", "binary_kb", "{:.0f} kB"),
)


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
    names = list(next(iter(works.values())))
    rows = [
        [name, *(f"{works[work][name]['ratio']:.2f}x {works[work][name]['ns']:.0f}" for work in works)]
        for name in names
    ]
    return table(["attached", *(TITLES[work] for work in works)], rows)


def footprint_table(footprints):
    rows = [
        [name, *(form.format(found[key]) if key in found else "-" for _, key, form in COLUMNS)]
        for name, found in footprints.items()
    ]
    return table(["", *(title for title, _, _ in COLUMNS)], rows)


def missing_table(missing):
    if not missing:
        return ""
    reasons = dict.fromkeys((name.split(",")[0], why) for name, why in missing.items())
    return "\nNot available here:\n" + "".join(f"- {name}: {why}\n" for name, why in reasons)


def write(result):
    machine = result["machine"]
    return (
        f"{machine['date']}, Linux {machine['kernel']}, {machine['cpus']} processors "
        f"({machine['cpu']}), load {machine['load_before']:.2f} before, "
        f"{result['rounds']} of {result['rounds_wanted']} rounds of {result['seconds']} s a work, {result['took_s']} s in all\n\n"
        "Median ratio to nothing attached in the same round, and median nanoseconds:\n\n"
        f"{works_table(result['works'])}\n"
        f"{footprint_table(result['footprint'])}{missing_table(result['not_available'])}"
    )
