/* models/objective_product.c: products with curvature matrices against differences of gradients and
 * dense matrices; batches and kept halves. */
#include "objective_helpers.h"

/* ---- products ---- */

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

/* Equal weights at another address, after those of the first call have changed. */
Test(objective, a_kept_half_reads_the_weights_where_they_are)
{
    struct setting s;
    open_one(&s, 1, "precision: float64\n");
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    const struct objective_where where = objective_first(DATA_TRAIN, COUNT);
    size_t size = setting_size(&s);
    double *w = some_weights(&s), *copy = some_weights(&s);
    double *expected = product_after(&s, objective, &where, w);
    for (size_t i = 0; i < size; i++) w[i] += 1;
    cr_assert_arr_eq(product_after(&s, objective, &where, copy), expected, 3 * size * sizeof *w);
    objective_destroy(objective);
    setting_close(&s);
}

/* ---- curvature against dense matrices ---- */

/* J (FEW positions outputs, P) by differences of the outputs. */
static double *jacobian(const struct question *q)
{
    size_t rows = FEW * q->positions * q->outputs;
    double *J = doubles(&q->s, rows * q->size), *f[STENCIL];
    for (int k = 0; k < STENCIL; k++) f[k] = doubles(&q->s, rows);
    for (size_t j = 0; j < q->size; j++) {
        double kept = q->w[j];
        for (int k = 0; k < STENCIL; k++) {
            q->w[j] = kept + shifts[k];
            OK(objective_outputs(q->objective, &q->where, q->w, f[k]));
        }
        q->w[j] = kept;
        for (size_t i = 0; i < rows; i++)
            J[i * q->size + j] = stencil((double[]){f[0][i], f[1][i], f[2][i], f[3][i]});
    }
    return J;
}

static void softmax(const double *f, size_t count, double *p)
{
    double sum = 0;
    for (size_t c = 0; c < count; c++) sum += p[c] = exp(f[c]);
    for (size_t c = 0; c < count; c++) p[c] /= sum;
}

/* The product of v with the mean over predictions of sum_y p(y) g_y g_y', g_y the gradient of the
 * loss if the target were y: class by class for a softmax; for a Gaussian of unit variance E (f -
 * y)(f - y)' = 1. Written from the definition of the Fisher matrix, not from that of
 * Gauss-Newton. */
static void naive_fisher(const struct question *q, const double *v, double *product)
{
    size_t predictions = FEW * q->positions, outputs = q->outputs;
    double *J = jacobian(q), *f = doubles(&q->s, predictions * outputs),
           *p = doubles(&q->s, outputs), *g = doubles(&q->s, q->size);
    bool mse = setting_request(&q->s, MODE_EVAL).loss == LOSS_MSE;
    OK(objective_outputs(q->objective, &q->where, q->w, f));
    memset(product, 0, q->size * sizeof *product);
    for (size_t i = 0; i < predictions; i++) {
        const double *rows = J + i * outputs * q->size;
        softmax(f + i * outputs, outputs, p);
        for (size_t y = 0; y < outputs; y++) {
            double along = 0, weight = mse ? 1 : p[y];
            for (size_t j = 0; j < q->size; j++) {
                g[j] = 0;
                for (size_t c = 0; c < outputs; c++)
                    g[j] += (mse ? (double)(c == y) : p[c] - (c == y)) * rows[c * q->size + j];
                along += g[j] * v[j];
            }
            for (size_t j = 0; j < q->size; j++)
                product[j] += weight * g[j] * along / (double)predictions;
        }
    }
}

Test(objective, gauss_newton_and_fisher_against_the_definition, .timeout = 120)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct question q;
        question_open(&q, kind);
        double *v = some_vectors(&q.s, 1), *ours = doubles(&q.s, q.size),
               *same = doubles(&q.s, q.size), *expected = doubles(&q.s, q.size);
        OK(objective_product(q.objective, &q.where, q.w, OBJECTIVE_GAUSS_NEWTON, v, 1, ours));
        OK(objective_product(q.objective, &q.where, q.w, OBJECTIVE_FISHER, v, 1, same));
        cr_assert_arr_eq(ours, same, q.size * sizeof *ours);
        naive_fisher(&q, v, expected);
        double size = 0;
        for (size_t j = 0; j < q.size; j++) {
            NEAR(ours[j], expected[j], 1e-7);
            size = fmax(size, fabs(ours[j]));
        }
        cr_assert_gt(size, 1e-3, "kind %zu", kind);
        question_close(&q);
    }
}

/* (1/N) sum_i g_i g_i' v, where an example has one prediction. With batch statistics both
 * refuse. */
Test(objective, empirical_fisher_against_gradients_of_examples, .timeout = 60)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct question q;
        question_open(&q, kind);
        double *all = doubles(&q.s, FEW * q.size), *v = some_vectors(&q.s, 1),
               *ours = doubles(&q.s, q.size), *expected = doubles(&q.s, q.size);
        const struct objective_examples examples = {.gradients = all};
        basin_status status = kinds[kind].mode == MODE_BATCH ? BASIN_SPEC : BASIN_OK;
        cr_assert_eq(objective_example_gradients(q.objective, &q.where, q.w, &examples), status);
        cr_assert_eq(
            objective_product(q.objective, &q.where, q.w, OBJECTIVE_EMPIRICAL_FISHER, v, 1, ours),
            status);
        for (size_t i = 0; i < FEW; i++) {
            double along = 0;
            for (size_t j = 0; j < q.size; j++) along += all[i * q.size + j] * v[j];
            for (size_t j = 0; j < q.size; j++) expected[j] += along * all[i * q.size + j] / FEW;
        }
        for (size_t j = 0; status == BASIN_OK && q.positions == 1 && j < q.size; j++)
            NEAR(ours[j], expected[j], 1e-13);
        question_close(&q);
    }
}

/* Makes `class` the target of prediction i. */
static void set_class(const struct question *q, double *y, size_t i, size_t class)
{
    if (q->s.info->task == DATA_LANGUAGE)
        y[i] = (double)class;
    else
        for (size_t c = 0; c < q->outputs; c++) y[i * q->outputs + c] = c == class;
}

/* expected += weight * (empirical Fisher at the targets of `where`) v */
static void add_empirical(const struct question *q, const struct objective_where *where,
                          const double *v, double weight, double *expected)
{
    double *product = doubles(&q->s, q->size);
    OK(objective_product(q->objective, where, q->w, OBJECTIVE_EMPIRICAL_FISHER, v, 1, product));
    for (size_t j = 0; j < q->size; j++) expected[j] += weight * product[j];
}

/* The mean of the empirical Fisher over targets that are drawn from the prediction of the model is
 * its Fisher matrix. It is a sum over predictions: the mean is E(0) + sum_i sum_c p_i(c) (E(i: c) -
 * E(0)), where 0 are any targets and i: c are these with class c for prediction i. */
Test(objective, empirical_fisher_of_drawn_targets_is_fisher, .timeout = 60)
{
    static const size_t classifiers[] = {0, 3, 7, 8};
    for (size_t k = 0; k < sizeof classifiers / sizeof *classifiers; k++) {
        struct question q;
        question_open(&q, classifiers[k]);
        enum { TWO = 2 };
        struct objective_where given = as_arrays(&q, TWO);
        double *f = doubles(&q.s, TWO * q.positions * q.outputs), *p = doubles(&q.s, q.outputs),
               *v = some_vectors(&q.s, 1), *fisher = doubles(&q.s, q.size),
               *mean = doubles(&q.s, q.size), *y = (double *)given.y;
        OK(objective_outputs(q.objective, &given, q.w, f));
        OK(objective_product(q.objective, &given, q.w, OBJECTIVE_FISHER, v, 1, fisher));
        for (size_t i = 0; i < TWO * q.positions; i++) set_class(&q, y, i, 0);
        add_empirical(&q, &given, v, 1, mean);
        for (size_t i = 0; i < TWO * q.positions; i++, set_class(&q, y, i - 1, 0)) {
            softmax(f + i * q.outputs, q.outputs, p);
            add_empirical(&q, &given, v, p[0] - 1, mean);
            for (size_t c = 1; c < q.outputs; c++) {
                set_class(&q, y, i, c);
                add_empirical(&q, &given, v, p[c], mean);
            }
        }
        for (size_t j = 0; j < q.size; j++) NEAR(mean[j], fisher[j], 1e-12);
        question_close(&q);
    }
}

/* H v against differences of gradients, for every kind, with the statistics of the batch too. */
Test(objective, products_of_every_kind_are_differences, .timeout = 60)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct setting s;
        setting_open(&s, kinds[kind].yaml);
        compare_product(&s, kinds[kind].mode, COUNT);
        compare_product(&s, kinds[kind].mode, 5);
        setting_close(&s);
    }
}

/* In batches of 4, 4 and 3, all matrices are those of one batch, and a product repeats itself. */
Test(objective, products_do_not_depend_on_batches, .timeout = 60)
{
    for (size_t kind = 0; kind < KINDS; kind++)
        for (int call = OBJECTIVE_HESSIAN; call < OBJECTIVE_CALLS; call++) {
            struct question q;
            if (kinds[kind].mode == MODE_BATCH) continue;
            question_open(&q, kind);
            struct objective_request request = setting_request(&q.s, MODE_EVAL);
            request.batch = 4;
            struct objective *several = open_objective(&request);
            double *v = some_vectors(&q.s, 1), *one = doubles(&q.s, q.size),
                   *more = doubles(&q.s, q.size), *again = doubles(&q.s, q.size);
            q.where.count = 11;
            OK(objective_product(q.objective, &q.where, q.w, (enum objective_call)call, v, 1, one));
            OK(objective_product(several, &q.where, q.w, (enum objective_call)call, v, 1, more));
            OK(objective_product(several, &q.where, q.w, (enum objective_call)call, v, 1, again));
            for (size_t j = 0; j < q.size; j++) NEAR(more[j], one[j], 1e-13);
            cr_assert_arr_eq(more, again, q.size * sizeof *more);
            objective_destroy(several);
            question_close(&q);
        }
}

/* A softmax of one class is certain whatever the weights are: no gradient, no curvature, no NaN. */
Test(objective, one_class)
{
    struct setting s;
    setting_open(&s, SHORT WIDE "architecture: {type: mlp, hidden: [3]}\n");
    struct data_info *info = (struct data_info *)s.info;
    size_t outputs = info->outputs;
    info->outputs = 1; /* of the examples that are given below */
    OK(run_model_create(s.arena, s.settings, info, &s.model));
    double *x = doubles(&s, FEW * info->features), y[FEW], *v = some_vectors(&s, 1),
           *hv = doubles(&s, setting_size(&s)), *w = some_weights(&s);
    for (size_t i = 0; i < FEW * info->features; i++) x[i] = sin((double)i);
    for (size_t i = 0; i < FEW; i++) y[i] = 1;
    struct objective_where where = {.count = FEW, .x = x, .y = y};
    struct objective *objective = setting_objective(&s, MODE_EVAL);
    struct evaluation evaluation;
    OK(objective_loss(objective, &where, w, &evaluation));
    cr_assert_eq(evaluation.loss, 0);
    cr_assert_eq(evaluation.accuracy, 1);
    for (int call = OBJECTIVE_HESSIAN; call < OBJECTIVE_CALLS; call++) {
        OK(objective_product(objective, &where, w, (enum objective_call)call, v, 1, hv));
        for (size_t j = 0; j < setting_size(&s); j++) NEAR(hv[j], 0, 1e-15);
    }
    objective_destroy(objective);
    info->outputs = outputs;
    setting_close(&s);
}
