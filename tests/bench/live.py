"""Through a pipe, as a person or a program would read it: the first event, and the latency."""

import array
import os
import signal
import statistics
import subprocess
import time

from session import Failed, Process

MOMENTS = 65536
FIRST_RATE = 5000
POKES = 64
POKE_RATE = 20000


class Live:
    """Binds that carry their number, and when the line about each was read."""

    def __init__(self, bench):
        self.bench = bench
        self.moments = os.path.join(bench.scratch, "moments")

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
        arrival = [self.bench.helper("arrival"), self.moments]
        arrival += [tracer.word] if tracer.word else []
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
        numbers = [str(number) for number in (self.bench.load_cpu, first, count, rate)]
        return [self.bench.helper("pace"), *numbers, self.moments]

    def first_event(self, tracer, starts):
        times = [self._first_event(tracer) for _ in range(starts)]
        return {"first_event_ms": statistics.median(times)}

    def _first_event(self, tracer):
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

    def latency(self, tracer, rate, count):
        """Microseconds from the call until the line is read, at a steady rate; binds not shown."""
        self._clear_moments()
        pace = self._pace(MOMENTS - count, count, rate)
        if tracer.wraps:
            reader, pid, _ = self._start_live(tracer, [*tracer.live, *pace])
            os.waitpid(pid, 0)
            reader.wait()
        else:
            reader, pid, _ = self._start_live(tracer, tracer.live)
            self._wait_until_live(tracer, reader, pid, MOMENTS - count)
            subprocess.run(pace, check=True)
            Process(pid).settle()
            end_live(reader, pid, [], False)
        made, arrived = self._read_moments()
        first = 0 if tracer.word else MOMENTS - count
        delays = sorted(
            (there - then) / 1e3
            for then, there in zip(made[MOMENTS - count :], arrived[first : first + count])
            if there
        )
        if not delays:
            raise Failed(f"{tracer.name}: no event arrived")
        return {
            "rate": rate,
            "p50_us": statistics.median(delays),
            "p99_us": delays[int(len(delays) * 0.99)],
            "not_shown": count - len(delays),
        }

    def _wait_until_live(self, tracer, reader, pid, end):
        """Until it shows binds. Lines that are only counted must not be of those paced here."""
        Process(pid).settle()
        for first in range(0, end - POKES, POKES):
            if tracer.word:
                before = bytes_read(reader.pid)
                self.bench.load("bind", 0.001)
                Process(pid).settle()
                if bytes_read(reader.pid) > before:
                    break
                continue
            if any(self._read_moments()[1]):
                break
            subprocess.run(self._pace(first, POKES, POKE_RATE), check=True)
            Process(pid).settle()


def bytes_read(pid):
    with open(f"/proc/{pid}/io", encoding="ascii") as file:
        return int(file.readline().split()[1])


def end_live(reader, pid, others, wraps):
    """A wrapper ends when what it runs does; that goes with it."""
    for process in others:
        process.kill()
        process.wait()
    os.kill(pid, signal.SIGTERM if wraps else signal.SIGINT)
    os.waitpid(pid, 0)
    reader.wait()
