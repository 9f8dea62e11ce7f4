/* Suggestions for keys that a block does not have. */
#ifndef BASIN_SPEC_SUGGEST_H
#define BASIN_SPEC_SUGGEST_H

#include "base/text.h"
#include "spec/schema.h"

/* "did you mean ...?" for an unknown key of the block with these rows: an alias, the nearest key
 * here, or the path of a key of that name elsewhere. Appends nothing where nothing is near.
 * `schema`: the root table. */
void schema_suggest_key(const struct schema_row *schema, const struct schema_row *rows,
                        const char *discriminator, const char *key, struct text *out);

#endif
