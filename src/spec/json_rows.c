#include "spec/json_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "spec/member.h"
#include "spec/scalar.h"

struct json_writer json_schema_open(struct text *out, const char *bracket)
{
    text_append(out, bracket);
    return (struct json_writer){.out = out, .is_first = true};
}

void json_schema_next(struct json_writer *json)
{
    text_append(json->out, json->is_first ? "" : ",");
    json->is_first = false;
}

void json_schema_key(struct json_writer *json, const char *key)
{
    json_schema_next(json);
    text_json(json->out, key);
    text_append(json->out, ":");
}

void json_schema_text(struct json_writer *json, const char *key, const char *value)
{
    json_schema_key(json, key);
    text_json(json->out, value);
}

void json_schema_raw(struct json_writer *json, const char *key, const char *value)
{
    json_schema_key(json, key);
    text_append(json->out, value);
}

void json_schema_number(struct json_writer *json, const char *key, double value)
{
    json_schema_key(json, key);
    text_json_number(json->out, value);
}

void json_schema_names(struct json_writer *json, const char *key, const struct registry *registry)
{
    json_schema_key(json, key);
    struct json_writer names = json_schema_open(json->out, "[");
    for (const struct entry *const *entry = registry->entries; *entry; entry++) {
        json_schema_next(&names);
        text_json(json->out, (*entry)->name);
    }
    text_append(json->out, "]");
}

static void put_description(struct json_writer *json, const struct schema_row *row)
{
    struct text text = {0};
    text_append(&text, row->doc ? row->doc : "");
    if (row->unit && strcmp(row->unit, "1") != 0) text_format(&text, " Unit: %s.", row->unit);
    if (row->fallback && *row->fallback) text_format(&text, " Default: %s.", row->fallback);
    if (row->source) text_format(&text, " Source: %s.", row->source);
    json_schema_text(json, "description", text_data(&text));
    if (text.failed) json->out->failed = true;
    text_free(&text);
}

static void json_schema_put_default(struct json_writer *json, const struct schema_row *row)
{
    if (!row->fallback) return;
    bool is_literal =
        row->type == SCHEMA_BOOLEAN || row->type == SCHEMA_INTEGER || row->type == SCHEMA_FLOAT;
    int64_t integer = 0;
    char hint[160], *end = NULL;
    if (row->type == SCHEMA_FLOAT)
        json_schema_number(json, "default", strtod(row->fallback, &end));
    else if (is_literal)
        json_schema_raw(json, "default", row->fallback);
    else if (row->type == SCHEMA_COUNT &&
             scalar_integer(row->fallback, &integer, hint, sizeof hint))
        json_schema_raw(json, "default", row->fallback);
    else if (*row->fallback != '[' && *row->fallback != '{')
        json_schema_text(json, "default", row->fallback);
}

static void json_schema_put_range(struct json_writer *json, const struct schema_row *row)
{
    bool is_stated = row->minimum != 0 || row->maximum != 0;
    if (is_stated || row->flags & SCHEMA_OPEN_MINIMUM)
        json_schema_number(json, row->flags & SCHEMA_OPEN_MINIMUM ? "exclusiveMinimum" : "minimum",
                           row->minimum);
    if (is_stated && row->maximum >= row->minimum)
        json_schema_number(json, row->flags & SCHEMA_OPEN_MAXIMUM ? "exclusiveMaximum" : "maximum",
                           row->maximum);
}

static void put_bounded(struct json_writer *json, const struct schema_row *row, const char *type)
{
    json_schema_text(json, "type", type);
    json_schema_put_range(json, row);
}

/* null is the default of every row that has one. */
static bool takes_null(const struct schema_row *row)
{
    return !(row->flags & SCHEMA_REQUIRED);
}

/* "type": "integer", or ["integer","null"] */
static void put_type_of(struct json_writer *json, const struct schema_row *row, const char *type)
{
    json_schema_key(json, "type");
    text_format(json->out, takes_null(row) ? "[\"%s\",\"null\"]" : "\"%s\"", type);
}

/* The last form of an anyOf. */
static void put_null_form(struct json_writer *json, const struct schema_row *row)
{
    text_append(json->out, takes_null(row) ? ",{\"type\":\"null\"}]" : "]");
}

static void put_count(struct json_writer *json, const struct schema_row *row)
{
    json_schema_raw(json, "anyOf", "[{\"const\":\"all\"},");
    struct json_writer integer = json_schema_open(json->out, "{");
    put_bounded(&integer, row, "integer");
    text_append(json->out, "}");
    put_null_form(json, row);
}

static void put_items(struct json_writer *json, const struct schema_row *row, const char *type)
{
    if (row->flags & SCHEMA_NOT_EMPTY) json_schema_number(json, "minItems", 1);
    json_schema_key(json, "items");
    struct json_writer item = json_schema_open(json->out, "{");
    put_bounded(&item, row, type);
    text_append(json->out, "}");
}

static void put_list(struct json_writer *json, const struct schema_row *row, const char *type)
{
    put_type_of(json, row, "array");
    put_items(json, row, type);
}

static void put_choices(struct json_writer *json, const struct schema_row *row)
{
    json_schema_key(json, "enum");
    struct json_writer choices = json_schema_open(json->out, "[");
    const char *names[SCHEMA_CHOICES];
    size_t count = choice_names(row, names);
    for (size_t i = 0; i < count; i++) {
        json_schema_next(&choices);
        text_json(json->out, names[i]);
    }
    text_append(json->out, takes_null(row) ? ",null]" : "]");
}

/* The part behind the dot of a row as "seed.init", where `row` is "seed"; NULL for other rows. */
static const char *part_of(const struct schema_row *row, const struct schema_row *other)
{
    size_t length = strlen(row->key);
    return strncmp(other->key, row->key, length) == 0 && other->key[length] == '.'
               ? other->key + length + 1
               : NULL;
}

/* A row that others refine (`seed`): a value, or a block of the others with `all` for its own. */
static void put_with_parts(struct text *out, const struct schema_row *rows,
                           const struct schema_row *row)
{
    text_append(out, "{");
    struct json_writer json = {.out = out, .is_first = true};
    if (row->doc) json_schema_text(&json, "description", row->doc);
    json_schema_key(&json, "anyOf");
    text_append(out, "[");
    json_schema_row(out, row);
    text_append(out, ",{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
    struct json_writer parts = {.out = out, .is_first = true};
    json_schema_key(&parts, "all");
    json_schema_row(out, row);
    for (const struct schema_row *other = rows; other->key; other++) {
        if (!part_of(row, other)) continue;
        json_schema_key(&parts, part_of(row, other));
        json_schema_row(out, other);
    }
    text_append(out, "}}]}");
}

void json_schema_rows(struct json_writer *properties, const struct schema_row *rows)
{
    for (const struct schema_row *row = rows; row && row->key; row++) {
        if (strchr(row->key, '.')) continue; /* a part of another row */
        json_schema_key(properties, row->key);
        bool has_parts = false;
        for (const struct schema_row *other = rows; other->key; other++)
            has_parts = has_parts || part_of(row, other);
        if (has_parts)
            put_with_parts(properties->out, rows, row);
        else
            json_schema_row(properties->out, row);
    }
}

/* Only keys that no sweep can give instead. */
static void put_required(struct json_writer *json, const struct schema_row *rows)
{
    json_schema_key(json, "required");
    struct json_writer names = json_schema_open(json->out, "[");
    for (const struct schema_row *row = rows; row && row->key; row++) {
        if (!(row->flags & SCHEMA_REQUIRED) || !(row->flags & SCHEMA_FIXED)) continue;
        json_schema_next(&names);
        text_json(json->out, row->key);
    }
    text_append(json->out, "]");
}

/* The required keys of the root: there, or in a base, or (those that can be swept) under `sweep`.
 */
void json_schema_required(struct json_writer *root, const struct schema_row *rows)
{
    json_schema_key(root, "allOf");
    struct json_writer all = json_schema_open(root->out, "[");
    for (const struct schema_row *row = rows; row->key; row++) {
        if (!(row->flags & SCHEMA_REQUIRED)) continue;
        json_schema_next(&all);
        text_append(root->out, "{\"anyOf\":[{\"required\":[");
        text_json(root->out, row->key);
        text_append(root->out, "]},{\"required\":[\"base\"]}");
        text_append(root->out, row->flags & SCHEMA_FIXED ? "]}" : ",{\"required\":[\"sweep\"]}]}");
    }
    json_schema_next(&all); /* "seed: 3" or "seed: {all: 3}" beside "seeds" */
    text_append(root->out, "{\"not\":{\"required\":[\"seed\",\"seeds\"],\"properties\":{\"seed\":{"
                           "\"anyOf\":[{\"type\":\"integer\"},"
                           "{\"type\":\"object\",\"required\":[\"all\"]}]}}}}");
    text_append(root->out, "]");
}

static void put_properties(struct json_writer *json, const struct schema_row *rows,
                           const char *discriminator)
{
    json_schema_raw(json, "additionalProperties", "false");
    json_schema_key(json, "properties");
    struct json_writer properties = json_schema_open(json->out, "{");
    if (discriminator) json_schema_raw(&properties, discriminator, "{}");
    json_schema_rows(&properties, rows);
    text_append(json->out, "}");
    put_required(json, rows);
}

/* if the name is this entry's (or is missing and this entry is the default) then these keys */
static void put_branch(struct json_writer *branches, const struct schema_row *row,
                       const struct entry *entry)
{
    json_schema_next(branches);
    struct json_writer branch = json_schema_open(branches->out, "{");
    bool is_default = row->fallback && strcmp(row->fallback, entry->name) == 0;
    json_schema_raw(&branch, "if", "{\"properties\":{");
    text_json(branches->out, row->discriminator);
    text_append(branches->out, is_default ? ":{\"enum\":[null," : ":{\"const\":");
    text_json(branches->out, entry->name);
    text_append(branches->out, is_default ? "]}}" : "}}");
    if (!is_default) {
        text_append(branches->out, ",\"required\":[");
        text_json(branches->out, row->discriminator);
        text_append(branches->out, "]");
    }
    text_append(branches->out, "}");
    json_schema_key(&branch, "then");
    struct json_writer then = json_schema_open(branches->out, "{");
    if (entry->doc) json_schema_text(&then, "description", entry->doc);
    put_properties(&then, entry->parameters, row->discriminator);
    text_append(branches->out, "}}");
}

static bool needs_name_only(const struct entry *entry)
{
    for (const struct schema_row *row = entry->parameters; row && row->key; row++)
        if (row->flags & SCHEMA_REQUIRED) return false;
    return true;
}

/* The names that `type: NAME` may have; null is that of the default. */
static void put_variant_names(struct json_writer *json, const struct schema_row *row)
{
    json_schema_key(json, "enum");
    struct json_writer names = json_schema_open(json->out, "[");
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++) {
        json_schema_next(&names);
        text_json(json->out, (*entry)->name);
    }
    text_append(json->out, row->fallback ? ",null]" : "]");
}

static void put_variant(struct json_writer *json, const struct schema_row *row)
{
    json_schema_key(json, "anyOf");
    struct json_writer forms = json_schema_open(json->out, "[");
    json_schema_next(&forms);
    struct json_writer name = json_schema_open(json->out, "{");
    json_schema_key(&name, "enum");
    struct json_writer names = json_schema_open(json->out, "[");
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++) {
        if (!needs_name_only(*entry)) continue;
        json_schema_next(&names);
        text_json(json->out, (*entry)->name);
    }
    text_append(json->out, "]}");
    json_schema_next(&forms);
    struct json_writer block = json_schema_open(json->out, "{");
    json_schema_text(&block, "type", "object");
    json_schema_raw(&block, "properties", "{");
    text_json(json->out, row->discriminator);
    text_append(json->out, ":{");
    struct json_writer values = {.out = json->out, .is_first = true};
    put_variant_names(&values, row);
    text_append(json->out, "}}");
    json_schema_key(&block, "allOf");
    struct json_writer branches = json_schema_open(json->out, "[");
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++)
        put_branch(&branches, row, *entry);
    text_append(json->out, "]}");
    put_null_form(json, row);
}

static void describe_entry(struct json_writer *json, const struct entry *entry)
{
    struct text doc = {0};
    text_format(&doc, "%s%s%s%s", entry->doc ? entry->doc : "", entry->source ? " Source: " : "",
                entry->source ? entry->source : "", entry->source ? "." : "");
    json_schema_text(json, "description", text_data(&doc));
    if (doc.failed) json->out->failed = true;
    text_free(&doc);
}

void json_schema_entry(struct text *out, const struct entry *entry)
{
    struct json_writer block = json_schema_open(out, "{");
    json_schema_raw(&block, "type", "[\"object\",\"null\"]");
    describe_entry(&block, entry);
    put_properties(&block, entry->parameters, NULL);
    text_append(out, "}");
}

/* A block, or a list of blocks side by side (spec/several.h). */
static void put_several(struct text *out, const struct entry *entry)
{
    struct json_writer either = json_schema_open(out, "{");
    describe_entry(&either, entry);
    json_schema_raw(&either, "anyOf", "[");
    json_schema_entry(out, entry);
    text_append(out, ",{\"type\":\"array\",\"minItems\":1,\"uniqueItems\":true,\"items\":");
    json_schema_entry(out, entry);
    text_append(out, "}]}");
}

/* The same with the suffix that results write. */
static void put_suffixed(struct json_writer *json, const struct schema_row *row)
{
    json_schema_key(json, "patternProperties");
    struct json_writer patterns = json_schema_open(json->out, "{");
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++) {
        char pattern[96];
        snprintf(pattern, sizeof pattern, "^%s%c[A-Za-z0-9_]+$", (*entry)->name, MEMBER_MARK);
        json_schema_key(&patterns, pattern);
        json_schema_entry(json->out, *entry);
    }
    text_append(json->out, "}");
}

static void put_set(struct json_writer *json, const struct schema_row *row)
{
    bool has_several = row->flags & SCHEMA_SEVERAL;
    json_schema_raw(json, "type", "[\"object\",\"null\"]");
    json_schema_raw(json, "additionalProperties", "false");
    if (has_several) put_suffixed(json, row);
    json_schema_key(json, "properties");
    struct json_writer properties = json_schema_open(json->out, "{");
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++) {
        json_schema_key(&properties, (*entry)->name);
        if (has_several)
            put_several(json->out, *entry);
        else
            json_schema_entry(json->out, *entry);
    }
    text_append(json->out, "}");
}

static void put_pair(struct json_writer *json, const struct schema_row *row)
{
    json_schema_key(json, "anyOf");
    struct json_writer forms = json_schema_open(json->out, "[");
    json_schema_next(&forms);
    struct json_writer one = json_schema_open(json->out, "{");
    put_bounded(&one, row, "integer");
    text_append(json->out, "}");
    json_schema_next(&forms);
    struct json_writer two = json_schema_open(json->out, "{");
    json_schema_text(&two, "type", "array");
    put_items(&two, row, "integer");
    json_schema_number(&two, "minItems", 2);
    json_schema_number(&two, "maxItems", 2);
    text_append(json->out, "}");
    if (row->choices) {
        json_schema_next(&forms);
        struct json_writer word = json_schema_open(json->out, "{");
        put_choices(&word, row);
        text_append(json->out, "}");
    }
    put_null_form(json, row);
}

/* A block, or the value of the key that it is short for. */
static void put_item(struct text *out, const struct entry *entry)
{
    if (!entry->brief) {
        json_schema_entry(out, entry);
        return;
    }
    struct json_writer either = json_schema_open(out, "{");
    json_schema_text(&either, "description", entry->doc);
    json_schema_raw(&either, "anyOf", "[{\"type\":[\"string\",\"number\"]},");
    json_schema_entry(out, entry);
    text_append(out, "]}");
}

static void put_sequence(struct json_writer *json, const struct schema_row *row)
{
    put_type_of(json, row, "array");
    if (row->flags & SCHEMA_NOT_EMPTY) json_schema_number(json, "minItems", 1);
    json_schema_raw(json, "items", "{\"anyOf\":[{\"enum\":");
    struct json_writer names = json_schema_open(json->out, "[");
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++) {
        if (!needs_name_only(*entry)) continue;
        json_schema_next(&names);
        text_json(json->out, (*entry)->name);
    }
    text_append(json->out, "]},{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":1,"
                           "\"additionalProperties\":false,\"properties\":");
    struct json_writer properties = json_schema_open(json->out, "{");
    for (const struct entry *const *entry = row->registry->entries; *entry; entry++) {
        json_schema_key(&properties, (*entry)->name);
        put_item(json->out, *entry);
    }
    text_append(json->out, "}}]}");
}

/* A bare value is short for the block with the key `discriminator`. */
static void put_table(struct json_writer *json, const struct schema_row *row)
{
    if (row->discriminator) {
        json_schema_raw(json, "anyOf", "[{\"type\":[\"string\",\"number\"]},{\"type\":\"object\"");
        struct json_writer block = {.out = json->out};
        put_properties(&block, row->table, NULL);
        text_append(json->out, "}");
        put_null_form(json, row);
    } else {
        json_schema_raw(json, "type", "[\"object\",\"null\"]");
        put_properties(json, row->table, NULL);
    }
}

static void put_tables(struct json_writer *json, const struct schema_row *row)
{
    put_type_of(json, row, "array");
    if (row->flags & SCHEMA_NOT_EMPTY) json_schema_number(json, "minItems", 1);
    json_schema_raw(json, "items", "{\"type\":\"object\"");
    struct json_writer block = {.out = json->out};
    put_properties(&block, row->table, NULL);
    text_append(json->out, "}");
}

static void put_text(struct json_writer *json, const struct schema_row *row)
{
    json_schema_raw(
        json, "type",
        takes_null(row)
            ? "[\"string\",\"number\",\"boolean\",\"null\"]"
            : "[\"string\",\"number\",\"boolean\"]"); /* `study: 2026` is a name too, and no schema
                                                        sees its quotes */
    if (row->type == SCHEMA_NAME)
        json_schema_text(json, "pattern", "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$");
    if (row->type == SCHEMA_TEXT && row->maximum > 0) {
        json_schema_number(json, "minLength", row->minimum);
        json_schema_number(json, "maxLength", row->maximum);
    }
}

/* What counts steps may be given in epochs, and what has a unit may name it. */
static void put_integer(struct json_writer *json, const struct schema_row *row)
{
    bool epochs = row->unit && strcmp(row->unit, "epochs") == 0;
    bool has_unit = row_counts_steps(row) || epochs;
    if (has_unit)
        json_schema_raw(json, "type",
                        takes_null(row) ? "[\"integer\",\"string\",\"null\"]"
                                        : "[\"integer\",\"string\"]");
    else
        put_type_of(json, row, "integer");
    json_schema_put_range(json, row);
    if (has_unit)
        json_schema_text(json, "pattern",
                         epochs ? "^[0-9]+ epochs?$" : "^([0-9]+ steps?|[0-9.eE+-]+ epochs?)$");
}

void json_schema_row(struct text *out, const struct schema_row *row)
{
    struct json_writer json = json_schema_open(out, "{");
    switch (row->type) {
    case SCHEMA_BOOLEAN:
        put_type_of(&json, row, "boolean");
        break;
    case SCHEMA_INTEGER:
        put_integer(&json, row);
        break;
    case SCHEMA_FLOAT:
        put_type_of(&json, row, "number");
        json_schema_put_range(&json, row);
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
    case SCHEMA_TEXTS: /* [1, no] are texts too, and no schema sees their quotes */
        put_type_of(&json, row, "array");
        if (row->flags & SCHEMA_NOT_EMPTY) json_schema_number(&json, "minItems", 1);
        json_schema_raw(&json, "items", "{\"type\":[\"string\",\"number\",\"boolean\"]}");
        break;
    case SCHEMA_PAIR:
        put_pair(&json, row);
        break;
    case SCHEMA_SEQUENCE:
        put_sequence(&json, row);
        break;
    case SCHEMA_TABLE:
        put_table(&json, row);
        break;
    case SCHEMA_TABLES:
        put_tables(&json, row);
        break;
    case SCHEMA_VARIANT:
        put_variant(&json, row);
        break;
    case SCHEMA_SET:
        put_set(&json, row);
        break;
    case SCHEMA_ITEM: /* of no table */
        break;
    }
    put_description(&json, row);
    json_schema_put_default(&json, row);
    text_append(out, "}");
}
