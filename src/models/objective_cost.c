/* What calls cost, before they are made. */
#include "models/objective_parts.h"

/* By products of the network: F those of the forward pass, G those of forward and backward, of
 * which F are those of weight gradients. A tangent through the network takes, like the pass back,
 * two products for each whose factors both move: G - F. Through the pass back it takes twice what
 * that has, less what the first layer, whose input does not move, is spared: 3 G - 5 F. A Hessian's
 * shared half needs no weight gradients: G - F. */
struct call_flops objective_call_flops(const struct objective_request *request,
                                       enum objective_call call)
{
    double forward = model_forward_flops(request->model),
           gradient = model_gradient_flops(request->model);
    switch (call) {
    case OBJECTIVE_LOSS:
    case OBJECTIVE_OUTPUTS:
    case OBJECTIVE_STATISTICS:
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

/* Examples whose half is run again in every call: those of the full batches that share a network.
 * If it cannot be found out how many do not, none do. */
static size_t examples_shared(const struct objective_request *request, enum objective_call kind,
                              size_t examples)
{
    size_t most = objective_batch(request, kind), owners;
    if (half_owners(request, kind, examples, &owners) != BASIN_OK) owners = 0;
    return owners < examples / most ? (examples / most - owners) * most : 0;
}

double objective_flops(const struct objective_request *request, const struct objective_use *use)
{
    struct call_flops flops = objective_call_flops(request, use->call);
    double halves = (double)use->examples;
    if (objective_is_product(use->call) && use->calls > 1)
        halves += (use->calls - 1) * (double)examples_shared(request, use->call, use->examples);
    return halves * flops.half + (double)use->examples * use->times * flops.each;
}

/* ---- memory ---- */

struct network_size {
    enum network_kind kind;
    int layer;
    size_t batch, bytes;
};

/* The largest networks that an objective may hold at once: those on its list, and one that a single
 * full batch of a product has of its own. */
enum { CENSUS_MOST = OBJECTIVE_NETWORKS + 1 };
struct census {
    const struct objective_request *request;
    struct network_size largest[CENSUS_MOST];
    int count;
    size_t last; /* bytes of the largest for the last batch of a product, which is on no list */
};

/* Where the next one goes: behind the others or, once there are enough, in place of the
 * smallest. */
static struct network_size *census_place(struct census *census)
{
    struct network_size *least = census->largest;
    if (census->count < CENSUS_MOST) return &census->largest[census->count++];
    for (int i = 1; i < CENSUS_MOST; i++)
        if (census->largest[i].bytes < least->bytes) least = &census->largest[i];
    return least;
}

static basin_status census_add(struct census *census, const struct network_request *request,
                               size_t batch)
{
    struct network_size size = {request->kind, request->layer, batch, 0};
    for (int i = 0; i < census->count; i++)
        if (census->largest[i].kind == size.kind && census->largest[i].layer == size.layer &&
            census->largest[i].batch == batch)
            return BASIN_OK;
    TRY(network_need(request, (int64_t)batch, &size.bytes));
    struct network_size *place = census_place(census);
    if (size.bytes > place->bytes) *place = size;
    return BASIN_OK;
}

static size_t larger_of(size_t a, size_t b)
{
    return a > b ? a : b;
}

static basin_status census_use(struct census *census, const struct objective_use *use)
{
    struct network_request request = objective_network(census->request, use->call, use->layer);
    size_t most = objective_batch(census->request, use->call), rest = use->examples % most, bytes;
    if (use->examples >= most) TRY(census_add(census, &request, most));
    if (!rest) return BASIN_OK;
    if (!objective_is_product(use->call)) return census_add(census, &request, rest);
    TRY(network_need(&request, (int64_t)rest, &bytes));
    census->last = larger_of(census->last, bytes);
    return BASIN_OK;
}

static size_t census_bytes(const struct census *census)
{
    size_t bytes = census->last;
    for (int i = 0; i < census->count; i++) bytes += census->largest[i].bytes;
    return bytes;
}

/* What the objective holds beside networks: vectors (P) of the precision and of float64; bytes for
 * the outputs and targets of a batch, during a call, and for gradients by its inputs, which
 * stay. */
struct vectors_held {
    size_t narrow, wide, scratch, inputs;
};

static void vectors_add(struct vectors_held *held, const struct objective_request *request,
                        const struct objective_use *use)
{
    const struct data_info *info = data_describe(request->data);
    size_t most = objective_batch(request, use->call),
           batch = use->examples < most ? use->examples : most,
           targets = info->task == DATA_LANGUAGE ? 1 : info->outputs;
    if (objective_is_product(use->call)) {
        held->narrow = 2;
    } else if (use->call == OBJECTIVE_GRADIENT || use->call == OBJECTIVE_EXAMPLE_GRADIENTS) {
        held->narrow = larger_of(held->narrow, 1);
    } else if (use->call == OBJECTIVE_STEP) {
        held->wide = larger_of(held->wide, use->examples > most);
    } else if (use->call == OBJECTIVE_LOSS) {
        held->scratch = larger_of(held->scratch, batch * info->positions *
                                                     (info->outputs + targets) * sizeof(double));
    } else if (use->call == OBJECTIVE_INPUT_GRADIENT) {
        held->inputs =
            larger_of(held->inputs, batch * info->features * precision_size(request->precision));
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
    memory->bytes = census_bytes(&census) + held.scratch + held.inputs +
                    size * held.wide * sizeof(double) +
                    size * held.narrow * precision_size(request->precision);
    return BASIN_OK;
}
