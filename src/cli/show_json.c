#include "cli/show_json.h"

#include <string.h>
#include "spec/value_json.h"

/* ---- values ---- */

static void put_element(struct text *out, enum record_type type, const void *data, size_t i)
{
    if (type == RECORD_TEXT)
        text_json(out, ((const char *const *)data)[i]);
    else if (type == RECORD_INTEGER)
        text_format(out, "%lld", (long long)((const int64_t *)data)[i]);
    else
        text_json_number(out, ((const double *)data)[i]);
}

static void show_json_attribute(struct text *out, const struct record_attribute *attribute)
{
    if (attribute->count) text_append(out, "[");
    for (size_t i = 0; i < (attribute->count ? attribute->count : 1); i++) {
        text_append(out, i ? ", " : "");
        put_element(out, attribute->type, attribute->data, i);
    }
    if (attribute->count) text_append(out, "]");
}

/* A number, a text, or a list in the order of the file. */
static void show_json_item(struct text *out, const struct record_item *item)
{
    if (item->rank) text_append(out, "[");
    for (size_t i = 0; i < record_count(item); i++) {
        text_append(out, i ? ", " : "");
        if (item->type == RECORD_TEXT)
            put_element(out, RECORD_TEXT, item->data, i);
        else
            text_json_number(out, record_number(item, i));
    }
    if (item->rank) text_append(out, "]");
}

static void put_key(struct text *out, const char *key, bool *first)
{
    text_append(out, *first ? "" : ", ");
    text_json(out, key);
    text_append(out, ": ");
    *first = false;
}

static void put_text_member(struct text *out, const char *key, const char *value, bool *first)
{
    put_key(out, key, first);
    if (value)
        text_json(out, value);
    else
        text_append(out, "null");
}

/* ---- groups ---- */

static bool is_below_group(const struct record_item *item, const char *group)
{
    return !item->is_group && strncmp(item->path, group, strlen(group)) == 0;
}

/* {"train_loss": {"value": 2.4, "units": "nat"}}: what belongs to a number stands beside it. */
static void put_measured(struct text *out, const struct record *record)
{
    static const char group[] = "/measures/";
    static const char *const beside[] = {"units",     "definition", "measure", "options",
                                         "converged", "iterations", "reason",  "names"};
    bool first = true;
    text_append(out, ",\n \"measures\": {");
    for (const struct record_item *item = record->items; item; item = item->next) {
        if (!is_below_group(item, group)) continue;
        bool inner = true;
        if (!first) text_append(out, ",\n  ");
        first = true;
        put_key(out, item->path + sizeof group - 1, &first);
        text_append(out, "{");
        put_key(out, item->rank ? "values" : "value", &inner);
        show_json_item(out, item);
        for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
            const struct record_attribute *one = record_attribute_find(item, beside[i]);
            if (!one) continue;
            put_key(out, beside[i], &inner);
            if (strcmp(beside[i], "converged") == 0 && one->type == RECORD_INTEGER && !one->count)
                text_append(out, *(const int64_t *)one->data ? "true" : "false");
            else
                show_json_attribute(out, one);
        }
        text_append(out, "}");
    }
    text_append(out, "}");
}

/* Every array or scalar below a group by the rest of its path: "hessian/lambda_max". */
static void put_group(struct text *out, const struct record *record, const char *key,
                      const char *group)
{
    bool first = true;
    text_format(out, ",\n \"%s\": {", key);
    for (const struct record_item *item = record->items; item; item = item->next) {
        if (!is_below_group(item, group) || item->rank > 1) continue;
        put_key(out, item->path + strlen(group), &first);
        show_json_item(out, item);
    }
    text_append(out, "}");
}

static void show_json_data(struct text *out, const struct record *record)
{
    bool first = true;
    const struct record_item *data = record_find(record, "/data");
    const struct record_attribute *notes = data ? record_attribute_find(data, "notes") : NULL;
    text_append(out, ",\n \"data\": {");
    put_text_member(out, "summary", data ? record_attribute_get_text(data, "summary") : NULL,
                    &first);
    put_key(out, "notes", &first);
    if (notes && notes->type == RECORD_TEXT)
        show_json_attribute(out, notes);
    else
        text_append(out, "[]");
    text_append(out, "}");
}

/* {"stored": ["final", "initial"], "shapes": {"layers.0.weight": [8, 40]}} */
static void show_json_weights(struct text *out, const struct record *record)
{
    static const char *const kinds[] = {"final", "initial", "best"};
    static const char group[] = "/weights/final/";
    const char *gap = "";
    bool first = true;
    text_append(out, ",\n \"weights\": {\"stored\": [");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char path[32] = "/weights/";
        memcpy(path + 9, kinds[i], strlen(kinds[i]) + 1);
        const struct record_item *item = record_find(record, path);
        if (!item || !item->is_group) continue;
        text_format(out, "%s\"%s\"", gap, kinds[i]);
        gap = ", ";
    }
    text_append(out, "], \"shapes\": {");
    for (const struct record_item *item = record->items; item; item = item->next) {
        if (!is_below_group(item, group)) continue;
        put_key(out, item->path + sizeof group - 1, &first);
        for (int i = 0; i < item->rank; i++)
            text_format(out, "%s%zu", i ? ", " : "[", item->dims[i]);
        text_append(out, item->rank ? "]" : "[]");
    }
    text_append(out, "}}");
}

basin_status show_json(const struct record *record, const char *file, const struct value *run,
                       struct text *out)
{
    static const char *const names[] = {"run_id", "status", "study", "exploded"};
    bool first = true;
    text_append(out, "{");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put_text_member(out, names[i], record_attribute_get_text(record->items, names[i]), &first);
    put_text_member(out, "file", file, &first);
    text_append(out, ",\n \"spec\": ");
    if (run)
        json_value(out, run);
    else
        text_append(out, "null");
    show_json_data(out, record);
    put_measured(out, record);
    put_group(out, record, "curves", "/curves/");
    put_group(out, record, "tracked", "/tracked/");
    show_json_weights(out, record);
    put_group(out, record, "provenance", "/provenance/");
    text_append(out, "}\n");
    return text_status(out);
}
