/* models/objective.h: loss, outputs, gradients and products against plain second implementations
 * and differences; batches, rows, precision, kept halves, dropout keys, running statistics; costs
 * against what is spent and held; the stop flag and shortage of memory. */
#include "../naive_network.h"
#include "graph/cache.h"
#include "models/network.h"
#include "models/objective.h"

enum { COUNT = 12 };

static const char *const specs[] = {
    "architecture: {type: linear}\n",
    "architecture: {type: mlp, hidden: [4, 3], activation: tanh}\n",
    "architecture: {type: mlp, hidden: [4, 4], activation: gelu, residual: true}\n",
    "architecture: {type: mlp, hidden: [5], activation: silu, bias: false}\ntraining: {loss: "
    "mse}\n",
    "architecture: {type: mlp, hidden: [4], activation: sigmoid}\ntraining: {loss: mse}\n",
    "architecture: {type: mlp, hidden: [40, 3], activation: identity, residual: true}\n",
};
enum { SPECS = sizeof specs / sizeof *specs };

#define SMALL "dataset: {name: mnist1d, train_size: 1100, test_size: 30}\n"

static struct objective *open_objective(const struct objective_request *request)
{
    struct objective *objective;
    OK(objective_create(request, &objective));
    return objective;
}

static void open_one(struct setting *s, size_t index, const char *more)
{
    setting_format(s, SMALL "%s%s", specs[index], more);
}

/* The whole state in the precision of the run: narrowed() leaves the buffers out. */
static void *state_of(const struct setting *s, const double *w)
{
    size_t count = (size_t)model_state_size(s->model);
    void *state = arena_allocate(s->arena, count * sizeof(double));
    cr_assert(state);
    vector_from_double(s->train->precision, w, state, count);
    return state;
}

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

#define DROPOUT                                                                                    \
    "dataset: {name: mnist1d, train_size: 50, test_size: 30}\narchitecture: {type: mlp, hidden: "  \
    "[8, 6], activation: tanh}\nregularizers: {dropout: 0.4}\nprecision: float64\n"

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

/* ---- products ---- */

static double *some_vectors(const struct setting *s, size_t count)
{
    double *v = doubles(s, count * setting_size(s));
    struct random random = random_make(7, STREAM_PROBE, 0, 0);
    random_fill_normal(&random, 1 / sqrt((double)setting_size(s)), v, count * setting_size(s));
    return v;
}

/* H v against (g(w + h v) - g(w - h v)) / 2h */
static void compare_product(const struct setting *s, enum model_mode mode, size_t batch)
{
    struct objective_request request = setting_request(s, mode);
    request.batch = batch;
    struct objective *objective = open_objective(&request);
    struct objective_where where = objective_first(DATA_TRAIN, COUNT);
    size_t size = setting_size(s);
    double *w = some_weights(s), *v = some_vectors(s, 1), *hv = doubles(s, size),
           *up = doubles(s, size), *down = doubles(s, size), h = 1e-5;
    objective_random(objective, 5, 3);
    OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 1, hv));
    for (size_t i = 0; i < size; i++) w[i] += h * v[i];
    OK(objective_gradient(objective, &where, w, up, NULL));
    for (size_t i = 0; i < size; i++) w[i] -= 2 * h * v[i];
    OK(objective_gradient(objective, &where, w, down, NULL));
    for (size_t i = 0; i < size; i++) NEAR(hv[i], (up[i] - down[i]) / (2 * h), 1e-7);
    objective_destroy(objective);
}

Test(objective, products_are_differences_of_gradients)
{
    struct setting s;
    for (size_t i = 0; i < SPECS; i++) {
        open_one(&s, i, "precision: float64\n");
        compare_product(&s, MODE_EVAL, COUNT);
        compare_product(&s, MODE_EVAL, 5);
        setting_close(&s);
    }
    setting_open(&s, DROPOUT);
    compare_product(&s, MODE_TRAIN, COUNT);
    compare_product(&s, MODE_TRAIN, 5);
    setting_close(&s);
}

/* An objective whose halves may stay fresh too long: what it is asked in between, and weights that
 * change in place, must not show. */
static double *product_after(const struct setting *s, struct objective *objective,
                             const struct objective_where *where, const double *w)
{
    double *hv = doubles(s, 3 * setting_size(s));
    OK(objective_product(objective, where, w, OBJECTIVE_HESSIAN, some_vectors(s, 3), 3, hv));
    return hv;
}

Test(objective, a_product_is_the_same_bits_whatever_came_before)
{
    struct setting s;
    open_one(&s, 1, "precision: float64\n");
    uint32_t rows[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) rows[i] = 2 * i;
    const struct objective_where first = objective_first(DATA_TRAIN, COUNT),
                                 even = {.part = DATA_TRAIN, .rows = rows, .count = COUNT},
                                 test = objective_first(DATA_TEST, COUNT);
    size_t size = setting_size(&s);
    double *w = some_weights(&s), *g = doubles(&s, size);
    struct objective_request request = setting_request(&s, MODE_EVAL);
    request.batch = 5;
    struct objective *fresh = open_objective(&request);
    double *expected = product_after(&s, fresh, &first, w);
    objective_destroy(fresh);
    for (int keep = 0; keep < 3; keep++) {
        request.keep = keep == 2 ? SIZE_MAX / 2 : (size_t)keep * 100000;
        struct objective *objective = open_objective(&request);
        cr_assert_arr_eq(product_after(&s, objective, &first, w), expected, 3 * size * sizeof *w);
        cr_assert_arr_eq(product_after(&s, objective, &first, w), expected, 3 * size * sizeof *w);
        double *other = product_after(&s, objective, &even, w);
        cr_assert_neq(memcmp(other, expected, 3 * size * sizeof *w), 0);
        other = product_after(&s, objective, &test, w);
        cr_assert_neq(memcmp(other, expected, 3 * size * sizeof *w), 0);
        OK(objective_gradient(objective, &first, w, g, NULL));
        w[3] += 1;
        other = product_after(&s, objective, &first, w);
        cr_assert_neq(memcmp(other, expected, 3 * size * sizeof *w), 0);
        w[3] = some_weights(&s)[3];
        cr_assert_arr_eq(product_after(&s, objective, &first, w), expected, 3 * size * sizeof *w);
        for (size_t j = 0; j < 3; j++) {
            double *one = doubles(&s, size);
            OK(objective_product(objective, &first, w, OBJECTIVE_HESSIAN,
                                 some_vectors(&s, 3) + j * size, 1, one));
            cr_assert_arr_eq(one, expected + j * size, size * sizeof *w);
        }
        objective_destroy(objective);
    }
    setting_close(&s);
}

/* Equal weights at another address, after those of the first call have changed. */
Test(objective, a_kept_half_reads_the_weights_where_they_are)
{
    struct setting s;
    open_one(&s, 1, "precision: float64\n");
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    const struct objective_where where = objective_first(DATA_TRAIN, COUNT);
    size_t size = setting_size(&s);
    double *w = some_weights(&s), *copy = some_weights(&s);
    double *expected = product_after(&s, objective, &where, w);
    for (size_t i = 0; i < size; i++) w[i] += 1;
    cr_assert_arr_eq(product_after(&s, objective, &where, copy), expected, 3 * size * sizeof *w);
    objective_destroy(objective);
    setting_close(&s);
}

/* ---- costs ---- */

/* Two calls for three vectors, in batches of 400, 400 and 300, of which the last is kept anyway. */
Test(objective, halves_that_are_not_kept_are_counted_once_a_call)
{
    struct setting s;
    open_one(&s, 2, "");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    const struct objective_where where = objective_first(DATA_TRAIN, 1100);
    const struct objective_use use = {OBJECTIVE_HESSIAN, 1100, 3, .calls = 2};
    struct objective_memory memory;
    void *w = state_of(&s, some_weights(&s));
    double *v = some_vectors(&s, 2), *hv = doubles(&s, 2 * setting_size(&s)), flops[2];
    request.batch = 400;
    OK(objective_memory(&request, &use, 1, &memory));
    for (int kept = 0; kept < 2; kept++) {
        request.keep = kept ? memory.keep : 0;
        struct objective *objective = open_objective(&request);
        OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 2, hv));
        OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 1, hv));
        flops[kept] = objective_flops(&request, &use);
        NEAR(objective_spent(objective) / flops[kept], 1, 1e-12);
        objective_destroy(objective);
    }
    cr_assert_gt(flops[0], flops[1]);
    setting_close(&s);
}

Test(objective, spent_flops_are_those_foretold)
{
    struct setting s;
    open_one(&s, 2, "");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    request.keep = SIZE_MAX / 2;
    request.batch = 400;
    struct objective *objective = open_objective(&request);
    struct objective_where where = objective_first(DATA_TRAIN, 1100);
    struct evaluation evaluation;
    void *w = state_of(&s, some_weights(&s));
    double *v = some_vectors(&s, 3), *hv = doubles(&s, 3 * setting_size(&s)), loss, expected = 0;
    void *g = state_of(&s, v);
    const struct objective_use uses[] = {{OBJECTIVE_LOSS, 1100, 1},
                                         {OBJECTIVE_GRADIENT, 1100, 1},
                                         {OBJECTIVE_STEP, 1100, 1},
                                         {OBJECTIVE_HESSIAN, 1100, 4}};
    for (size_t i = 0; i < 4; i++) expected += objective_flops(&request, &uses[i]);
    OK(objective_loss(objective, &where, w, &evaluation));
    OK(objective_gradient(objective, &where, w, hv, NULL));
    OK(objective_step(objective, &where, w, true, g, &loss));
    OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 3, hv));
    OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 1, hv));
    NEAR(objective_spent(objective) / expected, 1, 1e-12);
    objective_destroy(objective);
    setting_close(&s);
}

/* What is held is at most what was said, and not much less. */
static void compare_memory(const struct setting *s, size_t batch, const struct objective_use *use,
                           size_t keep_share)
{
    struct objective_request request = setting_request(s, MODE_EVAL);
    struct objective_memory said;
    request.batch = batch;
    OK(objective_memory(&request, use, 1, &said));
    request.keep = keep_share * said.keep;
    struct objective_where where = objective_first(DATA_TRAIN, use->examples);
    void *w = state_of(s, some_weights(s)), *step = state_of(s, some_weights(s));
    double *v = some_vectors(s, 1), *out = doubles(s, 1100 * 10 + setting_size(s)), loss;
    double *hidden = doubles(s, 1100 * 700);
    struct evaluation evaluation;
    memory_peak_start();
    struct objective *objective = open_objective(&request);
    if (use->call == OBJECTIVE_LOSS) OK(objective_loss(objective, &where, w, &evaluation));
    if (use->call == OBJECTIVE_OUTPUTS) OK(objective_outputs(objective, &where, w, out));
    if (use->call == OBJECTIVE_GRADIENT) OK(objective_gradient(objective, &where, w, out, NULL));
    if (use->call == OBJECTIVE_STEP) OK(objective_step(objective, &where, w, true, step, &loss));
    if (use->call == OBJECTIVE_ACTIVATIONS)
        OK(objective_activations(objective, &where, w, use->layer, hidden));
    if (use->call == OBJECTIVE_INPUT_GRADIENT)
        OK(objective_input_gradient(objective, &where, w, hidden, NULL));
    if (use->call == OBJECTIVE_EXAMPLE_GRADIENTS)
        OK(objective_example_gradients(objective, &where, w,
                                       &(struct objective_examples){.second_moments = out}));
    if (use->call >= OBJECTIVE_HESSIAN)
        OK(objective_product(objective, &where, w, use->call, v, 1, out));
    size_t held = memory_peak(), most = said.bytes + request.keep;
    cr_expect_leq(held, most + (1 << 20), "%d: held %zu, said %zu", (int)use->call, held, most);
    cr_expect_leq((double)most, 1.2 * (double)held + (1 << 20), "%d: held %zu, said %zu",
                  (int)use->call, held, most);
    objective_destroy(objective);
}

Test(objective, memory_is_what_was_said)
{
    struct setting s;
    setting_open(&s, SMALL "architecture: {type: mlp, hidden: [700, 700]}\n");
    for (int call = 0; call < OBJECTIVE_CALLS; call++) {
        struct objective_use use = {(enum objective_call)call, 1100, 1, .layer = 2};
        if (call == OBJECTIVE_EXAMPLE_GRADIENTS) use.examples = 20;
        compare_memory(&s, 0, &use, 0);
        compare_memory(&s, 300, &use, 0);
        compare_memory(&s, 300, &use, 1);
    }
    cache_clear();
    setting_close(&s);
}

static void check_held(const struct objective_memory *said, const char *what)
{
    size_t held = memory_peak();
    cr_expect_leq(held, said->bytes + (64 << 10), "%s: held %zu, said %zu", what, held,
                  said->bytes);
    cr_expect_leq((double)said->bytes, 1.2 * (double)held + (1 << 20), "%s: held %zu, said %zu",
                  what, held, said->bytes);
}

/* Full batches that share a network, then a single one, which has its own. */
Test(objective, memory_of_products_over_several_counts)
{
    struct setting s;
    setting_open(&s, SMALL "architecture: {type: mlp, hidden: [300, 300]}\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective_memory said;
    request.batch = 300;
    const struct objective_use uses[] = {{OBJECTIVE_HESSIAN, 900, 1}, {OBJECTIVE_HESSIAN, 300, 1}};
    OK(objective_memory(&request, uses, 2, &said));
    void *w = state_of(&s, some_weights(&s));
    double *v = some_vectors(&s, 1), *hv = doubles(&s, setting_size(&s));
    memory_peak_start();
    struct objective *objective = open_objective(&request);
    for (int i = 0; i < 4; i++) {
        struct objective_where where = objective_first(DATA_TRAIN, uses[i % 2].examples);
        OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 1, hv));
    }
    check_held(&said, "products");
    objective_destroy(objective);
    cache_clear();
    setting_close(&s);
}

/* More networks than are kept, the largest last. */
Test(objective, memory_of_many_layers)
{
    struct setting s;
    setting_open(&s, SMALL "architecture: {type: mlp, hidden: [4, 4, 4, 4, 4, 4, 4, 4, 4, 1000, "
                           "1000]}\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective_memory said;
    struct objective_use uses[40];
    int layers = model_layer_count(s.model);
    cr_assert_gt(layers, 18);
    for (int i = 0; i < layers; i++)
        uses[i] = (struct objective_use){OBJECTIVE_ACTIVATIONS, 500, 1, .layer = i};
    OK(objective_memory(&request, uses, (size_t)layers, &said));
    void *w = state_of(&s, some_weights(&s));
    double *a = doubles(&s, 500 * 1000);
    const struct objective_where where = objective_first(DATA_TRAIN, 500);
    memory_peak_start();
    struct objective *objective = open_objective(&request);
    for (int i = 0; i < layers; i++) OK(objective_activations(objective, &where, w, i, a));
    check_held(&said, "activations");
    objective_destroy(objective);
    cache_clear();
    setting_close(&s);
}

/* A target of a text is one number a position; its outputs take more than its network. */
Test(objective, memory_of_the_loss_of_a_text)
{
    struct setting s;
    setting_open(&s, "dataset: {name: kjv-text, context: 128, train_size: 100, test_size: 10}\n"
                     "architecture: {type: rnn, hidden_size: 3, embedding: 2}\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective_memory said;
    const struct objective_use use = {OBJECTIVE_LOSS, 100, 1};
    OK(objective_memory(&request, &use, 1, &said));
    void *w = state_of(&s, some_weights(&s));
    const struct objective_where where = objective_first(DATA_TRAIN, 100);
    struct evaluation evaluation;
    memory_peak_start();
    struct objective *objective = open_objective(&request);
    OK(objective_loss(objective, &where, w, &evaluation));
    check_held(&said, "loss");
    objective_destroy(objective);
    cache_clear();
    setting_close(&s);
}

/* The scratch of a loss comes on top of the gradients by the inputs, which stay. */
Test(objective, memory_of_input_gradients_and_a_loss)
{
    struct setting s;
    setting_open(&s, "dataset: {name: mnist1d, length: 400, train_size: 1000, test_size: 10}\n"
                     "precision: float64\narchitecture: {type: linear}\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective_memory one, other, both;
    const struct objective_use uses[] = {{OBJECTIVE_INPUT_GRADIENT, 1000, 1},
                                         {OBJECTIVE_LOSS, 1000, 1}};
    OK(objective_memory(&request, &uses[0], 1, &one));
    OK(objective_memory(&request, &uses[1], 1, &other));
    OK(objective_memory(&request, uses, 2, &both));
    cr_assert_eq(both.bytes, one.bytes + other.bytes);
    cache_clear();
    setting_close(&s);
}

/* Any number of batch sizes: networks that were not used for long go. */
Test(objective, many_sizes)
{
    struct setting s;
    open_one(&s, 0, "precision: float64\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective *objective = open_objective(&request);
    double *w = some_weights(&s), *g = doubles(&s, setting_size(&s)), loss;
    for (size_t count = 1; count < 40; count++) {
        struct objective_where where = objective_first(DATA_TRAIN, count);
        OK(objective_gradient(objective, &where, w, g, &loss));
        NEAR(loss, naive_loss(&s, w, count, 0), 1e-12);
    }
    objective_destroy(objective);
    setting_close(&s);
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

/* ---- every kind of network: float64, few parameters, few examples ---- */

#define SHORT "dataset: {name: mnist1d, length: 12, train_size: 40, test_size: 10}\n"
#define REGRESSION "dataset: {name: linear-regression, n: 40, p: 5, test_size: 10}\n"
#define KJV "dataset: {name: kjv-text, context: 6, train_size: 40, test_size: 10}\n"
#define WIDE "precision: float64\n"

static const struct {
    const char *yaml;
    enum model_mode mode;
} kinds[] = {
    {SHORT WIDE "architecture: {type: mlp, hidden: [4], activation: tanh}\n", MODE_EVAL},
    {SHORT WIDE "architecture: {type: mlp, hidden: [3], activation: gelu}\ntraining: {loss: mse}\n",
     MODE_EVAL},
    {REGRESSION WIDE "architecture: {type: mlp, hidden: [4], activation: silu}\n", MODE_EVAL},
    {SHORT WIDE "architecture: {type: cnn, channels: [3], norm: batch, activation: tanh}\n",
     MODE_EVAL},
    {SHORT WIDE "architecture: {type: cnn, channels: [3], norm: batch, activation: tanh}\n",
     MODE_BATCH},
    {SHORT WIDE "architecture: {type: gru, hidden_size: 3}\n", MODE_EVAL},
    {SHORT WIDE "architecture: {type: transformer, width: 4, heads: 2, depth: 1, patch: 4}\n",
     MODE_EVAL},
    {KJV WIDE "architecture: {type: rnn, hidden_size: 3, embedding: 2}\n", MODE_EVAL},
    {KJV WIDE "architecture: {type: transformer, width: 4, heads: 2, depth: 1}\n", MODE_EVAL},
};
enum { KINDS = sizeof kinds / sizeof *kinds, FEW = 6 };

struct question {
    struct setting s;
    struct objective *objective;
    struct objective_where where;
    size_t size, features, positions, outputs;
    double *w;
};

static void question_open(struct question *q, size_t kind)
{
    *q = (struct question){.where = objective_first(DATA_TRAIN, FEW)};
    setting_open(&q->s, kinds[kind].yaml);
    q->objective = setting_objective(&q->s, kinds[kind].mode);
    q->size = setting_size(&q->s);
    q->features = q->s.info->features;
    q->positions = q->s.info->positions;
    q->outputs = q->s.info->outputs;
    q->w = some_weights(&q->s);
}

static void question_close(struct question *q)
{
    objective_destroy(q->objective);
    setting_close(&q->s);
}

static double loss_of(const struct question *q, const struct objective_where *where,
                      const double *w)
{
    struct evaluation evaluation;
    OK(objective_loss(q->objective, where, w, &evaluation));
    return evaluation.loss;
}

/* Central differences of fourth order: (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12 h. A layer norm of
 * four units bends too much for those of second order. */
enum { STENCIL = 4 };
static const double shifts[STENCIL] = {1e-5, -1e-5, 2e-5, -2e-5};

static double stencil(const double f[STENCIL])
{
    return (8 * (f[0] - f[1]) - (f[2] - f[3])) / (12 * shifts[0]);
}

/* dL / d *element, an element of the weights or of given inputs. */
static double difference(const struct question *q, const struct objective_where *where,
                         double *element)
{
    double kept = *element, f[STENCIL];
    for (int k = 0; k < STENCIL; k++) {
        *element = kept + shifts[k];
        f[k] = loss_of(q, where, q->w);
    }
    *element = kept;
    return stencil(f);
}

/* The examples as arrays. */
static struct objective_where as_arrays(const struct question *q, size_t count)
{
    size_t targets = q->s.info->task == DATA_LANGUAGE ? q->positions : q->outputs;
    uint32_t *rows = arena_array(q->s.arena, uint32_t, count);
    double *x = doubles(&q->s, count * q->features), *y = doubles(&q->s, count * targets);
    for (uint32_t i = 0; i < count; i++) rows[i] = i;
    const struct data_gather gather = {.part = DATA_TRAIN, .rows = rows, .count = count};
    data_gather_double(q->s.data, &gather, x, y);
    return (struct objective_where){.count = count, .x = x, .y = y};
}

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

/* ---- curvature against dense matrices ---- */

/* J (FEW positions outputs, P) by differences of the outputs. */
static double *jacobian(const struct question *q)
{
    size_t rows = FEW * q->positions * q->outputs;
    double *J = doubles(&q->s, rows * q->size), *f[STENCIL];
    for (int k = 0; k < STENCIL; k++) f[k] = doubles(&q->s, rows);
    for (size_t j = 0; j < q->size; j++) {
        double kept = q->w[j];
        for (int k = 0; k < STENCIL; k++) {
            q->w[j] = kept + shifts[k];
            OK(objective_outputs(q->objective, &q->where, q->w, f[k]));
        }
        q->w[j] = kept;
        for (size_t i = 0; i < rows; i++)
            J[i * q->size + j] = stencil((double[]){f[0][i], f[1][i], f[2][i], f[3][i]});
    }
    return J;
}

static void softmax(const double *f, size_t count, double *p)
{
    double sum = 0;
    for (size_t c = 0; c < count; c++) sum += p[c] = exp(f[c]);
    for (size_t c = 0; c < count; c++) p[c] /= sum;
}

/* The product of v with the mean over predictions of sum_y p(y) g_y g_y', g_y the gradient of the
 * loss if the target were y: class by class for a softmax; for a Gaussian of unit variance E (f -
 * y)(f - y)' = 1. Written from the definition of the Fisher matrix, not from that of Gauss-Newton. */
static void naive_fisher(const struct question *q, const double *v, double *product)
{
    size_t predictions = FEW * q->positions, outputs = q->outputs;
    double *J = jacobian(q), *f = doubles(&q->s, predictions * outputs),
           *p = doubles(&q->s, outputs), *g = doubles(&q->s, q->size);
    bool mse = setting_request(&q->s, MODE_EVAL).loss == LOSS_MSE;
    OK(objective_outputs(q->objective, &q->where, q->w, f));
    memset(product, 0, q->size * sizeof *product);
    for (size_t i = 0; i < predictions; i++) {
        const double *rows = J + i * outputs * q->size;
        softmax(f + i * outputs, outputs, p);
        for (size_t y = 0; y < outputs; y++) {
            double along = 0, weight = mse ? 1 : p[y];
            for (size_t j = 0; j < q->size; j++) {
                g[j] = 0;
                for (size_t c = 0; c < outputs; c++)
                    g[j] += (mse ? (double)(c == y) : p[c] - (c == y)) * rows[c * q->size + j];
                along += g[j] * v[j];
            }
            for (size_t j = 0; j < q->size; j++)
                product[j] += weight * g[j] * along / (double)predictions;
        }
    }
}

Test(objective, gauss_newton_and_fisher_against_the_definition, .timeout = 120)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct question q;
        question_open(&q, kind);
        double *v = some_vectors(&q.s, 1), *ours = doubles(&q.s, q.size),
               *same = doubles(&q.s, q.size), *expected = doubles(&q.s, q.size);
        OK(objective_product(q.objective, &q.where, q.w, OBJECTIVE_GAUSS_NEWTON, v, 1, ours));
        OK(objective_product(q.objective, &q.where, q.w, OBJECTIVE_FISHER, v, 1, same));
        cr_assert_arr_eq(ours, same, q.size * sizeof *ours);
        naive_fisher(&q, v, expected);
        double size = 0;
        for (size_t j = 0; j < q.size; j++) {
            NEAR(ours[j], expected[j], 1e-7);
            size = fmax(size, fabs(ours[j]));
        }
        cr_assert_gt(size, 1e-3, "kind %zu", kind);
        question_close(&q);
    }
}

/* (1/N) sum_i g_i g_i' v, where an example has one prediction. With batch statistics both refuse. */
Test(objective, empirical_fisher_against_gradients_of_examples, .timeout = 60)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct question q;
        question_open(&q, kind);
        double *all = doubles(&q.s, FEW * q.size), *v = some_vectors(&q.s, 1),
               *ours = doubles(&q.s, q.size), *expected = doubles(&q.s, q.size);
        const struct objective_examples examples = {.gradients = all};
        basin_status status = kinds[kind].mode == MODE_BATCH ? BASIN_SPEC : BASIN_OK;
        cr_assert_eq(objective_example_gradients(q.objective, &q.where, q.w, &examples), status);
        cr_assert_eq(
            objective_product(q.objective, &q.where, q.w, OBJECTIVE_EMPIRICAL_FISHER, v, 1, ours),
            status);
        for (size_t i = 0; i < FEW; i++) {
            double along = 0;
            for (size_t j = 0; j < q.size; j++) along += all[i * q.size + j] * v[j];
            for (size_t j = 0; j < q.size; j++) expected[j] += along * all[i * q.size + j] / FEW;
        }
        for (size_t j = 0; status == BASIN_OK && q.positions == 1 && j < q.size; j++)
            NEAR(ours[j], expected[j], 1e-13);
        question_close(&q);
    }
}

/* Makes `class` the target of prediction i. */
static void set_class(const struct question *q, double *y, size_t i, size_t class)
{
    if (q->s.info->task == DATA_LANGUAGE)
        y[i] = (double)class;
    else
        for (size_t c = 0; c < q->outputs; c++) y[i * q->outputs + c] = c == class;
}

/* expected += weight * (empirical Fisher at the targets of `where`) v */
static void add_empirical(const struct question *q, const struct objective_where *where,
                          const double *v, double weight, double *expected)
{
    double *product = doubles(&q->s, q->size);
    OK(objective_product(q->objective, where, q->w, OBJECTIVE_EMPIRICAL_FISHER, v, 1, product));
    for (size_t j = 0; j < q->size; j++) expected[j] += weight * product[j];
}

/* The mean of the empirical Fisher over targets that are drawn from the prediction of the model is
 * its Fisher matrix. It is a sum over predictions: the mean is E(0) + sum_i sum_c p_i(c) (E(i: c) -
 * E(0)), where 0 are any targets and i: c are these with class c for prediction i. */
Test(objective, empirical_fisher_of_drawn_targets_is_fisher, .timeout = 60)
{
    static const size_t classifiers[] = {0, 3, 7, 8};
    for (size_t k = 0; k < sizeof classifiers / sizeof *classifiers; k++) {
        struct question q;
        question_open(&q, classifiers[k]);
        enum { TWO = 2 };
        struct objective_where given = as_arrays(&q, TWO);
        double *f = doubles(&q.s, TWO * q.positions * q.outputs), *p = doubles(&q.s, q.outputs),
               *v = some_vectors(&q.s, 1), *fisher = doubles(&q.s, q.size),
               *mean = doubles(&q.s, q.size), *y = (double *)given.y;
        OK(objective_outputs(q.objective, &given, q.w, f));
        OK(objective_product(q.objective, &given, q.w, OBJECTIVE_FISHER, v, 1, fisher));
        for (size_t i = 0; i < TWO * q.positions; i++) set_class(&q, y, i, 0);
        add_empirical(&q, &given, v, 1, mean);
        for (size_t i = 0; i < TWO * q.positions; i++, set_class(&q, y, i - 1, 0)) {
            softmax(f + i * q.outputs, q.outputs, p);
            add_empirical(&q, &given, v, p[0] - 1, mean);
            for (size_t c = 1; c < q.outputs; c++) {
                set_class(&q, y, i, c);
                add_empirical(&q, &given, v, p[c], mean);
            }
        }
        for (size_t j = 0; j < q.size; j++) NEAR(mean[j], fisher[j], 1e-12);
        question_close(&q);
    }
}

/* H v against differences of gradients, for every kind, with the statistics of the batch too. */
Test(objective, products_of_every_kind_are_differences, .timeout = 60)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct setting s;
        setting_open(&s, kinds[kind].yaml);
        compare_product(&s, kinds[kind].mode, COUNT);
        compare_product(&s, kinds[kind].mode, 5);
        setting_close(&s);
    }
}

/* In batches of 4, 4 and 3, all matrices are those of one batch, and a product repeats itself. */
Test(objective, products_do_not_depend_on_batches, .timeout = 60)
{
    for (size_t kind = 0; kind < KINDS; kind++)
        for (int call = OBJECTIVE_HESSIAN; call < OBJECTIVE_CALLS; call++) {
            struct question q;
            if (kinds[kind].mode == MODE_BATCH) continue;
            question_open(&q, kind);
            struct objective_request request = setting_request(&q.s, MODE_EVAL);
            request.batch = 4;
            struct objective *several = open_objective(&request);
            double *v = some_vectors(&q.s, 1), *one = doubles(&q.s, q.size),
                   *more = doubles(&q.s, q.size), *again = doubles(&q.s, q.size);
            q.where.count = 11;
            OK(objective_product(q.objective, &q.where, q.w, (enum objective_call)call, v, 1, one));
            OK(objective_product(several, &q.where, q.w, (enum objective_call)call, v, 1, more));
            OK(objective_product(several, &q.where, q.w, (enum objective_call)call, v, 1, again));
            for (size_t j = 0; j < q.size; j++) NEAR(more[j], one[j], 1e-13);
            cr_assert_arr_eq(more, again, q.size * sizeof *more);
            objective_destroy(several);
            question_close(&q);
        }
}

/* A softmax of one class is certain whatever the weights are: no gradient, no curvature, no NaN. */
Test(objective, one_class)
{
    struct setting s;
    setting_open(&s, SHORT WIDE "architecture: {type: mlp, hidden: [3]}\n");
    struct data_info *info = (struct data_info *)s.info;
    size_t outputs = info->outputs;
    info->outputs = 1; /* of the examples that are given below */
    OK(run_model_create(s.arena, s.settings, info, &s.model));
    double *x = doubles(&s, FEW * info->features), y[FEW], *v = some_vectors(&s, 1),
           *hv = doubles(&s, setting_size(&s)), *w = some_weights(&s);
    for (size_t i = 0; i < FEW * info->features; i++) x[i] = sin((double)i);
    for (size_t i = 0; i < FEW; i++) y[i] = 1;
    struct objective_where where = {.count = FEW, .x = x, .y = y};
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    struct evaluation evaluation;
    OK(objective_loss(objective, &where, w, &evaluation));
    cr_assert_eq(evaluation.loss, 0);
    cr_assert_eq(evaluation.accuracy, 1);
    for (int call = OBJECTIVE_HESSIAN; call < OBJECTIVE_CALLS; call++) {
        OK(objective_product(objective, &where, w, (enum objective_call)call, v, 1, hv));
        for (size_t j = 0; j < setting_size(&s); j++) NEAR(hv[j], 0, 1e-15);
    }
    objective_destroy(objective);
    info->outputs = outputs;
    setting_close(&s);
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

/* What is counted nominally against what the programs do. */
Test(objective, nominal_flops_are_those_of_the_programs, .timeout = 60)
{
    static const char *const nets[] = {
        SHORT "architecture: {type: mlp, hidden: [30, 20]}\n",
        SHORT "architecture: {type: cnn, channels: [8, 16]}\n",
        SHORT "architecture: {type: gru, hidden_size: 64}\n",
        SHORT "architecture: {type: lstm, hidden_size: 32, layers: 2}\n",
    };
    static const enum network_kind programs[] = {NETWORK_OUTPUTS,        NETWORK_GRADIENT,
                                                 NETWORK_INPUT_GRADIENT, NETWORK_PRODUCT,
                                                 NETWORK_GAUSS_NEWTON,   NETWORK_EMPIRICAL_FISHER};
    static const enum objective_call calls[] = {
        OBJECTIVE_LOSS,    OBJECTIVE_GRADIENT,     OBJECTIVE_INPUT_GRADIENT,
        OBJECTIVE_HESSIAN, OBJECTIVE_GAUSS_NEWTON, OBJECTIVE_EMPIRICAL_FISHER};
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
        for (size_t k = 0; k < sizeof calls / sizeof *calls; k++) {
            struct setting s;
            struct network *network;
            setting_open(&s, nets[i]);
            struct objective_request request = setting_request(&s, MODE_EVAL);
            struct objective_use use = {calls[k], 20, 1};
            struct network_request own = {.model = s.model,
                                          .data = s.data,
                                          .kind = programs[k],
                                          .mode = MODE_EVAL,
                                          .loss = request.loss};
            OK(network_create(&own, 20, &network));
            double counted = network_flops(network, PROGRAM_ALL);
            cr_expect(fabs(objective_flops(&request, &use) / counted - 1) < 0.1,
                      "call %d of %s: %g, and not %g", (int)calls[k], nets[i],
                      objective_flops(&request, &use), counted);
            network_destroy(network);
            setting_close(&s);
        }
}
