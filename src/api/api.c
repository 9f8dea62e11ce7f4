/* The public functions of <basin/study.h> and <basin/result.h>: thin over study/ and store/. */
#include <basin/result.h>
#include <basin/study.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include "analysis/findings.h"
#include "folder/folder.h"
#include "folder/result.h"
#include "store/store.h"
#include "study/open.h"
#include "study/scheduler.h"

struct basin_study {
    struct study *study;
    basin_study_options options;
    _Atomic bool stop; /* the next step of every run is the last */
};

struct basin_result {
    struct arena *arena;
    struct record *record;
};

/* A wrong spec's first diagnostic becomes the last error. */
static basin_status raise_first(const struct study *study, basin_status status)
{
    if (status != BASIN_SPEC || !study || !study->diagnostics.count) return status;
    const struct diagnostic *first = &study->diagnostics.items[0];
    error_raise(status, "%s", first->message);
    if (first->mark.source == 0 && study->diagnostics.file)
        error_place(study->diagnostics.file, first->mark.line, first->mark.column);
    return status;
}

basin_status basin_study_open(const char *spec, const basin_study_options *options,
                              basin_study **out)
{
    basin_study *study = *out = memory_allocate(sizeof *study);
    if (!study) return BASIN_MEMORY;
    if (options) study->options = *options;
    struct study_request request = {.file = spec,
                                    .schema = findings_schema(),
                                    .folder = study->options.folder,
                                    .sets = study->options.sets,
                                    .set_count = study->options.set_count,
                                    .look = true};
    basin_status status = study_open(&request, &study->study);
    return raise_first(study->study, status);
}

void basin_study_close(basin_study *study)
{
    if (!study) return;
    study_close(study->study);
    memory_free(study);
}

size_t basin_study_run_count(const basin_study *study)
{
    return study->study->run_count;
}

const char *basin_study_run_id(const basin_study *study, size_t index)
{
    return study->study->runs[index].id;
}

const char *basin_study_folder(const basin_study *study)
{
    return study->study->folder;
}

int basin_study_run_file(const basin_study *study, size_t index, char *path, size_t size)
{
    return snprintf(path, size, "%s/runs/%s.h5", study->study->folder,
                    study->study->runs[index].id);
}

static basin_status api_conclude(const struct session *session, const _Atomic bool *stop)
{
    if (*stop && session->finished + session->failed < session->todo)
        return error_raise(BASIN_INTERRUPTED, "interrupted after %zu runs",
                           (size_t)session->finished);
    if (!session->failed) return BASIN_OK;
    error_restore(&session->failures[0].error);
    error_prefix("%zu runs failed, the first with", (size_t)session->failed);
    return BASIN_FAILED;
}

basin_status basin_study_run(basin_study *study, basin_study_counts *counts)
{
    struct session *session;
    struct scheduler_options options = {.jobs = study->options.jobs,
                                        .most_failures = study->options.fail_fast ? 1 : 0,
                                        .stop = &study->stop};
    TRY(scheduler_create(study->study, &options, &session));
    basin_status status = scheduler_run(study->study, &options, session);
    if (status == BASIN_OK) status = api_conclude(session, options.stop);
    if (counts)
        *counts = (basin_study_counts){.runs = study->study->run_count,
                                       .before = study->study->count[RUN_FINISHED],
                                       .finished = session->finished,
                                       .diverged = session->diverged,
                                       .failed = session->failed};
    scheduler_destroy(session);
    atomic_store(&study->stop, false);
    return status;
}

void basin_study_stop(basin_study *study)
{
    atomic_store(&study->stop, true);
}

basin_status basin_result_open(const char *file, basin_result **out)
{
    struct arena *arena;
    *out = NULL;
    TRY(arena_create(&arena));
    basin_result *result = arena_allocate(arena, sizeof *result);
    basin_status status = result ? store_load(file, arena, &result->record) : BASIN_MEMORY;
    if (status == BASIN_OK) status = result_check(file, result->record);
    if (status != BASIN_OK) {
        arena_destroy(arena);
        return status;
    }
    result->arena = arena;
    *out = result;
    return BASIN_OK;
}

void basin_result_close(basin_result *result)
{
    if (result) arena_destroy(result->arena);
}

const char *basin_result_id(const basin_result *result)
{
    const char *id = record_attribute_get_text(result->record->items, "run_id");
    return id ? id : "";
}

const char *basin_result_state(const basin_result *result)
{
    const char *status = record_attribute_get_text(result->record->items, "status");
    return status ? status : "";
}

const char *basin_result_spec(const basin_result *result)
{
    const struct record_item *spec = record_find(result->record, "/spec");
    return spec && spec->type == RECORD_TEXT && spec->rank == 0 ? *(const char *const *)spec->data
                                                                : "";
}

static basin_status find_numbers(const basin_result *result, const char *path,
                                 const struct record_item **item)
{
    *item = record_find(result->record, path);
    if (!*item || (*item)->is_group)
        return error_raise(BASIN_DATA, "the result has no dataset %s", path);
    if ((*item)->type == RECORD_TEXT)
        return error_raise(BASIN_DATA, "dataset %s holds text, not numbers", path);
    return BASIN_OK;
}

basin_status basin_result_number(const basin_result *result, const char *path, double *value)
{
    const struct record_item *item;
    TRY(find_numbers(result, path, &item));
    if (item->rank != 0)
        return error_raise(BASIN_DATA, "dataset %s is an array, not a number", path);
    *value = record_number(item, 0);
    return BASIN_OK;
}

basin_status basin_result_array(basin_result *result, const char *path, const double **values,
                                int *rank, size_t *dims)
{
    const struct record_item *item;
    TRY(find_numbers(result, path, &item));
    double *copy = arena_array(result->arena, double, record_count(item));
    if (!copy) return BASIN_MEMORY;
    for (size_t i = 0; i < record_count(item); i++) copy[i] = record_number(item, i);
    memcpy(dims, item->dims, (size_t)item->rank * sizeof *dims);
    *rank = item->rank;
    *values = copy;
    return BASIN_OK;
}
