#include "train/train.h"

#include <math.h>
#include <string.h>
#include "base/random.h"
#include "train/optimizer.h"
#include "train/schedule.h"

enum { FULL_BATCH_PIECE = 2000 }; /* examples of one piece of a full-batch gradient */

enum precision train_precision(const struct value *spec)
{
    return strcmp(value_text(spec, "precision"), "float64") == 0 ? PRECISION_FLOAT64
                                                                 : PRECISION_FLOAT32;
}

struct network_request train_network(const struct value *spec, const struct model *model,
                                     const struct data *data, enum network_kind kind,
                                     enum model_mode mode)
{
    return (struct network_request){
        .model = model,
        .data = data,
        .kind = kind,
        .mode = mode,
        .loss = data_describe(data)->task == DATA_LANGUAGE
                    ? LOSS_TOKENS
                    : model_loss_find(value_text(spec, "training.loss")),
        .label_smoothing =
            mode == MODE_TRAIN ? value_number(spec, "regularizers.label_smoothing") : 0,
        .precision = train_precision(spec),
    };
}

basin_status train_initial(const struct value *spec, const struct model *model, void *w)
{
    size_t size = (size_t)model_state_size(model);
    double *drawn = memory_allocate(size * sizeof *drawn);
    if (!drawn) return BASIN_MEMORY;
    model_initialize(model, value_seed(spec, "seed.init"), drawn);
    vector_from_double(train_precision(spec), drawn, w, size);
    memory_free(drawn);
    return BASIN_OK;
}

struct train_plan train_plan(const struct value *spec, const struct data_info *info)
{
    const struct optimizer_kind *optimizer = optimizer_of(spec);
    struct train_plan plan = {.full_batch = optimizer->full_batch,
                              .gradients = optimizer->gradients};
    int64_t examples = (int64_t)info->counts[DATA_TRAIN],
            batch = value_integer(spec, "training.batch_size");
    if (plan.full_batch) {
        plan.batch = examples < FULL_BATCH_PIECE ? examples : FULL_BATCH_PIECE;
        plan.batches = 1;
        plan.last = examples;
    } else {
        plan.batch = batch < examples ? batch : examples;
        bool drop = value_boolean(spec, "training.drop_last") || examples % plan.batch == 0;
        plan.batches = examples / plan.batch + !drop;
        plan.last = drop ? plan.batch : examples % plan.batch;
    }
    plan.steps = value_integer(spec, "training.steps");
    if (plan.steps == 0) plan.steps = value_integer(spec, "training.epochs") * plan.batches;
    plan.epochs = (plan.steps + plan.batches - 1) / plan.batches;
    int64_t every = value_integer(spec, "evaluate.every");
    plan.evaluations = (plan.epochs + every - 1) / every;
    return plan;
}

static basin_status train_refuse(const char **where, const char *path, const char *hint,
                                 const char *message)
{
    *where = path;
    error_raise(BASIN_SPEC, "%s", message);
    error_hint("%s", hint);
    return BASIN_SPEC;
}

/* Both steps and epochs were written by the user (a default has no place in the file). */
static bool both_lengths(const struct value *spec)
{
    return value_integer(spec, "training.steps") > 0 &&
           !value_find(spec, "training.epochs")->is_default;
}

basin_status train_check(const struct value *spec, const struct data_info *info, const char **path)
{
    bool classes = info->task != DATA_REGRESSION, language = info->task == DATA_LANGUAGE;
    if (language && strcmp(value_text(spec, "training.loss"), "mse") == 0)
        return train_refuse(path, "training.loss", "use cross_entropy",
                            "mse has no meaning for the tokens of a text");
    if (language && value_number(spec, "regularizers.label_smoothing") > 0)
        return train_refuse(path, "regularizers.label_smoothing", "use label_smoothing: 0",
                            "label_smoothing is not there for language models");
    if (info->counts[DATA_TRAIN] == 0)
        return train_refuse(path, "dataset.train_size", "train_size must be at least 1",
                            "the training set is empty");
    if (both_lengths(spec))
        return train_refuse(path, "training.steps", "give one of them",
                            "training.steps and training.epochs are both given");
    if (optimizer_of(spec)->full_batch && !value_find(spec, "training.batch_size")->is_default)
        return train_refuse(
            path, "training.batch_size", "leave it out, or use optimizer: sgd",
            "batch_size has no meaning for gd, which sees the whole training set at every step");
    if (!classes && strcmp(value_text(spec, "training.loss"), "mse") != 0)
        return train_refuse(path, "training.loss", "use mse",
                            "cross_entropy needs classes, but this data set is a regression");
    if (value_number(spec, "regularizers.label_smoothing") > 0 &&
        strcmp(value_text(spec, "training.loss"), "mse") == 0)
        return train_refuse(path, "regularizers.label_smoothing",
                            "use training.loss: cross_entropy, or label_smoothing: 0",
                            "label_smoothing applies to cross_entropy only");
    if (value_boolean(spec, "weights.best") && info->counts[DATA_VALIDATION] == 0)
        return train_refuse(
            path, "weights.best",
            info->task == DATA_LANGUAGE ? "set dataset.validation_fraction"
                                        : "set dataset.validation_size",
            "the best weights are chosen by the validation loss, but there is no validation set");
    return BASIN_OK;
}

/* The trainer's own vectors, beside the optimiser's. */
enum { WEIGHTS, BACKUP, INITIAL, BEST, SUM, ORDER, TRAINER_VECTORS };

struct trainer_needs {
    bool best, full_batch;
};

static bool needs_best(const void *needs)
{
    return ((const struct trainer_needs *)needs)->best;
}

static bool needs_sum(const void *needs)
{
    return ((const struct trainer_needs *)needs)->full_batch;
}

/* clang-format off */
static const struct vector_row trainer_vectors[] = {
    [WEIGHTS] = {"w", VECTOR_STATE, VECTOR_REAL, .saved = true},
    [BACKUP] = {"backup", VECTOR_STATE, VECTOR_REAL, .saved = true}, /* w at the epoch's start */
    [INITIAL] = {"initial", VECTOR_STATE, VECTOR_REAL},
    [BEST] = {"best", VECTOR_STATE, VECTOR_REAL, .saved = true, .needed = needs_best},
    [SUM] = {"sum", VECTOR_PARAMETERS, VECTOR_DOUBLE, .needed = needs_sum}, /* of full gradients */
    [ORDER] = {"order", VECTOR_EXAMPLES, VECTOR_INDEX}, /* of the epoch's examples */
    {0}};
/* clang-format on */

static struct trainer_needs trainer_needs(const struct value *spec)
{
    return (struct trainer_needs){.best = value_boolean(spec, "weights.best"),
                                  .full_batch = optimizer_of(spec)->full_batch};
}

basin_status train_vectors(struct arena *arena, const struct value *spec, const struct model *model,
                           const struct data_info *info, struct vector_bytes *bytes)
{
    struct vector_space space = vector_space(model, info, train_precision(spec));
    struct trainer_needs needs = trainer_needs(spec);
    struct setting_variant type;
    TRY(optimizer_settings(arena, spec, &type));
    struct vector_bytes own = vectors_bytes(trainer_vectors, &needs, &space),
                        optimizer = optimizer_bytes(type, &space);
    *bytes = (struct vector_bytes){own.all + optimizer.all, own.saved + optimizer.saved};
    return BASIN_OK;
}

struct trainer {
    const struct train_request *request;
    struct train_result *result;
    struct train_plan plan;
    const struct value *spec, *schedule;
    enum precision precision;
    uint64_t seed;
    struct vector_space space;
    size_t size, state_bytes; /* P; bytes of P + B: w with the buffers behind it */
    struct network_pool *gradients, *outputs;
    struct optimizer *optimizer;
    void *vectors[TRAINER_VECTORS];
    void *w;              /* (P + B), of the vectors */
    uint32_t *order;      /* (examples), of the vectors */
    double learning_rate; /* before the schedule */
    int asked;            /* gradients that the step under way has taken */
    double rate, batch_loss, norm;
    int64_t log_every, step, pieces;
    int64_t epoch, index, taken; /* the epoch under way, its next batch, and its steps so far, */
    double losses, norms;        /* with the sums over them */
    int64_t over;                /* all epochs are, with all that follows them */
    double best_loss;
};

static unsigned epoch_columns(const struct data_info *info)
{
    unsigned columns = (1u << CURVES) - 1;
    if (info->counts[DATA_VALIDATION] == 0)
        columns &= ~(1u << CURVE_validation_loss | 1u << CURVE_validation_accuracy);
    if (info->counts[DATA_TEST] == 0)
        columns &= ~(1u << CURVE_test_loss | 1u << CURVE_test_accuracy);
    if (info->task != DATA_LANGUAGE)
        columns &=
            ~(1u << CURVE_train_perplexity | 1u << CURVE_validation_perplexity |
              1u << CURVE_test_perplexity | 1u << CURVE_train_bits_per_character |
              1u << CURVE_validation_bits_per_character | 1u << CURVE_test_bits_per_character);
    if (info->counts[DATA_VALIDATION] == 0)
        columns &= ~(1u << CURVE_validation_perplexity | 1u << CURVE_validation_bits_per_character);
    if (info->counts[DATA_TEST] == 0)
        columns &= ~(1u << CURVE_test_perplexity | 1u << CURVE_test_bits_per_character);
    if (info->task == DATA_REGRESSION)
        columns &= ~(1u << CURVE_train_accuracy | 1u << CURVE_validation_accuracy |
                     1u << CURVE_test_accuracy);
    return columns;
}

static basin_status create_curves(struct trainer *trainer)
{
    struct arena *arena = trainer->request->arena;
    TRY(curves_create(arena, epoch_columns(data_describe(trainer->request->data)),
                      trainer->plan.epochs, &trainer->result->epochs));
    int64_t rows = trainer->log_every ? trainer->plan.steps / trainer->log_every : 0;
    return curves_create(arena, CURVES_BY_STEP, rows, &trainer->result->steps);
}

static basin_status create_vectors(struct trainer *trainer)
{
    const struct train_request *request = trainer->request;
    struct trainer_needs needs = trainer_needs(trainer->spec);
    TRY(vectors_create(request->arena, trainer_vectors, &needs, &trainer->space, trainer->vectors));
    void **vectors = trainer->vectors;
    trainer->w = vectors[WEIGHTS];
    trainer->order = vectors[ORDER];
    for (size_t i = 0; i < trainer->space.lengths[VECTOR_EXAMPLES]; i++)
        trainer->order[i] = (uint32_t)i;
    TRY(train_initial(trainer->spec, request->model, trainer->w));
    memcpy(vectors[INITIAL], trainer->w, trainer->state_bytes);
    if (vectors[BEST]) memcpy(vectors[BEST], trainer->w, trainer->state_bytes);
    trainer->result->w = trainer->w;
    trainer->result->initial = vectors[INITIAL];
    trainer->result->best = vectors[BEST];
    return BASIN_OK;
}

static basin_status create_optimizer(struct trainer *trainer)
{
    const struct train_request *request = trainer->request;
    struct penalties penalties = penalties_of(request->spec);
    struct setting_variant type;
    TRY(optimizer_settings(request->arena, request->spec, &type));
    trainer->learning_rate = ((const struct optimizer_settings *)type.settings)->learning_rate;
    return optimizer_create(request->arena, type, &penalties, request->model, &trainer->space,
                            &trainer->optimizer);
}

static basin_status create(struct trainer *trainer, const struct train_request *request,
                           struct train_result *result)
{
    const struct data_info *info = data_describe(request->data);
    *trainer = (struct trainer){
        .request = request,
        .result = result,
        .plan = train_plan(request->spec, info),
        .spec = request->spec,
        .schedule = value_map(request->spec, "training.schedule"),
        .precision = train_precision(request->spec),
        .seed = value_seed(request->spec, "seed.order"),
        .space = vector_space(request->model, info, train_precision(request->spec)),
        .size = (size_t)model_size(request->model),
        .log_every = value_integer(request->spec, "training.log_every"),
        .best_loss = INFINITY,
    };
    *result = (struct train_result){0};
    trainer->state_bytes =
        trainer->space.lengths[VECTOR_STATE] * precision_size(trainer->precision);
    trainer->pieces = trainer->plan.full_batch
                          ? (trainer->plan.last + trainer->plan.batch - 1) / trainer->plan.batch
                          : 1;
    TRY(create_curves(trainer));
    TRY(create_vectors(trainer));
    TRY(create_optimizer(trainer));
    struct network_request gradient =
        train_network(request->spec, request->model, request->data, NETWORK_GRADIENT, MODE_TRAIN);
    struct network_request outputs =
        train_network(request->spec, request->model, request->data, NETWORK_OUTPUTS, MODE_EVAL);
    TRY(network_pool_create(&gradient, &trainer->gradients));
    TRY(network_pool_create(&outputs, &trainer->outputs));
    network_pool_stop(trainer->outputs, request->stop);
    return BASIN_OK;
}

static basin_status evaluations_state(struct train_result *result, struct state *state)
{
    double numbers[2 * DATA_PARTS];
    for (int part = 0; part < DATA_PARTS; part++) {
        numbers[2 * part] = result->final[part].loss;
        numbers[2 * part + 1] = result->final[part].accuracy;
    }
    TRY(state_array(state, "evaluations", RECORD_FLOAT64, 2 * DATA_PARTS, numbers));
    for (int part = 0; part < DATA_PARTS; part++)
        result->final[part] = (struct evaluation){numbers[2 * part], numbers[2 * part + 1]};
    return BASIN_OK;
}

basin_status train_state(struct trainer *trainer, struct state *state)
{
    struct train_result *result = trainer->result;
    const struct {
        const char *name;
        int64_t *value;
    } integers[] = {{"epoch", &trainer->epoch},         {"index", &trainer->index},
                    {"taken", &trainer->taken},         {"step", &trainer->step},
                    {"over", &trainer->over},           {"epochs_done", &result->epochs_done},
                    {"best_epoch", &result->best_epoch}};
    const struct {
        const char *name;
        double *value;
    } floats[] = {{"losses", &trainer->losses},
                  {"norms", &trainer->norms},
                  {"norm", &trainer->norm},
                  {"rate", &trainer->rate},
                  {"best_loss", &trainer->best_loss}};
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
        TRY(state_integer(state, integers[i].name, integers[i].value));
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++)
        TRY(state_float(state, floats[i].name, floats[i].value));
    int64_t diverged = result->diverged;
    TRY(state_integer(state, "diverged", &diverged));
    result->diverged = diverged != 0;
    TRY(state_text(state, "stopped_by", trainer->request->arena, &result->stopped_by));
    if (!state->save && !trainer->over)
        result->stopped_by = NULL; /* the last epoch's end is done again */
    TRY(evaluations_state(result, state));
    TRY(vectors_state(trainer_vectors, "", &trainer->space, trainer->vectors, state));
    TRY(optimizer_state(trainer->optimizer, state));
    struct state epochs = *state, steps = *state;
    epochs.prefix = "epochs/";
    steps.prefix = "steps/";
    TRY(curves_state(&result->epochs, &epochs));
    return curves_state(&result->steps, &steps);
}

void train_position(const struct trainer *trainer, int64_t *epoch, int64_t *step)
{
    *epoch = trainer->result->epochs_done;
    *step = trainer->step;
}

static bool stopped(const struct trainer *trainer)
{
    return trainer->request->stop && *trainer->request->stop;
}

static basin_status train_save(struct trainer *trainer)
{
    const struct train_hooks *hooks = &trainer->request->hooks;
    return hooks->save ? hooks->save(hooks->context, trainer) : BASIN_OK;
}

/* `epoch`: the one that has just ended, 0 within one. */
static basin_status save_if_due(struct trainer *trainer, int64_t epoch)
{
    const struct train_hooks *hooks = &trainer->request->hooks;
    return hooks->due && hooks->due(hooks->context, epoch) ? train_save(trainer) : BASIN_OK;
}

static void report_work(const struct trainer *trainer, double flops)
{
    if (trainer->request->hooks.work)
        trainer->request->hooks.work(trainer->request->hooks.context, flops);
}

/* Loss and gradient g of `count` examples at w. Running statistics learn from the first gradient of
 * a step alone. */
static basin_status piece(struct trainer *trainer, const uint32_t *rows, int64_t count,
                          int64_t index, void *w, void *g, double *loss)
{
    struct network *network;
    TRY(network_pool_get(trainer->gradients, count, &network));
    network_bind(network, SLOT_PARAMETERS, w);
    network_bind(network, SLOT_GRADIENT, g);
    network_random(network, trainer->seed, (uint32_t)(trainer->step * trainer->pieces + index));
    network_load(network, DATA_TRAIN, rows);
    network_run(network, PROGRAM_ALL);
    report_work(trainer, network_flops(network, PROGRAM_ALL));
    *loss = network_loss(network);
    if (isfinite(*loss) && trainer->asked == 0) network_fold(network, w);
    return BASIN_OK;
}

/* The gradient of the whole training set: pieces in a fixed order, summed in float64. */
static basin_status full_gradient(struct trainer *trainer, void *w, void *g, double *loss)
{
    int64_t examples = trainer->plan.last;
    double *sum = trainer->vectors[SUM];
    if (trainer->plan.batch == examples)
        return piece(trainer, trainer->order, examples, 0, w, g, loss);
    memset(sum, 0, trainer->size * sizeof *sum);
    *loss = 0;
    for (int64_t first = 0; first < examples; first += trainer->plan.batch) {
        int64_t count =
            examples - first < trainer->plan.batch ? examples - first : trainer->plan.batch;
        double share = (double)count / (double)examples, part;
        TRY(piece(trainer, trainer->order + first, count, first / trainer->plan.batch, w, g,
                  &part));
        *loss += share * part;
        for (size_t i = 0; i < trainer->size; i++)
            sum[i] += share * (trainer->precision == PRECISION_FLOAT32 ? (double)((float *)g)[i]
                                                                       : ((double *)g)[i]);
    }
    vector_from_double(trainer->precision, sum, g, trainer->size);
    return BASIN_OK;
}

/* What the optimiser calls: the gradient of the step's examples at w. */
static basin_status gradient_at(void *context, void *w, void *g, double *loss)
{
    struct trainer *trainer = context;
    const struct train_plan *plan = &trainer->plan;
    int64_t index = trainer->index, count = index == plan->batches - 1 ? plan->last : plan->batch;
    basin_status status = plan->full_batch ? full_gradient(trainer, w, g, loss)
                                           : piece(trainer, trainer->order + index * plan->batch,
                                                   count, 0, w, g, loss);
    trainer->asked++;
    return status;
}

static double weight_norm(const struct trainer *trainer)
{
    return sqrt(update_square_norm(trainer->precision, trainer->w, trainer->size));
}

static void log_step(struct trainer *trainer, double loss)
{
    if (trainer->log_every == 0 || trainer->step % trainer->log_every != 0) return;
    struct curves *steps = &trainer->result->steps;
    curves_row(steps, trainer->step);
    curves_set(steps, CURVE_batch_loss, loss);
    curves_set(steps, CURVE_learning_rate, trainer->rate);
    curves_set(steps, CURVE_gradient_norm, trainer->norm);
    curves_set(steps, CURVE_weight_norm, weight_norm(trainer));
}

static void diverge(struct trainer *trainer)
{
    trainer->result->diverged = true;
    trainer->result->stopped_by = "divergence";
    if (!vector_finite(trainer->precision, trainer->w, trainer->size))
        memcpy(trainer->w, trainer->vectors[BACKUP], trainer->state_bytes);
}

/* One optimiser step on the next batch of the epoch. A loss or gradient that is not finite marks
 * the run diverged. */
static basin_status train_step(struct trainer *trainer)
{
    struct optimizer *optimizer = trainer->optimizer;
    trainer->asked = 0;
    trainer->rate = trainer->learning_rate *
                    schedule_factor(trainer->schedule, trainer->step, trainer->plan.steps);
    TRY(optimizer_step(optimizer, (struct gradient_source){gradient_at, trainer}, trainer->rate,
                       trainer->w));
    trainer->losses += optimizer->loss;
    if (!isfinite(optimizer->loss)) {
        diverge(trainer);
        return BASIN_OK;
    }
    trainer->norm = optimizer->norm;
    trainer->step++;
    log_step(trainer, optimizer->loss);
    if (!isfinite(optimizer->norm)) diverge(trainer);
    return BASIN_OK;
}

static basin_status evaluate_part(struct trainer *trainer, enum data_part part,
                                  struct evaluation *evaluation)
{
    size_t count = data_describe(trainer->request->data)->counts[part];
    return network_evaluate(trainer->outputs, trainer->w, part, count, evaluation, NULL);
}

static basin_status evaluate(struct trainer *trainer)
{
    static const enum curve_column losses[] = {CURVE_train_loss, CURVE_validation_loss,
                                               CURVE_test_loss};
    static const enum curve_column perplexities[] = {
        CURVE_train_perplexity, CURVE_validation_perplexity, CURVE_test_perplexity};
    static const enum curve_column bits[] = {CURVE_train_bits_per_character,
                                             CURVE_validation_bits_per_character,
                                             CURVE_test_bits_per_character};
    static const enum curve_column accuracies[] = {CURVE_train_accuracy, CURVE_validation_accuracy,
                                                   CURVE_test_accuracy};
    for (int part = 0; part < DATA_PARTS; part++) {
        struct evaluation *found = &trainer->result->final[part];
        TRY(evaluate_part(trainer, (enum data_part)part, found));
        curves_set(&trainer->result->epochs, losses[part], found->loss);
        curves_set(&trainer->result->epochs, accuracies[part], found->accuracy);
        curves_set(&trainer->result->epochs, perplexities[part], exp(found->loss));
        curves_set(&trainer->result->epochs, bits[part], found->loss / M_LN2);
    }
    return BASIN_OK;
}

static void keep_best(struct trainer *trainer, int64_t epoch)
{
    double loss = trainer->result->final[DATA_VALIDATION].loss;
    if (!trainer->result->best || !(loss < trainer->best_loss)) return;
    trainer->best_loss = loss;
    trainer->result->best_epoch = epoch;
    memcpy(trainer->result->best, trainer->w, trainer->state_bytes);
}

static bool is_low_enough(const struct trainer *trainer)
{
    return value_has(trainer->spec, "training.stop.train_loss_below") &&
           trainer->result->final[DATA_TRAIN].loss <
               value_number(trainer->spec, "training.stop.train_loss_below");
}

/* The order of the epoch's examples, and, at its beginning, what is counted in it. */
static void start_epoch(struct trainer *trainer)
{
    size_t examples = data_describe(trainer->request->data)->counts[DATA_TRAIN];
    if (value_boolean(trainer->spec, "training.shuffle") && !trainer->plan.full_batch) {
        struct random random =
            random_make(trainer->seed, STREAM_SHUFFLE, (uint32_t)trainer->epoch, 0);
        random_permutation(&random, trainer->order, examples);
    }
    if (trainer->index > 0) return;
    if (vector_finite(trainer->precision, trainer->w,
                      trainer->size)) /* not where the last step of an epoch overflowed */
        memcpy(trainer->vectors[BACKUP], trainer->w, trainer->state_bytes);
    trainer->losses = trainer->norms = 0;
    trainer->taken = 0;
}

/* The steps of the epoch under way that are left. */
static basin_status epoch_steps(struct trainer *trainer)
{
    start_epoch(trainer);
    while (trainer->index < trainer->plan.batches && trainer->step < trainer->plan.steps &&
           !trainer->result->diverged) {
        if (stopped(trainer)) return error_raise(BASIN_INTERRUPTED, "interrupted");
        TRY(train_step(trainer));
        trainer->index++;
        trainer->taken++;
        if (trainer->result->diverged) break;
        trainer->norms += trainer->norm;
        TRY(save_if_due(trainer, 0));
    }
    trainer->batch_loss = trainer->losses / (double)trainer->taken;
    trainer->norm = trainer->norms / (double)trainer->taken;
    return BASIN_OK;
}

static void record_epoch(struct trainer *trainer)
{
    struct curves *epochs = &trainer->result->epochs;
    curves_set(epochs, CURVE_batch_loss, trainer->batch_loss);
    curves_set(epochs, CURVE_learning_rate, trainer->rate);
    curves_set(epochs, CURVE_gradient_norm, trainer->norm);
    curves_set(epochs, CURVE_weight_norm, weight_norm(trainer));
}

/* One epoch, or what is left of it, with its row, evaluation and hook; sets *done when training is
 * over. All that comes after its steps may be done twice, with the same end: an interruption there
 * goes on from the last step. */
static basin_status train_epoch(struct trainer *trainer, bool *done)
{
    struct train_result *result = trainer->result;
    int64_t epoch = trainer->epoch, every = value_integer(trainer->spec, "evaluate.every");
    TRY(epoch_steps(trainer));
    curves_row(&result->epochs, epoch);
    record_epoch(trainer);
    bool last = trainer->step >= trainer->plan.steps;
    if (!result->diverged && (epoch % every == 0 || last)) {
        TRY(evaluate(trainer));
        if (!isfinite(result->final[DATA_TRAIN].loss)) diverge(trainer);
        keep_best(trainer, epoch);
        if (!result->diverged && is_low_enough(trainer)) result->stopped_by = "train_loss_below";
    }
    if (last && !result->stopped_by)
        result->stopped_by =
            value_integer(trainer->spec, "training.steps") > 0 ? "steps" : "epochs";
    *done = result->stopped_by != NULL;
    if (trainer->request->hooks.epoch && !result->diverged)
        TRY(trainer->request->hooks.epoch(trainer->request->hooks.context, epoch, trainer->w));
    result->epochs_done = epoch;
    trainer->epoch++;
    trainer->index = 0;
    trainer->over = *done;
    return *done ? BASIN_OK : save_if_due(trainer, epoch);
}

static basin_status epochs(struct trainer *trainer)
{
    if (trainer->request->resume) {
        TRY(train_state(trainer, trainer->request->resume));
    } else {
        trainer->epoch = 1;
        if (trainer->request->hooks.epoch)
            TRY(trainer->request->hooks.epoch(trainer->request->hooks.context, 0, trainer->w));
    }
    for (bool done = trainer->over; !done;) TRY(train_epoch(trainer, &done));
    return save_if_due(trainer, TRAIN_END);
}

static basin_status loop(struct trainer *trainer)
{
    basin_status status = epochs(trainer);
    if (status == BASIN_INTERRUPTED && trainer->step > 0) {
        basin_error why = *basin_error_last();
        TRY(train_save(trainer));
        return error_restore(&why);
    }
    TRY(status);
    trainer->result->steps_done = trainer->step;
    for (int part = 0; trainer->result->diverged && part < DATA_PARTS; part++)
        TRY(evaluate_part(trainer, (enum data_part)part, &trainer->result->final[part]));
    return BASIN_OK;
}

basin_status train_run(const struct train_request *request, struct train_result *result)
{
    struct trainer trainer;
    basin_status status = create(&trainer, request, result);
    if (status == BASIN_OK) status = loop(&trainer);
    network_pool_destroy(trainer.gradients);
    network_pool_destroy(trainer.outputs);
    return status;
}
