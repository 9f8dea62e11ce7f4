/* Arrays: what a run's file holds over axes of its own, by name.
 *
 * Purpose.  An array of a measure (/measures/hessian_top/eigenvalue over `index`), and one that was
 * taken while training (/tracked/hessian_top/eigenvalue over `epoch` and `index`). Numbers are in
 * tables (analysis/table.h), curves in analysis/curves.h; weights and data are in neither.
 * Ownership.  Everything lives in the arena.
 * Errors.  Those of reading a result.
 */
#ifndef BASIN_ANALYSIS_ARRAYS_H
#define BASIN_ANALYSIS_ARRAYS_H

#include "analysis/results.h"

/* More numbers than that in one run: no array for pages and collected studies. */
enum { ARRAYS_MOST = RESULTS_ELEMENTS };

struct run_axis {
    const char *name, *units, *long_name; /* "index"; "" where it has no values of its own */
    size_t count;
    const double *values;     /* (count); NULL: it only counts */
    const char *const *names; /* (count) of its places; NULL: they have none */
};

struct run_array {
    const char *group, *name; /* "hessian_top", or "tracked.hessian_top"; "eigenvalue" */
    const char *units, *long_name, *definition, *source, *measure, *options; /* may be NULL */
    int rank;
    const struct run_axis *axes[RECORD_RANK];
    const double *values; /* row-major; NULL: too many, ARRAYS_MOST */
};

struct run_arrays {
    struct run_array *items;
    size_t count;
};

/* `results`: of the table that has the file, or NULL. */
basin_status arrays_load(struct results *results, struct arena *arena, const char *file,
                         struct run_arrays *arrays);
size_t arrays_volume(const struct run_array *array); /* numbers */

#endif
