#include "analysis/arrays.h"

#include <string.h>
#include "base/list.h"

struct array_reader {
    struct arena *arena;
    const struct record *record;
    struct run_axis **axes; /* that were read, and where they are */
    const struct record_item **scales;
    size_t axis_count, axis_capacity, scale_capacity;
};

static const char *own_name(const struct record_item *item)
{
    return strrchr(item->path, '/') + 1;
}

/* ---- axes ---- */

static basin_status axis_values(struct arena *arena, const struct record_item *scale,
                                struct run_axis *axis)
{
    double *values = arena_array(arena, double, axis->count + 1);
    const struct record_attribute *names = record_attribute_find(scale, "names");
    if (!values) return BASIN_MEMORY;
    for (size_t i = 0; i < axis->count; i++) values[i] = record_number(scale, i);
    axis->values = values;
    axis->units = record_attribute_get_text(scale, "units");
    axis->long_name = record_attribute_get_text(scale, "long_name");
    if (names && names->type == RECORD_TEXT && names->count == axis->count)
        axis->names = names->data;
    return BASIN_OK;
}

/* Arrays of a group share their axes. */
static basin_status array_axis(struct array_reader *reader, const struct record_item *item, int at,
                               const struct run_axis **out)
{
    const char *own = own_name(item), *name = item->axes[at] ? item->axes[at] : "";
    const char *path =
        arena_format(reader->arena, "%.*s%s", (int)(own - item->path), item->path, name);
    if (!path) return BASIN_MEMORY;
    const struct record_item *scale = *name ? record_find(reader->record, path) : NULL;
    bool fits = scale && scale->rank == 1 && scale->type != RECORD_TEXT &&
                record_count(scale) == item->dims[at];
    for (size_t i = 0; fits && i < reader->axis_count; i++)
        if (reader->scales[i] == scale) {
            *out = reader->axes[i];
            return BASIN_OK;
        }
    struct run_axis *axis = arena_allocate(reader->arena, sizeof *axis);
    if (!axis) return BASIN_MEMORY;
    *axis = (struct run_axis){.name = fits ? name : "", .count = item->dims[at]};
    *out = axis;
    if (!fits) return BASIN_OK;
    if (!list_room(reader->arena, reader->axes, reader->axis_count, 1, reader->axis_capacity) ||
        !list_room(reader->arena, reader->scales, reader->axis_count, 1, reader->scale_capacity))
        return BASIN_MEMORY;
    reader->scales[reader->axis_count] = scale;
    reader->axes[reader->axis_count++] = axis;
    return axis_values(reader->arena, scale, axis);
}

/* ---- arrays ---- */

/* "/measures/hessian_top/eigenvalue" -> "hessian_top"; NULL: it is no array of a measure, but a
 * number, a scale or a curve. */
static const char *array_group(struct arena *arena, const struct record_item *item)
{
    static const char *const blocks[] = {"/measures/", "/tracked/"};
    const char *own = own_name(item);
    if (item->is_group || item->type == RECORD_TEXT || item->rank == 0) return NULL;
    const char *axis = item->axes[0] ? item->axes[0] : "";
    if (item->rank == 1 && strcmp(axis, own) == 0) return NULL;
    for (int i = 0; i < 2; i++) {
        size_t length = strlen(blocks[i]);
        if (strncmp(item->path, blocks[i], length) != 0) continue;
        if (i == 1 && item->rank == 1 && strcmp(axis, "epoch") == 0) return NULL;
        const char *from = item->path + length;
        char *group = arena_format(arena, "%s%.*s", i == 1 ? "tracked." : "",
                                   (int)(own > from ? own - from - 1 : 0), from);
        for (char *at = group; at && *at; at++)
            if (*at == '/') *at = '.';
        return group;
    }
    return NULL;
}

static basin_status array_values(struct arena *arena, const struct record_item *item,
                                 struct run_array *array)
{
    size_t count = record_count(item);
    double *values = arena_array(arena, double, count + 1);
    if (!values) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) values[i] = record_number(item, i);
    array->values = values;
    return BASIN_OK;
}

static basin_status take_array(struct array_reader *reader, const struct record_item *item,
                               bool is_read, struct run_arrays *arrays)
{
    const char *group = array_group(reader->arena, item);
    if (!group) return BASIN_OK;
    struct run_array *array = &arrays->items[arrays->count++];
    *array = (struct run_array){.group = group,
                                .name = own_name(item),
                                .units = record_attribute_get_text(item, "units"),
                                .long_name = record_attribute_get_text(item, "long_name"),
                                .definition = record_attribute_get_text(item, "definition"),
                                .source = record_attribute_get_text(item, "source"),
                                .measure = record_attribute_get_text(item, "measure"),
                                .options = record_attribute_get_text(item, "options"),
                                .rank = item->rank};
    for (int i = 0; i < item->rank; i++) TRY(array_axis(reader, item, i, &array->axes[i]));
    return is_read ? array_values(reader->arena, item, array) : BASIN_OK;
}

size_t arrays_volume(const struct run_array *array)
{
    size_t volume = 1;
    for (int i = 0; i < array->rank; i++) volume *= array->axes[i]->count;
    return volume;
}

basin_status arrays_load(struct results *results, struct arena *arena, const char *file,
                         struct run_arrays *arrays)
{
    struct record *record;
    size_t omitted = 0;
    TRY(results_arrays(results, file, arena, &record));
    struct array_reader reader = {.arena = arena, .record = record};
    for (const struct record_item *item = record->omitted; item; item = item->next) omitted++;
    *arrays =
        (struct run_arrays){arena_array(arena, struct run_array, record->count + omitted + 1), 0};
    if (!arrays->items) return BASIN_MEMORY;
    for (const struct record_item *item = record->items; item; item = item->next)
        if (item != record->items) TRY(take_array(&reader, item, true, arrays));
    for (const struct record_item *item = record->omitted; item; item = item->next)
        TRY(take_array(&reader, item, false, arrays));
    return BASIN_OK;
}
