/* Every architecture as a user writes it, in float64 with fewer than 300 parameters: gradient and
 * full Hessian against central differences, and symmetry, in train mode (the statistics of the
 * batch, dropout with its key fixed), by the batch without dropout, and in eval mode. To cover
 * another architecture: a row in the table. */
#include "../support.h"

enum { BATCH = 4, CLASSES = 3, MOST = 300 };
#ifdef __SANITIZE_ADDRESS__
enum {
    STRIDE = 16
}; /* differences along every so many parameters; the optimised build takes each */
#else
enum { STRIDE = 1 };
#endif

/* `architecture` and perhaps `regularizers`; the shape of one example. Kinks (relu, maximum) are
 * met with probability 0 by random inputs, and the step of the differences is far below the
 * distance to the nearest. */
static const struct {
    const char *name, *yaml;
    int rank;
    size_t dims[3];
    bool tokens; /* a language model: dims[0] tokens, of CLASSES kinds */
} cases[] = {
    {"linear", "architecture: {type: linear}\n", 1, {7}},
    {"mlp",
     "architecture: {type: mlp, hidden: [5, 5], activation: gelu, residual: true}\nregularizers: "
     "{dropout: 0.3}\n",
     1,
     {5}},
    {"cnn, image",
     "architecture: {type: cnn, channels: [2, 3], hidden: [4], activation: tanh}\n",
     2,
     {6, 5}},
    {"cnn, signal",
     "architecture: {type: cnn, channels: [3, 4], hidden: [], activation: silu, pool: average}\n",
     1,
     {9}},
    {"cnn, kinks",
     "architecture: {type: cnn, channels: [3], kernel: [1, 3], hidden: [4], norm: batch}\n",
     3,
     {4, 5, 2}},
    {"cnn, batch norm",
     "architecture: {type: cnn, channels: [2, 3], hidden: [3], norm: batch, activation: tanh}\n",
     2,
     {5, 4}},
    {"cnn, layer norm",
     "architecture: {type: cnn, channels: [2], hidden: [], norm: layer, activation: gelu}\n",
     3,
     {4, 4, 2}},
    {"cnn, group norm",
     "architecture: {type: cnn, channels: [4], hidden: [3], norm: group, norm_groups: 2, "
     "activation: silu}\n",
     2,
     {4, 5}},
    {"resnet, image",
     "architecture: {type: resnet, depth: 6, stages: 2, width: 1, activation: tanh}\n",
     2,
     {5, 6}},
    {"resnet, preactivation",
     "architecture: {type: resnet, depth: 6, stages: 2, width: 1, preactivation: true, activation: "
     "silu}\n",
     2,
     {4, 4}},
    {"resnet, signal",
     "architecture: {type: resnet, depth: 6, width: 1, stages: 2, activation: gelu, norm: layer}\n",
     1,
     {8}},
    {"sequential, image",
     "architecture:\n  type: sequential\n  layers:\n"
     "    - conv: {channels: 4, kernel: [3, 2], stride: [2, 1], padding: [1, 0], groups: 2}\n    - "
     "gelu\n"
     "    - group_norm: {groups: 2}\n    - conv: {channels: 3, kernel: 2, dilation: 2, bias: "
     "false}\n    - batch_norm\n    - tanh\n"
     "    - spatial_dropout: {rate: 0.3}\n    - max_pool: {kernel: [1, 2]}\n    - flatten\n    - "
     "batch_norm: {affine: false}\n"
     "    - dense: {units: 4}\n    - layer_norm\n    - sigmoid\n    - dropout: {rate: 0.2}\n",
     3,
     {6, 6, 2}},
    {"sequential, signal",
     "architecture:\n  type: sequential\n  layers:\n    - conv: {channels: 3, kernel: 4, stride: "
     "2, padding: 1}\n    - layer_norm\n"
     "    - silu\n    - average_pool: {kernel: 2, stride: 1, padding: 1}\n    - conv: {channels: "
     "4, padding: same}\n"
     "    - tanh\n    - global_max_pool\n    - group_norm: {groups: 2}\n",
     1,
     {10}},
    {"sequential, pooled",
     "architecture: {type: sequential, layers: [{conv: {channels: 3}}, silu, "
     "global_average_pool]}\n",
     2,
     {5, 5}},
    {"rnn",
     "architecture: {type: rnn, hidden_size: 3, layers: 2, bidirectional: true, readout: mean}\n",
     1,
     {6}},
    {"rnn, relu",
     "architecture: {type: rnn, hidden_size: 4, activation: relu, steps: pixels}\n",
     2,
     {3, 2}},
    {"lstm",
     "architecture: {type: lstm, hidden_size: 3, layers: 2}\nregularizers: {dropout: 0.3}\n",
     2,
     {5, 3}},
    {"lstm, both ways",
     "architecture: {type: lstm, hidden_size: 2, bidirectional: true, readout: all}\n",
     1,
     {5}},
    {"gru",
     "architecture: {type: gru, hidden_size: 3, bidirectional: true, readout: all}\n",
     1,
     {7}},
    {"gru, image",
     "architecture: {type: gru, hidden_size: 3, layers: 2, readout: mean}\n",
     3,
     {4, 2, 2}},
    {"gru, text",
     "architecture: {type: gru, hidden_size: 4, embedding: 3}\nregularizers: {dropout: 0.3}\n",
     1,
     {3},
     true},
    {"lstm, text",
     "architecture: {type: lstm, hidden_size: 3, embedding: 2, layers: 2}\n",
     1,
     {3},
     true},
    {"transformer",
     "architecture: {type: transformer, width: 4, depth: 1, heads: 2, mlp_ratio: 1, patch: 2}\n",
     2,
     {4, 6}},
    {"transformer, post, class token",
     "architecture: {type: transformer, width: 4, depth: 1, heads: 2, mlp_ratio: 1, patch: 3, "
     "pool: cls, norm: post, "
     "positions: sinusoidal, activation: tanh}\nregularizers: {dropout: 0.2}\n",
     1,
     {6}},
    {"transformer, causal, rotary",
     "architecture: {type: transformer, width: 4, depth: 1, heads: 1, mlp_ratio: 2, patch: 1, "
     "causal: true, positions: rotary}\n",
     1,
     {5}},
    {"transformer, text",
     "architecture: {type: transformer, width: 4, depth: 1, heads: 2, mlp_ratio: 1}\n",
     1,
     {3},
     true},
    {"transformer, text, tied",
     "architecture: {type: transformer, width: 4, depth: 1, heads: 2, mlp_ratio: 1, "
     "tied_embeddings: true, positions: rotary}\n",
     1,
     {3},
     true},
    {"sequential, text",
     "architecture: {type: sequential, layers: [{embedding: {width: 3}}, {gru: {hidden_size: 3, "
     "readout: sequence}}, layer_norm]}\n",
     1,
     {3},
     true},
};

struct net {
    struct arena *arena;
    struct value *spec;
    struct model *model;
    struct program *program;
    struct program_state *state;
    int64_t size;
    double w[2 * MOST], v[MOST], gradient[MOST], product[MOST], statistics[MOST], x[BATCH * 128],
        y[BATCH * CLASSES], loss;
};

static void net_build(struct net *n, enum loss kind, enum model_mode mode)
{
    struct graph *g;
    graph_node w[MOST], v[MOST], gradient[MOST], product[MOST];
    int count = model_parameter_count(n->model);
    OK(graph_create(n->arena, &g));
    model_leaves(n->model, g, SLOT_PARAMETERS, w);
    model_leaves(n->model, g, SLOT_TANGENT, v);
    graph_node f = model_build(n->model, g, w, BATCH, mode, NULL);
    graph_node loss = model_loss(g, f, kind, 0);
    OK(graph_vjp(g, loss, GRAPH_NONE, w, count, gradient));
    OK(graph_jvp(g, gradient, count, w, v, count, product));
    OK(graph_output(g, loss, SLOT_LOSS, 0));
    for (int i = 0; i < count; i++) {
        OK(graph_output(g, gradient[i], SLOT_GRADIENT, model_parameter(n->model, i)->offset));
        OK(graph_output(g, product[i], SLOT_PRODUCT, model_parameter(n->model, i)->offset));
    }
    struct program_options options = {.precision = PRECISION_FLOAT64,
                                      .varying = 1u << SLOT_TANGENT};
    OK(program_compile(n->arena, g, &options, &n->program));
    OK(program_state_create(n->program, &n->state));
}

static void read_spec(struct net *n, const char *yaml)
{
    struct spec *spec;
    struct diagnostics diagnostics;
    OK(arena_create(&n->arena));
    char *text = arena_format(n->arena, "study: test\n%s", yaml);
    struct spec_request request = {.file = "test.yaml",
                                   .text = text,
                                   .length = strlen(text),
                                   .folder = "/",
                                   .schema = study_schema};
    diagnostics_start(&diagnostics, n->arena);
    basin_status status = spec_read(n->arena, &request, &diagnostics, &spec);
    cr_assert_eq(status, BASIN_OK, "%s", diagnostics.count ? diagnostics.items[0].message : "");
    OK(spec_run(spec, 0, n->arena, &diagnostics, &n->spec));
}

static void net_open(struct net *n, size_t which, enum model_mode mode)
{
    *n = (struct net){0};
    read_spec(n, cases[which].yaml);
    struct data_info info = {
        .task = DATA_CLASSIFICATION, .rank = cases[which].rank, .features = 1, .outputs = CLASSES};
    for (int i = 0; i < info.rank; i++) info.features *= info.dims[i] = cases[which].dims[i];
    info.positions = 1;
    if (cases[which].tokens) {
        info.task = DATA_LANGUAGE;
        info.vocabulary = CLASSES;
        info.positions = info.features;
    }
    const struct run_settings *settings;
    OK(run_settings_create(n->arena, n->spec, &settings));
    OK(run_model_create(n->arena, settings, &info, &n->model));
    n->size = model_size(n->model);
    cr_assert(n->size < MOST && info.features <= 128, "%s: %lld parameters", cases[which].name,
              (long long)n->size);
    net_build(n, cases[which].tokens ? LOSS_TOKENS : LOSS_CROSS_ENTROPY, mode);
    void *bound[GRAPH_SLOTS] = {[SLOT_PARAMETERS] = n->w,
                                [SLOT_BUFFERS] = n->w + n->size,
                                [SLOT_TANGENT] = n->v,
                                [SLOT_INPUT] = n->x,
                                [SLOT_TARGET] = n->y,
                                [SLOT_LOSS] = &n->loss,
                                [SLOT_GRADIENT] = n->gradient,
                                [SLOT_PRODUCT] = n->product,
                                [SLOT_STATISTICS] = n->statistics};
    for (int slot = 0; slot < GRAPH_SLOTS; slot++)
        program_bind(n->state, (enum graph_slot)slot, bound[slot]);
    program_random(n->state, 7, 3);
    struct random random = random_make(11, STREAM_DATA, 0, 0);
    random_fill_normal(&random, 0.6, n->w, (size_t)n->size);
    random.minor = 1;
    random_fill_normal(&random, 1, n->x, BATCH * info.features);
    random.minor = 2;
    random_fill_uniform(&random, 0.5, 1.5, n->w + n->size,
                        (size_t)(model_state_size(n->model) - n->size));
    for (int i = 0; i < BATCH * CLASSES; i++) n->y[i] = i % CLASSES == i / CLASSES % CLASSES;
    for (size_t i = 0; cases[which].tokens && i < BATCH * info.features; i++) {
        n->x[i] = (double)(i * i % CLASSES);
        n->y[i] = (double)((i + 1) * (i + 1) % CLASSES);
    }
}

static void net_close(struct net *n)
{
    program_state_destroy(n->state);
    arena_destroy(n->arena);
}

/* (value(w + h) - value(w - h)) / 2h by the parameter j, `value` an array that the program writes.
 */
static void difference(struct net *n, int64_t j, double h, const double *value, int64_t count,
                       double *out)
{
    double w = n->w[j], above[MOST];
    n->w[j] = w + h;
    program_run(n->state, PROGRAM_ALL);
    for (int64_t i = 0; i < count; i++) above[i] = value[i];
    n->w[j] = w - h;
    program_run(n->state, PROGRAM_ALL);
    for (int64_t i = 0; i < count; i++) out[i] = (above[i] - value[i]) / (2 * h);
    n->w[j] = w;
}

/* Fourth-order differences: (4 d(h) - d(2h)) / 3. */
static void derivative(struct net *n, int64_t j, const double *value, int64_t count, double *out)
{
    const double h = 1e-5;
    double wide[MOST];
    difference(n, j, 2 * h, value, count, wide);
    difference(n, j, h, value, count, out);
    for (int64_t i = 0; i < count; i++) out[i] = (4 * out[i] - wide[i]) / 3;
}

static void check(size_t which, enum model_mode mode)
{
    static struct net n;
    static double gradient[MOST], hessian[MOST][MOST], column[MOST];
    double largest = 0, steepest = 0;
    net_open(&n, which, mode);
    program_run(n.state, PROGRAM_INVARIANT);
    for (int64_t j = 0; j < n.size; j++) {
        for (int64_t i = 0; i < n.size; i++) n.v[i] = i == j;
        program_run(n.state, PROGRAM_VARYING);
        for (int64_t i = 0; i < n.size; i++)
            hessian[j][i] = n.product[i], largest = fmax(largest, fabs(n.product[i]));
    }
    for (int64_t i = 0; i < n.size; i++)
        gradient[i] = n.gradient[i], steepest = fmax(steepest, fabs(gradient[i]));
    cr_assert(largest > 1e-3 && steepest > 1e-3, "%s: nothing to see", cases[which].name);
    for (int64_t j = 0; j < n.size; j += STRIDE) {
        derivative(&n, j, &n.loss, 1, column);
        cr_assert(fabs(column[0] - gradient[j]) <= 1e-8 * fmax(1, steepest),
                  "%s, mode %d: gradient %lld: %.12g %.12g", cases[which].name, mode, (long long)j,
                  column[0], gradient[j]);
        derivative(&n, j, n.gradient, n.size, column);
        for (int64_t i = 0; i < n.size; i++) {
            cr_assert(fabs(column[i] - hessian[j][i]) <= 1e-6 * fmax(1, largest),
                      "%s, mode %d: Hessian %lld %lld: %.12g %.12g", cases[which].name, mode,
                      (long long)i, (long long)j, column[i], hessian[j][i]);
            cr_assert(fabs(hessian[i][j] - hessian[j][i]) <= 1e-11 * fmax(1, largest),
                      "%s, mode %d: symmetry", cases[which].name, mode);
        }
    }
    net_close(&n);
}

Test(architectures, gradient_and_hessian_against_differences)
{
    for (size_t which = 0; which < sizeof cases / sizeof *cases; which++)
        for (int mode = MODE_TRAIN; mode <= MODE_BATCH; mode++) check(which, (enum model_mode)mode);
}
