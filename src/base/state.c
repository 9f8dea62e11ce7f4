#include "base/state.h"

#include <string.h>

static char *path_of(const struct state *state, const char *name)
{
    return arena_format(state->record->arena, "/state/%s%s", state->prefix ? state->prefix : "",
                        name);
}

static basin_status state_refuse(const char *path)
{
    return error_raise(BASIN_DATA, "the checkpoint does not hold %s as it should", path);
}

basin_status state_array(struct state *state, const char *name, enum record_type type, size_t count,
                         void *data)
{
    char *path = path_of(state, name);
    if (!path) return BASIN_MEMORY;
    if (count == 0) return BASIN_OK;
    if (state->save) return record_add(state->record, path, type, 1, &count, NULL, data, NULL);
    const struct record_item *item = record_find(state->record, path);
    if (!item || item->is_group || item->type != type || record_count(item) != count)
        return state_refuse(path);
    memcpy(data, item->data, count * record_element_size(type));
    return BASIN_OK;
}

basin_status state_holds(const struct state *state, const char *name, size_t count)
{
    char *path = path_of(state, name);
    if (!path) return BASIN_MEMORY;
    const struct record_item *item = record_find(state->record, path);
    if (count == 0 || (item && !item->is_group && record_count(item) == count)) return BASIN_OK;
    return state_refuse(path);
}

basin_status state_integer(struct state *state, const char *name, int64_t *value)
{
    return state_array(state, name, RECORD_INTEGER, 1, value);
}

basin_status state_float(struct state *state, const char *name, double *value)
{
    return state_array(state, name, RECORD_FLOAT64, 1, value);
}

basin_status state_text(struct state *state, const char *name, struct arena *arena,
                        const char **value)
{
    char *path = path_of(state, name);
    if (!path) return BASIN_MEMORY;
    if (state->save) return record_text(state->record, path, *value ? *value : "", NULL);
    const struct record_item *item = record_find(state->record, path);
    if (!item || item->is_group || item->type != RECORD_TEXT || record_count(item) != 1)
        return state_refuse(path);
    const char *text = *(const char *const *)item->data;
    *value = *text ? arena_text(arena, text) : NULL;
    return *value || !*text ? BASIN_OK : BASIN_MEMORY;
}
