/* SPDX-License-Identifier: GPL-2.0 */
/* Writes one JSON object. Keys are literals of this program; values are bytes of anybody. */
#ifndef PORTTRACE_RENDER_JSON_H
#define PORTTRACE_RENDER_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "user/model/observation.h"
#include "user/model/strbuf.h"

struct json {
    struct strbuf *out;
    bool comma; /* before the next member */
};

/* A NULL key is for the outermost object and for elements of an array. */
void json_object(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array(struct json *json, const char *key);
void json_array_end(struct json *json);

void json_bool(struct json *json, const char *key, bool value);
void json_int(struct json *json, const char *key, int64_t value);
void json_uint(struct json *json, const char *key, uint64_t value);

/* A number that identifies something and can exceed 2^53, as a string. */
void json_id(struct json *json, const char *key, uint64_t value);

/* Not for NULL: see json_text_if(). */
void json_text(struct json *json, const char *key, const char *value);
void json_bytes(struct json *json, const char *key, const char *at, size_t size);

/* Nothing where the value is not known. */
void json_text_if(struct json *json, const char *key, const char *value);
void json_bytes_if(struct json *json, const char *key, struct bytes value);

/* Between the two, harmless text goes straight to .out. */
void json_string(struct json *json, const char *key);
void json_string_end(struct json *json);

#endif
