/* study/remaining.c: the time that is left, from what runs that have ended took. */
#include <criterion/criterion.h>
#include <math.h>
#include "study/remaining.h"

static struct study_run runs[4];
static struct study study = {.runs = runs, .run_count = 4};
static struct remaining *remaining;

static void start_remaining(const double *expected)
{
    for (int i = 0; i < 4; i++)
        runs[i] = (struct study_run){.state = RUN_NEW, .cost = {.flops = 1000, .measures = 100}};
    cr_assert_eq(remaining_create(&study, expected, &remaining), BASIN_OK);
}

/* Four equal runs of which the FLOPs say little: measures take most of the time. */
Test(remaining, what_ended_runs_took_counts)
{
    start_remaining(NULL);
    cr_expect(isnan(remaining_seconds(remaining, 2, 0, 0)), "nothing is known yet");
    remaining_begin(remaining, 0, 0);
    remaining_begin(remaining, 1, 0);
    /* 4 s each for 900 FLOPs: 8 s / 1800 FLOPs, 2200 are left */
    cr_expect_float_eq(remaining_seconds(remaining, 2, 1800, 4), (4000 * 8 / 1800. - 8) / 2, 1e-9);
    remaining_end(remaining, 0, 20, true);
    remaining_begin(remaining, 2, 20);
    cr_expect_float_eq(remaining_seconds(remaining, 2, 900, 20), (0.05 * 20 + 20 + 20) / 2, 1e-9);
    remaining_end(remaining, 1, 20, true);
    remaining_end(remaining, 2, 1, false); /* another process had it: its time tells nothing */
    remaining_begin(remaining, 3, 30);
    cr_expect_float_eq(remaining_seconds(remaining, 2, 0, 35), 15, 1e-9);
    remaining_end(remaining, 3, 20, true);
    cr_expect_eq(remaining_seconds(remaining, 2, 0, 50), 0);
    remaining_destroy(remaining);
}

/* Expected seconds, which turn out to be half of the truth; what is finished is not waited for. */
Test(remaining, expectations_are_corrected)
{
    static const double expected[] = {10, 10, 30, 0};
    start_remaining(expected);
    remaining_destroy(remaining);
    runs[3].state = RUN_FINISHED;
    cr_assert_eq(remaining_create(&study, expected, &remaining), BASIN_OK);
    cr_expect_eq(remaining_seconds(remaining, 2, 0, 0), 30, "no sooner than the longest run");
    remaining_begin(remaining, 0, 0);
    remaining_begin(remaining, 1, 0);
    cr_expect_eq(remaining_seconds(remaining, 1, 0, 5), 5 + 5 + 30);
    remaining_end(remaining, 0, 20, true);
    cr_expect_eq(remaining_seconds(remaining, 1, 0, 10), 10 + 60);
    remaining_destroy(remaining);
}
