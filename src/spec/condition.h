/* Conditions of a sweep: which combinations are left out (`exclude`), and where a swept path exists
 * at all (`when`).
 *
 *     exclude:
 *       - {architecture.type: cnn, training.batch_size: [8, 16]}      all of a block must hold; a
 *           list: any of its values
 *       - {training.optimizer.learning_rate: {above: 0.1}}            above, below, at_least,
 *           at_most, not;
 *                                                                        of several, all must hold
 *     when:
 *       training.optimizer.momentum: {training.optimizer.type: sgd}
 *
 * A condition compares the value that a combination has at a path, whether it is swept, written in
 * the file or a default. No condition holds on a path that the combination does not have (the
 * momentum of adam); `path: null` holds where an optional parameter is not given.
 *
 * Numbers of steps may be given in epochs, of which the size is not known here: epochs are compared
 * with epochs, steps with steps, and a comparison of one with the other is refused.
 *
 * A study may have a thousand conditions on a few paths: the value at a path is looked up once a
 * combination, in `struct condition_paths`, which all conditions share.
 */
#ifndef BASIN_SPEC_CONDITION_H
#define BASIN_SPEC_CONDITION_H

#include "spec/sweep_space.h"

struct condition_paths {
    const char **paths;          /* (count) */
    const struct value **values; /* (count) of the combination at hand, NULL where it has none */
    bool *known;                 /* (count) has its value been looked up? */
    size_t count, path_room, value_room, known_room;
};

struct condition_term {
    const char *path;
    size_t which;     /* of condition_paths */
    struct mark mark; /* of the path */
    enum { TERM_ANY, TERM_NONE, TERM_ABOVE, TERM_BELOW, TERM_AT_LEAST, TERM_AT_MOST } kind;
    const struct value **values; /* (count) each resolved by the row of the path */
    size_t count;
    /* Set by condition_holds: this term has been evaluated; some combination had the path. */
    bool looked, found;
    /* Set by condition_holds: the unit of its number, "steps" or "epochs", where a value had the
     * other; NULL elsewhere. */
    const char *mixed;
};

struct condition {
    struct condition_term *terms; /* all must hold */
    size_t count;
};

/* A block of terms, whose paths are added to `paths`. */
basin_status condition_read(const struct sweep_reader *reader, const struct tree *block,
                            const struct place *place, struct condition_paths *paths,
                            struct condition *condition);
/* Before the first condition on another combination. */
void condition_paths_forget(struct condition_paths *paths);
/* On an assembled spec. Wrong values are not reported here. */
basin_status condition_holds(struct resolver *resolver, struct condition_paths *paths,
                             struct condition *condition, const struct tree *root, bool *holds);
/* A path that no combination had when condition_holds looked for it, so that the condition never
 * held; NULL: none. */
const char *condition_missing(const struct condition *condition);
/* Complains of comparisons that had steps on one side and epochs on the other. */
void condition_refuse_mixed(struct resolver *resolver, const struct condition *condition);

#endif
