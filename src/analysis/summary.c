/* Summary: every number, and every point of every curve, over replicates.
 *
 * A point of a curve is summarised over the runs that have a value at exactly that epoch or step:
 * nothing is interpolated or resampled first, so the average of equal lines is that line. */
#include <fnmatch.h>
#include <math.h>
#include <string.h>
#include "analysis/across.h"
#include "analysis/curves.h"
#include "analysis/interval.h"

struct summary_settings {
    struct across_common common;
    struct setting_texts measures;
    bool curves;
};

enum {
    SUMMARY_QUANTITY,
    SUMMARY_AT,
    SUMMARY_COUNT,
    SUMMARY_MEAN,
    SUMMARY_MEDIAN,
    SUMMARY_SD,
    SUMMARY_SE,
    SUMMARY_T_LOW,
    SUMMARY_T_HIGH,
    SUMMARY_BOOTSTRAP_LOW,
    SUMMARY_BOOTSTRAP_HIGH,
    SUMMARY_COLUMNS
};

static const struct quantity summary_columns[] = {
    [SUMMARY_QUANTITY] = {"quantity", "1", "number, or curve", NULL, NULL},
    [SUMMARY_AT] = {"at", "1", "epoch or step of a point of a curve", NULL, NULL},
    [SUMMARY_COUNT] = {"count", "1", "runs that have a finite value", NULL, NULL},
    [SUMMARY_MEAN] = {"mean", "", "mean", NULL, NULL},
    [SUMMARY_MEDIAN] = {"median", "", "median", NULL, NULL},
    [SUMMARY_SD] = {"sd", "", "standard deviation", "n - 1 in its denominator", NULL},
    [SUMMARY_SE] = {"se", "", "standard error of the mean", "sd / sqrt(n)", NULL},
    [SUMMARY_T_LOW] = {"t_low", "", "lower end of the 95 % interval of the mean", "Student's t",
                       NULL},
    [SUMMARY_T_HIGH] = {"t_high", "", "upper end of the 95 % interval of the mean", "Student's t",
                        NULL},
    [SUMMARY_BOOTSTRAP_LOW] = {"bootstrap_low", "", "lower end of the 95 % interval of the mean",
                               "percentile bootstrap", "Efron 1979"},
    [SUMMARY_BOOTSTRAP_HIGH] = {"bootstrap_high", "", "upper end of the 95 % interval of the mean",
                                "percentile bootstrap", "Efron 1979"},
    {0}};

struct summary {
    const struct across_site *site;
    const struct summary_settings *settings;
    struct arena *arena;          /* of the group */
    struct resamples **resamples; /* (count + 1) by the number of values; NULL until needed */
    double *values;               /* (count) */
    struct run_curves *curves;    /* (count) */
};

static bool summary_wants(const struct summary *summary, const char *name)
{
    const struct setting_texts *wanted = &summary->settings->measures;
    for (size_t i = 0; i < wanted->count; i++)
        if (fnmatch(wanted->items[i], name, 0) == 0) return true;
    return wanted->count == 0;
}

static struct cell summary_number(double value)
{
    return (struct cell){.kind = isnan(value) ? CELL_ABSENT : CELL_NUMBER, .number = value};
}

/* A row for the first `count` of summary->values. */
static basin_status summarise_values(struct summary *summary, const char *name, double at,
                                     size_t count)
{
    const double *x = summary->values;
    struct cell cells[SUMMARY_COLUMNS] = {{0}};
    if (!summary->resamples[count])
        TRY(resamples_make(summary->arena, count, INTERVAL_RESAMPLES, &summary->resamples[count]));
    struct interval t = interval_student(x, count, INTERVAL_LEVEL),
                    bootstrap = interval_of_mean(summary->resamples[count], x, INTERVAL_LEVEL);
    cells[SUMMARY_QUANTITY] = (struct cell){.kind = CELL_TEXT, .text = name};
    cells[SUMMARY_AT] = summary_number(at);
    cells[SUMMARY_COUNT] = summary_number((double)count);
    const double numbers[] = {interval_mean(x, count),
                              interval_median(x, count),
                              interval_deviation(x, count),
                              interval_standard_error(x, count),
                              t.low,
                              t.high,
                              bootstrap.low,
                              bootstrap.high};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        cells[SUMMARY_MEAN + i] = summary_number(numbers[i]);
    return across_add(summary->site, cells);
}

static basin_status summarise_number(struct summary *summary, size_t column)
{
    const struct across_site *site = summary->site;
    size_t count = 0;
    for (size_t i = 0; i < site->count; i++) {
        const struct cell *cell = &site->table->rows[site->rows[i]].cells[column];
        if (cell->kind == CELL_NUMBER && isfinite(cell->number))
            summary->values[count++] = cell->number;
    }
    return count ? summarise_values(summary, site->table->columns[column].name, NAN, count)
                 : BASIN_OK;
}

static basin_status summarise_numbers(struct summary *summary)
{
    const struct table *table = summary->site->table;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_MEASURE && !table->columns[i].verdict &&
            summary_wants(summary, table->columns[i].name))
            TRY(summarise_number(summary, i));
    return BASIN_OK;
}

/* ---- curves ---- */

/* The value at exactly `at`; NaN where the curve has none. `hint`: where to look first. */
static double summary_curve_at(const struct run_curve *curve, double at, size_t hint)
{
    if (hint < curve->count && curve->epochs[hint] == at) return curve->values[hint];
    for (size_t i = 0; i < curve->count; i++)
        if (curve->epochs[i] == at) return curve->values[i];
    return NAN;
}

static basin_status summarise_point(struct summary *summary, const char *name, double at,
                                    size_t hint)
{
    size_t count = 0;
    for (size_t i = 0; i < summary->site->count; i++) {
        const struct run_curve *curve = curves_find(&summary->curves[i], name);
        double value = curve ? summary_curve_at(curve, at, hint) : NAN;
        if (isfinite(value)) summary->values[count++] = value;
    }
    return count ? summarise_values(summary, name, at, count) : BASIN_OK;
}

/* Is it a point of an earlier run's curve already? */
static bool is_seen(const struct summary *summary, size_t run, const char *name, double at,
                    size_t hint)
{
    for (size_t i = 0; i < run; i++) {
        const struct run_curve *curve = curves_find(&summary->curves[i], name);
        if (!curve) continue;
        if (hint < curve->count && curve->epochs[hint] == at) return true;
        for (size_t k = 0; k < curve->count; k++)
            if (curve->epochs[k] == at) return true;
    }
    return false;
}

static basin_status summarise_curve(struct summary *summary, size_t run,
                                    const struct run_curve *curve)
{
    for (size_t i = 0; i < curve->count; i++)
        if (!is_seen(summary, run, curve->name, curve->epochs[i], i))
            TRY(summarise_point(summary, curve->name, curve->epochs[i], i));
    return BASIN_OK;
}

/* Curve by curve; points that only some runs have follow those of the first. */
static basin_status summarise_curves(struct summary *summary)
{
    const struct across_site *site = summary->site;
    summary->curves = arena_array(summary->arena, struct run_curves, site->count);
    if (!summary->curves) return BASIN_MEMORY;
    for (size_t i = 0; i < site->count; i++)
        TRY(curves_load(site->table->results, summary->arena, across_name(site, i),
                        &summary->curves[i]));
    for (size_t i = 0; i < site->count; i++)
        for (size_t k = 0; k < summary->curves[i].count; k++) {
            const struct run_curve *curve = &summary->curves[i].items[k];
            const char *name = arena_text(site->arena, curve->name);
            bool is_first = summary_wants(summary, curve->name);
            if (!name) return BASIN_MEMORY;
            for (size_t j = 0; j < i && is_first; j++)
                is_first = !curves_find(&summary->curves[j], curve->name);
            struct run_curve named = *curve;
            named.name = name;
            for (size_t j = i; j < site->count && is_first; j++) {
                const struct run_curve *other = curves_find(&summary->curves[j], curve->name);
                if (!other) continue;
                named = *other;
                named.name = name;
                TRY(summarise_curve(summary, j, &named));
            }
        }
    return BASIN_OK;
}

static basin_status summary_run(const struct across_site *site)
{
    struct summary summary = {.site = site, .settings = site->settings};
    TRY(arena_create(&summary.arena));
    summary.values = arena_array(summary.arena, double, site->count + 1);
    summary.resamples = arena_array(summary.arena, struct resamples *, site->count + 1);
    basin_status status = summary.values && summary.resamples ? BASIN_OK : BASIN_MEMORY;
    for (size_t i = 0; status == BASIN_OK && i <= site->count; i++) summary.resamples[i] = NULL;
    if (status == BASIN_OK) status = summarise_numbers(&summary);
    if (status == BASIN_OK && summary.settings->curves) status = summarise_curves(&summary);
    arena_destroy(summary.arena);
    return status;
}

static const struct schema_row summary_rows[] = {
    ACROSS_OVER_ROW,
    {.key = "measures",
     SETTING(struct summary_settings, measures),
     .type = SCHEMA_TEXTS,
     .minimum = 1,
     .maximum = 200,
     .fallback = "[]",
     .doc = "Which numbers and curves, as names or patterns: test_accuracy, curves.test_*; [] for "
            "all."},
    {.key = "curves",
     SETTING(struct summary_settings, curves),
     .type = SCHEMA_BOOLEAN,
     .fallback = "true",
     .doc = "Curves too, point by point."},
    {0}};

const struct entry summary_entry = {
    .name = "summary",
    .doc = "Mean, median, standard deviation, standard error and 95 % intervals of every number, "
           "and of every point of every curve, over runs that differ in their seeds.",
    .parameters = summary_rows,
    .implementation =
        &(const struct across_measure){
            .columns = summary_columns, .keys = 2, .run = summary_run, .by_quantity = true},
    .settings_size = sizeof(struct summary_settings)};
