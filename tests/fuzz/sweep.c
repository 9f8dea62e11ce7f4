/* The expansion of sweeps: generators, distributions, unions, conditions, seeds.
 *
 * The input follows a small valid spec whose last line is `sweep:`. What is accepted must expand
 * again to the same runs, and a run must have the values that its axes say. */
#include "specs.h"

enum { RUNS_MOST = 100, LENGTH_MOST = 1 << 16 };

static const char front[] = "study: s\n"
                            "dataset: {name: mnist1d, train_size: 100}\n"
                            "architecture: {type: mlp, hidden: [4]}\n"
                            "training: {epochs: 2}\n"
                            "sweep:\n";

static void check_values(struct reading *reading, size_t index)
{
    const struct spec *spec = reading->spec;
    struct value *run;
    char id[17];
    if (!reading_run(reading, index, &run, id)) return;
    for (size_t axis = 0; axis < spec->axis_count; axis++) {
        const struct value *wanted = spec_axis_value(spec, index, axis),
                           *there = value_find(run, spec->axes[axis].path);
        size_t choice = spec_choice(spec, index, axis);
        CHECK(choice == SPEC_ABSENT || choice < spec->axes[axis].count);
        CHECK((wanted == NULL) == (choice == SPEC_ABSENT));
        /* a bare name of a variant stands for a block */
        if (wanted && there && wanted->kind != VALUE_MAP && there->kind != VALUE_MAP)
            CHECK(value_equal(wanted, there));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading reading, again;
    if (size > LENGTH_MOST) return 0;
    size_t length = sizeof front - 1 + size;
    char *text = malloc(length + 1);
    CHECK(text);
    memcpy(text, front, sizeof front);
    if (size) memcpy(text + sizeof front - 1, data, size);
    text[length] = 0;
    reading_open(&reading, text, length, NULL, 0, RUNS_MOST);
    if (reading.spec) {
        size_t runs = reading.spec->run_count;
        check_values(&reading, 0);
        check_values(&reading, size % runs);
        check_values(&reading, runs - 1);
        reading_open(&again, text, length, NULL, 0, RUNS_MOST);
        reading_compare(&reading, &again);
        reading_close(&again);
    }
    reading_close(&reading);
    free(text);
    return 0;
}
