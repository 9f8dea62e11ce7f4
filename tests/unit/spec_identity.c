#include <stdio.h>
#include "spec_schema.h"

/* The canonical dump, or the id, of run 0. */
static const char *dump(const char *text, const struct identity_facts *facts, char id[17])
{
    static char kept[2048];
    struct reading reading = read_text(text);
    struct value *run = NULL;
    struct text out = {0};
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    cr_assert_eq(spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &run), BASIN_OK);
    cr_assert_eq(spec_canonical(run, facts, &out), BASIN_OK);
    cr_assert_eq(spec_identity(run, facts, id), BASIN_OK);
    snprintf(kept, sizeof kept, "%s", text_data(&out));
    text_free(&out);
    reading_free(&reading);
    return kept;
}

static void expect_dump(const char *text, const struct identity_facts *facts, const char *canonical,
                        const char *golden)
{
    char id[17];
    cr_expect_str_eq(dump(text, facts, id), canonical);
    cr_expect_str_eq(id, golden, "ids are part of the file format");
}

static void expect_same(const char *a, const char *b, const struct identity_facts *facts)
{
    char first[17], second[17];
    dump(a, facts, first);
    dump(b, facts, second);
    cr_expect_str_eq(first, second);
}

static void expect_other(const char *a, const char *b, const struct identity_facts *facts)
{
    char first[17], second[17];
    dump(a, facts, first);
    dump(b, facts, second);
    cr_expect_str_neq(first, second);
}

/* One input, named by a block. */
static struct run_inputs inputs_of(const char *block, const char *digest)
{
    struct run_inputs inputs = {0};
    struct run_input input = {.kind = "data", .block = block, .origin = "somewhere"};
    snprintf(input.digest, sizeof input.digest, "%s", digest);
    cr_assert_eq(run_inputs_add(&inputs, &input), BASIN_OK);
    return inputs;
}

#define LINEAR "study: s\narchitecture: linear\n"
#define MLP "study: s\narchitecture: mlp\n"

Test(identity, golden)
{
    expect_dump(LINEAR, NULL, "{architecture: {type: linear}}", "318b228068afa7de");
    expect_dump("study: t\ndescription: other\ndataset: {label_noise: 0.2, seed: 3}\n"
                "architecture: {type: mlp, hidden: [64, 64], activation: tanh}\n"
                "training: {optimizer: {type: adam, learning_rate: 1e-5}, shuffle: false, "
                "milestones: [0.5, 1]}\n"
                "precision: float64\nseed: 7\n",
                NULL,
                "{architecture: {activation: tanh, hidden: [64, 64], type: mlp}, dataset: "
                "{label_noise: 0.2, seed: 3}, "
                "precision: float64, seed: 7, training: {milestones: [0.5, 1.0], optimizer: "
                "{learning_rate: 1e-5, type: adam}, "
                "shuffle: false}}",
                "78f43050f2de5732");
    struct run_inputs data = inputs_of("dataset", "00112233445566778899aabbccddeeff");
    struct identity_facts facts = {.inputs = &data, .train_available = 60000};
    expect_dump("study: s\ndataset: {name: idx, path: data}\narchitecture: linear\nmeasures: "
                "{weight_norm: {every: 5}, "
                "hessian_top: {}}\n",
                &facts,
                "{architecture: {type: linear}, dataset: {digest: "
                "\"00112233445566778899aabbccddeeff\", name: idx}, "
                "measures: {weight_norm: {every: 5}}}",
                "4df8a2e76d276d05");
}

/* A run that earlier versions computed otherwise. */
Test(identity, a_revised_run_has_another_id)
{
    struct identity_facts facts = {.revised = "[initializer_fans]"};
    expect_dump(LINEAR, &facts, "{architecture: {type: linear}, revised: [initializer_fans]}",
                "fb7a00a5c76dccfa");
}

Test(identity, numbers_are_typed)
{
    expect_same(LINEAR "regularizers: {weight_decay: 1}\n",
                LINEAR "regularizers: {weight_decay: 1.0}\n", NULL);
    expect_same(LINEAR "regularizers: {weight_decay: 1}\n",
                LINEAR "regularizers: {weight_decay: 1e0}\n", NULL);
    expect_same(LINEAR "regularizers: {weight_decay: -0.0}\n", LINEAR, NULL);
    expect_other(LINEAR "regularizers: {weight_decay: 1}\n",
                 LINEAR "regularizers: {weight_decay: 1.0000000000000002}\n", NULL);
}

Test(identity, defaults_and_order_do_not_count)
{
    expect_same(MLP "training: {epochs: 10, optimizer: sgd}\n", MLP, NULL);
    expect_same(MLP "training: {optimizer: {type: sgd, momentum: 0}}\n", MLP, NULL);
    expect_same("architecture: {hidden: [3], type: mlp}\nstudy: x\n",
                "study: y\narchitecture: {type: mlp, hidden: [3]}\n", NULL);
    expect_other(MLP, LINEAR, NULL);
    expect_other(MLP "training: {optimizer: adam}\n", MLP, NULL);
    expect_other(MLP "seed: 1\n", MLP, NULL);
}

Test(identity, what_does_not_change_the_numbers)
{
    expect_same(MLP "evaluate: {every: 5}\n", MLP, NULL);
    expect_same(MLP "measures: {hessian_top: {k: 3}, weight_norm: {}}\n", MLP, NULL);
    expect_other(MLP "measures: {hessian_top: {k: 3, every: 1}}\n", MLP, NULL);
    expect_other(MLP "measures: {hessian_top: {k: 3, every: 1}}\n",
                 MLP "measures: {hessian_top: {k: 2, every: 1}}\n", NULL);
    expect_same(MLP "measures: {hessian_top: {k: 1, every: 1}, hessian_trace: {}}\n",
                MLP "measures: {hessian_top: {every: 1}}\n", NULL);
}

Test(identity, all_examples)
{
    struct identity_facts facts = {.train_available = 4000};
    expect_same(MLP "dataset: {train_size: 4000}\n", MLP, &facts);
    expect_same(MLP "dataset: {train_size: 3000, validation_size: 1000}\n",
                MLP "dataset: {validation_size: 1000}\n", &facts);
    expect_other(MLP "dataset: {train_size: 3999}\n", MLP, &facts);
    facts.test_available = 1000;
    expect_same(MLP "dataset: {test_size: 1000}\n", MLP, &facts);
    expect_other(MLP "dataset: {test_size: 999}\n", MLP, &facts);
    expect_other(MLP "dataset: {train_size: 4000}\n", MLP, NULL);
}

/* Without the key a spec meant what `file` means now: those ids stay, and the new default has its
 * own, wherever it changes the numbers. */
Test(identity, a_default_that_is_younger_than_other_specs_counts)
{
    char id[17];
    struct identity_facts facts = {.train_available = 4000, .test_available = 1000};
#define TESTS(more) MLP "dataset: {test_size: " more "}\n"
    cr_expect_str_eq(dump(TESTS("9, test_order: file"), &facts, id),
                     "{architecture: {type: mlp}, dataset: {test_size: 9}}");
    cr_expect_str_eq(dump(TESTS("9"), &facts, id),
                     "{architecture: {type: mlp}, dataset: {test_order: permuted, test_size: 9}}");
    expect_same(TESTS("9"), TESTS("9, test_order: permuted"), &facts);
    expect_other(TESTS("9"), TESTS("9, test_order: file"), &facts);
    expect_same(TESTS("1000"), MLP, &facts);
    expect_same(TESTS("1000, test_order: file"), MLP, &facts);
    expect_same(TESTS("all, test_order: permuted"), MLP, &facts);
    expect_same(TESTS("all, test_order: file"), MLP, &facts);
    expect_other(TESTS("1000"), TESTS("1000, test_order: file"), NULL);
}

/* The spec of a result that was made before there was the key: it differs from today's where that
 * changes the numbers, and nowhere else. */
Test(identity, a_stored_spec_means_what_it_meant)
{
    static const struct {
        const char *text, *order;
        bool is_default;
    } specs[] = {{TESTS("9"), "file", false},
                 {TESTS("9, test_order: permuted"), "permuted", true},
                 {TESTS("9, test_order: file"), "file", false},
                 {TESTS("all"), "permuted", true},
                 {MLP, "permuted", true},
                 {TESTS("all, test_order: file"), "file", false}};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct reading reading = read_stored(specs[i].text);
        struct value *run = NULL;
        cr_assert_eq(spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &run),
                     BASIN_OK);
        const struct value *order = value_find(run, "dataset.test_order");
        cr_expect_str_eq(order->text, specs[i].order, "%s", specs[i].text);
        cr_expect_eq(order->is_default, specs[i].is_default, "%s", specs[i].text);
        reading_free(&reading);
    }
}

Test(identity, data_count_by_their_content)
{
#define DATA(path) "study: s\narchitecture: linear\ndataset: {name: idx, path: " path "}\n"
    struct run_inputs a = inputs_of("dataset", "aa"), b = inputs_of("dataset", "bb");
    struct identity_facts one = {.inputs = &a, .train_available = 5},
                          two = {.inputs = &b, .train_available = 5};
    char first[17], second[17];
    expect_same(DATA("a"), DATA("b/../c"), &one);
    expect_other(DATA("a"), DATA("b"), NULL);
    dump(DATA("a"), &one, first);
    dump(DATA("a"), &two, second);
    cr_expect_str_neq(first, second);
}

/* Weights of another run enter the identity as data do, at the block that names them. */
Test(identity, every_input_counts_at_its_block)
{
    struct run_inputs inputs = inputs_of("dataset", "aa");
    struct identity_facts facts = {.inputs = &inputs};
    char with_one[17], with_two[17];
    dump(DATA("a"), &facts, with_one);
    cr_assert_eq(run_inputs_add(&inputs, &(struct run_input){.kind = "weights",
                                                             .block = "architecture",
                                                             .origin = "318b228068afa7de",
                                                             .digest = "cc"}),
                 BASIN_OK);
    cr_expect_str_eq(
        dump(DATA("a"), &facts, with_two),
        "{architecture: {digest: cc, type: linear}, dataset: {digest: aa, name: idx}}");
    cr_expect_str_neq(with_one, with_two);
}

Test(identity, there_are_only_so_many_inputs)
{
    struct run_inputs inputs = {0};
    for (int i = 0; i < RUN_INPUTS_MOST; i++)
        cr_assert_eq(run_inputs_add(&inputs, &(struct run_input){.kind = "data"}), BASIN_OK);
    cr_assert_eq(run_inputs_add(&inputs, &(struct run_input){.kind = "data"}), BASIN_INTERNAL);
    cr_assert_eq(inputs.count, RUN_INPUTS_MOST);
}

Test(identity, a_larger_grid_renames_no_run)
{
    char first[17], second[17], alone[17];
    dump(MLP "sweep: {grid: {training.epochs: [3]}}\nseeds: 1\n", NULL, first);
    dump(MLP "sweep: {grid: {training.epochs: [3, 4], training.batch_size: [128, 64]}}\nseeds: 5\n",
         NULL, second);
    dump(MLP "training: {epochs: 3}\n", NULL, alone);
    cr_expect_str_eq(first, second);
    cr_expect_str_eq(first, alone);
}

/* Options side by side: the order of their list, and whether it is a list, says nothing. */
Test(identity, several_options)
{
    char id[17];
    const char *both = LINEAR "measures: {hessian_top: [{every: 2, k: 3}, {every: 1}]}\n";
    cr_expect_str_eq(dump(both, NULL, id),
                     "{architecture: {type: linear}, measures: {hessian_top@k_1: {every: 1}, "
                     "hessian_top@k_3: {every: 2, k: 3}}}");
    expect_same(both, LINEAR "measures: {hessian_top: [{every: 1}, {k: 3, every: 2}]}\n", NULL);
    expect_same(both,
                LINEAR "measures: {hessian_top@k_3: {every: 2, k: 3}, hessian_top@k_1: {every: "
                       "1}}\n",
                NULL);
    expect_other(both, LINEAR "measures: {hessian_top: [{every: 2, k: 3}]}\n", NULL);
    expect_same(LINEAR "measures: {hessian_top: [{every: 2, k: 3}]}\n",
                LINEAR "measures: {hessian_top: {every: 2, k: 3}}\n", NULL);
    expect_same(LINEAR, LINEAR "measures: {hessian_top: [{k: 2}, {k: 3}]}\n", NULL);
}
