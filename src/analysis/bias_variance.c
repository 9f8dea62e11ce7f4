/* Bias and variance over training sets: how much of the test error of a network is there because it
 * was trained on these examples and not on others like them (decompose.h).
 */
#include <math.h>
#include "analysis/decompose.h"
#include "analysis/members.h"

struct bias_variance_settings {
    struct across_common common;
    int64_t examples;
};

struct bias_variance {
    struct members members;
    size_t count, stride; /* members; numbers from one's predictions to the next one's */
    /* Of a chunk of predictions: */
    double *f; /* (count, chunk, outputs) outputs, or logarithms of probabilities */
    /* Of one prediction: */
    double *p, *target; /* (count, outputs); (outputs) */
    int32_t *choices;   /* (count) */
    size_t *votes;      /* (outputs) */
    double terms[DECOMPOSE_TERMS], predictions;
};

/* f (outputs) becomes the logarithm of its softmax. */
static void log_softmax(double *f, size_t outputs)
{
    double most = f[members_choice(f, outputs)], total = 0;
    for (size_t k = 0; k < outputs; k++) total += exp(f[k] - most);
    for (size_t k = 0; k < outputs; k++) f[k] -= most + log(total);
}

static void decompose_prediction(struct bias_variance *work, const struct members_chunk *chunk,
                                 size_t prediction)
{
    const struct members *members = &work->members;
    size_t outputs = members->outputs,
           class = members_target(members, chunk, prediction, work->target);
    double *f = work->f + prediction * outputs;
    for (size_t i = 0; i < work->count; i++) {
        double *own = f + i * work->stride, *p = work->p + i * outputs;
        if (members->probabilities) log_softmax(own, outputs);
        for (size_t k = 0; k < outputs; k++) p[k] = members->probabilities ? exp(own[k]) : own[k];
        work->choices[i] = (int32_t)members_choice(own, outputs);
    }
    decompose_squared(work->p, work->count, outputs, outputs, work->target, work->terms);
    if (members->probabilities)
        decompose_entropy(f, work->count, work->stride, outputs, work->target, work->terms);
    if (members->classes)
        decompose_wrong(work->choices, work->count, outputs, class, work->votes, work->terms);
}

static basin_status bias_variance_visit(void *context, const struct members_chunk *chunk)
{
    struct bias_variance *work = context;
    for (size_t i = 0; i < work->count; i++)
        TRY(members_outputs(&work->members, i, chunk, work->f + i * work->stride));
    for (size_t k = 0; k < chunk->predictions; k++) decompose_prediction(work, chunk, k);
    work->predictions += (double)chunk->predictions;
    return BASIN_OK;
}

static basin_status bias_variance_allocate(struct bias_variance *work, size_t examples)
{
    struct arena *arena = work->members.arena;
    size_t outputs = work->members.outputs;
    work->stride = members_chunk_size(&work->members, examples, work->count) *
                   work->members.positions * outputs;
    work->f = arena_array(arena, double, work->count * work->stride);
    work->p = arena_array(arena, double, work->count *outputs);
    work->target = arena_array(arena, double, outputs);
    work->choices = arena_array(arena, int32_t, work->count);
    work->votes = arena_array(arena, size_t, outputs);
    return work->f && work->p && work->target && work->choices && work->votes ? BASIN_OK
                                                                              : BASIN_MEMORY;
}

/* ---- the result ---- */

enum bias_variance_column { MEMBERS, TERMS, COLUMNS = TERMS + DECOMPOSE_TERMS };

static basin_status bias_variance_add(const struct bias_variance *work)
{
    struct cell cells[COLUMNS] = {{.kind = CELL_ABSENT}};
    const struct members *members = &work->members;
    bool finite = isfinite(work->terms[SQUARED_RISK]); /* outputs that are no numbers choose none */
    cells[MEMBERS] = members_number((double)work->count);
    for (int term = 0; work->count > 1 && term < DECOMPOSE_TERMS; term++) {
        bool entropy = term >= ENTROPY_RISK && term < WRONG_RISK, wrong = term >= WRONG_RISK;
        if ((entropy && !members->probabilities) || (wrong && !members->classes)) continue;
        double mean = wrong && !finite ? NAN : work->terms[term] / work->predictions;
        cells[TERMS + term] = members_number(mean);
    }
    return across_add(members->site, cells);
}

static basin_status bias_variance_fill(struct bias_variance *work, int64_t asked)
{
    size_t examples;
    TRY(members_open(&work->members, MEMBERS_TASK | MEMBERS_LOSS | MEMBERS_TEST));
    TRY(members_examples(&work->members, DATA_TEST, asked, &examples));
    TRY(bias_variance_allocate(work, examples));
    return members_each_chunk(&work->members, DATA_TEST, examples, work->count, bias_variance_visit,
                              work);
}

static basin_status bias_variance_run(const struct across_site *site)
{
    const struct bias_variance_settings *settings = site->settings;
    struct bias_variance work = {.count = site->count};
    TRY(across_check_size(site, "bias_variance", 2));
    basin_status status = members_start(site, "bias_variance", &work.members);
    if (status == BASIN_OK && site->count > 1)
        status = bias_variance_fill(&work, settings->examples);
    if (status == BASIN_OK) status = bias_variance_add(&work);
    members_close(&work.members);
    return status;
}

#define YANG "Heskes, Neural Computation 1998; Yang et al., ICML 2020"
#define DOMINGOS "Domingos, ICML 2000"

static const struct quantity bias_variance_columns[] = {
    [MEMBERS] = {"members", "1", "runs of the group, each a training set", NULL, NULL},
    [TERMS + SQUARED_RISK] = {"squared_error", "1",
                              "squared error (of classifiers: of probabilities): squared_bias + "
                              "squared_variance",
                              "mean of ||f_i - y||^2 over members and predictions", NULL},
    [TERMS + SQUARED_BIAS] = {"squared_bias", "1",
                              "squared distance of the average prediction from the target, "
                              "unbiased; noise of the targets is in it",
                              "mean of ||f - y||^2 - V/m, f the mean of f_i", NULL},
    [TERMS + SQUARED_VARIANCE] = {"squared_variance", "1",
                                  "variance of the predictions over training sets, unbiased",
                                  "mean of V = 1/(m-1) sum ||f_i - f||^2",
                                  "Geman et al., Neural Computation 1992"},
    [TERMS + ENTROPY_RISK] = {"cross_entropy", "1",
                              "cross-entropy: cross_entropy_bias + cross_entropy_variance",
                              "mean of -sum y_k log p_ik, natural logarithm", NULL},
    [TERMS + ENTROPY_BIAS] = {"cross_entropy_bias", "1",
                              "cross-entropy of the average q: the normalised geometric mean of "
                              "the members' probabilities",
                              "mean of -sum y_k log q_k", YANG},
    [TERMS + ENTROPY_VARIANCE] = {"cross_entropy_variance", "1",
                                  "divergence of the members from their average",
                                  "mean of KL(q || p_i)", YANG},
    [TERMS + WRONG_RISK] = {"error", "1",
                            "share of wrong predictions: error_bias + error_net_variance", NULL,
                            NULL},
    [TERMS + WRONG_BIAS] = {"error_bias", "1",
                            "share of predictions whose main class, the one that most members "
                            "choose, is wrong",
                            NULL, DOMINGOS},
    [TERMS + WRONG_VARIANCE] = {"error_variance", "1",
                                "share of choices that differ from the main class", NULL, DOMINGOS},
    [TERMS + WRONG_NET] = {"error_net_variance", "1", "what variance adds to the error",
                           "error_variance_unbiased - error_variance_biased", DOMINGOS},
    [TERMS + WRONG_UNBIASED] = {"error_variance_unbiased", "1",
                                "what variance costs: wrong choices where the main class is right",
                                NULL, DOMINGOS},
    [TERMS + WRONG_BIASED] = {"error_variance_biased", "1",
                              "what variance saves: right choices where the main class is wrong",
                              NULL, DOMINGOS},
    [COLUMNS] = {NULL, NULL, NULL, NULL, NULL}};

static const struct schema_row bias_variance_rows[] = {
    ACROSS_OVER_ROW, ACROSS_EXAMPLES_ROW(struct bias_variance_settings), {0}};

const struct entry bias_variance_entry = {
    .name = "bias_variance",
    .doc = "Test error as bias and variance over the runs of a group, usually training sets (over: "
           "dataset.seed with a train_size below what there is): squared error, cross-entropy, and "
           "share of errors. Each sum is the risk exactly. The test examples must be the same.",
    .source = "Yang, Yu, You, Steinhardt and Ma, \"Rethinking bias-variance trade-off for "
              "generalization of neural networks\", ICML 2020; Domingos, \"A unified bias-variance "
              "decomposition\", ICML 2000",
    .parameters = bias_variance_rows,
    .implementation = &(const struct across_measure){.columns = bias_variance_columns,
                                                     .keys = 0,
                                                     .run = bias_variance_run},
    .settings_size = sizeof(struct bias_variance_settings)};
