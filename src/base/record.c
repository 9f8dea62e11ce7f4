#include "base/record.h"

#include <math.h>
#include <string.h>
#include "base/hash.h"

size_t record_element_size(enum record_type type)
{
    static const size_t sizes[] = {
        [RECORD_FLOAT32] = sizeof(float),   [RECORD_FLOAT64] = sizeof(double),
        [RECORD_INTEGER] = sizeof(int64_t), [RECORD_BYTE] = sizeof(uint8_t),
        [RECORD_TEXT] = sizeof(char *),
    };
    return sizes[type];
}

size_t record_count(const struct record_item *item)
{
    size_t count = 1;
    for (int i = 0; i < item->rank; i++) count *= item->dims[i];
    return count;
}

/* ---- the index ----
 *
 * Open addressing: an item stands at its hash, or at the next place that was free. At most half of
 * the places are taken, so a search ends. */

/* The place of `path`, or the free one where it belongs. */
static struct record_item **record_place(const struct record *record, const char *path)
{
    size_t at = (size_t)hash_bytes(path, strlen(path)).low & (record->room - 1);
    while (record->index[at] && strcmp(record->index[at]->path, path) != 0)
        at = (at + 1) & (record->room - 1);
    return &record->index[at];
}

static bool record_index(struct record *record, size_t room)
{
    struct record_item **index = arena_array(record->arena, struct record_item *, room);
    if (!index) return false;
    record->index = index;
    record->room = room;
    for (struct record_item *item = record->items; item; item = item->next)
        *record_place(record, item->path) = item;
    return true;
}

static struct record_item *record_append(struct record *record, const char *path)
{
    enum { FIRST = 64 };
    struct record_item *item = arena_allocate(record->arena, sizeof *item);
    if (!item || !(item->path = arena_text(record->arena, path))) return NULL;
    if (2 * (record->count + 1) > record->room &&
        !record_index(record, record->room ? 2 * record->room : FIRST))
        return NULL;
    *record->tail = item;
    record->tail = &item->next;
    *record_place(record, path) = item;
    record->count++;
    return item;
}

void record_remove(struct record *record, const struct record_item *item)
{
    struct record_item **at = &record->items;
    while (*at != item) at = &(*at)->next;
    *at = item->next;
    if (record->tail == &item->next) record->tail = at;
    record->count--;
    memset(record->index, 0, record->room * sizeof *record->index);
    for (struct record_item *left = record->items; left; left = left->next)
        *record_place(record, left->path) = left;
}

basin_status record_create(struct arena *arena, struct record **out)
{
    struct record *record = arena_allocate(arena, sizeof *record);
    if (!record) return BASIN_MEMORY;
    record->arena = arena;
    record->tail = &record->items;
    struct record_item *root = record_append(record, "/");
    if (!root) return BASIN_MEMORY;
    root->is_group = true;
    *out = record;
    return BASIN_OK;
}

struct record_item *record_find(const struct record *record, const char *path)
{
    return *record_place(record, path);
}

/* Makes the parent groups of `path`. */
static basin_status parents(struct record *record, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path) return BASIN_OK;
    char *parent = arena_text_n(record->arena, path, (size_t)(slash - path));
    return parent ? record_group(record, parent, NULL) : BASIN_MEMORY;
}

basin_status record_group(struct record *record, const char *path, struct record_item **out)
{
    struct record_item *item = record_find(record, path);
    if (!item) {
        TRY(parents(record, path));
        item = record_append(record, path);
        if (!item) return BASIN_MEMORY;
        item->is_group = true;
    }
    if (!item->is_group)
        return error_raise(BASIN_INTERNAL, "record path %s is an array, not a group", path);
    if (out) *out = item;
    return BASIN_OK;
}

/* Copies elements; for texts, the characters as well. */
static void *copy_elements(struct arena *arena, enum record_type type, size_t count,
                           const void *data)
{
    size_t bytes = count * record_element_size(type);
    void *copy = arena_allocate(arena, bytes ? bytes : 1);
    if (!copy) return NULL;
    if (bytes) memcpy(copy, data, bytes);
    if (type == RECORD_TEXT) {
        char **texts = copy;
        for (size_t i = 0; i < count; i++)
            if (!(texts[i] = arena_text(arena, texts[i]))) return NULL;
    }
    return copy;
}

static basin_status describe_item(struct record *record, struct record_item *item,
                                  enum record_type type, int rank, const size_t *dims,
                                  const char *const *axes)
{
    item->type = type;
    item->rank = rank;
    for (int i = 0; i < rank; i++) {
        item->dims[i] = dims[i];
        item->axes[i] = arena_text(record->arena, axes && axes[i] ? axes[i] : "");
        if (!item->axes[i]) return BASIN_MEMORY;
    }
    return BASIN_OK;
}

basin_status record_omit(struct record *record, const char *path, enum record_type type, int rank,
                         const size_t *dims, const char *const *axes)
{
    struct record_item *item = arena_allocate(record->arena, sizeof *item);
    if (!item || !(item->path = arena_text(record->arena, path))) return BASIN_MEMORY;
    TRY(describe_item(record, item, type, rank, dims, axes));
    item->next = record->omitted;
    record->omitted = item;
    return BASIN_OK;
}

basin_status record_add(struct record *record, const char *path, enum record_type type, int rank,
                        const size_t *dims, const char *const *axes, const void *data,
                        struct record_item **out)
{
    if (record_find(record, path))
        return error_raise(BASIN_INTERNAL, "record path %s is there already", path);
    if (rank < 0 || rank > RECORD_RANK)
        return error_raise(BASIN_INTERNAL, "record path %s: rank %d", path, rank);
    TRY(parents(record, path));
    struct record_item *item = record_append(record, path);
    if (!item) return BASIN_MEMORY;
    TRY(describe_item(record, item, type, rank, dims, axes));
    item->data = copy_elements(record->arena, type, record_count(item), data);
    if (!item->data) return BASIN_MEMORY;
    if (out) *out = item;
    return BASIN_OK;
}

basin_status record_float(struct record *record, const char *path, double value,
                          struct record_item **item)
{
    return record_add(record, path, RECORD_FLOAT64, 0, NULL, NULL, &value, item);
}

basin_status record_integer(struct record *record, const char *path, int64_t value,
                            struct record_item **item)
{
    return record_add(record, path, RECORD_INTEGER, 0, NULL, NULL, &value, item);
}

basin_status record_text(struct record *record, const char *path, const char *value,
                         struct record_item **item)
{
    return record_add(record, path, RECORD_TEXT, 0, NULL, NULL, &value, item);
}

basin_status record_attribute_add(struct record *record, struct record_item *item, const char *name,
                                  enum record_type type, size_t count, const void *data)
{
    struct record_attribute **at = &item->attributes;
    while (*at && strcmp((*at)->name, name) != 0) at = &(*at)->next;
    if (!*at) {
        struct record_attribute *added = arena_allocate(record->arena, sizeof *added);
        if (!added || !(added->name = arena_text(record->arena, name))) return BASIN_MEMORY;
        *at = added;
    }
    (*at)->type = type;
    (*at)->count = count;
    (*at)->data = copy_elements(record->arena, type, count ? count : 1, data);
    return (*at)->data ? BASIN_OK : BASIN_MEMORY;
}

basin_status record_attribute_text(struct record *record, struct record_item *item,
                                   const char *name, const char *value)
{
    return record_attribute_add(record, item, name, RECORD_TEXT, 0, &value);
}

basin_status record_attribute_float(struct record *record, struct record_item *item,
                                    const char *name, double value)
{
    return record_attribute_add(record, item, name, RECORD_FLOAT64, 0, &value);
}

basin_status record_attribute_integer(struct record *record, struct record_item *item,
                                      const char *name, int64_t value)
{
    return record_attribute_add(record, item, name, RECORD_INTEGER, 0, &value);
}

const struct record_attribute *record_attribute_find(const struct record_item *item,
                                                     const char *name)
{
    for (const struct record_attribute *at = item->attributes; at; at = at->next)
        if (strcmp(at->name, name) == 0) return at;
    return NULL;
}

const char *record_attribute_get_text(const struct record_item *item, const char *name)
{
    const struct record_attribute *at = record_attribute_find(item, name);
    return at && at->type == RECORD_TEXT && at->count == 0 ? *(const char *const *)at->data : NULL;
}

double record_number(const struct record_item *item, size_t index)
{
    if (item->is_group) return NAN;
    switch (item->type) {
    case RECORD_FLOAT32:
        return ((const float *)item->data)[index];
    case RECORD_FLOAT64:
        return ((const double *)item->data)[index];
    case RECORD_INTEGER:
        return (double)((const int64_t *)item->data)[index];
    case RECORD_BYTE:
        return ((const uint8_t *)item->data)[index];
    case RECORD_TEXT:
        break;
    }
    return NAN;
}
