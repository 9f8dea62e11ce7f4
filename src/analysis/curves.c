#include "analysis/curves.h"

#include <string.h>

static const double *doubles(struct arena *arena, const struct record_item *item)
{
    size_t count = record_count(item);
    double *values = arena_array(arena, double, count + 1);
    for (size_t i = 0; values && i < count; i++) values[i] = record_number(item, i);
    return values;
}

static const struct record_item *axis_of_curve(struct arena *arena, const struct record *record,
                                               const struct record_item *item)
{
    const char *slash = strrchr(item->path, '/');
    if (item->is_group || item->rank != 1 || item->type == RECORD_TEXT || !item->axes[0])
        return NULL;
    const char *path =
        arena_format(arena, "%.*s/%s", (int)(slash - item->path), item->path, item->axes[0]);
    const struct record_item *axis = path ? record_find(record, path) : NULL;
    return axis && axis != item && record_count(axis) == record_count(item) ? axis : NULL;
}

/* "hessian_top/hessian_lambda_max" -> "hessian_top" */
static char *group_of_curve(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return arena_format(arena, "%.*s", slash ? (int)(slash - path) : 0, path);
}

static basin_status add_curve(struct arena *arena, const struct record *record,
                              const struct record_item *item, struct run_curves *curves)
{
    static const char *const groups[] = {"/curves/", "/steps/", "/tracked/"};
    for (size_t i = 0; i < 3; i++) {
        size_t length = strlen(groups[i]);
        if (strncmp(item->path, groups[i], length) != 0) continue;
        const struct record_item *axis = axis_of_curve(arena, record, item);
        if (!axis) return BASIN_OK;
        struct run_curve *curve = &curves->items[curves->count++];
        *curve =
            (struct run_curve){.name = arena_format(arena, "%.*s.%s", (int)length - 2,
                                                    groups[i] + 1, strrchr(item->path, '/') + 1),
                               .units = record_attribute_get_text(item, "units"),
                               .long_name = record_attribute_get_text(item, "long_name"),
                               .definition = record_attribute_get_text(item, "definition"),
                               .options = record_attribute_get_text(item, "options"),
                               .count = record_count(item),
                               .epochs = doubles(arena, axis),
                               .values = doubles(arena, item),
                               .by_step = i == 1};
        if (i == 2) curve->group = group_of_curve(arena, item->path + length);
        if (!curve->name || !curve->epochs || !curve->values || (i == 2 && !curve->group))
            return BASIN_MEMORY;
    }
    return BASIN_OK;
}

/* Curves of one name of several measures have those in their names:
 * "tracked.hessian_top.examples". */
static basin_status tell_curves_apart(struct arena *arena, struct run_curves *curves)
{
    for (size_t i = 0; i < curves->count; i++) {
        struct run_curve *curve = &curves->items[i];
        bool is_shared = false;
        for (size_t k = 0; k < curves->count && curve->group; k++)
            is_shared = is_shared || (k != i && curves->items[k].group &&
                                      strcmp(strrchr(curves->items[k].name, '.'),
                                             strrchr(curve->name, '.')) == 0);
        if (!is_shared) continue;
        curve->name = arena_format(arena, "tracked.%s%s", curve->group, strrchr(curve->name, '.'));
        if (!curve->name) return BASIN_MEMORY;
    }
    return BASIN_OK;
}

basin_status curves_load(struct results *results, struct arena *arena, const char *file,
                         struct run_curves *curves)
{
    struct record *record;
    TRY(results_arrays(results, file, arena, &record));
    *curves = (struct run_curves){arena_array(arena, struct run_curve, record->count + 1), 0};
    if (!curves->items) return BASIN_MEMORY;
    for (const struct record_item *item = record->items; item; item = item->next)
        TRY(add_curve(arena, record, item, curves));
    return tell_curves_apart(arena, curves);
}

const struct run_curve *curves_find(const struct run_curves *curves, const char *name)
{
    for (size_t i = 0; i < curves->count; i++)
        if (strcmp(curves->items[i].name, name) == 0) return &curves->items[i];
    return NULL;
}
