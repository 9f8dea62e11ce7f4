/* Which examples train, validate and test, with their labels. */
#include <math.h>
#include "data/arrays.h"
#include "data/split.h"
#include "data/view.h"

const char *const data_test_orders[] = {"permuted", "file", NULL}; /* enum data_test_order */

/* ---- sizes ---- */

/* How many examples there are to choose from, and how many of them are wanted. */
struct sizes {
    size_t all, train, validation, test;
};

static size_t size_of_fraction(double fraction, size_t all)
{
    return (size_t)llround(fraction * (double)all);
}

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
static basin_status refuse_validation(const char *name, const char *key, size_t validation,
                                      size_t there)
{
    error_raise(BASIN_DATA,
                "data set %s: %s is %zu, which leaves none of the %zu examples to train on", name,
                key, validation, there);
    error_key("%s", key);
    error_expected("at most %zu", there ? there - 1 : 0);
    error_found("%zu", validation);
    if (there > 1) error_hint("hold out at most %zu", there - 1);
    return BASIN_DATA;
}

/* The same of a fraction. */
static basin_status refuse_validation_fraction(const char *name,
                                               const struct data_settings *settings,
                                               const struct sizes *sizes)
{
    error_raise(BASIN_DATA,
                "data set %s: validation_fraction is %g, which is %zu of %zu examples, and %zu "
                "test: none is left to train on",
                name, settings->validation_fraction, sizes->validation, sizes->all, sizes->test);
    error_key("validation_fraction");
    error_hint("the fractions of validation and test together must be below 1");
    return BASIN_DATA;
}

/* Two keys that say the same thing. */
static basin_status refuse_size_twice(const char *name, const char *size, const char *fraction)
{
    error_raise(BASIN_DATA, "data set %s: %s and %s both say how many examples there are", name,
                size, fraction);
    error_key("%s, %s", size, fraction);
    error_hint("leave one of them out");
    return BASIN_DATA;
}

static basin_status refuse_no_tests(const char *name)
{
    error_raise(BASIN_DATA, "data set %s: there are no test data", name);
    error_key("test_fraction");
    error_hint("write test_fraction: 0.2 to test on a fifth of the examples, or test_size, or name "
               "test data of their own");
    return BASIN_DATA;
}

static basin_status refuse_two_tests(const char *name, size_t tests)
{
    error_raise(BASIN_DATA,
                "data set %s: test_fraction cuts test examples from the training data, but the "
                "data have %zu test examples of their own",
                name, tests);
    error_key("test_fraction");
    error_hint("leave test_fraction out, or the names of the test data");
    return BASIN_DATA;
}

static basin_status refuse_rounded(const char *name, const char *key, double fraction, size_t all)
{
    error_raise(BASIN_DATA, "data set %s: %s is %g, which of %zu examples is none", name, key,
                fraction, all);
    error_key("%s", key);
    return BASIN_DATA;
}

/* Test examples that are cut from the training data. */
static basin_status cut_tests(const struct data *data, const struct data_settings *settings,
                              struct sizes *sizes)
{
    const char *name = data->source->name;
    bool has_size = settings->test_size != SETTING_ALL;
    if (settings->test_fraction == 0 && !has_size) return refuse_no_tests(name);
    if (settings->test_fraction > 0 && has_size)
        return refuse_size_twice(name, "test_size", "test_fraction");
    sizes->test = has_size ? (size_t)settings->test_size
                           : size_of_fraction(settings->test_fraction, sizes->all);
    if (sizes->test == 0)
        return refuse_rounded(name, "test_fraction", settings->test_fraction, sizes->all);
    if (sizes->test >= sizes->all)
        return refuse_sizes(name, has_size ? "test_size" : "test_fraction", NULL, sizes->test,
                            sizes->all - 1);
    return BASIN_OK;
}

static basin_status choose_tests(const struct data *data, const struct data_settings *settings,
                                 struct sizes *sizes)
{
    const char *name = data->source->name;
    size_t there = source_arrays(data->source)->parts[SOURCE_TEST].count;
    if (data->source->whole) return cut_tests(data, settings, sizes);
    if (settings->test_fraction > 0) return refuse_two_tests(name, there);
    if (settings->test_size != SETTING_ALL && (size_t)settings->test_size > there)
        return refuse_sizes(name, "test_size", NULL, (size_t)settings->test_size, there);
    sizes->test = settings->test_size == SETTING_ALL ? there : (size_t)settings->test_size;
    return BASIN_OK;
}

static basin_status choose_validation(const char *name, const struct data_settings *settings,
                                      struct sizes *sizes)
{
    double fraction = settings->validation_fraction;
    sizes->validation = (size_t)settings->validation_size;
    if (fraction == 0) return BASIN_OK;
    if (sizes->validation > 0)
        return refuse_size_twice(name, "validation_size", "validation_fraction");
    sizes->validation = size_of_fraction(fraction, sizes->all);
    return sizes->validation ? BASIN_OK
                             : refuse_rounded(name, "validation_fraction", fraction, sizes->all);
}

/* Of an ordinary split; groups round these sizes afterwards. */
static basin_status choose_sizes(const struct data *data, const struct data_settings *settings,
                                 struct sizes *sizes)
{
    const char *name = data->source->name;
    const char *validation = settings->validation_fraction > 0 ? "validation_fraction"
                             : settings->validation_size > 0   ? "validation_size"
                                                               : NULL;
    sizes->all = source_arrays(data->source)->parts[SOURCE_TRAIN].count;
    TRY(choose_tests(data, settings, sizes));
    TRY(choose_validation(name, settings, sizes));
    size_t there = sizes->all - (data->source->whole ? sizes->test : 0);
    if (settings->train_size == SETTING_ALL && sizes->validation >= there &&
        settings->validation_fraction > 0 && data->source->whole)
        return refuse_validation_fraction(name, settings, sizes);
    if (settings->train_size == SETTING_ALL && sizes->validation >= there)
        return refuse_validation(name, validation ? validation : "validation_size",
                                 sizes->validation, there);
    sizes->train = settings->train_size == SETTING_ALL ? there - sizes->validation
                                                       : (size_t)settings->train_size;
    if (sizes->train + sizes->validation > there)
        return refuse_sizes(name, "train_size", validation, sizes->train + sizes->validation,
                            there);
    return BASIN_OK;
}

/* ---- splits ---- */

/* One order of the training data: its beginning trains, what follows validates, and where the
 * source is whole its end tests. Generated examples are independent draws, in an order as random as
 * any, and keep it: so a smaller set is the beginning of a larger one. */
static basin_status order_training(struct data *data, const struct data_settings *settings,
                                   struct sizes *sizes, uint32_t *order)
{
    const struct array_part *part = &source_arrays(data->source)->parts[SOURCE_TRAIN];
    struct random random = random_make((uint64_t)settings->seed, STREAM_SUBSET, 0, 0);
    if (data->source->generated) {
        for (size_t i = 0; i < sizes->all; i++) order[i] = (uint32_t)i;
        return BASIN_OK;
    }
    if (part->groups) return split_order_groups(part->groups, sizes->all, &random, order);
    random_permutation(&random, order, sizes->all);
    return settings->stratify ? split_stratify(part->labels, data->info.outputs, sizes->all, order)
                              : BASIN_OK;
}

static basin_status split_training(struct data *data, const struct data_settings *settings,
                                   struct sizes *sizes)
{
    const uint32_t *groups = source_arrays(data->source)->parts[SOURCE_TRAIN].groups;
    uint32_t *order = arena_array(data->arena, uint32_t, sizes->all);
    size_t first = sizes->train; /* validation example */
    if (!order) return BASIN_MEMORY;
    TRY(order_training(data, settings, sizes, order));
    if (groups) {
        struct split_cuts cuts = {.all = sizes->all,
                                  .train = sizes->train,
                                  .validation = sizes->validation,
                                  .test = data->source->whole ? sizes->test : 0,
                                  .all_train = settings->train_size == SETTING_ALL};
        TRY(split_cut_groups(data->source->name, groups, order, &cuts));
        data->asked[DATA_VALIDATION] = sizes->validation;
        if (data->source->whole) data->asked[DATA_TEST] = sizes->test;
        sizes->train = cuts.train;
        sizes->validation = cuts.validation;
        first = cuts.first;
        if (data->source->whole) sizes->test = cuts.test;
    }
    data->rows[DATA_TRAIN] = order;
    data->rows[DATA_VALIDATION] = order + first;
    if (data->source->whole) data->rows[DATA_TEST] = order + sizes->all - sizes->test;
    return BASIN_OK;
}

/* All of the test data keep their order: it would change nothing but the bits of sums. */
static basin_status permute_tests(struct data *data, const struct data_settings *settings,
                                  const struct sizes *sizes)
{
    const struct array_part *part = &source_arrays(data->source)->parts[SOURCE_TEST];
    if (settings->test_order == TEST_FILE || data->source->generated || data->source->whole ||
        sizes->test == part->count)
        return BASIN_OK;
    uint32_t *order = arena_array(data->arena, uint32_t, part->count);
    if (!order) return BASIN_MEMORY;
    struct random random = random_make((uint64_t)settings->seed, STREAM_SUBSET, 1, 0);
    random_permutation(&random, order, part->count);
    data->rows[DATA_TEST] = order;
    return settings->stratify ? split_stratify(part->labels, data->info.outputs, part->count, order)
                              : BASIN_OK;
}

static basin_status copy_labels(struct data *data, enum data_part part)
{
    const int32_t *all = arrays_part(data, part)->labels;
    if (!all) return BASIN_OK;
    int32_t *labels = arena_array(data->arena, int32_t, data->info.counts[part] + 1);
    if (!labels) return BASIN_MEMORY;
    for (size_t i = 0; i < data->info.counts[part]; i++) labels[i] = all[view_row(data, part, i)];
    data->labels[part] = data->clean[part] = labels;
    return BASIN_OK;
}

static basin_status check_stratify(const struct data *data, const struct data_settings *settings)
{
    const char *reason = data->info.task == DATA_REGRESSION ? "the task is a regression"
                         : source_arrays(data->source)->parts[SOURCE_TRAIN].groups
                             ? "group keeps examples together, whatever their classes"
                             : NULL;
    if (!settings->stratify || !reason) return BASIN_OK;
    error_raise(BASIN_DATA, "data set %s: stratify keeps the proportions of classes, but %s",
                data->source->name, reason);
    error_key("stratify");
    error_hint("leave stratify out");
    return BASIN_DATA;
}

/* Where tests are cut from the training data there is no number of them that is "all". Where groups
 * stay whole, train_size leaves other examples out than `all` does, whatever its number. */
static void tell_available(struct data *data, const struct sizes *sizes)
{
    bool whole = data->source->whole;
    if (whole) data->info.test_available = 0;
    if (whole) data->info.available = sizes->all - sizes->test;
    if (source_arrays(data->source)->parts[SOURCE_TRAIN].groups) data->info.available = 0;
}

static basin_status subset_view(struct data *data, const void *settings)
{
    const struct data_settings *wanted = settings;
    if (data->source->kind->split) return data->source->kind->split(data, wanted);
    struct sizes sizes = {0};
    TRY(check_stratify(data, wanted));
    TRY(choose_sizes(data, wanted, &sizes));
    TRY(split_training(data, wanted, &sizes));
    TRY(permute_tests(data, wanted, &sizes));
    data->info.counts[DATA_TRAIN] = sizes.train;
    data->info.counts[DATA_VALIDATION] = sizes.validation;
    data->info.counts[DATA_TEST] = sizes.test;
    tell_available(data, &sizes);
    for (int part = 0; part < DATA_PARTS; part++) TRY(copy_labels(data, (enum data_part)part));
    return BASIN_OK;
}

static const struct schema_row subset_rows[] = {
    DATA_SUBSET_ROWS, DATA_TEST_FRACTION, DATA_SPLIT_ROWS, {0}};

const struct entry subset_entry = {
    .name = "subset",
    .doc = "The parts of a data set: so many examples to train, to validate and to test.",
    .parameters = subset_rows,
    .implementation =
        &(const struct transform){.stage = DATA_VIEW, .keyed = true, .view = subset_view}};
