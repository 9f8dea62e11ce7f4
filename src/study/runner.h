/* Runner: one run from its spec to its file, in the calling thread.
 *
 * Purpose.  Resolves a run, trains and measures it (study/execute.h), says where it comes from and
 * saves it; or adds the measures that a finished run lacks.
 * Promises.  The file is there and complete, or is not there (P1). Adding measures leaves every
 * dataset that the file had as it was, bit for bit, /spec too: what is measured now stands in the
 * attribute `measures` of /measures.
 * Errors.  Of every room below; BASIN_INTERRUPTED where `stop` turned true, and then nothing is
 * saved.
 */
#ifndef BASIN_STUDY_RUNNER_H
#define BASIN_STUDY_RUNNER_H

#include "study/study.h"

enum { RUNNER_SMALL = 256 }; /* elements of the arrays that a look at a result needs */

struct runner_outcome {
    char status[16];    /* "finished", "diverged" */
    char aside[4096];   /* where a damaged file was put; "" where there was none */
    int measures_added; /* to a run that was finished before */
    char warning[512];  /* what else there was to say; the run's log (study/log.h) has all of it */
    bool elsewhere;     /* another process had finished it in the meantime */
    double test_accuracy, test_loss, test_bits; /* per character; NaN where there is none */
};

/* `run`: one of the study's, as it stands now (study_look_again). */
basin_status runner_run(const struct study *study, const struct study_run *run,
                        const struct run_terms *terms, struct runner_outcome *outcome);

/* Trains the run of a result file again, by its own /spec and the measures it holds: `original` is
 * the file's record, `record` what came out now. The caller prepares the thread
 * (machine_prepare_worker) and compares (study/compare.h).
 */
basin_status runner_rerun(const char *file, const _Atomic bool *stop, struct arena *arena,
                          struct record **original, struct record **record);

#endif
