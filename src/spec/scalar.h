/* Scalars: the text of one value, read by the type that its row expects. */
#ifndef BASIN_SPEC_SCALAR_H
#define BASIN_SPEC_SCALAR_H

#include "spec/complain.h"

/* `type`: that of the row, or of an item of its list. False after a complaint. */
bool scalar_read(struct resolver *resolver, const struct schema_row *row, enum schema_type type,
                 const struct tree *node, const struct place *place, struct value *out);
/* Is a number within the bounds that its row states? */
bool scalar_in_range(const struct schema_row *row, double value);
/* An integer without a row. False leaves a hint. */
bool scalar_integer(const char *text, int64_t *out, char *hint, size_t hint_size);

#endif
