"""The works under one tracer, and where everything is."""

import os
import subprocess

from session import Failed, Session

WORKS = ("bind", "refused", "connect", "getppid")


class Bench:
    """Where the programs are, and which processors the load and the tracers have."""

    def __init__(self, build, scratch, size):
        self.build, self.scratch, self.size = build, scratch, size
        cpus = sorted(os.sched_getaffinity(0))
        self.load_cpu = cpus[-1]
        self.tracer_cpus = set(cpus[:-1]) or set(cpus)
        self.out = os.path.join(scratch, "out")

    def helper(self, name):
        return f"{self.build}/tests/bench/{name}"

    def load(self, work, seconds=None, rate=0, prefix=()):
        """Nanoseconds per operation, operations."""
        command = [*prefix, self.helper("load"), str(self.load_cpu)]
        command += [str(seconds or self.size.work_s), work, str(rate)]
        result = subprocess.run(
            command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        if result.returncode:
            raise Failed((result.stderr.strip().splitlines() or ["it failed"])[-1][:160])
        words = result.stdout.split()
        return float(words[0]), int(words[1])

    def wrapper(self, tracer, out):
        return [out if word == "OUT" else word for word in tracer.command]

    def session(self, tracer, out=None):
        poke = lambda: self.load("bind", 0.001)
        return Session(tracer, out or self.out, self.tracer_cpus, poke)

    def check(self, tracer):
        """Whether it runs here and shows a bind; else Failed says why not."""
        if not os.access(tracer.program(), os.X_OK):
            raise Failed("not installed")
        if not tracer.wraps:
            with self.session(tracer):
                return
        self.load("bind", 0.01, prefix=self.wrapper(tracer, self.out))
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
            began = session.process.memory_kb()["steady"]
            for work in WORKS:
                times[work], done = self.load(work)
                operations += done if work != "getppid" else 0
                session.settle()
            about = {**session.process.memory_kb(), "operations": operations, "began": began}
            session.stop()
            about["lost"] = session.lost()
        return times, about

    def binary_kb(self, tracer):
        """Without symbols, as distributions ship it."""
        stripped = os.path.join(self.scratch, "stripped")
        path = os.path.realpath(tracer.program())
        result = subprocess.run(
            ["strip", "-o", stripped, path], capture_output=True, text=True, check=False
        )
        return os.path.getsize(path if result.returncode else stripped) / 1024
