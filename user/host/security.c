// SPDX-License-Identifier: GPL-2.0
#include "user/host/security.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "user/host/text_file.h"

#define MODULES_LIMIT 4096
#define CURRENT_LIMIT 8192

static bool equals(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && !memcmp(text, word, length);
}

/* user:role:type[:range]. Types that are let alone by the usual policies: unconfined_t and kin. */
static bool context_confines(const char *context, size_t length)
{
    const char *end = context + length;
    const char *role = memchr(context, ':', length);
    const char *type = role ? memchr(role + 1, ':', (size_t)(end - role - 1)) : NULL;
    const char *range;

    if (!type)
        return false;
    type++;
    range = memchr(type, ':', (size_t)(end - type));
    if (range)
        end = range;
    return end > type && strncmp(type, "unconfined_", sizeof("unconfined_") - 1) &&
           !equals(type, (size_t)(end - type), "kernel_t");
}

static bool ends_in(const char *text, size_t length, const char *tail)
{
    size_t size = strlen(tail);

    return length > size && !memcmp(text + length - size, tail, size);
}

bool security_parse_confinement(const char *current, size_t *ret_length)
{
    size_t length = strcspn(current, "\n");
    const char *mode = memrchr(current, '(', length);

    *ret_length = length;
    if (!length || current[length - 1] != ')' || !mode || mode == current || mode[-1] != ' ')
        return context_confines(current, length);
    *ret_length = (size_t)(mode - current) - 1;
    return !ends_in(current, length, " (complain)") && !ends_in(current, length, " (unconfined)");
}

/* Without the file there is no SELinux, and what looked like a context is something else. */
static bool selinux_enforces(void)
{
    char *text;
    bool enforces;

    if (text_file_read("/sys/fs/selinux/enforce", 16, &text, NULL))
        return false;
    enforces = text[0] == '1';
    free(text);
    return enforces;
}

int security_read_modules(char **ret_modules)
{
    int result = text_file_read("/sys/kernel/security/lsm", MODULES_LIMIT, ret_modules, NULL);

    if (!result)
        (*ret_modules)[strcspn(*ret_modules, "\n")] = '\0';
    return result;
}

int security_read_confinement(pid_t pid, char **ret_profile, bool *ret_confined)
{
    char path[64];
    size_t length;
    int result;

    snprintf(path, sizeof(path), "/proc/%d/attr/current", (int)pid);
    result = text_file_read(path, CURRENT_LIMIT, ret_profile, NULL);
    if (result)
        return result;
    *ret_confined = security_parse_confinement(*ret_profile, &length);
    if (!(*ret_profile)[length] || (*ret_profile)[length] == '\n')
        *ret_confined = *ret_confined && selinux_enforces(); /* a context has no mode behind it */
    (*ret_profile)[length] = '\0';
    return 0;
}

bool security_in_other_userns(pid_t pid)
{
    struct stat own, other;
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
    return !stat(path, &other) && !stat("/proc/self/ns/user", &own) && own.st_ino != other.st_ino;
}
