// SPDX-License-Identifier: GPL-2.0
#include "user/cli/values.h"

#include <ctype.h>
#include <errno.h>
#include <linux/types.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "bpf/event.h"
#include "user/cli/suggest.h"
#include "user/model/errors.h"
#include "user/model/sanitize.h"

#define QUOTE_MAX  64
#define ITEM_MAX   256
#define PORT_MAX   65535
#define NS_PER_S   1000000000ull
#define NS_PER_MS  1000000ull
#define DURATION_S 31536000ull

void value_quote(struct strbuf *out, const char *text)
{
    size_t length = strlen(text);

    if (!length) {
        strbuf_puts(out, "''");
        return;
    }
    sanitize_add(out, text, length > QUOTE_MAX ? QUOTE_MAX : length);
    if (length > QUOTE_MAX)
        strbuf_puts(out, "...");
}

/* Decimal digits; returns how many, 0 where there are none or the number is too large. */
static size_t take_digits(const char *text, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t length = 0;

    for (; isdigit((unsigned char)text[length]); length++) {
        uint64_t digit = (uint64_t)(text[length] - '0');

        if (number > (UINT64_MAX - digit) / 10)
            return 0;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return length;
}

int value_number(const char *text, const char *noun, uint64_t low, uint64_t high,
                 uint64_t *ret_number, struct strbuf *error)
{
    uint64_t number;
    size_t length = take_digits(text, &number);

    if (length && !text[length] && number >= low && number <= high) {
        *ret_number = number;
        return 0;
    }
    value_quote(error, text);
    strbuf_printf(error, " is not %s; allowed: %llu to %llu", noun, (unsigned long long)low,
                  (unsigned long long)high);
    return -EINVAL;
}

static bool take_size_unit(const char *text, unsigned int *ret_shift)
{
    static const char units[] = "KMG";
    const char *unit = *text ? strchr(units, toupper((unsigned char)*text)) : NULL;

    *ret_shift = unit ? 10 * (unsigned int)(unit - units + 1) : 0;
    if (unit)
        text++;
    return !*text || !strcasecmp(text, "B") || (unit && !strcasecmp(text, "iB"));
}

int value_size(const char *text, uint64_t *ret_bytes, struct strbuf *error)
{
    uint64_t number;
    unsigned int shift;
    size_t length = take_digits(text, &number);

    if (length && take_size_unit(text + length, &shift) && number <= UINT64_MAX >> shift) {
        *ret_bytes = number << shift;
        return 0;
    }
    value_quote(error, text);
    strbuf_puts(error, " is not a size; allowed: bytes, or a number with K, M or G such as 8M");
    return -EINVAL;
}

static uint64_t duration_unit_ns(const char *text)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {{"", NS_PER_S},         {"s", NS_PER_S},        {"ms", NS_PER_MS},
                 {"m", 60 * NS_PER_S},   {"min", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
                 {"d", 86400 * NS_PER_S}};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (!strcasecmp(text, units[i].name))
            return units[i].ns;
    return 0;
}

/* Digits after a point, as a part of unit_ns. */
static size_t take_fraction(const char *text, uint64_t *ret_parts, uint64_t *ret_whole)
{
    size_t length = 1;

    *ret_parts = 0;
    *ret_whole = 1;
    if (text[0] != '.' || !isdigit((unsigned char)text[1]))
        return 0;
    for (; isdigit((unsigned char)text[length]); length++) {
        if (length > 9)
            continue;
        *ret_parts = *ret_parts * 10 + (uint64_t)(text[length] - '0');
        *ret_whole *= 10;
    }
    return length;
}

int value_duration_ns(const char *text, uint64_t *ret_ns, struct strbuf *error)
{
    uint64_t number, parts, whole, unit_ns, ns = 0;
    size_t length = take_digits(text, &number);

    if (length) {
        length += take_fraction(text + length, &parts, &whole);
        unit_ns = duration_unit_ns(text + length);
        if (unit_ns && number <= DURATION_S * NS_PER_S / unit_ns)
            ns = number * unit_ns + unit_ns / whole * parts + unit_ns % whole * parts / whole;
        if (ns && ns <= DURATION_S * NS_PER_S) {
            *ret_ns = ns;
            return 0;
        }
    }
    value_quote(error, text);
    strbuf_puts(error, " is not a duration; allowed: 5 or 5s, 500ms, 2m, 1h, up to 365d");
    return -EINVAL;
}

static bool take_port(const char *text, size_t *length, uint16_t *ret_port)
{
    uint64_t number;
    size_t digits = take_digits(text, &number);

    if (!digits || !number || number > PORT_MAX)
        return false;
    *length = digits;
    *ret_port = (uint16_t)number;
    return true;
}

int value_ports(const char *text, struct port_range *ret_range, struct strbuf *error)
{
    struct port_range range;
    size_t length, more = 0;

    if (!take_port(text, &length, &range.low))
        goto refused;
    range.high = range.low;
    if (text[length] == '-') {
        if (!take_port(text + length + 1, &more, &range.high))
            goto refused;
        length += 1 + more;
    }
    if (text[length])
        goto refused;
    if (range.low > range.high) {
        strbuf_printf(error, "%u-%u is no range, its first port is the greater one; ", range.low,
                      range.high);
        strbuf_printf(error, "allowed: %u-%u", range.high, range.low);
        return -EINVAL;
    }
    *ret_range = range;
    return 0;
refused:
    value_quote(error, text);
    strbuf_puts(error, " is not a port; allowed: 1 to 65535, or a range such as 8000-8100");
    return -EINVAL;
}

int value_word(const char *text, const char *noun, const struct word *words, uint32_t *ret_value,
               struct strbuf *error)
{
    struct suggestion suggestion = suggest_start(text);
    const char *separator = "; allowed: ";

    for (const struct word *word = words; word->name; word++) {
        if (!strcasecmp(text, word->name)) {
            *ret_value = word->value;
            return 0;
        }
        suggest_consider(&suggestion, word->name);
    }
    value_quote(error, text);
    strbuf_printf(error, " is not %s", noun);
    if (suggestion.best)
        strbuf_printf(error, " (did you mean %s?)", suggestion.best);
    for (const struct word *word = words; word->name; word++, separator = ", ")
        strbuf_printf(error, "%s%s", separator, word->name);
    return -EINVAL;
}

int value_plan(const char *text, uint32_t *ret_plan, struct strbuf *error)
{
    static const struct word words[] = {{"fexit", PT_PLAN_FEXIT},
                                        {"kprobe", PT_PLAN_KPROBE},
                                        {"restricted", PT_PLAN_RESTRICTED},
                                        {0}};

    return value_word(text, "a plan", words, ret_plan, error);
}

int value_errno(const char *text, unsigned int limit, int *ret_error, struct strbuf *error)
{
    struct suggestion suggestion = suggest_start(text);
    int number = error_number(text);

    if (number > 0 && (unsigned int)number <= limit) {
        *ret_error = number;
        return 0;
    }
    for (unsigned int i = 1; i <= limit; i++)
        if (error_number(error_name((int)i)) == (int)i)
            suggest_consider(&suggestion, error_name((int)i));
    value_quote(error, text);
    strbuf_puts(error, " is not an error");
    if (suggestion.best)
        strbuf_printf(error, " (did you mean %s?)", suggestion.best);
    strbuf_printf(error, "; allowed: names such as EADDRINUSE or EACCES, or 1 to %u", limit);
    return -EINVAL;
}

int value_list(const char *text, value_item_fn *take, void *context, struct strbuf *error)
{
    char item[ITEM_MAX];
    size_t length;
    int result;

    for (;;) {
        length = strcspn(text, ",");
        if (!length || length >= sizeof(item)) {
            value_quote(error, text);
            strbuf_puts(error, length ? " is too long" : " holds an empty item");
            return -EINVAL;
        }
        memcpy(item, text, length);
        item[length] = '\0';
        result = take(context, item, error);
        if (result || !text[length])
            return result;
        text += length + 1;
    }
}
