// SPDX-License-Identifier: GPL-2.0
#include <cjson/cJSON.h>

#include "tests/kernel/seen_reason.h"

static const cJSON *member(const cJSON *json, const char *name)
{
    return json ? cJSON_GetObjectItemCaseSensitive(json, name) : NULL;
}

static const char *text(const cJSON *json, const char *name)
{
    return cJSON_GetStringValue(member(json, name));
}

static const cJSON *porttrace(const struct seen *seen, const char *name)
{
    return member(member(seen->json, "porttrace"), name);
}

struct seen_reason seen_reason(const struct seen *seen)
{
    const cJSON *reason = porttrace(seen, "reason");
    struct seen_reason result = {
        .code = text(reason, "code"),
        .name = text(reason, "name"),
        .message = text(reason, "message"),
        .confidence = text(reason, "confidence"),
        .check = text(reason, "check"),
        .also = text(member(reason, "also"), "code"),
    };

    return result;
}

unsigned int seen_holder_count(const struct seen *seen)
{
    return (unsigned int)cJSON_GetArraySize(porttrace(seen, "holders"));
}

struct seen_holder seen_holder(const struct seen *seen, unsigned int index)
{
    const cJSON *holder = cJSON_GetArrayItem(porttrace(seen, "holders"), (int)index);
    struct seen_holder result = {
        .source = text(holder, "source"),
        .state = text(holder, "state"),
        .kernel = cJSON_IsTrue(member(holder, "kernel")),
        .gone = member(holder, "gone") != NULL,
        .held = member(holder, "fd") || member(holder, "processes"),
        .json = holder,
    };

    return result;
}

static bool has_pid(const cJSON *process, uint32_t pid)
{
    const cJSON *number = member(process, "pid");

    return cJSON_IsNumber(number) && (int64_t)number->valuedouble == pid;
}

bool seen_holder_has(const struct seen_holder *holder, uint32_t pid)
{
    const cJSON *process;

    if (has_pid(holder->json, pid))
        return true;
    cJSON_ArrayForEach(process, member(holder->json, "processes"))
    {
        if (has_pid(process, pid))
            return true;
    }
    return false;
}

const char *seen_help(const struct seen *seen, unsigned int index)
{
    return cJSON_GetStringValue(cJSON_GetArrayItem(porttrace(seen, "advice"), (int)index));
}

const char *seen_first_note(const struct seen *seen)
{
    return cJSON_GetStringValue(cJSON_GetArrayItem(porttrace(seen, "notes"), 0));
}
