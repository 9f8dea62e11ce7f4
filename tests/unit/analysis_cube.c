/* The runs of a study as an array: what is an axis, and where each run is. */
#include "analysis/cube.h"
#include "study_helpers.h"

#include <math.h>

static struct arena *arena;

static void start(void)
{
    OK(arena_create(&arena));
}

static void stop(void)
{
    arena_destroy(arena);
}

TestSuite(cube, .init = start, .fini = stop, .timeout = 60);

enum { COLUMNS = 5 }; /* run_id, status, width, rate, seed */

static struct table *empty_table(void)
{
    static const char *const names[] = {"run_id", "status", "architecture.width",
                                        "training.optimizer.learning_rate", "seed"};
    struct table *table = arena_allocate(arena, sizeof *table);
    table->arena = arena;
    for (int i = 0; i < COLUMNS; i++)
        cr_assert_eq(table_add_column(table, names[i], i < 2 ? COLUMN_RUN : COLUMN_PARAMETER, NULL),
                     i);
    table->rows = arena_array(arena, struct row, 64);
    return table;
}

static void add_run(struct table *table, double width, double rate, double seed)
{
    struct cell *cells = arena_array(arena, struct cell, COLUMNS);
    cells[0] =
        (struct cell){.kind = CELL_TEXT, .text = arena_format(arena, "%016zx", table->row_count)};
    cells[1] = (struct cell){.kind = CELL_TEXT, .text = "finished"};
    cells[2] = (struct cell){.kind = CELL_NUMBER, .number = width};
    cells[3] = (struct cell){.kind = CELL_NUMBER, .number = rate};
    cells[4] = (struct cell){.kind = CELL_NUMBER, .number = seed};
    table->rows[table->row_count++] = (struct row){cells, COLUMNS};
}

static struct cube make(struct table *table)
{
    struct cube cube;
    table_mark_varied(table);
    OK(cube_make(table, &(struct cube_facts){0}, &cube));
    return cube;
}

Test(cube, product_whatever_the_order)
{
    struct table *table = empty_table();
    for (int seed = 2; seed >= 0; seed--)
        for (int rate = 0; rate < 2; rate++)
            for (int width = 3; width >= 0; width--)
                add_run(table, 10 * width, rate ? 0.1 : 0.5, seed);
    struct cube cube = make(table);
    cr_assert(cube.is_product);
    cr_assert_eq(cube.axis_count, 3);
    cr_assert_str_eq(cube.axes[0].name, "width");
    cr_assert_str_eq(cube.axes[1].name, "learning_rate");
    cr_assert_str_eq(cube.axes[2].name, "seed");
    cr_assert_eq(cube.cell_count, 24);
    for (size_t cell = 0; cell < 24; cell++) {
        const struct cell *cells = table->rows[cube.cells[cell].row].cells;
        cr_assert_float_eq(cells[2].number, cube.axes[0].numbers[cell / 6], 0);
        cr_assert_float_eq(cells[3].number, cube.axes[1].numbers[cell / 3 % 2], 0);
        cr_assert_float_eq(cells[4].number, cube.axes[2].numbers[cell % 3], 0);
    }
    cr_assert(cube.axes[1].numbers[0] == 0.1 && cube.axes[1].numbers[1] == 0.5);
}

Test(cube, a_few_runs_are_missing)
{
    struct table *table = empty_table();
    for (int width = 0; width < 3; width++)
        for (int rate = 0; rate < 3; rate++)
            if (width != 1 || rate != 1) add_run(table, width, rate, 0);
    struct cube cube = make(table);
    cr_assert(cube.is_product);
    cr_assert_eq(cube.cell_count, 9);
    cr_assert_eq(cube.cells[4].row, CUBE_NONE);
    cr_assert_str_eq(cube.cells[4].state, "missing");
    cr_assert_neq(cube.cells[5].row, CUBE_NONE);
}

/* Each value once: n runs would take n x n places. */
Test(cube, random_points_are_a_list)
{
    struct table *table = empty_table();
    for (int i = 0; i < 4; i++) add_run(table, i, 0.3 * i, 0);
    struct cube cube = make(table);
    cr_assert_not(cube.is_product);
    cr_assert_eq(cube.cell_count, 4);
}

/* Two runs at one place, in a parameter that is no axis. */
Test(cube, twice_the_same_place_is_a_list)
{
    struct table *table = empty_table();
    for (int i = 0; i < 4; i++) add_run(table, i % 2, 0.5, 0);
    cr_assert_not(make(table).is_product);
}

Test(cube, runs_without_a_result_are_listed)
{
    struct table *table = empty_table();
    struct cube cube;
    for (int i = 0; i < 4; i++) add_run(table, i, 0.3 * i, 0);
    table_mark_varied(table);
    const char *ids[] = {"00000000000000ff"}, *states[] = {"failed"};
    OK(cube_make(table, &(struct cube_facts){.ids = ids, .states = states, .count = 1}, &cube));
    cr_assert_eq(cube.cell_count, 5);
    cr_assert_str_eq(cube.cells[4].state, "failed");
    cr_assert_eq(cube.cells[4].row, CUBE_NONE);
}

Test(cube, identifiers)
{
    cr_assert_str_eq(cube_identifier(arena, "seed.init"), "seed_init");
    cr_assert_str_eq(cube_identifier(arena, "a rate (1/s)"), "a_rate__1_s_");
    cr_assert_str_eq(cube_identifier(arena, "2nd"), "_2nd");
}
