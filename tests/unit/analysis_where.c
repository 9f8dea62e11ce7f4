#include "analysis/expression.h"
#include "analysis/where.h"
#include "study_helpers.h"

#include <math.h>

static struct arena *arena;
static struct table table;

enum { SEED, DECAY, HIDDEN, STATUS, LOSS, FLAG, COLUMNS };

static const char *const names[] = {
    "seed",      "regularizers.weight_decay", "architecture.hidden", "status",
    "test_loss", "training.shuffle"};

/* seed 3, weight_decay 0.1, hidden [64, 32], status finished, test_loss NaN, shuffle true */
static struct cell cells[] = {{CELL_NUMBER, 3, NULL},     {CELL_NUMBER, 0.1, NULL},
                              {CELL_LIST, 0, "[64, 32]"}, {CELL_TEXT, 0, "finished"},
                              {CELL_NUMBER, NAN, NULL},   {CELL_BOOLEAN, 1, NULL}};

static void start(void)
{
    OK(arena_create(&arena));
    table = (struct table){.arena = arena};
    for (int i = 0; i < COLUMNS; i++)
        cr_assert_eq(table_add_column(&table, names[i], COLUMN_PARAMETER, NULL), i);
}

static void stop(void)
{
    arena_destroy(arena);
}

TestSuite(where, .init = start, .fini = stop);

static bool holds(const char *expression)
{
    const struct expression *where;
    struct expression_scope scope = {.table = &table, .label = "--where"};
    bool held;
    OK(expression_condition(&scope, expression, &where));
    OK(expression_holds(&scope, where, &(struct row){cells, COLUMNS}, &held));
    return held;
}

Test(where, comparisons)
{
    static const char *const yes[] = {"seed = 3",
                                      "seed==3",
                                      "seed != 4",
                                      "seed<4",
                                      "seed <= 3",
                                      "seed >= 3",
                                      "seed > -1e3",
                                      "seed = 3.0",
                                      "weight_decay = 0.1",
                                      "regularizers.weight_decay=1e-1",
                                      "status = finished",
                                      "status = 'finished'",
                                      "status != \"diverged\"",
                                      "status < g",
                                      "hidden = [64,32]",
                                      "hidden > [64, 16]",
                                      "hidden < [128]",
                                      "hidden > [64]",
                                      "shuffle = true",
                                      "shuffle != false",
                                      "test_loss = null",
                                      "seed != null",
                                      "seed != finished",
                                      "test_loss != 1"};
    static const char *const no[] = {
        "seed = 4",    "seed != 3",         "seed < 3",    "seed > 3",      "status = diverged",
        "status = 3",  "status > 3",        "status < 3",  "test_loss < 1", "test_loss >= 1",
        "seed = null", "test_loss != null", "seed < null", "hidden = [64]", "shuffle = 1"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) cr_assert(holds(yes[i]), "%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) cr_assert(!holds(no[i]), "%s", no[i]);
}

Test(where, and_binds_tighter_than_or_and_not_tightest)
{
    cr_assert(holds("seed = 3 or seed = 1 and seed = 2"));
    cr_assert(!holds("(seed = 3 or seed = 1) and seed = 2"));
    cr_assert(!holds("not seed = 3 and seed = 3 or seed = 4"));
    cr_assert(holds("not (seed = 3 and seed = 4)"));
    cr_assert(holds("not not seed = 3"));
    cr_assert(holds("seed = 1 and seed = 1 or seed = 3"));
}

static void refused(const char *expression, const char *message)
{
    const struct expression *where;
    struct expression_scope scope = {.table = &table, .label = "--where"};
    cr_assert_eq(expression_condition(&scope, expression, &where), BASIN_USAGE, "%s", expression);
    cr_assert(strstr(basin_error_last()->message, message), "%s gave: %s", expression,
              basin_error_last()->message);
}

Test(where, mistakes_have_a_place)
{
    refused("", "character 1: the name of a column is missing");
    refused("seed = 3 and", "character 13: the name");
    refused("seed", "character 5: one of");
    refused("seed 3", "character 6: one of");
    refused("seed = ", "character 8: a value is missing");
    refused("seed = 3 4", "character 10: \"and\" or \"or\" is missing");
    refused("(seed = 3", "character 1: this parenthesis");
    refused("seed = 3)", "character 9: \"and\" or \"or\"");
    refused("status = 'x", "character 10: this text has no closing quote");
    refused("hidden = [1", "character 10: this list has no end");
    refused("sed = 3", "character 1: no column is named \"sed\"");
    cr_assert_str_eq(basin_error_last()->hint, "did you mean \"seed\"?");
    char deep[600] = "";
    memset(deep, '(', 500);
    refused(deep, "nested too deeply");
}

Test(where, shortage_of_memory_is_an_error)
{
    const struct expression *where;
    for (long n = 1;; n++) {
        struct arena *own;
        OK(arena_create(&own));
        struct table copy = table;
        copy.arena = own;
        struct expression_scope scope = {.table = &copy, .label = "--where"};
        memory_fail_at(n);
        basin_status status = expression_condition(
            &scope, "seed + 1 = 3 * 2 and not (status = 'x' or hidden = [1])", &where);
        memory_fail_at(0);
        arena_destroy(own);
        if (status == BASIN_OK) {
            cr_assert_gt(n, 1);
            break;
        }
        cr_assert_eq(status, BASIN_MEMORY);
    }
}
