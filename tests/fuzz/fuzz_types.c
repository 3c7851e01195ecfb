// SPDX-License-Identifier: GPL-2.0
/* Hostile BTF: nothing outside of it is read, and a copy of it has the types that it says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user/capture/types_copy.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void copy(const struct types *types)
{
    struct types_copied copied = {0};
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    require(fd >= 0);
    require(!types_copy(types, fd, &copied));
    for (uint32_t i = 1; i <= copied.count; i++)
        require(types_get(types, copied.ids[i]) != NULL);
    free(copied.ids);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static const char *const names[] = {"int", "inner", "outer", "within", "a", "CHOICE_B"};
    struct types types = {0};
    void *bytes = malloc(size + 1); /* aligned, as what is mapped */

    require(bytes != NULL);
    memcpy(bytes, input, size);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        require(!types_want(&types, names[i], strlen(names[i])));
    if (!types_read(&types, bytes, size)) {
        for (uint32_t kind = 0; kind < 20; kind++)
            require(types_find(&types, "outer", kind) <= types.count);
        copy(&types);
    }
    types_close(&types);
    free(bytes);
    return 0;
}
