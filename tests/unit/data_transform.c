/* The pipeline of transforms, by transforms of its own: none that users can name is needed. */
#include "data_transforms.h"

TestSuite(transform, .init = data_start, .fini = data_stop);

/* ---- two transforms as one would write them ---- */

struct jitter_settings {
    double amplitude;
};

/* x + amplitude (u - 1/2), u drawn for each element. */
static void jitter_example(const struct transform_example *example, double *x)
{
    const struct jitter_settings *jitter = example->settings;
    for (size_t j = 0; j < example->info->features; j++)
        x[j] += jitter->amplitude * (transform_uniform(example, j) - 0.5);
}

static const struct schema_row jitter_rows[] = {
    {.key = "amplitude", SETTING(struct jitter_settings, amplitude), .type = SCHEMA_FLOAT}, {0}};

#define JITTER(when)                                                                               \
    {                                                                                              \
        .name = "jitter", .doc = "Noise on every element.", .parameters = jitter_rows,             \
        .implementation = &(const struct transform){.stage = (when), .example = jitter_example},   \
        .settings_size = sizeof(struct jitter_settings)                                            \
    }

static const struct entry augmentation = JITTER(DATA_BATCH), shift = JITTER(DATA_EVALUATION);
static const struct jitter_settings tenth = {0.1}, nothing = {0};

static const struct data *augmented(const struct data *data)
{
    static const struct setting_variant items[] = {{&augmentation, &tenth}};
    return listing(data, items, 1);
}

static size_t differences(const struct data *data, enum data_part part, const double *a,
                          const double *b)
{
    size_t count = data_describe(data)->counts[part] * data_describe(data)->features, found = 0;
    for (size_t i = 0; i < count; i++) found += a[i] != b[i];
    return found;
}

/* ---- augmentation ---- */

Test(transform, a_batch_transform_draws_anew_for_every_epoch_and_seed)
{
    const struct data *data = augmented(opened(small_idx("")));
    const double *first = gathered(data, DATA_TRAIN, 3, 1, 20);
    cr_assert_eq(differences(data, DATA_TRAIN, first, gathered(data, DATA_TRAIN, 3, 1, 20)), 0);
    cr_assert_gt(differences(data, DATA_TRAIN, first, gathered(data, DATA_TRAIN, 3, 2, 20)), 300);
    cr_assert_gt(differences(data, DATA_TRAIN, first, gathered(data, DATA_TRAIN, 4, 1, 20)), 300);
    for (size_t k = 1; k < 20; k++)
        cr_assert(first[0] - 0 != first[16 * k] - 3.0 * (double)k / 255,
                  "every example has draws of its own");
}

Test(transform, what_is_drawn_depends_neither_on_the_batch_nor_on_the_order)
{
    const struct data *data = augmented(opened(small_idx("")));
    const double *all = gathered(data, DATA_TRAIN, 3, 5, 20);
    for (size_t step = 1; step < 20; step++)
        cr_assert_eq(differences(data, DATA_TRAIN, all, gathered(data, DATA_TRAIN, 3, 5, step)), 0);
    const uint32_t rows[] = {7, 0, 19, 7, 3};
    double x[5 * 16], scratch[2 * 16];
    data_gather_double(data, &(struct data_gather){DATA_TRAIN, rows, 5, 3, 5, scratch}, x, NULL);
    for (size_t i = 0; i < 5; i++) cr_assert_arr_eq(x + 16 * i, all + 16 * rows[i], 16 * sizeof *x);
}

/* The same row of the file has the same draws, wherever the split has put it. */
Test(transform, what_is_drawn_belongs_to_the_example)
{
    const struct data *one = augmented(opened(small_idx("")));
    const struct data *other = augmented(opened(with(small_idx(""), "seed", "1")));
    const double *x = gathered(one, DATA_TRAIN, 1, 1, 20),
                 *y = gathered(other, DATA_TRAIN, 1, 1, 20);
    int64_t rows[20], others[20];
    size_t moved = 0;
    data_rows(one, DATA_TRAIN, rows);
    data_rows(other, DATA_TRAIN, others);
    for (size_t i = 0; i < 20; i++)
        for (size_t k = 0; k < 20; k++) {
            if (rows[i] != others[k]) continue;
            cr_assert_arr_eq(x + 16 * i, y + 16 * k, 16 * sizeof *x);
            moved += i != k;
        }
    cr_assert_gt(moved, 10);
}

Test(transform, nothing_is_drawn_in_an_evaluation_or_for_other_parts)
{
    const struct data *plain = opened(with(small_idx(""), "validation_size", "5"));
    const struct data *data = augmented(plain);
    for (int part = 0; part < DATA_PARTS; part++) {
        const double *before = gathered(plain, (enum data_part)part, 0, 0, 4);
        bool trains = part == DATA_TRAIN;
        cr_assert_eq(differences(data, (enum data_part)part, before,
                                 gathered(data, (enum data_part)part, 3, 0, 4)),
                     0);
        cr_assert_eq(differences(data, (enum data_part)part, before,
                                 gathered(data, (enum data_part)part, 3, 1, 4)) > 0,
                     trains);
    }
}

/* What is standardised is what the transform left: (x + noise - mean) / deviation. */
Test(transform, examples_are_standardised_after_their_transforms)
{
    static const char *const how[] = {"none", "global", "feature"};
    for (int i = 0; i < 3; i++) {
        const struct data *raw = opened(small_idx("")),
                          *plain = opened(with(small_idx(""), "standardize", how[i]));
        const struct data *data = augmented(plain);
        const double *noisy = gathered(augmented(raw), DATA_TRAIN, 2, 1, 20),
                     *x = gathered(data, DATA_TRAIN, 2, 1, 20);
        for (size_t k = 0; k < 20 * 16; k++) {
            double mean = data->mean ? data->mean[k % 16] : 0,
                   inverse = data->inverse ? data->inverse[k % 16] : 1;
            cr_assert_float_eq(x[k], (noisy[k] - mean) * inverse, 1e-12);
        }
        cr_assert_gt(differences(data, DATA_TRAIN, x, gathered(plain, DATA_TRAIN, 2, 1, 20)), 0);
    }
}

/* A transform that changes nothing leaves the bits of the way that has none. */
Test(transform, the_way_with_transforms_has_the_bits_of_the_way_without)
{
    static const struct setting_variant items[] = {{&augmentation, &nothing}};
    static const char *const how[] = {"none", "global", "feature"};
    for (int i = 0; i < 3; i++) {
        const struct data *plain = opened(with(small_idx(""), "standardize", how[i])),
                          *data = listing(plain, items, 1);
        double x[20 * 16], y[20 * 16], target[20 * 5], same[20 * 5], scratch[2 * 16];
        struct data_gather gather = {DATA_TRAIN, first_rows(20), 20, 1, 1, scratch};
        data_gather_double(plain, &gather, x, target);
        data_gather_double(data, &gather, y, same);
        cr_assert_arr_eq(x, y, sizeof x, "%s", how[i]);
        cr_assert_arr_eq(target, same, sizeof same);
    }
}

Test(transform, both_precisions_draw_the_same)
{
    const struct data *data = augmented(opened(with(small_idx(""), "standardize", "feature")));
    const double *wide = gathered(data, DATA_TRAIN, 9, 2, 20);
    float x[20 * 16];
    double scratch[2 * 16];
    struct data_gather gather = {DATA_TRAIN, first_rows(20), 20, 9, 2, scratch};
    data_gather_float(data, &gather, x, NULL);
    for (size_t i = 0; i < 20 * 16; i++) cr_assert_eq(x[i], (float)wide[i]);
}

Test(transform, listed_transforms_draw_independently)
{
    static const struct setting_variant twice[] = {{&augmentation, &tenth},
                                                   {&augmentation, &tenth}};
    const struct data *plain = opened(small_idx("")), *data = listing(plain, twice, 2);
    const double *x = gathered(plain, DATA_TRAIN, 1, 1, 20),
                 *once = gathered(augmented(plain), DATA_TRAIN, 1, 1, 20),
                 *both = gathered(data, DATA_TRAIN, 1, 1, 20);
    size_t equal = 0;
    for (size_t i = 0; i < 20 * 16; i++)
        equal += fabs((both[i] - once[i]) - (once[i] - x[i])) < 1e-12;
    cr_assert_lt(equal, 10, "the second draws what the first drew");
}

Test(transform, texts_pass_their_transforms_too)
{
    write_plain("text", "abcdefghijklmnopqrstuvwxyz", 26);
    const struct data *plain =
        opened(block("text", "path", arena_text(arena, in_folder("text")), "context", "4",
                     "train_fraction", "1", "validation_fraction", "0", NULL));
    const struct data *data = augmented(plain);
    const double *x = gathered(data, DATA_TRAIN, 0, 1, 6);
    cr_assert_eq(data_describe(data)->counts[DATA_TRAIN], 6);
    for (size_t i = 0; i < 24; i++) cr_assert(x[i] != (double)i && fabs(x[i] - (double)i) < 0.05);
}

/* ---- shift ---- */

Test(transform, an_evaluation_transform_changes_the_test_part_always_in_the_same_way)
{
    static const struct setting_variant items[] = {{&shift, &tenth}};
    const struct data *plain = opened(small_idx("")), *data = listing(plain, items, 1);
    const double *before = gathered(plain, DATA_TEST, 0, 0, 6),
                 *after = gathered(data, DATA_TEST, 0, 0, 6);
    cr_assert_gt(differences(data, DATA_TEST, before, after), 80);
    cr_assert_eq(differences(data, DATA_TEST, after, gathered(data, DATA_TEST, 7, 3, 1)), 0);
    cr_assert_eq(differences(data, DATA_TRAIN, gathered(plain, DATA_TRAIN, 0, 0, 20),
                             gathered(data, DATA_TRAIN, 1, 1, 20)),
                 0);
}

/* ---- the tables ---- */

static bool has_row(enum data_stage stage, const char *key)
{
    for (const struct entry *const *entry = keyed_transform_registry.entries; *entry; entry++) {
        const struct transform *transform = (*entry)->implementation;
        if (transform->stage == stage && schema_find_row((*entry)->parameters, key)) return true;
    }
    return false;
}

/* A key of a data set that is not of stage DATA_SOURCE must be that of a transform which acts at
 * its stage: nothing else would look at it. */
Test(transform, every_key_of_a_later_stage_belongs_to_a_transform_of_that_stage)
{
    size_t later = 0;
    for (const struct entry *const *entry = dataset_registry.entries; *entry; entry++)
        for (const struct schema_row *row = (*entry)->parameters; row->key; row++) {
            if (row->stage == DATA_SOURCE || row->registry == &transform_registry) continue;
            cr_assert(has_row((enum data_stage)row->stage, row->key), "%s.%s", (*entry)->name,
                      row->key);
            later++;
        }
    cr_assert_gt(later, 20);
}

static void expect_stage(const struct registry *registry, bool keyed)
{
    for (const struct entry *const *entry = registry->entries; *entry; entry++) {
        const struct transform *transform = (*entry)->implementation;
        cr_assert((*entry)->doc && (*entry)->parameters);
        cr_assert_eq(transform->keyed, keyed, "%s", (*entry)->name);
        cr_assert_eq((*entry)->settings_size == 0, keyed, "%s", (*entry)->name);
        cr_assert_eq(transform->source != NULL, transform->stage == DATA_SOURCE);
        cr_assert_eq(transform->view != NULL, transform->stage == DATA_VIEW);
        cr_assert_eq(transform->example != NULL, transform->stage >= DATA_BATCH);
    }
}

Test(transform, every_entry_has_what_its_stage_needs)
{
    expect_stage(&keyed_transform_registry, true);
    expect_stage(&transform_registry, false);
}
