#include "spec/sweep.h"

#include <stdio.h>
#include <string.h>
#include "spec/sweep_filter.h"
#include "spec/sweep_generators.h"
#include "spec/sweep_names.h"
#include "spec/sweep_points.h"
#include "spec/sweep_random.h"
#include "spec/sweep_seeds.h"

/* With conditions the combinations are gone through one by one, under a limit of their own. */
static basin_status filter_runs(const struct sweep_reader *reader, struct sweep_filter *filter,
                                struct mark mark, double all)
{
    struct sweep *sweep = reader->sweep;
    struct resolver *resolver = reader->resolver;
    if (all > (double)reader->combinations)
        sweep_complain_count(resolver, mark, "combinations", all, (double)reader->combinations);
    if (resolver->errors) return BASIN_OK;
    TRY(sweep_filter_apply(reader, filter, (size_t)all));
    if (resolver->errors == 0 && sweep->run_count == 0 && !sweep->stretched)
        resolver_complain(resolver, filter->mark, NULL, NULL, "the conditions exclude all %zu runs",
                          (size_t)all);
    return BASIN_OK;
}

/* Without conditions every combination is a run, and the product of the counts is enough. The count
 * is a double: the product may exceed every integer. */
static basin_status count_runs(const struct sweep_reader *reader, struct sweep_filter *filter,
                               struct mark mark, size_t most)
{
    struct sweep *sweep = reader->sweep;
    struct resolver *resolver = reader->resolver;
    double all = sweep_combinations(sweep->dimensions, sweep->dimension_count);
    bool conditions = filter->excludes + filter->whens > 0, dropped = false;
    if (!conditions && all > (double)most)
        sweep_complain_count(resolver, mark, "runs", all, (double)most);
    if (resolver->errors) return BASIN_OK;
    sweep->run_count = (size_t)all;
    if (conditions) TRY(filter_runs(reader, filter, mark, all));
    if (resolver->errors) return BASIN_OK;
    if (sweep_random_suffices(sweep, &dropped) && dropped)
        return count_runs(reader, filter, mark, most);
    if (sweep->run_count > most)
        sweep_complain_count(resolver, mark, "runs", (double)sweep->run_count, (double)most);
    return BASIN_OK;
}

/* An axis is partial where some point of a dimension that sets it leaves it out (another member
 * of a union does not have it), or where it is conditional. */
static void mark_partial(struct sweep *sweep)
{
    for (size_t axis = 0; axis < sweep->count; axis++) {
        size_t with = 0, points = 0;
        for (size_t d = 0; d < sweep->dimension_count; d++) {
            const struct sweep_dimension *dimension = &sweep->dimensions[d];
            if (!sweep_dimension_sets(dimension, axis)) continue;
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

/* Where both sources of a training's randomness have seeds of their own, several `seeds` repeat the
 * same training. Not an error, but a mean over them would claim a precision that it does not
 * have. */
static basin_status note_idle_seeds(const struct sweep_reader *reader)
{
    struct sweep *sweep = reader->sweep;
    struct arena *arena = reader->resolver->arena;
    const struct spec_axis *seed = axis_named(sweep, "seed");
    if (!seed || seed->count < 2 || !is_apart(reader, "seed.init") ||
        !is_apart(reader, "seed.order"))
        return BASIN_OK;
    if (!sweep->notes && !(sweep->notes = arena_array(arena, const char *, 1))) return BASIN_MEMORY;
    const char *note =
        arena_format(arena,
                     "seed.init and seed.order are given, so all %zu seeds train the "
                     "same network; only measures that draw random numbers differ",
                     seed->count);
    if (!note) return BASIN_MEMORY;
    sweep->notes[sweep->note_count++] = note;
    return BASIN_OK;
}

static basin_status read_once(struct sweep_reader *reader, const struct tree_member *member,
                              const struct tree_member *seeds, size_t most)
{
    struct sweep_product product = {.reader = reader};
    struct sweep_filter filter = {0};
    struct sweep *sweep = reader->sweep;
    bool is_block = member && member->value->kind == TREE_MAP;
    *sweep = (struct sweep){0};
    if (member) TRY(sweep_read_block(&product, member->value));
    sweep_refuse_items(&product);
    TRY(sweep_read_seeds(&product, seeds));
    sweep->dimensions = product.dimensions;
    sweep->dimension_count = product.count;
    if (is_block) TRY(sweep_filter_read(reader, member, &filter));
    if (is_block) TRY(sweep_names_read(reader, member));
    mark_partial(sweep);
    return count_runs(reader, &filter,
                      member  ? member->mark
                      : seeds ? seeds->mark
                              : (struct mark){0},
                      most ? most : SWEEP_RUNS);
}

basin_status sweep_read(struct resolver *resolver, const struct tree *base,
                        const struct tree_member *member, const struct tree_member *seeds,
                        size_t most, struct sweep *sweep)
{
    struct sweep_reader reader = {.resolver = resolver,
                                  .base = base,
                                  .sweep = sweep,
                                  .runs = SWEEP_RUNS,
                                  .combinations = SWEEP_COMBINATIONS,
                                  .stretch = 1};
    bool dropped;
    if (most > reader.runs) reader.runs = most;
    if (most > reader.combinations) reader.combinations = most;
    TRY(read_once(&reader, member, seeds, most));
    while (resolver->errors == 0 && !sweep_random_suffices(sweep, &dropped) &&
           sweep_random_stretch(&reader, sweep))
        TRY(read_once(&reader, member, seeds, most));
    TRY(note_idle_seeds(&reader));
    return resolver->status;
}
