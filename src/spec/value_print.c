/* Values as text: YAML in flow style, in block style, and without what is default. */
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

static void print_list(struct text *out, const struct value *value)
{
    text_append(out, "[");
    for (size_t i = 0; i < value->list.count; i++) {
        value_print(with_gap(out, i), value->list.items[i]);
    }
    text_append(out, "]");
}

static void print_map(struct text *out, const struct value *value)
{
    text_append(out, "{");
    for (size_t i = 0; i < value->map.count; i++) {
        value_print_text(with_gap(out, i), value->map.members[i].key);
        text_append(out, ": ");
        value_print(out, value->map.members[i].value);
    }
    text_append(out, "}");
}

static bool is_all(const struct value *value)
{
    return value->integer == VALUE_ALL && value->row && value->row->type == SCHEMA_COUNT;
}

void value_print(struct text *out, const struct value *value)
{
    char digits[32];
    switch (value->kind) {
    case VALUE_BOOL:
        text_append(out, value->boolean ? "true" : "false");
        break;
    case VALUE_INTEGER:
        if (is_all(value))
            text_append(out, "all");
        else
            text_format(out, "%lld", (long long)value->integer);
        break;
    case VALUE_FLOAT:
        text_append(out, text_double(value->number, digits));
        break;
    case VALUE_TEXT:
        value_print_text(out, value->text);
        break;
    case VALUE_LIST:
        print_list(out, value);
        break;
    case VALUE_MAP:
        print_map(out, value);
        break;
    }
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
static void short_item(struct text *out, const struct value *item)
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
    for (size_t i = 0; i < list->list.count; i++) short_item(with_gap(out, i), list->list.items[i]);
    text_append(out, "]");
}

void value_print_short(struct text *out, const struct value *value)
{
    char digits[32];
    if (value->kind == VALUE_LIST)
        short_list(out, value);
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
        value_print(out, value);
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
            value_print(out, entry->value);
            text_append(out, "\n");
        }
    }
}
