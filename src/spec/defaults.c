#include "spec/defaults.h"

enum { DEFAULTS_FIRST = 256 };

struct defaults {
    struct arena *arena;
    const struct schema_row **rows;
    struct value **values;
    size_t count, capacity; /* a power of two, at most half full */
};

basin_status defaults_create(struct arena *arena, struct defaults **out)
{
    struct defaults *defaults = arena_allocate(arena, sizeof *defaults);
    if (!defaults) return BASIN_MEMORY;
    *defaults = (struct defaults){.arena = arena, .capacity = DEFAULTS_FIRST};
    defaults->rows = arena_array(arena, const struct schema_row *, defaults->capacity);
    defaults->values = arena_array(arena, struct value *, defaults->capacity);
    if (!defaults->rows || !defaults->values) return BASIN_MEMORY;
    *out = defaults;
    return BASIN_OK;
}

/* The slot of a row, or the free one where it belongs (open addressing). */
static size_t defaults_slot(const struct defaults *defaults, const struct schema_row *row)
{
    size_t slot = ((uintptr_t)row >> 3) * 0x9E3779B97F4A7C15u >> 32;
    for (slot &= defaults->capacity - 1; defaults->rows[slot] && defaults->rows[slot] != row;)
        slot = (slot + 1) & (defaults->capacity - 1);
    return slot;
}

static basin_status defaults_grow(struct defaults *defaults)
{
    struct defaults old = *defaults;
    defaults->capacity *= 2;
    defaults->rows = arena_array(defaults->arena, const struct schema_row *, defaults->capacity);
    defaults->values = arena_array(defaults->arena, struct value *, defaults->capacity);
    if (!defaults->rows || !defaults->values) {
        *defaults = old;
        return BASIN_MEMORY;
    }
    for (size_t i = 0; i < old.capacity; i++) {
        if (!old.rows[i]) continue;
        size_t slot = defaults_slot(defaults, old.rows[i]);
        defaults->rows[slot] = old.rows[i];
        defaults->values[slot] = old.values[i];
    }
    return BASIN_OK;
}

struct value *defaults_find(const struct defaults *defaults, const struct schema_row *row)
{
    return defaults->values[defaults_slot(defaults, row)];
}

basin_status defaults_keep(struct defaults *defaults, const struct schema_row *row,
                           struct value *value)
{
    if (2 * defaults->count >= defaults->capacity) TRY(defaults_grow(defaults));
    size_t slot = defaults_slot(defaults, row);
    if (!defaults->rows[slot]) defaults->count++;
    defaults->rows[slot] = row;
    defaults->values[slot] = value;
    return BASIN_OK;
}
