// SPDX-License-Identifier: GPL-2.0
#include "user/cli/mounts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOUNT_POINT_FIELD 4
#define OCTAL_DIGITS      3

static bool is_octal(const char *digits)
{
    return digits[0] >= '0' && digits[0] <= '3' && digits[1] >= '0' && digits[1] <= '7' &&
           digits[2] >= '0' && digits[2] <= '7';
}

/* Blanks and backslashes stand as \040 and such. */
static int copy_unescaped(const char *from, size_t length, char *to, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        char c = from[i];

        if (c == '\\' && i + OCTAL_DIGITS < length && is_octal(from + i + 1)) {
            c = (char)((from[i + 1] - '0') << 6 | (from[i + 2] - '0') << 3 | (from[i + 3] - '0'));
            i += OCTAL_DIGITS;
        }
        if (used + 1 >= size)
            return -ENAMETOOLONG;
        to[used++] = c;
    }
    to[used] = '\0';
    return 0;
}

static bool is_type(const char *line, size_t length, const char *type)
{
    const char *separator = memmem(line, length, " - ", 3);
    size_t type_length = strlen(type);

    if (!separator)
        return false;
    separator += 3;
    return (size_t)(line + length - separator) > type_length &&
           !memcmp(separator, type, type_length) && separator[type_length] == ' ';
}

int mounts_find(const char *mountinfo, const char *type, char *ret_path, size_t size)
{
    while (*mountinfo) {
        size_t length = strcspn(mountinfo, "\n");
        const char *field = mountinfo;

        if (is_type(mountinfo, length, type)) {
            for (int i = 0; i < MOUNT_POINT_FIELD; i++) {
                field += strcspn(field, " \n");
                field += *field == ' ';
            }
            return copy_unescaped(field, strcspn(field, " \n"), ret_path, size);
        }
        mountinfo += length;
        mountinfo += *mountinfo == '\n';
    }
    return -ENOENT;
}

int mounts_find_here(const char *type, char *ret_path, size_t size)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t capacity = 0;
    int result = -ENOENT;

    if (!file)
        return -errno;
    while (result == -ENOENT && getline(&line, &capacity, file) > 0)
        result = mounts_find(line, type, ret_path, size);
    free(line);
    fclose(file);
    return result;
}
