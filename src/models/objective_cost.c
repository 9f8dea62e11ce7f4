/* What calls cost, before they are made. */
#include "models/objective_parts.h"

/* By products of the network: F those of the forward pass, G those of forward and backward, of which
 * F are those of weight gradients. A tangent through the network takes, like the pass back, two
 * products for each whose factors both move: G - F. Through the pass back it takes twice what that
 * has, less what the first layer, whose input does not move, is spared: 3 G - 5 F. A Hessian's
 * shared half needs no weight gradients: G - F. */
struct call_flops objective_call_flops(const struct objective_request *request,
                                       enum objective_call call)
{
    double forward = model_forward_flops(request->model),
           gradient = model_gradient_flops(request->model);
    switch (call) {
    case OBJECTIVE_LOSS:
    case OBJECTIVE_OUTPUTS:
    case OBJECTIVE_ACTIVATIONS: /* at the most: of the last layer */
        return (struct call_flops){0, forward};
    case OBJECTIVE_INPUT_GRADIENT:
        return (struct call_flops){0, model_input_gradient_flops(request->model)};
    case OBJECTIVE_HESSIAN:
        return (struct call_flops){gradient - forward, 4 * gradient - 6 * forward};
    case OBJECTIVE_GAUSS_NEWTON:
    case OBJECTIVE_FISHER:
    case OBJECTIVE_EMPIRICAL_FISHER:
        return (struct call_flops){forward, 2 * (gradient - forward)};
    default:
        return (struct call_flops){0, gradient};
    }
}

double objective_flops(const struct objective_request *request, const struct objective_use *use)
{
    struct call_flops flops = objective_call_flops(request, use->call);
    return (double)use->examples * (flops.half + use->times * flops.each);
}

/* Networks that have been counted. */
struct census {
    const struct objective_request *request;
    struct {
        enum network_kind kind;
        int layer;
        size_t batch;
    } items[OBJECTIVE_NETWORKS];
    int count;
    size_t bytes;
};

static basin_status census_add(struct census *census, const struct network_request *request,
                               size_t batch)
{
    size_t bytes;
    for (int i = 0; i < census->count; i++)
        if (census->items[i].kind == request->kind && census->items[i].layer == request->layer &&
            census->items[i].batch == batch)
            return BASIN_OK;
    if (census->count == OBJECTIVE_NETWORKS) return BASIN_OK; /* another one goes for it */
    TRY(network_need(request, (int64_t)batch, &bytes));
    census->items[census->count].kind = request->kind;
    census->items[census->count].layer = request->layer;
    census->items[census->count++].batch = batch;
    census->bytes += bytes;
    return BASIN_OK;
}

static basin_status census_use(struct census *census, const struct objective_use *use)
{
    struct network_request request = objective_network(census->request, use->call, use->layer);
    size_t most = objective_batch(census->request, use->call), full = use->examples / most;
    if (full > 0) TRY(census_add(census, &request, most));
    return use->examples % most ? census_add(census, &request, use->examples % most) : BASIN_OK;
}

static size_t larger_of(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* What the objective holds beside networks: vectors (P) of the precision and of float64, and bytes
 * for the examples of a batch. */
struct vectors_held {
    size_t narrow, wide, scratch;
};

static void vectors_add(struct vectors_held *held, const struct objective_request *request,
                        const struct objective_use *use)
{
    const struct data_info *info = data_describe(request->data);
    size_t most = objective_batch(request, use->call),
           batch = use->examples < most ? use->examples : most;
    if (objective_is_product(use->call)) {
        held->narrow = 2;
    } else if (use->call == OBJECTIVE_GRADIENT || use->call == OBJECTIVE_EXAMPLE_GRADIENTS) {
        held->narrow = larger_of(held->narrow, 1);
    } else if (use->call == OBJECTIVE_STEP) {
        held->wide = larger_of(held->wide, use->examples > most);
    } else if (use->call == OBJECTIVE_LOSS) {
        held->scratch =
            larger_of(held->scratch, 2 * batch * info->positions * info->outputs * sizeof(double));
    } else if (use->call == OBJECTIVE_INPUT_GRADIENT) {
        held->scratch =
            larger_of(held->scratch, batch * info->features * precision_size(request->precision));
    }
}

basin_status objective_memory(const struct objective_request *request,
                              const struct objective_use *uses, size_t count,
                              struct objective_memory *memory)
{
    struct census census = {.request = request};
    struct vectors_held held = {0};
    size_t size = (size_t)model_size(request->model);
    *memory = (struct objective_memory){0};
    for (size_t i = 0; i < count; i++) {
        size_t full, last, batches = uses[i].examples / objective_batch(request, uses[i].call);
        TRY(census_use(&census, &uses[i]));
        vectors_add(&held, request, &uses[i]);
        if (!objective_is_product(uses[i].call) || batches < 2) continue;
        TRY(half_bytes(request, uses[i].call, uses[i].examples, &full, &last));
        memory->keep = larger_of(memory->keep, (batches - 1) * full);
    }
    memory->bytes = census.bytes + held.scratch + size * held.wide * sizeof(double) +
                    size * held.narrow * precision_size(request->precision);
    return BASIN_OK;
}
