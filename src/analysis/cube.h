/* Cube: the runs of a study as an array whose dimensions are what the sweep varies.
 *
 * Purpose.  A study whose runs are all combinations of the values of its axes (and seeds) is an
 * N-dimensional array of runs: `collect` stores every number so, and pages draw it so. Other sweeps
 * (random, zip, list, ...) are a list of runs, with what varies beside it.
 * How it is decided.  Where the latest `basin run` of the folder recorded its axes (its runs were a
 * product, folder/journal.h) and every result is one of its runs, the cube is that: also runs that
 * have no result have their place. Else from the results: the varied parameters are the axes where
 * no two runs share a place and more than half of the places are taken.
 * `seed` is always an axis of a product, the last one, also where there is one seed alone.
 * Values of an axis are in ascending order where they are numbers, else in the order of the spec
 * (or of cell_compare). Ownership.  Everything lives in the table's arena.
 */
#ifndef BASIN_ANALYSIS_CUBE_H
#define BASIN_ANALYSIS_CUBE_H

#include "analysis/table.h"

#define CUBE_NONE SIZE_MAX
enum { CUBE_AXES_MOST = 12 };

struct cube_axis {
    const char *name;   /* an identifier: "weight_decay", or that of sweep.names */
    int column;         /* of the table; -1: no result has such a parameter */
    size_t count;       /* values */
    bool is_numeric;    /* every value is a number */
    double *numbers;    /* (count) of a numeric axis; else 0, 1, ... */
    const char **texts; /* (count) the values as a spec has them */
};

struct cube_run {
    const char *id, *state; /* as the ledger names it: "finished", "diverged", "missing", ... */
    size_t row;             /* of the table; CUBE_NONE without a result */
};

struct cube {
    bool is_product;
    struct cube_axis *axes; /* (axis_count) of a product */
    size_t axis_count;
    struct cube_run *cells; /* (cell_count) row-major, the last axis fastest; of a list, its runs:
                               those of the table in its order, then those without a result */
    size_t cell_count;
};

/* What the folder says of runs without a result: (count) ids and states; may be empty. */
struct cube_facts {
    const char *folder; /* whose journal has the axes; NULL: there is none */
    const char *const *ids, *const *states;
    size_t count;
};

/* The columns of parameters that tell runs apart, in the order of the table, seeds last. */
basin_status cube_columns(const struct table *table, int **columns, size_t *count);

basin_status cube_make(const struct table *table, const struct cube_facts *facts,
                       struct cube *cube);

/* A name as the languages that read the files want it: letters, digits, '_'. */
char *cube_identifier(struct arena *arena, const char *name);

#endif
