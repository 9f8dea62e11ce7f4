/* Layers on images and signals: convolution and pooling. */
#include <string.h>
#include "models/layer.h"

static const char *const axis_names[] = {"height", "width"};

/* Positions of a window along one axis; 0 or less: it does not fit. */
static int64_t positions(const struct window *window, int axis, int64_t size)
{
    int64_t reach = window->dilation[axis] * (window->kernel[axis] - 1) + 1,
            room = size + 2 * window->padding[axis];
    return room < reach ? 0 : (room - reach) / window->stride[axis] + 1;
}

/* A signal has height 1: along it a window is 1 wide. */
static void window_settle(struct window *window, struct form form)
{
    if (form.axes == 2) return;
    window->kernel[0] = window->stride[0] = window->dilation[0] = 1;
    window->padding[0] = 0;
}

static basin_status refuse_reach(const struct model *model, const char *who,
                                 const struct window *window, int axis, int64_t room)
{
    int64_t kernel = window->kernel[axis], reach = window->dilation[axis] * (kernel - 1) + 1;
    bool dilated = kernel <= room;
    return layer_refuse(
        model, dilated ? "dilation" : "kernel",
        dilated ? "use a smaller dilation or kernel, more padding or fewer strides before it"
                : "use a smaller kernel, more padding or fewer strides before it",
        "the kernel of %s reaches over %lld%s, more than the %s of %lld with its padding", who,
        (long long)reach, dilated ? " with its dilation" : "", axis_names[axis], (long long)room);
}

static basin_status check_fit(const struct model *model, const char *who,
                              const struct window *window, struct form in, struct form *out)
{
    int64_t sizes[] = {in.height, in.width};
    for (int axis = 0; axis < 2; axis++)
        if (positions(window, axis, sizes[axis]) < 1)
            return refuse_reach(model, who, window, axis, sizes[axis] + 2 * window->padding[axis]);
    *out = form_map(in.axes, positions(window, 0, in.height), positions(window, 1, in.width),
                    in.channels);
    return BASIN_OK;
}

static graph_node build_convolution(const struct site *site, graph_node a)
{
    graph_node out = graph_convolution(site->graph, a, site->parameters[0], site->layer->settings);
    if (site->layer->parameters == 1) return out;
    struct shape shape = graph_shape(site->graph, out);
    return graph_add(
        site->graph, out,
        graph_broadcast(site->graph, site->parameters[1], shape, 1u << 0 | 1u << 1 | 1u << 2));
}

static const struct layer_kind convolution_kind = {"conv", build_convolution, UNITS_MIXED};

/* (KH, KW, C / groups, O) inside; (O, C / groups, KH, KW) outside, (O, C / groups, K) for a signal.
 */
static struct layout layout_convolution(struct shape inner, int axes)
{
    struct shape outer = {.rank = 2 + axes, .dim = {inner.dim[3], inner.dim[2]}};
    for (int axis = 0; axis < axes; axis++) outer.dim[2 + axis] = inner.dim[2 - axes + axis];
    return (struct layout){.inner = inner, .outer = outer, .order = {3, 2, 0, 1}};
}

static basin_status settle_padding(const struct model *model, struct window *window)
{
    for (int axis = 0; axis < 2; axis++) {
        if (window->padding[axis] != PADDING_SAME) continue;
        int64_t all = window->dilation[axis] * (window->kernel[axis] - 1);
        if (all % 2)
            return layer_refuse(model, "kernel", "use an odd kernel, or say how much padding",
                                "padding: same needs the same padding on both sides, which a "
                                "kernel of %lld does not have",
                                (long long)window->kernel[axis]);
        window->padding[axis] = all / 2;
    }
    return BASIN_OK;
}

/* What stands at the cursor, for a window that slides over it. */
static basin_status take_map(const struct model *model, const char *who, struct form *form)
{
    TRY(layer_keep_order(model, who));
    return form_as_map(model, who, form);
}

basin_status layer_convolution(struct model *model, const struct convolution *convolution)
{
    struct window window = convolution->window;
    struct form in, out;
    struct layer *layer;
    int64_t channels = convolution->channels;
    TRY(take_map(model, "conv", &in));
    window_settle(&window, in);
    TRY(settle_padding(model, &window));
    if (in.channels % window.groups || channels % window.groups)
        return layer_refuse(model, "groups", "use a number that divides both",
                            "%lld groups do not divide %lld channels into %lld",
                            (long long)window.groups, (long long)in.channels, (long long)channels);
    TRY(check_fit(model, "conv", &window, in, &out));
    out.channels = channels;
    TRY(layer_add(model, &convolution_kind, sizeof window, &window, &layer));
    layer->in = in;
    layer->out = out;
    int64_t taps = window.kernel[0] * window.kernel[1], deep = in.channels / window.groups;
    layer->products = (double)(out.height * out.width * channels) * (double)(taps * deep);
    struct shape shape = {.rank = 4, .dim = {window.kernel[0], window.kernel[1], deep, channels}};
    struct parameter_form form = {.name = "weight",
                                  .role = ROLE_WEIGHT,
                                  .shape = shape,
                                  .layout = layout_convolution(shape, in.axes),
                                  .fan_in = taps * deep,
                                  .fan_out = taps * channels,
                                  .former_out = taps * channels / window.groups};
    TRY(layer_parameter(model, layer, &form));
    if (!convolution->bias) return BASIN_OK;
    form.name = "bias";
    form.role = ROLE_BIAS;
    form.shape = shape_vector(channels);
    form.layout = (struct layout){0};
    return layer_parameter(model, layer, &form);
}

static graph_node build_max_pool(const struct site *site, graph_node a)
{
    return graph_max_pool(site->graph, a, site->layer->settings);
}

static graph_node build_average_pool(const struct site *site, graph_node a)
{
    return graph_average_pool(site->graph, a, site->layer->settings);
}

static const struct layer_kind pool_kinds[] = {
    [POOLING_MAX] = {"max_pool", build_max_pool, UNITS_KEPT},
    [POOLING_AVERAGE] = {"average_pool", build_average_pool, UNITS_KEPT}};

basin_status layer_pool(struct model *model, enum pooling pooling, const struct window *wanted)
{
    struct window window = *wanted;
    struct form in, out;
    struct layer *layer;
    const char *who = pool_kinds[pooling].name;
    TRY(take_map(model, who, &in));
    window_settle(&window, in);
    for (int axis = 0; axis < 2; axis++)
        if (2 * window.padding[axis] > window.kernel[axis])
            return layer_refuse(model, "padding", "use at most half of the kernel",
                                "a padding of %lld is more than half of the kernel of %lld",
                                (long long)window.padding[axis], (long long)window.kernel[axis]);
    TRY(check_fit(model, who, &window, in, &out));
    TRY(layer_add(model, &pool_kinds[pooling], sizeof window, &window, &layer));
    layer->in = in;
    layer->out = out;
    return BASIN_OK;
}

/* (N, H, W, C) -> (N, C), or (N T, F) -> (N, F) */
static graph_node build_global_average(const struct site *site, graph_node a)
{
    struct form in = site->layer->in;
    return graph_scale(site->graph, graph_sum(site->graph, a, 1u << 1 | 1u << 2),
                       1.0 / (double)(in.height * in.width));
}

static graph_node build_global_max(const struct site *site, graph_node a)
{
    struct form in = site->layer->in;
    struct window window = {{in.height, in.width}, {1, 1}, {0, 0}, {1, 1}, 1};
    graph_node most = graph_max_pool(site->graph, a, &window);
    return graph_reshape(site->graph, most, shape_matrix(site->batch, in.channels));
}

static const struct layer_kind global_kinds[] = {
    [POOLING_MAX] = {"global_max_pool", build_global_max, UNITS_KEPT},
    [POOLING_AVERAGE] = {"global_average_pool", build_global_average, UNITS_KEPT}};

basin_status layer_global_pool(struct model *model, enum pooling pooling)
{
    struct form in;
    struct layer *layer;
    TRY(take_map(model, global_kinds[pooling].name, &in));
    TRY(layer_add(model, &global_kinds[pooling], 0, NULL, &layer));
    layer->in = in;
    layer->out = form_vector(in.channels);
    return BASIN_OK;
}

/* ---- in a list ---- */

static const char *const paddings[] = {"same", NULL};

struct conv_settings {
    int64_t channels, groups;
    struct setting_pair kernel, stride, padding, dilation;
    bool bias;
};

struct pool_settings {
    struct setting_pair kernel, stride, padding;
};

#define PAIR(structure, member, low)                                                               \
    .key = #member, SETTING(structure, member), .type = SCHEMA_PAIR, .minimum = low,               \
    .maximum = 1 << 16

static const char *const kernel_aliases[] = {"kernel_size", NULL};
static const char *const pool_aliases[] = {"kernel_size", "size", NULL};
static const char *const stride_aliases[] = {"strides", NULL};
static const char *const padding_aliases[] = {"pad", NULL};

static const struct schema_row conv_parameters[] = {
    {.key = "channels",
     SETTING(struct conv_settings, channels),
     .type = SCHEMA_INTEGER,
     .minimum = 1,
     .maximum = 1 << 16,
     .flags = SCHEMA_REQUIRED,
     .doc = "Output channels.",
     .aliases = (const char *const[]){"filters", "out_channels", NULL}},
    {PAIR(struct conv_settings, kernel, 1), .fallback = "3", .doc = "Size of the window.",
     .aliases = kernel_aliases},
    {PAIR(struct conv_settings, stride, 1), .fallback = "1", .doc = "Step of the window.",
     .aliases = stride_aliases},
    {PAIR(struct conv_settings, padding, 0), .choices = paddings, .fallback = "0",
     .doc = "Zeros on both sides; same: dilation (kernel - 1) / 2.", .aliases = padding_aliases},
    {PAIR(struct conv_settings, dilation, 1), .fallback = "1",
     .doc = "Distance between the taps of the window."},
    {.key = "groups",
     SETTING(struct conv_settings, groups),
     .type = SCHEMA_INTEGER,
     .minimum = 1,
     .maximum = 1 << 16,
     .fallback = "1",
     .doc = "Groups of channels that are convolved separately; they must divide the input and "
            "output channels."},
    {.key = "bias",
     SETTING(struct conv_settings, bias),
     .type = SCHEMA_BOOLEAN,
     .fallback = "true",
     .doc = "Add a bias to every channel."},
    {0}};

static const struct schema_row pool_parameters[] = {
    {PAIR(struct pool_settings, kernel, 1), .fallback = "2", .doc = "Size of the window.",
     .aliases = pool_aliases},
    {PAIR(struct pool_settings, stride, 1), .flags = SCHEMA_OPTIONAL,
     .doc = "Step of the window; if absent, the kernel.", .aliases = stride_aliases},
    {PAIR(struct pool_settings, padding, 0), .fallback = "0",
     .doc = "On both sides: never chosen by a maximum, zeros that count for an average."},
    {0}};

static void take_pair(const struct setting_pair *pair, int64_t out[2])
{
    bool is_same = pair->word != SETTING_UNSET;
    out[0] = is_same ? PADDING_SAME : pair->first;
    out[1] = is_same ? PADDING_SAME : pair->second;
}

struct keyed_pair {
    const char *key;
    const struct setting_pair *pair;
};

/* Refuses two numbers where a signal has one axis. `pairs` end with a key NULL. */
static basin_status check_pairs(const struct model *model, const char *who,
                                const struct keyed_pair *pairs)
{
    struct form form;
    TRY(take_map(model, who, &form));
    for (; form.axes == 1 && pairs->key; pairs++)
        if (pairs->pair->first != pairs->pair->second)
            return layer_refuse(model, pairs->key, "write one number",
                                "[height, width] is for images, but what comes here is a signal");
    return BASIN_OK;
}

static basin_status append_conv(struct model *model, const void *own)
{
    const struct conv_settings *settings = own;
    struct convolution convolution = {.channels = settings->channels, .bias = settings->bias};
    struct window *window = &convolution.window;
    TRY(check_pairs(model, "conv",
                    (const struct keyed_pair[]){{"kernel", &settings->kernel},
                                                {"stride", &settings->stride},
                                                {"padding", &settings->padding},
                                                {"dilation", &settings->dilation},
                                                {0}}));
    take_pair(&settings->kernel, window->kernel);
    take_pair(&settings->stride, window->stride);
    take_pair(&settings->padding, window->padding);
    take_pair(&settings->dilation, window->dilation);
    window->groups = settings->groups;
    return layer_convolution(model, &convolution);
}

static basin_status append_pool(struct model *model, enum pooling pooling,
                                const struct pool_settings *settings)
{
    struct window window = {.dilation = {1, 1}, .groups = 1};
    bool has_stride = settings->stride.first != SETTING_ABSENT;
    TRY(check_pairs(model, pool_kinds[pooling].name,
                    (const struct keyed_pair[]){{"kernel", &settings->kernel},
                                                {"stride", &settings->stride},
                                                {"padding", &settings->padding},
                                                {0}}));
    take_pair(&settings->kernel, window.kernel);
    take_pair(has_stride ? &settings->stride : &settings->kernel, window.stride);
    take_pair(&settings->padding, window.padding);
    return layer_pool(model, pooling, &window);
}

static basin_status append_max_pool(struct model *model, const void *settings)
{
    return append_pool(model, POOLING_MAX, settings);
}

static basin_status append_average_pool(struct model *model, const void *settings)
{
    return append_pool(model, POOLING_AVERAGE, settings);
}

static basin_status append_global_max(struct model *model, const void *settings)
{
    (void)settings;
    return layer_global_pool(model, POOLING_MAX);
}

static basin_status append_global_average(struct model *model, const void *settings)
{
    (void)settings;
    return layer_global_pool(model, POOLING_AVERAGE);
}

static const struct layer_definition conv_definition = {append_conv},
                                     max_pool_definition = {append_max_pool},
                                     average_pool_definition = {append_average_pool},
                                     global_max_definition = {append_global_max},
                                     global_average_definition = {append_global_average};

const struct entry conv_entry = {.name = "conv",
                                 .aliases =
                                     (const char *const[]){"convolution", "conv1d", "conv2d", NULL},
                                 .doc = "Convolution of an image, a signal or a sequence.",
                                 .source = "LeCun et al., 1989",
                                 .parameters = conv_parameters,
                                 .settings_size = sizeof(struct conv_settings),
                                 .implementation = &conv_definition};
const struct entry max_pool_entry = {.name = "max_pool",
                                     .doc =
                                         "Largest element of every window; the first one in a tie.",
                                     .parameters = pool_parameters,
                                     .settings_size = sizeof(struct pool_settings),
                                     .implementation = &max_pool_definition};
const struct entry average_pool_entry = {.name = "average_pool",
                                         .aliases =
                                             (const char *const[]){"avg_pool", "mean_pool", NULL},
                                         .doc = "Mean of every window.",
                                         .parameters = pool_parameters,
                                         .settings_size = sizeof(struct pool_settings),
                                         .implementation = &average_pool_definition};
const struct entry global_max_pool_entry = {
    .name = "global_max_pool",
    .doc = "Largest element of every channel: an image, signal or sequence becomes a vector.",
    .implementation = &global_max_definition};
const struct entry global_average_pool_entry = {
    .name = "global_average_pool",
    .aliases = (const char *const[]){"global_avg_pool", "adaptive_average_pool", NULL},
    .doc = "Mean of every channel: an image, signal or sequence becomes a vector.",
    .source = "Lin et al., ICLR 2014",
    .implementation = &global_average_definition};
