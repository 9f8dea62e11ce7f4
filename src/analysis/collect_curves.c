/* The curves of study.h5: what a run has over epochs or steps. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/collect_parts.h"
#include "analysis/curves.h"
#include "base/list.h"

/* An axis of epochs or steps: the union of those of all runs, exactly; nothing is interpolated. */
struct points {
    double *at; /* ascending */
    size_t count, capacity;
};

/* A curve over all runs. */
struct layer {
    const char *name, *units, *long_name, *definition; /* "curves.train_loss" */
    const char *group, *options;                       /* of one that a measure has taken */
    const char *suffix;                                /* of the options that differ */
    size_t joined; /* the layer that it is part of: they differ in how often they were taken */
    bool by_step;
    struct points points;
    const char *axis; /* the dimension that it is over */
    double *values;   /* (cells, points) */
};

struct layers {
    struct arena *arena;
    struct layer *items;
    size_t count, capacity;
};

static bool equal_texts(const char *a, const char *b)
{
    return !a || !b ? a == b : strcmp(a, b) == 0;
}

static basin_status copy_text(struct arena *arena, const char *text, const char **copy)
{
    *copy = text ? arena_text(arena, text) : NULL;
    return text && !*copy ? BASIN_MEMORY : BASIN_OK;
}

static basin_status add_new_layer(struct layers *layers, const struct run_curve *curve,
                                  size_t *which)
{
    struct arena *arena = layers->arena;
    if (!list_room(arena, layers->items, layers->count, 1, layers->capacity)) return BASIN_MEMORY;
    struct layer *layer = &layers->items[layers->count];
    *layer = (struct layer){.by_step = curve->by_step, .joined = layers->count, .suffix = ""};
    TRY(copy_text(arena, curve->name, &layer->name));
    TRY(copy_text(arena, curve->units, &layer->units));
    TRY(copy_text(arena, curve->long_name, &layer->long_name));
    TRY(copy_text(arena, curve->definition, &layer->definition));
    TRY(copy_text(arena, curve->group, &layer->group));
    TRY(copy_text(arena, curve->options, &layer->options));
    *which = layers->count++;
    return BASIN_OK;
}

/* Whether a name says the measure depends on which others its run has. */
static bool is_layer_of(const struct layer *layer, const char *name, const char *group)
{
    if (!equal_texts(layer->group, group)) return false;
    return group ? strcmp(strrchr(layer->name, '.'), strrchr(name, '.')) == 0
                 : strcmp(layer->name, name) == 0;
}

static basin_status layer_of(struct layers *layers, const struct run_curve *curve,
                             struct layer **out)
{
    size_t i = 0;
    while (i < layers->count && !(is_layer_of(&layers->items[i], curve->name, curve->group) &&
                                  equal_texts(layers->items[i].options, curve->options)))
        i++;
    if (i == layers->count) TRY(add_new_layer(layers, curve, &i));
    *out = &layers->items[layers->items[i].joined];
    return BASIN_OK;
}

static size_t points_find(const struct points *points, double at)
{
    size_t low = 0, high = points->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (points->at[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static basin_status points_add(struct arena *arena, struct points *points, double at)
{
    size_t place = points_find(points, at);
    if (isnan(at) || (place < points->count && points->at[place] == at)) return BASIN_OK;
    if (!list_room(arena, points->at, points->count, 1, points->capacity)) return BASIN_MEMORY;
    memmove(points->at + place + 1, points->at + place,
            (points->count - place) * sizeof *points->at);
    points->at[place] = at;
    points->count++;
    return BASIN_OK;
}

/* ---- twice over the files: first which points there are, then the values ---- */

typedef basin_status look(struct collector *collector, struct layers *layers, size_t cell,
                          const struct run_curve *curve);

static basin_status note_points(struct collector *collector, struct layers *layers, size_t cell,
                                const struct run_curve *curve)
{
    struct layer *layer;
    (void)collector;
    (void)cell;
    TRY(layer_of(layers, curve, &layer));
    for (size_t i = 0; i < curve->count; i++)
        TRY(points_add(layers->arena, &layer->points, curve->epochs[i]));
    return BASIN_OK;
}

static basin_status take_values(struct collector *collector, struct layers *layers, size_t cell,
                                const struct run_curve *curve)
{
    struct layer *layer;
    (void)collector;
    TRY(layer_of(layers, curve, &layer));
    for (size_t i = 0; i < curve->count; i++) {
        size_t at = points_find(&layer->points, curve->epochs[i]);
        if (at < layer->points.count && layer->points.at[at] == curve->epochs[i])
            layer->values[cell * layer->points.count + at] = curve->values[i];
    }
    return BASIN_OK;
}

const char *collect_file_of(const struct table *table, size_t row)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_FILE && strcmp(table->columns[i].name, "file") == 0)
            return table->rows[row].cells[i].text;
    return NULL;
}

static basin_status look_at_run(struct collector *collector, struct layers *layers, size_t cell,
                                look *each)
{
    struct arena *scratch;
    struct run_curves curves;
    TRY(arena_create(&scratch));
    basin_status status =
        curves_load(collector->table->results, scratch,
                    collect_file_of(collector->table, collector->cube->cells[cell].row), &curves);
    for (size_t i = 0; status == BASIN_OK && i < curves.count; i++)
        status = each(collector, layers, cell, &curves.items[i]);
    arena_destroy(scratch);
    return status;
}

static basin_status look_at_runs(struct collector *collector, struct layers *layers, look *each)
{
    for (size_t cell = 0; cell < collector->cube->cell_count; cell++)
        if (collector->cube->cells[cell].row != CUBE_NONE)
            TRY(look_at_run(collector, layers, cell, each));
    return BASIN_OK;
}

/* ---- one for each way of measuring ---- */

static bool is_same_curve(const struct layer *a, const struct layer *b)
{
    return is_layer_of(a, b->name, b->group);
}

static basin_status join_points(struct arena *arena, struct layer *into, const struct layer *from)
{
    for (size_t i = 0; i < from->points.count; i++)
        TRY(points_add(arena, &into->points, from->points.at[i]));
    return BASIN_OK;
}

/* The layers of one curve, from `first` on: what their options are called, and which are one. */
static basin_status name_layers(struct layers *layers, size_t first)
{
    struct arena *arena = layers->arena;
    const char **options = arena_array(arena, const char *, layers->count + 1),
               **suffixes = arena_array(arena, const char *, layers->count + 1);
    size_t *which = arena_array(arena, size_t, layers->count + 1), count = 0;
    if (!options || !suffixes || !which) return BASIN_MEMORY;
    for (size_t i = first; i < layers->count; i++)
        if (is_same_curve(&layers->items[first], &layers->items[i])) {
            which[count] = i;
            options[count++] = layers->items[i].options;
        }
    TRY(collect_option_suffixes(arena, options, count, suffixes));
    for (size_t i = 0; i < count; i++) {
        size_t same = 0;
        while (strcmp(suffixes[same], suffixes[i]) != 0) same++;
        struct layer *layer = &layers->items[which[i]];
        layer->suffix = suffixes[i];
        layer->joined = which[same];
        if (same != i) TRY(join_points(arena, &layers->items[which[same]], layer));
    }
    return BASIN_OK;
}

static basin_status tell_layers_apart(struct layers *layers)
{
    for (size_t i = 0; i < layers->count; i++) {
        size_t first = 0;
        while (!is_same_curve(&layers->items[first], &layers->items[i])) first++;
        if (first == i && layers->items[i].options) TRY(name_layers(layers, i));
    }
    return BASIN_OK;
}

/* A name with options behind it may be that of another curve, of runs that hold the measure several
 * times: both stay apart. */
static char *free_name(const struct collector *collector, const char *name)
{
    char *path = name ? arena_format(collector->arena, "/%s", name) : NULL;
    while (path && record_find(collector->record, path))
        path = arena_format(collector->arena, "%s_2", path);
    return path ? path + 1 : NULL;
}

/* "tracked.examples", or, where several measures have such a curve,
 * "tracked.hessian_top.examples". */
static char *layer_name(const struct collector *collector, const struct layers *layers,
                        const struct layer *layer)
{
    const char *last = strrchr(layer->name, '.');
    bool is_shared = false;
    for (size_t i = 0; i < layers->count && layer->group; i++)
        is_shared = is_shared || (layers->items[i].group &&
                                  strcmp(strrchr(layers->items[i].name, '.'), last) == 0 &&
                                  strcmp(layers->items[i].group, layer->group) != 0);
    char *name;
    if (layer->group)
        name = arena_format(collector->arena, "tracked%s%s%s%s", is_shared ? "." : "",
                            is_shared ? layer->group : "", last, layer->suffix);
    else
        name = arena_format(collector->arena, "%s%s", layer->name, layer->suffix);
    return name ? free_name(collector, cube_identifier(collector->arena, name)) : NULL;
}

/* ---- dimensions ---- */

static bool same_points(const struct points *a, const struct points *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->at, b->at, a->count * sizeof *a->at) == 0);
}

/* "epoch" or "step" for the axis that comes first, "epoch_2", ... for others. */
static basin_status name_axis(struct layers *layers, size_t which)
{
    struct layer *layer = &layers->items[which];
    size_t others = 0;
    for (size_t i = 0; i < which; i++) {
        const struct layer *earlier = &layers->items[i];
        bool is_first = earlier->joined == i && earlier->by_step == layer->by_step;
        if (is_first && same_points(&earlier->points, &layer->points)) {
            layer->axis = earlier->axis;
            return BASIN_OK;
        }
        for (size_t k = 0; k < i && is_first; k++)
            is_first = layers->items[k].axis != earlier->axis;
        others += is_first;
    }
    const char *noun = layer->by_step ? "step" : "epoch";
    layer->axis = others ? arena_format(layers->arena, "%s_%zu", noun, others + 1) : noun;
    return layer->axis ? BASIN_OK : BASIN_MEMORY;
}

static basin_status add_points(struct collector *collector, const struct layer *layer)
{
    char *path = arena_format(collector->arena, "/%s", layer->axis);
    struct record_item *item;
    if (!path) return BASIN_MEMORY;
    if (record_find(collector->record, path)) return BASIN_OK;
    TRY(record_add(collector->record, path, RECORD_FLOAT64, 1, &layer->points.count, &layer->axis,
                   layer->points.at, &item));
    return collect_describe(collector, item, layer->by_step ? "steps" : "epochs",
                            layer->by_step ? "step of training" : "epoch", NULL);
}

static basin_status allocate_values(struct collector *collector, struct layers *layers)
{
    for (size_t i = 0; i < layers->count; i++) {
        struct layer *layer = &layers->items[i];
        size_t count = collector->cube->cell_count * layer->points.count;
        if (layer->joined != i) continue;
        TRY(name_axis(layers, i));
        layer->values = arena_array(layers->arena, double, count + 1);
        if (!layer->values) return BASIN_MEMORY;
        for (size_t k = 0; k < count; k++) layer->values[k] = NAN;
    }
    return BASIN_OK;
}

static basin_status add_layer(struct collector *collector, const struct layers *layers,
                              const struct layer *layer)
{
    struct record_item *item;
    char *name = layer_name(collector, layers, layer);
    if (!name || layer->points.count == 0) return name ? BASIN_OK : BASIN_MEMORY;
    TRY(add_points(collector, layer));
    collector->dims[collector->rank] = layer->points.count;
    collector->axes[collector->rank++] = layer->axis;
    basin_status status = collect_add(collector, name, RECORD_FLOAT64, layer->values, &item);
    collector->rank--;
    TRY(status);
    return collect_describe(collector, item, layer->units, layer->long_name, layer->definition);
}

static basin_status collect_layers(struct collector *collector, struct layers *layers)
{
    TRY(look_at_runs(collector, layers, note_points));
    TRY(tell_layers_apart(layers));
    TRY(allocate_values(collector, layers));
    TRY(look_at_runs(collector, layers, take_values));
    for (size_t i = 0; i < layers->count; i++)
        if (layers->items[i].joined == i) TRY(add_layer(collector, layers, &layers->items[i]));
    return BASIN_OK;
}

basin_status collect_all_curves(struct collector *collector)
{
    struct layers layers = {0};
    TRY(arena_create(&layers.arena));
    basin_status status = collect_layers(collector, &layers);
    arena_destroy(layers.arena);
    return status;
}
