#include "run/columns.h"

#include <stdio.h>
#include <string.h>
#include "run/quantities.h"
#include "spec/schema.h"

/* Of a set like `measures` only what is tracked changes the numbers. */
bool columns_has_parameter(const struct value *parent, const struct value *value)
{
    const struct schema_row *row = value->row, *set = parent->row;
    if (set && set->flags & SCHEMA_TRACKED)
        return value->kind == VALUE_MAP && value_has(value, "every");
    return !row || row->flags & SCHEMA_TRACKED || !(row->flags & SCHEMA_SILENT);
}

static bool ends_a_number(const char *name, const char *tail)
{
    size_t length = strlen(name), end = strlen(tail);
    const struct entry *measure;
    char number[256];
    if (length <= end || length - end >= sizeof number || strcmp(name + length - end, tail) != 0)
        return false;
    snprintf(number, sizeof number, "%.*s", (int)(length - end), name);
    return strcmp(number, "seconds") == 0 || quantities_find(number, &measure);
}

bool columns_has_name(const char *name)
{
    static const char *const own[] = {"run_id",  "status", "exploded", "study",
                                      "seconds", "file",   "seeds",    "runs"};
    const struct entry *measure;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i], name) == 0) return true;
    return quantities_find(name, &measure) || ends_a_number(name, "_sd") ||
           ends_a_number(name, "_converged");
}
