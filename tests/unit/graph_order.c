/* The order of computing with delays: what stands on a cycle is a loop, nothing else; loops give
 * what a loop written here gives; graphs that cannot run step by step are refused. */
#include <math.h>
#include <string.h>
#include "graph_helpers.h"

enum { STEPS = 6, BATCH = 2, WIDTH = 3, ROWS = STEPS * BATCH, SIZE = ROWS * WIDTH };

static struct schedule schedule;
static double x[SIZE], w[WIDTH * WIDTH], out[4 * SIZE];

static void start(void)
{
    setup();
    for (int i = 0; i < SIZE; i++) x[i] = sin(3.0 * i + 1);
    for (int i = 0; i < WIDTH * WIDTH; i++) w[i] = 0.5 * cos(2.0 * i);
}

TestSuite(graph_order, .init = start, .fini = teardown);

static basin_status made(void)
{
    struct program_options options = {.precision = PRECISION_FLOAT64};
    cr_assert_eq(graph_status(g), BASIN_OK, "%s", basin_error_last()->message);
    return schedule_make(arena, g, &options, &schedule);
}

/* The loop that computes a node; -1: none does. */
static int loop_of(graph_node node)
{
    for (int i = 0; i < schedule.count; i++)
        if (schedule.items[i].node == node && schedule.items[i].result < 0)
            return schedule.loop_of[i];
    cr_assert_fail("node %d is not computed", (int)node);
    return -1;
}

static int place_of(graph_node node)
{
    int i = 0;
    while (i < schedule.count && schedule.items[i].node != node) i++;
    return i;
}

static void run(void)
{
    struct program *program;
    struct program_state *state;
    struct program_options options = {.precision = PRECISION_FLOAT64};
    cr_assert_eq(program_compile(arena, g, &options, &program), BASIN_OK, "%s",
                 basin_error_last()->message);
    cr_assert_eq(program_check(program), BASIN_OK, "%s", basin_error_last()->message);
    cr_assert_eq(program_state_create(program, &state), BASIN_OK);
    program_bind(state, SLOT_INPUT, x);
    program_bind(state, SLOT_PARAMETERS, w);
    program_bind(state, SLOT_EXTRA, out);
    program_run(state, PROGRAM_ALL);
    program_state_destroy(state);
}

static struct shape states(void)
{
    return shape_matrix(ROWS, WIDTH);
}

static graph_node input(void)
{
    return graph_leaf(g, SLOT_INPUT, 0, states());
}

static graph_node weights(void)
{
    return graph_leaf(g, SLOT_PARAMETERS, 0, shape_matrix(WIDTH, WIDTH));
}

/* h = tanh(a + w' h of the step before) */
static graph_node recurrence(graph_node a, bool backward, graph_node *before)
{
    *before = graph_delay(g, states(), STEPS, backward);
    graph_node h =
        graph_tanh(g, graph_add(g, a, graph_matmul(g, *before, weights(), false, false)));
    graph_delay_close(g, *before, h);
    return h;
}

static void plain_recurrence(const double *a, bool backward, double *h)
{
    for (int step = 0; step < STEPS; step++)
        for (int i = 0; i < BATCH * WIDTH; i++) {
            int row = (backward ? STEPS - 1 - step : step) * BATCH + i / WIDTH,
                before = backward ? row + BATCH : row - BATCH;
            double sum = a[row * WIDTH + i % WIDTH];
            for (int k = 0; step > 0 && k < WIDTH; k++)
                sum += h[before * WIDTH + k] * w[k * WIDTH + i % WIDTH];
            h[row * WIDTH + i % WIDTH] = tanh(sum);
        }
}

static void expect(const double *got, const double *wanted)
{
    for (int i = 0; i < SIZE; i++)
        cr_assert_float_eq(got[i], wanted[i], 1e-14, "%d: %g, not %g", i, got[i], wanted[i]);
}

Test(graph_order, only_the_cycle_is_a_loop)
{
    graph_node before, a = graph_matmul(g, input(), weights(), false, false),
                       h = recurrence(a, false, &before);
    graph_node after = graph_exp(g, h);
    graph_output(g, after, SLOT_EXTRA, 0);
    cr_assert_eq(made(), BASIN_OK);
    cr_assert_eq(schedule.loop_count, 1);
    cr_assert_eq(schedule.loops[0].steps, STEPS);
    cr_assert(!schedule.loops[0].backward);
    cr_assert_eq(schedule.loops[0].count, 4, "delay, product, sum, tanh");
    cr_assert_eq(loop_of(a), -1, "products with the inputs are one for all steps");
    cr_assert_eq(loop_of(after), -1);
    cr_assert_eq(loop_of(h), 0);
    cr_assert_eq(loop_of(before), 0);
    cr_assert_lt(place_of(a), schedule.loops[0].first);
    cr_assert_geq(place_of(after), schedule.loops[0].first + 4);
}

Test(graph_order, recurrences_in_both_directions)
{
    double wanted[SIZE];
    for (int backward = 0; backward < 2; backward++) {
        teardown();
        setup();
        graph_node before;
        graph_output(g, recurrence(input(), backward, &before), SLOT_EXTRA, 0);
        cr_assert_eq(made(), BASIN_OK);
        cr_assert_eq(schedule.loops[0].backward, (bool)backward);
        run();
        plain_recurrence(x, backward, wanted);
        expect(out, wanted);
    }
}

/* Each direction is a loop of its own, also where the second reads what the first gives. */
Test(graph_order, two_loops_one_after_the_other)
{
    double first[SIZE], second[SIZE], both[SIZE];
    graph_node before, h = recurrence(input(), false, &before), k = recurrence(h, true, &before);
    graph_node side = recurrence(input(), true, &before);
    graph_output(g, k, SLOT_EXTRA, 0);
    graph_output(g, side, SLOT_EXTRA, SIZE);
    cr_assert_eq(made(), BASIN_OK);
    cr_assert_eq(schedule.loop_count, 3);
    cr_assert_neq(loop_of(h), loop_of(k));
    cr_assert_neq(loop_of(side), loop_of(k), "equal directions are not one loop");
    cr_assert(!schedule.loops[loop_of(h)].backward);
    cr_assert(schedule.loops[loop_of(k)].backward);
    run();
    plain_recurrence(x, false, first);
    plain_recurrence(first, true, second);
    plain_recurrence(x, true, both);
    expect(out, second);
    expect(out + SIZE, both);
}

/* h(t) = x(t) + h(t-1) + h(t-2), of an impulse: Fibonacci's numbers. The second delay's input is
 * the first. */
Test(graph_order, two_delays_of_one_loop)
{
    static const double fibonacci[] = {1, 1, 2, 3, 5, 8};
    for (int backward = 0; backward < 2; backward++) {
        teardown();
        setup();
        struct shape shape = shape_matrix(STEPS, 1);
        graph_node one = graph_delay(g, shape, STEPS, backward),
                   two = graph_delay(g, shape, STEPS, backward);
        graph_node h = graph_add(g, graph_leaf(g, SLOT_INPUT, 0, shape), graph_add(g, one, two));
        graph_delay_close(g, one, h);
        graph_delay_close(g, two, one);
        graph_output(g, h, SLOT_EXTRA, 0);
        for (int i = 0; i < STEPS; i++) x[i] = i == (backward ? STEPS - 1 : 0);
        cr_assert_eq(made(), BASIN_OK);
        cr_assert_eq(schedule.loop_count, 1);
        cr_assert_eq(loop_of(one), loop_of(two));
        run();
        for (int i = 0; i < STEPS; i++)
            cr_assert_eq(out[backward ? STEPS - 1 - i : i], fibonacci[i], "step %d", i);
    }
}

/* Two states that read each other: c = c' + x, h = h' + c. Sums of sums: 1, 3, 6, 10, ... */
Test(graph_order, two_states_of_one_loop)
{
    struct shape shape = shape_matrix(STEPS, 1);
    graph_node h_before = graph_delay(g, shape, STEPS, false),
               c_before = graph_delay(g, shape, STEPS, false);
    graph_node c = graph_add(g, c_before, graph_leaf(g, SLOT_INPUT, 0, shape)),
               h = graph_add(g, h_before, c);
    graph_delay_close(g, h_before, h);
    graph_delay_close(g, c_before, c);
    graph_output(g, h, SLOT_EXTRA, 0);
    graph_output(g, c, SLOT_EXTRA, STEPS);
    for (int i = 0; i < STEPS; i++) x[i] = 1;
    run();
    for (int i = 0; i < STEPS; i++) {
        cr_assert_eq(out[i], (i + 1) * (i + 2) / 2);
        cr_assert_eq(out[STEPS + i], i + 1);
    }
}

/* No cycle: a delay of what was there before is a shift of all steps at once. */
Test(graph_order, a_delay_without_a_cycle_is_no_loop)
{
    graph_node delay = graph_delay(g, states(), STEPS, false);
    graph_delay_close(g, delay, input());
    graph_output(g, graph_exp(g, delay), SLOT_EXTRA, 0);
    cr_assert_eq(made(), BASIN_OK);
    cr_assert_eq(schedule.loop_count, 0);
    run();
    for (int i = 0; i < SIZE; i++)
        cr_assert_float_eq(out[i], i < BATCH * WIDTH ? 1 : exp(x[i - BATCH * WIDTH]), 1e-14);
}

/* A delay stands before what it reads; what only it needs comes along, in an order in which it can
 * run. */
Test(graph_order, inputs_built_after_the_delay_come_first)
{
    graph_node before = graph_delay(g, states(), STEPS, false);
    graph_node late = graph_exp(g, input()), h = graph_tanh(g, graph_add(g, before, late));
    graph_delay_close(g, before, h);
    graph_output(g, h, SLOT_EXTRA, 0);
    cr_assert_eq(made(), BASIN_OK);
    cr_assert_eq(loop_of(late), -1);
    cr_assert_lt(place_of(late), schedule.loops[0].first);
    run();
    double state[BATCH * WIDTH] = {0};
    for (int i = 0; i < SIZE; i++) {
        state[i % (BATCH * WIDTH)] = tanh(state[i % (BATCH * WIDTH)] + exp(x[i]));
        cr_assert_float_eq(out[i], state[i % (BATCH * WIDTH)], 1e-14);
    }
}

/* As many items in a row as members, and no item of another kind between them. */
Test(graph_order, loops_are_contiguous)
{
    graph_node before, h = recurrence(input(), false, &before);
    for (int i = 0; i < 5; i++) h = recurrence(graph_tanh(g, h), i % 2, &before);
    graph_output(g, h, SLOT_EXTRA, 0);
    cr_assert_eq(made(), BASIN_OK);
    cr_assert_eq(schedule.loop_count, 6);
    int members = 0;
    for (int i = 0; i < schedule.loop_count; i++)
        for (int j = 0; j < schedule.loops[i].count; j++, members++)
            cr_assert_eq(schedule.loop_of[schedule.loops[i].first + j], i);
    for (int i = 0; i < schedule.count; i++) members -= schedule.loop_of[i] >= 0;
    cr_assert_eq(members, 0);
}

/* ---- refusals ---- */

static void expect_refused(const char *words)
{
    cr_assert_eq(made(), BASIN_INTERNAL);
    cr_assert(strstr(basin_error_last()->message, words), "%s", basin_error_last()->message);
}

Test(graph_order, an_open_delay_is_refused)
{
    graph_output(g, graph_exp(g, graph_delay(g, states(), STEPS, false)), SLOT_EXTRA, 0);
    expect_refused("not closed");
}

/* Two delays that one value closes. */
static void expect_two_ways(graph_node first, graph_node second)
{
    graph_node h = graph_add(g, input(), graph_add(g, first, second));
    graph_delay_close(g, first, h);
    graph_delay_close(g, second, h);
    graph_output(g, h, SLOT_EXTRA, 0);
    expect_refused("different ways");
}

Test(graph_order, delays_of_one_loop_go_one_way)
{
    expect_two_ways(graph_delay(g, states(), STEPS, false), graph_delay(g, states(), STEPS, true));
}

Test(graph_order, delays_of_one_loop_have_the_same_steps)
{
    expect_two_ways(graph_delay(g, states(), STEPS, false),
                    graph_delay(g, states(), STEPS / 2, false));
}

/* A sum over all rows sees every step at once. */
Test(graph_order, sums_over_steps_are_refused)
{
    graph_node before = graph_delay(g, states(), STEPS, false);
    graph_node total = graph_broadcast(g, graph_sum(g, before, 1), states(), 1),
               h = graph_add(g, input(), total);
    graph_delay_close(g, before, h);
    graph_output(g, h, SLOT_EXTRA, 0);
    expect_refused("step by step");
}

/* A product whose right factor is made of all steps. */
Test(graph_order, products_that_mix_steps_are_refused)
{
    graph_node before = graph_delay(g, shape_matrix(WIDTH, WIDTH), WIDTH, false);
    graph_node h = graph_matmul(g, weights(), before, false, false);
    graph_delay_close(g, before, h);
    graph_output(g, h, SLOT_EXTRA, 0);
    cr_assert_eq(made(), BASIN_INTERNAL);
}

/* The first half of all rows, each repeated: a part of the loop's memory, which is not one of each
 * step. */
Test(graph_order, parts_of_a_loop_inside_of_it_are_refused)
{
    struct shape apart = {.rank = 3, .dim = {STEPS, BATCH, WIDTH}};
    graph_node before = graph_delay(g, states(), STEPS, false),
               half = graph_slice(g, before, 0, 0, STEPS);
    graph_node repeated = graph_reshape(g, graph_broadcast(g, half, apart, 2), states());
    graph_delay_close(g, before, graph_add(g, repeated, input()));
    graph_output(g, before, SLOT_EXTRA, 0);
    expect_refused("mixes the steps");
}

Test(graph_order, rows_must_divide_into_steps)
{
    cr_assert_eq(graph_delay(g, states(), STEPS + 1, false), GRAPH_NONE);
    cr_assert_eq(graph_status(g), BASIN_INTERNAL);
}

Test(graph_order, a_delay_is_closed_once_by_its_own_shape)
{
    graph_node delay = graph_delay(g, states(), STEPS, false);
    graph_delay_close(g, delay, graph_leaf(g, SLOT_INPUT, 0, shape_matrix(WIDTH, ROWS)));
    cr_assert_eq(graph_status(g), BASIN_INTERNAL);
    teardown();
    setup();
    delay = graph_delay(g, states(), STEPS, false);
    graph_delay_close(g, delay, input());
    cr_assert_eq(graph_status(g), BASIN_OK);
    graph_delay_close(g, delay, input());
    cr_assert_eq(graph_status(g), BASIN_INTERNAL);
}
