/* Full-batch gradient descent on a tanh network: the sharpness rises to 2 / learning_rate and stays
 * there while the loss goes on falling, no longer monotonically (Cohen, Kaur, Li, Kolter and
 * Talwalkar, ICLR 2021). A small data set, so that it takes seconds. */
#include "../support.h"

enum { EPOCHS = 1000, EVERY = 25 };

/* `threshold`: the sharpness at which the optimiser is no longer stable on a quadratic. */
static void expect_edge(const char *optimizer, double threshold)
{
    struct setting s;
    char yaml[900];
    snprintf(yaml, sizeof yaml,
             "dataset: {name: mnist1d, train_size: 200, test_size: 100}\n"
             "architecture: {type: mlp, hidden: [50, 50], activation: tanh, initializer: pytorch}\n"
             "training: {loss: mse, epochs: %d, optimizer: {type: gd, %s}}\n"
             "measures: {hessian_top: {examples: all, tolerance: 1.0e-3, every: %d}}\n",
             EPOCHS, optimizer, EVERY);
    setting_open(&s, yaml);
    struct record *record = setting_run(&s);
    const struct record_item *sharpness = found(record, "/tracked/hessian_top/hessian_lambda_max");
    const struct record_item *epoch = found(record, "/tracked/hessian_top/epoch"),
                             *loss = found(record, "/curves/train_loss");
    size_t rows = record_count(sharpness), half = rows / 2;
    cr_assert_eq(rows, 1 + EPOCHS / EVERY);
    cr_assert_eq(record_number(epoch, 0), 0, "the first is taken before the first step");
    cr_assert_lt(record_number(sharpness, 0) / threshold, 0.6);
    double mean = 0, rises = 0;
    for (size_t i = half; i < rows; i++)
        mean += record_number(sharpness, i) / threshold / (double)(rows - half);
    cr_assert(mean > 0.97 && mean < 1.15, "late mean is %.3f of the threshold", mean);
    for (size_t i = EPOCHS / 2; i < EPOCHS; i++)
        rises += record_number(loss, i) > record_number(loss, i - 1);
    cr_assert_gt(rises, 50, "the loss is not monotone at the edge");
    cr_assert_lt(record_number(loss, EPOCHS - 1), 0.75 * record_number(loss, EPOCHS / 2),
                 "and falls in the long run");
    setting_close(&s);
}

Test(edge_of_stability, gradient_descent, .timeout = 200)
{
    expect_edge("learning_rate: 0.2", 2 / 0.2);
}

/* A larger step moves the edge down: what is seen is the step size, not a property of the data. */
Test(edge_of_stability, another_learning_rate, .timeout = 200, .disabled = SANITIZED)
{
    expect_edge("learning_rate: 0.25", 2 / 0.25);
}

/* Polyak's momentum b: (2 + 2 b) / learning_rate. */
Test(edge_of_stability, momentum, .timeout = 200, .disabled = SANITIZED)
{
    expect_edge("learning_rate: 0.3, momentum: 0.5", 3 / 0.3);
}

/* Adam, full batch: the preconditioned sharpness rises to (2 + 2 beta1) / ((1 - beta1)
 * learning_rate) and stays there (Cohen et al., arXiv:2207.14484). Before the first step there is
 * none. */
Test(edge_of_stability, adam, .timeout = 200, .disabled = SANITIZED)
{
    struct setting s;
    setting_format(
        &s,
        "dataset: {name: mnist1d, train_size: 200, test_size: 100}\n"
        "architecture: {type: mlp, hidden: [50, 50], activation: tanh, initializer: pytorch}\n"
        "training: {loss: mse, epochs: %d, batch_size: 200, optimizer: {type: adam, learning_rate: "
        "0.002}}\nmeasures: {interaction: {examples: all, tolerance: 1.0e-3, every: %d}}\n",
        EPOCHS, EVERY);
    struct record *record = setting_run(&s);
    const struct record_item *share = found(record, "/tracked/interaction/interaction_edge_share");
    size_t rows = record_count(share), half = rows / 2;
    double mean = 0;
    cr_assert_eq(rows, 1 + EPOCHS / EVERY);
    cr_assert(isnan(record_number(share, 0)));
    cr_assert_lt(record_number(share, 1), 0.6);
    for (size_t i = half; i < rows; i++) mean += record_number(share, i) / (double)(rows - half);
    cr_assert(mean > 0.9 && mean < 1.15, "late mean is %.3f of the threshold", mean);
    setting_close(&s);
}
