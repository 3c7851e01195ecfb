// SPDX-License-Identifier: GPL-2.0
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kernel/seen.h"

/* "a.b.c" names a member of a member of a member. */
static const cJSON *at(const cJSON *json, const char *path)
{
    char name[64];
    size_t length;

    while (json && *path) {
        length = strcspn(path, ".");
        snprintf(name, sizeof(name), "%.*s", (int)length, path);
        json = cJSON_GetObjectItemCaseSensitive(json, name);
        path += length + (path[length] == '.');
    }
    return json;
}

static const char *text_at(const cJSON *json, const char *path)
{
    return cJSON_GetStringValue(at(json, path));
}

static int64_t number_at(const cJSON *json, const char *path)
{
    const cJSON *number = at(json, path);

    return cJSON_IsNumber(number) ? (int64_t)number->valuedouble : -1;
}

static struct seen_endpoint endpoint_at(const cJSON *json, const char *path)
{
    const cJSON *endpoint = at(json, path);
    struct seen_endpoint result = {text_at(endpoint, "address"), (int)number_at(endpoint, "port")};

    return result;
}

static uint32_t options_at(const cJSON *json)
{
    static const struct {
        const char *name;
        enum pt_option option;
    } names[] = {
        {"REUSEADDR", PT_OPTION_REUSEADDR},
        {"REUSEPORT", PT_OPTION_REUSEPORT},
        {"FREEBIND", PT_OPTION_FREEBIND},
        {"TRANSPARENT", PT_OPTION_TRANSPARENT},
        {"BIND_ADDRESS_NO_PORT", PT_OPTION_BIND_ADDRESS_NO_PORT},
        {"V6ONLY", PT_OPTION_V6ONLY},
    };
    uint32_t options = 0;
    const cJSON *item;
    size_t i;

    cJSON_ArrayForEach(item, at(json, "porttrace.socket.options"))
    {
        for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            if (item->valuestring && strcmp(item->valuestring, names[i].name) == 0)
                options |= names[i].option;
    }
    return options;
}

static void parse_numbers(const cJSON *json, struct seen *seen)
{
    seen->pid = number_at(json, "process.pid");
    seen->tid = number_at(json, "process.thread.id");
    seen->parent_pid = number_at(json, "process.parent.pid");
    seen->netns = number_at(json, "porttrace.netns");
    seen->fd = number_at(json, "porttrace.fd");
    seen->backlog = number_at(json, "porttrace.backlog");
    seen->address_size = number_at(json, "porttrace.address_size");
    seen->sequence = number_at(json, "event.sequence");
    seen->lost_before = number_at(json, "porttrace.lost_before");
    seen->range_low = number_at(json, "porttrace.socket.local_port_range.low");
    seen->range_high = number_at(json, "porttrace.socket.local_port_range.high");
    seen->lost_events = number_at(json, "porttrace.lost.events");
    seen->skipped = number_at(json, "porttrace.lost.skipped_hooks");
    seen->times = number_at(json, "porttrace.repeated.times");
    if (seen->times <= 0)
        seen->times = 1;
    seen->observations = number_at(json, "porttrace.observations");
    seen->implies_autobind = cJSON_IsTrue(at(json, "porttrace.implies_autobind"));
    seen->has_socket = at(json, "porttrace.socket") != NULL;
    seen->args_truncated = cJSON_IsTrue(at(json, "porttrace.process.args_truncated"));
}

static void parse_texts(const cJSON *json, struct seen *seen)
{
    seen->action = text_at(json, "event.action");
    seen->outcome = text_at(json, "event.outcome");
    seen->error = text_at(json, "error.type");
    seen->entry = text_at(json, "porttrace.entry");
    seen->plan = text_at(json, "porttrace.plan");
    seen->transport = text_at(json, "network.transport");
    seen->network_type = text_at(json, "network.type");
    seen->comm = text_at(json, "process.name");
    seen->exe = text_at(json, "process.executable");
    seen->cgroup = text_at(json, "porttrace.cgroup.path");
    seen->device = text_at(json, "porttrace.socket.device");
    seen->uid = text_at(json, "user.id");
    seen->gid = text_at(json, "group.id");
}

bool seen_parse(const char *line, size_t size, struct seen *ret_seen)
{
    cJSON *json = cJSON_ParseWithLength(line, size);

    if (!cJSON_IsObject(json)) {
        cJSON_Delete(json);
        return false;
    }
    memset(ret_seen, 0, sizeof(*ret_seen));
    ret_seen->json = json;
    parse_texts(json, ret_seen);
    parse_numbers(json, ret_seen);
    ret_seen->options = options_at(json);
    ret_seen->args = at(json, "process.args");
    ret_seen->requested = endpoint_at(json, "porttrace.requested");
    ret_seen->requested_source = text_at(json, "porttrace.requested.source");
    ret_seen->local = endpoint_at(json, "network.local");
    ret_seen->destination = endpoint_at(json, "destination");
    return true;
}

void seen_free(struct seen *seen)
{
    cJSON_Delete(seen->json);
    seen->json = NULL;
}

/* Bytes of the well-formed UTF-8 character at the front, 0 if there is none (RFC 3629). */
static size_t utf8_length(const unsigned char *c, size_t size)
{
    size_t length = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
    size_t i;

    if (!length || c[0] > 0xf4 || length > size)
        return 0;
    for (i = 1; i < length; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
        (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f))
        return 0;
    return length;
}

char *seen_text_of(const char *bytes, size_t size)
{
    char *text = calloc(size + 1, 4), *to = text;
    size_t i = 0, length;

    while (text && i < size) {
        length = utf8_length((const unsigned char *)bytes + i, size - i);
        if (!length) {
            to += sprintf(to, "\\x%02x", (unsigned char)bytes[i++]);
            continue;
        }
        if (bytes[i] == '\\')
            *to++ = '\\';
        memcpy(to, bytes + i, length);
        to += length;
        i += length;
    }
    return text;
}

bool seen_args_equal(const struct seen *seen, const char *args, size_t size)
{
    const cJSON *item = seen->args ? seen->args->child : NULL;
    size_t kept = size < PT_ARGS_MAX ? size : PT_ARGS_MAX;
    size_t from = 0, length;
    bool equal = true;
    char *text;

    if (seen->args_truncated != (size > PT_ARGS_MAX))
        return false;
    for (; from < kept && equal; from += length + 1) {
        length = strnlen(args + from, kept - from);
        text = seen_text_of(args + from, length);
        equal = text && item && item->valuestring && strcmp(text, item->valuestring) == 0;
        free(text);
        item = item ? item->next : NULL;
    }
    return equal && !item;
}
