/* study/timing.c: the sum of what is left to do, and how long it takes on several cores. */
#include <criterion/criterion.h>
#include "study/timing.h"

static struct study_run run_of(enum run_state state)
{
    return (struct study_run){.state = (unsigned char)state,
                              .missing_measures = 1,
                              .known = {.step = 30},
                              .cost = {.flops = 1000, .measures = 200, .steps = 40}};
}

Test(timing, what_is_left_of_a_run)
{
    struct study_run fresh = run_of(RUN_NEW), done = run_of(RUN_FINISHED),
                     failed = run_of(RUN_FAILED), damaged = run_of(RUN_DAMAGED),
                     interrupted = run_of(RUN_INTERRUPTED), incomplete = run_of(RUN_INCOMPLETE);
    cr_expect_eq(timing_flops(&fresh), 1000);
    cr_expect_eq(timing_flops(&damaged), 1000);
    cr_expect_eq(timing_flops(&done), 0);
    cr_expect_eq(timing_flops(&failed), 0);
    cr_expect_eq(timing_flops(&interrupted), 200 + 800 / 4,
                 "a quarter of the steps, and the measures");
    cr_expect_eq(timing_flops(&incomplete), 200);
}

/* Those at the end, and of those while training as many as there are steps left. */
Test(timing, what_is_left_of_its_measures)
{
    struct study_run fresh = run_of(RUN_NEW), done = run_of(RUN_FINISHED),
                     interrupted = run_of(RUN_INTERRUPTED), incomplete = run_of(RUN_INCOMPLETE);
    fresh.cost.tracked = done.cost.tracked = interrupted.cost.tracked = incomplete.cost.tracked =
        400;
    cr_expect_eq(timing_measures(&fresh), 600);
    cr_expect_eq(timing_measures(&done), 0);
    cr_expect_eq(timing_measures(&interrupted), 200 + 400 / 4);
    cr_expect_eq(timing_measures(&incomplete), 200);
}

/* Graham's bound for the longest first: at most 4/3 of the best; these are exact. */
Test(timing, the_longest_go_first)
{
    double seconds[] = {1, 5, 2, 2, 3, 3}, loads[8];
    cr_expect_eq(timing_wall(seconds, 6, 1, loads), 16);
    cr_expect_eq(timing_wall(seconds, 6, 2, loads), 8);
    cr_expect_eq(timing_wall(seconds, 6, 3, loads), 6);
    cr_expect_eq(timing_wall(seconds, 6, 8, loads), 5);
    cr_expect_eq(timing_wall(seconds, 0, 2, loads), 0);
}
