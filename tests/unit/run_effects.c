/* run/effects.c: what has no effect is said, with what it comes to; and every key has been
 * asked. */
#include "../support.h"
#include "run/effects.h"
#include "spec/walk.h"

#define DATA "dataset: {name: mnist1d, train_size: 100, test_size: 20}\n"
#define MLP "architecture: {type: mlp, hidden: [4]}\n"

static void look_at(const struct setting *s, bool swept, struct text *out)
{
    const struct effects_site site = {s->settings, s->info, swept, swept ? 3 : 0};
    for (size_t i = 0; i < EFFECT_RULES; i++) {
        size_t before = out->length;
        effect_rules[i].look(&site, out);
        if (out->length > before) text_append(out, "\n");
    }
}

/* What the rules say of a spec, a line each. */
static void expect_said(const char *yaml, bool swept, const char *said)
{
    struct setting s;
    struct text text = {0};
    setting_read(&s, yaml);
    look_at(&s, swept, &text);
    cr_expect_str_eq(text_data(&text), said, "%s%s", yaml, text_data(&text));
    text_free(&text);
    setting_close(&s);
}

/* The losses of a training, which show every bit of its weights. */
static void losses_of(const char *yaml, double losses[2])
{
    struct setting s;
    setting_open(&s, yaml);
    const struct record *record = setting_run(&s);
    losses[0] = scalar(record, "train_loss");
    losses[1] = scalar(record, "test_loss");
    setting_close(&s);
}

/* `idle` has no effect: the rule says so, of it and not of `without`, and both train the same bits.
 */
Test(effects, what_is_said_to_have_none_has_none)
{
#define TRAINING DATA MLP "training: {epochs: 2, batch_size: 20, "
    static const struct {
        const char *idle, *without, *said;
    } cases[] = {
        {TRAINING "optimizer: {type: sgd, nesterov: true}}\n", TRAINING "optimizer: sgd}\n",
         "training.optimizer.nesterov: true has no effect, since momentum is 0: steps are those of "
         "plain gradient descent\n"},
        {TRAINING "optimizer: adamw}\n", TRAINING "optimizer: adam}\n",
         "training.optimizer: adamw trains as adam does, since regularizers.weight_decay is 0 "
         "(PyTorch's default is 0.01)\n"},
        {TRAINING "schedule: {type: step, every: 10}}\n", TRAINING "schedule: constant}\n",
         "training.schedule.every: 10 is not reached in 10 steps: the learning rate never drops\n"},
        {TRAINING "schedule: {type: step, every: 5, factor: 1}}\n",
         TRAINING "schedule: constant}\n",
         "training.schedule.factor: 1 keeps the learning rate constant\n"},
        {TRAINING "schedule: {type: cosine, final: 1}}\n", TRAINING "schedule: constant}\n",
         "training.schedule.final: 1 keeps the learning rate constant\n"},
        {TRAINING "drop_last: true}\n", TRAINING "drop_last: false}\n",
         "training.drop_last: true has no effect: 100 examples are whole batches of 20\n"},
        {TRAINING "stop: {train_loss_below: 0}}\n", TRAINING "stop: {}}\n",
         "training.stop.train_loss_below: 0 never stops a run: no loss is below 0\n"},
        {TRAINING "}\nregularizers: {exempt: none}\n", TRAINING "}\n",
         "regularizers.exempt: none has no effect: l1, l2 and weight_decay are 0\n"},
        {DATA MLP "training: {epochs: 2, batch_size: 300}\n",
         DATA MLP "training: {epochs: 2, batch_size: 100}\n",
         "training.batch_size: 300 is more than the 100 training examples: every step sees all "
         "100, as with batch_size: 100\n"},
        {DATA MLP "training: {epochs: 2, optimizer: gd, shuffle: false}\n",
         DATA MLP "training: {epochs: 2, optimizer: gd}\n",
         "training.shuffle: false has no effect: gd sees the whole training set at every step, in "
         "one order\n"},
        {DATA MLP "training: {epochs: 2, optimizer: gd, drop_last: true}\n",
         DATA MLP "training: {epochs: 2, optimizer: gd}\n",
         "training.drop_last: true has no effect: gd has one step an epoch\n"},
        {DATA "architecture: {type: mlp, hidden: [], activation: tanh}\ntraining: {epochs: 1}\n",
         DATA "architecture: {type: mlp, hidden: []}\ntraining: {epochs: 1}\n",
         "architecture.activation: tanh has no effect: the network has no layer of that kind\n"},
        {DATA "architecture: {type: mlp, hidden: [8, 4], residual: true}\ntraining: {epochs: 1}\n",
         DATA "architecture: {type: mlp, hidden: [8, 4]}\ntraining: {epochs: 1}\n",
         "architecture.residual: true has no effect: no hidden layer is as wide as its input\n"},
        {DATA "architecture: {type: cnn, channels: [], kernel: 5}\ntraining: {epochs: 1}\n",
         DATA "architecture: {type: cnn, channels: []}\ntraining: {epochs: 1}\n",
         "architecture.kernel: 5 has no effect: the network has no layer of that kind\n"},
        {DATA "architecture: {type: cnn, channels: [2], norm_groups: 2}\ntraining: {epochs: 1}\n",
         DATA "architecture: {type: cnn, channels: [2]}\ntraining: {epochs: 1}\n",
         "architecture.norm_groups: 2 has no effect: norm is none\n"},
        {"dataset: {name: mnist1d, train_size: 100, test_size: 20, padding_minimum: 0, "
         "padding_maximum: 0, correlated_noise: 0.5}\n" MLP "training: {epochs: 1}\n",
         "dataset: {name: mnist1d, train_size: 100, test_size: 20, padding_minimum: 0, "
         "padding_maximum: 0}\n" MLP "training: {epochs: 1}\n",
         "dataset.correlated_noise: 0.5 has no effect: with padding_maximum: 0 there are no zeros "
         "that it replaces\n"},
        {DATA "architecture: {type: gru, hidden_size: 2, embedding: 7}\ntraining: {epochs: 1}\n",
         DATA "architecture: {type: gru, hidden_size: 2}\ntraining: {epochs: 1}\n",
         "architecture.embedding: 7 has no effect: these data are numbers, and only tokens are "
         "embedded\n"},
        {DATA "architecture: {type: transformer, width: 4, heads: 2, depth: 1, patch: 8, causal: "
              "false}\ntraining: {epochs: 1}\n",
         DATA "architecture: {type: transformer, width: 4, heads: 2, depth: 1, patch: 8}\n"
              "training: {epochs: 1}\n",
         "architecture.causal: false says what is so without it\n"},
        {DATA "architecture: {type: sequential, layers: [relu, conv: {channels: 2, kernel: 1, "
              "dilation: 3}]}\ntraining: {epochs: 1}\n",
         DATA "architecture: {type: sequential, layers: [relu, conv: {channels: 2, kernel: 1}]}\n"
              "training: {epochs: 1}\n",
         "architecture.layers.1.conv.dilation has no effect: a kernel of 1 has one tap\n"},
        {DATA "architecture: {type: sequential, layers: [lstm: {hidden_size: 2, dropout: 0.5}]}\n"
              "training: {epochs: 1}\n",
         DATA "architecture: {type: sequential, layers: [lstm: {hidden_size: 2}]}\n"
              "training: {epochs: 1}\n",
         "architecture.layers.0.lstm.dropout has no effect: it acts between layers, and there is "
         "one\n"},
        {DATA "architecture: {type: linear, initializer: zeros}\ntraining: {epochs: 1}\n"
              "seed: {init: 3}\n",
         DATA "architecture: {type: linear, initializer: zeros}\ntraining: {epochs: 1}\n",
         "seed.init has no effect: the initial weights are zero\n"},
        {DATA MLP "training: {epochs: 2, optimizer: gd}\nseed: {order: 3}\n",
         DATA MLP "training: {epochs: 2, optimizer: gd}\n",
         "seed.order has no effect: neither an order of examples nor dropout is drawn\n"},
        {"dataset: {name: mnist1d, train_size: 100, test_size: 20, label_noise: 0.004}\n" MLP
         "training: {epochs: 1}\n",
         DATA MLP "training: {epochs: 1}\n",
         "dataset.label_noise: 0.004 of 100 examples is less than one half: no label changes\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double idle[2], without[2];
        expect_said(cases[i].idle, false, cases[i].said);
        expect_said(cases[i].without, false, "");
        losses_of(cases[i].idle, idle);
        losses_of(cases[i].without, without);
        cr_expect_eq(idle[0], without[0], "%s", cases[i].idle);
        cr_expect_eq(idle[1], without[1], "%s", cases[i].idle);
    }
}

/* With an effect of its own, nothing is said. */
Test(effects, what_has_one_is_not_noted)
{
    static const char *const specs[] = {
        TRAINING "optimizer: {type: sgd, nesterov: true, momentum: 0.5}}\n",
        TRAINING "optimizer: adamw}\nregularizers: {weight_decay: 0.1, exempt: none}\n",
        TRAINING "schedule: {type: step, every: 5, factor: 0.1}}\n",
        TRAINING "schedule: {type: cosine, warmup: 10}, log_every: 10}\n",
        DATA MLP "training: {epochs: 2, batch_size: 30, drop_last: true, shuffle: false}\n",
        DATA MLP "training: {epochs: 2, batch_size: 100}\nevaluate: {every: 2}\n",
        DATA MLP "training: {steps: 3}\nmeasures: {hessian_trace: {probes: 3, every: 1}}\n",
        DATA "architecture: {type: mlp, hidden: [40], residual: true, activation: tanh}\n",
        DATA "architecture: {type: mlp, hidden: [8, 8], residual: true}\n",
        DATA "architecture: {type: cnn, channels: [4], norm: group, norm_groups: 2, hidden: [], "
             "activation: tanh}\n",
        DATA "architecture: {type: cnn, layers: [conv: {channels: 3}, relu]}\n",
        "dataset: {name: mnist1d, train_size: 100, label_noise: 0.005}\n" MLP};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) expect_said(specs[i], false, "");
}

/* What a value comes to, by hand: 1e-3 of the rate after 10 of 10,000 steps of warm-up; 600 steps
 * of which drops come at 30, 60, ... 570; 4 steps an epoch of 100 examples in batches of 30. */
Test(effects, what_values_come_to)
{
    expect_said(DATA MLP "training: {steps: 10, schedule: {type: constant, warmup: 10000}}\n",
                false,
                "training.schedule.warmup: 10000 is longer than the run (10 steps): the learning "
                "rate only rises, to 0.0001 of 0.1\n");
    expect_said(DATA MLP "training: {epochs: 60, batch_size: 10, schedule: {type: step, every: "
                         "30}}\n",
                false,
                "training.schedule.every: 30 counts steps, of which an epoch has 10: the learning "
                "rate drops 19 times, to 1e-19 of its value; \"30 epochs\" counts epochs\n");
    expect_said(DATA MLP "training: {epochs: 60, batch_size: 10, schedule: {type: step, every: 30 "
                         "epochs}}\n",
                false, "");
    expect_said(DATA MLP "training: {epochs: 60, batch_size: 30, schedule: {type: step, every: 3, "
                         "factor: 0.9}}\n",
                false,
                "training.schedule.every: 3 counts steps, of which an epoch has 4: the learning "
                "rate drops 79 times, to 0.00024 of its value; \"3 epochs\" counts epochs\n");
    /* written in epochs: half an epoch is 5 steps, and 600 steps have 119 drops (a rate of
     * 0.9^119); where the rate vanishes, the note has what was written */
    expect_said(DATA MLP "training: {epochs: 60, batch_size: 10, schedule: {type: step, every: 0.5 "
                         "epochs, factor: 0.9}}\n",
                false, "");
    expect_said(DATA MLP "training: {epochs: 60, batch_size: 10, schedule: {type: step, every: 1 "
                         "epoch}}\n",
                false,
                "training.schedule.every: 1 epoch (10 steps): the learning rate drops 59 times, to "
                "1e-59 of its value\n");
    expect_said(DATA MLP "training: {epochs: 60, batch_size: 10, schedule: {type: step, every: 70 "
                         "epochs}}\n",
                false,
                "training.schedule.every: 70 epochs (700 steps) is not reached in 600 steps: the "
                "learning rate never drops\n");
    expect_said(DATA MLP "training: {batch_size: 30}\n", true,
                "training.steps: 0 does not mean no steps but to count epochs: it trains 10 "
                "epochs, which are 40 steps\n");
    expect_said(
        DATA MLP "training: {epochs: 3, batch_size: 30, log_every: 13}\nevaluate: {every: 4}\n"
                 "checkpoint: {every_seconds: 5, every_epochs: 4}\n"
                 "measures: {hessian_top: {examples: 101, every: 4}, hessian_trace: {method: "
                 "exact, probes: 3}}\n",
        false,
        "training.log_every: 13 is not reached in 12 steps: /steps will have no rows\n"
        "evaluate.every: 4 is not reached in 3 epochs: the curves have only the last epoch\n"
        "checkpoint.every_seconds is not used: every_epochs takes its place\n"
        "checkpoint.every_epochs: 4 is not reached in 3 epochs: a run has no checkpoint before it "
        "is interrupted\n"
        "measures.hessian_top.examples: 101 is more than the 100 training examples: it takes all "
        "of them\n"
        "measures.hessian_top.every: 4 is not reached in 3 epochs: it is taken before the first "
        "epoch and at the end\n"
        "measures.hessian_trace.probes is not used: the method exact has one product for each "
        "parameter\n");
}

/* Three seeds of a network that starts at zero and sees its examples in order: all the same, as
 * those of two different seeds show. */
Test(effects, seeds_that_draw_nothing)
{
#define ZEROS                                                                                      \
    DATA "architecture: {type: linear, initializer: zeros}\ntraining: {steps: 4, shuffle: "        \
         "false}\n"
    double zero[2], one[2];
    expect_said(ZEROS, true,
                "seed: all 3 seeds train the same network, since its weights start at zero and no "
                "order or dropout is drawn; only measures that draw random numbers differ\n");
    losses_of(ZEROS "seed: 0\n", zero);
    losses_of(ZEROS "seed: 1\n", one);
    cr_expect_eq(zero[0], one[0]);
    cr_expect_eq(zero[1], one[1]);
    expect_said(DATA "architecture: {type: linear, initializer: zeros}\ntraining: {steps: 4}\n",
                true, "");
    expect_said(DATA MLP "training: {steps: 4, shuffle: false}\n", true, "");
}

/* ---- every key ---- */

/* Keys that have an effect whatever the others are, or that are refused where they have none (the
 * rooms that own them test that). A new key belongs here, or into the rules. */
static const char *const effective[] = {"study",
                                        "description",
                                        "precision",
                                        "seed.data",
                                        "weights.initial",
                                        "weights.best",
                                        "weights.every",
                                        "weights.every_steps",
                                        "regularizers.l1",
                                        "regularizers.l2",
                                        "regularizers.weight_decay",
                                        "regularizers.dropout",
                                        "regularizers.label_smoothing",
                                        "training.loss",
                                        "training.epochs",
                                        "training.gradient_clipping",
                                        "training.optimizer.learning_rate",
                                        "training.optimizer.momentum",
                                        "training.optimizer.beta1",
                                        "training.optimizer.beta2",
                                        "training.optimizer.epsilon",
                                        "training.schedule"};

static bool is_answered(const char *path)
{
    const char *last = strrchr(path, '.');
    for (size_t i = 0; i < sizeof effective / sizeof *effective; i++)
        if (strcmp(path, effective[i]) == 0) return true;
    for (size_t i = 0; i < EFFECT_RULES; i++) {
        const char *star = strchr(effect_rules[i].key, '*');
        if (strcmp(path, effect_rules[i].key) == 0) return true;
        if (star && last && strncmp(path, "measures.", 9) == 0 && strcmp(last, star + 1) == 0)
            return true;
    }
    return false;
}

static void visit_row(void *context, const char *path, const struct schema_row *row,
                      const struct entry *entry)
{
    static const char *const blocks[] = {"training.", "regularizers.", "evaluate.", "checkpoint.",
                                         "weights."};
    size_t *count = context;
    (void)entry;
    if (row->type == SCHEMA_TABLE) return;
    bool is_general = !strchr(path, '.') && row->type != SCHEMA_VARIANT && row->type != SCHEMA_SET;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        is_general = is_general || strncmp(path, blocks[i], strlen(blocks[i])) == 0;
    if (!is_general) return;
    ++*count;
    cr_expect(is_answered(path), "can %s be without effect?", path);
}

/* Of the keys that all studies have: is there a setting of the others under which it has no effect?
 */
Test(effects, every_general_key_has_been_asked)
{
    size_t count = 0;
    schema_walk(study_schema, visit_row, &count);
    cr_expect_gt(count, 30);
    for (size_t i = 0; i < EFFECT_RULES; i++) cr_expect_not_null(effect_rules[i].key);
    cr_expect_null(effect_rules[EFFECT_RULES].key);
}
