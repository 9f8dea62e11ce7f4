#include "spec_schema.h"

#define BASE "study: s\narchitecture: linear\n"

Test(resolve, a_minimal_spec_is_complete)
{
    struct reading reading = read_text(BASE);
    struct value *run = NULL;
    cr_assert_eq(reading.status, BASIN_OK);
    cr_assert_eq(spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &run), BASIN_OK);
    cr_expect_eq(value_integer(run, "training.batch_size"), 128);
    cr_expect_str_eq(value_text(run, "training.optimizer.type"), "sgd");
    cr_expect_eq(value_number(run, "training.optimizer.learning_rate"), 0.1);
    cr_expect_str_eq(value_text(run, "dataset.name"), "mnist1d");
    cr_expect_eq(value_integer(run, "dataset.train_size"), VALUE_ALL);
    cr_expect_eq(value_integer(run, "seed"), 0);
    cr_expect(value_find(run, "training")->is_default);
    cr_expect_not(value_find(run, "architecture")->is_default,
                  "a required value is never a default");
    cr_expect_eq(value_find(run, "training.epochs")->mark.line, 0);
    cr_expect_eq(value_find(run, "architecture.type")->mark.line, 2);
    reading_free(&reading);
}

Test(resolve, a_value_equal_to_its_default_is_default)
{
    struct reading reading = read_text("study: s\narchitecture: {type: mlp, hidden: "
                                       "[128]}\ntraining: {epochs: 10, optimizer: {type: sgd, "
                                       "learning_rate: 1e-1}}\nregularizers: {dropout: 0.5}\n");
    struct value *run = NULL;
    cr_assert_eq(reading.status, BASIN_OK);
    spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &run);
    cr_expect(value_find(run, "training")->is_default);
    cr_expect(value_find(run, "architecture.hidden")->is_default);
    cr_expect_not(value_find(run, "regularizers.dropout")->is_default);
    cr_expect_not(value_find(run, "regularizers")->is_default);
    reading_free(&reading);
}

Test(resolve, unknown_keys)
{
    expect_report(BASE "training:\n  optimizer:\n    learnig_rate: 1e-3\n",
                  "study.yaml:5:5: error: unknown key \"learnig_rate\" in training.optimizer "
                  "(type: sgd); did you mean "
                  "\"learning_rate\"?\n    5 |     learnig_rate: 1e-3\n      |     ^~~~~~~~~~~~\n");
    expect_message(BASE "training: {bs: 3}\n",
                   "3:12: error: unknown key \"bs\" in training; did you mean \"batch_size\"?");
    expect_message(BASE "training: {lr: 3}\n", "3:12: error: unknown key \"lr\" in training; did "
                                               "you mean \"training.optimizer.learning_rate\"?");
    expect_message(BASE "training: {learning_rate: 3}\n",
                   "3:12: error: unknown key \"learning_rate\" in training; did you mean "
                   "\"training.optimizer.learning_rate\"?");
    expect_message(BASE "regularizers: {lr: 3}\n",
                   "3:16: error: unknown key \"lr\" in regularizers; did you mean "
                   "\"training.optimizer.learning_rate\"?");
    expect_message(BASE "wd: 0.1\n",
                   "3:1: error: unknown key \"wd\"; did you mean \"regularizers.weight_decay\"?");
    expect_message(
        BASE "training.epochs: 3\n",
        "3:1: error: unknown key \"training.epochs\"; write \"epochs:\" in the block \"training\"");
    expect_message(BASE "training: {optimizer: {type: adam, momentum: 0.9}}\n",
                   "3:36: error: unknown key \"momentum\" in training.optimizer (type: adam); only "
                   "these have it: sgd");
    expect_message(BASE "evaluate: {often: 3}\n",
                   "3:12: error: unknown key \"often\" in evaluate; the only key here is every");
    expect_message(BASE "sweeps: 3\n",
                   "3:1: error: unknown key \"sweeps\"; did you mean \"sweep\"?");
}

Test(resolve, missing_keys)
{
    expect_message("architecture: linear\n",
                   "1:1: error: the key \"study\" is missing; expected 1 to 64 letters, digits, "
                   "\".\", \"_\", \"-\", not starting "
                   "with a dot");
    expect_message("study: s\narchitecture:\n  type: cnn\n",
                   "2:1: error: architecture (type: cnn) needs the key \"channels\"; expected a "
                   "list of integers from 1 to 4096");
    expect_message(
        "study: s\narchitecture: {}\n",
        "2:15: error: architecture: \"type\" is missing; architectures: linear, mlp, cnn");
}

Test(resolve, variants)
{
    expect_report(BASE "training: {optimizer: adam, schedule: {type: cosine, warmup: 3}}\n", "");
    expect_report(BASE "training: {optimizer: {momentum: 0.5}}\n", "");
    expect_message(BASE "training: {optimizer: sdg}\n",
                   "3:23: error: training.optimizer: unknown optimizer \"sdg\"; did you mean "
                   "\"sgd\"? (optimizers: sgd, adam)");
    expect_message("study: s\narchitecture: resnet\n",
                   "2:15: error: architecture: unknown architecture \"resnet\"; architectures: "
                   "linear, mlp, cnn");
    expect_message(BASE "training: {optimizer: [sgd, adam]}\n",
                   "3:23: error: training.optimizer: expected the name of one optimizer, found a "
                   "list; optimizers: sgd, adam");
    expect_message("study: s\narchitecture: {type: }\n",
                   "2:16: error: architecture: expected the name of one architecture, found "
                   "nothing; architectures: "
                   "linear, mlp, cnn");
}

Test(resolve, blocks)
{
    expect_report(BASE "training:\nregularizers: {}\nmeasures:\n", "");
    expect_message(BASE "training: 3\n",
                   "3:11: error: training: expected a block of keys, found one value");
    expect_message(BASE "training:\n- epochs: 3\n",
                   "3:1: error: training: expected a block of keys, found a list");
}

Test(resolve, sets)
{
    expect_report(BASE "measures:\n  hessian_trace:\n  hessian_top: {k: 3}\n", "");
    expect_message(BASE "measures: [hessian_top]\n",
                   "3:11: error: measures: expected a block of keys, found a list; "
                   "write each measure as a key: \"hessian_top: {}\"");
    expect_message(BASE "measures: {hesian_top: {}}\n",
                   "3:12: error: measures: unknown measure \"hesian_top\"; did you mean "
                   "\"hessian_top\"? (measures: hessian_top, "
                   "hessian_trace, weight_norm)");
    expect_message(BASE "measures: {hessian_top: 3}\n",
                   "3:25: error: measures.hessian_top: expected a block of keys, found one value; "
                   "write {k: 3}");
    expect_message(BASE "measures: {hessian_top: {k: 0}}\n",
                   "3:29: error: measures.hessian_top.k: 0 is out of range, expected an integer "
                   "from 1 to 1000");
}

/* The members of `measures` of run 0, as a result would have them. */
static void expect_members(const char *text, const char *expected)
{
    struct reading reading = read_text(text);
    struct value *run = NULL;
    struct text members = {0};
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_assert_eq(spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &run), BASIN_OK);
    value_print(&members, value_map(run, "measures"));
    cr_expect_str_eq(text_data(&members), expected);
    text_free(&members);
    reading_free(&reading);
}

Test(resolve, several_options_of_a_member)
{
    expect_members(BASE "measures: {hessian_top: [{examples: all}, {examples: 1000}, {examples: "
                        "500}]}\n",
                   "{\"hessian_top@examples_500\": {k: 1, examples: 500}, "
                   "\"hessian_top@examples_1000\": {k: 1, examples: 1000}, "
                   "\"hessian_top@examples_all\": {k: 1, examples: all}}");
    expect_members(BASE "measures: {hessian_top: [{k: 3}, {examples: 5, every: 2}]}\n",
                   "{\"hessian_top@k_1_examples_5\": {k: 1, examples: 5, every: 2}, "
                   "\"hessian_top@k_3_examples_2000\": {k: 3, examples: 2000}}");
    expect_members(BASE "measures: {weight_norm: [{every: 2}, {}]}\n",
                   "{\"weight_norm@every_2\": {every: 2}, \"weight_norm@every_none\": {}}");
    expect_members(BASE "measures: {hessian_top: [{k: 3}]}\n",
                   "{hessian_top: {k: 3, examples: 2000}}");
    expect_members(BASE "measures: {hessian_top@k_3: {k: 3}, hessian_top: {}}\n",
                   "{hessian_top: {k: 1, examples: 2000}, \"hessian_top@k_3\": {k: 3, examples: "
                   "2000}}");
    expect_message(BASE "measures: {hessian_top: [{k: 3}, {examples: 2000, k: 3}]}\n",
                   "3:34: error: measures.hessian_top.1: these are the options of item 0, with the "
                   "defaults of what is not written; each item needs options of its own; remove "
                   "this one, or change it");
    expect_message(BASE "measures: {hessian_top: []}\n",
                   "3:25: error: measures.hessian_top: the list is empty; it needs at least one "
                   "item");
    expect_message(BASE "measures: {hessian_top@k_3: {k: 4}}\n",
                   "3:12: error: measures.hessian_top@k_3: \"k_3\" behind the @ does not say "
                   "options of this hessian_top; with these options it says @k_4; hessian_top: "
                   "[{...}, {...}] makes such names by itself");
}

Test(resolve, all_errors_of_a_file_are_reported)
{
    struct reading reading = read_text(
        "study: s\ntraining: {epochs: 0, shuffle: yes, x: 1}\nregularizers: {dropout: 3}\n");
    cr_expect_eq(reading.diagnostics.total, 5);
    reading_free(&reading);
}

Test(resolve, a_wrong_default_is_the_table_s_fault)
{
    static const struct schema_row wrong[] = {{.key = "n", .type = SCHEMA_INTEGER, .fallback = "x"},
                                              {0}};
    struct arena *arena = NULL;
    struct diagnostics diagnostics;
    struct spec *spec = NULL;
    arena_create(&arena);
    diagnostics_start(&diagnostics, arena);
    struct spec_request request = {
        .file = "s", .text = "{}", .length = 2, .folder = "/", .schema = wrong};
    cr_expect_eq(spec_read(arena, &request, &diagnostics, &spec), BASIN_INTERNAL);
    cr_expect_str_eq(
        basin_error_last()->message,
        "the default \"x\" of the parameter \"n\" is wrong: n: expected an integer, found \"x\"");
    arena_destroy(arena);
}
