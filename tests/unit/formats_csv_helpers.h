/* Small CSV files in memory for tests. */
#ifndef BASIN_TESTS_FORMATS_CSV_HELPERS_H
#define BASIN_TESTS_FORMATS_CSV_HELPERS_H

#include <math.h>
#include "data_files.h"
#include "formats/csv_file.h"

static struct csv_data csv;

/* As a data set without any keys has them. */
static inline struct csv_options csv_defaults(void)
{
    static const char *const texts[] = {"NA", "NaN", "nan", "null", "?"};
    return (struct csv_options){.dialect = {',', '"'},
                                .decimal = '.',
                                .header = true,
                                .type = RECORD_FLOAT64,
                                .missing_texts = {texts, 5}};
}

#define LIST(...)                                                                                  \
    (struct csv_names)                                                                             \
    {                                                                                              \
        (const char *const[]){__VA_ARGS__},                                                        \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)                            \
    }

static inline basin_status csv_try(struct csv_options options, const char *train, const char *test)
{
    const char *texts[] = {train, test};
    for (int part = 0; part < CSV_PARTS && texts[part]; part++) {
        options.paths[part] = part ? "test.csv" : "train.csv";
        options.bytes[part] = (const uint8_t *)texts[part];
        options.lengths[part] = strlen(texts[part]);
    }
    csv_data_free(&csv);
    return csv_read(&options, INFINITY, arena, &csv);
}

/* csv_check(train, test, o.header = false): reads two texts (the second may be NULL) into `csv`. */
#define csv_check(train, test, changes)                                                            \
    do {                                                                                           \
        struct csv_options o = csv_defaults();                                                     \
        changes;                                                                                   \
        OK(csv_try(o, train, test));                                                               \
    } while (0)
/* The texts are in the message or the hint, in parentheses: ("a", "b"). */
#define csv_refused(train, test, line_wanted, texts, changes)                                      \
    do {                                                                                           \
        struct csv_options o = csv_defaults();                                                     \
        changes;                                                                                   \
        check_message(csv_try(o, train, test), BASIN_DATA,                                         \
                      (const char *const[]){TEXTS texts NULL});                                    \
        cr_assert_eq(basin_error_last()->line, line_wanted, "line %ld: %s",                        \
                     basin_error_last()->line, basin_error_last()->message);                       \
    } while (0)
#define TEXTS(...) __VA_ARGS__,

static inline void csv_expect_x(int part, size_t rows, size_t width, const double *wanted)
{
    const struct store_array *x = &csv.parts[part].x;
    cr_assert(x->type == RECORD_FLOAT64 && x->rank == 2 && x->dims[0] == rows &&
                  x->dims[1] == width,
              "%zu x %zu", x->dims[0], x->dims[1]);
    for (size_t i = 0; i < rows * width; i++)
        cr_assert_eq(((double *)x->data)[i], wanted[i], "element %zu: %g", i,
                     ((double *)x->data)[i]);
}

static inline void csv_expect_integers(const struct store_array *array, size_t count,
                                       const int64_t *wanted)
{
    cr_assert(array->type == RECORD_INTEGER && store_array_count(array) == count);
    for (size_t i = 0; i < count; i++) cr_assert_eq(((int64_t *)array->data)[i], wanted[i]);
}

static inline void csv_expect_texts(const struct store_array *array, size_t count,
                                    const char *const *wanted)
{
    cr_assert(array->type == RECORD_TEXT && array->rank == 1 && array->dims[0] == count);
    for (size_t i = 0; i < count; i++)
        cr_assert_str_eq((char *)array->data + i * array->width, wanted[i]);
}

static inline void csv_expect_features(size_t count, const char *const *wanted)
{
    cr_assert_eq(csv.feature_count, count);
    for (size_t i = 0; i < count; i++) cr_assert_str_eq(csv.features[i], wanted[i]);
}

static inline void csv_stop(void)
{
    csv_data_free(&csv);
    data_stop();
}

#define X(part, rows, width, ...) csv_expect_x(part, rows, width, (const double[]){__VA_ARGS__})
#define INTEGERS(array, ...)                                                                       \
    csv_expect_integers(&csv.array, sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t),            \
                        (const int64_t[]){__VA_ARGS__})
#define WORDS(array, ...)                                                                          \
    csv_expect_texts(&csv.array, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),           \
                     (const char *const[]){__VA_ARGS__})
#define FEATURES(...)                                                                              \
    csv_expect_features(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                    \
                        (const char *const[]){__VA_ARGS__})

#endif
