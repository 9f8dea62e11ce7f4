#include "train/optimizer.h"

#include <math.h>
#include <string.h>
#include "train/train.h"

struct optimizer_kind {
    enum update_rule rule;
    bool full_batch;
};

struct optimizer {
    const struct model *model;
    enum precision precision;
    struct update update;
    double l1, l2, decay, clipping;
    bool exempt; /* biases and normalisation carry no penalty */
    void *m, *v;
};

#define RATE_ROW(default_text, source_text)                                                        \
    {                                                                                              \
        .key = "learning_rate", .type = SCHEMA_FLOAT, .maximum = 1e6, .fallback = default_text,    \
        .flags = SCHEMA_OPEN_MINIMUM, .doc = "Step size before the schedule.",                     \
        .source = source_text, .aliases = (const char *const[])                                    \
        {                                                                                          \
            "lr", "eta", "step_size", "rate", NULL                                                 \
        }                                                                                          \
    }
#define MOMENTUM_ROWS                                                                              \
    {.key = "momentum",                                                                            \
     .type = SCHEMA_FLOAT,                                                                         \
     .maximum = 1,                                                                                 \
     .fallback = "0.0",                                                                            \
     .flags = SCHEMA_OPEN_MAXIMUM,                                                                 \
     .doc = "Factor b of m <- b m + g, w <- w - learning_rate m (PyTorch's form).",                \
     .source = "Polyak, 1964",                                                                     \
     .aliases = (const char *const[]){"mom", "beta", NULL}},                                       \
    {                                                                                              \
        .key = "nesterov", .type = SCHEMA_BOOLEAN, .fallback = "false",                            \
        .doc = "Step along g + momentum m instead of m.", .source = "Sutskever et al., ICML 2013"  \
    }
#define ADAM_ROWS                                                                                  \
    {.key = "beta1",                                                                               \
     .type = SCHEMA_FLOAT,                                                                         \
     .maximum = 1,                                                                                 \
     .fallback = "0.9",                                                                            \
     .flags = SCHEMA_OPEN_MAXIMUM,                                                                 \
     .doc = "Decay of the mean of gradients.",                                                     \
     .source = "Kingma and Ba, ICLR 2015"},                                                        \
        {.key = "beta2",                                                                           \
         .type = SCHEMA_FLOAT,                                                                     \
         .maximum = 1,                                                                             \
         .fallback = "0.999",                                                                      \
         .flags = SCHEMA_OPEN_MAXIMUM,                                                             \
         .doc = "Decay of the mean of squared gradients.",                                         \
         .source = "Kingma and Ba, ICLR 2015"},                                                    \
    {                                                                                              \
        .key = "epsilon", .type = SCHEMA_FLOAT, .maximum = 1, .fallback = "1e-8",                  \
        .flags = SCHEMA_OPEN_MINIMUM, .doc = "Added to the root of the mean square.",              \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "eps", NULL                                                                            \
        }                                                                                          \
    }

static const struct schema_row sgd_parameters[] = {
    RATE_ROW("0.1", "Robbins and Monro, 1951"), MOMENTUM_ROWS, {0}};
static const struct schema_row adam_parameters[] = {
    RATE_ROW("0.001", "Kingma and Ba, ICLR 2015"), ADAM_ROWS, {0}};

static const struct optimizer_kind sgd = {UPDATE_PLAIN, false}, gd = {UPDATE_PLAIN, true},
                                   adam = {UPDATE_ADAM, false};

static const struct entry sgd_entry = {
    .name = "sgd",
    .doc = "Stochastic gradient descent, with momentum where asked for.",
    .source = "Robbins and Monro, 1951",
    .parameters = sgd_parameters,
    .implementation = &sgd};
static const struct entry gd_entry = {
    .name = "gd",
    .doc = "Gradient descent on the whole training set: one step an epoch, batch_size is not used.",
    .parameters = sgd_parameters,
    .implementation = &gd};
static const struct entry adam_entry = {.name = "adam",
                                        .doc = "Adam with bias correction.",
                                        .source = "Kingma and Ba, ICLR 2015, algorithm 1",
                                        .parameters = adam_parameters,
                                        .implementation = &adam};
static const struct entry adamw_entry = {
    .name = "adamw",
    .doc = "Adam with decoupled weight decay, which is regularizers.weight_decay (0 by default, "
           "where PyTorch has 0.01).",
    .source = "Loshchilov and Hutter, ICLR 2019, algorithm 2",
    .parameters = adam_parameters,
    .implementation = &adam};
static const struct entry *const entries[] = {&sgd_entry, &gd_entry, &adam_entry, &adamw_entry,
                                              NULL};

const struct registry optimizer_registry = {
    .kind = "optimizer", .plural = "optimizers", .entries = entries};

static const struct optimizer_kind *kind_of(const struct value *spec)
{
    return registry_find(&optimizer_registry, value_text(spec, "training.optimizer.type"))
        ->implementation;
}

bool optimizer_full_batch(const struct value *spec)
{
    return kind_of(spec)->full_batch;
}

double optimizer_rate(const struct value *spec)
{
    return value_number(spec, "training.optimizer.learning_rate");
}

static struct update update_of(const struct value *spec)
{
    const struct value *block = value_map(spec, "training.optimizer");
    struct update update = {.rule = kind_of(spec)->rule};
    if (update.rule == UPDATE_ADAM) {
        update.momentum = value_number(block, "beta1");
        update.beta2 = value_number(block, "beta2");
        update.epsilon = value_number(block, "epsilon");
        return update;
    }
    update.momentum = value_number(block, "momentum");
    if (update.momentum > 0)
        update.rule = value_boolean(block, "nesterov") ? UPDATE_NESTEROV : UPDATE_MOMENTUM;
    return update;
}

int optimizer_vectors(const struct value *spec)
{
    struct update update = update_of(spec);
    return update.rule == UPDATE_PLAIN ? 0 : update.rule == UPDATE_ADAM ? 2 : 1;
}

basin_status optimizer_create(struct arena *arena, const struct value *spec,
                              const struct model *model, struct optimizer **out)
{
    struct optimizer *optimizer = arena_allocate(arena, sizeof *optimizer);
    if (!optimizer) return BASIN_MEMORY;
    bool narrow = strcmp(value_text(spec, "precision"), "float32") == 0;
    optimizer->model = model;
    optimizer->precision = narrow ? PRECISION_FLOAT32 : PRECISION_FLOAT64;
    optimizer->update = update_of(spec);
    optimizer->l1 = value_number(spec, "regularizers.l1");
    optimizer->l2 = value_number(spec, "regularizers.l2");
    optimizer->decay = value_number(spec, "regularizers.weight_decay");
    optimizer->exempt = strcmp(value_text(spec, "regularizers.exempt"), "none") != 0;
    if (value_has(spec, "training.gradient_clipping"))
        optimizer->clipping = value_number(spec, "training.gradient_clipping");
    size_t bytes = (size_t)model_size(model) * precision_size(optimizer->precision);
    if (optimizer->update.rule != UPDATE_PLAIN && !(optimizer->m = arena_allocate(arena, bytes)))
        return BASIN_MEMORY;
    if (optimizer->update.rule == UPDATE_ADAM && !(optimizer->v = arena_allocate(arena, bytes)))
        return BASIN_MEMORY;
    *out = optimizer;
    return BASIN_OK;
}

basin_status optimizer_state(struct optimizer *optimizer, struct state *state)
{
    enum record_type type =
        optimizer->precision == PRECISION_FLOAT32 ? RECORD_FLOAT32 : RECORD_FLOAT64;
    size_t size = (size_t)model_size(optimizer->model);
    int64_t step = optimizer->update.step;
    TRY(state_integer(state, "optimizer_step", &step));
    optimizer->update.step = step;
    if (optimizer->m) TRY(state_array(state, "optimizer_m", type, size, optimizer->m));
    return optimizer->v ? state_array(state, "optimizer_v", type, size, optimizer->v) : BASIN_OK;
}

static bool is_penalised(const struct optimizer *optimizer, const struct model_parameter *parameter)
{
    return !optimizer->exempt || parameter->role == ROLE_WEIGHT;
}

static void add_penalties(const struct optimizer *optimizer, const void *w, void *g)
{
    if (optimizer->l1 == 0 && optimizer->l2 == 0) return;
    for (int i = 0; i < model_parameter_count(optimizer->model); i++) {
        const struct model_parameter *parameter = model_parameter(optimizer->model, i);
        if (is_penalised(optimizer, parameter))
            update_regularize(optimizer->precision, (size_t)parameter->offset,
                              (size_t)parameter->size, w, g, optimizer->l1, optimizer->l2);
    }
}

/* Scale that brings the gradient's norm down to `clipping` (Pascanu et al., ICML 2013). */
static double clip(const struct optimizer *optimizer, const void *g)
{
    if (optimizer->clipping == 0) return 1;
    double norm =
        sqrt(update_square_norm(optimizer->precision, g, (size_t)model_size(optimizer->model)));
    return norm > optimizer->clipping ? optimizer->clipping / norm : 1;
}

double optimizer_step(struct optimizer *optimizer, double rate, void *w, void *g)
{
    add_penalties(optimizer, w, g);
    struct update *update = &optimizer->update;
    update->gradient_scale = clip(optimizer, g);
    update->rate = rate;
    update->step++;
    double squares = 0;
    for (int i = 0; i < model_parameter_count(optimizer->model); i++) {
        const struct model_parameter *parameter = model_parameter(optimizer->model, i);
        update->decay = is_penalised(optimizer, parameter) ? optimizer->decay : 0;
        squares += update_apply(update, optimizer->precision, (size_t)parameter->offset,
                                (size_t)parameter->size, w, g, optimizer->m, optimizer->v);
    }
    return sqrt(squares);
}
