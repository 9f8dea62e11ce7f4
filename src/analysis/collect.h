/* Collect: a folder of runs as one file, study.h5.
 *
 * Purpose.  Every number and every curve of every run as an array over what the study varies
 * (analysis/cube.h), so that the study opens in xarray, MATLAB, Julia or R as one labelled data
 * set. results/README.md tells its names.
 * Promise (P8).  The numbers are those of the run files, bit for bit. A run that is not there, or
 * diverged, has NaN in every final number; a curve of a diverged run ends where it diverged. The
 * same runs give the same bytes. The file is written as results are (P1): complete, or not there.
 * Ownership.  The record lives in the arena.
 * Errors.  Those of reading results; BASIN_DATA where there is nothing to collect.
 */
#ifndef BASIN_ANALYSIS_COLLECT_H
#define BASIN_ANALYSIS_COLLECT_H

#include "analysis/collect_inputs.h"
#include "analysis/cube.h"
#include "base/record.h"
#include "base/text.h"

struct collected {
    struct record *record;
    const struct table *table; /* the runs */
    struct cube cube;
    size_t finished, diverged;
    const char **notes; /* measures over runs that could not be computed, and why */
    size_t note_count;
};

/* All runs of a folder, with the states of those without a result. */
basin_status collect_folder(struct arena *arena, const char *folder, struct collected *collected);
/* "12 of 12 runs (1 diverged) over width (3) x seed (4)" */
void collect_describe_runs(const struct collected *collected, struct text *out);
/* Writes the file. Where it is the folder's study.h5, notes what it was made from: `inputs`, from
 * before collect_folder. */
basin_status collect_save(const struct collected *collected, const char *folder, const char *path,
                          const struct collect_inputs *inputs);
/* Is `path` there, and newer than every result of the folder and its journals' last word? */
bool collect_is_fresh(const char *folder, const char *path);

#endif
