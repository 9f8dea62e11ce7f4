/* measure/llc.c: what chains find on a quadratic (with the bias of their step), on x^2 y^2 and on
 * reduced-rank regression of rank 0, against closed forms and a quadrature; minibatches; reasons;
 * every kind of network. */
#include "sharpness_helpers.h"
#include "kernels/lapack.h"

/* Of each eigenvalue h: n_beta h / (2 (n_beta h + gamma) (1 - step (n_beta h + gamma) / 4)). */
static double of_eigenvalue(double n_beta, double h, double gamma, double step)
{
    double a = n_beta * h + gamma;
    return n_beta * h / (2 * a * (1 - step * a / 4));
}

static void to_the_minimum(struct quadratic *q)
{
    double x[BENDS];
    OK(lapack_least_squares(BENDS, BENDS, q->h[0], q->g, x));
    for (size_t i = 0; i < BENDS; i++) q->w[i] -= x[i];
}

static void near_within_error(const struct record *record, double expected, double most)
{
    double error = scalar(record, "llc_stderr");
    cr_assert(error > 0 && error < most * expected, "error %g of %g", error, expected);
    NEAR((scalar(record, "llc") - expected) / error, 0, 4.5);
}

Test(llc, closed_form_on_a_quadratic)
{
    struct quadratic q;
    double values[BENDS], expected = 0;
    quadratic_open(&q, "llc: {n_beta: 100, gamma: 50, step: 0.004, chains: 8, draws: 4000, "
                       "batch_size: all}");
    to_the_minimum(&q);
    OK(lapack_symmetric_eigen(BENDS, q.h[0], values, NULL));
    for (size_t i = 0; i < BENDS; i++) expected += of_eigenvalue(100, values[i], 50, 0.004);
    NEAR(of_eigenvalue(100, 1, 50, 0.004), 0.392, 5e-4);
    near_within_error(measured(&q.s, "llc", q.w), expected, 0.03);
    quadratic_close(&q);
}

/* f = a'Bx, a (hidden), targets 0: L = sum_j c_j (a'B)_j^2 / 2, c the eigenvalues of mean xx'.
 * Given |a| = r, B is Gaussian, which leaves an integral over r. */
static double rank_zero(size_t hidden, size_t inputs, const double *c, double n_beta, double gamma)
{
    double top = 0, bottom = 0;
    for (double u = -16; u < 4; u += 1e-3) { /* r = exp(u) */
        double r = exp(u), weight = pow(r, (double)hidden) * exp(-gamma * r * r / 2), energy = 0;
        for (size_t j = 0; j < inputs; j++) {
            double k = n_beta * c[j] * r * r;
            weight *= sqrt(gamma / (gamma + k));
            energy += k / (2 * (gamma + k));
        }
        top += weight * energy;
        bottom += weight;
    }
    return top / bottom;
}

static void check_rank_zero(size_t hidden, size_t inputs, double n_beta, double gamma,
                            const char *options, double stated, double tolerance, double most)
{
    struct setting s;
    setting_format(&s,
                   "dataset: {name: linear-regression, n: 12, p: %zu, signal: 0, noise: 0, "
                   "test_size: 10}\nprecision: float64\narchitecture: {type: mlp, hidden: [%zu], "
                   "activation: identity, bias: false}\nmeasures: {llc: {n_beta: %g, gamma: %g, "
                   "batch_size: all, %s}}\n",
                   inputs, hidden, n_beta, gamma, options);
    double *x, *y, *w = doubles(&s, setting_size(&s)), moments[25] = {0}, c[5];
    cr_assert_eq(setting_size(&s), hidden * (inputs + 1));
    setting_examples(&s, DATA_TRAIN, 12, &x, &y);
    for (size_t n = 0; n < 12; n++)
        for (size_t i = 0; i < inputs; i++)
            for (size_t j = 0; j < inputs; j++)
                moments[i * inputs + j] += x[n * inputs + i] * x[n * inputs + j] / 12;
    OK(lapack_symmetric_eigen((int)inputs, moments, c, NULL));
    double expected = rank_zero(hidden, inputs, c, n_beta, gamma);
    near_within_error(measured(&s, "llc", w), expected, most);
    for (size_t i = 0; i < inputs; i++) c[i] = 2 - (double)(inputs > 1);
    NEAR(rank_zero(hidden, inputs, c, n_beta, gamma), stated, tolerance);
    setting_close(&s);
}

/* x^2 y^2 with gamma 1: .361 at n_beta 144.76, .390 at 1000 (1/2 in the limit). */
Test(llc, a_product_of_two_weights)
{
    double twice = 2;
    NEAR(rank_zero(1, 1, &twice, 1000, 1), 0.390, 1e-3);
    check_rank_zero(1, 1, 144.76, 1, "step: 0.001, chains: 16, burn_in: 2000, draws: 18000", 0.361,
                    1e-3, 0.2);
}

/* Reduced-rank regression with one output: hidden / 2 in the limit (Aoyagi and Watanabe 2005). */
Test(llc, reduced_rank_regression)
{
    double ones[] = {1, 1, 1, 1, 1};
    NEAR(rank_zero(3, 5, ones, 1e9, 1), 1.5, 1e-2);
    check_rank_zero(3, 5, 200, 20, "step: 0.001, chains: 8, burn_in: 500, draws: 5000",
                    rank_zero(3, 5, ones, 200, 20), 1e-12, 0.1);
}

/* The trace begins at L(w); one group at a time, each once a pass. */
Test(llc, chains_see_groups_of_examples)
{
    struct quadratic q;
    double losses[3], sum = 0;
    quadratic_open(&q, "llc: {step: 1.0e-12, chains: 2, burn_in: 0, draws: 6, batch_size: 12, "
                       "examples: 38}");
    struct record *record = measured(&q.s, "llc", q.w);
    const struct record_item *trace = found(record, "/measures/llc_chains/loss"),
                             *value = found(record, "/measures/llc");
    cr_assert_eq(record_count(trace), 12);
    for (size_t i = 0; i < 3; i++) sum += record_number(trace, i) / 3;
    struct objective_where where = objective_first(DATA_TRAIN, 36);
    struct evaluation evaluation;
    OK(objective_loss(q.objective, &where, q.w, &evaluation));
    NEAR(sum, evaluation.loss, 1e-4);
    for (size_t i = 0; i < 3; i++) losses[i] = record_number(trace, i);
    cr_assert(losses[0] != losses[1] && losses[1] != losses[2]);
    NEAR(*(const double *)record_attribute_find(value, "n_beta")->data, 36 / log(36), 1e-12);
    cr_assert_eq(*(const int64_t *)record_attribute_find(value, "examples")->data, 36);
    quadratic_close(&q);
}

Test(llc, says_why_there_is_none)
{
    struct quadratic q;
    quadratic_open(&q, "llc: {n_beta: 1000, step: 1, chains: 2, draws: 2000}");
    const struct record_item *item = found(measured(&q.s, "llc", q.w), "/measures/llc");
    cr_assert(isnan(record_number(item, 0)));
    cr_assert(strstr(record_attribute_get_text(item, "reason"), "smaller step"));
    quadratic_close(&q);
}

Test(llc, every_kind_of_network)
{
    every_kind("llc", "chains: 2, burn_in: 1, draws: 3, batch_size: 5, step: 1.0e-5", "llc");
}

Test(llc, one_example_has_no_logarithm)
{
    struct setting s;
    struct run_cost cost;
    setting_open(&s, QUADRATIC "measures: {llc: {examples: 1}}\n");
    cr_assert_eq(execute_estimate(s.settings, s.data, &cost), BASIN_SPEC);
    setting_close(&s);
    setting_open(&s, QUADRATIC "measures: {llc: {examples: 1, n_beta: 2}}\n");
    OK(execute_estimate(s.settings, s.data, &cost));
    setting_close(&s);
}

/* The chains of a track go into a file as a checkpoint holds them, and come back. */
Test(llc, chains_of_a_track_are_in_checkpoints)
{
    struct setting s;
    struct measure_track *track, *again;
    struct record *record;
    setting_open(&s, RELU_NET "measures: {llc: {chains: 2, burn_in: 0, draws: 3, every: 1}}\n");
    double *w = some_weights(&s);
    struct measure_site site = setting_site(&s, w);
    execute_choose(s.settings, 0, &site);
    OK(measure_track_create(s.arena, "llc", &track));
    OK(measure_track_create(s.arena, "llc", &again));
    for (int64_t epoch = 0; epoch < 3; epoch++) OK(measure_track_add(track, &site, epoch));
    OK(record_create(s.arena, &record));
    struct state state = {.record = record, .save = true, .prefix = ""};
    OK(measure_track_state(track, &state, 2));
    for (const struct record_item *item = record->items; item; item = item->next) {
        const char *name = strrchr(item->path, '/');
        cr_assert(!name || strncmp(name, "/axis_", 6) != 0, "%s would be a scale in a file",
                  item->path);
    }
    state.save = false;
    OK(measure_track_state(again, &state, 2));
    setting_close(&s);
}
