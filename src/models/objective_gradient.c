#include "models/objective_parts.h"

#include <math.h>
#include <string.h>

enum { EVALUATION_EXAMPLES = 500, EVALUATION_OUTPUTS = 1 << 19, DERIVATIVE_EXAMPLES = 1000 };

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

void objective_destroy(struct objective *objective)
{
    if (!objective) return;
    halves_release(&objective->halves);
    for (int i = 0; i < objective->network_count; i++) network_destroy(objective->networks[i]);
    memory_free(objective->v);
    memory_free(objective->result);
    memory_free(objective->sum);
    memory_free(objective->rows);
    memory_free(objective->inputs);
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
    if (call == OBJECTIVE_EXAMPLE_GRADIENTS) return 1;
    if (request->batch) return request->batch;
    if (call <= OBJECTIVE_ACTIVATIONS && request->mode == MODE_EVAL)
        return evaluation_examples(info);
    return derivative_examples(request->model, info);
}

bool piece_next(struct piece *piece, size_t most, size_t count)
{
    piece->first += piece->count;
    piece->count = count - piece->first < most ? count - piece->first : most;
    return piece->count > 0;
}

basin_status objective_check_stop(const struct objective *objective)
{
    return objective->request.stop && *objective->request.stop
               ? error_raise(BASIN_INTERRUPTED, "interrupted")
               : BASIN_OK;
}

/* ---- networks ---- */

static enum network_kind kind_of(enum objective_call call)
{
    static const enum network_kind kinds[OBJECTIVE_CALLS] = {
        [OBJECTIVE_LOSS] = NETWORK_OUTPUTS,
        [OBJECTIVE_OUTPUTS] = NETWORK_OUTPUTS,
        [OBJECTIVE_ACTIVATIONS] = NETWORK_ACTIVATIONS,
        [OBJECTIVE_STATISTICS] = NETWORK_STATISTICS,
        [OBJECTIVE_STEP] = NETWORK_GRADIENT,
        [OBJECTIVE_GRADIENT] = NETWORK_GRADIENT,
        [OBJECTIVE_INPUT_GRADIENT] = NETWORK_INPUT_GRADIENT,
        [OBJECTIVE_EXAMPLE_GRADIENTS] = NETWORK_GRADIENT,
        [OBJECTIVE_HESSIAN] = NETWORK_PRODUCT,
        [OBJECTIVE_GAUSS_NEWTON] = NETWORK_GAUSS_NEWTON,
        [OBJECTIVE_FISHER] = NETWORK_GAUSS_NEWTON, /* the same matrix: objective.h */
        [OBJECTIVE_EMPIRICAL_FISHER] = NETWORK_EMPIRICAL_FISHER,
    };
    return kinds[call];
}

struct network_request objective_network(const struct objective_request *request,
                                         enum objective_call call, int layer)
{
    return (struct network_request){.model = request->model,
                                    .data = request->data,
                                    .kind = kind_of(call),
                                    .mode = request->mode,
                                    .loss = request->loss,
                                    .label_smoothing = request->label_smoothing,
                                    .precision = request->precision,
                                    .layer = call == OBJECTIVE_ACTIVATIONS ? layer : 0};
}

static basin_status network_add(struct objective *objective, const struct network_request *request,
                                size_t batch)
{
    struct network *network;
    if (objective->network_count == OBJECTIVE_NETWORKS) /* first: there are never more */
        network_destroy(objective->networks[--objective->network_count]);
    TRY(network_create(request, (int64_t)batch, &network));
    objective->networks[objective->network_count++] = network;
    return BASIN_OK;
}

static int network_index(const struct objective *objective, const struct network_request *request,
                         size_t batch)
{
    int i = 0;
    while (i < objective->network_count &&
           !network_is(objective->networks[i], request->kind, request->layer, (int64_t)batch))
        i++;
    return i;
}

/* Of more than OBJECTIVE_NETWORKS the one that was not used for longest goes. */
basin_status objective_take(struct objective *objective, enum objective_call call, int layer,
                            size_t batch, struct network **network)
{
    struct network_request request = objective_network(&objective->request, call, layer);
    int i = network_index(objective, &request, batch);
    if (i == objective->network_count) {
        TRY(network_add(objective, &request, batch));
        i = objective->network_count - 1;
    }
    *network = objective->networks[i];
    memmove(objective->networks + 1, objective->networks, (size_t)i * sizeof *objective->networks);
    objective->networks[0] = *network;
    return BASIN_OK;
}

struct network *objective_remove(struct objective *objective, const struct network_request *request,
                                 size_t batch)
{
    int i = network_index(objective, request, batch);
    if (i == objective->network_count) return NULL;
    struct network *network = objective->networks[i];
    objective->network_count--;
    memmove(objective->networks + i, objective->networks + i + 1,
            (size_t)(objective->network_count - i) * sizeof *objective->networks);
    return network;
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

basin_status objective_reserve(const struct objective *objective, void **vector)
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

basin_status objective_fill(struct objective *objective, struct network *network,
                            const struct objective_where *where, const struct piece *piece,
                            size_t most, const void *w)
{
    const struct data_info *info = data_describe(objective->request.data);
    size_t targets = objective->rule.positions * score_targets(&objective->rule);
    int64_t pieces = (int64_t)((where->count + most - 1) / most);
    network_bind(network, SLOT_PARAMETERS, (void *)w);
    if (where->x) {
        TRY(network_give(network, where->x + piece->first * info->features,
                         where->y ? where->y + piece->first * targets : NULL));
    } else {
        struct data_gather gather;
        TRY(piece_gather(objective, where, piece, &gather));
        network_gather(network, &gather);
    }
    network_random(network, objective->seed,
                   (uint32_t)(objective->step * pieces + (int64_t)(piece->first / most)));
    return BASIN_OK;
}

/* The targets (count, positions, targets) of a piece. */
static basin_status piece_targets(struct objective *objective, const struct objective_where *where,
                                  const struct piece *piece, double *y)
{
    size_t targets = objective->rule.positions * score_targets(&objective->rule);
    struct data_gather gather;
    if (where->x && !where->y) return network_no_targets();
    if (where->x) {
        memcpy(y, where->y + piece->first * targets, piece->count * targets * sizeof *y);
        return BASIN_OK;
    }
    TRY(piece_gather(objective, where, piece, &gather));
    data_gather_double(objective->request.data, &gather, NULL, y);
    return BASIN_OK;
}

double objective_spent(const struct objective *objective)
{
    return objective->spent;
}

static void spend(struct objective *objective, enum objective_call call, size_t examples)
{
    objective->spent += (double)examples * objective_call_flops(&objective->request, call).each;
}

/* ---- outputs and loss ---- */

/* Arrays of one batch: f (count, positions, outputs) and y (count, positions, targets). */
static size_t evaluation_doubles(const struct objective *objective, size_t count)
{
    return count * objective->rule.positions *
           (objective->rule.outputs + score_targets(&objective->rule));
}

/* `call`: OUTPUTS, or ACTIVATIONS of a layer. */
static basin_status outputs_of_piece(struct objective *objective, enum objective_call call,
                                     int layer, const struct objective_where *where,
                                     const struct piece *piece, size_t most, const void *w,
                                     double *f)
{
    struct network *network;
    TRY(objective_check_stop(objective));
    TRY(objective_take(objective, call, layer, piece->count, &network));
    TRY(objective_fill(objective, network, where, piece, most, w));
    TRY(network_run(network, PROGRAM_ALL));
    spend(objective, call, piece->count);
    network_outputs(network, f);
    return BASIN_OK;
}

static basin_status outputs_of_all(struct objective *objective, enum objective_call call, int layer,
                                   const struct objective_where *where, const void *w, size_t width,
                                   double *f)
{
    size_t most = objective_batch(&objective->request, call);
    for (struct piece piece = {0}; piece_next(&piece, most, where->count);)
        TRY(outputs_of_piece(objective, call, layer, where, &piece, most, w,
                             f + piece.first * width));
    return BASIN_OK;
}

basin_status objective_outputs(struct objective *objective, const struct objective_where *where,
                               const void *w, double *f)
{
    return outputs_of_all(objective, OBJECTIVE_OUTPUTS, 0, where, w,
                          objective->rule.positions * objective->rule.outputs, f);
}

basin_status objective_activations(struct objective *objective, const struct objective_where *where,
                                   const void *w, int layer, double *a)
{
    return outputs_of_all(objective, OBJECTIVE_ACTIVATIONS, layer, where, w,
                          (size_t)model_layer_size(objective->request.model, layer), a);
}

/* sum (B) of the batches; as equal as can be, so that no small one is left at the end. */
static basin_status statistics_sum(struct objective *objective, const struct objective_where *where,
                                   const void *w, double *sum)
{
    size_t most = objective_batch(&objective->request, OBJECTIVE_STATISTICS),
           left = (where->count + most - 1) / most;
    struct network *network;
    for (struct piece piece = {0}; left > 0; left--) {
        piece.first += piece.count;
        piece.count = (where->count - piece.first + left - 1) / left;
        TRY(objective_check_stop(objective));
        TRY(objective_take(objective, OBJECTIVE_STATISTICS, 0, piece.count, &network));
        TRY(objective_fill(objective, network, where, &piece, most, w));
        TRY(network_run(network, PROGRAM_ALL));
        spend(objective, OBJECTIVE_STATISTICS, piece.count);
        network_statistics(network, (double)piece.count / (double)where->count, sum);
    }
    return BASIN_OK;
}

basin_status objective_statistics(struct objective *objective, const struct objective_where *where,
                                  void *w)
{
    enum precision precision = objective->request.precision;
    size_t buffers = (size_t)model_state_size(objective->request.model) - objective->size;
    if (!buffers || !where->count) return BASIN_OK;
    if (objective->request.mode != MODE_BATCH)
        return error_raise(BASIN_INTERNAL, "statistics were asked for outside of MODE_BATCH");
    double *sum = memory_allocate(buffers * sizeof *sum);
    if (!sum) return BASIN_MEMORY;
    basin_status status = statistics_sum(objective, where, w, sum);
    if (status == BASIN_OK)
        vector_from_double(precision, sum, (char *)w + objective->size * precision_size(precision),
                           buffers);
    memory_free(sum);
    return status;
}

/* Losses of the examples of a piece, one by one. */
static void piece_losses(const struct objective *objective, size_t count, const double *f,
                         const double *y, double *losses)
{
    const struct score_rule *rule = &objective->rule;
    for (size_t i = 0; i < count; i++) {
        losses[i] = 0;
        for (size_t t = 0; t < rule->positions; t++, f += rule->outputs, y += score_targets(rule))
            losses[i] += score_loss(rule, f, y) / (double)rule->positions;
    }
}

/* Adds up the score, or puts down the losses where they are wanted. `f`: scratch for outputs and
 * targets of a batch. */
static basin_status score_pieces(struct objective *objective, const struct objective_where *where,
                                 size_t most, const void *w, double *f, struct score *score,
                                 double *losses)
{
    double *y = f + most * objective->rule.positions * objective->rule.outputs;
    for (struct piece piece = {0}; piece_next(&piece, most, where->count);) {
        TRY(outputs_of_piece(objective, OBJECTIVE_OUTPUTS, 0, where, &piece, most, w, f));
        TRY(piece_targets(objective, where, &piece, y));
        if (losses)
            piece_losses(objective, piece.count, f, y, losses + piece.first);
        else
            score_add(&objective->rule, piece.count, f, y, score);
    }
    return BASIN_OK;
}

static basin_status score_all(struct objective *objective, const struct objective_where *where,
                              const void *w, struct score *score, double *losses)
{
    size_t most = objective_batch(&objective->request, OBJECTIVE_LOSS);
    if (where->count < most) most = where->count;
    double *f = memory_allocate((evaluation_doubles(objective, most) + 1) * sizeof *f);
    if (!f) return BASIN_MEMORY;
    basin_status status =
        most ? score_pieces(objective, where, most, w, f, score, losses) : BASIN_OK;
    memory_free(f);
    return status;
}

basin_status objective_loss(struct objective *objective, const struct objective_where *where,
                            const void *w, struct evaluation *evaluation)
{
    struct score score = {0};
    TRY(score_all(objective, where, w, &score, NULL));
    *evaluation = score_mean(&objective->rule, &score);
    return BASIN_OK;
}

basin_status objective_losses(struct objective *objective, const struct objective_where *where,
                              const void *w, double *losses)
{
    return score_all(objective, where, w, NULL, losses);
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
    TRY(objective_check_stop(objective));
    TRY(objective_take(objective, OBJECTIVE_GRADIENT, 0, piece->count, &network));
    TRY(objective_fill(objective, network, where, piece, most, w));
    network_bind(network, SLOT_GRADIENT, g);
    TRY(network_run(network, PROGRAM_ALL));
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
    TRY(objective_reserve(objective, &objective->result));
    return gradient_sum(objective, where, most, (void *)w, false, objective->result, g,
                        loss ? loss : &unused);
}

/* ---- by the inputs, and by example ---- */

static basin_status reserve_inputs(struct objective *objective, size_t count)
{
    if (count <= objective->input_count) return BASIN_OK;
    void *inputs = memory_allocate(count * precision_size(objective->request.precision));
    if (!inputs) return BASIN_MEMORY;
    memory_free(objective->inputs);
    objective->inputs = inputs;
    objective->input_count = count;
    return BASIN_OK;
}

static basin_status input_gradient_of_piece(struct objective *objective,
                                            const struct objective_where *where,
                                            const struct piece *piece, size_t most, const void *w,
                                            double *g, double *losses)
{
    struct network *network;
    size_t count = piece->count * data_describe(objective->request.data)->features;
    TRY(objective_check_stop(objective));
    TRY(reserve_inputs(objective, count));
    TRY(objective_take(objective, OBJECTIVE_INPUT_GRADIENT, 0, piece->count, &network));
    TRY(objective_fill(objective, network, where, piece, most, w));
    network_bind(network, SLOT_GRADIENT, objective->inputs);
    TRY(network_run(network, PROGRAM_ALL));
    spend(objective, OBJECTIVE_INPUT_GRADIENT, piece->count);
    vector_to_double(objective->request.precision, objective->inputs, g, count);
    if (losses) network_losses(network, losses);
    return BASIN_OK;
}

basin_status objective_input_gradient(struct objective *objective,
                                      const struct objective_where *where, const void *w, double *g,
                                      double *losses)
{
    const struct data_info *info = data_describe(objective->request.data);
    size_t most = objective_batch(&objective->request, OBJECTIVE_INPUT_GRADIENT);
    if (info->vocabulary)
        return error_raise(BASIN_SPEC,
                           "the inputs of a text are tokens: there is no gradient by them");
    for (struct piece piece = {0}; piece_next(&piece, most, where->count);)
        TRY(input_gradient_of_piece(objective, where, &piece, most, w,
                                    g + piece.first * info->features,
                                    losses ? losses + piece.first : NULL));
    return BASIN_OK;
}

basin_status objective_check_examples(const struct objective *objective)
{
    const struct objective_request *request = &objective->request;
    return request->mode != MODE_EVAL && model_buffer_count(request->model) > 0
               ? error_raise(
                     BASIN_SPEC,
                     "with the statistics of a batch, an example has no gradient of its own")
               : BASIN_OK;
}

static void example_put(const struct objective *objective, size_t i, size_t count,
                        const struct objective_examples *examples)
{
    enum precision precision = objective->request.precision;
    double squares = 0;
    if (examples->gradients)
        vector_to_double(precision, objective->result, examples->gradients + i * objective->size,
                         objective->size);
    for (size_t j = 0; j < objective->size; j++) {
        double g = precision == PRECISION_FLOAT32 ? (double)((const float *)objective->result)[j]
                                                  : ((const double *)objective->result)[j];
        squares += g * g;
        if (examples->second_moments) examples->second_moments[j] += g * g / (double)count;
    }
    if (examples->squared_norms) examples->squared_norms[i] = squares;
}

/* In batches of one, whose gradient is that of the example. */
basin_status objective_example_gradients(struct objective *objective,
                                         const struct objective_where *where, const void *w,
                                         const struct objective_examples *examples)
{
    double loss;
    TRY(objective_check_examples(objective));
    TRY(objective_reserve(objective, &objective->result));
    if (examples->second_moments)
        memset(examples->second_moments, 0, objective->size * sizeof(double));
    for (struct piece piece = {0}; piece_next(&piece, 1, where->count);) {
        TRY(gradient_of_piece(objective, where, &piece, 1, (void *)w, false, objective->result,
                              &loss));
        example_put(objective, piece.first, where->count, examples);
    }
    return BASIN_OK;
}
