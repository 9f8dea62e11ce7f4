/* Across, kept: the results of measures over runs that study.h5 holds, as rows.
 *
 * Purpose.  What a study declares (`across`) is computed by `basin collect`. A page that shows the
 * same results takes them from there, instead of opening the weights of every run again, as long as
 * all that they depend on is the same.
 * How.  A stamp is the digest of what a result depends on: the program, what is asked for, and all
 * that the table knows of the runs. (Weights follow from a run's id.) Beside the arrays of a
 * measure stands /across/NAME, a text with the attribute `stamp`: the rows as the page has them
 * (analysis/page_across.c). It is outside the root group, which readers open as one data set.
 * Promise.  Where a text is taken, it is what would be computed.
 * Errors.  BASIN_MEMORY; a study.h5 that cannot be read counts as none, and leaves the last error
 * as it was.
 */
#ifndef BASIN_ANALYSIS_ACROSS_KEPT_H
#define BASIN_ANALYSIS_ACROSS_KEPT_H

#include "analysis/findings.h"
#include "analysis/table.h"
#include "base/record.h"

basin_status across_stamp(const struct table *table, const struct findings *findings,
                          const struct setting_variant *measure, char out[33]);
/* The study.h5 of a folder; NULL where there is none, or it cannot be read. `most`: numbers of the
 * arrays that are wanted (store_load_small). */
basin_status across_earlier(struct arena *arena, const char *folder, size_t most,
                            struct record **earlier);
/* The rows of a measure, or NULL: they are not there, or have another stamp. */
const char *across_kept_rows(const struct record *earlier, const char *name, const char *stamp);
basin_status across_keep_rows(struct record *record, const char *name, const char *stamp,
                              const char *rows);

#endif
