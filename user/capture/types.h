/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The types of the running kernel, read where they are. Libbpf would copy and convert all of them,
 * once for each who asks, where a few hundred are looked at.
 */
#ifndef PORTTRACE_CAPTURE_TYPES_H
#define PORTTRACE_CAPTURE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TYPES_BUCKETS 1024u

struct btf_type;

/* A name that was announced. */
struct types_entry {
    char *name;
    uint32_t length;
    uint32_t next;  /* the next entry of the same bucket, 0: none */
    uint32_t first; /* of its types, as numbers in .found, 0: none */
    uint32_t last;
};

struct types_found {
    uint32_t id;
    uint32_t next; /* of the same name, 0: none */
};

/* All zero at the beginning. Number 0 of each array is never used. */
struct types {
    const char *types; /* the section of types, */
    uint32_t types_bytes;
    const char *names; /* and that of names, which ends with a NUL */
    uint32_t names_bytes;
    uint32_t count; /* they have the numbers 1 to count */
    uint32_t *at;   /* by number: where in the section */
    struct types_entry *entries;
    uint32_t entry_count, entry_room;
    struct types_found *found;
    uint32_t found_count, found_room;
    uint32_t buckets[TYPES_BUCKETS]; /* of entries, by hash of the name */
    void *file;
    size_t file_bytes;
    bool mapped;
};

/* Announces a name that will be looked for. Others are found as well, and take a thousand times as
 * long. */
int types_want(struct types *types, const char *name, size_t length);
bool types_wants(const struct types *types, const char *name); /* it was announced */

/*
 * 0, or negative errno; -EBADMSG: this is no BTF, or has kinds of types that are not known yet.
 * Either way types_close() gives all back.
 */
int types_open(struct types *types, const char *path);
int types_read(struct types *types, const void *bytes, size_t size); /* that stay where they are */
void types_close(struct types *types);

/* NULL: there is no such number. All that belongs to the type is behind it. */
const struct btf_type *types_get(const struct types *types, uint32_t id);
const char *types_name(const struct types *types, uint32_t offset); /* "": it has none */

/* The first of this name and kind, or 0. */
uint32_t types_find(const struct types *types, const char *name, uint32_t kind);

#endif
