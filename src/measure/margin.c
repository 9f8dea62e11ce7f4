/* margin: quantiles over training examples of f_y - max_{j != y} f_j. */
#include <math.h>
#include <stdlib.h>
#include "measure/measure.h"

#define MARGIN                                                                                     \
    "f_y - max over j != y of f_j, f the outputs before the softmax, over the first `examples` "   \
    "training examples; batch normalisation in eval mode unless the options say mode: train"
#define PAPER "Bartlett et al., NeurIPS 2017; Jiang et al., ICLR 2019"
#define QUANTILE(name, text)                                                                       \
    {                                                                                              \
        name, "1", text " of the output margin", MARGIN, PAPER                                     \
    }

static const struct quantity quantities[] = {
    QUANTILE("margin_min", "minimum"),         QUANTILE("margin_p10", "10th percentile"),
    QUANTILE("margin_p25", "25th percentile"), QUANTILE("margin_p50", "median"),
    QUANTILE("margin_p75", "75th percentile"), QUANTILE("margin_p90", "90th percentile"),
    QUANTILE("margin_mean", "mean"),           {0}};
static const double probabilities[] = {0, 0.10, 0.25, 0.50, 0.75, 0.90};

struct margin_settings {
    struct measure_common common;
};

static const struct schema_row parameters[] = {
    MEASURE_EXAMPLES_ROW, MEASURE_MODE_ROW, MEASURE_EVERY_ROW, {0}};

static basin_status margin_check(const void *settings, const struct data_info *info, int64_t count)
{
    (void)settings, (void)count;
    if (info->task == DATA_CLASSIFICATION && info->outputs > 1) return BASIN_OK;
    error_raise(BASIN_SPEC, "the measure margin needs at least two classes, but this data set %s",
                info->task == DATA_CLASSIFICATION ? "has one"
                : info->task == DATA_LANGUAGE     ? "is a text"
                                                  : "is a regression");
    error_hint("leave margin out of measures");
    return BASIN_SPEC;
}

static int margin_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996: NumPy's and R's
 * default). */
static double quantile(const double *sorted, size_t count, double probability)
{
    double at = probability * (double)(count - 1), low = floor(at);
    size_t i = (size_t)low;
    return i + 1 < count ? sorted[i] + (at - low) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

static double margin_of(const double *f, size_t classes, size_t label)
{
    double best = -INFINITY;
    for (size_t j = 0; j < classes; j++)
        if (j != label && f[j] > best) best = f[j];
    return f[label] - best;
}

static basin_status margin_record(const struct measure_site *site, double *margins, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += margins[i];
    qsort(margins, count, sizeof *margins, margin_compare);
    TRY(measure_note(site, "examples", (double)count));
    TRY(measure_note_batch(site, OBJECTIVE_OUTPUTS));
    size_t quantiles = sizeof probabilities / sizeof *probabilities;
    for (size_t i = 0; i < quantiles; i++)
        TRY(measure_scalar(site, &quantities[i], quantile(margins, count, probabilities[i]), NULL));
    return measure_scalar(site, &quantities[quantiles], sum / (double)count, NULL);
}

static basin_status margin_run(const struct measure_site *site)
{
    struct objective_where where = measure_where(site);
    size_t count = where.count, outputs = data_describe(site->data)->outputs;
    const int32_t *labels = data_labels(site->data, DATA_TRAIN);
    double *f = memory_allocate(count * (outputs + 1) * sizeof *f), *margins = f + count * outputs;
    if (!f) return BASIN_MEMORY;
    basin_status status = objective_outputs(site->objective, &where, site->w, f);
    for (size_t i = 0; i < count && status == BASIN_OK; i++)
        margins[i] = margin_of(f + i * outputs, outputs, (size_t)labels[i]);
    if (status == BASIN_OK) status = margin_record(site, margins, count);
    memory_free(f);
    return status;
}

static void margin_need(const struct measure_site *site, struct measure_need *need)
{
    size_t count = measure_examples(site);
    need->uses[need->count++] = (struct objective_use){OBJECTIVE_OUTPUTS, count, 1};
    need->doubles = count * (data_describe(site->data)->outputs + 1);
}

static const struct measure measure = {
    .quantities = quantities, .check = margin_check, .run = margin_run, .need = margin_need};
const struct entry margin_entry = {.name = "margin",
                                   .doc = "Quantiles of the output margin over training examples.",
                                   .source = PAPER,
                                   .parameters = parameters,
                                   .settings_size = sizeof(struct margin_settings),
                                   .implementation = &measure};
