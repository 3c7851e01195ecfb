// SPDX-License-Identifier: GPL-2.0
/* Types of a kernel, made by libbpf and read by us; the copy is read by libbpf again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/btf.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user/capture/types_copy.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_types, free_types)

struct fixture {
    struct btf *btf;
    struct types types;
    const void *bytes; /* of .btf, aligned */
    uint32_t size;
    int number, inner, outer, other, pointer, prototype, function;
};

static void add_structs(struct fixture *made)
{
    made->number = btf__add_int(made->btf, "int", 4, BTF_INT_SIGNED);
    made->inner = btf__add_struct(made->btf, "inner", 8);
    btf__add_field(made->btf, "first", made->number, 0, 0);
    btf__add_field(made->btf, "second", made->number, 32, 0);
    made->pointer = btf__add_ptr(made->btf, made->inner);
    made->outer = btf__add_struct(made->btf, "outer", 32);
    btf__add_field(made->btf, "left_out", made->number, 0, 0);
    btf__add_field(made->btf, "within", made->inner, 64, 0);
    btf__add_field(made->btf, "elsewhere", made->pointer, 128, 0);
    made->other = btf__add_struct(made->btf, "outer", 4);
    btf__add_field(made->btf, "within", made->number, 0, 0);
    btf__add_enum(made->btf, "choices", 4);
    btf__add_enum_value(made->btf, "CHOICE_A", 7);
    btf__add_enum_value(made->btf, "CHOICE_B", 8);
}

static int make_types(void **state)
{
    struct fixture *made = calloc(1, sizeof(*made));

    assert_non_null(made);
    made->btf = btf__new_empty();
    add_structs(made);
    made->prototype = btf__add_func_proto(made->btf, made->number);
    btf__add_func_param(made->btf, "a", made->number);
    btf__add_func_param(made->btf, "b", made->pointer);
    made->function = btf__add_func(made->btf, "inner", BTF_FUNC_STATIC, made->prototype);
    made->bytes = btf__raw_data(made->btf, &made->size);
    assert_non_null(made->bytes);
    *state = made;
    return 0;
}

static int free_types(void **state)
{
    struct fixture *made = *state;

    types_close(&made->types);
    btf__free(made->btf);
    free(made);
    return 0;
}

static void want(struct fixture *made, const char *name)
{
    assert_int_equal(types_want(&made->types, name, strlen(name)), 0);
}

static void read_types(struct fixture *made)
{
    assert_int_equal(types_read(&made->types, made->bytes, made->size), 0);
    assert_int_equal(made->types.count, btf__type_cnt(made->btf) - 1);
}

static void names_are_found_by_kind(void **state)
{
    struct fixture *made = *state;

    want(made, "inner");
    want(made, "outer");
    want(made, "missing");
    want(made, "inner");
    read_types(made);
    assert_int_equal(types_find(&made->types, "inner", BTF_KIND_STRUCT), made->inner);
    assert_int_equal(types_find(&made->types, "inner", BTF_KIND_FUNC), made->function);
    assert_int_equal(types_find(&made->types, "inner", BTF_KIND_UNION), 0);
    assert_int_equal(types_find(&made->types, "missing", BTF_KIND_STRUCT), 0);
    assert_true(types_wants(&made->types, "missing"));
    assert_false(types_wants(&made->types, "inn"));
}

static void the_first_of_a_name_is_found(void **state)
{
    struct fixture *made = *state;

    want(made, "outer");
    read_types(made);
    assert_int_equal(types_find(&made->types, "outer", BTF_KIND_STRUCT), made->outer);
}

static void names_not_announced_are_found_too(void **state)
{
    struct fixture *made = *state;

    read_types(made);
    assert_int_equal(types_find(&made->types, "outer", BTF_KIND_STRUCT), made->outer);
    assert_int_equal(types_find(&made->types, "oute", BTF_KIND_STRUCT), 0);
    assert_int_equal(types_find(&made->types, "", BTF_KIND_STRUCT), 0);
}

static void numbers_outside_are_no_types(void **state)
{
    struct fixture *made = *state;

    read_types(made);
    assert_null(types_get(&made->types, 0));
    assert_non_null(types_get(&made->types, made->types.count));
    assert_null(types_get(&made->types, made->types.count + 1));
    assert_string_equal(types_name(&made->types, made->types.names_bytes), "");
}

/* Each beginning in memory of its own, behind which a sanitizer would see a read. */
static void what_is_cut_is_refused(void **state)
{
    struct fixture *made = *state;

    for (uint32_t size = 0; size < made->size; size++) {
        void *cut = malloc(size + 1);

        memcpy(cut, made->bytes, size);
        cut = realloc(cut, size ? size : 1);
        assert_int_equal(types_read(&made->types, cut, size), -EBADMSG);
        types_close(&made->types);
        free(cut);
    }
}

static void what_is_no_btf_is_refused(void **state)
{
    struct fixture *made = *state;
    struct btf_header *header = malloc(made->size);
    struct btf_type *first;

    memcpy(header, made->bytes, made->size);
    header->magic++;
    assert_int_equal(types_read(&made->types, header, made->size), -EBADMSG);
    header->magic--;
    first = (struct btf_type *)(void *)((char *)header + header->hdr_len + header->type_off);
    first->info = 31u << 24; /* a kind that nobody knows */
    assert_int_equal(types_read(&made->types, header, made->size), -EBADMSG);
    types_close(&made->types);
    memcpy(header, made->bytes, made->size);
    header->type_len = UINT32_MAX;
    assert_int_equal(types_read(&made->types, header, made->size), -EBADMSG);
    memcpy(header, made->bytes, made->size);
    ((char *)header)[header->hdr_len + header->str_off + header->str_len - 1] = 'x';
    assert_int_equal(types_read(&made->types, header, made->size), -EBADMSG);
    free(header);
}

static struct btf *copy_types(struct fixture *made, struct types_copied *ret_copied)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    char path[64];
    struct btf *copy;

    assert_int_equal(types_copy(&made->types, fd, ret_copied), 0);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    copy = btf__parse_raw(path);
    assert_non_null(copy);
    close(fd);
    return copy;
}

static void check_outer(const struct btf *copy, const struct btf_type *outer)
{
    const struct btf_member *members = btf_members(outer);

    assert_int_equal(btf_vlen(outer), 2);
    assert_int_equal(outer->size, 32);
    assert_string_equal(btf__name_by_offset(copy, members[0].name_off), "within");
    assert_int_equal(members[0].offset, 64);
    assert_int_equal(btf__resolve_size(copy, members[0].type), 8);
    assert_string_equal(btf__name_by_offset(copy, members[1].name_off), "elsewhere");
    assert_int_equal(members[1].offset, 128);
    assert_true(btf_is_ptr(btf__type_by_id(copy, members[1].type)));
    assert_int_equal(btf__type_by_id(copy, members[1].type)->type, 0);
}

static void a_copy_has_what_is_announced(void **state)
{
    struct fixture *made = *state;
    struct types_copied copied;
    const struct btf_type *choices;
    struct btf *copy;
    int id;

    want(made, "outer");
    want(made, "within");
    want(made, "elsewhere");
    want(made, "choices");
    want(made, "CHOICE_B");
    read_types(made);
    copy = copy_types(made, &copied);
    id = btf__find_by_name_kind(copy, "outer", BTF_KIND_STRUCT);
    assert_true(id > (int)TYPES_COPY_BASE);
    assert_int_equal(copied.ids[(uint32_t)id - TYPES_COPY_BASE], made->outer);
    check_outer(copy, btf__type_by_id(copy, (uint32_t)id));
    choices = btf__type_by_id(copy, (uint32_t)btf__find_by_name(copy, "choices"));
    assert_int_equal(btf_vlen(choices), 1);
    assert_int_equal(btf_enum(choices)->val, 8);
    assert_true(btf__find_by_name_kind(copy, "inner", BTF_KIND_FUNC) < 0);
    assert_int_equal(btf__type_cnt(copy) - 1, TYPES_COPY_BASE + copied.count);
    btf__free(copy);
    free(copied.ids);
}

/* Two types of a name may both be meant, as CO-RE tries all of them. */
static void a_copy_has_all_of_a_name(void **state)
{
    struct fixture *made = *state;
    struct types_copied copied;
    unsigned int found = 0;
    struct btf *copy;

    want(made, "outer");
    read_types(made);
    copy = copy_types(made, &copied);
    for (uint32_t i = 1; i <= copied.count; i++)
        found += copied.ids[i] == (uint32_t)made->outer || copied.ids[i] == (uint32_t)made->other;
    assert_int_equal(found, 2);
    btf__free(copy);
    free(copied.ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_are_found_by_kind),
        TEST(the_first_of_a_name_is_found),
        TEST(names_not_announced_are_found_too),
        TEST(numbers_outside_are_no_types),
        TEST(what_is_cut_is_refused),
        TEST(what_is_no_btf_is_refused),
        TEST(a_copy_has_what_is_announced),
        TEST(a_copy_has_all_of_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
