#include "models/objective.h"

#include <math.h>
#include <string.h>
#include "base/hash.h"
#include "models/network.h"

enum { EVALUATION_EXAMPLES = 500, EVALUATION_OUTPUTS = 1 << 19, DERIVATIVE_EXAMPLES = 1000 };
enum { NETWORKS = 16 };

/* Part of a call that goes at once. */
struct piece {
    size_t first, count;
};

/* One batch of a product: its network has run the half that does not depend on the vector. */
struct half {
    struct network *network; /* its own, to be kept; otherwise one of all, found for each call */
    struct piece piece;
    bool own, ready;
};

/* The batches of the products that were asked for last. */
struct halves {
    enum objective_call kind;
    size_t examples, count;
    struct half *items;
    struct digest content; /* of the weights and examples that they were made ready with */
};

struct objective {
    struct objective_request request;
    struct score_rule rule;
    size_t size;                        /* P */
    struct network *networks[NETWORKS]; /* the most recently used first */
    int network_count;
    struct halves halves;
    void *v, *result; /* (P) of the precision: tangent, and gradient or product of one batch */
    double *sum;      /* (P) over batches */
    uint32_t *rows;   /* of a batch */
    size_t row_count;
    uint64_t seed;
    int64_t step;
    double spent;
};

struct objective_where objective_first(enum data_part part, size_t count)
{
    return (struct objective_where){.part = part, .count = count};
}

basin_status objective_create(const struct objective_request *request, struct objective **out)
{
    struct objective *objective = memory_allocate(sizeof *objective);
    if (!objective) return BASIN_MEMORY;
    const struct data_info *info = data_describe(request->data);
    objective->request = *request;
    objective->rule = (struct score_rule){request->loss, info->task, request->label_smoothing,
                                          info->outputs, info->positions};
    objective->size = (size_t)model_size(request->model);
    *out = objective;
    return BASIN_OK;
}

static void halves_release(struct halves *halves)
{
    for (size_t i = 0; i < halves->count; i++)
        if (halves->items[i].own) network_destroy(halves->items[i].network);
    memory_free(halves->items);
    *halves = (struct halves){0};
}

void objective_destroy(struct objective *objective)
{
    if (!objective) return;
    halves_release(&objective->halves);
    for (int i = 0; i < objective->network_count; i++) network_destroy(objective->networks[i]);
    memory_free(objective->v);
    memory_free(objective->result);
    memory_free(objective->sum);
    memory_free(objective->rows);
    memory_free(objective);
}

/* ---- batches ---- */

/* Examples of one batch of outputs: fewer where each has many of them. */
static size_t evaluation_examples(const struct data_info *info)
{
    size_t most = EVALUATION_OUTPUTS / (info->positions * info->outputs);
    if (info->positions == 1 || most > EVALUATION_EXAMPLES) return EVALUATION_EXAMPLES;
    return most ? most : 1;
}

/* Examples of one batch of derivatives: few enough that the layers' results stay below some
 * millions of elements. */
static size_t derivative_examples(const struct model *model, const struct data_info *info)
{
    enum { LEAST = 50, ELEMENTS = 16 << 20 };
    int64_t batch = DERIVATIVE_EXAMPLES,
            least = info->positions > 1 ? 1 : LEAST; /* a text's examples are long */
    while (batch / 2 >= least && batch * model_activations(model) > ELEMENTS) batch /= 2;
    return (size_t)batch;
}

/* Numbers may depend on it (sums, and statistics of batches), so that it follows from the network
 * alone, never from the memory at hand. */
size_t objective_batch(const struct objective_request *request, enum objective_call call)
{
    const struct data_info *info = data_describe(request->data);
    if (request->batch) return request->batch;
    bool outputs = call == OBJECTIVE_LOSS || call == OBJECTIVE_OUTPUTS;
    if (outputs && request->mode == MODE_EVAL) return evaluation_examples(info);
    return derivative_examples(request->model, info);
}

/* From {0} through all batches of a call. */
static bool piece_next(struct piece *piece, size_t most, size_t count)
{
    piece->first += piece->count;
    piece->count = count - piece->first < most ? count - piece->first : most;
    return piece->count > 0;
}

static basin_status check_stop(const struct objective *objective)
{
    return objective->request.stop && *objective->request.stop
               ? error_raise(BASIN_INTERRUPTED, "interrupted")
               : BASIN_OK;
}

/* ---- networks ---- */

static enum network_kind kind_of(enum objective_call call)
{
    static const enum network_kind kinds[OBJECTIVE_CALLS] = {
        [OBJECTIVE_LOSS] = NETWORK_OUTPUTS,    [OBJECTIVE_OUTPUTS] = NETWORK_OUTPUTS,
        [OBJECTIVE_STEP] = NETWORK_GRADIENT,   [OBJECTIVE_GRADIENT] = NETWORK_GRADIENT,
        [OBJECTIVE_HESSIAN] = NETWORK_PRODUCT,
    };
    return kinds[call];
}

static struct network_request network_for(const struct objective_request *request,
                                          enum network_kind kind)
{
    return (struct network_request){.model = request->model,
                                    .data = request->data,
                                    .kind = kind,
                                    .mode = request->mode,
                                    .loss = request->loss,
                                    .label_smoothing = request->label_smoothing,
                                    .precision = request->precision};
}

static basin_status network_add(struct objective *objective, enum network_kind kind, size_t batch)
{
    struct network_request request = network_for(&objective->request, kind);
    struct network *network;
    TRY(network_create(&request, (int64_t)batch, &network));
    if (objective->network_count == NETWORKS)
        network_destroy(objective->networks[--objective->network_count]);
    objective->networks[objective->network_count++] = network;
    return BASIN_OK;
}

/* The network of a kind for a batch size. Of more than NETWORKS the one that was not used for
 * longest goes. */
static basin_status network_of(struct objective *objective, enum network_kind kind, size_t batch,
                               struct network **network)
{
    int i = 0;
    while (i < objective->network_count &&
           !network_is(objective->networks[i], kind, (int64_t)batch))
        i++;
    if (i == objective->network_count) {
        TRY(network_add(objective, kind, batch));
        i = objective->network_count - 1;
    }
    *network = objective->networks[i];
    memmove(objective->networks + 1, objective->networks, (size_t)i * sizeof *objective->networks);
    objective->networks[0] = *network;
    return BASIN_OK;
}

static basin_status reserve_rows(struct objective *objective, size_t count)
{
    if (count <= objective->row_count) return BASIN_OK;
    uint32_t *rows = memory_allocate(count * sizeof *rows);
    if (!rows) return BASIN_MEMORY;
    memory_free(objective->rows);
    objective->rows = rows;
    objective->row_count = count;
    return BASIN_OK;
}

static basin_status reserve_vector(const struct objective *objective, void **vector)
{
    if (*vector) return BASIN_OK;
    *vector = memory_allocate(objective->size * precision_size(objective->request.precision));
    return *vector ? BASIN_OK : BASIN_MEMORY;
}

static basin_status reserve_sum(struct objective *objective)
{
    if (objective->sum) return BASIN_OK;
    objective->sum = memory_allocate(objective->size * sizeof *objective->sum);
    return objective->sum ? BASIN_OK : BASIN_MEMORY;
}

/* The examples of a piece. */
static basin_status piece_gather(struct objective *objective, const struct objective_where *where,
                                 const struct piece *piece, struct data_gather *gather)
{
    *gather = (struct data_gather){where->part, NULL, piece->count, objective->seed, where->epoch};
    if (where->rows) {
        gather->rows = where->rows + piece->first;
        return BASIN_OK;
    }
    TRY(reserve_rows(objective, piece->count));
    for (size_t i = 0; i < piece->count; i++) objective->rows[i] = (uint32_t)(piece->first + i);
    gather->rows = objective->rows;
    return BASIN_OK;
}

/* Gives a network the weights, examples and dropout key of a piece; `most`: examples of a full
 * batch of the call. */
static basin_status network_fill(struct objective *objective, struct network *network,
                                 const struct objective_where *where, const struct piece *piece,
                                 size_t most, const void *w)
{
    struct data_gather gather;
    int64_t pieces = (int64_t)((where->count + most - 1) / most);
    TRY(piece_gather(objective, where, piece, &gather));
    network_bind(network, SLOT_PARAMETERS, (void *)w);
    network_gather(network, &gather);
    network_random(network, objective->seed,
                   (uint32_t)(objective->step * pieces + (int64_t)(piece->first / most)));
    return BASIN_OK;
}

/* ---- FLOPs ---- */

/* Nominal FLOPs of one example: of the half of a product that all vectors share, and of a vector;
 * of other calls all is in `each`. */
struct call_flops {
    double half, each;
};

static struct call_flops call_flops(const struct objective_request *request,
                                    enum objective_call call)
{
    double forward = model_forward_flops(request->model),
           gradient = model_gradient_flops(request->model);
    switch (call) {
    case OBJECTIVE_LOSS:
    case OBJECTIVE_OUTPUTS:
        return (struct call_flops){0, forward};
    case OBJECTIVE_HESSIAN: /* the tangent of each product is two products */
        return (struct call_flops){gradient, 2 * gradient};
    default:
        return (struct call_flops){0, gradient};
    }
}

double objective_flops(const struct objective_request *request, const struct objective_use *use)
{
    struct call_flops flops = call_flops(request, use->call);
    return (double)use->examples * (flops.half + use->times * flops.each);
}

double objective_spent(const struct objective *objective)
{
    return objective->spent;
}

static void spend(struct objective *objective, enum objective_call call, size_t examples)
{
    objective->spent += (double)examples * call_flops(&objective->request, call).each;
}

/* ---- outputs and loss ---- */

/* Arrays of one batch: f (count, positions, outputs) and y (count, positions, targets). */
static size_t evaluation_doubles(const struct objective *objective, size_t count)
{
    return count * objective->rule.positions *
           (objective->rule.outputs + score_targets(&objective->rule));
}

static basin_status outputs_of_piece(struct objective *objective,
                                     const struct objective_where *where, const struct piece *piece,
                                     size_t most, const void *w, double *f)
{
    struct network *network;
    TRY(check_stop(objective));
    TRY(network_of(objective, NETWORK_OUTPUTS, piece->count, &network));
    TRY(network_fill(objective, network, where, piece, most, w));
    network_run(network, PROGRAM_ALL);
    spend(objective, OBJECTIVE_OUTPUTS, piece->count);
    network_outputs(network, f);
    return BASIN_OK;
}

basin_status objective_outputs(struct objective *objective, const struct objective_where *where,
                               const void *w, double *f)
{
    size_t most = objective_batch(&objective->request, OBJECTIVE_OUTPUTS),
           width = objective->rule.positions * objective->rule.outputs;
    for (struct piece piece = {0}; piece_next(&piece, most, where->count);)
        TRY(outputs_of_piece(objective, where, &piece, most, w, f + piece.first * width));
    return BASIN_OK;
}

static basin_status score_pieces(struct objective *objective, const struct objective_where *where,
                                 size_t most, const void *w, double *f, struct score *score)
{
    double *y = f + most * objective->rule.positions * objective->rule.outputs;
    for (struct piece piece = {0}; piece_next(&piece, most, where->count);) {
        struct data_gather gather;
        TRY(outputs_of_piece(objective, where, &piece, most, w, f));
        TRY(piece_gather(objective, where, &piece, &gather));
        data_gather_double(objective->request.data, &gather, NULL, y);
        score_add(&objective->rule, piece.count, f, y, score);
    }
    return BASIN_OK;
}

basin_status objective_loss(struct objective *objective, const struct objective_where *where,
                            const void *w, struct evaluation *evaluation)
{
    struct score score = {0};
    size_t most = objective_batch(&objective->request, OBJECTIVE_OUTPUTS);
    double *f = memory_allocate(evaluation_doubles(objective, most) * sizeof *f);
    if (!f) return BASIN_MEMORY;
    basin_status status = score_pieces(objective, where, most, w, f, &score);
    memory_free(f);
    *evaluation = score_mean(&objective->rule, &score);
    return status;
}

/* ---- gradients ---- */

void objective_random(struct objective *objective, uint64_t seed, int64_t step)
{
    objective->seed = seed;
    objective->step = step;
}

/* Loss and gradient (g, of the precision) of one batch. */
static basin_status gradient_of_piece(struct objective *objective,
                                      const struct objective_where *where,
                                      const struct piece *piece, size_t most, void *w, bool learn,
                                      void *g, double *loss)
{
    struct network *network;
    TRY(check_stop(objective));
    TRY(network_of(objective, NETWORK_GRADIENT, piece->count, &network));
    TRY(network_fill(objective, network, where, piece, most, w));
    network_bind(network, SLOT_GRADIENT, g);
    network_run(network, PROGRAM_ALL);
    spend(objective, OBJECTIVE_GRADIENT, piece->count);
    *loss = network_loss(network);
    if (learn && isfinite(*loss)) network_fold(network, w);
    return BASIN_OK;
}

/* Batches in a fixed order, summed in float64; `g` (P) of the precision holds that of a batch. */
static basin_status gradient_sum(struct objective *objective, const struct objective_where *where,
                                 size_t most, void *w, bool learn, void *g, double *sum,
                                 double *loss)
{
    memset(sum, 0, objective->size * sizeof *sum);
    *loss = 0;
    for (struct piece piece = {0}; piece_next(&piece, most, where->count);) {
        double share = (double)piece.count / (double)where->count, part;
        TRY(gradient_of_piece(objective, where, &piece, most, w, learn, g, &part));
        *loss += share * part;
        vector_add(objective->request.precision, share, g, sum, objective->size);
    }
    return BASIN_OK;
}

basin_status objective_step(struct objective *objective, const struct objective_where *where,
                            void *w, bool learn, void *g, double *loss)
{
    size_t most = objective_batch(&objective->request, OBJECTIVE_STEP);
    struct piece all = {0, where->count};
    if (where->count <= most)
        return gradient_of_piece(objective, where, &all, most, w, learn, g, loss);
    TRY(reserve_sum(objective));
    TRY(gradient_sum(objective, where, most, w, learn, g, objective->sum, loss));
    vector_from_double(objective->request.precision, objective->sum, g, objective->size);
    return BASIN_OK;
}

basin_status objective_gradient(struct objective *objective, const struct objective_where *where,
                                const void *w, double *g, double *loss)
{
    double unused;
    size_t most = objective_batch(&objective->request, OBJECTIVE_GRADIENT);
    TRY(reserve_vector(objective, &objective->result));
    return gradient_sum(objective, where, most, (void *)w, false, objective->result, g,
                        loss ? loss : &unused);
}

/* ---- products ---- */

/* Bytes of the networks for a full batch and for the last, smaller one (0 where there is none). */
static basin_status half_bytes(const struct objective_request *request, enum objective_call kind,
                               size_t examples, size_t *full, size_t *last)
{
    struct network_request network = network_for(request, kind_of(kind));
    size_t most = objective_batch(request, kind);
    *full = *last = 0;
    if (examples >= most) TRY(network_need(&network, (int64_t)most, full));
    return examples % most ? network_need(&network, (int64_t)(examples % most), last) : BASIN_OK;
}

/* How many of the full batches get networks of their own; the others share one. */
static basin_status half_owners(const struct objective *objective, enum objective_call kind,
                                size_t examples, size_t *owners)
{
    size_t full, last, count = examples / objective_batch(&objective->request, kind);
    TRY(half_bytes(&objective->request, kind, examples, &full, &last));
    *owners = full ? objective->request.keep / full : 0;
    if (*owners + 1 >= count)
        *owners = count; /* the last of them needs no more than the shared one would */
    return BASIN_OK;
}

static basin_status half_place(struct objective *objective, struct half *half, bool own)
{
    struct network_request request =
        network_for(&objective->request, kind_of(objective->halves.kind));
    if (!own) return BASIN_OK;
    TRY(network_create(&request, (int64_t)half->piece.count, &half->network));
    half->own = true;
    return BASIN_OK;
}

static basin_status halves_place(struct objective *objective, enum objective_call kind,
                                 size_t examples)
{
    struct halves *halves = &objective->halves;
    size_t most = objective_batch(&objective->request, kind), owners;
    halves_release(halves);
    TRY(half_owners(objective, kind, examples, &owners));
    size_t count = (examples + most - 1) / most;
    halves->items = memory_allocate((count + 1) * sizeof *halves->items);
    if (!halves->items) return BASIN_MEMORY;
    halves->kind = kind;
    halves->count = count;
    struct piece piece = {0};
    for (size_t i = 0; i < count; i++) {
        piece_next(&piece, most, examples);
        halves->items[i].piece = piece;
        TRY(half_place(objective, &halves->items[i], i < owners || piece.count < most));
    }
    halves->examples = examples; /* complete */
    return BASIN_OK;
}

/* What the shared half of a product depends on. */
static struct digest halves_content(const struct objective *objective,
                                    const struct objective_where *where, const void *w)
{
    const struct objective_request *request = &objective->request;
    struct digest weights = hash_bytes(w, (size_t)model_state_size(request->model) *
                                              precision_size(request->precision));
    struct digest rows = {0};
    if (where->rows) rows = hash_bytes(where->rows, where->count * sizeof *where->rows);
    uint64_t words[] = {
        weights.high,          weights.low,         rows.high,       rows.low,
        (uint64_t)where->part, where->rows != NULL, objective->seed, (uint64_t)objective->step};
    return hash_bytes(words, sizeof words);
}

static basin_status halves_prepare(struct objective *objective, const struct objective_where *where,
                                   const void *w, enum objective_call kind)
{
    struct halves *halves = &objective->halves;
    struct digest content = halves_content(objective, where, w);
    TRY(reserve_vector(objective, &objective->v));
    TRY(reserve_vector(objective, &objective->result));
    if (halves->kind != kind || halves->examples != where->count)
        TRY(halves_place(objective, kind, where->count));
    for (size_t i = 0; i < halves->count && !digest_equal(content, halves->content); i++)
        halves->items[i].ready = false;
    halves->content = content;
    return BASIN_OK;
}

static basin_status half_run(struct objective *objective, const struct objective_where *where,
                             const void *w, struct half *half)
{
    enum objective_call kind = objective->halves.kind;
    size_t most = objective_batch(&objective->request, kind), batch = half->piece.count;
    if (half->ready) return BASIN_OK;
    TRY(check_stop(objective));
    if (!half->own) TRY(network_of(objective, kind_of(kind), batch, &half->network));
    TRY(network_fill(objective, half->network, where, &half->piece, most, w));
    network_bind(half->network, SLOT_TANGENT, objective->v);
    network_bind(half->network, SLOT_PRODUCT, objective->result);
    network_run(half->network, PROGRAM_INVARIANT);
    objective->spent +=
        (double)half->piece.count * call_flops(&objective->request, objective->halves.kind).half;
    half->ready = half->own;
    return BASIN_OK;
}

/* product += share * (product of one batch with v) */
static basin_status half_multiply(struct objective *objective, const struct half *half,
                                  double share, const double *v, double *product)
{
    enum precision precision = objective->request.precision;
    TRY(check_stop(objective));
    vector_from_double(precision, v, objective->v, objective->size);
    network_run(half->network, PROGRAM_VARYING);
    spend(objective, objective->halves.kind, half->piece.count);
    vector_add(precision, share, objective->result, product, objective->size);
    return BASIN_OK;
}

basin_status objective_product(struct objective *objective, const struct objective_where *where,
                               const void *w, enum objective_call kind, const double *vectors,
                               size_t count, double *products)
{
    struct halves *halves = &objective->halves;
    size_t size = objective->size;
    memset(products, 0, count * size * sizeof *products);
    TRY(halves_prepare(objective, where, w, kind));
    for (size_t i = 0; i < halves->count; i++) {
        struct half *half = &halves->items[i];
        double share = (double)half->piece.count / (double)where->count;
        TRY(half_run(objective, where, w, half));
        for (size_t j = 0; j < count; j++)
            TRY(half_multiply(objective, half, share, vectors + j * size, products + j * size));
    }
    return BASIN_OK;
}

/* ---- memory ---- */

/* Networks that have been counted. */
struct census {
    const struct objective_request *request;
    struct {
        enum network_kind kind;
        size_t batch;
    } items[NETWORKS];
    int count;
    size_t bytes;
};

static basin_status census_add(struct census *census, enum network_kind kind, size_t batch)
{
    struct network_request request = network_for(census->request, kind);
    size_t bytes;
    for (int i = 0; i < census->count; i++)
        if (census->items[i].kind == kind && census->items[i].batch == batch) return BASIN_OK;
    if (census->count == NETWORKS) return BASIN_OK; /* another one goes for it */
    TRY(network_need(&request, (int64_t)batch, &bytes));
    census->items[census->count].kind = kind;
    census->items[census->count++].batch = batch;
    census->bytes += bytes;
    return BASIN_OK;
}

static basin_status census_use(struct census *census, const struct objective_use *use)
{
    size_t most = objective_batch(census->request, use->call);
    for (struct piece piece = {0}; piece_next(&piece, most, use->examples);)
        TRY(census_add(census, kind_of(use->call), piece.count));
    return BASIN_OK;
}

static bool is_product(enum objective_call call)
{
    return call == OBJECTIVE_HESSIAN;
}

/* Vectors of the objective's own, and scratch of an evaluation. */
static size_t vector_bytes_of(const struct objective_request *request,
                              const struct objective_use *uses, size_t count)
{
    size_t size = (size_t)model_size(request->model), narrow = 0, wide = 0, scratch = 0;
    const struct data_info *info = data_describe(request->data);
    for (size_t i = 0; i < count; i++) {
        size_t most = objective_batch(request, uses[i].call);
        if (is_product(uses[i].call))
            narrow = 2;
        else if (uses[i].call == OBJECTIVE_GRADIENT && narrow == 0)
            narrow = 1;
        else if (uses[i].call == OBJECTIVE_STEP && uses[i].examples > most)
            wide = 1;
        else if (uses[i].call == OBJECTIVE_LOSS && uses[i].examples > 0)
            scratch = 2 * most * info->positions * info->outputs * sizeof(double);
    }
    return size * (narrow * precision_size(request->precision) + wide * sizeof(double)) + scratch;
}

basin_status objective_memory(const struct objective_request *request,
                              const struct objective_use *uses, size_t count,
                              struct objective_memory *memory)
{
    struct census census = {.request = request};
    *memory = (struct objective_memory){.bytes = vector_bytes_of(request, uses, count)};
    for (size_t i = 0; i < count; i++) {
        size_t full, last, batches = uses[i].examples / objective_batch(request, uses[i].call);
        TRY(census_use(&census, &uses[i]));
        if (!is_product(uses[i].call) || batches < 2) continue;
        TRY(half_bytes(request, uses[i].call, uses[i].examples, &full, &last));
        if ((batches - 1) * full > memory->keep) memory->keep = (batches - 1) * full;
    }
    memory->bytes += census.bytes;
    return BASIN_OK;
}
