#include "study/open.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "folder/folder.h"
#include "folder/result.h"
#include "run/finished.h"
#include "run/identity.h"
#include "run/machine.h"
#include "run/provenance.h"
#include "run/schema.h"
#include "store/store.h"
#include "study/axes.h"
#include "study/known.h"
#include "study/notes.h"

enum { KEY_TEXT = sizeof((basin_error *)0)->key }; /* bytes of a key path */

/* ---- reading the spec ---- */

static bool is_result(const char *file)
{
    size_t length = strlen(file);
    return length > 3 && strcmp(file + length - 3, ".h5") == 0;
}

static basin_status check_name(const char *file)
{
    struct stat state;
    if (strcmp(file, "-") == 0) {
        error_raise(BASIN_USAGE, "a spec cannot be read from standard input");
        error_hint("write it to a file: its paths are relative to that file's folder");
        return BASIN_USAGE;
    }
    if (stat(file, &state) != 0)
        return error_raise(BASIN_IO, "cannot open %s: %s", file, strerror(errno));
    if (S_ISDIR(state.st_mode)) {
        error_raise(BASIN_USAGE, "%s is a folder, not a spec", file);
        error_hint("name a .yaml file, or a result .h5 file");
        return BASIN_USAGE;
    }
    return BASIN_OK;
}

basin_status study_read_spec(struct arena *arena, const struct study_request *wanted,
                             struct diagnostics *diagnostics, struct spec **spec)
{
    const char *file = wanted->file;
    struct spec_request request = {.file = file,
                                   .schema = wanted->schema ? wanted->schema : study_schema,
                                   .sets = wanted->sets,
                                   .set_count = wanted->set_count,
                                   .most_runs = wanted->most_runs};
    TRY(check_name(file));
    if (is_result(file)) {
        struct record *record;
        TRY(store_load_small(file, RESULT_SMALL, arena, &record));
        TRY(result_check(file, record));
        TRY(finished_request(arena, record, &request));
    }
    return spec_read(arena, &request, diagnostics, spec);
}

static basin_status take_origin(struct study *study, const char *file)
{
    struct record *record;
    if (!is_result(file)) return BASIN_OK;
    TRY(store_load_small(file, RESULT_SMALL, study->arena, &record));
    study->origin = record_attribute_get_text(record->items, "run_id");
    return BASIN_OK;
}

/* ---- what a spec or its data have wrong ---- */

/* Of the keys that an error names (one, or several separated by ", ") the first that somebody set,
 * else the first. */
static void choose_key(const struct value *run, const char *keys, char path[KEY_TEXT])
{
    const char *block = strrchr(keys, '.'), *comma = strchr(keys, ',');
    int above = comma && block && block < comma ? (int)(block - keys) + 1 : 0;
    snprintf(path, KEY_TEXT, "%.*s", (int)strcspn(keys, ","), keys);
    for (const char *key = keys; key; key = (key = strstr(key, ", ")) ? key + 2 : NULL) {
        char one[KEY_TEXT];
        snprintf(one, sizeof one, "%.*s%.*s", key == keys ? 0 : above, keys, (int)strcspn(key, ","),
                 key);
        const struct value *value = value_find(run, one);
        if (!value || value->is_default) continue;
        snprintf(path, KEY_TEXT, "%s", one);
        return;
    }
    for (char *dot; *path && !value_find(run, path); *dot = 0) /* the block around it */
        if (!(dot = strrchr(path, '.'))) dot = path;
}

/* What a table cannot say, found by a room below (the last error): shown at the key concerned. */
static void complain(struct study *study, const struct value *run)
{
    basin_error error = *basin_error_last();
    char path[KEY_TEXT], place[sizeof error.file + 32] = "";
    choose_key(run, error.key, path);
    if (error.file[0] && !strstr(error.message, error.file))
        snprintf(place, sizeof place, "%s: ", error.file);
    spec_complain(study->spec, &study->diagnostics, run, path, error.hint[0] ? error.hint : NULL,
                  "%s%s", place, error.message);
    error_restore(&error);
}

/* Data that are missing or damaged, or that do not give what the block asks for. Where a file is to
 * blame the status stays BASIN_DATA: the spec may be right, and the environment wrong. */
static basin_status complain_data(struct study *study, const struct value *run)
{
    basin_error error = *basin_error_last();
    error_key_block("dataset");
    if (error.key[0] && error.file[0] && !error.hint[0] && access(error.file, F_OK) != 0)
        error_hint("a relative path starts at the folder of the spec");
    complain(study, run);
    return basin_error_last()->file[0] ? BASIN_DATA : BASIN_SPEC;
}

/* ---- every run, against its data and its files ---- */

static basin_status keep_text(struct arena *arena, const char **text)
{
    if (*text && !(*text = arena_text(arena, *text))) return BASIN_MEMORY;
    return BASIN_OK;
}

static basin_status open_files(struct study *study, struct cache *cache,
                               const struct run_settings *settings, struct arena *arena,
                               struct study_run *run)
{
    const struct ledger_reader reader = provenance_reader();
    struct record *record;
    char path[FOLDER_PATH];
    folder_run_file(study->folder, run->id, path);
    if (known_take(cache, path, settings, run)) return BASIN_OK;
    TRY(ledger_look(study->folder, &reader, arena, &run->known, &record));
    if (record) TRY(study_find_gaps(study->arena, settings, record, run));
    if (record) known_keep(cache, settings, run);
    TRY(keep_text(study->arena, &run->known.reason));
    return keep_text(study->arena, &run->known.unusable);
}

static void note_view(struct study *study, const struct data *data)
{
    for (size_t i = 0; i < study->view_count; i++)
        if (study->views[i] == data) return;
    if (study->view_count < STUDY_VIEWS)
        study->views[study->view_count++] = data;
    else
        study->has_more_views = true;
}

static basin_status open_run(struct study *study, const struct study_request *request,
                             struct cache *cache, struct arena *arena, bool *reported,
                             struct study_run *run)
{
    struct value *value;
    const struct run_settings *settings;
    const struct data *data;
    char path[FOLDER_PATH];
    TRY(spec_run(study->spec, run->index, arena, &study->diagnostics, &value));
    TRY(axes_check(study->spec, &study->diagnostics, run->index, value, reported));
    basin_status status = data_outline(study->data, value_map(value, "dataset"), &data);
    if (status == BASIN_DATA) return complain_data(study, value);
    TRY(status);
    note_view(study, data);
    identity_derive(value, data_describe(data));
    TRY(run_settings_create(arena, value, &settings));
    TRY(identity_of_run(value, settings, data, run->id));
    status = data_check_block(study->data, value_map(value, "dataset"),
                              settings->train.precision == PRECISION_FLOAT64);
    if (status == BASIN_DATA) return complain_data(study, value);
    TRY(status);
    status = execute_estimate(settings, data, &run->cost);
    if (status == BASIN_SPEC) complain(study, value);
    if (status == BASIN_OK) status = memory_shape(settings, data, &run->shape);
    TRY(status);
    TRY(notes_look(study->effects, study->arena, study->spec, run->index, settings,
                   data_describe(data)));
    run->known = (struct ledger_entry){
        .id = arena_text(study->arena, run->id), .state = LEDGER_MISSING, .files = LEDGER_MISSING};
    if (!run->known.id) return BASIN_MEMORY;
    if (!request->look) return BASIN_OK;
    if (!request->force) return open_files(study, cache, settings, arena, run);
    run->stamp = folder_stamp(folder_run_file(study->folder, run->id, path));
    return BASIN_OK;
}

/* Every run in turn, each in an arena of its own. A wrong one does not hide the mistakes of the
 * next. */
static basin_status open_runs(struct study *study, const struct study_request *request,
                              struct cache *cache)
{
    basin_status wrong = BASIN_OK;
    bool *reported = arena_array(study->arena, bool,
                                 study->spec->axis_count + 1); /* of an axis, that it is wrong */
    if (!reported) return BASIN_MEMORY;
    for (size_t i = 0; i < study->spec->run_count && study->diagnostics.total < DIAGNOSTICS_MOST;
         i++) {
        struct arena *arena;
        TRY(arena_create(&arena));
        study->runs[i].index = i;
        basin_status status = open_run(study, request, cache, arena, reported, &study->runs[i]);
        arena_destroy(arena);
        if (status == BASIN_SPEC)
            wrong = status;
        else if (status != BASIN_OK)
            return status;
    }
    return wrong;
}

static basin_status open_runs_cached(struct study *study, const struct study_request *request)
{
    struct cache *cache = NULL;
    bool is_wanted = request->look && request->cached && !request->force;
    if (is_wanted) TRY(known_open(study->arena, study->folder, &cache));
    basin_status status = open_runs(study, request, cache);
    cache_close(cache);
    return status;
}

static int study_by_id(const void *a, const void *b)
{
    const struct study_run *x = *(const struct study_run *const *)a,
                           *y = *(const struct study_run *const *)b;
    int order = memcmp(x->id, y->id, sizeof x->id);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static basin_status sort_runs(const struct study *study, size_t count, struct study_run ***sorted)
{
    struct study_run **runs = *sorted = arena_array(study->arena, struct study_run *, count + 1);
    if (!runs) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) runs[i] = &study->runs[i];
    if (count) qsort(runs, count, sizeof *runs, study_by_id);
    return BASIN_OK;
}

/* Keeps the first of the runs with one id, in the order of the spec. */
static basin_status merge_runs(struct study *study)
{
    size_t count = study->spec->run_count, kept = 0;
    struct study_run **sorted;
    TRY(sort_runs(study, count, &sorted));
    for (size_t i = count; i-- > 1;)
        if (memcmp(sorted[i]->id, sorted[i - 1]->id, sizeof sorted[i]->id) == 0)
            sorted[i]->id[0] = 0;
    for (size_t i = 0; i < count; i++)
        if (study->runs[i].id[0]) study->runs[kept++] = study->runs[i];
    study->run_count = kept;
    study->merged = study->spec->merged + count - kept;
    return BASIN_OK;
}

/* ---- what journals and claims say of it ---- */

static void forget_crash(struct ledger_entry *known)
{
    known->suspect = known->unproven = known->quarantined = false;
    known->crash = NULL;
}

/* The state of a run, less what the request disregards. */
static void settle_run(const struct study_request *request, struct study_run *run)
{
    struct ledger_entry *known = &run->known;
    if (request->retry || request->force) {
        study_forget_failure(known);
        known->quarantined = false;
    }
    if (request->trust) forget_crash(known);
    run->state = study_state_of(run);
    if (!study_run_todo(run) && run->state != RUN_QUARANTINED) forget_crash(known);
}

static basin_status fold_ledger(struct study *study, const struct study_request *request)
{
    const struct ledger_reader reader = provenance_reader();
    struct ledger_entry **entries =
        arena_array(study->arena, struct ledger_entry *, study->run_count + 1);
    if (!entries) return BASIN_MEMORY;
    for (size_t i = 0; i < study->run_count; i++) entries[i] = &study->runs[i].known;
    TRY(ledger_fold(study->folder, &reader, study->arena, entries, study->run_count,
                    &study->skipped));
    for (size_t i = 0; i < study->run_count; i++) settle_run(request, &study->runs[i]);
    return BASIN_OK;
}

/* ---- shards ---- */

static int study_by_flops(const void *a, const void *b)
{
    const struct study_run *x = *(const struct study_run *const *)a,
                           *y = *(const struct study_run *const *)b;
    if (x->cost.flops != y->cost.flops) return x->cost.flops < y->cost.flops ? 1 : -1;
    return strcmp(x->id, y->id);
}

/* Every run to the shard that has the least to do, the longest first: the same on every machine,
 * whatever is finished. Those of other shards go behind the last of ours. */
static basin_status keep_shard(struct study *study, size_t shard, size_t shards)
{
    struct study_run **sorted = arena_array(study->arena, struct study_run *, study->run_count + 1);
    double *load = arena_array(study->arena, double, shards);
    bool *kept = arena_array(study->arena, bool, study->run_count + 1);
    struct study_run *ordered = arena_array(study->arena, struct study_run, study->run_count + 1);
    size_t count = 0, others = 0;
    if (!sorted || !load || !kept || !ordered) return BASIN_MEMORY;
    for (size_t i = 0; i < study->run_count; i++) sorted[i] = &study->runs[i];
    qsort(sorted, study->run_count, sizeof *sorted, study_by_flops);
    for (size_t i = 0; i < study->run_count; i++) {
        size_t least = 0;
        for (size_t k = 1; k < shards; k++)
            if (load[k] < load[least]) least = k;
        load[least] += sorted[i]->cost.flops;
        kept[sorted[i] - study->runs] = least + 1 == shard;
    }
    for (size_t i = 0; i < study->run_count; i++) count += kept[i];
    for (size_t i = 0, ours = 0; i < study->run_count; i++)
        ordered[kept[i] ? ours++ : count + others++] = study->runs[i];
    study->runs = ordered;
    study->run_count = count;
    return BASIN_OK;
}

/* ---- all of it ---- */

/* What the process holds now, and what more of its libraries comes into memory while it works:
 * their code, and the code that oneDNN makes. A small study holds a little less than what is usual:
 * the same is said of it whenever it is opened. A sanitizer's own memory does not count. */
static size_t measure_program(const struct study *study)
{
    static const double USUAL = 24 << 20, GROWTH = 18 << 20;
    double held = USUAL;
    (void)study;
#ifndef __SANITIZE_ADDRESS__
    held = fmax(held, machine_resident() - (double)study_data_bytes(study));
#endif
    return (size_t)(held + GROWTH);
}

static basin_status open_all(struct study *study, const struct study_request *request)
{
    TRY(study_read_spec(study->arena, request, &study->diagnostics, &study->spec));
    TRY(take_origin(study, request->file));
    study->folder = request->folder ? arena_text(study->arena, request->folder)
                                    : arena_format(study->arena, "results/%s", study->spec->name);
    if (!study->folder) return BASIN_MEMORY;
    TRY(folder_check(study->folder));
    TRY(data_store_create(&study->data));
    if (request->memory > 0) data_store_limit(study->data, request->memory);
    TRY(memory_table_create(&study->memory));
    study->runs = arena_array(study->arena, struct study_run, study->spec->run_count);
    if (!study->runs) return BASIN_MEMORY;
    study->force = request->force;
    study->trust = request->trust;
    if (!(study->effects = arena_allocate(study->arena, sizeof *study->effects)))
        return BASIN_MEMORY;
    TRY(open_runs_cached(study, request));
    TRY(notes_finish(study->effects, study->arena, &study->notes, &study->note_count));
    TRY(merge_runs(study));
    if (request->look) TRY(fold_ledger(study, request));
    study->whole = study->run_count;
    study->shard = request->shard;
    study->shards = request->shards;
    if (request->shards) TRY(keep_shard(study, request->shard, request->shards));
    study_count(study);
    study->program = measure_program(study);
    return BASIN_OK;
}

basin_status study_open(const struct study_request *request, struct study **out)
{
    struct arena *arena;
    *out = NULL;
    TRY(arena_create(&arena));
    struct study *study = arena_allocate(arena, sizeof *study);
    if (!study) {
        arena_destroy(arena);
        return BASIN_MEMORY;
    }
    study->arena = arena;
    diagnostics_start(&study->diagnostics, arena);
    *out = study;
    return open_all(study, request);
}
