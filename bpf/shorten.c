// SPDX-License-Identifier: GPL-2.0
/*
 * Takes the lines of source out of a BPF object, in place:
 *     shorten OBJECT
 * An empty one stays for each function, which libbpf and the kernel ask for. A linker drops the
 * bytes that are left over, and the strings that nothing refers to any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* As <linux/btf.h> and libbpf describe the section; offsets count from the end of the header. */
struct header {
    uint16_t magic;
    uint8_t version;
    uint8_t flags;
    uint32_t length;
    uint32_t functions_at, functions_bytes;
    uint32_t lines_at, lines_bytes;
};

/* The infos of one section; each begins with the offset of an instruction. */
struct group {
    uint32_t section;
    uint32_t count;
};

/* Groups, one behind the other. */
struct infos {
    char *at, *end;
    uint32_t info_bytes;
};

static bool find_infos(const Elf_Data *data, uint32_t at, uint32_t bytes, struct infos *ret_infos)
{
    const struct header *header = data->d_buf;
    uint64_t from = (uint64_t)header->length + at;

    if (bytes < sizeof(uint32_t) || from + bytes > data->d_size)
        return false;
    ret_infos->at = (char *)data->d_buf + from;
    ret_infos->end = ret_infos->at + bytes;
    memcpy(&ret_infos->info_bytes, ret_infos->at, sizeof(uint32_t));
    ret_infos->at += sizeof(uint32_t);
    return ret_infos->info_bytes >= sizeof(uint32_t);
}

/* Goes on to the next group; what the infos are is behind it. NULL: there is none. */
static const struct group *next_group(struct infos *infos)
{
    const struct group *group = (const void *)infos->at;
    size_t left = (size_t)(infos->end - infos->at);

    if (left < sizeof(*group) || (left - sizeof(*group)) / infos->info_bytes < group->count)
        return NULL;
    infos->at += sizeof(*group) + (size_t)group->count * infos->info_bytes;
    return group;
}

static const char *info_of(const struct infos *infos, const struct group *group, uint32_t i)
{
    return (const char *)(group + 1) + (size_t)i * infos->info_bytes;
}

static bool begins_function(struct infos functions, uint32_t section, const char *line)
{
    const struct group *group;

    while ((group = next_group(&functions)))
        for (uint32_t i = 0; group->section == section && i < group->count; i++)
            if (!memcmp(info_of(&functions, group, i), line, sizeof(uint32_t)))
                return true;
    return false;
}

/* Nothing of a line but where it is; returns where the next group is to go. */
static char *keep_first_lines(const struct infos *functions, const struct infos *lines,
                              const struct group *group, char *to)
{
    struct group kept = {.section = group->section};
    char *begin = to;

    to += sizeof(kept);
    for (uint32_t i = 0, count = group->count; i < count; i++) {
        const char *line = info_of(lines, group, i);

        if (begins_function(*functions, kept.section, line)) {
            memmove(to, line, sizeof(uint32_t));
            memset(to + sizeof(uint32_t), 0, lines->info_bytes - sizeof(uint32_t));
            to += lines->info_bytes;
            kept.count++;
        }
    }
    memcpy(begin, &kept, sizeof(kept));
    return to;
}

static int shorten(Elf_Data *data)
{
    struct header *header = data->d_buf;
    struct infos functions, lines;
    const struct group *group;
    char *begin, *to;

    if (data->d_size < sizeof(*header) ||
        !find_infos(data, header->functions_at, header->functions_bytes, &functions) ||
        !find_infos(data, header->lines_at, header->lines_bytes, &lines))
        return -EBADMSG;
    begin = to = lines.at;
    while ((group = next_group(&lines)))
        to = keep_first_lines(&functions, &lines, group, to);
    header->lines_bytes = (uint32_t)(sizeof(uint32_t) + (size_t)(to - begin));
    return lines.at == lines.end ? 0 : -EBADMSG;
}

static Elf_Data *find_section(Elf *elf, const char *wanted)
{
    Elf_Scn *section = NULL;
    size_t names;

    if (elf_getshdrstrndx(elf, &names))
        return NULL;
    while ((section = elf_nextscn(elf, section))) {
        GElf_Shdr header;
        const char *name =
            gelf_getshdr(section, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;

        if (name && !strcmp(name, wanted))
            return elf_getdata(section, NULL);
    }
    return NULL;
}

static int shorten_elf(Elf *elf)
{
    Elf_Data *data = find_section(elf, ".BTF.ext");
    int error = data ? shorten(data) : -ENOENT;

    if (error)
        return error;
    elf_flagdata(data, ELF_C_SET, ELF_F_DIRTY);
    elf_flagelf(elf, ELF_C_SET, ELF_F_LAYOUT);
    return elf_update(elf, ELF_C_WRITE) < 0 ? -EIO : 0;
}

int main(int argc, char **argv)
{
    int fd = argc == 2 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
    int error = -errno;
    Elf *elf;

    if (argc != 2) {
        fprintf(stderr, "usage: shorten OBJECT\n");
        return 2;
    }
    if (fd >= 0) {
        elf_version(EV_CURRENT);
        elf = elf_begin(fd, ELF_C_RDWR, NULL);
        error = elf ? shorten_elf(elf) : -EIO;
        elf_end(elf);
        close(fd);
    }
    if (error)
        fprintf(stderr, "shorten: %s: %s\n", argv[1], strerror(-error));
    return error ? 1 : 0;
}
