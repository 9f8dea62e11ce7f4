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

bool columns_has_name(const char *name)
{
    static const char *const own[] = {"run_id", "status", "study", "seconds", "file", "seeds"};
    static const char deviation[] = "_sd";
    size_t length = strlen(name), tail = sizeof deviation - 1;
    const struct entry *measure;
    char mean[64];
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i], name) == 0) return true;
    if (quantities_find(name, &measure)) return true;
    if (length <= tail || length - tail >= sizeof mean ||
        strcmp(name + length - tail, deviation) != 0)
        return false;
    snprintf(mean, sizeof mean, "%.*s", (int)(length - tail), name);
    return strcmp(mean, "seconds") == 0 || quantities_find(mean, &measure);
}
