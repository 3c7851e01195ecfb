// SPDX-License-Identifier: GPL-2.0
#include "user/enrich/description.h"

#include <string.h>

static const struct {
    uint32_t offset;
    uint32_t size;
} places[DESCRIPTION_TEXTS] = {
    [PT_TEXT_EXE - 1] = {0, DECODE_PATH_MAX},
    [PT_TEXT_CGROUP - 1] = {DECODE_PATH_MAX, DECODE_PATH_MAX},
    [PT_TEXT_ARGS - 1] = {2 * DECODE_PATH_MAX, PT_ARGS_MAX},
};

void description_reset(struct description *description)
{
    memset(description->texts, 0, sizeof(description->texts));
    memset(description->present, 0, sizeof(description->present));
}

void description_add(struct description *description, const struct pt_text *piece)
{
    size_t text = piece->text_kind - 1u;
    struct text_pieces *pieces = &description->texts[text];
    uint32_t at = places[text].offset + piece->offset;

    memcpy(description->bytes + at, piece->text, piece->length);
    memset(description->present + at, 1, piece->length);
    pieces->seen++;
    if (piece->flags & PT_TEXT_TRUNCATED)
        pieces->truncated = true;
    if (piece->flags & PT_TEXT_DELETED)
        pieces->deleted = true;
    if (piece->flags & PT_TEXT_LAST) {
        pieces->ended = true;
        pieces->end = piece->offset + piece->length;
    }
}

/* What has come without a gap. .truncated: there is more in the process. */
static struct bytes gathered(const struct description *description, size_t text, bool *ret_whole)
{
    const struct text_pieces *pieces = &description->texts[text];
    const unsigned char *present = description->present + places[text].offset;
    uint32_t limit = pieces->ended ? pieces->end : places[text].size;
    const unsigned char *gap = memchr(present, 0, limit);
    uint32_t size = gap ? (uint32_t)(gap - present) : limit;

    *ret_whole = pieces->ended && size == limit;
    return (struct bytes){.at = description->bytes + places[text].offset,
                          .size = size,
                          .truncated = pieces->truncated || !*ret_whole};
}

/*
 * Takes the next component off; false after the last one. What has no name of its own is passed
 * over: the root of a mount that hangs nowhere is called "/". A component that is not ended may be
 * the beginning of a longer one if more is missing.
 */
static bool next_component(struct bytes *components, struct bytes *ret_component)
{
    while (components->size) {
        const char *end = memchr(components->at, '\0', components->size);
        uint32_t size = end ? (uint32_t)(end - components->at) : components->size;
        uint32_t taken = end ? size + 1 : size;

        *ret_component = (struct bytes){.at = components->at, .size = size};
        components->at += taken;
        components->size -= taken;
        if (!end && components->truncated)
            return false;
        if (size && !(size == 1 && ret_component->at[0] == '/'))
            return true;
    }
    return false;
}

static uint32_t path_size(struct bytes components)
{
    struct bytes component;
    uint32_t size = 0;

    while (next_component(&components, &component))
        size += 1 + component.size;
    if (!components.truncated)
        return size ? size : 1;
    return size ? size + (uint32_t)strlen(DESCRIPTION_ELLIPSIS) : 0;
}

static void path_write(struct bytes components, uint32_t size, char *to)
{
    struct bytes component;

    if (components.truncated)
        memcpy(to, DESCRIPTION_ELLIPSIS, strlen(DESCRIPTION_ELLIPSIS));
    else
        to[0] = '/';
    while (next_component(&components, &component)) {
        size -= component.size;
        memcpy(to + size, component.at, component.size);
        to[--size] = '/';
    }
}

struct text_state description_state(const struct description *description, size_t text)
{
    const struct text_pieces *pieces = &description->texts[text];
    struct text_state state = {.deleted = pieces->deleted};
    struct bytes raw;

    if (!pieces->seen)
        return state;
    raw = gathered(description, text, &state.whole);
    state.truncated = raw.truncated;
    state.size = text == PT_TEXT_ARGS - 1 ? raw.size : path_size(raw);
    /* No executable is called "/": without a component there is none, as in a kernel thread. */
    state.known = text == PT_TEXT_EXE - 1 ? state.size > 1 : state.size || !state.truncated;
    return state;
}

void description_write(const struct description *description, size_t text, char *to)
{
    bool whole;
    struct bytes raw = gathered(description, text, &whole);

    if (text == PT_TEXT_ARGS - 1)
        memcpy(to, raw.at, raw.size);
    else
        path_write(raw, path_size(raw), to);
}
