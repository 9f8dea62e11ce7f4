#include "run/runner.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "folder/folder.h"
#include "folder/log.h"
#include "run/finished.h"
#include "run/provenance.h"
#include "run/resume.h"
#include "run/titles.h"
#include "store/store.h"

#define MEASURES_LONG 1e9 /* FLOPs, some tenths of a second: what was trained is saved before */

enum { RERUN_KEEP = 256 << 20 }; /* bytes for the halves of Hessian products: verify runs alone */

static double number_or_nan(const struct record *record, const char *path)
{
    const struct record_item *item = record_find(record, path);
    return item && !item->is_group && item->rank == 0 ? record_number(item, 0) : NAN;
}

/* Each measure once: its numbers stand one behind the other. */
static void list_unconverged(const struct record *record, char *out, size_t size)
{
    const char *last = "";
    size_t length = 0;
    out[0] = 0;
    for (const struct record_item *item = record->items; item; item = item->next) {
        const struct record_attribute *converged = record_attribute_find(item, "converged");
        const char *measure = record_attribute_get_text(item, "measure");
        if (strncmp(item->path, "/measures/", 10) != 0 || !converged || !measure ||
            converged->type != RECORD_INTEGER || *(const int64_t *)converged->data ||
            strcmp(measure, last) == 0)
            continue;
        if (length + strlen(measure) + 3 > size) return;
        length += (size_t)snprintf(out + length, size - length, "%s%s", length ? ", " : "",
                                   last = measure);
    }
}

/* Training has finished and its loss is finite, but that of unseen examples is not. */
static void list_no_numbers(const struct record *record, char *out, size_t size)
{
    static const char *const losses[] = {"train_loss", "validation_loss", "test_loss"};
    size_t length = 0;
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        char path[64];
        snprintf(path, sizeof path, "/measures/%s", losses[i]);
        if (record_find(record, path) && !isfinite(number_or_nan(record, path)) && length < size)
            length += (size_t)snprintf(out + length, size - length, "%s%s", length ? ", " : "",
                                       losses[i]);
    }
}

static void fill_outcome(const struct record *record, struct runner_outcome *outcome)
{
    const char *status = record_attribute_get_text(record->items, "status");
    bool diverged = status && strcmp(status, "diverged") == 0; /* a file may say anything */
    snprintf(outcome->status, sizeof outcome->status, "%s", diverged ? "diverged" : "finished");
    outcome->test_accuracy = number_or_nan(record, "/measures/test_accuracy");
    outcome->test_loss = number_or_nan(record, "/measures/test_loss");
    outcome->test_bits = number_or_nan(record, "/measures/test_bits_per_character");
    list_unconverged(record, outcome->unconverged, sizeof outcome->unconverged);
    if (!diverged) list_no_numbers(record, outcome->no_number, sizeof outcome->no_number);
    const char *exploded = record_attribute_get_text(record->items, "exploded");
    snprintf(outcome->exploded, sizeof outcome->exploded, "%s", exploded ? exploded : "");
}

/* `status` is execute_run's to say; a record without one has finished. */
static basin_status add_root(struct record *record, const struct run_settings *run, const char *id)
{
    struct record_item *root = record->items;
    TRY(record_attribute_text(record, root, "NX_class", "NXroot"));
    TRY(record_attribute_text(record, root, "default", "curves"));
    TRY(record_attribute_integer(record, root, "format_version", STORE_FORMAT));
    TRY(record_attribute_text(record, root, "basin_version", provenance_version()));
    TRY(record_attribute_text(record, root, "run_id", id));
    TRY(record_attribute_text(record, root, "study", run->study));
    if (!record_attribute_find(root, "status"))
        TRY(record_attribute_text(record, root, "status", "finished"));
    return BASIN_OK;
}

/* Trains a run and fills the record that its file holds; `spec` is what /spec says. */
static basin_status train_record(const struct run_settings *run, const struct value *spec,
                                 const struct data *data, const char *id,
                                 const struct run_terms *terms, struct arena *arena,
                                 struct record **record)
{
    struct provenance provenance = {.started = provenance_now()};
    TRY(data_inputs(data, &provenance.inputs));
    TRY(execute_run(run, data, terms, arena, record));
    provenance.seconds = provenance_now() - provenance.started +
                         (terms->checkpoints ? terms->checkpoints->seconds : 0);
    TRY(add_root(*record, run, id));
    TRY(finished_add_spec(*record, spec));
    TRY(titles_name_run(*record));
    return provenance_add(*record, &provenance);
}

static basin_status add_and_save(const struct runner_request *request, const char *file,
                                 const struct run_terms *terms, struct arena *arena,
                                 struct runner_outcome *outcome)
{
    struct record *record;
    struct finished finished;
    TRY(store_load(file, arena, &record));
    finished_of_record(record, request->settings, request->data, &finished);
    TRY(finished_load_weights(&finished));
    TRY(execute_add_measures(&finished, terms, &outcome->measures_added));
    fill_outcome(record, outcome);
    return outcome->measures_added ? finished_save(record, file) : BASIN_OK;
}

static basin_status add_measures(const struct runner_request *request, const char *file,
                                 const struct run_terms *terms, struct arena *arena,
                                 struct runner_outcome *outcome)
{
    /* another process may be adding others: what it adds must not be lost */
    int lock = folder_lock_file(file);
    basin_status status = add_and_save(request, file, terms, arena, outcome);
    folder_unlock_file(lock);
    return status;
}

enum { CHECKPOINTS = 3 }; /* two slots and the result hold the snapshots of the weights */

/* The result is about as large as its weights (final, initial and best at most, and snapshots) and
 * its curves. */
static double expected_bytes(const struct run_cost *cost)
{
    return 65536 + 8.0 * (double)cost->parameters + 8 * 16.0 * (double)cost->epochs +
           CHECKPOINTS * cost->snapshot_bytes;
}

/* There is a result already. (One of another format cannot be read here.) */
static void take_outcome(const char *file, struct arena *arena, struct runner_outcome *outcome)
{
    struct record *record;
    outcome->elsewhere = true;
    if (store_load_small(file, RESULT_SMALL, arena, &record) == BASIN_OK)
        fill_outcome(record, outcome);
    else
        snprintf(outcome->status, sizeof outcome->status, "finished");
}

/* Into the log; the first warning also becomes part of the outcome. The last error stays. */
static void warn(const struct runner_request *request, struct runner_outcome *outcome,
                 const char *what, const char *why)
{
    basin_error error = *basin_error_last();
    log_warning(request->folder, request->id, "%s: %s", what, why);
    if (!outcome->warning[0])
        snprintf(outcome->warning, sizeof outcome->warning, "%.100s: %.400s", what, why);
    error_restore(&error);
}

static basin_status set_aside(const struct runner_request *request, const char *file,
                              struct runner_outcome *outcome)
{
    TRY(folder_set_aside(file, outcome->aside));
    log_warning(request->folder, request->id,
                "the result failed verification; it is kept as %s, and the run is trained again",
                outcome->aside);
    return BASIN_OK;
}

static void warn_of_divergence(const struct runner_request *request, const struct record *record)
{
    log_warning(
        request->folder, request->id,
        "the run diverged: its loss was infinite or not a number at step %.0f, in epoch %.0f",
        number_or_nan(record, "/measures/steps"), number_or_nan(record, "/measures/epochs"));
}

/* `now`: the state just before the file is written. */
static basin_status runner_save(const struct runner_request *request, enum run_state now,
                                const struct record *record, const char *file,
                                struct runner_outcome *outcome)
{
    fill_outcome(record, outcome);
    if (strcmp(outcome->status, "diverged") == 0) warn_of_divergence(request, record);
    if (outcome->exploded[0])
        log_warning(request->folder, request->id, "the run exploded: %s", outcome->exploded);
    if (outcome->no_number[0])
        log_warning(request->folder, request->id,
                    "the run finished, but not with a finite number: %s", outcome->no_number);
    if (now == RUN_DAMAGED && !request->force) TRY(set_aside(request, file, outcome));
    return store_save(record, file);
}

static void destroy_attempt(void *arena)
{
    arena_destroy(arena);
}

static const char unusable[] = "its checkpoint cannot be used, and it started over",
                  outdated[] = "its newest checkpoint cannot be used, and it went on from the one "
                               "before";

/* What one that fails has taken is given back: `arena` may have to hold another. */
static basin_status runner_attempt(const struct runner_request *request,
                                   const struct run_terms *terms, struct arena *arena,
                                   struct record **record)
{
    struct arena *own;
    TRY(arena_create(&own));
    basin_status status = train_record(request->settings, request->settings->spec, request->data,
                                       request->id, terms, own, record);
    if (status != BASIN_OK) {
        arena_destroy(own);
        return status;
    }
    return arena_at_end(arena, destroy_attempt, own);
}

/* Once more, from the other slot; and where that is of no use either, from the beginning. */
static basin_status train_from_older(const struct runner_request *request,
                                     const struct run_terms *terms, struct resume *resume,
                                     struct arena *arena, struct runner_outcome *outcome,
                                     struct record **record)
{
    TRY(resume_refuse(resume));
    if (resume->checkpoint.slot >= 0) {
        basin_status status = runner_attempt(request, terms, arena, record);
        if (status != BASIN_DATA || !resume->hooks.resume) return status;
        TRY(resume_refuse(resume));
    }
    warn(request, outcome, unusable, resume->refused.message);
    return runner_attempt(request, terms, arena, record);
}

/* From its checkpoint, or from the beginning. Where results are replaced, the old result stays
 * until the new one is complete, and nothing is saved on the way. */
static basin_status train_from_checkpoint(const struct runner_request *request,
                                          const struct run_terms *terms, struct resume *resume,
                                          struct arena *arena, struct runner_outcome *outcome,
                                          struct record **record)
{
    struct run_terms own = *terms;
    if (!request->force) own.checkpoints = &resume->hooks;
    if (!request->force && resume->checkpoint.unusable.status != BASIN_OK)
        warn(request, outcome, unusable, resume->checkpoint.unusable.message);
    basin_status status = runner_attempt(request, &own, arena, record);
    if (status == BASIN_DATA &&
        resume->hooks.resume) /* its digest is right, but not what is in it */
        status = train_from_older(request, &own, resume, arena, outcome, record);
    if (resume->refused.status != BASIN_OK && resume->checkpoint.slot >= 0)
        warn(request, outcome, outdated, resume->refused.message);
    return status;
}

/* Something has come to its place that cannot be read, and may be a result. */
static basin_status raise_unreadable(const char *file)
{
    basin_status status = store_verify(file);
    return status != BASIN_OK ? status
                              : error_raise(BASIN_IO, "%s could not be read a moment ago", file);
}

static basin_status conclude_run(const struct runner_request *request, const char *file,
                                 const struct run_terms *terms, const struct record *record,
                                 struct arena *arena, struct runner_outcome *outcome)
{
    enum run_state now = RUN_NEW;
    if (folder_file_exists(file)) TRY(request->look_again(request->context, &now));
    if (now == RUN_FINISHED) {
        take_outcome(file, arena, outcome);
        return BASIN_OK;
    }
    if (now == RUN_INCOMPLETE) return add_measures(request, file, terms, arena, outcome);
    if (now == RUN_FAILED) return raise_unreadable(file);
    return runner_save(request, now, record, file, outcome);
}

static basin_status runner_train(const struct runner_request *request, const char *file,
                                 const struct run_terms *terms, struct arena *arena,
                                 struct runner_outcome *outcome)
{
    struct record *record;
    struct resume resume;
    TRY(folder_check_space(request->folder, expected_bytes(request->cost)));
    TRY(resume_open(request->folder, request->id, &request->settings->checkpoint, !request->force,
                    &resume));
    resume.spec = request->settings->spec;
    resume.before_measures = request->cost->measures > MEASURES_LONG;
    basin_status status = train_from_checkpoint(request, terms, &resume, arena, outcome, &record);
    resume_forget(&resume);
    if (resume.error.status != BASIN_OK)
        warn(request, outcome, "a checkpoint could not be written", resume.error.message);
    TRY(status);
    TRY(conclude_run(request, file, terms, record, arena, outcome));
    checkpoint_remove(&resume.checkpoint);
    return BASIN_OK;
}

basin_status runner_run(const struct runner_request *request, const struct run_terms *terms,
                        struct arena *arena, struct runner_outcome *outcome)
{
    char file[FOLDER_PATH];
    *outcome = (struct runner_outcome){.test_accuracy = NAN, .test_loss = NAN, .test_bits = NAN};
    folder_run_file(request->folder, request->id, file);
    if (request->state == RUN_FINISHED) {
        take_outcome(file, arena, outcome);
        return BASIN_OK;
    }
    if (request->state == RUN_FAILED) return raise_unreadable(file);
    if (request->crash)
        log_warning(request->folder, request->id, "%s; the run is trained alone", request->crash);
    if (request->state == RUN_DAMAGED) TRY(set_aside(request, file, outcome));
    if (request->state == RUN_INCOMPLETE) return add_measures(request, file, terms, arena, outcome);
    return runner_train(request, file, terms, arena, outcome);
}

basin_status runner_rerun(const char *file, const _Atomic bool *stop, struct arena *arena,
                          struct record **original, struct record **record)
{
    struct finished finished;
    struct run_terms terms = {.stop = stop, .keep = RERUN_KEEP};
    TRY(finished_open(file, arena, NULL, &finished));
    *original = finished.record;
    basin_status status = train_record(finished.settings, finished.original, finished.data,
                                       finished.id ? finished.id : "", &terms, arena, record);
    finished_close(&finished);
    return status;
}
