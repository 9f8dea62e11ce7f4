#include "run/data_file.h"

#include <math.h>
#include "base/random.h"
#include "run/build_info.h"
#include "run/data_record.h"

/* Arrays of one of the file's two sets of examples. */
struct set {
    const struct data *data;
    struct record *record;
    bool test;
    size_t count;
    uint32_t *order; /* (count) which place of the file each example of the parts has */
};

static const char *set_path(const struct set *set, const char *train, const char *test)
{
    return set->test ? test : train;
}

/* Of example i of the parts one behind the other: its part, and its place there. */
static enum data_part set_part(const struct set *set, size_t i, uint32_t *position)
{
    size_t train = data_describe(set->data)->counts[DATA_TRAIN];
    bool validates = !set->test && i >= train;
    *position = (uint32_t)(validates ? i - train : i);
    return set->test ? DATA_TEST : validates ? DATA_VALIDATION : DATA_TRAIN;
}

/* A spec that reads the file takes its rows in the order of this permutation. */
static basin_status set_order(struct set *set, struct arena *arena)
{
    const struct data_info *info = data_describe(set->data);
    struct random random = random_make(0, STREAM_SUBSET, 0, 0);
    set->count = set->test ? info->counts[DATA_TEST]
                           : info->counts[DATA_TRAIN] + info->counts[DATA_VALIDATION];
    set->order = arena_array(arena, uint32_t, set->count + 1);
    if (!set->order) return BASIN_MEMORY;
    if (set->test)
        for (size_t i = 0; i < set->count; i++) set->order[i] = (uint32_t)i;
    else
        random_permutation(&random, set->order, set->count);
    return BASIN_OK;
}

static basin_status set_describe(const struct set *set, struct record_item *item, const char *name)
{
    TRY(record_attribute_text(set->record, item, "units", "1"));
    return record_attribute_text(set->record, item, "long_name", name);
}

/* ---- examples and targets ---- */

/* How x is stored: as in the source; where it is standardised as float64, in which that is computed
 * whatever the precision of the run. */
static enum record_type x_type(const struct set *set)
{
    return data_mean(set->data) ? RECORD_FLOAT64 : data_element(set->data);
}

/* One example to place `at` of x; `bytes` were divided by 255 and are whole again. */
static void put_example(const struct set *set, size_t i, enum record_type type, void *x, size_t at,
                        double *row)
{
    size_t features = data_describe(set->data)->features;
    uint32_t position;
    enum data_part part = set_part(set, i, &position);
    const struct data_gather gather = {.part = part, .rows = &position, .count = 1};
    if (type == RECORD_FLOAT32) {
        data_gather_float(set->data, &gather, (float *)x + at * features, NULL);
    } else if (type == RECORD_FLOAT64) {
        data_gather_double(set->data, &gather, (double *)x + at * features, NULL);
    } else {
        data_gather_double(set->data, &gather, row, NULL);
        for (size_t j = 0; j < features; j++)
            ((uint8_t *)x)[at * features + j] = (uint8_t)lround(row[j] * 255);
    }
}

static basin_status record_x(const struct set *set)
{
    const struct data_info *info = data_describe(set->data);
    enum record_type type = x_type(set);
    size_t dims[RECORD_RANK] = {set->count};
    const char *axes[RECORD_RANK] = {"", "", "", ""};
    double *row = memory_allocate(info->features * sizeof *row);
    void *x = memory_allocate(set->count * info->features * record_element_size(type));
    for (int i = 0; i < info->rank; i++) dims[1 + i] = info->dims[i];
    for (size_t i = 0; row && x && i < set->count; i++)
        put_example(set, i, type, x, set->order[i], row);
    struct record_item *item;
    basin_status status = row && x ? record_add(set->record, set_path(set, "/x", "/x_test"), type,
                                                1 + info->rank, dims, axes, x, &item)
                                   : BASIN_MEMORY;
    memory_free(row);
    memory_free(x);
    TRY(status);
    return set_describe(set, item, "examples as the network sees them");
}

static basin_status record_targets(const struct set *set)
{
    size_t outputs = data_describe(set->data)->outputs, dims[2] = {set->count, outputs};
    const char *axes[2] = {"", ""};
    double *y = memory_allocate(set->count * outputs * sizeof *y);
    if (!y) return BASIN_MEMORY;
    for (size_t i = 0; i < set->count; i++) {
        uint32_t position;
        enum data_part part = set_part(set, i, &position);
        data_gather_double(set->data,
                           &(struct data_gather){.part = part, .rows = &position, .count = 1}, NULL,
                           y + set->order[i] * outputs);
    }
    struct record_item *item;
    basin_status status = record_add(set->record, set_path(set, "/y", "/y_test"), RECORD_FLOAT64,
                                     outputs > 1 ? 2 : 1, dims, axes, y, &item);
    memory_free(y);
    TRY(status);
    return set_describe(set, item, "regression targets");
}

typedef int64_t number_of(const struct set *set, enum data_part part, uint32_t position,
                          const int64_t *rows);

static int64_t trained_label(const struct set *set, enum data_part part, uint32_t position,
                             const int64_t *rows)
{
    (void)rows;
    return data_labels(set->data, part)[position];
}

static int64_t clean_label(const struct set *set, enum data_part part, uint32_t position,
                           const int64_t *rows)
{
    (void)rows;
    return data_clean_labels(set->data, part)[position];
}

static int64_t part_number(const struct set *set, enum data_part part, uint32_t position,
                           const int64_t *rows)
{
    (void)set, (void)position, (void)rows;
    return part == DATA_VALIDATION;
}

static int64_t row_number(const struct set *set, enum data_part part, uint32_t position,
                          const int64_t *rows)
{
    size_t before = part == DATA_VALIDATION ? data_describe(set->data)->counts[DATA_TRAIN] : 0;
    return rows[before + position];
}

/* A whole number for each example; `out` may be NULL. */
static basin_status record_numbers(const struct set *set, const char *path, const char *name,
                                   number_of *number, const int64_t *rows, struct record_item **out)
{
    int64_t *numbers = memory_allocate(set->count * sizeof *numbers);
    if (!numbers) return BASIN_MEMORY;
    for (size_t i = 0; i < set->count; i++) {
        uint32_t position;
        enum data_part part = set_part(set, i, &position);
        numbers[set->order[i]] = number(set, part, position, rows);
    }
    static const char *const axis = "";
    struct record_item *item;
    basin_status status =
        record_add(set->record, path, RECORD_INTEGER, 1, &set->count, &axis, numbers, &item);
    memory_free(numbers);
    TRY(status);
    if (out) *out = item;
    return set_describe(set, item, name);
}

/* Some classes may have no example among these: their number is told. */
static basin_status record_classes(const struct set *set)
{
    struct record_item *y;
    TRY(record_numbers(set, set_path(set, "/y", "/y_test"), "class", trained_label, NULL, &y));
    return record_attribute_integer(set->record, y, "class_count",
                                    (int64_t)data_describe(set->data)->outputs);
}

static basin_status record_row_numbers(const struct set *set)
{
    int64_t *rows = memory_allocate((set->count + 1) * sizeof *rows);
    if (!rows) return BASIN_MEMORY;
    if (set->test) {
        data_rows(set->data, DATA_TEST, rows);
    } else {
        data_rows(set->data, DATA_TRAIN, rows);
        data_rows(set->data, DATA_VALIDATION, rows + data_describe(set->data)->counts[DATA_TRAIN]);
    }
    basin_status status = record_numbers(
        set, set_path(set, "/row", "/row_test"),
        data_rows_meaning(set->data, set->test ? DATA_TEST : DATA_TRAIN), row_number, rows, NULL);
    memory_free(rows);
    return status;
}

static basin_status record_set(struct set *set, struct arena *arena)
{
    const struct data *data = set->data;
    bool regression = data_describe(data)->task == DATA_REGRESSION;
    TRY(set_order(set, arena));
    TRY(record_x(set));
    if (regression)
        TRY(record_targets(set));
    else
        TRY(record_classes(set));
    TRY(record_row_numbers(set));
    if (set->test) return BASIN_OK;
    TRY(record_numbers(set, "/part", "0: trains, 1: validates", part_number, NULL, NULL));
    if (regression || data_labels(data, DATA_TRAIN) == data_clean_labels(data, DATA_TRAIN))
        return BASIN_OK;
    return record_numbers(set, "/clean", "class before label_noise", clean_label, NULL, NULL);
}

/* ---- what was done to them ---- */

static basin_status record_statistics(struct record *record, const struct data *data)
{
    static const char *const axis = "";
    const double *mean = data_mean(data);
    size_t count = data_describe(data)->features;
    if (!mean) return BASIN_OK;
    double *deviation = data_deviations(data);
    if (!deviation) return BASIN_MEMORY;
    basin_status status = record_add(record, "/mean", RECORD_FLOAT64, 1, &count, &axis, mean, NULL);
    if (status == BASIN_OK)
        status =
            record_add(record, "/deviation", RECORD_FLOAT64, 1, &count, &axis, deviation, NULL);
    memory_free(deviation);
    return status;
}

static basin_status describe_file(struct record *record, const struct data *data)
{
    struct record_item *root = record_find(record, "/");
    struct text summary = {0};
    TRY(record_attribute_text(record, root, "basin_version", BASIN_VERSION));
    data_summary(data, &summary);
    basin_status status = text_status(&summary);
    if (status == BASIN_OK)
        status = record_attribute_text(record, root, "summary", text_data(&summary));
    text_free(&summary);
    TRY(status);
    return data_record_names(record, root, data);
}

basin_status data_file_record(const struct data *data, struct arena *arena, struct record **record)
{
    if (data_describe(data)->vocabulary) {
        error_raise(BASIN_SPEC, "the data are windows of one text, not arrays of examples");
        error_hint("the text itself is what `dataset.path` names");
        return BASIN_SPEC;
    }
    TRY(record_create(arena, record));
    TRY(describe_file(*record, data));
    for (int test = 0; test < 2; test++) {
        struct set set = {.data = data, .record = *record, .test = test};
        TRY(record_set(&set, arena));
    }
    return record_statistics(*record, data);
}
