"""A running porttrace whose JSON is read as it comes, and the load that it has to see."""
import collections
import json
import os
import re
import signal
import statistics
import subprocess
import tempfile
import threading
import time

LOAD_NAME = b"soak-load"
PATIENCE_S = 60

EVENT = re.compile(rb'"action":"([a-z-]+)"(?:,"outcome":"([a-z]+)")?')
SEQUENCE = re.compile(rb'"sequence":(\d+)')
TIMES = re.compile(rb'"repeated":\{"times":(\d+)')
LOST_BEFORE = re.compile(rb'"lost_before":(\d+)')
NAME = re.compile(rb'"process":\{"pid":\d+,.*?"name":"([^"]*)"')
CHECK_EVERY = 500  # lines are parsed whole


class Tracer:
    """Counts the events of the load's processes; of others only that their numbers have no gap."""

    def __init__(self, porttrace, *options, output=None):
        """output: a file; whoever reads it may fall behind. None: a pipe."""
        self.errors = tempfile.TemporaryFile()
        self.output = output
        target = ["-o", output] if output else []
        self.process = subprocess.Popen([porttrace, "trace", "--json", *target, *options],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self.errors, bufsize=1 << 20)
        self.pid = self.process.pid
        self.counts = collections.Counter()
        self.lost = collections.Counter()
        self.kept = None  # lines of binds, once it is a list
        self.undescribed = 0
        self.watched = None  # a process whose lines are kept as well
        self.watched_lines = []
        self.by_ring = 0
        self.problem = None
        self.plan = None
        self.end = None
        self.sequence = 0
        self.lines = 0
        self.reading = threading.Event()
        self.reading.set()
        self.started = threading.Event()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        if not self.started.wait(PATIENCE_S) or self.process.poll() is not None:
            raise SystemExit(f"soak: porttrace does not start: {self.said()}")

    def said(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip()

    def whole_lines(self):
        if not self.output:
            yield from self.process.stdout
            return
        while not os.path.exists(self.output):
            time.sleep(0.01)
        part, ended = b"", False
        with open(self.output, "rb") as file:
            while not ended:
                ended = self.process.poll() is not None
                for line in file:
                    part += line
                    if part.endswith(b"\n"):
                        yield part
                        part = b""
                time.sleep(0.01)

    def read(self):
        for line in self.whole_lines():
            self.reading.wait()
            try:
                self.take(line)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                self.problem = self.problem or f"a line that makes no sense: {line!r}: {error}"
        self.started.set()

    def take(self, line):
        self.lines += 1
        if not line.endswith(b"}\n") or self.lines % CHECK_EVERY == 0:
            json.loads(line)
        action, outcome = EVENT.search(line).groups()
        if action == b"loss":
            self.take_loss(json.loads(line)["porttrace"]["lost"])
        elif action == b"trace-start":
            self.plan = json.loads(line)["porttrace"]["plan"]
            self.started.set()
        elif action == b"trace-end":
            self.end = json.loads(line)["porttrace"]
        else:
            self.take_event(line, action, outcome)

    def take_loss(self, lost):
        self.lost.update(lost)

    def take_event(self, line, action, outcome):
        sequence = int(SEQUENCE.search(line)[1])
        expected = self.sequence + int(LOST_BEFORE.search(line)[1]) + 1
        if sequence != expected:
            self.problem = self.problem or f"event.sequence is {sequence}, not {expected}"
        self.sequence = sequence
        if self.watched and b'"process":{"pid":%d,' % self.watched in line:
            self.watched_lines.append(line)
        name = NAME.search(line)
        if not name or name[1] != LOAD_NAME:
            return
        times = TIMES.search(line)
        self.counts[action.decode(), (outcome or b"").decode()] += int(times[1]) if times else 1
        if outcome != b"failure":  # of a failure the holder may be meant
            self.undescribed += b'"described":false' in line
        if action == b"bind":
            self.by_ring += b'"entry":"io_uring"' in line
            if self.kept is not None:
                self.kept.append(line)

    def shown(self):
        """By the names that the load has for what it makes."""
        counts = self.counts.copy()
        return {"bind": counts["bind", "success"],
                "refused": counts["bind", "failure"],
                "listen": counts["listen", "success"],
                "connect": counts["connect", "success"],
                "autobind": counts["autobind", "success"],
                "release": sum(n for (action, _), n in counts.items() if action == "release")}

    def wait_for(self, made):
        """Until so many are shown or lost, or nothing has come for a while."""
        wanted, last, since = events(made), -1, time.monotonic()
        while time.monotonic() - since < 5:
            here = sum(self.counts.copy().values()) + self.lost["events"]
            if here >= wanted:
                return
            if here != last:
                last, since = here, time.monotonic()
            time.sleep(0.02)

    def finish(self):
        """Ends it; its exit status must be 0."""
        self.reading.set()
        self.process.send_signal(signal.SIGINT)
        try:
            status = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.problem = self.problem or "it does not end"
            return
        self.reader.join(PATIENCE_S)
        if status or not self.end:
            self.problem = self.problem or f"it ended with {status} and said: {self.said()}"
        elif {k: v for k, v in self.lost.items() if v} != \
                {k: v for k, v in self.end["lost"].items() if v}:
            self.problem = self.problem or (f"its lines tell {dict(self.lost)} as lost, its end "
                                            f"{self.end['lost']}")


# Sizes are in KiB.
Sample = collections.namedtuple(
    "Sample", "time_s resident anonymous of_files shared threads descriptors")


class Samples:
    """What a process takes, looked at again and again until it is stopped."""

    def __init__(self, pid, interval_s):
        self.pid = pid
        self.interval_s = interval_s
        self.at = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.over.wait(self.interval_s):
            try:
                with open(f"/proc/{self.pid}/status", encoding="utf-8") as file:
                    status = dict(line.split(":", 1) for line in file if ":" in line)
                files = len(os.listdir(f"/proc/{self.pid}/fd"))
            except OSError:
                return
            self.at.append(Sample(time.monotonic(), *(int(status[name].split()[0]) for name in
                                                      ("VmRSS", "RssAnon", "RssFile", "RssShmem",
                                                       "Threads")), files))

    def stop(self):
        self.over.set()
        self.thread.join()


def growth(samples, what):
    """The slope that half of all pairs are above, times the time; and how far the halves are apart."""
    step = max(1, len(samples) // 200)
    some = [(sample.time_s, getattr(sample, what)) for sample in samples[::step]]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for i, a in enumerate(some) for b in some[i + 1:]]
    half = len(some) // 2
    apart = (statistics.median(value for _, value in some[half:]) -
             statistics.median(value for _, value in some[:half]))
    return statistics.median(slopes) * (some[-1][0] - some[0][0]), apart


def recursion_misses(pid):
    """How often the kernel has left a program out since another one ran on that processor."""
    missed = collections.Counter()
    for name in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{name}", encoding="ascii") as file:
            number = re.search(r"^prog_id:\s*(\d+)", file.read(), re.M)
        if number:
            shown = subprocess.run(["bpftool", "-j", "prog", "show", "id", number[1]],
                                   capture_output=True, check=False)
            program = json.loads(shown.stdout) if not shown.returncode else {}
            if program.get("recursion_misses"):
                missed[program.get("name", number[1])] = program["recursion_misses"]
    return dict(missed)


KINDS = ("bind", "refused", "listen", "connect", "autobind", "release")


def events(made):
    return sum(made[kind] for kind in KINDS)


class Load:
    """A running load; a line of it is a word and what it has made until then."""

    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, *map(str, arguments)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def line(self, word):
        line = self.process.stdout.readline().split()
        if not line or line[0] != word:
            raise SystemExit(f"soak: the load has ended: {self.process.wait()}")
        return {name: int(number) for name, number in (pair.split("=") for pair in line[1:])}

    def end(self):
        self.process.stdin.close()
        made = self.line("end")
        if self.process.wait():
            raise SystemExit(f"soak: the load ended with {self.process.returncode}")
        return made

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
