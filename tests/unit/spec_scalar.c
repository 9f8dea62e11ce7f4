#include <math.h>
#include "spec/value_steps.h"
#include "spec_schema.h"

#define BASE "study: s\narchitecture: linear\n"

/* The report of `training: {KEY: VALUE}` behind the key's path. */
static void expect(const char *block, const char *key, const char *value, const char *expected)
{
    struct text yaml = {0}, message = {0};
    text_format(&yaml, BASE "%s: {%s: %s}\n", block, key, value);
    if (*expected)
        text_format(&message, "study.yaml:3:%zu: error: %s.%s: %s\n",
                    strlen(block) + strlen(key) + 6, block, key, expected);
    struct reading reading = read_text(text_data(&yaml));
    const char *printed = text_data(&reading.printed);
    cr_expect_eq(strncmp(printed, text_data(&message), *expected ? message.length : 1), 0,
                 "%s: %s\ninstead of %s", value, printed, text_data(&message));
    reading_free(&reading);
    text_free(&yaml);
    text_free(&message);
}

static double read_rate(const char *value)
{
    struct text yaml = {0};
    text_format(&yaml, BASE "regularizers: {weight_decay: %s}\n", value);
    struct reading reading = read_text(text_data(&yaml));
    struct value *run = NULL;
    double number = -1;
    if (reading.status == BASIN_OK &&
        spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &run) == BASIN_OK)
        number = value_number(run, "regularizers.weight_decay");
    reading_free(&reading);
    text_free(&yaml);
    return number;
}

Test(scalar, floats_of_the_core_schema)
{
    const struct {
        const char *text;
        double number;
    } cases[] = {{"1e-3", 1e-3},   {"1.", 1},      {".5", .5},   {"+1", 1},
                 {"1", 1},         {"1E2", 100},   {"0", 0},     {"-0.0", 0},
                 {"5.0e-4", 5e-4}, {"1.5e+1", 15}, {"0.1", 0.1}, {"4.9e-324", 4.9e-324}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(read_rate(cases[i].text), cases[i].number, "%s", cases[i].text);
    cr_expect_not(signbit(read_rate("-0.0")), "-0 is 0");
}

Test(scalar, wrong_floats)
{
    const char *key = "weight_decay", *block = "regularizers";
#define RANGE "expected a number from 0 to 1000000, found "
    expect(block, key, "\"0.1\"", RANGE "\"0.1\" in quotes; remove the quotes");
    expect(block, key, "0x10", RANGE "\"0x10\"; write it in decimal, 16");
    expect(block, key, "0o17", RANGE "\"0o17\"; write it in decimal, 15");
    expect(block, key, ".inf", RANGE "\".inf\"; only finite numbers are allowed");
    expect(block, key, "-.Inf", RANGE "\"-.Inf\"; only finite numbers are allowed");
    expect(block, key, ".nan", RANGE "\".nan\"; only finite numbers are allowed");
    expect(block, key, "1e999", RANGE "\"1e999\"; it is too large for a float");
    expect(block, key, "1e-999", RANGE "\"1e-999\"; it is too small for a float");
    expect(block, key, "1_000.5", RANGE "\"1_000.5\"; write 1000.5");
    expect(block, key, "00.5", RANGE "\"00.5\"; leading zeros are not allowed; write 0.5");
    expect(block, key, "05",
           RANGE "\"05\"; leading zeros are not allowed; write 5; decimals have "
                 "a point: 0.05"); /* the second item of [0,05] */
    expect(block, key, "10%", RANGE "\"10%\"; write it as a fraction of 1");
    expect(block, key, "8/255", RANGE "\"8/255\"; write it as a decimal number, 0.03137254902");
    expect(block, key, "1e", RANGE "\"1e\"; write a plain number, without \"e\"");
    expect(block, key, ".", RANGE "\".\"");
    expect(block, key, "ten", RANGE "\"ten\"");
    expect_message(BASE "regularizers: {weight_decay: }\n",
                   "3:16: error: regularizers.weight_decay: " RANGE "nothing");
    expect(block, key, "-1", "-1 is out of range, expected a number from 0 to 1000000");
    expect(block, key, "1000001", "1000001 is out of range, expected a number from 0 to 1000000");
}

/* A comma separates thousands only before groups of three digits; elsewhere it is a point, or the
 * number is a list. */
Test(scalar, separators)
{
    static const struct {
        const char *text, *of_a_number, *of_an_integer;
    } cases[] = {{"4,8", "write 4.8; a list of numbers is [4, 8]",
                  "this is one number; a list of numbers is [4, 8]"},
                 {"-1,25", "write -1.25; a list of numbers is [-1, 25]",
                  "this is one number; a list of numbers is [-1, 25]"},
                 {"0,05", "write 0.05", "write a whole number"},
                 {"0,125", "write 0.125; a list of numbers is [0, 125]",
                  "this is one number; a list of numbers is [0, 125]"},
                 {"1.000,5", "write 1000.5", "write 1000.5"},
                 {"1,000", "write 1000", "write 1000"},
                 {"12,345,678.5", "write 12345678.5", "write 12345678.5"},
                 {"1.234.567", "write 1234567", "write 1234567"},
                 {"1 000", "write 1000", "write 1000"},
                 {"1'000", "write 1000", "write 1000"},
                 {"1,0000", "write 1.0000", "write a whole number"},
                 {"1234,567", "write 1234.567; a list of numbers is [1234, 567]",
                  "this is one number; a list of numbers is [1234, 567]"},
                 {"16,32,64", "this is one number; a list of numbers is [16, 32, 64]",
                  "this is one number; a list of numbers is [16, 32, 64]"},
                 {"0.1,0.01", "this is one number; a list of numbers is [0.1, 0.01]",
                  "this is one number; a list of numbers is [0.1, 0.01]"},
                 {"5,", "write 5, without the comma", "write 5, without the comma"},
                 {"1__0", "write 10", "write 10"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int whole = 0; whole < 2; whole++) {
            struct text set = {0}, hint = {0};
            text_format(&set, "%s=%s", whole ? "training.epochs" : "regularizers.weight_decay",
                        cases[i].text);
            text_format(&hint, "; %s\n", whole ? cases[i].of_an_integer : cases[i].of_a_number);
            struct reading reading =
                read_sets(BASE, strlen(BASE), (const char *const[]){text_data(&set), NULL});
            cr_expect(strstr(text_data(&reading.printed), text_data(&hint)), "%s%s",
                      text_data(&reading.printed), text_data(&hint));
            reading_free(&reading);
            text_free(&set);
            text_free(&hint);
        }
    }
}

/* A maximum that is too large for a word elsewhere is named where it is what was exceeded. */
Test(scalar, a_vast_maximum_is_named_where_it_is_exceeded)
{
    expect("dataset", "seed", "9223372036854775807",
           "9223372036854775807 is out of range, expected an integer from 0 to 4000000000");
    expect("dataset", "seed", "-1", "-1 is out of range, expected an integer of at least 0");
    expect("dataset", "train_size", "1000000001",
           "1000000001 is out of range, expected \"all\" or an integer from 1 to 1000000000 "
           "(examples)");
}

Test(scalar, open_bounds)
{
    expect("regularizers", "dropout", "0.999", "");
    expect("regularizers", "dropout", "1.0",
           "1.0 is out of range, expected a number of at least 0 and less than 1");
    expect("training", "optimizer", "{learning_rate: 1e-9}", "");
    expect_message(BASE "training: {optimizer: {learning_rate: 0}}\n",
                   "3:39: error: training.optimizer.learning_rate: 0 is out of range, expected a "
                   "number greater than 0 and at "
                   "most 1000000");
}

Test(scalar, integers)
{
#define INTEGER "expected an integer of at least 1 (epochs), found "
    expect("training", "epochs", "3", "");
    expect("training", "epochs", "+3", "");
    expect("training", "epochs", "010", INTEGER "\"010\"; leading zeros are not allowed; write 10");
    expect("training", "epochs", "1_000", INTEGER "\"1_000\"; write 1000");
    expect("training", "epochs", "\"1,000\"", INTEGER "\"1,000\" in quotes; write 1000");
    expect("training", "epochs", "1e3", INTEGER "\"1e3\"; write 1000");
    expect("training", "epochs", "1.0", INTEGER "\"1.0\"; write 1");
    expect("training", "epochs", "1.5", INTEGER "\"1.5\"");
    expect("training", "epochs", "'3'", INTEGER "\"3\" in quotes; remove the quotes");
    expect("training", "epochs", "99999999999999999999",
           INTEGER "\"99999999999999999999\"; it is too large for an integer of 64 bits");
    expect("training", "epochs", "10 epochs", "");
    expect("training", "epochs", "1 epoch", "");
    expect("training", "epochs", "1.5 epochs", INTEGER "\"1.5 epochs\"");
    expect("training", "epochs", "10 steps",
           INTEGER "\"10 steps\"; write a plain number, without \"steps\"");
    expect("training", "batch_size", "10 epochs",
           "expected an integer of at least 1 (examples), found \"10 epochs\"; write a plain "
           "number, without \"epochs\"");
    expect("training", "epochs", "~", "");
    expect("training", "epochs", "null", "");
    expect("training", "epochs", "{}", INTEGER "a block of keys");
    expect("training", "epochs", "0",
           "0 is out of range, expected an integer of at least 1 (epochs)");
    expect(
        "training", "epochs", "[1, 2]",
        INTEGER
        "a list; to try several values, put the path under sweep.grid: \"training.epochs: [...]\"");
}

Test(scalar, counts)
{
    expect("dataset", "train_size", "all", "");
    expect("dataset", "train_size", "60000", "");
    expect("dataset", "train_size", "al",
           "expected \"all\" or an integer of at least 1 (examples), found \"al\"");
    expect("dataset", "train_size", "-1",
           "-1 is out of range, expected \"all\" or an integer of at least 1 (examples)");
}

Test(scalar, booleans)
{
    const char *good[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    for (size_t i = 0; i < 6; i++) expect("training", "shuffle", good[i], "");
    expect("training", "shuffle", "yes", "expected true or false, found \"yes\"; write true");
    expect("training", "shuffle", "Off", "expected true or false, found \"Off\"; write false");
    expect("training", "shuffle", "no", "expected true or false, found \"no\"; write false");
    expect("training", "shuffle", "tRuE", "expected true or false, found \"tRuE\"; write true");
    expect("training", "shuffle", "1", "expected true or false, found \"1\"; write true");
    expect("training", "shuffle", "\"true\"",
           "expected true or false, found \"true\" in quotes; remove the quotes");
    expect("training", "shuffle", "maybe", "expected true or false, found \"maybe\"");
}

Test(scalar, texts_names_and_choices)
{
    struct reading reading = read_text("study: no\ndescription: 0x10\narchitecture: linear\n");
    cr_assert_eq(reading.status, BASIN_OK);
    cr_expect_str_eq(reading.spec->name, "no", "typed by what is expected");
    cr_expect_str_eq(reading.spec->description, "0x10");
    reading_free(&reading);
#define NAME                                                                                       \
    "expected 1 to 64 letters, digits, \".\", \"_\", \"-\", not starting with a dot, found "
    expect_message("study: .s\narchitecture: linear\n", "1:8: error: study: " NAME "\".s\"");
    expect_message("study: a/b\narchitecture: linear\n", "1:8: error: study: " NAME "\"a/b\"");
    expect_message("study: null\narchitecture: linear\n",
                   "1:8: error: study: " NAME
                   "nothing; if the word \"null\" is meant, put it in quotes");
    expect_message(BASE "precision: float23\n",
                   "3:12: error: precision: expected one of float32, float64, found \"float23\"; "
                   "did you mean \"float32\"?");
    expect_message(BASE "dataset: {name: idx, path: ~/data}\n",
                   "3:28: error: dataset.path: expected a path, found \"~/data\"; \"~\" is not "
                   "expanded; write the whole path");
}

Test(scalar, lists)
{
    expect_message("study: s\narchitecture: {type: mlp, hidden: 64}\n",
                   "2:35: error: architecture.hidden: expected a list of integers from 1 to 65536 "
                   "(units), found one "
                   "value; write [64]");
    expect_message(
        "study: s\narchitecture: {type: mlp, hidden: []}\n",
        "2:35: error: architecture.hidden: the list is empty; it needs at least one item");
    expect_message("study: s\narchitecture: {type: mlp, hidden: [64, 0.5, 3]}\n",
                   "2:40: error: architecture.hidden.1: expected an integer from 1 to 65536 "
                   "(units), found \"0.5\"");
    expect_message(
        BASE "training: {milestones: [0.5, 2]}\n",
        "3:30: error: training.milestones.1: 2 is out of range, expected a number from 0 to 1");
}

Test(scalar, paths)
{
    const struct {
        const char *written, *resolved;
    } cases[] = {{"x", "/base/folder/x"},
                 {"./a/../b//c/.", "/base/folder/b/c"},
                 {"../../../..", "/"},
                 {"/a/./b/..", "/a"},
                 {"..x/.y", "/base/folder/..x/.y"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text yaml = {0};
        struct value *run = NULL;
        text_format(&yaml, BASE "dataset: {name: idx, path: %s}\n", cases[i].written);
        struct reading reading = read_text(text_data(&yaml));
        cr_assert_eq(reading.status, BASIN_OK);
        spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &run);
        cr_expect_str_eq(value_text(run, "dataset.path"), cases[i].resolved);
        reading_free(&reading);
        text_free(&yaml);
    }
}

/* What counts steps takes epochs too, which become steps when the data are known. */
Test(scalar, epochs_of_what_counts_steps)
{
    const char *const good[] = {"3",          "3 steps",  "3 epochs",    "1 epoch",
                                "0.5 epochs", "0 epochs", "\"3 epochs\""};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct text set = {0}, printed = {0};
        struct value *run;
        text_format(&set, "training.schedule={type: cosine, warmup: %s}", good[i]);
        struct reading reading =
            read_sets(BASE, strlen(BASE), (const char *const[]){text_data(&set), NULL});
        cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
        cr_assert_eq(spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &run),
                     BASIN_OK);
        cr_expect_eq(value_has_epochs(run), i >= 2 && i != 5, "%s", good[i]);
        value_print(&printed, value_find(run, "training.schedule.warmup"));
        value_count_steps(run, 10);
        static const int64_t steps[] = {3, 3, 30, 10, 5, 0, 30};
        static const char *const printed_as[] = {"3",          "3", "3 epochs", "1 epoch",
                                                 "0.5 epochs", "0", "3 epochs"};
        cr_expect_str_eq(text_data(&printed), printed_as[i]);
        cr_expect_eq(value_integer(run, "training.schedule.warmup"), steps[i], "%s", good[i]);
        cr_expect_eq(value_find(run, "training.schedule.warmup")->is_default, steps[i] == 0);
        cr_expect_not(value_has_epochs(run));
        text_free(&printed);
        text_free(&set);
        reading_free(&reading);
    }
    expect_message(BASE "training: {schedule: {type: cosine, warmup: -1 epochs}}\n",
                   "3:45: error: training.schedule.warmup: -1 epochs is out of range, expected an "
                   "integer of at least 0 (steps), or \"N epochs\"");
    expect_message(BASE "training: {schedule: {type: cosine, warmup: 3 weeks}}\n",
                   "3:45: error: training.schedule.warmup: expected an integer of at least 0 "
                   "(steps), or \"N epochs\", found \"3 weeks\"; write a plain number, without "
                   "\"weeks\"");
}
