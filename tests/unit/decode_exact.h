/* SPDX-License-Identifier: GPL-2.0 */
/* Decodes a record that is exactly as large as told. Behind cmocka.h, as its asserts are used. */
#ifndef PORTTRACE_TESTS_UNIT_DECODE_EXACT_H
#define PORTTRACE_TESTS_UNIT_DECODE_EXACT_H

#include <stdlib.h>
#include <string.h>

#include "user/decode/decode.h"

/* On the heap, exactly as large as told, so that the sanitizer sees a read past the end. */
static inline int decode(const void *record, size_t size, struct record *ret_record)
{
    void *copy = malloc(size ? size : 1);
    int taken;

    assert_non_null(copy);
    memcpy(copy, record, size);
    taken = decode_record(copy, size, ret_record);
    free(copy);
    return taken;
}

#endif
