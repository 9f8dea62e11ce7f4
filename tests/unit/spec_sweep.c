#include "spec_schema.h"

#define BASE "study: s\narchitecture: mlp\n"
#define GRID BASE "sweep:\n  grid:\n    "

static struct value *run_at(struct reading *reading, size_t index)
{
    struct value *run = NULL;
    cr_assert_eq(reading->status, BASIN_OK, "%s", text_data(&reading->printed));
    cr_assert_eq(spec_run(reading->spec, index, reading->arena, &reading->diagnostics, &run),
                 BASIN_OK);
    return run;
}

Test(sweep, the_last_axis_varies_fastest_and_seeds_are_last)
{
    struct reading reading =
        read_text(GRID "training.batch_size: [8, 16]\n    regularizers.weight_decay: [0, 5.0e-4, "
                       "5.0e-3]\nseeds: 2\n");
    cr_assert_eq(reading.status, BASIN_OK);
    cr_expect_eq(reading.spec->run_count, 12);
    cr_assert_eq(reading.spec->axis_count, 3);
    cr_expect_str_eq(reading.spec->axes[0].path, "training.batch_size");
    cr_expect_str_eq(reading.spec->axes[2].path, "seed");
    static const double decays[] = {0, 5e-4, 5e-3};
    for (size_t i = 0; i < 12; i++) {
        struct value *run = run_at(&reading, i);
        cr_expect_eq(value_integer(run, "seed"), (int64_t)(i % 2));
        cr_expect_eq(value_number(run, "regularizers.weight_decay"), decays[i / 2 % 3]);
        cr_expect_eq(value_integer(run, "training.batch_size"), i < 6 ? 8 : 16);
    }
    reading_free(&reading);
}

Test(sweep, lists_variants_and_blocks)
{
    struct reading reading =
        read_text(GRID "architecture.hidden: [[64], [64, 32]]\n"
                       "    training.optimizer: [sgd, {type: adam, learning_rate: 0.001}]\n"
                       "    regularizers: [{dropout: 0.5}, {}]\n");
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_expect_eq(reading.spec->run_count, 8);
    struct value *first = run_at(&reading, 0), *last = run_at(&reading, 7);
    cr_expect_eq(value_count(first, "architecture.hidden"), 1);
    cr_expect_eq(value_number(first, "regularizers.dropout"), 0.5);
    cr_expect_eq(value_item_integer(last, "architecture.hidden", 1), 32);
    cr_expect_str_eq(value_text(last, "training.optimizer.type"), "adam");
    cr_expect_eq(value_number(last, "training.optimizer.learning_rate"), 0.001);
    cr_expect_eq(value_number(last, "regularizers.dropout"), 0.0);
    reading_free(&reading);
}

Test(sweep, a_path_inside_a_swept_block_is_put_in_last)
{
    struct reading reading = read_text(
        GRID "training.optimizer.learning_rate: [0.3, 0.4]\n    training.optimizer: [sgd, adam]\n");
    struct value *run = run_at(&reading, 3);
    cr_expect_str_eq(value_text(run, "training.optimizer.type"), "adam");
    cr_expect_eq(value_number(run, "training.optimizer.learning_rate"), 0.4);
    reading_free(&reading);
}

Test(sweep, an_axis_overrides_the_file_whose_value_is_still_checked)
{
    struct reading reading =
        read_text("regularizers: {weight_decay: 0.5}\n" GRID "regularizers.weight_decay: [0, 1]\n");
    cr_expect_eq(value_number(run_at(&reading, 1), "regularizers.weight_decay"), 1);
    reading_free(&reading);
    expect_message("regularizers: {weight_decay: -5}\n" GRID "regularizers.weight_decay: [0, 1]\n",
                   "1:30: error: regularizers.weight_decay: -5 is out of range, expected a number "
                   "from 0 to 1000000");
}

Test(sweep, a_required_value_may_come_from_the_sweep)
{
    struct reading reading = read_text(
        "study: s\nsweep: {grid: {architecture: [linear, {type: cnn, channels: [4]}]}}\n");
    cr_expect_str_eq(value_text(run_at(&reading, 1), "architecture.type"), "cnn");
    reading_free(&reading);
}

Test(sweep, errors_at_their_place)
{
    expect_report(
        GRID "training.epochs: []\n",
        "study.yaml:5:22: error: training.epochs: the axis is empty; it needs at least one value\n"
        "    5 |     training.epochs: []\n      |                      ^~\n");
    expect_message(GRID "training.epohs: [1]\n",
                   "5:5: error: no parameter has the path \"training.epohs\"; did you mean "
                   "\"training.epochs\"?");
    expect_message(GRID "lr: [1]\n", "5:5: error: no parameter has the path \"lr\"; did you mean "
                                     "\"training.optimizer.learning_rate\"?");
    expect_message(
        GRID "training.epochs: [1, 2, x]\n",
        "5:29: error: training.epochs: expected an integer of at least 1 (epochs), found \"x\"");
    expect_message(
        GRID "training.epochs: 3\n",
        "5:22: error: training.epochs: an axis is a list of values, found one value; write [3]");
    expect_message(GRID "training.epochs:\n",
                   "5:5: error: training.epochs: an axis is a list of values, found nothing");
    expect_message(GRID "training: {epochs: [3]}\n",
                   "5:15: error: training: an axis is a list of values, found a block of keys; "
                   "write the whole path in one: "
                   "\"training.epochs: [...]\"");
    expect_message(GRID "regularizers.weight_decay: [1, 0, 1.0]\n",
                   "5:39: error: regularizers.weight_decay: values 1 and 3 of the list are "
                   "both 1; remove one of them");
    expect_message(
        GRID "training.optimizer: [{type: sgd}, adam, sgd]\n",
        "5:45: error: training.optimizer: values 1 and 3 of the list are both sgd; remove one of "
        "them");
    expect_message(GRID "study: [a, b]\n", "5:5: error: study: this cannot be swept");
    expect_message(GRID "dataset.path: [a, b]\n", "5:5: error: dataset.path: this cannot be swept");
    expect_message(GRID "architecture.hidden: [64, 32]\n",
                   "5:27: error: architecture.hidden: expected a list of integers from 1 to 65536 "
                   "(units), found one "
                   "value; write [64]");
    expect_message(GRID "training.epochs: [1]\n    training.epochs: [2]\n",
                   "6:5: error: duplicate key \"training.epochs\"; it stands first in line 5");
    expect_message(
        GRID "seed: [1, 2]\n",
        "5:5: error: seeds are not an axis of the grid; write \"seeds: [...]\" beside \"sweep\"");
}

Test(sweep, the_block_itself)
{
    expect_message(BASE "sweep:\n", "3:1: error: sweep: expected a block of keys, found nothing; "
                                    "write \"grid:\" below it, or remove the key");
    expect_message(BASE "sweep: {grid: {}}\n", "3:15: error: sweep.grid: the block is empty; write "
                                               "\"path: [values]\" below it, or remove the sweep");
    expect_message(BASE "sweep: {grid: [1]}\n",
                   "3:15: error: sweep.grid: expected a block of paths, found a list; write "
                   "\"path: [values]\" below it");
    expect_message(BASE "sweep: {gird: {}}\n",
                   "3:9: error: unknown key \"gird\" in sweep; did you mean \"grid\"?");
    expect_message(
        BASE "sweep: {training.epochs: [1]}\n",
        "3:9: error: unknown key \"training.epochs\" in sweep; put the path under sweep.grid");
}

Test(sweep, seeds)
{
    struct reading reading = read_text(BASE "seeds: [7, 3]\n");
    cr_expect_eq(reading.spec->run_count, 2);
    cr_expect_eq(value_integer(run_at(&reading, 0), "seed"), 7);
    reading_free(&reading);
    reading = read_text(BASE "seed: 5\n");
    cr_expect_eq(reading.spec->run_count, 1);
    cr_expect_eq(value_integer(run_at(&reading, 0), "seed"), 5);
    reading_free(&reading);
    expect_message(BASE "seeds: 0\n",
                   "3:8: error: seeds: 0 is out of range, expected an integer of at least 1");
    expect_message(BASE "seeds: []\n",
                   "3:8: error: seeds: the list is empty; it needs at least one seed");
    expect_message(BASE "seeds: [1, 2, 1]\n",
                   "3:15: error: seeds: values 1 and 3 of the list are both 1; remove one of them");
    expect_message(BASE "seeds: [&a 5, 2, *a]\n",
                   "3:12: error: seeds: values 1 and 3 of the list are both 5; remove one of them");
    expect_message(
        GRID "training.epochs: [{linspace: [1, 2, 3]}]\n",
        "5:23: error: training.epochs: values 2 and 3 of the list are both 2; the values "
        "are rounded to integers: ask for fewer of them");
    expect_message(BASE "seeds: [1, null]\n",
                   "3:12: error: seeds: expected an integer of at least 0, found nothing");
    expect_message(BASE "seeds: [1, -2]\n",
                   "3:12: error: seeds: -2 is out of range, expected an integer of at least 0");
    expect_message(BASE "seed: 3\nseeds: 2\n",
                   "4:1: error: both \"seed\" (line 3) and \"seeds\" are given; keep one "
                   "of them: \"seeds: [3]\" is one run with seed 3");
}

Test(sweep, too_many_runs)
{
    struct text yaml = {0};
    text_append(&yaml, GRID "training.epochs: [1");
    for (int i = 2; i <= 1000; i++) text_format(&yaml, ", %d", i);
    text_append(&yaml, "]\nseeds: 100\n");
    struct reading reading = read_text(text_data(&yaml));
    cr_expect_eq(reading.status, BASIN_OK);
    cr_expect_eq(reading.spec->run_count, 100000);
    reading_free(&reading);
    yaml.length -= strlen("100\n");
    text_append(&yaml, "101\n");
    reading = read_text(text_data(&yaml));
    cr_expect(strstr(text_data(&reading.printed),
                     "study.yaml:3:1: error: the sweep makes 101000 runs, more than the 100000"));
    reading_free(&reading);
    text_free(&yaml);
}

Test(sweep, a_combination_that_does_not_fit_is_named)
{
    struct reading reading = read_text(
        GRID "training.optimizer: [sgd, adam]\n    training.optimizer.momentum: [0, 0.9]\n");
    struct value *run = NULL;
    cr_assert_eq(reading.status, BASIN_OK);
    cr_expect_eq(spec_run(reading.spec, 1, reading.arena, &reading.diagnostics, &run), BASIN_OK);
    cr_expect_eq(spec_run(reading.spec, 3, reading.arena, &reading.diagnostics, &run), BASIN_SPEC);
    cr_expect_null(run);
    diagnostics_print(&reading.diagnostics, &reading.printed);
    cr_expect_str_eq(
        text_data(&reading.printed),
        "study.yaml:6:5: error: unknown key \"momentum\" in training.optimizer (type: adam), in "
        "the run with "
        "training.optimizer=adam, training.optimizer.momentum=0.9; only these have it: sgd\n"
        "    6 |     training.optimizer.momentum: [0, 0.9]\n      |     "
        "^~~~~~~~~~~~~~~~~~~~~~~~~~~\n");
    reading_free(&reading);
}

/* ---- paired lists, draws, points, unions ---- */

#define SWEEP BASE "sweep:\n"
#define SPEED "training.optimizer.learning_rate"

static double rate_at(struct reading *reading, size_t index)
{
    return value_number(run_at(reading, index), SPEED);
}

Test(sweep, zip_takes_lists_side_by_side)
{
    struct reading reading = read_text(
        SWEEP "  zip:\n    training.batch_size: [8, 16, 32]\n    " SPEED ": [0.1, 0.2, 0.1]\n"
              "  grid: {training.epochs: [1, 2]}\nseeds: 2\n");
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_expect_eq(reading.spec->run_count, 12);
    static const int64_t sizes[] = {8, 16, 32};
    static const double rates[] = {0.1, 0.2, 0.1};
    for (size_t i = 0; i < 12; i++) {
        struct value *run = run_at(&reading, i);
        cr_expect_eq(value_integer(run, "training.batch_size"), sizes[i / 4]);
        cr_expect_eq(value_number(run, SPEED), rates[i / 4]);
        cr_expect_eq(value_integer(run, "training.epochs"), 1 + (int64_t)(i / 2 % 2));
    }
    reading_free(&reading);
    reading = read_text(
        SWEEP "  zip:\n    - {training.batch_size: [8, 16], training.epochs: [1, 2]}\n    - {" SPEED
              ": [0.1, 0.2, 0.3]}\n");
    cr_expect_eq(reading.spec->run_count, 6);
    reading_free(&reading);
    expect_message(SWEEP "  zip: {training.epochs: [1, 2], training.batch_size: [8]}\n",
                   "4:55: error: training.batch_size: the list has 1 values, but that of "
                   "training.epochs has 2; the lists of a zip are "
                   "taken side by side");
    expect_message(SWEEP "  zip: {training.epochs: [1, 2, 1], training.batch_size: [8, 8, 8]}\n",
                   "4:33: error: points 1 and 3 of the list are both training.epochs=1 "
                   "training.batch_size=8; remove one of them");
}

Test(sweep, points_that_are_written_out)
{
    struct reading reading =
        read_text(SWEEP "  list:\n    - {architecture: linear, training.epochs: 5}\n"
                        "    - {architecture.hidden: [7]}\n");
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_expect_eq(reading.spec->run_count, 2);
    cr_expect_str_eq(value_text(run_at(&reading, 0), "architecture.type"), "linear");
    cr_expect_eq(value_integer(run_at(&reading, 0), "training.epochs"), 5);
    cr_expect_str_eq(value_text(run_at(&reading, 1), "architecture.type"), "mlp");
    cr_expect_eq(value_item_integer(run_at(&reading, 1), "architecture.hidden", 0), 7);
    cr_expect_eq(value_integer(run_at(&reading, 1), "training.epochs"), 10);
    reading_free(&reading);
    expect_message(SWEEP "  list: {training.epochs: 5}\n",
                   "4:9: error: sweep.list: expected a list of points, found a block of keys; "
                   "write \"- {path: value, path: value}\" for "
                   "each point");
    expect_message(
        SWEEP "  list: [{training.epochs: 5}, {training.epochs: 5}]\n",
        "4:50: error: training.epochs: values 1 and 2 of the list are both 5; remove one of them");
}

Test(sweep, draws_are_in_their_range_and_stay_when_more_are_asked_for)
{
    static const char few[] = SWEEP "  random: {n: 50, seed: 4, " SPEED
                                    ": {log_uniform: [1.0e-4, 1.0e-1]}, training.batch_size: "
                                    "{int_uniform: [8, 11]}, training.epochs: {choice: [3, 5]}, "
                                    "regularizers.weight_decay: {uniform: [0, 2]}}\n";
    static const char more[] = SWEEP "  random: {n: 60, seed: 4, " SPEED
                                     ": {log_uniform: [1.0e-4, 1.0e-1]}, training.batch_size: "
                                     "{int_uniform: [8, 11]}}\n";
    struct reading reading = read_text(few), longer = read_text(more);
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    double below = 0, sizes[4] = {0}, epochs[6] = {0};
    for (size_t i = 0; i < 50; i++) {
        struct value *run = run_at(&reading, i);
        double rate = value_number(run, SPEED),
               decay = value_number(run, "regularizers.weight_decay");
        cr_assert(rate >= 1e-4 && rate <= 1e-1);
        cr_assert(decay >= 0 && decay <= 2);
        below += rate < 3.1623e-3;
        int64_t size = value_integer(run, "training.batch_size");
        cr_assert(size >= 8 && size <= 11);
        sizes[size - 8]++;
        epochs[value_integer(run, "training.epochs")]++;
        cr_expect_eq(rate_at(&longer, i), rate,
                     "a larger n, and another path less, change nothing");
        cr_expect_eq(value_integer(run_at(&longer, i), "training.batch_size"), size);
    }
    cr_expect(below > 12 && below < 38, "half of the rates lie below the geometric mean: %.0f",
              below);
    for (int i = 0; i < 4; i++) cr_expect_gt(sizes[i], 3);
    cr_expect_gt(epochs[3], 10);
    cr_expect_gt(epochs[5], 10);
    reading_free(&reading);
    reading_free(&longer);
    expect_message(
        SWEEP "  random: {training.epochs: {choice: [1]}}\n",
        "4:11: error: sweep.random: the number of points, n, is missing; write \"n: 20\"");
    expect_message(SWEEP "  random: {n: 3, training.epochs: {unifrom: [1, 2]}}\n",
                   "4:35: error: training.epochs: expected one of uniform, log_uniform, "
                   "int_uniform, normal, choice with its numbers; did "
                   "you mean \"uniform\"?");
    expect_message(
        SWEEP "  random: {n: 3, " SPEED ": {log_uniform: [0, 1]}}\n",
        "4:66: error: training.optimizer.learning_rate: log_uniform needs two positive numbers");
}

Test(sweep, a_union_is_all_runs_of_its_members)
{
    struct reading reading = read_text(
        SWEEP "  union:\n    - grid: {training.epochs: [1, 2], training.batch_size: [8, 16]}\n"
              "    - list: [{architecture: linear, training.epochs: 3}]\n"
              "  grid: {" SPEED ": [0.1, 0.2]}\n");
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_expect_eq(reading.spec->run_count, 10);
    cr_expect_str_eq(value_text(run_at(&reading, 9), "architecture.type"), "linear");
    cr_expect_eq(value_integer(run_at(&reading, 9), "training.epochs"), 3);
    cr_expect_eq(value_integer(run_at(&reading, 9), "training.batch_size"), 128,
                 "as if nothing were swept");
    cr_expect_eq(rate_at(&reading, 9), 0.2);
    reading_free(&reading);
    expect_message(SWEEP
                   "  union: [{grid: {training.epochs: [1, 2]}}]\n  grid: {training.epochs: [3]}\n",
                   "5:10: error: training.epochs: this is swept already, in line 4; keep one of "
                   "them, or put them under sweep.union");
    expect_message(SWEEP "  union: [{exclude: {training.epochs: 1}}]\n",
                   "4:12: error: exclude cannot stand inside a union; put it beside \"union\"");
}

Test(sweep, numbers_that_are_generated)
{
    struct reading reading =
        read_text(SWEEP "  grid:\n    " SPEED ": [{logspace: [1.0e-4, 0.1, 4]}, 0.5]\n"
                        "    training.batch_size: {range: [8, 32, 8]}\n    training.epochs: "
                        "{linspace: [1, 5, 3]}\n");
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_expect_eq(reading.spec->run_count, 5 * 3 * 3);
    static const double rates[] = {1e-4, 1e-3, 1e-2, 1e-1, 0.5};
    for (size_t i = 0; i < 45; i++) {
        struct value *run = run_at(&reading, i);
        cr_expect_eq(value_number(run, SPEED), rates[i / 9], "%.17g", value_number(run, SPEED));
        cr_expect_eq(value_integer(run, "training.batch_size"), 8 + 8 * (int64_t)(i / 3 % 3));
        cr_expect_eq(value_integer(run, "training.epochs"), 1 + 2 * (int64_t)(i % 3));
    }
    reading_free(&reading);
    expect_message(SWEEP "  grid: {" SPEED ": [{logspace: [-4, -1, 4]}]}\n",
                   "4:56: error: training.optimizer.learning_rate: logspace goes from the first "
                   "value to the second, both positive; they are "
                   "values and not exponents");
    expect_message(
        SWEEP "  grid: {training.epochs: [{range: [5, 1, 1]}]}\n",
        "4:36: error: training.epochs: the step does not lead from the first number to the second");
    expect_message(SWEEP "  grid: {architecture.type: [{linspace: [1, 2, 2]}]}\n",
                   "4:30: error: architecture.type: linspace makes numbers, which this is not; "
                   "write the values themselves");
}

/* ---- conditions ---- */

Test(sweep, conditions_leave_runs_out)
{
    struct reading reading = read_text(
        SWEEP "  grid:\n    training.optimizer: [sgd, {type: adam, learning_rate: 0.001}]\n"
              "    training.batch_size: [8, 16, 32, 64]\n    architecture.hidden: [[4], [8]]\n"
              "  exclude:\n    - {training.optimizer: adam, training.batch_size: [8, 32]}\n"
              "    - {training.batch_size: {above: 32}}\n"
              "    - {training.optimizer.momentum: 0, architecture.hidden: [8]}\n");
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_assert_eq(reading.spec->run_count, 3 + 2, "%zu",
                 reading.spec->run_count); /* sgd: 3 sizes, [4]; adam: 16, both */
    for (size_t i = 0; i < 5; i++) {
        struct value *run = run_at(&reading, i);
        bool adam = strcmp(value_text(run, "training.optimizer.type"), "adam") == 0;
        cr_expect_eq(adam, i > 2);
        cr_expect_leq(value_integer(run, "training.batch_size"), 32);
        if (adam)
            cr_expect_eq(value_integer(run, "training.batch_size"), 16);
        else
            cr_expect_eq(value_item_integer(run, "architecture.hidden", 0), 4,
                         "a default counts as a value");
    }
    reading_free(&reading);
    reading = read_text(SWEEP "  grid: {training.batch_size: [8, 16, 32]}\n  exclude: "
                              "{training.batch_size: {not: 16}}\n");
    cr_expect_eq(reading.spec->run_count, 1);
    reading_free(&reading);
    reading = read_text(
        SWEEP
        "  grid: {training.optimizer: [sgd, adam]}\n  exclude: {training.optimizer: {not: sgd}}\n");
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_assert_eq(reading.spec->run_count, 1);
    cr_expect_str_eq(value_text(run_at(&reading, 0), "training.optimizer.type"), "sgd");
    reading_free(&reading);
    reading = read_text(SWEEP "  grid: {training.batch_size: [8, 16, 32]}\n  exclude: "
                              "{training.batch_size: {above: 8, below: 32, not: 10}}\n");
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_assert_eq(reading.spec->run_count, 2);
    cr_expect_eq(value_integer(run_at(&reading, 1), "training.batch_size"), 32);
    reading_free(&reading);
    expect_message(
        SWEEP
        "  grid: {training.epochs: [1, 2]}\n  exclude: {training.epochs: {above: 1, over: 3}}\n",
        "5:41: error: training.epochs: expected above, below, at_least, at_most or not, found "
        "\"over\"");
    expect_message(
        SWEEP
        "  grid: {training.optimizer: [sgd, adam]}\n  exclude: {training.optimizer: {above: 3}}\n",
        "5:41: error: training.optimizer: above compares numbers, which this is not; write a "
        "value, or a list of values");
    expect_message(SWEEP "  grid: {training.epochs: [1, 2]}\n  exclude: {training.epochs: []}\n",
                   "5:30: error: training.epochs: the list is empty, and would never hold");
    expect_message(
        SWEEP "  grid: {training.epochs: [1, 2]}\n  exclude: [{training.epochs: {at_least: 1}}]\n",
        "5:3: error: the conditions exclude all 2 runs");
    expect_message(SWEEP "  grid: {training.epochs: [1, 2]}\n  exclude: [{training.epoch: 1}]\n",
                   "5:14: error: no parameter has the path \"training.epoch\"; did you mean "
                   "\"training.epochs\"?");
    expect_message(
        SWEEP "  grid: {training.epochs: [1, 2]}\n  exclude: [{training.epochs: x}]\n",
        "5:31: error: training.epochs: expected an integer of at least 1 (epochs), found \"x\"");
}

Test(sweep, a_parameter_that_exists_under_a_condition)
{
    struct reading reading =
        read_text(SWEEP "  grid:\n    training.optimizer: [sgd, adam]\n    "
                        "training.optimizer.momentum: [0.5, 0.9]\n"
                        "    training.epochs: [1, 2]\n  when:\n    training.optimizer.momentum: "
                        "{training.optimizer: sgd}\n"
                        "seeds: 2\n");
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_assert_eq(reading.spec->run_count, 2 * 2 * 2 + 2 * 2);
    for (size_t i = 0; i < 12; i++) {
        struct value *run = run_at(&reading, i);
        bool sgd = strcmp(value_text(run, "training.optimizer.type"), "sgd") == 0;
        cr_expect_eq(sgd, i < 8);
        cr_expect_eq(sgd, value_has(run, "training.optimizer.momentum"));
        cr_expect_eq(spec_axis_value(reading.spec, i, 1) != NULL, sgd);
        cr_expect_eq(value_integer(run, "seed"), (int64_t)(i % 2));
        if (sgd) cr_expect_eq(value_number(run, "training.optimizer.momentum"), i < 4 ? 0.5 : 0.9);
    }
    reading_free(&reading);
    expect_message(
        SWEEP
        "  grid: {training.epochs: [1, 2]}\n  when: {training.batch_size: {training.epochs: 1}}\n",
        "5:10: error: sweep.when: training.batch_size is not swept; name a path of grid, zip, "
        "random or list");
}

Test(sweep, points_of_a_list_that_differ_only_where_they_are_idle_are_one_run)
{
    struct reading reading = read_text(
        SWEEP "  list:\n    - {training.optimizer: sgd, training.optimizer.momentum: 0.5}\n"
              "    - {training.optimizer: sgd, training.optimizer.momentum: 0.9}\n"
              "    - {training.optimizer: adam, training.optimizer.momentum: 0.5}\n"
              "    - {training.optimizer: adam, training.optimizer.momentum: 0.9}\n"
              "  when: {training.optimizer.momentum: {training.optimizer: sgd}}\n");
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_assert_eq(reading.spec->run_count, 3, "%zu", reading.spec->run_count);
    cr_expect_str_eq(value_text(run_at(&reading, 2), "training.optimizer.type"), "adam");
    reading_free(&reading);
}

static void expect_runs(const char *text, size_t runs, size_t merged, size_t excluded, size_t notes)
{
    struct reading reading = read_text(text);
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_expect_eq(reading.spec->run_count, runs, "%s%zu runs", text, reading.spec->run_count);
    cr_expect_eq(reading.spec->merged, merged, "%s%zu merged", text, reading.spec->merged);
    cr_expect_eq(reading.spec->excluded, excluded, "%s%zu excluded", text, reading.spec->excluded);
    cr_expect_eq(reading.spec->note_count, notes, "%s%zu notes", text, reading.spec->note_count);
    reading_free(&reading);
}

#define MOMENTA(...)                                                                               \
    "grid: {training.optimizer: [sgd, adam], training.optimizer.momentum: [" __VA_ARGS__ "]}"
#define WHEN_SGD "  when: {training.optimizer.momentum: {training.optimizer: sgd}}\n"

Test(sweep, what_says_the_same_is_merged_where_it_was_written_twice)
{
    expect_runs(SWEEP "  " MOMENTA("0.5, 0.9") "\n" WHEN_SGD, 3, 0, 0,
                0); /* adam is one by nature */
    expect_runs(SWEEP "  union:\n    - " MOMENTA("0.5, 0.9") "\n    - " MOMENTA(
                    "0.1, 0.2, 0.3") "\n" WHEN_SGD,
                6, 1, 0, 0);
    expect_runs(SWEEP "  union:\n    - " MOMENTA(
                    "0.5, 0.9") "\n    - grid: {training.optimizer.momentum: [0.1, 0.2], "
                                "training.optimizer: [adam]}\n" WHEN_SGD "seeds: 3\n",
                9, 3, 0, 0); /* whatever the order of the keys */
    expect_runs(SWEEP
                "  list:\n    - {training.optimizer: adam, training.optimizer.momentum: 0.5}\n"
                "    - {training.optimizer.momentum: 0.9, training.optimizer: adam}\n    - "
                "{training.optimizer: sgd}\n" WHEN_SGD,
                2, 1, 0, 0);
    /* What is left out anyway is not merged. */
    expect_runs(SWEEP "  union:\n    - " MOMENTA("0.5, 0.9") "\n    - " MOMENTA(
                    "0.1, 0.2") "\n" WHEN_SGD "  exclude: [{training.optimizer: adam}, "
                                "{training.optimizer.momentum: 0.9}]\n",
                3, 0, 3, 0);
}

Test(sweep, conditions_without_effect_are_told)
{
    expect_runs(SWEEP "  " MOMENTA("0.5") "\n  exclude: [{training.optimizer.momentum: 0.9}, "
                                          "{training.optimizer: adam}]\n" WHEN_SGD,
                1, 0, 1, 1);
    expect_runs(SWEEP "  grid: {training.optimizer.momentum: [0.5, 0.9]}\n" WHEN_SGD, 2, 0, 0, 1);
    expect_runs(SWEEP "  grid: {training.batch_size: [8, 16], training.epochs: [1, 2]}\n  when: "
                      "{training.batch_size: {training.epochs: 3}}\n",
                2, 0, 0, 1);
}

#define CONDITIONAL(condition, path)                                                               \
    SWEEP "  grid:\n    training.epochs: [1, 2]\n    training.optimizer: [sgd, adam]\n    "        \
          "training.batch_size: [8, 16]\n"                                                         \
          "    training.optimizer.momentum: [0.5]\n  when:\n    training.batch_size: {" condition  \
          "}\n    " path ": {training.epochs: 1}\n"

Test(sweep, a_condition_cannot_look_at_what_is_conditional)
{
    expect_message(CONDITIONAL("training.optimizer: sgd", "training.optimizer"),
                   "10:27: error: sweep.when: a condition cannot look at training.optimizer.type, "
                   "since training.optimizer is conditional itself; "
                   "write the points out under sweep.list or sweep.union");
    expect_message(CONDITIONAL("training.optimizer: {type: sgd}", "training.optimizer.momentum"),
                   "10:27: error: sweep.when: a condition cannot look at training.optimizer, since "
                   "training.optimizer.momentum is conditional itself; "
                   "write the points out under sweep.list or sweep.union");
    expect_message(CONDITIONAL("training.optimizer.momentum: 0.5", "training.optimizer.momentum"),
                   "10:27: error: sweep.when: a condition cannot look at "
                   "training.optimizer.momentum, which is conditional itself");
    expect_message(CONDITIONAL("training.batch_size: 8", "training.optimizer.momentum"),
                   "10:27: error: sweep.when: a condition cannot look at training.batch_size, "
                   "which is conditional itself");
}

Test(sweep, points_of_a_list_are_compared_whatever_the_order_of_their_keys)
{
    expect_message(SWEEP "  list:\n    - {training.epochs: 1, training.batch_size: 8}\n    - "
                         "{training.batch_size: 8, training.epochs: 1}\n",
                   "6:49: error: points 1 and 2 of the list are both training.epochs=1 "
                   "training.batch_size=8; remove one of them");
}

Test(sweep, a_range_has_its_first_value)
{
    expect_runs(SWEEP "  grid: {training.optimizer.momentum: [{range: [0, 1.0e-10, 1]}]}\n", 1, 0,
                0, 0);
    expect_runs(SWEEP "  grid: {training.optimizer.momentum: [{range: [0, 0.3, 0.1]}]}\n", 3, 0, 0,
                0);
}

/* 40,000 draws that say two things, 20,000 of them by nature: not each with each. */
Test(sweep, draws_with_conditions_take_no_time, .timeout = 20)
{
    struct reading reading =
        read_text(SWEEP "  random: {n: 40000, training.optimizer: {choice: [sgd, adam]}, "
                        "training.optimizer.momentum: {uniform: [0, 1]}}\n" WHEN_SGD);
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_expect_eq(reading.spec->run_count + reading.spec->merged, 40000);
    cr_expect_gt(reading.spec->merged, 19000);
    reading_free(&reading);
}

Test(sweep, fewer_runs_may_be_allowed)
{
    struct arena *arena;
    struct diagnostics diagnostics;
    struct spec *spec;
    static const char text[] = SWEEP "  grid: {training.epochs: [1, 2, 3]}\n";
    struct spec_request request = {.file = "s.yaml",
                                   .text = text,
                                   .length = sizeof text - 1,
                                   .folder = "/",
                                   .schema = test_schema,
                                   .most_runs = 2};
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    diagnostics_start(&diagnostics, arena);
    cr_assert_eq(spec_read(arena, &request, &diagnostics, &spec), BASIN_SPEC);
    cr_expect_not_null(strstr(diagnostics.items[0].message,
                              "the sweep makes 3 runs, more than the 2 that one study may have"),
                       "%s", diagnostics.items[0].message);
    request.most_runs = 3;
    diagnostics_start(&diagnostics, arena);
    cr_assert_eq(spec_read(arena, &request, &diagnostics, &spec), BASIN_OK);
    arena_destroy(arena);
}

/* null on an axis is the parameter's default, or its absence where it is optional. */
Test(sweep, null_is_a_value_of_an_axis)
{
    struct reading reading =
        read_text(GRID "training.log_every: [null, 5]\n    training.epochs: [~, 3]\n"
                       "    training.optimizer: [{type: sgd, momentum: 0.5}, null]\n"
                       "    architecture.hidden: [[7], null]\n");
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_expect_eq(reading.spec->run_count, 16);
    struct text printed = {0};
    value_print_short(&printed, reading.spec->axes[0].values[0]);
    cr_expect_str_eq(text_data(&printed), "null");
    text_free(&printed);
    struct value *first = run_at(&reading, 0), *last = run_at(&reading, 15);
    cr_expect_not(value_has(first, "training.log_every"));
    cr_expect_eq(value_integer(first, "training.epochs"), 10);
    cr_expect_eq(value_number(first, "training.optimizer.momentum"), 0.5);
    cr_expect_eq(value_integer(last, "training.log_every"), 5);
    cr_expect_eq(value_integer(last, "training.epochs"), 3);
    cr_expect_eq(value_number(last, "training.optimizer.momentum"), 0);
    cr_expect_eq(value_item_integer(last, "architecture.hidden", 0), 128);
    reading_free(&reading);
    expect_message(GRID "training.epochs: [null, 10]\n",
                   "5:29: error: training.epochs: values 1 and 2 of the list are both 10; remove "
                   "one of them");
    expect_message(GRID "architecture: [null, linear]\n",
                   "5:20: error: architecture: expected the name of one architecture, found "
                   "nothing; architectures: linear, mlp, cnn");
}

Test(sweep, conditions_on_null)
{
    static const struct {
        const char *condition;
        size_t runs;
    } cases[] = {{"{training.log_every: null}", 4},
                 {"{training.log_every: [null, 5]}", 2},
                 {"{training.log_every: {not: null}}", 2},
                 {"{training.log_every: {not: 5}}", 2},
                 {"{training.log_every: {above: 5}}", 4},
                 {"{training.log_every: null, training.epochs: 2}", 5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text written = {0};
        text_format(&written,
                    GRID "training.log_every: [null, 5, 6]\n    training.epochs: [1, 2]\n"
                         "  exclude: [%s]\n",
                    cases[i].condition);
        struct reading reading = read_text(text_data(&written));
        cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
        cr_expect_eq(reading.spec->run_count, cases[i].runs, "%s: %zu", cases[i].condition,
                     reading.spec->run_count);
        reading_free(&reading);
        text_free(&written);
    }
    struct reading reading = read_text(GRID "training.epochs: [1, 2]\n"
                                            "  exclude: [{training.log_every: null, "
                                            "training.epochs: 1}, {training.log_every: {not: "
                                            "3}}]\n");
    cr_expect_eq(reading.spec->run_count, 1, "null is what is not given, but no value");
    reading_free(&reading);
}

#define NET "study: s\narchitecture: {type: mlp, hidden: [1, 2]}\n"

/* An item of a list is an axis of its own: by its number, also in the default. */
Test(sweep, items_of_lists)
{
    struct reading reading = read_text(NET "sweep:\n  grid:\n    architecture.hidden.1: [8, 16]\n"
                                           "    architecture.hidden.0: [1, 3]\n"
                                           "    training.milestones.0: [0.25, 0.75]\n"
                                           "  exclude: [{architecture.hidden.0: 3, "
                                           "architecture.hidden.1: {above: 10}}]\n");
    cr_assert_eq(reading.status, BASIN_SPEC, "there is no milestone to set");
    cr_expect(strstr(text_data(&reading.printed),
                     "study.yaml:7:5: error: training.milestones: there is no item 0 in this list "
                     "of 0; set the whole list\n"),
              "%s", text_data(&reading.printed));
    reading_free(&reading);
    reading = read_text(
        NET "training: {milestones: [0.1, 0.5]}\nsweep:\n  grid:\n"
            "    architecture.hidden.1: [8, 16]\n    architecture.hidden.0: [1, 3]\n"
            "    training.milestones.1: [0.25, 0.75]\n"
            "  exclude: [{architecture.hidden.0: 3, architecture.hidden.1: {above: 10}}]\n");
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_expect_eq(reading.spec->run_count, 6);
    struct value *run = run_at(&reading, 5);
    cr_expect_eq(value_item_integer(run, "architecture.hidden", 0), 1);
    cr_expect_eq(value_item_integer(run, "architecture.hidden", 1), 16);
    cr_expect_eq(value_integer(run, "architecture.hidden.1"), 16);
    cr_expect_eq(value_number(run, "training.milestones.0"), 0.1);
    cr_expect_eq(value_number(run, "training.milestones.1"), 0.75);
    reading_free(&reading);
    reading = read_text("study: s\narchitecture: mlp\nsweep: {grid: {architecture.hidden.0: [7, "
                        "9]}}\n");
    cr_expect_eq(value_integer(run_at(&reading, 1), "architecture.hidden.0"), 9);
    reading_free(&reading);
    expect_message("study: s\narchitecture: {type: mlp, hidden: [4, 6]}\nsweep: {grid: "
                   "{architecture.hidden.2: [7, 9]}}\n",
                   "3:16: error: architecture.hidden: there is no item 2 in this list of 2; its "
                   "items are 0 to 1; to have more, set the whole list");
    expect_message(
        "study: s\narchitecture: mlp\nsweep: {grid: {architecture.hidden.0: [0, 9]}}\n",
        "3:40: error: architecture.hidden.0: 0 is out of range, expected an integer from "
        "1 to 65536 (units)");
}

#define WARMUP(values, condition)                                                                  \
    "study: s\narchitecture: linear\ntraining: {schedule: cosine}\nsweep:\n  grid: "               \
    "{training.schedule.warmup: [" values "]}\n  exclude: [{training.schedule.warmup: " condition  \
    "}]\n"
#define MIXED(one, other)                                                                          \
    "6:14: error: training.schedule.warmup: the condition compares with a number of " one          \
    ", and a value of the sweep is given in " other                                                \
    "; give both in the same unit, or list the values that are meant"

/* Steps are compared with steps and epochs with epochs; one with the other is refused. */
Test(sweep, conditions_in_epochs)
{
    expect_message(WARMUP("100, 200, 1 epoch", "{above: 50}"), MIXED("steps", "epochs"));
    expect_message(WARMUP("1 epoch, 2 epochs", "{at_most: 1}"), MIXED("steps", "epochs"));
    expect_message(WARMUP("100, 2 epochs", "{above: 1 epoch}"), MIXED("epochs", "steps"));
    expect_runs(WARMUP("1 epoch, 2 epochs, 3.5 epochs", "{above: 1 epoch, below: 3 epochs}"), 2, 0,
                1, 0);
    expect_runs(WARMUP("100, 200, 1 epoch", "[100, 1 epoch]"), 1, 0, 2, 0);
    expect_runs(WARMUP("100, 1 epoch", "{at_most: 0}"), 2, 0, 0, 1);
}

#define ITEM(line, column, of)                                                                     \
    line ":" column ": error: architecture.hidden.0: this is part of architecture.hidden, which "  \
         "is swept as a whole in " of "; write whole lists, or put the two under sweep.union"

/* A list and an item of it: in any order, of any generators, but not where no run has both. */
Test(sweep, a_list_and_its_item)
{
    static const char both[] =
        BASE "sweep: {union: [grid: {architecture.hidden: [[8, 4], [9, 5]]}, "
             "grid: {architecture.hidden.0: [3, 5]}]}\n";
    expect_message(BASE "sweep:\n  grid:\n    architecture.hidden: [[8, 4], [16, 8]]\n    "
                        "architecture.hidden.0: [3, 5]\n",
                   ITEM("6", "5", "line 5"));
    expect_message(BASE "sweep:\n  grid:\n    architecture.hidden.0: [3, 5]\n  zip:\n    "
                        "architecture.hidden: [[8, 4], [16, 8]]\n",
                   ITEM("5", "5", "line 7"));
    expect_message(BASE "sweep:\n  zip:\n    architecture.hidden: [[8, 4], [16, 8]]\n    "
                        "architecture.hidden.0: [3, 5]\n",
                   ITEM("6", "5", "line 5"));
    expect_message(BASE "sweep:\n  list:\n    - {architecture.hidden: [8, 4]}\n    - "
                        "architecture.hidden: [8, 4]\n      architecture.hidden.0: 3\n",
                   ITEM("7", "7", "line 5"));
    expect_runs(both, 4, 0, 0, 0);
}
