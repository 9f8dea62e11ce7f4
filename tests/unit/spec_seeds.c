/* spec/seeds.c: one seed for each source of randomness. What is written in which way, which run it
 * names, and what it draws. */
#include "../support.h"

static const char head[] = "dataset: {name: mnist1d, train_size: 25, test_size: 10, seed: "
                           "0}\narchitecture: {type: mlp, hidden: [6], "
                           "activation: tanh}\nprecision: float64\ntraining: {epochs: 1, "
                           "batch_size: 5}\nregularizers: {dropout: 0.1}\n";

static void open_with(struct setting *s, const char *rest)
{
    char yaml[900];
    snprintf(yaml, sizeof yaml, "%s%s", head, rest);
    setting_open(s, yaml);
}

static void identity(const char *rest, char id[17])
{
    struct setting s;
    open_with(&s, rest);
    OK(spec_identity(s.spec, NULL, id));
    setting_close(&s);
}

static void expect_id(bool same, const char *a, const char *b)
{
    char x[17], y[17];
    identity(a, x);
    identity(b, y);
    cr_expect_eq(strcmp(x, y) == 0, same, "%s and %s: %s, %s", a, b, x, y);
}

Test(seeds, a_seed_that_a_source_would_have_anyway_names_no_other_run)
{
    expect_id(true, "seed: 3\n", "seed: {all: 3}\n");
    expect_id(true, "seed: 3\n", "seed: {all: 3, init: 3, order: 3}\n");
    expect_id(true, "", "seed: {init: 0, data: 0}\n");
    expect_id(false, "", "seed: {init: 1}\n");
    expect_id(false, "seed: {order: 1}\n", "seed: {init: 1}\n");
    expect_id(false, "seed: 3\n", "seed: {init: 3}\n");
}

/* The weights before and after training. */
static void train_with(const char *rest, double first[2])
{
    struct setting s;
    open_with(&s, rest);
    struct train_request request = {
        .settings = s.train, .model = s.model, .data = s.data, .arena = s.arena};
    struct train_result result;
    OK(train_run(&request, &result));
    first[0] = ((const double *)result.initial)[0];
    first[1] = ((const double *)result.w)[0];
    setting_close(&s);
}

Test(seeds, each_draws_its_own_and_nothing_else)
{
    double none[2], init[2], order[2], all[2], both[2];
    train_with("", none);
    train_with("seed: {init: 5}\n", init);
    train_with("seed: {order: 5}\n", order);
    train_with("seed: 5\n", all);
    train_with("seed: {init: 5, order: 5}\n", both);
    cr_expect(init[0] == all[0] && init[0] != none[0]);
    cr_expect(order[0] == none[0] && order[1] != none[1]);
    cr_expect(init[1] != all[1], "the order is that of seed 0");
    cr_expect(both[0] == all[0] && both[1] == all[1]);
}

static int64_t data_seed(const char *yaml)
{
    struct setting s;
    setting_read(&s, yaml);
    int64_t seed = value_integer(s.spec, "dataset.seed");
    cr_expect_eq(value_find(s.spec, "dataset.seed")->is_default, seed == 0);
    setting_close(&s);
    return seed;
}

Test(seeds, of_data_is_the_seed_of_the_data_set)
{
    cr_expect_eq(data_seed("dataset: mnist1d\narchitecture: linear\nseed: {data: 7}\n"), 7);
    cr_expect_eq(data_seed("dataset: mnist1d\narchitecture: linear\nseed.data: 7\n"), 7,
                 "as /spec has it");
    cr_expect_eq(
        data_seed("dataset: {name: mnist1d, seed: 7}\narchitecture: linear\nseed: {data: 7}\n"), 7);
    cr_expect_eq(data_seed("dataset: mnist1d\narchitecture: linear\nseed: {init: 7, order: 7}\n"),
                 0);
}
