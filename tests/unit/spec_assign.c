#include <stdio.h>
#include "spec_schema.h"

static const char yaml[] =
    "study: s\narchitecture: mlp\ntraining:\n  optimizer: sgd\n  epochs: 4\n";

static struct value *set(struct reading *reading, const char *const *sets)
{
    struct value *run = NULL;
    *reading = read_sets(yaml, strlen(yaml), sets);
    cr_assert_eq(reading->status, BASIN_OK, "%s", text_data(&reading->printed));
    cr_assert_eq(spec_run(reading->spec, 0, reading->arena, &reading->diagnostics, &run), BASIN_OK);
    return run;
}

static void refuse(const char *text, const char *const *sets, const char *expected)
{
    struct reading reading = read_sets(text, strlen(text), sets);
    cr_expect_eq(reading.status, BASIN_SPEC);
    cr_expect_str_eq(text_data(&reading.printed), expected);
    reading_free(&reading);
}

Test(assign, replaces_and_creates)
{
    struct reading reading;
    struct value *run =
        set(&reading, (const char *[]){"training.epochs=7", "regularizers.dropout=0.5",
                                       "measures.hessian_top.k=3", "architecture.hidden=[3, 4]",
                                       "precision=float64", "training.epochs=8", NULL});
    cr_expect_eq(value_integer(run, "training.epochs"), 8, "the later one wins");
    cr_expect_eq(value_number(run, "regularizers.dropout"), 0.5);
    cr_expect_eq(value_integer(run, "measures.hessian_top.k"), 3);
    cr_expect_eq(value_count(run, "architecture.hidden"), 2, "a bare name became a block");
    cr_expect_str_eq(value_text(run, "architecture.type"), "mlp");
    cr_expect_str_eq(value_text(run, "precision"), "float64");
    cr_expect_eq(value_find(run, "precision")->mark.source, 5);
    reading_free(&reading);
}

Test(assign, parameters_of_a_bare_name)
{
    struct reading reading;
    struct value *run = set(&reading, (const char *[]){"training.optimizer.momentum=0.5",
                                                       "training.schedule.type=cosine",
                                                       "training.schedule.warmup=5", NULL});
    cr_expect_eq(value_number(run, "training.optimizer.momentum"), 0.5);
    cr_expect_eq(value_integer(run, "training.schedule.warmup"), 5);
    reading_free(&reading);
}

Test(assign, sweeps_and_seeds)
{
    struct reading reading;
    set(&reading, (const char *[]){"sweep.grid.training.epochs=[1, 2]", "seeds=3", NULL});
    cr_expect_eq(reading.spec->run_count, 6);
    reading_free(&reading);
    set(&reading, (const char *[]){"sweep={grid: {training.batch_size: [1, 2]}}", NULL});
    cr_expect_eq(reading.spec->run_count, 2);
    reading_free(&reading);
    set(&reading,
        (const char *[]){"sweep={grid: {training.batch_size: [1, 2]}}", "sweep={}", NULL});
    cr_expect_eq(reading.spec->run_count, 1);
    reading_free(&reading);
}

Test(assign, errors_show_the_text_of_the_option)
{
    refuse(yaml, (const char *[]){"training.epohs=3", NULL},
           "--set training.epohs=3:1:10: error: unknown key \"epohs\" in training; did you mean "
           "\"epochs\"?\n"
           "    1 | training.epohs=3\n      |          ^~~~~\n");
    refuse(yaml, (const char *[]){"seeds=1", "training.epochs=1_000", NULL},
           "--set training.epochs=1_000:1:17: error: training.epochs: expected an integer of at "
           "least 1 (epochs), "
           "found \"1_000\"; "
           "write 1000\n    1 | training.epochs=1_000\n      |                 ^~~~~\n");
    refuse(yaml, (const char *[]){"epochs", NULL},
           "--set epochs:1:1: error: expected KEY=VALUE with a dotted KEY, as in "
           "\"training.epochs=3\"\n"
           "    1 | epochs\n      | ^~~~~~\n");
    refuse(yaml, (const char *[]){"a..b=1", NULL},
           "--set a..b=1:1:1: error: expected KEY=VALUE with a dotted KEY, as in "
           "\"training.epochs=3\"\n"
           "    1 | a..b=1\n      | ^~~~~~\n");
    refuse(yaml, (const char *[]){"training.epochs=", NULL},
           "--set training.epochs=:1:1: error: training.epochs: expected an integer of at least 1 "
           "(epochs), found "
           "nothing\n"
           "    1 | training.epochs=\n      | ^~~~~~~~~~~~~~~\n");
    refuse(yaml, (const char *[]){"training.epochs=[1", NULL},
           "--set training.epochs=[1:1:17: error: this list is not closed; a \",\" or \"]\" is "
           "missing\n"
           "    1 | training.epochs=[1\n      |                 ^\n");
}

Test(assign, what_is_swept_cannot_be_set)
{
    static const char swept[] =
        "study: s\narchitecture: mlp\nsweep: {grid: {training.optimizer: [sgd, adam]}}\n";
    static const char report[] =
        "%s:1:1: error: training.optimizer is swept; to change its values use --set "
        "'sweep.grid.training.optimizer=[...]', to drop the sweep --set sweep=null\n";
    struct text expected = {0};
    text_format(&expected, report, "--set training.optimizer=sgd");
    text_append(&expected, "    1 | training.optimizer=sgd\n      | ^~~~~~~~~~~~~~~~~~\n");
    refuse(swept, (const char *[]){"training.optimizer=sgd", NULL}, text_data(&expected));
    expected.length = 0;
    text_format(&expected, report, "--set training.optimizer.momentum=0.5");
    text_append(&expected,
                "    1 | training.optimizer.momentum=0.5\n      | ^~~~~~~~~~~~~~~~~~~~~~~~~~~\n");
    refuse(swept, (const char *[]){"training.optimizer.momentum=0.5", NULL}, text_data(&expected));
    text_free(&expected);
}

/* A part that is longer than any key was passed over, so that a misspelt value went by in silence.
 */
Test(assign, a_part_too_long_for_a_key_is_unknown)
{
    char set[400] = "training.", *end = set + strlen(set);
    memset(end, 'x', 300);
    memcpy(end + 300, "=1", 3);
    struct reading reading = read_sets(yaml, strlen(yaml), (const char *[]){set, NULL});
    cr_expect_eq(reading.status, BASIN_SPEC);
    cr_expect(strstr(text_data(&reading.printed), "unknown key \"xxx"), "%s",
              text_data(&reading.printed));
    reading_free(&reading);
    memcpy(set, "measures.", 9); /* nothing stands below it yet */
    reading = read_sets(yaml, strlen(yaml), (const char *[]){set, NULL});
    cr_expect_eq(reading.status, BASIN_SPEC);
    reading_free(&reading);
}

Test(assign, a_path_that_ends_in_a_dot_names_nothing)
{
    static const char *const sweeps[] = {
        "grid: {training.epochs.: [1, 2]}",
        "grid: {training.epochs: [1, 2]}, exclude: {architecture.: mlp}"};
    for (int i = 0; i < 2; i++) {
        char text[256];
        snprintf(text, sizeof text, "%ssweep: {%s}\n", yaml, sweeps[i]);
        struct reading reading = read_text(text);
        cr_expect_eq(reading.status, BASIN_SPEC);
        cr_expect(strstr(text_data(&reading.printed),
                         i ? "no parameter has the path \"architecture.\""
                           : "no parameter has the path \"training.epochs.\""),
                  "%s", text_data(&reading.printed));
        reading_free(&reading);
    }
}

static void expect_dropped(const char *sweep, const char *setting, size_t runs, const char *message)
{
    struct text text = {0};
    text_format(&text, "study: s\narchitecture: mlp\nsweep: {%s}\n", sweep);
    const char *const sets[] = {setting, NULL};
    struct reading reading = read_sets(text_data(&text), text.length, sets);
    cr_expect_eq(reading.status, runs ? BASIN_OK : BASIN_SPEC, "%s", setting);
    if (runs && reading.spec) cr_expect_eq(reading.spec->run_count, runs, "%s", setting);
    cr_expect(strstr(text_data(&reading.printed), message), "%s: %s", setting,
              text_data(&reading.printed));
    text_free(&text);
    reading_free(&reading);
}

/* A path is dropped from the block of a list that has it, and the others stay. */
Test(assign, null_drops_one_path_of_a_list_of_blocks)
{
    static const char zips[] = "zip: [{training.batch_size: [1, 2], training.epochs: [3, 4]}, "
                               "{precision: [float32, float64]}]";
    expect_dropped(zips, "sweep.zip.training.batch_size=null", 4, "");
    expect_dropped(zips, "sweep.zip.precision=null", 2, "");
    expect_dropped(zips, "sweep.zip=null", 1, "");
    expect_dropped("zip: [{precision: [float32, float64]}]", "sweep.zip.precision=null", 1, "");
    expect_dropped("random: [{n: 3, training.epochs: {int_uniform: [1, 99]}, training.batch_size: "
                   "{int_uniform: [1, 9999]}}, "
                   "{n: 2, training.log_every: {int_uniform: [1, 9999]}}]",
                   "sweep.random.training.epochs=null", 6, "");
}

/* What there is nothing of to drop is a mistake in the setting. */
Test(assign, null_drops_only_what_is_there)
{
    static const char grid[] =
        "grid: {training.batch_size: [1, 2]}, zip: {precision: [float32, "
        "float64], training.epochs: [1, 2]}, exclude: [{training.epochs: 1}]";
    expect_dropped(grid, "sweep.grid.nonsense=null", 0,
                   ":1:1: error: there is no \"nonsense\" in sweep.grid to drop\n");
    expect_dropped(grid, "sweep.grid.training.batchsize=null", 0,
                   "in sweep.grid to drop; did you mean \"sweep.grid.training.batch_size\"?\n");
    expect_dropped(grid, "sweep.grid.precision=null", 0,
                   "in sweep.grid to drop; did you mean \"sweep.zip.precision\"?\n");
    expect_dropped(grid, "sweep.random.training.lr=null", 0,
                   "there is no \"training.lr\" in sweep.random to drop\n");
    expect_dropped(grid, "sweep.exlude=null", 0,
                   ":1:7: error: unknown key \"exlude\" in sweep; did you mean \"exclude\"?\n");
    expect_dropped(grid, "sweep.qqqqqqqqqqq=null", 0,
                   "unknown key \"qqqqqqqqqqq\" in sweep; the keys here are grid, zip, random, "
                   "list, union, exclude, when, names\n");
    expect_dropped(grid, "sweep.exclude.0=null", 0,
                   "no part of sweep.exclude can be dropped; set it anew, or drop all of it with "
                   "--set sweep.exclude=null\n");
    expect_dropped(grid, "sweep.exclude=null", 4, "");
    expect_dropped(grid, "sweep.random=null", 2, "");
}

#define NET "study: s\narchitecture: {type: mlp, hidden: [8, 4]}\n"

static void refuse_item(const char *text, const char *first, const char *second, const char *item)
{
    const char *const sets[] = {first, second, NULL};
    struct reading reading = read_sets(text, strlen(text), sets);
    struct text expected = {0};
    text_format(&expected, "there is no item %s in this list of 2; its items are 0 to 1", item);
    cr_expect_eq(reading.status, BASIN_SPEC, "%s %s", text, first ? first : "");
    cr_expect(strstr(text_data(&reading.printed), text_data(&expected)), "%s",
              text_data(&reading.printed));
    text_free(&expected);
    reading_free(&reading);
}

/* An item beyond the end of a list is refused whatever is set after it. */
Test(assign, an_item_beyond_is_not_forgotten)
{
    refuse_item(NET, "architecture.hidden.5=9", "architecture.hidden.0=3", "5");
    refuse_item(NET, "architecture.hidden.0=3", "architecture.hidden.5=9", "5");
    refuse_item(NET, "architecture.hidden.00=3", "architecture.hidden.0=3", "00");
    refuse_item(NET, "architecture.hidden.00=3", NULL, "00");
    refuse_item(NET "sweep: {grid: {architecture.hidden.0: [8, 16]}}\n", "architecture.hidden.5=9",
                NULL, "5");
    refuse_item(NET "sweep: {grid: {architecture.hidden.2: [16, 32], architecture.hidden.0: [8, "
                    "16]}}\n",
                NULL, NULL, "2");
    refuse_item(NET "sweep: {grid: {architecture.hidden.0: [8, 16], architecture.hidden.2: [16, "
                    "32]}}\n",
                NULL, NULL, "2");
}

/* null is the default of whatever stands there, as in a file over a base. */
Test(assign, null_is_the_default)
{
    static const char full[] =
        "study: s\narchitecture: {type: mlp, hidden: [3, 4]}\nregularizers: {dropout: 0.5}\n"
        "training: {optimizer: {type: adam, beta1: 0.5}, epochs: 4, log_every: 3}\n"
        "measures: {hessian_trace: {probes: 3}}\nseed: 4\n"
        "sweep: {grid: {training.batch_size: [1, 2], precision: [float32, float64]}}\n";
    struct reading reading = read_sets(
        full, strlen(full),
        (const char *[]){"training.epochs=null", "training.optimizer=null", "regularizers=~",
                         "architecture.hidden=null", "training.log_every=null", "seed=null",
                         "measures=null", "sweep.grid.precision=null", NULL});
    struct value *run = NULL;
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_expect_eq(reading.spec->run_count, 2);
    cr_assert_eq(spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &run), BASIN_OK);
    cr_expect_eq(value_integer(run, "training.epochs"), 10);
    cr_expect_str_eq(value_text(run, "training.optimizer.type"), "sgd");
    cr_expect_eq(value_number(run, "regularizers.dropout"), 0);
    cr_expect_eq(value_item_integer(run, "architecture.hidden", 0), 128);
    cr_expect_not(value_has(run, "training.log_every"));
    cr_expect_eq(value_integer(run, "seed"), 0);
    cr_expect_eq(value_map(run, "measures")->map.count, 0);
    reading_free(&reading);
    static const char *const whole[][3] = {
        {"sweep=null"},
        {"sweep.grid=null"},
        {"sweep.grid.precision=null", "sweep.grid.training.batch_size=null"}};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        reading = read_sets(full, strlen(full), whole[i]);
        cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
        cr_expect_eq(reading.spec->run_count, 1);
        reading_free(&reading);
    }
    refuse(full, (const char *[]){"study=null", NULL},
           "--set study=null:1:7: error: study: expected 1 to 64 letters, digits, \".\", \"_\", "
           "\"-\", not starting with a dot, found nothing; if the word \"null\" is meant, put it "
           "in quotes\n    1 | study=null\n      |       ^~~~\n");
}

Test(assign, items_of_lists)
{
    static const char lists[] = "study: s\narchitecture: {type: mlp, hidden: [3, 4]}\n";
    struct reading reading =
        read_sets(lists, strlen(lists),
                  (const char *[]){"architecture.hidden.1=9", "architecture.hidden.0=8", NULL});
    struct value *run = NULL;
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_assert_eq(spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &run), BASIN_OK);
    cr_expect_eq(value_item_integer(run, "architecture.hidden", 0), 8);
    cr_expect_eq(value_item_integer(run, "architecture.hidden", 1), 9);
    reading_free(&reading);
    refuse(lists, (const char *[]){"architecture.hidden.2=8", NULL},
           "--set architecture.hidden.2=8:1:1: error: architecture.hidden: there is no item 2 in "
           "this list of 2; its items are 0 to 1; to have more, set the whole list\n"
           "    1 | architecture.hidden.2=8\n      | ^~~~~~~~~~~~~~~~~~~~~\n");
    refuse(
        "study: s\narchitecture: {type: mlp, hidden: [3, 4]}\nsweep: {grid: "
        "{architecture.hidden.0: [1, 2]}}\n",
        (const char *[]){"architecture.hidden=[5]", NULL},
        "--set architecture.hidden=[5]:1:1: error: architecture.hidden.0 is swept; to change its "
        "values use --set 'sweep.grid.architecture.hidden.0=[...]', to drop the sweep --set "
        "sweep=null\n    1 | architecture.hidden=[5]\n      | ^~~~~~~~~~~~~~~~~~~\n");
}
