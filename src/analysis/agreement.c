/* Agreement: how often two networks predict the same class, against what chance would give two
 * networks of their accuracies.
 *
 * Of two networks with accuracies a and b whose right predictions are independent and whose wrong
 * ones are spread evenly over the other K - 1 classes,
 *
 *     P(equal) = a b + (1 - a) (1 - b) / (K - 1).
 *
 * Error consistency (Geirhos et al., NeurIPS 2020) looks only at right and wrong: kappa =
 * (o - e) / (1 - e), o the share of examples that both have right or both wrong, e = a b + (1 - a)
 * (1 - b). Standard errors are over the examples, as draws; that of the excess counts that a and b
 * come from the same examples (its differential, example by example).
 */
#include <math.h>
#include "analysis/members.h"

struct agreement_settings {
    struct across_common common;
    int64_t examples;
};

/* What is counted of a pair: first and second moments of e = equal, r = the first is right, s = the
 * second is right. */
struct pair_counts {
    double e, r, s, er, es, rs;
};

struct agreement {
    struct members members;
    size_t chunk;                     /* predictions of a full chunk */
    double *f;                        /* (chunk, outputs) */
    int32_t *choices;                 /* (members, chunk) */
    struct pair_counts *pairs;        /* (members, members), i < j */
    double predictions, sum, squares; /* of the share of pairs that agree, by prediction */
};

enum agreement_column { PAIR, AGREEMENT, ERROR, EXPECTED, EXCESS, EXCESS_ERROR, KAPPA, COLUMNS };

/* ---- counting ---- */

static void count_prediction(struct agreement *work, size_t prediction, int32_t class)
{
    size_t count = work->members.count;
    double equal = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            int32_t a = work->choices[i * work->chunk + prediction],
                    b = work->choices[j * work->chunk + prediction];
            double e = a == b, r = a == class, s = b == class;
            struct pair_counts *pair = &work->pairs[i * count + j];
            pair->e += e, pair->r += r, pair->s += s;
            pair->er += e * r, pair->es += e * s, pair->rs += r * s;
            equal += e;
        }
    equal /= (double)(count * (count - 1)) / 2;
    work->sum += equal;
    work->squares += equal * equal;
}

static basin_status agreement_visit(void *context, const struct members_chunk *chunk)
{
    struct agreement *work = context;
    size_t outputs = work->members.outputs;
    for (size_t i = 0; i < work->members.count; i++) {
        TRY(members_outputs(&work->members, i, chunk, work->f));
        for (size_t k = 0; k < chunk->predictions; k++)
            work->choices[i * work->chunk + k] =
                (int32_t)members_choice(work->f + k * outputs, outputs);
    }
    for (size_t k = 0; k < chunk->predictions; k++)
        count_prediction(work, k, (int32_t)members_target(&work->members, chunk, k, NULL));
    work->predictions += (double)chunk->predictions;
    return BASIN_OK;
}

/* ---- one pair ---- */

struct pair_numbers {
    double agreement, error, expected, excess, excess_error, kappa;
};

/* The variance of g0 e + g1 r + g2 s over examples, from the moments of these indicators. */
static double variance_along(const struct pair_counts *mean, const double *g)
{
    double e = mean->e, r = mean->r, s = mean->s;
    return g[0] * g[0] * e * (1 - e) + g[1] * g[1] * r * (1 - r) + g[2] * g[2] * s * (1 - s) +
           2 * g[0] * g[1] * (mean->er - e * r) + 2 * g[0] * g[2] * (mean->es - e * s) +
           2 * g[1] * g[2] * (mean->rs - r * s);
}

static double standard_error(double variance, double n)
{
    return sqrt(fmax(variance, 0) / n);
}

static struct pair_numbers pair_numbers(const struct agreement *work,
                                        const struct pair_counts *pair)
{
    double n = work->predictions, others = (double)work->members.outputs - 1;
    struct pair_counts mean = {pair->e / n,  pair->r / n,  pair->s / n,
                               pair->er / n, pair->es / n, pair->rs / n};
    double a = mean.r, b = mean.s, expected = a * b + (1 - a) * (1 - b) / others,
           chance = a * b + (1 - a) * (1 - b), same = 1 - a - b + 2 * mean.rs;
    const double own[] = {1, 0, 0}, beyond[] = {1, (1 - b) / others - b, (1 - a) / others - a};
    return (struct pair_numbers){.agreement = mean.e,
                                 .error = standard_error(variance_along(&mean, own), n),
                                 .expected = expected,
                                 .excess = mean.e - expected,
                                 .excess_error = standard_error(variance_along(&mean, beyond), n),
                                 .kappa = chance < 1 ? (same - chance) / (1 - chance) : NAN};
}

/* ---- the result ---- */

static basin_status add_pair(const struct agreement *work, struct cell pair,
                             const struct pair_numbers *numbers)
{
    struct cell cells[COLUMNS] = {[PAIR] = pair,
                                  [AGREEMENT] = members_number(numbers->agreement),
                                  [ERROR] = members_number(numbers->error),
                                  [EXPECTED] = members_number(numbers->expected),
                                  [EXCESS] = members_number(numbers->excess),
                                  [KAPPA] = members_number(numbers->kappa)};
    if (!isnan(numbers->excess_error)) cells[EXCESS_ERROR] = members_number(numbers->excess_error);
    return across_add(work->members.site, cells);
}

/* Pairs share networks and examples: the error of their mean is that of the share of pairs that
 * agree, over examples. That of the mean excess is left out. */
static basin_status add_pairs(const struct agreement *work)
{
    size_t count = work->members.count, pairs = count * (count - 1) / 2;
    struct pair_numbers sum = {0};
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            struct pair_numbers own = pair_numbers(work, &work->pairs[i * count + j]);
            struct cell pair;
            sum.agreement += own.agreement / (double)pairs;
            sum.expected += own.expected / (double)pairs;
            sum.excess += own.excess / (double)pairs;
            sum.kappa += own.kappa / (double)pairs;
            TRY(members_pair(&work->members, i, j, &pair));
            TRY(add_pair(work, pair, &own));
        }
    if (pairs < 2) return BASIN_OK;
    double n = work->predictions, mean = work->sum / n;
    sum.error = standard_error(work->squares / n - mean * mean, n);
    sum.excess_error = NAN;
    return add_pair(work, (struct cell){.kind = CELL_TEXT, .text = "mean"}, &sum);
}

static basin_status agreement_fill(struct agreement *work, int64_t asked)
{
    struct members *members = &work->members;
    size_t examples;
    TRY(members_open(members, MEMBERS_TASK | MEMBERS_TEST));
    if (!members->classes) {
        error_raise(BASIN_USAGE, "agreement is of predicted classes, and %s predicts numbers",
                    across_name(members->site, 0));
        error_hint("bias_variance and ensemble tell how far predictions of regressions differ");
        return BASIN_USAGE;
    }
    TRY(members_examples(members, DATA_TEST, asked, &examples));
    work->chunk = members_chunk_size(members, examples, 1) * members->positions;
    work->f = arena_array(members->arena, double, work->chunk * members->outputs);
    work->choices = arena_array(members->arena, int32_t, work->chunk * members->count);
    work->pairs = arena_array(members->arena, struct pair_counts, members->count * members->count);
    if (!work->f || !work->choices || !work->pairs) return BASIN_MEMORY;
    TRY(members_each_chunk(members, DATA_TEST, examples, 1, agreement_visit, work));
    return add_pairs(work);
}

static basin_status agreement_run(const struct across_site *site)
{
    const struct agreement_settings *settings = site->settings;
    struct agreement work = {.predictions = 0};
    TRY(across_check_size(site, "agreement", 2));
    if (site->count < 2) return BASIN_OK;
    basin_status status = members_start(site, "agreement", &work.members);
    if (status == BASIN_OK) status = agreement_fill(&work, settings->examples);
    members_close(&work.members);
    return status;
}

static const struct quantity agreement_columns[] = {
    [PAIR] = MEMBERS_PAIR_COLUMN,
    [AGREEMENT] = {"agreement", "1",
                   "share of test predictions in which both runs choose the same class", NULL,
                   NULL},
    [ERROR] = {"agreement_error", "1", "its standard error over test predictions", NULL, NULL},
    [EXPECTED] = {"agreement_expected", "1",
                  "agreement of independent networks of these accuracies, errors spread evenly",
                  "a b + (1 - a) (1 - b) / (K - 1)", NULL},
    [EXCESS] = {"agreement_excess", "1", "agreement - agreement_expected", NULL, NULL},
    [EXCESS_ERROR] = {"agreement_excess_error", "1",
                      "its standard error over test predictions; of a mean over pairs not known",
                      NULL, NULL},
    [KAPPA] = {"error_consistency", "1",
               "whether both are right on the same examples: 0 as independent ones, 1 always",
               "(o - e) / (1 - e), o: both right or both wrong, e = a b + (1 - a) (1 - b)",
               "Geirhos, Meding and Wichmann, NeurIPS 2020"},
    [COLUMNS] = {NULL, NULL, NULL, NULL, NULL}};

static const struct schema_row agreement_rows[] = {
    ACROSS_OVER_ROW, ACROSS_EXAMPLES_ROW(struct agreement_settings), {0}};

const struct entry agreement_entry = {
    .name = "agreement",
    .doc = "How often two runs predict the same class of a test example, beside what independent "
           "networks of the same accuracies would: for each pair and their mean.",
    .source = "Mania, Miller, Schmidt, Hardt and Recht, \"Model similarity mitigates test set "
              "overuse\", NeurIPS 2019; Geirhos et al., NeurIPS 2020",
    .parameters = agreement_rows,
    .implementation = &(
        const struct across_measure){.columns = agreement_columns, .keys = 1, .run = agreement_run},
    .settings_size = sizeof(struct agreement_settings)};
