#include "run/finished.h"

#include <string.h>
#include "folder/result.h"
#include "kernels/kernels.h"
#include "run/identity.h"
#include "run/schema.h"
#include "run/titles.h"
#include "store/store.h"
#include "train/train.h"

static basin_status add_held_measures(struct arena *arena, const struct record *record,
                                      struct spec_request *request)
{
    const struct record_item *group = record_find(record, "/measures");
    const char *measures = group ? record_attribute_get_text(group, "measures") : NULL;
    if (!measures) return BASIN_OK;
    const char **sets = arena_array(arena, const char *, 1 + request->set_count);
    if (!sets || !(sets[0] = arena_format(arena, "measures=%s", measures))) return BASIN_MEMORY;
    if (request->set_count) memcpy(sets + 1, request->sets, request->set_count * sizeof *sets);
    request->sets = sets;
    request->set_count++;
    return BASIN_OK;
}

static basin_status take_spec_text(const struct record *record, struct spec_request *request)
{
    const struct record_item *spec = record_find(record, "/spec");
    if (!spec || spec->is_group || spec->type != RECORD_TEXT || spec->rank != 0)
        return error_raise(BASIN_DATA, "%s holds no /spec", request->file);
    request->text = *(const char *const *)spec->data;
    request->length = strlen(request->text);
    request->stored = true;
    return BASIN_OK;
}

basin_status finished_request(struct arena *arena, const struct record *record,
                              struct spec_request *request)
{
    TRY(take_spec_text(record, request));
    return add_held_measures(arena, record, request);
}

basin_status finished_add_spec(struct record *record, const struct value *run)
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

static basin_status resolve_request(struct arena *arena, const struct spec_request *request,
                                    struct diagnostics *diagnostics, struct value **run)
{
    struct spec *spec;
    TRY(spec_read(arena, request, diagnostics, &spec));
    return spec_run(spec, 0, arena, diagnostics, run);
}

static basin_status finished_spec_with(struct arena *arena, const struct record *record,
                                       const char *file, const char *const *sets, size_t count,
                                       struct diagnostics *diagnostics, struct value **run)
{
    struct spec_request request = {
        .file = file, .schema = study_schema, .sets = sets, .set_count = count};
    TRY(finished_request(arena, record, &request));
    return resolve_request(arena, &request, diagnostics, run);
}

basin_status finished_spec(struct arena *arena, const struct record *record, const char *file,
                           struct diagnostics *diagnostics, struct value **run)
{
    return finished_spec_with(arena, record, file, NULL, 0, diagnostics, run);
}

basin_status finished_original_spec(struct arena *arena, const struct record *record,
                                    const char *file, struct diagnostics *diagnostics,
                                    struct value **run)
{
    struct spec_request request = {.file = file, .schema = study_schema};
    TRY(take_spec_text(record, &request));
    return resolve_request(arena, &request, diagnostics, run);
}

/* ---- a file, reopened ---- */

void finished_of_record(struct record *record, const struct run_settings *settings,
                        const struct data *data, struct finished *finished)
{
    const char *status = record_attribute_get_text(record->items, "status");
    *finished = (struct finished){.arena = record->arena,
                                  .record = record,
                                  .id = record_attribute_get_text(record->items, "run_id"),
                                  .diverged = status && strcmp(status, "diverged") == 0,
                                  .settings = settings,
                                  .original = settings ? settings->spec : NULL,
                                  .data = data};
}

static basin_status refuse_former(const char *file, const char *id, const char *now)
{
    error_raise(BASIN_DATA,
                "%s: run %s was made by an earlier version, to which its spec meant other numbers; "
                "to this one it is run %s",
                file, id, now);
    error_place(file, 0, 0);
    error_hint("its numbers stand, but only the version that it names in basin_version can repeat "
               "them; \"Identity\" in experiments/README.md says what has changed");
    return BASIN_DATA;
}

/* The id holds the digest of the data: where both specs are one and ids differ, the data do, or the
 * meaning of the spec. */
static basin_status check_identity(const char *file, const char *id,
                                   const struct run_settings *settings, const struct value *run,
                                   const struct data *data)
{
    char now[17], former[17];
    TRY(identity_of_run(run, settings, data, now));
    if (!id || strcmp(id, now) == 0) return BASIN_OK;
    TRY(identity_of_former(run, data, former));
    if (strcmp(id, former) == 0) return refuse_former(file, id, now);
    error_raise(
        BASIN_DATA,
        "%s: the data set is not the one that run %s was trained on: with it, this is run %s", file,
        id, now);
    error_place(file, 0, 0);
    error_hint("put the old data back; the attribute digest of /data says which they were");
    return BASIN_DATA;
}

static basin_status open_data_of_run(const char *file, struct value *spec, struct value *original,
                                     struct data_store *store, struct finished *finished)
{
    TRY(data_open(store, value_map(spec, "dataset"), &finished->data));
    const struct data_info *info = data_describe(finished->data);
    identity_derive(spec, info);
    identity_derive(original, info);
    finished->original = original;
    TRY(run_settings_create(finished->arena, spec, &finished->settings));
    return check_identity(file, finished->id, finished->settings, spec, finished->data);
}

basin_status finished_open_with(const char *file, struct arena *arena, struct data_store *store,
                                const char *const *sets, size_t count, struct finished *finished)
{
    struct diagnostics diagnostics;
    struct record *record;
    struct value *spec, *original;
    *finished = (struct finished){0};
    diagnostics_start(&diagnostics, arena);
    TRY(store_load(file, arena, &record));
    TRY(result_check(file, record));
    finished_of_record(record, NULL, NULL, finished);
    TRY(finished_spec_with(arena, record, file, sets, count, &diagnostics, &spec));
    TRY(finished_original_spec(arena, record, file, &diagnostics, &original));
    if (!store) TRY(data_store_create(&finished->store));
    basin_status status =
        open_data_of_run(file, spec, original, store ? store : finished->store, finished);
    if (status != BASIN_OK) finished_close(finished);
    return status;
}

basin_status finished_open(const char *file, struct arena *arena, struct data_store *store,
                           struct finished *finished)
{
    return finished_open_with(file, arena, store, NULL, 0, finished);
}

basin_status finished_save(struct record *record, const char *file)
{
    TRY(record_attribute_integer(record, record->items, "format_version", STORE_FORMAT));
    TRY(titles_name_run(record));
    return store_save(record, file);
}

void finished_close(struct finished *finished)
{
    data_store_destroy(finished->store);
    finished->store = NULL;
}

static basin_status import_weights(const struct finished *finished, enum precision precision)
{
    size_t size = (size_t)model_state_size(finished->model);
    double *w = memory_allocate(size * sizeof *w);
    if (!w) return BASIN_MEMORY;
    basin_status status = model_import(finished->model, finished->record, "/weights/final", w);
    if (status == BASIN_OK) vector_from_double(precision, w, finished->w, size);
    memory_free(w);
    return status;
}

basin_status finished_load_weights(struct finished *finished)
{
    const struct train_settings *training = &finished->settings->train;
    TRY(run_model_create(finished->arena, finished->settings, data_describe(finished->data),
                         &finished->model));
    size_t bytes = (size_t)model_state_size(finished->model) * precision_size(training->precision);
    finished->w = arena_allocate(finished->arena, bytes);
    finished->initial = arena_allocate(finished->arena, bytes);
    if (!finished->w || !finished->initial) return BASIN_MEMORY;
    TRY(train_initial(training, finished->model, finished->initial));
    return import_weights(finished, training->precision);
}
