/* Ensembles: what the average of several networks predicts, on the test examples.
 *
 * Of networks i = 1 ... m with predictions p_i (probabilities by the softmax of their outputs; the
 * outputs themselves where the loss is mse) the ensemble predicts q = 1/m sum p_i. Then, exactly,
 *
 *     ||q - y||^2  =  1/m sum ||p_i - y||^2  -  1/m sum ||p_i - q||^2    (Krogh and Vedelsby 1995)
 *     ensemble        mean of members           ambiguity
 *
 * and -log q_y <= 1/m sum -log p_i,y by Jensen's inequality. All members pass the same examples
 * side by side, a chunk at a time, and the first m of them are an ensemble for every m.
 */
#include <math.h>
#include <string.h>
#include "analysis/across.h"
#include "models/objective.h"
#include "spec/value.h"
#include "train/train.h"

struct ensemble_settings {
    struct across_common common;
    int64_t examples;
    int64_t bins;
    struct setting_integers sizes;
};

/* Predictions of the examples so far, against their targets. */
struct tally {
    double hits, loss, square;           /* sums: right ones; -log q_y; ||q - y||^2 */
    double *counts, *confidence, *right; /* (bins) by confidence */
};

struct ensemble {
    const struct across_site *site;
    const struct ensemble_settings *settings;
    struct arena *arena;
    struct finished *members;      /* (count) */
    struct objective **objectives; /* (count) those of equal networks are one */
    size_t count, opened;
    bool probabilities, tokens;
    size_t outputs, positions, examples, chunk;
    /* Of the predictions of a chunk: */
    double *f, *y;       /* (chunk, positions, outputs), (chunk, positions, targets) */
    double *sum, *norms; /* (chunk, positions, outputs) of p_i; (chunk, positions) of ||p_i||^2 */
    double *log_sum;     /* (chunk, positions) log sum p_i,y */
    int32_t *choices;    /* (count, chunk, positions) what each member predicts */
    double *probability, *target; /* (outputs) of one prediction */
    /* Of all examples, for m = 1 ... count: */
    struct tally *single, *joint;     /* of member m alone; of the first m */
    double *disagreement, *ambiguity; /* sums: pairs that differ; 1/m sum ||p_i - q||^2 */
    double predictions;
};

enum { CHUNK_NUMBERS = 1 << 20 };

/* ---- the members ---- */

static bool have_equal_networks(const struct finished *a, const struct finished *b)
{
    struct text texts[2] = {{0}, {0}};
    if (a->data != b->data || a->settings->train.precision != b->settings->train.precision ||
        a->settings->train.training.loss != b->settings->train.training.loss)
        return false;
    value_print(&texts[0], value_find(a->settings->spec, "architecture"));
    value_print(&texts[1], value_find(b->settings->spec, "architecture"));
    bool equal = !texts[0].failed && !texts[1].failed &&
                 strcmp(text_data(&texts[0]), text_data(&texts[1])) == 0;
    text_free(&texts[0]);
    text_free(&texts[1]);
    return equal;
}

static struct objective_request ensemble_request(const struct finished *member)
{
    return train_objective(&member->settings->train, member->model, member->data, MODE_EVAL);
}

/* What members must have in common to be averaged. */
static basin_status ensemble_check_alike(const struct ensemble *ensemble, size_t i)
{
    const struct finished *first = &ensemble->members[0], *member = &ensemble->members[i];
    const struct data_info *a = data_describe(first->data), *b = data_describe(member->data);
    const char *what = NULL;
    if (a->task != b->task || a->outputs != b->outputs || a->positions != b->positions)
        what = "predict something else";
    else if (ensemble_request(first).loss != ensemble_request(member).loss)
        what = "were trained by another loss";
    else if (!data_same_examples(first->data, member->data, DATA_TEST))
        what = "have other test examples";
    if (!what) return BASIN_OK;
    error_raise(BASIN_DATA,
                "ensemble: members are averaged over the same test examples, but the networks %s "
                "than %s %s",
                across_name(ensemble->site, i), across_name(ensemble->site, 0), what);
    error_hint("choose runs with --where, or what they may differ in with over");
    return BASIN_DATA;
}

static basin_status open_member(struct ensemble *ensemble, size_t i)
{
    TRY(across_open(ensemble->site, i, &ensemble->members[i]));
    ensemble->opened++;
    TRY(ensemble_check_alike(ensemble, i));
    for (size_t j = 0; j < i && !ensemble->objectives[i]; j++)
        if (have_equal_networks(&ensemble->members[j], &ensemble->members[i]))
            ensemble->objectives[i] = ensemble->objectives[j];
    if (ensemble->objectives[i]) return BASIN_OK;
    struct objective_request request = ensemble_request(&ensemble->members[i]);
    return objective_create(&request, &ensemble->objectives[i]);
}

static void ensemble_close(struct ensemble *ensemble)
{
    for (size_t i = 0; i < ensemble->opened; i++) {
        bool shared = false;
        for (size_t j = 0; j < i; j++)
            shared = shared || ensemble->objectives[j] == ensemble->objectives[i];
        if (!shared) objective_destroy(ensemble->objectives[i]);
    }
    for (size_t i = 0; i < ensemble->opened; i++) {
        finished_close(&ensemble->members[i]);
        arena_destroy(ensemble->members[i].arena);
    }
}

/* ---- memory ---- */

static struct tally *tallies(const struct ensemble *ensemble)
{
    size_t bins = (size_t)ensemble->settings->bins;
    struct tally *made = arena_array(ensemble->arena, struct tally, ensemble->count);
    double *numbers = arena_array(ensemble->arena, double, 3 * bins * ensemble->count);
    for (size_t i = 0; made && numbers && i < ensemble->count; i++)
        made[i] = (struct tally){.counts = numbers + 3 * bins * i,
                                 .confidence = numbers + 3 * bins * i + bins,
                                 .right = numbers + 3 * bins * i + 2 * bins};
    return numbers ? made : NULL;
}

static basin_status ensemble_allocate(struct ensemble *ensemble)
{
    struct arena *arena = ensemble->arena;
    size_t predictions = ensemble->chunk * ensemble->positions,
           numbers = predictions * ensemble->outputs;
    ensemble->f = arena_array(arena, double, numbers);
    ensemble->y = arena_array(arena, double, numbers);
    ensemble->sum = arena_array(arena, double, numbers);
    ensemble->norms = arena_array(arena, double, predictions);
    ensemble->log_sum = arena_array(arena, double, predictions);
    ensemble->choices = arena_array(arena, int32_t, ensemble->count * predictions);
    ensemble->probability = arena_array(arena, double, ensemble->outputs);
    ensemble->target = arena_array(arena, double, ensemble->outputs);
    ensemble->single = tallies(ensemble);
    ensemble->joint = tallies(ensemble);
    ensemble->disagreement = arena_array(arena, double, ensemble->count);
    ensemble->ambiguity = arena_array(arena, double, ensemble->count);
    bool complete = ensemble->f && ensemble->y && ensemble->sum && ensemble->norms &&
                    ensemble->log_sum && ensemble->choices && ensemble->probability &&
                    ensemble->target && ensemble->single && ensemble->joint &&
                    ensemble->disagreement && ensemble->ambiguity;
    return complete ? BASIN_OK : BASIN_MEMORY;
}

/* ---- one prediction ---- */

static size_t ensemble_choice(const double *p, size_t count)
{
    size_t at = 0;
    for (size_t k = 1; k < count; k++)
        if (p[k] > p[at]) at = k;
    return at;
}

/* The target of a prediction of the chunk as numbers, and the class that it is. */
static size_t take_target(const struct ensemble *ensemble, size_t prediction)
{
    size_t outputs = ensemble->outputs;
    if (!ensemble->tokens) {
        memcpy(ensemble->target, ensemble->y + prediction * outputs, outputs * sizeof(double));
        return ensemble_choice(ensemble->target, outputs);
    }
    size_t token = (size_t)ensemble->y[prediction];
    memset(ensemble->target, 0, outputs * sizeof(double));
    ensemble->target[token] = 1;
    return token;
}

/* f (outputs) becomes its softmax; the result is the logarithm of that of `class`. */
static double softmax(double *f, size_t outputs, size_t class)
{
    double most = f[ensemble_choice(f, outputs)], total = 0, own = f[class] - most;
    for (size_t k = 0; k < outputs; k++) total += f[k] = exp(f[k] - most);
    for (size_t k = 0; k < outputs; k++) f[k] /= total;
    return own - log(total);
}

/* log(exp(a) + exp(b)) */
static double log_add(double a, double b)
{
    double high = a > b ? a : b, low = a > b ? b : a;
    return isinf(high) ? high : high + log1p(exp(low - high));
}

/* p (outputs) against the target that was taken; log_p: the logarithm of p of its class. The bins
 * of the expected calibration error are those of Guo et al. 2017: ((b - 1)/B, b/B]. */
static void tally_add(const struct ensemble *ensemble, struct tally *tally, const double *p,
                      double log_p, size_t class)
{
    size_t choice = ensemble_choice(p, ensemble->outputs);
    double bins = (double)ensemble->settings->bins, bin = ceil(p[choice] * bins) - 1;
    size_t at = bin >= bins - 1 ? (size_t)bins - 1 : bin > 0 ? (size_t)bin : 0; /* NaN: 0 */
    for (size_t k = 0; k < ensemble->outputs; k++) {
        double d = p[k] - ensemble->target[k];
        tally->square += d * d;
    }
    tally->hits += choice == class;
    tally->loss -= log_p;
    if (!ensemble->probabilities) return;
    if (isnan(p[choice])) tally->confidence[0] = NAN;
    tally->counts[at]++;
    tally->confidence[at] += p[choice];
    tally->right[at] += choice == class;
}

/* Adds member i to the prediction, and to the ensemble of the first i + 1. */
static void predict(struct ensemble *ensemble, size_t i, size_t prediction)
{
    size_t outputs = ensemble->outputs, class = take_target(ensemble, prediction),
           predictions = ensemble->chunk * ensemble->positions;
    double *p = ensemble->f + prediction * outputs, *sum = ensemble->sum + prediction * outputs,
           log_p = ensemble->probabilities ? softmax(p, outputs, class) : 0, m = (double)(i + 1),
           norm = 0;
    int32_t *choices = ensemble->choices + prediction;
    tally_add(ensemble, &ensemble->single[i], p, log_p, class);
    choices[i * predictions] = (int32_t)ensemble_choice(p, outputs);
    for (size_t j = 0; j < i; j++)
        ensemble->disagreement[i] += choices[j * predictions] != choices[i * predictions];
    double *log_sum = &ensemble->log_sum[prediction];
    *log_sum = i ? log_add(*log_sum, log_p) : log_p;
    for (size_t k = 0; k < outputs; k++) {
        sum[k] = (i ? sum[k] : 0) + p[k];
        ensemble->probability[k] = sum[k] / m;
        norm += ensemble->probability[k] * ensemble->probability[k];
        ensemble->norms[prediction] = (i || k ? ensemble->norms[prediction] : 0) + p[k] * p[k];
    }
    ensemble->ambiguity[i] += ensemble->norms[prediction] / m - norm;
    tally_add(ensemble, &ensemble->joint[i], ensemble->probability, *log_sum - log(m), class);
}

/* ---- all examples ---- */

static basin_status run_chunk(struct ensemble *ensemble, const uint32_t *rows, size_t count)
{
    struct data_gather gather = {.part = DATA_TEST, .rows = rows, .count = count};
    struct objective_where where = {.part = DATA_TEST, .rows = rows, .count = count};
    data_gather_double(ensemble->members[0].data, &gather, NULL, ensemble->y);
    for (size_t i = 0; i < ensemble->count; i++) {
        TRY(objective_outputs(ensemble->objectives[i], &where, ensemble->members[i].w,
                              ensemble->f));
        for (size_t k = 0; k < count * ensemble->positions; k++) predict(ensemble, i, k);
    }
    ensemble->predictions += (double)(count * ensemble->positions);
    return BASIN_OK;
}

static basin_status run_examples(struct ensemble *ensemble)
{
    uint32_t *rows = arena_array(ensemble->arena, uint32_t, ensemble->chunk);
    if (!rows) return BASIN_MEMORY;
    for (size_t start = 0; start < ensemble->examples; start += ensemble->chunk) {
        size_t left = ensemble->examples - start,
               count = left < ensemble->chunk ? left : ensemble->chunk;
        for (size_t k = 0; k < count; k++) rows[k] = (uint32_t)(start + k);
        TRY(run_chunk(ensemble, rows, count));
    }
    return BASIN_OK;
}

/* ---- the result ---- */

enum ensemble_column {
    MEMBERS,
    ACCURACY,
    MEAN_ACCURACY,
    NLL,
    MEAN_NLL,
    BRIER,
    MEAN_BRIER,
    ECE,
    MEAN_ECE,
    SQUARED_ERROR,
    MEAN_SQUARED_ERROR,
    AMBIGUITY,
    DISAGREEMENT,
    COLUMNS
};

static double calibration_error(const struct ensemble *ensemble, const struct tally *tally)
{
    double error = 0;
    for (size_t b = 0; b < (size_t)ensemble->settings->bins; b++)
        error += fabs(tally->right[b] - tally->confidence[b]) / ensemble->predictions;
    return error;
}

static void put(struct cell *cells, enum ensemble_column column, double value)
{
    cells[column] = (struct cell){.kind = CELL_NUMBER, .number = value};
}

/* A number of the ensemble, and its mean over members, beside each other. */
static void put_with_mean(struct cell *cells, enum ensemble_column column, double joint,
                          double mean)
{
    put(cells, column, joint);
    put(cells, (enum ensemble_column)(column + 1), mean);
}

static basin_status add_size(const struct ensemble *ensemble, size_t m)
{
    struct cell cells[COLUMNS] = {{.kind = CELL_ABSENT}};
    const struct tally *joint = &ensemble->joint[m - 1];
    double n = ensemble->predictions, members = (double)m, hits = 0, loss = 0, square = 0,
           calibration = 0, pairs = 0;
    for (size_t i = 0; i < m; i++) {
        hits += ensemble->single[i].hits / members;
        loss += ensemble->single[i].loss / members;
        square += ensemble->single[i].square / members;
        calibration += calibration_error(ensemble, &ensemble->single[i]) / members;
        pairs += ensemble->disagreement[i];
    }
    bool classes = data_describe(ensemble->members[0].data)->task != DATA_REGRESSION;
    put(cells, MEMBERS, members);
    put(cells, AMBIGUITY, ensemble->ambiguity[m - 1] / n);
    if (classes)
        put_with_mean(cells, ACCURACY, isfinite(joint->square) ? joint->hits / n : NAN,
                      isfinite(square) ? hits / n : NAN);
    if (classes && m > 1) put(cells, DISAGREEMENT, pairs / n / (members * (members - 1) / 2));
    if (!ensemble->probabilities) {
        put_with_mean(cells, SQUARED_ERROR, joint->square / n, square / n);
        return across_add(ensemble->site, cells);
    }
    put_with_mean(cells, BRIER, joint->square / n, square / n);
    put_with_mean(cells, NLL, joint->loss / n, loss / n);
    put_with_mean(cells, ECE, calibration_error(ensemble, joint), calibration);
    return across_add(ensemble->site, cells);
}

static basin_status check_sizes(const struct ensemble *ensemble)
{
    const struct setting_integers *sizes = &ensemble->settings->sizes;
    for (size_t i = 0; i < sizes->count; i++)
        if ((size_t)sizes->items[i] > ensemble->count) {
            error_raise(
                BASIN_USAGE,
                "ensemble: an ensemble of %lld members is asked for, but the group of %s has %zu",
                (long long)sizes->items[i], across_name(ensemble->site, 0), ensemble->count);
            error_hint("leave sizes out for ensembles of 1, 2, ... all members");
            return BASIN_USAGE;
        }
    return BASIN_OK;
}

static basin_status add_sizes(const struct ensemble *ensemble)
{
    const struct setting_integers *sizes = &ensemble->settings->sizes;
    for (size_t i = 0; i < sizes->count; i++) TRY(add_size(ensemble, (size_t)sizes->items[i]));
    for (size_t m = 1; !sizes->count && m <= ensemble->count; m++) TRY(add_size(ensemble, m));
    return BASIN_OK;
}

/* ---- the measure ---- */

static basin_status ensemble_open(struct ensemble *ensemble)
{
    ensemble->members = arena_array(ensemble->arena, struct finished, ensemble->count);
    ensemble->objectives = arena_array(ensemble->arena, struct objective *, ensemble->count);
    if (!ensemble->members || !ensemble->objectives) return BASIN_MEMORY;
    for (size_t i = 0; i < ensemble->count; i++) TRY(open_member(ensemble, i));
    const struct data_info *info = data_describe(ensemble->members[0].data);
    size_t most = info->counts[DATA_TEST], asked = (size_t)ensemble->settings->examples;
    ensemble->probabilities = ensemble_request(&ensemble->members[0]).loss != LOSS_MSE;
    ensemble->tokens = info->task == DATA_LANGUAGE;
    ensemble->outputs = info->outputs;
    ensemble->positions = info->positions;
    ensemble->examples = ensemble->settings->examples == SETTING_ALL || asked > most ? most : asked;
    ensemble->chunk = CHUNK_NUMBERS / (ensemble->outputs * ensemble->positions) + 1;
    if (ensemble->chunk > ensemble->examples) ensemble->chunk = ensemble->examples;
    return ensemble_allocate(ensemble);
}

static basin_status ensemble_fill(struct ensemble *ensemble)
{
    TRY(check_sizes(ensemble));
    TRY(ensemble_open(ensemble));
    TRY(run_examples(ensemble));
    return add_sizes(ensemble);
}

static basin_status ensemble_run(const struct across_site *site)
{
    struct ensemble ensemble = {.site = site, .settings = site->settings, .count = site->count};
    TRY(arena_create(&ensemble.arena));
    basin_status status = ensemble_fill(&ensemble);
    ensemble_close(&ensemble);
    arena_destroy(ensemble.arena);
    return status;
}

#define MEAN "mean over the members of it"

static const struct quantity ensemble_columns[] = {
    [MEMBERS] = {"members", "1", "members of the ensemble: the first of the group", NULL, NULL},
    [ACCURACY] = {"accuracy", "1", "share of right predictions of the ensemble", NULL, NULL},
    [MEAN_ACCURACY] = {"mean_accuracy", "1", "share of right predictions: " MEAN, NULL, NULL},
    [NLL] = {"nll", "1", "negative log-likelihood of the ensemble",
             "mean of -log q_y, natural logarithm", NULL},
    [MEAN_NLL] = {"mean_nll", "1", "negative log-likelihood: " MEAN, NULL, NULL},
    [BRIER] = {"brier", "1", "Brier score of the ensemble", "mean of ||q - y||^2",
               "Brier, Monthly Weather Review 1950"},
    [MEAN_BRIER] = {"mean_brier", "1", "Brier score: " MEAN, NULL, NULL},
    [ECE] = {"ece", "1", "expected calibration error of the ensemble",
             "sum over bins of confidence of |right - confidence| / n", "Guo et al., ICML 2017"},
    [MEAN_ECE] = {"mean_ece", "1", "expected calibration error: " MEAN, NULL, NULL},
    [SQUARED_ERROR] = {"squared_error", "1", "squared error of the ensemble, where the loss is mse",
                       "mean of ||q - y||^2", NULL},
    [MEAN_SQUARED_ERROR] = {"mean_squared_error", "1", "squared error: " MEAN, NULL, NULL},
    [AMBIGUITY] = {"ambiguity", "1",
                   "what averaging gains: mean_brier - brier, or that of squared errors",
                   "mean of 1/m sum ||p_i - q||^2", "Krogh and Vedelsby, NeurIPS 1994"},
    [DISAGREEMENT] = {"disagreement", "1", "share of predictions in which two members differ",
                      "mean over pairs of members", NULL},
    [COLUMNS] = {NULL, NULL, NULL, NULL, NULL}};

static const struct schema_row ensemble_rows[] = {
    ACROSS_OVER_ROW,
    {.key = "examples",
     SETTING(struct ensemble_settings, examples),
     .type = SCHEMA_COUNT,
     .unit = "examples",
     .minimum = 1,
     .maximum = 1e9,
     .fallback = "all",
     .doc = "The first N test examples, or all."},
    {.key = "sizes",
     SETTING(struct ensemble_settings, sizes),
     .type = SCHEMA_INTEGERS,
     .unit = "members",
     .minimum = 1,
     .maximum = 1e6,
     .fallback = "[]",
     .doc = "Ensembles of so many members, the first of their group; [] for 1, 2, ... all."},
    {.key = "bins",
     SETTING(struct ensemble_settings, bins),
     .type = SCHEMA_INTEGER,
     .unit = "bins",
     .minimum = 1,
     .maximum = 10000,
     .fallback = "15",
     .doc = "Bins of equal width of the expected calibration error."},
    {0}};

const struct entry ensemble_entry = {
    .name = "ensemble",
    .doc =
        "The average prediction (of probabilities; of outputs where the loss is mse) of runs that "
        "differ in their seeds: accuracy, likelihood, Brier score, calibration, against the means "
        "of the members, on the test examples.",
    .source =
        "Lakshminarayanan, Pritzel and Blundell, \"Simple and scalable predictive uncertainty "
        "estimation using deep ensembles\", NeurIPS 2017",
    .parameters = ensemble_rows,
    .implementation =
        &(const struct across_measure){.columns = ensemble_columns, .keys = 1, .run = ensemble_run},
    .settings_size = sizeof(struct ensemble_settings)};
