"""Runs a command on a terminal of its own, changes the size of that, stops it by Ctrl-Z, lets it go
on behind another job and then in front, ends it by Ctrl-C, once more by Ctrl-\\, and once by SIGTERM
while it is stopped.

usage: watch.py COMMAND...
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

ENTER, LEAVE = b"\x1b[?1049h\x1b[?25l", b"\x1b[?25h\x1b[?1049l"
STOPPED, BEHIND = b"stopped\r\n", b"stopped behind\r\n"


def set_size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


PATIENCE_S = 30


def read_until(fd, enough):
    seen = b""
    end = time.monotonic() + PATIENCE_S
    while not enough(seen) and (left := end - time.monotonic()) > 0:
        if not select.select([fd], [], [], left)[0]:
            break
        try:
            part = os.read(fd, 65536)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        seen += part
    return seen


def fail(what, seen):
    print(what)
    print(repr(seen[-2000:]))
    sys.exit(1)


# The last one may not be whole yet.
def whole_screens(seen):
    return screens(seen)[:-1]


def screens(seen):
    return [screen.split(b"\r\n") for screen in seen.split(b"\x1b[H")[1:]]


def say(line):
    os.write(1, line.replace(b"\r", b""))


# As a shell does it: a job that is stopped is told of. Half a second later it goes on behind, where
# it must stop again for itself, and then in front. Or it is ended, behind.
def run_as_job(command, ends_stopped):
    time.sleep(0.2)  # until the size is set
    os.environ["TERM"] = "xterm"
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored in what a shell has started behind
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(command[0], command)
    while os.WIFSTOPPED(status := os.waitpid(pid, os.WUNTRACED)[1]):
        os.tcsetpgrp(0, os.getpgrp())
        say(STOPPED)
        time.sleep(0.5)
        if ends_stopped:
            os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)
        if ends_stopped:
            status = os.waitpid(pid, os.WUNTRACED)[1]
            return 1 if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status) & 255
        if not os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1]):
            return 1
        say(BEHIND)
        os.tcsetpgrp(0, pid)
        os.kill(pid, signal.SIGCONT)
    return os.waitstatus_to_exitcode(status) & 255


def start(ends_stopped=False):
    pid, fd = pty.fork()
    if pid == 0:
        os._exit(run_as_job(sys.argv[1:], ends_stopped))
    set_size(fd, 5, 60)
    first = read_until(fd, lambda seen: len(whole_screens(seen)) >= 2)
    if not first.startswith(ENTER):
        fail("does not take the screen", first)
    if len(whole_screens(first)) < 2:
        fail("does not draw again", first)
    if any(len(screen) > 5 for screen in screens(first)):
        fail("more lines than the screen", first)
    return pid, fd


def resize(fd):
    set_size(fd, 3, 200)
    seen = read_until(fd, lambda seen: whole_screens(seen) and len(whole_screens(seen)[-1]) <= 3)
    if not whole_screens(seen) or len(whole_screens(seen)[-1]) > 3:
        fail("does not follow the size of the screen", seen)


def stop(fd):
    os.write(fd, b"\x1a")
    seen = read_until(fd, lambda seen: BEHIND in seen and whole_screens(seen.split(BEHIND)[1]))
    before, _, after = seen.partition(STOPPED)
    if not before.endswith(LEAVE):
        fail("does not leave the screen before it stops", seen)
    if not after.startswith(BEHIND):
        fail("draws over another job", seen)
    after = after[len(BEHIND):]
    if not after.startswith(ENTER) or not whole_screens(after):
        fail("does not take the screen when it goes on", seen)


def end(pid, fd, key):
    os.write(fd, key)
    last = read_until(fd, lambda seen: seen.endswith(LEAVE))
    status = os.waitpid(pid, 0)[1]
    if status:
        fail("status %d" % status, last)
    if not last.endswith(LEAVE):
        fail("does not leave the screen clean", last)


def end_stopped(pid, fd):
    os.write(fd, b"\x1a")
    seen = read_until(fd, lambda seen: False)
    if os.waitpid(pid, 0)[1]:
        fail("does not end when it is stopped", seen)
    if not seen.endswith(LEAVE + STOPPED):
        fail("draws while it ends behind another job", seen)


def main():
    pid, fd = start()
    resize(fd)
    stop(fd)
    end(pid, fd, b"\x03")
    end(*start(), b"\x1c")
    end_stopped(*start(ends_stopped=True))
    print("fits the screen, follows its size, stops, leaves it clean")


main()
