/* models/objective.c: loss, outputs, gradients and products against plain second implementations
 * and differences; batches, rows, precision, kept halves, dropout keys, running statistics; costs
 * against what is spent and held; the stop flag and shortage of memory. */
#include "../naive_network.h"
#include "graph/cache.h"
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
    vector_from_double(train_precision(s->spec), w, state, count);
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

/* ---- costs ---- */

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
    struct evaluation evaluation;
    memory_peak_start();
    struct objective *objective = open_objective(&request);
    if (use->call == OBJECTIVE_LOSS) OK(objective_loss(objective, &where, w, &evaluation));
    if (use->call == OBJECTIVE_OUTPUTS) OK(objective_outputs(objective, &where, w, out));
    if (use->call == OBJECTIVE_GRADIENT) OK(objective_gradient(objective, &where, w, out, NULL));
    if (use->call == OBJECTIVE_STEP) OK(objective_step(objective, &where, w, true, step, &loss));
    if (use->call == OBJECTIVE_HESSIAN)
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
        struct objective_use use = {(enum objective_call)call, 1100, 1};
        compare_memory(&s, 0, &use, 0);
        compare_memory(&s, 300, &use, 0);
        compare_memory(&s, 300, &use, 1);
    }
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
    double loss;
    request.batch = 10;
    request.keep = 1 << 20;
    TRY(objective_create(&request, &objective));
    basin_status status = objective_loss(objective, &where, w, &evaluation);
    if (status == BASIN_OK) status = objective_step(objective, &where, (void *)w, false, g, &loss);
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
