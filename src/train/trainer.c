#include "train/trainer.h"

#include <math.h>
#include <string.h>

/* ---- vectors ---- */

static bool needs_best(const void *settings)
{
    return ((const struct weights_settings *)settings)->best;
}

static const struct vector_row trainer_vectors[] = {
    [TRAINER_WEIGHTS] = {"w", VECTOR_STATE, VECTOR_REAL, .saved = true},
    [TRAINER_BACKUP] = {"backup", VECTOR_STATE, VECTOR_REAL, .saved = true},
    [TRAINER_INITIAL] = {"initial", VECTOR_STATE, VECTOR_REAL},
    [TRAINER_BEST] = {"best", VECTOR_STATE, VECTOR_REAL, .saved = true, .needed = needs_best},
    [TRAINER_ORDER] = {"order", VECTOR_EXAMPLES, VECTOR_INDEX},
    {0}};

void *trainer_weights(const struct trainer *trainer)
{
    return trainer->vectors[TRAINER_WEIGHTS];
}

size_t trainer_state_bytes(const struct trainer *trainer)
{
    return trainer->space.lengths[VECTOR_STATE] * precision_size(trainer->space.precision);
}

bool trainer_is_finite(const struct trainer *trainer)
{
    return vector_finite(trainer->space.precision, trainer_weights(trainer),
                         trainer->space.lengths[VECTOR_PARAMETERS]);
}

uint32_t *trainer_order(const struct trainer *trainer)
{
    return trainer->vectors[TRAINER_ORDER];
}

double trainer_weight_norm(const struct trainer *trainer)
{
    return sqrt(update_square_norm(trainer->space.precision, trainer_weights(trainer),
                                   trainer->space.lengths[VECTOR_PARAMETERS]));
}

/* ---- its making ---- */

/* The tables of curves: their columns, and rows for all that may happen. */
struct curve_sizes {
    unsigned epoch_columns, step_columns;
    int64_t epochs, steps;
};

static struct curve_sizes curve_sizes(const struct train_settings *settings,
                                      const struct data_info *info, const struct train_plan *plan)
{
    struct train_scope scope = {.info = info, .best = settings->weights.best};
    int64_t every = settings->training.log_every;
    return (struct curve_sizes){.epoch_columns = train_columns(&scope, false),
                                .step_columns = train_columns(&scope, true),
                                .epochs = plan->epochs,
                                .steps = every ? plan->steps / every : 0};
}

static basin_status create_curves(struct trainer *trainer)
{
    struct arena *arena = trainer->request->arena;
    struct curve_sizes sizes =
        curve_sizes(trainer->settings, data_describe(trainer->request->data), &trainer->plan);
    TRY(curves_create(arena, sizes.epoch_columns, sizes.epochs, &trainer->result->epochs));
    return curves_create(arena, sizes.step_columns, sizes.steps, &trainer->result->steps);
}

static basin_status create_vectors(struct trainer *trainer)
{
    const struct train_request *request = trainer->request;
    TRY(vectors_create(request->arena, trainer_vectors, &trainer->settings->weights,
                       &trainer->space, trainer->vectors));
    void **vectors = trainer->vectors;
    size_t bytes = trainer_state_bytes(trainer);
    uint32_t *order = vectors[TRAINER_ORDER];
    for (size_t i = 0; i < trainer->space.lengths[VECTOR_EXAMPLES]; i++) order[i] = (uint32_t)i;
    TRY(train_initial(trainer->settings, request->model, trainer_weights(trainer)));
    memcpy(vectors[TRAINER_INITIAL], trainer_weights(trainer), bytes);
    if (vectors[TRAINER_BEST]) memcpy(vectors[TRAINER_BEST], trainer_weights(trainer), bytes);
    trainer->result->w = trainer_weights(trainer);
    trainer->result->initial = vectors[TRAINER_INITIAL];
    trainer->result->best = vectors[TRAINER_BEST];
    return BASIN_OK;
}

static basin_status create_optimizer(struct trainer *trainer)
{
    struct penalties penalties = penalties_of(trainer->settings);
    return optimizer_create(trainer->request->arena, trainer->settings->training.optimizer,
                            &penalties, trainer->request->model, &trainer->space,
                            &trainer->optimizer);
}

basin_status trainer_create(struct trainer *trainer, const struct train_request *request,
                            struct train_result *result)
{
    const struct data_info *info = data_describe(request->data);
    const struct train_settings *settings = request->settings;
    *trainer = (struct trainer){
        .request = request,
        .result = result,
        .settings = settings,
        .plan = train_plan(settings, info),
        .space = vector_space(request->model, info, settings->precision),
        .best_loss = INFINITY,
    };
    *result = (struct train_result){0};
    struct objective_request steps =
        train_objective(settings, request->model, request->data, MODE_TRAIN);
    struct objective_request parts =
        train_objective(settings, request->model, request->data, MODE_EVAL);
    parts.stop = request->stop; /* between steps the loop looks at it itself */
    TRY(objective_create(&steps, &trainer->steps));
    TRY(objective_create(&parts, &trainer->parts));
    TRY(create_curves(trainer));
    TRY(create_vectors(trainer));
    return create_optimizer(trainer);
}

void trainer_destroy(struct trainer *trainer)
{
    objective_destroy(trainer->steps);
    objective_destroy(trainer->parts);
}

/* ---- what that takes ---- */

static basin_status objective_bytes(const struct train_settings *settings,
                                    const struct model *model, const struct data *data,
                                    size_t *bytes)
{
    const struct data_info *info = data_describe(data);
    struct train_plan plan = train_plan(settings, info);
    struct objective_request steps = train_objective(settings, model, data, MODE_TRAIN),
                             parts = train_objective(settings, model, data, MODE_EVAL);
    struct objective_memory gradients, evaluations;
    struct objective_use batches[] = {{OBJECTIVE_STEP, (size_t)plan.batch, 1},
                                      {OBJECTIVE_STEP, (size_t)plan.last, 1}};
    struct objective_use whole[DATA_PARTS];
    for (int part = 0; part < DATA_PARTS; part++)
        whole[part] = (struct objective_use){OBJECTIVE_LOSS, info->counts[part], 1};
    TRY(objective_memory(&steps, batches, 2, &gradients));
    TRY(objective_memory(&parts, whole, DATA_PARTS, &evaluations));
    *bytes = gradients.bytes + evaluations.bytes;
    return BASIN_OK;
}

basin_status train_memory(const struct train_settings *settings, const struct model *model,
                          const struct data *data, struct train_memory *memory)
{
    const struct data_info *info = data_describe(data);
    struct train_plan plan = train_plan(settings, info);
    struct curve_sizes sizes = curve_sizes(settings, info, &plan);
    struct vector_space space = vector_space(model, info, settings->precision);
    struct vector_bytes own = vectors_bytes(trainer_vectors, &settings->weights, &space),
                        optimizer = optimizer_bytes(settings->training.optimizer, &space);
    *memory = (struct train_memory){.curves = curves_bytes(sizes.epoch_columns, sizes.epochs) +
                                              curves_bytes(sizes.step_columns, sizes.steps),
                                    .saved = own.saved + optimizer.saved};
    memory->kept = own.all + optimizer.all + memory->curves;
    return objective_bytes(settings, model, data, &memory->released);
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
