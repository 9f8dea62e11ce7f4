/* Walk: every row of the spec language with its dotted path.
 *
 * Purpose.  Hints for unknown keys, `explain` and the JSON Schema go over all that a user can
 * write; the walk knows how variants, sets and lists nest. A path that several entries have is
 * visited once for each of them.
 */
#ifndef BASIN_SPEC_WALK_H
#define BASIN_SPEC_WALK_H

#include "spec/schema.h"

enum { WALK_PATH = 256 }; /* bytes of a path at the most */

/* entry: whose parameter the row is; NULL outside of variants and sets. */
typedef void schema_visit(void *context, const char *path, const struct schema_row *row,
                          const struct entry *entry);
void schema_walk(const struct schema_row *rows, schema_visit *visit, void *context);
/* The same with the keys of the layers in a list, "architecture.layers[].conv.padding". These are
 * for people to read: such a path cannot be set or swept. */
void schema_walk_lists(const struct schema_row *rows, schema_visit *visit, void *context);

#endif
