/* train/schedule.c: factors at points computed by hand. */
#include "../support.h"
#include "train/schedule.h"

static struct setting s;

static struct setting_variant schedule(const char *text)
{
    char yaml[300];
    snprintf(yaml, sizeof yaml, "architecture: {type: linear}\ntraining: {schedule: %s}\n", text);
    setting_open(&s, yaml);
    return s.train->training.schedule;
}

Test(schedule, constant)
{
    struct setting_variant block = schedule("constant");
    cr_assert_eq(schedule_factor(block, 0, 100), 1);
    cr_assert_eq(schedule_factor(block, 99, 100), 1);
    setting_close(&s);
}

Test(schedule, step)
{
    struct setting_variant block = schedule("{type: step, every: 10, factor: 0.5}");
    cr_assert_eq(schedule_factor(block, 0, 100), 1);
    cr_assert_eq(schedule_factor(block, 9, 100), 1);
    cr_assert_eq(schedule_factor(block, 10, 100), 0.5);
    cr_assert_eq(schedule_factor(block, 29, 100), 0.25);
    cr_assert_eq(schedule_factor(block, 30, 100), 0.125);
    setting_close(&s);
}

Test(schedule, cosine)
{
    struct setting_variant block = schedule("{type: cosine, final: 0.1}");
    cr_assert_eq(schedule_factor(block, 0, 60), 1);
    NEAR(schedule_factor(block, 20, 60), 0.1 + 0.9 * 0.75, 1e-15); /* cos 60 degrees = 1/2 */
    NEAR(schedule_factor(block, 30, 60), 0.1 + 0.9 * 0.5, 1e-15);
    NEAR(schedule_factor(block, 40, 60), 0.1 + 0.9 * 0.25, 1e-15);
    NEAR(schedule_factor(block, 60, 60), 0.1, 1e-15);
    setting_close(&s);
    block = schedule("cosine");
    NEAR(schedule_factor(block, 60, 60), 0, 1e-15);
    for (int i = 0; i < 60; i++)
        cr_assert_gt(schedule_factor(block, i, 60), schedule_factor(block, i + 1, 60));
    setting_close(&s);
}

Test(schedule, warm_up_rises_linearly_and_then_the_schedule_begins)
{
    struct setting_variant block = schedule("{type: cosine, warmup: 4}");
    cr_assert_eq(schedule_factor(block, 0, 24), 0.25);
    cr_assert_eq(schedule_factor(block, 1, 24), 0.5);
    cr_assert_eq(schedule_factor(block, 3, 24), 1);
    cr_assert_eq(schedule_factor(block, 4, 24), 1);
    NEAR(schedule_factor(block, 14, 24), 0.5, 1e-15); /* half of the 20 steps behind the warm-up */
    NEAR(schedule_factor(block, 24, 24), 0, 1e-15);
    setting_close(&s);
    block = schedule("{type: step, every: 10, factor: 0.5, warmup: 4}");
    cr_assert_eq(schedule_factor(block, 13, 100), 1);
    cr_assert_eq(schedule_factor(block, 14, 100), 0.5);
    setting_close(&s);
}

/* A warm-up that is as long as the training, or longer, has no division by zero behind it. */
Test(schedule, warm_up_to_the_end)
{
    struct setting_variant block = schedule("{type: cosine, warmup: 10}");
    cr_assert_eq(schedule_factor(block, 9, 10), 1);
    cr_assert(isfinite(schedule_factor(block, 10, 10)));
    cr_assert_eq(schedule_factor(block, 4, 5), 0.5);
    setting_close(&s);
}
