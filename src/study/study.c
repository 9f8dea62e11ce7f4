#include "study/study.h"

#include <pthread.h>
#include <string.h>
#include "folder/folder.h"
#include "run/identity.h"
#include "run/machine.h"
#include "run/provenance.h"
#include "run/snapshots.h"

/* ---- memory ---- */

static basin_status study_measure(const struct study *study, const struct study_run *run,
                                  struct run_memory *memory)
{
    struct arena *arena;
    const struct run_settings *settings;
    const struct data *data;
    TRY(machine_prepare_worker()); /* kernels that are made here are kept, and must be those of a
                                      worker */
    TRY(arena_create(&arena));
    basin_status status = study_resolve(study, run->index, arena, &settings, &data);
    if (status == BASIN_OK) status = memory_of_run(settings, data, memory);
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
    if (status == BASIN_OK) memory->bytes += data_store_run_bytes(study->data);
    return status;
}

size_t study_data_bytes(const struct study *study)
{
    return data_store_bytes(study->data);
}

double study_common_bytes(const struct study *study)
{
    return (double)study_data_bytes(study) + (double)study->program;
}

/* ---- a run as it is now ---- */

basin_status study_resolve(const struct study *study, size_t index, struct arena *arena,
                           const struct run_settings **run, const struct data **data)
{
    struct diagnostics diagnostics;
    struct value *spec;
    diagnostics_start(&diagnostics, arena);
    TRY(spec_run(study->spec, index, arena, &diagnostics, &spec));
    TRY(data_outline(study->data, value_map(spec, "dataset"), data));
    identity_derive(spec, data_describe(*data));
    return run_settings_create(arena, spec, run);
}

struct acquired {
    struct data_store *store;
    const struct data *data;
};

static void give_data_back(void *resource)
{
    const struct acquired *acquired = resource;
    data_release(acquired->store, acquired->data);
}

basin_status study_acquire(const struct study *study, const struct run_settings *run,
                           struct arena *arena, const struct data **data)
{
    struct acquired *acquired = arena_allocate(arena, sizeof *acquired);
    if (!acquired) return BASIN_MEMORY;
    TRY(data_acquire(study->data, value_map(run->spec, "dataset"), data));
    *acquired = (struct acquired){study->data, *data};
    return arena_at_end(arena, give_data_back, acquired);
}

/* Weights that were not kept when the run was trained cannot be had without training it again. (One
 * that diverged may have no best.) */
static bool lacks_weights(const struct weights_settings *weights, const struct record *record)
{
    const char *status = record_attribute_get_text(record->items, "status");
    if (status && strcmp(status, "diverged") == 0) return false;
    return (weights->best && !record_find(record, "/weights/best")) ||
           (weights->initial && !record_find(record, "/weights/initial")) ||
           !snapshots_are_in(weights, record);
}

/* What depends on the spec: does the result lack anything? */
basin_status study_find_gaps(struct arena *arena, const struct run_settings *settings,
                             const struct record *record, struct study_run *run)
{
    struct text other = {0};
    run->lacks_weights = lacks_weights(&settings->train.weights, record);
    basin_status status =
        execute_missing_measures(settings, record, &run->missing_measures, &other);
    if (status == BASIN_OK) status = text_status(&other);
    run->other_measures = other.length ? arena_text(arena, text_data(&other)) : NULL;
    if (status == BASIN_OK && other.length && !run->other_measures) status = BASIN_MEMORY;
    text_free(&other);
    return status;
}

enum run_state study_state_of(const struct study_run *run)
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

static basin_status look_again_in(const struct study *study, struct arena *arena,
                                  struct study_run *now)
{
    const struct ledger_reader reader = provenance_reader();
    struct record *record;
    const struct run_settings *settings;
    const struct data *data;
    TRY(ledger_look(study->folder, &reader, arena, &now->known, &record));
    if (record) TRY(study_resolve(study, now->index, arena, &settings, &data));
    if (record) TRY(study_find_gaps(arena, settings, record, now));
    now->state = study_state_of(now);
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
    now->known.reason = now->known.unusable = now->other_measures = NULL; /* were in the arena */
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
    const struct run_settings *settings = NULL;
    const struct data *data = NULL;
    if (run->state != RUN_FINISHED) {
        TRY(study_resolve(study, run->index, arena, &settings, &data));
        TRY(study_acquire(study, settings, arena, &data));
    }
    struct runner_request request = {.folder = study->folder,
                                     .id = run->id,
                                     .state = run->state,
                                     .settings = settings,
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

/* ---- states and their counts ---- */

void study_count(struct study *study)
{
    memset(study->count, 0, sizeof study->count);
    study->foreign = study->held = study->unreadable = 0;
    for (size_t i = 0; i < study->run_count; i++) {
        study->count[study->runs[i].state]++;
        study->foreign += study->runs[i].known.foreign;
        study->unreadable += study->runs[i].known.unreadable;
        study->held += study_run_held(&study->runs[i]);
    }
}

void study_forget_failure(struct ledger_entry *known)
{
    if (known->unreadable) return; /* is there still */
    known->failure = BASIN_OK;
    known->transient = known->refused = false;
}

basin_status study_admit(struct study *study, double limit)
{
    for (size_t i = 0; i < study->run_count; i++) {
        struct study_run *run = &study->runs[i];
        struct run_memory need;
        if (run->state != RUN_FAILED || !run->known.refused) continue;
        TRY(study_memory(study, run, &need));
        if ((double)need.bytes > limit - study_common_bytes(study)) continue;
        study_forget_failure(&run->known);
        run->state = study_state_of(run);
    }
    study_count(study);
    return BASIN_OK;
}

void study_close(struct study *study)
{
    if (!study) return;
    data_store_destroy(study->data);
    memory_table_destroy(study->memory);
    arena_destroy(study->arena);
}

/* ---- what runs and axes are called ---- */

/* The last part of a dotted path; of an item of a list ("hidden.0") the last two. */
static const char *path_tail(const char *path)
{
    const char *tail = strrchr(path, '.');
    while (tail && tail[1 + strspn(tail + 1, "0123456789")] == 0)
        for (--tail; tail >= path && *tail != '.';) tail--;
    return tail && tail >= path ? tail + 1 : path;
}

/* The end of a path, unless another axis has it too. */
const char *study_axis_name(const struct spec *spec, size_t axis)
{
    const char *path = spec->axes[axis].path, *tail = path_tail(path);
    if (spec->axes[axis].name) return spec->axes[axis].name;
    for (size_t i = 0; i < spec->axis_count; i++)
        if (i != axis && strcmp(path_tail(spec->axes[i].path), tail) == 0) return path;
    return tail;
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
