#include "analysis/table.h"
#include "study_helpers.h"

#include <math.h>
#include "analysis/where.h"

static struct arena *arena;
static struct table table;

enum { ROWS = 5 };

/* run_id, weight_decay, seed, optimizer.type (absent in one), accuracy, status */
static void start(void)
{
    static const double decay[ROWS] = {0.1, 0, 0.1, 0, 0}, seed[ROWS] = {1, 1, 0, 0, 2},
                        accuracy[ROWS] = {0.5, 0.7, 0.9, 0.8, NAN};
    OK(arena_create(&arena));
    table = (struct table){.arena = arena, .row_count = ROWS};
    table.rows = arena_array(arena, struct row, ROWS);
    table_add_column(&table, "run_id", COLUMN_RUN, NULL);
    table_add_column(&table, "status", COLUMN_RUN, NULL);
    table_add_column(&table, "weight_decay", COLUMN_PARAMETER, NULL);
    table_add_column(&table, "seed", COLUMN_PARAMETER, NULL);
    table_add_column(&table, "type", COLUMN_PARAMETER, NULL);
    table_add_column(&table, "accuracy", COLUMN_MEASURE, "1");
    for (int i = 0; i < ROWS; i++) {
        struct cell *cells = arena_array(arena, struct cell, 6);
        cells[0] = (struct cell){CELL_TEXT, 0, arena_format(arena, "id%d", i)};
        cells[1] = (struct cell){CELL_TEXT, 0, i == 4 ? "diverged" : "finished"};
        cells[2] = (struct cell){.kind = CELL_NUMBER, .number = decay[i]};
        cells[3] = (struct cell){.kind = CELL_NUMBER, .number = seed[i]};
        cells[4] = (struct cell){CELL_TEXT, 0, "sgd"};
        cells[5] = (struct cell){.kind = CELL_NUMBER, .number = accuracy[i]};
        table.rows[i] = (struct row){cells, 6};
    }
    table_mark_varied(&table);
}

static void stop(void)
{
    arena_destroy(arena);
}

TestSuite(table, .init = start, .fini = stop);

Test(table, varied_is_what_differs_and_the_seed)
{
    cr_assert(table.columns[2].varied && table.columns[3].varied && !table.columns[4].varied &&
              !table.columns[5].varied);
    table.rows[3].cells[4] = (struct cell){.kind = CELL_ABSENT};
    for (int i = 0; i < ROWS; i++) table.rows[i].cells[3].number = 7;
    table_mark_varied(&table);
    cr_assert(table.columns[4].varied, "absent is a value of its own");
    cr_assert(table.columns[3].varied, "seed is always varied");
}

static void order_is(const char *ids)
{
    char found[32] = "";
    for (size_t i = 0; i < table.row_count; i++) strncat(found, table.rows[i].cells[0].text + 2, 1);
    cr_assert_str_eq(found, ids);
}

static void sort_by(int first, bool first_descends, int second, bool second_descends)
{
    struct sort_key keys[] = {{first, first_descends}, {second, second_descends}};
    OK(table_sort(&table, keys, second < 0 ? 1 : 2));
}

Test(table, sorting_is_stable_and_by_several_columns)
{
    sort_by(2, false, 3, false);
    order_is("31420");
    sort_by(2, true, -1, false);
    order_is("20314");
    sort_by(2, true, 3, false);
    order_is("20314");
    sort_by(2, false, 3, true); /* each column has its own direction */
    order_is("41302");
}

/* Row 4 has NaN, row 1 nothing. */
Test(table, without_a_value_goes_last_in_both_directions)
{
    table.rows[1].cells[5] = (struct cell){.kind = CELL_ABSENT};
    sort_by(5, false, -1, false);
    order_is("03241");
    sort_by(5, true, -1, false);
    order_is("23041");
    const char *without = table.rows[0].cells[0].text; /* of words too */
    table.rows[0].cells[4] = (struct cell){.kind = CELL_ABSENT};
    for (int descending = 0; descending < 2; descending++) {
        sort_by(4, descending, 3, !descending);
        cr_assert_str_eq(table.rows[ROWS - 1].cells[0].text, without);
    }
}

Test(table, lists_compare_number_by_number)
{
    static const char *const ascending[] = {"[]", "[8]", "[16]", "[16, 2]", "[16, 10]", "[128]"};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++) {
            struct cell a = {CELL_LIST, 0, ascending[i]}, b = {CELL_LIST, 0, ascending[j]};
            int order = cell_compare(&a, &b);
            cr_assert_eq((order > 0) - (order < 0), (i > j) - (i < j), "%s %s", ascending[i],
                         ascending[j]);
        }
}

Test(table, columns_are_found_by_their_ends)
{
    table_add_column(&table, "training.optimizer.type", COLUMN_PARAMETER, NULL);
    table_add_column(&table, "training.schedule.type", COLUMN_PARAMETER, NULL);
    table_add_column(&table, "training.schedule.warmup", COLUMN_PARAMETER, NULL);
    cr_assert_eq(table_column(&table, "type"), 4); /* the whole name goes first */
    cr_assert_eq(table_column(&table, "schedule.type"), 7);
    cr_assert_eq(table_column(&table, "warmup"), 8);
    cr_assert_eq(table_column(&table, "arm"), -1);
    cr_assert_eq(table_column(&table, "acuracy"), -1);
    cr_assert_str_eq(basin_error_last()->hint, "did you mean \"accuracy\"?");
}

/* Other words for a key, as in `explain`; a column that is called so goes first. */
Test(table, columns_are_found_by_other_words)
{
    const struct schema_row row = {.key = "learning_rate",
                                   .aliases = (const char *const[]){"lr", "eta", NULL}};
    int rate = table_add_column(&table, "training.optimizer.learning_rate", COLUMN_PARAMETER, NULL);
    table.columns[rate].row = &row;
    cr_assert_eq(table_column(&table, "lr"), rate);
    cr_assert_eq(table_column(&table, "optimizer.eta"), rate);
    cr_assert_eq(table_column(&table, "training.optimizer.lr"), rate);
    cr_assert_eq(table_column(&table, "timizer.lr"), -1);
    cr_assert_eq(table_column(&table, "schedule.lr"), -1);
    int lr = table_add_column(&table, "lr", COLUMN_MEASURE, NULL);
    cr_assert_eq(table_column(&table, "lr"), lr);
}

/* What is counted, what is doubtful and what converged: of a mean over two seeds, one of which did
 * not; rows without a measure do not differ in its options. */
Test(table, means_tell_how_good_they_are)
{
    int verdict = table_add_column(&table, "accuracy_converged", COLUMN_MEASURE, NULL),
        option = table_add_column(&table, "measures.m.examples", COLUMN_PARAMETER, NULL);
    table.columns[verdict].verdict = table.columns[option].option = true;
    for (int i = 0; i < ROWS; i++) {
        struct cell *cells = arena_array(arena, struct cell, 8);
        memcpy(cells, table.rows[i].cells, 6 * sizeof *cells);
        cells[5].doubtful = i == 2;
        cells[verdict] = (struct cell){.kind = CELL_BOOLEAN, .number = i != 2};
        if (i != 1) cells[option] = (struct cell){.kind = CELL_NUMBER, .number = 100};
        table.rows[i].cells = cells;
    }
    table_mark_varied(&table);
    cr_assert_not(table.columns[option].varied);
    table.rows[3].cells[option].number = 50;
    table_mark_varied(&table);
    cr_assert(table.columns[option].varied);
    OK(table_replicate(&table, "seed,examples"));
    sort_by(2, false, 3, false);
    OK(table_mean(&table));
    int mean = table_column(&table, "accuracy"), good = table_column(&table, "accuracy_converged"),
        decay = table_column(&table, "weight_decay");
    cr_assert_eq(table_column(&table, "accuracy_converged_sd"), -1);
    for (size_t i = 0; i < table.row_count; i++) { /* weight_decay 0.1 has the doubtful one */
        bool doubtful = table.rows[i].cells[decay].number == 0.1;
        cr_assert_eq(table.rows[i].cells[mean].doubtful, doubtful);
        cr_assert_eq(table.rows[i].cells[good].number, !doubtful);
    }
    cr_assert_eq(table_column(&table, "seeds"), -1);
    cr_assert_geq(table_column(&table, "runs"), 0);
}

Test(table, what_a_column_is_called_finds_it_again)
{
    int schedule = table_add_column(&table, "training.schedule.type", COLUMN_PARAMETER, NULL);
    table_add_column(&table, "training.optimizer.type", COLUMN_PARAMETER, NULL);
    int warmup = table_add_column(&table, "training.schedule.warmup", COLUMN_PARAMETER, NULL);
    cr_assert_str_eq(table_name(&table, schedule, false), "training.schedule.type");
    cr_assert_str_eq(table_name(&table, warmup, false), "warmup");
    cr_assert_str_eq(table_name(&table, warmup, true), "training.schedule.warmup");
    table.columns[warmup].title = "rise";
    cr_assert_str_eq(table_name(&table, warmup, true), "rise");
    cr_assert_eq(table_column(&table, "rise"), warmup);
    table.columns[warmup].title = "accuracy"; /* the name of another column */
    cr_assert_str_eq(table_name(&table, warmup, false), "warmup");
}

Test(table, means_are_over_the_seeds_of_one_status)
{
    sort_by(2, false, 3, false);
    OK(table_mean(&table));
    cr_assert_eq(table.row_count, 3);
    int accuracy = table_column(&table, "accuracy"), spread = table_column(&table, "accuracy_sd"),
        seeds = table_column(&table, "seeds");
    cr_assert_eq(table_column(&table, "seed"), -1);
    cr_assert_float_eq(table.rows[0].cells[accuracy].number, 0.75, 1e-12);
    cr_assert_float_eq(table.rows[0].cells[spread].number, sqrt(2 * 0.05 * 0.05), 1e-12);
    cr_assert_eq(table.rows[0].cells[seeds].number, 2);
    cr_assert_eq(table.rows[1].cells[seeds].number, 1);
    cr_assert_eq(table.rows[1].cells[spread].kind, CELL_ABSENT);
    cr_assert_float_eq(table.rows[2].cells[accuracy].number, 0.7, 1e-12);
}

/* Rows 1, 3 and 4 agree in all but the seed. Rows 1 and 3 were measured with other options, and row
 * 4 was not measured: the accuracy is one mean of three runs, sharpness two of one. */
Test(table, options_keep_only_their_own_numbers_apart)
{
    int option = table_add_column(&table, "measures.top.examples", COLUMN_PARAMETER, NULL),
        sharpness = table_add_column(&table, "sharpness", COLUMN_MEASURE, NULL);
    table.columns[option].option = true;
    table.columns[option].measure = table.columns[sharpness].measure = "top";
    for (int i = 0; i < ROWS; i++) {
        struct cell *cells = arena_array(arena, struct cell, 8);
        memcpy(cells, table.rows[i].cells, 6 * sizeof *cells);
        cells[1].text = "finished";
        if (i == 4) cells[5].number = 0.3;
        if (i != 4) cells[6] = (struct cell){.kind = CELL_NUMBER, .number = i == 3 ? 60 : 50};
        if (i != 4) cells[7] = (struct cell){.kind = CELL_NUMBER, .number = i};
        table.rows[i] = (struct row){cells, 8};
    }
    table_mark_varied(&table);
    sort_by(2, false, 3, false); /* 3 1 4, 2 0 */
    OK(table_mean(&table));
    cr_assert_eq(table.row_count, 3);
    int accuracy = table_column(&table, "accuracy"), top = table_column(&table, "sharpness"),
        examples = table_column(&table, "examples"), seeds = table_column(&table, "seeds");
    static const double values[3][4] = {{0.6, 60, 3, 3}, {0.6, 50, 1, 3}, {0.7, 50, 1, 2}};
    static const size_t lacking[3] = {2, 2, 0};
    for (int i = 0; i < 3; i++) {
        const struct cell *cells = table.rows[i].cells;
        cr_expect_float_eq(cells[accuracy].number, values[i][0], 1e-12);
        cr_expect_eq(cells[examples].number, values[i][1]);
        cr_expect_float_eq(cells[top].number, values[i][2], 1e-12);
        cr_expect_eq(cells[seeds].number, values[i][3]);
        cr_expect_eq(cells[accuracy].lacking, 0);
        cr_expect_eq(cells[top].lacking, lacking[i]);
    }
}

/* A great many rows, in groups that lie apart: every row is in the group that it belongs to, and
 * groups come in the order of their first rows. */
Test(table, means_of_many_scattered_rows)
{
    enum { MANY = 20000, GROUPS = 199 };
    table.row_count = MANY;
    table.rows = arena_array(arena, struct row, MANY);
    for (size_t i = 0; i < MANY; i++) {
        struct cell *cells = arena_array(arena, struct cell, 6);
        cells[0] = (struct cell){CELL_TEXT, 0, "id"};
        cells[1] = cells[4] = (struct cell){CELL_TEXT, 0, "finished"};
        cells[2] = (struct cell){.kind = CELL_NUMBER, .number = (double)(i * 7 % GROUPS)};
        cells[3] = (struct cell){.kind = CELL_NUMBER, .number = (double)i};
        cells[5] = (struct cell){.kind = CELL_NUMBER, .number = cells[2].number};
        table.rows[i] = (struct row){cells, 6};
    }
    table_mark_varied(&table);
    OK(table_mean(&table));
    cr_assert_eq(table.row_count, GROUPS);
    int accuracy = table_column(&table, "accuracy"), decay = table_column(&table, "weight_decay"),
        count = table_column(&table, "seeds");
    double all = 0;
    for (size_t i = 0; i < GROUPS; i++) {
        const struct cell *cells = table.rows[i].cells;
        cr_assert_eq(cells[decay].number, (double)(i * 7 % GROUPS));
        cr_assert_float_eq(cells[accuracy].number, cells[decay].number, 1e-12);
        all += cells[count].number;
    }
    cr_assert_eq(all, MANY);
}

/* Rows: (0.1, 1) (0, 1) (0.1, 0) (0, 0) (0, 2, diverged); grouped by seed, what they share in
 * weight_decay is not asked. */
Test(table, groups_by_what_is_named)
{
    table_mark_varied(&table);
    cr_assert_eq(table_group_by(&table, "accuracy"), BASIN_USAGE);
    OK(table_group_by(&table, "seed"));
    OK(table_mean(&table));
    cr_assert_eq(table.row_count, 3);
    int seed = table_column(&table, "seed"), accuracy = table_column(&table, "accuracy"),
        runs = table_column(&table, "runs");
    cr_assert_eq(table_column(&table, "weight_decay"), -1);
    for (size_t i = 0; i < table.row_count; i++) {
        const struct cell *cells = table.rows[i].cells;
        double expected = cells[seed].number == 0 ? 0.85 : cells[seed].number == 1 ? 0.6 : NAN;
        cr_assert_eq(cells[runs].number, cells[seed].number == 2 ? 1 : 2);
        if (isnan(expected))
            cr_assert(isnan(cells[accuracy].number) || cells[accuracy].kind == CELL_ABSENT);
        else
            cr_assert_float_eq(cells[accuracy].number, expected, 1e-15);
    }
}

Test(table, filters_keep_order)
{
    OK(where_filter(&table, "weight_decay = 0 and status = finished"));
    order_is("13");
}
