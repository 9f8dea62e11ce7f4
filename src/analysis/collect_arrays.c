/* The arrays of study.h5 that measures give: over the runs, and then over axes of their own.
 *
 * Where the places of an axis lie, of runs that have different ones:
 *   epochs, and ascending values that runs share (a grid of step sizes): their union, exactly
 *   ordinals, of which one run has more than another: those of the longest
 *   anything else (nodes that each run has chosen itself): 0, 1, ..., and the values beside them
 * Nothing is interpolated; what a run does not have is NaN. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/arrays.h"
#include "analysis/collect_parts.h"
#include "base/list.h"

/* An axis of a group of arrays, in all runs. */
struct span {
    const char *group, *suffix, *axis;
    const struct run_axis **of;    /* (cells) NULL: the run has no such array */
    const struct run_axis *widest; /* has most places, or is the first of those */
    size_t count;
    double *values; /* (count) its coordinate */
    bool by_place;  /* place i of a run is place i; else that of its value */
    bool is_own;    /* values differ from run to run */
    const char *name;
};

/* An array in all runs that took it with the same options. */
struct cloud {
    const char *group, *name, *suffix;
    const struct run_array *first, **of; /* (cells) NULL: the run has none */
    int rank;
    size_t spans[RECORD_RANK];
};

struct clouds {
    struct arena *arena;
    size_t cells;
    struct cloud *items;
    size_t count, capacity;
    struct span *spans;
    size_t span_count, span_capacity;
};

/* ---- from the files ---- */

/* With the options of `array`, as they are written. */
static bool is_cloud_of(const struct cloud *cloud, const struct run_array *array)
{
    const char *a = cloud->first->options, *b = array->options;
    bool alike = !a || !b ? a == b : strcmp(a, b) == 0;
    return alike && cloud->rank == array->rank && strcmp(cloud->group, array->group) == 0 &&
           strcmp(cloud->name, array->name) == 0;
}

static struct cloud *cloud_of(struct clouds *clouds, const struct run_array *array)
{
    for (size_t i = 0; i < clouds->count; i++)
        if (is_cloud_of(&clouds->items[i], array)) return &clouds->items[i];
    if (!list_room(clouds->arena, clouds->items, clouds->count, 1, clouds->capacity)) return NULL;
    struct cloud *cloud = &clouds->items[clouds->count];
    *cloud = (struct cloud){
        .group = array->group,
        .name = array->name,
        .first = array,
        .rank = array->rank,
        .of = arena_array(clouds->arena, const struct run_array *, clouds->cells + 1)};
    if (!cloud->of) return NULL;
    clouds->count++;
    return cloud;
}

/* What a run that diverged has of the end of its training is no result. */
static bool is_collected_array(const struct cube_run *run, const struct run_array *array)
{
    return !collect_is_diverged(run) || strncmp(array->group, "tracked.", 8) == 0;
}

static basin_status read_clouds(struct collector *collector, struct clouds *clouds)
{
    for (size_t i = 0; i < clouds->cells; i++) {
        const struct cube_run *run = &collector->cube->cells[i];
        struct run_arrays arrays;
        if (run->row == CUBE_NONE) continue;
        TRY(arrays_load(collector->table->results, clouds->arena,
                        collect_file_of(collector->table, run->row), &arrays));
        for (size_t k = 0; k < arrays.count; k++) {
            if (!is_collected_array(run, &arrays.items[k])) continue;
            struct cloud *cloud = cloud_of(clouds, &arrays.items[k]);
            if (!cloud) return BASIN_MEMORY;
            cloud->of[i] = &arrays.items[k];
        }
    }
    return BASIN_OK;
}

/* ---- one for each way of measuring ---- */

static bool is_same_array(const struct cloud *a, const struct cloud *b)
{
    return a->rank == b->rank && strcmp(a->group, b->group) == 0 && strcmp(a->name, b->name) == 0;
}

static basin_status name_ways(struct clouds *clouds, size_t first)
{
    struct arena *arena = clouds->arena;
    const char **options = arena_array(arena, const char *, clouds->count + 1),
               **suffixes = arena_array(arena, const char *, clouds->count + 1);
    size_t *which = arena_array(arena, size_t, clouds->count + 1), count = 0;
    if (!options || !suffixes || !which) return BASIN_MEMORY;
    for (size_t i = first; i < clouds->count; i++)
        if (is_same_array(&clouds->items[first], &clouds->items[i])) {
            which[count] = i;
            options[count++] = clouds->items[i].first->options;
        }
    TRY(collect_option_suffixes(arena, options, count, suffixes));
    for (size_t i = 0; i < count; i++) clouds->items[which[i]].suffix = suffixes[i];
    return BASIN_OK;
}

/* Ways that are called the same (they differ in how often a measure was taken) are one array. */
static void join_ways(const struct clouds *clouds, struct cloud *cloud)
{
    for (struct cloud *other = clouds->items; other < cloud; other++) {
        if (!is_same_array(other, cloud) || strcmp(other->suffix, cloud->suffix) != 0) continue;
        for (size_t i = 0; i < clouds->cells; i++)
            if (cloud->of[i]) other->of[i] = cloud->of[i];
        cloud->first = NULL;
        return;
    }
}

static basin_status tell_ways_apart(struct clouds *clouds)
{
    size_t kept = 0;
    for (size_t i = 0; i < clouds->count; i++)
        if (!clouds->items[i].suffix) TRY(name_ways(clouds, i));
    for (size_t i = 0; i < clouds->count; i++) join_ways(clouds, &clouds->items[i]);
    for (size_t i = 0; i < clouds->count; i++)
        if (clouds->items[i].first) clouds->items[kept++] = clouds->items[i];
    clouds->count = kept;
    return BASIN_OK;
}

/* ---- axes ---- */

static basin_status span_of(struct clouds *clouds, const struct cloud *cloud, int at, size_t *out)
{
    const char *name = cloud->first->axes[at]->name;
    char *axis = *name ? arena_text(clouds->arena, name)
                       : arena_format(clouds->arena, "%s_axis_%d", cloud->name, at);
    if (!axis) return BASIN_MEMORY;
    for (*out = 0; *out < clouds->span_count; ++*out) {
        const struct span *span = &clouds->spans[*out];
        if (strcmp(span->group, cloud->group) == 0 && strcmp(span->suffix, cloud->suffix) == 0 &&
            strcmp(span->axis, axis) == 0)
            return BASIN_OK;
    }
    if (!list_room(clouds->arena, clouds->spans, clouds->span_count, 1, clouds->span_capacity))
        return BASIN_MEMORY;
    struct span *span = &clouds->spans[clouds->span_count++];
    *span = (struct span){.group = cloud->group, .suffix = cloud->suffix, .axis = axis};
    span->of = arena_array(clouds->arena, const struct run_axis *, clouds->cells + 1);
    return span->of ? BASIN_OK : BASIN_MEMORY;
}

static basin_status find_spans(struct clouds *clouds, struct cloud *cloud)
{
    for (int at = 0; at < cloud->rank; at++) {
        TRY(span_of(clouds, cloud, at, &cloud->spans[at]));
        struct span *span = &clouds->spans[cloud->spans[at]];
        for (size_t i = 0; i < clouds->cells; i++) {
            const struct run_axis *axis = cloud->of[i] ? cloud->of[i]->axes[at] : NULL;
            if (!axis) continue;
            span->of[i] = axis;
            if (!span->widest || axis->count > span->widest->count) span->widest = axis;
        }
    }
    return BASIN_OK;
}

/* Does every run have the first places of the widest, and no others? */
static bool starts_widest(const struct clouds *clouds, const struct span *span)
{
    for (size_t i = 0; i < clouds->cells; i++) {
        const struct run_axis *axis = span->of[i];
        if (!axis) continue;
        if (!axis->values != !span->widest->values) return false;
        if (axis->values &&
            memcmp(axis->values, span->widest->values, axis->count * sizeof(double)) != 0)
            return false;
    }
    return true;
}

static bool is_ascending(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (isnan(values[i]) || (i > 0 && !(values[i - 1] < values[i]))) return false;
    return true;
}

static int span_compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The union of the values of all runs; *fits false where it makes no axis. */
static basin_status unite(const struct clouds *clouds, struct span *span, bool *fits)
{
    size_t all = 0, kept = 0;
    *fits = false;
    for (size_t i = 0; i < clouds->cells; i++) {
        const struct run_axis *axis = span->of[i];
        if (!axis) continue;
        if (!axis->values || !is_ascending(axis->values, axis->count)) return BASIN_OK;
        all += axis->count;
    }
    double *values = arena_array(clouds->arena, double, all + 1);
    if (!values) return BASIN_MEMORY;
    all = 0;
    for (size_t i = 0; i < clouds->cells; i++)
        for (size_t k = 0; span->of[i] && k < span->of[i]->count; k++)
            values[all++] = span->of[i]->values[k];
    qsort(values, all, sizeof *values, span_compare);
    for (size_t i = 0; i < all; i++)
        if (kept == 0 || values[kept - 1] != values[i]) values[kept++] = values[i];
    span->values = values;
    span->count = kept;
    *fits = strcmp(span->axis, "epoch") == 0 || kept <= 2 * span->widest->count;
    return BASIN_OK;
}

static basin_status settle(const struct clouds *clouds, struct span *span)
{
    bool fits = false, is_epoch = strcmp(span->axis, "epoch") == 0,
         same = starts_widest(clouds, span);
    if (is_epoch || !same) TRY(unite(clouds, span, &fits));
    if (fits) return BASIN_OK;
    span->by_place = true;
    span->is_own = !same;
    span->count = span->widest->count;
    span->values = arena_array(clouds->arena, double, span->count + 1);
    if (!span->values) return BASIN_MEMORY;
    for (size_t i = 0; i < span->count; i++)
        span->values[i] = same && span->widest->values ? span->widest->values[i] : (double)i;
    return BASIN_OK;
}

static size_t span_place(const struct span *span, const struct run_axis *axis, size_t i)
{
    size_t low = 0, high = span->count;
    if (span->by_place) return i;
    while (low + 1 < high) {
        size_t middle = (low + high) / 2;
        if (span->values[middle] <= axis->values[i])
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* ---- names and values of axes ---- */

static basin_status add_over_span(struct collector *collector, const struct span *span,
                                  const char *name, enum record_type type, const void *data,
                                  struct record_item **item)
{
    collector->dims[collector->rank] = span->count;
    collector->axes[collector->rank++] = span->name;
    basin_status status = collect_add(collector, name, type, data, item);
    collector->rank--;
    return status;
}

static const char *name_beside(struct collector *collector, const struct span *span,
                               const char *what)
{
    return arena_format(collector->arena, "%s_%s", span->name, what);
}

/* What the places of a run's axis are: NAME_values over runs. */
static basin_status add_own_values(struct collector *collector, const struct clouds *clouds,
                                   const struct span *span)
{
    double *values = arena_array(clouds->arena, double, clouds->cells * span->count + 1);
    const char *name = name_beside(collector, span, "values");
    struct record_item *item;
    if (!values || !name) return BASIN_MEMORY;
    for (size_t i = 0; i < clouds->cells * span->count; i++) values[i] = NAN;
    for (size_t i = 0; i < clouds->cells; i++)
        for (size_t k = 0; span->of[i] && span->of[i]->values && k < span->of[i]->count; k++)
            values[i * span->count + k] = span->of[i]->values[k];
    TRY(add_over_span(collector, span, name, RECORD_FLOAT64, values, &item));
    TRY(collect_describe(collector, item, span->widest->units, span->widest->long_name, NULL));
    return collect_name_coordinate(collector, name);
}

/* Takes the names of all runs; *same: they have the same ones, as far as they go. */
static basin_status gather_names(const struct clouds *clouds, const struct span *span,
                                 const char ***out, bool *any, bool *same)
{
    size_t volume = clouds->cells * span->count;
    const char **names = arena_array(clouds->arena, const char *, volume + 1),
               **all = arena_array(clouds->arena, const char *, span->count + 1);
    if (!names || !all) return BASIN_MEMORY;
    *any = false;
    *same = true;
    for (size_t i = 0; i < volume; i++) names[i] = "";
    for (size_t i = 0; i < clouds->cells; i++)
        for (size_t k = 0; span->of[i] && span->of[i]->names && k < span->of[i]->count; k++) {
            size_t place = span_place(span, span->of[i], k);
            const char *name = names[i * span->count + place] = span->of[i]->names[k];
            if (!all[place]) all[place] = name;
            *same = *same && strcmp(all[place], name) == 0;
            *any = true;
        }
    for (size_t i = 0; i < span->count; i++)
        if (!all[i]) all[i] = "";
    *out = *same ? all : names;
    return BASIN_OK;
}

/* The names of its places: NAME_names, over runs too where those have different ones. */
static basin_status add_place_names(struct collector *collector, const struct clouds *clouds,
                                    const struct span *span)
{
    bool any, same;
    const char **names, *name = name_beside(collector, span, "names");
    char *path = arena_format(collector->arena, "/%s", name ? name : "");
    struct record_item *item;
    if (!name || !path) return BASIN_MEMORY;
    TRY(gather_names(clouds, span, &names, &any, &same));
    if (!any || record_find(collector->record, path)) return BASIN_OK;
    if (same)
        TRY(record_add(collector->record, path, RECORD_TEXT, 1, &span->count, &span->name, names,
                       &item));
    else
        TRY(add_over_span(collector, span, name, RECORD_TEXT, names, &item));
    TRY(collect_describe(collector, item, NULL, span->widest->long_name, NULL));
    return collect_name_coordinate(collector, name);
}

/* An axis that is the same at the end of training as before has one name. */
static const char *span_base(struct collector *collector, const struct span *span)
{
    const char *group = span->group;
    if (strncmp(group, "tracked.", 8) == 0 && !span->is_own) group += 8;
    const char *base = arena_format(collector->arena, "%s%s%s%s", group, *group ? "." : "",
                                    span->axis, span->suffix);
    return base ? cube_identifier(collector->arena, base) : NULL;
}

static basin_status add_span(struct collector *collector, const struct clouds *clouds,
                             struct span *span)
{
    struct record_item *made;
    bool is_epoch = strcmp(span->axis, "epoch") == 0;
    const char *base = is_epoch ? "epoch" : span_base(collector, span);
    if (!base) return BASIN_MEMORY;
    TRY(collect_share_axis(collector, base, span->values, span->count, &span->name, &made));
    if (made)
        TRY(collect_describe(collector, made, is_epoch ? "epochs" : span->widest->units,
                             is_epoch ? "epoch" : span->widest->long_name, NULL));
    if (span->is_own) TRY(add_own_values(collector, clouds, span));
    return is_epoch ? BASIN_OK : add_place_names(collector, clouds, span);
}

/* ---- arrays ---- */

enum { CLOUD_MOST = 1 << 26 /* numbers of an array over all runs */ };

static size_t cloud_volume(const struct clouds *clouds, const struct cloud *cloud)
{
    size_t volume = clouds->cells;
    for (int at = 0; at < cloud->rank; at++) {
        size_t count = clouds->spans[cloud->spans[at]].count;
        volume = count && volume > SIZE_MAX / count ? SIZE_MAX : volume * count;
    }
    return volume;
}

/* Row-major places of a run's array in that over all runs. */
static void fill_cloud(const struct clouds *clouds, const struct cloud *cloud, size_t cell,
                       double *values)
{
    const struct run_array *array = cloud->of[cell];
    size_t count = arrays_volume(array);
    for (size_t i = 0; i < count; i++) {
        size_t rest = i, place = 0, stride = 1;
        for (int at = cloud->rank - 1; at >= 0; at--) {
            const struct span *span = &clouds->spans[cloud->spans[at]];
            const struct run_axis *axis = array->axes[at];
            place += span_place(span, axis, rest % axis->count) * stride;
            rest /= axis->count;
            stride *= span->count;
        }
        values[cell * stride + place] = array->values[i];
    }
}

static basin_status describe_cloud(struct collector *collector, const struct cloud *cloud,
                                   struct record_item *item)
{
    const struct run_array *array = cloud->first;
    TRY(collect_describe(collector, item, array->units, array->long_name, array->definition));
    if (array->source) TRY(record_attribute_text(collector->record, item, "source", array->source));
    return array->measure
               ? record_attribute_text(collector->record, item, "measure", array->measure)
               : BASIN_OK;
}

/* "hessian_top_eigenvalue"; "..._array" where a number has that name. */
static char *cloud_name(struct collector *collector, const struct cloud *cloud)
{
    char *name = arena_format(collector->arena, "%s%s%s%s", cloud->group, *cloud->group ? "." : "",
                              cloud->name, cloud->suffix);
    char *own = name ? cube_identifier(collector->arena, name) : NULL,
         *path = own ? arena_format(collector->arena, "/%s", own) : NULL;
    while (path && record_find(collector->record, path))
        path = arena_format(collector->arena, "%s_array", path);
    return path ? path + 1 : NULL;
}

static basin_status add_cloud(struct collector *collector, struct clouds *clouds,
                              const struct cloud *cloud)
{
    size_t volume = cloud_volume(clouds, cloud);
    double *values = arena_array(clouds->arena, double, volume + 1);
    struct record_item *item;
    if (!values) return BASIN_MEMORY;
    for (size_t i = 0; i < volume; i++) values[i] = NAN;
    for (size_t i = 0; i < clouds->cells; i++)
        if (cloud->of[i]) fill_cloud(clouds, cloud, i, values);
    int rank = collector->rank;
    for (int at = 0; at < cloud->rank; at++) {
        struct span *span = &clouds->spans[cloud->spans[at]];
        if (!span->name) TRY(add_span(collector, clouds, span));
        collector->dims[rank + at] = span->count;
        collector->axes[rank + at] = span->name;
    }
    char *name = cloud_name(collector, cloud);
    if (!name) return BASIN_MEMORY;
    collector->rank += cloud->rank;
    basin_status status = collect_add(collector, name, RECORD_FLOAT64, values, &item);
    collector->rank = rank;
    TRY(status);
    return describe_cloud(collector, cloud, item);
}

/* ---- what is too large ---- */

static const char *too_large(const struct collector *collector, const struct clouds *clouds,
                             const struct cloud *cloud)
{
    size_t most = 0, volume = cloud_volume(clouds, cloud);
    for (size_t i = 0; i < clouds->cells; i++)
        if (cloud->of[i] && !cloud->of[i]->values && arrays_volume(cloud->of[i]) > most)
            most = arrays_volume(cloud->of[i]);
    if (most)
        return arena_format(collector->arena, "%zu numbers in a run, more than %d", most,
                            ARRAYS_MOST);
    if (collector->rank + cloud->rank > RECORD_RANK)
        return arena_format(collector->arena, "%d axes, more than %d",
                            collector->rank + cloud->rank, RECORD_RANK);
    if (volume > CLOUD_MOST)
        return arena_format(collector->arena, "%zu numbers in all runs, more than %d", volume,
                            CLOUD_MOST);
    return NULL;
}

static basin_status leave_out(struct collector *collector, const struct cloud *cloud,
                              const char *reason)
{
    char *name = arena_format(collector->arena, "%s%s%s%s", cloud->group, *cloud->group ? "." : "",
                              cloud->name, cloud->suffix);
    if (!name || !list_room(collector->arena, collector->left_out, collector->left_out_count, 1,
                            collector->left_out_capacity))
        return BASIN_MEMORY;
    collector->left_out[collector->left_out_count++] = name;
    const char *note =
        arena_format(collector->arena, "%s stays in the files of the runs: %s", name, reason);
    return note ? collect_note(collector, note) : BASIN_MEMORY;
}

static basin_status collect_clouds(struct collector *collector, struct clouds *clouds)
{
    TRY(read_clouds(collector, clouds));
    TRY(tell_ways_apart(clouds));
    for (size_t i = 0; i < clouds->count; i++) TRY(find_spans(clouds, &clouds->items[i]));
    for (size_t i = 0; i < clouds->span_count; i++) TRY(settle(clouds, &clouds->spans[i]));
    for (size_t i = 0; i < clouds->count; i++) {
        const char *reason = too_large(collector, clouds, &clouds->items[i]);
        if (reason)
            TRY(leave_out(collector, &clouds->items[i], reason));
        else
            TRY(add_cloud(collector, clouds, &clouds->items[i]));
    }
    if (!collector->left_out_count) return BASIN_OK;
    return record_attribute_add(collector->record, collector->record->items, "left_out",
                                RECORD_TEXT, collector->left_out_count, collector->left_out);
}

basin_status collect_arrays(struct collector *collector)
{
    struct clouds clouds = {.cells = collector->cube->cell_count};
    TRY(arena_create(&clouds.arena));
    basin_status status = collect_clouds(collector, &clouds);
    arena_destroy(clouds.arena);
    return status;
}
