/* Products with the curvature matrices. Each batch has a network of its own where memory allows: it
 * keeps the half that does not depend on the vector until weights or examples are others, which is
 * seen by their content. */
#include <string.h>
#include "models/objective_parts.h"

void halves_release(struct halves *halves)
{
    for (size_t i = 0; i < halves->count; i++)
        if (halves->items[i].own) network_destroy(halves->items[i].network);
    memory_free(halves->items);
    *halves = (struct halves){0};
}

basin_status half_bytes(const struct objective_request *request, enum objective_call kind,
                        size_t examples, size_t *full, size_t *last)
{
    struct network_request network = objective_network(request, kind, 0);
    size_t most = objective_batch(request, kind);
    *full = *last = 0;
    if (examples >= most) TRY(network_need(&network, (int64_t)most, full));
    return examples % most ? network_need(&network, (int64_t)(examples % most), last) : BASIN_OK;
}

basin_status half_owners(const struct objective_request *request, enum objective_call kind,
                         size_t examples, size_t *owners)
{
    size_t full = 0, last, count = examples / objective_batch(request, kind);
    bool all = request->keep == OBJECTIVE_KEEP_ALL;
    if (request->keep && !all) TRY(half_bytes(request, kind, examples, &full, &last));
    *owners = full ? request->keep / full : 0;
    if (all || *owners + 1 >= count)
        *owners = count; /* the last of them needs no more than the shared one would */
    return BASIN_OK;
}

/* A network that was shared until now is taken over: there is never one more than objective_memory
 * counts. */
static basin_status half_place(struct objective *objective, struct half *half, bool own)
{
    struct network_request request =
        objective_network(&objective->request, objective->halves.kind, 0);
    if (!own) return BASIN_OK;
    half->network = objective_remove(objective, &request, half->piece.count);
    if (!half->network) TRY(network_create(&request, (int64_t)half->piece.count, &half->network));
    half->own = true;
    return BASIN_OK;
}

static basin_status halves_place(struct objective *objective, enum objective_call kind,
                                 size_t examples)
{
    struct halves *halves = &objective->halves;
    size_t most = objective_batch(&objective->request, kind), owners;
    halves_release(halves);
    TRY(half_owners(&objective->request, kind, examples, &owners));
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
    const struct data_info *info = data_describe(request->data);
    struct digest weights = hash_bytes(w, (size_t)model_state_size(request->model) *
                                              precision_size(request->precision));
    struct digest rows = {0}, x = {0}, y = {0};
    if (where->rows) rows = hash_bytes(where->rows, where->count * sizeof *where->rows);
    if (where->x) x = hash_bytes(where->x, where->count * info->features * sizeof *where->x);
    if (where->y)
        y = hash_bytes(where->y, where->count * objective->rule.positions *
                                     score_targets(&objective->rule) * sizeof *where->y);
    uint64_t words[] = {weights.high,
                        weights.low,
                        rows.high,
                        rows.low,
                        x.high,
                        x.low,
                        y.high,
                        y.low,
                        (uint64_t)where->part,
                        where->rows != NULL,
                        where->x != NULL,
                        where->epoch,
                        objective->seed,
                        (uint64_t)objective->step};
    return hash_bytes(words, sizeof words);
}

static basin_status halves_prepare(struct objective *objective, const struct objective_where *where,
                                   const void *w, enum objective_call kind)
{
    struct halves *halves = &objective->halves;
    struct digest content = halves_content(objective, where, w);
    TRY(objective_reserve(objective, &objective->v));
    TRY(objective_reserve(objective, &objective->result));
    if (halves->kind != kind || halves->examples != where->count)
        TRY(halves_place(objective, kind, where->count));
    for (size_t i = 0; i < halves->count && !digest_equal(content, halves->content); i++)
        halves->items[i].ready = false;
    halves->content = content;
    return BASIN_OK;
}

/* Leaves a half that is ready as it is, but for the place of the weights: the varying half reads
 * them too, and equal ones may be somewhere else than those of the call before. */
static basin_status half_run(struct objective *objective, const struct objective_where *where,
                             const void *w, struct half *half)
{
    enum objective_call kind = objective->halves.kind;
    size_t most = objective_batch(&objective->request, kind), batch = half->piece.count;
    if (half->ready) {
        network_bind(half->network, SLOT_PARAMETERS, (void *)w);
        return BASIN_OK;
    }
    TRY(objective_check_stop(objective));
    if (!half->own) TRY(objective_take(objective, kind, 0, batch, &half->network));
    TRY(objective_fill(objective, half->network, where, &half->piece, most, w));
    network_bind(half->network, SLOT_TANGENT, objective->v);
    network_bind(half->network, SLOT_PRODUCT, objective->result);
    TRY(network_run(half->network, PROGRAM_INVARIANT));
    objective->spent += (double)half->piece.count *
                        objective_call_flops(&objective->request, objective->halves.kind).half;
    half->ready = half->own;
    return BASIN_OK;
}

/* product += share * (product of one batch with v) */
static basin_status half_multiply(struct objective *objective, const struct half *half,
                                  double share, const double *v, double *product)
{
    enum precision precision = objective->request.precision;
    TRY(objective_check_stop(objective));
    vector_from_double(precision, v, objective->v, objective->size);
    TRY(network_run(half->network, PROGRAM_VARYING));
    objective->spent += (double)half->piece.count *
                        objective_call_flops(&objective->request, objective->halves.kind).each;
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
    if (kind == OBJECTIVE_EMPIRICAL_FISHER) TRY(objective_check_examples(objective));
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
