#include <math.h>
#include "spec_schema.h"

#define BASE "study: s\narchitecture: {type: mlp}\n"
#define SPEED "training.optimizer.learning_rate"
#define RANDOM BASE "sweep:\n  random:\n    "

/* The text of the value that run `index` has on axis `axis`. */
static void value_at(const struct reading *reading, size_t index, size_t axis, struct text *out)
{
    out->length = 0;
    value_print(out, spec_axis_value(reading->spec, index, axis));
}

static double number_at(const struct reading *reading, size_t index)
{
    const struct value *value = spec_axis_value(reading->spec, index, 0);
    return value->kind == VALUE_INTEGER ? (double)value->integer : value->number;
}

static struct reading read_random(const char *block)
{
    struct text written = {0};
    text_format(&written, RANDOM "%s\n", block);
    struct reading reading = read_text(text_data(&written));
    cr_assert_eq(reading.status, BASIN_OK, "%s%s", text_data(&written),
                 text_data(&reading.printed));
    text_free(&written);
    return reading;
}

/* What a sweep drew before narrow intervals got more digits, it draws for ever: ids depend on it.
 */
Test(sweep_random, six_digits_stay_what_they_were)
{
    static const char *const golden[4][5] = {{"0.0196269", "0.914782", "0.900745", "60", "7"},
                                             {"0.000194935", "0.0912784", "0.900915", "22", "5"},
                                             {"0.000485029", "1.75548", "0.900899", "47", "5"},
                                             {"0.00128331", "0.422241", "0.900989", "38", "3"}};
    struct reading reading =
        read_random("n: 4\n    seed: 7\n    " SPEED ": {log_uniform: [1.0e-4, 1.0e-1]}\n"
                    "    regularizers.weight_decay: {uniform: [0, 2]}\n"
                    "    regularizers.dropout: {uniform: [0.9, 0.901]}\n"
                    "    training.batch_size: {int_uniform: [8, 64]}\n    training.epochs: "
                    "{choice: [3, 5, 7]}");
    struct text text = {0};
    for (size_t i = 0; i < 4; i++)
        for (size_t axis = 0; axis < 5; axis++) {
            value_at(&reading, i, axis, &text);
            cr_expect_str_eq(text_data(&text), golden[i][axis]);
        }
    text_free(&text);
    reading_free(&reading);
}

/* Narrow intervals, and open ends that rounding would reach: n different legal values, all inside.
 */
Test(sweep_random, draws_stay_inside_and_apart)
{
    static const struct {
        const char *path, *distribution;
        double low, high;
    } cases[] = {{"training.optimizer.momentum", "uniform: [0.99999, 0.999999]", 0.99999, 0.999999},
                 {"training.optimizer.momentum", "uniform: [0.999, 0.9999]", 0.999, 0.9999},
                 {"training.optimizer.momentum", "uniform: [0.9999999, 1]", 0.9999999, 1},
                 {SPEED, "log_uniform: [0.1, 0.1000001]", 0.1, 0.1000001},
                 {SPEED, "uniform: [0.1234567, 0.1234568]", 0.1234567, 0.1234568},
                 {SPEED, "uniform: [1000.000001, 1000.000002]", 1000.000001, 1000.000002},
                 {SPEED, "normal: [0.5, 1.0e-9]", 0.49999999, 0.50000001},
                 {"regularizers.dropout", "uniform: [0, 1.0e-12]", 0, 1e-12}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct text block = {0};
        text_format(&block, "n: 300\n    %s: {%s}", cases[k].path, cases[k].distribution);
        struct reading reading = read_random(text_data(&block));
        cr_assert_eq(reading.spec->run_count, 300);
        for (size_t i = 0; i < 300; i++) {
            double value = number_at(&reading, i);
            cr_assert(value >= cases[k].low && value <= cases[k].high, "%s: %.17g",
                      cases[k].distribution, value);
            for (size_t j = 0; j < i; j++)
                cr_assert_neq(number_at(&reading, j), value, "%s: %.17g", cases[k].distribution,
                              value);
        }
        reading_free(&reading);
        text_free(&block);
    }
}

/* More points leave the first ones as they are, also where the later ones get more digits. */
Test(sweep_random, more_points_keep_the_first)
{
    struct reading few = read_random("n: 100\n    " SPEED ": {uniform: [0.9999, 1.001]}"),
                   many = read_random("n: 2000\n    " SPEED ": {uniform: [0.9999, 1.001]}");
    for (size_t i = 0; i < 100; i++) cr_expect_eq(number_at(&few, i), number_at(&many, i));
    double sum = 0;
    for (size_t i = 0; i < 2000; i++) sum += number_at(&many, i) / 2000;
    cr_expect_float_eq(sum, 1.00045, 3e-5); /* 4 standard errors: 0.0011 / sqrt(12 2000) = 7e-6 */
    reading_free(&few);
    reading_free(&many);
}

Test(sweep_random, integers)
{
    expect_message(RANDOM "n: 3\n    training.epochs: {uniform: [1, 64]}\n",
                   "6:32: error: training.epochs: uniform draws fractions, and this is an integer; "
                   "use int_uniform: [low, high], which has both ends");
    expect_message(
        RANDOM "n: 3\n    training.epochs: {log_uniform: [1.5, 64]}\n",
        "6:36: error: training.epochs: log_uniform of an integer needs two whole numbers");
    struct reading reading = read_random("n: 400\n    training.epochs: {log_uniform: [1, 4]}");
    int seen[5] = {0};
    for (size_t i = 0; i < 400; i++) {
        double value = number_at(&reading, i);
        cr_assert(value >= 1 && value <= 4);
        seen[(int)value]++;
    }
    for (int i = 1; i <= 4; i++) cr_expect_gt(seen[i], 0);
    reading_free(&reading);
}

Test(sweep_random, a_choice_without_replacement_is_a_permutation)
{
    struct reading reading =
        read_random("n: 6\n    training.epochs: {choice: [1, 2, 3, 4, 5, 6], replace: false}");
    struct reading fewer =
        read_random("n: 2\n    training.epochs: {choice: [1, 2, 3, 4, 5, 6], replace: false}");
    int seen[7] = {0};
    bool moved = false;
    for (size_t i = 0; i < 6; i++) {
        seen[(int)number_at(&reading, i)]++;
        moved = moved || number_at(&reading, i) != (double)i + 1;
        if (i < 2) cr_expect_eq(number_at(&fewer, i), number_at(&reading, i));
    }
    for (int i = 1; i <= 6; i++) cr_expect_eq(seen[i], 1);
    cr_expect(moved);
    reading_free(&reading);
    reading_free(&fewer);
    expect_message(RANDOM "n: 3\n    training.epochs: {choice: [1, 2], replace: false}\n",
                   "6:31: error: training.epochs: n is 3, but without replacement this list gives "
                   "only 2 values; lower n, or leave out \"replace: false\"");
    expect_message(RANDOM "n: 3\n    training.epochs: {int_uniform: [1, 2], replace: false}\n",
                   "6:44: error: training.epochs: unknown key \"replace\" beside int_uniform; one "
                   "distribution; a choice may have \"replace: false\" beside it");
}

/* n counts what `exclude` leaves: the first n of the points that it leaves of many. */
Test(sweep_random, n_may_count_after_exclude)
{
    static const char rest[] =
        "    training.epochs: {int_uniform: [1, 100]}\n    " SPEED ": {uniform: [0, 1]}\n"
        "  exclude: [{training.epochs: {above: 10}}]\nseeds: 2";
    struct text kept = {0}, plain = {0};
    text_format(&kept, "n: 20\n    after_exclude: true\n%s", rest);
    text_format(&plain, "n: 1000\n%s", rest);
    struct reading reading = read_random(text_data(&kept)), many = read_random(text_data(&plain));
    cr_expect_eq(reading.spec->run_count, 40);
    cr_expect_gt(reading.spec->excluded, 40);
    for (size_t i = 0; i < 40; i++) {
        cr_expect_leq(number_at(&reading, i), 10);
        cr_expect_eq(number_at(&reading, i), number_at(&many, i));
    }
    reading_free(&reading);
    reading_free(&many);
    text_free(&kept);
    text_free(&plain);
    reading =
        read_random("n: 2\n    after_exclude: true\n    training.epochs: {choice: [1, 2, 3, 4], "
                    "replace: false}\n  exclude: [{training.epochs: [1, 2]}]");
    cr_expect_eq(number_at(&reading, 0) + number_at(&reading, 1), 7);
    reading_free(&reading);
    expect_message(RANDOM
                   "n: 3\n    after_exclude: true\n    training.epochs: {int_uniform: [5, 9]}\n"
                   "  exclude: [{training.epochs: {above: 4}}]\n",
                   "4:3: error: sweep.random: sweep.exclude leaves fewer than n (3) of 3072 points "
                   "that were drawn; lower n, or loosen the conditions of sweep.exclude");
    expect_message(BASE "sweep:\n  union:\n    - random: {n: 3, after_exclude: true, "
                        "training.epochs: {int_uniform: [5, 9]}}\n",
                   "5:22: error: sweep.random.after_exclude: points of a union cannot be counted "
                   "after exclude");
}
