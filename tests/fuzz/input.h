/* SPDX-License-Identifier: GPL-2.0 */
/* The input of a fuzz target taken apart. What is not there any more counts as zeros. */
#ifndef PORTTRACE_TESTS_FUZZ_INPUT_H
#define PORTTRACE_TESTS_FUZZ_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct input {
    const uint8_t *at;
    size_t left;
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define INPUT_MAX (1u << 20) /* of libFuzzer */

#define require(holds)                                                                             \
    do {                                                                                           \
        if (!(holds))                                                                              \
            abort();                                                                               \
    } while (0)

static inline void input_take(struct input *input, void *to, size_t size)
{
    size_t there = size < input->left ? size : input->left;

    memset(to, 0, size);
    if (!there)
        return;
    memcpy(to, input->at, there);
    input->at += there;
    input->left -= there;
}

static inline unsigned int input_byte(struct input *input)
{
    uint8_t byte;

    input_take(input, &byte, sizeof(byte));
    return byte;
}

/* A number below limit. */
static inline unsigned int input_below(struct input *input, unsigned int limit)
{
    return input_byte(input) % limit;
}

/*
 * Up to the next byte 0xff, or all that is left, as a string of its own, so that reading past its
 * end shows. To be freed.
 */
static inline char *input_text(struct input *input, size_t *ret_size)
{
    const uint8_t *end = input->left ? memchr(input->at, 0xff, input->left) : NULL;
    size_t size = end ? (size_t)(end - input->at) : input->left;
    char *text;

    require(size <= INPUT_MAX);
    text = malloc(size + 1);
    require(text != NULL);
    input_take(input, text, size);
    text[size] = '\0';
    if (end) {
        input->at++;
        input->left--;
    }
    if (ret_size)
        *ret_size = size;
    return text;
}

#endif
