#include "spec/schema.h"

#include <string.h>

const struct entry *registry_find(const struct registry *registry, const char *name)
{
    for (const struct entry *const *entry = registry->entries; *entry; entry++)
        if (strcmp((*entry)->name, name) == 0) return *entry;
    return NULL;
}

const struct schema_row *schema_find_row(const struct schema_row *table, const char *key)
{
    for (const struct schema_row *row = table; row && row->key; row++)
        if (strcmp(row->key, key) == 0) return row;
    return NULL;
}

bool row_lists_scalars(const struct schema_row *row)
{
    return row->type == SCHEMA_INTEGERS || row->type == SCHEMA_NUMBERS || row->type == SCHEMA_TEXTS;
}

enum schema_type row_item_type(const struct schema_row *row)
{
    return row->type == SCHEMA_INTEGERS  ? SCHEMA_INTEGER
           : row->type == SCHEMA_NUMBERS ? SCHEMA_FLOAT
           : row->type == SCHEMA_TEXTS   ? SCHEMA_TEXT
           : row->type == SCHEMA_TABLE   ? SCHEMA_TABLE /* of several in a set */
                                         : SCHEMA_ITEM;
}

bool row_counts_steps(const struct schema_row *row)
{
    return row->type == SCHEMA_INTEGER && row->unit && strcmp(row->unit, "steps") == 0;
}

bool row_has_alias(const struct schema_row *row, const char *key)
{
    for (const char *const *alias = row->aliases; alias && *alias; alias++)
        if (strcmp(*alias, key) == 0) return true;
    return false;
}

size_t schema_keys(const struct schema_row *rows, const char *discriminator, const char **names,
                   size_t most)
{
    size_t count = 0;
    if (discriminator && most > 0) names[count++] = discriminator;
    for (const struct schema_row *row = rows; row && row->key && count < most; row++)
        names[count++] = row->key;
    return count;
}

size_t registry_names(const struct registry *registry, const char **names, size_t most)
{
    size_t count = 0;
    for (const struct entry *const *entry = registry->entries; *entry && count < most; entry++)
        names[count++] = (*entry)->name;
    return count;
}

size_t choice_names(const struct schema_row *row, const char *names[SCHEMA_CHOICES])
{
    size_t count = 0;
    if (!row->choices) return registry_names(row->registry, names, SCHEMA_CHOICES);
    for (; row->choices[count] && count < SCHEMA_CHOICES; count++)
        names[count] = row->choices[count];
    return count;
}
