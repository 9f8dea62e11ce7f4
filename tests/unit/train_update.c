/* train/update.c: every rule against the textbook's loop in long double, at lengths around the
 * vector and block sizes. */
#include "../support.h"
#include "train/update.h"

enum { MOST = 3000 };
static const size_t lengths[] = {1, 15, 16, 17, 1023, 1024, 1025, MOST - 8};

struct vectors {
    double w[MOST], g[MOST], m[MOST], v[MOST];
};

static void draw(struct vectors *vectors, enum precision precision)
{
    double *all[] = {vectors->w, vectors->g, vectors->m, vectors->v};
    for (uint32_t k = 0; k < 4; k++) {
        struct random random = random_make(3, STREAM_DATA, k, 0);
        random_fill_normal(&random, 1, all[k], MOST);
        for (size_t i = 0; i < MOST; i++) {
            if (k == 3) all[k][i] = fabs(all[k][i]);
            if (precision == PRECISION_FLOAT32) all[k][i] = (float)all[k][i];
        }
    }
}

/* One element, straight from the papers; returns nothing but the new state. */
static void reference(const struct update *u, double *w, double g, double *m, double *v)
{
    long double d = (long double)u->gradient_scale * g,
                kept = (1 - (long double)u->rate * u->decay) * *w, t = (long double)u->step;
    switch (u->rule) {
    case UPDATE_PLAIN:
        *w = (double)(kept - u->rate * d);
        break;
    case UPDATE_MOMENTUM:
        *m = (double)((long double)u->momentum * *m + d);
        *w = (double)(kept - u->rate * (long double)*m);
        break;
    case UPDATE_NESTEROV:
        *m = (double)((long double)u->momentum * *m + d);
        *w = (double)(kept - u->rate * (d + u->momentum * (long double)*m));
        break;
    case UPDATE_ADAM: {
        *m = (double)((long double)u->momentum * *m + (1 - (long double)u->momentum) * d);
        *v = (double)((long double)u->beta2 * *v + (1 - (long double)u->beta2) * d * d);
        long double first = *m / (1 - powl(u->momentum, t)), second = *v / (1 - powl(u->beta2, t));
        *w = (double)(kept - u->rate * first / (sqrtl(second) + u->epsilon));
    }
    }
}

/* The first step of Adam is as long as the rate, whatever the gradient: to float32's rounding, and
 * no worse. */
Test(update, the_first_step_of_adam_is_as_long_as_the_rate)
{
    struct update update = {.rule = UPDATE_ADAM,
                            .rate = 1,
                            .gradient_scale = 1,
                            .momentum = 0.9,
                            .beta2 = 0.999,
                            .epsilon = 1e-12,
                            .step = 1};
    float w[MOST] = {0}, g[MOST], m[MOST] = {0}, v[MOST] = {0};
    double sum = 0;
    for (int i = 0; i < MOST; i++) g[i] = (float)(0.1 + i);
    update_apply(&update, PRECISION_FLOAT32, 0, MOST, w, g, m, v);
    for (int i = 0; i < MOST; i++) sum -= (double)w[i];
    cr_assert_float_eq(sum / MOST, 1, 1e-7, "%.9f", sum / MOST);
}

static void check(const struct update *update, enum precision precision, size_t count)
{
    static struct vectors ours, expected;
    static double memory[4][MOST];
    size_t offset = 5;
    draw(&ours, precision);
    expected = ours;
    double *all[] = {ours.w, ours.g, ours.m, ours.v};
    for (int k = 0; k < 4; k++) vector_from_double(precision, all[k], memory[k], MOST);
    double squares = update_apply(update, precision, offset, count, memory[0], memory[1], memory[2],
                                  memory[3]),
           sum = 0;
    for (int k = 0; k < 4; k++) vector_to_double(precision, memory[k], all[k], MOST);
    double tolerance = precision == PRECISION_FLOAT32 ? 1e-6 : 1e-14;
    for (size_t i = 0; i < MOST; i++) {
        bool inside = i >= offset && i < offset + count;
        if (inside) {
            sum += expected.g[i] * expected.g[i];
            reference(update, &expected.w[i], expected.g[i], &expected.m[i], &expected.v[i]);
        }
        NEAR(ours.w[i], expected.w[i], inside ? tolerance : 0);
        NEAR(ours.m[i], expected.m[i], inside ? tolerance : 0);
        NEAR(ours.v[i], expected.v[i], inside ? tolerance : 0);
    }
    NEAR(squares, sum, tolerance);
}

Test(update, every_rule)
{
    static const struct update rules[] = {
        {.rule = UPDATE_PLAIN, .rate = 0.3, .gradient_scale = 1},
        {.rule = UPDATE_PLAIN, .rate = 0.3, .decay = 0.5, .gradient_scale = 0.25},
        {.rule = UPDATE_MOMENTUM,
         .rate = 0.1,
         .momentum = 0.9,
         .decay = 0.2,
         .gradient_scale = 0.5},
        {.rule = UPDATE_NESTEROV,
         .rate = 0.1,
         .momentum = 0.9,
         .decay = 0.2,
         .gradient_scale = 0.5},
        {.rule = UPDATE_ADAM,
         .rate = 0.01,
         .momentum = 0.9,
         .beta2 = 0.999,
         .epsilon = 1e-3,
         .step = 1,
         .gradient_scale = 1},
        {.rule = UPDATE_ADAM,
         .rate = 0.01,
         .momentum = 0.8,
         .beta2 = 0.99,
         .epsilon = 1e-8,
         .step = 7,
         .decay = 0.3,
         .gradient_scale = 0.5},
    };
    for (size_t k = 0; k < sizeof rules / sizeof *rules; k++)
        for (size_t j = 0; j < sizeof lengths / sizeof *lengths; j++) {
            check(&rules[k], PRECISION_FLOAT64, lengths[j]);
            check(&rules[k], PRECISION_FLOAT32, lengths[j]);
        }
}

Test(update, penalties)
{
    double w[20], g[20] = {0};
    float narrow_w[20], narrow_g[20] = {0};
    for (int i = 0; i < 20; i++) w[i] = i < 10 ? -i : i - 10; /* zeros at 0 and 10 */
    vector_from_double(PRECISION_FLOAT32, w, narrow_w, 20);
    update_regularize(PRECISION_FLOAT64, 1, 18, w, g, 0.25, 0.5);
    update_regularize(PRECISION_FLOAT32, 1, 18, narrow_w, narrow_g, 0.25, 0.5);
    for (int i = 0; i < 20; i++) {
        double expected = i == 0 || i == 19 ? 0
                                            : 0.5 * w[i] + (w[i] > 0   ? 0.25
                                                            : w[i] < 0 ? -0.25
                                                                       : 0);
        cr_assert_eq(g[i], expected);
        cr_assert_eq(narrow_g[i], expected);
    }
}

Test(update, square_norm_is_summed_in_float64)
{
    static float many[1 << 22];
    for (size_t i = 0; i < 1 << 22; i++) many[i] = 0.1f;
    NEAR(update_square_norm(PRECISION_FLOAT32, many, 1 << 22) /
             ((1 << 22) * (double)0.1f * (double)0.1f),
         1, 1e-6);
    double few[] = {3, 4};
    cr_assert_eq(update_square_norm(PRECISION_FLOAT64, few, 2), 25);
}
