#include "models/model.h"

#include <string.h>
#include "models/layer.h"

/* (d) is a vector, (h, w) an image of one channel, (h, w, c) an image. */
static struct form input_form(const struct data_info *info)
{
    int64_t dims[3] = {1, 1, 1};
    for (int i = 0; i < info->rank; i++) dims[i] = (int64_t)info->dims[i];
    if (info->rank >= 2) return form_map(2, dims[0], dims[1], dims[2]);
    struct form form = form_vector((int64_t)info->features);
    form.points = true;
    return form;
}

basin_status model_create(struct arena *arena, const struct model_settings *settings,
                          const struct data_info *info, struct model **out)
{
    struct model *model = arena_allocate(arena, sizeof *model);
    if (!model) return BASIN_MEMORY;
    model->arena = arena;
    model->features = (int64_t)info->features;
    model->outputs = (int64_t)info->outputs;
    const struct setting_variant *own = &settings->architecture;
    const struct architecture *architecture = own->entry->implementation;
    const struct architecture_settings *common = own->settings;
    model->initializer = &common->initializer;
    model->dropout = settings->dropout;
    model->path = "architecture";
    model->input = input_form(info);
    model->vocabulary = (int64_t)info->vocabulary;
    if (model->vocabulary && !architecture->tokens)
        return layer_refuse(model, "type",
                            "use rnn, lstm, gru, transformer, or sequential with an embedding",
                            "%s needs numbers, but this data set is a text", own->entry->name);
    TRY(architecture->expand(model, own->settings));
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

int64_t model_state_size(const struct model *model)
{
    return model->size + model->buffer_size;
}

int model_buffer_count(const struct model *model)
{
    return model->buffer_count;
}

const struct model_buffer *model_buffer(const struct model *model, int index)
{
    return &model->buffers[index];
}

bool model_has_dropout(const struct model *model)
{
    return model->dropout_count > 0;
}

bool model_starves_norm(const struct model *model, int64_t batch)
{
    for (int i = 0; i < model->layer_count; i++) {
        const struct layer *layer = &model->layers[i];
        if (layer->buffers && batch * form_size(layer->in) == form_units(layer->in)) return true;
    }
    return false;
}

double model_forward_flops(const struct model *model)
{
    double flops = 0;
    for (int i = 0; i < model->layer_count; i++) {
        const struct layer *layer = &model->layers[i];
        flops += 2 * (layer->products + layer->recurrent + layer->pairs);
    }
    return flops;
}

/* A product with parameters needs their gradient, and that of its data where these depend on
 * parameters, as recurrent states always do; a product of two activations needs both. */
double model_gradient_flops(const struct model *model)
{
    bool depends[model->layer_count + 1];
    double flops = 0;
    depends[0] = false;
    for (int i = 0; i < model->layer_count; i++) {
        const struct layer *layer = &model->layers[i];
        flops += 2 * layer->products * (depends[layer->from] ? 3 : 2) +
                 2 * (layer->recurrent + layer->pairs) * 3;
        depends[i + 1] = depends[layer->from] || layer->parameters > 0;
    }
    return flops;
}

double model_input_gradient_flops(const struct model *model)
{
    double flops = 0;
    for (int i = 0; i < model->layer_count; i++) {
        const struct layer *layer = &model->layers[i];
        flops += 2 * (2 * (layer->products + layer->recurrent) + 3 * layer->pairs);
    }
    return flops;
}

int64_t model_activations(const struct model *model)
{
    int64_t units = 0;
    for (int i = 0; i < model->layer_count; i++) units += form_size(model->layers[i].out);
    return units;
}

void model_leaves(const struct model *model, struct graph *graph, enum graph_slot slot,
                  graph_node *leaves)
{
    for (int i = 0; i < model->parameter_count; i++)
        leaves[i] =
            graph_leaf(graph, slot, model->parameters[i].offset, model->parameters[i].shape);
}

graph_node model_input(const struct model *model, struct graph *graph, int64_t batch)
{
    return graph_leaf(graph, SLOT_INPUT, 0, shape_matrix(batch, model->features));
}

graph_node model_build(const struct model *model, struct graph *graph, const graph_node *leaves,
                       int64_t batch, enum model_mode mode, graph_node *statistics)
{
    graph_node values[model->layer_count + 1];
    return model_build_layers(model, graph, leaves, batch, mode, statistics, values);
}

graph_node model_build_layers(const struct model *model, struct graph *graph,
                              const graph_node *leaves, int64_t batch, enum model_mode mode,
                              graph_node *statistics, graph_node *values)
{
    graph_node buffers[model->buffer_count + 1], unused[model->buffer_count + 1];
    if (!statistics) statistics = unused;
    for (int i = 0; i < model->buffer_count; i++) {
        buffers[i] = statistics[i] = GRAPH_NONE;
        if (mode == MODE_EVAL)
            buffers[i] =
                graph_leaf(graph, SLOT_BUFFERS, model->buffers[i].offset, model->buffers[i].shape);
    }
    values[0] =
        graph_reshape(graph, model_input(model, graph, batch), form_shape(model->input, batch));
    for (int i = 0; i < model->layer_count; i++) {
        const struct layer *layer = &model->layers[i];
        values[i + 1] = layer_build(&(struct site){.layer = layer,
                                                   .graph = graph,
                                                   .parameters = leaves + layer->parameter,
                                                   .buffers = buffers + layer->buffer,
                                                   .statistics = statistics + layer->buffer,
                                                   .values = values,
                                                   .mode = mode,
                                                   .batch = batch});
    }
    return values[model->cursor];
}

void model_fold(const struct model *model, enum precision precision, const void *statistics,
                void *state)
{
    for (int i = 0; i < model->buffer_count; i++) {
        const struct model_buffer *buffer = &model->buffers[i];
        for (int64_t j = buffer->offset; j < buffer->offset + buffer->size; j++) {
            if (precision == PRECISION_FLOAT32) {
                float *r = (float *)state + model->size + j;
                *r = (float)((1 - buffer->momentum) * (double)*r +
                             buffer->momentum * (double)((const float *)statistics)[j]);
            } else {
                double *r = (double *)state + model->size + j;
                *r = (1 - buffer->momentum) * *r +
                     buffer->momentum * ((const double *)statistics)[j];
            }
        }
    }
}

/* logsumexp(f) - <t, f> of each example, where t = (1 - s) y + s / C sums to one. */
static graph_node cross_entropies(struct graph *graph, graph_node outputs, graph_node target,
                                  double smoothing)
{
    struct shape shape = graph_shape(graph, outputs);
    if (smoothing > 0) {
        graph_node uniform = graph_constant(graph, smoothing / (double)shape.dim[1], shape);
        target = graph_add(graph, graph_scale(graph, target, 1 - smoothing), uniform);
    }
    graph_node chosen = graph_sum(graph, graph_multiply(graph, target, outputs), 1u << 1);
    return graph_subtract(graph, graph_logsumexp(graph, outputs), chosen);
}

static graph_node model_squared_error(struct graph *graph, graph_node outputs, graph_node target)
{
    struct shape shape = graph_shape(graph, outputs);
    graph_node difference = graph_subtract(graph, outputs, target);
    graph_node total =
        graph_sum(graph, graph_multiply(graph, difference, difference), 1u << 0 | 1u << 1);
    return graph_scale(graph, total, 0.5 / (double)shape.dim[0]);
}

static graph_node squared_errors(struct graph *graph, graph_node outputs, graph_node target)
{
    graph_node difference = graph_subtract(graph, outputs, target);
    graph_node squares = graph_multiply(graph, difference, difference);
    return graph_scale(graph, graph_sum(graph, squares, 1u << 1), 0.5);
}

/* logsumexp(f) - f[token] of each position; the targets are tokens (rows). */
static graph_node token_losses(struct graph *graph, graph_node outputs)
{
    int64_t rows = graph_shape(graph, outputs).dim[0];
    graph_node tokens = graph_leaf(graph, SLOT_TARGET, 0, shape_vector(rows));
    return graph_subtract(graph, graph_logsumexp(graph, outputs),
                          graph_pick(graph, outputs, tokens));
}

graph_node model_losses(struct graph *graph, graph_node outputs, enum loss loss,
                        double label_smoothing)
{
    if (loss == LOSS_TOKENS) return token_losses(graph, outputs);
    graph_node target = graph_leaf(graph, SLOT_TARGET, 0, graph_shape(graph, outputs));
    return loss == LOSS_MSE ? squared_errors(graph, outputs, target)
                            : cross_entropies(graph, outputs, target, label_smoothing);
}

graph_node model_loss(struct graph *graph, graph_node outputs, enum loss loss,
                      double label_smoothing)
{
    if (loss == LOSS_MSE)
        return model_squared_error(graph, outputs,
                                   graph_leaf(graph, SLOT_TARGET, 0, graph_shape(graph, outputs)));
    graph_node losses = model_losses(graph, outputs, loss, label_smoothing);
    int64_t rows = graph_shape(graph, losses).dim[0];
    return graph_scale(graph, graph_sum(graph, losses, 1u << 0), 1.0 / (double)rows);
}

void model_initialize(const struct model *model, uint64_t seed, double *w)
{
    for (int i = 0; i < model->parameter_count; i++)
        initializer_draw(model->parameters[i].initializer, &model->parameters[i], seed, i,
                         w + model->parameters[i].offset);
    for (int i = 0; i < model->buffer_count; i++)
        for (int64_t j = 0; j < model->buffers[i].size; j++)
            w[model->size + model->buffers[i].offset + j] = model->buffers[i].fill;
}

bool model_is_revised(const struct model *model)
{
    for (int i = 0; i < model->parameter_count; i++)
        if (initializer_is_revised(model->parameters[i].initializer, &model->parameters[i]))
            return true;
    return false;
}

/* ---- file boundaries ---- */

/* One array of the state: a parameter or a buffer. */
struct array {
    const char *name, *kind;
    struct shape shape;
    const struct layout *layout;
    int64_t offset, size;
};

static int model_array_count(const struct model *model)
{
    return model->parameter_count + model->buffer_count;
}

static struct array array_at(const struct model *model, int index)
{
    if (index < model->parameter_count) {
        const struct model_parameter *p = &model->parameters[index];
        const char *kind = p->role == ROLE_WEIGHT ? "weight"
                           : p->role == ROLE_BIAS ? "bias"
                                                  : "normalisation";
        return (struct array){p->name, kind, p->shape, &p->layout, p->offset, p->size};
    }
    const struct model_buffer *b = &model->buffers[index - model->parameter_count];
    return (struct array){b->name, "buffer", b->shape, &b->layout, model->size + b->offset,
                          b->size};
}

struct shape model_outer_shape(struct shape shape, const struct layout *layout)
{
    return layout->inner.rank ? layout->outer : shape;
}

/* Element by element, in the order of the outside: inside[at] <-> outside[i]. */
static void move(const struct array *array, const double *from, double *to, bool outward)
{
    const struct layout *layout = array->layout;
    int rank = layout->inner.rank;
    int64_t stride[GRAPH_RANK] = {0}, size[GRAPH_RANK], index[GRAPH_RANK] = {0}, running = 1,
            at = 0;
    for (int axis = rank - 1; axis >= 0; axis--) {
        stride[axis] = running;
        running *= layout->inner.dim[axis];
    }
    for (int i = 0; i < rank; i++) size[i] = layout->inner.dim[layout->order[i]];
    for (int64_t i = 0; i < array->size; i++) {
        int64_t inside = rank ? at : i;
        to[outward ? i : inside] = from[outward ? inside : i];
        for (int axis = rank - 1; axis >= 0; axis--) {
            at += stride[layout->order[axis]];
            if (++index[axis] < size[axis]) break;
            at -= size[axis] * stride[layout->order[axis]];
            index[axis] = 0;
        }
    }
}

static basin_status export_one(const struct array *array, const double *w, enum precision precision,
                               struct record *record, const char *group, double *scratch)
{
    char *path = arena_format(record->arena, "%s/%s", group, array->name);
    if (!path) return BASIN_MEMORY;
    move(array, w + array->offset, scratch, true);
    struct shape outer = model_outer_shape(array->shape, array->layout);
    size_t dims[GRAPH_RANK];
    for (int i = 0; i < outer.rank; i++) dims[i] = (size_t)outer.dim[i];
    if (precision == PRECISION_FLOAT32) {
        float *narrow = (float *)scratch; /* in place: element i is read before it is overwritten */
        for (int64_t i = 0; i < array->size; i++) {
            double element = scratch[i];
            memcpy(&narrow[i], &(float){(float)element}, sizeof(float));
        }
    }
    enum record_type type = precision == PRECISION_FLOAT32 ? RECORD_FLOAT32 : RECORD_FLOAT64;
    struct record_item *item;
    TRY(record_add(record, path, type, outer.rank, dims, NULL, scratch, &item));
    return record_attribute_text(record, item, "kind", array->kind);
}

basin_status model_export(const struct model *model, const double *w, enum precision precision,
                          struct record *record, const char *group)
{
    double *scratch = memory_allocate((size_t)model_state_size(model) * sizeof *scratch);
    if (!scratch) return BASIN_MEMORY;
    basin_status status = record_group(record, group, NULL);
    for (int i = 0; i < model_array_count(model) && status == BASIN_OK; i++) {
        struct array array = array_at(model, i);
        status = export_one(&array, w, precision, record, group, scratch);
    }
    memory_free(scratch);
    return status;
}

static basin_status import_one(const struct array *array, const struct record *record,
                               const char *group, double *scratch, double *w)
{
    char *path = arena_format(record->arena, "%s/%s", group, array->name);
    if (!path) return BASIN_MEMORY;
    const struct record_item *item = record_find(record, path);
    if (!item || (int64_t)record_count(item) != array->size)
        return error_raise(BASIN_DAMAGED,
                           "%s is missing or has another size than the architecture says", path);
    for (int64_t i = 0; i < array->size; i++) scratch[i] = record_number(item, (size_t)i);
    move(array, scratch, w + array->offset, false);
    return BASIN_OK;
}

basin_status model_import(const struct model *model, const struct record *record, const char *group,
                          double *w)
{
    double *scratch = memory_allocate((size_t)model_state_size(model) * sizeof *scratch);
    if (!scratch) return BASIN_MEMORY;
    basin_status status = BASIN_OK;
    for (int i = 0; i < model_array_count(model) && status == BASIN_OK; i++) {
        struct array array = array_at(model, i);
        status = import_one(&array, record, group, scratch, w);
    }
    memory_free(scratch);
    return status;
}
