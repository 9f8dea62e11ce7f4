/* train/memory.c: what a training is said to take against what it holds, and what each option adds
 * to it. */
#include "../support.h"

#define HEAD                                                                                       \
    "dataset: {name: mnist1d, train_size: 60, test_size: 10}\narchitecture: {type: linear}\n"

enum { P = 40 * 10 + 10, EXAMPLES = 60 };

static struct train_memory memory_of(const char *yaml)
{
    struct setting s;
    struct train_memory memory;
    setting_open(&s, yaml);
    OK(train_memory(s.train, s.model, s.data, &memory));
    setting_close(&s);
    return memory;
}

static long kept(const char *yaml)
{
    return (long)memory_of(yaml).kept;
}

/* Plain descent keeps w, gradient, backup and initial weights; momentum is a vector more, Adam two.
 */
Test(memory, vectors_of_optimizers)
{
    long plain = kept(HEAD "training: {optimizer: {type: sgd, momentum: 0}}\n");
    cr_assert_geq(plain, 4 * P * (long)sizeof(float) + EXAMPLES * (long)sizeof(uint32_t));
    cr_assert_eq(kept(HEAD "training: {optimizer: {type: sgd, momentum: 0.9}}\n") - plain,
                 P * (long)sizeof(float));
    cr_assert_eq(kept(HEAD "training: {optimizer: {type: adam}}\n") - plain,
                 2 * P * (long)sizeof(float));
}

Test(memory, best_weights_are_a_vector)
{
    static const char best[] =
        "dataset: {name: mnist1d, train_size: 60, validation_size: 10, test_size: 10}\n"
        "architecture: {type: linear}\nweights: {best: true}\n";
    static const char none[] =
        "dataset: {name: mnist1d, train_size: 60, validation_size: 10, test_size: 10}\n"
        "architecture: {type: linear}\n";
    cr_assert_eq(kept(best) - kept(none), P * (long)sizeof(float));
}

/* Vectors are twice as wide in float64, all else is as it was. */
Test(memory, vectors_of_float64)
{
    static const char plain[] = HEAD "training: {optimizer: {type: sgd, momentum: 0}}\n";
    static const char adam[] = HEAD "training: {optimizer: {type: adam}}\n";
    static const char wide[] =
        HEAD "training: {optimizer: {type: sgd, momentum: 0}}\nprecision: float64\n";
    static const char wide_adam[] =
        HEAD "training: {optimizer: {type: adam}}\nprecision: float64\n";
    cr_assert_eq(kept(wide) - kept(plain), 4 * P * 4);
    cr_assert_eq(kept(wide_adam) - kept(adam), 6 * P * 4);
}

/* The gradient of a full batch is summed in float64 where it comes in pieces: of 2,001 examples,
 * not of 2,000. */
Test(memory, sum_of_a_full_batch)
{
    enum { WIDE = 40 * 300 + 300 + 300 * 10 + 10 };
    static const char pieces[] = "dataset: {name: mnist1d, train_size: 2001, test_size: 10}\n"
                                 "architecture: {type: mlp, hidden: [300]}\n"
                                 "training: {optimizer: gd}\n";
    static const char whole[] = "dataset: {name: mnist1d, train_size: 2000, test_size: 10}\n"
                                "architecture: {type: mlp, hidden: [300]}\n"
                                "training: {optimizer: gd}\n";
    long more = (long)memory_of(pieces).released - (long)memory_of(whole).released;
    cr_assert_geq(more, 8 * WIDE, "%ld", more);
    cr_assert_leq(more, 12 * WIDE, "and what two batches of one example take: %ld", more);
}

/* Running statistics stand behind the parameters in every vector but the gradient: 2 x 40 of them.
 */
Test(memory, buffers_count)
{
    struct setting s;
    static const char normed[] = "dataset: {name: mnist1d, train_size: 60, test_size: 10}\n"
                                 "architecture: {type: sequential, layers: [batch_norm]}\n"
                                 "training: {optimizer: {type: sgd, momentum: 0}}\n";
    static const char plain[] =
        "dataset: {name: mnist1d, train_size: 60, test_size: 10}\n"
        "architecture: {type: sequential}\ntraining: {optimizer: {type: sgd, momentum: 0}}\n";
    setting_open(&s, normed);
    cr_assert_eq(model_state_size(s.model), P + 80 + 80);
    setting_close(&s);
    cr_assert_eq(kept(normed) - kept(plain), (4 * (80 + 80) - 80) * (long)sizeof(float));
}

/* A row of the steps' curves for every fifth step: step, loss, rate, norm and no more than one
 * number beside them. */
Test(memory, curves_of_steps)
{
    long without = kept(HEAD "training: {batch_size: 20, epochs: 50}\n");
    long with = kept(HEAD "training: {batch_size: 20, epochs: 50, log_every: 5}\n");
    cr_assert_geq(with - without, 30 * 4 * 8);
    cr_assert_leq(with - without, 30 * 5 * 8);
}

Test(memory, curves_of_epochs)
{
    long ten = kept(HEAD "training: {epochs: 10}\n"),
         thousand = kept(HEAD "training: {epochs: 1010}\n");
    cr_assert_geq(thousand - ten, 1000 * 8 * 8, "epoch, losses, accuracies, rate, norms");
    cr_assert_leq(thousand - ten, 1000 * (CURVES + 1) * 8);
}

/* A last batch of another size has a network of its own, where it is not dropped. */
Test(memory, the_last_batch_has_its_own_network)
{
    size_t even = memory_of(HEAD "training: {batch_size: 20}\n").released;
    cr_assert_eq(memory_of(HEAD "training: {batch_size: 20, drop_last: true}\n").released, even);
    size_t uneven = memory_of(HEAD "training: {batch_size: 25}\n").released;
    size_t dropped = memory_of(HEAD "training: {batch_size: 25, drop_last: true}\n").released;
    cr_assert_geq(uneven, dropped + 10 * (40 + 10 + 10) * sizeof(float),
                  "inputs, targets and outputs of ten examples");
}

/* Batches are no larger than the training set. */
Test(memory, batches_beyond_the_training_set)
{
    struct train_memory all = memory_of(HEAD "training: {batch_size: 60}\n"),
                        more = memory_of(HEAD "training: {batch_size: 6000}\n");
    cr_assert_eq(all.released, more.released);
    cr_assert_eq(all.kept, more.kept);
}

/* ---- what is held ---- */

#define LARGE "dataset: {name: mnist1d, train_size: 3000, test_size: 1100, validation_size: 500}\n"

static const char *const specs[] = {
    LARGE "architecture: {type: linear}\ntraining: {epochs: 2}\n",
    LARGE "architecture: {type: mlp, hidden: [300, 200]}\ntraining: {epochs: 2, batch_size: 700, "
          "optimizer: {type: adam}}\n",
    LARGE "architecture: {type: mlp, hidden: [300]}\ntraining: {steps: 3, optimizer: {type: gd, "
          "learning_rate: 0.1}}\n"
          "weights: {best: true}\n",
    LARGE "architecture: {type: cnn, channels: [8, 16], norm: batch}\nprecision: "
          "float64\ntraining: {steps: 3, log_every: 1}\n",
    LARGE "architecture: {type: gru, hidden_size: 16}\ntraining: {steps: 2, batch_size: 100}\n",
    LARGE
    "architecture: {type: transformer, width: 16, heads: 2, patch: 4}\ntraining: {steps: 2}\n"};

/* Nothing more than was said but for small objects and the last chunk of the arena, and not much
 * less. The programs are there already: finding out what they need has compiled them. */
Test(memory, a_training_holds_what_it_was_said_to, .timeout = 60)
{
    enum { SMALL = 1 << 20 };
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct setting s;
        struct train_memory memory;
        struct train_result result;
        setting_open(&s, specs[i]);
        OK(train_memory(s.train, s.model, s.data, &memory));
        struct train_request request = {
            .settings = s.train, .model = s.model, .data = s.data, .arena = s.arena};
        size_t said = memory.kept + memory.released;
        memory_peak_start();
        OK(train_run(&request, &result));
        size_t held = memory_peak();
        cr_expect_leq(held, said + SMALL, "spec %zu: held %zu, said %zu", i, held, said);
        cr_expect_leq((double)said, 1.35 * (double)held + SMALL, "spec %zu: held %zu, said %zu", i,
                      held, said);
        setting_close(&s);
    }
}
