#include "spec/sweep_seeds.h"

#include <stdio.h>
#include <string.h>
#include "spec/scalar.h"
#include "spec/sweep_points.h"

static basin_status seeds_dimension(struct sweep_product *product, struct tree **nodes,
                                    size_t count, struct mark mark)
{
    static const struct schema_row any = {.key = "seed", .type = SCHEMA_INTEGER, .fallback = "0"};
    struct resolver *resolver = product->reader->resolver;
    const struct schema_row *row = schema_find_row(resolver->schema, "seed");
    struct tree_member member = {.key = mark.line > 0 ? "seeds" : "seed", .mark = mark};
    struct sweep_dimension *dimension;
    size_t axis, first;
    TRY(sweep_axis_append(product->reader, &member, row ? row : &any, nodes, count, &axis, &first));
    for (
        size_t i = first; i < first + count;
        i++) /* a wrong seed has been reported; 0 in its place keeps runs from reporting it again */
        if (!product->reader->sweep->axes[axis].values[i] &&
            !(product->reader->sweep->sources[axis].nodes[i] =
                  tree_scalar(resolver->arena, "0", true, mark)))
            return BASIN_MEMORY;
    TRY(sweep_dimension_add(product, mark, count, &dimension));
    for (size_t i = 0; i < count; i++) {
        TRY(sweep_point_reserve(product, &dimension->points[i], 1));
        dimension->points[i].parts[dimension->points[i].count++] =
            (struct sweep_part){axis, first + i};
    }
    TRY(sweep_refuse_repeats(product, dimension));
    product->reader->sweep->axes[axis].path =
        "seed"; /* only now: complaints above name the key that was written, `seeds` */
    return BASIN_OK;
}

static basin_status count_seeds(struct sweep_product *product, const struct tree_member *member)
{
    const struct schema_row row = {.key = "seeds",
                                   .type = SCHEMA_INTEGER,
                                   .minimum = 1,
                                   .maximum = SWEEP_COUNT,
                                   .flags = SCHEMA_FIXED};
    struct resolver *resolver = product->reader->resolver;
    struct place place = {.key = "seeds"};
    struct value count = {0};
    if (!scalar_read(resolver, &row, SCHEMA_INTEGER, member->value, &place, &count))
        return resolver->status;
    if (sweep_is_too_many(product, &place, member->value->mark, count.integer)) return BASIN_OK;
    struct tree **nodes = arena_array(resolver->arena, struct tree *, (size_t)count.integer);
    if (!nodes) return BASIN_MEMORY;
    for (int64_t i = 0; i < count.integer; i++) {
        const char *text = arena_format(resolver->arena, "%lld", (long long)i);
        nodes[i] = text ? tree_scalar(resolver->arena, text, true, member->value->mark) : NULL;
        if (!nodes[i]) return BASIN_MEMORY;
    }
    return seeds_dimension(product, nodes, (size_t)count.integer, member->mark);
}

/* A list names its seeds: there is no default among them. */
static bool refuse_null(struct resolver *resolver, const struct tree *list)
{
    struct place place = {.key = "seeds"};
    for (size_t i = 0; i < list->list.count; i++) {
        if (!tree_is_null(list->list.items[i])) continue;
        resolver_complain(resolver, list->list.items[i]->mark, &place, NULL,
                          "expected an integer of at least 0, found nothing");
        return true;
    }
    return false;
}

basin_status sweep_read_seeds(struct sweep_product *product, const struct tree_member *seeds)
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
        if (refuse_null(resolver, seeds->value)) return BASIN_OK;
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
