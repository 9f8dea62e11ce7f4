/* Complain: the state of resolving a spec, and how it says what is wrong.
 *
 * Purpose.  Everything that reads values (resolve.c, scalar.c, sweeps, conditions) shares a
 * `struct resolver` and reports through it: each message begins with the dotted path of the value
 * and ends with a hint, and names the run of a sweep where only that run is wrong.
 * Errors.  A complaint goes to `diagnostics` and is counted in `errors`. `status` becomes
 * BASIN_MEMORY on shortage and BASIN_INTERNAL where a table's own default is wrong.
 */
#ifndef BASIN_SPEC_COMPLAIN_H
#define BASIN_SPEC_COMPLAIN_H

#include "spec/axis.h"
#include "spec/number.h"
#include "spec/schema.h"
#include "spec/tree.h"

struct defaults;

/* The hint for a text that goes on in the line below, where an item of a list was meant. */
#define COMPLAIN_INDENTED                                                                          \
    "is the line below indented too far? Each \"- \" of a list stands in the same column"

/* The hint for a number where a key belongs, as "8" of {hidden: 16, 8}. */
#define COMPLAIN_BRACKETS "a list needs brackets, [1, 2], and a fraction a point, 1.5"
bool complain_is_number(const struct tree_member *member); /* a number without a value? */

struct resolver {
    struct arena *arena;
    struct diagnostics *diagnostics;
    const struct schema_row *schema; /* the root table, for hints */
    const char *folder;
    struct defaults *defaults;
    bool stored;  /* see struct spec_request */
    bool keep;    /* resolved values are kept in their nodes and shared: one thread only */
    bool is_axis; /* inside a sweep already: a list is no attempt at one */
    /* The run that messages name. choice: for each axis the index of its value, or SPEC_ABSENT;
     * NULL: no run is named. */
    const struct spec_axis *axes;
    size_t axis_count;
    const size_t *choice;
    bool name_always; /* in every message; otherwise only where a swept key does not fit */
    size_t errors;
    basin_status status;
};

/* Where a value stands: a linked list on the stack, from the value up to the root. */
struct place {
    const struct place *up;
    const char *key;  /* NULL for an item of a list */
    size_t index;     /* of that item */
    struct mark mark; /* of the enclosing block, for what is missing in it */
    bool swept;
};

/* The keys that a block may have: a table's, or those of one entry of a variant beside its name. */
struct key_block {
    const struct schema_row *rows, *variant;
    const struct entry *entry; /* of the variant */
};

void resolver_complain(struct resolver *resolver, struct mark mark, const struct place *place,
                       const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void complain_unknown_key(struct resolver *resolver, const struct tree_member *member,
                          const struct key_block *block, const struct place *place);
void complain_missing(struct resolver *resolver, const struct schema_row *row,
                      const struct key_block *block, const struct place *place, struct mark mark);
/* A name that the registry does not have, written at `mark`. */
void complain_unknown_name(struct resolver *resolver, const struct registry *registry,
                           const char *name, struct mark mark, const struct place *place);

/* A list of numbers whose decimal commas, or commas for thousands, have cut it into other values,
 * [0,001, 0,1]: true after a complaint. */
bool complain_commas(struct resolver *resolver, const struct tree *list, enum commas_in in,
                     const struct place *place);

/* "training.optimizer.momentum", "architecture.hidden.2"; "" for the root. */
enum { PLACE_TEXT = 256 };
const char *place_text(const struct place *place, char out[PLACE_TEXT]);

#endif
