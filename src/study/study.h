/* Study: a spec, opened: its runs, their ids and costs, the data they need, and what is done
 * already.
 *
 * Purpose.  study_open reads and checks a spec (a YAML file, or a result FILE.h5, whose /spec it
 * takes), opens every data set, checks every run against its data, merges runs that are equal, and
 * looks which are finished. `plan` and `check` stop here; the scheduler goes on.
 * Promises (P4).  After BASIN_OK every run of the study can start: nothing that a spec or a data
 * file can have wrong is left. Nothing is written. A file that fails verification is never taken
 * for a finished run.
 * Errors.  BASIN_SPEC: everything is in `diagnostics`. BASIN_DATA: a file is missing or wrong, and
 * `diagnostics` shows the place that names it. BASIN_USAGE, BASIN_IO, BASIN_MEMORY (and BASIN_DATA
 * of a result): see the last error.
 * Ownership.  study_open gives the study to the caller even where it fails (NULL only without
 * memory), who closes it once. A study is immutable after study_open, and shared by worker threads.
 */
#ifndef BASIN_STUDY_STUDY_H
#define BASIN_STUDY_STUDY_H

#include "folder/ledger.h"
#include "run/memory.h"
#include "run/runner.h"
#include "spec/spec.h"

struct study_run {
    char id[17];
    unsigned char state;  /* enum run_state */
    int missing_measures; /* of RUN_INCOMPLETE */
    int other_measures;   /* held with other options than the spec's, and kept */
    bool lacks_weights;   /* finished without weights that the spec asks for */
    uint64_t stamp; /* where results are replaced: folder_stamp of the old one; a file with another
                       is a new one */
    size_t index;   /* of the spec's run (spec_run) */
    struct run_cost cost;
    struct digest shape;       /* what its memory follows from */
    struct ledger_entry known; /* what the folder says of it, less what the request disregards */
    const struct study_run *after; /* of `runs`: its result is an input of this run, which starts
                                      only when that one has finished; NULL: none */
};

struct study_request {
    const char *file;        /* spec, or result FILE.h5 */
    const char *folder;      /* NULL: results/<study>/ */
    const char *const *sets; /* --set */
    size_t set_count;
    size_t most_runs;     /* 0: the default of a spec */
    bool look;            /* for finished runs in the folder; false: every run is RUN_NEW */
    bool retry;           /* runs that failed or are quarantined are tried */
    bool trust;           /* no run is a suspect, whatever crashed during it */
    bool force;           /* every run is RUN_NEW, and results are replaced */
    size_t shard, shards; /* only the runs of part `shard` (1 ... shards) of the study; 0: all */
};

struct study {
    struct arena *arena;
    struct diagnostics diagnostics;
    struct spec *spec;
    struct data_store *data;
    const char *folder;
    const char *origin; /* the run id of the result that the spec was taken from; NULL: it is a file
                           of its own */
    struct study_run *runs; /* distinct ids, in the order of the spec; behind run_count those of
                               other shards, up to whole */
    size_t run_count;
    size_t whole, shard,
        shards;               /* how many runs all shards have; which one this is, as requested */
    size_t merged;            /* runs of the spec that equal an earlier one */
    size_t count[RUN_STATES]; /* runs in each state */
    size_t held;              /* runs that another process has at present */
    size_t foreign;           /* results that another build, or another CPU model, has made */
    bool force, trust;        /* as requested */
    struct memory_table *memory; /* of the shapes that were asked for; has a lock of its own */
};

/* Is it passed over, until somebody asks for it? */
static inline bool study_run_left(const struct study_run *run)
{
    return run->state == RUN_FAILED || run->state == RUN_QUARANTINED;
}

/* Is there something to do for it? */
static inline bool study_run_todo(const struct study_run *run)
{
    return run->state != RUN_FINISHED && !study_run_left(run);
}

/* Does another process have it at present? */
static inline bool study_run_held(const struct study_run *run)
{
    return run->known.holder && study_run_todo(run);
}

basin_status study_open(const struct study_request *request, struct study **study);
void study_close(struct study *study); /* NULL is allowed */

/* Resolves a run of the spec into `arena` and opens its data; what workers call. */
basin_status study_resolve(const struct study *study, size_t index, struct arena *arena,
                           struct value **run, const struct data **data);

/* A run as it stands now: another process may have finished it since the study was opened, or have
 * brought it further. `now`: a copy. */
basin_status study_look_again(const struct study *study, const struct study_run *run,
                              struct study_run *now);

/* Trains a run, or adds what it lacks, in the calling thread. `run`: as it is now
 * (study_look_again). */
basin_status study_train(const struct study *study, const struct study_run *run,
                         const struct run_terms *terms, struct runner_outcome *outcome);

/* Runs that were refused for want of memory are to be trained again where they fit into `limit`
 * bytes, data included. */
basin_status study_admit(struct study *study, double limit);

/* The first `count` runs by their ids, equal ones in the order of the spec; into the study's arena.
 */
basin_status study_sort(const struct study *study, size_t count, struct study_run ***sorted);

/* What a run needs; the first time for each shape it takes milliseconds. Any thread. */
basin_status study_memory(const struct study *study, const struct study_run *run,
                          struct run_memory *memory);
size_t study_data_bytes(const struct study *study); /* of the data that all runs share */

/* What lines about runs call an axis: its own name, or the end of its path where that is clear. */
const char *study_axis_name(const struct spec *spec, size_t axis);
/* "weight_decay=0.0005 seed=1": the values of a run on the axes that have more than one, without
 * what is default in them. */
basin_status study_describe(const struct study *study, const struct study_run *run,
                            struct text *out);
/* Reads only the spec (checked by its tables alone, data not opened): for readers of results.
 * `text` NULL: from `file`.
 */
basin_status study_read_spec(struct arena *arena, const char *file, const char *const *sets,
                             size_t set_count, size_t most_runs, struct diagnostics *diagnostics,
                             struct spec **spec);

#endif
