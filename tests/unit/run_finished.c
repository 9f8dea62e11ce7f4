/* run/finished.c: a result reopened is the run that was trained. */
#include "run/finished.h"
#include "study_helpers.h"

#include "folder/folder.h"
#include "kernels/kernels.h"
#include "run/execute.h"
#include "run/identity.h"

static struct arena *arena;

static void start(void)
{
    folder_make();
    OK(arena_create(&arena));
}

static void stop(void)
{
    arena_destroy(arena);
    folder_remove();
}

TestSuite(finished, .init = start, .fini = stop, .timeout = 60);

/* The path of the result of a run that is trained here. */
static const char *trained(const char *text)
{
    static char path[FOLDER_PATH];
    struct study *study;
    struct runner_outcome outcome;
    OK(open_text(text, &study));
    OK(folder_prepare(study->folder));
    OK(train_first(study, &outcome));
    folder_run_file(study->folder, study->runs[0].id, path);
    study_close(study);
    return path;
}

static double distance_of(const struct finished *finished)
{
    const struct record_item *item = record_find(finished->record, "/measures/distance_from_init");
    cr_assert_not_null(item);
    return record_number(item, 0);
}

Test(finished, a_result_is_reopened_with_spec_data_model_and_weights)
{
    struct finished finished;
    OK(finished_open(trained(small_study), arena, NULL, &finished));
    cr_assert_eq(strlen(finished.id), 16);
    cr_assert_not(finished.diverged);
    cr_assert_eq(finished.settings->train.training.epochs, 2);
    cr_assert_eq(data_describe(finished.data)->counts[DATA_TRAIN], 60);
    cr_assert_null(finished.model);
    OK(finished_load_weights(&finished));
    size_t size = (size_t)model_state_size(finished.model);
    double *w = arena_array(arena, double, size);
    OK(model_import(finished.model, finished.record, "/weights/final", w));
    const float *have = finished.w, *before = finished.initial;
    size_t moved = 0;
    for (size_t i = 0; i < size; i++) {
        cr_assert_eq((double)have[i], w[i], "weight %zu", i);
        moved += have[i] != before[i];
    }
    cr_assert_gt(moved, size / 2, "training has moved the weights");
    finished_close(&finished);
    finished_close(&finished); /* once more does no harm */
}

/* As a run that asks for more does it: the number is that of a run that asked at once. */
Test(finished, measures_of_a_reopened_result_are_those_of_the_training)
{
    struct finished without, with;
    int added;
    const char *path = trained(HEAD "measures: {margin: {}}\n");
    OK(finished_open(path, arena, NULL, &without));
    OK(finished_load_weights(&without));
    OK(execute_add_measures(&without, &(struct run_terms){0}, &added));
    cr_assert_eq(added, 0, "it lacks nothing of its own spec");
    cr_assert_eq(remove(path), 0);
    OK(finished_open(trained(HEAD "measures: {margin: {}, distance_from_init: {}}\n"), arena, NULL,
                     &with));
    without.settings = with.settings;
    OK(execute_add_measures(&without, &(struct run_terms){0}, &added));
    cr_assert_eq(added, 1);
    cr_assert_eq(distance_of(&without), distance_of(&with));
    finished_close(&without);
    finished_close(&with);
}

/* The result stands under the id that earlier versions gave its spec: the data are not to blame. */
Test(finished, a_result_whose_spec_meant_other_numbers_is_named_as_such)
{
    struct finished finished;
    struct record *record;
    char former[17];
    const char *path =
        trained("study: unit\ndataset: {name: mnist1d, train_size: 60, test_size: 30}\n"
                "architecture: {type: rnn, hidden_size: 3, initializer: kaiming}\n"
                "training: {batch_size: 60, epochs: 1}\n");
    OK(finished_open(path, arena, NULL, &finished));
    OK(identity_of_former(finished.settings->spec, finished.data, former));
    cr_assert_str_neq(finished.id, former);
    finished_close(&finished);
    OK(store_load(path, arena, &record));
    OK(record_attribute_text(record, record->items, "run_id", former));
    OK(store_save(record, in_folder("former.h5")));
    cr_assert_eq(finished_open(in_folder("former.h5"), arena, NULL, &finished), BASIN_DATA);
    cr_expect(strstr(basin_error_last()->message, "earlier version"), "%s",
              basin_error_last()->message);
}

/* Results that were made before there was `test_order` took the first tests of the file. */
Test(finished, a_key_that_is_younger_than_the_result_means_what_was_done_then)
{
    static const char *const keys[] = {"", ", test_order: permuted"}, *const orders[] = {
                                                                          "file", "permuted"};
    for (int i = 0; i < 2; i++) {
        struct record *record;
        struct record_item *item;
        struct diagnostics diagnostics;
        struct value *run;
        OK(record_create(arena, &record));
        OK(record_text(record, "/spec",
                       arena_format(arena,
                                    "study: s\narchitecture: linear\n"
                                    "dataset: {name: fashion-mnist, test_size: 9%s}\n",
                                    keys[i]),
                       &item));
        diagnostics_start(&diagnostics, arena);
        OK(finished_spec(arena, record, "old.h5", &diagnostics, &run));
        cr_assert_str_eq(value_find(run, "dataset.test_order")->text, orders[i]);
    }
}

/* `text` without the first place where it says `part`. */
static const char *without(const char *text, const char *part)
{
    const char *at = strstr(text, part);
    cr_assert_not_null(at, "%s in %s", part, text);
    return arena_format(arena, "%.*s%s", (int)(at - text), text, at + strlen(part));
}

/* A result of before hessian_top had `ends`: it holds both, whatever is the default now. */
Test(finished, a_result_that_lacks_a_younger_key_means_what_it_meant)
{
    struct finished finished;
    struct record *record;
    int missing;
    struct text other = {0};
    const char *path = trained(HEAD "measures: {hessian_top: {ends: both, examples: 20}}\n");
    OK(store_load(path, arena, &record));
    struct record_item *spec = record_find(record, "/spec"),
                       *group = record_find(record, "/measures");
    *(const char **)spec->data = without(*(const char **)spec->data, "    ends: both\n");
    const char *measures = record_attribute_get_text(group, "measures");
    OK(record_attribute_text(record, group, "measures", without(measures, "ends: both, ")));
    struct record_item *largest = record_find(record, "/measures/hessian_lambda_max");
    const char *options = record_attribute_get_text(largest, "options");
    OK(record_attribute_text(record, largest, "options", without(options, "ends: both, ")));
    OK(store_save(record, in_folder("old.h5")));
    OK(finished_open(in_folder("old.h5"), arena, NULL, &finished));
    const struct value *ends = value_find(finished.settings->spec, "measures.hessian_top.ends");
    cr_assert_str_eq(ends->text, "both");
    OK(execute_missing_measures(finished.settings, finished.record, &missing, &other));
    cr_expect(missing == 0 && other.length == 0, "%d missing; %s", missing, text_data(&other));
    text_free(&other);
    finished_close(&finished);
}

Test(finished, what_is_no_result_is_refused_and_leaves_nothing_open)
{
    struct finished finished;
    struct record *record;
    write_file("nonsense.h5", "nonsense");
    cr_assert_neq(finished_open(in_folder("nonsense.h5"), arena, NULL, &finished), BASIN_OK);
    finished_close(&finished);
    OK(record_create(arena, &record));
    OK(store_save(record, in_folder("empty.h5")));
    cr_assert_eq(finished_open(in_folder("empty.h5"), arena, NULL, &finished), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, "/spec"), "%s", basin_error_last()->message);
    finished_close(&finished);
}
