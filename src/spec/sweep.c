#include "spec/sweep.h"

#include <stdio.h>
#include <string.h>
#include "base/hash.h"
#include "spec/condition.h"

/* The dimensions of one block under `sweep` (or in a union) while it is read. */
struct product {
    struct sweep_reader *reader;
    struct sweep_dimension *dimensions;
    size_t count, capacity;
};

typedef basin_status generator(struct product *product, const struct tree_member *member);

static generator read_grid, read_zip, read_random, sweep_read_list, read_union;

static const struct {
    const char *name;
    generator *read;
} generators[] = {{"grid", read_grid},
                  {"zip", read_zip},
                  {"random", read_random},
                  {"list", sweep_read_list},
                  {"union", read_union}};

/* What stands beside them. */
static const char *const filters[] = {"exclude", "when", "names"};

enum {
    GENERATORS = sizeof generators / sizeof *generators,
    FILTERS = sizeof filters / sizeof *filters
};

/* ---- axes, points, dimensions ---- */

static void *grown(struct arena *arena, const void *from, size_t count, size_t *capacity,
                   size_t wanted, size_t element)
{
    if (wanted <= *capacity) return (void *)(uintptr_t)from;
    size_t larger = 2 * *capacity > wanted ? 2 * *capacity : wanted + 8;
    void *array = arena_allocate_array(arena, larger, element);
    if (!array) return NULL;
    if (count) memcpy(array, from, count * element);
    *capacity = larger;
    return array;
}

static int path_depth(const char *path)
{
    int depth = 1;
    for (; *path; path++) depth += *path == '.';
    return depth;
}

static basin_status axis_of(struct sweep_reader *reader, const char *path, struct mark mark,
                            size_t *axis)
{
    struct sweep *sweep = reader->sweep;
    struct arena *arena = reader->resolver->arena;
    for (*axis = 0; *axis < sweep->count; ++*axis)
        if (strcmp(sweep->axes[*axis].path, path) == 0) return BASIN_OK;
    size_t capacity = sweep->capacity;
    struct spec_axis *axes =
        grown(arena, sweep->axes, sweep->count, &capacity, sweep->count + 1, sizeof *axes);
    capacity = sweep->capacity;
    struct axis_source *sources =
        grown(arena, sweep->sources, sweep->count, &capacity, sweep->count + 1, sizeof *sources);
    if (!axes || !sources) return BASIN_MEMORY;
    sweep->axes = axes;
    sweep->sources = sources;
    sweep->capacity = capacity;
    sweep->axes[sweep->count] = (struct spec_axis){.path = path, .mark = mark};
    sweep->sources[sweep->count++] =
        (struct axis_source){.depth = path_depth(path), .conditional = -1};
    return BASIN_OK;
}

/* Resolves values and appends them to the path's axis: the first is number *first of it. */
static basin_status append_values(struct sweep_reader *reader, const struct tree_member *member,
                                  const struct schema_row *row, struct tree *const *nodes,
                                  size_t count, size_t *axis, size_t *first)
{
    struct resolver *resolver = reader->resolver;
    struct place place = {.key = member->key, .mark = member->mark};
    TRY(axis_of(reader, member->key, member->mark, axis));
    struct spec_axis *into = &reader->sweep->axes[*axis];
    struct axis_source *source = &reader->sweep->sources[*axis];
    size_t capacity = source->capacity, wanted = into->count + count;
    into->values =
        grown(resolver->arena, into->values, into->count, &capacity, wanted, sizeof *into->values);
    capacity = source->capacity;
    source->nodes = grown(resolver->arena, source->nodes, into->count, &capacity, wanted,
                          sizeof *source->nodes);
    if (!into->values || !source->nodes) return BASIN_MEMORY;
    source->capacity = capacity;
    *first = into->count;
    resolver->is_axis = true;
    for (size_t i = 0; i < count; i++) {
        source->nodes[into->count] = nodes[i];
        into->values[into->count++] = resolve_row(resolver, row, nodes[i], &place);
    }
    resolver->is_axis = false;
    return resolver->status;
}

static basin_status dimension_add(struct product *product, struct mark mark, size_t points,
                                  struct sweep_dimension **out)
{
    struct arena *arena = product->reader->resolver->arena;
    struct sweep_dimension *dimensions =
        grown(arena, product->dimensions, product->count, &product->capacity, product->count + 1,
              sizeof *dimensions);
    struct sweep_point *array = arena_array(arena, struct sweep_point, points + 1);
    if (!dimensions || !array) return BASIN_MEMORY;
    product->dimensions = dimensions;
    *out = &dimensions[product->count++];
    **out = (struct sweep_dimension){.points = array, .count = points, .mark = mark};
    return BASIN_OK;
}

static basin_status point_room(const struct product *product, struct sweep_point *point,
                               size_t parts)
{
    point->parts = arena_array(product->reader->resolver->arena, struct sweep_part, parts + 1);
    return point->parts ? BASIN_OK : BASIN_MEMORY;
}

static bool sets(const struct sweep_dimension *dimension, size_t axis)
{
    for (size_t i = 0; i < dimension->count; i++)
        for (size_t j = 0; j < dimension->points[i].count; j++)
            if (dimension->points[i].parts[j].axis == axis) return true;
    return false;
}

/* A path that two dimensions of a product set would be swept twice. */
static bool is_set_elsewhere(const struct product *product, const struct tree_member *member,
                             size_t axis)
{
    char line[DIAGNOSTICS_LINE];
    for (size_t i = 0; i + 1 < product->count; i++) {
        if (!sets(&product->dimensions[i], axis)) continue;
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

static void sort_parts(struct sweep_point *point)
{
    for (size_t i = 1; i < point->count; i++) {
        struct sweep_part part = point->parts[i];
        size_t at = i;
        for (; at > 0 && point->parts[at - 1].axis > part.axis; at--)
            point->parts[at] = point->parts[at - 1];
        point->parts[at] = part;
    }
}

/* Points that are written out, or drawn, one by one. */
static void count_sources(struct sweep_dimension *dimension)
{
    for (size_t i = 0; i < dimension->count; i++) {
        sort_parts(&dimension->points[i]);
        dimension->points[i].source = i + 1;
    }
}

static bool is_wrong(const struct sweep *sweep, const struct sweep_point *point)
{
    for (size_t i = 0; i < point->count; i++)
        if (!sweep->axes[point->parts[i].axis].values[point->parts[i].value]) return true;
    return false;
}

/* "the value 1.0", "the point a=1.0 b=2" */
static void complain_repeat(const struct product *product, const struct sweep_dimension *dimension,
                            size_t again, size_t first)
{
    const struct sweep *sweep = product->reader->sweep;
    const struct sweep_point *point = &dimension->points[again];
    const struct sweep_part *part = &point->parts[0];
    struct place place = {.key = sweep->axes[part->axis].path};
    const struct sweep_part *earlier = &dimension->points[first].parts[0];
    const struct tree *const *nodes = (const struct tree *const *)sweep->sources[part->axis].nodes;
    bool rounded = point->count == 1 && earlier->axis == part->axis &&
                   nodes[part->value]->mark.line == nodes[earlier->value]->mark.line &&
                   nodes[part->value]->mark.column == nodes[earlier->value]->mark.column &&
                   sweep->axes[part->axis].values[part->value]->kind == VALUE_INTEGER;
    struct text text = {0};
    if (point->count == 1)
        value_print_short(&text, sweep->axes[part->axis].values[part->value]);
    else
        sweep_print_point(sweep, point, 0, &text);
    resolver_complain(product->reader->resolver,
                      sweep->sources[part->axis].nodes[part->value]->mark,
                      point->count == 1 ? &place : NULL,
                      rounded ? "whole numbers are rounded: ask for fewer of them" : NULL,
                      "the %s %.80s is repeated; it is number %zu of the list",
                      point->count == 1 ? "value" : "point", text_data(&text), first + 1);
    if (text.failed) product->reader->resolver->status = BASIN_MEMORY;
    text_free(&text);
}

/* Finds a point that stands in a list twice, after typing: by the digest of its text, in a table
 * with open addressing. */
static basin_status refuse_repeats(const struct product *product,
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
            continue; /* that has been said */
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

/* ---- paths ---- */

/* A list that the path leads into ("architecture.layers[0].conv.channels"): true, with the list's
 * path in `list`. */
static bool leads_into_list(const struct sweep_reader *reader, const char *path,
                            char list[PLACE_TEXT])
{
    struct resolver *resolver = reader->resolver;
    for (const char *at = path; *at; at++) {
        const struct schema_row *row = NULL;
        bool fixed;
        if (*at != '.' && *at != '[') continue;
        snprintf(list, PLACE_TEXT, "%.*s", (int)(at - path), path);
        if (path_row(resolver->arena, resolver->schema, reader->base, list, &row, &fixed) !=
            BASIN_OK)
            return false;
        bool is_list = row && (row->type == SCHEMA_SEQUENCE || row->type == SCHEMA_INTEGERS ||
                               row->type == SCHEMA_NUMBERS);
        if (is_list) return true;
    }
    return false;
}

static void complain_path(const struct sweep_reader *reader, const struct tree_member *member)
{
    struct resolver *resolver = reader->resolver;
    struct text hint = {0};
    char list[PLACE_TEXT];
    bool in_list = leads_into_list(reader, member->key, list);
    if (in_list)
        text_format(&hint, "sweep the whole list: \"%s: [[...], [...]]\"", list);
    else
        path_suggest(resolver->schema, member->key, &hint);
    resolver_complain(resolver, member->mark, NULL, text_data(&hint),
                      in_list ? "what stands in a list cannot be swept by itself: \"%.100s\""
                              : "no parameter has the path \"%.100s\"",
                      member->key);
    if (hint.failed) resolver->status = BASIN_MEMORY;
    text_free(&hint);
}

basin_status sweep_row(const struct sweep_reader *reader, const struct tree_member *member,
                       const struct schema_row **row)
{
    struct resolver *resolver = reader->resolver;
    struct place place = {.key = member->key};
    bool fixed = false;
    *row = NULL;
    if (strcmp(member->key, "seed") == 0 || strcmp(member->key, "seeds") == 0) {
        resolver_complain(resolver, member->mark, NULL, "write \"seeds: [...]\" beside \"sweep\"",
                          "seeds are not an axis of the grid");
        return BASIN_OK;
    }
    TRY(path_row(resolver->arena, resolver->schema, reader->base, member->key, row, &fixed));
    if (!*row)
        complain_path(reader, member);
    else if (fixed)
        resolver_complain(resolver, member->mark, &place, NULL, "this cannot be swept");
    if (fixed) *row = NULL;
    return resolver->status;
}

const char *sweep_kind(const struct tree *node)
{
    return node->kind == TREE_MAP    ? "a block of keys"
           : node->kind == TREE_LIST ? "a list"
           : tree_is_null(node)      ? "nothing"
                                     : "one value";
}

/* The members of a block of paths; false after a complaint. */
static bool sweep_is_block(const struct product *product, const struct tree *node, const char *key,
                           const char *example)
{
    struct place place = {.key = key};
    char hint[120];
    if (node->kind == TREE_MAP && node->map.count > 0) return true;
    if (node->kind == TREE_MAP || tree_is_null(node)) {
        snprintf(hint, sizeof hint, "write \"%s\" below it, or remove the %s", example,
                 strstr(key, "grid") ? "sweep" : "key");
        resolver_complain(product->reader->resolver, node->mark, &place, hint,
                          "the block is empty");
        return false;
    }
    snprintf(hint, sizeof hint, "write \"%s\" below it", example);
    resolver_complain(product->reader->resolver, node->mark, &place, hint,
                      "expected a block of paths, found %s", sweep_kind(node));
    return false;
}

/* ---- grid and zip ---- */

static basin_status read_axis(struct product *product, const struct tree_member *member)
{
    const struct schema_row *row;
    struct tree **nodes;
    struct sweep_dimension *dimension;
    size_t count, axis, first;
    TRY(sweep_row(product->reader, member, &row));
    if (row) TRY(sweep_values(product->reader, member, row, &nodes, &count));
    if (!row || !nodes) return BASIN_OK;
    TRY(append_values(product->reader, member, row, nodes, count, &axis, &first));
    TRY(dimension_add(product, member->mark, count, &dimension));
    for (size_t i = 0; i < count; i++) {
        TRY(point_room(product, &dimension->points[i], 1));
        dimension->points[i].parts[dimension->points[i].count++] =
            (struct sweep_part){axis, first + i};
    }
    if (is_set_elsewhere(product, member, axis)) return BASIN_OK;
    return refuse_repeats(product, dimension);
}

static basin_status read_grid(struct product *product, const struct tree_member *member)
{
    const struct tree *grid = member->value;
    if (!sweep_is_block(product, grid, "sweep.grid", "path: [values]")) return BASIN_OK;
    for (size_t i = 0; i < grid->map.count; i++) TRY(read_axis(product, &grid->map.members[i]));
    return BASIN_OK;
}

/* One more path of a zip, whose points are there already but for the first one. */
static basin_status zip_path(struct product *product, const struct tree_member *member,
                             const struct tree_member *leader, size_t paths,
                             struct sweep_dimension **dimension)
{
    const struct schema_row *row;
    struct tree **nodes;
    size_t count, axis, first;
    TRY(sweep_row(product->reader, member, &row));
    if (row) TRY(sweep_values(product->reader, member, row, &nodes, &count));
    if (!row || !nodes) return BASIN_OK;
    if (!*dimension) {
        TRY(dimension_add(product, member->mark, count, dimension));
        for (size_t i = 0; i < count; i++)
            TRY(point_room(product, &(*dimension)->points[i], paths));
    }
    struct place place = {.key = member->key};
    if (count != (*dimension)->count) {
        resolver_complain(product->reader->resolver, member->value->mark, &place,
                          "the lists of a zip are taken side by side",
                          "the list has %zu values, but that of %s has %zu", count, leader->key,
                          (*dimension)->count);
        return BASIN_OK;
    }
    TRY(append_values(product->reader, member, row, nodes, count, &axis, &first));
    for (size_t i = 0; i < count; i++) {
        struct sweep_point *point = &(*dimension)->points[i];
        point->parts[point->count++] = (struct sweep_part){axis, first + i};
    }
    is_set_elsewhere(product, member, axis);
    return BASIN_OK;
}

static basin_status zip_block(struct product *product, const struct tree *block)
{
    struct sweep_dimension *dimension = NULL;
    if (!sweep_is_block(product, block, "sweep.zip", "path: [values]")) return BASIN_OK;
    for (size_t i = 0; i < block->map.count; i++)
        TRY(zip_path(product, &block->map.members[i], &block->map.members[0], block->map.count,
                     &dimension));
    if (!dimension || product->reader->resolver->errors) return BASIN_OK;
    count_sources(dimension);
    return refuse_repeats(product, dimension);
}

/* A block, or a list of blocks whose product is taken. */
static basin_status each_block(struct product *product, const struct tree *node,
                               basin_status (*read)(struct product *, const struct tree *))
{
    if (node->kind != TREE_LIST || node->list.count == 0)
        return read(product, node); /* an empty list is refused like any other */
    for (size_t i = 0; i < node->list.count; i++) TRY(read(product, node->list.items[i]));
    return BASIN_OK;
}

static basin_status read_zip(struct product *product, const struct tree_member *member)
{
    return each_block(product, member->value, zip_block);
}

/* ---- random ---- */

static const double COUNT =
    1e15; /* of what counts runs: how many there may be is said where it is read */

/* Is it more runs than a study may have? */
static bool is_too_many(const struct product *product, const struct place *place, struct mark mark,
                        int64_t count)
{
    size_t most = product->reader->runs;
    if (count <= (int64_t)most) return false;
    resolver_complain(
        product->reader->resolver, mark, place, "lower it, make several studies, or use --max-runs",
        "the sweep makes %lld runs or more, and one study may have %zu", (long long)count, most);
    return true;
}

static bool whole_number(const struct product *product, const struct tree *block, const char *key,
                         int64_t least, int64_t fallback, int64_t *out)
{
    struct resolver *resolver = product->reader->resolver;
    const struct tree_member *member = tree_find(block, key);
    struct schema_row row = {.key = key,
                             .type = SCHEMA_INTEGER,
                             .minimum = (double)least,
                             .maximum = COUNT,
                             .flags = SCHEMA_FIXED};
    struct place up = {.key = "sweep.random"}, place = {.up = &up, .key = key};
    struct value value = {0};
    *out = fallback;
    if (!member) return true;
    if (!scalar_read(resolver, &row, SCHEMA_INTEGER, member->value, &place, &value)) return false;
    *out = value.integer;
    return least == 0 || !is_too_many(product, &place, member->value->mark, value.integer);
}

static basin_status random_path(struct product *product, const struct tree_member *member,
                                uint64_t seed, struct sweep_dimension *dimension)
{
    const struct schema_row *row;
    size_t axis, first, errors = product->reader->resolver->errors;
    struct tree **nodes =
        arena_array(product->reader->resolver->arena, struct tree *, dimension->count);
    if (!nodes) return BASIN_MEMORY;
    TRY(sweep_row(product->reader, member, &row));
    if (row) TRY(sweep_draws(product->reader, member, row, seed, dimension->count, nodes));
    if (product->reader->resolver->errors > errors) return BASIN_OK;
    TRY(append_values(product->reader, member, row, nodes, dimension->count, &axis, &first));
    for (size_t i = 0; i < dimension->count; i++) {
        struct sweep_point *point = &dimension->points[i];
        point->parts[point->count++] = (struct sweep_part){axis, first + i};
    }
    is_set_elsewhere(product, member, axis);
    return BASIN_OK;
}

static basin_status sweep_random_block(struct product *product, const struct tree *block)
{
    struct sweep_dimension *dimension;
    struct place place = {.key = "sweep.random"};
    int64_t n, seed;
    if (!sweep_is_block(product, block, "sweep.random", "n: 20, path: {uniform: [0, 1]}"))
        return BASIN_OK;
    if (!tree_find(block, "n")) {
        resolver_complain(product->reader->resolver, block->mark, &place, "write \"n: 20\"",
                          "the number of points, n, is missing");
        return BASIN_OK;
    }
    if (block->map.count < 2 + (size_t)(tree_find(block, "seed") != NULL)) {
        resolver_complain(product->reader->resolver, block->mark, &place,
                          "write \"path: {uniform: [0, 1]}\"", "no path is drawn");
        return BASIN_OK;
    }
    if (!whole_number(product, block, "n", 1, 1, &n) ||
        !whole_number(product, block, "seed", 0, 0, &seed))
        return BASIN_OK;
    TRY(dimension_add(product, block->mark, (size_t)n, &dimension));
    for (int64_t i = 0; i < n; i++)
        TRY(point_room(product, &dimension->points[i], block->map.count));
    for (size_t i = 0; i < block->map.count; i++) {
        const struct tree_member *member = &block->map.members[i];
        if (strcmp(member->key, "n") == 0 || strcmp(member->key, "seed") == 0) continue;
        TRY(random_path(product, member, (uint64_t)seed, dimension));
    }
    count_sources(dimension);
    return BASIN_OK;
}

static basin_status read_random(struct product *product, const struct tree_member *member)
{
    return each_block(product, member->value, sweep_random_block);
}

/* ---- list ---- */

static basin_status list_point(struct product *product, const struct tree *block,
                               struct sweep_dimension *dimension, struct sweep_point *point)
{
    if (!sweep_is_block(product, block, "sweep.list", "path: value")) return BASIN_OK;
    TRY(point_room(product, point, block->map.count));
    for (size_t i = 0; i < block->map.count; i++) {
        const struct tree_member *member = &block->map.members[i];
        const struct schema_row *row;
        size_t axis, first;
        TRY(sweep_row(product->reader, member, &row));
        if (!row) continue;
        TRY(append_values(product->reader, member, row, (struct tree *const[]){member->value}, 1,
                          &axis, &first));
        point->parts[point->count++] = (struct sweep_part){axis, first};
        if (is_set_elsewhere(product, member, axis)) break;
    }
    (void)dimension;
    return BASIN_OK;
}

static basin_status sweep_read_list(struct product *product, const struct tree_member *member)
{
    const struct tree *node = member->value;
    struct sweep_dimension *dimension;
    struct place place = {.key = "sweep.list"};
    if (node->kind != TREE_LIST || node->list.count == 0) {
        resolver_complain(product->reader->resolver, node->mark, &place,
                          "write \"- {path: value, path: value}\" for each point",
                          "expected a list of points, found %s",
                          node->kind == TREE_LIST ? "an empty one" : sweep_kind(node));
        return BASIN_OK;
    }
    TRY(dimension_add(product, member->mark, node->list.count, &dimension));
    size_t errors = product->reader->resolver->errors;
    for (size_t i = 0; i < node->list.count; i++)
        TRY(list_point(product, node->list.items[i], dimension, &dimension->points[i]));
    if (product->reader->resolver->errors > errors) return BASIN_OK;
    count_sources(dimension);
    return refuse_repeats(product, dimension);
}

/* ---- union ---- */

static basin_status read_block(struct product *product, const struct tree *node);

static double combinations(const struct sweep_dimension *dimensions, size_t count)
{
    double all = 1;
    for (size_t i = 0; i < count; i++) all *= (double)dimensions[i].count;
    return all;
}

static void complain_count(struct resolver *resolver, struct mark mark, const char *what,
                           double count, double most)
{
    char digits[32];
    snprintf(digits, sizeof digits, count < 1e15 ? "%.0f" : "%.2g", count);
    resolver_complain(
        resolver, mark, NULL, "use shorter lists, several studies, or --max-runs",
        "the sweep makes %s %s, more than the %.0f that %s may have", digits, what, most,
        strcmp(what, "runs") == 0 ? "one study" : "a union, or a sweep with conditions,");
}

static const size_t SOURCES = (size_t)0x9E3779B97F4A7C15; /* odd: what was different stays
                                                             different, but for a chance of 2^-64 */

/* The points of a product, one after the other, the last dimension fastest. */
static basin_status append_products(const struct product *product, size_t member,
                                    struct arena *arena, struct sweep_point *out)
{
    size_t all = (size_t)combinations(product->dimensions, product->count);
    for (size_t i = 0; i < all; i++) {
        size_t rest = i, parts = 0;
        for (size_t d = product->count; d-- > 0; rest /= product->dimensions[d].count)
            parts += product->dimensions[d].points[rest % product->dimensions[d].count].count;
        out[i] = (struct sweep_point){.parts = arena_array(arena, struct sweep_part, parts + 1),
                                      .count = parts};
        if (!out[i].parts) return BASIN_MEMORY;
        rest = i;
        out[i].source = member;
        for (size_t d = product->count; d-- > 0; rest /= product->dimensions[d].count) {
            const struct sweep_point *point =
                &product->dimensions[d].points[rest % product->dimensions[d].count];
            parts -= point->count;
            out[i].source = out[i].source * SOURCES + point->source;
            memcpy(out[i].parts + parts, point->parts, point->count * sizeof *point->parts);
        }
        sort_parts(&out[i]);
    }
    return BASIN_OK;
}

static basin_status sweep_join(struct product *product, struct mark mark,
                               const struct product *members, size_t count)
{
    struct sweep_dimension *dimension;
    double all = 0;
    for (size_t i = 0; i < count; i++) all += combinations(members[i].dimensions, members[i].count);
    if (all > (double)product->reader->combinations) {
        complain_count(product->reader->resolver, mark, "points", all,
                       (double)product->reader->combinations);
        return BASIN_OK;
    }
    TRY(dimension_add(product, mark, (size_t)all, &dimension));
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        TRY(append_products(&members[i], i + 1, product->reader->resolver->arena,
                            dimension->points + at));
        at += (size_t)combinations(members[i].dimensions, members[i].count);
    }
    for (size_t axis = 0; axis < product->reader->sweep->count; axis++) {
        struct tree_member member = {.key = product->reader->sweep->axes[axis].path, .mark = mark};
        if (sets(dimension, axis) && is_set_elsewhere(product, &member, axis)) break;
    }
    return BASIN_OK;
}

static basin_status read_union(struct product *product, const struct tree_member *member)
{
    const struct tree *node = member->value;
    struct place place = {.key = "sweep.union"};
    if (node->kind != TREE_LIST || node->list.count == 0) {
        resolver_complain(product->reader->resolver, node->mark, &place,
                          "write \"- grid: ...\" for each of them",
                          "expected a list of sweeps, found %s",
                          node->kind == TREE_LIST ? "an empty one" : sweep_kind(node));
        return BASIN_OK;
    }
    struct product *members =
        arena_array(product->reader->resolver->arena, struct product, node->list.count);
    if (!members) return BASIN_MEMORY;
    struct sweep_reader inner = *product->reader;
    inner.inside = true;
    size_t errors = inner.resolver->errors;
    for (size_t i = 0; i < node->list.count; i++) {
        members[i].reader = &inner;
        TRY(read_block(&members[i], node->list.items[i]));
    }
    return inner.resolver->errors > errors
               ? BASIN_OK
               : sweep_join(product, member->mark, members, node->list.count);
}

/* ---- a block of generators ---- */

/* A key that is no generator: perhaps a path, one level too high. */
static basin_status complain_generator(struct product *product, const struct tree_member *member)
{
    struct resolver *resolver = product->reader->resolver;
    const struct schema_row *row = NULL;
    bool fixed = false;
    const char *names[GENERATORS + FILTERS];
    char hint[160] = "";
    for (size_t i = 0; i < GENERATORS; i++) names[i] = generators[i].name;
    for (size_t i = 0; i < FILTERS; i++) names[GENERATORS + i] = filters[i];
    const char *nearest = text_nearest(member->key, names, GENERATORS + FILTERS);
    TRY(path_row(resolver->arena, resolver->schema, product->reader->base, member->key, &row,
                 &fixed));
    if (row || strchr(member->key, '.'))
        snprintf(hint, sizeof hint, "put the path under sweep.grid");
    else if (nearest)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", nearest);
    else
        snprintf(hint, sizeof hint,
                 "the keys here are grid, zip, random, list, union, exclude, when, names");
    resolver_complain(resolver, member->mark, NULL, hint, "unknown key \"%.60s\" in sweep",
                      member->key);
    return BASIN_OK;
}

static bool is_filter(const char *key)
{
    for (size_t i = 0; i < FILTERS; i++)
        if (strcmp(filters[i], key) == 0) return true;
    return false;
}

static basin_status read_block(struct product *product, const struct tree *node)
{
    struct place place = {.key = product->reader->inside ? "sweep.union" : "sweep"};
    struct resolver *resolver = product->reader->resolver;
    if (node->kind != TREE_MAP) {
        resolver_complain(resolver, node->mark, &place,
                          "write \"grid:\" below it, or remove the key",
                          "expected a block of keys, found %s", sweep_kind(node));
        return BASIN_OK;
    }
    for (size_t i = 0; i < node->map.count; i++) {
        const struct tree_member *member = &node->map.members[i];
        size_t g = 0;
        while (g < GENERATORS && strcmp(generators[g].name, member->key) != 0) g++;
        if (g < GENERATORS)
            TRY(generators[g].read(product, member));
        else if (!is_filter(member->key))
            TRY(complain_generator(product, member));
        else if (product->reader->inside)
            resolver_complain(resolver, member->mark, NULL, "put it beside \"union\"",
                              "%s cannot stand inside a union", member->key);
    }
    return BASIN_OK;
}

/* ---- seeds ---- */

static basin_status seeds_dimension(struct product *product, struct tree **nodes, size_t count,
                                    struct mark mark)
{
    static const struct schema_row any = {.key = "seed", .type = SCHEMA_INTEGER, .fallback = "0"};
    struct resolver *resolver = product->reader->resolver;
    const struct schema_row *row = schema_find_row(resolver->schema, "seed");
    struct tree_member member = {.key = mark.line > 0 ? "seeds" : "seed", .mark = mark};
    struct sweep_dimension *dimension;
    size_t axis, first;
    TRY(append_values(product->reader, &member, row ? row : &any, nodes, count, &axis, &first));
    for (size_t i = first; i < first + count;
         i++) /* a wrong one is told of once, not by the run that has it too */
        if (!product->reader->sweep->axes[axis].values[i] &&
            !(product->reader->sweep->sources[axis].nodes[i] =
                  tree_scalar(resolver->arena, "0", true, mark)))
            return BASIN_MEMORY;
    TRY(dimension_add(product, mark, count, &dimension));
    for (size_t i = 0; i < count; i++) {
        TRY(point_room(product, &dimension->points[i], 1));
        dimension->points[i].parts[dimension->points[i].count++] =
            (struct sweep_part){axis, first + i};
    }
    TRY(refuse_repeats(product, dimension));
    product->reader->sweep->axes[axis].path =
        "seed"; /* errors are told of the key that was written */
    return BASIN_OK;
}

static basin_status count_seeds(struct product *product, const struct tree_member *member)
{
    const struct schema_row row = {.key = "seeds",
                                   .type = SCHEMA_INTEGER,
                                   .minimum = 1,
                                   .maximum = COUNT,
                                   .flags = SCHEMA_FIXED};
    struct resolver *resolver = product->reader->resolver;
    struct place place = {.key = "seeds"};
    struct value count = {0};
    if (!scalar_read(resolver, &row, SCHEMA_INTEGER, member->value, &place, &count))
        return resolver->status;
    if (is_too_many(product, &place, member->value->mark, count.integer)) return BASIN_OK;
    struct tree **nodes = arena_array(resolver->arena, struct tree *, (size_t)count.integer);
    if (!nodes) return BASIN_MEMORY;
    for (int64_t i = 0; i < count.integer; i++) {
        const char *text = arena_format(resolver->arena, "%lld", (long long)i);
        nodes[i] = text ? tree_scalar(resolver->arena, text, true, member->value->mark) : NULL;
        if (!nodes[i]) return BASIN_MEMORY;
    }
    return seeds_dimension(product, nodes, (size_t)count.integer, member->mark);
}

static basin_status read_seeds(struct product *product, const struct tree_member *seeds)
{
    struct resolver *resolver = product->reader->resolver;
    const struct tree_member *seed = tree_find(product->reader->base, "seed");
    struct place place = {.key = "seeds"};
    if (seeds && seed) {
        const char *text = seed->value->kind == TREE_SCALAR ? seed->value->text : "3";
        char hint[160], line[DIAGNOSTICS_LINE];
        snprintf(hint, sizeof hint,
                 "keep one of them: \"seeds: [%.40s]\" is one run with seed %.40s", text, text);
        resolver_complain(resolver, seeds->mark, NULL, hint,
                          "both \"seed\" (%s) and \"seeds\" are given",
                          diagnostics_line(resolver->diagnostics, seed->mark, seeds->mark, line));
        return BASIN_OK;
    }
    if (seeds && seeds->value->kind == TREE_LIST) {
        if (seeds->value->list.count > 0)
            return seeds_dimension(product, seeds->value->list.items, seeds->value->list.count,
                                   seeds->mark);
        resolver_complain(resolver, seeds->value->mark, &place, NULL,
                          "the list is empty; it needs at least one seed");
        return BASIN_OK;
    }
    if (seeds) return count_seeds(product, seeds);
    struct tree **nodes = arena_array(resolver->arena, struct tree *, 1);
    if (!nodes) return BASIN_MEMORY;
    nodes[0] = seed ? seed->value : tree_scalar(resolver->arena, "0", true, (struct mark){0});
    return nodes[0] ? seeds_dimension(product, nodes, 1, (struct mark){0}) : BASIN_MEMORY;
}

/* ---- the whole ---- */

static basin_status count_runs(const struct sweep_reader *reader, struct sweep_filter *filter,
                               struct mark mark, size_t most)
{
    struct sweep *sweep = reader->sweep;
    struct resolver *resolver = reader->resolver;
    double all = combinations(sweep->dimensions, sweep->dimension_count);
    bool conditions = filter->excludes + filter->whens > 0;
    if (!conditions && all > (double)most)
        complain_count(resolver, mark, "runs", all, (double)most);
    if (conditions && all > (double)reader->combinations)
        complain_count(resolver, mark, "combinations", all, (double)reader->combinations);
    if (resolver->errors) return BASIN_OK;
    sweep->run_count = (size_t)all;
    if (conditions) TRY(sweep_filter_apply(reader, filter, (size_t)all));
    if (sweep->run_count > most)
        complain_count(resolver, mark, "runs", (double)sweep->run_count, (double)most);
    return BASIN_OK;
}

static void mark_partial(struct sweep *sweep)
{
    for (size_t axis = 0; axis < sweep->count; axis++) {
        size_t with = 0, points = 0;
        for (size_t d = 0; d < sweep->dimension_count; d++) {
            const struct sweep_dimension *dimension = &sweep->dimensions[d];
            if (!sets(dimension, axis)) continue;
            points += dimension->count;
            for (size_t i = 0; i < dimension->count; i++)
                for (size_t k = 0; k < dimension->points[i].count; k++)
                    with += dimension->points[i].parts[k].axis == axis;
        }
        sweep->axes[axis].partial = with < points || sweep->sources[axis].conditional >= 0;
    }
}

static const struct spec_axis *axis_named(const struct sweep *sweep, const char *path)
{
    for (size_t i = 0; i < sweep->count; i++)
        if (strcmp(sweep->axes[i].path, path) == 0) return &sweep->axes[i];
    return NULL;
}

/* Has every run a seed of its own for this source, so that it does not follow `seed`? */
static bool is_apart(const struct sweep_reader *reader, const char *source)
{
    const struct spec_axis *axis = axis_named(reader->sweep, source);
    return axis ? !axis->partial || tree_find(reader->base, source)
                : tree_find(reader->base, source) != NULL;
}

/* Seeds that nothing follows repeat one and the same training: no mistake, but means over them
 * deceive. */
static basin_status note_idle_seeds(const struct sweep_reader *reader)
{
    struct sweep *sweep = reader->sweep;
    struct arena *arena = reader->resolver->arena;
    const struct spec_axis *seed = axis_named(sweep, "seed");
    if (!seed || seed->count < 2 || !is_apart(reader, "seed.init") ||
        !is_apart(reader, "seed.order"))
        return BASIN_OK;
    if (!sweep->notes && !(sweep->notes = arena_array(arena, const char *, 1))) return BASIN_MEMORY;
    const char *note = arena_format(arena,
                                    "seed.init and seed.order are given, so that the %zu seeds "
                                    "train equal networks; only measures that draw differ",
                                    seed->count);
    if (!note) return BASIN_MEMORY;
    sweep->notes[sweep->note_count++] = note;
    return BASIN_OK;
}

basin_status sweep_read(struct resolver *resolver, const struct tree *base,
                        const struct tree_member *member, const struct tree_member *seeds,
                        size_t most, struct sweep *sweep)
{
    struct sweep_reader reader = {.resolver = resolver,
                                  .base = base,
                                  .sweep = sweep,
                                  .runs = SWEEP_RUNS,
                                  .combinations = SWEEP_COMBINATIONS};
    if (most > reader.runs) reader.runs = most;
    if (most > reader.combinations) reader.combinations = most;
    struct product product = {.reader = &reader};
    struct sweep_filter filter = {0};
    if (member) TRY(read_block(&product, member->value));
    TRY(read_seeds(&product, seeds));
    sweep->dimensions = product.dimensions;
    sweep->dimension_count = product.count;
    if (member && member->value->kind == TREE_MAP) TRY(sweep_filter_read(&reader, member, &filter));
    if (member && member->value->kind == TREE_MAP) TRY(sweep_names_read(&reader, member));
    mark_partial(sweep);
    TRY(count_runs(&reader, &filter,
                   member  ? member->mark
                   : seeds ? seeds->mark
                           : (struct mark){0},
                   most ? most : SWEEP_RUNS));
    TRY(note_idle_seeds(&reader));
    return resolver->status;
}
