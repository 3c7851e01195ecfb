"""One tracer while it runs: started, waited for, stopped, and what the kernel says of it."""

import os
import re
import signal
import subprocess
import time

LOOK_S = 0.02
QUIET_LOOKS = 4
QUIET_NS = 500_000  # in a look: a few events of others are no work
STOP_S = 30
SETTLE_S = 5  # where others make events all the time it never comes to rest
ATTACH_S = 20
MEMORY = (
    ("steady", "status", "VmRSS"),
    ("own", "smaps_rollup", "Pss"),
    ("peak", "status", "VmHWM"),
)


class Failed(Exception):
    """The tracer cannot do what was asked; the text says why."""


def first_complaint(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"plan |rror|ailed|annot|denied|usage", line)]
    return (telling[-1:] or lines[-1:] or ["it said nothing"])[0][:160]


class Process:
    """What the kernel says of a process and its threads."""

    def __init__(self, pid):
        self.pid = pid

    def _threads(self, name):
        base = f"/proc/{self.pid}/task"
        for thread in os.listdir(base):
            with open(f"{base}/{thread}/{name}", encoding="ascii", errors="replace") as file:
                yield file.read()

    def cpu_ns(self):
        return sum(int(text.split()[0]) for text in self._threads("schedstat"))

    def wakeups(self):
        pattern = r"^voluntary_ctxt_switches:\s+(\d+)"
        return sum(
            int(re.search(pattern, text, re.M).group(1)) for text in self._threads("status")
        )

    def memory_kb(self):
        """`own` counts a page once that is mapped twice, and of a shared one its part."""
        found = {}
        for key, name, field in MEMORY:
            with open(f"/proc/{self.pid}/{name}", encoding="ascii", errors="replace") as file:
                found[key] = int(re.search(rf"^{field}:\s+(\d+)", file.read(), re.M).group(1))
        return found

    def has_ended(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"

    def settle(self):
        """Waits until it has nothing to do: attached, or all events written."""
        end, quiet, before = time.monotonic() + SETTLE_S, 0, -1
        while quiet < QUIET_LOOKS and time.monotonic() < end:
            time.sleep(LOOK_S)
            if self.has_ended():
                return
            try:
                now = self.cpu_ns()
                asleep = all(") S " in text for text in self._threads("stat"))
            except OSError:
                continue  # a thread ended meanwhile
            quiet = quiet + 1 if asleep and now - before < QUIET_NS else 0
            before = now


class Session:
    """`with Session(...)`: attached inside, gone after; `poke` gives it something to show."""

    def __init__(self, tracer, out, cpus, poke):
        self.tracer, self.out, self.cpus, self.poke = tracer, out, cpus, poke
        self.errors = out + ".errors"

    def __enter__(self):
        command = [self.out if word == "OUT" else word for word in self.tracer.command]
        with open(self.errors, "wb") as errors, open(
            self.out if self.tracer.stdout else os.devnull, "wb"
        ) as output:
            self.child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output if self.tracer.stdout else errors,
                stderr=errors,
                preexec_fn=lambda: os.sched_setaffinity(0, self.cpus),
            )
        self.process = Process(self.child.pid)
        try:
            self._wait_until_attached()
        except Failed:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        self.stop()
        for path in (self.out, self.errors):
            if os.path.exists(path):
                os.unlink(path)

    def _wait_until_attached(self):
        end = time.monotonic() + ATTACH_S
        self.settle()
        while self.tracer.shows:
            before = self.output_size()
            self.poke()
            self.settle()
            if self.output_size() > before:
                break
            if time.monotonic() > end:
                raise Failed("it attaches and shows nothing")

    def settle(self):
        self.process.settle()
        if self.child.poll() is not None:
            raise Failed(first_complaint(self.said()))

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGINT)
        try:
            self.child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def said(self):
        with open(self.errors, encoding="utf-8", errors="replace") as errors:
            return errors.read()

    def output_size(self):
        return os.path.getsize(self.out) if os.path.exists(self.out) else 0

    def lost(self):
        """What it says itself that it lost, once it has ended; None when it says nothing."""
        if not self.tracer.loss:
            return None
        text = self.said()
        if os.path.exists(self.out):
            with open(self.out, "rb") as file:
                if self.tracer.sums_up:
                    file.seek(max(0, self.output_size() - 4096))
                text += file.read().decode("utf-8", "replace")
        return sum(int(number) for number in re.findall(self.tracer.loss, text))
