#include "models/model.h"

#include <string.h>
#include "models/layer.h"

basin_status model_create(struct arena *arena, const struct value *spec, const struct data_info *info,
                          struct model **out)
{
    struct model *model = arena_allocate(arena, sizeof *model);
    if (!model) return BASIN_MEMORY;
    model->arena = arena;
    model->features = (int64_t)info->features;
    model->outputs = (int64_t)info->outputs;
    model->initializer = value_map(spec, "architecture.initializer");
    const struct entry *entry = registry_find(&architecture_registry, value_text(spec, "architecture.type"));
    TRY(((const struct architecture *)entry->implementation)->expand(model, spec));
    *out = model;
    return BASIN_OK;
}

int model_parameter_count(const struct model *model)
{
    return model->parameter_count;
}

const struct model_parameter *model_parameter(const struct model *model, int index)
{
    return &model->parameters[index];
}

int64_t model_size(const struct model *model)
{
    return model->size;
}

bool model_has_dropout(const struct model *model)
{
    return model->dropout_count > 0;
}

double model_forward_flops(const struct model *model)
{
    double flops = 0;
    for (int i = 0; i < model->layer_count; i++) flops += 2.0 * (double)model->layers[i].in * (double)model->layers[i].out;
    return flops;
}

double model_gradient_flops(const struct model *model)
{
    return 3 * model_forward_flops(model) - 2.0 * (double)model->layers[0].in * (double)model->layers[0].out;
}

int64_t model_activations(const struct model *model)
{
    int64_t units = 0, width = model->features;
    for (int i = 0; i < model->layer_count; i++) {
        if (model->layers[i].kind == LAYER_DENSE) width = model->layers[i].out;
        units += width;
    }
    return units;
}

void model_leaves(const struct model *model, struct graph *graph, enum graph_slot slot, graph_node *leaves)
{
    for (int i = 0; i < model->parameter_count; i++)
        leaves[i] = graph_leaf(graph, slot, model->parameters[i].offset, model->parameters[i].shape);
}

graph_node model_build(const struct model *model, struct graph *graph, const graph_node *leaves, int64_t batch,
                       enum model_mode mode)
{
    graph_node a = graph_leaf(graph, SLOT_INPUT, 0, shape_matrix(batch, model->features));
    graph_node inputs[model->layer_count];
    for (int i = 0; i < model->layer_count; i++) {
        inputs[i] = a;
        a = layer_build(&model->layers[i], graph, leaves, inputs, a, mode);
    }
    return a;
}

/* Mean over the batch of logsumexp(f) - <t, f>, where t = (1 - s) y + s / C sums to one. */
static graph_node cross_entropy(struct graph *graph, graph_node outputs, graph_node target, double smoothing)
{
    struct shape shape = graph_shape(graph, outputs);
    if (smoothing > 0) {
        graph_node uniform = graph_constant(graph, smoothing / (double)shape.dim[1], shape);
        target = graph_add(graph, graph_scale(graph, target, 1 - smoothing), uniform);
    }
    graph_node chosen = graph_sum(graph, graph_multiply(graph, target, outputs), 1u << 1);
    graph_node each = graph_subtract(graph, graph_logsumexp(graph, outputs), chosen);
    return graph_scale(graph, graph_sum(graph, each, 1u << 0), 1.0 / (double)shape.dim[0]);
}

static graph_node squared_error(struct graph *graph, graph_node outputs, graph_node target)
{
    struct shape shape = graph_shape(graph, outputs);
    graph_node difference = graph_subtract(graph, outputs, target);
    graph_node total = graph_sum(graph, graph_multiply(graph, difference, difference), 1u << 0 | 1u << 1);
    return graph_scale(graph, total, 0.5 / (double)shape.dim[0]);
}

graph_node model_loss(struct graph *graph, graph_node outputs, enum loss loss, double label_smoothing)
{
    graph_node target = graph_leaf(graph, SLOT_TARGET, 0, graph_shape(graph, outputs));
    return loss == LOSS_MSE ? squared_error(graph, outputs, target)
                            : cross_entropy(graph, outputs, target, label_smoothing);
}

enum loss model_loss_find(const char *name)
{
    return strcmp(name, "mse") == 0 ? LOSS_MSE : LOSS_CROSS_ENTROPY;
}

void model_initialize(const struct model *model, uint64_t seed, double *w)
{
    for (int i = 0; i < model->parameter_count; i++)
        initializer_draw(model->parameters[i].initializer, &model->parameters[i], seed, i, w + model->parameters[i].offset);
}

/* (in, out) inside <-> (out, in) at the boundary; vectors are the same. */
static void swap_layout(struct shape shape, const double *from, double *to, bool outward)
{
    int64_t rows = shape.rank == 2 ? shape.dim[0] : 1, columns = shape.dim[shape.rank - 1];
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            int64_t inside = i * columns + j, outside = j * rows + i;
            if (outward)
                to[outside] = from[inside];
            else
                to[inside] = from[outside];
        }
}

static basin_status export_one(const struct model_parameter *parameter, const double *w, enum precision precision,
                               struct record *record, const char *group, double *scratch)
{
    char *path = arena_format(record->arena, "%s/%s", group, parameter->name);
    if (!path) return BASIN_MEMORY;
    swap_layout(parameter->shape, w + parameter->offset, scratch, true);
    size_t dims[2] = {(size_t)parameter->shape.dim[parameter->shape.rank - 1], (size_t)parameter->shape.dim[0]};
    if (precision == PRECISION_FLOAT32) {
        float *narrow = (float *)scratch; /* in place: element i is read before it is overwritten */
        for (int64_t i = 0; i < parameter->size; i++) {
            double element = scratch[i];
            memcpy(&narrow[i], &(float){(float)element}, sizeof(float));
        }
    }
    enum record_type type = precision == PRECISION_FLOAT32 ? RECORD_FLOAT32 : RECORD_FLOAT64;
    struct record_item *item;
    TRY(record_add(record, path, type, parameter->shape.rank, dims, NULL, scratch, &item));
    return record_attribute_text(record, item, "kind", parameter->role == ROLE_WEIGHT ? "weight" : "bias");
}

basin_status model_export(const struct model *model, const double *w, enum precision precision, struct record *record,
                          const char *group)
{
    double *scratch = memory_allocate((size_t)model->size * sizeof *scratch);
    if (!scratch) return BASIN_MEMORY;
    basin_status status = record_group(record, group, NULL);
    for (int i = 0; i < model->parameter_count && status == BASIN_OK; i++)
        status = export_one(&model->parameters[i], w, precision, record, group, scratch);
    memory_free(scratch);
    return status;
}

basin_status model_import(const struct model *model, const struct record *record, const char *group, double *w)
{
    double *outside = memory_allocate((size_t)model->size * sizeof *outside);
    if (!outside) return BASIN_MEMORY;
    basin_status status = BASIN_OK;
    for (int i = 0; i < model->parameter_count && status == BASIN_OK; i++) {
        const struct model_parameter *parameter = &model->parameters[i];
        char *path = arena_format(record->arena, "%s/%s", group, parameter->name);
        const struct record_item *item = path ? record_find(record, path) : NULL;
        if (!path)
            status = BASIN_MEMORY;
        else if (!item || (int64_t)record_count(item) != parameter->size)
            status = error_raise(BASIN_DAMAGED, "%s is missing or has another size than the architecture says", path);
        for (int64_t j = 0; j < parameter->size && status == BASIN_OK; j++) outside[j] = record_number(item, (size_t)j);
        if (status == BASIN_OK) swap_layout(parameter->shape, outside, w + parameter->offset, false);
    }
    memory_free(outside);
    return status;
}
