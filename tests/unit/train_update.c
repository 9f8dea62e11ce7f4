/* train/update.c: every update against the textbook's loop in long double, at lengths around the
 * vector and block sizes. */
#include "../support.h"
#include "train/update.h"

enum { MOST = 3000 };
static const size_t lengths[] = {1, 15, 16, 17, 1023, 1024, 1025, MOST - 8};

enum rule { PLAIN, MOMENTUM, NESTEROV, ADAM };

struct numbers {
    enum rule rule;
    double rate, decay, scale, momentum;
    struct adam_numbers adam;
};

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
static void reference(const struct numbers *u, double *w, double g, double *m, double *v)
{
    long double d = (long double)u->scale * g, kept = (1 - (long double)u->rate * u->decay) * *w,
                t = (long double)u->adam.step;
    switch (u->rule) {
    case PLAIN:
        *w = (double)(kept - u->rate * d);
        break;
    case MOMENTUM:
        *m = (double)((long double)u->momentum * *m + d);
        *w = (double)(kept - u->rate * (long double)*m);
        break;
    case NESTEROV:
        *m = (double)((long double)u->momentum * *m + d);
        *w = (double)(kept - u->rate * (d + u->momentum * (long double)*m));
        break;
    case ADAM: {
        const struct adam_numbers *a = &u->adam;
        *m = (double)((long double)a->beta1 * *m + (1 - (long double)a->beta1) * d);
        *v = (double)((long double)a->beta2 * *v + (1 - (long double)a->beta2) * d * d);
        long double first = *m / (1 - powl(a->beta1, t)), second = *v / (1 - powl(a->beta2, t));
        *w = (double)(kept - u->rate * first / (sqrtl(second) + a->epsilon));
    }
    }
}

static double ours_of(const struct numbers *u, const struct update *update, void *m, void *v)
{
    return u->rule == PLAIN      ? update_plain(update)
           : u->rule == MOMENTUM ? update_momentum(update, m, u->momentum)
           : u->rule == NESTEROV ? update_nesterov(update, m, u->momentum)
                                 : update_adam(update, m, v, &u->adam);
}

/* The first step of Adam is as long as the rate, whatever the gradient: to float32's rounding, and
 * no worse. */
Test(update, the_first_step_of_adam_is_as_long_as_the_rate)
{
    float w[MOST] = {0}, g[MOST], m[MOST] = {0}, v[MOST] = {0};
    double sum = 0;
    for (int i = 0; i < MOST; i++) g[i] = (float)(0.1 + i);
    struct update update = {
        .precision = PRECISION_FLOAT32, .count = MOST, .w = w, .g = g, .rate = 1, .scale = 1};
    update_adam(&update, m, v, &(struct adam_numbers){0.9, 0.999, 1e-12, 1});
    for (int i = 0; i < MOST; i++) sum -= (double)w[i];
    cr_assert_float_eq(sum / MOST, 1, 1e-7, "%.9f", sum / MOST);
}

static void check(const struct numbers *numbers, enum precision precision, size_t count)
{
    static struct vectors ours, expected;
    static double memory[4][MOST];
    size_t offset = 5;
    draw(&ours, precision);
    expected = ours;
    double *all[] = {ours.w, ours.g, ours.m, ours.v};
    for (int k = 0; k < 4; k++) vector_from_double(precision, all[k], memory[k], MOST);
    struct update update = {.precision = precision,
                            .offset = offset,
                            .count = count,
                            .w = memory[0],
                            .g = memory[1],
                            .rate = numbers->rate,
                            .decay = numbers->decay,
                            .scale = numbers->scale};
    double squares = ours_of(numbers, &update, memory[2], memory[3]), sum = 0;
    for (int k = 0; k < 4; k++) vector_to_double(precision, memory[k], all[k], MOST);
    double tolerance = precision == PRECISION_FLOAT32 ? 1e-6 : 1e-14;
    for (size_t i = 0; i < MOST; i++) {
        bool inside = i >= offset && i < offset + count;
        if (inside) {
            sum += expected.g[i] * expected.g[i];
            reference(numbers, &expected.w[i], expected.g[i], &expected.m[i], &expected.v[i]);
        }
        NEAR(ours.w[i], expected.w[i], inside ? tolerance : 0);
        NEAR(ours.m[i], expected.m[i], inside ? tolerance : 0);
        NEAR(ours.v[i], expected.v[i], inside ? tolerance : 0);
    }
    NEAR(squares, sum, tolerance);
}

Test(update, every_rule)
{
    static const struct numbers rules[] = {
        {PLAIN, .rate = 0.3, .scale = 1},
        {PLAIN, .rate = 0.3, .decay = 0.5, .scale = 0.25},
        {MOMENTUM, .rate = 0.1, .momentum = 0.9, .decay = 0.2, .scale = 0.5},
        {NESTEROV, .rate = 0.1, .momentum = 0.9, .decay = 0.2, .scale = 0.5},
        {ADAM, .rate = 0.01, .scale = 1, .adam = {0.9, 0.999, 1e-3, 1}},
        {ADAM, .rate = 0.01, .decay = 0.3, .scale = 0.5, .adam = {0.8, 0.99, 1e-8, 7}},
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
