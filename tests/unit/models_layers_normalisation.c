/* models/layers_normalisation.c: running statistics of batch normalisation, and their place in a
 * file. */
#include "../support.h"

enum { EXAMPLES = 50, WIDTH = 40 };

#define DATA "dataset: {name: mnist1d, train_size: 50, test_size: 10}\nprecision: float64\n"
#define ONE_STEP                                                                                   \
    "training: {optimizer: {type: gd, learning_rate: 0.1}, steps: 1}\nweights: {initial: true}\n"

/* One step on the whole training set: r = 0.9 r0 + 0.1 (mean, unbiased variance of the inputs), by
 * the definition. */
Test(batch_norm, one_step_moves_the_running_statistics)
{
    struct setting s;
    double *x, *y;
    setting_open(&s, DATA "architecture: {type: sequential, layers: [batch_norm]}\n" ONE_STEP);
    setting_examples(&s, DATA_TRAIN, EXAMPLES, &x, &y);
    struct record *record = setting_run(&s);
    const struct record_item *mean = found(record, "/weights/final/layers.0.running_mean");
    const struct record_item *variance = found(record, "/weights/final/layers.0.running_var");
    cr_assert_str_eq(record_attribute_get_text(mean, "kind"), "buffer");
    cr_assert_eq(record_number(found(record, "/weights/initial/layers.0.running_var"), 0), 1);
    cr_assert_eq(scalar(record, "parameters"), 2 * WIDTH + WIDTH * 10 + 10,
                 "buffers are no parameters");
    for (size_t j = 0; j < WIDTH; j++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < EXAMPLES; i++) sum += x[i * WIDTH + j];
        for (size_t i = 0; i < EXAMPLES; i++) squares += pow(x[i * WIDTH + j] - sum / EXAMPLES, 2);
        NEAR(record_number(mean, j), 0.1 * sum / EXAMPLES, 1e-12);
        NEAR(record_number(variance, j), 0.9 + 0.1 * squares / (EXAMPLES - 1), 1e-12);
    }
    setting_close(&s);
}

/* What is measured later from the stored state sees the same network: parameters and buffers come
 * back. */
Test(batch_norm, the_state_comes_back_from_a_file)
{
    struct setting s;
    setting_open(&s, DATA "architecture: {type: cnn, channels: [3], hidden: [4], norm: "
                          "batch}\ntraining: {steps: 3}\n");
    struct record *record = setting_run(&s);
    double *w = final_weights(&s, record);
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    struct objective_where where = objective_first(DATA_TRAIN, EXAMPLES);
    struct evaluation evaluation;
    OK(objective_loss(objective, &where, w, &evaluation));
    cr_assert_eq(evaluation.loss, scalar(record, "train_loss"));
    w[model_size(s.model)] += 1;
    OK(objective_loss(objective, &where, w, &evaluation));
    cr_assert_neq(evaluation.loss, scalar(record, "train_loss"), "the buffers count in eval mode");
    objective_destroy(objective);
    setting_close(&s);
}

/* Full-batch descent adds up pieces: no batch to take the statistics of. */
Test(batch_norm, pieces_of_a_full_batch_are_refused)
{
    struct setting s;
    struct run_cost cost;
    setting_open(&s, "dataset: {name: mnist1d}\narchitecture: {type: cnn, norm: batch}\n"
                     "training: {optimizer: {type: gd, learning_rate: 0.1}}\n");
    cr_assert_eq(execute_estimate(s.settings, s.data, &cost), BASIN_SPEC);
    setting_close(&s);
}
