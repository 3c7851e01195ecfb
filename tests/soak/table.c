// SPDX-License-Identifier: GPL-2.0
/*
 * Compares the table of sockets that a running porttrace keeps with a fresh look at all
 * descriptors: those of the processes of the load, which has to be at rest. Needs root. usage:
 * table PID
 */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/soak/made.h"
#include "user/capture/snapshot.h"
#include "user/capture/table.h"

#define ROWS_MAX 65536

/* Without gaps, so that bytes can be compared. */
struct row {
    uint64_t inode;
    uint32_t netns;
    uint32_t family;
    uint32_t protocol;
    uint32_t port;
};

struct rows {
    struct row at[ROWS_MAX];
    size_t count;
    bool full;
};

static int add(struct rows *rows, const struct pt_holder *holder)
{
    if (strncmp(holder->task.comm, LOAD_NAME, sizeof(holder->task.comm)) != 0)
        return 0;
    rows->full |= rows->count == ROWS_MAX;
    if (rows->full)
        return -ENOMEM;
    rows->at[rows->count++] = (struct row){.inode = holder->socket.inode,
                                           .netns = holder->task.netns,
                                           .family = holder->socket.family,
                                           .protocol = holder->socket.protocol,
                                           .port = holder->local.port};
    return 0;
}

static int on_table(void *context, const struct pt_holder *holder)
{
    return add(context, holder);
}

static int on_descriptor(void *context, const struct pt_held *held)
{
    return add(context, &held->holder);
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *one = a, *other = b;

    if (one->inode != other->inode)
        return one->inode < other->inode ? -1 : 1;
    return memcmp(one, other, sizeof(*one));
}

/* A socket may have several descriptors. */
static void sort_and_unite(struct rows *rows)
{
    size_t kept = 0;

    qsort(rows->at, rows->count, sizeof(rows->at[0]), compare_rows);
    for (size_t i = 0; i < rows->count; i++)
        if (!kept || compare_rows(&rows->at[kept - 1], &rows->at[i]))
            rows->at[kept++] = rows->at[i];
    rows->count = kept;
}

static size_t tell_missing(const struct rows *from, const struct rows *in, const char *where)
{
    size_t missing = 0;

    for (size_t i = 0; i < from->count; i++) {
        const struct row *row = &from->at[i];

        if (bsearch(row, in->at, in->count, sizeof(*row), compare_rows))
            continue;
        if (!missing++)
            printf("not in the %s: inode %" PRIu64 ", net namespace %" PRIu32
                   ", family %u, protocol %u, port %u\n",
                   where, row->inode, row->netns, row->family, row->protocol, row->port);
    }
    return missing;
}

/* The descriptor of a map by the number that fdinfo tells, if it is the one meant; else -1. */
static int open_if_named(const char *path, const char *name, struct bpf_map_info *ret_info)
{
    uint32_t size = sizeof(*ret_info), id = 0;
    FILE *file = fopen(path, "re");
    char line[256];
    int fd;

    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, "map_id: %" SCNu32, &id) == 1)
            break;
    if (file)
        fclose(file);
    fd = id ? bpf_map_get_fd_by_id(id) : -1;
    if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, ret_info, &size) && !strcmp(ret_info->name, name))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int open_table(const char *pid, const char *name, struct bpf_map_info *ret_info)
{
    char path[512];
    struct dirent *entry;
    DIR *folder;
    int fd = -1;

    snprintf(path, sizeof(path), "/proc/%s/fdinfo", pid);
    folder = opendir(path);
    while (folder && fd < 0 && (entry = readdir(folder))) {
        snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, entry->d_name);
        *ret_info = (struct bpf_map_info){0};
        fd = open_if_named(path, name, ret_info);
    }
    if (folder)
        closedir(folder);
    return fd;
}

int main(int argc, char **argv)
{
    static struct rows table, fresh;
    struct bpf_map_info info = {0};
    struct followed followed;
    struct snapshot *snapshot;
    size_t missing, extra;
    int error;

    if (argc != 2) {
        fputs("usage: table PID\n", stderr);
        return 2;
    }
    followed.near_fd = open_table(argv[1], "near_sockets", &info);
    followed.far_fd = open_table(argv[1], "sockets", &info);
    followed.far_most = info.max_entries;
    if (followed.near_fd < 0 || followed.far_fd < 0) {
        fprintf(stderr, "table: process %s has no table\n", argv[1]);
        return 1;
    }
    error = snapshot_open(&snapshot);
    if (!error)
        error = snapshot_descriptors(snapshot, 0, on_descriptor, &fresh);
    if (!error)
        error = table_each(&followed, on_table, &table);
    if (error) {
        fprintf(stderr, "table: %s\n", strerror(-error));
        return 1;
    }
    snapshot_close(snapshot);
    sort_and_unite(&table);
    sort_and_unite(&fresh);
    missing = tell_missing(&fresh, &table, "table");
    extra = tell_missing(&table, &fresh, "snapshot");
    printf("%zu sockets, %zu missing, %zu that are gone\n", fresh.count, missing, extra);
    return !fresh.count || missing || extra;
}
