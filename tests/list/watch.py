"""Runs a command on a terminal of its own, changes the size of that, ends it by Ctrl-C.

usage: watch.py COMMAND...
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

ENTER, LEAVE = b"\x1b[?1049h\x1b[?25l", b"\x1b[?25h\x1b[?1049l"


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


def main():
    pid, fd = pty.fork()
    if pid == 0:
        time.sleep(0.2)  # until the size is set
        os.environ["TERM"] = "xterm"
        os.execv(sys.argv[1], sys.argv[1:])
    set_size(fd, 5, 60)
    first = read_until(fd, lambda seen: len(whole_screens(seen)) >= 2)
    if not first.startswith(ENTER):
        fail("does not take the screen", first)
    if len(whole_screens(first)) < 2:
        fail("does not draw again", first)
    if any(len(screen) > 5 for screen in screens(first)):
        fail("more lines than the screen", first)
    set_size(fd, 3, 200)
    second = read_until(fd, lambda seen: whole_screens(seen) and len(whole_screens(seen)[-1]) <= 3)
    if not whole_screens(second) or len(whole_screens(second)[-1]) > 3:
        fail("does not follow the size of the screen", second)
    os.write(fd, b"\x03")
    last = read_until(fd, lambda seen: seen.endswith(LEAVE))
    status = os.waitpid(pid, 0)[1]
    if status:
        fail("status %d" % status, last)
    if not last.endswith(LEAVE):
        fail("does not leave the screen clean", last)
    print("fits the screen, follows its size, leaves it clean")


main()
