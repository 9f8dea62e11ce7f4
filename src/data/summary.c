/* How data were read, in words: what a person would look at before training on them. */
#include <math.h>
#include "base/text.h"
#include "data/arrays.h"
#include "data/data.h"
#include "data/view.h"

enum { NAMED_MOST = 8, CHANNELS_MOST = 4, TWINS_SHARE = 10, LABELS_MOST = 100 };

/* Beyond these, gradient descent with usual learning rates rarely goes well. */
static const double INPUTS_USUAL = 100, TARGETS_USUAL = 1000;

static const char *const part_names[DATA_PARTS] = {"training", "validation", "test"};

static bool is_arrays(const struct data *data)
{
    return data->source->kind == &source_kind_arrays && data->source->examples;
}

/* ---- the line ---- */

/* "60000 training, 500 validation and 10000 test examples" */
static void put_examples(const struct data *data, struct text *out)
{
    int last = 0, shown = 0;
    for (int part = 0; part < DATA_PARTS; part++)
        if (data->info.counts[part]) last = part;
    for (int part = 0; part < DATA_PARTS; part++) {
        if (!data->info.counts[part] && part != DATA_TRAIN) continue;
        text_format(out, "%s%zu %s",
                    !shown++       ? ""
                    : part == last ? " and "
                                   : ", ",
                    data->info.counts[part], part_names[part]);
    }
    text_append(out, data->info.vocabulary ? " windows" : " examples");
}

static const char *element_name(const struct data *data)
{
    if (!is_arrays(data)) return "numbers";
    switch (source_arrays(data->source)->type) {
    case RECORD_BYTE:
        return "bytes";
    case RECORD_FLOAT32:
        return "float32";
    default:
        return "float64";
    }
}

/* The smallest and the largest label, or target, of all parts. */
struct span {
    double low, high;
};

static void span_take(struct span *span, double value)
{
    span->low = fmin(span->low, value);
    span->high = fmax(span->high, value);
}

static struct span label_span(const struct data *data)
{
    struct span span = {INFINITY, -INFINITY};
    for (int part = 0; part < DATA_PARTS; part++)
        for (size_t i = 0; data->clean[part] && i < data->info.counts[part]; i++)
            span_take(&span, data->clean[part][i]);
    return span;
}

static struct span target_span(const struct data *data)
{
    struct span span = {INFINITY, -INFINITY};
    size_t outputs = data->info.outputs;
    for (int part = 0; part < DATA_PARTS; part++) {
        const double *targets =
            source_arrays(data->source)->parts[arrays_part((enum data_part)part)].targets;
        for (size_t i = 0; i < data->info.counts[part]; i++)
            for (size_t k = 0; k < outputs; k++)
                span_take(&span, targets[view_row(data, (enum data_part)part, i) * outputs + k]);
    }
    return span;
}

static void put_targets(const struct data *data, struct text *out)
{
    char low[32], high[32];
    size_t outputs = data->info.outputs;
    bool regression = data->info.task == DATA_REGRESSION;
    text_format(out, "; %zu %s%s", outputs, regression ? "target" : "class",
                outputs == 1 ? ""
                : regression ? "s"
                             : "es");
    if (!is_arrays(data)) return;
    struct span span = regression ? target_span(data) : label_span(data);
    text_format(out, ", %s%s to %s", regression ? "" : "labels ", text_given(span.low, low),
                text_given(span.high, high));
}

void data_summary(const struct data *data, struct text *out)
{
    const struct data_info *info = &data->info;
    put_examples(data, out);
    text_append(out, " of ");
    if (info->vocabulary) {
        text_format(out, "%zu tokens; %zu different tokens", info->features, info->vocabulary);
        return;
    }
    for (int i = 0; i < info->rank; i++) text_format(out, "%s%zu", i ? " x " : "", info->dims[i]);
    text_format(out, " %s", element_name(data));
    put_targets(data, out);
}

/* ---- notes ---- */

/* Examples of each class: (outputs), to be freed; NULL without memory. */
static size_t *count_classes(const struct data *data, enum data_part part)
{
    size_t *counts = memory_allocate((data->info.outputs + 1) * sizeof *counts);
    for (size_t i = 0; counts && i < data->info.counts[part]; i++) counts[data->clean[part][i]]++;
    return counts;
}

struct class_list {
    struct text names;
    size_t count, examples;
};

static void list_class(struct class_list *list, size_t class, size_t examples)
{
    if (list->count < NAMED_MOST)
        text_format(&list->names, "%s%zu", list->count ? ", " : "", class);
    list->count++;
    list->examples += examples;
}

/* "class 3", "classes 3, 4", "classes 0, 1, 2, 3, 4, 5, 6, 7 and 12 more" */
static void put_classes(const struct class_list *list, struct text *out)
{
    text_format(out, "class%s %s", list->count == 1 ? "" : "es", text_data(&list->names));
    if (list->count > NAMED_MOST) text_format(out, " and %zu more", list->count - NAMED_MOST);
}

/* The smallest label of all examples that the files have, whichever of them are chosen. */
static int32_t lowest_label(const struct data *data)
{
    int32_t lowest = INT32_MAX;
    for (int part = 0; part < SOURCE_PARTS; part++) {
        const struct array_part *all = &source_arrays(data->source)->parts[part];
        for (size_t i = 0; all->labels && i < all->count; i++)
            if (all->labels[i] < lowest) lowest = all->labels[i];
    }
    return lowest;
}

/* Which labels the training and the test examples have, in order. */
static struct class_list list_present(const size_t *train, const size_t *test, size_t outputs)
{
    struct class_list present = {0};
    for (size_t k = 0; k < outputs; k++)
        if (train[k] + test[k]) list_class(&present, k, train[k] + test[k]);
    return present;
}

/* Labels that name classes without counting them: 100, 200, 300. True after a note. */
static bool note_sparse(const size_t *train, const size_t *test, size_t outputs, struct text *out)
{
    struct class_list present = list_present(train, test, outputs);
    bool sparse = present.count > 1 && 2 * present.count < outputs;
    if (sparse) {
        text_format(out,
                    "labels count classes from 0, so that there are %zu, of which %zu have no "
                    "example; if the labels are names of %zu classes, store them as 0 to %zu (",
                    outputs, outputs - present.count, present.count, present.count - 1);
        size_t named = 0;
        for (size_t k = 0; k < outputs && named < present.count; k++) {
            if (!(train[k] + test[k]) || named++ >= NAMED_MOST) continue;
            text_format(out, "%s%zu as %zu", named > 1 ? ", " : "", k, named - 1);
        }
        text_append(out, present.count > NAMED_MOST ? ", ...)\n" : ")\n");
    }
    text_free(&present.names);
    return sparse;
}

/* All training examples of one class: every network is right from the start. */
static void note_single(const size_t *train, size_t outputs, struct text *out)
{
    size_t classes = 0, last = 0;
    for (size_t k = 0; k < outputs; k++)
        if (train[k]) classes++, last = k;
    if (classes == 1)
        text_format(out,
                    "all training examples have label %zu: with one class there is nothing to "
                    "tell apart\n",
                    last);
}

/* `sparse`: that classes are absent has been said. */
static void note_absent(const struct data *data, const size_t *train, const size_t *test,
                        bool sparse, struct text *out)
{
    struct class_list absent = {0}, test_only = {0};
    size_t outputs = data->info.outputs;
    int32_t lowest = lowest_label(data);
    bool lacks_zero = outputs > 1 && lowest > 0;
    for (size_t k = lacks_zero; k < outputs; k++)
        if (!train[k]) list_class(test[k] ? &test_only : &absent, k, test[k]);
    if (lacks_zero && lowest == 1 && !sparse)
        text_format(out,
                    "no example has label 0: labels count from 0, so that there are %zu classes; "
                    "if they were meant as 1 to %zu, subtract 1\n",
                    outputs, outputs - 1);
    else if (lacks_zero && !sparse)
        text_append(out, "no example has class 0\n");
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
    note_single(train, data->info.outputs, out);
    note_absent(data, train, test, note_sparse(train, test, data->info.outputs, out), out);
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
static bool are_like_labels(const double *targets, size_t count, size_t outputs, struct span *span)
{
    *span = (struct span){INFINITY, -INFINITY};
    bool signs = true;
    if (outputs != 1) return false;
    for (size_t i = 0; i < count; i++) {
        if (targets[i] != floor(targets[i])) return false;
        signs = signs && fabs(targets[i]) == 1;
        span_take(span, targets[i]);
    }
    if (!(span->high > span->low)) return false;
    return signs || (span->low >= 0 && span->high < LABELS_MOST && 2 * span->high < (double)count);
}

/* Labels that another program has stored as floats make the task a regression. */
static void note_targets(const struct data *data, struct text *out)
{
    const struct array_part *all = &source_arrays(data->source)->parts[SOURCE_TRAIN];
    if (data->info.task != DATA_REGRESSION || !all->targets) return;
    struct span span;
    if (are_like_labels(all->targets, all->count, data->info.outputs, &span))
        text_format(out,
                    "the targets are floats, so this is a regression, but all of them are whole "
                    "numbers, %.0f to %.0f; if they are classes, store y as integers%s\n",
                    span.low, span.high, span.low == 0 ? "" : " that count from 0");
    else if (are_one_hot(all->targets, all->count, data->info.outputs))
        text_append(out, "the targets are floats, so this is a regression, but each has a single 1 "
                         "among zeros; if they are classes, store y as integers from 0\n");
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
                "channels; if they have %zu channel%s, store them as (%zu, %zu, %zu)\n",
                dims[0], dims[1], dims[2], dims[0], dims[1], dims[2], dims[0],
                dims[0] == 1 ? "" : "s", dims[1], dims[2], dims[0]);
}

static void note_twins(const struct data *data, struct text *out)
{
    const struct arrays *arrays = source_arrays(data->source);
    size_t count = 0, tests = data->info.counts[DATA_TEST];
    for (size_t i = 0; arrays->twins && i < tests; i++)
        count += arrays->twins[view_row(data, DATA_TEST, i)];
    if (count == 0 || count * TWINS_SHARE < tests) return;
    if (count == tests)
        text_append(out, "every test example is in the training data too: the test numbers say "
                         "nothing of unseen data\n");
    else
        text_format(out, "%zu of %zu test examples are in the training data too\n", count, tests);
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
        if (data->info.rank == 1) text_format(out, " (feature %zu)", furthest_feature(data));
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
    if (!is_arrays(data) || data->source->generated) return;
    note_labels(data, out);
    note_targets(data, out);
    note_scale(data, out);
    note_channels(&data->info, out);
    note_twins(data, out);
}
