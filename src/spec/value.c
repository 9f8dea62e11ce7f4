#include "spec/value.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct value *value_find_member(const struct value *map, const char *key,
                                             size_t length)
{
    if (map->kind != VALUE_MAP) return NULL;
    for (size_t i = 0; i < map->map.count; i++) {
        const char *name = map->map.members[i].key;
        if (strncmp(name, key, length) == 0 && name[length] == 0) return map->map.members[i].value;
    }
    return NULL;
}

/* The item of a list that a part of a path numbers: the "0" of "architecture.hidden.0". */
static const struct value *value_find_item(const struct value *list, const char *key, size_t length)
{
    char *end;
    unsigned long index = strtoul(key, &end, 10);
    bool is_index = *key >= '0' && *key <= '9' && end == key + length;
    return is_index && index < list->list.count ? list->list.items[index] : NULL;
}

/* What the index at `*path`, "[3]", names of a list. */
static const struct value *item(const struct value *list, const char **path)
{
    char *end;
    unsigned long long index = strtoull(*path + 1, &end, 10);
    bool is_index = end > *path + 1 && *end == ']';
    *path = end + is_index + (is_index && end[1] == '.');
    return is_index && list->kind == VALUE_LIST && index < list->list.count
               ? list->list.items[index]
               : NULL;
}

const struct value *value_find(const struct value *root, const char *path)
{
    while (root && *path) {
        if (*path == '[') {
            root = item(root, &path);
            continue;
        }
        const struct value *whole = value_find_member(
            root, path, strlen(path)); /* a key with a dot in it (seed.init) goes first */
        if (whole) return whole;
        size_t length = strcspn(path, ".[");
        root = root->kind == VALUE_LIST ? value_find_item(root, path, length)
                                        : value_find_member(root, path, length);
        path += length + (path[length] == '.');
    }
    return root;
}

bool value_has(const struct value *root, const char *path)
{
    return value_find(root, path) != NULL;
}

static const struct value *need(const struct value *root, const char *path, enum value_kind kind)
{
    const struct value *value = value_find(root, path);
    assert(value && value->kind == kind);
    (void)kind;
    return value;
}

bool value_boolean(const struct value *root, const char *path)
{
    return need(root, path, VALUE_BOOL)->boolean;
}

int64_t value_integer(const struct value *root, const char *path)
{
    return need(root, path, VALUE_INTEGER)->integer;
}

double value_number(const struct value *root, const char *path)
{
    const struct value *value = value_find(root, path);
    assert(value && (value->kind == VALUE_FLOAT || value->kind == VALUE_INTEGER));
    return value->kind == VALUE_INTEGER ? (double)value->integer : value->number;
}

const char *value_text(const struct value *root, const char *path)
{
    return need(root, path, VALUE_TEXT)->text;
}

const struct value *value_map(const struct value *root, const char *path)
{
    return need(root, path, VALUE_MAP);
}

size_t value_count(const struct value *root, const char *path)
{
    return need(root, path, VALUE_LIST)->list.count;
}

int64_t value_item_integer(const struct value *root, const char *path, size_t index)
{
    const struct value *list = need(root, path, VALUE_LIST);
    assert(index < list->list.count && list->list.items[index]->kind == VALUE_INTEGER);
    return list->list.items[index]->integer;
}

static bool lists_equal(const struct value *a, const struct value *b)
{
    if (a->list.count != b->list.count) return false;
    for (size_t i = 0; i < a->list.count; i++)
        if (!value_equal(a->list.items[i], b->list.items[i])) return false;
    return true;
}

/* Members count by their keys, not by their order. */
static bool maps_equal(const struct value *a, const struct value *b)
{
    if (a->map.count != b->map.count) return false;
    for (size_t i = 0; i < a->map.count; i++) {
        const char *key = a->map.members[i].key;
        const struct value *other = value_find_member(b, key, strlen(key));
        if (!other || !value_equal(a->map.members[i].value, other)) return false;
    }
    return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_INTEGER:
        return a->integer == b->integer && a->epochs == b->epochs;
    case VALUE_FLOAT:
        return a->number == b->number || (a->number != a->number && b->number != b->number);
    case VALUE_TEXT:
        return strcmp(a->text, b->text) == 0;
    case VALUE_LIST:
        return lists_equal(a, b);
    case VALUE_MAP:
        return maps_equal(a, b);
    case VALUE_NONE:
        return true;
    }
    return false;
}
