// SPDX-License-Identifier: GPL-2.0
#include "user/model/unit_name.h"

#include <string.h>

bool unit_name_is(struct bytes name, const char *kind)
{
    size_t size = strlen(kind);

    return name.size > size && !memcmp(name.at + name.size - size, kind, size);
}
