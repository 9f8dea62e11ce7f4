/* Which examples train, validate and test, with their labels. */
#include "data/arrays.h"
#include "data/view.h"

const char *const data_test_orders[] = {"permuted", "file", NULL}; /* enum data_test_order */

/* ---- sizes ---- */

/* keys: one, or two that are too large together */
static basin_status refuse_sizes(const char *name, const char *key, const char *other,
                                 size_t wanted, size_t there)
{
    error_raise(BASIN_DATA, "data set %s: %s%s%s need%s %zu examples, but there are %zu", name, key,
                other ? " and " : "", other ? other : "", other ? "" : "s", wanted, there);
    error_key("%s%s%s", key, other ? ", " : "", other ? other : "");
    error_expected("at most %zu", there);
    error_found("%zu", wanted);
    error_hint("make the sizes smaller, or leave them out to use all");
    return BASIN_DATA;
}

/* `train_size: all` is what validation leaves over, which must be something. */
static basin_status refuse_validation(const char *name, size_t validation, size_t there)
{
    error_raise(BASIN_DATA,
                "data set %s: validation_size is %zu, which leaves none of the %zu examples to "
                "train on",
                name, validation, there);
    error_key("validation_size");
    error_expected("at most %zu", there ? there - 1 : 0);
    error_found("%zu", validation);
    if (there > 1) error_hint("hold out at most %zu", there - 1);
    return BASIN_DATA;
}

static basin_status choose_sizes(struct data *data, const struct data_settings *settings)
{
    const struct arrays *arrays = source_arrays(data->source);
    const char *name = data->source->name;
    int64_t train = settings->train_size, test = settings->test_size;
    size_t validation = (size_t)settings->validation_size;
    size_t there = arrays->parts[SOURCE_TRAIN].count, tests = arrays->parts[SOURCE_TEST].count;
    if (train == SETTING_ALL && validation >= there)
        return refuse_validation(name, validation, there);
    if (train != SETTING_ALL && (size_t)train + validation > there)
        return refuse_sizes(name, "train_size", validation ? "validation_size" : NULL,
                            (size_t)train + validation, there);
    if (test != SETTING_ALL && (size_t)test > tests)
        return refuse_sizes(name, "test_size", NULL, (size_t)test, tests);
    data->info.counts[DATA_TRAIN] = train == SETTING_ALL ? there - validation : (size_t)train;
    data->info.counts[DATA_VALIDATION] = validation;
    data->info.counts[DATA_TEST] = test == SETTING_ALL ? tests : (size_t)test;
    return BASIN_OK;
}

/* ---- splits ---- */

/* One permutation of the training data: its beginning trains, what follows validates. Generated
 * examples are independent draws, in an order as random as any, and keep it: so a smaller set is
 * the beginning of a larger one. */
static basin_status split_permutation(struct data *data, uint64_t seed)
{
    size_t there = source_arrays(data->source)->parts[SOURCE_TRAIN].count,
           train = data->info.counts[DATA_TRAIN];
    uint32_t *order = arena_array(data->arena, uint32_t, there);
    if (!order) return BASIN_MEMORY;
    struct random random = random_make(seed, STREAM_SUBSET, 0, 0);
    if (data->source->generated)
        for (size_t i = 0; i < there; i++) order[i] = (uint32_t)i;
    else
        random_permutation(&random, order, there);
    data->rows[DATA_TRAIN] = order;
    data->rows[DATA_VALIDATION] = order + train;
    return BASIN_OK;
}

/* All of the test data keep their order: it would change nothing but the bits of sums. */
static basin_status permute_tests(struct data *data, const struct data_settings *settings)
{
    size_t there = source_arrays(data->source)->parts[SOURCE_TEST].count;
    if (settings->test_order == TEST_FILE || data->source->generated ||
        data->info.counts[DATA_TEST] == there)
        return BASIN_OK;
    uint32_t *order = arena_array(data->arena, uint32_t, there);
    if (!order) return BASIN_MEMORY;
    struct random random = random_make((uint64_t)settings->seed, STREAM_SUBSET, 1, 0);
    random_permutation(&random, order, there);
    data->rows[DATA_TEST] = order;
    return BASIN_OK;
}

static basin_status copy_labels(struct data *data, enum data_part part)
{
    const int32_t *all = source_arrays(data->source)->parts[arrays_part(part)].labels;
    if (!all) return BASIN_OK;
    int32_t *labels = arena_array(data->arena, int32_t, data->info.counts[part] + 1);
    if (!labels) return BASIN_MEMORY;
    for (size_t i = 0; i < data->info.counts[part]; i++) labels[i] = all[view_row(data, part, i)];
    data->labels[part] = data->clean[part] = labels;
    return BASIN_OK;
}

static basin_status subset_view(struct data *data, const void *settings)
{
    const struct data_settings *wanted = settings;
    if (data->source->kind->split) return data->source->kind->split(data, wanted);
    TRY(choose_sizes(data, wanted));
    TRY(split_permutation(data, (uint64_t)wanted->seed));
    TRY(permute_tests(data, wanted));
    for (int part = 0; part < DATA_PARTS; part++) TRY(copy_labels(data, (enum data_part)part));
    return BASIN_OK;
}

static const struct schema_row subset_rows[] = {DATA_SUBSET_ROWS, {0}};

const struct entry subset_entry = {
    .name = "subset",
    .doc = "The parts of a data set: so many examples to train, to validate and to test.",
    .parameters = subset_rows,
    .implementation =
        &(const struct transform){.stage = DATA_VIEW, .keyed = true, .view = subset_view}};
