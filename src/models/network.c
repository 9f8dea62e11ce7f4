#include "models/network.h"

#include <string.h>
#include "graph/cache.h"
#include "models/derivatives.h"

struct network {
    struct network_request request;
    const struct program *program; /* shared: graph/cache.h */
    struct program_state *state;
    int64_t batch, outputs;
    void *x, *y, *out; /* (batch, features), (batch, outputs), (batch, outputs) or the loss */
    void *statistics;  /* (B) what the batch says about the buffers, NULL where nothing is said */
    double *scratch;   /* (data_scratch) of a gather, NULL where that is 0 */
};

/* Only a step of training learns running statistics. */
static bool has_statistics(const struct network_request *request)
{
    bool learns = request->kind == NETWORK_GRADIENT && request->mode == MODE_TRAIN,
         looks = request->kind == NETWORK_STATISTICS && request->mode != MODE_EVAL;
    return (learns || looks) && model_buffer_count(request->model) > 0;
}

static int64_t buffer_size(const struct model *model)
{
    return model_state_size(model) - model_size(model);
}

/* Is it put out by each example, and not a sum over the batch? */
static bool needs_no_loss(enum network_kind kind)
{
    return kind == NETWORK_OUTPUTS || kind == NETWORK_ACTIVATIONS || kind == NETWORK_STATISTICS;
}

static basin_status build(struct construction *construction)
{
    const struct network_request *request = construction->request;
    struct graph *graph = construction->graph;
    bool each =
        request->kind == NETWORK_INPUT_GRADIENT || request->kind == NETWORK_EMPIRICAL_FISHER;
    construction->loss = GRAPH_NONE;
    model_leaves(request->model, graph, SLOT_PARAMETERS, construction->leaves);
    construction->outputs =
        model_build_layers(request->model, graph, construction->leaves, construction->batch,
                           request->mode, construction->statistics, construction->values);
    if (!needs_no_loss(request->kind))
        construction->loss = (each ? model_losses : model_loss)(
            graph, construction->outputs, request->loss, request->label_smoothing);
    return graph_status(graph);
}

/* Derivatives and program; only where the cache has none. */
static basin_status network_finish(void *context, struct arena *arena, struct program **program)
{
    const struct construction *construction = context;
    struct graph *graph = construction->graph;
    TRY(derivatives_declare(construction));
    for (int i = 0; has_statistics(construction->request) &&
                    i < model_buffer_count(construction->request->model);
         i++)
        TRY(graph_output(graph, construction->statistics[i], SLOT_STATISTICS,
                         model_buffer(construction->request->model, i)->offset));
    TRY(graph_status(graph));
    return program_compile(arena, graph, &construction->options, program);
}

static basin_status take_program(struct construction *construction, struct arena *scratch,
                                 const struct program **program)
{
    const struct network_request *request = construction->request;
    size_t count = (size_t)model_parameter_count(request->model);
    struct digest digest;
    construction->leaves = arena_array(scratch, graph_node, count + 1);
    size_t buffers = (size_t)model_buffer_count(request->model);
    construction->statistics = arena_array(scratch, graph_node, buffers + 1);
    construction->values =
        arena_array(scratch, graph_node, (size_t)model_layer_count(request->model) + 1);
    int64_t *more = arena_array(scratch, int64_t, count + 6 + buffers);
    if (!construction->leaves || !construction->statistics || !construction->values || !more)
        return BASIN_MEMORY;
    TRY(graph_create(scratch, &construction->graph));
    TRY(build(construction));
    for (size_t i = 0; i < count; i++) more[i] = construction->leaves[i];
    more[count] = request->kind;
    more[count + 1] = request->precision;
    more[count + 2] = construction->options.varying;
    more[count + 3] = construction->outputs;
    more[count + 4] = construction->loss;
    more[count + 5] = request->kind == NETWORK_ACTIVATIONS
                          ? construction->values[request->layer + 1]
                          : GRAPH_NONE;
    for (size_t i = 0; i < buffers; i++)
        more[count + 6 + i] = has_statistics(request) ? construction->statistics[i] : GRAPH_NONE;
    TRY(graph_digest(construction->graph, more, count + 6 + buffers, &digest));
    return cache_take(digest, network_finish, construction, program);
}

static basin_status network_compile(const struct network_request *request, int64_t batch,
                                    const struct program **program)
{
    struct arena *scratch; /* the graph is not needed once it is compiled */
    TRY(arena_create(&scratch));
    struct construction construction = {
        .request = request,
        .batch = batch,
        .options = {.precision = request->precision, .varying = 1u << SLOT_TANGENT}};
    basin_status status = take_program(&construction, scratch, program);
    arena_destroy(scratch);
    return status;
}

/* Numbers that one example has as its target. */
static size_t targets_of(const struct data_info *info)
{
    return info->task == DATA_LANGUAGE ? info->positions : info->outputs;
}

/* Numbers that one example puts out. */
static size_t outputs_of(const struct network_request *request)
{
    const struct data_info *info = data_describe(request->data);
    return request->kind == NETWORK_ACTIVATIONS
               ? (size_t)model_layer_size(request->model, request->layer)
               : info->positions * info->outputs;
}

static basin_status network_allocate(struct network *network)
{
    const struct data_info *info = data_describe(network->request.data);
    size_t size = precision_size(network->request.precision), batch = (size_t)network->batch;
    network->outputs = (int64_t)outputs_of(&network->request);
    network->x = memory_allocate(batch * info->features * size);
    network->y = memory_allocate(batch * targets_of(info) * size);
    network->out = memory_allocate(batch * (size_t)network->outputs * size);
    if (!network->x || !network->y || !network->out) return BASIN_MEMORY;
    size_t scratch = data_scratch(network->request.data);
    if (scratch && !(network->scratch = memory_allocate(scratch * sizeof(double))))
        return BASIN_MEMORY;
    if (has_statistics(&network->request) &&
        !(network->statistics =
              memory_allocate((size_t)buffer_size(network->request.model) * size)))
        return BASIN_MEMORY;
    TRY(program_state_create(network->program, &network->state));
    if (network->statistics) network_bind(network, SLOT_STATISTICS, network->statistics);
    network_bind(network, SLOT_INPUT, network->x);
    network_bind(network, SLOT_TARGET, network->y);
    network_bind(network, needs_no_loss(network->request.kind) ? SLOT_OUTPUT : SLOT_LOSS,
                 network->out);
    return BASIN_OK;
}

basin_status network_create(const struct network_request *request, int64_t batch,
                            struct network **out)
{
    struct network *network = memory_allocate(sizeof *network);
    if (!network) return BASIN_MEMORY;
    network->request = *request;
    network->batch = batch;
    basin_status status = network_compile(request, batch, &network->program);
    if (status == BASIN_OK) status = network_allocate(network);
    if (status != BASIN_OK) {
        network_destroy(network);
        return status;
    }
    *out = network;
    return BASIN_OK;
}

void network_destroy(struct network *network)
{
    if (!network) return;
    program_state_destroy(network->state);
    cache_return(network->program);
    memory_free(network->x);
    memory_free(network->y);
    memory_free(network->out);
    memory_free(network->statistics);
    memory_free(network->scratch);
    memory_free(network);
}

void network_bind(struct network *network, enum graph_slot slot, void *memory)
{
    program_bind(network->state, slot, memory);
    if (slot == SLOT_PARAMETERS)
        program_bind(network->state, SLOT_BUFFERS,
                     (char *)memory + (size_t)model_size(network->request.model) *
                                          precision_size(network->request.precision));
}

void network_fold(const struct network *network, void *w)
{
    if (network->statistics)
        model_fold(network->request.model, network->request.precision, network->statistics, w);
}

void network_statistics(const struct network *network, double share, double *sum)
{
    if (network->statistics)
        vector_add(network->request.precision, share, network->statistics, sum,
                   (size_t)buffer_size(network->request.model));
}

void network_random(struct network *network, uint64_t seed, uint32_t step)
{
    program_random(network->state, seed, step);
}

void network_gather(struct network *network, const struct data_gather *gather)
{
    void *y = needs_no_loss(network->request.kind) ? NULL : network->y;
    struct data_gather own = *gather;
    own.scratch = network->scratch;
    if (network->request.precision == PRECISION_FLOAT32)
        data_gather_float(network->request.data, &own, network->x, y);
    else
        data_gather_double(network->request.data, &own, network->x, y);
}

basin_status network_no_targets(void)
{
    return error_raise(BASIN_INTERNAL, "a loss was asked for of examples without targets");
}

/* The second derivative of the losses by the outputs depends on no target, so that those of
 * Gauss-Newton are zeros where none are given. */
basin_status network_give(struct network *network, const double *x, const double *y)
{
    const struct data_info *info = data_describe(network->request.data);
    enum precision precision = network->request.precision;
    size_t batch = (size_t)network->batch, targets = batch * targets_of(info);
    vector_from_double(precision, x, network->x, batch * info->features);
    if (needs_no_loss(network->request.kind)) return BASIN_OK;
    if (y)
        vector_from_double(precision, y, network->y, targets);
    else if (network->request.kind == NETWORK_GAUSS_NEWTON)
        memset(network->y, 0, targets * precision_size(precision));
    else
        return network_no_targets();
    return BASIN_OK;
}

void network_load(struct network *network, enum data_part part, const uint32_t *rows)
{
    network_gather(network, &(struct data_gather){
                                .part = part, .rows = rows, .count = (size_t)network->batch});
}

basin_status network_run(struct network *network, enum program_phase phase)
{
    return program_run(network->state, phase);
}

double network_loss(const struct network *network)
{
    double loss;
    vector_to_double(network->request.precision, network->out, &loss, 1);
    return loss;
}

void network_losses(const struct network *network, double *losses)
{
    vector_to_double(network->request.precision, network->out, losses, (size_t)network->batch);
}

void network_outputs(const struct network *network, double *outputs)
{
    vector_to_double(network->request.precision, network->out, outputs,
                     (size_t)(network->batch * network->outputs));
}

int64_t network_batch(const struct network *network)
{
    return network->batch;
}

double network_flops(const struct network *network, enum program_phase phase)
{
    return program_flops(network->program, phase);
}

double network_traffic(const struct network *network, enum program_phase phase)
{
    return program_traffic(network->program, phase);
}

void network_profile(struct network *network, struct program_profile *profile)
{
    program_profile(network->state, profile);
}

static size_t bytes_of(const struct network_request *request, const struct program *program,
                       int64_t batch)
{
    const struct data_info *info = data_describe(request->data);
    size_t statistics = has_statistics(request) ? (size_t)buffer_size(request->model) *
                                                      precision_size(request->precision)
                                                : 0;
    return sizeof(struct network) + program_bytes(program) + statistics +
           data_scratch(request->data) * sizeof(double) +
           (size_t)batch * (info->features + targets_of(info) + outputs_of(request)) *
               precision_size(request->precision);
}

size_t network_program_bytes(const struct network *network, size_t *least)
{
    *least = program_lower_bound(network->program);
    return program_bytes(network->program);
}

size_t network_bytes(const struct network *network)
{
    return bytes_of(&network->request, network->program, network->batch);
}

bool network_is(const struct network *network, enum network_kind kind, int layer, int64_t batch)
{
    return network->request.kind == kind && network->request.layer == layer &&
           network->batch == batch;
}

basin_status network_need(const struct network_request *request, int64_t batch, size_t *bytes)
{
    const struct program *program;
    TRY(network_compile(request, batch, &program));
    *bytes = bytes_of(request, program, batch);
    cache_return(program);
    return BASIN_OK;
}
