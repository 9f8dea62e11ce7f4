#include "spec/json_sweep.h"

#include <stdio.h>
#include <string.h>
#include "base/list.h"
#include "spec/complain.h"
#include "spec/walk.h"

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
    if (!paths->failed)
        paths->failed = !list_room(NULL, paths->items, paths->count, 1, paths->capacity);
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

static void put_value(struct json_writer *definitions, const struct paths *paths, size_t which)
{
    struct text *out = definitions->out;
    json_schema_key(definitions, paths->items[which].text);
    text_append(out, "{\"anyOf\":[");
    struct json_writer forms = {.out = out, .is_first = true};
    for (size_t i = which; i < paths->count; i++) {
        const struct path *path = &paths->items[i];
        const char *last = strrchr(path->text, '.');
        if (strcmp(path->text, paths->items[which].text) != 0) continue;
        json_schema_next(&forms);
        bool is_entry = path->row->type == SCHEMA_SET && path->entry && last &&
                        strcmp(last + 1, path->entry->name) == 0;
        if (is_entry)
            json_schema_entry(out, path->entry);
        else
            json_schema_row(out, path->row);
    }
    text_append(out, "]}");
}

static void name_key(const struct path *path, char key[2 * PLACE_TEXT])
{
    snprintf(key, 2 * PLACE_TEXT, "%s.%s", path->text, path->row->discriminator);
}

static void put_name_value(struct json_writer *definitions, const struct path *path)
{
    char key[2 * PLACE_TEXT];
    name_key(path, key);
    json_schema_key(definitions, key);
    struct json_writer names = json_schema_open(definitions->out, "{");
    json_schema_names(&names, "enum", path->row->registry);
    text_append(definitions->out, "}");
}

/* %s is a reference to the definition of the path's values. */
static const char axis_of_values[] = "{\"type\":[\"array\",\"null\"],\"minItems\":1,\"items\":%s}";
static const char axis_of_numbers[] =
    "{\"anyOf\":[{\"type\":[\"array\",\"null\"],\"minItems\":1,\"items\":{\"anyOf\":[%s,"
    "{\"$ref\":\"#/definitions/sweep: numbers\"}]}},{\"$ref\":\"#/definitions/sweep: numbers\"}]}";
static const char point_value[] = "%s";
static const char draw_of_values[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"choice\"],\"properties\":"
    "{\"choice\":{\"type\":\"array\",\"minItems\":1,\"items\":%s},"
    "\"replace\":{\"type\":\"boolean\"}}}";
static const char draw_of_numbers[] =
    "{\"anyOf\":[{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"choice\"],"
    "\"properties\":{\"choice\":"
    "{\"type\":\"array\",\"minItems\":1,\"items\":%s},\"replace\":{\"type\":\"boolean\"}}},"
    "{\"$ref\":\"#/definitions/sweep: draw\"}]}";
static const char condition_of_values[] =
    "{\"anyOf\":[%s,{\"type\":\"array\",\"minItems\":1,\"items\":%s},"
    "{\"$ref\":\"#/definitions/sweep: comparison\"}]}";

/* "^(architecture\\.hidden|...)\\.[0-9]+", the items of lists and what is below them: which of them
 * a list has, and what each may be, no schema knows. */
static void put_item_pattern(const struct paths *paths, struct text *out)
{
    bool first = true;
    text_append(out, "\"^(");
    for (size_t i = 0; i < paths->count; i++) {
        const struct schema_row *row = paths->items[i].row;
        bool is_list = row_lists_scalars(row) || row->type == SCHEMA_SEQUENCE;
        if (!is_list || json_schema_is_repeated(paths, i)) continue;
        text_append(out, first ? "" : "|");
        first = false;
        for (const char *at = paths->items[i].text; *at; at++)
            text_append_n(out, *at == '.' ? "\\\\." : at, *at == '.' ? 3 : 1);
    }
    text_append(out, ")\\\\.(0|[1-9][0-9]*)(\\\\.[a-z_]+)*$\"");
}

/* A block whose keys are paths: `numeric` is the form for paths that take numbers, `plain` that for
 * others. */
static void put_paths(struct json_writer *definitions, const struct paths *paths, const char *name,
                      const char *plain, const char *numeric, const char *more, bool conditions)
{
    struct text *out = definitions->out;
    char key[2 * PLACE_TEXT], reference[3 * PLACE_TEXT];
    json_schema_key(definitions, name);
    text_append(out,
                *more ? "{\"required\":[\"n\"],\"minProperties\":2," : "{\"minProperties\":1,");
    text_append(out, "\"type\":\"object\",\"additionalProperties\":false,\"properties\":");
    struct json_writer properties = json_schema_open(out, "{");
    if (*more) {
        json_schema_next(&properties);
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
            json_schema_key(&properties, key);
            const char *form = !named && takes_numbers(paths->items[i].row) ? numeric : plain;
            for (const char *at = form; *at; at++) {
                if (at[0] == '%')
                    text_append(out, reference), at++;
                else
                    text_append_n(out, at, 1);
            }
        }
    }
    text_append(out, "},\"patternProperties\":{");
    put_item_pattern(paths, out);
    text_append(out, ":{}}}");
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

static void put_forms(struct json_writer *definitions)
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
    json_schema_key(definitions, "sweep: numbers");
    text_append(out, one_of_these);
    struct json_writer forms = {.out = out, .is_first = true};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        json_schema_key(&forms, numbers[i].name);
        text_format(out, three, numbers[i].items[0], numbers[i].items[1], numbers[i].items[2]);
    }
    text_append(out, "}}");
    json_schema_key(definitions, "sweep: draw");
    text_append(out, one_of_these);
    forms = (struct json_writer){.out = out, .is_first = true};
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++) {
        json_schema_key(&forms, draws[i].name);
        text_format(out, two, draws[i].items[0], draws[i].items[1]);
    }
    text_append(out, "}}");
#define NUMBER "{\"type\":[\"number\",\"string\"],\"pattern\":\"^[0-9.eE+-]+ epochs?$\"}"
    json_schema_raw(
        definitions, "sweep: comparison",
        "{\"type\":\"object\",\"minProperties\":1,\"additionalProperties\":false,\"properties\":"
        "{\"not\":{},\"above\":" NUMBER ",\"below\":" NUMBER ",\"at_least\":" NUMBER
        ",\"at_most\":" NUMBER "}}");
#undef NUMBER
    json_schema_key(definitions, "sweep: inner");
    text_format(out, "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{%s}}",
                sweep_keys);
}

void json_schema_definitions(struct json_writer *root, const struct schema_row *schema)
{
    struct text *out = root->out;
    struct paths paths = {0};
    schema_walk(schema, json_schema_collect, &paths);
    json_schema_key(root, "definitions");
    struct json_writer definitions = json_schema_open(out, "{");
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
        "\"n\":{\"type\":\"integer\",\"minimum\":1},\"seed\":{\"type\":\"integer\",\"minimum\":0},"
        "\"after_exclude\":{\"type\":\"boolean\"}",
        false);
    put_paths(&definitions, &paths, "sweep: conditions", condition_of_values, condition_of_values,
              "", true);
    put_forms(&definitions);
    text_append(out, "}");
    if (paths.failed) out->failed = true;
    memory_free(paths.items);
}

void json_schema_sweep(struct json_writer *properties)
{
    json_schema_key(properties, "sweep");
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
        "\"additionalProperties\":{\"type\":[\"string\",\"number\",\"boolean\"],"
        "\"pattern\":\"^[A-Za-z0-9_-][A-Za-z0-9._-]{"
        "0,63}$\"}}}}",
        sweep_keys);
}
