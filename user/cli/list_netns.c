// SPDX-License-Identifier: GPL-2.0
#include "user/cli/list_netns.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "user/host/netns.h"

#define FOLDER     "/run/netns"
#define NAMES_MOST 4096

struct name {
    uint32_t netns;
    char *text;
};

struct list_netns {
    uint32_t here;
    struct name *names;
    unsigned int count;
};

static void add_name(struct list_netns *names, uint32_t netns, const char *text)
{
    struct name *more = realloc(names->names, (names->count + 1) * sizeof(*more));

    if (!more)
        return;
    names->names = more;
    more[names->count] = (struct name){netns, strdup(text)};
    if (more[names->count].text)
        names->count++;
}

static void read_names(struct list_netns *names)
{
    DIR *folder = opendir(FOLDER);
    const struct dirent *entry;
    struct stat status;

    if (!folder)
        return;
    while (names->count < NAMES_MOST && (entry = readdir(folder)))
        if (entry->d_name[0] != '.' && !fstatat(dirfd(folder), entry->d_name, &status, 0))
            add_name(names, (uint32_t)status.st_ino, entry->d_name);
    closedir(folder);
}

struct list_netns *list_netns_new(void)
{
    struct list_netns *names = calloc(1, sizeof(*names));

    if (!names)
        return NULL;
    names->here = netns_here();
    read_names(names);
    return names;
}

static void forget(struct list_netns *names)
{
    while (names->count)
        free(names->names[--names->count].text);
}

void list_netns_read_again(struct list_netns *names)
{
    forget(names);
    read_names(names);
}

void list_netns_free(struct list_netns *names)
{
    if (!names)
        return;
    forget(names);
    free(names->names);
    free(names);
}

const char *list_netns_name(void *context, uint32_t netns)
{
    const struct list_netns *names = context;

    if (netns == names->here)
        return "-";
    for (unsigned int i = 0; i < names->count; i++)
        if (names->names[i].netns == netns)
            return names->names[i].text;
    return NULL;
}
