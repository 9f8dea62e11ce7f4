/* measure/pacbayes_sigma.c: the closed form of the mean accuracy of a linear model under weight
 * noise, the draws by hand, what rescaling does, every kind of network, reasons. */
#include "sharpness_helpers.h"

enum { INPUTS = 40, CLASSES = 10, MANY = 300 };

/* Of two classes against each other: the other eight are never predicted. f_y - f_j under noise is
 * normal, so the mean accuracy is the mean of Phi(margin / deviation) over examples of the two. */
static double mean_accuracy(const struct setting *s, const double *w, double sigma, double epsilon,
                            bool magnitude)
{
    const double *bias = w + model_parameter(s->model, 1)->offset;
    double *x, *y, sum = 0;
    setting_examples(s, DATA_TRAIN, MANY, &x, &y);
    for (size_t n = 0; n < MANY; n++) {
        double margin = bias[0] - bias[1], square = 0, sign = y[CLASSES * n + 1] == 1 ? -1 : 1;
        if (y[CLASSES * n] != 1 && y[CLASSES * n + 1] != 1) continue;
        for (size_t i = 0; i < INPUTS; i++) {
            double a = w[CLASSES * i], b = w[CLASSES * i + 1], v = x[INPUTS * n + i];
            margin += (a - b) * v;
            square += v * v *
                      (magnitude ? sigma * sigma * (a * a + b * b) + 2 * epsilon * epsilon
                                 : 2 * sigma * sigma);
        }
        sum += square > 0 ? 0.5 * erfc(-sign * margin / sqrt(2 * square)) : sign * margin > 0;
    }
    return sum / MANY;
}

static void check(bool magnitude)
{
    struct setting s;
    const char *name = magnitude ? "pacbayes_sigma_magnitude" : "pacbayes_sigma";
    setting_format(&s,
                   "dataset: {name: mnist1d, train_size: 300, test_size: 10}\nprecision: float64\n"
                   "architecture: {type: linear}\nmeasures: {%s: {drop: 0.05, include: weights, "
                   "samples: 150, tolerance: 0.001}}\n",
                   name);
    double *w = some_weights(&s), *x, *y, low = 1e-6, high = 1e3;
    const struct model_parameter *bias = model_parameter(s.model, 1);
    cr_assert_eq(bias->role, ROLE_BIAS);
    cr_assert_eq(bias->size, CLASSES);
    cr_assert_eq(model_parameter(s.model, 0)->offset, 0);
    for (size_t i = 2; i < CLASSES; i++) w[bias->offset + (int64_t)i] = -1e6;
    setting_examples(&s, DATA_TRAIN, MANY, &x, &y);
    for (size_t n = 0; n < MANY; n++) /* a direction that tells the two apart */
        for (size_t i = 0; i < INPUTS; i++)
            for (size_t j = 0; j < 2; j++)
                w[CLASSES * i + j] += 0.02 * y[CLASSES * n + j] * x[INPUTS * n + i];
    double at_rest = mean_accuracy(&s, w, 0, 0, false);
    for (int step = 0; step < 100; step++) {
        double middle = sqrt(low * high);
        if (at_rest - mean_accuracy(&s, w, middle, 1e-3, magnitude) > 0.05)
            high = middle;
        else
            low = middle;
    }
    struct record *record = measured(&s, name, w);
    char error[80];
    snprintf(error, sizeof error, "%s_stderr", name);
    double spread = scalar(record, error);
    cr_assert(spread > 0 && spread < 0.2 * low, "%g of %g", spread, low);
    NEAR((scalar(record, name) - low) / spread, 0, 4);
    setting_close(&s);
}

Test(pacbayes_sigma, closed_form_of_a_linear_model)
{
    check(false);
}

Test(pacbayes_sigma, closed_form_of_a_linear_model_by_magnitude)
{
    check(true);
}

/* Just below sigma the mean accuracy has not fallen by the drop, at (1 + tolerance) sigma it has:
 * sigma is the standard deviation, not the variance. */
Test(pacbayes_sigma, sigma_is_the_standard_deviation)
{
    struct setting s;
    setting_open(&s, RELU_NET "training: {epochs: 300, optimizer: {type: adam, learning_rate: "
                              "0.01}}\nmeasures: {pacbayes_sigma: {samples: 6}}\n");
    struct record *record = setting_run(&s);
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    struct objective_where where = objective_first(DATA_TRAIN, 60);
    size_t size = setting_size(&s);
    double *w = final_weights(&s, record), *moved = doubles(&s, size),
           sigma = scalar(record, "pacbayes_sigma"), drops[2];
    struct evaluation rest, evaluation;
    OK(objective_loss(objective, &where, w, &rest));
    cr_assert_gt(rest.accuracy, 0.5);
    for (int above = 0; above < 2; above++) {
        drops[above] = 0;
        for (uint32_t k = 0; k < 6; k++) {
            struct random random = random_make(0, STREAM_PERTURB, k, 0);
            random_fill_normal(&random, sigma * (above ? 1.011 : 1), moved, size);
            for (size_t i = 0; i < size; i++) moved[i] += w[i];
            OK(objective_loss(objective, &where, moved, &evaluation));
            drops[above] += (rest.accuracy - evaluation.accuracy) / 6;
        }
    }
    cr_assert_leq(drops[0], 0.1 + 1e-12);
    cr_assert_geq(drops[1], 0.1 - 0.01, "%g", drops[1]);
    objective_destroy(objective);
    setting_close(&s);
}

Test(pacbayes_sigma, rescaling)
{
    for (int magnitude = 0; magnitude < 2; magnitude++) {
        struct setting s;
        const char *name = magnitude ? "pacbayes_sigma_magnitude" : "pacbayes_sigma";
        setting_format(&s,
                       RELU_NET "training: {epochs: 200, optimizer: {type: adam, learning_rate: "
                                "0.01}}\nmeasures: {%s: {samples: 5%s}}\n",
                       name, magnitude ? ", epsilon: 0" : "");
        struct record *record = setting_run(&s);
        double *w = final_weights(&s, record), before = scalar(record, name),
               after = scalar(measured(&s, name, rescaled(&s, w, rescaling(&s, 50))), name);
        if (magnitude)
            NEAR(after / before, 1, 1e-9);
        else
            cr_assert_lt(after, 0.7 * before, "hidden weights out of it are 50 times smaller");
        setting_close(&s);
    }
}

Test(pacbayes_sigma, every_kind_of_network)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct setting s;
        struct run_cost cost;
        setting_format(&s, "%smeasures: {pacbayes_sigma: {examples: 40, samples: 3, drop: 0.01}}\n",
                       kinds[kind].yaml);
        if (s.info->task == DATA_REGRESSION) {
            cr_assert_eq(execute_estimate(s.settings, s.data, &cost), BASIN_SPEC);
            cr_assert(strstr(basin_error_last()->message, "regression"));
        } else {
            const struct record_item *item =
                found(measured(&s, "pacbayes_sigma", some_weights(&s)), "/measures/pacbayes_sigma");
            cr_assert(record_number(item, 0) > 0 || record_attribute_get_text(item, "reason"));
        }
        setting_close(&s);
    }
}

/* A network that is right by chance cannot fall by half. */
Test(pacbayes_sigma, says_why_there_is_none)
{
    struct setting s;
    setting_open(&s, RELU_NET "measures: {pacbayes_sigma: {samples: 2, drop: 0.9}}\n");
    const struct record_item *item =
        found(measured(&s, "pacbayes_sigma", some_weights(&s)), "/measures/pacbayes_sigma");
    cr_assert(isnan(record_number(item, 0)));
    cr_assert(strstr(record_attribute_get_text(item, "reason"), "however large"));
    setting_close(&s);
}
