/* measure/margin.c: quantiles of f_y - max f_j against a plain computation; refused for a
 * regression. */
#include "../naive_network.h"

enum { EXAMPLES = 77 };

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* NumPy's default: linear between order statistics, at (n - 1) q. */
static double quantile(const double *sorted, double q)
{
    double at = (EXAMPLES - 1) * q;
    int low = (int)at, high = low + 1 < EXAMPLES ? low + 1 : low;
    return sorted[low] * (1 - (at - low)) + sorted[high] * (at - low);
}

Test(margin, quantiles)
{
    struct setting s;
    setting_open(&s, "dataset: {name: mnist1d, train_size: 120, test_size: 10, label_noise: "
                     "0.3}\narchitecture: {type: mlp, hidden: [6]}\n"
                     "precision: float64\ntraining: {epochs: 20, batch_size: 20}\nmeasures: "
                     "{margin: {examples: 77}}\n");
    struct record *record = setting_run(&s);
    double *w = final_weights(&s, record), *x, *y, f[10], margins[EXAMPLES], mean = 0;
    setting_examples(&s, DATA_TRAIN, EXAMPLES, &x, &y);
    for (size_t i = 0; i < EXAMPLES; i++) {
        double own = 0, other = -INFINITY;
        naive_outputs(&s, w, x + 40 * i, f);
        for (size_t j = 0; j < 10; j++)
            if (y[10 * i + j] == 1)
                own = f[j];
            else
                other = fmax(other, f[j]);
        margins[i] = own - other;
        mean += margins[i] / EXAMPLES;
    }
    qsort(margins, EXAMPLES, sizeof *margins, compare);
    cr_assert(margins[0] < 0 && margins[EXAMPLES - 1] > 0);
    static const struct {
        const char *name;
        double q;
    } expected[] = {{"margin_min", 0},   {"margin_p10", 0.1},  {"margin_p25", 0.25},
                    {"margin_p50", 0.5}, {"margin_p75", 0.75}, {"margin_p90", 0.9}};
    for (size_t i = 0; i < 6; i++)
        NEAR(scalar(record, expected[i].name), quantile(margins, expected[i].q), 1e-12);
    NEAR(scalar(record, "margin_mean"), mean, 1e-12);
    setting_close(&s);
}

Test(margin, of_one_example)
{
    struct setting s;
    setting_open(
        &s,
        "architecture: {type: linear}\ntraining: {epochs: 1}\nmeasures: {margin: {examples: 1}}\n");
    struct record *record = setting_run(&s);
    cr_assert_eq(scalar(record, "margin_min"), scalar(record, "margin_p90"));
    setting_close(&s);
}

Test(margin, needs_classes)
{
    struct setting s;
    struct run_cost cost;
    setting_open(&s, "dataset: {name: linear-regression}\narchitecture: {type: linear}\nmeasures: "
                     "{margin: {}}\n");
    cr_assert_eq(execute_estimate(s.settings, s.data, &cost), BASIN_SPEC);
    cr_assert(strstr(basin_error_last()->message, "classes"));
    setting_close(&s);
}
