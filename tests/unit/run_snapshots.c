/* run/snapshots.c: weights while training, against those of trainings that end there. */
#include "../support.h"

#define DATA                                                                                       \
    "dataset: {name: mnist1d, train_size: 40, test_size: 10}\n"                                    \
    "architecture: {type: cnn, channels: [3], norm: batch}\n"
#define SGD "batch_size: 10, optimizer: {type: sgd, learning_rate: 0.1, momentum: 0.9}}\n"

static const char *snapshot_path(const char *group, const struct record_item *of, char out[160])
{
    snprintf(out, 160, "/weights/%s/%s", group, of->path + strlen("/weights/final/"));
    return out;
}

/* Has `group` of a record the bits of /weights/`other` in another, parameter by parameter? */
static void expect_equal_weights(const struct record *record, const char *group,
                                 const struct record *reference, const char *other)
{
    size_t compared = 0;
    for (const struct record_item *item = record->items; item; item = item->next) {
        char path[160];
        if (item->is_group || strncmp(item->path, "/weights/final/", 15) != 0) continue;
        const struct record_item *a = record_find(record, snapshot_path(group, item, path));
        cr_assert(a, "%s", path);
        const struct record_item *b = record_find(reference, snapshot_path(other, item, path));
        cr_assert(b && record_count(a) == record_count(b), "%s", path);
        cr_assert_eq(memcmp(a->data, b->data, record_count(a) * record_element_size(a->type)), 0,
                     "%s of %s", path, group);
        compared++;
    }
    cr_assert_geq(compared, 6); /* buffers too */
}

static size_t count_snapshots(const struct record *record)
{
    size_t count = 0;
    for (const struct record_item *item = record->items; item; item = item->next)
        count += item->is_group && strncmp(item->path, "/weights/", 9) == 0 &&
                 record_attribute_find(item, "step");
    return count;
}

static double moment_of(const struct record *record, const char *path, const char *name)
{
    const struct record_attribute *attribute =
        record_attribute_find(record_find(record, path), name);
    cr_assert(attribute, "%s of %s", name, path);
    return attribute->type == RECORD_INTEGER ? (double)*(const int64_t *)attribute->data
                                             : *(const double *)attribute->data;
}

/* A training of fewer steps ends with the weights that a longer one has on its way. */
Test(snapshots, are_the_weights_of_that_moment)
{
    struct setting s, shorter;
    setting_open(&s, DATA "weights: {initial: true, every: 2}\ntraining: {epochs: 5, " SGD);
    const struct record *record = setting_run(&s);
    cr_assert_eq(count_snapshots(record), 3);
    expect_equal_weights(record, "epoch_0000", record, "initial");
    setting_open(&shorter, DATA "training: {epochs: 4, " SGD);
    expect_equal_weights(record, "epoch_0004", setting_run(&shorter), "final");
    cr_assert_eq(moment_of(record, "/weights/epoch_0004", "step"), 16);
    cr_assert_eq(moment_of(record, "/weights/epoch_0004", "epoch"), 4);
    setting_close(&s);
    setting_close(&shorter);
}

Test(snapshots, are_taken_by_steps)
{
    struct setting s, shorter;
    setting_open(&s, DATA "precision: float64\nweights: {initial: true, every_steps: 3}\n"
                          "training: {steps: 9, " SGD);
    const struct record *record = setting_run(&s);
    cr_assert_eq(count_snapshots(record), 4);
    expect_equal_weights(record, "step_000000", record, "initial");
    expect_equal_weights(record, "step_000009", record, "final");
    setting_open(&shorter, DATA "precision: float64\ntraining: {steps: 6, " SGD);
    expect_equal_weights(record, "step_000006", setting_run(&shorter), "final");
    cr_assert_eq(moment_of(record, "/weights/step_000006", "epoch"), 1.5);
    setting_close(&s);
    setting_close(&shorter);
}
