/* Runner: one run from its spec to its file, in the calling thread.
 *
 * Purpose.  Resolves a run, trains and measures it (study/execute.h), says where it comes from and saves it; or adds the
 * measures that a finished run lacks.
 * Promises.  The file is there and complete, or is not there (P1). Adding measures leaves every dataset that the file had
 * as it was, bit for bit: what was asked for later is noted in /provenance/added_measures, as texts "measures.NAME={...}" that
 * apply to /spec like --set.
 * Errors.  Of every room below; BASIN_INTERRUPTED where `stop` turned true, and then nothing is saved.
 */
#ifndef BASIN_STUDY_RUNNER_H
#define BASIN_STUDY_RUNNER_H

#include "study/study.h"

#define RUNNER_ADDED_MEASURES "/provenance/added_measures"

enum { RUNNER_SMALL = 256 }; /* elements of the arrays that a look at a result needs */

struct runner_outcome {
    char status[16];    /* "finished", "diverged" */
    char aside[4096];   /* where a damaged file was put; "" where there was none */
    int measures_added; /* to a run that was finished before */
    bool elsewhere;     /* another process had finished it in the meantime */
    double test_accuracy, test_loss; /* NaN where there is none */
};

/* `position` counts in study->runs. */
basin_status runner_run(const struct study *study, size_t position, const _Atomic bool *stop,
                        struct run_progress *progress, struct runner_outcome *outcome);

/* Trains the resolved `run` and fills a record as a file of `study_name` would hold it. */
basin_status runner_train(const struct value *run, const struct data *data, const char *id, const _Atomic bool *stop,
                          struct run_progress *progress, struct arena *arena, struct record **record);

#endif
