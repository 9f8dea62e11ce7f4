#include "study/runner.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "store/store.h"
#include "study/checkpoint.h"
#include "study/folder.h"
#include "study/log.h"
#include "study/provenance.h"
#include "study/schema.h"
#include "study/titles.h"

#define MEASURES_LONG 1e9 /* FLOPs, some tenths of a second: what was trained is saved before */

enum { RERUN_KEEP = 256 << 20 }; /* bytes for the halves of Hessian products: verify runs alone */

static double number_or_nan(const struct record *record, const char *path)
{
    const struct record_item *item = record_find(record, path);
    return item && !item->is_group && item->rank == 0 ? record_number(item, 0) : NAN;
}

static void fill_outcome(const struct record *record, struct runner_outcome *outcome)
{
    const char *status = record_attribute_get_text(record->items, "status");
    snprintf(outcome->status, sizeof outcome->status, "%s", status ? status : "finished");
    outcome->test_accuracy = number_or_nan(record, "/measures/test_accuracy");
    outcome->test_loss = number_or_nan(record, "/measures/test_loss");
    outcome->test_bits = number_or_nan(record, "/measures/test_bits_per_character");
}

static basin_status add_spec(struct record *record, const struct value *run)
{
    struct text spec = {0};
    struct record_item *item;
    value_print_block(&spec, run, 0);
    basin_status status = text_status(&spec);
    if (status == BASIN_OK) status = record_text(record, "/spec", text_data(&spec), &item);
    text_free(&spec);
    if (status != BASIN_OK) return status;
    return record_attribute_text(record, item, "long_name",
                                 "resolved spec (YAML); `basin run` accepts this file");
}

/* `status` is execute_run's to say; a record without one has finished. */
static basin_status add_root(struct record *record, const struct value *run, const char *id)
{
    struct record_item *root = record->items;
    TRY(record_attribute_text(record, root, "NX_class", "NXroot"));
    TRY(record_attribute_text(record, root, "default", "curves"));
    TRY(record_attribute_integer(record, root, "format_version", STORE_FORMAT));
    TRY(record_attribute_text(record, root, "basin_version", provenance_version()));
    TRY(record_attribute_text(record, root, "run_id", id));
    TRY(record_attribute_text(record, root, "study", value_text(run, "study")));
    if (!record_attribute_find(root, "status"))
        TRY(record_attribute_text(record, root, "status", "finished"));
    return BASIN_OK;
}

/* Trains `run` and fills the record that its file holds; `spec` is what /spec says. */
static basin_status train_record(const struct value *run, const struct value *spec,
                                 const struct data *data, const char *id,
                                 const struct run_terms *terms, struct arena *arena,
                                 struct record **record)
{
    struct provenance provenance = {.started = provenance_now()};
    TRY(execute_run(run, data, terms, arena, record));
    provenance.seconds = provenance_now() - provenance.started +
                         checkpoint_seconds(terms->checkpoints ? terms->checkpoints->resume : NULL);
    TRY(add_root(*record, run, id));
    TRY(add_spec(*record, spec));
    TRY(titles_name_run(*record));
    return provenance_add(*record, &provenance);
}

/* Of whichever format the file was: it is written in the present one. */
static basin_status save_again(struct record *record, const char *file)
{
    TRY(record_attribute_integer(record, record->items, "format_version", STORE_FORMAT));
    TRY(titles_name_run(record));
    return store_save(record, file);
}

static basin_status add_measures(const struct value *run, const struct data *data, const char *file,
                                 const struct run_terms *terms, struct arena *arena,
                                 struct runner_outcome *outcome)
{
    struct record *record;
    int lock = folder_lock_file(
        file); /* another process may be adding others: what it adds must not be lost */
    basin_status status = store_load(file, arena, &record);
    if (status == BASIN_OK)
        status = execute_add_measures(run, data, terms, record, &outcome->measures_added);
    if (status == BASIN_OK) fill_outcome(record, outcome);
    if (status == BASIN_OK && outcome->measures_added) status = save_again(record, file);
    folder_unlock_file(lock);
    return status;
}

/* The result is about as large as its weights (final, initial and best at most) and its curves. */
static double expected_bytes(const struct run_cost *cost)
{
    return 65536 + 8.0 * (double)cost->parameters + 8 * 16.0 * (double)cost->epochs;
}

/* The result is there. Another version's cannot be read. */
static void take_outcome(const char *file, struct arena *arena, struct runner_outcome *outcome)
{
    struct record *record;
    outcome->elsewhere = true;
    if (store_load_small(file, RUNNER_SMALL, arena, &record) == BASIN_OK)
        fill_outcome(record, outcome);
    else
        snprintf(outcome->status, sizeof outcome->status, "finished");
}

/* Into the log, and the first to whoever looks on. */
static void warn(const struct study *study, const struct study_run *run,
                 struct runner_outcome *outcome, const char *what, const char *why)
{
    log_warning(study->folder, run->id, "%s: %s", what, why);
    if (!outcome->warning[0])
        snprintf(outcome->warning, sizeof outcome->warning, "%.100s: %.400s", what, why);
}

static basin_status set_aside(const struct study *study, const struct study_run *run,
                              const char *file, struct runner_outcome *outcome)
{
    TRY(folder_set_aside(file, outcome->aside));
    log_warning(study->folder, run->id,
                "the result did not hold; it is kept as %s, and the run trained again",
                outcome->aside);
    return BASIN_OK;
}

static basin_status runner_save(const struct study *study, const struct study_run *run,
                                const struct record *record, const char *id, const char *file,
                                struct runner_outcome *outcome)
{
    fill_outcome(record, outcome);
    if (strcmp(outcome->status, "diverged") == 0)
        log_warning(
            study->folder, id,
            "the run diverged: its loss was infinite or not a number at step %.0f, in epoch %.0f",
            number_or_nan(record, "/measures/steps"), number_or_nan(record, "/measures/epochs"));
    if (run->state == RUN_DAMAGED && !study->force) TRY(set_aside(study, run, file, outcome));
    return store_save(record, file);
}

static basin_status runner_train(const struct study *study, const struct study_run *run,
                                 const struct value *value, const struct data *data,
                                 const char *file, const struct run_terms *terms,
                                 struct arena *arena, struct runner_outcome *outcome)
{
    struct record *record;
    struct checkpoint checkpoint;
    struct study_run now = {.state = RUN_NEW};
    struct run_terms own = *terms;
    TRY(folder_check_space(study->folder, expected_bytes(&run->cost)));
    TRY(checkpoint_open(study->folder, run->id, value, !study->force, arena, &checkpoint));
    checkpoint.before_measures = run->cost.measures > MEASURES_LONG;
    if (!study->force)
        own.checkpoints =
            &checkpoint
                 .terms; /* the old result stands until the new one does: nothing to go on from */
    if (!study->force && checkpoint.unusable.status != BASIN_OK)
        warn(study, run, outcome, "its checkpoint cannot be used, and it started over",
             checkpoint.unusable.message);
    basin_status status = train_record(value, value, data, run->id, &own, arena, &record);
    if (status == BASIN_DATA &&
        checkpoint.terms.resume) { /* it holds, but is not what it should be: start over */
        warn(study, run, outcome, "its checkpoint cannot be used, and it started over",
             basin_error_last()->message);
        checkpoint.terms.resume = NULL;
        status = train_record(value, value, data, run->id, &own, arena, &record);
    }
    if (checkpoint.error.status != BASIN_OK) {
        basin_error error = *basin_error_last();
        warn(study, run, outcome, "a checkpoint could not be written", checkpoint.error.message);
        error_restore(&error);
    }
    TRY(status);
    if (folder_file_exists(file))
        TRY(study_look_again(
            study, run,
            &now)); /* we may have slept so long that another process took the run for left */
    if (now.state == RUN_FINISHED)
        take_outcome(file, arena, outcome);
    else if (now.state == RUN_INCOMPLETE)
        TRY(add_measures(value, data, file, terms, arena, outcome));
    else
        TRY(runner_save(study, &now, record, run->id, file, outcome));
    checkpoint_remove(&checkpoint);
    return BASIN_OK;
}

static basin_status run_in(const struct study *study, const struct study_run *run,
                           struct arena *arena, const struct run_terms *terms,
                           struct runner_outcome *outcome)
{
    char file[FOLDER_PATH];
    struct value *value;
    const struct data *data;
    folder_run_file(study->folder, run->id, file);
    if (run->state == RUN_FINISHED) {
        take_outcome(file, arena, outcome);
        return BASIN_OK;
    }
    if (run->state == RUN_DAMAGED) TRY(set_aside(study, run, file, outcome));
    TRY(study_resolve(study, run->index, arena, &value, &data));
    if (run->state == RUN_INCOMPLETE) return add_measures(value, data, file, terms, arena, outcome);
    return runner_train(study, run, value, data, file, terms, arena, outcome);
}

basin_status runner_run(const struct study *study, const struct study_run *run,
                        const struct run_terms *terms, struct runner_outcome *outcome)
{
    struct arena *arena;
    *outcome = (struct runner_outcome){.test_accuracy = NAN, .test_loss = NAN, .test_bits = NAN};
    TRY(arena_create(&arena));
    if (run->crash && run->state != RUN_FINISHED)
        log_warning(study->folder, run->id, "%s; the run is trained alone", run->crash);
    basin_status status = run_in(study, run, arena, terms, outcome);
    arena_destroy(arena);
    return status;
}

/* /spec as the file has it: without the measures that were added later. */
static basin_status original_spec(struct arena *arena, const struct record *original,
                                  const char *file, struct value **run)
{
    struct diagnostics diagnostics;
    struct spec *spec;
    const char *text = *(const char *const *)record_find(original, "/spec")->data;
    struct spec_request request = {
        .file = file, .text = text, .length = strlen(text), .schema = study_schema};
    diagnostics_start(&diagnostics, arena);
    TRY(spec_read(arena, &request, &diagnostics, &spec));
    return spec_run(spec, 0, arena, &diagnostics, run);
}

/* The id holds the digest of the data: where both specs are one and ids differ, the data do. */
static basin_status check_identity(const char *file, const char *id, const struct value *run,
                                   const struct data_info *info)
{
    char now[17];
    TRY(study_identify(run, info, now));
    if (!id || strcmp(id, now) == 0) return BASIN_OK;
    error_raise(
        BASIN_DATA,
        "%s: the data set is not the one that run %s was trained on: with it, this is run %s", file,
        id, now);
    error_place(file, 0, 0);
    error_hint("put the old data back; the attribute digest of /data says which they were");
    return BASIN_DATA;
}

basin_status runner_rerun(const char *file, const _Atomic bool *stop, struct arena *arena,
                          struct record **original, struct record **record)
{
    struct diagnostics diagnostics;
    struct value *run, *spec;
    struct data_store *store;
    const struct data *data;
    struct run_terms terms = {.stop = stop, .keep = RERUN_KEEP};
    diagnostics_start(&diagnostics, arena);
    TRY(store_load(file, arena, original));
    TRY(study_read_record(arena, *original, file, &diagnostics, &run));
    TRY(original_spec(arena, *original, file, &spec));
    const char *id = record_attribute_get_text((*original)->items, "run_id");
    TRY(data_store_create(&store));
    basin_status status = data_open(store, value_map(run, "dataset"), &data);
    if (status == BASIN_OK) execute_derive(run, data_describe(data));
    if (status == BASIN_OK) execute_derive(spec, data_describe(data));
    if (status == BASIN_OK) status = check_identity(file, id, run, data_describe(data));
    if (status == BASIN_OK)
        status = train_record(run, spec, data, id ? id : "", &terms, arena, record);
    data_store_destroy(store);
    return status;
}
