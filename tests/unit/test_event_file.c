// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/event.h"
#include "user/cli/event_file.h"
#include "user/decode/seal.h"

/* What a reader has been handed out. */
struct taken {
    struct strbuf bytes;
    unsigned int count;
};

static struct strbuf file;
static struct taken taken;
static struct event_file_seals seals;
static uint64_t offset;

static int end(void **state)
{
    (void)state;
    strbuf_free(&file);
    strbuf_free(&taken.bytes);
    taken = (struct taken){0};
    seals = (struct event_file_seals){0};
    offset = 0;
    return 0;
}

static void put_start(uint32_t flags)
{
    struct pt_start start = {.header = {PT_EVENT_VERSION, PT_KIND_START, sizeof(start), 1, 0},
                             .flags = flags};

    strbuf_add(&file, (const char *)&start, sizeof(start));
}

/* As trace writes them: what is behind the last seal is in a buffer of its own. */
static void put(unsigned int count, bool sealed)
{
    struct strbuf records = {0};

    for (unsigned int i = 0; i < count; i++) {
        struct pt_release release = {
            .header = {PT_EVENT_VERSION, PT_KIND_RELEASE, sizeof(release), i, 0}, .held_ns = i};

        strbuf_add(&records, (const char *)&release, sizeof(release));
    }
    if (sealed)
        event_file_seal(&records, &seals);
    seals.sealed = 0;
    strbuf_add(&file, records.text, records.length);
    strbuf_free(&records);
}

static void put_sealed_file(void)
{
    struct strbuf last = {0}, start = {0};

    put_start(PT_START_ENDS | PT_START_SEALED);
    strbuf_add(&start, file.text, file.length);
    strbuf_reset(&file);
    event_file_seal(&start, &seals);
    seals.sealed = 0;
    strbuf_add(&file, start.text, start.length);
    strbuf_free(&start);
    put(3, true);
    put(2, true);
    event_file_end(&last, 99, 7, &seals);
    strbuf_add(&file, last.text, last.length);
    strbuf_free(&last);
}

static int take(void *context, const void *at, size_t size)
{
    struct pt_header header;

    (void)context;
    assert_true(size >= sizeof(header));
    memcpy(&header, at, sizeof(header));
    assert_true(header.size <= size);
    if (header.size < sizeof(header))
        return -EBADMSG;
    strbuf_add(&taken.bytes, at, header.size);
    taken.count++;
    return (int)header.size;
}

static int read_bytes(const char *bytes, size_t size)
{
    int fd = memfd_create("events", MFD_CLOEXEC), result;

    assert_true(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    strbuf_reset(&taken.bytes);
    taken.count = 0;
    result = event_file_read(fd, take, NULL, &offset);
    close(fd);
    return result;
}

static bool is_beginning(void)
{
    return taken.bytes.length <= file.length &&
           (!taken.bytes.length || !memcmp(taken.bytes.text, file.text, taken.bytes.length));
}

static void what_is_sealed_is_handed_out_whole(void **state)
{
    (void)state;
    put_sealed_file();
    assert_int_equal(read_bytes(file.text, file.length), 0);
    assert_int_equal(taken.bytes.length, file.length);
    assert_true(is_beginning());
    assert_int_equal(offset, file.length);
}

/* That there are seals, the first record says, which the reader of records checks too. */
static void each_bit_that_is_altered_shows(void **state)
{
    (void)state;
    put_sealed_file();
    for (size_t i = 0; i < file.length * 8; i++) {
        int result;

        file.text[i / 8] ^= (char)(1 << i % 8);
        result = read_bytes(file.text, file.length);
        file.text[i / 8] ^= (char)(1 << i % 8);
        if (i / 8 < sizeof(struct pt_start))
            assert_true(result < 0 || !is_beginning());
        else
            assert_true(result < 0 && is_beginning());
    }
}

static void what_is_cut_off_is_shown_up_to_its_last_seal(void **state)
{
    (void)state;
    put_sealed_file();
    for (size_t size = 1; size < file.length; size++) {
        int result = read_bytes(file.text, size);
        size_t whole = event_file_whole(file.text, size);

        assert_true(is_beginning());
        assert_int_equal(taken.bytes.length, whole);
        assert_int_equal(offset, whole);
        assert_int_equal(result, whole == size ? 0 : -EBADMSG);
    }
}

static void parts_neither_move_nor_disappear(void **state)
{
    size_t first, second;
    struct strbuf other = {0};

    (void)state;
    put_sealed_file();
    first = sizeof(struct pt_start) + sizeof(struct pt_seal);
    second = first + 3 * sizeof(struct pt_release) + sizeof(struct pt_seal);
    strbuf_add(&other, file.text, first);
    strbuf_add(&other, file.text + second, file.length - second);
    assert_int_equal(read_bytes(other.text, other.length), -EBADMSG);
    assert_int_equal(taken.bytes.length, first);
    strbuf_free(&other);
}

/* Of a porttrace that knew no seals, or of one that knows kinds that this one does not. */
static void files_without_seals_are_read_as_ever(void **state)
{
    struct pt_header unknown = {PT_EVENT_VERSION, 99, sizeof(unknown), 1, 0};
    struct pt_end last = {.header = {PT_EVENT_VERSION, PT_KIND_END, sizeof(last), 1, 0}};

    (void)state;
    put_start(PT_START_ENDS);
    put(5, false);
    strbuf_add(&file, (const char *)&unknown, sizeof(unknown));
    strbuf_add(&file, (const char *)&last, sizeof(last));
    assert_int_equal(read_bytes(file.text, file.length), 0);
    assert_int_equal(taken.count, 8);
    assert_int_equal(read_bytes(file.text, file.length - 1), -EBADMSG);
    assert_int_equal(taken.count, 7);
}

/* More than the reader looks ahead: nobody has written that. */
static void a_seal_that_never_comes_is_damage(void **state)
{
    (void)state;
    put_start(PT_START_ENDS | PT_START_SEALED);
    put(8000, false);
    assert_int_equal(read_bytes(file.text, file.length), -EBADMSG);
    assert_int_equal(taken.count, 0);
}

static void the_sum_goes_by_all_bytes_and_the_sum_before(void **state)
{
    char bytes[80] = {0};
    uint64_t sum;

    (void)state;
    for (size_t size = 0; size <= sizeof(bytes); size++) {
        sum = seal_sum(1, bytes, size);
        assert_true(sum != seal_sum(2, bytes, size));
        assert_true(size == sizeof(bytes) || sum != seal_sum(1, bytes, size + 1));
        for (size_t i = 0; i < size; i++) {
            bytes[i] = 1;
            assert_true(sum != seal_sum(1, bytes, size));
            bytes[i] = 0;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_is_sealed_is_handed_out_whole, end),
        cmocka_unit_test_teardown(each_bit_that_is_altered_shows, end),
        cmocka_unit_test_teardown(what_is_cut_off_is_shown_up_to_its_last_seal, end),
        cmocka_unit_test_teardown(parts_neither_move_nor_disappear, end),
        cmocka_unit_test_teardown(files_without_seals_are_read_as_ever, end),
        cmocka_unit_test_teardown(a_seal_that_never_comes_is_damage, end),
        cmocka_unit_test_teardown(the_sum_goes_by_all_bytes_and_the_sum_before, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
