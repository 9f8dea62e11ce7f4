/* Double descent: does the test error rise towards the interpolation threshold, and fall again? */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/across.h"

struct descent_settings {
    struct across_common common;
    const char *x, *y, *train;
    double level;
};

enum {
    DESCENT_X,
    DESCENT_Y,
    DESCENT_SIZES,
    DESCENT_RUNS,
    DESCENT_THRESHOLD,
    DESCENT_PEAK_X,
    DESCENT_PEAK_Y,
    DESCENT_BEFORE_X,
    DESCENT_BEFORE_Y,
    DESCENT_AFTER_X,
    DESCENT_AFTER_Y,
    DESCENT_NOTE,
    DESCENT_COLUMNS
};

static const struct quantity descent_columns[] = {
    {"x", "1", "size of the model, or what else varies", NULL, NULL},
    {"y", "1", "the error", NULL, NULL},
    {"sizes", "1", "different values of x", NULL, NULL},
    {"runs", "1", "runs with both numbers", NULL, NULL},
    {"interpolation_threshold", "1", "least x from which on the training data are fitted",
     "mean of `train` at most `level` (of an accuracy: at least 1 - level) at this and every "
     "larger "
     "x",
     "Belkin et al. 2019"},
    {"peak_x", "1", "where the error peaks",
     "largest mean of y that has a smaller one on either side; of means over the runs of each x",
     "Belkin et al. 2019"},
    {"peak_y", "1", "mean error at the peak", NULL, NULL},
    {"first_minimum_x", "1", "x of the least error before the peak", NULL, NULL},
    {"first_minimum", "1", "least mean error before the peak", NULL, NULL},
    {"second_minimum_x", "1", "x of the least error behind the peak", NULL, NULL},
    {"second_minimum", "1", "least mean error behind the peak", NULL, NULL},
    {"note", "1", "why a number is absent", NULL, NULL},
    {0}};

struct descent_point {
    double x, y, train;
    double y_count, train_count;
};

struct descent {
    const struct across_site *site;
    const struct descent_settings *settings;
    struct descent_point *points; /* of each x: first sums, then means */
    size_t count, runs;
    bool is_accuracy;
};

static int compare_points(const void *a, const void *b)
{
    double x = ((const struct descent_point *)a)->x, y = ((const struct descent_point *)b)->x;
    return (x > y) - (x < y);
}

static struct descent_point *point_of(struct descent *descent, double x)
{
    for (size_t i = 0; i < descent->count; i++)
        if (descent->points[i].x == x) return &descent->points[i];
    descent->points[descent->count] = (struct descent_point){.x = x};
    return &descent->points[descent->count++];
}

static double descent_value(const struct descent *descent, size_t i, int column)
{
    const struct across_site *site = descent->site;
    if (column < 0) return NAN;
    const struct cell *cell = &site->table->rows[site->rows[i]].cells[column];
    return cell->kind == CELL_NUMBER && isfinite(cell->number) ? cell->number : NAN;
}

static basin_status descent_column(const struct descent *descent, const char *name, int *column)
{
    *column = table_column(descent->site->table, name);
    if (*column >= 0) return BASIN_OK;
    error_prefix("double_descent");
    return basin_error_last()->status;
}

static basin_status descent_read(struct descent *descent)
{
    int x, train;
    const struct across_site *site = descent->site;
    double *errors = arena_array(site->arena, double, site->count + 1);
    if (!errors) return BASIN_MEMORY;
    TRY(descent_column(descent, descent->settings->x, &x));
    TRY(across_numbers(site, "double_descent", "y", descent->settings->y, errors));
    TRY(descent_column(descent, descent->settings->train, &train));
    for (size_t i = 0; i < site->count; i++) {
        double at = descent_value(descent, i, x), error = errors[i],
               fitted = descent_value(descent, i, train);
        if (isnan(at) || !isfinite(error)) continue;
        struct descent_point *point = point_of(descent, at);
        point->y += error;
        point->y_count++;
        descent->runs++;
        if (isnan(fitted)) continue;
        point->train += fitted;
        point->train_count++;
    }
    for (size_t i = 0; i < descent->count; i++) {
        struct descent_point *point = &descent->points[i];
        point->y /= point->y_count;
        point->train = point->train_count ? point->train / point->train_count : NAN;
    }
    qsort(descent->points, descent->count, sizeof *descent->points, compare_points);
    return BASIN_OK;
}

static bool is_fitted(const struct descent *descent, const struct descent_point *point)
{
    double level = descent->settings->level;
    return descent->is_accuracy ? point->train >= 1 - level : point->train <= level;
}

/* The place of the least y among first ... last - 1. */
static size_t least_of(const struct descent *descent, size_t first, size_t last)
{
    size_t least = first;
    for (size_t i = first; i < last; i++)
        if (descent->points[i].y < descent->points[least].y) least = i;
    return least;
}

/* The highest point that has a lower one on either side; `count` where there is none. */
static size_t find_peak(const struct descent *descent)
{
    size_t peak = descent->count;
    for (size_t i = 1; i + 1 < descent->count; i++) {
        double y = descent->points[i].y;
        bool rises = descent->points[least_of(descent, 0, i)].y < y,
             falls = descent->points[least_of(descent, i + 1, descent->count)].y < y;
        bool is_higher = peak == descent->count || y > descent->points[peak].y;
        if (rises && falls && is_higher) peak = i;
    }
    return peak;
}

static struct cell descent_number(double value)
{
    return (struct cell){.kind = isnan(value) ? CELL_ABSENT : CELL_NUMBER, .number = value};
}

static void descent_say(const struct descent *descent, struct cell *cells)
{
    size_t threshold = descent->count, peak = find_peak(descent);
    while (threshold > 0 && is_fitted(descent, &descent->points[threshold - 1])) threshold--;
    if (threshold < descent->count)
        cells[DESCENT_THRESHOLD] = descent_number(descent->points[threshold].x);
    if (peak == descent->count) {
        cells[DESCENT_NOTE] = (struct cell){.kind = CELL_TEXT,
                                            .text = "no peak: no error has a smaller one on either "
                                                    "side of it"};
        return;
    }
    size_t before = least_of(descent, 0, peak), after = least_of(descent, peak + 1, descent->count);
    cells[DESCENT_PEAK_X] = descent_number(descent->points[peak].x);
    cells[DESCENT_PEAK_Y] = descent_number(descent->points[peak].y);
    cells[DESCENT_BEFORE_X] = descent_number(descent->points[before].x);
    cells[DESCENT_BEFORE_Y] = descent_number(descent->points[before].y);
    cells[DESCENT_AFTER_X] = descent_number(descent->points[after].x);
    cells[DESCENT_AFTER_Y] = descent_number(descent->points[after].y);
}

static basin_status descent_run(const struct across_site *site)
{
    struct descent descent = {.site = site, .settings = site->settings};
    struct cell cells[DESCENT_COLUMNS] = {{0}};
    descent.points = arena_array(site->arena, struct descent_point, site->count + 1);
    if (!descent.points) return BASIN_MEMORY;
    descent.is_accuracy = strstr(descent.settings->train, "accuracy") != NULL;
    TRY(descent_read(&descent));
    cells[DESCENT_X] = (struct cell){.kind = CELL_TEXT, .text = descent.settings->x};
    cells[DESCENT_Y] = (struct cell){.kind = CELL_TEXT, .text = descent.settings->y};
    cells[DESCENT_SIZES] = descent_number((double)descent.count);
    cells[DESCENT_RUNS] = descent_number((double)descent.runs);
    descent_say(&descent, cells);
    return across_add(site, cells);
}

static const struct schema_row descent_rows[] = {
    ACROSS_OVER_ALL_ROW,
    {.key = "x",
     SETTING(struct descent_settings, x),
     .type = SCHEMA_TEXT,
     .minimum = 1,
     .maximum = 200,
     .fallback = "parameters",
     .doc = "What grows: a number or a parameter."},
    {.key = "y",
     SETTING(struct descent_settings, y),
     .type = SCHEMA_TEXT,
     .minimum = 1,
     .maximum = 200,
     .fallback = "test_loss",
     .doc = "The error that peaks: a number, or an expression of numbers as "
            "1 - test_accuracy, that is better where it is smaller."},
    {.key = "train",
     SETTING(struct descent_settings, train),
     .type = SCHEMA_TEXT,
     .minimum = 1,
     .maximum = 200,
     .fallback = "train_loss",
     .doc = "What says that the training data are fitted: a loss, or an accuracy by its name."},
    {.key = "level",
     SETTING(struct descent_settings, level),
     .type = SCHEMA_FLOAT,
     .minimum = 0,
     .maximum = 1e9,
     .fallback = "0.01",
     .doc = "How small the training loss, or the share of wrong examples, has to be."},
    {0}};

const struct entry double_descent_entry = {
    .name = "double_descent",
    .doc =
        "The interpolation threshold, the peak of the test error near it, and the second descent, "
        "of means over the runs of each size.",
    .source = "Belkin et al., \"Reconciling modern machine-learning practice and the classical "
              "bias-variance trade-off\", PNAS 2019",
    .parameters = descent_rows,
    .implementation =
        &(const struct across_measure){.columns = descent_columns, .keys = 2, .run = descent_run},
    .settings_size = sizeof(struct descent_settings)};
