/* What must hold exactly, through whole runs: label noise, nested examples, tracked measures,
 * seeds, precision, diverged runs. */
#include "../support.h"

static size_t changed(const struct setting *s, enum data_part part)
{
    const int32_t *labels = data_labels(s->data, part), *clean = data_clean_labels(s->data, part);
    size_t count = 0;
    for (size_t i = 0; i < s->info->counts[part]; i++) count += labels[i] != clean[i];
    return count;
}

/* The exact count, rounded, each by a class that is another one; tests stay clean. */
Test(equalities, label_noise_replaces_an_exact_count)
{
    static const struct {
        double noise;
        size_t count;
    } cases[] = {{0, 0}, {0.13, 130}, {0.5, 499}, {1, 997}, {0.0005, 0}, {0.001, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct setting s;
        setting_format(&s,
                       "dataset: {name: mnist1d, train_size: 997, test_size: 100, label_noise: "
                       "%g}\narchitecture: {type: linear}\n",
                       cases[i].noise);
        size_t count = changed(&s, DATA_TRAIN);
        if (cases[i].noise == 0.5) /* 498.5: either neighbour */
            cr_assert(count == 498 || count == 499);
        else
            cr_assert_eq(count, cases[i].count, "noise %g: %zu", cases[i].noise, count);
        cr_assert_eq(changed(&s, DATA_TEST), 0);
        setting_close(&s);
    }
}

/* Every label wrong, and the network trained on them to the end: its accuracy against the clean
 * labels of the training set is 0. */
Test(equalities, wrong_labels_are_what_is_learned)
{
    struct setting s;
    setting_format(&s, "dataset: {name: mnist1d, train_size: 60, test_size: 60, label_noise: "
                       "1}\narchitecture: {type: mlp, hidden: [100]}\n"
                       "training: {epochs: 600, batch_size: 60, optimizer: {type: adam, "
                       "learning_rate: 0.01}, stop: {train_loss_below: 0.02}}\n");
    struct record *record = setting_run(&s);
    cr_assert_str_eq(record_attribute_get_text(found(record, "/"), "stopped_by"),
                     "train_loss_below");
    cr_assert_lt(scalar(record, "train_loss"), 0.02);
    cr_assert_eq(scalar(record, "train_accuracy"), 1);
    cr_assert_lt(scalar(record, "epochs"), 600);
    double *f = doubles(&s, 600);
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    struct objective_where where = objective_first(DATA_TRAIN, 60);
    OK(objective_outputs(objective, &where, narrowed(&s, final_weights(&s, record)), f));
    for (size_t i = 0; i < 60; i++) {
        size_t best = 0;
        for (size_t j = 1; j < 10; j++) best = f[10 * i + j] > f[10 * i + best] ? j : best;
        cr_assert_eq((int32_t)best, data_labels(s.data, DATA_TRAIN)[i]);
        cr_assert_neq((int32_t)best, data_clean_labels(s.data, DATA_TRAIN)[i]);
    }
    objective_destroy(objective);
    setting_close(&s);
}

#define NET                                                                                        \
    "dataset: {name: mnist1d, train_size: 100, test_size: 50}\narchitecture: {type: mlp, hidden: " \
    "[8], activation: gelu}\n"

/* A measure taken while training is the measure taken at the end, and changes no weight. */
Test(equalities, measures_do_not_touch_the_training)
{
    struct setting plain, measured;
    setting_format(&plain,
                   NET "training: {epochs: 4, batch_size: 32}\nregularizers: {dropout: 0.2}\n");
    setting_format(&measured,
                   NET "training: {epochs: 4, batch_size: 32}\nregularizers: {dropout: 0.2}\n"
                       "measures: {weight_norm: {every: 1}, distance_from_init: {every: 2}, "
                       "hessian_top: {every: 2}, hessian_trace: {every: 1, "
                       "probes: 5}, margin: {every: 4}}\n");
    struct record *a = setting_run(&plain), *b = setting_run(&measured);
    cr_assert_arr_eq(final_weights(&plain, a), final_weights(&measured, b),
                     setting_size(&plain) * sizeof(double));
    static const struct {
        const char *tracked, *final;
        size_t rows;
    } pairs[] = {
        {"/tracked/weight_norm/weight_norm", "/measures/weight_norm", 5},
        {"/tracked/distance_from_init/distance_from_init", "/measures/distance_from_init", 3},
        {"/tracked/hessian_top/hessian_lambda_max", "/measures/hessian_lambda_max", 3},
        {"/tracked/hessian_trace/hessian_trace", "/measures/hessian_trace", 5},
        {"/tracked/margin/margin_p10", "/measures/margin_p10", 2}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const struct record_item *tracked = found(b, pairs[i].tracked);
        cr_assert_eq(record_count(tracked), pairs[i].rows, "%s", pairs[i].tracked);
        cr_assert_eq(record_number(tracked, pairs[i].rows - 1),
                     record_number(found(b, pairs[i].final), 0), "%s", pairs[i].tracked);
    }
    cr_assert_eq(record_number(found(b, "/tracked/distance_from_init/distance_from_init"), 0), 0,
                 "at epoch 0");
    setting_close(&measured);
    setting_close(&plain);
}

/* Evaluation and its frequency draw no random numbers. */
Test(equalities, evaluation_does_not_touch_the_training)
{
    struct setting often, once;
    setting_format(&often, NET "training: {epochs: 6, batch_size: 32}\n");
    setting_format(&once, NET "training: {epochs: 6, batch_size: 32}\nevaluate: {every: 6}\n");
    struct record *a = setting_run(&often), *b = setting_run(&once);
    cr_assert_arr_eq(final_weights(&often, a), final_weights(&once, b),
                     setting_size(&often) * sizeof(double));
    cr_assert_eq(scalar(a, "test_loss"), scalar(b, "test_loss"));
    setting_close(&once);
    setting_close(&often);
}

Test(equalities, steps_and_epochs_of_the_same_length_are_the_same_training)
{
    struct setting steps, epochs;
    setting_format(&epochs, NET "training: {epochs: 3, batch_size: 30}\n");
    setting_format(&steps, NET "training: {steps: 12, batch_size: 30}\n");
    cr_assert_arr_eq(final_weights(&epochs, setting_run(&epochs)),
                     final_weights(&steps, setting_run(&steps)),
                     setting_size(&steps) * sizeof(double));
    setting_close(&steps);
    setting_close(&epochs);
}

/* One batch that holds everything: sgd is gd, whatever the order. */
Test(equalities, one_batch_is_full_batch_descent)
{
    struct setting batch, full;
    setting_format(&batch, NET "precision: float64\ntraining: {epochs: 20, batch_size: 100, "
                               "optimizer: {type: sgd, momentum: 0.5}}\n");
    setting_format(
        &full,
        NET "precision: float64\ntraining: {epochs: 20, optimizer: {type: gd, momentum: 0.5}}\n");
    double *a = final_weights(&batch, setting_run(&batch)),
           *b = final_weights(&full, setting_run(&full));
    for (size_t i = 0; i < setting_size(&full); i++) NEAR(a[i], b[i], 1e-12);
    setting_close(&full);
    setting_close(&batch);
}

Test(equalities, float32_follows_float64)
{
    struct setting narrow, wide;
    setting_format(&narrow,
                   NET "training: {epochs: 5, batch_size: 30}\nregularizers: {dropout: 0.3}\n");
    setting_format(&wide, NET "precision: float64\ntraining: {epochs: 5, batch_size: "
                              "30}\nregularizers: {dropout: 0.3}\n");
    double *a = final_weights(&narrow, setting_run(&narrow)),
           *b = final_weights(&wide, setting_run(&wide));
    for (size_t i = 0; i < setting_size(&wide); i++) NEAR(a[i], b[i], 1e-4);
    setting_close(&wide);
    setting_close(&narrow);
}

/* Both gaps, each with its sign; norms from the stored weights. */
Test(equalities, scalars_follow_from_what_is_stored)
{
    struct setting s;
    setting_format(&s, NET "training: {epochs: 5, batch_size: 30}\nweights: {initial: "
                           "true}\nmeasures: {weight_norm: {}, distance_from_init: {}}\n");
    struct record *record = setting_run(&s);
    cr_assert_eq(scalar(record, "accuracy_gap"),
                 scalar(record, "train_accuracy") - scalar(record, "test_accuracy"));
    cr_assert_eq(scalar(record, "loss_gap"),
                 scalar(record, "test_loss") - scalar(record, "train_loss"));
    double *w = final_weights(&s, record), *w0 = doubles(&s, setting_size(&s)), norm = 0,
           distance = 0;
    OK(model_import(s.model, record, "/weights/initial", w0));
    for (size_t i = 0; i < setting_size(&s); i++) {
        norm += w[i] * w[i];
        distance += (w[i] - w0[i]) * (w[i] - w0[i]);
    }
    NEAR(scalar(record, "weight_norm"), sqrt(norm), 1e-12);
    NEAR(scalar(record, "distance_from_init"), sqrt(distance), 1e-12);
    cr_assert_eq(scalar(record, "parameters"), setting_size(&s));
    cr_assert_eq(scalar(record, "steps"), 20);
    cr_assert_eq(scalar(record, "epochs"), 5);
    setting_close(&s);
}

/* A diverged run is a result: curves, last finite weights, measures without a value that say why.
 */
Test(equalities, a_diverged_run_is_a_result)
{
    struct setting s;
    setting_format(
        &s, "dataset: {name: linear-regression, n: 30, p: 10}\narchitecture: {type: linear}\n"
            "training: {epochs: 3000, optimizer: {type: gd, learning_rate: 5}}\nmeasures: "
            "{hessian_top: {}, weight_norm: {}}\n");
    struct record *record = setting_run(&s);
    cr_assert_str_eq(record_attribute_get_text(found(record, "/"), "status"), "diverged");
    cr_assert_str_eq(record_attribute_get_text(found(record, "/"), "stopped_by"), "divergence");
    cr_assert_lt(record_count(found(record, "/curves/batch_loss")), 3000);
    const struct record_item *item = found(record, "/measures/hessian_lambda_max");
    cr_assert(isnan(record_number(item, 0)));
    cr_assert(strstr(record_attribute_get_text(item, "reason"), "diverged"));
    double *w = final_weights(&s, record);
    for (size_t i = 0; i < setting_size(&s); i++) cr_assert(isfinite(w[i]));
    setting_close(&s);
}

/* A measure asked for later is the measure asked for at once. */
Test(equalities, measures_asked_for_later_are_the_same)
{
    struct setting before, all;
    int missing, added;
    struct text other = {0};
    setting_format(&before, NET "training: {epochs: 3}\nmeasures: {weight_norm: {}}\n");
    setting_format(&all, NET "training: {epochs: 3}\nmeasures: {weight_norm: {}, hessian_top: {k: "
                             "2}, hessian_trace: {probes: 9}, margin: {}, "
                             "distance_from_init: {}}\n");
    struct record *a = setting_run(&before), *b = setting_run(&all);
    OK(execute_missing_measures(all.settings, a, &missing, &other));
    cr_assert_eq(missing, 4);
    struct finished finished;
    finished_of_record(a, all.settings, before.data, &finished);
    OK(finished_load_weights(&finished));
    OK(execute_add_measures(&finished, &(struct run_terms){0}, &added));
    cr_assert_eq(added, 4);
    OK(execute_missing_measures(all.settings, a, &missing, &other));
    cr_assert_eq(missing, 0);
    cr_assert_eq(other.length, 0);
    size_t compared = 0;
    for (const struct record_item *item = b->items; item; item = item->next) {
        if (item->is_group || strncmp(item->path, "/measures/", 10) != 0) continue;
        const struct record_item *same = found(a, item->path);
        cr_assert_eq(record_count(same), record_count(item));
        if (item->type != RECORD_TEXT)
            cr_assert_arr_eq(same->data, item->data,
                             record_count(item) * record_element_size(item->type), "%s",
                             item->path);
        compared++;
    }
    cr_assert_gt(compared, 20);
    setting_close(&all);
    setting_close(&before);
}
