#include "spec/sweep_random.h"

#include <string.h>
#include "spec/scalar.h"
#include "spec/seen.h"
#include "spec/sweep_draws.h"
#include "spec/sweep_paths.h"

/* ---- the keys of a block that are no paths ---- */

static const struct schema_row count_row = {.key = "n",
                                            .type = SCHEMA_INTEGER,
                                            .minimum = 1,
                                            .maximum = SWEEP_COUNT,
                                            .flags = SCHEMA_FIXED},
                               seed_row = {.key = "seed",
                                           .type = SCHEMA_INTEGER,
                                           .maximum = SWEEP_COUNT,
                                           .flags = SCHEMA_FIXED},
                               after_row = {.key = "after_exclude",
                                            .type = SCHEMA_BOOLEAN,
                                            .flags = SCHEMA_FIXED};

static const struct schema_row *const own_rows[] = {&count_row, &seed_row, &after_row};

enum { OWN_ROWS = sizeof own_rows / sizeof *own_rows };

static bool is_own(const char *key)
{
    for (size_t i = 0; i < OWN_ROWS; i++)
        if (strcmp(own_rows[i]->key, key) == 0) return true;
    return false;
}

/* Reads one of them; false after a complaint. Where it is not there, *value stays as it is. */
static bool read_own(struct resolver *resolver, const struct tree *block,
                     const struct schema_row *row, struct value *value)
{
    const struct tree_member *member = tree_find(block, row->key);
    struct place up = {.key = "sweep.random"}, place = {.up = &up, .key = row->key};
    return !member || scalar_read(resolver, row, row->type, member->value, &place, value);
}

struct random_block {
    const struct tree *block;
    size_t n, total; /* points asked for; drawn */
    uint64_t seed;
    bool after_exclude;
    struct sweep_draw *draws; /* (count) by path */
    size_t count;
};

static bool may_count_after(struct sweep_product *product, const struct tree *block)
{
    const struct tree_member *member = tree_find(block, after_row.key);
    struct place place = {.key = "sweep.random.after_exclude"};
    if (!product->reader->inside && !product->reader->sweep->stretched) return true;
    resolver_complain(product->reader->resolver, member->mark, &place, NULL,
                      product->reader->inside
                          ? "points of a union cannot be counted after exclude"
                          : "only one block of random points can be counted after exclude");
    return false;
}

static bool read_own_keys(struct sweep_product *product, struct random_block *random)
{
    struct resolver *resolver = product->reader->resolver;
    const struct tree *block = random->block;
    struct place up = {.key = "sweep.random"}, place = {.up = &up, .key = "n"};
    struct value n = {0}, seed = {0}, after = {0};
    if (!tree_find(block, "n")) {
        resolver_complain(resolver, block->mark, &up, "write \"n: 20\"",
                          "the number of points, n, is missing");
        return false;
    }
    size_t own = 0;
    for (size_t i = 0; i < block->map.count; i++) own += is_own(block->map.members[i].key);
    if (own == block->map.count) {
        resolver_complain(resolver, block->mark, &up, "write \"path: {uniform: [0, 1]}\"",
                          "no path is drawn");
        return false;
    }
    if (!read_own(resolver, block, &count_row, &n) ||
        sweep_is_too_many(product, &place, tree_find(block, "n")->value->mark, n.integer) ||
        !read_own(resolver, block, &seed_row, &seed) ||
        !read_own(resolver, block, &after_row, &after) ||
        (after.boolean && !may_count_after(product, block)))
        return false;
    random->n = (size_t)n.integer;
    random->seed = (uint64_t)seed.integer;
    random->after_exclude = after.boolean;
    return true;
}

/* ---- points ---- */

static basin_status read_draws(struct sweep_product *product, struct random_block *random)
{
    const struct tree *block = random->block;
    struct arena *arena = product->reader->resolver->arena;
    random->draws = arena_array(arena, struct sweep_draw, block->map.count);
    if (!random->draws) return BASIN_MEMORY;
    for (size_t i = 0; i < block->map.count; i++) {
        if (is_own(block->map.members[i].key)) continue;
        TRY(sweep_draw_read(product->reader, &block->map.members[i], random->seed,
                            &random->draws[random->count++]));
    }
    return BASIN_OK;
}

/* How many points are drawn: n, or more where n counts those that are left; never more than a
 * choice without replacement has values. False after a complaint. */
static bool count_points(struct sweep_product *product, struct random_block *random)
{
    random->total = random->n;
    if (random->after_exclude) random->total *= product->reader->stretch;
    for (size_t i = 0; i < random->count; i++) {
        size_t most = sweep_draw_most(&random->draws[i]);
        struct place place = {.key = random->draws[i].member->key};
        if (most < random->n) {
            resolver_complain(product->reader->resolver, random->draws[i].list->mark, &place,
                              "lower n, or leave out \"replace: false\"",
                              "n is %zu, but without replacement this list gives only %zu value%s",
                              random->n, most, most == 1 ? "" : "s");
            return false;
        }
        if (most < random->total) random->total = most;
    }
    return true;
}

static void print_drawn(const struct random_block *random, size_t i, struct text *out)
{
    out->length = 0;
    for (size_t d = 0; d < random->count; d++) {
        const struct tree *node = random->draws[d].nodes[i];
        if (node->kind == TREE_SCALAR)
            text_format(out, "%s\n", node->text);
        else
            text_format(out, "%p\n", (const void *)node);
    }
}

/* A point whose numbers were rounded to those of an earlier one gets more digits, so that n points
 * are n points. Only the later one changes: more points leave the first ones as they are. */
static basin_status make_distinct(const struct sweep_reader *reader, struct random_block *random)
{
    enum { MOST = 17 };
    struct seen seen;
    struct text text = {0};
    basin_status status = seen_create(reader->resolver->arena, random->total, &seen);
    for (size_t i = 0; i < random->total && status == BASIN_OK; i++) {
        print_drawn(random, i, &text);
        for (int digits = 7; digits <= MOST && status == BASIN_OK && seen_add(&seen, &text);
             digits++) {
            for (size_t d = 0; d < random->count && status == BASIN_OK; d++)
                status = sweep_draw_refine(reader, &random->draws[d], i, digits);
            print_drawn(random, i, &text);
        }
        if (text.failed) status = BASIN_MEMORY;
    }
    text_free(&text);
    return status;
}

static basin_status append_draw(struct sweep_product *product, const struct sweep_draw *draw,
                                struct sweep_dimension *dimension)
{
    size_t axis, first;
    TRY(sweep_axis_append(product->reader, draw->member, draw->row, draw->nodes, dimension->count,
                          &axis, &first));
    for (size_t i = 0; i < dimension->count; i++) {
        struct sweep_point *point = &dimension->points[i];
        point->parts[point->count++] = (struct sweep_part){axis, first + i};
    }
    sweep_is_swept_twice(product, draw->member, axis);
    return BASIN_OK;
}

static basin_status append_points(struct sweep_product *product, struct random_block *random)
{
    struct sweep_dimension *dimension;
    for (size_t d = 0; d < random->count; d++)
        TRY(sweep_draw_make(product->reader, &random->draws[d], random->total));
    TRY(make_distinct(product->reader, random));
    TRY(sweep_dimension_add(product, random->block->mark, random->total, &dimension));
    for (size_t i = 0; i < random->total; i++)
        TRY(sweep_point_reserve(product, &dimension->points[i], random->count));
    for (size_t d = 0; d < random->count; d++)
        TRY(append_draw(product, &random->draws[d], dimension));
    sweep_number_sources(dimension);
    if (random->after_exclude) dimension->wanted = random->n;
    product->reader->sweep->stretched |= random->after_exclude;
    return BASIN_OK;
}

basin_status sweep_random_block(struct sweep_product *product, const struct tree *block)
{
    struct resolver *resolver = product->reader->resolver;
    struct random_block random = {.block = block};
    size_t errors = resolver->errors;
    if (!sweep_is_block(resolver, block, "sweep.random", "n: 20, path: {uniform: [0, 1]}"))
        return BASIN_OK;
    if (!read_own_keys(product, &random)) return BASIN_OK;
    TRY(read_draws(product, &random));
    if (resolver->errors > errors || !count_points(product, &random)) return resolver->status;
    return append_points(product, &random);
}

/* ---- points that are counted after exclude ---- */

static struct sweep_dimension *wanted_dimension(struct sweep *sweep, size_t *inner)
{
    *inner = 1; /* combinations of the dimensions that vary faster */
    for (size_t d = sweep->dimension_count; d-- > 0; *inner *= sweep->dimensions[d].count)
        if (sweep->dimensions[d].wanted) return &sweep->dimensions[d];
    return NULL;
}

/* The axes of the block have no values beyond its points. */
static void drop_points(struct sweep *sweep, struct sweep_dimension *dimension, size_t count)
{
    for (size_t k = 0; k < dimension->points[0].count; k++)
        sweep->axes[dimension->points[0].parts[k].axis].count = count;
    dimension->count = count;
}

bool sweep_random_suffices(struct sweep *sweep, bool *dropped)
{
    size_t inner, left = 0, last = 0;
    struct sweep_dimension *dimension = wanted_dimension(sweep, &inner);
    *dropped = false;
    if (!dimension) return true;
    for (size_t point = 0; point < dimension->count && left < dimension->wanted; point++) {
        bool used = !sweep->combination;
        for (size_t run = 0; run < sweep->run_count && !used; run++)
            used = sweep->combination[run] / inner % dimension->count == point;
        left += used;
        last = point;
    }
    if (left < dimension->wanted) return false;
    *dropped = last + 1 < dimension->count;
    if (*dropped) drop_points(sweep, dimension, last + 1);
    return true;
}

bool sweep_random_stretch(struct sweep_reader *reader, struct sweep *sweep)
{
    enum { MOST = 1024 }; /* times n */
    size_t inner;
    const struct sweep_dimension *dimension = wanted_dimension(sweep, &inner);
    struct place place = {.key = "sweep.random"};
    double all = sweep_combinations(sweep->dimensions, sweep->dimension_count);
    bool ended = dimension->count < dimension->wanted * reader->stretch; /* a list is used up */
    reader->stretch *= 2;
    if (!ended && reader->stretch <= MOST && 2 * all <= (double)reader->combinations) return true;
    resolver_complain(reader->resolver, dimension->mark, &place,
                      "lower n, or loosen the conditions of sweep.exclude",
                      "sweep.exclude leaves fewer than n (%zu) of %zu points that were drawn",
                      dimension->wanted, dimension->count);
    return false;
}
