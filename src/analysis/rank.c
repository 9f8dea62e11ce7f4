/* Rank: which measure predicts the generalisation gap of the runs of a sweep?
 *
 * Every number that a run has without its test set is compared with each gap, by the statistics of
 * ranking.h, and so are three that a measure has to beat: noise, the number of parameters, and the
 * gap itself with noise added to it. */
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/across.h"
#include "analysis/cube.h"
#include "analysis/kendall.h"
#include "analysis/ranking.h"
#include "base/random.h"
#include "store/store.h"

struct rank_settings {
    struct setting_texts gap, measures;
    int64_t test_examples;
};

enum {
    RANK_GAP,
    RANK_MEASURE,
    RANK_RUNS,
    RANK_TAU,
    RANK_TAU_LOW,
    RANK_TAU_HIGH,
    RANK_PSI,
    RANK_PSI_LOW,
    RANK_PSI_HIGH,
    RANK_CMI,
    RANK_ERROR,
    RANK_WORST,
    RANK_ENVIRONMENTS,
    RANK_WORST_WHERE,
    RANK_BY_AXIS,
    RANK_NOTE,
    RANK_COLUMNS
};

static const struct quantity rank_columns[] = {
    [RANK_GAP] = {.name = "gap", .units = "1", .long_name = "which gap is predicted"},
    [RANK_MEASURE] = {.name = "measure", .units = "1", .long_name = "what predicts it"},
    [RANK_RUNS] = {.name = "runs",
                   .units = "1",
                   .long_name = "runs",
                   .definition = "finished, not exploded, with both numbers"},
    [RANK_TAU] = {.name = "kendall_tau",
                  .units = "1",
                  .long_name = "Kendall's rank correlation",
                  .definition = "tau-b of the measure and the gap, over all runs",
                  .source = "Kendall 1945"},
    [RANK_TAU_LOW] = {.name = "kendall_tau_low",
                      .units = "1",
                      .long_name = "lower end of its 95 % interval",
                      .definition = "percentile bootstrap over runs"},
    [RANK_TAU_HIGH] = {.name = "kendall_tau_high",
                       .units = "1",
                       .long_name = "upper end of its 95 % interval",
                       .definition = "percentile bootstrap over runs"},
    [RANK_PSI] = {.name = "granulated_kendall",
                  .units = "1",
                  .long_name = "granulated Kendall's coefficient Psi",
                  .definition =
                      "mean over the axes of the mean tau-b among runs that differ in that "
                      "axis alone and have the same seed",
                  .source = "Jiang et al. 2020"},
    [RANK_PSI_LOW] = {.name = "granulated_kendall_low",
                      .units = "1",
                      .long_name = "lower end of its 95 % interval",
                      .definition = "percentile bootstrap over the sets of runs of each axis"},
    [RANK_PSI_HIGH] = {.name = "granulated_kendall_high",
                       .units = "1",
                       .long_name = "upper end of its 95 % interval",
                       .definition = "percentile bootstrap over the sets of runs of each axis"},
    [RANK_CMI] = {.name = "conditional_mutual_information",
                  .units = "percent",
                  .long_name = "conditional mutual information",
                  .definition = "of the signs of the differences of measure and gap, over ordered "
                                "pairs of runs, given the values of both on two axes, relative to "
                                "the conditional entropy of the latter; the least over pairs of "
                                "axes",
                  .source = "Jiang et al. 2020 (PGDL)"},
    [RANK_ERROR] = {.name = "sign_error",
                    .units = "1",
                    .long_name = "sign error, mean over environments",
                    .definition =
                        "share of pairs of runs that the measure orders otherwise than the "
                        "gap; an environment is the pairs with two values of one axis that "
                        "agree in all else; gaps of accuracy weigh by Hoeffding's bound",
                    .source = "Dziugaite et al. 2020"},
    [RANK_WORST] = {.name = "sign_error_worst",
                    .units = "1",
                    .long_name = "sign error of the worst environment",
                    .source = "Dziugaite et al. 2020"},
    [RANK_ENVIRONMENTS] = {.name = "environments",
                           .units = "1",
                           .long_name = "environments with some weight"},
    [RANK_WORST_WHERE] = {.name = "worst_environment",
                          .units = "1",
                          .long_name = "axis and two values of the worst environment"},
    [RANK_BY_AXIS] = {.name = "granulated_by_axis",
                      .units = "1",
                      .long_name = "mean tau-b of each axis"},
    [RANK_NOTE] = {.name = "note", .units = "1", .long_name = "why a number is absent"},
    {0}};

struct ranks {
    const struct across_site *site;
    const struct rank_settings *settings;
    struct cube cube; /* of all runs: its axes */
    size_t axes;      /* of the sweep, without seeds */
    const int *columns;
    const size_t *sizes;
    const uint32_t *places, *seeds; /* (rows, axes), (rows) */
    double test_examples;
    bool complete; /* the grid of all rows */
};

/* ---- the grid ---- */

static bool is_seed_column(const struct table *table, int column)
{
    static const char *const seeds[] = {"seed", "seed.init", "seed.order", "seed.data",
                                        "dataset.seed"};
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
        if (strcmp(table->columns[column].name, seeds[i]) == 0) return true;
    return false;
}

/* Which of the distinct values each row has: numbers in the order in which they appear. */
static size_t number_values(const struct table *table, int column, uint32_t *numbers, size_t stride)
{
    size_t count = 0;
    for (size_t i = 0; i < table->row_count; i++) {
        size_t k = 0;
        while (k < i && !cell_equal(&table->rows[k].cells[column], &table->rows[i].cells[column]))
            k++;
        numbers[i * stride] = k < i ? numbers[k * stride] : (uint32_t)count++;
    }
    return count;
}

/* All seeds of a run as one number. */
static basin_status number_seeds(struct ranks *ranks, const int *columns, size_t count,
                                 uint32_t *seeds)
{
    const struct table *table = ranks->site->table;
    uint32_t *own = arena_array(ranks->site->arena, uint32_t, table->row_count + 1);
    if (!own) return BASIN_MEMORY;
    for (size_t i = 0; i < table->row_count; i++) seeds[i] = 0;
    for (size_t c = 0; c < count; c++) {
        if (!is_seed_column(table, columns[c])) continue;
        size_t values = number_values(table, columns[c], own, 1);
        for (size_t i = 0; i < table->row_count; i++)
            seeds[i] = (uint32_t)(seeds[i] * values + own[i]);
    }
    return BASIN_OK;
}

/* Is every combination of values there with every seed, once? */
static bool is_complete(const struct ranks *ranks)
{
    size_t rows = ranks->site->table->row_count, places = 1, seeds = 0;
    for (size_t i = 0; i < ranks->axes && places <= rows; i++) places *= ranks->sizes[i];
    for (size_t i = 0; i < rows; i++) {
        size_t k = 0;
        while (k < i && ranks->seeds[k] != ranks->seeds[i]) k++;
        seeds += k == i;
        for (size_t j = 0; j < i; j++)
            if (ranks->seeds[j] == ranks->seeds[i] &&
                memcmp(ranks->places + j * ranks->axes, ranks->places + i * ranks->axes,
                       ranks->axes * sizeof *ranks->places) == 0)
                return false;
    }
    return places * seeds == rows;
}

static basin_status find_grid(struct ranks *ranks)
{
    const struct table *table = ranks->site->table;
    struct arena *arena = ranks->site->arena;
    int *columns;
    size_t count;
    TRY(cube_columns(table, &columns, &count));
    uint32_t *places = arena_array(arena, uint32_t, table->row_count * (count + 1) + 1),
             *seeds = arena_array(arena, uint32_t, table->row_count + 1);
    size_t *sizes = arena_array(arena, size_t, count + 1);
    if (!places || !seeds || !sizes) return BASIN_MEMORY;
    TRY(number_seeds(ranks, columns, count, seeds));
    for (size_t i = 0; i < count; i++)
        if (!is_seed_column(table, columns[i])) columns[ranks->axes++] = columns[i];
    for (size_t i = 0; i < ranks->axes; i++)
        sizes[i] = number_values(table, columns[i], places + i, ranks->axes);
    ranks->columns = columns;
    ranks->sizes = sizes;
    ranks->places = places;
    ranks->seeds = seeds;
    ranks->complete = is_complete(ranks);
    return BASIN_OK;
}

/* ---- the test set ---- */

static basin_status find_test_examples(struct ranks *ranks)
{
    enum { ROWS_MOST = 1 << 28 };
    struct arena *scratch;
    struct record *record;
    if (ranks->settings->test_examples != SETTING_ABSENT) {
        ranks->test_examples = (double)ranks->settings->test_examples;
        return BASIN_OK;
    }
    TRY(arena_create(&scratch));
    basin_status status =
        store_load_small(across_name(ranks->site, 0), ROWS_MOST, scratch, &record);
    if (status == BASIN_OK) {
        const struct record_item *rows = record_find(record, "/data/rows/test");
        ranks->test_examples = rows ? (double)record_count(rows) : 0;
    }
    arena_destroy(scratch);
    return status;
}

/* ---- one measure against one gap ---- */

struct pairs {
    const char *gap, *measure;
    double *x, *g; /* (count) */
    uint32_t *places, *seeds;
    size_t count, of;
    bool weigh; /* the gap is one of accuracy */
};

struct tau_context {
    const struct pairs *pairs;
    double *own;
};

static double resampled_tau(void *context, const uint32_t *rows, size_t count)
{
    struct tau_context *tau = context;
    for (size_t i = 0; i < count; i++) {
        tau->own[i] = tau->pairs->x[rows[i]];
        tau->own[count + i] = tau->pairs->g[rows[i]];
    }
    return kendall_tau(tau->own, tau->own + count, count, tau->own + 2 * count);
}

static struct cell rank_number(double value)
{
    return (struct cell){.kind = isnan(value) ? CELL_ABSENT : CELL_NUMBER, .number = value};
}

static struct cell rank_text(const char *text)
{
    return (struct cell){.kind = text && *text ? CELL_TEXT : CELL_ABSENT, .text = text};
}

static basin_status put_tau(struct arena *scratch, const struct pairs *pairs, struct cell *cells)
{
    enum { MANY = 2000 };
    size_t n = pairs->count, draws = n > MANY ? 200 : INTERVAL_RESAMPLES;
    struct resamples *resamples;
    struct tau_context context = {pairs, arena_array(scratch, double, 5 * n + 1)};
    if (!context.own) return BASIN_MEMORY;
    double tau = kendall_tau(pairs->x, pairs->g, n, context.own);
    struct interval interval = {NAN, NAN};
    if (!isnan(tau)) {
        TRY(resamples_make(scratch, n, draws, &resamples));
        interval = interval_of(resamples, resampled_tau, &context, INTERVAL_LEVEL, NULL);
    }
    cells[RANK_TAU] = rank_number(tau);
    cells[RANK_TAU_LOW] = rank_number(interval.low);
    cells[RANK_TAU_HIGH] = rank_number(interval.high);
    return BASIN_OK;
}

static const char *rank_axis_of(const struct ranks *ranks, size_t axis)
{
    return table_name(ranks->site->table, ranks->columns[axis], false);
}

/* "weight_decay 0.5, width -0.1" */
static const char *by_axis(const struct ranks *ranks, const double *psi)
{
    struct text out = {0};
    text_append(&out, "");
    for (size_t i = 0; i < ranks->axes; i++)
        if (!isnan(psi[i]))
            text_format(&out, "%s%s %.4g", out.length ? ", " : "", rank_axis_of(ranks, i), psi[i]);
    const char *made =
        out.failed || !out.length ? "" : arena_text(ranks->site->arena, text_data(&out));
    text_free(&out);
    return made;
}

static const char *rank_value_name(const struct ranks *ranks, size_t axis, size_t value)
{
    const struct table *table = ranks->site->table;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *cell = &table->rows[i].cells[ranks->columns[axis]];
        if (ranks->places[i * ranks->axes + axis] != value) continue;
        if (cell->kind == CELL_NUMBER) return arena_format(table->arena, "%.6g", cell->number);
        if (cell->kind == CELL_BOOLEAN) return cell->number != 0 ? "true" : "false";
        return cell->kind == CELL_ABSENT ? "null" : cell->brief ? cell->brief : cell->text;
    }
    return "";
}

static basin_status put_granulated(struct ranks *ranks, struct arena *scratch,
                                   const struct ranking_grid *grid, const struct pairs *pairs,
                                   struct cell *cells)
{
    double mean, *psi = arena_array(scratch, double, ranks->axes + 1);
    struct interval interval;
    if (!psi) return BASIN_MEMORY;
    TRY(ranking_granulated(scratch, grid, pairs->x, pairs->g, psi, &mean, &interval));
    cells[RANK_PSI] = rank_number(mean);
    cells[RANK_PSI_LOW] = rank_number(interval.low);
    cells[RANK_PSI_HIGH] = rank_number(interval.high);
    cells[RANK_BY_AXIS] = rank_text(by_axis(ranks, psi));
    return cells[RANK_BY_AXIS].kind == CELL_TEXT && !cells[RANK_BY_AXIS].text ? BASIN_MEMORY
                                                                              : BASIN_OK;
}

static basin_status put_errors(struct ranks *ranks, struct arena *scratch,
                               const struct ranking_grid *grid, const struct pairs *pairs,
                               struct cell *cells)
{
    struct ranking_errors errors;
    TRY(ranking_sign_errors(scratch, grid, pairs->x, pairs->g,
                            pairs->weigh ? ranks->test_examples : 0, &errors));
    cells[RANK_ERROR] = rank_number(errors.mean);
    cells[RANK_WORST] = rank_number(errors.worst);
    cells[RANK_ENVIRONMENTS] = rank_number((double)errors.environments);
    if (!errors.environments) return BASIN_OK;
    const char *low = rank_value_name(ranks, errors.axis, errors.low),
               *high = rank_value_name(ranks, errors.axis, errors.high);
    if (!low || !high) return BASIN_MEMORY;
    const char *where =
        arena_format(ranks->site->arena, "%s %s, %s", rank_axis_of(ranks, errors.axis), low, high);
    cells[RANK_WORST_WHERE] = rank_text(where);
    return where ? BASIN_OK : BASIN_MEMORY;
}

enum { CONDITIONAL_MOST = 4000 };

static const char *why_no_conditional(const struct ranks *ranks, const struct pairs *pairs)
{
    if (ranks->axes < 2) return "conditional mutual information needs two swept axes";
    if (!ranks->complete)
        return "conditional mutual information needs every combination of the axes, once a seed";
    if (pairs->count < pairs->of)
        return "conditional mutual information needs the number of every run";
    if (pairs->count > CONDITIONAL_MOST)
        return "conditional mutual information is for at most 4000 runs";
    return NULL;
}

/* A reason for every number of the row that is absent. */
static basin_status put_why(struct ranks *ranks, const struct pairs *pairs, struct cell *cells)
{
    static const char one_axis[] = "runs that differ in one swept axis alone",
                      near[] = "no two gaps are far enough apart, for so few test examples, to "
                               "have a sign error";
    bool no_tau = cell_is_null(&cells[RANK_TAU]), no_psi = cell_is_null(&cells[RANK_PSI]),
         no_errors = cell_is_null(&cells[RANK_ERROR]), no_cmi = cell_is_null(&cells[RANK_CMI]);
    const char *conditional = why_no_conditional(ranks, pairs);
    struct text why = {0};
    if (no_tau) text_append(&why, "; the measure or the gap is the same in all runs");
    if (no_psi && !no_tau)
        text_format(&why, "; granulated tau%s %s", no_errors ? " and sign errors need" : " needs",
                    one_axis);
    if (no_errors && !no_psi) text_format(&why, "; %s", near);
    if (no_errors && no_psi && no_tau) text_format(&why, "; sign errors need %s", one_axis);
    if (conditional) text_format(&why, "; %s", conditional);
    if (no_cmi && !conditional && !no_tau) text_append(&why, "; the gap is the same in all runs");
    const char *kept = arena_text(ranks->site->arena, why.length ? text_data(&why) + 2 : "");
    basin_status status = kept ? text_status(&why) : BASIN_MEMORY;
    cells[RANK_NOTE] = rank_text(kept);
    text_free(&why);
    return status;
}

static basin_status put_statistics(struct ranks *ranks, struct arena *scratch,
                                   const struct pairs *pairs, struct cell *cells)
{
    const struct ranking_grid grid = {.count = pairs->count,
                                      .axis_count = ranks->axes,
                                      .places = pairs->places,
                                      .sizes = ranks->sizes,
                                      .seeds = pairs->seeds};
    double percent = NAN;
    TRY(put_tau(scratch, pairs, cells));
    TRY(put_granulated(ranks, scratch, &grid, pairs, cells));
    TRY(put_errors(ranks, scratch, &grid, pairs, cells));
    if (!why_no_conditional(ranks, pairs))
        TRY(ranking_conditional(scratch, &grid, pairs->x, pairs->g, &percent));
    cells[RANK_CMI] = rank_number(percent);
    return put_why(ranks, pairs, cells);
}

static basin_status rank_add_pairs(struct ranks *ranks, struct arena *scratch,
                                   const struct pairs *pairs)
{
    struct cell cells[RANK_COLUMNS] = {{0}};
    cells[RANK_GAP] = rank_text(pairs->gap);
    cells[RANK_MEASURE] = rank_text(pairs->measure);
    cells[RANK_RUNS] = rank_number((double)pairs->count);
    TRY(put_statistics(ranks, scratch, pairs, cells));
    return across_add(ranks->site, cells);
}

/* ---- which numbers ---- */

static double rank_value(const struct ranks *ranks, size_t row, int column)
{
    const struct table *table = ranks->site->table;
    const struct cell *cell = &table->rows[row].cells[column];
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, "exploded") == 0 &&
            table->rows[row].cells[i].number != 0)
            return NAN;
    return cell->kind == CELL_NUMBER && isfinite(cell->number) ? cell->number : NAN;
}

/* What is measured with the test or validation set, or is made of it. */
static bool sees_test(const char *name)
{
    static const char *const patterns[] = {"test_*", "validation_*", "*_gap",
                                           "best_*", "stopped_*",    "seconds"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (fnmatch(patterns[i], name, 0) == 0) return true;
    return false;
}

static bool rank_is_wanted(const struct ranks *ranks, const struct column *column)
{
    const struct setting_texts *wanted = &ranks->settings->measures;
    if (column->group != COLUMN_MEASURE || column->verdict) return false;
    if (wanted->count == 0) return !sees_test(column->name);
    for (size_t i = 0; i < wanted->count; i++)
        if (fnmatch(wanted->items[i], column->name, 0) == 0) return true;
    return false;
}

static bool rank_varies(const struct ranks *ranks, int column)
{
    double first = NAN;
    for (size_t i = 0; i < ranks->site->table->row_count; i++) {
        double value = rank_value(ranks, i, column);
        if (isnan(first)) first = value;
        if (!isnan(value) && value != first) return true;
    }
    return false;
}

/* The runs that have both; where `measure` is negative, x is drawn: noise, added to the gap where
 * there is a `share` of its deviation. */
static basin_status pairs_make(struct ranks *ranks, struct arena *scratch, int gap, int measure,
                               double share, struct pairs *pairs)
{
    enum { SEED = 0x9a7 };
    const struct random random = random_make(SEED, STREAM_BOOTSTRAP, 1, (uint32_t)(share * 1000));
    size_t rows = ranks->site->table->row_count, axes = ranks->axes;
    double *spread = arena_array(scratch, double, rows + 1);
    pairs->x = arena_array(scratch, double, rows + 1);
    pairs->g = arena_array(scratch, double, rows + 1);
    pairs->places = arena_array(scratch, uint32_t, rows * (axes + 1) + 1);
    pairs->seeds = arena_array(scratch, uint32_t, rows + 1);
    if (!spread || !pairs->x || !pairs->g || !pairs->places || !pairs->seeds) return BASIN_MEMORY;
    pairs->of = rows;
    for (size_t i = 0; i < rows; i++) {
        double g = rank_value(ranks, i, gap),
               x = measure >= 0 ? rank_value(ranks, i, measure) : random_normal(&random, i);
        if (isnan(g) || isnan(x)) continue;
        size_t at = pairs->count++;
        pairs->x[at] = x;
        pairs->g[at] = spread[at] = g;
        pairs->seeds[at] = ranks->seeds[i];
        memcpy(pairs->places + at * axes, ranks->places + i * axes, axes * sizeof *pairs->places);
    }
    double deviation = interval_deviation(spread, pairs->count);
    for (size_t i = 0; i < pairs->count && measure < 0 && share > 0; i++)
        pairs->x[i] = pairs->g[i] + share * deviation * pairs->x[i];
    return BASIN_OK;
}

static basin_status rank_one(struct ranks *ranks, int gap, int measure, const char *name,
                             double share)
{
    const char *of = ranks->site->table->columns[gap].name;
    struct pairs pairs = {.gap = of, .measure = name, .weigh = strstr(of, "accuracy") != NULL};
    struct arena *scratch;
    TRY(arena_create(&scratch));
    basin_status status = pairs_make(ranks, scratch, gap, measure, share, &pairs);
    if (status == BASIN_OK) status = rank_add_pairs(ranks, scratch, &pairs);
    arena_destroy(scratch);
    return status;
}

static basin_status rank_gap(struct ranks *ranks, int gap)
{
    static const struct {
        const char *name;
        double share;
    } baselines[] = {
        {"(random)", 0}, {"(gap + noise of 0.5 s.d.)", 0.5}, {"(gap + noise of 1 s.d.)", 1}};
    const struct table *table = ranks->site->table;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        bool is_baseline = strcmp(column->name, "parameters") == 0;
        if ((int)i == gap || !(rank_is_wanted(ranks, column) || is_baseline)) continue;
        if (rank_varies(ranks, (int)i)) TRY(rank_one(ranks, gap, (int)i, column->name, 0));
    }
    for (size_t i = 0; i < sizeof baselines / sizeof *baselines; i++)
        TRY(rank_one(ranks, gap, -1, baselines[i].name, baselines[i].share));
    return BASIN_OK;
}

/* The gaps that were asked for, then the two that always are there. */
static basin_status rank_gaps(struct ranks *ranks)
{
    static const char *const always[] = {"accuracy_gap", "loss_gap"};
    const struct table *table = ranks->site->table;
    const struct setting_texts *asked = &ranks->settings->gap;
    size_t done = 0, count = asked->count + 2;
    for (size_t i = 0; i < count; i++) {
        const char *name = i < asked->count ? asked->items[i] : always[i - asked->count];
        bool again = false;
        for (size_t k = 0; k < asked->count && i >= asked->count; k++)
            again = again || strcmp(asked->items[k], name) == 0;
        int column = -1;
        for (size_t k = 0; k < table->column_count; k++)
            if (table->columns[k].group == COLUMN_MEASURE &&
                strcmp(table->columns[k].name, name) == 0)
                column = (int)k;
        if (column < 0 && i < asked->count)
            return error_raise(BASIN_USAGE, "rank: no run has a number \"%s\"", name);
        if (column < 0 || again) continue;
        TRY(rank_gap(ranks, column));
        done++;
    }
    return done ? BASIN_OK
                : error_raise(BASIN_DATA, "rank: the runs have neither accuracy_gap nor loss_gap");
}

/* Every name or pattern has to mean some number. */
static basin_status check_patterns(const struct ranks *ranks)
{
    const struct setting_texts *wanted = &ranks->settings->measures;
    const struct table *table = ranks->site->table;
    for (size_t i = 0; i < wanted->count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < table->column_count && !is_there; k++)
            is_there = table->columns[k].group == COLUMN_MEASURE &&
                       fnmatch(wanted->items[i], table->columns[k].name, 0) == 0;
        if (is_there) continue;
        error_raise(BASIN_USAGE, "rank: no number of the runs matches \"%s\"", wanted->items[i]);
        error_hint("the first line of `basin table -f csv` lists all numbers");
        return BASIN_USAGE;
    }
    return BASIN_OK;
}

static basin_status rank_run(const struct across_site *site)
{
    struct ranks ranks = {.site = site, .settings = site->settings};
    if (site->table->row_count < 2) {
        error_raise(BASIN_DATA, "rank: %zu run%s finished, and an order needs two",
                    site->table->row_count, site->table->row_count == 1 ? " has" : "s have");
        return BASIN_DATA;
    }
    TRY(check_patterns(&ranks));
    TRY(find_grid(&ranks));
    TRY(find_test_examples(&ranks));
    return rank_gaps(&ranks);
}

static const struct schema_row rank_rows[] = {
    {.key = "gap",
     SETTING(struct rank_settings, gap),
     .type = SCHEMA_TEXTS,
     .minimum = 1,
     .maximum = 200,
     .fallback = "[]",
     .doc =
         "Numbers to predict, before accuracy_gap and loss_gap, which always follow: rankings of "
         "measures can reverse between them."},
    {.key = "measures",
     SETTING(struct rank_settings, measures),
     .type = SCHEMA_TEXTS,
     .minimum = 1,
     .maximum = 200,
     .fallback = "[]",
     .doc = "Which numbers predict, as names or patterns (hessian_*); [] for all that are taken "
            "without the test and validation set."},
    {.key = "test_examples",
     SETTING(struct rank_settings, test_examples),
     .type = SCHEMA_INTEGER,
     .unit = "examples",
     .minimum = 0,
     .maximum = 1e12,
     .flags = SCHEMA_OPTIONAL,
     .doc =
         "How many test examples the weights of sign errors assume; if absent, those of the runs; "
         "0: all pairs weigh alike."},
    {0}};

const struct entry rank_entry = {
    .name = "rank",
    .doc = "Which number predicts the generalisation gap: Kendall's tau, granulated tau over the "
           "axes, conditional mutual information and sign errors of every measure against both "
           "gaps, beside noise, the number of parameters and the gap with noise.",
    .source =
        "Jiang et al., \"Fantastic generalization measures and where to find them\", ICLR 2020; "
        "Dziugaite et al., \"In search of robust measures of generalization\", NeurIPS 2020",
    .parameters = rank_rows,
    .implementation =
        &(const struct across_measure){
            .columns = rank_columns, .keys = 2, .run = rank_run, .whole = true},
    .settings_size = sizeof(struct rank_settings)};
