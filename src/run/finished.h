/* Finished: a result file, reopened as the spec, data, model and weights of its run.
 *
 * Purpose.  A result holds its resolved spec in /spec; measures that were added later are in the
 * attribute `measures` of /measures. Together they are a spec that makes the same file again. With
 * the data opened and /weights/final imported, whatever can be asked of a run that was just trained
 * can be asked of one that finished long ago: `verify --rerun` and measures added later do.
 *
 *     struct finished finished;
 *     TRY(finished_open("results/study/runs/0123456789abcdef.h5", arena, NULL, &finished));
 *     basin_status status = finished_load_weights(&finished);
 *     ... finished.settings, .data, .model, .w ...
 *     finished_close(&finished);
 *
 * Promise.  The data are those that the run was trained on: their digest is part of its id.
 * Ownership.  Everything lives in the arena but the data: those are of the caller's store, which
 * the runs of a study share, or else of one of its own, which finished_close gives back.
 */
#ifndef BASIN_RUN_FINISHED_H
#define BASIN_RUN_FINISHED_H

#include "base/record.h"
#include "data/data.h"
#include "models/model.h"
#include "run/schema.h"
#include "spec/spec.h"

struct finished {
    struct arena *arena;
    struct record *record;
    const char *id; /* NULL where the file does not say */
    bool diverged;
    const struct run_settings *settings; /* with all measures that the file holds */
    const struct value *original;        /* resolved; /spec as the file has it */
    const struct data *data;
    struct data_store *store; /* whose the data are; NULL: the caller's */
    struct model *model;      /* these three after finished_load_weights */
    void *w;                  /* (model_state_size) /weights/final, in the run's precision */
    void *initial;            /* (model_state_size) drawn again from the run's seed */
};

/* `store`: where its data are opened, or NULL. BASIN_DATA where the data set is not the one that
 * the run was trained on; errors of reading the file, its spec and its data. Nothing is left open
 * after an error. */
basin_status finished_open(const char *file, struct arena *arena, struct data_store *store,
                           struct finished *finished);
/* The same with more measures than the file holds, or with other options: each of `sets` is a
 * "measures.NAME={OPTIONS}" that stands after what it holds. */
basin_status finished_open_with(const char *file, struct arena *arena, struct data_store *store,
                                const char *const *sets, size_t count, struct finished *finished);
void finished_close(struct finished *finished);

/* Writes a record in the place of its file, in the present format whichever it had. */
basin_status finished_save(struct record *record, const char *file);

/* The same of a record that is in memory, with settings and data that the caller has. */
void finished_of_record(struct record *record, const struct run_settings *settings,
                        const struct data *data, struct finished *finished);

/* Makes the model, and fills `w` and `initial`. BASIN_DATA: the weights do not fit the model. */
basin_status finished_load_weights(struct finished *finished);

/* Writes /spec of a record: a resolved run. */
basin_status finished_add_spec(struct record *record, const struct value *run);

/* Fills text and sets of a request whose file is a result: /spec, and as the first --set the
 * measures that the record holds. BASIN_DATA where there is no /spec. */
basin_status finished_request(struct arena *arena, const struct record *record,
                              struct spec_request *request);

/* The run of a record, resolved, with all measures that it holds; defaults that depend on the data
 * are in it already. */
basin_status finished_spec(struct arena *arena, const struct record *record, const char *file,
                           struct diagnostics *diagnostics, struct value **run);

/* The same without the measures that were added later: /spec as the file has it. */
basin_status finished_original_spec(struct arena *arena, const struct record *record,
                                    const char *file, struct diagnostics *diagnostics,
                                    struct value **run);

#endif
