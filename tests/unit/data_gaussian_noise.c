#include "data_transforms.h"

TestSuite(gaussian_noise, .init = data_start, .fini = data_stop);

static const struct value *many(const char *standardize)
{
    return block("mnist1d", "train_size", "2000", "test_size", "10", "standardize", standardize,
                 NULL);
}

/* A view of the data with gaussian_noise, its rows as a spec would fill them. */
static const struct data *noisy(const struct data *data, double sd, bool clip)
{
    const struct entry *entry = registry_find(&transform_registry, "gaussian_noise");
    struct setting_variant *item = arena_allocate(arena, sizeof *item);
    char *settings = arena_allocate(arena, entry->settings_size);
    *(double *)(settings + schema_find_row(entry->parameters, "sd")->field.offset) = sd;
    *(bool *)(settings + schema_find_row(entry->parameters, "clip")->field.offset) = clip;
    *item = (struct setting_variant){entry, settings};
    return listing(data, item, 1);
}

struct noise_moments {
    double mean, variance, fourth, neighbours, epochs; /* the last two: products of two draws */
};

static struct noise_moments moments_of(const struct data *plain, const struct data *data)
{
    size_t count = 2000 * data_describe(data)->features;
    struct noise_moments m = {0};
    const double *x = gathered(plain, DATA_TRAIN, 1, 0, 2000),
                 *one = gathered(data, DATA_TRAIN, 1, 1, 2000),
                 *two = gathered(data, DATA_TRAIN, 1, 2, 2000);
    for (size_t i = 0; i < count; i++) {
        double e = one[i] - x[i], n = (double)count;
        m.mean += e / n;
        m.variance += e * e / n;
        m.fourth += e * e * e * e / n;
        m.neighbours += e * (one[(i + 1) % count] - x[(i + 1) % count]) / n;
        m.epochs += e * (two[i] - x[i]) / n;
    }
    return m;
}

/* 80,000 draws: four standard errors of each moment. */
Test(gaussian_noise, the_draws_are_normal_and_independent)
{
    const struct data *plain = opened(many("none"));
    struct noise_moments m = moments_of(plain, noisy(plain, 0.5, false));
    double se = 4 / sqrt(80000.0);
    cr_expect_float_eq(m.mean, 0, 0.5 * se);
    cr_expect_float_eq(m.variance, 0.25, 0.25 * sqrt(2) * se);
    cr_expect_float_eq(m.fourth, 3 * 0.0625, 0.0625 * sqrt(96) * se);
    cr_expect_float_eq(m.neighbours, 0, 0.25 * se);
    cr_expect_float_eq(m.epochs, 0, 0.25 * se);
}

/* sd is in units of the data: standardised, that of a feature is divided by its deviation. */
Test(gaussian_noise, the_deviation_is_that_of_inputs_before_they_are_standardised)
{
    const struct data *plain = opened(many("feature")), *data = noisy(plain, 0.5, false);
    const double *x = gathered(plain, DATA_TRAIN, 1, 0, 2000),
                 *y = gathered(data, DATA_TRAIN, 1, 1, 2000);
    double square = 0;
    for (size_t i = 0; i < 2000; i++)
        square += (y[40 * i + 7] - x[40 * i + 7]) * (y[40 * i + 7] - x[40 * i + 7]) / 2000;
    double expected = 0.5 * data->inverse[7];
    cr_expect_float_eq(sqrt(square), expected, 4 * expected / sqrt(2 * 2000.0));
}

/* E max(e, 0) = sd / sqrt(2 pi) for a pixel that is 0. */
Test(gaussian_noise, clipping_keeps_pixels_in_their_range_and_moves_the_mean_of_dark_ones)
{
    const struct data *plain = opened(small_idx("")), *data = noisy(plain, 0.1, true);
    const double *x = gathered(plain, DATA_TRAIN, 1, 0, 20);
    double sum = 0, draws = 0;
    for (uint32_t epoch = 1; epoch <= 2000; epoch++) {
        const double *y = gathered(data, DATA_TRAIN, 1, epoch, 20);
        for (size_t i = 0; i < 20 * 16; i++) {
            cr_assert(y[i] >= 0 && y[i] <= 1);
            if (x[i] == 0) sum += y[i], draws++;
        }
    }
    cr_assert_gt(draws, 1000);
    double expected = 0.1 / sqrt(2 * M_PI), deviation = 0.1 * sqrt(0.5 - 1 / (2 * M_PI));
    cr_expect_float_eq(sum / draws, expected, 4 * deviation / sqrt(draws));
}

Test(gaussian_noise, clipping_is_refused_where_inputs_are_beyond_0_and_1)
{
    const struct data *plain = opened(many("none"));
    const struct transform *transform =
        registry_find(&transform_registry, "gaussian_noise")->implementation;
    const struct data *data = noisy(plain, 0.1, false);
    struct data_settings settings = *data->settings;
    char with_clip[64];
    const struct entry *entry = settings.transforms.items[0].entry;
    memcpy(with_clip, settings.transforms.items[0].settings, entry->settings_size);
    *(bool *)(with_clip + schema_find_row(entry->parameters, "clip")->field.offset) = true;
    cr_assert_eq(transform->check(plain, with_clip), BASIN_DATA);
    cr_expect_str_eq(basin_error_last()->key, "clip");
    struct data made = {.arena = arena};
    settings.transforms.items = &(const struct setting_variant){entry, with_clip};
    cr_assert_eq(view_make(&made, plain->source, &settings), BASIN_DATA);
    cr_expect_str_eq(basin_error_last()->key, "transforms[0].gaussian_noise.clip");
}
