/* models/network.c: gradients against differences of plain losses, products against differences of
 * gradients, dropout, the memory that programs are planned with. */
#include "../naive_network.h"

enum { BATCH = 12 };

static void first_rows(uint32_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) rows[i] = (uint32_t)i;
}

/* The gradient over the first BATCH examples, in float64. */
static void gradient_of(const struct setting *s, enum model_mode mode, uint32_t step,
                        const double *w, double *g, double *loss)
{
    struct network *network;
    uint32_t rows[BATCH];
    void *narrow_w = narrowed(s, w), *narrow_g = narrowed(s, w);
    struct network_request request = setting_network(s, NETWORK_GRADIENT, mode);
    OK(network_create(&request, BATCH, &network));
    first_rows(rows, BATCH);
    network_bind(network, SLOT_PARAMETERS, narrow_w);
    network_bind(network, SLOT_GRADIENT, narrow_g);
    network_random(network, 5, step);
    network_load(network, DATA_TRAIN, rows);
    network_run(network, PROGRAM_ALL);
    vector_to_double(request.precision, narrow_g, g, setting_size(s));
    if (loss) *loss = network_loss(network);
    network_destroy(network);
}

static void product_of(const struct setting *s, enum model_mode mode, uint32_t step,
                       const double *w, const double *v, double *hv)
{
    struct network *network;
    uint32_t rows[BATCH];
    void *narrow_w = narrowed(s, w), *narrow_v = narrowed(s, v), *narrow_hv = narrowed(s, w);
    struct network_request request = setting_network(s, NETWORK_PRODUCT, mode);
    OK(network_create(&request, BATCH, &network));
    first_rows(rows, BATCH);
    network_bind(network, SLOT_PARAMETERS, narrow_w);
    network_bind(network, SLOT_TANGENT, narrow_v);
    network_bind(network, SLOT_PRODUCT, narrow_hv);
    network_random(network, 5, step);
    network_load(network, DATA_TRAIN, rows);
    network_run(network, PROGRAM_INVARIANT);
    network_run(network, PROGRAM_VARYING);
    vector_to_double(request.precision, narrow_hv, hv, setting_size(s));
    network_destroy(network);
}

static const char *const specs[] = {
    "architecture: {type: linear}\n",
    "architecture: {type: mlp, hidden: [4, 3], activation: tanh}\nregularizers: {label_smoothing: "
    "0.2}\n",
    "architecture: {type: mlp, hidden: [4, 4], activation: gelu, residual: true}\n",
    "architecture: {type: mlp, hidden: [5], activation: silu, bias: false}\ntraining: {loss: "
    "mse}\n",
    "architecture: {type: mlp, hidden: [4], activation: sigmoid}\ntraining: {loss: mse}\n",
    "architecture: {type: mlp, hidden: [40, 3], activation: identity, residual: true}\n",
    "architecture: {type: mlp, hidden: [5, 5], activation: relu, residual: true}\n",
};
enum { SPECS = sizeof specs / sizeof *specs };

static void open_one(struct setting *s, size_t index, const char *more)
{
    char yaml[600];
    snprintf(yaml, sizeof yaml, "dataset: {name: mnist1d, train_size: 1100, test_size: 30}\n%s%s",
             specs[index], more);
    setting_open(s, yaml);
}

Test(network, gradients_are_those_of_the_plain_loss)
{
    for (size_t k = 0; k < SPECS; k++) {
        struct setting s;
        open_one(&s, k, "precision: float64\n");
        double smoothing = value_number(s.spec, "regularizers.label_smoothing"), h = 1e-5, loss;
        double *w = some_weights(&s), *g = doubles(&s, setting_size(&s));
        gradient_of(&s, MODE_TRAIN, 0, w, g, &loss);
        NEAR(loss, naive_loss(&s, w, BATCH, smoothing), 1e-12);
        for (size_t i = 0; i < setting_size(&s); i += 1 + setting_size(&s) / 60) {
            double kept = w[i], up, down;
            w[i] = kept + h;
            up = naive_loss(&s, w, BATCH, smoothing);
            w[i] = kept - h;
            down = naive_loss(&s, w, BATCH, smoothing);
            w[i] = kept;
            NEAR(g[i], (up - down) / (2 * h), 1e-8);
        }
        setting_close(&s);
    }
}

/* H v against (g(w + h v) - g(w - h v)) / 2h, with dropout: the masks of a step are the same in
 * gradient and product. */
static void compare_product(const struct setting *s, enum model_mode mode, uint32_t step)
{
    size_t size = setting_size(s);
    double *w = some_weights(s), *v = doubles(s, size), *hv = doubles(s, size),
           *up = doubles(s, size), *down = doubles(s, size);
    double *moved = doubles(s, size), h = 1e-5;
    struct random random = random_make(7, STREAM_PROBE, 0, 0);
    random_fill_normal(&random, 1 / sqrt((double)size), v, size);
    product_of(s, mode, step, w, v, hv);
    for (size_t i = 0; i < size; i++) moved[i] = w[i] + h * v[i];
    gradient_of(s, mode, step, moved, up, NULL);
    for (size_t i = 0; i < size; i++) moved[i] = w[i] - h * v[i];
    gradient_of(s, mode, step, moved, down, NULL);
    for (size_t i = 0; i < size; i++) NEAR(hv[i], (up[i] - down[i]) / (2 * h), 1e-7);
}

Test(network, products_are_differences_of_gradients)
{
    for (size_t i = 0; i < SPECS; i++) {
        struct setting s;
        open_one(&s, i, "precision: float64\n");
        compare_product(&s, MODE_EVAL, 0);
        setting_close(&s);
    }
}

#define DROPOUT                                                                                    \
    "dataset: {name: mnist1d, train_size: 50, test_size: 30}\narchitecture: {type: mlp, hidden: "  \
    "[8, 6], activation: tanh}\n"                                                                  \
    "regularizers: {dropout: 0.4}\n"

Test(network, dropout_masks_are_shared_by_gradient_and_product_of_a_step)
{
    struct setting s;
    setting_open(&s, DROPOUT "precision: float64\n");
    compare_product(&s, MODE_TRAIN, 3);
    compare_product(&s, MODE_TRAIN, 4);
    double *w = some_weights(&s), *a = doubles(&s, setting_size(&s)),
           *b = doubles(&s, setting_size(&s));
    gradient_of(&s, MODE_TRAIN, 3, w, a, NULL);
    gradient_of(&s, MODE_TRAIN, 3, w, b, NULL);
    cr_assert_arr_eq(a, b, setting_size(&s) * sizeof *a, "the same step, the same masks");
    gradient_of(&s, MODE_TRAIN, 4, w, b, NULL);
    cr_assert_neq(memcmp(a, b, setting_size(&s) * sizeof *a), 0, "another step, other masks");
    gradient_of(&s, MODE_EVAL, 3, w, a, NULL);
    gradient_of(&s, MODE_EVAL, 4, w, b, NULL);
    cr_assert_arr_eq(a, b, setting_size(&s) * sizeof *a, "no masks in eval mode");
    setting_close(&s);
}

Test(network, float32_and_float64_draw_the_same_masks)
{
    struct setting narrow, wide;
    setting_open(&narrow, DROPOUT);
    setting_open(&wide, DROPOUT "precision: float64\n");
    double *w = some_weights(&wide), *a = doubles(&wide, setting_size(&wide)),
           *b = doubles(&wide, setting_size(&wide));
    gradient_of(&narrow, MODE_TRAIN, 9, w, a, NULL);
    gradient_of(&wide, MODE_TRAIN, 9, w, b, NULL);
    for (size_t i = 0; i < setting_size(&wide); i++) NEAR(a[i], b[i], 1e-5);
    setting_close(&wide);
    setting_close(&narrow);
}

Test(network, every_shortage_of_memory_is_an_error)
{
    struct setting s;
    setting_open(&s, "architecture: {type: mlp, hidden: [5], activation: gelu}\n");
    struct network_request request = setting_network(&s, NETWORK_PRODUCT, MODE_EVAL);
    basin_status status = BASIN_MEMORY;
    for (long n = 1; status != BASIN_OK; n++) {
        struct network *network = NULL;
        memory_fail_at(n);
        status = network_create(&request, 8, &network);
        memory_fail_at(0);
        cr_assert(status == BASIN_OK || status == BASIN_MEMORY, "allocation %ld: %s", n,
                  basin_error_last()->message);
        cr_assert(n > 1 || status == BASIN_MEMORY);
        if (status == BASIN_OK) network_destroy(network);
    }
    setting_close(&s);
}

/* The planned memory of every kind of net against the largest set of values that live at one time.
 */
Test(network, planned_memory_is_near_the_lower_bound)
{
#define SIGNALS "dataset: {name: mnist1d}\n"
#define IMAGES "dataset: {name: fashion-mnist, train_size: 200, test_size: 100}\n"
#define TEXT "dataset: {name: kjv-text, context: 32}\n"
    static const char *const nets[] = {
        SIGNALS
        "architecture: {type: mlp, hidden: [64, 32, 64], residual: true, activation: gelu}\n",
        SIGNALS "architecture: {type: cnn, channels: [25, 25, 25], norm: batch}\n",
        SIGNALS "architecture: {type: cnn, channels: [16, 32], norm: group, pool: average}\n",
        SIGNALS "architecture: {type: resnet, width: 8}\n",
        SIGNALS "architecture: {type: resnet, width: 8, preactivation: true}\n",
        SIGNALS "architecture: {type: rnn, hidden_size: 16, layers: 2, readout: mean}\n",
        SIGNALS "architecture: {type: lstm, hidden_size: 16, layers: 2}\n",
        SIGNALS "architecture: {type: gru, hidden_size: 16, bidirectional: true, readout: all}\n",
        SIGNALS "architecture: {type: transformer, width: 32, depth: 3, heads: 4, patch: 4}\n",
        SIGNALS "architecture: {type: transformer, width: 32, heads: 2, patch: 4, norm: post, "
                "positions: rotary, pool: cls}\n",
        IMAGES "architecture: {type: cnn, norm: batch}\n",
        IMAGES "architecture: {type: cnn, channels: [8, 16, 32], norm: layer, pool: average, "
               "activation: tanh}\nregularizers: {dropout: 0.2}\n",
        IMAGES "architecture: {type: resnet, depth: 14, width: 8}\n",
        IMAGES "architecture: {type: resnet, depth: 8, width: 8, preactivation: true}\n",
        IMAGES "architecture: {type: lstm, hidden_size: 64}\n",
        IMAGES "architecture: {type: gru, hidden_size: 8, bidirectional: true, layers: 2, readout: "
               "mean}\n",
        IMAGES "architecture: {type: transformer, patch: 4}\nregularizers: {dropout: 0.1}\n",
        IMAGES "architecture: {type: sequential, layers: [{conv: {channels: 7, kernel: 5, stride: "
               "2}}, relu, {conv: {channels: 14, kernel: 3, groups: 7}}, batch_norm, tanh, "
               "{average_pool: {kernel: 2}}, flatten, {dense: {units: 32}}, gelu]}\n",
        TEXT "architecture: {type: gru, hidden_size: 32, layers: 2}\n",
        TEXT "architecture: {type: transformer, width: 32, heads: 4, depth: 3, tied_embeddings: "
             "true, positions: rotary}\n",
        TEXT "architecture: {type: transformer, width: 32, heads: 2, norm: post}\nregularizers: "
             "{dropout: 0.1}\n",
    };
    static const char *const kinds[] = {"outputs", "gradient", "product"};
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
        struct setting s;
        setting_open(&s, nets[i]);
        for (int kind = NETWORK_OUTPUTS; kind <= NETWORK_PRODUCT; kind++) {
            struct network *network;
            size_t least;
            struct network_request request = setting_network(
                &s, (enum network_kind)kind, kind == NETWORK_GRADIENT ? MODE_TRAIN : MODE_EVAL);
            OK(network_create(&request, 100, &network));
            double planned = (double)network_program_bytes(network, &least);
            cr_expect_geq(planned, (double)least);
            cr_expect_leq(planned, 1.15 * (double)least, "%s of %s: %.3f", kinds[kind], nets[i],
                          planned / (double)least);
            network_destroy(network);
        }
        setting_close(&s);
    }
}
