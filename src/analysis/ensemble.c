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
#include "analysis/members.h"

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
    const struct ensemble_settings *settings;
    struct members members;
    struct arena *arena; /* of the members */
    size_t count, chunk; /* members; predictions of a full chunk */
    /* Of the predictions of a chunk: */
    double *f;                    /* (chunk, outputs) */
    double *sum, *norms;          /* (chunk, outputs) of p_i; (chunk) of ||p_i||^2 */
    double *log_sum;              /* (chunk) log sum p_i,y */
    int32_t *choices;             /* (count, chunk) what each member predicts */
    double *probability, *target; /* (outputs) of one prediction */
    /* Of all examples, for m = 1 ... count: */
    struct tally *single, *joint;     /* of member m alone; of the first m */
    double *disagreement, *ambiguity; /* sums: pairs that differ; 1/m sum ||p_i - q||^2 */
    double predictions;
};

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
    size_t outputs = ensemble->members.outputs, numbers = ensemble->chunk * outputs;
    ensemble->f = arena_array(arena, double, numbers);
    ensemble->sum = arena_array(arena, double, numbers);
    ensemble->norms = arena_array(arena, double, ensemble->chunk);
    ensemble->log_sum = arena_array(arena, double, ensemble->chunk);
    ensemble->choices = arena_array(arena, int32_t, ensemble->count * ensemble->chunk);
    ensemble->probability = arena_array(arena, double, outputs);
    ensemble->target = arena_array(arena, double, outputs);
    ensemble->single = tallies(ensemble);
    ensemble->joint = tallies(ensemble);
    ensemble->disagreement = arena_array(arena, double, ensemble->count);
    ensemble->ambiguity = arena_array(arena, double, ensemble->count);
    bool complete = ensemble->f && ensemble->sum && ensemble->norms && ensemble->log_sum &&
                    ensemble->choices && ensemble->probability && ensemble->target &&
                    ensemble->single && ensemble->joint && ensemble->disagreement &&
                    ensemble->ambiguity;
    return complete ? BASIN_OK : BASIN_MEMORY;
}

/* ---- one prediction ---- */

/* f (outputs) becomes its softmax; the result is the logarithm of that of `class`. */
static double softmax(double *f, size_t outputs, size_t class)
{
    double most = f[members_choice(f, outputs)], total = 0, own = f[class] - most;
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
    size_t choice = members_choice(p, ensemble->members.outputs);
    double bins = (double)ensemble->settings->bins, bin = ceil(p[choice] * bins) - 1;
    size_t at = bin >= bins - 1 ? (size_t)bins - 1 : bin > 0 ? (size_t)bin : 0; /* NaN: 0 */
    for (size_t k = 0; k < ensemble->members.outputs; k++) {
        double d = p[k] - ensemble->target[k];
        tally->square += d * d;
    }
    tally->hits += choice == class;
    tally->loss -= log_p;
    if (!ensemble->members.probabilities) return;
    if (isnan(p[choice])) tally->confidence[0] = NAN;
    tally->counts[at]++;
    tally->confidence[at] += p[choice];
    tally->right[at] += choice == class;
}

/* Adds member i to the prediction, and to the ensemble of the first i + 1. */
static void predict(struct ensemble *ensemble, const struct members_chunk *chunk, size_t i,
                    size_t prediction)
{
    size_t outputs = ensemble->members.outputs,
           class = members_target(&ensemble->members, chunk, prediction, ensemble->target);
    double *p = ensemble->f + prediction * outputs, *sum = ensemble->sum + prediction * outputs,
           log_p = ensemble->members.probabilities ? softmax(p, outputs, class) : 0,
           m = (double)(i + 1), norm = 0;
    int32_t *choices = ensemble->choices + prediction;
    tally_add(ensemble, &ensemble->single[i], p, log_p, class);
    choices[i * ensemble->chunk] = (int32_t)members_choice(p, outputs);
    for (size_t j = 0; j < i; j++)
        ensemble->disagreement[i] += choices[j * ensemble->chunk] != choices[i * ensemble->chunk];
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

static basin_status ensemble_visit(void *context, const struct members_chunk *chunk)
{
    struct ensemble *ensemble = context;
    for (size_t i = 0; i < ensemble->count; i++) {
        TRY(members_outputs(&ensemble->members, i, chunk, ensemble->f));
        for (size_t k = 0; k < chunk->predictions; k++) predict(ensemble, chunk, i, k);
    }
    ensemble->predictions += (double)chunk->predictions;
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

/* A number of the ensemble, and its mean over members, beside each other. */
static void put_with_mean(struct cell *cells, enum ensemble_column column, double joint,
                          double mean)
{
    cells[column] = members_number(joint);
    cells[column + 1] = members_number(mean);
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
    cells[MEMBERS] = members_number(members);
    cells[AMBIGUITY] = members_number(ensemble->ambiguity[m - 1] / n);
    if (ensemble->members.classes)
        put_with_mean(cells, ACCURACY, isfinite(joint->square) ? joint->hits / n : NAN,
                      isfinite(square) ? hits / n : NAN);
    if (ensemble->members.classes && m > 1)
        cells[DISAGREEMENT] = members_number(pairs / n / (members * (members - 1) / 2));
    if (!ensemble->members.probabilities) {
        put_with_mean(cells, SQUARED_ERROR, joint->square / n, square / n);
        return across_add(ensemble->members.site, cells);
    }
    put_with_mean(cells, BRIER, joint->square / n, square / n);
    put_with_mean(cells, NLL, joint->loss / n, loss / n);
    put_with_mean(cells, ECE, calibration_error(ensemble, joint), calibration);
    return across_add(ensemble->members.site, cells);
}

static basin_status check_sizes(const struct ensemble *ensemble)
{
    const struct setting_integers *sizes = &ensemble->settings->sizes;
    for (size_t i = 0; i < sizes->count; i++)
        if ((size_t)sizes->items[i] > ensemble->count) {
            error_raise(
                BASIN_USAGE,
                "ensemble: an ensemble of %lld members is asked for, but the group of %s has %zu",
                (long long)sizes->items[i], across_name(ensemble->members.site, 0),
                ensemble->count);
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

static basin_status ensemble_fill(struct ensemble *ensemble)
{
    size_t examples;
    TRY(check_sizes(ensemble));
    TRY(members_open(&ensemble->members, MEMBERS_TASK | MEMBERS_LOSS | MEMBERS_TEST));
    TRY(members_examples(&ensemble->members, DATA_TEST, ensemble->settings->examples, &examples));
    ensemble->chunk =
        members_chunk_size(&ensemble->members, examples, 1) * ensemble->members.positions;
    TRY(ensemble_allocate(ensemble));
    TRY(members_each_chunk(&ensemble->members, DATA_TEST, examples, 1, ensemble_visit, ensemble));
    return add_sizes(ensemble);
}

static basin_status ensemble_run(const struct across_site *site)
{
    struct ensemble ensemble = {.settings = site->settings, .count = site->count};
    basin_status status = members_start(site, "ensemble", &ensemble.members);
    ensemble.arena = ensemble.members.arena;
    if (status == BASIN_OK) status = ensemble_fill(&ensemble);
    members_close(&ensemble.members);
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
    ACROSS_EXAMPLES_ROW(struct ensemble_settings),
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
