/* Gradient descent on least squares, where theory is exact: minimum norm, ridge, thresholds of
 * stability, double descent. */
#include "../support.h"
#include "kernels/lapack.h"

static void expect_weights(const struct setting *s, const struct record *record,
                           const double *expected, double tolerance)
{
    const double *w = final_weights(s, record);
    for (size_t i = 0; i < setting_size(s); i++) NEAR(w[i], expected[i], tolerance);
}

/* w0 + X^+ (y - X w0) = X^+ y + (I - X^+ X) w0: the interpolating solution nearest to w0. */
static double *nearest_solution(const struct setting *s, const double *w0)
{
    size_t n = s->info->counts[DATA_TRAIN], p = s->info->features;
    double *x, *y, *solution = doubles(s, p);
    setting_examples(s, DATA_TRAIN, n, &x, &y);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < p; j++) y[i] -= x[i * p + j] * w0[j];
    OK(lapack_least_squares((int)n, (int)p, x, y, solution));
    for (size_t j = 0; j < p; j++) solution[j] += w0[j];
    return solution;
}

static void minimum_norm(const char *initializer, const char *precision, double tolerance)
{
    struct setting s;
    setting_format(
        &s,
        "dataset: {name: linear-regression, n: 50, p: 200, noise: 0.5}\nprecision: %s\n"
        "architecture: {type: linear, bias: false, initializer: %s}\nevaluate: {every: 700}\n"
        "training: {epochs: 700, optimizer: {type: gd, learning_rate: 0.1}}\n",
        precision, initializer);
    struct record *record = setting_run(&s);
    double *w0 = initial_weights(&s);
    expect_weights(&s, record, nearest_solution(&s, w0), tolerance);
    cr_assert_lt(scalar(record, "train_loss"), tolerance, "it interpolates");
    setting_close(&s);
}

/* Zhang et al., ICLR 2017, section 5. */
Test(descent, from_zero_ends_at_the_pseudo_inverse)
{
    minimum_norm("zeros", "float64", 1e-10);
    minimum_norm("zeros", "float32", 1e-4);
}

Test(descent, from_elsewhere_keeps_what_the_data_do_not_see)
{
    minimum_norm("{type: lecun, distribution: normal, scale: 2}", "float64", 1e-10);
    minimum_norm("{type: lecun, distribution: normal, scale: 2}", "float32", 1e-4);
}

/* argmin 1/(2n) ||X w - y||^2 + lambda/2 ||w||^2, as least squares with sqrt(n lambda) I under X.
 */
static double *ridge(const struct setting *s, double lambda)
{
    size_t n = s->info->counts[DATA_TRAIN], p = s->info->features;
    double *x, *y, *a = doubles(s, (n + p) * p), *b = doubles(s, n + p), *solution = doubles(s, p);
    setting_examples(s, DATA_TRAIN, n, &x, &y);
    memcpy(a, x, n * p * sizeof *x);
    memcpy(b, y, n * sizeof *y);
    for (size_t j = 0; j < p; j++) a[(n + j) * p + j] = sqrt((double)n * lambda);
    OK(lapack_least_squares((int)(n + p), (int)p, a, b, solution));
    return solution;
}

static void ends_at_ridge(const char *regularizer, const char *optimizer)
{
    struct setting s;
    setting_format(
        &s,
        "dataset: {name: linear-regression, n: 60, p: 30}\nprecision: float64\nregularizers: {%s}\n"
        "architecture: {type: linear, bias: false}\nevaluate: {every: 3000}\n"
        "training: {epochs: 3000, optimizer: {%s}}\n",
        regularizer, optimizer);
    struct record *record = setting_run(&s);
    expect_weights(&s, record, ridge(&s, 0.2), 1e-9);
    setting_close(&s);
}

/* With plain steps the decoupled decay and the penalty have the same fixed point. */
Test(descent, penalties_end_at_the_ridge_solution)
{
    ends_at_ridge("l2: 0.2", "type: gd, learning_rate: 0.1");
    ends_at_ridge("weight_decay: 0.2", "type: gd, learning_rate: 0.1");
    ends_at_ridge("l2: 0.2", "type: gd, learning_rate: 0.05, momentum: 0.8");
    ends_at_ridge("l2: 0.2", "type: gd, learning_rate: 0.05, momentum: 0.8, nesterov: true");
    ends_at_ridge("l2: 0.1, weight_decay: 0.1", "type: gd, learning_rate: 0.1");
}

static double distance(const double *a, const double *b, size_t count)
{
    double square = 0;
    for (size_t i = 0; i < count; i++) square += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(square);
}

/* Over the noise the mean of 1/(2n) ||(X + E) w - y||^2 is 1/(2n) ||X w - y||^2 + sd^2/2 ||w||^2
 * (Bishop 1995): ridge with n sd^2. What one draw adds is averaged out by 20,000 of them under a
 * learning rate that falls to zero. */
Test(descent, gaussian_noise_on_the_inputs_ends_at_the_ridge_solution)
{
    static const double sds[] = {0.3, 1};
    for (int i = 0; i < 2; i++) {
        struct setting s;
        setting_format(&s,
                       "dataset: {name: linear-regression, n: 60, p: 30, transforms: "
                       "[gaussian_noise: {sd: %g}]}\nprecision: float64\n"
                       "architecture: {type: linear, bias: false}\nevaluate: {every: 20000}\n"
                       "training: {epochs: 20000, optimizer: {type: gd, learning_rate: 0.02}, "
                       "schedule: {type: cosine}}\n",
                       sds[i]);
        struct record *record = setting_run(&s);
        const double *w = final_weights(&s, record), *expected = ridge(&s, sds[i] * sds[i]),
                     *plain = ridge(&s, 0), *nothing = doubles(&s, 30);
        double length = distance(expected, nothing, 30);
        cr_expect_lt(distance(w, expected, 30), 0.02 * length, "sd %g: %g of %g", sds[i],
                     distance(w, expected, 30), length);
        cr_expect_gt(distance(plain, expected, 30), 0.1 * length, "the noise matters");
        setting_close(&s);
    }
}

static double largest_eigenvalue(const struct setting *s)
{
    size_t n = s->info->counts[DATA_TRAIN], p = s->info->features;
    double *x, *y, *moment = doubles(s, p * p), *values = doubles(s, p);
    setting_examples(s, DATA_TRAIN, n, &x, &y);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < p; i++)
            for (size_t j = 0; j < p; j++)
                moment[i * p + j] += x[k * p + i] * x[k * p + j] / (double)n;
    OK(lapack_symmetric_eigen((int)p, moment, values, NULL));
    return values[p - 1];
}

enum { STEPS = 6000 };

/* Whether the loss grew over the second half of the training. `found` gets the sharpness of the
 * quadratic. */
static bool grows(const char *momentum, double rate, double *sharpness)
{
    struct setting s;
    setting_format(
        &s,
        "dataset: {name: linear-regression, n: 40, p: 5, noise: 0}\nprecision: float64\n"
        "architecture: {type: linear, bias: false, initializer: zeros}\nevaluate: {every: 6000}\n"
        "training: {epochs: 6000, optimizer: {type: gd, learning_rate: %.17g%s}}\n",
        rate, momentum);
    struct record *record = setting_run(&s);
    const struct record_item *losses = found(record, "/curves/batch_loss");
    size_t rows = record_count(losses);
    double last = record_number(losses, rows - 1),
           floor = 1e-20; /* below it, rounding decides what is larger */
    bool answer = rows < STEPS || (last > floor && last > record_number(losses, STEPS / 2));
    *sharpness = largest_eigenvalue(&s);
    setting_close(&s);
    return answer;
}

/* eta lambda at which descent stops converging, by bisection on eta. */
static double threshold(const char *momentum)
{
    double low = 0.1, high = 10, sharpness;
    while (high / low > 1 + 2e-4) {
        double middle = sqrt(low * high);
        *(grows(momentum, middle, &sharpness) ? &high : &low) = middle;
    }
    return sqrt(low * high) * sharpness;
}

/* 2; Polyak 2 + 2b; Nesterov (2 + 2b) / (1 + 2b): the roots of the recurrence on one eigenvector
 * leave the unit circle. */
Test(descent, thresholds_of_stability, .timeout = 300)
{
    double b = 0.9;
    NEAR(threshold("") / 2, 1, 1e-3);
    NEAR(threshold(", momentum: 0.9") / (2 + 2 * b), 1, 1e-3);
    NEAR(threshold(", momentum: 0.9, nesterov: true") / ((2 + 2 * b) / (1 + 2 * b)), 1, 1e-3);
}

/* Mean risk ||w - beta||^2 over data sets of the solution that the program finds; its test loss is
 * half of risk + noise^2. */
static double mean_risk(int n, int p, int epochs, int repeats)
{
    double sum = 0;
    for (int seed = 0; seed < repeats; seed++) {
        struct setting s;
        setting_format(&s,
                       "dataset: {name: linear-regression, n: %d, p: %d, noise: 1, signal: %.17g, "
                       "seed: %d, test_size: 2000}\n"
                       "precision: float64\narchitecture: {type: linear, bias: false, initializer: "
                       "zeros}\nevaluate: {every: 100000}\n"
                       "training: {epochs: %d, optimizer: {type: gd, learning_rate: 0.12}}\n",
                       n, p, sqrt(5), seed, epochs);
        sum += 2 * scalar(setting_run(&s), "test_loss") - 1;
        setting_close(&s);
    }
    return sum / repeats;
}

/* Hastie, Montanari, Rosset and Tibshirani 2019: s^2 p/(n-p-1) below the interpolation threshold,
 * r^2 (1 - n/p) + s^2 n/(p-n-1) above. */
Test(descent, ridgeless_regression_descends_twice, .timeout = 300)
{
    int n = 100, repeats = SANITIZED ? 25 : 50;
    double under = mean_risk(n, 50, 1500, repeats), near = mean_risk(n, 90, 6000, repeats / 5),
           over = mean_risk(n, 200, 1500, repeats);
    NEAR(under / (50.0 / (n - 50 - 1)), 1, 0.1);
    NEAR(over / (5 * (1 - n / 200.0) + n / (200.0 - n - 1)), 1, 0.1);
    cr_assert(near > 2 * under && near > 1.5 * over, "no peak: %g, %g, %g", under, near, over);
}

/* ---- data of one's own ---- */

enum { ROWS_TRAIN = 60, ROWS_TEST = 20, COLUMNS = 5 };

/* Rows "size,colour,age,price" of a file, and the same as it should be read: (rows, COLUMNS) with
 * the colours in the order of their bytes. */
static void write_prices(const char *path, size_t rows, double *x, double *y)
{
    static const char *const colours[] = {"blue", "green", "red"};
    struct random random = random_make(rows, STREAM_START, 0, 0);
    FILE *file = fopen(path, "w");
    cr_assert(file && fprintf(file, "size,colour,age,price\n") > 0);
    for (size_t i = 0; i < rows; i++, x += COLUMNS) {
        size_t colour = i * i % 7 % 3;
        x[0] = random_normal(&random, 3 * i);
        x[1] = x[2] = x[3] = 0;
        x[1 + colour] = 1;
        x[4] = random_normal(&random, 3 * i + 1);
        y[i] = 2 * x[0] - x[4] + 3 * (double)colour + random_normal(&random, 3 * i + 2);
        fprintf(file, "%.17g,%s,%.17g,%.17g\n", x[0], colours[colour], x[4], y[i]);
    }
    fclose(file);
}

Test(descent, a_csv_file_with_texts_ends_at_the_closed_form)
{
    char folder[] = "/tmp/basin-csv-XXXXXX", train[64], test[64];
    double x[ROWS_TRAIN * COLUMNS], y[ROWS_TRAIN], xt[ROWS_TEST * COLUMNS], yt[ROWS_TEST];
    double w[COLUMNS], loss = 0;
    struct setting s;
    cr_assert(mkdtemp(folder));
    snprintf(train, sizeof train, "%s/train.csv", folder);
    snprintf(test, sizeof test, "%s/test.csv", folder);
    write_prices(train, ROWS_TRAIN, x, y);
    write_prices(test, ROWS_TEST, xt, yt);
    setting_format(&s,
                   "dataset: {name: csv, path: %s, test_path: %s}\nprecision: float64\n"
                   "architecture: {type: linear, bias: false}\nevaluate: {every: 2000}\n"
                   "training: {epochs: 2000, optimizer: {type: gd, learning_rate: 0.5}}\n",
                   train, test);
    struct record *record = setting_run(&s);
    OK(lapack_least_squares(ROWS_TRAIN, COLUMNS, x, y, w));
    expect_weights(&s, record, w, 1e-9);
    for (size_t i = 0; i < ROWS_TEST; i++) {
        for (size_t j = 0; j < COLUMNS; j++) yt[i] -= w[j] * xt[i * COLUMNS + j];
        loss += yt[i] * yt[i] / (2 * ROWS_TEST);
    }
    NEAR(scalar(record, "test_loss"), loss, 1e-9);
    setting_close(&s);
    remove(train);
    remove(test);
    remove(folder);
}
