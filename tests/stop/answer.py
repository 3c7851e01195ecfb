"""Runs a command on a terminal of its own and types a line when it asks; prints what it printed.

usage: answer.py LINE COMMAND...    $BEFORE_ANSWER is a command that is run before
"""
import os
import pty
import sys


def main():
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.argv[2], sys.argv[2:])
    answered = False
    seen = b""
    while True:
        try:
            part = os.read(fd, 65536)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        seen += part
        if not answered and seen.endswith(b"[y/N] "):
            os.system(os.environ.get("BEFORE_ANSWER", ":"))
            os.write(fd, sys.argv[1].encode() + b"\n")
            answered = True
    sys.stdout.buffer.write(seen)
    sys.stdout.flush()
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


main()
