// SPDX-License-Identifier: GPL-2.0
#include "user/render/json.h"

#include <string.h>

#include "user/model/sanitize.h"

static void add_key(struct json *json, const char *key)
{
    size_t length = key ? strlen(key) : 0;
    char *at = strbuf_room(json->out, length + 4);

    if (!at)
        return;
    if (json->comma)
        *at++ = ',';
    if (key) {
        *at++ = '"';
        memcpy(at, key, length);
        at += length;
        *at++ = '"';
        *at++ = ':';
    }
    strbuf_took(json->out, at);
    json->comma = true;
}

static void open_with(struct json *json, const char *key, char bracket)
{
    add_key(json, key);
    strbuf_putc(json->out, bracket);
    json->comma = false;
}

static void close_with(struct json *json, char bracket)
{
    strbuf_putc(json->out, bracket);
    json->comma = true;
}

void json_object(struct json *json, const char *key)
{
    open_with(json, key, '{');
}

void json_object_end(struct json *json)
{
    close_with(json, '}');
}

void json_array(struct json *json, const char *key)
{
    open_with(json, key, '[');
}

void json_array_end(struct json *json)
{
    close_with(json, ']');
}

void json_bool(struct json *json, const char *key, bool value)
{
    add_key(json, key);
    strbuf_puts(json->out, value ? "true" : "false");
}

void json_int(struct json *json, const char *key, int64_t value)
{
    add_key(json, key);
    if (value < 0)
        strbuf_putc(json->out, '-');
    strbuf_uint(json->out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void json_uint(struct json *json, const char *key, uint64_t value)
{
    add_key(json, key);
    strbuf_uint(json->out, value);
}

void json_id(struct json *json, const char *key, uint64_t value)
{
    json_string(json, key);
    strbuf_uint(json->out, value);
    json_string_end(json);
}

void json_text(struct json *json, const char *key, const char *value)
{
    json_bytes(json, key, value, strlen(value));
}

void json_bytes(struct json *json, const char *key, const char *at, size_t size)
{
    json_string(json, key);
    sanitize_add_json(json->out, at, size);
    json_string_end(json);
}

void json_text_if(struct json *json, const char *key, const char *value)
{
    if (value)
        json_text(json, key, value);
}

void json_bytes_if(struct json *json, const char *key, struct bytes value)
{
    if (value.at)
        json_bytes(json, key, value.at, value.size);
}

void json_string(struct json *json, const char *key)
{
    add_key(json, key);
    strbuf_putc(json->out, '"');
}

void json_string_end(struct json *json)
{
    strbuf_putc(json->out, '"');
}
