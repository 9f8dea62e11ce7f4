/* Scaling fit: how a number falls with the amount of data, parameters, or both. */
#include <math.h>
#include <string.h>
#include "analysis/across.h"
#include "analysis/interval.h"
#include "analysis/power_law.h"
#include "store/store.h"

struct scaling_settings {
    struct across_common common;
    const char *x, *y;
    int64_t resamples;
};

enum {
    SCALING_X,
    SCALING_Y,
    SCALING_RUNS,
    SCALING_SLOPE,
    SCALING_R_SQUARED = SCALING_SLOPE + 3,
    SCALING_OFFSET,
    SCALING_COEFFICIENT = SCALING_OFFSET + 3,
    SCALING_EXPONENT = SCALING_COEFFICIENT + 3,
    SCALING_COEFFICIENT_2 = SCALING_EXPONENT + 3,
    SCALING_EXPONENT_2 = SCALING_COEFFICIENT_2 + 3,
    SCALING_LOSS = SCALING_EXPONENT_2 + 3,
    SCALING_NOTE,
    SCALING_COLUMNS
};

#define ENDS(name, what)                                                                           \
    {name "_low", "1", "lower end of its 95 % interval", "percentile bootstrap over runs", NULL},  \
    {                                                                                              \
        name "_high", "1", "upper end of its 95 % interval", "percentile bootstrap over runs",     \
            NULL                                                                                   \
    }

static const struct quantity scaling_columns[] = {
    {"x", "1", "what it depends on", NULL, NULL},
    {"y", "1", "the number", NULL, NULL},
    {"runs", "1", "runs with positive x and y", NULL, NULL},
    {"slope", "1", "slope of log y over log x", "least squares; of one variable", NULL},
    ENDS("slope", ),
    {"r_squared", "1", "share of the variance of log y that the straight line explains", NULL,
     NULL},
    {"offset", "1", "E in y = E + A x^-a (+ B z^-b)",
     "least sum of Huber losses (1e-3) of the logarithms", "Hoffmann et al. 2022"},
    ENDS("offset", ),
    {"coefficient", "1", "A", NULL, NULL},
    ENDS("coefficient", ),
    {"exponent", "1", "a", NULL, NULL},
    ENDS("exponent", ),
    {"coefficient_2", "1", "B", NULL, NULL},
    ENDS("coefficient_2", ),
    {"exponent_2", "1", "b", NULL, NULL},
    ENDS("exponent_2", ),
    {"huber_loss", "1", "the sum that was minimised", NULL, NULL},
    {"note", "1", "why a number is absent", NULL, NULL},
    {0}};

struct scaling {
    const struct across_site *site;
    const struct scaling_settings *settings;
    struct arena *arena;
    const char *names[2];
    size_t variables;
    double *y, *x[2];
    struct power_points points;
    struct power_law law;
};

/* ---- the points ---- */

/* The size of the training set where the spec says `all`. */
static basin_status train_size_of(const struct scaling *scaling, size_t i, double *size)
{
    enum { ROWS_MOST = 1 << 28 };
    struct arena *scratch;
    struct record *record;
    TRY(arena_create(&scratch));
    basin_status status =
        store_load_small(across_name(scaling->site, i), ROWS_MOST, scratch, &record);
    const struct record_item *rows =
        status == BASIN_OK ? record_find(record, "/data/rows/train") : NULL;
    *size = rows ? (double)record_count(rows) : NAN;
    arena_destroy(scratch);
    return status;
}

static basin_status scaling_value(const struct scaling *scaling, size_t i, int column,
                                  double *value)
{
    const struct across_site *site = scaling->site;
    const struct cell *cell = &site->table->rows[site->rows[i]].cells[column];
    const char *name = site->table->columns[column].name;
    *value = cell->kind == CELL_NUMBER ? cell->number : NAN;
    bool is_all = cell->kind == CELL_TEXT && strcmp(cell->text, "all") == 0;
    return is_all && strcmp(name, "dataset.train_size") == 0 ? train_size_of(scaling, i, value)
                                                             : BASIN_OK;
}

static basin_status scaling_column(const struct scaling *scaling, const char *name, int *column)
{
    *column = table_column(scaling->site->table, name);
    if (*column >= 0) return BASIN_OK;
    error_prefix("scaling_fit");
    return basin_error_last()->status;
}

static basin_status read_points(struct scaling *scaling)
{
    size_t count = scaling->site->count;
    int columns[2];
    for (size_t k = 0; k < scaling->variables; k++)
        TRY(scaling_column(scaling, scaling->names[k], &columns[k]));
    double *numbers = arena_array(scaling->arena, double, 3 * count + 1);
    if (!numbers) return BASIN_MEMORY;
    TRY(across_numbers(scaling->site, "scaling_fit", "y", scaling->settings->y, numbers));
    scaling->y = numbers;
    for (size_t k = 0; k < scaling->variables; k++) scaling->x[k] = numbers + (k + 1) * count;
    for (size_t i = 0; i < count; i++) {
        size_t at = scaling->points.count;
        bool is_good = true;
        scaling->y[at] = scaling->y[i]; /* those that are left move to the front */
        is_good = isfinite(scaling->y[at]) && scaling->y[at] > 0;
        for (size_t k = 0; k < scaling->variables; k++) {
            TRY(scaling_value(scaling, i, columns[k], &scaling->x[k][at]));
            is_good = is_good && isfinite(scaling->x[k][at]) && scaling->x[k][at] > 0;
        }
        scaling->points.count += is_good;
    }
    scaling->points.y = scaling->y;
    for (size_t k = 0; k < scaling->variables; k++) scaling->points.x[k] = scaling->x[k];
    return BASIN_OK;
}

/* ---- the fit and its intervals ---- */

static struct cell scaling_number(double value)
{
    return (struct cell){.kind = isnan(value) ? CELL_ABSENT : CELL_NUMBER, .number = value};
}

/* What is estimated, in the order of the columns. */
enum { ESTIMATES = 6 };

static void scaling_estimate(const struct scaling *scaling, const uint32_t *rows, size_t count,
                             const struct power_law *start, struct power_law *law, double *out)
{
    double r_squared;
    power_law_fit(&scaling->points, rows, count, start, law);
    out[0] = NAN;
    if (scaling->variables == 1) power_line_fit(&scaling->points, rows, count, &out[0], &r_squared);
    out[1] = law->offset;
    out[2] = law->coefficient[0];
    out[3] = law->exponent[0];
    out[4] = scaling->variables == 2 ? law->coefficient[1] : NAN;
    out[5] = scaling->variables == 2 ? law->exponent[1] : NAN;
}

static const int estimate_columns[ESTIMATES] = {SCALING_SLOPE,         SCALING_OFFSET,
                                                SCALING_COEFFICIENT,   SCALING_EXPONENT,
                                                SCALING_COEFFICIENT_2, SCALING_EXPONENT_2};

static basin_status put_intervals(struct scaling *scaling, struct cell *cells)
{
    size_t n = scaling->points.count, count = (size_t)scaling->settings->resamples;
    struct resamples *resamples;
    double *drawn = arena_array(scaling->arena, double, ESTIMATES *(count + 1));
    if (!drawn) return BASIN_MEMORY;
    TRY(resamples_make(scaling->arena, n, count, &resamples));
    for (size_t i = 0; i < count; i++) {
        struct power_law law;
        double own[ESTIMATES];
        scaling_estimate(scaling, resamples->rows + i * n, n, &scaling->law, &law, own);
        for (int k = 0; k < ESTIMATES; k++) drawn[(size_t)k * count + i] = own[k];
    }
    for (int k = 0; k < ESTIMATES && count > 1; k++) {
        double *own = drawn + (size_t)k * count, tail = (1 - INTERVAL_LEVEL) / 2;
        size_t defined = 0;
        for (size_t i = 0; i < count; i++)
            if (!isnan(own[i])) own[defined++] = own[i];
        if (defined < 2) continue;
        interval_sort(own, defined);
        cells[estimate_columns[k] + 1] = scaling_number(interval_quantile(own, defined, tail));
        cells[estimate_columns[k] + 2] = scaling_number(interval_quantile(own, defined, 1 - tail));
    }
    return BASIN_OK;
}

/* Different values of a variable: a law of three unknowns needs as many. */
static size_t different(const double *x, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < i && x[k] != x[i]) k++;
        found += k == i;
    }
    return found;
}

static const char *why_no_law(const struct scaling *scaling)
{
    for (size_t k = 0; k < scaling->variables; k++)
        if (different(scaling->x[k], scaling->points.count) < 3)
            return "a law needs three different values of what it depends on";
    return NULL;
}

static basin_status put_law(struct scaling *scaling, struct cell *cells)
{
    double own[ESTIMATES], slope, r_squared = NAN;
    const char *why = why_no_law(scaling);
    if (why) {
        cells[SCALING_NOTE] = (struct cell){.kind = CELL_TEXT, .text = why};
        return BASIN_OK;
    }
    scaling_estimate(scaling, NULL, scaling->points.count, NULL, &scaling->law, own);
    if (scaling->variables == 1)
        power_line_fit(&scaling->points, NULL, scaling->points.count, &slope, &r_squared);
    for (int k = 0; k < ESTIMATES; k++) cells[estimate_columns[k]] = scaling_number(own[k]);
    cells[SCALING_R_SQUARED] = scaling_number(r_squared);
    cells[SCALING_LOSS] = scaling_number(scaling->law.loss);
    return put_intervals(scaling, cells);
}

static basin_status scaling_fit(struct scaling *scaling)
{
    struct cell cells[SCALING_COLUMNS] = {{0}};
    TRY(read_points(scaling));
    cells[SCALING_X] = (struct cell){.kind = CELL_TEXT, .text = scaling->settings->x};
    cells[SCALING_Y] = (struct cell){.kind = CELL_TEXT, .text = scaling->settings->y};
    cells[SCALING_RUNS] = scaling_number((double)scaling->points.count);
    TRY(put_law(scaling, cells));
    return across_add(scaling->site, cells);
}

/* "parameters, dataset.train_size": one or two names. */
static basin_status split_names(struct scaling *scaling)
{
    const char *at = scaling->settings->x;
    while (*at) {
        at += strspn(at, " ,");
        size_t length = strcspn(at, " ,");
        if (!length) break;
        if (scaling->variables == 2)
            return error_raise(BASIN_USAGE,
                               "scaling_fit: x names one or two variables, not more: "
                               "\"%s\"",
                               scaling->settings->x);
        scaling->names[scaling->variables] = arena_text_n(scaling->arena, at, length);
        if (!scaling->names[scaling->variables++]) return BASIN_MEMORY;
        at += length;
    }
    return scaling->variables ? BASIN_OK
                              : error_raise(BASIN_USAGE, "scaling_fit: x names no variable");
}

static basin_status scaling_run(const struct across_site *site)
{
    struct scaling scaling = {.site = site, .settings = site->settings};
    TRY(arena_create(&scaling.arena));
    basin_status status = split_names(&scaling);
    if (status == BASIN_OK) status = scaling_fit(&scaling);
    arena_destroy(scaling.arena);
    return status;
}

static const struct schema_row scaling_rows[] = {
    ACROSS_OVER_ALL_ROW,
    {.key = "x",
     SETTING(struct scaling_settings, x),
     .type = SCHEMA_TEXT,
     .minimum = 1,
     .maximum = 400,
     .fallback = "dataset.train_size",
     .doc =
         "What it depends on: a parameter or a number; two with a comma between them for a law in "
         "both, as parameters, dataset.train_size."},
    {.key = "y",
     SETTING(struct scaling_settings, y),
     .type = SCHEMA_TEXT,
     .minimum = 1,
     .maximum = 200,
     .fallback = "test_loss",
     .doc = "The number that falls, or an expression of numbers, as 1 - test_accuracy."},
    {.key = "resamples",
     SETTING(struct scaling_settings, resamples),
     .type = SCHEMA_INTEGER,
     .minimum = 0,
     .maximum = 100000,
     .fallback = "200",
     .doc = "Resamples of the runs for the intervals; 0: none."},
    {0}};

const struct entry scaling_fit_entry = {
    .name = "scaling_fit",
    .doc = "Power laws y = E + A x^-a (+ B z^-b) in the size of the training set, the number of "
           "parameters or both, and the slope of log y over log x, with bootstrap intervals.",
    .source = "Hoffmann et al., \"Training compute-optimal large language models\", 2022",
    .parameters = scaling_rows,
    .implementation =
        &(const struct across_measure){.columns = scaling_columns, .keys = 2, .run = scaling_run},
    .settings_size = sizeof(struct scaling_settings)};
