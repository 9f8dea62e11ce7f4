#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "spec/scalar.h"
#include "spec/spec.h"
#include "spec/walk.h"

/* An object or array in the making: knows whether a comma is due. */
struct json {
    struct text *out;
    bool is_first;
};

static struct json json_open(struct text *out, const char *bracket)
{
    text_append(out, bracket);
    return (struct json){.out = out, .is_first = true};
}

static void json_next(struct json *json)
{
    text_append(json->out, json->is_first ? "" : ",");
    json->is_first = false;
}

static void json_key(struct json *json, const char *key)
{
    json_next(json);
    text_json(json->out, key);
    text_append(json->out, ":");
}

static void json_text(struct json *json, const char *key, const char *value)
{
    json_key(json, key);
    text_json(json->out, value);
}

static void json_raw(struct json *json, const char *key, const char *value)
{
    json_key(json, key);
    text_append(json->out, value);
}

static void json_schema_number(struct json *json, const char *key, double value)
{
    json_key(json, key);
    text_json_number(json->out, value);
}

static void json_schema_put_names(struct json *json, const char *key,
                                  const struct registry *registry)
{
    json_key(json, key);
    struct json names = json_open(json->out, "[");
    for (const struct entry *const *entry = registry->entries; *entry; entry++) {
        json_next(&names);
        text_json(json->out, (*entry)->name);
    }
    text_append(json->out, "]");
}

static void put_description(struct json *json, const struct schema_row *row)
{
    struct text text = {0};
    text_append(&text, row->doc ? row->doc : "");
    if (row->unit && strcmp(row->unit, "1") != 0) text_format(&text, " Unit: %s.", row->unit);
    if (row->fallback && *row->fallback) text_format(&text, " Default: %s.", row->fallback);
    if (row->source) text_format(&text, " Source: %s.", row->source);
    json_text(json, "description", text_data(&text));
    if (text.failed) json->out->failed = true;
    text_free(&text);
}

static void json_schema_put_default(struct json *json, const struct schema_row *row)
{
    if (!row->fallback) return;
    bool is_literal =
        row->type == SCHEMA_BOOLEAN || row->type == SCHEMA_INTEGER || row->type == SCHEMA_FLOAT;
    int64_t integer = 0;
    char hint[160], *end = NULL;
    if (row->type == SCHEMA_FLOAT)
        json_schema_number(json, "default", strtod(row->fallback, &end));
    else if (is_literal)
        json_raw(json, "default", row->fallback);
    else if (row->type == SCHEMA_COUNT &&
             scalar_integer(row->fallback, &integer, hint, sizeof hint))
        json_raw(json, "default", row->fallback);
    else if (*row->fallback != '[' && *row->fallback != '{')
        json_text(json, "default", row->fallback);
}

static void json_schema_put_range(struct json *json, const struct schema_row *row)
{
    bool is_stated = row->minimum != 0 || row->maximum != 0;
    if (is_stated || row->flags & SCHEMA_OPEN_MINIMUM)
        json_schema_number(json, row->flags & SCHEMA_OPEN_MINIMUM ? "exclusiveMinimum" : "minimum",
                           row->minimum);
    if (is_stated && row->maximum >= row->minimum)
        json_schema_number(json, row->flags & SCHEMA_OPEN_MAXIMUM ? "exclusiveMaximum" : "maximum",
                           row->maximum);
}

static void put_number(struct json *json, const struct schema_row *row, const char *type)
{
    json_text(json, "type", type);
    json_schema_put_range(json, row);
}

static void put_count(struct json *json, const struct schema_row *row)
{
    json_raw(json, "anyOf", "[{\"const\":\"all\"},");
    struct json integer = json_open(json->out, "{");
    put_number(&integer, row, "integer");
    text_append(json->out, "}]");
}

static void put_list(struct json *json, const struct schema_row *row, const char *type)
{
    json_text(json, "type", "array");
    if (row->flags & SCHEMA_NOT_EMPTY) json_schema_number(json, "minItems", 1);
    json_key(json, "items");
    struct json item = json_open(json->out, "{");
    put_number(&item, row, type);
    text_append(json->out, "}");
}

static void put_choices(struct json *json, const struct schema_row *row)
{
    json_key(json, "enum");
    struct json choices = json_open(json->out, "[");
    const char *names[SCHEMA_CHOICES];
    size_t count = choice_names(row, names);
    for (size_t i = 0; i < count; i++) {
        json_next(&choices);
        text_json(json->out, names[i]);
    }
    text_append(json->out, "]");
}

static void put_schema(struct text *out, const struct schema_row *row);

/* The part behind the dot of a row as "seed.init", where `row` is "seed"; NULL for other rows. */
static const char *part_of(const struct schema_row *row, const struct schema_row *other)
{
    size_t length = strlen(row->key);
    return strncmp(other->key, row->key, length) == 0 && other->key[length] == '.'
               ? other->key + length + 1
               : NULL;
}

/* A row that others refine: a value, or a block of theirs with `all` for its own. */
static void put_with_parts(struct text *out, const struct schema_row *rows,
                           const struct schema_row *row)
{
    text_append(out, "{");
    struct json json = {.out = out, .is_first = true};
    if (row->doc) json_text(&json, "description", row->doc);
    json_key(&json, "anyOf");
    text_append(out, "[");
    put_schema(out, row);
    text_append(out, ",{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
    struct json parts = {.out = out, .is_first = true};
    json_key(&parts, "all");
    put_schema(out, row);
    for (const struct schema_row *other = rows; other->key; other++) {
        if (!part_of(row, other)) continue;
        json_key(&parts, part_of(row, other));
        put_schema(out, other);
    }
    text_append(out, "}}]}");
}

static void json_schema_put_rows(struct json *properties, const struct schema_row *rows)
{
    for (const struct schema_row *row = rows; row && row->key; row++) {
        if (strchr(row->key, '.')) continue; /* a part of another row */
        json_key(properties, row->key);
        bool has_parts = false;
        for (const struct schema_row *other = rows; other->key; other++)
            has_parts = has_parts || part_of(row, other);
        if (has_parts)
            put_with_parts(properties->out, rows, row);
        else
            put_schema(properties->out, row);
    }
}

/* Only what no sweep can give instead. */
static void put_required(struct json *json, const struct schema_row *rows)
{
    json_key(json, "required");
    struct json names = json_open(json->out, "[");
    for (const struct schema_row *row = rows; row && row->key; row++) {
        if (!(row->flags & SCHEMA_REQUIRED) || !(row->flags & SCHEMA_FIXED)) continue;
        json_next(&names);
        text_json(json->out, row->key);
    }
    text_append(json->out, "]");
}

/* The required keys of the root: there, or in a base, or (those that can be swept) under `sweep`.
 */
static void put_required_or_given(struct json *root, const struct schema_row *rows)
{
    json_key(root, "allOf");
    struct json all = json_open(root->out, "[");
    for (const struct schema_row *row = rows; row->key; row++) {
        if (!(row->flags & SCHEMA_REQUIRED)) continue;
        json_next(&all);
        text_append(root->out, "{\"anyOf\":[{\"required\":[");
        text_json(root->out, row->key);
        text_append(root->out, "]},{\"required\":[\"base\"]}");
        text_append(root->out, row->flags & SCHEMA_FIXED ? "]}" : ",{\"required\":[\"sweep\"]}]}");
    }
    json_next(&all); /* "seed: 3" or "seed: {all: 3}" beside "seeds" */
    text_append(root->out, "{\"not\":{\"required\":[\"seed\",\"seeds\"],\"properties\":{\"seed\":{"
                           "\"anyOf\":[{\"type\":\"integer\"},"
                           "{\"type\":\"object\",\"required\":[\"all\"]}]}}}}");
    text_append(root->out, "]");
}

static void put_properties(struct json *json, const struct schema_row *rows,
                           const char *discriminator)
{
    json_raw(json, "additionalProperties", "false");
    json_key(json, "properties");
    struct json properties = json_open(json->out, "{");
    if (discriminator) json_raw(&properties, discriminator, "{}");
    json_schema_put_rows(&properties, rows);
    text_append(json->out, "}");
    put_required(json, rows);
}

/* if the name is this entry's (or is missing and this entry is the default) then these keys */
static void put_branch(struct json *branches, const struct schema_row *row,
                       const struct entry *entry)
{
    json_next(branches);
    struct json branch = json_open(branches->out, "{");
    bool is_default = row->fallback && strcmp(row->fallback, entry->name) == 0;
    json_raw(&branch, "if", "{\"properties\":{");
    text_json(branches->out, row->discriminator);
    text_append(branches->out, ":{\"const\":");
    text_json(branches->out, entry->name);
    text_append(branches->out, "}}");
    if (!is_default) {
        text_append(branches->out, ",\"required\":[");
        text_json(branches->out, row->discriminator);
        text_append(branches->out, "]");
    }
    text_append(branches->out, "}");
    json_key(&branch, "then");
    struct json then = json_open(branches->out, "{");
    if (entry->doc) json_text(&then, "description", entry->doc);
    put_properties(&then, entry->parameters, row->discriminator);
    text_append(branches->out, "}}");
}

static bool needs_name_only(const struct entry *entry)
{
    for (const struct schema_row *row = entry->parameters; row && row->key; row++)
        if (row->flags & SCHEMA_REQUIRED) return false;
    return true;
}

static void put_variant(struct json *json, const struct schema_row *row)
{
    json_key(json, "anyOf");
    struct json forms = json_open(json->out, "[");
    json_next(&forms);
    struct json name = json_open(json->out, "{");
    json_key(&name, "enum");
    struct json names = json_open(json->out, "[");
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++) {
        if (!needs_name_only(*entry)) continue;
        json_next(&names);
        text_json(json->out, (*entry)->name);
    }
    text_append(json->out, "]}");
    json_next(&forms);
    struct json block = json_open(json->out, "{");
    json_text(&block, "type", "object");
    json_raw(&block, "properties", "{");
    text_json(json->out, row->discriminator);
    text_append(json->out, ":{");
    struct json values = {.out = json->out, .is_first = true};
    json_schema_put_names(&values, "enum", row->registry);
    text_append(json->out, "}}");
    json_key(&block, "allOf");
    struct json branches = json_open(json->out, "[");
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++)
        put_branch(&branches, row, *entry);
    text_append(json->out, "]}]");
}

static void json_schema_put_entry(struct text *out, const struct entry *entry)
{
    struct json block = json_open(out, "{");
    json_raw(&block, "type", "[\"object\",\"null\"]");
    struct text doc = {0};
    text_format(&doc, "%s%s%s%s", entry->doc ? entry->doc : "", entry->source ? " Source: " : "",
                entry->source ? entry->source : "", entry->source ? "." : "");
    json_text(&block, "description", text_data(&doc));
    if (doc.failed) out->failed = true;
    text_free(&doc);
    put_properties(&block, entry->parameters, NULL);
    text_append(out, "}");
}

static void put_set(struct json *json, const struct schema_row *row)
{
    json_raw(json, "type", "[\"object\",\"null\"]");
    json_raw(json, "additionalProperties", "false");
    json_key(json, "properties");
    struct json properties = json_open(json->out, "{");
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++) {
        json_key(&properties, (*entry)->name);
        json_schema_put_entry(json->out, *entry);
    }
    text_append(json->out, "}");
}

static void put_pair(struct json *json, const struct schema_row *row)
{
    json_key(json, "anyOf");
    struct json forms = json_open(json->out, "[");
    json_next(&forms);
    struct json one = json_open(json->out, "{");
    put_number(&one, row, "integer");
    text_append(json->out, "}");
    json_next(&forms);
    struct json two = json_open(json->out, "{");
    put_list(&two, row, "integer");
    json_schema_number(&two, "minItems", 2);
    json_schema_number(&two, "maxItems", 2);
    text_append(json->out, "}");
    if (row->choices) {
        json_next(&forms);
        struct json word = json_open(json->out, "{");
        put_choices(&word, row);
        text_append(json->out, "}");
    }
    text_append(json->out, "]");
}

static void put_sequence(struct json *json, const struct schema_row *row)
{
    json_text(json, "type", "array");
    if (row->flags & SCHEMA_NOT_EMPTY) json_schema_number(json, "minItems", 1);
    json_raw(json, "items", "{\"anyOf\":[{\"enum\":");
    struct json names = json_open(json->out, "[");
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++) {
        if (!needs_name_only(*entry)) continue;
        json_next(&names);
        text_json(json->out, (*entry)->name);
    }
    text_append(json->out, "]},{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":1,"
                           "\"additionalProperties\":false,\"properties\":");
    struct json properties = json_open(json->out, "{");
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++) {
        json_key(&properties, (*entry)->name);
        json_schema_put_entry(json->out, *entry);
    }
    text_append(json->out, "}}]}");
}

static void put_text(struct json *json, const struct schema_row *row)
{
    json_raw(json, "type",
             "[\"string\",\"number\",\"boolean\"]"); /* `study: 2026` is a name too, and no schema
                                                        sees its quotes */
    if (row->type == SCHEMA_NAME) json_text(json, "pattern", "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$");
    if (row->type == SCHEMA_TEXT && row->maximum > 0) {
        json_schema_number(json, "minLength", row->minimum);
        json_schema_number(json, "maxLength", row->maximum);
    }
}

static void put_schema(struct text *out, const struct schema_row *row)
{
    struct json json = json_open(out, "{");
    switch (row->type) {
    case SCHEMA_BOOLEAN:
        json_text(&json, "type", "boolean");
        break;
    case SCHEMA_INTEGER:
        put_number(&json, row, "integer");
        break;
    case SCHEMA_FLOAT:
        put_number(&json, row, "number");
        break;
    case SCHEMA_TEXT:
    case SCHEMA_NAME:
    case SCHEMA_PATH:
        put_text(&json, row);
        break;
    case SCHEMA_CHOICE:
        put_choices(&json, row);
        break;
    case SCHEMA_COUNT:
        put_count(&json, row);
        break;
    case SCHEMA_INTEGERS:
        put_list(&json, row, "integer");
        break;
    case SCHEMA_NUMBERS:
        put_list(&json, row, "number");
        break;
    case SCHEMA_PAIR:
        put_pair(&json, row);
        break;
    case SCHEMA_SEQUENCE:
        put_sequence(&json, row);
        break;
    case SCHEMA_TABLE:
        json_raw(&json, "type", "[\"object\",\"null\"]");
        put_properties(&json, row->table, NULL);
        break;
    case SCHEMA_VARIANT:
        put_variant(&json, row);
        break;
    case SCHEMA_SET:
        put_set(&json, row);
        break;
    }
    put_description(&json, row);
    json_schema_put_default(&json, row);
    text_append(out, "}");
}

/* ---- the paths that a spec can name ---- */

struct path {
    char text[PLACE_TEXT];
    const struct schema_row *row;
    const struct entry *entry;
};

struct paths {
    struct path *items;
    size_t count, capacity;
    bool failed;
};

static void json_schema_collect(void *context, const char *path, const struct schema_row *row,
                                const struct entry *entry)
{
    struct paths *paths = context;
    if (paths->count == paths->capacity && !paths->failed) {
        size_t capacity = paths->capacity ? 2 * paths->capacity : 128;
        struct path *items =
            memory_grow(paths->items, paths->count * sizeof *items, capacity * sizeof *items);
        paths->failed = !items;
        if (items) paths->items = items;
        if (items) paths->capacity = capacity;
    }
    if (paths->failed) return;
    struct path *item = &paths->items[paths->count++];
    *item = (struct path){.row = row, .entry = entry};
    size_t length = strnlen(path, PLACE_TEXT - 1);
    memcpy(item->text, path, length);
}

static bool is_fixed(const struct paths *paths, size_t which)
{
    const char *path = paths->items[which].text;
    for (size_t i = 0; i <= which; i++) {
        size_t length = strlen(paths->items[i].text);
        bool is_around = strncmp(path, paths->items[i].text, length) == 0 &&
                         (path[length] == '.' || !path[length]);
        if (is_around && paths->items[i].row->flags & SCHEMA_FIXED) return true;
    }
    return strcmp(path, "seed") == 0;
}

static bool json_schema_is_repeated(const struct paths *paths, size_t which)
{
    for (size_t i = 0; i < which; i++)
        if (strcmp(paths->items[i].text, paths->items[which].text) == 0) return true;
    return false;
}

/* ---- sweeps: definitions of what each path may be, referred to wherever a path can stand ---- */

static bool takes_numbers(const struct schema_row *row)
{
    return row->type == SCHEMA_INTEGER || row->type == SCHEMA_FLOAT || row->type == SCHEMA_COUNT;
}

static void put_value(struct json *definitions, const struct paths *paths, size_t which)
{
    struct text *out = definitions->out;
    json_key(definitions, paths->items[which].text);
    text_append(out, "{\"anyOf\":[");
    struct json forms = {.out = out, .is_first = true};
    for (size_t i = which; i < paths->count; i++) {
        const struct path *path = &paths->items[i];
        const char *last = strrchr(path->text, '.');
        if (strcmp(path->text, paths->items[which].text) != 0) continue;
        json_next(&forms);
        bool is_entry = path->row->type == SCHEMA_SET && path->entry && last &&
                        strcmp(last + 1, path->entry->name) == 0;
        if (is_entry)
            json_schema_put_entry(out, path->entry);
        else
            put_schema(out, path->row);
    }
    text_append(out, "]}");
}

static void name_key(const struct path *path, char key[2 * PLACE_TEXT])
{
    snprintf(key, 2 * PLACE_TEXT, "%s.%s", path->text, path->row->discriminator);
}

static void put_name_value(struct json *definitions, const struct path *path)
{
    char key[2 * PLACE_TEXT];
    name_key(path, key);
    json_key(definitions, key);
    struct json names = json_open(definitions->out, "{");
    json_schema_put_names(&names, "enum", path->row->registry);
    text_append(definitions->out, "}");
}

/* %s is a reference to the definition of the path's values. */
static const char axis_of_values[] = "{\"type\":\"array\",\"minItems\":1,\"items\":%s}";
static const char axis_of_numbers[] =
    "{\"anyOf\":[{\"type\":\"array\",\"minItems\":1,\"items\":{\"anyOf\":[%s,"
    "{\"$ref\":\"#/definitions/sweep: numbers\"}]}},{\"$ref\":\"#/definitions/sweep: numbers\"}]}";
static const char point_value[] = "%s";
static const char draw_of_values[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"choice\"],\"properties\":"
    "{\"choice\":{\"type\":\"array\",\"minItems\":1,\"items\":%s}}}";
static const char draw_of_numbers[] =
    "{\"anyOf\":[{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"choice\"],"
    "\"properties\":{\"choice\":"
    "{\"type\":\"array\",\"minItems\":1,\"items\":%s}}},{\"$ref\":\"#/definitions/sweep: draw\"}]}";
static const char condition_of_values[] =
    "{\"anyOf\":[%s,{\"type\":\"array\",\"minItems\":1,\"items\":%s},"
    "{\"$ref\":\"#/definitions/sweep: comparison\"}]}";

/* A block whose keys are paths: `numeric` is the form for paths that take numbers, `plain` that for
 * others. */
static void put_paths(struct json *definitions, const struct paths *paths, const char *name,
                      const char *plain, const char *numeric, const char *more, bool conditions)
{
    struct text *out = definitions->out;
    char key[2 * PLACE_TEXT], reference[3 * PLACE_TEXT];
    json_key(definitions, name);
    text_append(out,
                *more ? "{\"required\":[\"n\"],\"minProperties\":2," : "{\"minProperties\":1,");
    text_append(out, "\"type\":\"object\",\"additionalProperties\":false,\"properties\":");
    struct json properties = json_open(out, "{");
    if (*more) {
        json_next(&properties);
        text_append(out, more);
    }
    for (size_t i = 0; i < paths->count; i++) {
        if ((!conditions && is_fixed(paths, i)) || json_schema_is_repeated(paths, i)) continue;
        for (int named = 0; named < 1 + (paths->items[i].row->type == SCHEMA_VARIANT); named++) {
            if (named)
                name_key(&paths->items[i], key);
            else
                snprintf(key, sizeof key, "%s", paths->items[i].text);
            snprintf(reference, sizeof reference, "{\"$ref\":\"#/definitions/%s\"}", key);
            json_key(&properties, key);
            const char *form = !named && takes_numbers(paths->items[i].row) ? numeric : plain;
            for (const char *at = form; *at; at++) {
                if (at[0] == '%')
                    text_append(out, reference), at++;
                else
                    text_append_n(out, at, 1);
            }
        }
    }
    text_append(out, "}}");
}

static const char sweep_keys[] =
    "\"grid\":{\"description\":\"Dotted paths with lists of values; the runs are all their "
    "combinations.\","
    "\"allOf\":[{\"$ref\":\"#/definitions/sweep: axes\"}]},"
    "\"zip\":{\"description\":\"Dotted paths with lists of equal length, taken side by "
    "side.\",\"anyOf\":["
    "{\"$ref\":\"#/definitions/sweep: "
    "axes\"},{\"type\":\"array\",\"minItems\":1,\"items\":{\"$ref\":\"#/definitions/sweep: "
    "axes\"}}]},"
    "\"random\":{\"description\":\"n points, drawn from a distribution for each dotted "
    "path.\",\"anyOf\":["
    "{\"$ref\":\"#/definitions/sweep: "
    "draws\"},{\"type\":\"array\",\"minItems\":1,\"items\":{\"$ref\":\"#/definitions/sweep: "
    "draws\"}}]},"
    "\"list\":{\"description\":\"Points that are written out.\",\"type\":\"array\",\"minItems\":1,"
    "\"items\":{\"$ref\":\"#/definitions/sweep: point\"}},"
    "\"union\":{\"description\":\"All runs of several sweeps.\",\"type\":\"array\",\"minItems\":1,"
    "\"items\":{\"$ref\":\"#/definitions/sweep: inner\"}}";

static const char one_of_these[] = "{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":1,"
                                   "\"additionalProperties\":false,\"properties\":{";

static void put_forms(struct json *definitions)
{
    static const char number[] = "{\"type\":\"number\"}", integer[] = "{\"type\":\"integer\"}",
                      positive[] = "{\"type\":\"number\",\"exclusiveMinimum\":0}",
                      count[] = "{\"type\":\"integer\",\"minimum\":1}",
                      step[] = "{\"type\":\"number\",\"not\":{\"const\":0}}";
    static const char two[] =
        "{\"type\":\"array\",\"minItems\":2,\"maxItems\":2,\"items\":[%s,%s]}";
    static const char three[] =
        "{\"type\":\"array\",\"minItems\":3,\"maxItems\":3,\"items\":[%s,%s,%s]}";
    static const struct {
        const char *name, *items[3];
    } numbers[] = {{"linspace", {number, number, count}},
                   {"logspace", {positive, positive, count}},
                   {"range", {number, number, step}}},
      draws[] = {{"uniform", {number, number}},
                 {"log_uniform", {positive, positive}},
                 {"int_uniform", {integer, integer}},
                 {"normal", {number, positive}}};
    struct text *out = definitions->out;
    json_key(definitions, "sweep: numbers");
    text_append(out, one_of_these);
    struct json forms = {.out = out, .is_first = true};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        json_key(&forms, numbers[i].name);
        text_format(out, three, numbers[i].items[0], numbers[i].items[1], numbers[i].items[2]);
    }
    text_append(out, "}}");
    json_key(definitions, "sweep: draw");
    text_append(out, one_of_these);
    forms = (struct json){.out = out, .is_first = true};
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++) {
        json_key(&forms, draws[i].name);
        text_format(out, two, draws[i].items[0], draws[i].items[1]);
    }
    text_append(out, "}}");
    json_raw(
        definitions, "sweep: comparison",
        "{\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":false,\"properties\":"
        "{\"not\":{},\"above\":{\"type\":\"number\"},\"below\":{\"type\":\"number\"},\"at_least\":{"
        "\"type\":\"number\"},"
        "\"at_most\":{\"type\":\"number\"}}}");
    json_key(definitions, "sweep: inner");
    text_format(out, "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{%s}}",
                sweep_keys);
}

static void put_definitions(struct json *root, const struct schema_row *schema)
{
    struct text *out = root->out;
    struct paths paths = {0};
    schema_walk(schema, json_schema_collect, &paths);
    json_key(root, "definitions");
    struct json definitions = json_open(out, "{");
    for (size_t i = 0; i < paths.count; i++) {
        if (json_schema_is_repeated(&paths, i)) continue;
        put_value(&definitions, &paths, i);
        if (paths.items[i].row->type == SCHEMA_VARIANT)
            put_name_value(&definitions, &paths.items[i]);
    }
    put_paths(&definitions, &paths, "sweep: axes", axis_of_values, axis_of_numbers, "", false);
    put_paths(&definitions, &paths, "sweep: point", point_value, point_value, "", false);
    put_paths(
        &definitions, &paths, "sweep: draws", draw_of_values, draw_of_numbers,
        "\"n\":{\"type\":\"integer\",\"minimum\":1},\"seed\":{\"type\":\"integer\",\"minimum\":0}",
        false);
    put_paths(&definitions, &paths, "sweep: conditions", condition_of_values, condition_of_values,
              "", true);
    put_forms(&definitions);
    text_append(out, "}");
    if (paths.failed) out->failed = true;
    memory_free(paths.items);
}

static void put_sweep(struct json *properties)
{
    json_key(properties, "sweep");
    text_format(
        properties->out,
        "{\"type\":[\"object\",\"null\"],\"additionalProperties\":false,\"description\":\"What "
        "varies over the runs; nothing drops the sweep of a base.\",\"properties\":{%s,"
        "\"exclude\":{\"description\":\"Combinations that are left "
        "out.\",\"anyOf\":[{\"$ref\":\"#/definitions/sweep: conditions\"},"
        "{\"type\":\"array\",\"minItems\":1,\"items\":{\"$ref\":\"#/definitions/sweep: "
        "conditions\"}}]},"
        "\"when\":{\"description\":\"Swept paths that exist only under a "
        "condition.\",\"type\":\"object\",\"minProperties\":1,"
        "\"additionalProperties\":{\"$ref\":\"#/definitions/sweep: conditions\"}},"
        "\"names\":{\"description\":\"What swept paths are called in tables and "
        "plots.\",\"type\":\"object\",\"minProperties\":1,"
        "\"additionalProperties\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9_-][A-Za-z0-9._-]{"
        "0,63}$\"}}}}",
        sweep_keys);
}

static void put_base(struct json *properties)
{
    json_raw(properties, "base",
             "{\"description\":\"A spec that this one builds on, or a list of them (later ones "
             "win); paths relative to this file.\","
             "\"anyOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"minItems\":1,\"items\":{"
             "\"type\":\"string\"}}]}");
}

static void put_seeds(struct json *properties)
{
    json_raw(properties, "seeds",
             "{\"description\":\"How many seeds (0, 1, ...), or a list of "
             "them.\",\"anyOf\":[{\"type\":\"integer\","
             "\"minimum\":1},{\"type\":\"array\",\"minItems\":1,\"uniqueItems\":true,"
             "\"items\":{\"type\":\"integer\",\"minimum\":0}}]}");
}

basin_status schema_json(const struct schema_row *schema, struct text *out)
{
    struct json root = json_open(out, "{");
    json_text(&root, "$schema", "http://json-schema.org/draft-07/schema#");
    json_text(&root, "title", "Basin study");
    json_text(&root, "type", "object");
    json_raw(&root, "additionalProperties", "false");
    json_key(&root, "properties");
    struct json properties = json_open(out, "{");
    json_schema_put_rows(&properties, schema);
    put_base(&properties);
    put_sweep(&properties);
    put_seeds(&properties);
    text_append(out, "}");
    put_definitions(&root, schema);
    put_required_or_given(&root, schema);
    text_append(out, "}\n");
    return text_status(out);
}
