/* train/train.h: the loop against a loop written here: order of examples, batches, steps, ends,
 * pieces, refusals. */
#include "../support.h"
#include "train/schedule.h"

static const char head[] = "dataset: {name: mnist1d, train_size: 25, test_size: 10}\narchitecture: "
                           "{type: mlp, hidden: [6], "
                           "activation: tanh}\nprecision: float64\n";

static void open_one(struct setting *s, const char *rest)
{
    char yaml[900];
    snprintf(yaml, sizeof yaml, "%s%s", head, rest);
    setting_open(s, yaml);
}

static struct train_result train(const struct setting *s)
{
    struct train_request request = {
        .settings = s->train, .model = s->model, .data = s->data, .arena = s->arena};
    struct train_result result;
    OK(train_run(&request, &result));
    return result;
}

/* The mean gradient and loss of some training examples. */
static double gradient(const struct setting *s, const uint32_t *rows, size_t count, void *w,
                       void *g)
{
    struct network *network;
    struct network_request request = setting_network(s, NETWORK_GRADIENT, MODE_TRAIN);
    OK(network_create(&request, (int64_t)count, &network));
    network_bind(network, SLOT_PARAMETERS, w);
    network_bind(network, SLOT_GRADIENT, g);
    network_load(network, DATA_TRAIN, rows);
    network_run(network, PROGRAM_ALL);
    double loss = network_loss(network);
    network_destroy(network);
    return loss;
}

/* Plain stochastic gradient descent at rate 0.1: `steps` steps in batches of `batch`, the last one
 * of an epoch smaller or dropped. */
static double *plain(const struct setting *s, bool shuffle, bool drop, size_t batch, size_t steps,
                     double *first_loss)
{
    size_t examples = s->info->counts[DATA_TRAIN], step = 0;
    double *w = initial_weights(s), *g = doubles(s, setting_size(s));
    uint32_t *order = arena_array(s->arena, uint32_t, examples);
    for (size_t i = 0; i < examples; i++) order[i] = (uint32_t)i;
    for (uint32_t epoch = 1; step < steps; epoch++) {
        struct random random =
            random_make((uint64_t)value_integer(s->spec, "seed"), STREAM_SHUFFLE, epoch, 0);
        if (shuffle) random_permutation(&random, order, examples);
        for (size_t at = 0; at < examples && step < steps; at += batch, step++) {
            size_t count = examples - at < batch ? examples - at : batch;
            if (drop && count < batch) break;
            double loss = gradient(s, order + at, count, w, g);
            if (step == 0) *first_loss = loss;
            for (size_t i = 0; i < setting_size(s); i++) w[i] -= 0.1 * g[i];
        }
    }
    return w;
}

static void expect_weights(const struct setting *s, const void *w, const double *expected,
                           double tolerance)
{
    for (size_t i = 0; i < setting_size(s); i++)
        NEAR(((const double *)w)[i], expected[i], tolerance);
}

static void compare(const char *rest, bool shuffle, bool drop, size_t batch, int64_t steps,
                    int64_t epochs, const char *ended)
{
    struct setting s;
    double loss;
    open_one(&s, rest);
    struct train_result result = train(&s);
    cr_assert_eq(result.steps_done, steps, "%s: %lld steps", rest, (long long)result.steps_done);
    cr_assert_eq(result.epochs_done, epochs, "%s: %lld epochs", rest,
                 (long long)result.epochs_done);
    cr_assert_eq(result.epochs.rows, epochs);
    cr_assert_str_eq(result.stopped_by, ended);
    cr_assert_not(result.diverged);
    expect_weights(&s, result.w, plain(&s, shuffle, drop, batch, (size_t)steps, &loss), 1e-12);
    expect_weights(&s, result.initial, initial_weights(&s), 0);
    setting_close(&s);
}

Test(train, order_of_examples)
{
    compare("training: {epochs: 2, batch_size: 10}\n", true, false, 10, 6, 2, "epochs");
    compare("training: {epochs: 2, batch_size: 10, shuffle: false}\n", false, false, 10, 6, 2,
            "epochs");
    compare("seed: 12\ntraining: {epochs: 2, batch_size: 7}\n", true, false, 7, 8, 2, "epochs");
}

Test(train, the_last_batch_may_be_dropped)
{
    compare("training: {epochs: 2, batch_size: 10, drop_last: true}\n", true, true, 10, 4, 2,
            "epochs");
    compare("training: {epochs: 2, batch_size: 25, drop_last: true}\n", true, true, 25, 2, 2,
            "epochs");
}

Test(train, a_batch_is_never_larger_than_the_set)
{
    compare("training: {epochs: 2, batch_size: 1000, drop_last: true}\n", true, false, 25, 2, 2,
            "epochs");
}

Test(train, steps_may_end_inside_an_epoch)
{
    compare("training: {steps: 7, batch_size: 10}\n", true, false, 10, 7, 3, "steps");
    compare("training: {steps: 1, batch_size: 10}\n", true, false, 10, 1, 1, "steps");
    compare("training: {steps: 6, batch_size: 10}\n", true, false, 10, 6, 2, "steps");
}

Test(train, plans)
{
    static const struct {
        const char *rest;
        int64_t batch, batches, last, steps, epochs, evaluations;
    } cases[] = {
        {"training: {epochs: 4, batch_size: 10}\n", 10, 3, 5, 12, 4, 4},
        {"training: {epochs: 4, batch_size: 10, drop_last: true}\nevaluate: {every: 3}\n", 10, 2,
         10, 8, 4, 2},
        {"training: {epochs: 4, batch_size: 5}\n", 5, 5, 5, 20, 4, 4},
        {"training: {steps: 7, batch_size: 10}\n", 10, 3, 5, 7, 3, 3},
        {"training: {epochs: 4, optimizer: gd}\n", 25, 1, 25, 4, 4, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct setting s;
        open_one(&s, cases[i].rest);
        struct train_plan plan = train_plan(s.train, s.info);
        cr_assert_eq(plan.batch, cases[i].batch);
        cr_assert_eq(plan.batches, cases[i].batches);
        cr_assert_eq(plan.last, cases[i].last);
        cr_assert_eq(plan.steps, cases[i].steps);
        cr_assert_eq(plan.epochs, cases[i].epochs);
        cr_assert_eq(plan.evaluations, cases[i].evaluations);
        setting_close(&s);
    }
}

/* 25 examples in batches of 10, 10 and 5; with drop_last, and where steps end an epoch early, the
 * batches are as large as each other. */
Test(train, the_loss_of_an_epoch_is_a_mean_over_examples)
{
    static const struct {
        const char *rest;
        double weights[3];
    } cases[] = {
        {"training: {epochs: 2, batch_size: 10, log_every: 1}\n", {0.4, 0.4, 0.2}},
        {"training: {epochs: 2, batch_size: 10, drop_last: true, log_every: 1}\n", {0.5, 0.5, 0}},
        {"training: {steps: 2, batch_size: 10, log_every: 1}\n", {0.5, 0.5, 0}},
        {"training: {epochs: 1, batch_size: 40, log_every: 1}\n", {1, 0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct setting s;
        double mean = 0;
        open_one(&s, cases[i].rest);
        struct train_result result = train(&s);
        for (int j = 0; j < 3 && cases[i].weights[j] > 0; j++)
            mean += cases[i].weights[j] * result.steps.columns[CURVE_batch_loss][j];
        NEAR(result.epochs.columns[CURVE_batch_loss][0], mean, 1e-14);
        setting_close(&s);
    }
}

Test(train, curves_say_what_happened)
{
    struct setting s;
    double loss;
    open_one(&s, "training: {epochs: 5, batch_size: 25, log_every: 2, schedule: {type: step, "
                 "every: 2, factor: 0.5}}\n"
                 "evaluate: {every: 2}\n");
    struct train_result result = train(&s);
    plain(&s, true, false, 25, 1, &loss);
    NEAR(result.epochs.columns[CURVE_batch_loss][0], loss, 1e-12);
    for (int epoch = 1; epoch <= 5; epoch++) {
        bool evaluated = epoch == 2 || epoch == 4 || epoch == 5;
        cr_assert_eq(isfinite(result.epochs.columns[CURVE_train_loss][epoch - 1]), evaluated,
                     "epoch %d", epoch);
        cr_assert_eq(isfinite(result.epochs.columns[CURVE_test_accuracy][epoch - 1]), evaluated,
                     "epoch %d", epoch);
        cr_assert_eq(result.epochs.columns[CURVE_learning_rate][epoch - 1],
                     0.1 * pow(0.5, (epoch - 1) / 2));
    }
    double square = 0;
    for (size_t i = 0; i < setting_size(&s); i++) square += pow(((double *)result.w)[i], 2);
    NEAR(result.epochs.columns[CURVE_weight_norm][4], sqrt(square), 1e-12);
    cr_assert_null(result.epochs.columns[CURVE_validation_loss], "no validation set");
    cr_assert_eq(result.steps.rows, 2);
    cr_assert_eq(result.steps.axis[0], 2);
    cr_assert_eq(result.steps.axis[1], 4);
    cr_assert_eq(result.steps.columns[CURVE_batch_loss][1],
                 result.epochs.columns[CURVE_batch_loss][3]);
    cr_assert_eq(result.steps.columns[CURVE_gradient_norm][1],
                 result.epochs.columns[CURVE_gradient_norm][3]);
    cr_assert_eq(result.final[DATA_TRAIN].loss, result.epochs.columns[CURVE_train_loss][4]);
    setting_close(&s);
}

Test(train, stops_when_the_loss_is_low_enough)
{
    struct setting s;
    open_one(&s, "training: {epochs: 500, optimizer: {type: gd, learning_rate: 0.5}, stop: "
                 "{train_loss_below: 1.5}}\n");
    struct train_result result = train(&s);
    const double *losses = result.epochs.columns[CURVE_train_loss];
    cr_assert_str_eq(result.stopped_by, "train_loss_below");
    cr_assert(result.epochs_done > 1 && result.epochs_done < 500);
    cr_assert_eq(result.epochs.rows, result.epochs_done);
    cr_assert_lt(losses[result.epochs.rows - 1], 1.5);
    for (int64_t i = 0; i + 1 < result.epochs.rows; i++)
        cr_assert_geq(losses[i], 1.5, "it stops at the first");
    setting_close(&s);
}

Test(train, divergence_keeps_finite_weights_and_curves)
{
    struct setting s;
    open_one(&s,
             "training: {epochs: 400, loss: mse, optimizer: {type: gd, learning_rate: 1.0e+3}}\n"
             "regularizers: {l2: 1}\n");
    struct train_result result = train(&s);
    cr_assert(result.diverged);
    cr_assert_str_eq(result.stopped_by, "divergence");
    cr_assert(vector_finite(PRECISION_FLOAT64, result.w, setting_size(&s)));
    cr_assert(result.epochs.rows >= 1 && result.epochs.rows < 400);
    cr_assert(isfinite(result.epochs.columns[CURVE_batch_loss][0]));
    cr_assert_eq(result.epochs_done, result.epochs.rows);
    setting_close(&s);
}

Test(train, divergence_in_float32)
{
    struct setting s;
    setting_open(
        &s, "dataset: {name: linear-regression, n: 30, p: 5}\narchitecture: {type: linear}\n"
            "training: {epochs: 4000, optimizer: {type: sgd, learning_rate: 3}, batch_size: 10}\n");
    struct train_result result = train(&s);
    cr_assert(result.diverged);
    cr_assert(vector_finite(PRECISION_FLOAT32, result.w, setting_size(&s)));
    setting_close(&s);
}

/* Decay multiplies the weights by -1e12 a step while loss and gradient are finite: the weights
 * overflow first, at the end of an epoch that may be evaluated or not, and finite ones come back.
 */
Test(train, weights_that_overflow_are_taken_back)
{
    for (int every = 1; every <= 10; every += 9) {
        struct setting s;
        char yaml[600];
        snprintf(yaml, sizeof yaml,
                 "dataset: {name: mnist1d, train_size: 20, test_size: 10}\narchitecture: {type: "
                 "linear}\n"
                 "regularizers: {weight_decay: 1.0e+6}\nevaluate: {every: %d}\n"
                 "training: {epochs: 50, batch_size: 20, optimizer: {type: sgd, learning_rate: "
                 "1.0e+6}}\n",
                 every);
        setting_open(&s, yaml);
        struct train_result result = train(&s);
        cr_assert(result.diverged);
        cr_assert_geq(result.steps_done, 3);
        cr_assert(isfinite(result.epochs.columns[CURVE_gradient_norm][2]),
                  "the gradient did not overflow");
        cr_assert(vector_finite(PRECISION_FLOAT32, result.w, setting_size(&s)));
        setting_close(&s);
    }
}

/* 4,500 examples go in pieces of 2,000, 2,000 and 500; the gradient is that of all at once. */
Test(train, full_batch_descent_in_pieces_equals_one_piece)
{
    struct setting s;
    setting_open(
        &s,
        "dataset: {name: mnist1d, train_size: 4500, test_size: 10}\narchitecture: {type: mlp, "
        "hidden: [5]}\n"
        "precision: float64\ntraining: {epochs: 3, optimizer: {type: gd, learning_rate: 0.1}}\n");
    struct train_result result = train(&s);
    cr_assert_eq(result.steps_done, 3);
    double *w = initial_weights(&s), *g = doubles(&s, setting_size(&s)), loss = 0;
    uint32_t *rows = arena_array(s.arena, uint32_t, 4500);
    for (uint32_t i = 0; i < 4500; i++) rows[i] = i;
    for (int step = 0; step < 3; step++) {
        loss = gradient(&s, rows, 4500, w, g);
        for (size_t i = 0; i < setting_size(&s); i++) w[i] -= 0.1 * g[i];
    }
    expect_weights(&s, result.w, w, 1e-12);
    NEAR(result.epochs.columns[CURVE_batch_loss][2], loss, 1e-12);
    setting_close(&s);
}

Test(train, the_best_weights_are_those_of_the_lowest_validation_loss)
{
    struct setting s;
    setting_open(
        &s, "dataset: {name: mnist1d, train_size: 30, validation_size: 50, test_size: 10}\n"
            "architecture: {type: mlp, hidden: [30]}\nprecision: float64\nweights: {best: true}\n"
            "training: {epochs: 60, optimizer: {type: gd, learning_rate: 0.5}}\n");
    struct train_result result = train(&s);
    const double *losses = result.epochs.columns[CURVE_validation_loss];
    int64_t best = 0;
    for (int64_t i = 1; i < result.epochs.rows; i++)
        if (losses[i] < losses[best]) best = i;
    cr_assert_eq(result.best_epoch, best + 1);
    cr_assert(best > 0 && best < 59, "the set-up should overfit: best epoch %lld",
              (long long)best + 1);
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    struct objective_where where = objective_first(DATA_VALIDATION, 50);
    struct evaluation evaluation;
    OK(objective_loss(objective, &where, result.best, &evaluation));
    NEAR(evaluation.loss, losses[best], 1e-14);
    objective_destroy(objective);
    setting_close(&s);
}

Test(train, the_stop_flag_ends_it)
{
    struct setting s;
    static _Atomic bool stop = true;
    open_one(&s, "");
    struct train_request request = {
        .settings = s.train, .model = s.model, .data = s.data, .arena = s.arena, .stop = &stop};
    struct train_result result;
    cr_assert_eq(train_run(&request, &result), BASIN_INTERRUPTED);
    setting_close(&s);
}

struct seen {
    int64_t epochs;
    double flops;
};

static basin_status see(void *context, int64_t epoch, const void *w)
{
    struct seen *seen = context;
    cr_assert(w);
    cr_assert_eq(epoch, seen->epochs++, "0 before the first, then each");
    return epoch == 3 ? error_raise(BASIN_NUMERIC, "enough") : BASIN_OK;
}

static void count(void *context, double flops)
{
    ((struct seen *)context)->flops += flops;
}

Test(train, hooks_see_every_epoch_and_may_end_it)
{
    struct setting s;
    struct seen seen = {0};
    open_one(&s, "training: {epochs: 5}\n");
    struct train_request request = {.settings = s.train,
                                    .model = s.model,
                                    .data = s.data,
                                    .arena = s.arena,
                                    .hooks = {.context = &seen, .epoch = see, .work = count}};
    struct train_result result;
    cr_assert_eq(train_run(&request, &result), BASIN_NUMERIC);
    cr_assert_eq(seen.epochs, 4);
    cr_assert_gt(seen.flops, 0);
    setting_close(&s);
}

Test(train, what_a_table_cannot_refuse)
{
    static const struct {
        const char *spec, *path;
    } cases[] = {
        {"training: {steps: 5, epochs: 3}\n", "training.steps"},
        {"training: {optimizer: gd, batch_size: 7}\n", "training.batch_size"},
        {"training: {loss: mse}\nregularizers: {label_smoothing: 0.1}\n",
         "regularizers.label_smoothing"},
        {"weights: {best: true}\n", "weights.best"},
        {"weights: {every: 1, every_steps: 5}\n", "weights.every_steps"},
        {"training: {epochs: 4000}\nweights: {every: 1}\n", "weights.every, every_steps"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct setting s;
        open_one(&s, cases[i].spec);
        cr_assert_eq(train_check(s.train, s.info), BASIN_SPEC, "%s", cases[i].spec);
        cr_assert_str_eq(basin_error_last()->key, cases[i].path);
        cr_assert(*basin_error_last()->hint);
        setting_close(&s);
    }
    struct setting s;
    open_one(&s, "");
    OK(train_check(s.train, s.info));
    setting_close(&s);
    setting_open(&s, "dataset: {name: linear-regression}\narchitecture: {type: linear}\n");
    OK(train_check(s.train, s.info));
    cr_assert_str_eq(value_text(s.spec, "training.loss"), "mse", "derived from the data");
    setting_close(&s);
    setting_open(&s, "dataset: {name: linear-regression}\narchitecture: {type: linear}\ntraining: "
                     "{loss: cross_entropy}\n");
    cr_assert_eq(train_check(s.train, s.info), BASIN_SPEC);
    cr_assert_str_eq(basin_error_last()->key, "training.loss",
                     "written, and wrong for a regression");
    setting_close(&s);
}

Test(train, every_shortage_of_memory_is_an_error)
{
    struct setting s;
    open_one(&s, "training: {epochs: 1, batch_size: 10}\n");
    basin_status status = BASIN_MEMORY;
    for (long n = 1; status != BASIN_OK; n++) {
        struct arena *arena;
        struct train_result result;
        OK(arena_create(&arena));
        struct train_request request = {
            .settings = s.train, .model = s.model, .data = s.data, .arena = arena};
        memory_fail_at(n);
        status = train_run(&request, &result);
        memory_fail_at(0);
        arena_destroy(arena);
        cr_assert(status == BASIN_OK || status == BASIN_MEMORY, "allocation %ld: %s", n,
                  basin_error_last()->message);
        cr_assert(n > 1 || status == BASIN_MEMORY);
    }
    setting_close(&s);
}
