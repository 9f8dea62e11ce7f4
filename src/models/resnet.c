/* Residual networks of basic blocks (He et al., CVPR 2016, section 4.2), on images and signals;
 * with preactivation those of He et al., ECCV 2016. */
#include <stdio.h>
#include "models/layer.h"

struct resnet_settings {
    struct architecture_settings common;
    int64_t depth, width, stages, kernel;
    struct norm_settings norm;
    const struct entry *activation;
    bool preactivation;
};

#define FIELD(member) SETTING(struct resnet_settings, member)

static const struct schema_row parameters[] = {
    {.key = "depth",
     FIELD(depth),
     .type = SCHEMA_INTEGER,
     .minimum = 2,
     .maximum = 10000,
     .fallback = "8",
     .doc = "Layers with weights, shortcuts aside: 2 stages n + 2 for n blocks a stage (three "
            "stages: 8, 14, 20, 26, 32, ...)."},
    {.key = "width",
     FIELD(width),
     .type = SCHEMA_INTEGER,
     .unit = "channels",
     .minimum = 1,
     .maximum = 1 << 14,
     .fallback = "16",
     .doc = "Channels of the first stage; every later stage has twice as many at half the "
            "resolution.",
     .aliases = (const char *const[]){"channels", "filters", "hidden", NULL}},
    {.key = "stages",
     FIELD(stages),
     .type = SCHEMA_INTEGER,
     .minimum = 1,
     .maximum = 6,
     .fallback = "3",
     .doc = "Number of stages."},
    {.key = "kernel",
     FIELD(kernel),
     .type = SCHEMA_INTEGER,
     .minimum = 1,
     .maximum = 99,
     .fallback = "3",
     .doc = "Size of the window of every convolution but the shortcuts'; odd."},
    {NORM_ROW(struct resnet_settings), .fallback = "batch"},
    NORM_GROUPS_ROW(struct resnet_settings),
    {ACTIVATION_ROW(struct resnet_settings, "Activation."), .fallback = "relu"},
    {.key = "preactivation",
     FIELD(preactivation),
     .type = SCHEMA_BOOLEAN,
     .fallback = "false",
     .doc = "Norm and activation before each convolution instead of after it.",
     .source = "He et al., ECCV 2016"},
    INITIALIZER_ROW(struct resnet_settings, "kaiming"),
    {0}};

static basin_status convolve(struct model *model, const struct resnet_settings *settings,
                             int64_t channels, int64_t kernel, int64_t stride)
{
    int64_t padding = (kernel - 1) / 2;
    struct convolution convolution = {
        .channels = channels,
        .window = {{kernel, kernel}, {stride, stride}, {padding, padding}, {1, 1}, 1},
        .bias = settings->norm.kind == NORM_NONE};
    return layer_convolution(model, &convolution);
}

static basin_status normalise(struct model *model, const struct resnet_settings *settings)
{
    return layer_normalisation(model, &settings->norm,
                               settings->norm.groups_changed ? "norm_groups" : "width");
}

/* The value that the block's last layers are added to: the input itself, or a 1x1 convolution of it
 * where the shape changes. */
static basin_status shortcut(struct model *model, const struct resnet_settings *settings,
                             int64_t channels, int64_t stride, int *value)
{
    *value = model->cursor;
    if (stride == 1 && model_form(model).channels == channels) return BASIN_OK;
    layer_part(model, "shortcut.0");
    TRY(convolve(model, settings, channels, 1, stride));
    layer_part(model, "shortcut.1");
    if (!settings->preactivation) TRY(normalise(model, settings));
    *value = model->cursor;
    return BASIN_OK;
}

/* conv - norm - activation - conv - norm, added to the shortcut, activation */
static basin_status block(struct model *model, const struct resnet_settings *settings,
                          int64_t channels, int64_t stride)
{
    int start = model->cursor, main, side;
    layer_part(model, "conv1");
    TRY(convolve(model, settings, channels, settings->kernel, stride));
    layer_part(model, "norm1");
    TRY(normalise(model, settings));
    TRY(layer_activation(model, settings->activation));
    layer_part(model, "conv2");
    TRY(convolve(model, settings, channels, settings->kernel, 1));
    layer_part(model, "norm2");
    TRY(normalise(model, settings));
    main = model->cursor;
    model->cursor = start;
    TRY(shortcut(model, settings, channels, stride, &side));
    model->cursor = main;
    TRY(layer_residual(model, side));
    return layer_activation(model, settings->activation);
}

/* norm - activation - conv - norm - activation - conv; a projection takes what the first activation
 * gives */
static basin_status block_preactivated(struct model *model, const struct resnet_settings *settings,
                                       int64_t channels, int64_t stride)
{
    int start = model->cursor, main, side;
    bool projects = stride != 1 || model_form(model).channels != channels;
    layer_part(model, "norm1");
    TRY(normalise(model, settings));
    TRY(layer_activation(model, settings->activation));
    int activated = model->cursor;
    layer_part(model, "conv1");
    TRY(convolve(model, settings, channels, settings->kernel, stride));
    layer_part(model, "norm2");
    TRY(normalise(model, settings));
    TRY(layer_activation(model, settings->activation));
    layer_part(model, "conv2");
    TRY(convolve(model, settings, channels, settings->kernel, 1));
    main = model->cursor;
    model->cursor = projects ? activated : start;
    TRY(shortcut(model, settings, channels, stride, &side));
    model->cursor = main;
    return layer_residual(model, side);
}

static basin_status resnet_expand_stage(struct model *model, const struct resnet_settings *settings,
                                        int64_t blocks, int stage, int64_t channels)
{
    for (int64_t i = 0; i < blocks; i++) {
        int64_t stride = stage > 0 && i == 0 ? 2 : 1;
        layer_block_begin(model);
        TRY((settings->preactivation ? block_preactivated : block)(model, settings, channels,
                                                                   stride));
        layer_block_end(model);
    }
    return BASIN_OK;
}

static basin_status resnet_check(const struct model *model, int64_t depth, int stages,
                                 int64_t kernel)
{
    char hint[128];
    int64_t unit = 2 * stages,
            near = depth <= 2 + unit ? 2 + unit : 2 + (depth - 2 + unit / 2) / unit * unit;
    if (depth <= 2 || (depth - 2) % unit) {
        snprintf(hint, sizeof hint, "the nearest depth with %d stages is %lld", stages,
                 (long long)near);
        return layer_refuse(model, "depth", hint, "a depth of %lld is not 2 x %d n + 2",
                            (long long)depth, stages);
    }
    if (kernel % 2 == 0)
        return layer_refuse(model, "kernel", "use an odd kernel", "a kernel of %lld has no middle",
                            (long long)kernel);
    return BASIN_OK;
}

static basin_status resnet_expand(struct model *model, const void *own)
{
    const struct resnet_settings *settings = own;
    int stages = (int)settings->stages;
    int64_t blocks = (settings->depth - 2) / (2 * stages);
    TRY(resnet_check(model, settings->depth, stages, settings->kernel));
    TRY(convolve(model, settings, settings->width, settings->kernel, 1));
    if (!settings->preactivation) {
        TRY(normalise(model, settings));
        TRY(layer_activation(model, settings->activation));
    }
    for (int stage = 0; stage < stages; stage++)
        TRY(resnet_expand_stage(model, settings, blocks, stage, settings->width << stage));
    if (settings->preactivation) {
        TRY(normalise(model, settings));
        TRY(layer_activation(model, settings->activation));
    }
    TRY(layer_global_pool(model, POOLING_AVERAGE));
    return layer_head(model, true);
}

static const struct architecture architecture = {resnet_expand};

const struct entry resnet_entry = {
    .name = "resnet",
    .doc = "Residual network on images (2-D) or signals (1-D): a convolution, stages of basic "
           "blocks, global average pooling, a dense head. "
           "Blocks that change the shape have a 1x1 convolution (stride 2) and norm as shortcut.",
    .source = "He et al., CVPR 2016",
    .parameters = parameters,
    .settings_size = sizeof(struct resnet_settings),
    .implementation = &architecture};
