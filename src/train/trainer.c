#include "train/trainer.h"

#include <math.h>
#include <string.h>

/* ---- vectors ---- */

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

static const struct vector_row trainer_vectors[] = {
    [TRAINER_WEIGHTS] = {"w", VECTOR_STATE, VECTOR_REAL, .saved = true},
    [TRAINER_BACKUP] = {"backup", VECTOR_STATE, VECTOR_REAL, .saved = true},
    [TRAINER_INITIAL] = {"initial", VECTOR_STATE, VECTOR_REAL},
    [TRAINER_BEST] = {"best", VECTOR_STATE, VECTOR_REAL, .saved = true, .needed = needs_best},
    [TRAINER_SUM] = {"sum", VECTOR_PARAMETERS, VECTOR_DOUBLE, .needed = needs_sum},
    [TRAINER_ORDER] = {"order", VECTOR_EXAMPLES, VECTOR_INDEX},
    {0}};

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

void *trainer_weights(const struct trainer *trainer)
{
    return trainer->vectors[TRAINER_WEIGHTS];
}

uint32_t *trainer_order(const struct trainer *trainer)
{
    return trainer->vectors[TRAINER_ORDER];
}

double trainer_weight_norm(const struct trainer *trainer)
{
    return sqrt(update_square_norm(trainer->precision, trainer_weights(trainer), trainer->size));
}

/* ---- its making ---- */

static basin_status create_curves(struct trainer *trainer)
{
    struct arena *arena = trainer->request->arena;
    struct train_scope scope = {.info = data_describe(trainer->request->data),
                                .best = value_boolean(trainer->spec, "weights.best")};
    int64_t steps = trainer->log_every ? trainer->plan.steps / trainer->log_every : 0;
    TRY(curves_create(arena, train_columns(&scope, false), trainer->plan.epochs,
                      &trainer->result->epochs));
    return curves_create(arena, train_columns(&scope, true), steps, &trainer->result->steps);
}

static basin_status create_vectors(struct trainer *trainer)
{
    const struct train_request *request = trainer->request;
    struct trainer_needs needs = trainer_needs(trainer->spec);
    TRY(vectors_create(request->arena, trainer_vectors, &needs, &trainer->space, trainer->vectors));
    void **vectors = trainer->vectors;
    uint32_t *order = vectors[TRAINER_ORDER];
    for (size_t i = 0; i < trainer->space.lengths[VECTOR_EXAMPLES]; i++) order[i] = (uint32_t)i;
    TRY(train_initial(trainer->spec, request->model, trainer_weights(trainer)));
    memcpy(vectors[TRAINER_INITIAL], trainer_weights(trainer), trainer->state_bytes);
    if (vectors[TRAINER_BEST])
        memcpy(vectors[TRAINER_BEST], trainer_weights(trainer), trainer->state_bytes);
    trainer->result->w = trainer_weights(trainer);
    trainer->result->initial = vectors[TRAINER_INITIAL];
    trainer->result->best = vectors[TRAINER_BEST];
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

basin_status trainer_create(struct trainer *trainer, const struct train_request *request,
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

void trainer_destroy(struct trainer *trainer)
{
    network_pool_destroy(trainer->gradients);
    network_pool_destroy(trainer->outputs);
}

/* ---- checkpoints ---- */

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
