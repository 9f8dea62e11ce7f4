#include "spec/value_json.h"

#include "spec/schema.h"

bool value_is_all(const struct value *value)
{
    return value->kind == VALUE_INTEGER && value->integer == VALUE_ALL && value->row &&
           value->row->type == SCHEMA_COUNT;
}

void json_value(struct text *out, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NONE:
        text_append(out, "null");
        break;
    case VALUE_BOOL:
        text_append(out, value->boolean ? "true" : "false");
        break;
    case VALUE_INTEGER:
        if (value_is_all(value)) {
            text_append(out, "\"all\"");
        } else if (value->epochs > 0) {
            text_append(out, "\"");
            value_print(out, value);
            text_append(out, "\"");
        } else
            text_format(out, "%lld", (long long)value->integer);
        break;
    case VALUE_FLOAT:
        text_json_number(out, value->number);
        break;
    case VALUE_TEXT:
        text_json(out, value->text);
        break;
    case VALUE_LIST:
        text_append(out, "[");
        for (size_t i = 0; i < value->list.count; i++) {
            if (i) text_append(out, ", ");
            json_value(out, value->list.items[i]);
        }
        text_append(out, "]");
        break;
    case VALUE_MAP:
        text_append(out, "{");
        for (size_t i = 0; i < value->map.count; i++) {
            if (i) text_append(out, ", ");
            text_json(out, value->map.members[i].key);
            text_append(out, ": ");
            json_value(out, value->map.members[i].value);
        }
        text_append(out, "}");
        break;
    }
}
