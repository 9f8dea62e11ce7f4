/* Rows as JSON Schema: what an editor accepts at each key of a block.
 *
 * The schema is written as text, piece by piece. Errors: `out` remembers a shortage of memory.
 */
#ifndef BASIN_SPEC_JSON_ROWS_H
#define BASIN_SPEC_JSON_ROWS_H

#include "base/text.h"
#include "spec/schema.h"

/* An object or array in the making: knows whether a comma is due. */
struct json_writer {
    struct text *out;
    bool is_first;
};

struct json_writer json_schema_open(struct text *out,
                                    const char *bracket); /* closed by text_append */
void json_schema_next(struct json_writer *json);          /* a comma where one is due */
void json_schema_key(struct json_writer *json, const char *key);
void json_schema_text(struct json_writer *json, const char *key, const char *value);
void json_schema_raw(struct json_writer *json, const char *key, const char *value); /* JSON */
void json_schema_number(struct json_writer *json, const char *key, double value);

/* The schema of one row's values. */
void json_schema_row(struct text *out, const struct schema_row *row);
/* An entry's parameters as a block; the names of a registry as an array. */
void json_schema_entry(struct text *out, const struct entry *entry);
void json_schema_names(struct json_writer *json, const char *key, const struct registry *registry);
/* A property for each row of a table. */
void json_schema_rows(struct json_writer *properties, const struct schema_row *rows);
/* The required keys of the root: given in the file, in a base, or, where they can be swept, under
 * `sweep`. */
void json_schema_required(struct json_writer *root, const struct schema_row *rows);

#endif
