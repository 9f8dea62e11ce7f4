#include <math.h>
#include "spec_schema.h"

static const char yaml[] =
    "study: s\n"
    "description: 'yes'\n"
    "dataset: {name: idx, path: ../data/./x, train_size: 12, label_noise: .25}\n"
    "architecture: {type: mlp, hidden: [64, 32]}\n"
    "training: {shuffle: false, milestones: [0.5, 1]}\n"
    "measures: {hessian_trace: }\n";

static struct value *run_of(struct reading *reading)
{
    struct value *run = NULL;
    cr_assert_eq(reading->status, BASIN_OK, "%s", text_data(&reading->printed));
    cr_assert_eq(spec_run(reading->spec, 0, reading->arena, &reading->diagnostics, &run), BASIN_OK);
    return run;
}

Test(value, look_ups)
{
    struct reading reading = read_text(yaml);
    struct value *run = run_of(&reading);
    cr_expect_eq(value_integer(run, "dataset.train_size"), 12);
    cr_expect_eq(value_number(run, "dataset.label_noise"), 0.25);
    cr_expect_eq(value_number(run, "dataset.train_size"), 12.0);
    cr_expect_str_eq(value_text(run, "dataset.path"), "/base/data/x");
    cr_expect_not(value_boolean(run, "training.shuffle"));
    cr_expect_eq(value_count(run, "architecture.hidden"), 2);
    cr_expect_eq(value_item_integer(run, "architecture.hidden", 1), 32);
    cr_expect_eq(value_map(run, "measures.hessian_trace")->map.count, 1);
    cr_expect(value_has(run, "training.optimizer.type"));
    cr_expect_not(value_has(run, "training.log_every"), "an optional parameter is absent");
    cr_expect_not(value_has(run, "training.optimizer.typ"));
    cr_expect_not(value_has(run, "training.epochs.x"));
    cr_expect_eq(value_find(run, ""), run);
    reading_free(&reading);
}

Test(value, printing_in_flow_and_block)
{
    struct reading reading = read_text(yaml);
    struct value *run = run_of(&reading);
    struct text out = {0};
    value_print(&out, value_find(run, "dataset"));
    cr_expect_str_eq(text_data(&out),
                     "{name: idx, train_size: 12, test_size: all, test_order: permuted, "
                     "validation_size: 0, label_noise: 0.25, seed: 0, "
                     "path: /base/data/x}");
    out.length = 0;
    value_print_block(&out, run, 0);
    cr_expect(strstr(text_data(&out), "description: \"yes\"\n"));
    cr_expect(strstr(text_data(&out), "architecture:\n  type: mlp\n  hidden: [64, 32]\n"));
    cr_expect(strstr(text_data(&out), "measures:\n  hessian_trace:\n    probes: 100\n"));
    text_free(&out);
    reading_free(&reading);
}

Test(value, short_printing_leaves_out_what_is_default)
{
    struct reading reading = read_text("study: s\narchitecture: {type: mlp, hidden: [64, "
                                       "32]}\ntraining: {optimizer: {type: sgd}}\n"
                                       "measures: {hessian_trace: {probes: 3}}\n");
    struct value *run = run_of(&reading);
    struct text out = {0};
    static const char *const keys[][2] = {{"architecture", "{type: mlp, hidden: [64, 32]}"},
                                          {"training.optimizer", "sgd"},
                                          {"measures", "{hessian_trace: {probes: 3}}"},
                                          {"training.shuffle", "true"}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        out.length = 0;
        value_print_short(&out, value_find(run, keys[i][0]));
        cr_expect_str_eq(text_data(&out), keys[i][1]);
    }
    text_free(&out);
    reading_free(&reading);
}

Test(value, a_printed_run_reads_back_as_itself)
{
    struct reading reading = read_text(yaml);
    struct value *run = run_of(&reading);
    struct text out = {0};
    char id[17], again_id[17];
    value_print_block(&out, run, 0);
    struct reading again = read_text(text_data(&out));
    struct value *read_back = run_of(&again);
    cr_expect(value_equal(run, read_back));
    spec_identity(run, NULL, id);
    spec_identity(read_back, NULL, again_id);
    cr_expect_str_eq(id, again_id);
    text_free(&out);
    reading_free(&again);
    reading_free(&reading);
}

Test(value, equality)
{
    struct value one = {.kind = VALUE_INTEGER, .integer = 1},
                 real = {.kind = VALUE_FLOAT, .number = 1};
    struct value nan = {.kind = VALUE_FLOAT, .number = NAN},
                 text = {.kind = VALUE_TEXT, .text = "1"};
    struct value_member ab[] = {{"a", &one}, {"b", &real}}, ba[] = {{"b", &real}, {"a", &one}},
                        ac[] = {{"a", &one}, {"c", &real}};
    struct value first = {.kind = VALUE_MAP, .map = {ab, 2}},
                 second = {.kind = VALUE_MAP, .map = {ba, 2}};
    struct value third = {.kind = VALUE_MAP, .map = {ac, 2}};
    cr_expect(value_equal(&one, &one));
    cr_expect_not(value_equal(&one, &real));
    cr_expect_not(value_equal(&one, &text));
    cr_expect(value_equal(&nan, &nan));
    cr_expect(value_equal(&first, &second), "the order of keys does not count");
    cr_expect_not(value_equal(&first, &third));
}

/* Each text is what PyYAML 6.0.3, a reader of YAML 1.1, takes for this float (its resolver wants a
 * point, and a sign in the exponent); "1e-5" and "6e1", which it takes for texts, are canonical. */
Test(value, floats_in_a_block_are_floats_of_yaml_1_1)
{
    static const struct {
        double value;
        const char *block, *canonical;
    } cases[] = {{1e-5, "1.0e-05", "1e-5"},
                 {60, "60.0", "6e1"},
                 {0, "0.0", "0.0"},
                 {-2.5, "-2.5", "-2.5"},
                 {0.1, "0.1", "0.1"},
                 {1e-4, "0.0001", "0.0001"},
                 {1.5e-7, "1.5e-07", "1.5e-7"},
                 {1e6, "1000000.0", "1e6"},
                 {1234567.25, "1234567.25", "1234567.25"},
                 {1e15, "1000000000000000.0", "1e15"},
                 {1e16, "1.0e+16", "1e16"},
                 {-1e30, "-1.0e+30", "-1e30"},
                 {0.1 + 0.2, "0.30000000000000004", "0.30000000000000004"},
                 {1.0 / 3e5, "3.3333333333333333e-06", "3.3333333333333333e-6"},
                 {5e-324, "5.0e-324", "5e-324"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value value = {.kind = VALUE_FLOAT, .number = cases[i].value};
        struct text text = {0};
        value_print_block(&text, &value, 0);
        cr_expect_eq(strtod(text_data(&text), NULL), cases[i].value);
        if (text.length) text.data[text.length - 1] = 0; /* the line's end */
        cr_expect_str_eq(text_data(&text), cases[i].block);
        text.length = 0;
        value_print(&text, &value);
        cr_expect_str_eq(text_data(&text), cases[i].canonical);
        text_free(&text);
    }
}
