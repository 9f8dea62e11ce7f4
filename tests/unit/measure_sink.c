/* measure/sink.c: where measures put their numbers, for an invented measure; the registry that
 * holds the real ones. */
#include "../support.h"

Test(sink, every_measure_says_what_it_gives)
{
    size_t count = 0;
    for (const struct entry *const *at = measure_registry.entries; *at; at++, count++) {
        const struct measure *measure = (*at)->implementation;
        cr_assert(measure->run && measure->quantities[0].name, "%s", (*at)->name);
        cr_assert((*at)->doc && *(*at)->doc);
        cr_assert_eq(registry_find(&measure_registry, (*at)->name), *at, "%s stands there twice",
                     (*at)->name);
        for (const struct quantity *quantity = measure->quantities; quantity->name; quantity++)
            cr_assert(quantity->units && quantity->long_name, "%s", quantity->name);
    }
    cr_assert_geq(count, 5);
}

Test(sink, no_two_measures_give_the_same_quantity)
{
    for (const struct entry *const *a = measure_registry.entries; *a; a++)
        for (const struct entry *const *b = measure_registry.entries; *b != *a; b++)
            for (const struct quantity *x =
                     ((const struct measure *)(*a)->implementation)->quantities;
                 x->name; x++)
                for (const struct quantity *y =
                         ((const struct measure *)(*b)->implementation)->quantities;
                     y->name; y++)
                    cr_assert_str_neq(x->name, y->name);
}

static struct setting s;

static struct measure_site open_site(const char *measures)
{
    char yaml[600];
    snprintf(yaml, sizeof yaml,
             "dataset: {name: mnist1d, train_size: 60, test_size: 10}\narchitecture: {type: mlp, "
             "hidden: [4]}\n"
             "measures: {%s}\n",
             measures);
    setting_open(&s, yaml);
    void *w = narrowed(&s, some_weights(&s));
    struct measure_site site = setting_site(&s, w);
    execute_choose(s.settings, 0, &site);
    return site;
}

Test(sink, a_measure_at_the_end)
{
    struct record *record;
    struct measure_site site = open_site("hessian_top: {k: 2, examples: 30}");
    OK(record_create(s.arena, &record));
    cr_assert_not(measure_is_in("hessian_top", record));
    OK(measure_final("hessian_top", &site, record));
    cr_assert(measure_is_in("hessian_top", record));
    const struct record_item *item = found(record, "/measures/hessian_lambda_max");
    cr_assert_str_eq(record_attribute_get_text(item, "units"), "1");
    cr_assert_eq(*(const int64_t *)record_attribute_find(item, "examples")->data, 30);
    cr_assert_eq(measure_final("hessian_top", &site, record), BASIN_INTERNAL,
                 "a number is never overwritten");
    setting_close(&s);
}

Test(sink, without_a_value_there_is_a_reason)
{
    struct record *record;
    struct measure_site site = open_site("hessian_top: {ends: both}");
    OK(record_create(s.arena, &record));
    OK(measure_without_value("hessian_top", site.options, "the run diverged", record));
    cr_assert(measure_is_in("hessian_top", record));
    const struct record_item *item = found(record, "/measures/hessian_lambda_min");
    cr_assert(isnan(record_number(item, 0)));
    cr_assert_str_eq(record_attribute_get_text(item, "reason"), "the run diverged");
    setting_close(&s);
}

Test(sink, a_track_has_a_row_a_call)
{
    struct record *record;
    struct measure_track *track;
    struct measure_site site = open_site("hessian_top: {k: 2, ends: both, every: 5}");
    OK(record_create(s.arena, &record));
    OK(measure_track_create(s.arena, "hessian_top", &track));
    OK(measure_track_record(track, record));
    cr_assert_null(record_find(record, "/tracked"), "nothing for a track without rows");
    for (int epoch = 0; epoch < 40; epoch++) OK(measure_track_add(track, &site, 5 * epoch));
    OK(measure_track_record(track, record));
    const struct record_item *values = found(record, "/tracked/hessian_top/eigenvalue"),
                             *top = found(record, "/tracked/hessian_top/hessian_lambda_max");
    cr_assert_eq(values->rank, 2);
    cr_assert_eq(values->dims[0], 40);
    cr_assert_eq(values->dims[1], 3);
    cr_assert_str_eq(values->axes[0], "epoch");
    cr_assert_str_eq(values->axes[1], "index");
    cr_assert_eq(record_count(top), 40);
    cr_assert_eq(record_count(found(record, "/tracked/hessian_top/index")), 3);
    cr_assert_eq(record_number(found(record, "/tracked/hessian_top/epoch"), 39), 195);
    for (size_t row = 0; row < 40; row++) { /* the same weights, the same bits */
        cr_assert_eq(record_number(top, row), record_number(values, 3 * row));
        cr_assert_eq(record_number(top, row), record_number(top, 0));
    }
    setting_close(&s);
}

Test(sink, examples_are_cut_to_what_is_there)
{
    struct measure_site site = open_site("hessian_top: {}");
    cr_assert_eq(measure_examples(&site), 60); /* 2,000 by default */
    setting_close(&s);
    site = open_site("hessian_top: {examples: all}");
    cr_assert_eq(measure_examples(&site), 60);
    setting_close(&s);
    site = open_site("hessian_top: {examples: 7}");
    cr_assert_eq(measure_examples(&site), 7);
    cr_assert_not(measure_stopped(&site));
    setting_close(&s);
}
