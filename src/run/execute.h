/* Execute: one run from resolved spec to record: model, training, measures.
 *
 * Called by the scheduler in a worker thread, by `verify --rerun`, and by tests. Touches no file.
 * What it fills: /curves, /steps, /tracked, /measures, /weights and the root attributes `status`
 * ("finished", "diverged"), `stopped_by`, `default`, and `exploded` where the training loss did.
 * The attribute `measures` of the group /measures is the flow YAML of all measures in the file:
 * given as `--set measures=...` beside /spec, it makes a run that leaves the same datasets.
 */
#ifndef BASIN_RUN_EXECUTE_H
#define BASIN_RUN_EXECUTE_H

#include <stdatomic.h>
#include "base/record.h"
#include "data/data.h"
#include "measure/measure.h"
#include "run/finished.h"
#include "run/schema.h"

/* How far a run is; written by its worker, read by the progress line. */
struct run_progress {
    _Atomic double done;           /* FLOPs so far */
    _Atomic size_t run;            /* 1 + its place in the study; 0: none is under way */
    _Atomic int64_t epoch, epochs; /* that are over, of how many */
    _Atomic double loss;           /* of the last epoch; NaN before the first */
    const char *_Atomic measure;   /* that is being taken at the end of the run; or NULL */
};

/* What a measure of this run sees, but for its options, weights and terms. */
struct measure_site execute_site(const struct run_settings *settings, const struct model *model,
                                 const struct data *data);
/* Its measure of index `which` in settings->measures. */
void execute_choose(const struct run_settings *settings, size_t which, struct measure_site *site);

/* All measures of a run, one after another:
 *
 *     struct measure_walk walk = execute_walk(settings, &site);
 *     while (execute_next(&walk)) ... walk.name, &walk.site, walk.every ...
 */
struct measure_walk {
    const struct run_settings *settings;
    size_t done;
    const char *name; /* of the present one */
    struct measure_site site;
    int64_t every; /* SETTING_ABSENT: at the end of the run only */
};
struct measure_walk execute_walk(const struct run_settings *settings,
                                 const struct measure_site *site);
bool execute_next(struct measure_walk *walk); /* false after the last */

/* How a run is saved while it is trained, and from where it goes on (run/resume.h). */
struct run_checkpoints {
    void *context;
    bool (*due)(void *context, int64_t epoch); /* after a step (epoch 0), after an epoch */
    /* `state`: all that a run needs to go on after this step. A failure must not end the run. */
    void (*save)(void *context, struct record *state, int64_t epoch, int64_t step);
    struct record *resume;          /* NULL: from the beginning */
    void (*resumed)(void *context); /* it has been read, and is not needed any more; may be NULL */
    double seconds;                 /* for how long the run was under way before */
};

/* What the caller lets a run use; all may be zero. */
struct run_terms {
    const _Atomic bool *stop;      /* polled every step; NULL: it never stops */
    struct run_progress *progress; /* NULL: nobody looks */
    size_t keep; /* bytes that it may use beyond its need, to save time; no number depends on it */
    const struct run_checkpoints *checkpoints; /* NULL: none are taken */
};

struct run_cost {
    int64_t parameters;
    double flops;          /* of the whole run: training, evaluation, an estimate for measures */
    double measures;       /* of these, the measures at the end of the run */
    double step_flops;     /* of one training step of a full batch */
    int64_t steps;         /* training steps */
    int64_t epochs;        /* rows of /curves */
    int64_t snapshots;     /* of the weights while training */
    double snapshot_bytes; /* of all of them in the file */
    double tracked;        /* FLOPs of the measures while training */
};

/* Checks what a table cannot say (measures that do not apply, options that exclude each other) and
 * estimates the cost. On BASIN_SPEC basin_error_last()->key is the key concerned, so that the
 * caller can show its place. Takes microseconds: counts are formulas, no graph is built. */
basin_status execute_estimate(const struct run_settings *settings, const struct data *data,
                              struct run_cost *cost);

/* BASIN_SPEC, with the key, where a measure of the run cannot apply to it. */
basin_status execute_check_measures(const struct run_settings *settings, const struct data *data);

/* Trains and measures. When `terms->stop` turns true the function returns BASIN_INTERRUPTED.
 * Everything lives in `arena`. */
basin_status execute_run(const struct run_settings *settings, const struct data *data,
                         const struct run_terms *terms, struct arena *arena,
                         struct record **record);

/* Does a record hold a measure, and with these options (a resolved block)? Of other options `other`
 * gets "hessian_top (examples: 50, not 100)" appended. */
enum execute_held { EXECUTE_LACKS, EXECUTE_HOLDS, EXECUTE_HOLDS_OTHER };
basin_status execute_look(const struct record *record, const char *name,
                          const struct value *options, enum execute_held *held, struct text *other);

/* How many measures of a run are missing from the `record` of a finished run of the same id, and
 * which were taken with other options, "hessian_top (examples: 50, not 100)" (they are kept: no
 * number of a finished run ever changes). Needs only the scalars and groups of the record. `other`
 * is appended to. */
basin_status execute_missing_measures(const struct run_settings *settings,
                                      const struct record *record, int *missing,
                                      struct text *other);
/* Computes the measures of finished->settings that are missing from finished->record, from its
 * weights (after finished_load_weights), and adds them. `*added` is their number; 0 leaves the
 * record as it is. */
basin_status execute_add_measures(const struct finished *finished, const struct run_terms *terms,
                                  int *added);

#endif
