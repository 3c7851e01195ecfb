"""What is compared: the command of each tracer, and what may be expected of it."""

import dataclasses
import os
import shutil

CALLS = "bind,listen,connect"
PLANS = ("fexit", "kprobe", "restricted")


@dataclasses.dataclass
class Tracer:
    """OUT in a command stands for the output file; without a file, `live` is the command."""

    name: str
    command: list
    live: list = None
    wraps: bool = False  # traces only the command that follows its own
    shows: bool = True  # something must be in the output after a bind
    word: str = None  # its lines have no address; this word tells which ones count
    stdout: bool = False  # writes to standard output where others have an option
    loss: str = None  # pattern of what it says about lost events
    sums_up: bool = False  # the last thing it says is all that was lost
    serves: bool = False  # compared with a server under load, too

    def program(self):
        return shutil.which(self.command[0]) or self.command[0]


# What it prints, its options, whether it shows a bind. Without options: an event file.
KINDS = (
    ("JSON", ["--json"], True),
    ("text", [], True),
    ("event file", None, True),
    ("JSON, filter without a match", ["--json", "--port", "1"], False),
)
LOSSES = {"JSON": r'"lost":\{"events":(\d+)', "text": r"(\d+) events? lost in all"}
FULL = "JSON"  # with all fields, holders and reasons: what the targets are about


def plan_name(name):
    """Of the plan that a tracer of ours uses; None of others."""
    return name.split()[1].rstrip(",") if name.startswith("porttrace ") else None


def porttrace_kind(base, name, kind, options, shows):
    if options is None:
        command, live = [*base, "--write", "OUT"], None
    else:
        command, live = [*base, *options, "--output", "OUT"], [*base, *options]
    return Tracer(
        name,
        command,
        live=live if shows else None,
        shows=shows,
        loss=LOSSES.get(kind.split(",")[0]),
        sums_up=True,
        serves=kind == FULL and "--no-holders" not in base,
    )


def porttrace(build):
    for plan in PLANS:
        base = [f"{build}/porttrace", "--plan", plan]
        for kind, options, shows in KINDS:
            yield porttrace_kind(base, f"porttrace {plan}, {kind}", kind, options, shows)
        for kind, options, shows in KINDS[:3]:
            name = f"porttrace {plan}, {kind}, no holders"
            yield porttrace_kind([*base, "--no-holders"], name, kind, options, shows)


def peers(here):
    script = os.path.join(here, "equal.bt")
    bpftrace = ["bpftrace", "-B", "line"]
    perf = ["perf", "trace", "-a", "-e", CALLS]
    strace = ["strace", "-f", "-e", f"trace={CALLS}"]
    return [
        Tracer(
            "bpftrace, equal script",
            [*bpftrace, "-o", "OUT", script],
            live=[*bpftrace, script],
            loss=r"Lost (\d+) events",
            serves=True,
        ),
        Tracer(
            "perf trace",
            [*perf, "-o", "OUT"],
            live=perf,
            word="pace/",
            loss=r"LOST (\d+) events",
            serves=True,
        ),
        Tracer("strace -f", [*strace, "-o", "OUT"], live=strace, wraps=True, serves=True),
        Tracer(
            "strace -f --seccomp-bpf",
            [*strace, "--seccomp-bpf", "-o", "OUT"],
            live=[*strace, "--seccomp-bpf"],
            wraps=True,
        ),
        Tracer("bindsnoop (libbpf-tools)", ["bindsnoop"], live=["bindsnoop"], stdout=True),
    ]


def all_tracers(build, here):
    floor = f"{build}/tests/bench/floor"
    return [
        Tracer(
            "floor: empty programs, restricted plan",
            [floor, f"{floor}.bpf.o"],
            shows=False,
            serves=True,
        ),
        *porttrace(build),
        *peers(here),
    ]
