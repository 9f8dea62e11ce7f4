/* models/transformer.c: names, shapes and counts as torch.nn.TransformerEncoderLayer has them,
 * forms, refusals, and outputs against attention written out. */
#include "models_helpers.h"

#define BLOCK(n)                                                                                   \
    "layers." n ".self_attn.in_proj_weight 24 8", "layers." n ".self_attn.in_proj_bias 24",        \
        "layers." n ".self_attn.out_proj.weight 8 8", "layers." n ".self_attn.out_proj.bias 8",    \
        "layers." n ".linear1.weight 16 8", "layers." n ".linear1.bias 16",                        \
        "layers." n ".linear2.weight 8 16", "layers." n ".linear2.bias 8",                         \
        "layers." n ".norm1.weight 8", "layers." n ".norm1.bias 8", "layers." n ".norm2.weight 8", \
        "layers." n ".norm2.bias 8"

/* Patches are a convolution, positions a table with a place for the class token; the last norm is
 * that of pre. */
Test(transformer, names)
{
    struct setting s;
    model_open(&s, image(28, 14, 3),
               "architecture: {type: transformer, width: 8, heads: 2, depth: 2, mlp_ratio: 2, "
               "pool: cls}\n");
    expect_parameters(&s, "layers.0.weight 8 3 7 7", "layers.0.bias 8", "layers.1.cls_token 8",
                      "layers.1.position 9 8", BLOCK("2"), BLOCK("3"), "layers.4.weight 8",
                      "layers.4.bias 8", "layers.5.weight 10 8", "layers.5.bias 10");
    expect_form(s.model->layers[0].out, FORM_SEQUENCE, 1, 1, 8, 8);
    expect_form(s.model->layers[1].out, FORM_SEQUENCE, 1, 1, 8, 9);
    setting_close(&s);
}

Test(transformer, names_of_a_signal_with_norms_behind)
{
    struct setting s;
    model_open(
        &s, signal_of(40),
        "architecture: {type: transformer, width: 8, heads: 2, depth: 1, mlp_ratio: 2, patch: 5, "
        "norm: post, positions: sinusoidal}\n");
    expect_parameters(&s, "layers.0.weight 8 1 5", "layers.0.bias 8", BLOCK("1"),
                      "layers.2.weight 10 8", "layers.2.bias 10");
    expect_form(s.model->layers[0].out, FORM_SEQUENCE, 1, 1, 8, 8);
    setting_close(&s);
}

Test(transformer, names_of_a_language_model)
{
    struct setting s;
    model_open(&s, text_of(16, 30),
               "architecture: {type: transformer, width: 8, heads: 2, depth: 1, mlp_ratio: 2}\n");
    expect_parameters(&s, "layers.0.weight 30 8", "layers.1.position 16 8", BLOCK("2"),
                      "layers.3.weight 8", "layers.3.bias 8", "layers.4.weight 30 8",
                      "layers.4.bias 30");
    setting_close(&s);
    model_open(&s, text_of(16, 30),
               "architecture: {type: transformer, width: 8, heads: 2, depth: 1, mlp_ratio: 2, "
               "positions: rotary, tied_embeddings: true}\n");
    expect_parameters(&s, "layers.0.weight 30 8", BLOCK("1"), "layers.2.weight 8",
                      "layers.2.bias 8");
    expect_form(s.model->layers[s.model->layer_count - 1].out, FORM_SEQUENCE, 1, 1, 30, 16);
    setting_close(&s);
}

/* torch.nn.TransformerEncoderLayer(512, 8, 2048) has 3152384 parameters: 4 d d + 2 d f + 9 d + f.
 */
Test(transformer, counts)
{
    int64_t one =
        size_of(signal_of(40),
                "architecture: {type: transformer, width: 512, heads: 8, depth: 1, patch: 5}\n");
    int64_t three =
        size_of(signal_of(40),
                "architecture: {type: transformer, width: 512, heads: 8, depth: 3, patch: 5}\n");
    cr_assert_eq(three - one, 2 * 3152384);
    cr_assert_eq(one, 3152384 + (5 * 512 + 512) + 8 * 512 + 2 * 512 + (512 * 10 + 10));
}

/* Queries and keys of every step meet, of causal attention on average half of them. */
Test(transformer, products)
{
    struct setting s;
    for (int causal = 0; causal < 2; causal++) {
        model_open(
            &s, signal_of(40),
            causal
                ? "architecture: {type: transformer, width: 8, heads: 2, patch: 5, causal: true}\n"
                : "architecture: {type: transformer, width: 8, heads: 2, patch: 5}\n");
        cr_assert_eq(s.model->layers[2].products, 8 * (4 * 8 * 8 + 2 * 8 * 32));
        cr_assert_eq(s.model->layers[2].pairs, causal ? 2 * 36 * 8 : 2 * 64 * 8);
        setting_close(&s);
    }
}

Test(transformer, dropout_after_positions_attention_and_perceptron)
{
    struct setting s;
    model_open(&s, image(28, 28, 1),
               "architecture: {type: transformer, depth: 3}\nregularizers: {dropout: 0.1}\n");
    cr_assert_eq(s.model->dropout_count, 1 + 2 * 3);
    setting_close(&s);
}

Test(transformer, refusals)
{
    expect_refused(image(28, 28, 1), "architecture: {type: transformer, patch: 5}\n",
                   "architecture.patch", "patches of 5 do not fill 28 x 28");
    expect_refused(image(28, 30, 1), "architecture: {type: transformer}\n", "architecture.patch",
                   "28 x 30");
    expect_refused(signal_of(40), "architecture: {type: transformer}\n", "architecture.patch",
                   "patches of 7");
    expect_refused(image(28, 28, 1), "architecture: {type: transformer, heads: 5}\n",
                   "architecture.heads", "5 heads do not divide a width of 64");
    expect_refused(image(28, 28, 1),
                   "architecture: {type: transformer, width: 12, positions: rotary}\n",
                   "architecture.heads", "a head of width 3 has an odd one");
    expect_refused(image(28, 28, 1), "architecture: {type: transformer, tied_embeddings: true}\n",
                   "architecture.tied_embeddings", "needs a language model");
    expect_refused(image(28, 28, 1), "architecture: {type: transformer, causal: true, pool: cls}\n",
                   "architecture.pool", "nothing but itself");
    expect_refused(text_of(16, 30), "architecture: {type: transformer, patch: 4}\n",
                   "architecture.patch", "no meaning for text");
    expect_refused(text_of(16, 30), "architecture: {type: transformer, pool: cls}\n",
                   "architecture.pool", "no meaning for a language model");
    expect_refused(text_of(16, 30), "architecture: {type: transformer, causal: false}\n",
                   "architecture.causal", "must not see");
}

/* ---- outputs of one block on a signal of six patches of two points, or on a text ---- */

enum {
    POINTS = 12,
    PATCH = 2,
    MOST = 7,
    WIDTH = 8,
    HEADS = 2,
    PART = WIDTH / HEADS,
    HIDDEN = 16,
    VOCABULARY = 9,
    CONTEXT = 6
};

struct kind {
    const char *options;
    bool text, causal, post, cls, learned, rotary, sinusoidal, tied;
};

/* y (rows, out) = x W + b; W (in, out) is followed by b; returns what follows. */
static const double *dense(const double *x, int rows, int in, const double *w, int out, double *y)
{
    for (int i = 0; i < rows * out; i++) {
        y[i] = w[in * out + i % out];
        for (int k = 0; k < in; k++) y[i] += x[i / out * in + k] * w[k * out + i % out];
    }
    return w + in * out + out;
}

static void norm(const double *w, const double *x, int rows, double *y)
{
    for (int i = 0; i < rows; i++) {
        double mean = 0, variance = 0;
        for (int j = 0; j < WIDTH; j++) mean += x[i * WIDTH + j] / WIDTH;
        for (int j = 0; j < WIDTH; j++) variance += pow(x[i * WIDTH + j] - mean, 2) / WIDTH;
        for (int j = 0; j < WIDTH; j++)
            y[i * WIDTH + j] =
                (x[i * WIDTH + j] - mean) / sqrt(variance + 1e-5) * w[j] + w[WIDTH + j];
    }
}

/* Pairs (j, j + PART / 2) of a head turn by t 10000^(-2 j / PART). */
static void rotate(double *a, int t)
{
    for (int j = 0; j < PART / 2; j++) {
        double angle = t * pow(10000, -2.0 * j / PART), p = a[j], q = a[j + PART / 2];
        a[j] = cos(angle) * p - sin(angle) * q;
        a[j + PART / 2] = sin(angle) * p + cos(angle) * q;
    }
}

/* One head: softmax(q k' / sqrt(PART)) v over what each step sees; qkv rows (q, k, v) of WIDTH
 * each. */
static void attend(const struct kind *kind, double *qkv, int steps, int head, double *out)
{
    for (int t = 0; kind->rotary && t < steps; t++)
        for (int which = 0; which < 2; which++)
            rotate(qkv + (t * 3 + which) * WIDTH + head * PART, t);
    for (int t = 0; t < steps; t++) {
        double weight[MOST], sum = 0;
        int seen = kind->causal ? t + 1 : steps;
        for (int u = 0; u < seen; u++) {
            double score = 0;
            const double *q = qkv + t * 3 * WIDTH + head * PART,
                         *k = qkv + (u * 3 + 1) * WIDTH + head * PART;
            for (int j = 0; j < PART; j++) score += q[j] * k[j];
            sum += weight[u] = exp(score / sqrt(PART));
        }
        for (int j = 0; j < PART; j++) {
            double *to = &out[t * WIDTH + head * PART + j];
            *to = 0;
            for (int u = 0; u < seen; u++)
                *to += weight[u] / sum * qkv[(u * 3 + 2) * WIDTH + head * PART + j];
        }
    }
}

static double gelu(double z)
{
    return 0.5 * z * (1 + erf(z / sqrt(2)));
}

enum {
    NORMS =
        WIDTH * 3 * WIDTH + 3 * WIDTH + WIDTH * WIDTH + WIDTH + 2 * WIDTH * HIDDEN + HIDDEN + WIDTH
};

/* Adds attention and then the perceptron to a, with norms before or after; returns the weights
 * behind the block. */
static const double *block(const struct kind *kind, const double *w, int steps, double *a)
{
    double y[MOST * WIDTH], qkv[MOST * 3 * WIDTH], o[MOST * WIDTH], hidden[MOST * HIDDEN];
    const double *norm1 = w + NORMS, *norm2 = norm1 + 2 * WIDTH;
    memcpy(y, a, sizeof y);
    if (!kind->post) norm(norm1, a, steps, y);
    w = dense(y, steps, WIDTH, w, 3 * WIDTH, qkv);
    for (int head = 0; head < HEADS; head++) attend(kind, qkv, steps, head, o);
    w = dense(o, steps, WIDTH, w, WIDTH, y);
    for (int i = 0; i < steps * WIDTH; i++) y[i] = a[i] += y[i];
    if (kind->post)
        norm(norm1, a, steps, y), memcpy(a, y, sizeof y);
    else
        norm(norm2, a, steps, y);
    w = dense(y, steps, WIDTH, w, HIDDEN, hidden);
    for (int i = 0; i < steps * HIDDEN; i++) hidden[i] = gelu(hidden[i]);
    w = dense(hidden, steps, HIDDEN, w, WIDTH, o);
    for (int i = 0; i < steps * WIDTH; i++) y[i] = a[i] += o[i];
    if (kind->post) norm(norm2, y, steps, a);
    return norm2 + 2 * WIDTH;
}

/* Rows of the first block from one example; *w moves behind what that takes; returns how many rows.
 */
static int begin(const struct kind *kind, const double **w, const double *x, double *a)
{
    int tokens = kind->text ? CONTEXT : POINTS / PATCH, steps = tokens + kind->cls;
    double *from = a + (kind->cls ? WIDTH : 0);
    for (int i = 0; kind->text && i < CONTEXT * WIDTH; i++)
        from[i] = (*w)[(int)x[i / WIDTH] * WIDTH + i % WIDTH];
    *w = kind->text ? *w + VOCABULARY * WIDTH : dense(x, tokens, PATCH, *w, WIDTH, from);
    if (kind->cls) memcpy(a, *w, WIDTH * sizeof *a), *w += WIDTH;
    for (int i = 0; kind->learned && i < steps * WIDTH; i++) a[i] += (*w)[i];
    if (kind->learned) *w += steps * WIDTH;
    for (int i = 0; kind->sinusoidal && i < steps * WIDTH; i++) {
        double angle = i / WIDTH * pow(10000, -(i % WIDTH / 2 * 2) / (double)WIDTH);
        a[i] += i % 2 ? cos(angle) : sin(angle);
    }
    return steps;
}

/* The outputs of one example; returns how many. */
static int plain(const struct kind *kind, const double *w, const double *x, double *out)
{
    double a[MOST * WIDTH], y[MOST * WIDTH];
    const double *table = w;
    int steps = begin(kind, &w, x, a);
    w = block(kind, w, steps, a);
    memcpy(y, a, sizeof y);
    if (!kind->post) norm(w, a, steps, y), w += 2 * WIDTH;
    for (int i = 0; kind->tied && i < steps * VOCABULARY; i++) {
        out[i] = 0;
        for (int j = 0; j < WIDTH; j++)
            out[i] += y[i / VOCABULARY * WIDTH + j] * table[i % VOCABULARY * WIDTH + j];
    }
    if (kind->tied) return steps * VOCABULARY;
    for (int j = 0; !kind->text && !kind->cls && j < WIDTH; j++) {
        double sum = 0;
        for (int t = 0; t < steps; t++) sum += y[t * WIDTH + j] / steps;
        y[j] = sum;
    }
    dense(y, kind->text ? steps : 1, WIDTH, w, kind->text ? VOCABULARY : 10, out);
    return kind->text ? steps * VOCABULARY : 10;
}

static void expect_outputs(const struct kind *kind)
{
    enum { BATCH = 3 };
    struct setting s;
    char yaml[300];
    size_t count;
    snprintf(yaml, sizeof yaml,
             "architecture: {type: transformer, width: 8, heads: 2, depth: 1, mlp_ratio: 2, %s}\n",
             kind->options);
    model_open(&s, kind->text ? text_of(CONTEXT, VOCABULARY) : signal_of(POINTS), yaml);
    int features = kind->text ? CONTEXT : POINTS;
    double *w = numbers(&s, setting_size(&s), 1), *x = numbers(&s, (size_t)(BATCH * features), 2),
           out[CONTEXT * VOCABULARY];
    for (int i = 0; kind->text && i < BATCH * features; i++) x[i] = (i * i + i / 5) % VOCABULARY;
    double *y = model_run(&s, w, x, BATCH, &count);
    for (int n = 0; n < BATCH; n++) {
        int outputs = plain(kind, w, x + n * features, out);
        cr_assert_eq(count, (size_t)(BATCH * outputs));
        for (int i = 0; i < outputs; i++) NEAR(y[n * outputs + i], out[i], 1e-11);
    }
    setting_close(&s);
}

Test(transformer, outputs)
{
    static const struct kind kinds[] = {
        {"patch: 2", .learned = true},
        {"patch: 2, norm: post, positions: none", .post = true},
        {"patch: 2, pool: cls", .cls = true, .learned = true},
        {"patch: 2, pool: cls, norm: post, positions: rotary", .cls = true, .post = true,
         .rotary = true},
        {"patch: 2, causal: true, positions: sinusoidal", .causal = true, .sinusoidal = true},
        {"positions: learned", .text = true, .causal = true, .learned = true},
        {"positions: rotary, tied_embeddings: true", .text = true, .causal = true, .rotary = true,
         .tied = true}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) expect_outputs(&kinds[i]);
}

/* The patches of an image in reading order: rows of patches, in each its rows of pixels; as a
 * convolution in a file. */
Test(transformer, patches_of_an_image)
{
    enum { SIDE = 4 };
    struct setting s;
    size_t count;
    model_open(
        &s, image(SIDE, SIDE, 2),
        "architecture: {type: transformer, width: 1, heads: 1, depth: 1, patch: 2, pool: cls}\n");
    cr_assert_eq(s.model->layers[0].out.steps, 4);
    double *x = doubles(&s, SIDE * SIDE * 2), *w = doubles(&s, setting_size(&s));
    struct graph *graph;
    struct program *program;
    struct program_state *state;
    double y[4];
    OK(graph_create(s.arena, &graph));
    graph_node leaves[2] = {graph_leaf(graph, SLOT_PARAMETERS, 0, shape_matrix(8, 1)),
                            graph_leaf(graph, SLOT_PARAMETERS, 8, shape_vector(1))};
    graph_node values[] = {
        graph_leaf(graph, SLOT_INPUT, 0, (struct shape){.rank = 4, .dim = {1, SIDE, SIDE, 2}})};
    struct site site = {.layer = &s.model->layers[0],
                        .graph = graph,
                        .parameters = leaves,
                        .values = values,
                        .batch = 1};
    OK(graph_output(graph, layer_build(&site), SLOT_OUTPUT, 0));
    OK(program_compile(s.arena, graph, &(struct program_options){.precision = PRECISION_FLOAT64},
                       &program));
    OK(program_state_create(program, &state));
    program_bind(state, SLOT_INPUT, x);
    program_bind(state, SLOT_PARAMETERS, w);
    program_bind(state, SLOT_OUTPUT, y);
    for (count = 0; count < SIDE * SIDE * 2; count++) {
        size_t h = count / 2 / SIDE, v = count / 2 % SIDE,
               element = (h % 2 * 2 + v % 2) * 2 + count % 2;
        memset(x, 0, SIDE * SIDE * 2 * sizeof *x);
        memset(w, 0, 9 * sizeof *w);
        x[count] = w[element] = 1;
        program_run(state, PROGRAM_ALL);
        for (size_t token = 0; token < 4; token++)
            cr_assert_eq(y[token], token == h / 2 * 2 + v / 2, "pixel %zu, %zu", h, v);
    }
    program_state_destroy(state);
    setting_close(&s);
}
