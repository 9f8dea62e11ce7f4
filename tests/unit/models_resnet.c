/* models/resnet.c: names, shapes and counts of residual networks, their forms, refusals, and values
 * against plain loops. */
#include "models_helpers.h"

/* One block a stage, two stages: the second begins with a shortcut that projects. */
Test(resnet, names)
{
    struct setting s;
    model_open(&s, image(8, 8, 3), "architecture: {type: resnet, depth: 6, stages: 2, width: 4}\n");
    expect_parameters(
        &s, "layers.0.weight 4 3 3 3", "layers.1.weight 4", "layers.1.bias 4",
        "layers.2.conv1.weight 4 4 3 3", "layers.2.norm1.weight 4", "layers.2.norm1.bias 4",
        "layers.2.conv2.weight 4 4 3 3", "layers.2.norm2.weight 4", "layers.2.norm2.bias 4",
        "layers.3.conv1.weight 8 4 3 3", "layers.3.norm1.weight 8", "layers.3.norm1.bias 8",
        "layers.3.conv2.weight 8 8 3 3", "layers.3.norm2.weight 8", "layers.3.norm2.bias 8",
        "layers.3.shortcut.0.weight 8 4 1 1", "layers.3.shortcut.1.weight 8",
        "layers.3.shortcut.1.bias 8", "layers.4.weight 10 8", "layers.4.bias 10");
    cr_assert_eq(model_buffer_count(s.model), 12);
    cr_assert_str_eq(model_buffer(s.model, 11)->name, "layers.3.shortcut.1.running_var");
    setting_close(&s);
}

/* Norm and activation first: a projection has no norm, and one stands before the pool. */
Test(resnet, names_with_preactivation)
{
    struct setting s;
    model_open(
        &s, image(8, 8, 3),
        "architecture: {type: resnet, depth: 6, stages: 2, width: 4, preactivation: true}\n");
    expect_parameters(
        &s, "layers.0.weight 4 3 3 3", "layers.1.norm1.weight 4", "layers.1.norm1.bias 4",
        "layers.1.conv1.weight 4 4 3 3", "layers.1.norm2.weight 4", "layers.1.norm2.bias 4",
        "layers.1.conv2.weight 4 4 3 3", "layers.2.norm1.weight 4", "layers.2.norm1.bias 4",
        "layers.2.conv1.weight 8 4 3 3", "layers.2.norm2.weight 8", "layers.2.norm2.bias 8",
        "layers.2.conv2.weight 8 8 3 3", "layers.2.shortcut.0.weight 8 4 1 1", "layers.3.weight 8",
        "layers.3.bias 8", "layers.4.weight 10 8", "layers.4.bias 10");
    setting_close(&s);
}

/* On CIFAR-10 ResNet-20, -32, -44, -56, -110 without projections have 0.27, 0.46, 0.66, 0.85, 1.7
 * million parameters (He et al. 2016, table 6), exactly 269722 for the first; the two projections
 * with their norms are 512 + 64 and 2048 + 128. */
Test(resnet, published_counts)
{
    static const struct {
        int depth;
        double millions;
    } published[] = {{20, 0.27}, {32, 0.46}, {44, 0.66}, {56, 0.85}, {110, 1.7}};
    enum { PROJECTIONS = 512 + 64 + 2048 + 128 };
    for (int i = 0; i < 5; i++) {
        char text[100];
        snprintf(text, sizeof text, "architecture: {type: resnet, depth: %d, width: 16}\n",
                 published[i].depth);
        int64_t size = size_of(image(32, 32, 3), text) - PROJECTIONS;
        cr_assert_float_eq((double)size / 1e6, published[i].millions, i == 4 ? 0.05 : 0.005,
                           "%d: %d", published[i].depth, (int)size);
        if (i == 0) cr_assert_eq(size, 269722);
    }
}

/* Every later stage has twice the channels at half the resolution, rounded up. */
Test(resnet, forms)
{
    struct setting s;
    model_open(&s, image(15, 28, 1), "architecture: {type: resnet, depth: 8, width: 5}\n");
    int64_t sizes[][3] = {{15, 28, 5}, {15, 28, 5}, {8, 14, 10}, {4, 7, 20}};
    int stage = 0;
    expect_map(&s, 0, 15, 28, 5);
    for (int i = 0; i < s.model->layer_count; i++)
        if (strcmp(s.model->layers[i].kind->name, "residual") == 0) {
            stage++;
            expect_map(&s, i, sizes[stage][0], sizes[stage][1], sizes[stage][2]);
        }
    cr_assert_eq(stage, 3);
    expect_form(s.model->layers[s.model->layer_count - 2].out, FORM_VECTOR, 1, 1, 20, 1);
    setting_close(&s);
}

Test(resnet, signals)
{
    struct setting s;
    model_open(
        &s, signal_of(40),
        "architecture: {type: resnet, depth: 4, stages: 1, width: 3, kernel: 5, norm: none}\n");
    expect_parameters(&s, "layers.0.weight 3 1 5", "layers.0.bias 3", "layers.1.conv1.weight 3 3 5",
                      "layers.1.conv1.bias 3", "layers.1.conv2.weight 3 3 5",
                      "layers.1.conv2.bias 3", "layers.2.weight 10 3", "layers.2.bias 10");
    expect_map(&s, 0, 1, 40, 3);
    setting_close(&s);
}

/* ---- values: one block with a projection, without norm, on a signal ---- */

#define SMALL "architecture: {type: resnet, depth: 6, stages: 2, width: 2, "
enum { LENGTH = 7, HALF = 4, WIDTH = 2, WIDE = 4 };

/* b + sum over taps of a kernel of 3 (or 1), weights (K, C, O). */
static void convolve(const double *x, int length, int in, const double **w, int out, int kernel,
                     int stride, double *y)
{
    int count = (length + stride - 1) / stride;
    const double *bias = *w + kernel * in * out;
    for (int i = 0; i < count * out; i++) {
        y[i] = bias[i % out];
        for (int k = 0; k < kernel * in; k++) {
            int at = i / out * stride - kernel / 2 + k / in;
            if (at >= 0 && at < length) y[i] += x[at * in + k % in] * (*w)[k * out + i % out];
        }
    }
    *w = bias + out;
}

static void rectify(double *a, int count)
{
    for (int i = 0; i < count; i++) a[i] = fmax(a[i], 0);
}

/* conv - relu - conv, added to what came in (a projection of it where the shape changes), relu;
 * preactivated: relu - conv - relu - conv, and the projection takes what the first relu gives. */
static void block(double *x, int length, int in, const double **w, int out, int stride, bool pre)
{
    double a[LENGTH * WIDE], b[LENGTH * WIDE], c[LENGTH * WIDE], side[LENGTH * WIDE];
    int count = (length + stride - 1) / stride;
    memcpy(side, x, (size_t)(length * in) * sizeof *x);
    memcpy(a, x, (size_t)(length * in) * sizeof *x);
    if (pre) rectify(a, length * in);
    convolve(a, length, in, w, out, 3, stride, b);
    rectify(b, count * out);
    convolve(b, count, out, w, out, 3, 1, c);
    if (in != out) convolve(a, length, in, w, out, 1, stride, side);
    for (int i = 0; i < count * out; i++) x[i] = c[i] + side[i];
    if (!pre) rectify(x, count * out);
}

static void plain(const double *w, const double *x, bool pre, double *y)
{
    double a[LENGTH * WIDE], pooled[WIDE] = {0};
    convolve(x, LENGTH, 1, &w, WIDTH, 3, 1, a);
    if (!pre) rectify(a, LENGTH * WIDTH);
    block(a, LENGTH, WIDTH, &w, WIDTH, 1, pre);
    block(a, LENGTH, WIDTH, &w, WIDE, 2, pre);
    if (pre) rectify(a, HALF * WIDE);
    for (int i = 0; i < HALF * WIDE; i++) pooled[i % WIDE] += a[i] / HALF;
    for (int o = 0; o < 10; o++) {
        y[o] = w[WIDE * 10 + o];
        for (int k = 0; k < WIDE; k++) y[o] += pooled[k] * w[k * 10 + o];
    }
}

Test(resnet, outputs)
{
    for (int pre = 0; pre < 2; pre++) {
        struct setting s;
        size_t count;
        double wanted[10];
        model_open(&s, signal_of(LENGTH),
                   pre ? SMALL "norm: none, preactivation: true}\n" : SMALL "norm: none}\n");
        double *w = numbers(&s, setting_size(&s), 1), *x = numbers(&s, 3 * LENGTH, 2),
               *y = model_run(&s, w, x, 3, &count);
        for (int n = 0; n < 3; n++) {
            plain(w, x + n * LENGTH, pre, wanted);
            for (int o = 0; o < 10; o++) NEAR(y[n * 10 + o], wanted[o], 1e-12);
        }
        setting_close(&s);
    }
}

Test(resnet, refusals)
{
    expect_refused(image(28, 28, 1), "architecture: {type: resnet, depth: 10}\n",
                   "architecture.depth", "a depth of 10 is not 2 x 3 n + 2");
    expect_refused(image(28, 28, 1), "architecture: {type: resnet, depth: 2}\n",
                   "architecture.depth", "a depth of 2");
    expect_refused(image(28, 28, 1), "architecture: {type: resnet, kernel: 4}\n",
                   "architecture.kernel", "a kernel of 4");
    expect_refused(image(28, 28, 1), "architecture: {type: resnet, norm: group, width: 6}\n",
                   "architecture.width", "do not divide 6 channels");
    expect_refused(text_of(16, 30), "architecture: {type: resnet}\n", "architecture.type",
                   "resnet needs numbers");
}

/* The hint names a depth that there is. */
Test(resnet, the_nearest_depth)
{
    static const struct {
        int depth, stages, nearest;
    } cases[] = {{10, 3, 8},  {11, 3, 14}, {3, 3, 8}, {2, 2, 6},
                 {17, 2, 18}, {19, 3, 20}, {5, 1, 6}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[100], hint[100];
        struct setting s;
        snprintf(text, sizeof text, "architecture: {type: resnet, depth: %d, stages: %d}\n",
                 cases[i].depth, cases[i].stages);
        snprintf(hint, sizeof hint, "the nearest depth with %d stages is %d", cases[i].stages,
                 cases[i].nearest);
        cr_assert_eq(model_try(&s, image(28, 28, 1), text), BASIN_SPEC);
        cr_assert_str_eq(basin_error_last()->hint, hint, "%s", text);
        setting_close(&s);
    }
}
