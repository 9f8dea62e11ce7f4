/* Measures over runs: the groups that they are given, and ensembles against plain loops. */
#include "analysis/across.h"
#include "study_helpers.h"

#include <math.h>
#include "folder/folder.h"
#include "models/objective.h"
#include "train/train.h"

static struct arena *arena;

static void start(void)
{
    folder_make();
    OK(arena_create(&arena));
}

static void stop(void)
{
    arena_destroy(arena);
    folder_remove();
}

TestSuite(across, .init = start, .fini = stop, .timeout = 60);

/* All runs of a study, trained here, as a table. */
static struct table *trained(const char *text)
{
    struct study *study;
    struct table *table;
    const char *path = arena_text(arena, in_folder("out"));
    OK(open_text(text, &study));
    OK(folder_prepare(study->folder));
    for (size_t i = 0; i < study->run_count; i++) {
        struct study_run run;
        struct runner_outcome outcome;
        OK(study_look_again(study, &study->runs[i], &run));
        OK(study_train(study, &run, &(struct run_terms){0}, &outcome));
    }
    study_close(study);
    OK(table_load(arena, &path, 1, &table));
    return table;
}

static basin_status across(struct table *table, const char *request)
{
    struct diagnostics diagnostics;
    struct setting_variant measure;
    size_t left_out;
    diagnostics_start(&diagnostics, arena);
    TRY(across_read(arena, request, &diagnostics, &measure));
    return across_table(table, &measure, &left_out);
}

static double number(const struct table *table, size_t row, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return table->rows[row].cells[i].kind == CELL_NUMBER ? table->rows[row].cells[i].number
                                                                 : NAN;
    cr_assert_fail("no column %s", name);
    return NAN;
}

/* ---- by plain loops ---- */

enum { RUNS = 3, MOST = 20000 };

struct plain {
    size_t predictions, outputs;
    double f[RUNS][MOST], p[RUNS][MOST], y[MOST]; /* outputs, probabilities, targets as numbers */
    bool is_softmax;
};

static void plain_predict(struct plain *plain, size_t run)
{
    for (size_t k = 0; k < plain->predictions; k++) {
        const double *f = plain->f[run] + k * plain->outputs;
        double *p = plain->p[run] + k * plain->outputs, total = 0;
        for (size_t j = 0; j < plain->outputs; j++) total += exp(f[j]);
        for (size_t j = 0; j < plain->outputs; j++)
            p[j] = plain->is_softmax ? exp(f[j]) / total : f[j];
    }
}

static void plain_targets(struct plain *plain, const struct data *data, const uint32_t *rows)
{
    const struct data_info *info = data_describe(data);
    size_t examples = info->counts[DATA_TEST];
    double *y = arena_array(arena, double, examples * info->positions * info->outputs);
    data_gather_double(data, &(struct data_gather){DATA_TEST, rows, examples, 0, 0, NULL}, NULL, y);
    for (size_t k = 0; k < plain->predictions; k++)
        for (size_t j = 0; j < plain->outputs; j++)
            plain->y[k * plain->outputs + j] =
                info->task == DATA_LANGUAGE ? (double)y[k] == (double)j : y[k * plain->outputs + j];
}

static struct plain *plain_of(const struct table *table)
{
    struct plain *plain = arena_allocate(arena, sizeof *plain);
    for (size_t i = 0; i < RUNS; i++) {
        struct finished finished;
        struct objective *objective;
        const char *file = NULL;
        for (size_t c = 0; c < table->column_count; c++)
            if (strcmp(table->columns[c].name, "file") == 0) file = table->rows[i].cells[c].text;
        OK(finished_open(file, arena, NULL, &finished));
        OK(finished_load_weights(&finished));
        const struct data_info *info = data_describe(finished.data);
        struct objective_request request =
            train_objective(&finished.settings->train, finished.model, finished.data, MODE_EVAL);
        size_t examples = info->counts[DATA_TEST];
        uint32_t *rows = arena_array(arena, uint32_t, examples);
        for (size_t k = 0; k < examples; k++) rows[k] = (uint32_t)k;
        plain->predictions = examples * info->positions;
        plain->outputs = info->outputs;
        plain->is_softmax = request.loss != LOSS_MSE;
        cr_assert_leq(plain->predictions * plain->outputs, MOST);
        struct objective_where where = {.part = DATA_TEST, .rows = rows, .count = examples};
        OK(objective_create(&request, &objective));
        OK(objective_outputs(objective, &where, finished.w, plain->f[i]));
        plain_predict(plain, i);
        plain_targets(plain, finished.data, rows);
        objective_destroy(objective);
        finished_close(&finished);
    }
    return plain;
}

static size_t plain_choice(const double *p, size_t outputs)
{
    size_t at = 0;
    for (size_t j = 1; j < outputs; j++)
        if (p[j] > p[at]) at = j;
    return at;
}

struct plain_scores {
    double accuracy, nll, square, ece;
};

static struct plain_scores plain_score(const struct plain *plain, const double *p)
{
    struct plain_scores scores = {0};
    double n = (double)plain->predictions;
    double right[15] = {0}, confidence[15] = {0};
    for (size_t k = 0; k < plain->predictions; k++) {
        const double *q = p + k * plain->outputs, *y = plain->y + k * plain->outputs;
        size_t choice = plain_choice(q, plain->outputs), class = plain_choice(y, plain->outputs);
        int bin = 0;
        while (bin < 14 && q[choice] > (bin + 1) / 15.0) bin++;
        right[bin] += choice == class;
        confidence[bin] += q[choice];
        scores.accuracy += (choice == class) / n;
        scores.nll -= log(q[class]) / n;
        for (size_t j = 0; j < plain->outputs; j++)
            scores.square += (q[j] - y[j]) * (q[j] - y[j]) / n;
    }
    for (int b = 0; b < 15; b++) scores.ece += fabs(right[b] - confidence[b]) / n;
    return scores;
}

/* The first m runs of the table. */
static void expect_ensemble(const struct plain *plain, size_t m, const struct table *result,
                            size_t row, bool classes)
{
    static double q[MOST];
    struct plain_scores mean = {0}, joint;
    double ambiguity = 0, differ = 0, n = (double)plain->predictions;
    size_t count = plain->predictions * plain->outputs;
    for (size_t i = 0; i < count; i++) q[i] = 0;
    for (size_t r = 0; r < m; r++) {
        struct plain_scores one = plain_score(plain, plain->p[r]);
        mean.accuracy += one.accuracy / (double)m, mean.nll += one.nll / (double)m;
        mean.square += one.square / (double)m, mean.ece += one.ece / (double)m;
        for (size_t i = 0; i < count; i++) q[i] += plain->p[r][i] / (double)m;
    }
    for (size_t r = 0; r < m; r++)
        for (size_t i = 0; i < count; i++)
            ambiguity += (plain->p[r][i] - q[i]) * (plain->p[r][i] - q[i]) / (double)m / n;
    for (size_t r = 0; r < m; r++)
        for (size_t s = 0; s < r; s++)
            for (size_t k = 0; k < plain->predictions; k++)
                differ += plain_choice(plain->p[r] + k * plain->outputs, plain->outputs) !=
                          plain_choice(plain->p[s] + k * plain->outputs, plain->outputs);
    joint = plain_score(plain, q);
    cr_expect_eq(number(result, row, "members"), (double)m);
    cr_expect_float_eq(number(result, row, "ambiguity"), ambiguity, 1e-12);
    const char *square = plain->is_softmax ? "brier" : "squared_error",
               *mean_square = plain->is_softmax ? "mean_brier" : "mean_squared_error";
    cr_expect_float_eq(number(result, row, square), joint.square, 1e-12);
    cr_expect_float_eq(number(result, row, mean_square), mean.square, 1e-12);
    cr_expect_float_eq(number(result, row, square),
                       number(result, row, mean_square) - number(result, row, "ambiguity"), 1e-12);
    cr_expect_eq(isnan(number(result, row, "accuracy")), !classes);
    cr_expect_eq(isnan(number(result, row, "nll")), !plain->is_softmax);
    if (classes) cr_expect_float_eq(number(result, row, "accuracy"), joint.accuracy, 1e-12);
    if (classes) cr_expect_float_eq(number(result, row, "mean_accuracy"), mean.accuracy, 1e-12);
    if (classes && m > 1)
        cr_expect_float_eq(number(result, row, "disagreement"),
                           differ / n / ((double)(m * (m - 1)) / 2), 1e-12);
    if (!plain->is_softmax) return;
    cr_expect_float_eq(number(result, row, "nll"), joint.nll, 1e-12);
    cr_expect_float_eq(number(result, row, "mean_nll"), mean.nll, 1e-12);
    cr_expect_leq(number(result, row, "nll"), number(result, row, "mean_nll") + 1e-15);
    cr_expect_float_eq(number(result, row, "ece"), joint.ece, 1e-12);
    cr_expect_float_eq(number(result, row, "mean_ece"), mean.ece, 1e-12);
}

static void expect_ensembles(const char *study, bool classes)
{
    struct table *table = trained(study);
    struct plain *plain = plain_of(table);
    OK(across(table, "ensemble"));
    cr_assert_eq(table->row_count, RUNS);
    for (size_t m = 1; m <= RUNS; m++) expect_ensemble(plain, m, table, m - 1, classes);
}

Test(across, an_ensemble_of_classifiers)
{
    expect_ensembles(HEAD "regularizers: {label_smoothing: 0.1}\nseeds: 3\n", true);
}

Test(across, an_ensemble_in_float64_that_differs_in_its_data)
{
    expect_ensembles("study: unit\n"
                     "dataset: {name: mnist1d, train_size: 60, test_size: 30, standardize: "
                     "feature, label_noise: 0.3}\nprecision: float64\n"
                     "architecture: {type: cnn, channels: [3], norm: batch}\n"
                     "training: {batch_size: 20, epochs: 2, loss: mse}\nseeds: 3\n",
                     true);
}

Test(across, an_ensemble_of_regressions)
{
    expect_ensembles("study: unit\n"
                     "dataset: {name: linear-regression, n: 50, p: 6, test_size: 40}\n"
                     "architecture: {type: mlp, hidden: [4]}\n"
                     "training: {batch_size: 20, epochs: 3}\nseeds: 3\n",
                     false);
}

Test(across, an_ensemble_of_language_models)
{
    char text[40 * 8 + 1];
    for (int i = 0; i < 40; i++) memcpy(text + 8 * i, i % 3 ? "the cat " : "a dog,  ", 9);
    write_file("text.txt", text);
    expect_ensembles("study: unit\n"
                     "dataset: {name: text, path: text.txt, context: 8, train_fraction: 0.7, "
                     "validation_fraction: 0}\n"
                     "architecture: {type: gru, hidden_size: 5}\n"
                     "training: {batch_size: 4, epochs: 2}\nseeds: 3\n",
                     true);
}

/* Members need not be of one architecture. */
Test(across, members_may_differ_in_anything_that_over_names)
{
    struct table *table =
        trained(HEAD "sweep: {grid: {architecture.hidden: [[4], [7], [3, 3]]}}\n");
    struct plain *plain = plain_of(table);
    OK(across(table, "ensemble: {over: architecture.hidden, sizes: [3, 1]}"));
    cr_assert_eq(table->row_count, 2);
    expect_ensemble(plain, 3, table, 0, true);
    expect_ensemble(plain, 1, table, 1, true);
}

Test(across, groups_are_the_runs_that_agree_in_all_else)
{
    struct table *table = trained(small_study);
    OK(across(table, "ensemble: {sizes: [2]}"));
    cr_assert_eq(table->row_count, 2);
    cr_expect_eq(number(table, 0, "regularizers.weight_decay"), 0);
    cr_expect_eq(number(table, 1, "regularizers.weight_decay"), 0.1);
    cr_expect_eq(number(table, 0, "members"), 2);
}

Test(across, runs_that_diverged_are_no_members)
{
    struct diagnostics diagnostics;
    struct setting_variant measure;
    size_t left_out;
    struct table *table = trained(HEAD "sweep: {grid: {training.optimizer.learning_rate: [0.1, "
                                       "1.0e+6]}}\nseeds: 2\n");
    cr_assert_eq(table->row_count, 4);
    diagnostics_start(&diagnostics, arena);
    OK(across_read(arena, "ensemble", &diagnostics, &measure));
    OK(across_table(table, &measure, &left_out));
    cr_expect_eq(left_out, 2);
    cr_expect_eq(table->row_count, 2);
}

static void refused(const char *study, const char *request, const char *what)
{
    struct table *table = trained(study);
    cr_assert_neq(across(table, request), BASIN_OK, "%s", request);
    cr_expect(strstr(basin_error_last()->message, what), "%s: %s", request,
              basin_error_last()->message);
}

Test(across, members_must_predict_the_same_examples)
{
    refused(HEAD "sweep: {grid: {dataset.seed: [0, 1]}}\n", "ensemble: {over: dataset.seed}",
            "different test examples");
    refused(HEAD "sweep: {grid: {training.loss: [cross_entropy, mse]}}\n",
            "ensemble: {over: training.loss}", "different losses");
}

Test(across, an_ensemble_has_no_more_members_than_there_are)
{
    refused(HEAD "seeds: 2\n", "ensemble: {sizes: [3]}", "has 2");
}

/* ---- bias and variance ---- */

/* The risks of bias_variance are the means over members that the ensemble states, which plain loops
 * check above; each is the sum of its parts. */
static void expect_parts(const char *study, bool classes, bool softmax)
{
    struct table *table = trained(study), ensemble = *table, both = *table;
    OK(across(&ensemble, "ensemble: {sizes: [3]}"));
    OK(across(&both, "bias_variance"));
    cr_assert_eq(both.row_count, 1);
    const char *square = softmax ? "mean_brier" : "mean_squared_error";
    cr_expect_eq(number(&both, 0, "members"), 3);
    cr_expect_float_eq(number(&both, 0, "squared_error"), number(&ensemble, 0, square), 1e-12);
    cr_expect_float_eq(number(&both, 0, "squared_bias") + number(&both, 0, "squared_variance"),
                       number(&both, 0, "squared_error"), 1e-12);
    cr_expect_float_eq(number(&both, 0, "squared_variance"),
                       number(&ensemble, 0, "ambiguity") * 3 / 2, 1e-12);
    cr_expect_eq(isnan(number(&both, 0, "cross_entropy")), !softmax);
    cr_expect_eq(isnan(number(&both, 0, "error")), !classes);
    if (softmax) {
        cr_expect_float_eq(number(&both, 0, "cross_entropy"), number(&ensemble, 0, "mean_nll"),
                           1e-12);
        cr_expect_float_eq(number(&both, 0, "cross_entropy_bias") +
                               number(&both, 0, "cross_entropy_variance"),
                           number(&both, 0, "cross_entropy"), 1e-12);
    }
    if (!classes) return;
    cr_expect_float_eq(number(&both, 0, "error"), 1 - number(&ensemble, 0, "mean_accuracy"), 1e-12);
    cr_expect_float_eq(number(&both, 0, "error_bias") + number(&both, 0, "error_net_variance"),
                       number(&both, 0, "error"), 1e-12);
}

Test(across, bias_and_variance_of_classifiers)
{
    expect_parts(HEAD "seeds: 3\n", true, true);
}

Test(across, bias_and_variance_of_regressions)
{
    expect_parts("study: unit\n"
                 "dataset: {name: linear-regression, n: 50, p: 6, test_size: 40}\n"
                 "architecture: {type: mlp, hidden: [4]}\n"
                 "training: {batch_size: 20, epochs: 3}\nseeds: 3\n",
                 false, false);
}

Test(across, bias_and_variance_of_classifiers_trained_by_mse)
{
    expect_parts(HEAD "sweep: {grid: {training.loss: [mse]}}\nseeds: 3\n", true, false);
}

Test(across, one_run_has_no_variance)
{
    refused(HEAD "seeds: 1\n", "bias_variance", "no group has 2");
}

/* ---- without memory ---- */

/* The n-th allocation fails, for some n, until there is none left to fail. */
static void run_short_of_memory(const struct table *table, const char *request)
{
    size_t failures = 0;
    for (long n = 1;; n += 1 + n / 4) {
        struct arena *own;
        struct table copy = *table;
        struct diagnostics diagnostics;
        struct setting_variant measure;
        size_t left_out;
        OK(arena_create(&own));
        copy.arena = own;
        diagnostics_start(&diagnostics, own);
        OK(across_read(own, request, &diagnostics, &measure));
        memory_fail_at(n);
        basin_status status = across_table(&copy, &measure, &left_out);
        bool failed = memory_fail_left() == 0;
        memory_fail_at(0);
        arena_destroy(own);
        cr_assert(failed ? status != BASIN_OK : status == BASIN_OK, "%s, %ld: %d", request, n,
                  (int)status);
        if (!failed) break;
        cr_assert_eq(status, BASIN_MEMORY, "%s, %ld: %s", request, n, basin_error_last()->message);
        failures++;
    }
    cr_expect_gt(failures, 5);
}

Test(across, shortage_of_memory_is_a_message, .timeout = 100)
{
    static const char *const requests[] = {"ensemble",
                                           "bias_variance",
                                           "barrier: {permute: true}",
                                           "interpolation: {points: 3}",
                                           "matching",
                                           "cka",
                                           "agreement"};
    struct table *table = trained("study: unit\n"
                                  "dataset: {name: mnist1d, train_size: 60, test_size: 30}\n"
                                  "architecture: {type: cnn, channels: [3], norm: batch}\n"
                                  "training: {batch_size: 20, epochs: 1}\nseeds: 2\n");
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        run_short_of_memory(table, requests[i]);
}

/* ---- requests ---- */

Test(across, a_request_is_checked_as_a_spec_is)
{
    static const char *const wrong[] = {
        "ranking",    "ensemble: {size: [1]}", "ensemble: {bins: 0}", "ensemble, ensemble", "",
        "ensemble: ["};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct diagnostics diagnostics;
        struct setting_variant measure;
        diagnostics_start(&diagnostics, arena);
        cr_expect_neq(across_read(arena, wrong[i], &diagnostics, &measure), BASIN_OK, "%s",
                      wrong[i]);
    }
}

Test(across, every_entry_is_complete)
{
    for (const struct entry *const *entry = across_registry.entries; *entry; entry++) {
        const struct across_measure *measure = (*entry)->implementation;
        int columns = 0;
        cr_assert((*entry)->doc && (*entry)->settings_size && measure->run);
        cr_assert(measure->whole || schema_find_row((*entry)->parameters, "over"), "%s",
                  (*entry)->name);
        for (const struct quantity *column = measure->columns; column->name; column++, columns++)
            cr_assert(column->units && column->long_name, "%s", column->name);
        cr_assert_gt(columns, measure->keys);
    }
}
