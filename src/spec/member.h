/* Member: the keys of a set whose entries may be there with several options side by side.
 *
 * A member is called by its entry, "hessian_top", or by its entry and options of it,
 * "hessian_top@examples_500": the suffix "examples_500" consists of letters, digits and '_', and is
 * the end of every name that this member gives in results (hessian_lambda_max_examples_500).
 * spec/several.h makes such keys of a list of options.
 */
#ifndef BASIN_SPEC_MEMBER_H
#define BASIN_SPEC_MEMBER_H

#include "spec/schema.h"

enum { MEMBER_MARK = '@' };

/* The entry of a member; NULL if it is not there. */
const struct entry *registry_find_member(const struct registry *registry, const char *member);
const char *member_suffix(const char *member); /* "" where there is none */

/* Adds "@examples_500" to a key, or "_k_3" where it has a suffix already: an option of a block. An
 * OPTIONAL one that is absent is "every_none". */
void member_put(struct text *key, const struct schema_row *row, const struct value *block);

/* The key of a block by all options that are written in it: "" where there are none. NULL on
 * shortage. */
const char *member_written(struct arena *arena, const struct entry *entry,
                           const struct value *block);

/* Two members of one entry in the order of their suffixes, numbers by their value; as strcmp. */
int member_order(const char *a, const char *b);

#endif
