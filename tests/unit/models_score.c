/* models/score.c: losses and hits against their definitions, soft labels and smoothing, ties, what
 * is no number. */
#include "../support.h"

static const struct score_rule classes = {LOSS_CROSS_ENTROPY, DATA_CLASSIFICATION, 0, 3, 1};

static double softmax_loss(const double f[3], const double t[3])
{
    double sum = exp(f[0]) + exp(f[1]) + exp(f[2]), loss = 0;
    for (int j = 0; j < 3; j++) loss -= t[j] * log(exp(f[j]) / sum);
    return loss;
}

Test(score, cross_entropy_of_labels_soft_labels_and_smoothing)
{
    double f[3] = {0.5, -1, 2}, hard[3] = {0, 1, 0}, soft[3] = {0.2, 0.5, 0.3};
    double smooth[3] = {0.1, 0.8, 0.1};
    struct score_rule smoothed = classes;
    smoothed.label_smoothing = 0.3;
    NEAR(score_loss(&classes, f, hard), softmax_loss(f, hard), 1e-14);
    NEAR(score_loss(&classes, f, soft), softmax_loss(f, soft), 1e-14);
    NEAR(score_loss(&smoothed, f, hard), softmax_loss(f, smooth), 1e-14);
}

Test(score, outputs_that_overflow_exp)
{
    double f[3] = {2000, 1000, -INFINITY}, y[3] = {0, 1, 0};
    cr_assert_eq(score_loss(&classes, f, y), 1000);
    cr_assert_eq(score_loss(&classes, f, (double[]){1, 0, 0}), 0);
}

Test(score, squared_error_is_halved_and_summed)
{
    struct score_rule rule = {LOSS_MSE, DATA_REGRESSION, 0, 2, 1};
    struct score score = {0};
    double f[4] = {1, 2, 0, 0}, y[4] = {0, 4, 0, 1};
    score_add(&rule, 2, f, y, &score);
    struct evaluation mean = score_mean(&rule, &score);
    NEAR(mean.loss, (0.5 * 5 + 0.5 * 1) / 2, 1e-15);
    cr_assert(isnan(mean.accuracy));
}

Test(score, a_tie_goes_to_the_first)
{
    struct score score = {0};
    double f[6] = {1, 1, 0, 1, 1, 0}, y[6] = {1, 0, 0, 0, 1, 0};
    score_add(&classes, 2, f, y, &score);
    cr_assert_eq(score.hits, 1);
}

Test(score, tokens_are_counted_by_position)
{
    struct score_rule rule = {LOSS_TOKENS, DATA_LANGUAGE, 0, 3, 2};
    struct score score = {0};
    double f[6] = {0, 0, 5, 0, 5, 0}, y[2] = {2, 0};
    score_add(&rule, 1, f, y, &score);
    struct evaluation mean = score_mean(&rule, &score);
    cr_assert_eq(mean.accuracy, 0.5);
    NEAR(mean.loss,
         0.5 * (softmax_loss(f, (double[]){0, 0, 1}) + softmax_loss(f + 3, (double[]){1, 0, 0})),
         1e-14);
}

Test(score, what_is_no_number_has_no_accuracy)
{
    struct score none = {0}, some = {0};
    double f[3] = {NAN, 0, 0}, y[3] = {1, 0, 0};
    score_add(&classes, 1, f, y, &some);
    cr_assert(isnan(score_mean(&classes, &some).accuracy));
    cr_assert(isnan(score_mean(&classes, &none).loss) &&
              isnan(score_mean(&classes, &none).accuracy));
}
