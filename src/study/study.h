/* Study: a spec, opened: its runs, their ids and costs, the data they need, and what is done
 * already.
 *
 * Purpose.  What `plan`, the scheduler and the estimates ask of a study that study/open.h has
 * opened.
 * Ownership.  Whoever opens a study closes it once. It is immutable after study_open, but for
 * study_admit, and shared by worker threads.
 */
#ifndef BASIN_STUDY_STUDY_H
#define BASIN_STUDY_STUDY_H

#include "folder/ledger.h"
#include "run/memory.h"
#include "run/runner.h"
#include "spec/spec.h"

struct study_run {
    char id[17];
    unsigned char state;        /* enum run_state */
    int missing_measures;       /* of RUN_INCOMPLETE */
    const char *other_measures; /* held with other options than the spec's, and kept: which, and how
                                   they differ; NULL: none */
    bool lacks_weights;         /* finished without weights that the spec asks for */
    uint64_t stamp; /* where results are replaced: folder_stamp of the old one; a file with another
                       is a new one */
    size_t index;   /* of the spec's run (spec_run) */
    struct run_cost cost;
    struct digest shape;       /* what its memory follows from */
    struct ledger_entry known; /* what the folder says of it, less what the request disregards */
    const struct study_run *after; /* of `runs`: its result is an input of this run, which starts
                                      only when that one has finished; NULL: none */
};

enum { STUDY_VIEWS = 4 };

struct study {
    struct arena *arena;
    struct diagnostics diagnostics;
    struct spec *spec;
    const char *const *notes; /* (note_count) values without effect (study/notes.h) */
    size_t note_count;
    struct study_notes *effects; /* what they are made of */
    struct data_store *data;
    const struct data *views[STUDY_VIEWS]; /* of the data that the runs read, the first few */
    size_t view_count;
    bool has_more_views;
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
    size_t foreign;    /* results whose bits this process need not have (provenance_is_ours) */
    size_t unreadable; /* failed runs whose result is there and cannot be read */
    struct journal_skipped skipped; /* journals that cannot be read */
    bool force, trust;              /* as requested */
    size_t program;              /* bytes of the process that are neither data nor those of a run */
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

void study_close(struct study *study); /* NULL is allowed */

/* For study/open.c: what depends on the spec (does the result lack measures or weights?), the state
 * that follows from `known` and these, and the counts of states. */
basin_status study_find_gaps(struct arena *arena, const struct run_settings *settings,
                             const struct record *record, struct study_run *run);
enum run_state study_state_of(const struct study_run *run);
void study_forget_failure(struct ledger_entry *known);
void study_count(struct study *study);

/* Resolves a run of the spec into `arena`; `data` say what its data are like (data_outline). */
basin_status study_resolve(const struct study *study, size_t index, struct arena *arena,
                           const struct run_settings **run, const struct data **data);
/* The data of a resolved run themselves, until the arena ends. */
basin_status study_acquire(const struct study *study, const struct run_settings *run,
                           struct arena *arena, const struct data **data);

/* A run as it stands now: another process may have finished it since the study was opened, or have
 * brought it further. `now`: a copy. */
basin_status study_look_again(const struct study *study, const struct study_run *run,
                              struct study_run *now);

/* Trains a run, or adds what it lacks, in the calling thread. `run`: as it is now
 * (study_look_again). */
basin_status study_train(const struct study *study, const struct study_run *run,
                         const struct run_terms *terms, struct runner_outcome *outcome);

/* Runs that were refused for want of memory are to be trained again where they fit into `limit`
 * bytes, with what is not a run's (study_common_bytes). */
basin_status study_admit(struct study *study, double limit);

/* What a run needs; the first time for each shape it takes milliseconds. Any thread. */
basin_status study_memory(const struct study *study, const struct study_run *run,
                          struct run_memory *memory);
size_t study_data_bytes(const struct study *study); /* of the data that all runs share */
/* Of what the process holds beside its runs, which a limit of memory must leave too: the data, the
 * study, and the program with its libraries. */
double study_common_bytes(const struct study *study);

/* What lines about runs call an axis: its own name, or the end of its path where that is clear. */
const char *study_axis_name(const struct spec *spec, size_t axis);
/* "weight_decay=0.0005 seed=1": the values of a run on the axes that have more than one, without
 * what is default in them. */
basin_status study_describe(const struct study *study, const struct study_run *run,
                            struct text *out);

#endif
