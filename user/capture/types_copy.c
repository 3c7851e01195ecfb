// SPDX-License-Identifier: GPL-2.0
#include "user/capture/types_copy.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/model/strbuf.h"

/* The numbers in the copy are in the order in which types are met. */
struct copy {
    const struct types *from;
    uint32_t *numbers; /* in the copy, by number in the kernel; 0: not met yet, or left out */
    struct types_copied copied;
    struct strbuf types;
    struct strbuf names;
};

static bool is_copied(const struct btf_type *type)
{
    switch (btf_kind(type)) {
    case BTF_KIND_INT:
    case BTF_KIND_PTR:
    case BTF_KIND_ARRAY:
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
    case BTF_KIND_FWD:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_FLOAT:
    case BTF_KIND_TYPE_TAG:
        return true;
    }
    return false;
}

static uint32_t number_of(struct copy *copy, uint32_t id)
{
    const struct btf_type *type = types_get(copy->from, id);

    if (!type || !is_copied(type))
        return 0;
    if (!copy->numbers[id]) {
        copy->copied.ids[++copy->copied.count] = id;
        copy->numbers[id] = TYPES_COPY_BASE + copy->copied.count;
    }
    return copy->numbers[id];
}

static uint32_t add_name(struct copy *copy, uint32_t offset)
{
    const char *name = types_name(copy->from, offset);
    uint32_t at = (uint32_t)copy->names.length;

    if (!name[0])
        return 0;
    strbuf_add(&copy->names, name, strlen(name) + 1);
    return at;
}

static void add(struct copy *copy, const void *bytes, size_t size)
{
    strbuf_add(&copy->types, bytes, size);
}

/* Anonymous members are searched for what they hold. */
static bool is_wanted(const struct copy *copy, uint32_t name)
{
    const char *text = types_name(copy->from, name);

    return !text[0] || types_wants(copy->from, text);
}

static uint32_t add_members(struct copy *copy, const struct btf_type *type)
{
    const struct btf_member *members = btf_members(type);
    uint32_t count = 0;

    for (uint32_t i = 0; i < btf_vlen(type); i++) {
        struct btf_member member = members[i];

        if (!is_wanted(copy, member.name_off))
            continue;
        member.name_off = add_name(copy, member.name_off);
        member.type = number_of(copy, member.type);
        add(copy, &member, sizeof(member));
        count++;
    }
    return count;
}

/* Of either width: both begin with their name. */
static uint32_t add_values(struct copy *copy, const struct btf_type *type, size_t size)
{
    const char *at = (const char *)(type + 1);
    uint32_t count = 0;

    for (uint32_t i = 0; i < btf_vlen(type); i++, at += size) {
        struct btf_enum64 value;

        memcpy(&value, at, size);
        if (!is_wanted(copy, value.name_off))
            continue;
        value.name_off = add_name(copy, value.name_off);
        add(copy, &value, size);
        count++;
    }
    return count;
}

static void add_array(struct copy *copy, const struct btf_type *type)
{
    struct btf_array array = *btf_array(type);

    array.type = number_of(copy, array.type);
    array.index_type = number_of(copy, array.index_type);
    add(copy, &array, sizeof(array));
}

/* What belongs to the type and stands behind it; returns of how many parts it is now. */
static uint32_t add_behind(struct copy *copy, const struct btf_type *type)
{
    switch (btf_kind(type)) {
    case BTF_KIND_INT:
        add(copy, type + 1, sizeof(uint32_t));
        break;
    case BTF_KIND_ARRAY:
        add_array(copy, type);
        break;
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return add_members(copy, type);
    case BTF_KIND_ENUM:
        return add_values(copy, type, sizeof(struct btf_enum));
    case BTF_KIND_ENUM64:
        return add_values(copy, type, sizeof(struct btf_enum64));
    }
    return 0;
}

static void add_type(struct copy *copy, const struct btf_type *type)
{
    size_t at = copy->types.length;
    struct btf_type own = *type;
    uint32_t parts;

    own.name_off = add_name(copy, type->name_off);
    if (btf_is_mod(type) || btf_is_typedef(type) || btf_is_type_tag(type))
        own.type = number_of(copy, type->type);
    else if (btf_is_ptr(type))
        own.type = 0;
    add(copy, &own, sizeof(own));
    parts = add_behind(copy, type);
    own.info = (own.info & ~0xffffu) | parts;
    if (!copy->types.failed)
        memcpy(copy->types.text + at, &own, sizeof(own));
}

static int write_whole(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size) {
        ssize_t written = write(fd, at, size);

        if (written < 0 && errno != EINTR)
            return -errno;
        at += written > 0 ? written : 0;
        size -= written > 0 ? (size_t)written : 0;
    }
    return 0;
}

static int write_copy(const struct copy *copy, int fd)
{
    const struct btf_header header = {
        .magic = BTF_MAGIC,
        .version = BTF_VERSION,
        .hdr_len = sizeof(header),
        .type_len = (uint32_t)copy->types.length,
        .str_off = (uint32_t)copy->types.length,
        .str_len = (uint32_t)copy->names.length,
    };
    int error = write_whole(fd, &header, sizeof(header));

    if (!error)
        error = write_whole(fd, copy->types.text, copy->types.length);
    return error ? error : write_whole(fd, copy->names.text, copy->names.length);
}

static int fill(struct copy *copy)
{
    const struct btf_type nothing = {.info = BTF_KIND_PTR << 24};

    strbuf_putc(&copy->names, '\0');
    for (uint32_t i = 0; i < TYPES_COPY_BASE; i++)
        add(copy, &nothing, sizeof(nothing));
    for (uint32_t i = 1; i < copy->from->found_count; i++)
        number_of(copy, copy->from->found[i].id);
    for (uint32_t i = 1; i <= copy->copied.count; i++)
        add_type(copy, types_get(copy->from, copy->copied.ids[i]));
    return copy->types.failed || copy->names.failed ? -ENOMEM : 0;
}

int types_copy(const struct types *types, int fd, struct types_copied *ret_copied)
{
    struct copy copy = {.from = types};
    int error = -ENOMEM;

    copy.numbers = calloc(types->count + 1, sizeof(*copy.numbers));
    copy.copied.ids = malloc((types->count + 1) * sizeof(*copy.copied.ids));
    if (copy.numbers && copy.copied.ids)
        error = fill(&copy);
    if (!error)
        error = write_copy(&copy, fd);
    if (error)
        free(copy.copied.ids);
    else
        *ret_copied = copy.copied;
    free(copy.numbers);
    strbuf_free(&copy.types);
    strbuf_free(&copy.names);
    return error;
}
