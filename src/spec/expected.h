/* What a row expects, in words for messages and references. */
#ifndef BASIN_SPEC_EXPECTED_H
#define BASIN_SPEC_EXPECTED_H

#include "base/text.h"
#include "spec/schema.h"

/* Appends "an integer from 1 to 10 (epochs)". `type`: that of the row, or of an item of its
 * list. */
void expected_text(const struct schema_row *row, enum schema_type type, struct text *out);
/* The same; with `all`, bounds are named that are only there to catch nonsense. */
void expected_with_bounds(const struct schema_row *row, enum schema_type type, bool all,
                          struct text *out);

/* 2^53: every integer up to it is a double. */
#define LARGEST_EXACT_INTEGER 9007199254740992.0

/* Which of its bounds does a row state? */
bool has_minimum(const struct schema_row *row);
bool has_maximum(const struct schema_row *row);

#endif
