#include "spec/sweep_generators.h"

#include <stdio.h>
#include <string.h>
#include "spec/assign.h"
#include "spec/sweep_paths.h"
#include "spec/sweep_points.h"
#include "spec/sweep_random.h"
#include "spec/sweep_values.h"

typedef basin_status generator(struct sweep_product *product, const struct tree_member *member);

static generator read_grid, read_zip, read_random, sweep_read_list, read_union;

static const struct {
    const char *name;
    generator *read;
} generators[] = {{"grid", read_grid},
                  {"zip", read_zip},
                  {"random", read_random},
                  {"list", sweep_read_list},
                  {"union", read_union}};

/* The other keys of a sweep. */
static const char *const filters[] = {"exclude", "when", "names"};

enum {
    GENERATORS = sizeof generators / sizeof *generators,
    FILTERS = sizeof filters / sizeof *filters
};

/* ---- grid and zip ---- */

static basin_status read_axis(struct sweep_product *product, const struct tree_member *member)
{
    const struct schema_row *row;
    struct tree **nodes;
    struct sweep_dimension *dimension;
    size_t count, axis, first;
    TRY(sweep_row(product->reader, member, &row));
    if (row) TRY(sweep_values(product->reader, member, row, &nodes, &count));
    if (!row || !nodes) return BASIN_OK;
    TRY(sweep_axis_append(product->reader, member, row, nodes, count, &axis, &first));
    TRY(sweep_dimension_add(product, member->mark, count, &dimension));
    for (size_t i = 0; i < count; i++) {
        TRY(sweep_point_reserve(product, &dimension->points[i], 1));
        dimension->points[i].parts[dimension->points[i].count++] =
            (struct sweep_part){axis, first + i};
    }
    if (sweep_is_swept_twice(product, member, axis)) return BASIN_OK;
    return sweep_refuse_repeats(product, dimension);
}

static basin_status read_grid(struct sweep_product *product, const struct tree_member *member)
{
    const struct tree *grid = member->value;
    if (!sweep_is_block(product->reader->resolver, grid, "sweep.grid", "path: [values]"))
        return BASIN_OK;
    for (size_t i = 0; i < grid->map.count; i++) TRY(read_axis(product, &grid->map.members[i]));
    return BASIN_OK;
}

/* One path of a zip. The first makes the dimension with its points; each further one adds a part to
 * every point. */
static basin_status zip_path(struct sweep_product *product, const struct tree_member *member,
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
        TRY(sweep_dimension_add(product, member->mark, count, dimension));
        for (size_t i = 0; i < count; i++)
            TRY(sweep_point_reserve(product, &(*dimension)->points[i], paths));
    }
    struct place place = {.key = member->key};
    if (count != (*dimension)->count) {
        resolver_complain(product->reader->resolver, member->value->mark, &place,
                          "the lists of a zip are taken side by side",
                          "the list has %zu values, but that of %s has %zu", count, leader->key,
                          (*dimension)->count);
        return BASIN_OK;
    }
    TRY(sweep_axis_append(product->reader, member, row, nodes, count, &axis, &first));
    for (size_t i = 0; i < count; i++) {
        struct sweep_point *point = &(*dimension)->points[i];
        point->parts[point->count++] = (struct sweep_part){axis, first + i};
    }
    sweep_is_swept_twice(product, member, axis);
    return BASIN_OK;
}

static basin_status zip_block(struct sweep_product *product, const struct tree *block)
{
    struct sweep_dimension *dimension = NULL;
    if (!sweep_is_block(product->reader->resolver, block, "sweep.zip", "path: [values]"))
        return BASIN_OK;
    for (size_t i = 0; i < block->map.count; i++)
        TRY(zip_path(product, &block->map.members[i], &block->map.members[0], block->map.count,
                     &dimension));
    if (!dimension || product->reader->resolver->errors) return BASIN_OK;
    sweep_number_sources(dimension);
    return sweep_refuse_repeats(product, dimension);
}

/* A block, or a list of blocks whose product is taken. */
static basin_status each_block(struct sweep_product *product, const struct tree *node,
                               basin_status (*read)(struct sweep_product *, const struct tree *))
{
    if (node->kind != TREE_LIST || node->list.count == 0)
        return read(product, node); /* an empty list is refused like any other */
    for (size_t i = 0; i < node->list.count; i++) TRY(read(product, node->list.items[i]));
    return BASIN_OK;
}

static basin_status read_zip(struct sweep_product *product, const struct tree_member *member)
{
    return each_block(product, member->value, zip_block);
}

/* ---- random ---- */

static basin_status read_random(struct sweep_product *product, const struct tree_member *member)
{
    return each_block(product, member->value, sweep_random_block);
}

/* ---- list ---- */

static basin_status list_point(struct sweep_product *product, const struct tree *block,
                               struct sweep_dimension *dimension, struct sweep_point *point)
{
    if (!sweep_is_block(product->reader->resolver, block, "sweep.list", "path: value"))
        return BASIN_OK;
    TRY(sweep_point_reserve(product, point, block->map.count));
    for (size_t i = 0; i < block->map.count; i++) {
        const struct tree_member *member = &block->map.members[i];
        const struct schema_row *row;
        size_t axis, first;
        TRY(sweep_row(product->reader, member, &row));
        if (!row) continue;
        TRY(sweep_axis_append(product->reader, member, row, (struct tree *const[]){member->value},
                              1, &axis, &first));
        point->parts[point->count++] = (struct sweep_part){axis, first};
        if (sweep_is_swept_twice(product, member, axis)) break;
    }
    (void)dimension;
    return BASIN_OK;
}

static basin_status sweep_read_list(struct sweep_product *product, const struct tree_member *member)
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
    TRY(sweep_dimension_add(product, member->mark, node->list.count, &dimension));
    size_t errors = product->reader->resolver->errors;
    for (size_t i = 0; i < node->list.count; i++)
        TRY(list_point(product, node->list.items[i], dimension, &dimension->points[i]));
    if (product->reader->resolver->errors > errors) return BASIN_OK;
    sweep_number_sources(dimension);
    return sweep_refuse_repeats(product, dimension);
}

/* ---- union ---- */

/* The source of a product of points mixes theirs like a hash, s = s M + source. M is odd, hence
 * invertible modulo 2^64: sources that differ in one place stay different, others but for a chance
 * of 2^-64. */
static const size_t SOURCES = (size_t)0x9E3779B97F4A7C15;

/* Multiplies out one member of a union: each combination of its dimensions' points becomes one
 * point of the dimension that the union is. The digits of `i` in the mixed radix of the
 * dimensions' counts name the points, the last dimension fastest; each combination is walked
 * twice, to count its parts and to copy them. */
static basin_status append_products(const struct sweep_product *product, size_t member,
                                    struct arena *arena, struct sweep_point *out)
{
    size_t all = (size_t)sweep_combinations(product->dimensions, product->count);
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
        sweep_sort_parts(&out[i]);
    }
    return BASIN_OK;
}

static basin_status sweep_join(struct sweep_product *product, struct mark mark,
                               const struct sweep_product *members, size_t count)
{
    struct sweep_dimension *dimension;
    double all = 0;
    for (size_t i = 0; i < count; i++)
        all += sweep_combinations(members[i].dimensions, members[i].count);
    if (all > (double)product->reader->combinations) {
        sweep_complain_count(product->reader->resolver, mark, "points", all,
                             (double)product->reader->combinations);
        return BASIN_OK;
    }
    TRY(sweep_dimension_add(product, mark, (size_t)all, &dimension));
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        TRY(append_products(&members[i], i + 1, product->reader->resolver->arena,
                            dimension->points + at));
        at += (size_t)sweep_combinations(members[i].dimensions, members[i].count);
    }
    for (size_t axis = 0; axis < product->reader->sweep->count; axis++) {
        struct tree_member member = {.key = product->reader->sweep->axes[axis].path, .mark = mark};
        if (sweep_dimension_sets(dimension, axis) && sweep_is_swept_twice(product, &member, axis))
            break;
    }
    return BASIN_OK;
}

static basin_status read_union(struct sweep_product *product, const struct tree_member *member)
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
    struct sweep_product *members =
        arena_array(product->reader->resolver->arena, struct sweep_product, node->list.count);
    if (!members) return BASIN_MEMORY;
    struct sweep_reader inner = *product->reader;
    inner.inside = true;
    size_t errors = inner.resolver->errors;
    for (size_t i = 0; i < node->list.count; i++) {
        members[i].reader = &inner;
        TRY(sweep_read_block(&members[i], node->list.items[i]));
    }
    return inner.resolver->errors > errors
               ? BASIN_OK
               : sweep_join(product, member->mark, members, node->list.count);
}

/* ---- a block of generators ---- */

void sweep_keys(const char *names[SWEEP_KEYS])
{
    _Static_assert(GENERATORS + FILTERS == SWEEP_KEYS, "the keys of a sweep");
    for (size_t i = 0; i < GENERATORS; i++) names[i] = generators[i].name;
    for (size_t i = 0; i < FILTERS; i++) names[GENERATORS + i] = filters[i];
}

/* A key that is no generator. It may be a path that belongs one level deeper, under grid. */
static basin_status complain_generator(struct sweep_product *product,
                                       const struct tree_member *member)
{
    struct resolver *resolver = product->reader->resolver;
    const struct schema_row *row = NULL;
    bool fixed = false;
    const char *names[SWEEP_KEYS];
    char hint[160] = "";
    sweep_keys(names);
    const char *nearest = text_nearest(member->key, names, SWEEP_KEYS);
    TRY(path_row(resolver->arena, resolver->schema, product->reader->base, member->key, &row,
                 &fixed));
    if (row || strchr(member->key, '.'))
        snprintf(hint, sizeof hint, "put the path under sweep.grid");
    else if (nearest)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", nearest);
    else
        snprintf(hint, sizeof hint, SWEEP_KEYS_ARE);
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

basin_status sweep_read_block(struct sweep_product *product, const struct tree *node)
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
