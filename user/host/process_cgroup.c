// SPDX-License-Identifier: GPL-2.0
#include "user/host/process_cgroup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/host/text_file.h"

#define LIMIT (64u << 10)

/* The kernel lets no name have a line end. */
int process_cgroup_parse(const char *text, char *ret_path, size_t size)
{
    const char *line = strncmp(text, "0::/", 4) ? strstr(text, "\n0::/") : text;
    size_t length;

    if (!line)
        return -ENOENT;
    line += *line == '\n';
    line += strlen("0::");
    length = strcspn(line, "\n");
    if (length >= size)
        return -ENAMETOOLONG;
    memcpy(ret_path, line, length);
    ret_path[length] = '\0';
    return 0;
}

int process_cgroup_read(pid_t pid, char *ret_path, size_t size)
{
    char path[64], *text;
    int result;

    snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
    result = text_file_read(path, LIMIT, &text, NULL);
    if (result)
        return result;
    result = process_cgroup_parse(text, ret_path, size);
    free(text);
    return result;
}
