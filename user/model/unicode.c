// SPDX-License-Identifier: GPL-2.0
#include "user/model/unicode.h"

struct interval {
    uint32_t first;
    uint32_t last;
};

static const struct interval unsafe[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},
    {0x0600, 0x0605},   {0x061c, 0x061c},   {0x06dd, 0x06dd},   {0x070f, 0x070f},
    {0x0890, 0x0891},   {0x08e2, 0x08e2},   {0x115f, 0x1160},   {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
    {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static const struct interval combining[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x06d6, 0x06dc}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
    {0x20d0, 0x20ff}, {0x302a, 0x302d}, {0x3099, 0x309a}, {0xfe20, 0xfe2f},
};

static const struct interval wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x232a},   {0x23e9, 0x23f3}, {0x25fd, 0x27bf}, {0x2b1b, 0x2b55},
    {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97f}, {0xac00, 0xd7a3}, {0xf900, 0xfaff},
    {0xfe10, 0xfe1f},   {0xfe30, 0xfe6f},   {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x16fe0, 0x1b2ff},
    {0x1f000, 0x1faff}, {0x20000, 0x3fffd},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool within(const struct interval *table, size_t count, uint32_t character)
{
    for (size_t i = 0; i < count && table[i].first <= character; i++) {
        if (character <= table[i].last)
            return true;
    }
    return false;
}

static size_t sequence_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

size_t unicode_decode(const char *at, size_t size, uint32_t *ret_character)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = size ? sequence_length((unsigned char)at[0]) : 0;
    uint32_t character;

    if (length == 0 || length > size)
        return 0;
    character = (unsigned char)at[0] & (length == 1 ? 0x7f : 0x7f >> length);
    for (size_t i = 1; i < length; i++) {
        unsigned char next = (unsigned char)at[i];

        if ((next & 0xc0) != 0x80)
            return 0;
        character = character << 6 | (next & 0x3f);
    }
    if (character < lowest[length] || character > 0x10ffff ||
        (character >= 0xd800 && character <= 0xdfff))
        return 0;
    *ret_character = character;
    return length;
}

bool unicode_is_unsafe(uint32_t character)
{
    return within(unsafe, COUNT(unsafe), character);
}

unsigned int unicode_columns(uint32_t character)
{
    if (character >= ' ' && character <= '~')
        return 1;
    if (unicode_is_unsafe(character) || within(combining, COUNT(combining), character))
        return 0;
    return within(wide, COUNT(wide), character) ? 2 : 1;
}
