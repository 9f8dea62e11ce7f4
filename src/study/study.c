#include "study/study.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "folder/folder.h"
#include "run/finished.h"
#include "run/identity.h"
#include "run/machine.h"
#include "run/provenance.h"
#include "run/schema.h"
#include "store/store.h"
#include "study/axes.h"

enum { KEY_TEXT = sizeof((basin_error *)0)->key }; /* bytes of a key path */

/* ---- memory ---- */

static basin_status study_measure(const struct study *study, const struct study_run *run,
                                  struct run_memory *memory)
{
    struct arena *arena;
    struct value *value;
    const struct data *data;
    TRY(machine_prepare_worker()); /* kernels that are made here are kept, and must be those of a
                                      worker */
    TRY(arena_create(&arena));
    basin_status status = study_resolve(study, run->index, arena, &value, &data);
    if (status == BASIN_OK) status = memory_of_run(value, data, memory);
    arena_destroy(arena);
    return status;
}

basin_status study_memory(const struct study *study, const struct study_run *run,
                          struct run_memory *memory)
{
    struct memory_table *table = study->memory;
    pthread_mutex_lock(memory_table_lock(table));
    basin_status status = BASIN_OK;
    if (!memory_table_find(table, run->shape, memory)) {
        status = study_measure(study, run, memory);
        if (status == BASIN_OK) status = memory_table_add(table, run->shape, memory);
    }
    pthread_mutex_unlock(memory_table_lock(table));
    return status;
}

size_t study_data_bytes(const struct study *study)
{
    return data_store_bytes(study->data);
}

/* ---- opening ---- */

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

basin_status study_read_spec(struct arena *arena, const char *file, const char *const *sets,
                             size_t set_count, size_t most_runs, struct diagnostics *diagnostics,
                             struct spec **spec)
{
    struct spec_request request = {.file = file,
                                   .schema = study_schema,
                                   .sets = sets,
                                   .set_count = set_count,
                                   .most_runs = most_runs};
    TRY(check_name(file));
    if (is_result(file)) {
        struct record *record;
        TRY(store_load_small(file, RESULT_SMALL, arena, &record));
        TRY(finished_request(arena, record, &request));
    }
    return spec_read(arena, &request, diagnostics, spec);
}

basin_status study_resolve(const struct study *study, size_t index, struct arena *arena,
                           struct value **run, const struct data **data)
{
    struct diagnostics diagnostics;
    diagnostics_start(&diagnostics, arena);
    TRY(spec_run(study->spec, index, arena, &diagnostics, run));
    TRY(data_open(study->data, value_map(*run, "dataset"), data));
    identity_derive(*run, data_describe(*data));
    return BASIN_OK;
}

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

/* Weights that were not kept when the run was trained cannot be had without training it again. (One
 * that diverged may have no best.) */
static bool lacks_weights(const struct value *value, const struct record *record)
{
    const char *status = record_attribute_get_text(record->items, "status");
    if (status && strcmp(status, "diverged") == 0) return false;
    return (value_boolean(value, "weights.best") && !record_find(record, "/weights/best")) ||
           (value_boolean(value, "weights.initial") && !record_find(record, "/weights/initial"));
}

/* What depends on the spec: does the result lack anything? */
static basin_status look_for_gaps(const struct value *value, const struct record *record,
                                  struct study_run *run)
{
    run->lacks_weights = lacks_weights(value, record);
    return execute_missing_measures(value, record, &run->missing_measures, &run->other_measures);
}

static enum run_state state_of_run(const struct study_run *run)
{
    bool is_left = run->known.failure != BASIN_OK && !run->known.transient;
    switch (run->known.files) {
    case LEDGER_FINISHED:
    case LEDGER_DIVERGED:
        if (!run->missing_measures) return RUN_FINISHED;
        return run->known.quarantined ? RUN_QUARANTINED : RUN_INCOMPLETE;
    case LEDGER_DAMAGED:
        return run->known.quarantined ? RUN_QUARANTINED : RUN_DAMAGED;
    case LEDGER_INTERRUPTED:
        return run->known.quarantined ? RUN_QUARANTINED : is_left ? RUN_FAILED : RUN_INTERRUPTED;
    default:
        return run->known.quarantined ? RUN_QUARANTINED : is_left ? RUN_FAILED : RUN_NEW;
    }
}

static basin_status keep_text(struct arena *arena, const char **text)
{
    if (*text && !(*text = arena_text(arena, *text))) return BASIN_MEMORY;
    return BASIN_OK;
}

static basin_status open_files(struct study *study, const struct value *value, struct arena *arena,
                               struct study_run *run)
{
    const struct ledger_reader reader = provenance_reader();
    struct record *record;
    TRY(ledger_look(study->folder, &reader, arena, &run->known, &record));
    if (record) TRY(look_for_gaps(value, record, run));
    TRY(keep_text(study->arena, &run->known.reason));
    return keep_text(study->arena, &run->known.unusable);
}

static basin_status open_run(struct study *study, const struct study_request *request,
                             struct arena *arena, bool *reported, struct study_run *run)
{
    struct value *value;
    const struct data *data;
    char path[FOLDER_PATH];
    TRY(spec_run(study->spec, run->index, arena, &study->diagnostics, &value));
    TRY(axes_check(study->spec, &study->diagnostics, run->index, value, reported));
    basin_status status = data_open(study->data, value_map(value, "dataset"), &data);
    if (status == BASIN_DATA) return complain_data(study, value);
    TRY(status);
    identity_derive(value, data_describe(data));
    TRY(identity_of_run(value, data, run->id));
    status = execute_estimate(value, data, &run->cost);
    if (status == BASIN_SPEC) complain(study, value);
    if (status == BASIN_OK) status = memory_shape(value, data, &run->shape);
    TRY(status);
    run->known = (struct ledger_entry){
        .id = arena_text(study->arena, run->id), .state = LEDGER_MISSING, .files = LEDGER_MISSING};
    if (!run->known.id) return BASIN_MEMORY;
    if (!request->look) return BASIN_OK;
    if (!request->force) return open_files(study, value, arena, run);
    run->stamp = folder_stamp(folder_run_file(study->folder, run->id, path));
    return BASIN_OK;
}

static basin_status look_again_in(const struct study *study, struct arena *arena,
                                  struct study_run *now)
{
    const struct ledger_reader reader = provenance_reader();
    struct record *record;
    struct value *value;
    const struct data *data;
    TRY(ledger_look(study->folder, &reader, arena, &now->known, &record));
    if (record) TRY(study_resolve(study, now->index, arena, &value, &data));
    if (record) TRY(look_for_gaps(value, record, now));
    now->state = state_of_run(now);
    return BASIN_OK;
}

/* Whether it failed or crashed before does not matter any more: it is to be trained. */
basin_status study_look_again(const struct study *study, const struct study_run *run,
                              struct study_run *now)
{
    char path[FOLDER_PATH];
    struct arena *arena;
    *now = *run;
    folder_run_file(study->folder, run->id, path);
    if (study->force && folder_stamp(path) == run->stamp) return BASIN_OK;
    TRY(arena_create(&arena));
    basin_status status = look_again_in(study, arena, now);
    if (study->force && now->state == RUN_INTERRUPTED) now->state = RUN_NEW;
    now->known.reason = now->known.unusable = NULL; /* were in the arena */
    now->known.crash = run->known.crash;
    arena_destroy(arena);
    return status;
}

/* ---- training ---- */

struct look {
    const struct study *study;
    const struct study_run *run;
};

static basin_status look_before_saving(void *context, enum run_state *state)
{
    const struct look *look = context;
    struct study_run now;
    TRY(study_look_again(look->study, look->run, &now));
    *state = now.state;
    return BASIN_OK;
}

static basin_status train_in(const struct study *study, const struct study_run *run,
                             const struct run_terms *terms, struct arena *arena,
                             struct runner_outcome *outcome)
{
    struct look look = {study, run};
    struct value *value = NULL;
    const struct data *data = NULL;
    if (run->state != RUN_FINISHED) TRY(study_resolve(study, run->index, arena, &value, &data));
    struct runner_request request = {.folder = study->folder,
                                     .id = run->id,
                                     .state = run->state,
                                     .spec = value,
                                     .data = data,
                                     .cost = &run->cost,
                                     .force = study->force,
                                     .crash = run->known.crash,
                                     .look_again = look_before_saving,
                                     .context = &look};
    return runner_run(&request, terms, arena, outcome);
}

basin_status study_train(const struct study *study, const struct study_run *run,
                         const struct run_terms *terms, struct runner_outcome *outcome)
{
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = train_in(study, run, terms, arena, outcome);
    arena_destroy(arena);
    return status;
}

/* ---- all runs ---- */

/* Every run in turn, each in an arena of its own. A wrong one does not hide the mistakes of the
 * next. */
static basin_status open_runs(struct study *study, const struct study_request *request)
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
        basin_status status = open_run(study, request, arena, reported, &study->runs[i]);
        arena_destroy(arena);
        if (status == BASIN_SPEC)
            wrong = status;
        else if (status != BASIN_OK)
            return status;
    }
    return wrong;
}

static int study_by_id(const void *a, const void *b)
{
    const struct study_run *x = *(const struct study_run *const *)a,
                           *y = *(const struct study_run *const *)b;
    int order = memcmp(x->id, y->id, sizeof x->id);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

basin_status study_sort(const struct study *study, size_t count, struct study_run ***sorted)
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
    TRY(study_sort(study, count, &sorted));
    for (size_t i = count; i-- > 1;)
        if (memcmp(sorted[i]->id, sorted[i - 1]->id, sizeof sorted[i]->id) == 0)
            sorted[i]->id[0] = 0;
    for (size_t i = 0; i < count; i++)
        if (study->runs[i].id[0]) study->runs[kept++] = study->runs[i];
    study->run_count = kept;
    study->merged = study->spec->merged + count - kept;
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

static basin_status take_origin(struct study *study, const char *file)
{
    struct record *record;
    if (!is_result(file)) return BASIN_OK;
    TRY(store_load_small(file, RESULT_SMALL, study->arena, &record));
    study->origin = record_attribute_get_text(record->items, "run_id");
    return BASIN_OK;
}

static void count_states(struct study *study)
{
    memset(study->count, 0, sizeof study->count);
    study->foreign = study->held = 0;
    for (size_t i = 0; i < study->run_count; i++) {
        study->count[study->runs[i].state]++;
        study->foreign += study->runs[i].known.foreign;
        study->held += study_run_held(&study->runs[i]);
    }
}

/* ---- what other processes have left behind ---- */

static void forget_failure(struct ledger_entry *known)
{
    known->failure = BASIN_OK;
    known->transient = known->refused = false;
}

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
        forget_failure(known);
        known->quarantined = false;
    }
    if (request->trust) forget_crash(known);
    run->state = state_of_run(run);
    if (!study_run_todo(run) && run->state != RUN_QUARANTINED) forget_crash(known);
}

static basin_status fold_ledger(struct study *study, const struct study_request *request)
{
    const struct ledger_reader reader = provenance_reader();
    struct ledger_entry **entries =
        arena_array(study->arena, struct ledger_entry *, study->run_count + 1);
    if (!entries) return BASIN_MEMORY;
    for (size_t i = 0; i < study->run_count; i++) entries[i] = &study->runs[i].known;
    TRY(ledger_fold(study->folder, &reader, study->arena, entries, study->run_count));
    for (size_t i = 0; i < study->run_count; i++) settle_run(request, &study->runs[i]);
    return BASIN_OK;
}

basin_status study_admit(struct study *study, double limit)
{
    for (size_t i = 0; i < study->run_count; i++) {
        struct study_run *run = &study->runs[i];
        struct run_memory need;
        if (run->state != RUN_FAILED || !run->known.refused) continue;
        TRY(study_memory(study, run, &need));
        if ((double)need.bytes > limit - (double)study_data_bytes(study)) continue;
        forget_failure(&run->known);
        run->state = state_of_run(run);
    }
    count_states(study);
    return BASIN_OK;
}

static basin_status open_all(struct study *study, const struct study_request *request)
{
    TRY(study_read_spec(study->arena, request->file, request->sets, request->set_count,
                        request->most_runs, &study->diagnostics, &study->spec));
    TRY(take_origin(study, request->file));
    study->folder = request->folder ? arena_text(study->arena, request->folder)
                                    : arena_format(study->arena, "results/%s", study->spec->name);
    if (!study->folder) return BASIN_MEMORY;
    TRY(folder_check(study->folder));
    TRY(data_store_create(&study->data));
    TRY(memory_table_create(&study->memory));
    study->runs = arena_array(study->arena, struct study_run, study->spec->run_count);
    if (!study->runs) return BASIN_MEMORY;
    study->force = request->force;
    study->trust = request->trust;
    TRY(open_runs(study, request));
    TRY(merge_runs(study));
    if (request->look) TRY(fold_ledger(study, request));
    study->whole = study->run_count;
    study->shard = request->shard;
    study->shards = request->shards;
    if (request->shards) TRY(keep_shard(study, request->shard, request->shards));
    count_states(study);
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

void study_close(struct study *study)
{
    if (!study) return;
    data_store_destroy(study->data);
    memory_table_destroy(study->memory);
    arena_destroy(study->arena);
}

/* The last part of a dotted path, unless another axis has it too. */
const char *study_axis_name(const struct spec *spec, size_t axis)
{
    const char *path = spec->axes[axis].path, *dot = strrchr(path, '.');
    if (spec->axes[axis].name) return spec->axes[axis].name;
    if (!dot) return path;
    for (size_t i = 0; i < spec->axis_count; i++) {
        const char *other = spec->axes[i].path, *end = strrchr(other, '.');
        if (i != axis && strcmp(end ? end + 1 : other, dot + 1) == 0) return path;
    }
    return dot + 1;
}

basin_status study_describe(const struct study *study, const struct study_run *run,
                            struct text *out)
{
    const struct spec *spec = study->spec;
    const char *gap = "";
    for (size_t i = 0; i < spec->axis_count; i++) {
        const struct value *value =
            spec_axis_varies(&spec->axes[i]) ? spec_axis_value(spec, run->index, i) : NULL;
        if (!value) continue;
        text_format(out, "%s%s=", gap, study_axis_name(spec, i));
        value_print_short(out, value);
        gap = " ";
    }
    return text_status(out);
}
