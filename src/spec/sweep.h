/* Sweep: from the keys `sweep` and `seeds` to runs.
 *
 * Purpose.  A sweep is a product of dimensions. Each generator under `sweep` (one row of a table in
 * sweep.c) adds some:
 *     grid     a dimension a path: its values
 *     zip      one of several paths, whose lists are taken side by side
 *     random   one of n points, drawn from distributions
 *     list     one of points that are written out
 *     union    one of all the points of several sweeps
 * `seeds` is one more, always the last. `exclude` then drops points, and `when` says where a path
 * exists at all (condition.h), `names` what an axis is called. An axis is a path with all the
 * values that it takes anywhere; a point of a dimension gives values to some axes.
 * Promise.  Every value of an axis has been resolved alone; no list says one twice; no path is set
 * by two dimensions; the number of runs does not exceed the limit.
 */
#ifndef BASIN_SPEC_SWEEP_H
#define BASIN_SPEC_SWEEP_H

#include "spec/assign.h"

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION /* sweeps by the million (scripts/fuzz): small     \
                                                   ones do */
enum { SWEEP_RUNS = 100, SWEEP_COMBINATIONS = 1000 };
#else
enum { SWEEP_RUNS = 100000, SWEEP_COMBINATIONS = 1000000 };
#endif
enum { SWEEP_CONDITIONAL = 64 };

/* What a run needs of an axis beside its values. */
struct axis_source {
    struct tree **nodes;
    int depth; /* parts of the path: blocks are put in place before what stands inside them */
    size_t capacity;
    int conditional; /* its bit in `idle`; -1: it exists always */
};

struct sweep_part {
    size_t axis, value;
};

struct sweep_point {
    struct sweep_part *parts; /* in order of their axes */
    size_t count;
    /* Where it was written: equal for all points of one grid, another for each of a list, a zip,
     * the draws, the members of a union. Points of one source that say the same once what does not
     * apply is left away (`when`) are one by nature; points of several are merged. */
    size_t source;
};

struct sweep_dimension {
    struct sweep_point *points;
    size_t count;
    struct mark mark;
};

struct sweep {
    struct spec_axis *axes;
    struct axis_source *sources;
    size_t count, capacity;
    struct sweep_dimension *dimensions;
    size_t dimension_count;
    size_t run_count;
    /* With `exclude` or `when`: by run, its combination of points, and the conditional axes that do
     * not apply to it. */
    size_t *combination;
    uint64_t *idle;
    size_t merged;      /* combinations that say what an earlier one says, from another source */
    size_t excluded;    /* combinations that `exclude` leaves out */
    const char **notes; /* (note_count) of conditions without effect, and seeds; room for one more
                           than conditions */
    size_t note_count;
};

/* `base`: the spec without `sweep` and `seeds`, which are given apart (NULL: not there). `most`:
 * runs, 0 for SWEEP_RUNS. */
basin_status sweep_read(struct resolver *resolver, const struct tree *base,
                        const struct tree_member *sweep_member, const struct tree_member *seeds,
                        size_t most, struct sweep *sweep);

/* choice[axis]: which of its values the run has, or SPEC_ABSENT. */
void sweep_choose(const struct sweep *sweep, size_t run, size_t *choice);
size_t sweep_choice(const struct sweep *sweep, size_t run, size_t axis);
/* The spec of a choice: `base` with the values in place. */
basin_status sweep_assemble(const struct sweep *sweep, const struct schema_row *schema,
                            const struct tree *base, const size_t *choice, struct arena *arena,
                            struct tree **root);

/* The same for a combination of points, the last dimension fastest, without the conditional axes of
 * `idle`. */
void sweep_choose_combination(const struct sweep *sweep, size_t combination, uint64_t idle,
                              size_t *choice);

/* ---- shared among the files of sweeps ---- */

struct condition;

struct sweep_reader {
    struct resolver *resolver;
    const struct tree *base;
    struct sweep *sweep;
    bool inside;               /* of a union */
    size_t runs, combinations; /* at the most: values of an axis, and combinations of points, where
                                  more runs are allowed */
};

/* "path=value path=value" of a point, without the conditional axes of `idle`: equal for points that
 * say the same. */
void sweep_print_point(const struct sweep *sweep, const struct sweep_point *point, uint64_t idle,
                       struct text *out);

/* The row of a path that can be swept, or NULL after a complaint. */
basin_status sweep_row(const struct sweep_reader *reader, const struct tree_member *member,
                       const struct schema_row **row);
/* The nodes of a list of values, with its generators written out; NULL after a complaint. `what`
 * begins the message where it is no list: "an axis is". */
basin_status sweep_values(const struct sweep_reader *reader, const struct tree_member *member,
                          const struct schema_row *row, struct tree ***nodes, size_t *count);
/* `count` draws from the distribution that `member` names. */
basin_status sweep_draws(const struct sweep_reader *reader, const struct tree_member *member,
                         const struct schema_row *row, uint64_t seed, size_t count,
                         struct tree **nodes);

const char *sweep_kind(const struct tree *node); /* "a block of keys", "nothing" */

/* What `names` says of the axes (sweep_names.c). */
basin_status sweep_names_read(const struct sweep_reader *reader, const struct tree_member *sweep);

/* What `exclude` and `when` say (sweep_filter.c). */
struct sweep_filter {
    struct condition *exclude, *when;
    size_t excludes, whens;
    size_t *axis; /* (whens) the axis that each is about */
    struct mark mark;
    size_t *left_out,
        *held; /* (excludes), (whens) how many combinations each has left out, or held for */
};
basin_status sweep_filter_read(const struct sweep_reader *reader, const struct tree_member *sweep,
                               struct sweep_filter *filter);
/* Fills the runs of the sweep from its `all` combinations. */
basin_status sweep_filter_apply(const struct sweep_reader *reader, struct sweep_filter *filter,
                                size_t all);

#endif
