#include "run/effects.h"

#include <math.h>
#include <string.h>
#include "train/train.h"

/* ---- what rules ask ---- */

static const struct value *value_of(const struct effects_site *site, const char *path)
{
    return value_find(site->settings->spec, path);
}

/* Does the spec say something else than the default? */
static bool is_chosen(const struct effects_site *site, const char *path)
{
    const struct value *value = value_of(site, path);
    return value && !value->is_default;
}

static bool is_text(const struct effects_site *site, const char *path, const char *text)
{
    const struct value *value = value_of(site, path);
    return value && value->kind == VALUE_TEXT && strcmp(value->text, text) == 0;
}

/* 0 where the run has no such value. */
static double number_of_path(const struct effects_site *site, const char *path)
{
    return value_of(site, path) ? value_number(site->settings->spec, path) : 0;
}

static bool is_empty(const struct effects_site *site, const char *path)
{
    const struct value *value = value_of(site, path);
    return value && value->kind == VALUE_LIST && value->list.count == 0;
}

static struct train_plan plan_of(const struct effects_site *site)
{
    return train_plan(&site->settings->train, site->info);
}

static long long examples_of(const struct effects_site *site)
{
    return (long long)site->info->counts[DATA_TRAIN];
}

static void put_setting(const struct effects_site *site, const char *path, struct text *out)
{
    text_format(out, "%s: ", path);
    value_print_short(out, value_of(site, path));
}

/* "training.schedule.every: 30" of a number of steps; where it was written in epochs,
 * "training.schedule.every: 3 epochs (30 steps)". */
static void put_steps(const struct effects_site *site, const char *path, struct text *out)
{
    const struct value *value = value_of(site, path);
    double steps = number_of_path(site, path), epochs = value ? value->written_epochs : 0;
    if (epochs > 0)
        text_format(out, "%s: %.15g epoch%s (%.0f step%s)", path, epochs, epochs == 1 ? "" : "s",
                    steps, steps == 1 ? "" : "s");
    else
        text_format(out, "%s: %.0f", path, steps);
}

/* ---- training ---- */

static void nesterov(const struct effects_site *site, struct text *out)
{
    if (is_chosen(site, "training.optimizer.nesterov") &&
        number_of_path(site, "training.optimizer.momentum") == 0)
        text_append(out, "training.optimizer.nesterov: true has no effect, since momentum is 0: "
                         "steps are those of plain gradient descent");
}

static void adamw(const struct effects_site *site, struct text *out)
{
    if (is_text(site, "training.optimizer.type", "adamw") &&
        number_of_path(site, "regularizers.weight_decay") == 0)
        text_append(out, "training.optimizer: adamw trains as adam does, since "
                         "regularizers.weight_decay is 0 (PyTorch's default is 0.01)");
}

static void warmup(const struct effects_site *site, struct text *out)
{
    double steps = (double)plan_of(site).steps,
           warm = number_of_path(site, "training.schedule.warmup"),
           rate = number_of_path(site, "training.optimizer.learning_rate");
    if (warm <= steps) return;
    put_steps(site, "training.schedule.warmup", out);
    text_format(out,
                " is longer than the run (%.0f steps): the learning rate only rises, to %.3g of %g",
                steps, rate * steps / warm, rate);
}

/* The last step of a run is step - 1 of its schedule. */
static double drops_of(const struct effects_site *site)
{
    double steps = (double)plan_of(site).steps - number_of_path(site, "training.schedule.warmup");
    return floor(fmax(steps - 1, 0) / number_of_path(site, "training.schedule.every"));
}

static void step_never(const struct effects_site *site, struct text *out)
{
    if (!is_text(site, "training.schedule.type", "step") || drops_of(site) > 0) return;
    put_steps(site, "training.schedule.every", out);
    text_format(out, " is not reached in %lld steps: the learning rate never drops",
                (long long)plan_of(site).steps);
}

/* The rate vanishes, as it does where epochs were meant and steps are counted. Where epochs were
 * written, many drops are meant: only a rate that vanishes is worth a word. */
static void step_often(const struct effects_site *site, struct text *out)
{
    static const char path[] = "training.schedule.every";
    static const double VANISHED = 1e-6;
    if (!is_text(site, "training.schedule.type", "step")) return;
    struct train_plan plan = plan_of(site);
    bool in_epochs = value_of(site, path)->written_epochs > 0;
    double every = number_of_path(site, path), drops = drops_of(site);
    double left = pow(number_of_path(site, "training.schedule.factor"), drops);
    bool is_odd = !in_epochs && every < (double)plan.batches && plan.epochs != 1;
    if (left >= VANISHED && !is_odd) return;
    put_steps(site, path, out);
    if (!in_epochs)
        text_format(out, " counts steps, of which an epoch has %lld", (long long)plan.batches);
    text_append(out, ": the learning rate drops ");
    text_format(out, drops == 1 ? "once" : "%.0f times", drops);
    text_format(out, ", to %.2g of its value", left);
    if (!in_epochs)
        text_format(out, "; \"%.0f epoch%s\" counts epochs", every, every == 1 ? "" : "s");
}

static void step_factor_one(const struct effects_site *site, struct text *out)
{
    if (is_text(site, "training.schedule.type", "step") &&
        number_of_path(site, "training.schedule.factor") == 1)
        text_append(out, "training.schedule.factor: 1 keeps the learning rate constant");
}

static void cosine_final_one(const struct effects_site *site, struct text *out)
{
    if (is_text(site, "training.schedule.type", "cosine") &&
        number_of_path(site, "training.schedule.final") == 1)
        text_append(out, "training.schedule.final: 1 keeps the learning rate constant");
}

static void large_batch(const struct effects_site *site, struct text *out)
{
    double batch = number_of_path(site, "training.batch_size");
    if (!plan_of(site).full_batch && is_chosen(site, "training.batch_size") &&
        batch > (double)examples_of(site))
        text_format(out,
                    "training.batch_size: %.0f is more than the %lld training examples: every step "
                    "sees all %lld, as with batch_size: %lld",
                    batch, examples_of(site), examples_of(site), examples_of(site));
}

/* Not a default. */
static bool effects_is_written(const struct effects_site *site, const char *path)
{
    const struct value *value = value_of(site, path);
    return value && value->mark.line > 0;
}

static void steps_zero(const struct effects_site *site, struct text *out)
{
    struct train_plan plan = plan_of(site);
    bool alone =
        effects_is_written(site, "training.steps") && !effects_is_written(site, "training.epochs");
    if ((site->steps_swept || alone) && number_of_path(site, "training.steps") == 0)
        text_format(out,
                    "training.steps: 0 does not mean no steps but to count epochs: it trains %lld "
                    "epoch%s, which are %lld steps",
                    (long long)plan.epochs, plan.epochs == 1 ? "" : "s", (long long)plan.steps);
}

static void no_shuffle(const struct effects_site *site, struct text *out)
{
    if (is_chosen(site, "training.shuffle") && plan_of(site).full_batch)
        text_append(out, "training.shuffle: false has no effect: gd sees the whole training set at "
                         "every step, in one order");
}

static void drop_last(const struct effects_site *site, struct text *out)
{
    struct train_plan plan = plan_of(site);
    if (!is_chosen(site, "training.drop_last")) return;
    if (plan.full_batch)
        text_append(out, "training.drop_last: true has no effect: gd has one step an epoch");
    else if (examples_of(site) % plan.batch == 0)
        text_format(out,
                    "training.drop_last: true has no effect: %lld examples are whole batches of "
                    "%lld",
                    examples_of(site), (long long)plan.batch);
}

static void log_every(const struct effects_site *site, struct text *out)
{
    double every = number_of_path(site, "training.log_every");
    if (every <= (double)plan_of(site).steps) return;
    put_steps(site, "training.log_every", out);
    text_format(out, " is not reached in %lld steps: /steps will have no rows",
                (long long)plan_of(site).steps);
}

static void stop_below_zero(const struct effects_site *site, struct text *out)
{
    const struct value *below = value_of(site, "training.stop.train_loss_below");
    if (below && below->number == 0)
        text_append(out, "training.stop.train_loss_below: 0 never stops a run: no loss is below 0");
}

static void exempt(const struct effects_site *site, struct text *out)
{
    if (is_chosen(site, "regularizers.exempt") && number_of_path(site, "regularizers.l1") == 0 &&
        number_of_path(site, "regularizers.l2") == 0 &&
        number_of_path(site, "regularizers.weight_decay") == 0)
        text_append(out, "regularizers.exempt: none has no effect: l1, l2 and weight_decay are 0");
}

/* `path` counts epochs, and more of them than there are. */
static void note_not_reached(const struct effects_site *site, const char *path, const char *so,
                             struct text *out)
{
    double every = number_of_path(site, path);
    long long epochs = plan_of(site).epochs;
    if (every > (double)epochs)
        text_format(out, "%s: %.0f is not reached in %lld epochs: %s", path, every, epochs, so);
}

static void evaluate_every(const struct effects_site *site, struct text *out)
{
    note_not_reached(site, "evaluate.every", "the curves have only the last epoch", out);
}

static void idle_seconds(const struct effects_site *site, struct text *out)
{
    if (is_chosen(site, "checkpoint.every_seconds") && value_of(site, "checkpoint.every_epochs"))
        text_append(out, "checkpoint.every_seconds is not used: every_epochs takes its place");
}

static void idle_epochs(const struct effects_site *site, struct text *out)
{
    note_not_reached(site, "checkpoint.every_epochs",
                     "a run has no checkpoint before it is interrupted", out);
}

/* ---- data and architecture ---- */

static void label_noise(const struct effects_site *site, struct text *out)
{
    double fraction = number_of_path(site, "dataset.label_noise");
    if (fraction == 0 || round(fraction * (double)examples_of(site)) > 0) return;
    put_setting(site, "dataset.label_noise", out);
    text_format(out, " of %lld examples is less than one half: no label changes",
                examples_of(site));
}

/* Nothing is chosen from the data: all that train do, and test data are there of their own. */
static bool takes_all(const struct effects_site *site)
{
    return site->info->counts[DATA_VALIDATION] == 0 && !is_chosen(site, "dataset.train_size") &&
           !is_chosen(site, "dataset.test_size") && !is_chosen(site, "dataset.test_fraction");
}

static void stratify(const struct effects_site *site, struct text *out)
{
    if (is_chosen(site, "dataset.stratify") && takes_all(site))
        text_append(out, "dataset.stratify: true has no effect: all examples are used, and none "
                         "are set aside");
}

/* Groups of test data in a file of their own are compared with those of the training data. */
static void groups_idle(const struct effects_site *site, struct text *out)
{
    if (!is_chosen(site, "dataset.group") || !takes_all(site) ||
        (is_text(site, "dataset.name", "csv") && value_of(site, "dataset.test_path")))
        return;
    put_setting(site, "dataset.group", out);
    text_append(out, " has no effect: all examples are used, and none are set aside");
}

static void test_order(const struct effects_site *site, struct text *out)
{
    if (!is_chosen(site, "dataset.test_order")) return;
    const char *reason =
        !is_chosen(site, "dataset.test_size") && !is_chosen(site, "dataset.test_fraction")
            ? "all test examples are taken"
        : site->info->test_available == 0
            ? "test examples are cut from the training data, after a permutation"
            : NULL;
    if (!reason) return;
    put_setting(site, "dataset.test_order", out);
    text_format(out, " has no effect: %s", reason);
}

static void norm_groups(const struct effects_site *site, struct text *out)
{
    if (!is_chosen(site, "architecture.norm_groups") || is_text(site, "architecture.norm", "group"))
        return;
    put_setting(site, "architecture.norm_groups", out);
    text_format(out, " has no effect: norm is %s",
                value_text(site->settings->spec, "architecture.norm"));
}

/* A network without the layers that a key is about. */
static void no_layers(const struct effects_site *site, struct text *out)
{
    static const char *const of_channels[] = {"architecture.kernel", "architecture.pool",
                                              "architecture.norm"};
    bool channels =
        !is_empty(site, "architecture.channels") || value_of(site, "architecture.layers");
    bool hidden = !is_empty(site, "architecture.hidden");
    const char *idle = NULL;
    if (!hidden && !(value_of(site, "architecture.channels") && channels) &&
        is_chosen(site, "architecture.activation"))
        idle = "architecture.activation";
    for (size_t i = 0; i < sizeof of_channels / sizeof *of_channels && !channels; i++)
        if (is_chosen(site, of_channels[i])) idle = of_channels[i];
    if (!idle) return;
    put_setting(site, idle, out);
    text_append(out, " has no effect: the network has no layer of that kind");
}

static void residual(const struct effects_site *site, struct text *out)
{
    const struct value *hidden = value_of(site, "architecture.hidden");
    int64_t width = (int64_t)site->info->features;
    if (!is_chosen(site, "architecture.residual")) return;
    for (size_t i = 0; i < hidden->list.count; i++) {
        if (hidden->list.items[i]->integer == width) return;
        width = hidden->list.items[i]->integer;
    }
    text_append(out, "architecture.residual: true has no effect: no hidden layer is as wide as its "
                     "input");
}

static void correlated_noise(const struct effects_site *site, struct text *out)
{
    if (!is_chosen(site, "dataset.correlated_noise") ||
        number_of_path(site, "dataset.padding_maximum") > 0)
        return;
    put_setting(site, "dataset.correlated_noise", out);
    text_append(out, " has no effect: with padding_maximum: 0 there are no zeros that it replaces");
}

static void embedding(const struct effects_site *site, struct text *out)
{
    if (!is_chosen(site, "architecture.embedding") || site->info->task == DATA_LANGUAGE) return;
    put_setting(site, "architecture.embedding", out);
    text_append(out, " has no effect: these data are numbers, and only tokens are embedded");
}

static void causal(const struct effects_site *site, struct text *out)
{
    const struct value *value = value_of(site, "architecture.causal");
    if (value && !value->boolean && site->info->task != DATA_LANGUAGE)
        text_append(out, "architecture.causal: false says what is so without it");
}

/* ---- layers in a list ---- */

static bool is_one(const struct value *layer, const char *key)
{
    const struct value *value = value_find(layer, key);
    return value && value->kind == VALUE_INTEGER && value->integer == 1;
}

/* Keys of layers that other keys of the same layer make idle: `key` has another value than its
 * default, and `cause` is 1. */
static const struct {
    const char *layer, *key, *cause, *reason;
} idle_keys[] = {
    {"conv", "dilation", "kernel", "a kernel of 1 has one tap"},
    {"rnn", "dropout", "layers", "it acts between layers, and there is one"},
    {"lstm", "dropout", "layers", "it acts between layers, and there is one"},
    {"gru", "dropout", "layers", "it acts between layers, and there is one"},
};

static void layers(const struct effects_site *site, struct text *out)
{
    const struct value *list = value_of(site, "architecture.layers");
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.count; i++) {
        const struct value_member *layer = &list->list.items[i]->map.members[0];
        for (size_t k = 0; k < sizeof idle_keys / sizeof *idle_keys; k++) {
            const struct value *value = value_find(layer->value, idle_keys[k].key);
            if (strcmp(layer->key, idle_keys[k].layer) != 0 || !value || value->is_default ||
                !is_one(layer->value, idle_keys[k].cause))
                continue;
            text_format(out, "architecture.layers.%zu.%s.%s has no effect: %s", i, layer->key,
                        idle_keys[k].key, idle_keys[k].reason);
            return;
        }
    }
}

/* ---- seeds ---- */

static bool starts_at_zero(const struct effects_site *site)
{
    return is_text(site, "architecture.initializer.type", "zeros");
}

/* Neither the order of examples nor dropout is drawn. What a list of layers drops is not looked at:
 * it counts as something. */
static bool draws_nothing(const struct effects_site *site)
{
    const struct train_plan plan = plan_of(site);
    bool in_order = plan.full_batch || !site->settings->train.training.shuffle;
    return in_order && number_of_path(site, "regularizers.dropout") == 0 &&
           !value_of(site, "architecture.layers");
}

static void seed_of_all(const struct effects_site *site, struct text *out)
{
    if (site->seeds > 1 && starts_at_zero(site) && draws_nothing(site))
        text_format(out,
                    "seed: all %zu seeds train the same network, since its weights start at zero "
                    "and no order or dropout is drawn; only measures that draw random numbers "
                    "differ",
                    site->seeds);
}

static void seed_of_init(const struct effects_site *site, struct text *out)
{
    if (is_chosen(site, "seed.init") && starts_at_zero(site))
        text_append(out, "seed.init has no effect: the initial weights are zero");
}

static void seed_of_order(const struct effects_site *site, struct text *out)
{
    if (is_chosen(site, "seed.order") && draws_nothing(site))
        text_append(out, "seed.order has no effect: neither an order of examples nor dropout is "
                         "drawn");
}

/* ---- measures ---- */

/* Calls on the first measure for which `is_idle` holds. */
static const struct value_member *measure_that(const struct effects_site *site,
                                               bool (*is_idle)(const struct effects_site *site,
                                                               const struct value *options))
{
    const struct value *measures = value_of(site, "measures");
    for (size_t i = 0; measures && i < measures->map.count; i++)
        if (is_idle(site, measures->map.members[i].value)) return &measures->map.members[i];
    return NULL;
}

static double option_of(const struct value *options, const char *key)
{
    return value_find(options, key) ? value_number(options, key) : 0;
}

static bool has_more_examples(const struct effects_site *site, const struct value *options)
{
    const struct value *examples = value_find(options, "examples");
    return examples && !examples->is_default && option_of(options, "examples") > 0 &&
           option_of(options, "examples") > (double)examples_of(site);
}

static void idle_examples(const struct effects_site *site, struct text *out)
{
    const struct value_member *measure = measure_that(site, has_more_examples);
    if (measure)
        text_format(out,
                    "measures.%s.examples: %.0f is more than the %lld training examples: it takes "
                    "all of them",
                    measure->key, option_of(measure->value, "examples"), examples_of(site));
}

static bool is_beyond_the_end(const struct effects_site *site, const struct value *options)
{
    return option_of(options, "every") > (double)plan_of(site).epochs;
}

static void idle_every(const struct effects_site *site, struct text *out)
{
    const struct value_member *measure = measure_that(site, is_beyond_the_end);
    if (measure)
        text_format(out,
                    "measures.%s.every: %.0f is not reached in %lld epochs: it is taken before the "
                    "first epoch and at the end",
                    measure->key, option_of(measure->value, "every"),
                    (long long)plan_of(site).epochs);
}

static bool has_idle_probes(const struct effects_site *site, const struct value *options)
{
    const struct value *method = value_find(options, "method"),
                       *probes = value_find(options, "probes");
    (void)site;
    return method && probes && !probes->is_default && strcmp(method->text, "exact") == 0;
}

static void idle_probes(const struct effects_site *site, struct text *out)
{
    const struct value_member *measure = measure_that(site, has_idle_probes);
    if (measure)
        text_format(out,
                    "measures.%s.probes is not used: the method exact has one product for each "
                    "parameter",
                    measure->key);
}

const struct effect_rule effect_rules[] = {{"training.optimizer.nesterov", nesterov},
                                           {"training.optimizer", adamw},
                                           {"training.schedule.warmup", warmup},
                                           {"training.schedule.every", step_never},
                                           {"training.schedule.every", step_often},
                                           {"training.schedule.factor", step_factor_one},
                                           {"training.schedule.final", cosine_final_one},
                                           {"training.batch_size", large_batch},
                                           {"training.steps", steps_zero},
                                           {"training.shuffle", no_shuffle},
                                           {"training.drop_last", drop_last},
                                           {"training.log_every", log_every},
                                           {"training.stop.train_loss_below", stop_below_zero},
                                           {"regularizers.exempt", exempt},
                                           {"evaluate.every", evaluate_every},
                                           {"checkpoint.every_seconds", idle_seconds},
                                           {"checkpoint.every_epochs", idle_epochs},
                                           {"dataset.label_noise", label_noise},
                                           {"dataset.stratify", stratify},
                                           {"dataset.group", groups_idle},
                                           {"dataset.test_order", test_order},
                                           {"architecture.norm_groups", norm_groups},
                                           {"architecture.activation", no_layers},
                                           {"architecture.residual", residual},
                                           {"dataset.correlated_noise", correlated_noise},
                                           {"architecture.embedding", embedding},
                                           {"architecture.causal", causal},
                                           {"architecture.layers", layers},
                                           {"seed", seed_of_all},
                                           {"seed.init", seed_of_init},
                                           {"seed.order", seed_of_order},
                                           {"measures.*.examples", idle_examples},
                                           {"measures.*.every", idle_every},
                                           {"measures.*.probes", idle_probes},
                                           {0}};

_Static_assert(sizeof effect_rules / sizeof *effect_rules == EFFECT_RULES + 1,
               "EFFECT_RULES is the number of rules");
