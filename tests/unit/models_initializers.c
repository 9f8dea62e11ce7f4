/* models/initializers.c: the variance and shape of every initialiser, by statistics of a large
 * layer. */
#include "../support.h"
#include "models/layer.h"

enum { UNITS = 4000 };

struct statistics {
    double mean, variance, kurtosis, largest;
};

static struct statistics look(const double *values, size_t count)
{
    struct statistics s = {0};
    double fourth = 0;
    for (size_t i = 0; i < count; i++) s.mean += values[i] / (double)count;
    for (size_t i = 0; i < count; i++) {
        double d = values[i] - s.mean;
        s.variance += d * d / (double)count;
        fourth += d * d * d * d / (double)count;
        s.largest = fmax(s.largest, fabs(values[i]));
    }
    s.kurtosis = fourth / (s.variance * s.variance);
    return s;
}

/* The first layer is 40 -> UNITS; its weights must have this variance. */
static void expect(const char *initializer, double variance, bool normal)
{
    struct setting s;
    char spec[300];
    snprintf(spec, sizeof spec,
             "dataset: {name: mnist1d, train_size: 10, test_size: 10}\n"
             "architecture: {type: mlp, hidden: [%d], initializer: %s}\n",
             UNITS, initializer);
    setting_open(&s, spec);
    const double *w = initial_weights(&s);
    size_t count = 40 * UNITS;
    struct statistics weights = look(w, count);
    double error = 5 / sqrt((double)count);
    cr_assert_lt(fabs(weights.mean), error * sqrt(variance), "%s: mean %g", initializer,
                 weights.mean);
    cr_assert_lt(fabs(weights.variance / variance - 1), error * sqrt(2), "%s: variance %g",
                 initializer, weights.variance);
    cr_assert_lt(fabs(weights.kurtosis - (normal ? 3 : 1.8)), 0.1, "%s: kurtosis %g", initializer,
                 weights.kurtosis);
    if (!normal) cr_assert_leq(weights.largest, sqrt(3 * variance));
    for (size_t i = count; i < count + UNITS; i++) cr_assert_eq(w[i], 0, "biases start at zero");
    setting_close(&s);
}

Test(initializers, kaiming)
{
    expect("kaiming", 2.0 / 40, false);
    expect("{type: kaiming, distribution: normal}", 2.0 / 40, true);
    expect("{type: kaiming, scale: 0.5}", 2.0 / 40 * 0.25, false);
}

Test(initializers, xavier)
{
    expect("xavier", 2.0 / (40 + UNITS), false);
    expect("{type: xavier, distribution: normal, scale: 3}", 9 * 2.0 / (40 + UNITS), true);
}

Test(initializers, lecun)
{
    expect("{type: lecun, distribution: uniform}", 1.0 / 40, false);
    expect("{type: lecun, distribution: normal}", 1.0 / 40, true);
}

/* torch.nn.Linear: weights and biases uniform in +-1/sqrt(fan_in). */
Test(initializers, pytorch_draws_biases_too)
{
    struct setting s;
    setting_open(&s, "dataset: {name: mnist1d, train_size: 10, test_size: 10}\n"
                     "architecture: {type: mlp, hidden: [4000], initializer: pytorch}\n");
    const double *w = initial_weights(&s);
    const struct model_parameter *head = model_parameter(s.model, 2);
    struct statistics weights = look(w, 40 * UNITS), biases = look(w + 40 * UNITS, UNITS);
    struct statistics last = look(w + head->offset, (size_t)head->size);
    double bound = 1 / sqrt(40);
    cr_assert(weights.largest <= bound && weights.largest > 0.999 * bound);
    cr_assert(biases.largest <= bound && biases.largest > 0.99 * bound);
    cr_assert_lt(fabs(biases.variance * 3 / (bound * bound) - 1), 0.1);
    cr_assert(last.largest <= 1 / sqrt(UNITS) && last.largest > 0.99 / sqrt(UNITS));
    setting_close(&s);
}

static void expect_array(const char *spec, int array, double variance)
{
    struct setting s;
    setting_open(&s, spec);
    double *w = initial_weights(&s);
    const struct model_parameter *parameter = model_parameter(s.model, array);
    struct statistics found = look(w + parameter->offset, (size_t)parameter->size);
    cr_assert_lt(fabs(found.variance / variance - 1), 6 / sqrt((double)parameter->size),
                 "%s: %s has variance %g, not %g", spec, parameter->name, found.variance, variance);
    setting_close(&s);
}

#define RECURRENT(type, initializer)                                                               \
    "dataset: {name: mnist1d, train_size: 10, test_size: 10}\n"                                    \
    "architecture: {type: " type ", hidden_size: 200, layers: 2, initializer: " initializer "}\n"

/* What torch.nn.init gives for the same arrays: one input into the first layer, 200 into the
 * second, and so many rows as gates take. */
Test(initializers, recurrent_arrays_have_fans_of_their_own)
{
    static const struct {
        const char *spec;
        double first, state, second; /* variances of weight_ih_l0, weight_hh_l0, weight_ih_l1 */
    } all[] = {{RECURRENT("rnn", "kaiming"), 2.0, 2.0 / 200, 2.0 / 200},
               {RECURRENT("gru", "lecun"), 1.0, 1.0 / 200, 1.0 / 200},
               {RECURRENT("lstm", "xavier"), 2.0 / 801, 2.0 / 1000, 2.0 / 1000},
               {RECURRENT("gru", "xavier"), 2.0 / 601, 2.0 / 800, 2.0 / 800},
               {RECURRENT("lstm", "pytorch"), 1.0 / 600, 1.0 / 600, 1.0 / 600}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        expect_array(all[i].spec, 0, all[i].first);
        expect_array(all[i].spec, 1, all[i].state);
        expect_array(all[i].spec, 4, all[i].second);
    }
}

Test(initializers, grouped_convolutions)
{
    static const char spec[] =
        "dataset: {name: mnist1d, train_size: 10, test_size: 10}\n"
        "architecture: {type: sequential, initializer: xavier, layers: [{conv: {channels: 40, "
        "kernel: 5}}, {conv: {channels: 80, kernel: 15, groups: 4}}]}\n";
    expect_array(spec, 0, 2.0 / (5 + 5 * 40));
    expect_array(spec, 2, 2.0 / (15 * 10 + 15 * 80));
}

/* The bits of PyTorch's default, which rnn, lstm and gru have unless a spec says otherwise. */
Test(initializers, the_default_of_recurrent_cells_keeps_its_bits)
{
    struct setting s;
    setting_open(&s, "architecture: {type: lstm, hidden_size: 9}\n");
    double *w = initial_weights(&s), bound = sqrt(3) * sqrt(1.0 / (3.0 * 9.0));
    for (int i = 0; i < 4; i++) {
        const struct model_parameter *parameter = model_parameter(s.model, i);
        struct random random = random_make(0, STREAM_INIT, (uint32_t)i, 0);
        double drawn[400];
        cr_assert_leq(parameter->size, 400);
        random_fill_uniform(&random, -bound, bound, drawn, (size_t)parameter->size);
        cr_assert_arr_eq(w + parameter->offset, drawn, (size_t)parameter->size * sizeof *w);
    }
    cr_assert_not(model_is_revised(s.model));
    setting_close(&s);
}

Test(initializers, zeros)
{
    struct setting s;
    setting_open(&s, "architecture: {type: mlp, hidden: [6], initializer: zeros}\n");
    const double *w = initial_weights(&s);
    for (size_t i = 0; i < setting_size(&s); i++) cr_assert_eq(w[i], 0);
    setting_close(&s);
}

/* STREAM_INIT keyed by the seed and the ordinal of the array: the same first layer whatever follows
 * it. */
Test(initializers, draws_depend_on_seed_and_ordinal_alone)
{
    struct setting s, deeper;
    setting_open(&s, "architecture: {type: mlp, hidden: [6]}\n");
    setting_open(&deeper, "architecture: {type: mlp, hidden: [6, 6, 6]}\ntraining: {epochs: 3}\n");
    double *a = initial_weights(&s), *b = initial_weights(&deeper), other[240];
    cr_assert_arr_eq(a, b, 240 * sizeof *a);
    const struct model_parameter *weight = model_parameter(s.model, 0);
    initializer_draw(weight->initializer, weight, 0, 0, other);
    cr_assert_arr_eq(a, other, sizeof other);
    initializer_draw(weight->initializer, weight, 1, 0, other);
    cr_assert_neq(a[0], other[0]);
    initializer_draw(weight->initializer, weight, 0, 1, other);
    cr_assert_neq(a[0], other[0]);
    struct random random = random_make(0, STREAM_INIT, 0, 0);
    double bound = sqrt(3 * 2.0 / 40);
    NEAR(a[17], -bound + 2 * bound * random_uniform(&random, 17), 1e-15);
    setting_close(&deeper);
    setting_close(&s);
}
