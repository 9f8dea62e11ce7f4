/* What may be a mistake in data, in words. */
#include <math.h>
#include "data/arrays.h"
#include "data/data.h"

enum { NAMED_MOST = 8, CHANNELS_MOST = 4, LABELS_MOST = 100 };

/* Beyond these, gradient descent with usual learning rates rarely goes well. */
static const double INPUTS_USUAL = 100, TARGETS_USUAL = 1000;

/* A part that has so much more or less than was asked for is said. */
static const double GROUPS_OFF = 0.2;

/* The smallest and the largest label, or target, of all parts. */
struct range_of {
    double low, high;
};

static void range_take(struct range_of *span, double value)
{
    span->low = fmin(span->low, value);
    span->high = fmax(span->high, value);
}

static bool notes_apply(const struct data *data)
{
    return data->source->kind == &source_kind_arrays && data->source->examples &&
           !data->source->generated;
}

/* Examples of each class: (outputs), to be freed; NULL without memory. */
static size_t *count_classes(const struct data *data, enum data_part part)
{
    size_t *counts = memory_allocate((data->info.outputs + 1) * sizeof *counts);
    for (size_t i = 0; counts && i < data->info.counts[part]; i++) counts[data->clean[part][i]]++;
    return counts;
}

/* Its name, or its number where there are no names. */
static void put_name_or_number(const char *const *names, size_t number, struct text *out)
{
    if (names)
        view_put_name(names[number], out);
    else
        text_format(out, "%zu", number);
}

struct class_list {
    struct text names;
    size_t count, examples;
};

static void list_class(struct class_list *list, const char *const *names, size_t class,
                       size_t examples)
{
    if (list->count < NAMED_MOST) {
        text_append(&list->names, list->count ? ", " : "");
        put_name_or_number(names, class, &list->names);
    }
    list->count++;
    list->examples += examples;
}

/* "0, 1, 2, 3, 4, 5, 6, 7 and 12 more" */
static void put_listed(const struct class_list *list, struct text *out)
{
    text_append(out, text_data(&list->names));
    if (list->count > NAMED_MOST) text_format(out, " and %zu more", list->count - NAMED_MOST);
}

/* "class 3", "classes 3, 4", "classes 0, 1, 2, 3, 4, 5, 6, 7 and 12 more" */
static void put_classes(const struct class_list *list, struct text *out)
{
    text_format(out, "class%s ", list->count == 1 ? "" : "es");
    put_listed(list, out);
}

/* Labels that name classes without counting them: 0, 100, 200. True after a note. */
static bool note_sparse(const struct data *data, const size_t *train, const size_t *test,
                        struct text *out)
{
    struct class_list present = {0};
    size_t outputs = data->info.outputs;
    for (size_t k = 0; k < outputs && !data->source->names.classes; k++)
        if (train[k] + test[k]) list_class(&present, NULL, k, train[k] + test[k]);
    bool sparse = present.count > 1 && 2 * present.count < outputs;
    if (sparse)
        text_format(out,
                    "labels count classes from 0, so that there are %zu, of which %zu have no "
                    "example; if the labels are names of %zu classes, write classes: [%s%s]\n",
                    outputs, outputs - present.count, present.count, text_data(&present.names),
                    present.count > NAMED_MOST ? ", ..." : "");
    text_free(&present.names);
    return sparse;
}

/* All training examples of one class: every network is right from the start. */
static void note_single(const struct data *data, const size_t *train, struct text *out)
{
    size_t classes = 0, last = 0, outputs = data->info.outputs;
    for (size_t k = 0; k < outputs; k++)
        if (train[k]) classes++, last = k;
    if (classes != 1) return;
    text_append(out, "all training examples have label ");
    put_name_or_number(data->source->names.classes, last, out);
    text_append(out, ": with one class there is nothing to tell apart\n");
}

/* `sparse`: that classes are absent has been said. */
static void note_absent(const struct data *data, const size_t *train, const size_t *test,
                        bool sparse, struct text *out)
{
    struct class_list absent = {0}, test_only = {0};
    size_t outputs = data->info.outputs;
    for (size_t k = 0; k < outputs; k++)
        if (!train[k])
            list_class(test[k] ? &test_only : &absent, data->source->names.classes, k, test[k]);
    if (absent.count && !sparse) {
        text_append(out, "no training example has ");
        put_classes(&absent, out);
        text_format(out, ", of %zu\n", outputs);
    }
    if (test_only.count) {
        text_append(out, "the test examples have ");
        put_classes(&test_only, out);
        text_format(out, ", which no training example has (%zu of %zu test examples)\n",
                    test_only.examples, data->info.counts[DATA_TEST]);
    }
    text_free(&absent.names);
    text_free(&test_only.names);
}

static void note_classes(const struct data *data, const size_t *train, const size_t *test,
                         struct text *out)
{
    note_single(data, train, out);
    note_absent(data, train, test, note_sparse(data, train, test, out), out);
}

static void note_labels(const struct data *data, struct text *out)
{
    if (data->info.task != DATA_CLASSIFICATION) return;
    size_t *train = count_classes(data, DATA_TRAIN), *test = count_classes(data, DATA_TEST);
    if (train && test)
        note_classes(data, train, test, out);
    else
        out->failed = true;
    memory_free(train);
    memory_free(test);
}

/* Are these targets (count, outputs) a 1 among zeros in every row? */
static bool are_one_hot(const double *targets, size_t count, size_t outputs)
{
    for (size_t i = 0; i < count; i++) {
        size_t ones = 0, zeros = 0;
        for (size_t k = 0; k < outputs; k++) {
            ones += targets[i * outputs + k] == 1;
            zeros += targets[i * outputs + k] == 0;
        }
        if (ones != 1 || zeros != outputs - 1) return false;
    }
    return count > 0 && outputs > 1;
}

/* Are they few whole numbers, as labels would be, or -1 and 1? */
static bool are_like_labels(const double *targets, size_t count, size_t outputs,
                            struct range_of *span)
{
    *span = (struct range_of){INFINITY, -INFINITY};
    bool signs = true;
    if (outputs != 1) return false;
    for (size_t i = 0; i < count; i++) {
        if (targets[i] != floor(targets[i])) return false;
        signs = signs && fabs(targets[i]) == 1;
        range_take(span, targets[i]);
    }
    if (!(span->high > span->low)) return false;
    return signs || (span->low >= 0 && span->high < LABELS_MOST && 2 * span->high < (double)count);
}

/* Labels that another program has stored as floats make the task a regression. */
static void note_targets(const struct data *data, struct text *out)
{
    const struct array_part *all = &source_arrays(data->source)->parts[SOURCE_TRAIN];
    if (data->settings->task != TASK_AUTO || !all->targets) return;
    struct range_of span;
    if (are_like_labels(all->targets, all->count, data->info.outputs, &span))
        text_format(out,
                    "the targets are floats, so this is a regression, but all of them are whole "
                    "numbers, %.0f to %.0f; if they are classes, write task: classification\n",
                    span.low, span.high);
    else if (are_one_hot(all->targets, all->count, data->info.outputs))
        text_append(out, "the targets are floats, so this is a regression, but each has a single 1 "
                         "among zeros; if they are classes, write task: classification\n");
}

/* Images of other programs are often stored channels first. */
static void note_channels(const struct data_info *info, struct text *out)
{
    const size_t *dims = info->dims;
    if (info->rank != 3 || dims[0] > CHANNELS_MOST || dims[1] <= CHANNELS_MOST ||
        dims[2] <= CHANNELS_MOST)
        return;
    text_format(out,
                "examples of shape (%zu, %zu, %zu) are read as images of %zu x %zu with %zu "
                "channels; if they have %zu channel%s, write layout: channels_first\n",
                dims[0], dims[1], dims[2], dims[0], dims[1], dims[2], dims[0],
                dims[0] == 1 ? "" : "s");
}

static void note_twins(const struct data *data, struct text *out)
{
    struct twins twins;
    size_t tests = data->info.counts[DATA_TEST];
    if (arrays_count_twins(data, DATA_TEST, &twins) != BASIN_OK) out->failed = true;
    if (out->failed) return;
    size_t count = twins.equal, others = twins.inputs - twins.equal;
    if (count == tests)
        text_append(out, "every test example is a training example too: the test numbers say "
                         "nothing of unseen data\n");
    else if (count)
        text_format(out, "%zu of %zu test examples equal a training example\n", count, tests);
    if (others && data->info.rank > 1) /* in a table of categories that is nothing special */
        text_format(out,
                    "%zu of %zu test examples have the input of a training example, with another "
                    "%s\n",
                    others, tests, data->info.task == DATA_REGRESSION ? "target" : "label");
}

static void note_left_out(const struct data *data, struct text *out)
{
    size_t left_out = data->source->names.left_out;
    if (left_out)
        text_format(out, "%zu example%s of other classes than those listed %s left out\n", left_out,
                    left_out == 1 ? "" : "s", left_out == 1 ? "is" : "are");
}

/* Labels that are as good as all different are quantities, as a rule. */
static void note_many_classes(const struct data *data, struct text *out)
{
    size_t classes = data->info.outputs, count = data->info.counts[DATA_TRAIN];
    if (data->info.task == DATA_CLASSIFICATION && data->settings->task == TASK_AUTO &&
        data->source->names.classes && classes > 2 && 2 * classes > count)
        text_format(out,
                    "there are %zu classes for %zu training examples; if y is a quantity, write "
                    "task: regression\n",
                    classes, count);
}

static bool is_constant(const struct data *data, size_t feature)
{
    const struct arrays *arrays = source_arrays(data->source);
    size_t features = data->info.features;
    double first =
        arrays_element(arrays, SOURCE_TRAIN, view_row(data, DATA_TRAIN, 0) * features + feature);
    for (size_t i = 1; i < data->info.counts[DATA_TRAIN]; i++)
        if (arrays_element(arrays, SOURCE_TRAIN,
                           view_row(data, DATA_TRAIN, i) * features + feature) != first)
            return false;
    return true;
}

/* Which features are constant over the training examples. */
static void note_constant_features(const struct data *data, struct text *out)
{
    struct class_list list = {0};
    size_t features = data->info.features;
    for (size_t j = 0; data->info.rank == 1 && features > 1 && j < features; j++)
        if (is_constant(data, j)) list_class(&list, data->source->names.features, j, 0);
    if (list.count) {
        text_format(out, "feature%s ", list.count == 1 ? "" : "s");
        put_listed(&list, out);
        text_format(out, " %s constant over the training examples\n",
                    list.count == 1 ? "is" : "are");
    }
    text_free(&list.names);
}

/* Groups are whole, so that a part may have other numbers of examples than were asked for. */
static void note_groups(const struct data *data, struct text *out)
{
    for (int part = DATA_VALIDATION; part <= DATA_TEST; part++) {
        double asked = (double)data->asked[part], there = (double)data->info.counts[part];
        if (asked > 0 && fabs(there - asked) > GROUPS_OFF * asked)
            text_format(out,
                        "groups stay whole, so that %.0f examples %s where %.0f were asked for\n",
                        there, part == DATA_TEST ? "test" : "validate", asked);
    }
}

/* The feature of the training input that is furthest from 0. */
static size_t furthest_feature(const struct data *data)
{
    const struct arrays *arrays = source_arrays(data->source);
    size_t features = data->info.features, count = arrays->parts[SOURCE_TRAIN].count, at = 0;
    double most = -1;
    for (size_t i = 0; i < count * features; i++) {
        double magnitude = fabs(arrays_element(arrays, SOURCE_TRAIN, i));
        if (magnitude > most) most = magnitude, at = i;
    }
    return at % features;
}

static void note_scale(const struct data *data, struct text *out)
{
    const struct arrays *arrays = source_arrays(data->source);
    const struct array_part *all = &arrays->parts[SOURCE_TRAIN];
    if (arrays->type != RECORD_BYTE && !data->mean && all->x_from.most > INPUTS_USUAL) {
        text_format(out, "inputs are as large as %.3g", all->x_from.most);
        if (data->info.rank == 1) {
            text_append(out, " (feature ");
            put_name_or_number(data->source->names.features, furthest_feature(data), out);
            text_append(out, ")");
        }
        text_append(out, ", with which training often diverges; standardize: feature brings them "
                         "to 1 or so\n");
    }
    double test = arrays->parts[SOURCE_TEST].x_from.most;
    if (arrays->type != RECORD_BYTE && all->x_from.most > 0 &&
        test > INPUTS_USUAL * all->x_from.most)
        text_format(out, "test inputs are as large as %.3g, but training inputs only as %.3g\n",
                    test, all->x_from.most);
    if (data->info.task == DATA_REGRESSION && all->y_from.most > TARGETS_USUAL)
        text_format(out,
                    "targets are as large as %.3g, with which training often diverges; "
                    "standardize acts on inputs only: divide y by a constant in the file\n",
                    all->y_from.most);
}

void data_notes(const struct data *data, struct text *out)
{
    if (!notes_apply(data)) return;
    note_labels(data, out);
    note_targets(data, out);
    note_scale(data, out);
    note_left_out(data, out);
    note_many_classes(data, out);
    note_channels(&data->info, out);
    note_constant_features(data, out);
    note_groups(data, out);
    note_twins(data, out);
    if (data->source->names.notes) text_append(out, data->source->names.notes);
}
