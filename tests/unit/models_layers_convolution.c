/* models/layers_convolution.c: windows on images, signals and sequences: sizes by PyTorch's
 * formula, values against plain loops, refusals at their place. */
#include "models_helpers.h"

#define LIST(text) "architecture: {type: sequential, layers: [" text "]}\n"
#define BARE(text) "architecture: {type: sequential, bias: false, layers: [" text "]}\n"

/* The form behind the only layer. */
static struct form behind(struct data_info info, const char *architecture)
{
    struct setting s;
    model_open(&s, info, architecture);
    struct form form = s.model->layers[0].out;
    setting_close(&s);
    return form;
}

/* floor((L + 2 padding - dilation (kernel - 1) - 1) / stride + 1) on both axes. */
Test(layers_convolution, sizes)
{
    expect_form(behind(image(28, 30, 1), LIST("{conv: {channels: 8}}")), FORM_MAP, 26, 28, 8, 1);
    expect_form(behind(image(28, 30, 1), LIST("{conv: {channels: 8, padding: same}}")), FORM_MAP,
                28, 30, 8, 1);
    expect_form(behind(image(28, 30, 1),
                       LIST("{conv: {channels: 8, kernel: 5, dilation: 2, padding: same}}")),
                FORM_MAP, 28, 30, 8, 1);
    expect_form(behind(image(224, 224, 3),
                       LIST("{conv: {channels: 64, kernel: 7, stride: 2, padding: 3}}")),
                FORM_MAP, 112, 112, 64, 1);
    expect_form(
        behind(image(9, 9, 3),
               LIST("{conv: {channels: 4, kernel: [3, 1], stride: [2, 3], padding: [1, 0]}}")),
        FORM_MAP, 5, 3, 4, 1);
    expect_form(behind(image(112, 112, 3), LIST("{max_pool: {kernel: 3, stride: 2, padding: 1}}")),
                FORM_MAP, 56, 56, 3, 1);
    expect_form(behind(image(7, 9, 3), LIST("average_pool")), FORM_MAP, 3, 4, 3, 1);
    expect_form(behind(image(7, 9, 3), LIST("{max_pool: {kernel: 3}}")), FORM_MAP, 2, 3, 3, 1);
    expect_form(behind(image(7, 9, 3), LIST("global_max_pool")), FORM_VECTOR, 1, 1, 3, 1);
    expect_form(behind(image(7, 9, 3), LIST("global_average_pool")), FORM_VECTOR, 1, 1, 3, 1);
}

/* Of a signal the height stays 1, whatever the numbers say. */
Test(layers_convolution, sizes_of_signals)
{
    expect_form(
        behind(signal_of(40), LIST("{conv: {channels: 8, kernel: 5, stride: 2, padding: 1}}")),
        FORM_MAP, 1, 19, 8, 1);
    expect_form(behind(signal_of(40), LIST("{max_pool: {kernel: 3, padding: 1}}")), FORM_MAP, 1, 14,
                1, 1);
    expect_form(behind(signal_of(40), LIST("{conv: {channels: 8, dilation: 4}}")), FORM_MAP, 1, 32,
                8, 1);
}

/* Outside (O, C / groups, KH, KW); fan_in = taps C / groups, fan_out = taps O, as torch.nn.init
 * counts them for Conv2d(6, 4, (3, 5), groups=2): (45, 60). */
Test(layers_convolution, parameters)
{
    struct setting s;
    model_open(&s, image(9, 9, 6),
               LIST("{conv: {channels: 4, kernel: [3, 5], groups: 2}}, {conv: {channels: 3, bias: "
                    "false}}"));
    expect_parameters(&s, "layers.0.weight 4 3 3 5", "layers.0.bias 4", "layers.1.weight 3 4 3 3",
                      "layers.2.weight 10 45", "layers.2.bias 10");
    cr_assert_eq(model_parameter(s.model, 0)->fan_in, 15 * 3);
    cr_assert_eq(model_parameter(s.model, 0)->fan_out, 15 * 4);
    cr_assert_eq(model_parameter(s.model, 1)->role, ROLE_BIAS);
    cr_assert_eq(s.model->layers[0].products, (9 - 2) * (9 - 4) * 4 * 3 * 3 * 5,
                 "every output sees as many weights");
    setting_close(&s);
}

/* In a list: a sequence is a signal of its features. */
Test(layers_convolution, sequences_are_signals)
{
    struct setting s;
    model_open(
        &s, signal_of(40),
        LIST("{rnn: {hidden_size: 6, readout: sequence}}, {conv: {channels: 3}}, global_max_pool"));
    expect_map(&s, 1, 1, 38, 3);
    expect_form(s.model->layers[2].out, FORM_VECTOR, 1, 1, 3, 1);
    setting_close(&s);
}

/* ---- values ---- */

enum { H = 6, W = 5, C = 4, BATCH = 2 };

/* What the layers before the head give: the head is the identity on as many outputs. */
static double *values(struct setting *s, const char *architecture, size_t outputs, double **w,
                      double **x)
{
    struct data_info info = image(H, W, C);
    size_t count;
    info.outputs = outputs;
    model_open(s, info, architecture);
    *w = numbers(s, (size_t)model_state_size(s->model), 1);
    *x = numbers(s, BATCH * H * W * C, 2);
    const struct model_parameter *head =
        model_parameter(s->model, model_parameter_count(s->model) - 1);
    cr_assert_eq(head->size, (int64_t)(outputs * outputs), "%lld", (long long)head->size);
    for (size_t i = 0; i < outputs * outputs; i++)
        (*w)[head->offset + (int64_t)i] = i / outputs == i % outputs;
    double *y = model_run(s, *w, *x, BATCH, &count);
    cr_assert_eq(count, BATCH * outputs);
    return y;
}

static double pixel(const double *x, int n, int h, int w, int c)
{
    return h >= 0 && h < H && w >= 0 && w < W ? x[((n * H + h) * W + w) * C + c] : 0;
}

/* y(o) = b(o) + sum over taps and the channels of o's group; weights (KH, KW, C / groups, O).
 * Stride 2, padding 1. */
Test(layers_convolution, a_grouped_convolution)
{
    enum { O = 6, PART = 2, OH = 3, OW = 3 };
    struct setting s;
    double *w, *x;
    double *y = values(&s, BARE("{conv: {channels: 6, stride: 2, padding: 1, groups: 2}}"),
                       O * OH * OW, &w, &x);
    for (int i = 0; i < BATCH * OH * OW * O; i++) {
        int o = i % O, column = i / O % OW, row = i / O / OW % OH, n = i / O / OW / OH;
        double sum = w[9 * PART * O + o];
        for (int k = 0; k < 9 * PART; k++) {
            int tap = k / PART, c = o / (O / 2) * PART + k % PART;
            sum += pixel(x, n, 2 * row - 1 + tap / 3, 2 * column - 1 + tap % 3, c) * w[k * O + o];
        }
        NEAR(y[i], sum, 1e-12);
    }
    setting_close(&s);
}

Test(layers_convolution, pools_over_everything)
{
    struct setting s;
    double *w, *x;
    for (int max = 0; max < 2; max++) {
        double *y =
            values(&s, max ? BARE("global_max_pool") : BARE("global_average_pool"), C, &w, &x);
        for (int i = 0; i < BATCH * C; i++) {
            double sum = 0, most = -1e9;
            for (int p = 0; p < H * W; p++) {
                sum += pixel(x, i / C, p / W, p % W, i % C) / (H * W);
                most = fmax(most, pixel(x, i / C, p / W, p % W, i % C));
            }
            NEAR(y[i], max ? most : sum, 1e-13);
        }
        setting_close(&s);
    }
}

/* Windows of 3 with stride 2 and padding 1: zeros count for the mean, and never win. */
Test(layers_convolution, pools_with_padding)
{
    enum { OH = 3, OW = 3 };
    struct setting s;
    double *w, *x;
    for (int max = 0; max < 2; max++) {
        double *y = values(&s,
                           max ? BARE("{max_pool: {kernel: 3, stride: 2, padding: 1}}")
                               : BARE("{average_pool: {kernel: 3, stride: 2, padding: 1}}"),
                           C * OH * OW, &w, &x);
        for (int i = 0; i < BATCH * OH * OW * C; i++) {
            double sum = 0, most = -1e9;
            for (int tap = 0; tap < 9; tap++) {
                int h = 2 * (i / C / OW % OH) - 1 + tap / 3, v = 2 * (i / C % OW) - 1 + tap % 3;
                double here = pixel(x, i / C / OW / OH, h, v, i % C);
                sum += here / 9;
                if (h >= 0 && h < H && v >= 0 && v < W) most = fmax(most, here);
            }
            NEAR(y[i], max ? most : sum, 1e-13);
        }
        setting_close(&s);
    }
}

/* ---- refusals ---- */

Test(layers_convolution, refusals)
{
    expect_refused(image(9, 9, 6), LIST("relu, {conv: {channels: 4, kernel: 11}}"),
                   "architecture.layers.1.conv.kernel",
                   "reaches over 11, more than the height of 9");
    expect_refused(image(9, 9, 6),
                   LIST("{conv: {channels: 4, kernel: [1, 5], padding: [0, 1], dilation: 3}}"),
                   "architecture.layers.0.conv.dilation",
                   "reaches over 13 with its dilation, more than the width of 11 with its padding");
    expect_refused(image(9, 9, 6), LIST("{conv: {channels: 4, groups: 4}}"),
                   "architecture.layers.0.conv.groups", "4 groups do not divide 6 channels into 4");
    expect_refused(image(9, 9, 6), LIST("{conv: {channels: 4, groups: 3}}"),
                   "architecture.layers.0.conv.groups", "3 groups do not divide 6 channels into 4");
    expect_refused(image(9, 9, 6), LIST("{conv: {channels: 4, kernel: 4, padding: same}}"),
                   "architecture.layers.0.conv.kernel", "a kernel of 4");
    expect_refused(image(9, 9, 6), LIST("{max_pool: {kernel: 3, padding: 2}}"),
                   "architecture.layers.0.max_pool.padding",
                   "a padding of 2 is more than half of the kernel of 3");
    expect_refused(image(9, 9, 6), LIST("{average_pool: {kernel: 10}}"),
                   "architecture.layers.0.average_pool.kernel",
                   "the kernel of average_pool reaches over 10");
    expect_refused(signal_of(40), LIST("{conv: {channels: 4, stride: [1, 2]}}"),
                   "architecture.layers.0.conv.stride", "what comes here is a signal");
    expect_refused(signal_of(40), LIST("{max_pool: {kernel: [1, 2]}}"),
                   "architecture.layers.0.max_pool.kernel", "a signal");
    expect_refused(image(9, 9, 6), LIST("flatten, max_pool"), "architecture.layers.1.max_pool",
                   "a vector of 486");
    expect_refused(image(9, 9, 6), LIST("global_average_pool, global_max_pool"),
                   "architecture.layers.1.global_max_pool", "a vector of 6");
}

/* A window sees tokens that follow. */
Test(layers_convolution, language_models_have_no_windows)
{
    static const char *const layers[] = {"{conv: {channels: 4}}", "max_pool", "average_pool",
                                         "global_max_pool", "global_average_pool"};
    static const char *const names[] = {"conv", "max_pool", "average_pool", "global_max_pool",
                                        "global_average_pool"};
    for (int i = 0; i < 5; i++) {
        char text[200], place[100];
        snprintf(text, sizeof text,
                 "architecture: {type: sequential, layers: [{embedding: {width: 4}}, %s]}\n",
                 layers[i]);
        snprintf(place, sizeof place, "architecture.layers.1.%s", names[i]);
        expect_refused(text_of(16, 30), text, place, "must not see what it predicts");
    }
}

/* An even kernel with an even dilation has the same padding on both sides. */
Test(layers_convolution, same_padding_of_an_even_kernel_with_dilation)
{
    expect_form(behind(image(9, 9, 6),
                       LIST("{conv: {channels: 4, kernel: 4, dilation: 2, padding: same}}")),
                FORM_MAP, 9, 9, 4, 1);
}
