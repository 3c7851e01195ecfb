"""A real server under a real load: nginx and wrk, every request on a connection of its own."""

import os
import re
import shutil
import socket
import subprocess
import time

from session import Failed

PORT = 20080
CONNECTIONS = 8
START_S = 10
# Nothing but what a connection costs: no file, no log.
CONFIGURATION = """
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 512; }}
http {{
    access_log off;
    keepalive_timeout 0;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "here\\n"; }}
    }}
}}
"""


class Server:
    """`with Server(...)`: nginx answers. Client and server share the processor of all works."""

    def __init__(self, bench, prefix=()):
        self.bench, self.prefix = bench, prefix
        self.folder = os.path.join(bench.scratch, "nginx")
        self.errors = os.path.join(self.folder, "errors")

    def __enter__(self):
        os.makedirs(self.folder, exist_ok=True)
        path = os.path.join(self.folder, "nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(folder=self.folder, port=PORT))
        with open(self.errors, "wb") as errors:
            self.child = subprocess.Popen(
                [*self.prefix, "nginx", "-p", self.folder, "-c", path],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                preexec_fn=self._pin,
            )
        try:
            self._wait_until_it_answers()
        except Failed:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        """Its master ends the worker. What traces it ends with it."""
        try:
            with open(os.path.join(self.folder, "nginx.pid"), encoding="ascii") as file:
                os.kill(int(file.read()), 15)
        except (OSError, ValueError):
            self.child.terminate()
        self.child.wait()

    def _pin(self):
        os.sched_setaffinity(0, {self.bench.load_cpu})

    def _wait_until_it_answers(self):
        end = time.monotonic() + START_S
        while self.child.poll() is None and time.monotonic() < end:
            with socket.socket() as client:
                if not client.connect_ex(("127.0.0.1", PORT)):
                    return
            time.sleep(0.01)
        with open(self.errors, encoding="utf-8", errors="replace") as file:
            raise Failed(f"nginx does not start: {file.read().strip()[-160:]}")

    def requests_per_s(self, seconds):
        url = f"http://127.0.0.1:{PORT}/"
        options = ["-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s"]
        result = subprocess.run(
            ["wrk", *options, "-H", "Connection: close", url],
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=self._pin,
        )
        found = re.search(r"^Requests/sec:\s+([\d.]+)", result.stdout, re.M)
        if not found or not float(found.group(1)) or "Non-2xx" in result.stdout:
            raise Failed(f"wrk: {(result.stderr or result.stdout).strip()[-160:]}")
        return float(found.group(1))


def missing():
    """What is not installed of server and load."""
    return [program for program in ("nginx", "wrk") if not shutil.which(program)]


def measure(bench, tracer, seconds):
    """Requests a second under this tracer; None stands for nothing attached."""
    if tracer is None or tracer.wraps:
        with Server(bench, bench.wrapper(tracer, bench.out) if tracer else ()) as server:
            return server.requests_per_s(seconds)
    with bench.session(tracer) as session, Server(bench) as server:
        session.settle()
        return server.requests_per_s(seconds)
