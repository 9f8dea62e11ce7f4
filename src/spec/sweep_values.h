/* The values of an axis: lists, and generators inside them. */
#ifndef BASIN_SPEC_SWEEP_VALUES_H
#define BASIN_SPEC_SWEEP_VALUES_H

#include "spec/sweep_space.h"

/* The nodes of a list of values, with its generators written out; NULL after a complaint. `what`
 * begins the message where it is no list: "an axis is". */
basin_status sweep_values(const struct sweep_reader *reader, const struct tree_member *member,
                          const struct schema_row *row, struct tree ***nodes, size_t *count);
/* ---- numbers that generators and distributions make ---- */

enum { SWEEP_NUMBERS = 3 };

bool sweep_takes_numbers(const struct schema_row *row);
bool sweep_takes_integers(const struct schema_row *row);
/* A number as text with so many significant digits, in a form that its row accepts. NULL without
 * memory. */
struct tree *sweep_number_node(struct arena *arena, const struct schema_row *row, double value,
                               int digits, struct mark mark);
/* Reads the numbers of [a, b] or [a, b, c]. False after a complaint. */
bool sweep_read_numbers(struct resolver *resolver, const struct tree *list,
                        const struct place *place, size_t count, const char *form,
                        double out[SWEEP_NUMBERS]);

#endif
