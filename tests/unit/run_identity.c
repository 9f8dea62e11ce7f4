/* run/identity.c: a run whose spec means other numbers than it did to earlier versions has another
 * id, and only such a run. */
#include "../support.h"

#define DATA "dataset: {name: mnist1d, train_size: 10, test_size: 10}\n"

/* Whether the id differs from that which earlier versions gave the run. */
static bool renamed(const char *spec)
{
    struct setting s;
    char now[17], former[17];
    setting_open(&s, spec);
    OK(identity_of_run(s.spec, s.settings, s.data, now));
    OK(identity_of_former(s.spec, s.data, former));
    setting_close(&s);
    return strcmp(now, former) != 0;
}

#define RECURRENT(type, initializer)                                                               \
    DATA "architecture: {type: " type ", hidden_size: 5, initializer: " initializer "}\n"
#define LAYERS(initializer, list)                                                                  \
    DATA "architecture: {type: sequential, initializer: " initializer ", layers: [" list "]}\n"

Test(identity_of_run, first_weights_that_are_others)
{
    cr_expect(renamed(RECURRENT("rnn", "kaiming")));
    cr_expect(renamed(RECURRENT("gru", "lecun")));
    cr_expect(renamed(RECURRENT("lstm", "{type: xavier, distribution: normal}")));
    cr_expect(renamed(LAYERS("kaiming", "{rnn: {hidden_size: 5}}")));
    cr_expect(renamed(LAYERS("xavier", "{conv: {channels: 4}}, {conv: {channels: 4, groups: 2}}")));
}

Test(identity_of_run, first_weights_that_are_as_before)
{
    cr_expect_not(renamed(RECURRENT("rnn", "pytorch")));
    cr_expect_not(renamed(DATA "architecture: lstm\n"));
    cr_expect_not(renamed(RECURRENT("lstm", "zeros")));
    cr_expect_not(renamed(RECURRENT("rnn", "{type: kaiming, scale: 0}")));
    cr_expect_not(renamed(DATA "architecture: {type: rnn, hidden_size: 1, initializer: kaiming}\n"),
                  "one input into one unit: the fans are the same");
    cr_expect_not(renamed(LAYERS("kaiming", "{conv: {channels: 4, groups: 1}}")));
    cr_expect_not(
        renamed(LAYERS("kaiming", "{conv: {channels: 4}}, {conv: {channels: 4, groups: 2}}")));
    cr_expect_not(renamed(LAYERS("xavier", "{conv: {channels: 4}}")));
    cr_expect_not(renamed(DATA "architecture: {type: transformer, patch: 8}\n"));
    cr_expect_not(renamed(DATA "architecture: {type: mlp, initializer: xavier}\n"));
}

/* Taken while training, hessian_top is part of the record; with `ends` its numbers are others. */
Test(identity_of_run, a_tracked_measure_whose_numbers_are_others)
{
#define TRACKED(options) DATA "architecture: linear\nmeasures: {hessian_top: {" options "}}\n"
    cr_expect(renamed(TRACKED("every: 1")));
    cr_expect(renamed(TRACKED("every: 1, ends: both")));
    cr_expect_not(renamed(TRACKED("ends: smallest")), "at the end it is no part of the id");
    cr_expect_not(renamed(DATA "architecture: linear\nmeasures: {hessian_trace: {every: 1}}\n"));
}

/* Statistics of the whole batch of a full-batch training, where they were those of parts of it. */
Test(identity_of_run, a_tracked_measure_of_another_batch)
{
#define STATISTICS(count, norm, optimizer, options)                                                \
    "dataset: {name: mnist1d, train_size: " count ", test_size: 10}\n"                             \
    "architecture: {type: sequential, layers: [{dense: {units: 3}}, " norm "]}\n"                  \
    "training: {optimizer: " optimizer "}\nmeasures: {hessian_trace: {" options "}}\n"
#define TRAIN "mode: train, every: 1"
    cr_expect(renamed(STATISTICS("1200", "batch_norm", "gd", TRAIN)));
    cr_expect_not(renamed(STATISTICS("1000", "batch_norm", "gd", TRAIN)), "one batch as before");
    cr_expect_not(renamed(STATISTICS("1200", "batch_norm", "gd", TRAIN ", examples: 900")));
    cr_expect(renamed(STATISTICS("1200", "batch_norm", "sgd, batch_size: 1300", TRAIN)));
    cr_expect_not(renamed(STATISTICS("1200", "batch_norm", "sgd", TRAIN)));
    cr_expect_not(renamed(STATISTICS("2100", "batch_norm", "sgd, batch_size: 2100", TRAIN)));
    cr_expect_not(renamed(STATISTICS("1200", "layer_norm", "gd", TRAIN)));
    cr_expect_not(renamed(STATISTICS("1200", "batch_norm", "gd", "mode: eval, every: 1")));
    cr_expect_not(renamed(STATISTICS("1200", "batch_norm", "gd", "mode: train")));
}
