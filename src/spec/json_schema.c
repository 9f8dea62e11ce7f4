/* JSON Schema of the whole spec language: the rows of the root table, and the keys that spec/
 * itself adds to them. */
#include "spec/json_rows.h"
#include "spec/json_sweep.h"
#include "spec/spec.h"

static void put_base(struct json_writer *properties)
{
    json_schema_raw(
        properties, "base",
        "{\"description\":\"A spec that this one builds on, or a list of them (later ones "
        "win); paths relative to this file.\","
        "\"anyOf\":[{\"type\":[\"string\",\"null\"]},{\"type\":\"array\",\"minItems\":1,\"items\":{"
        "\"type\":\"string\"}}]}");
}

static void put_seeds(struct json_writer *properties)
{
    json_schema_raw(properties, "seeds",
                    "{\"description\":\"How many seeds (0, 1, ...), or a list of "
                    "them.\",\"anyOf\":[{\"type\":[\"integer\",\"null\"],"
                    "\"minimum\":1},{\"type\":\"array\",\"minItems\":1,\"uniqueItems\":true,"
                    "\"items\":{\"type\":\"integer\",\"minimum\":0}}]}");
}

basin_status schema_json(const struct schema_row *schema, struct text *out)
{
    struct json_writer root = json_schema_open(out, "{");
    json_schema_text(&root, "$schema", "http://json-schema.org/draft-07/schema#");
    json_schema_text(&root, "title", "Basin study");
    json_schema_text(&root, "type", "object");
    json_schema_raw(&root, "additionalProperties", "false");
    json_schema_key(&root, "properties");
    struct json_writer properties = json_schema_open(out, "{");
    json_schema_rows(&properties, schema);
    put_base(&properties);
    json_schema_sweep(&properties);
    put_seeds(&properties);
    text_append(out, "}");
    json_schema_definitions(&root, schema);
    json_schema_required(&root, schema);
    text_append(out, "}\n");
    return text_status(out);
}
