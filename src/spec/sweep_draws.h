/* Draws: the values that one path of `sweep.random` gets from its distribution.
 *
 *     {uniform: [a, b]}  {log_uniform: [a, b]}  {int_uniform: [a, b]}  {normal: [mean, sd]}
 *     {choice: [values]}  {choice: [values], replace: false}
 *
 * Promise.  Value i depends on the path, the seed of the block and i alone (and, without
 * replacement, on the list): more points leave the first ones as they are, and another path changes
 * none. Values stay in their interval. They are written with six significant digits, with more
 * where the interval is so narrow that six would leave few values in it, and where rounding would
 * leave the interval or what the parameter allows.
 */
#ifndef BASIN_SPEC_SWEEP_DRAWS_H
#define BASIN_SPEC_SWEEP_DRAWS_H

#include "base/random.h"
#include "spec/sweep_space.h"
#include "spec/sweep_values.h"

struct sweep_draw {
    const struct tree_member *member; /* the path and its distribution */
    const struct schema_row *row;
    size_t which; /* of the distributions */
    double numbers[SWEEP_NUMBERS];
    const struct tree *list; /* of the numbers, or of a choice */
    bool once;               /* a choice without replacement */
    int digits;              /* of a float; 0: other values, which have no more digits */
    struct random random;
    struct tree **nodes; /* by sweep_draw_make */
};

/* Reads the distribution of a path. draw->row is NULL after a complaint. */
basin_status sweep_draw_read(const struct sweep_reader *reader, const struct tree_member *member,
                             uint64_t seed, struct sweep_draw *draw);
/* How many values there are at most: of a choice without replacement those of its list. */
size_t sweep_draw_most(const struct sweep_draw *draw);
basin_status sweep_draw_make(const struct sweep_reader *reader, struct sweep_draw *draw,
                             size_t count);
/* Value i with `digits` digits, where it is a float. */
basin_status sweep_draw_refine(const struct sweep_reader *reader, struct sweep_draw *draw, size_t i,
                               int digits);

#endif
