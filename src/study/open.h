/* Open: from a spec to a study that can start.
 *
 * Purpose.  study_open reads and checks a spec (a YAML file, or a result FILE.h5, whose /spec it
 * takes), opens every data set, checks every run against its data, merges runs that are equal, and
 * looks which are finished. `plan` and `check` stop here; the scheduler goes on.
 * Promises (P4).  After BASIN_OK every run of the study can start: nothing that a spec or a data
 * file can have wrong is left. Nothing is written but DIR/cache, where `cached` is asked for. A
 * file that fails verification is never taken for a finished run.
 * Errors.  BASIN_SPEC: everything is in `diagnostics`. BASIN_DATA: a file is missing or wrong, and
 * `diagnostics` shows the place that names it. BASIN_USAGE, BASIN_IO, BASIN_MEMORY (and BASIN_DATA
 * of a result): see the last error.
 * Ownership.  study_open gives the study to the caller even where it fails (NULL only without
 * memory), who closes it once. A study is immutable after study_open, and shared by worker threads.
 */
#ifndef BASIN_STUDY_OPEN_H
#define BASIN_STUDY_OPEN_H

#include "study/study.h"

struct study_request {
    const char *file;                /* spec, or result FILE.h5 */
    const struct schema_row *schema; /* the root table, with what the rooms above add for the study
                                        as a whole; NULL: study_schema, the keys of runs alone */
    const char *folder;              /* NULL: results/<study>/ */
    const char *const *sets;         /* --set */
    size_t set_count;
    size_t most_runs;     /* 0: the default of a spec */
    bool look;            /* for finished runs in the folder; false: every run is RUN_NEW */
    bool cached;          /* results that DIR/cache knows are not read again (study/known.h) */
    bool retry;           /* runs that failed or are quarantined are tried */
    bool trust;           /* no run is a suspect, whatever crashed during it */
    bool force;           /* every run is RUN_NEW, and results are replaced */
    double memory;        /* bytes that the data may take; 0: no limit */
    size_t shard, shards; /* only the runs of part `shard` (1 ... shards) of the study; 0: all */
};

basin_status study_open(const struct study_request *request, struct study **study);

/* Reads the spec alone, checked by its tables; no data are opened. Of the request `file`, `schema`,
 * `sets` and `most_runs` count. For readers of results. */
basin_status study_read_spec(struct arena *arena, const struct study_request *wanted,
                             struct diagnostics *diagnostics, struct spec **spec);

#endif
