"""The measurements: each gives plain values for one tracer."""

import array
import os
import signal
import statistics
import subprocess
import time

from session import Failed, Process, Session

WORKS = ("bind", "refused", "connect", "getppid")
MOMENTS = 65536
RATE = 20000
EVENTS = 20000
FIRST_RATE = 5000
POKES = 64
IDLE_S = 5


class Bench:
    """Where the programs are, and which processors the load and the tracers have."""

    def __init__(self, build, scratch, seconds):
        self.build, self.scratch, self.seconds = build, scratch, seconds
        cpus = sorted(os.sched_getaffinity(0))
        self.load_cpu = cpus[-1]
        self.tracer_cpus = set(cpus[:-1]) or set(cpus)
        self.out = os.path.join(scratch, "out")
        self.moments = os.path.join(scratch, "moments")

    def helper(self, name):
        return f"{self.build}/tests/bench/{name}"

    def load(self, work, seconds=None, prefix=()):
        """Nanoseconds per operation, operations."""
        command = [*prefix, self.helper("load"), str(self.load_cpu), str(seconds or self.seconds)]
        result = subprocess.run(
            [*command, work], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        if result.returncode:
            raise Failed((result.stderr.strip().splitlines() or ["it failed"])[-1][:160])
        words = result.stdout.split()
        return float(words[0]), int(words[1])

    def wrapper(self, tracer, out):
        return [out if word == "OUT" else word for word in tracer.command]

    def session(self, tracer):
        return Session(tracer, self.out, self.tracer_cpus, lambda: self.load("bind", 0.001))

    def check(self, tracer):
        """Whether it runs here and shows a bind; else Failed says why not."""
        if not os.access(tracer.program(), os.X_OK):
            raise Failed("not installed")
        if not tracer.wraps:
            with self.session(tracer):
                return
        self.load("bind", 0.01, self.wrapper(tracer, self.out))
        size = os.path.getsize(self.out)
        os.unlink(self.out)
        if not size:
            raise Failed("it shows nothing")

    def round(self, tracer):
        """Every work under this tracer; None stands for nothing attached."""
        if tracer is None:
            return {work: self.load(work)[0] for work in WORKS}, {}
        if tracer.wraps:
            prefix = self.wrapper(tracer, self.out)
            return {work: self.load(work, prefix=prefix)[0] for work in WORKS}, {}
        times, operations = {}, 0
        with self.session(tracer) as session:
            for work in WORKS:
                times[work], done = self.load(work)
                operations += done if work != "getppid" else 0
                session.settle()
            about = {**session.process.memory_kb(), "operations": operations}
            session.stop()
            about["lost"] = session.lost()
        return times, about

    def idle(self, tracer):
        """CPU milliseconds and wake-ups while nothing happens."""
        with self.session(tracer) as session:
            process = session.process
            cpu, wakeups = process.cpu_ns(), process.wakeups()
            time.sleep(IDLE_S)
            return {
                "idle_cpu_ms": (process.cpu_ns() - cpu) / 1e6,
                "idle_wakeups": process.wakeups() - wakeups,
            }

    def _clear_moments(self):
        with open(self.moments, "wb") as file:
            file.truncate(2 * 8 * MOMENTS)

    def _read_moments(self):
        values = array.array("Q")
        with open(self.moments, "rb") as file:
            values.fromfile(file, 2 * MOMENTS)
        return values[:MOMENTS], values[MOMENTS:]

    def _start_live(self, tracer, command):
        """The tracer with its output in a pipe to the program that notes arrivals."""
        arrival = [self.helper("arrival"), self.moments, *([tracer.word] if tracer.word else [])]
        read, write = os.pipe()
        reader = subprocess.Popen(arrival, stdin=read)
        os.close(read)
        start_ns = time.monotonic_ns()
        # Cheaper than subprocess, whose time would count as the tracer's.
        pid = os.posix_spawnp(
            command[0],
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, write, 1), (os.POSIX_SPAWN_DUP2, write, 2)],
        )
        os.close(write)
        return reader, pid, start_ns

    def _pace(self, first, count, rate):
        numbers = [str(number) for number in (self.load_cpu, first, count, rate)]
        return [self.helper("pace"), *numbers, self.moments]

    def first_event(self, tracer):
        """Milliseconds from exec until a line about a bind is read, binds going on all the time."""
        self._clear_moments()
        pace = self._pace(0, MOMENTS, FIRST_RATE)
        if tracer.wraps:
            load = None
            reader, pid, start_ns = self._start_live(tracer, [*tracer.live, *pace])
        else:
            load = subprocess.Popen(pace)
            time.sleep(0.2)
            reader, pid, start_ns = self._start_live(tracer, tracer.live)
        first = self._wait_for_first()
        end_live(reader, pid, [load] if load else [], tracer.wraps)
        if not first:
            raise Failed(f"{tracer.name}: no event in 10 s")
        return (first - start_ns) / 1e6

    def _wait_for_first(self):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            time.sleep(0.1)
            arrived = [moment for moment in self._read_moments()[1] if moment]
            if arrived:
                return min(arrived)
        return 0

    def latency(self, tracer):
        """Microseconds from the call until the line is read, at a steady rate; binds not shown."""
        self._clear_moments()
        pace = self._pace(MOMENTS - EVENTS, EVENTS, RATE)
        if tracer.wraps:
            reader, pid, _ = self._start_live(tracer, [*tracer.live, *pace])
            os.waitpid(pid, 0)
            reader.wait()
        else:
            reader, pid, _ = self._start_live(tracer, tracer.live)
            self._wait_until_live(tracer, pid)
            subprocess.run(pace, check=True)
            Process(pid).settle()
            end_live(reader, pid, [], False)
        made, arrived = self._read_moments()
        first = 0 if tracer.word else MOMENTS - EVENTS
        delays = sorted(
            (there - then) / 1e3
            for then, there in zip(made[MOMENTS - EVENTS :], arrived[first : first + EVENTS])
            if there
        )
        if not delays:
            raise Failed(f"{tracer.name}: no event arrived")
        return {
            "latency_p50_us": statistics.median(delays),
            "latency_p99_us": delays[int(len(delays) * 0.99)],
            "not_shown": EVENTS - len(delays),
        }

    def _wait_until_live(self, tracer, pid):
        """Until it shows binds; not where lines are only counted, for these would be as well."""
        Process(pid).settle()
        for first in range(0, MOMENTS - EVENTS, POKES):
            if tracer.word or any(self._read_moments()[1]):
                break
            subprocess.run(self._pace(first, POKES, RATE), check=True)
            Process(pid).settle()

    def binary_kb(self, tracer):
        """Without symbols, as distributions ship it."""
        stripped = os.path.join(self.scratch, "stripped")
        path = os.path.realpath(tracer.program())
        result = subprocess.run(
            ["strip", "-o", stripped, path], capture_output=True, text=True, check=False
        )
        return os.path.getsize(path if result.returncode else stripped) / 1024


def end_live(reader, pid, others, wraps):
    """A wrapper ends when what it runs does; that goes with it."""
    for process in others:
        process.kill()
        process.wait()
    os.kill(pid, signal.SIGTERM if wraps else signal.SIGINT)
    os.waitpid(pid, 0)
    reader.wait()
