/* The space of a sweep: its axes, its dimensions, and the points that each dimension has.
 *
 *     grid: {a: [1, 2], b: [3, 4]}     two dimensions of two points; each point sets one axis
 *     zip: {c: [5, 6], d: [7, 8]}      one dimension of two points; each sets two axes
 *
 * A run is one point of every dimension, the last dimension varying fastest:
 *
 *     run 0: a=1 b=3 (c=5 d=7)    run 1: a=1 b=3 (c=6 d=8)    run 2: a=1 b=4 (c=5 d=7)    ...
 *
 * So a run's number, written in the mixed radix of the dimensions' counts, names its points, and
 * no table of runs is kept. Only with `exclude` or `when`, which leave gaps, are the numbers of the
 * combinations listed. Everything lives in the arena of the resolver.
 */
#ifndef BASIN_SPEC_SWEEP_SPACE_H
#define BASIN_SPEC_SWEEP_SPACE_H

#include "spec/complain.h"

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
    /* Where it was written: the same for all points of a grid; a number of its own for each point
     * of a list, a zip or random draws, and for each member of a union. It decides what becomes of
     * points that say the same once idle axes are left out (sweep_filter.c). */
    size_t source;
};

struct sweep_dimension {
    struct sweep_point *points;
    size_t count;
    size_t wanted; /* of random points with `after_exclude`: how many must be left; 0 elsewhere */
    struct mark mark;
};

struct sweep {
    struct spec_axis *axes;
    struct axis_source *sources;
    size_t count, capacity;
    struct sweep_dimension *dimensions;
    size_t dimension_count;
    size_t run_count;
    /* With `exclude` or `when`, for each run: its combination of points, and a bit set of the
     * conditional axes that are idle in it. NULL otherwise. */
    size_t *combination;
    uint64_t *idle;
    size_t merged;      /* combinations that equal an earlier one of another source */
    size_t excluded;    /* combinations that `exclude` leaves out */
    bool stretched;     /* some dimension has `wanted` */
    const char **notes; /* (note_count) of conditions without effect, and seeds; room for one more
                           than conditions */
    size_t note_count;
};

/* What reading the key `sweep` needs. */
struct sweep_reader {
    struct resolver *resolver;
    const struct tree *base;
    struct sweep *sweep;
    bool inside;               /* of a union */
    size_t stretch;            /* points that are drawn for each one that must be left */
    size_t runs, combinations; /* at the most: values of an axis, and combinations of points, where
                                  more runs are allowed */
};

/* The dimensions of one block under `sweep` (or in a union) while it is read. */
struct sweep_product {
    struct sweep_reader *reader;
    struct sweep_dimension *dimensions;
    size_t count, capacity;
};

#endif
