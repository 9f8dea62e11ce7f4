/* Expressions: precedence, functions, types and places of errors against values by hand; curves
 * from files written here. */
#include "analysis/expression.h"
#include "study_helpers.h"

#include <math.h>

static struct arena *arena;
static struct table table;
static struct expression_scope scope;

enum { SEED, DECAY, HIDDEN, STATUS, LOSS, TRAIN, ODD, FILE_COLUMN, COLUMNS };

static struct row rows[4];

/* Epochs 0 ... 10, twice the epoch and its square; its square where it was evaluated, at 3, 6, 9;
 * tracked at 0, 4, 8; steps 0, 100, 200. */
static void write_curves(const char *path)
{
    struct record *record;
    int64_t epoch[11], every[] = {0, 4, 8}, step[] = {0, 100, 200};
    double twice[11], square[11], third[11], sharp[] = {1, 7, 9}, batch[] = {3, 2, 4};
    size_t many = 11, few = 3;
    const char *epochs[] = {"epoch"}, *steps[] = {"step"};
    for (int i = 0; i < 11; i++) {
        epoch[i] = i;
        twice[i] = 2 * i;
        square[i] = i * i;
        third[i] = i && i % 3 == 0 ? i * i : NAN;
    }
    OK(record_create(arena, &record));
    OK(record_add(record, "/curves/epoch", RECORD_INTEGER, 1, &many, epochs, epoch, NULL));
    OK(record_add(record, "/curves/train_loss", RECORD_FLOAT64, 1, &many, epochs, twice, NULL));
    OK(record_add(record, "/curves/test_loss", RECORD_FLOAT64, 1, &many, epochs, square, NULL));
    OK(record_add(record, "/curves/batch_loss", RECORD_FLOAT64, 1, &many, epochs, square, NULL));
    OK(record_add(record, "/curves/test_accuracy", RECORD_FLOAT64, 1, &many, epochs, third, NULL));
    OK(record_add(record, "/steps/step", RECORD_INTEGER, 1, &few, steps, step, NULL));
    OK(record_add(record, "/steps/batch_loss", RECORD_FLOAT64, 1, &few, steps, batch, NULL));
    OK(record_add(record, "/tracked/hessian_top/epoch", RECORD_INTEGER, 1, &few, epochs, every,
                  NULL));
    OK(record_add(record, "/tracked/hessian_top/hessian_lambda_max", RECORD_FLOAT64, 1, &few,
                  epochs, sharp, NULL));
    OK(store_save(record, path));
}

static void start(void)
{
    static const char *const names[] = {"seed",
                                        "regularizers.weight_decay",
                                        "architecture.hidden",
                                        "status",
                                        "test_loss",
                                        "train_loss",
                                        "test-set"};
    folder_make();
    OK(arena_create(&arena));
    const char *file = arena_text(arena, in_folder("run.h5"));
    write_curves(file);
    table = (struct table){.arena = arena, .rows = rows, .row_count = 4};
    for (int i = 0; i < FILE_COLUMN; i++)
        cr_assert_eq(table_add_column(&table, names[i], COLUMN_PARAMETER, NULL), i);
    cr_assert_eq(table_add_column(&table, "file", COLUMN_FILE, NULL), FILE_COLUMN);
    for (int i = 0; i < 4; i++) {
        struct cell *cells = arena_array(arena, struct cell, COLUMNS);
        cells[SEED] = (struct cell){.kind = CELL_NUMBER, .number = i};
        cells[DECAY] = (struct cell){.kind = CELL_NUMBER, .number = 0.5};
        cells[HIDDEN] = (struct cell){.kind = CELL_LIST, .text = "[64, 32]"};
        cells[STATUS] = (struct cell){.kind = CELL_TEXT, .text = "finished"};
        cells[LOSS] = (struct cell){.kind = CELL_NUMBER, .number = i == 3 ? NAN : 10 + i};
        cells[TRAIN] = (struct cell){.kind = CELL_NUMBER, .number = (double[]){4, 8, 6, 1}[i]};
        cells[ODD] = (struct cell){.kind = CELL_NUMBER, .number = 7};
        cells[FILE_COLUMN] = (struct cell){.kind = CELL_TEXT, .text = file};
        rows[i] = (struct row){cells, COLUMNS};
    }
    scope = (struct expression_scope){.table = &table};
    OK(curve_source_open(&table, &scope.curves));
}

static void stop(void)
{
    curve_source_close(scope.curves);
    arena_destroy(arena);
    folder_remove();
}

TestSuite(expression, .init = start, .fini = stop);

/* Of the row with seed 2. */
static double value(const char *text)
{
    const struct expression *expression;
    double number;
    OK(expression_number(&scope, text, &expression));
    OK(expression_value(&scope, expression, &rows[2], &number));
    return number;
}

struct expected {
    const char *text;
    double value;
};

static void expect_values(const struct expected *each)
{
    for (; each->text; each++) {
        double got = value(each->text);
        bool same = isnan(each->value) ? isnan(got) : fabs(got - each->value) < 1e-12;
        cr_assert(same, "%s gave %.17g, not %.17g", each->text, got, each->value);
    }
}

Test(expression, precedence_is_that_of_arithmetic)
{
    expect_values(
        (const struct expected[]){{"1 + 2 * 3", 7},  {"(1 + 2) * 3", 9}, {"10 - 4 - 3", 3},
                                  {"24 / 4 / 3", 2}, {"-2^2", -4},       {"2^-1", 0.5},
                                  {"2^3^2", 512},    {"2**3", 8},        {"-2 ** 2", -4},
                                  {"- -3", 3},       {"2 - -3", 5},      {"2--3", 5},
                                  {"1e-1+2", 2.1},   {"1e-1-.5", -0.4},  {"+4", 4},
                                  {"6/2*3", 9},      {"1-2", -1},        {"8 - 2^2 * 2", 0},
                                  {"-3 * -2", 6},    {"2 ^ 2 + 1", 5},   {"((((((((1))))))))", 1},
                                  {NULL, 0}});
}

Test(expression, names_are_those_of_columns)
{
    expect_values((const struct expected[]){{"seed", 2},
                                            {"weight_decay * 2", 1},
                                            {"regularizers.weight_decay", 0.5},
                                            {"test_loss/train_loss", 2},
                                            {"test_loss-train_loss", 6},
                                            {"seed-1", 1},
                                            {"seed-1e-1", 1.9},
                                            {"test-set + 1", 8},
                                            {"seed+seed", 4},
                                            {NULL, 0}});
}

Test(expression, functions_of_numbers)
{
    expect_values((const struct expected[]){{"min(3, seed, 5)", 2},
                                            {"max(3, seed)", 3},
                                            {"abs(-3)", 3},
                                            {"log(exp(2))", 2},
                                            {"sqrt(9)", 3},
                                            {"sqrt(-1)", NAN},
                                            {"min(1, 0 / 0)", NAN},
                                            {"max (1, 2)", 2},
                                            {NULL, 0}});
}

Test(expression, parts_of_curves)
{
    expect_values((const struct expected[]){
        {"mean(curves.train_loss)", 10},
        {"mean(curves.train_loss, from: 0.5)", 15}, /* epochs 5 ... 10 */
        {"mean(curves.train_loss, from: 50%)", 15},
        {"mean(curves.train_loss, from: 2, to: 4)", 6},
        {"mean(curves.train_loss, from=2, to=4)", 6},
        {"mean(curves.train_loss, to: 0.1)", 1},
        {"max(curves.train_loss, to: 1)", 2},
        {"median(curves.test_loss)", 25},
        {"median(curves.test_loss, from: 9)", 90.5},
        {"min(curves.test_loss, from: 3)", 9},
        {"first(curves.test_loss, from: 3)", 9},
        {"last(curves.test_loss)", 100},
        {"last(curves.test_loss, to: 30%)", 9},
        {"value(curves.test_loss, at: 4)", 16},
        {"value(curves.test_loss, at: 0.5)", 25},
        {"value(curves.test_loss, at: 100%)", 100},
        {"value(curves.test_loss, at: 4.5)", NAN},          /* nothing between points */
        {"mean(tracked.hessian_lambda_max, from: 0.4)", 8}, /* of 10 epochs, and not of 8 */
        {"value(tracked.hessian_lambda_max, at: 0.7)", 7},
        {"mean(hessian_lambda_max, from: 20)", NAN},
        {"mean(steps.batch_loss, from: 0.5)", 3},
        {"value(steps.batch_loss, at: 100)", 2},
        {NULL, 0}});
}

Test(expression, arithmetic_on_curves_is_at_their_common_epochs)
{
    expect_values((const struct expected[]){
        {"max(curves.train_loss - curves.test_loss)", 1},
        {"mean(curves.test_loss / 2 + weight_decay, at: 4)", 8.5},
        {"mean(tracked.hessian_lambda_max * curves.train_loss)", (0 + 7 * 8 + 9 * 16) / 3.0},
        {"mean(abs(curves.train_loss - last(curves.train_loss)))", 10},
        {"last(min(curves.train_loss, curves.test_loss))", 20},
        {"mean(tracked.hessian_lambda_max, from: 0.5) * weight_decay / 2", 2.25},
        {NULL, 0}});
}

/* `evaluate: {every: 3}` leaves NaN at the other epochs: these are no points of the curve. */
Test(expression, epochs_that_were_not_evaluated_are_no_points)
{
    expect_values((const struct expected[]){
        {"mean(curves.test_accuracy)", (9 + 36 + 81) / 3.0},
        {"min(curves.test_accuracy)", 9},
        {"max(curves.test_accuracy)", 81},
        {"median(curves.test_accuracy)", 36},
        {"first(curves.test_accuracy)", 9},
        {"last(curves.test_accuracy)", 81},
        {"mean(curves.test_accuracy, from: 0.5)", (36 + 81) / 2.0}, /* of 10 epochs */
        {"value(curves.test_accuracy, at: 0.5)", 9},
        {"value(curves.test_accuracy, at: 6)", 36},
        {"value(curves.test_accuracy, at: 5)", NAN},
        {"max(curves.train_loss - curves.test_accuracy)", 6 - 9},
        {"max(curves.test_accuracy - curves.train_loss)", 81 - 18},
        {"mean(curves.test_accuracy, from: 4, to: 5)", NAN},
        {"mean(log(curves.train_loss - 6))", NAN}, /* what is computed at a point is one */
        {NULL, 0}});
}

Test(expression, tau_is_over_runs)
{
    const struct expression *expression;
    const struct row *all[] = {&rows[0], &rows[1], &rows[2], &rows[3]};
    double tau;
    /* train_loss 4 8 6 beside test_loss 10 11 12: of three pairs two agree; the last has none */
    OK(expression_number(&scope, "tau(train_loss, test_loss)", &expression));
    cr_assert_eq(expression_type(expression), EXPRESSION_RUNS);
    OK(expression_over(&scope, expression, all, 4, &tau));
    cr_assert_float_eq(tau, 1 / 3.0, 1e-12);
    /* with 1: six pairs, 2 + 0 of them agree against 1 + 3 */
    OK(expression_number(&scope, "-tau(train_loss, seed) * 3", &expression));
    OK(expression_over(&scope, expression, all, 4, &tau));
    cr_assert_float_eq(tau, 1, 1e-12);
    OK(expression_number(&scope, "tau(train_loss, weight_decay)", &expression));
    OK(expression_over(&scope, expression, all, 4, &tau));
    cr_assert(isnan(tau), "no order without two different values");
}

Test(expression, conditions_take_expressions)
{
    static const struct {
        const char *text;
        bool holds;
    } each[] = {{"train_loss / test_loss < 0.51 and weight_decay = 0.5", true},
                {"train_loss < test_loss", true},
                {"test_loss < train_loss", false},
                {"0.5 = weight_decay", true},
                {"(seed + 1) * 2 = 6", true},
                {"seed > 1 - 2", true},
                {"(seed = 2) and not (test_loss - 12 > 0)", true},
                {"sqrt(0 - seed) = null", true},
                {"sqrt(0 - seed) < 1", false},
                {"status = finished and last(curves.train_loss) = 20", true},
                {"max(curves.train_loss) > max(curves.test_loss)", false},
                {"hidden = [64, 32]", true}};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        const struct expression *expression;
        bool holds;
        OK(expression_condition(&scope, each[i].text, &expression));
        OK(expression_holds(&scope, expression, &rows[2], &holds));
        cr_assert_eq(holds, each[i].holds, "%s", each[i].text);
    }
}

static void refused(const char *text, size_t place, const char *message, const char *hint)
{
    const struct expression *expression;
    cr_assert_eq(expression_number(&scope, text, &expression), BASIN_USAGE, "%s", text);
    cr_assert(strstr(basin_error_last()->message, message), "%s gave: %s", text,
              basin_error_last()->message);
    cr_assert_eq(scope.place, place, "%s: place %zu", text, scope.place);
    if (hint)
        cr_assert(strstr(basin_error_last()->hint, hint), "%s hints: %s", text,
                  basin_error_last()->hint);
}

Test(expression, mistakes_have_a_place)
{
    refused("", 0, "a number or a name is missing", NULL);
    refused("1 +", 3, "is missing", NULL);
    refused("2 * (3 + 4", 4, "this parenthesis is not closed", NULL);
    refused("2 3", 2, "an operator is missing", NULL);
    refused("seed + sede", 7, "no column is named \"sede\"", "did you mean \"seed\"?");
    refused("2 * mena(curves.train_loss)", 4, "no function is named \"mena\"", "\"mean\"");
    refused("mean(tracked.hessian_lamda_max)", 5, "no curve is named",
            "did you mean \"tracked.hessian_lambda_max\"?");
    refused("mean(batch_loss)", 5, "is the name of 2 curves", "curves.batch_loss");
    refused("mean(curves.train_loss, from: x)", 30, "a number of epochs", NULL);
    refused("mean(curves.train_loss, from: 120%)", 30, "ends at 100%", NULL);
    refused("mean(curves.train_loss, from: 1, from: 2)", 33, "given twice", NULL);
    refused("mean(curves.train_loss, at: 1, from: 2)", 0, "at stands alone", NULL);
    refused("value(curves.train_loss)", 0, "the epoch is missing", "value(CURVE, at: EPOCH)");
    refused("abs(1, 2)", 0, "the number of arguments is wrong", "abs(x)");
    refused("abs(1, from: 2)", 0, "belong to one curve", NULL);
}

Test(expression, types_are_checked)
{
    refused("1 + curves.train_loss", 0,
            "\"1 + curves.train_loss\" is a curve over epochs, but a number is needed", "mean(");
    refused("2 * status", 4, "status is a text, and no number", NULL);
    refused("hidden + 1", 0, "architecture.hidden is a list", "architecture.hidden.0");
    refused("1 + (seed = 2)", 5, "is a condition, but a number is needed", NULL);
    refused("mean(train_loss)", 5, "is a number of each run, but a curve is needed",
            "curves.train_loss");
    refused("mean(3)", 5, "is a number, but a curve is needed", NULL);
    refused("mean(curves.batch_loss - steps.batch_loss)", 25, "is a curve over steps", NULL);
    refused("tau(seed, train_loss) + seed", 24, "beside tau(...)", NULL);
    refused("tau(seed, tau(seed, train_loss))", 10, "is a number over runs", NULL);
    refused("tau(curves.train_loss, seed)", 4, "is a curve", NULL);
    refused("tau(status, seed)", 4, "status is a text", NULL);
}
