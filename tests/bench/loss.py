"""What is made is printed or reported as lost: against rate, buffer, and a reader that stops."""

import os
import re
import signal
import subprocess
import threading
import time

from session import Failed, Session
from sizes import MIB
from tracers import Tracer

START_S = 20
KEPT_BYTES = 256 * MIB  # of an output; what is longer is thrown away while it is written
LOOK_S = 0.1
STALL_RATE = 50_000
STALL_S = (0.5, 1, 0.5)  # before, stopped, after
DEFAULT_BUFFER = 8 * MIB
JSON, EVENT_FILE = "JSON", "event file"
JSON_SUMS = r'"observations":(\d+)(?:,"repeated":(\d+))?,"lost":\{"events":(\d+)'
FILE_SUMS = r"(?:(\d+) refused calls were the same.*\n.*)?(\d+) events written to .*, (\d+) lost"


class Emptier:
    """A file that is written for a minute need not fit in memory."""

    def __init__(self, path):
        self.path, self.emptied = path, False
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while not self.ended.wait(LOOK_S):
            if os.stat(self.path).st_blocks * 512 > KEPT_BYTES:
                os.truncate(self.path, 0)
                self.emptied = True

    def end(self):
        self.ended.set()
        self.thread.join()


class Trial:
    """One way to make events, and one to consume them."""

    def __init__(self, bench, program, plan):
        self.bench, self.program, self.plan = bench, program, plan

    def tracer(self, output, buffer, comm):
        """Events of others on this machine are not counted, nor what prepares the load."""
        options = ["--plan", self.plan, "--comm", comm, "--buffer", f"{buffer >> 10}K"]
        options += ["--op", "bind", *(["--failed"] if comm == "load" else [])]
        options += ["--json", "--output", "OUT"] if output == JSON else ["--write", "OUT"]
        return Tracer(output, [self.program, *options], shows=False)

    def maker(self, comm, seconds, rate):
        load = [self.bench.helper(comm), str(self.bench.load_cpu), str(seconds)]
        return [*load, *(["refused"] if comm == "load" else []), str(rate)]

    def run(self, comm, output, buffer, seconds, rate, stall=None):
        tracer = self.tracer(output, buffer, comm)
        with Session(tracer, self.bench.out, self.bench.tracer_cpus, None) as session:
            wait_for_start(session)
            emptier = Emptier(session.out)
            try:
                load = subprocess.Popen(
                    self.maker(comm, seconds, rate), stdout=subprocess.PIPE, text=True
                )
                if stall:
                    stop_for(session.process.pid, *stall)
                words = load.communicate()[0].split()
            finally:
                emptier.end()
            if load.returncode:
                raise Failed(f"{comm}: it failed")
            session.stop()
            printed, lost = sums(session, output)
            if output == JSON and not emptier.emptied:
                check_lines(session.out, printed)
        return {
            "events": "refused binds" if comm == "load" else "synthetic",
            "output": output,
            "buffer": buffer,
            "seconds": seconds,
            "stalled_s": stall[1] if stall else 0,
            "rate": rate,
            "rate_made": 1e9 / float(words[0]),
            "made": int(words[1]),
            "printed": printed,
            "lost": lost,
        }


def wait_for_start(session):
    """The first record is written once all hooks are attached."""
    end = time.monotonic() + START_S
    while not session.output_size():
        session.settle()
        if time.monotonic() > end:
            raise Failed("it does not start")


def stop_for(pid, before_s, stopped_s, _):
    time.sleep(before_s)
    os.kill(pid, signal.SIGSTOP)
    time.sleep(stopped_s)
    os.kill(pid, signal.SIGCONT)


def sums(session, output):
    """What it says at its end: events printed, events lost."""
    if output == JSON:
        with open(session.out, "rb") as file:
            file.seek(max(0, session.output_size() - 4096))
            found = re.search(JSON_SUMS, file.read().decode("utf-8", "replace"))
    else:
        found = re.search(FILE_SUMS, session.said())
    if not found:
        raise Failed("it says at its end nothing about what it has printed and lost")
    return sum(int(n or 0) for n in found.groups()[:2]), int(found.group(3))


def check_lines(path, printed):
    """That what it says to have printed is in the file; a line may stand for many calls."""
    calls = 0
    with open(path, "rb") as file:
        for line in file:
            if b'"action":"bind"' in line:
                times = re.search(rb'"repeated":\{"times":(\d+)', line)
                calls += int(times[1]) if times else 1
    if calls != printed:
        raise Failed(f"{calls} calls are in the lines of the file, {printed} are said to be")


def measure(bench, plan):
    """All trials. The synthetic events come from a porttrace that is built with their program."""
    size = bench.size
    real = Trial(bench, f"{bench.build}/porttrace", plan)
    synthetic = Trial(bench, bench.helper("synthetic-porttrace"), plan)
    stall_s = sum(STALL_S)
    found = [real.run("load", JSON, DEFAULT_BUFFER, size.flood_s, 0)]
    for trial, comm in ((real, "load"), (synthetic, "synthetic")):
        found.append(trial.run(comm, JSON, DEFAULT_BUFFER, stall_s, STALL_RATE, STALL_S))
    for buffer in size.refused_buffers:
        for rate in size.refused_rates:
            found.append(real.run("load", JSON, buffer, size.refused_s, rate))
    for output in (EVENT_FILE, JSON):
        for buffer in size.synthetic_buffers:
            for rate in size.synthetic_rates:
                found.append(synthetic.run("synthetic", output, buffer, size.synthetic_s, rate))
    return found
