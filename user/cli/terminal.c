// SPDX-License-Identifier: GPL-2.0
#include "user/cli/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

unsigned int terminal_width(int fd)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

unsigned int terminal_height(int fd)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) ? 0 : size.ws_row;
}

/*
 * Whoever is behind gets SIGTTOU for it and, when that has let it go on, asks again. A program that
 * no shell would ever let go on is not stopped.
 */
int terminal_await(int fd)
{
    return tcdrain(fd) && errno == EINTR ? -EINTR : 0;
}

bool terminal_colour(int fd, enum colour_choice choice)
{
    return colour_wanted(choice, isatty(fd), getenv("NO_COLOR"), getenv("TERM"));
}
