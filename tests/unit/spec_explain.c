#include "spec_schema.h"

static const struct registry *const registries[] = {&registry_dataset,   &registry_architecture,
                                                    &registry_optimizer, &registry_schedule,
                                                    &registry_measure,   NULL};

static void expect(const char *path, const char *expected)
{
    struct text out = {0};
    cr_expect_eq(schema_explain(test_schema, registries, path, &out), BASIN_OK);
    cr_expect_str_eq(text_data(&out), expected);
    text_free(&out);
}

Test(explain, a_parameter_by_path_suffix_and_alias)
{
    static const char rate[] = "training.optimizer.learning_rate (sgd, adam)\n"
                               "  Step size.\n"
                               "  type       a number greater than 0 and at most 1000000\n"
                               "  unit       1\n  range      (0, 1000000]\n"
                               "  default    0.1\n"
                               "  sweep      can be swept\n"
                               "  elsewhere  called lr, step_size\n";
    expect("training.optimizer.learning_rate", rate);
    expect("optimizer.learning_rate", rate);
    expect("learning_rate", rate);
    expect("lr", rate);
}

Test(explain, blocks_and_entries)
{
    expect("evaluate",
           "evaluate\n  Evaluation.\n  type       a block of keys\n  sweep      can be swept\n"
           "  every                Every so many epochs. [an integer of at least 1 (epochs); "
           "default 1]\n");
    static const char top[] =
        "hessian_top (measure)\n  Largest eigenvalues.\n  k                    How many. [an "
        "integer from 1 to 1000; default 1]\n"
        "  examples             Examples. [\"all\" or an integer of at least 1; default 2000]\n"
        "  every                Taken every so many epochs. [an integer of at least 1 (epochs)]\n";
    expect("hessian_top", top);
    expect("measures.hessian_top", top);
    expect("adam.beta1", "training.optimizer.beta1 (adam)\n  Decay of the first moment.\n"
                         "  type       a number of at least 0 and less than 1\n  unit       1\n  "
                         "range      [0, 1)\n  default    0.9\n  sweep      can be swept\n");
    struct text out = {0};
    schema_explain(test_schema, registries, "adam", &out);
    cr_expect(strstr(text_data(&out), "  source     Kingma and Ba, ICLR 2015\n"));
    out.length = 0;
    schema_explain(test_schema, registries, "every", &out);
    cr_expect(strstr(text_data(&out), "evaluate.every\n") &&
              strstr(text_data(&out), "\nmeasures.hessian_top.every (hessian_top)\n"));
    text_free(&out);
}

Test(explain, own_keys_and_unknown_ones)
{
    struct text out = {0};
    cr_expect_eq(schema_explain(test_schema, registries, "sweep.grid", &out), BASIN_OK);
    out.length = 0;
    cr_expect_eq(schema_explain(test_schema, registries, "learnign_rate", &out), BASIN_USAGE);
    cr_expect_str_eq(basin_error_last()->hint,
                     "did you mean \"training.optimizer.learning_rate\"?");
    cr_expect_eq(schema_explain(test_schema, registries, "hesian_top", &out), BASIN_USAGE);
    cr_expect_str_eq(basin_error_last()->hint, "did you mean \"measures.hessian_top\"?");
    cr_expect_eq(schema_explain(test_schema, registries, "xyzzy", &out), BASIN_USAGE);
    cr_expect_str_empty(basin_error_last()->hint);
    text_free(&out);
}
