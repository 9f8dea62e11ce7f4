/* From a run of a sweep to the values that it has, and to its spec. */
#include <string.h>
#include "spec/sweep_runs.h"
#include "spec/assign.h"

/* The digits of `combination` in the mixed radix of the dimensions' counts, the last dimension
 * as the least digit, are the points. */
void sweep_choose_combination(const struct sweep *sweep, size_t combination, uint64_t idle,
                              size_t *choice)
{
    for (size_t i = 0; i < sweep->count; i++) choice[i] = SPEC_ABSENT;
    for (size_t d = sweep->dimension_count, rest = combination; d-- > 0;
         rest /= sweep->dimensions[d].count) {
        const struct sweep_point *point =
            &sweep->dimensions[d].points[rest % sweep->dimensions[d].count];
        for (size_t i = 0; i < point->count; i++) {
            int conditional = sweep->sources[point->parts[i].axis].conditional;
            if (conditional >= 0 && idle >> conditional & 1) continue;
            choice[point->parts[i].axis] = point->parts[i].value;
        }
    }
}

void sweep_choose(const struct sweep *sweep, size_t run, size_t *choice)
{
    sweep_choose_combination(sweep, sweep->combination ? sweep->combination[run] : run,
                             sweep->idle ? sweep->idle[run] : 0, choice);
}

size_t sweep_choice(const struct sweep *sweep, size_t run, size_t axis)
{
    size_t rest = sweep->combination ? sweep->combination[run] : run;
    int conditional = sweep->sources[axis].conditional;
    if (sweep->idle && conditional >= 0 && sweep->idle[run] >> conditional & 1) return SPEC_ABSENT;
    for (size_t d = sweep->dimension_count; d-- > 0; rest /= sweep->dimensions[d].count) {
        const struct sweep_point *point =
            &sweep->dimensions[d].points[rest % sweep->dimensions[d].count];
        for (size_t i = 0; i < point->count; i++)
            if (point->parts[i].axis == axis) return point->parts[i].value;
    }
    return SPEC_ABSENT;
}

/* Paths are assigned in order of depth, so that "training.optimizer" (a whole block) does not
 * overwrite "training.optimizer.momentum". */
basin_status sweep_assemble(const struct sweep *sweep, const struct schema_row *schema,
                            const struct tree *base, const size_t *choice, struct arena *arena,
                            struct tree **root)
{
    int deepest = 0;
    *root = (struct tree *)(uintptr_t)base;
    for (size_t i = 0; i < sweep->count; i++)
        if (sweep->sources[i].depth > deepest) deepest = sweep->sources[i].depth;
    for (int depth = 1; depth <= deepest; depth++)
        for (size_t i = 0; i < sweep->count; i++) {
            if (sweep->sources[i].depth != depth || choice[i] == SPEC_ABSENT) continue;
            struct assignment assignment = {.path = sweep->axes[i].path,
                                            .node = sweep->sources[i].nodes[choice[i]],
                                            .mark = sweep->axes[i].mark,
                                            .swept = true};
            if (strcmp(assignment.path, "seed") == 0 && !schema_find_row(schema, "seed")) continue;
            TRY(tree_assign(arena, schema, *root, &assignment, root));
        }
    return BASIN_OK;
}
