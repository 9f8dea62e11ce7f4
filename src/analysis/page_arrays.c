/* What is plotted over axes: curves and arrays of measures of all runs, and how they are packed.
 *
 * In JSON: {"encoding": "float64" | "float32" | "rounded", "start": byte, "points": most of a
 * curve or an array, or null for all, "axes": [...], "series": [{"name", "units", "title",
 * "definition", "over": [names of its axes], "byStep", "runs": [-1, or an axis, or a list of as
 * many as there are names; one a run]}]}. An axis is a list of numbers, or {"from", "by", "count"}.
 * The numbers stand one behind the other, series by series and run by run, row-major, from `start`
 * on. What is over several axes is thinned along each of them. Where numbers are rounded, each
 * curve is three float32, low, high and whether logarithms are rounded (0 or 1), and a uint16 for
 * each value, filled up to a multiple of 4 bytes: 0 ... 65532 from low to high, 65533 -inf, 65534
 * inf, 65535 NaN. */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "analysis/page.h"
#include "base/list.h"

/* As many axes as a tracked array of a measure can have (MEASURE_RANK, and the epoch). */
enum { PAGE_RANK = 5 };
enum { LEVEL_MOST = 65532, LEVEL_LESS, LEVEL_MORE, LEVEL_NONE, HEAD_BYTES = 12 };

struct page_axis {
    const double *values;
    size_t count;
    int rank; /* of the arrays over it: it says how many of its points are kept */
};

struct page_piece {
    const double *values; /* NULL: the run has no such curve */
    size_t axes[PAGE_RANK];
};

struct page_series {
    const char *name, *units, *title, *definition, *over[PAGE_RANK];
    int rank;
    bool by_step;
    struct page_piece *pieces; /* one a run */
};

struct page_arrays {
    struct arena *arena;
    enum page_kind kind;
    size_t runs;
    struct page_series *series;
    size_t count, capacity;
    struct page_axis *axes;
    size_t axis_count, axis_capacity;
};

basin_status page_arrays_create(struct arena *arena, enum page_kind kind, size_t runs,
                                struct page_arrays **arrays)
{
    *arrays = arena_allocate(arena, sizeof **arrays);
    if (!*arrays) return BASIN_MEMORY;
    **arrays = (struct page_arrays){.arena = arena, .kind = kind, .runs = runs};
    return BASIN_OK;
}

/* ---- taking them from a record ---- */

static const char *last_part(const char *path)
{
    return strrchr(path, '/') + 1;
}

/* What was tracked over the epochs alone is a curve. */
static bool is_page_array(const struct record_item *item)
{
    if (strncmp(item->path, "/measures/", 10) == 0) return true;
    return strncmp(item->path, "/tracked/", 9) == 0 &&
           (item->rank > 1 || strcmp(item->axes[0], "epoch") != 0);
}

/* "curves.train_loss", "tracked.hessian_lambda_max"; of an array of a measure
 * "hessian_top/eigenvalue", "tracked.hessian_top/eigenvalue". NULL: it is not of this kind. */
static const char *series_name(const struct page_arrays *arrays, const struct record_item *item,
                               struct arena *arena)
{
    static const char *const groups[] = {"curves", "steps", "tracked"};
    if (is_page_array(item) != (arrays->kind == PAGE_ARRAYS)) return NULL;
    if (arrays->kind == PAGE_ARRAYS)
        return item->path[1] == 'm' ? arena_text(arena, item->path + 10)
                                    : arena_format(arena, "tracked.%s", item->path + 9);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        size_t length = strlen(groups[i]);
        if (strncmp(item->path + 1, groups[i], length) == 0 && item->path[1 + length] == '/')
            return arena_format(arena, "%s.%s", groups[i], last_part(item->path));
    }
    return NULL;
}

static const struct record_item *axis_of_array(const struct record *record,
                                               const struct record_item *item, int at)
{
    const char *own = last_part(item->path), *name = item->axes[at];
    if (!name || !*name || strcmp(name, own) == 0) return NULL;
    const char *path =
        arena_format(record->arena, "%.*s%s", (int)(own - item->path), item->path, name);
    const struct record_item *axis = path ? record_find(record, path) : NULL;
    bool fits = axis && !axis->is_group && axis->type != RECORD_TEXT && axis->rank == 1;
    return fits && record_count(axis) == item->dims[at] ? axis : NULL;
}

static bool has_axes(const struct record *record, const struct record_item *item,
                     const struct record_item *axes[PAGE_RANK])
{
    if (item->is_group || item->type == RECORD_TEXT || item->rank < 1 || item->rank > PAGE_RANK)
        return false;
    for (int i = 0; i < item->rank; i++)
        if (!(axes[i] = axis_of_array(record, item, i))) return false;
    return true;
}

static const double *copy_numbers(struct arena *arena, const struct record_item *item)
{
    size_t count = record_count(item);
    double *values = arena_array(arena, double, count + 1);
    for (size_t i = 0; values && i < count; i++) values[i] = record_number(item, i);
    return values;
}

static bool is_axis(const struct page_axis *axis, const struct record_item *item, int rank)
{
    if (axis->count != record_count(item) || axis->rank != rank) return false;
    for (size_t i = 0; i < axis->count; i++)
        if (axis->values[i] != record_number(item, i)) return false;
    return true;
}

/* Runs of a study mostly share their axes: the last one is looked at first. */
static basin_status take_axis(struct page_arrays *arrays, const struct record_item *item, int rank,
                              size_t *index)
{
    for (size_t i = arrays->axis_count; i-- > 0;)
        if (is_axis(&arrays->axes[i], item, rank)) {
            *index = i;
            return BASIN_OK;
        }
    if (!list_room(arrays->arena, arrays->axes, arrays->axis_count, 1, arrays->axis_capacity))
        return BASIN_MEMORY;
    struct page_axis *axis = &arrays->axes[ *index = arrays->axis_count];
    *axis = (struct page_axis){copy_numbers(arrays->arena, item), record_count(item), rank};
    if (!axis->values) return BASIN_MEMORY;
    arrays->axis_count++;
    return BASIN_OK;
}

static basin_status copy_attribute(struct page_arrays *arrays, const struct record_item *item,
                                   const char *name, const char **text)
{
    const char *value = record_attribute_get_text(item, name);
    *text = value ? arena_text(arrays->arena, value) : NULL;
    return value && !*text ? BASIN_MEMORY : BASIN_OK;
}

static bool is_series(const struct page_series *series, const struct record_item *item,
                      const char *name)
{
    if (series->rank != item->rank || strcmp(series->name, name) != 0) return false;
    for (int i = 0; i < item->rank; i++)
        if (strcmp(series->over[i], item->axes[i]) != 0) return false;
    return true;
}

static basin_status find_page_series(struct page_arrays *arrays, const struct record_item *item,
                                     const char *name, struct page_series **found)
{
    for (size_t i = 0; i < arrays->count; i++)
        if (is_series(*found = &arrays->series[i], item, name)) return BASIN_OK;
    if (!list_room(arrays->arena, arrays->series, arrays->count, 1, arrays->capacity))
        return BASIN_MEMORY;
    struct page_series *series = *found = &arrays->series[arrays->count];
    *series = (struct page_series){.name = arena_text(arrays->arena, name),
                                   .rank = item->rank,
                                   .by_step = strncmp(item->path, "/steps/", 7) == 0};
    series->pieces = arena_array(arrays->arena, struct page_piece, arrays->runs + 1);
    if (!series->name || !series->pieces) return BASIN_MEMORY;
    for (int i = 0; i < item->rank; i++)
        if (!(series->over[i] = arena_text(arrays->arena, item->axes[i]))) return BASIN_MEMORY;
    TRY(copy_attribute(arrays, item, "units", &series->units));
    TRY(copy_attribute(arrays, item, "long_name", &series->title));
    TRY(copy_attribute(arrays, item, "definition", &series->definition));
    arrays->count++;
    return BASIN_OK;
}

static basin_status take_item(struct page_arrays *arrays, size_t run, const struct record *record,
                              const struct record_item *item)
{
    const struct record_item *axes[PAGE_RANK];
    const char *name =
        has_axes(record, item, axes) ? series_name(arrays, item, record->arena) : NULL;
    struct page_series *series;
    if (!name || record_count(item) == 0) return BASIN_OK;
    TRY(find_page_series(arrays, item, name, &series));
    for (int i = 0; i < item->rank; i++)
        TRY(take_axis(arrays, axes[i], item->rank, &series->pieces[run].axes[i]));
    series->pieces[run].values = copy_numbers(arrays->arena, item);
    return series->pieces[run].values ? BASIN_OK : BASIN_MEMORY;
}

basin_status page_arrays_take(struct page_arrays *arrays, size_t run, const struct record *record)
{
    for (const struct record_item *item = record->items; item; item = item->next)
        TRY(take_item(arrays, run, record, item));
    return BASIN_OK;
}

/* ---- packing ---- */

/* How a study's curves are packed: the most exact way that fits. */
struct packing {
    const char *name;
    size_t width, head, points; /* bytes of a value and before each curve; most points of a curve */
};

/* Of an axis; at least its ends. */
static size_t kept_points(const struct packing *packing, const struct page_axis *axis)
{
    size_t most = packing->points;
    if (most != SIZE_MAX && axis->rank > 1)
        most = (size_t)fmax(2, floor(pow((double)most, 1.0 / axis->rank) + 1e-9));
    return axis->count < most ? axis->count : most;
}

static size_t piece_count(const struct page_arrays *arrays, const struct page_series *series,
                          const struct page_piece *piece)
{
    size_t count = 1;
    for (int i = 0; i < series->rank; i++) count *= arrays->axes[piece->axes[i]].count;
    return count;
}

static size_t piece_kept(const struct page_arrays *arrays, const struct page_series *series,
                         const struct page_piece *piece, const struct packing *packing)
{
    size_t kept = 1;
    for (int i = 0; i < series->rank; i++)
        kept *= kept_points(packing, &arrays->axes[piece->axes[i]]);
    return kept;
}

static size_t packed_bytes(const struct page_arrays *arrays, const struct packing *packing)
{
    size_t bytes = 0;
    for (size_t i = 0; i < arrays->count; i++)
        for (size_t run = 0; run < arrays->runs; run++) {
            const struct page_piece *piece = &arrays->series[i].pieces[run];
            if (!piece->values) continue;
            size_t kept = piece_kept(arrays, &arrays->series[i], piece, packing);
            bytes += packing->head + (packing->width * kept + 3) / 4 * 4;
        }
    return bytes;
}

static struct packing choose_packing(const struct page_arrays *arrays, size_t most)
{
    static const struct packing ways[] = {{"float64", 8, 0, SIZE_MAX},
                                          {"float32", 4, 0, SIZE_MAX},
                                          {"rounded", 2, HEAD_BYTES, SIZE_MAX}};
    struct packing packing;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        packing = ways[i];
        if (packed_bytes(arrays, &packing) <= most) return packing;
    }
    size_t low = 2, high = (size_t)1 << 20; /* low: fits, or is the least there is */
    while (high - low > 1) {
        packing.points = low + (high - low) / 2;
        if (packed_bytes(arrays, &packing) <= most)
            low = packing.points;
        else
            high = packing.points;
    }
    packing.points = low;
    return packing;
}

/* The index of the i-th of `kept` points that are spread evenly over `count`, first and last among
 * them. */
static size_t spread(size_t i, size_t kept, size_t count)
{
    return kept == count || kept < 2
               ? i
               : (size_t)((double)i * (double)(count - 1) / (double)(kept - 1) + 0.5);
}

static void put_plain(const struct packing *packing, const double *values, size_t count,
                      struct text *bytes)
{
    for (size_t i = 0; i < count; i++) {
        float narrow = (float)values[i];
        if (packing->width == 8)
            text_append_n(bytes, (const char *)&values[i], sizeof values[i]);
        else
            text_append_n(bytes, (const char *)&narrow, sizeof narrow);
    }
}

/* The range of a curve's finite values. Beyond what float32 holds they are infinite. */
#define PAGE_FLOAT_MOST 3e38

static void find_levels(const double *values, size_t count, float head[3])
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]) || fabs(values[i]) > PAGE_FLOAT_MOST) continue;
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
    }
    if (low > high) low = high = 0;
    head[2] = low > 0 && high / low > 8;
    head[0] = head[2] != 0 ? (float)log(low) : (float)low;
    head[1] = head[2] != 0 ? (float)log(high) : (float)high;
}

static uint16_t level_of(double value, const float head[3])
{
    bool is_beyond = head[2] == 0 && fabs(value) > PAGE_FLOAT_MOST;
    if (isnan(value)) return LEVEL_NONE;
    if (isinf(value) || is_beyond) return value > 0 ? LEVEL_MORE : LEVEL_LESS;
    double low = head[0], high = head[1], at = head[2] != 0 ? log(value) : value;
    double part = high > low ? (at - low) / (high - low) : 0;
    return (uint16_t)(fmin(fmax(part, 0), 1) * LEVEL_MOST + 0.5);
}

/* Where the i-th of the kept values stands in the array. */
static size_t kept_place(const struct page_arrays *arrays, const struct page_series *series,
                         const struct page_piece *piece, const struct packing *packing, size_t i)
{
    size_t place = 0, stride = 1;
    for (int k = series->rank; k-- > 0;) {
        const struct page_axis *axis = &arrays->axes[piece->axes[k]];
        size_t kept = kept_points(packing, axis);
        place += stride * spread(i % kept, kept, axis->count);
        stride *= axis->count;
        i /= kept;
    }
    return place;
}

static void put_rounded(const struct page_arrays *arrays, const struct page_series *series,
                        const struct page_piece *piece, const struct packing *packing,
                        struct text *bytes)
{
    float head[3];
    size_t kept = piece_kept(arrays, series, piece, packing);
    find_levels(piece->values, piece_count(arrays, series, piece), head);
    text_append_n(bytes, (const char *)head, sizeof head);
    for (size_t i = 0; i < kept; i++) {
        size_t place = kept_place(arrays, series, piece, packing, i);
        uint16_t level = level_of(piece->values[place], head);
        text_append_n(bytes, (const char *)&level, sizeof level);
    }
    if (kept % 2) text_append_n(bytes, "\0", 2);
}

static void put_pieces(const struct page_arrays *arrays, const struct packing *packing,
                       const struct page_series *series, struct text *bytes)
{
    for (size_t run = 0; run < arrays->runs; run++) {
        const struct page_piece *piece = &series->pieces[run];
        if (!piece->values) continue;
        if (packing->head)
            put_rounded(arrays, series, piece, packing, bytes);
        else
            put_plain(packing, piece->values, piece_count(arrays, series, piece), bytes);
    }
}

/* ---- the list ---- */

static bool is_even(const double *values, size_t count)
{
    for (size_t i = 2; i < count; i++)
        if (values[i] != values[0] + (double)i * (values[1] - values[0])) return false;
    return count > 2;
}

static void put_axis(const struct page_axis *axis, const struct packing *packing, struct text *out)
{
    size_t kept = kept_points(packing, axis);
    if (kept == axis->count && is_even(axis->values, kept)) {
        text_append(out, "{\"from\":");
        text_json_number(out, axis->values[0]);
        text_append(out, ",\"by\":");
        text_json_number(out, axis->values[1] - axis->values[0]);
        text_format(out, ",\"count\":%zu}", kept);
        return;
    }
    for (size_t i = 0; i < kept; i++) {
        text_append(out, i ? "," : "[");
        text_json_number(out, axis->values[spread(i, kept, axis->count)]);
    }
    text_append(out, "]");
}

static void put_series_text(struct text *out, const char *key, const char *value)
{
    if (!value) return;
    text_format(out, "\"%s\":", key);
    text_json(out, value);
    text_append(out, ",");
}

static void put_piece_axes(const struct page_series *series, const struct page_piece *piece,
                           struct text *out)
{
    if (!piece->values) {
        text_append(out, "-1");
        return;
    }
    if (series->rank > 1) text_append(out, "[");
    for (int i = 0; i < series->rank; i++) text_format(out, "%s%zu", i ? "," : "", piece->axes[i]);
    if (series->rank > 1) text_append(out, "]");
}

static void put_series(const struct page_arrays *arrays, const struct page_series *series,
                       struct text *out)
{
    text_append(out, "\n{");
    put_series_text(out, "name", series->name);
    put_series_text(out, "units", series->units);
    put_series_text(out, "title", series->title);
    put_series_text(out, "definition", series->definition);
    text_append(out, "\"over\":[");
    for (int i = 0; i < series->rank; i++) {
        if (i) text_append(out, ",");
        text_json(out, series->over[i]);
    }
    text_append(out, "],");
    if (series->by_step) text_append(out, "\"byStep\":true,");
    text_append(out, "\"runs\":[");
    for (size_t run = 0; run < arrays->runs; run++) {
        if (run) text_append(out, ",");
        put_piece_axes(series, &series->pieces[run], out);
    }
    text_append(out, "]}");
}

basin_status page_arrays_write(const struct page_arrays *arrays, size_t most, struct text *out,
                               struct text *bytes)
{
    const struct packing packing = choose_packing(arrays, most);
    while (bytes->length % 8) text_append_n(bytes, "\0", 1);
    text_format(out, "{\"encoding\":\"%s\",\"start\":%zu,\"points\":", packing.name, bytes->length);
    if (packing.points == SIZE_MAX)
        text_append(out, "null");
    else
        text_format(out, "%zu", packing.points);
    text_append(out, ",\"axes\":[");
    for (size_t i = 0; i < arrays->axis_count; i++) {
        if (i) text_append(out, ",");
        put_axis(&arrays->axes[i], &packing, out);
    }
    text_append(out, "],\"series\":[");
    for (size_t i = 0; i < arrays->count; i++) {
        if (i) text_append(out, ",");
        put_series(arrays, &arrays->series[i], out);
        put_pieces(arrays, &packing, &arrays->series[i], bytes);
    }
    text_append(out, "]}");
    return text_status(bytes) == BASIN_OK ? text_status(out) : BASIN_MEMORY;
}
