/* Points: what the generators of a sweep build dimensions from, and what all of them check.
 *
 * Errors.  What is wrong in the spec is a complaint, and the status stays BASIN_OK; BASIN_MEMORY.
 */
#ifndef BASIN_SPEC_SWEEP_POINTS_H
#define BASIN_SPEC_SWEEP_POINTS_H

#include "spec/sweep_space.h"

/* Resolves values and appends them to the path's axis: the first becomes number *first of it. */
basin_status sweep_axis_append(struct sweep_reader *reader, const struct tree_member *member,
                               const struct schema_row *row, struct tree *const *nodes,
                               size_t count, size_t *axis, size_t *first);

/* One more dimension, with so many points that set nothing yet. The next call may move it. */
basin_status sweep_dimension_add(struct sweep_product *product, struct mark mark, size_t points,
                                 struct sweep_dimension **out);
basin_status sweep_point_reserve(const struct sweep_product *product, struct sweep_point *point,
                                 size_t parts);
bool sweep_dimension_sets(const struct sweep_dimension *dimension, size_t axis);
/* Does a dimension before the last set this axis too? Complains where it does. */
bool sweep_is_swept_twice(const struct sweep_product *product, const struct tree_member *member,
                          size_t axis);

/* Complains of a list that is swept as a whole, and in the same run an item of it: the item would
 * win, and runs that differ in that item of the list would be the same. */
void sweep_refuse_items(const struct sweep_product *product);

void sweep_sort_parts(struct sweep_point *point); /* by axis */
/* Gives each point a source of its own: for points that were written out, or drawn, one by one. */
void sweep_number_sources(struct sweep_dimension *dimension);
/* Complains of points that say the same, once their values are typed. */
basin_status sweep_refuse_repeats(const struct sweep_product *product,
                                  const struct sweep_dimension *dimension);
/* "path=value path=value" of a point, without the conditional axes of `idle`: equal for points that
 * say the same. */
void sweep_print_point(const struct sweep *sweep, const struct sweep_point *point, uint64_t idle,
                       struct text *out);

/* In double: the product may exceed every integer. */
double sweep_combinations(const struct sweep_dimension *dimensions, size_t count);
/* `what`: "runs", "points", "combinations". */
void sweep_complain_count(struct resolver *resolver, struct mark mark, const char *what,
                          double count, double most);
/* Is it more runs than a study may have? Complains where it is. */
bool sweep_is_too_many(const struct sweep_product *product, const struct place *place,
                       struct mark mark, int64_t count);

/* The maximum of a row that counts runs: sweep_is_too_many says how many there may be. */
#define SWEEP_COUNT 1e15

#endif
