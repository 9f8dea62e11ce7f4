/* Values as text: YAML in flow style, in block style, and without what is default. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "spec/schema.h"
#include "spec/value.h"

/* Words that YAML 1.1 readers take for a boolean or null: quoted, so that every reader sees a
 * text. */
static bool is_word_of_yaml(const char *text)
{
    static const char *const words[] = {"true", "false", "yes",  "no",  "on", "off",
                                        "y",    "n",     "null", "nan", "inf"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0) return true;
    return false;
}

static bool is_plain(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static const char more[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-";
    return *text && (strchr(letters, *text) || *text == '/') && text[strspn(text, more)] == 0 &&
           !is_word_of_yaml(text);
}

static void value_print_text(struct text *out, const char *text)
{
    if (is_plain(text))
        text_append(out, text);
    else
        text_json(out, text);
}

/* A comma between the items of a list. */
static struct text *with_gap(struct text *out, size_t before)
{
    text_append(out, before ? ", " : "");
    return out;
}

/* How a float is written. The canonical text, of which ids are made, has text_double for ever. */
typedef const char *number_form(double value, char out[32]);

/* The same double in a form that readers of YAML 1.1 take for a number too: they want a point in
 * it, and a sign in the exponent ("60.0" and "1.0e-05", not "6e1" and "1e-5"). As few digits as
 * read back as the same double; no exponent from 1e-4 to 1e16, as in Python. */
static const char *number_portable(double value, char out[32])
{
    int digits = 0;
    if (!isfinite(value) || value == 0) return text_double(value, out);
    do {
        snprintf(out, 32, "%.*e", digits, value);
    } while (strtod(out, NULL) != value && ++digits < 17);
    char *exponent = strchr(out, 'e');
    if (!exponent) return out; /* %e writes one */
    int power = (int)strtol(exponent + 1, NULL, 10);
    if (power >= -4 && power < 16)
        snprintf(out, 32, "%.*f", digits > power ? digits - power : 1, value);
    else if (digits == 0) { /* "1e-05" has no point */
        memmove(exponent + 2, exponent, strlen(exponent) + 1);
        memcpy(exponent, ".0", 2);
    }
    return out;
}

static void print_flow(struct text *out, const struct value *value, number_form *number);

static void print_list(struct text *out, const struct value *value, number_form *number)
{
    text_append(out, "[");
    for (size_t i = 0; i < value->list.count; i++)
        print_flow(with_gap(out, i), value->list.items[i], number);
    text_append(out, "]");
}

static void print_map(struct text *out, const struct value *value, number_form *number)
{
    text_append(out, "{");
    for (size_t i = 0; i < value->map.count; i++) {
        value_print_text(with_gap(out, i), value->map.members[i].key);
        text_append(out, ": ");
        print_flow(out, value->map.members[i].value, number);
    }
    text_append(out, "}");
}

static bool is_all(const struct value *value)
{
    return value->integer == VALUE_ALL && value->row && value->row->type == SCHEMA_COUNT;
}

static void print_integer(struct text *out, const struct value *value)
{
    char digits[32];
    if (is_all(value))
        text_append(out, "all");
    else if (value->epochs > 0)
        text_format(out, "%s epoch%s", text_given(value->epochs, digits),
                    value->epochs == 1 ? "" : "s");
    else
        text_format(out, "%lld", (long long)value->integer);
}

static void print_flow(struct text *out, const struct value *value, number_form *number)
{
    char digits[32];
    switch (value->kind) {
    case VALUE_NONE:
        text_append(out, "null");
        break;
    case VALUE_BOOL:
        text_append(out, value->boolean ? "true" : "false");
        break;
    case VALUE_INTEGER:
        print_integer(out, value);
        break;
    case VALUE_FLOAT:
        text_append(out, number(value->number, digits));
        break;
    case VALUE_TEXT:
        value_print_text(out, value->text);
        break;
    case VALUE_LIST:
        print_list(out, value, number);
        break;
    case VALUE_MAP:
        print_map(out, value, number);
        break;
    }
}

void value_print(struct text *out, const struct value *value)
{
    print_flow(out, value, text_double);
}

static bool is_variant(const struct value *map)
{
    return map->row && map->row->type == SCHEMA_VARIANT;
}

/* Is member `i` shown in the short form: not a default, or the name of a variant? */
static bool tells(const struct value *map, size_t i)
{
    return (i == 0 && is_variant(map)) || !map->map.members[i].value->is_default;
}

static size_t count_telling(const struct value *map)
{
    size_t count = 0;
    for (size_t i = 0; i < map->map.count; i++) count += tells(map, i);
    return count;
}

static void short_map(struct text *out, const struct value *map)
{
    size_t shown = 0;
    text_append(out, "{");
    for (size_t i = 0; i < map->map.count; i++) {
        if (!tells(map, i)) continue;
        value_print_text(with_gap(out, shown++), map->map.members[i].key);
        text_append(out, ": ");
        value_print_short(out, map->map.members[i].value);
    }
    text_append(out, "}");
}

/* A layer of a sequence: its name alone, or "conv: {channels: 8}" (in a flow list a pair needs no
 * braces). */
void value_print_item(struct text *out, const struct value *item)
{
    if (item->kind != VALUE_MAP || item->map.count != 1) {
        value_print_short(out, item);
        return;
    }
    const struct value_member *only = &item->map.members[0];
    value_print_text(out, only->key);
    if (only->value->kind == VALUE_MAP && count_telling(only->value) == 0) return;
    text_append(out, ": ");
    value_print_short(out, only->value);
}

static void short_list(struct text *out, const struct value *list)
{
    text_append(out, "[");
    for (size_t i = 0; i < list->list.count; i++)
        value_print_item(with_gap(out, i), list->list.items[i]);
    text_append(out, "]");
}

void value_print_short(struct text *out, const struct value *value)
{
    char digits[32];
    if (value->kind == VALUE_LIST)
        short_list(out, value);
    else if (value->kind == VALUE_MAP && value->row && value->row->type == SCHEMA_ITEM)
        value_print_item(out, value);
    else if (value->kind == VALUE_FLOAT)
        text_append(out, text_given(value->number, digits));
    else if (value->kind == VALUE_MAP && is_variant(value) && count_telling(value) == 1)
        value_print_short(out, value->map.members[0].value);
    else if (value->kind == VALUE_MAP)
        short_map(out, value);
    else
        value_print(out, value);
}

void value_print_block(struct text *out, const struct value *value, int indent)
{
    if (value->kind != VALUE_MAP) {
        text_fill(out, ' ', (size_t)indent);
        print_flow(out, value, number_portable);
        text_append(out, "\n");
        return;
    }
    for (size_t i = 0; i < value->map.count; i++) {
        const struct value_member *entry = &value->map.members[i];
        text_fill(out, ' ', (size_t)indent);
        value_print_text(out, entry->key);
        text_append(out, ":");
        if (entry->value->kind == VALUE_MAP && entry->value->map.count > 0) {
            text_append(out, "\n");
            value_print_block(out, entry->value, indent + 2);
        } else {
            text_append(out, " ");
            print_flow(out, entry->value, number_portable);
            text_append(out, "\n");
        }
    }
}
