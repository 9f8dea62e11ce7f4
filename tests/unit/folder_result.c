/* folder/result.c: results in which one thing is of another type or shape. */
#include "folder/result.h"

#include <criterion/criterion.h>
#include <string.h>

#define OK(call) cr_assert_eq((call), BASIN_OK, "%s: %s", #call, basin_error_last()->message)

static struct arena *arena;
static struct record *record;

static const double numbers[6] = {1, 2, 3, 4, 5, 6};
static const int64_t counts[6] = {1, 2, 3, 4, 5, 6};
static const float weights[6] = {1, 2, 3, 4, 5, 6};
static const char *const texts[6] = {"a", "b", "c", "d", "e", "f"};
static const void *const data[] = {[RECORD_FLOAT32] = weights,
                                   [RECORD_FLOAT64] = numbers,
                                   [RECORD_INTEGER] = counts,
                                   [RECORD_BYTE] = "abcdef",
                                   [RECORD_TEXT] = texts};

static void add(const char *path, enum record_type type, int rank, const char *axis)
{
    OK(record_add(record, path, type, rank, (const size_t[]){rank > 1 ? 2 : 3, 3},
                  (const char *const[]){axis, ""}, data[type], NULL));
}

/* One thing of each kind, as a run leaves it. */
static void start(void)
{
    OK(arena_create(&arena));
    OK(record_create(arena, &record));
    OK(record_attribute_text(record, record->items, "run_id", "0123456789abcdef"));
    OK(record_attribute_text(record, record->items, "status", "finished"));
    OK(record_attribute_integer(record, record->items, "format_version", 2));
    OK(record_text(record, "/spec", "study: s", NULL));
    add("/curves/epoch", RECORD_INTEGER, 1, "epoch");
    add("/curves/train_loss", RECORD_FLOAT64, 1, "epoch");
    OK(record_float(record, "/measures/test_loss", 1, NULL));
    OK(record_integer(record, "/measures/steps", 1, NULL));
    OK(record_group(record, "/measures/hessian_top", NULL));
    add("/weights/final/layers.0.weight", RECORD_FLOAT32, 2, "");
}

static void stop(void)
{
    arena_destroy(arena);
}

TestSuite(result, .init = start, .fini = stop, .timeout = 60);

static void replace(const char *path, enum record_type type, int rank, const char *axis)
{
    const struct record_item *old = record_find(record, path);
    if (old) record_remove(record, old);
    add(path, type, rank, axis);
}

Test(result, what_a_run_leaves_is_one)
{
    OK(result_check("a.h5", record));
    add("/measures/of_tomorrow", RECORD_FLOAT64, 0, "");
    add("/of_tomorrow", RECORD_BYTE, 2, "");
    OK(record_attribute_text(record, record->items, "of_tomorrow", "x"));
    OK(result_check("a.h5", record));
}

static const struct {
    const char *path;
    enum record_type type;
    int rank;
    const char *axis, *says;
} cases[] = {
    {"/spec", RECORD_FLOAT64, 0, "", "a.h5: /spec is a single float64, where a result has a text"},
    {"/spec", RECORD_TEXT, 1, "", "/spec is 3 elements of type text, where a result has a text"},
    {"/curves/epoch", RECORD_FLOAT64, 1, "epoch", "where a result has int64 over one axis"},
    {"/curves/train_loss", RECORD_TEXT, 1, "epoch", "where a result has float64 over one axis"},
    {"/curves/train_loss", RECORD_INTEGER, 1, "epoch", "where a result has float64 over one axis"},
    {"/curves/train_loss", RECORD_FLOAT64, 2, "epoch", "is 2 x 3 elements of type float64"},
    {"/curves/train_loss", RECORD_FLOAT64, 1, "", "an array over the axis epoch beside it"},
    {"/steps/batch_loss", RECORD_FLOAT64, 1, "step", "an array over the axis step beside it"},
    {"/tracked/a/b", RECORD_BYTE, 1, "", "/tracked/a/b is 3 elements of type uint8"},
    {"/tracked/a", RECORD_FLOAT64, 1, "", "where a result has a group"},
    {"/measures/test_loss", RECORD_TEXT, 0, "", "where a result has a number (float64)"},
    {"/measures/test_loss", RECORD_BYTE, 0, "", "is a single uint8"},
    {"/measures/test_loss", RECORD_FLOAT64, 1, "", "/measures/test_loss is 3 elements"},
    {"/measures/steps", RECORD_FLOAT64, 0, "", "where a result has a whole number (int64)"},
    {"/measures/other", RECORD_FLOAT64, 1, "", "where a result has a group or a number (float64)"},
    {"/measures/hessian_top/x", RECORD_FLOAT64, 0, "", "float64 over one axis or int64"},
    {"/weights/final/layers.0.weight", RECORD_INTEGER, 2, "", "an array of floats"},
    {"/weights/final/layers.0.weight", RECORD_FLOAT32, 0, "", "an array of floats"},
    {"/weights/best", RECORD_FLOAT32, 1, "", "/weights/best is 3 elements of type float32"},
    {"/data/rows/train", RECORD_FLOAT64, 1, "train", "where a result has int64 over one axis"},
    {"/data/mean", RECORD_FLOAT64, 0, "", "where a result has float64 over one axis"},
    {"/provenance/wall_time", RECORD_TEXT, 0, "", "where a result has a number (float64)"},
    {"/provenance/cpu", RECORD_INTEGER, 0, "", "where a result has a group or a text"},
};

Test(result, names_what_is_of_another_type_or_shape)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        replace(cases[i].path, cases[i].type, cases[i].rank, cases[i].axis);
        cr_assert_eq(result_check("a.h5", record), BASIN_DAMAGED, "%s", cases[i].says);
        cr_assert(strstr(basin_error_last()->message, cases[i].says), "%s\n%s",
                  basin_error_last()->message, cases[i].says);
        stop();
        start();
    }
}

Test(result, arrays_that_were_too_large_to_be_read_count_too)
{
    const size_t dims[] = {1000};
    record_remove(record, record_find(record, "/curves/epoch"));
    cr_assert_eq(result_check("a.h5", record), BASIN_DAMAGED);
    OK(record_omit(record, "/curves/epoch", RECORD_INTEGER, 1, dims, &(const char *){"epoch"}));
    OK(result_check("a.h5", record));
    OK(record_omit(record, "/weights/final/b", RECORD_TEXT, 1, dims, NULL));
    cr_assert_eq(result_check("a.h5", record), BASIN_DAMAGED);
    cr_assert(
        strstr(basin_error_last()->message, "/weights/final/b is 1000 elements of type text"));
}

Test(result, attributes_have_types_too)
{
    struct record_item *loss = record_find(record, "/measures/test_loss");
    OK(record_attribute_add(record, loss, "converged", RECORD_TEXT, 0, texts));
    cr_assert_eq(result_check("a.h5", record), BASIN_DAMAGED);
    cr_assert(strstr(basin_error_last()->message, "the attribute converged of /measures/test_loss "
                                                  "is a text, where a result has a number"));
    OK(record_attribute_integer(record, loss, "converged", 1));
    OK(record_attribute_add(record, loss, "options", RECORD_TEXT, 2, texts));
    cr_assert_eq(result_check("a.h5", record), BASIN_DAMAGED);
    cr_assert(strstr(basin_error_last()->message, "is a list of texts, where a result has a text"));
    OK(record_attribute_text(record, loss, "options", "{}"));
    OK(record_attribute_text(record, record->items, "status", "done"));
    cr_assert_eq(result_check("a.h5", record), BASIN_DAMAGED);
}
