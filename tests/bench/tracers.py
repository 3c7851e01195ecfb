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

    def program(self):
        return shutil.which(self.command[0]) or self.command[0]


def porttrace(build):
    program = f"{build}/porttrace"
    losses = {"JSON": r'"lost":\{"events":(\d+)', "text": r"(\d+) events? lost in all"}
    for plan in PLANS:
        base = [program, "--plan", plan]
        kinds = (
            ("JSON", ["--json"], True),
            ("text", [], True),
            ("event file", None, True),
            ("JSON, filter without a match", ["--json", "--port", "1"], False),
        )
        for kind, options, shows in kinds:
            if options is None:
                command, live = [*base, "--write", "OUT"], None
            else:
                command, live = [*base, *options, "--output", "OUT"], [*base, *options]
            yield Tracer(
                f"porttrace {plan}, {kind}",
                command,
                live=live if shows else None,
                shows=shows,
                loss=losses.get(kind.split(",")[0]),
                sums_up=True,
            )


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
        ),
        Tracer(
            "perf trace", [*perf, "-o", "OUT"], live=perf, word="pace/", loss=r"LOST (\d+) events"
        ),
        Tracer("strace -f", [*strace, "-o", "OUT"], live=strace, wraps=True),
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
        Tracer("floor: empty programs, restricted plan", [floor, f"{floor}.bpf.o"], shows=False),
        *porttrace(build),
        *peers(here),
    ]
