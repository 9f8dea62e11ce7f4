/* models/objective_gradient.c: loss, outputs, activations and gradients (by weights, by inputs, of
 * single examples) against plain second implementations and differences; batches, rows, dropout
 * keys, running statistics; the stop flag and shortage of memory. */
#include "objective_helpers.h"

/* ---- loss and outputs ---- */

static void compare_outputs(const struct setting *s, const struct objective_where *where,
                            double tolerance)
{
    struct objective_request request = setting_request(s, MODE_EVAL);
    struct objective *objective = open_objective(&request);
    struct evaluation evaluation;
    double *w = some_weights(s), *f = doubles(s, where->count * 10), expected[10], *x, *y, loss = 0,
           hits = 0;
    void *state = state_of(s, w);
    OK(objective_outputs(objective, where, state, f));
    OK(objective_loss(objective, where, state, &evaluation));
    setting_examples(s, where->part, s->info->counts[where->part], &x, &y);
    for (size_t i = 0; i < where->count; i++) {
        size_t row = where->rows ? where->rows[i] : i, best = 0;
        naive_outputs(s, w, x + 40 * row, expected);
        for (size_t j = 0; j < 10; j++) {
            NEAR(f[i * 10 + j], expected[j], tolerance);
            if (f[i * 10 + j] > f[i * 10 + best]) best = j;
        }
        hits += y[row * 10 + best];
        loss += naive_example_loss(s, expected, y + 10 * row, 0) / (double)where->count;
    }
    NEAR(evaluation.loss, loss, tolerance);
    cr_assert_eq(evaluation.accuracy, hits / (double)where->count);
    objective_destroy(objective);
}

Test(objective, outputs_and_loss)
{
    const uint32_t rows[] = {1099, 3, 3, 700, 0};
    const struct objective_where all = objective_first(DATA_TRAIN, 1100), /* batches 500 500 100 */
        one = objective_first(DATA_TEST, 1), some = {.part = DATA_TRAIN, .rows = rows, .count = 5};
    for (size_t i = 0; i < SPECS; i++) {
        struct setting s;
        open_one(&s, i, "precision: float64\n");
        compare_outputs(&s, &all, 1e-12);
        compare_outputs(&s, &one, 1e-12);
        compare_outputs(&s, &some, 1e-12);
        setting_close(&s);
        open_one(&s, i, "");
        compare_outputs(&s, &all, 1e-5);
        setting_close(&s);
    }
}

Test(objective, no_examples_and_equal_outputs)
{
    struct setting s;
    struct evaluation evaluation;
    setting_open(&s, "dataset: {name: mnist1d, train_size: 100, test_size: 10}\narchitecture: "
                     "{type: linear, initializer: zeros}\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective *objective = open_objective(&request);
    void *w = state_of(&s, initial_weights(&s));
    struct objective_where where = objective_first(DATA_TRAIN, 100);
    double zeros = 0;
    OK(objective_loss(objective, &where, w, &evaluation));
    for (size_t i = 0; i < 100; i++) zeros += data_labels(s.data, DATA_TRAIN)[i] == 0;
    cr_assert_eq(evaluation.accuracy, zeros / 100, "a tie goes to the first class");
    NEAR(evaluation.loss, log(10), 1e-6);
    where.count = 0;
    OK(objective_loss(objective, &where, w, &evaluation));
    cr_assert(isnan(evaluation.loss) && isnan(evaluation.accuracy));
    objective_destroy(objective);
    setting_close(&s);
}

Test(objective, weights_that_are_no_numbers_are_right_in_nothing)
{
    struct setting s;
    struct evaluation evaluation;
    open_one(&s, 0, "");
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    struct objective_where where = objective_first(DATA_TEST, 30);
    float *w = state_of(&s, some_weights(&s));
    OK(objective_loss(objective, &where, w, &evaluation));
    cr_assert(evaluation.accuracy >= 0);
    w[0] = NAN;
    OK(objective_loss(objective, &where, w, &evaluation));
    cr_assert(isnan(evaluation.loss) && isnan(evaluation.accuracy));
    objective_destroy(objective);
    setting_close(&s);
}

/* ---- gradients ---- */

/* Against central differences of the plain loss, in one batch and in three. */
static void compare_gradient(const struct setting *s, size_t batch)
{
    struct objective_request request = setting_request(s, MODE_TRAIN);
    double smoothing = request.label_smoothing = request.loss == LOSS_MSE ? 0 : 0.2, h = 1e-5;
    request.batch = batch;
    struct objective *objective = open_objective(&request);
    struct objective_where where = objective_first(DATA_TRAIN, COUNT);
    double *w = some_weights(s), *g = doubles(s, setting_size(s)), loss;
    OK(objective_gradient(objective, &where, w, g, &loss));
    NEAR(loss, naive_loss(s, w, COUNT, smoothing), 1e-12);
    for (size_t i = 0; i < setting_size(s); i += 1 + setting_size(s) / 60) {
        double kept = w[i], up, down;
        w[i] = kept + h;
        up = naive_loss(s, w, COUNT, smoothing);
        w[i] = kept - h;
        down = naive_loss(s, w, COUNT, smoothing);
        w[i] = kept;
        NEAR(g[i], (up - down) / (2 * h), 1e-8);
    }
    objective_destroy(objective);
}

Test(objective, gradients_are_those_of_the_plain_loss)
{
    for (size_t k = 0; k < SPECS; k++) {
        struct setting s;
        open_one(&s, k, "precision: float64\n");
        compare_gradient(&s, COUNT);
        compare_gradient(&s, 5);
        setting_close(&s);
    }
}

/* A step has the bits of the gradient, in one batch and in several, in both precisions. */
Test(objective, a_step_is_a_gradient)
{
    static const char *const precisions[] = {"precision: float64\n", "precision: float32\n"};
    for (int k = 0; k < 4; k++) {
        struct setting s;
        double loss, same;
        open_one(&s, 1, precisions[k / 2]);
        struct objective_request request = setting_request(&s, MODE_TRAIN);
        request.batch = k % 2 ? 5 : 0;
        struct objective *objective = open_objective(&request);
        struct objective_where where = objective_first(DATA_TRAIN, COUNT);
        size_t size = setting_size(&s), bytes = size * precision_size(request.precision);
        void *w = state_of(&s, some_weights(&s)), *step = state_of(&s, w);
        double *g = doubles(&s, size);
        OK(objective_gradient(objective, &where, w, g, &loss));
        OK(objective_step(objective, &where, w, true, step, &same));
        cr_assert_eq(loss, same);
        cr_assert_arr_eq(step, narrowed(&s, g), bytes);
        objective_destroy(objective);
        setting_close(&s);
    }
}

static double *gradient_at(const struct setting *s, struct objective *objective, int64_t step,
                           const double *w)
{
    struct objective_where where = objective_first(DATA_TRAIN, COUNT);
    double *g = doubles(s, setting_size(s));
    objective_random(objective, 5, step);
    OK(objective_gradient(objective, &where, w, g, NULL));
    return g;
}

Test(objective, dropout_masks_belong_to_a_step)
{
    struct setting s;
    setting_open(&s, DROPOUT);
    struct objective_request request = setting_request(&s, MODE_TRAIN);
    struct objective *train = open_objective(&request);
    request.mode = MODE_EVAL;
    struct objective *eval = open_objective(&request);
    size_t bytes = setting_size(&s) * sizeof(double);
    double *w = some_weights(&s), *three = gradient_at(&s, train, 3, w);
    cr_assert_neq(memcmp(three, gradient_at(&s, train, 4, w), bytes), 0);
    cr_assert_arr_eq(three, gradient_at(&s, train, 3, w), bytes);
    cr_assert_arr_eq(gradient_at(&s, eval, 3, w), gradient_at(&s, eval, 4, w), bytes);
    objective_destroy(train);
    objective_destroy(eval);
    setting_close(&s);
}

/* Batch i of n draws with n step + i: two batches of step 3 are steps 6 and 7 of one. */
Test(objective, every_batch_of_a_step_has_masks_of_its_own)
{
    struct setting s;
    setting_open(&s, DROPOUT);
    struct objective_request request = setting_request(&s, MODE_TRAIN);
    request.batch = COUNT;
    struct objective *objective = open_objective(&request);
    struct objective_where both = objective_first(DATA_TRAIN, 2 * COUNT);
    uint32_t rows[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) rows[i] = COUNT + i;
    struct objective_where second = {.part = DATA_TRAIN, .rows = rows, .count = COUNT};
    double *w = some_weights(&s), *g = doubles(&s, setting_size(&s)),
           *rest = doubles(&s, setting_size(&s));
    objective_random(objective, 5, 3);
    OK(objective_gradient(objective, &both, w, g, NULL));
    double *first = gradient_at(&s, objective, 6, w);
    objective_random(objective, 5, 7);
    OK(objective_gradient(objective, &second, w, rest, NULL));
    for (size_t i = 0; i < setting_size(&s); i++) NEAR(g[i], (first[i] + rest[i]) / 2, 1e-15);
    objective_destroy(objective);
    setting_close(&s);
}

Test(objective, running_statistics_are_learnt_on_demand)
{
    struct setting s;
    setting_open(&s, SMALL "architecture: {type: cnn, channels: [4], norm: batch}\nprecision: "
                           "float64\n");
    struct objective_request request = setting_request(&s, MODE_TRAIN);
    struct objective *objective = open_objective(&request);
    struct objective_where where = objective_first(DATA_TRAIN, COUNT);
    size_t size = setting_size(&s), state = (size_t)model_state_size(s.model);
    double *w = some_weights(&s), *g = doubles(&s, size), loss;
    double *before = doubles(&s, state);
    memcpy(before, w, state * sizeof *w);
    OK(objective_step(objective, &where, w, false, g, &loss));
    cr_assert_arr_eq(w, before, state * sizeof *w);
    OK(objective_step(objective, &where, w, true, g, &loss));
    cr_assert_arr_eq(w, before, size * sizeof *w);
    cr_assert_neq(memcmp(w + size, before + size, (state - size) * sizeof *w), 0);
    objective_destroy(objective);
    setting_close(&s);
}

/* ---- every kind of network ---- */

Test(objective, gradients_of_every_kind_are_differences, .timeout = 60)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct question q;
        question_open(&q, kind);
        double *g = doubles(&q.s, q.size);
        OK(objective_gradient(q.objective, &q.where, q.w, g, NULL));
        for (size_t i = 0; i < q.size; i += 1 + q.size / 40)
            NEAR(g[i], difference(&q, &q.where, &q.w[i]), 1e-8);
        question_close(&q);
    }
}

Test(objective, arrays_are_as_good_as_rows, .timeout = 60)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct question q;
        question_open(&q, kind);
        struct objective_where given = as_arrays(&q, FEW);
        size_t width = FEW * q.positions * q.outputs;
        double *f = doubles(&q.s, width), *other = doubles(&q.s, width), *v = some_vectors(&q.s, 1),
               *g = doubles(&q.s, q.size), *same = doubles(&q.s, q.size);
        cr_assert_eq(loss_of(&q, &given, q.w), loss_of(&q, &q.where, q.w));
        OK(objective_outputs(q.objective, &q.where, q.w, f));
        OK(objective_outputs(q.objective, &given, q.w, other));
        cr_assert_arr_eq(f, other, width * sizeof *f);
        OK(objective_gradient(q.objective, &q.where, q.w, g, NULL));
        OK(objective_gradient(q.objective, &given, q.w, same, NULL));
        cr_assert_arr_eq(g, same, q.size * sizeof *g);
        OK(objective_product(q.objective, &q.where, q.w, OBJECTIVE_HESSIAN, v, 1, g));
        OK(objective_product(q.objective, &given, q.w, OBJECTIVE_HESSIAN, v, 1, same));
        cr_assert_arr_eq(g, same, q.size * sizeof *g);
        ((double *)given.x)[0] += 1; /* in place: what was kept must not be used */
        OK(objective_product(q.objective, &given, q.w, OBJECTIVE_HESSIAN, v, 1, same));
        cr_assert(q.s.info->vocabulary || memcmp(g, same, q.size * sizeof *g) != 0);
        question_close(&q);
    }
}

/* No targets: as good as any for the curvature of the losses by the outputs, otherwise an error. */
Test(objective, examples_without_targets, .timeout = 60)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct question q;
        question_open(&q, kind);
        struct objective_where given = as_arrays(&q, FEW), bare = given;
        double *v = some_vectors(&q.s, 1), *g = doubles(&q.s, q.size),
               *same = doubles(&q.s, q.size), losses[FEW],
               *inputs = doubles(&q.s, FEW * q.features);
        struct evaluation evaluation;
        bare.y = NULL;
        for (int call = OBJECTIVE_GAUSS_NEWTON; call <= OBJECTIVE_FISHER; call++) {
            OK(objective_product(q.objective, &given, q.w, (enum objective_call)call, v, 1, g));
            OK(objective_product(q.objective, &bare, q.w, (enum objective_call)call, v, 1, same));
            cr_assert_arr_eq(g, same, q.size * sizeof *g, "kind %zu", kind);
        }
        cr_assert_eq(objective_product(q.objective, &bare, q.w, OBJECTIVE_HESSIAN, v, 1, g),
                     BASIN_INTERNAL);
        cr_assert_eq(objective_loss(q.objective, &bare, q.w, &evaluation), BASIN_INTERNAL);
        cr_assert_eq(objective_losses(q.objective, &bare, q.w, losses), BASIN_INTERNAL);
        cr_assert_eq(objective_gradient(q.objective, &bare, q.w, g, NULL), BASIN_INTERNAL);
        cr_assert(q.s.info->vocabulary || objective_input_gradient(q.objective, &bare, q.w, inputs,
                                                                   NULL) == BASIN_INTERNAL);
        question_close(&q);
    }
}

/* d loss_i / dx_i of each example's own loss; with batch statistics of the sum. The same for any
 * size of batches. */
Test(objective, input_gradients_are_differences, .timeout = 60)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct question q;
        question_open(&q, kind);
        size_t count = FEW * q.features;
        struct objective_where given = as_arrays(&q, FEW);
        double *x = (double *)given.x, *g = doubles(&q.s, count), losses[FEW], again[FEW];
        basin_status status = objective_input_gradient(q.objective, &given, q.w, g, losses);
        cr_assert_eq(status, q.s.info->vocabulary ? BASIN_SPEC : BASIN_OK);
        for (size_t i = 0; status == BASIN_OK && i < count; i += 1 + count / 40)
            NEAR(g[i], FEW * difference(&q, &given, &x[i]), 1e-8);
        OK(objective_losses(q.objective, &given, q.w, again));
        for (size_t i = 0; status == BASIN_OK && i < FEW; i++) NEAR(losses[i], again[i], 1e-13);
        question_close(&q);
    }
}

Test(objective, an_input_gradient_does_not_depend_on_the_batch)
{
    struct question q;
    question_open(&q, 3);
    struct objective_request request = setting_request(&q.s, MODE_EVAL);
    double *g = doubles(&q.s, FEW * q.features), *one = doubles(&q.s, FEW * q.features);
    OK(objective_input_gradient(q.objective, &q.where, q.w, g, NULL));
    request.batch = 1;
    struct objective *single = open_objective(&request);
    OK(objective_input_gradient(single, &q.where, q.w, one, NULL));
    for (size_t i = 0; i < FEW * q.features; i++) NEAR(g[i], one[i], 1e-13);
    objective_destroy(single);
    question_close(&q);
}

static double clamp(double a, double low, double high)
{
    return fmin(fmax(a, low), high);
}

/* Projected gradient ascent in the box of radius eps around the clean inputs (Madry et al., ICLR
 * 2018): what an attack asks of the objective. */
static void attack(const struct question *q, const struct objective_where *clean, double eps,
                   struct objective_where *hostile)
{
    size_t count = clean->count * q->features;
    double *x = doubles(&q->s, count), *g = doubles(&q->s, count);
    memcpy(x, clean->x, count * sizeof *x);
    *hostile = (struct objective_where){.count = clean->count, .x = x, .y = clean->y};
    for (int step = 0; step < 10; step++) {
        OK(objective_input_gradient(q->objective, hostile, q->w, g, NULL));
        for (size_t i = 0; i < count; i++)
            x[i] = clamp(x[i] + eps / 4 * ((g[i] > 0) - (g[i] < 0)), clean->x[i] - eps,
                         clean->x[i] + eps);
    }
}

Test(objective, an_attack_raises_the_loss)
{
    struct question q;
    struct objective_where near, far;
    question_open(&q, 0);
    const struct objective_where clean = as_arrays(&q, FEW);
    attack(&q, &clean, 0.1, &near);
    attack(&q, &clean, 0.5, &far);
    cr_assert_gt(loss_of(&q, &near, q.w), loss_of(&q, &clean, q.w) + 0.01);
    cr_assert_gt(loss_of(&q, &far, q.w), loss_of(&q, &near, q.w) + 0.01);
    for (size_t i = 0; i < FEW * q.features; i++)
        cr_assert_leq(fabs(near.x[i] - clean.x[i]), 0.1 + 1e-12);
    question_close(&q);
}

Test(objective, gradients_of_examples, .timeout = 60)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct question q;
        question_open(&q, kind);
        double *all = doubles(&q.s, FEW * q.size), *mean = doubles(&q.s, q.size), norms[FEW],
               *moments = doubles(&q.s, q.size);
        const struct objective_examples examples = {all, norms, moments};
        basin_status status = objective_example_gradients(q.objective, &q.where, q.w, &examples);
        cr_assert_eq(status, kinds[kind].mode == MODE_BATCH ? BASIN_SPEC : BASIN_OK);
        OK(objective_gradient(q.objective, &q.where, q.w, mean, NULL));
        for (size_t j = 0; status == BASIN_OK && j < q.size; j++) {
            double sum = 0, squares = 0;
            for (size_t i = 0; i < FEW; i++) {
                sum += all[i * q.size + j] / FEW;
                squares += all[i * q.size + j] * all[i * q.size + j] / FEW;
            }
            NEAR(mean[j], sum, 1e-13);
            NEAR(moments[j], squares, 1e-13);
        }
        for (size_t i = 0; status == BASIN_OK && i < FEW; i++) {
            double squares = 0;
            for (size_t j = 0; j < q.size; j++)
                squares += all[i * q.size + j] * all[i * q.size + j];
            NEAR(norms[i], squares, 1e-13);
        }
        question_close(&q);
    }
}

/* ---- layers ---- */

Test(objective, activations_of_a_named_layer, .timeout = 60)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct question q;
        question_open(&q, kind);
        int last = model_layer_count(q.s.model) - 1;
        size_t width = FEW * q.positions * q.outputs;
        double *f = doubles(&q.s, width), *a = doubles(&q.s, width);
        cr_assert_eq((size_t)model_layer_size(q.s.model, last), q.positions * q.outputs);
        OK(objective_outputs(q.objective, &q.where, q.w, f));
        OK(objective_activations(q.objective, &q.where, q.w, last, a));
        cr_assert_arr_eq(f, a, width * sizeof *f, "the last layer gives the outputs");
        for (int i = 0; i <= last; i++) {
            char name[LAYER_NAME];
            model_layer_name(q.s.model, i, name);
            cr_assert_eq(model_layer_find(q.s.model, name), i, "%s", name);
        }
        question_close(&q);
    }
}

Test(objective, hidden_units_of_a_perceptron)
{
    struct question q;
    question_open(&q, 0);
    struct objective_where given = as_arrays(&q, FEW);
    int dense = model_layer_find(q.s.model, "layers.0"),
        hidden = model_layer_find(q.s.model, "layers.0.activation");
    double before[FEW * 4], after[FEW * 4];
    cr_assert_eq(model_layer_find(q.s.model, "layers.7"), -1);
    OK(objective_activations(q.objective, &q.where, q.w, dense, before));
    OK(objective_activations(q.objective, &q.where, q.w, hidden, after));
    for (size_t i = 0; i < FEW; i++)
        for (size_t j = 0; j < 4; j++) {
            double sum = q.w[12 * 4 + j];
            for (size_t k = 0; k < 12; k++) sum += given.x[12 * i + k] * q.w[4 * k + j];
            NEAR(before[4 * i + j], sum, 1e-14);
            NEAR(after[4 * i + j], tanh(sum), 1e-14);
        }
    question_close(&q);
}

/* ---- what goes wrong ---- */

Test(objective, the_stop_flag)
{
    struct setting s;
    _Atomic bool stop = true;
    struct evaluation evaluation;
    open_one(&s, 0, "precision: float64\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    request.stop = &stop;
    struct objective *objective = open_objective(&request);
    struct objective_where where = objective_first(DATA_TEST, 30);
    double *w = some_weights(&s), *v = some_vectors(&s, 1), *g = doubles(&s, setting_size(&s));
    for (int i = 0; i < 2; i++, stop = false) {
        basin_status expected = stop ? BASIN_INTERRUPTED : BASIN_OK;
        cr_assert_eq(objective_loss(objective, &where, w, &evaluation), expected);
        cr_assert_eq(objective_gradient(objective, &where, w, g, NULL), expected);
        cr_assert_eq(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 1, g), expected);
    }
    objective_destroy(objective);
    setting_close(&s);
}

static basin_status ask_everything(const struct setting *s, const double *w, double *v, double *g)
{
    struct objective_request request = setting_request(s, MODE_EVAL);
    struct objective_where where = objective_first(DATA_TRAIN, 25);
    struct objective *objective;
    struct evaluation evaluation;
    double loss, inputs[25 * 40];
    request.batch = 10;
    request.keep = 1 << 20;
    TRY(objective_create(&request, &objective));
    basin_status status = objective_loss(objective, &where, w, &evaluation);
    if (status == BASIN_OK) status = objective_step(objective, &where, (void *)w, false, g, &loss);
    if (status == BASIN_OK) status = objective_gradient(objective, &where, w, g, &loss);
    if (status == BASIN_OK) status = objective_input_gradient(objective, &where, w, inputs, NULL);
    if (status == BASIN_OK)
        status = objective_example_gradients(objective, &where, w,
                                             &(struct objective_examples){.second_moments = g});
    if (status == BASIN_OK)
        status = objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 1, g);
    objective_destroy(objective);
    return status;
}

Test(objective, every_shortage_of_memory_is_an_error)
{
    struct setting s;
    open_one(&s, 4, "precision: float64\n");
    double *w = some_weights(&s), *v = some_vectors(&s, 1), *g = doubles(&s, setting_size(&s));
    basin_status status = BASIN_MEMORY;
    for (long n = 1; status != BASIN_OK; n++) {
        memory_fail_at(n);
        status = ask_everything(&s, w, v, g);
        memory_fail_at(0);
        cr_assert(status == BASIN_OK || status == BASIN_MEMORY, "allocation %ld: %s", n,
                  basin_error_last()->message);
        cr_assert(n > 1 || status == BASIN_MEMORY);
    }
    setting_close(&s);
}

/* ---- what examples say about the buffers ---- */

/* One batch of all: mean and unbiased variance of what the convolution gives, channel by channel;
 * and in evaluation with these, nearly the outputs of the batch's own statistics. */
Test(objective, statistics_are_those_of_the_examples)
{
    struct setting s;
    setting_open(&s, SHORT WIDE "architecture: {type: cnn, channels: [3], norm: batch}\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective *evaluation = open_objective(&request);
    request.mode = MODE_BATCH;
    struct objective *batch = open_objective(&request);
    struct objective_where where = objective_first(DATA_TRAIN, 40);
    size_t size = setting_size(&s), positions = 12;
    double *w = state_of(&s, some_weights(&s)), *a = doubles(&s, 40 * 3 * positions);
    for (int j = 0; j < 6; j++) w[size + (size_t)j] = 7; /* nothing of it may be left */
    OK(objective_activations(evaluation, &where, w, model_layer_find(s.model, "layers.0"), a));
    OK(objective_statistics(batch, &where, w));
    for (size_t c = 0; c < 3; c++) {
        double mean = 0, square = 0, n = (double)(40 * positions);
        for (size_t k = 0; k < 40 * positions; k++) mean += a[3 * k + c] / n;
        for (size_t k = 0; k < 40 * positions; k++) square += pow(a[3 * k + c] - mean, 2);
        NEAR(w[size + c], mean, 1e-13);
        NEAR(w[size + 3 + c], square / (n - 1), 1e-12);
    }
    objective_destroy(batch);
    request.batch = 15; /* three batches: of 14, 13 and 13 */
    batch = open_objective(&request);
    double *other = state_of(&s, w);
    OK(objective_statistics(batch, &where, other));
    NEAR(other[size], w[size], 1e-13);
    cr_expect_neq(other[size + 3], w[size + 3]);
    cr_expect_float_eq(other[size + 3], w[size + 3], 0.2 * w[size + 3]);
    cr_expect_eq(objective_statistics(evaluation, &where, w), BASIN_INTERNAL);
    objective_destroy(batch);
    objective_destroy(evaluation);
    setting_close(&s);
}
