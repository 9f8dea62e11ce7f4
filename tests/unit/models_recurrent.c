/* models/recurrent.c: names, shapes and counts as torch.nn.RNN, LSTM and GRU have them, forms,
 * refusals, and outputs against PyTorch's equations written out. */
#include "models_helpers.h"

/* PyTorch's names and (gates H, in) shapes; a layer behind a bidirectional one reads both
 * directions. */
Test(recurrent, names)
{
    struct setting s;
    model_open(&s, image(28, 20, 1),
               "architecture: {type: lstm, hidden_size: 6, layers: 2, bidirectional: true}\n");
    expect_parameters(&s, "layers.0.weight_ih_l0 24 20", "layers.0.weight_hh_l0 24 6",
                      "layers.0.bias_ih_l0 24", "layers.0.bias_hh_l0 24",
                      "layers.0.weight_ih_l0_reverse 24 20", "layers.0.weight_hh_l0_reverse 24 6",
                      "layers.0.bias_ih_l0_reverse 24", "layers.0.bias_hh_l0_reverse 24",
                      "layers.0.weight_ih_l1 24 12", "layers.0.weight_hh_l1 24 6",
                      "layers.0.bias_ih_l1 24", "layers.0.bias_hh_l1 24",
                      "layers.0.weight_ih_l1_reverse 24 12", "layers.0.weight_hh_l1_reverse 24 6",
                      "layers.0.bias_ih_l1_reverse 24", "layers.0.bias_hh_l1_reverse 24",
                      "layers.1.weight 10 12", "layers.1.bias 10");
    setting_close(&s);
}

/* torch.nn.init._calculate_fan_in_and_fan_out of the arrays of torch.nn.LSTM(20, 6, 2,
 * bidirectional) and so on, each as (weight_ih_l0, weight_hh_l0, weight_ih_l1, weight_hh_l1);
 * PyTorch's own default draws all arrays by 1 / sqrt(hidden_size). */
Test(recurrent, fans)
{
    static const struct {
        const char *type;
        int64_t fans[4][2];
    } all[] = {{"rnn", {{20, 6}, {6, 6}, {12, 6}, {6, 6}}},
               {"lstm", {{20, 24}, {6, 24}, {12, 24}, {6, 24}}},
               {"gru", {{20, 18}, {6, 18}, {12, 18}, {6, 18}}}};
    for (size_t i = 0; i < 3; i++) {
        struct setting s;
        char spec[200];
        snprintf(spec, sizeof spec,
                 "architecture: {type: %s, hidden_size: 6, layers: 2, bidirectional: true}\n",
                 all[i].type);
        model_open(&s, image(28, 20, 1), spec);
        for (int j = 0; j < 16; j++) {
            const struct model_parameter *parameter = model_parameter(s.model, j);
            cr_assert_eq(parameter->own_fan, 6);
            if (parameter->role != ROLE_WEIGHT) continue;
            const int64_t *fans = all[i].fans[j / 8 * 2 + j % 4];
            cr_assert_eq(parameter->fan_in, fans[0], "%s of %s", parameter->name, all[i].type);
            cr_assert_eq(parameter->fan_out, fans[1], "%s of %s", parameter->name, all[i].type);
        }
        setting_close(&s);
    }
}

static int64_t head(int64_t in)
{
    return in * 10 + 10;
}

/* gates H (in + H + 2) a layer and direction: 80896 of torch.nn.LSTM(28, 128), 60672 of GRU, 20224
 * of RNN. */
Test(recurrent, counts)
{
    cr_assert_eq(size_of(image(28, 28, 1), "architecture: {type: lstm}\n"), 80896 + head(128));
    cr_assert_eq(size_of(image(28, 28, 1), "architecture: {type: gru}\n"), 60672 + head(128));
    cr_assert_eq(size_of(image(28, 28, 1), "architecture: {type: rnn}\n"), 20224 + head(128));
    cr_assert_eq(
        size_of(image(28, 28, 1),
                "architecture: {type: gru, hidden_size: 7, layers: 3, bidirectional: true}\n"),
        2 * 21 * (28 + 7 + 2) + 2 * 2 * 21 * (14 + 7 + 2) + head(14));
}

/* Steps and features: rows of an image with their channels, pixels, points of a signal. */
Test(recurrent, steps)
{
    cr_assert_eq(size_of(image(4, 5, 3), "architecture: {type: rnn, hidden_size: 6}\n"),
                 6 * (15 + 6 + 2) + head(6));
    cr_assert_eq(
        size_of(image(4, 5, 3), "architecture: {type: rnn, hidden_size: 6, steps: pixels}\n"),
        6 * (3 + 6 + 2) + head(6));
    cr_assert_eq(size_of(signal_of(40), "architecture: {type: rnn, hidden_size: 6}\n"),
                 6 * (1 + 6 + 2) + head(6));
    cr_assert_eq(
        size_of(image(4, 5, 3), "architecture: {type: rnn, hidden_size: 6, readout: all}\n"),
        6 * (15 + 6 + 2) + head(4 * 6));
    cr_assert_eq(
        size_of(image(4, 5, 3),
                "architecture: {type: rnn, hidden_size: 6, steps: pixels, readout: all}\n"),
        6 * (3 + 6 + 2) + head(20 * 6));
}

/* Behind convolutions a signal of several channels has a step a point. */
Test(recurrent, behind_other_layers)
{
    struct setting s;
    model_open(
        &s, signal_of(40),
        "architecture: {type: sequential, layers: [{conv: {channels: 3}}, {gru: {hidden_size: 6, "
        "readout: sequence}}, {lstm: {hidden_size: 5, readout: mean}}]}\n");
    expect_parameters(&s, "layers.0.weight 3 1 3", "layers.0.bias 3", "layers.1.weight_ih_l0 18 3",
                      "layers.1.weight_hh_l0 18 6", "layers.1.bias_ih_l0 18",
                      "layers.1.bias_hh_l0 18", "layers.2.weight_ih_l0 20 6",
                      "layers.2.weight_hh_l0 20 5", "layers.2.bias_ih_l0 20",
                      "layers.2.bias_hh_l0 20", "layers.3.weight 10 5", "layers.3.bias 10");
    expect_form(s.model->layers[1].out, FORM_SEQUENCE, 1, 1, 6, 38);
    expect_form(s.model->layers[2].out, FORM_VECTOR, 1, 1, 5, 1);
    setting_close(&s);
}

Test(recurrent, language_models_put_out_every_position)
{
    struct setting s;
    model_open(&s, text_of(16, 30), "architecture: {type: gru, hidden_size: 6, embedding: 4}\n");
    expect_parameters(&s, "layers.0.weight 30 4", "layers.1.weight_ih_l0 18 4",
                      "layers.1.weight_hh_l0 18 6", "layers.1.bias_ih_l0 18",
                      "layers.1.bias_hh_l0 18", "layers.2.weight 30 6", "layers.2.bias 30");
    expect_form(s.model->layers[1].out, FORM_SEQUENCE, 1, 1, 6, 16);
    expect_form(s.model->layers[2].out, FORM_SEQUENCE, 1, 1, 30, 16);
    setting_close(&s);
}

Test(recurrent, refusals)
{
    expect_refused(signal_of(40), "architecture: {type: rnn, steps: pixels}\n",
                   "architecture.steps", "needs images");
    expect_refused(text_of(16, 30), "architecture: {type: lstm, readout: mean}\n",
                   "architecture.readout", "every position");
    expect_refused(text_of(16, 30), "architecture: {type: lstm, bidirectional: true}\n",
                   "architecture.bidirectional", "must not see what it predicts");
    expect_refused(text_of(16, 30),
                   "architecture: {type: sequential, layers: [{embedding: {width: 4}}, "
                   "{gru: {bidirectional: true}}]}\n",
                   "architecture.layers.1.gru.bidirectional", "must not see what it predicts");
    expect_refused(
        signal_of(40), "architecture: {type: sequential, layers: [{dense: {units: 3}}, gru]}\n",
        "architecture.layers.1.gru",
        "gru needs a signal, an image or a sequence, but what comes here is a vector of 3");
    expect_refused(text_of(16, 30), "architecture: {type: sequential, layers: [lstm]}\n",
                   "architecture.layers.0.lstm", "the input are tokens");
    expect_refused(image(9, 9, 1),
                   "architecture: {type: sequential, layers: [{embedding: {width: 3}}]}\n",
                   "architecture.layers.0.embedding", "needs tokens");
}

/* ---- outputs ---- */

enum { STEPS = 5, FEATURES = 3, HIDDEN = 4, BATCH = 3, WIDEST = 2 * HIDDEN };

static double logistic(double z)
{
    return 1 / (1 + exp(-z));
}

/* Gate k: W_ih x + b_ih in a[k], W_hh h + b_hh in b[k]. Weights (in, gates HIDDEN). */
static void gate_sums(const double *w, int gates, int in, const double *x, const double *h,
                      double *a, double *b)
{
    int all = gates * HIDDEN;
    const double *w_hh = w + in * all, *b_ih = w_hh + HIDDEN * all, *b_hh = b_ih + all;
    for (int k = 0; k < all; k++) {
        a[k] = b_ih[k];
        b[k] = b_hh[k];
        for (int i = 0; i < in; i++) a[k] += x[i] * w[i * all + k];
        for (int i = 0; i < HIDDEN; i++) b[k] += h[i] * w_hh[i * all + k];
    }
}

/* One step by the equations of torch.nn: h, c are what they were before. */
static void cell_step(const char *cell, const double *w, int in, const double *x, double *h,
                      double *c)
{
    double a[4 * HIDDEN], b[4 * HIDDEN];
    int gates = strcmp(cell, "lstm") == 0 ? 4 : strcmp(cell, "gru") == 0 ? 3 : 1;
    gate_sums(w, gates, in, x, h, a, b);
    for (int j = 0; j < HIDDEN; j++) {
        int second = HIDDEN + j, third = 2 * HIDDEN + j, fourth = 3 * HIDDEN + j;
        if (gates == 1) h[j] = strcmp(cell, "relu") == 0 ? fmax(a[j] + b[j], 0) : tanh(a[j] + b[j]);
        if (gates == 3) { /* r, z, n */
            double n = tanh(a[third] + logistic(a[j] + b[j]) * b[third]),
                   z = logistic(a[second] + b[second]);
            h[j] = (1 - z) * n + z * h[j];
        }
        if (gates == 4) { /* i, f, g, o */
            c[j] = logistic(a[second] + b[second]) * c[j] +
                   logistic(a[j] + b[j]) * tanh(a[third] + b[third]);
            h[j] = logistic(a[fourth] + b[fourth]) * tanh(c[j]);
        }
    }
}

static const double *next_weights(const double *w, int gates, int in)
{
    return w + gates * HIDDEN * (in + HIDDEN + 2);
}

struct net {
    const char *cell, *readout;
    int layers, directions;
};

/* All states (STEPS, directions HIDDEN) of the last layer in `x`, which has the inputs before. */
static const double *states(const struct net *net, const double *w, double *x)
{
    int gates = strcmp(net->cell, "lstm") == 0  ? 4
                : strcmp(net->cell, "gru") == 0 ? 3
                                                : 1,
        in = FEATURES;
    for (int layer = 0; layer < net->layers; layer++) {
        double y[STEPS * WIDEST];
        int width = net->directions * HIDDEN;
        for (int reverse = 0; reverse < net->directions;
             reverse++, w = next_weights(w, gates, in)) {
            double h[HIDDEN] = {0}, c[HIDDEN] = {0};
            for (int step = 0; step < STEPS; step++) {
                int t = reverse ? STEPS - 1 - step : step;
                cell_step(net->cell, w, in, x + t * in, h, c);
                memcpy(y + t * width + reverse * HIDDEN, h, sizeof h);
            }
        }
        memcpy(x, y, sizeof y);
        in = width;
    }
    return w;
}

/* What goes to the head, and how many numbers that is. */
static int read_out(const struct net *net, const double *y, double *out)
{
    int width = net->directions * HIDDEN;
    bool all = strcmp(net->readout, "all") == 0, mean = strcmp(net->readout, "mean") == 0;
    for (int j = 0; j < width; j++) {
        out[j] = y[(j < HIDDEN ? STEPS - 1 : 0) * width +
                   j]; /* the last step that each direction read */
        for (int t = 0; mean && t < STEPS; t++)
            out[j] = (t ? out[j] : 0) + y[t * width + j] / STEPS;
    }
    if (all) memcpy(out, y, (size_t)(STEPS * width) * sizeof *y);
    return all ? STEPS * width : width;
}

static void expect_outputs(const struct net *net)
{
    struct setting s;
    char text[300];
    size_t count;
    bool relu = strcmp(net->cell, "relu") == 0;
    snprintf(
        text, sizeof text,
        "architecture: {type: %s, hidden_size: %d, layers: %d, bidirectional: %s, readout: %s%s}\n",
        relu ? "rnn" : net->cell, HIDDEN, net->layers, net->directions == 2 ? "true" : "false",
        net->readout, relu ? ", activation: relu" : "");
    model_open(&s, image(STEPS, FEATURES, 1), text);
    double *w = numbers(&s, setting_size(&s), 1), *x = numbers(&s, BATCH * STEPS * FEATURES, 2),
           *y = model_run(&s, w, x, BATCH, &count);
    for (int n = 0; n < BATCH; n++) {
        double a[STEPS * WIDEST], features[STEPS * WIDEST];
        memcpy(a, x + n * STEPS * FEATURES, STEPS * FEATURES * sizeof *a);
        const double *last = states(net, w, a);
        int width = read_out(net, a, features);
        for (int o = 0; o < 10; o++) {
            double sum = last[width * 10 + o];
            for (int k = 0; k < width; k++) sum += features[k] * last[k * 10 + o];
            NEAR(y[n * 10 + o], sum, 1e-12);
        }
    }
    setting_close(&s);
}

Test(recurrent, outputs)
{
    static const char *const cells[] = {"rnn", "relu", "lstm", "gru"}, *const readouts[] = {
                                                                           "last", "mean", "all"};
    for (int i = 0; i < 4 * 3 * 2 * 2; i++)
        expect_outputs(
            &(struct net){cells[i % 4], readouts[i / 4 % 3], 1 + i / 12 % 2, 1 + i / 24});
}

/* With dropout between layers each gap draws its own mask, and one stands behind the last layer. */
Test(recurrent, dropout_between_layers)
{
    struct setting s;
    model_open(&s, image(28, 28, 1),
               "architecture: {type: gru, layers: 3}\nregularizers: {dropout: 0.5}\n");
    cr_assert_eq(s.model->dropout_count, 3);
    setting_close(&s);
    model_open(&s, image(28, 28, 1), "architecture: {type: gru, layers: 3}\n");
    cr_assert_not(model_has_dropout(s.model));
    setting_close(&s);
}
