#include "study/study.h"
#include "study_helpers.h"

#include "../seal.h"
#include "folder/folder.h"
#include "run/provenance.h"
#include "run/runner.h"
#include "run/schema.h"

TestSuite(study, .init = folder_make, .fini = folder_remove);

static void refused(const char *text, int line, const char *message)
{
    struct study *study;
    cr_assert_eq(open_text(text, &study), BASIN_SPEC);
    cr_assert_geq(study->diagnostics.count, 1);
    cr_assert(strstr(study->diagnostics.items[0].message, message), "%s",
              study->diagnostics.items[0].message);
    cr_assert_eq(study->diagnostics.items[0].mark.line, line, "line %d",
                 study->diagnostics.items[0].mark.line);
    study_close(study);
}

Test(study, runs_have_ids_costs_and_descriptions)
{
    struct study *study;
    struct text what = {0};
    OK(open_text(small_study, &study));
    cr_assert_str_eq(study->spec->name, "unit");
    cr_assert_eq(study->run_count, 4);
    cr_assert_eq(study->merged, 0);
    cr_assert_eq(study->count[RUN_NEW], 4);
    cr_assert_eq(study->runs[0].cost.parameters, 4 * 40 + 4 + 10 * 4 + 10);
    cr_assert_eq(study->runs[0].cost.steps, 6);
    for (int i = 0; i < 4; i++) cr_assert_eq(strlen(study->runs[i].id), 16);
    OK(study_describe(study, &study->runs[3], &what));
    cr_assert_str_eq(text_data(&what), "weight_decay=0.1 seed=1");
    text_free(&what);
    study_close(study);
    cr_assert(!folder_exists(in_folder("out")), "opening a study writes nothing");
}

Test(study, name_description_and_measures_do_not_rename_a_run)
{
    struct study *a, *b;
    OK(open_text(HEAD, &a));
    OK(open_text("description: else\n" HEAD "measures: {hessian_trace: {}}\n", &b));
    cr_assert_str_eq(b->spec->description, "else");
    cr_assert_str_eq(a->runs[0].id, b->runs[0].id);
    study_close(b);
    OK(open_text(HEAD "regularizers: {l2: 0.1}\n", &b));
    cr_assert_str_neq(a->runs[0].id, b->runs[0].id);
    study_close(a);
    study_close(b);
}

Test(study, a_measure_that_cannot_be_is_refused_at_its_place)
{
    refused("study: x\ndataset: {name: linear-regression}\narchitecture: linear\nmeasures:\n  "
            "margin: {}\n",
            5, "margin");
    refused(HEAD "measures: {hessian_topp: {}}\n", 5, "hessian_topp");
    refused(HEAD "sweep: {grid: {training.epohs: [1]}}\n", 5, "training.epohs");
}

Test(study, missing_data_are_told_before_anything_runs)
{
    struct study *study;
    basin_status status = open_text(
        "study: x\ndataset: {name: fashion-mnist, path: nowhere}\narchitecture: linear\n", &study);
    cr_assert_eq(status, BASIN_DATA, "%d", status);
    cr_assert(strstr(basin_error_last()->message, "nowhere"), "%s", basin_error_last()->message);
    study_close(study);
}

/* Data that take no time to make: the study is opened once for every allocation. */
static const char quickly_opened[] =
    "study: unit\n"
    "dataset: {name: linear-regression, n: 8, p: 3, test_size: 4}\n"
    "architecture: {type: mlp, hidden: [4]}\n"
    "measures: {hessian_top: {k: 1}, weight_norm: {}}\n"
    "sweep: {grid: {regularizers.weight_decay: [0.0, 0.1]}}\n"
    "seeds: 2\n";

Test(study, shortage_of_memory_is_an_error_wherever_it_strikes)
{
    write_file("study.yaml", quickly_opened);
    struct study_request request = {
        .file = in_folder("study.yaml"), .folder = in_folder("out"), .look = true};
    long n = 1;
    for (;; n++) {
        struct study *study = NULL;
        memory_fail_at(n);
        basin_status status = study_open(&request, &study);
        memory_fail_at(0);
        study_close(study);
        if (status == BASIN_OK) break;
        cr_assert_eq(status, BASIN_MEMORY, "allocation %ld: %s", n, basin_error_last()->message);
    }
    cr_assert_gt(n, 10);
}

static void check_rows(const struct schema_row *table, int depth)
{
    for (const struct schema_row *row = table; row && row->key; row++) {
        bool given = row->flags & (SCHEMA_REQUIRED | SCHEMA_OPTIONAL);
        bool block = row->type == SCHEMA_TABLE || row->type == SCHEMA_SET;
        cr_assert(row->doc && *row->doc, "%s has no doc", row->key);
        cr_assert(given || block || row->fallback, "%s has no default", row->key);
        cr_assert(!given || !row->fallback, "%s is required or optional, and has a default",
                  row->key);
        cr_assert(row->type != SCHEMA_VARIANT || (row->registry && row->discriminator), "%s",
                  row->key);
        if (row->table && depth < 8) check_rows(row->table, depth + 1);
        for (size_t i = 0; row->registry && row->registry->entries[i] && depth < 8; i++)
            check_rows(row->registry->entries[i]->parameters, depth + 1);
    }
}

Test(study, every_row_of_every_table_is_complete)
{
    check_rows(study_schema, 0);
    for (size_t i = 0; study_registries[i]; i++)
        for (size_t j = 0; study_registries[i]->entries[j]; j++) {
            const struct entry *entry = study_registries[i]->entries[j];
            cr_assert(entry->name && entry->doc && *entry->doc, "entry %zu of %s", j,
                      study_registries[i]->plural);
            cr_assert_eq(registry_find(study_registries[i], entry->name), entry,
                         "%s is there twice", entry->name);
        }
}

/* One run that failed, as `run` sees it and as `status` does: a full disk and missing data are
 * tried again without being asked, what a run did itself is not. */
static void check_failure(basin_status failure, bool is_left)
{
    struct study *study;
    struct ledger *ledger;
    const struct ledger_reader reader = provenance_reader();
    char line[512];
    OK(open_text(small_study, &study));
    snprintf(line, sizeof line,
             "{\"event\": \"study_start\", \"time\": \"1\", \"ids\": [\"%s\"]}\n"
             "{\"event\": \"run_fail\", \"time\": \"2\", \"run_id\": \"%s\", \"status\": \"%s\", "
             "\"message\": \"why\"}\n",
             study->runs[0].id, study->runs[0].id, basin_status_text(failure));
    study_close(study);
    write_file("out/journal/host-1.jsonl", line);
    OK(open_text(small_study, &study));
    OK(ledger_read(study->arena, study->folder, &reader, &ledger));
    cr_expect_eq(study->runs[0].state, is_left ? RUN_FAILED : RUN_NEW);
    cr_expect_eq(ledger->entries[0].state, LEDGER_FAILED);
    cr_expect_eq(ledger->left, is_left ? 1 : 0);
    cr_expect_str_eq(ledger->entries[0].reason, "why");
    study_close(study);
}

Test(study, which_failures_are_tried_again)
{
    OK(folder_prepare(in_folder("out")));
    check_failure(BASIN_IO, false);
    check_failure(BASIN_DATA, false);
    check_failure(BASIN_MEMORY, true);
    check_failure(BASIN_INTERNAL, true);
}

Test(study, a_result_of_another_format_is_kept)
{
    struct study *study;
    struct runner_outcome outcome;
    char path[FOLDER_PATH];
    OK(open_text(small_study, &study));
    OK(folder_prepare(in_folder("out")));
    OK(train_first(study, &outcome));
    seal_as_newer_format(folder_run_file(in_folder("out"), study->runs[0].id, path));
    bool other;
    OK(store_is_of_other_format(path, &other));
    cr_assert(other);
    OK(train_first(study, &outcome)); /* another process has put it there meanwhile */
    cr_assert(outcome.elsewhere && !outcome.aside[0]);
    study_close(study);
    OK(open_text(small_study, &study));
    cr_assert_eq(study->runs[0].state, RUN_FINISHED);
    cr_assert_eq(study->foreign, 1);
    study_close(study);
    FILE *file = fopen(path, "rb+"); /* and damaged it is damaged */
    fseek(file, 600, SEEK_SET);
    fputc('x', file);
    fclose(file);
    OK(store_is_of_other_format(path, &other));
    cr_assert_not(other);
    OK(open_text(small_study, &study));
    cr_assert_eq(study->runs[0].state, RUN_DAMAGED);
    study_close(study);
}

/* As a program wrote it that knew format 1 only. */
static void turn_into_format_1(const char *path)
{
    struct arena *arena;
    struct record *record;
    OK(arena_create(&arena));
    OK(store_load(path, arena, &record));
    OK(record_attribute_integer(record, record->items, "format_version", 1));
    OK(store_save(record, path));
    seal_as_format_1(path);
    arena_destroy(arena);
}

static int64_t format_of(const char *path)
{
    struct arena *arena;
    struct record *record;
    OK(arena_create(&arena));
    OK(store_load(path, arena, &record));
    int64_t format = *(const int64_t *)record_attribute_find(record->items, "format_version")->data;
    arena_destroy(arena);
    return format;
}

/* Format 1 is read: its results are kept like those of another build, and measures added to them.
 */
Test(study, a_result_of_format_1_is_kept_until_measures_are_added)
{
    static const char with_measure[] =
        HEAD "sweep: {grid: {regularizers.weight_decay: [0.0, 0.1]}}\nseeds: 2\n"
             "measures: {hessian_trace: {probes: 2, examples: 20}}\n";
    struct study *study;
    struct runner_outcome outcome;
    char path[FOLDER_PATH];
    OK(open_text(small_study, &study));
    OK(folder_prepare(in_folder("out")));
    OK(train_first(study, &outcome));
    turn_into_format_1(folder_run_file(in_folder("out"), study->runs[0].id, path));
    OK(train_first(study, &outcome));
    cr_assert(outcome.elsewhere && !outcome.aside[0]);
    study_close(study);
    OK(open_text(small_study, &study));
    cr_assert_eq(study->runs[0].state, RUN_FINISHED);
    cr_assert_eq(study->foreign, 1);
    cr_assert_eq(format_of(path), 1);
    study_close(study);
    OK(open_text(with_measure, &study));
    cr_assert_eq(study->runs[0].state, RUN_INCOMPLETE);
    OK(train_first(study, &outcome));
    cr_assert_eq(outcome.measures_added, 1);
    cr_assert_eq(format_of(path), 2);
    study_close(study);
}
