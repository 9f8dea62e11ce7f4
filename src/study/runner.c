#include "study/runner.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "store/store.h"
#include "study/folder.h"
#include "study/provenance.h"

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
    return record_attribute_text(record, item, "long_name", "resolved spec (YAML); `basin run` accepts this file");
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
    if (!record_attribute_find(root, "status")) TRY(record_attribute_text(record, root, "status", "finished"));
    return BASIN_OK;
}

basin_status runner_train(const struct value *run, const struct data *data, const char *id, const _Atomic bool *stop,
                          struct run_progress *progress, struct arena *arena, struct record **record)
{
    struct provenance provenance = {.started = provenance_now()};
    TRY(execute_run(run, data, stop, progress, arena, record));
    provenance.seconds = provenance_now() - provenance.started;
    TRY(add_root(*record, run, id));
    TRY(add_spec(*record, run));
    return provenance_add(*record, &provenance);
}

/* Is measure `name` asked for by the file's own spec, or noted as added? */
static bool is_known(const struct value *old, const char *name)
{
    const struct value *measures = value_find(old, "measures");
    return measures && value_has(measures, name);
}

/* One text "measures.NAME={...}" for each measure that the run now asks for and its file did not. */
static basin_status list_added(struct arena *arena, const struct record *record, const struct value *old,
                               const struct value *run, const char ***texts, size_t *count)
{
    const struct record_item *earlier = record_find(record, RUNNER_ADDED_MEASURES);
    const struct value *measures = value_map(run, "measures");
    size_t kept = earlier ? record_count(earlier) : 0;
    *texts = arena_array(arena, const char *, kept + measures->map.count + 1);
    if (!*texts) return BASIN_MEMORY;
    if (kept) memcpy(*texts, earlier->data, kept * sizeof **texts);
    *count = kept;
    for (size_t i = 0; i < measures->map.count; i++) {
        struct text printed = {0};
        if (is_known(old, measures->map.members[i].key)) continue;
        value_print(&printed, measures->map.members[i].value);
        (*texts)[*count] = arena_format(arena, "measures.%s=%s", measures->map.members[i].key, text_data(&printed));
        basin_status status = text_status(&printed);
        text_free(&printed);
        if (status != BASIN_OK || !(*texts)[(*count)++]) return BASIN_MEMORY;
    }
    return BASIN_OK;
}

static void forget(struct record *record, const char *path)
{
    for (struct record_item **at = &record->items; *at; at = &(*at)->next)
        if (strcmp((*at)->path, path) == 0) {
            struct record_item *gone = *at;
            *at = gone->next;
            if (record->tail == &gone->next) record->tail = at;
            return;
        }
}

static basin_status note_added(struct record *record, const struct value *run, const char *file)
{
    struct diagnostics diagnostics;
    struct value *old;
    const char **texts;
    size_t count;
    diagnostics_start(&diagnostics, record->arena);
    TRY(study_read_record(record->arena, record, file, &diagnostics, &old));
    TRY(list_added(record->arena, record, old, run, &texts, &count));
    forget(record, RUNNER_ADDED_MEASURES);
    if (!count) return BASIN_OK;
    return record_add(record, RUNNER_ADDED_MEASURES, RECORD_TEXT, 1, &count, NULL, texts, NULL);
}

static basin_status add_measures(const struct value *run, const struct data *data, const char *file,
                                 const _Atomic bool *stop, struct arena *arena, struct runner_outcome *outcome)
{
    struct record *record;
    TRY(store_load(file, arena, &record));
    TRY(note_added(record, run, file));
    TRY(execute_add_measures(run, data, stop, record, &outcome->measures_added));
    fill_outcome(record, outcome);
    return outcome->measures_added ? store_save(record, file) : BASIN_OK;
}

/* The result is about as large as its weights (final, initial and best at most) and its curves. */
static double expected_bytes(const struct run_cost *cost)
{
    return 65536 + 8.0 * (double)cost->parameters + 8 * 16.0 * (double)cost->epochs;
}

static basin_status train(const struct study *study, const struct study_run *run, const struct value *value,
                          const struct data *data, const char *file, const _Atomic bool *stop,
                          struct run_progress *progress, struct arena *arena, struct runner_outcome *outcome)
{
    struct record *record;
    TRY(folder_check_space(study->folder, expected_bytes(&run->cost)));
    TRY(runner_train(value, data, run->id, stop, progress, arena, &record));
    fill_outcome(record, outcome);
    return store_save(record, file);
}

/* Has another process finished this run since we looked? */
static bool holds(const char *file, const char *id, struct arena *arena, struct runner_outcome *outcome)
{
    struct record *record;
    if (store_load_small(file, RUNNER_SMALL, arena, &record) != BASIN_OK) return false;
    const char *found = record_attribute_get_text(record->items, "run_id");
    if (!found || strcmp(found, id) != 0) return false;
    fill_outcome(record, outcome);
    return true;
}

static basin_status run_in(const struct study *study, const struct study_run *run, struct arena *arena,
                           const _Atomic bool *stop, struct run_progress *progress, struct runner_outcome *outcome)
{
    char file[FOLDER_PATH];
    struct value *value;
    const struct data *data;
    folder_run_file(study->folder, run->id, file);
    if (run->state != RUN_INCOMPLETE && folder_file_exists(file)) {
        outcome->elsewhere = holds(file, run->id, arena, outcome);
        if (outcome->elsewhere) return BASIN_OK;
        TRY(folder_set_aside(file, outcome->aside));
    }
    TRY(study_resolve(study, run->index, arena, &value, &data));
    if (run->state == RUN_INCOMPLETE) return add_measures(value, data, file, stop, arena, outcome);
    return train(study, run, value, data, file, stop, progress, arena, outcome);
}

basin_status runner_run(const struct study *study, size_t position, const _Atomic bool *stop,
                        struct run_progress *progress, struct runner_outcome *outcome)
{
    struct arena *arena;
    *outcome = (struct runner_outcome){.test_accuracy = NAN, .test_loss = NAN};
    TRY(arena_create(&arena));
    basin_status status = run_in(study, &study->runs[position], arena, stop, progress, outcome);
    arena_destroy(arena);
    return status;
}
