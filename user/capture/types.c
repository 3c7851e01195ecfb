// SPDX-License-Identifier: GPL-2.0
#include "user/capture/types.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES_MOST (256u << 20)
#define FIRST_ROOM 512u

/* Where in the section of names the announced ones are: a table with as much room again. */
struct place {
    uint32_t offset; /* 0: free */
    uint32_t entry;
};

struct search {
    struct place *places;
    uint32_t mask; /* of places; one less than a power of two */
    uint32_t count;
    uint64_t lengths[4096]; /* by first and last letter: a bit for each length, modulo 64 */
};

static const struct btf_type *type_at(const struct types *types, uint32_t at)
{
    return (const struct btf_type *)(const void *)(types->types + at);
}

const struct btf_type *types_get(const struct types *types, uint32_t id)
{
    return id && id <= types->count ? type_at(types, types->at[id]) : NULL;
}

const char *types_name(const struct types *types, uint32_t offset)
{
    return offset < types->names_bytes ? types->names + offset : "";
}

/* Bytes behind the struct btf_type, or -1 for a kind that is not known. */
static int64_t bytes_behind(const struct btf_type *type)
{
    const int64_t count = btf_vlen(type);

    switch (btf_kind(type)) {
    case BTF_KIND_PTR:
    case BTF_KIND_FWD:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_FUNC:
    case BTF_KIND_FLOAT:
    case BTF_KIND_TYPE_TAG:
        return 0;
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG:
        return sizeof(uint32_t);
    case BTF_KIND_ARRAY:
        return sizeof(struct btf_array);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return count * (int64_t)sizeof(struct btf_member);
    case BTF_KIND_ENUM:
        return count * (int64_t)sizeof(struct btf_enum);
    case BTF_KIND_ENUM64:
        return count * (int64_t)sizeof(struct btf_enum64);
    case BTF_KIND_FUNC_PROTO:
        return count * (int64_t)sizeof(struct btf_param);
    case BTF_KIND_DATASEC:
        return count * (int64_t)sizeof(struct btf_var_secinfo);
    }
    return -1;
}

/* Where the next type is, or 0 if this one is not whole or not known. */
static uint32_t end_of(const struct types *types, uint32_t at)
{
    int64_t behind;

    if (types->types_bytes - at < sizeof(struct btf_type))
        return 0;
    behind = bytes_behind(type_at(types, at));
    at += sizeof(struct btf_type);
    return behind < 0 || behind > types->types_bytes - at ? 0 : at + (uint32_t)behind;
}

static uint32_t *bucket_of(struct types *types, const char *name, size_t length)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    return &types->buckets[hash % TYPES_BUCKETS];
}

/* 0: it was not announced. */
static uint32_t find_entry(const struct types *types, const char *name, size_t length)
{
    uint32_t entry = *bucket_of((struct types *)(uintptr_t)types, name, length);

    while (entry && (types->entries[entry].length != length ||
                     memcmp(types->entries[entry].name, name, length)))
        entry = types->entries[entry].next;
    return entry;
}

/* The next free number of an array, which may move. NULL: no memory. */
static void *make_room(void *array, uint32_t *count, uint32_t *room, size_t size)
{
    uint32_t wanted = *room ? *room * 2 : FIRST_ROOM;

    if (!*count)
        *count = 1;
    if (*count < *room)
        return array;
    array = reallocarray(array, wanted, size);
    if (array)
        *room = wanted;
    return array;
}

int types_want(struct types *types, const char *name, size_t length)
{
    struct types_entry *entries;
    uint32_t *bucket = bucket_of(types, name, length);
    char *copy;

    if (!length || find_entry(types, name, length))
        return 0;
    entries = make_room(types->entries, &types->entry_count, &types->entry_room, sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    types->entries = entries;
    copy = strndup(name, length);
    if (!copy)
        return -ENOMEM;
    entries[types->entry_count] =
        (struct types_entry){.name = copy, .length = (uint32_t)length, .next = *bucket};
    *bucket = types->entry_count++;
    return 0;
}

bool types_wants(const struct types *types, const char *name)
{
    return find_entry(types, name, strlen(name)) != 0;
}

/* Few other names pass. */
static uint64_t *lengths_of(struct search *search, const char *name, size_t length)
{
    return &search->lengths[(name[0] & 63) << 6 | (name[length - 1] & 63)];
}

static struct place *place_of(const struct search *search, uint32_t offset)
{
    uint32_t slot = offset * 2654435761u >> 8 & search->mask;

    while (search->places[slot].offset && search->places[slot].offset != offset)
        slot = (slot + 1) & search->mask;
    return &search->places[slot];
}

static int prepare_search(const struct types *types, struct search *search)
{
    uint32_t size = 64;

    while (size < 4 * types->entry_count)
        size *= 2;
    search->places = calloc(size, sizeof(*search->places));
    if (!search->places)
        return -ENOMEM;
    search->mask = size - 1;
    for (uint32_t i = 1; i < types->entry_count; i++) {
        const struct types_entry *entry = &types->entries[i];

        *lengths_of(search, entry->name, entry->length) |= 1ull << entry->length % 64;
    }
    return 0;
}

/* Each name stands there once: comparing texts here leaves only numbers to compare for the types.
 */
static int search_names(const struct types *types, struct search *search)
{
    uint32_t offset = 0;

    while (offset < types->names_bytes) {
        const char *name = types->names + offset;
        size_t length = strlen(name);

        if (length && *lengths_of(search, name, length) >> length % 64 & 1) {
            uint32_t entry = find_entry(types, name, length);

            if (entry && search->count++ > search->mask / 2)
                return -EBADMSG;
            if (entry)
                *place_of(search, offset) = (struct place){offset, entry};
        }
        offset += (uint32_t)length + 1;
    }
    return 0;
}

static int add_found(struct types *types, uint32_t entry, uint32_t id)
{
    struct types_entry *owner = &types->entries[entry];
    struct types_found *found =
        make_room(types->found, &types->found_count, &types->found_room, sizeof(*found));

    if (!found)
        return -ENOMEM;
    types->found = found;
    found[types->found_count] = (struct types_found){.id = id};
    if (owner->first)
        found[owner->last].next = types->found_count;
    else
        owner->first = types->found_count;
    owner->last = types->found_count++;
    return 0;
}

static int search_types(struct types *types, const struct search *search)
{
    uint32_t at = 0, next;

    /* Room for as many as there may be; what is not needed is never touched. */
    types->at = malloc((types->types_bytes / sizeof(struct btf_type) + 1) * sizeof(*types->at));
    if (!types->at)
        return -ENOMEM;
    for (; at < types->types_bytes; at = next) {
        uint32_t name = type_at(types, at)->name_off;
        int error = 0;

        next = end_of(types, at);
        if (!next)
            return -EBADMSG;
        types->at[++types->count] = at;
        if (name && place_of(search, name)->offset)
            error = add_found(types, place_of(search, name)->entry, types->count);
        if (error)
            return error;
    }
    return 0;
}

static int find_sections(struct types *types, const void *bytes, size_t size)
{
    const struct btf_header *header = bytes;
    uint64_t types_end, names_end;

    if (size < sizeof(*header) || size > BYTES_MOST || header->magic != BTF_MAGIC ||
        header->version != BTF_VERSION || header->hdr_len < sizeof(*header))
        return -EBADMSG;
    types_end = (uint64_t)header->hdr_len + header->type_off + header->type_len;
    names_end = (uint64_t)header->hdr_len + header->str_off + header->str_len;
    if (types_end > size || names_end > size || !header->str_len || header->hdr_len % 4 ||
        header->type_off % 4 || header->type_len % 4)
        return -EBADMSG;
    types->types = (const char *)bytes + header->hdr_len + header->type_off;
    types->types_bytes = header->type_len;
    types->names = (const char *)bytes + header->hdr_len + header->str_off;
    types->names_bytes = header->str_len;
    return types->names[types->names_bytes - 1] ? -EBADMSG : 0;
}

int types_read(struct types *types, const void *bytes, size_t size)
{
    struct search search = {0};
    int error = find_sections(types, bytes, size);

    if (!error)
        error = prepare_search(types, &search);
    if (!error)
        error = search_names(types, &search);
    if (!error)
        error = search_types(types, &search);
    free(search.places);
    return error;
}

static int read_whole(int fd, char *bytes, size_t size)
{
    size_t filled = 0;

    while (filled < size) {
        ssize_t got = read(fd, bytes + filled, size - filled);

        if (!got)
            return -EBADMSG;
        if (got < 0 && errno != EINTR)
            return -errno;
        filled += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

/* The kernel lets its own be mapped from 6.16 on. */
static int load_file(struct types *types, int fd)
{
    struct stat status;
    void *bytes;

    if (fstat(fd, &status))
        return -errno;
    if (status.st_size <= 0 || status.st_size > BYTES_MOST)
        return -EBADMSG;
    types->file_bytes = (size_t)status.st_size;
    bytes = mmap(NULL, types->file_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    types->mapped = bytes != MAP_FAILED;
    types->file = types->mapped ? bytes : malloc(types->file_bytes);
    if (!types->file)
        return -ENOMEM;
    return types->mapped ? 0 : read_whole(fd, types->file, types->file_bytes);
}

int types_open(struct types *types, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int error;

    if (fd < 0)
        return -errno;
    error = load_file(types, fd);
    close(fd);
    return error ? error : types_read(types, types->file, types->file_bytes);
}

void types_close(struct types *types)
{
    for (uint32_t i = 1; i < types->entry_count; i++)
        free(types->entries[i].name);
    free(types->entries);
    free(types->found);
    free(types->at);
    if (types->mapped)
        munmap(types->file, types->file_bytes);
    else
        free(types->file);
    *types = (struct types){0};
}

static bool is_named(const struct types *types, uint32_t id, const char *name, uint32_t kind)
{
    const struct btf_type *type = types_get(types, id);

    return btf_kind(type) == kind && !strcmp(types_name(types, type->name_off), name);
}

uint32_t types_find(const struct types *types, const char *name, uint32_t kind)
{
    uint32_t entry = find_entry(types, name, strlen(name));

    if (!entry) {
        for (uint32_t id = 1; id <= types->count; id++)
            if (is_named(types, id, name, kind))
                return id;
        return 0;
    }
    for (uint32_t at = types->entries[entry].first; at; at = types->found[at].next)
        if (btf_kind(types_get(types, types->found[at].id)) == kind)
            return types->found[at].id;
    return 0;
}
