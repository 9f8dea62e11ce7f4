/* Several: one entry of a set with several options side by side.
 *
 *     measures:
 *       hessian_top: [{examples: 500}, {examples: all}]
 *
 * Purpose.  A resolved set has a member for each item of such a list, called by the options in
 * which the items differ (spec/member.h): hessian_top@examples_500, hessian_top@examples_all. This
 * is also how the set is written in results, so that what is read back has the same members.
 * Promises.  The suffix depends on the options and not on the order of the list. A suffix that does
 * not say what the options are is refused, so that no name can be wrong. Keys that may be absent
 * (`every`) only are in it where nothing else tells the items apart. A list of one is that one,
 * without a suffix.
 * Ownership.  Keys live in the resolver's arena.
 */
#ifndef BASIN_SPEC_SEVERAL_H
#define BASIN_SPEC_SEVERAL_H

#include "spec/complain.h"

/* The resolved items of a list below `place`, and (count) where they stand. */
struct several {
    const struct entry *entry;
    struct value *const *items;
    size_t count;
};

/* Fills `keys` (count); false after a complaint, about two items that are the same. */
bool several_keys(struct resolver *resolver, const struct several *list, const struct place *place,
                  const char **keys);

/* Does the suffix of `key` say options of this block? false after a complaint. */
bool several_check(struct resolver *resolver, const struct entry *entry, const char *key,
                   const struct value *block, const struct place *place);

/* [{over: seed}, {over: seed.data}] in a set that is not SCHEMA_SEVERAL: true after a complaint. */
bool several_refused(struct resolver *resolver, const struct schema_row *row,
                     const struct tree_member *member, const struct place *place);

/* Members of one entry in the order of their suffixes, numbers by their value. */
void several_sort(struct value_member *members, size_t count);

#endif
