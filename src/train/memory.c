/* What a training takes, without training: the counterpart of the allocations in train.c. */
#include "train/optimizer.h"
#include "train/train.h"

/* Vectors of the run's precision: w, gradient, backup, initial weights; best weights; the
 * optimiser's. */
static size_t vector_bytes(const struct value *spec, const struct model *model,
                           const struct train_plan *plan)
{
    size_t size = (size_t)model_state_size(model);
    size_t vectors = 4 + (size_t)optimizer_vectors(spec) + value_boolean(spec, "weights.best");
    size_t bytes = vectors * size * precision_size(train_precision(spec));
    return bytes + (plan->full_batch ? size * sizeof(double) : 0);
}

static size_t curve_bytes(const struct value *spec, const struct train_plan *plan)
{
    int64_t every = value_integer(spec, "training.log_every"),
            rows = every ? plan->steps / every : 0;
    return sizeof(double) * ((size_t)plan->epochs * (CURVES + 1) + (size_t)rows * 5);
}

static basin_status gradient_bytes(const struct value *spec, const struct model *model,
                                   const struct data *data, const struct train_plan *plan,
                                   size_t *bytes)
{
    struct network_request request = train_network(spec, model, data, NETWORK_GRADIENT, MODE_TRAIN);
    struct network_need need = {.request = &request};
    TRY(network_need_batch(&need, plan->batch));
    TRY(network_need_batch(&need, plan->full_batch ? plan->last % plan->batch : plan->last));
    *bytes += need.bytes;
    return BASIN_OK;
}

static basin_status evaluation_bytes(const struct value *spec, const struct model *model,
                                     const struct data *data, size_t *bytes)
{
    struct network_request request = train_network(spec, model, data, NETWORK_OUTPUTS, MODE_EVAL);
    struct network_need need = {.request = &request};
    for (int part = 0; part < DATA_PARTS; part++)
        TRY(network_need_evaluation(&need, 0, data_describe(data)->counts[part]));
    *bytes += need.bytes;
    return BASIN_OK;
}

basin_status train_memory(const struct value *spec, const struct model *model,
                          const struct data *data, struct train_memory *memory)
{
    const struct data_info *info = data_describe(data);
    struct train_plan plan = train_plan(spec, info);
    *memory = (struct train_memory){0};
    memory->curves = curve_bytes(spec, &plan);
    memory->kept = vector_bytes(spec, model, &plan) + memory->curves +
                   info->counts[DATA_TRAIN] * sizeof(uint32_t);
    TRY(gradient_bytes(spec, model, data, &plan, &memory->released));
    return evaluation_bytes(spec, model, data, &memory->released);
}
