/* models/objective_cost.c: FLOPs and bytes foretold against what is spent and held. */
#include "objective_helpers.h"

/* ---- costs ---- */

/* Two calls for three vectors, in batches of 400, 400 and 300, of which the last is kept anyway. */
Test(objective, halves_that_are_not_kept_are_counted_once_a_call)
{
    struct setting s;
    open_one(&s, 2, "");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    const struct objective_where where = objective_first(DATA_TRAIN, 1100);
    const struct objective_use use = {OBJECTIVE_HESSIAN, 1100, 3, .calls = 2};
    struct objective_memory memory;
    void *w = state_of(&s, some_weights(&s));
    double *v = some_vectors(&s, 2), *hv = doubles(&s, 2 * setting_size(&s)), flops[2];
    request.batch = 400;
    OK(objective_memory(&request, &use, 1, &memory));
    for (int kept = 0; kept < 2; kept++) {
        request.keep = kept ? memory.keep : 0;
        struct objective *objective = open_objective(&request);
        OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 2, hv));
        OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 1, hv));
        flops[kept] = objective_flops(&request, &use);
        NEAR(objective_spent(objective) / flops[kept], 1, 1e-12);
        objective_destroy(objective);
    }
    cr_assert_gt(flops[0], flops[1]);
    setting_close(&s);
}

Test(objective, spent_flops_are_those_foretold)
{
    struct setting s;
    open_one(&s, 2, "");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    request.keep = SIZE_MAX / 2;
    request.batch = 400;
    struct objective *objective = open_objective(&request);
    struct objective_where where = objective_first(DATA_TRAIN, 1100);
    struct evaluation evaluation;
    void *w = state_of(&s, some_weights(&s));
    double *v = some_vectors(&s, 3), *hv = doubles(&s, 3 * setting_size(&s)), loss, expected = 0;
    void *g = state_of(&s, v);
    const struct objective_use uses[] = {{OBJECTIVE_LOSS, 1100, 1},
                                         {OBJECTIVE_GRADIENT, 1100, 1},
                                         {OBJECTIVE_STEP, 1100, 1},
                                         {OBJECTIVE_HESSIAN, 1100, 4}};
    for (size_t i = 0; i < 4; i++) expected += objective_flops(&request, &uses[i]);
    OK(objective_loss(objective, &where, w, &evaluation));
    OK(objective_gradient(objective, &where, w, hv, NULL));
    OK(objective_step(objective, &where, w, true, g, &loss));
    OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 3, hv));
    OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 1, hv));
    NEAR(objective_spent(objective) / expected, 1, 1e-12);
    objective_destroy(objective);
    setting_close(&s);
}

/* What is held is at most what was said, and not much less. */
static void compare_memory(const struct setting *s, size_t batch, const struct objective_use *use,
                           size_t keep_share)
{
    struct objective_request request = setting_request(s, MODE_EVAL);
    struct objective_memory said;
    request.batch = batch;
    OK(objective_memory(&request, use, 1, &said));
    request.keep = keep_share * said.keep;
    struct objective_where where = objective_first(DATA_TRAIN, use->examples);
    void *w = state_of(s, some_weights(s)), *step = state_of(s, some_weights(s));
    double *v = some_vectors(s, 1), *out = doubles(s, 1100 * 10 + setting_size(s)), loss;
    double *hidden = doubles(s, 1100 * 700);
    struct evaluation evaluation;
    memory_peak_start();
    struct objective *objective = open_objective(&request);
    if (use->call == OBJECTIVE_LOSS) OK(objective_loss(objective, &where, w, &evaluation));
    if (use->call == OBJECTIVE_OUTPUTS) OK(objective_outputs(objective, &where, w, out));
    if (use->call == OBJECTIVE_GRADIENT) OK(objective_gradient(objective, &where, w, out, NULL));
    if (use->call == OBJECTIVE_STEP) OK(objective_step(objective, &where, w, true, step, &loss));
    if (use->call == OBJECTIVE_ACTIVATIONS)
        OK(objective_activations(objective, &where, w, use->layer, hidden));
    if (use->call == OBJECTIVE_INPUT_GRADIENT)
        OK(objective_input_gradient(objective, &where, w, hidden, NULL));
    if (use->call == OBJECTIVE_EXAMPLE_GRADIENTS)
        OK(objective_example_gradients(objective, &where, w,
                                       &(struct objective_examples){.second_moments = out}));
    if (use->call >= OBJECTIVE_HESSIAN)
        OK(objective_product(objective, &where, w, use->call, v, 1, out));
    size_t held = memory_peak(), most = said.bytes + request.keep;
    cr_expect_leq(held, most + (1 << 20), "%d: held %zu, said %zu", (int)use->call, held, most);
    cr_expect_leq((double)most, 1.2 * (double)held + (1 << 20), "%d: held %zu, said %zu",
                  (int)use->call, held, most);
    objective_destroy(objective);
}

Test(objective, memory_is_what_was_said)
{
    struct setting s;
    setting_open(&s, SMALL "architecture: {type: mlp, hidden: [700, 700]}\n");
    for (int call = 0; call < OBJECTIVE_CALLS; call++) {
        struct objective_use use = {(enum objective_call)call, 1100, 1, .layer = 2};
        if (call == OBJECTIVE_STATISTICS) continue; /* this network has none */
        if (call == OBJECTIVE_EXAMPLE_GRADIENTS) use.examples = 20;
        compare_memory(&s, 0, &use, 0);
        compare_memory(&s, 300, &use, 0);
        compare_memory(&s, 300, &use, 1);
    }
    cache_clear();
    setting_close(&s);
}

static void check_held(const struct objective_memory *said, const char *what)
{
    size_t held = memory_peak();
    cr_expect_leq(held, said->bytes + (64 << 10), "%s: held %zu, said %zu", what, held,
                  said->bytes);
    cr_expect_leq((double)said->bytes, 1.2 * (double)held + (1 << 20), "%s: held %zu, said %zu",
                  what, held, said->bytes);
}

/* Full batches that share a network, then a single one, which has its own. */
Test(objective, memory_of_products_over_several_counts)
{
    struct setting s;
    setting_open(&s, SMALL "architecture: {type: mlp, hidden: [300, 300]}\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective_memory said;
    request.batch = 300;
    const struct objective_use uses[] = {{OBJECTIVE_HESSIAN, 900, 1}, {OBJECTIVE_HESSIAN, 300, 1}};
    OK(objective_memory(&request, uses, 2, &said));
    void *w = state_of(&s, some_weights(&s));
    double *v = some_vectors(&s, 1), *hv = doubles(&s, setting_size(&s));
    memory_peak_start();
    struct objective *objective = open_objective(&request);
    for (int i = 0; i < 4; i++) {
        struct objective_where where = objective_first(DATA_TRAIN, uses[i % 2].examples);
        OK(objective_product(objective, &where, w, OBJECTIVE_HESSIAN, v, 1, hv));
    }
    check_held(&said, "products");
    objective_destroy(objective);
    cache_clear();
    setting_close(&s);
}

/* More networks than are kept, the largest last. */
Test(objective, memory_of_many_layers)
{
    struct setting s;
    setting_open(&s, SMALL "architecture: {type: mlp, hidden: [4, 4, 4, 4, 4, 4, 4, 4, 4, 1000, "
                           "1000]}\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective_memory said;
    struct objective_use uses[40];
    int layers = model_layer_count(s.model);
    cr_assert_gt(layers, 18);
    for (int i = 0; i < layers; i++)
        uses[i] = (struct objective_use){OBJECTIVE_ACTIVATIONS, 500, 1, .layer = i};
    OK(objective_memory(&request, uses, (size_t)layers, &said));
    void *w = state_of(&s, some_weights(&s));
    double *a = doubles(&s, 500 * 1000);
    const struct objective_where where = objective_first(DATA_TRAIN, 500);
    memory_peak_start();
    struct objective *objective = open_objective(&request);
    for (int i = 0; i < layers; i++) OK(objective_activations(objective, &where, w, i, a));
    check_held(&said, "activations");
    objective_destroy(objective);
    cache_clear();
    setting_close(&s);
}

/* A target of a text is one number a position; its outputs take more than its network. */
Test(objective, memory_of_the_loss_of_a_text)
{
    struct setting s;
    setting_open(&s, "dataset: {name: kjv-text, context: 128, train_size: 100, test_size: 10}\n"
                     "architecture: {type: rnn, hidden_size: 3, embedding: 2}\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective_memory said;
    const struct objective_use use = {OBJECTIVE_LOSS, 100, 1};
    OK(objective_memory(&request, &use, 1, &said));
    void *w = state_of(&s, some_weights(&s));
    const struct objective_where where = objective_first(DATA_TRAIN, 100);
    struct evaluation evaluation;
    memory_peak_start();
    struct objective *objective = open_objective(&request);
    OK(objective_loss(objective, &where, w, &evaluation));
    check_held(&said, "loss");
    objective_destroy(objective);
    cache_clear();
    setting_close(&s);
}

/* The scratch of a loss comes on top of the gradients by the inputs, which stay. */
Test(objective, memory_of_input_gradients_and_a_loss)
{
    struct setting s;
    setting_open(&s, "dataset: {name: mnist1d, length: 400, train_size: 1000, test_size: 10}\n"
                     "precision: float64\narchitecture: {type: linear}\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective_memory one, other, both;
    const struct objective_use uses[] = {{OBJECTIVE_INPUT_GRADIENT, 1000, 1},
                                         {OBJECTIVE_LOSS, 1000, 1}};
    OK(objective_memory(&request, &uses[0], 1, &one));
    OK(objective_memory(&request, &uses[1], 1, &other));
    OK(objective_memory(&request, uses, 2, &both));
    cr_assert_eq(both.bytes, one.bytes + other.bytes);
    cache_clear();
    setting_close(&s);
}

/* Any number of batch sizes: networks that were not used for long go. */
Test(objective, many_sizes)
{
    struct setting s;
    open_one(&s, 0, "precision: float64\n");
    struct objective_request request = setting_request(&s, MODE_EVAL);
    struct objective *objective = open_objective(&request);
    double *w = some_weights(&s), *g = doubles(&s, setting_size(&s)), loss;
    for (size_t count = 1; count < 40; count++) {
        struct objective_where where = objective_first(DATA_TRAIN, count);
        OK(objective_gradient(objective, &where, w, g, &loss));
        NEAR(loss, naive_loss(&s, w, count, 0), 1e-12);
    }
    objective_destroy(objective);
    setting_close(&s);
}

/* What is counted nominally against what the programs do. */
Test(objective, nominal_flops_are_those_of_the_programs, .timeout = 60)
{
    static const char *const nets[] = {
        SHORT "architecture: {type: mlp, hidden: [30, 20]}\n",
        SHORT "architecture: {type: cnn, channels: [8, 16]}\n",
        SHORT "architecture: {type: gru, hidden_size: 64}\n",
        SHORT "architecture: {type: lstm, hidden_size: 32, layers: 2}\n",
    };
    static const enum network_kind programs[] = {NETWORK_OUTPUTS,        NETWORK_GRADIENT,
                                                 NETWORK_INPUT_GRADIENT, NETWORK_PRODUCT,
                                                 NETWORK_GAUSS_NEWTON,   NETWORK_EMPIRICAL_FISHER};
    static const enum objective_call calls[] = {
        OBJECTIVE_LOSS,    OBJECTIVE_GRADIENT,     OBJECTIVE_INPUT_GRADIENT,
        OBJECTIVE_HESSIAN, OBJECTIVE_GAUSS_NEWTON, OBJECTIVE_EMPIRICAL_FISHER};
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
        for (size_t k = 0; k < sizeof calls / sizeof *calls; k++) {
            struct setting s;
            struct network *network;
            setting_open(&s, nets[i]);
            struct objective_request request = setting_request(&s, MODE_EVAL);
            struct objective_use use = {calls[k], 20, 1};
            struct network_request own = {.model = s.model,
                                          .data = s.data,
                                          .kind = programs[k],
                                          .mode = MODE_EVAL,
                                          .loss = request.loss};
            OK(network_create(&own, 20, &network));
            double counted = network_flops(network, PROGRAM_ALL);
            cr_expect(fabs(objective_flops(&request, &use) / counted - 1) < 0.1,
                      "call %d of %s: %g, and not %g", (int)calls[k], nets[i],
                      objective_flops(&request, &use), counted);
            network_destroy(network);
            setting_close(&s);
        }
}
