/* Curve source: the curves of the runs of a table, by name, for expressions.
 *
 * Purpose.  Says which curves there are, and gives those of one run. Curves are read from the
 * run's file when they are asked for, and those of the latest run only are kept, so memory does not
 * grow with the number of runs.
 * A source without files (curve_source_names) has names alone: of a spec whose runs are not there
 * yet.
 * Ownership.  curve_source_open gives the source to the caller, who closes it once.
 * Errors.  Those of curves_load; BASIN_MEMORY.
 */
#ifndef BASIN_ANALYSIS_CURVE_SOURCE_H
#define BASIN_ANALYSIS_CURVE_SOURCE_H

#include "analysis/curves.h"
#include "analysis/table.h"

struct curve_source;

/* `table`: with a column `file`; its rows are looked through for names. */
basin_status curve_source_open(const struct table *table, struct curve_source **source);
/* Of names "curves.train_loss" (count of them), without files. */
basin_status curve_source_names(struct arena *arena, const char *const *names, size_t count,
                                struct curve_source **source);
void curve_source_close(struct curve_source *source); /* NULL is allowed */

/* All names of curves of the table's runs. The first call reads files. */
basin_status curve_source_list(struct curve_source *source, const char *const **names,
                               size_t *count);
/* The curves of the run of a row; until the next call. NULL where there is no file. */
basin_status curve_source_of(struct curve_source *source, const struct row *row,
                             const struct run_curves **curves);

#endif
