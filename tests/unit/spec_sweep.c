#include "spec_schema.h"

#define BASE "study: s\narchitecture: mlp\n"
#define GRID BASE "sweep:\n  grid:\n    "

static struct value *run_at(struct reading *reading, size_t index)
{
    struct value *run = NULL;
    cr_assert_eq(reading->status, BASIN_OK, "%s", text_data(&reading->printed));
    cr_assert_eq(spec_run(reading->spec, index, reading->arena, &reading->diagnostics, &run), BASIN_OK);
    return run;
}

Test(sweep, the_last_axis_varies_fastest_and_seeds_are_last)
{
    struct reading reading =
        read_text(GRID "training.batch_size: [8, 16]\n    regularizers.weight_decay: [0, 5.0e-4, 5.0e-3]\nseeds: 2\n");
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
    struct reading reading = read_text(GRID "architecture.hidden: [[64], [64, 32]]\n"
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
    struct reading reading =
        read_text(GRID "training.optimizer.learning_rate: [0.3, 0.4]\n    training.optimizer: [sgd, adam]\n");
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
                   "1:30: error: regularizers.weight_decay: -5 is out of range, expected a number from 0 to 1000000");
}

Test(sweep, a_required_value_may_come_from_the_sweep)
{
    struct reading reading =
        read_text("study: s\nsweep: {grid: {architecture: [linear, {type: cnn, channels: [4]}]}}\n");
    cr_expect_str_eq(value_text(run_at(&reading, 1), "architecture.type"), "cnn");
    reading_free(&reading);
}

Test(sweep, errors_at_their_place)
{
    expect_report(GRID "training.epochs: []\n",
                  "study.yaml:5:22: error: training.epochs: the axis is empty; it needs at least one value\n"
                  "    5 |     training.epochs: []\n      |                      ^~\n");
    expect_message(GRID "training.epohs: [1]\n",
                   "5:5: error: no parameter has the path \"training.epohs\"; did you mean \"training.epochs\"?");
    expect_message(GRID "lr: [1]\n",
                   "5:5: error: no parameter has the path \"lr\"; did you mean \"training.optimizer.learning_rate\"?");
    expect_message(GRID "training.epochs: [1, 2, x]\n",
                   "5:29: error: training.epochs: expected an integer of at least 1 (epochs), found \"x\"");
    expect_message(GRID "training.epochs: 3\n",
                   "5:22: error: training.epochs: an axis is a list of values, found one value; write [3]");
    expect_message(GRID "training.epochs:\n",
                   "5:5: error: training.epochs: an axis is a list of values, found nothing");
    expect_message(
        GRID "training: {epochs: [3]}\n",
        "5:15: error: training: an axis is a list of values, found a block of keys; write the whole path in one: "
        "\"training.epochs: [...]\"");
    expect_message(GRID "regularizers.weight_decay: [1, 0, 1.0]\n",
                   "5:39: error: regularizers.weight_decay: the value 1.0 is repeated; it is number 1 of the list");
    expect_message(GRID "training.optimizer: [{type: sgd}, adam, sgd]\n",
                   "5:45: error: training.optimizer: the value sgd is repeated; it is number 1 of the list");
    expect_message(GRID "study: [a, b]\n", "5:5: error: study: this cannot be swept");
    expect_message(GRID "dataset.path: [a, b]\n", "5:5: error: dataset.path: this cannot be swept");
    expect_message(GRID "architecture.hidden: [64, 32]\n",
                   "5:27: error: architecture.hidden: expected a list of integers from 1 to 65536 (units), found one "
                   "value; write [64]");
    expect_message(GRID "training.epochs: [1]\n    training.epochs: [2]\n",
                   "6:5: error: duplicate key \"training.epochs\"; it stands first in line 5");
    expect_message(GRID "seed: [1, 2]\n",
                   "5:5: error: seeds are not an axis of the grid; write \"seeds: [...]\" beside \"sweep\"");
}

Test(sweep, the_block_itself)
{
    expect_message(
        BASE "sweep:\n",
        "3:1: error: sweep: expected a block of keys, found nothing; write \"grid:\" below it, or remove the key");
    expect_message(
        BASE "sweep: {grid: {}}\n",
        "3:15: error: sweep.grid: the grid is empty; write \"path: [values]\" below it, or remove the sweep");
    expect_message(
        BASE "sweep: {grid: [1]}\n",
        "3:15: error: sweep.grid: expected a block of paths, found a list; write \"path: [values]\" below it");
    expect_message(BASE "sweep: {gird: {}}\n", "3:9: error: unknown key \"gird\" in sweep; did you mean \"grid\"?");
    expect_message(BASE "sweep: {training.epochs: [1]}\n",
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
    expect_message(BASE "seeds: 0\n", "3:8: error: seeds: 0 is out of range, expected an integer from 1 to 100000");
    expect_message(BASE "seeds: []\n", "3:8: error: seeds: the list is empty; it needs at least one seed");
    expect_message(BASE "seeds: [1, 2, 1]\n",
                   "3:15: error: seeds: the value 1 is repeated; it is number 1 of the list");
    expect_message(BASE "seeds: [1, -2]\n",
                   "3:12: error: seeds: -2 is out of range, expected an integer of at least 0");
    expect_message(BASE "seed: 3\nseeds: 2\n", "4:1: error: both \"seed\" (line 3) and \"seeds\" are given; keep one "
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
    struct reading reading =
        read_text(GRID "training.optimizer: [sgd, adam]\n    training.optimizer.momentum: [0, 0.9]\n");
    struct value *run = NULL;
    cr_assert_eq(reading.status, BASIN_OK);
    cr_expect_eq(spec_run(reading.spec, 1, reading.arena, &reading.diagnostics, &run), BASIN_OK);
    cr_expect_eq(spec_run(reading.spec, 3, reading.arena, &reading.diagnostics, &run), BASIN_SPEC);
    cr_expect_null(run);
    diagnostics_print(&reading.diagnostics, &reading.printed);
    cr_expect_str_eq(
        text_data(&reading.printed),
        "study.yaml:6:5: error: unknown key \"momentum\" in training.optimizer (type: adam), in the run with "
        "training.optimizer=adam, training.optimizer.momentum=0.9; only these have it: sgd\n"
        "    6 |     training.optimizer.momentum: [0, 0.9]\n      |     ^~~~~~~~~~~~~~~~~~~~~~~~~~~\n");
    reading_free(&reading);
}
