/* What a training takes, without training: the counterpart of the allocations in train.c. */
#include "train/train.h"

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
    struct network_pool_need need = {.request = &request};
    TRY(network_need_batch(&need, plan->batch));
    TRY(network_need_batch(&need, plan->full_batch ? plan->last % plan->batch : plan->last));
    *bytes += need.bytes;
    return BASIN_OK;
}

static basin_status evaluation_bytes(const struct value *spec, const struct model *model,
                                     const struct data *data, size_t *bytes)
{
    struct network_request request = train_network(spec, model, data, NETWORK_OUTPUTS, MODE_EVAL);
    struct network_pool_need need = {.request = &request};
    for (int part = 0; part < DATA_PARTS; part++)
        TRY(network_need_evaluation(&need, 0, data_describe(data)->counts[part]));
    *bytes += need.bytes;
    return BASIN_OK;
}

basin_status train_memory(struct arena *arena, const struct value *spec, const struct model *model,
                          const struct data *data, struct train_memory *memory)
{
    const struct data_info *info = data_describe(data);
    struct train_plan plan = train_plan(spec, info);
    *memory = (struct train_memory){0};
    memory->curves = curve_bytes(spec, &plan);
    struct vector_bytes vectors;
    TRY(train_vectors(arena, spec, model, info, &vectors));
    memory->kept = vectors.all + memory->curves;
    memory->saved = vectors.saved;
    TRY(gradient_bytes(spec, model, data, &plan, &memory->released));
    return evaluation_bytes(spec, model, data, &memory->released);
}
