#include "spec/sweep_points.h"

#include <stdio.h>
#include <string.h>
#include "base/hash.h"
#include "base/list.h"
#include "spec/resolve.h"

/* ---- axes, points, dimensions ---- */

static int path_depth(const char *path)
{
    int depth = 1;
    for (; *path; path++) depth += *path == '.';
    return depth;
}

/* The axis of a path, added where it is new. Several generators of a union may sweep the same path:
 * they share the axis. */
static basin_status axis_of(struct sweep_reader *reader, const char *path, struct mark mark,
                            size_t *axis)
{
    struct sweep *sweep = reader->sweep;
    struct arena *arena = reader->resolver->arena;
    for (*axis = 0; *axis < sweep->count; ++*axis)
        if (strcmp(sweep->axes[*axis].path, path) == 0) return BASIN_OK;
    size_t axes = sweep->capacity, sources = sweep->capacity; /* room for them */
    if (!list_room(arena, sweep->axes, sweep->count, 1, axes) ||
        !list_room(arena, sweep->sources, sweep->count, 1, sources))
        return BASIN_MEMORY;
    sweep->capacity = axes < sources ? axes : sources;
    sweep->axes[sweep->count] = (struct spec_axis){.path = path, .mark = mark};
    sweep->sources[sweep->count++] =
        (struct axis_source){.depth = path_depth(path), .conditional = -1};
    return BASIN_OK;
}

basin_status sweep_axis_append(struct sweep_reader *reader, const struct tree_member *member,
                               const struct schema_row *row, struct tree *const *nodes,
                               size_t count, size_t *axis, size_t *first)
{
    struct resolver *resolver = reader->resolver;
    struct place place = {.key = member->key, .mark = member->mark};
    TRY(axis_of(reader, member->key, member->mark, axis));
    struct spec_axis *into = &reader->sweep->axes[*axis];
    struct axis_source *source = &reader->sweep->sources[*axis];
    size_t values = source->capacity, written = source->capacity; /* room for them */
    if (!list_room(resolver->arena, into->values, into->count, count, values) ||
        !list_room(resolver->arena, source->nodes, into->count, count, written))
        return BASIN_MEMORY;
    source->capacity = values < written ? values : written;
    *first = into->count;
    resolver->is_axis = true;
    for (size_t i = 0; i < count; i++) {
        source->nodes[into->count] = nodes[i];
        into->values[into->count++] = resolve_row(resolver, row, nodes[i], &place);
    }
    resolver->is_axis = false;
    return resolver->status;
}

basin_status sweep_dimension_add(struct sweep_product *product, struct mark mark, size_t points,
                                 struct sweep_dimension **out)
{
    struct arena *arena = product->reader->resolver->arena;
    struct sweep_point *array = arena_array(arena, struct sweep_point, points + 1);
    if (!array || !list_room(arena, product->dimensions, product->count, 1, product->capacity))
        return BASIN_MEMORY;
    *out = &product->dimensions[product->count++];
    **out = (struct sweep_dimension){.points = array, .count = points, .mark = mark};
    return BASIN_OK;
}

basin_status sweep_point_reserve(const struct sweep_product *product, struct sweep_point *point,
                                 size_t parts)
{
    point->parts = arena_array(product->reader->resolver->arena, struct sweep_part, parts + 1);
    return point->parts ? BASIN_OK : BASIN_MEMORY;
}

bool sweep_dimension_sets(const struct sweep_dimension *dimension, size_t axis)
{
    for (size_t i = 0; i < dimension->count; i++)
        for (size_t j = 0; j < dimension->points[i].count; j++)
            if (dimension->points[i].parts[j].axis == axis) return true;
    return false;
}

/* Only the dimensions before the last are searched: the last is the one that is being built. */
bool sweep_is_swept_twice(const struct sweep_product *product, const struct tree_member *member,
                          size_t axis)
{
    char line[DIAGNOSTICS_LINE];
    for (size_t i = 0; i + 1 < product->count; i++) {
        if (!sweep_dimension_sets(&product->dimensions[i], axis)) continue;
        struct place place = {.key = member->key};
        resolver_complain(product->reader->resolver, member->mark, &place,
                          "keep one of them, or put them under sweep.union",
                          "this is swept already, in %s",
                          diagnostics_line(product->reader->resolver->diagnostics,
                                           product->dimensions[i].mark, member->mark, line));
        return true;
    }
    return false;
}

/* Is `item` an item of the list `list`, or something in one? Only lists have numbers for keys. */
static bool is_item_of(const char *item, const char *list)
{
    size_t length = strlen(list);
    return strncmp(item, list, length) == 0 && item[length] == '.' && item[length + 1] >= '0' &&
           item[length + 1] <= '9';
}

/* Does some run have a value of both axes? */
static bool are_together(const struct sweep_product *product, size_t a, size_t b)
{
    for (size_t d = 0; d < product->count; d++) {
        const struct sweep_dimension *dimension = &product->dimensions[d];
        for (size_t e = 0; e < product->count && sweep_dimension_sets(dimension, a); e++)
            if (e != d && sweep_dimension_sets(&product->dimensions[e], b)) return true;
        for (size_t i = 0; i < dimension->count; i++) {
            const struct sweep_point *point = &dimension->points[i];
            bool has_a = false, has_b = false;
            for (size_t k = 0; k < point->count; k++) {
                has_a = has_a || point->parts[k].axis == a;
                has_b = has_b || point->parts[k].axis == b;
            }
            if (has_a && has_b) return true;
        }
    }
    return false;
}

void sweep_refuse_items(const struct sweep_product *product)
{
    const struct sweep *sweep = product->reader->sweep;
    char line[DIAGNOSTICS_LINE];
    for (size_t a = 0; a < sweep->count; a++)
        for (size_t b = 0; b < sweep->count; b++) {
            const struct spec_axis *list = &sweep->axes[a], *item = &sweep->axes[b];
            struct place place = {.key = item->path};
            if (!is_item_of(item->path, list->path) || !are_together(product, a, b)) continue;
            resolver_complain(product->reader->resolver, item->mark, &place,
                              "write whole lists, or put the two under sweep.union",
                              "this is part of %s, which is swept as a whole in %s", list->path,
                              diagnostics_line(product->reader->resolver->diagnostics, list->mark,
                                               item->mark, line));
        }
}

/* ---- values that are repeated ---- */

static bool is_idle(const struct sweep *sweep, const struct sweep_part *part, uint64_t idle)
{
    int conditional = sweep->sources[part->axis].conditional;
    return conditional >= 0 && idle >> conditional & 1;
}

void sweep_print_point(const struct sweep *sweep, const struct sweep_point *point, uint64_t idle,
                       struct text *out)
{
    for (size_t i = 0; i < point->count; i++) {
        const struct sweep_part *part = &point->parts[i];
        const struct value *value = sweep->axes[part->axis].values[part->value];
        if (is_idle(sweep, part, idle)) continue;
        text_format(out, "%s%s=", out->length ? " " : "", sweep->axes[part->axis].path);
        if (value) value_print(out, value);
    }
}

void sweep_sort_parts(struct sweep_point *point)
{
    for (size_t i = 1; i < point->count; i++) {
        struct sweep_part part = point->parts[i];
        size_t at = i;
        for (; at > 0 && point->parts[at - 1].axis > part.axis; at--)
            point->parts[at] = point->parts[at - 1];
        point->parts[at] = part;
    }
}

void sweep_number_sources(struct sweep_dimension *dimension)
{
    for (size_t i = 0; i < dimension->count; i++) {
        sweep_sort_parts(&dimension->points[i]);
        dimension->points[i].source = i + 1;
    }
}

static bool is_wrong(const struct sweep *sweep, const struct sweep_point *point)
{
    for (size_t i = 0; i < point->count; i++)
        if (!sweep->axes[point->parts[i].axis].values[point->parts[i].value]) return true;
    return false;
}

/* Did one generator (linspace, range) make both, so that rounding made them equal? The value of an
 * alias is one node. */
static bool is_rounded(const struct sweep *sweep, const struct sweep_part *part,
                       const struct sweep_part *earlier)
{
    const struct tree *const *nodes = (const struct tree *const *)sweep->sources[part->axis].nodes;
    const struct tree *now = nodes[part->value], *before = nodes[earlier->value];
    return now != before && now->mark.line == before->mark.line &&
           now->mark.column == before->mark.column &&
           sweep->axes[part->axis].values[part->value]->kind == VALUE_INTEGER;
}

/* "values 1 and 3 of the list are both 1.0", "points 1 and 2 are both a=1.0 b=2" */
static void complain_repeat(const struct sweep_product *product,
                            const struct sweep_dimension *dimension, size_t again, size_t first)
{
    const struct sweep *sweep = product->reader->sweep;
    const struct sweep_point *point = &dimension->points[again];
    const struct sweep_part *part = &point->parts[0], *earlier = &dimension->points[first].parts[0];
    struct place place = {.key = sweep->axes[part->axis].path};
    bool single = point->count == 1;
    bool rounded = single && earlier->axis == part->axis && is_rounded(sweep, part, earlier);
    struct text text = {0};
    if (single)
        value_print_short(&text, sweep->axes[part->axis].values[part->value]);
    else
        sweep_print_point(sweep, point, 0, &text);
    resolver_complain(product->reader->resolver,
                      sweep->sources[part->axis].nodes[part->value]->mark, single ? &place : NULL,
                      rounded ? "the values are rounded to integers: ask for fewer of them"
                              : "remove one of them",
                      "%s %zu and %zu of the list are both %.80s", single ? "values" : "points",
                      first + 1, again + 1, text_data(&text));
    if (text.failed) product->reader->resolver->status = BASIN_MEMORY;
    text_free(&text);
}

/* Compared after typing, since 1e-3 and 0.001 are the same value. Sweeps may have 100,000
 * points, so that equal ones are found by the digest of their text in a hash table (open
 * addressing). */
basin_status sweep_refuse_repeats(const struct sweep_product *product,
                                  const struct sweep_dimension *dimension)
{
    struct arena *arena = product->reader->resolver->arena;
    size_t capacity = 16;
    while (capacity < 2 * dimension->count) capacity *= 2;
    size_t *slots = arena_array(arena, size_t, capacity); /* position + 1; 0: free */
    struct digest *digests = arena_array(arena, struct digest, dimension->count + 1);
    struct text text = {0};
    if (!slots || !digests) return BASIN_MEMORY;
    for (size_t i = 0; i < dimension->count; i++) {
        if (is_wrong(product->reader->sweep, &dimension->points[i]))
            continue; /* reported when it was resolved */
        text.length = 0;
        sweep_print_point(product->reader->sweep, &dimension->points[i], 0, &text);
        if (text.failed) break;
        digests[i] = hash_bytes(text_data(&text), text.length);
        size_t slot = digests[i].low & (capacity - 1);
        while (slots[slot] && !digest_equal(digests[slots[slot] - 1], digests[i]))
            slot = (slot + 1) & (capacity - 1);
        if (slots[slot])
            complain_repeat(product, dimension, i, slots[slot] - 1);
        else
            slots[slot] = i + 1;
    }
    basin_status status = text_status(&text);
    text_free(&text);
    return status;
}

/* ---- how many ---- */

bool sweep_is_too_many(const struct sweep_product *product, const struct place *place,
                       struct mark mark, int64_t count)
{
    size_t most = product->reader->runs;
    if (count <= (int64_t)most) return false;
    resolver_complain(
        product->reader->resolver, mark, place, "lower it, make several studies, or use --max-runs",
        "the sweep makes %lld runs or more, and one study may have %zu", (long long)count, most);
    return true;
}

double sweep_combinations(const struct sweep_dimension *dimensions, size_t count)
{
    double all = 1;
    for (size_t i = 0; i < count; i++) all *= (double)dimensions[i].count;
    return all;
}

void sweep_complain_count(struct resolver *resolver, struct mark mark, const char *what,
                          double count, double most)
{
    char digits[32];
    snprintf(digits, sizeof digits, count < 1e15 ? "%.0f" : "%.2g", count);
    resolver_complain(
        resolver, mark, NULL, "use shorter lists, several studies, or --max-runs",
        "the sweep makes %s %s, more than the %.0f that %s may have", digits, what, most,
        strcmp(what, "runs") == 0 ? "one study" : "a union, or a sweep with conditions,");
}
