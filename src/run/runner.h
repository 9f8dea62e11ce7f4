/* Runner: one run from its spec to its file, in the calling thread.
 *
 * Purpose.  Trains and measures a resolved run (run/execute.h), adds where it comes from and saves
 * it; or adds the measures that a finished run lacks.
 * Promises.  The file is there and complete, or is not there (P1). Adding measures leaves every
 * dataset that the file had as it was, bit for bit, /spec too: what is measured now is listed in
 * the attribute `measures` of /measures.
 * Errors.  Of every room below; BASIN_INTERRUPTED where `stop` turned true, and then nothing is
 * saved.
 */
#ifndef BASIN_RUN_RUNNER_H
#define BASIN_RUN_RUNNER_H

#include "run/execute.h"

enum run_state {
    RUN_NEW,         /* no file */
    RUN_FINISHED,    /* a file that passes verification and lacks nothing */
    RUN_INCOMPLETE,  /* finished, but measures are asked for that it does not have */
    RUN_DAMAGED,     /* a file that fails verification: set aside and trained again */
    RUN_INTERRUPTED, /* no file, but a checkpoint from which it goes on */
    RUN_FAILED, /* no file, and it failed for a reason of its own when it was last tried: left alone
                   unless asked for */
    RUN_QUARANTINED, /* it crashed the process again and again (folder/crashes.h): left alone unless
                        asked for */
    RUN_STATES
};

/* What is to be run. All that it points to must outlive the call. */
struct runner_request {
    const char *folder, *id;
    enum run_state state;                /* as the run is now */
    const struct run_settings *settings; /* this and `data` may be NULL where it is finished */
    const struct data *data;
    const struct run_cost *cost;
    bool force;        /* the result is replaced when the new one is complete */
    const char *crash; /* of a suspect: which process crashed with it; else NULL */
    /* The state again, asked before the result is saved: another process may have finished the run
     * if this one slept past its claim. */
    basin_status (*look_again)(void *context, enum run_state *state);
    void *context;
};

struct runner_outcome {
    char status[16];       /* "finished", "diverged" */
    char aside[4096];      /* where a damaged file was put; "" where there was none */
    int measures_added;    /* to a run that was finished before */
    char warning[512];     /* the first warning; the run's log (folder/log.h) has all of them */
    char unconverged[128]; /* "hessian_top, ...": measures whose search ended too early; "" */
    char exploded[128];    /* "the training loss is 4e+16; ...": finite, but no result; or "" */
    char no_number[64];    /* "test_loss": losses of a finished run that are no numbers; or "" */
    bool elsewhere;        /* another process had finished it in the meantime */
    double test_accuracy, test_loss, test_bits; /* per character; NaN where there is none */
};

/* `arena`: what the training needs; nothing of it is used afterwards. */
basin_status runner_run(const struct runner_request *request, const struct run_terms *terms,
                        struct arena *arena, struct runner_outcome *outcome);

/* Trains the run of a result file again, by its own /spec and the measures it holds: `original` is
 * the file's record, `record` what came out now. The caller prepares the thread
 * (machine_prepare_worker) and compares (analysis/compare.h).
 */
basin_status runner_rerun(const char *file, const _Atomic bool *stop, struct arena *arena,
                          struct record **original, struct record **record);

#endif
