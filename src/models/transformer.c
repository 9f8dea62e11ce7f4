/* Transformers: encoders of images, signals and sequences, decoders of text.
 *
 * Between the blocks stand rows (N T, width), batch-major. A block is attention and a two-layer
 * perceptron, each added to what it was given, with normalisation before (pre) or after (post) it;
 * its arrays have the names of PyTorch's TransformerEncoderLayer. Queries, keys and values are one
 * product, and so are the heads of each (a batch of N heads). */
#include <math.h>
#include <string.h>
#include "models/layer.h"

enum positions { POSITIONS_LEARNED, POSITIONS_SINUSOIDAL, POSITIONS_ROTARY, POSITIONS_NONE };
enum readout { READOUT_MEAN, READOUT_CLS, READOUT_SEQUENCE };
enum norm_place { NORM_PRE, NORM_POST };

/* In the order of their enums; READOUT_SEQUENCE has no name. */
static const char *const position_names[] = {"learned", "sinusoidal", "rotary", "none", NULL};
static const char *const readouts[] = {"mean", "cls", NULL};
static const char *const norms[] = {"pre", "post", NULL};
static const double epsilon = 1e-5, rotary_base = 10000;

struct transformer_settings {
    struct architecture_settings common;
    int64_t width, depth, heads, patch, mlp_ratio;
    enum readout pool;
    int causal; /* SETTING_UNSET: of language models alone */
    enum positions positions;
    enum norm_place norm;
    const struct entry *activation;
    bool tied_embeddings, patch_changed, pool_changed;
};

struct transformer {
    int64_t width, depth, heads, patch, hidden, steps; /* steps: with the class token */
    bool causal, post;
    enum positions positions;
    enum readout readout;
    const struct activation *activation;
    double dropout;
    int ordinal; /* of the layer's first dropout */
};

static graph_node transformer_repeat_rows(struct graph *graph, graph_node vector, graph_node like)
{
    return graph_broadcast(graph, vector, graph_shape(graph, like), 1u << 0);
}

static graph_node dense(struct graph *graph, graph_node a, graph_node weight, graph_node bias)
{
    graph_node out = graph_matmul(graph, a, weight, false, false);
    return graph_add(graph, out, transformer_repeat_rows(graph, bias, out));
}

static graph_node transformer_norm(struct graph *graph, graph_node a, graph_node weight,
                                   graph_node bias)
{
    graph_node y = graph_normalise(graph, a, epsilon);
    return graph_add(graph, graph_multiply(graph, y, transformer_repeat_rows(graph, weight, y)),
                     transformer_repeat_rows(graph, bias, y));
}

static graph_node drop(const struct site *site, graph_node a, int which)
{
    const struct transformer *settings = site->layer->settings;
    if (settings->dropout == 0 || site->mode != MODE_TRAIN) return a;
    struct shape shape = graph_shape(site->graph, a);
    graph_node mask =
        graph_dropout_mask(site->graph, settings->dropout, settings->ordinal + which, shape);
    return graph_multiply(site->graph, a, mask);
}

/* ---- from the input to rows ---- */

struct patches {
    struct transformer settings;
    struct form form; /* what is cut into patches */
    int64_t tokens;   /* patches */
};

/* (N, H, W, C) -> (N tokens, patch patch C); a signal is cut along its length alone. */
static graph_node transformer_cut(const struct site *site, graph_node a)
{
    const struct patches *patches = site->layer->settings;
    int64_t patch = patches->settings.patch, down = patches->form.axes == 2 ? patch : 1,
            c = patches->form.channels;
    int64_t rows = patches->form.height / down, columns = patches->form.width / patch;
    struct shape apart = {.rank = 6, .dim = {site->batch, rows, down, columns, patch, c}};
    a = graph_transpose(site->graph, graph_reshape(site->graph, a, apart),
                        (const int[]){0, 1, 3, 2, 4, 5});
    return graph_reshape(site->graph, a,
                         shape_matrix(site->batch * patches->tokens, down * patch * c));
}

/* parameters: weight, bias */
static graph_node build_patches(const struct site *site, graph_node a)
{
    const struct patches *patches = site->layer->settings;
    if (patches->form.kind != FORM_SEQUENCE) a = transformer_cut(site, a);
    return dense(site->graph, a, site->parameters[0], site->parameters[1]);
}

static const struct layer_kind patches_kind = {"patches", build_patches};

/* Adds the class token and the positions. parameters: cls_token, position (where there are) */
static graph_node build_positions(const struct site *site, graph_node a)
{
    const struct transformer *settings = site->layer->settings;
    struct graph *graph = site->graph;
    const graph_node *parameter = site->parameters;
    struct shape apart = {.rank = 3, .dim = {site->batch, settings->steps, settings->width}},
                 one = apart, rest = apart;
    if (settings->readout == READOUT_CLS) {
        one.dim[1] = 1;
        rest.dim[1]--;
        graph_node token = graph_broadcast(graph, *parameter++, one, 1u << 0 | 1u << 1);
        a = graph_concatenate(graph, token, graph_reshape(graph, a, rest), 1);
    }
    a = graph_reshape(graph, a, apart);
    graph_node table = GRAPH_NONE;
    if (settings->positions == POSITIONS_LEARNED) table = *parameter;
    if (settings->positions == POSITIONS_SINUSOIDAL)
        table = graph_sinusoid(graph, settings->steps, settings->width);
    if (table != GRAPH_NONE) a = graph_add(graph, a, graph_broadcast(graph, table, apart, 1u << 0));
    return drop(
        site, graph_reshape(graph, a, shape_matrix(site->batch * settings->steps, settings->width)),
        0);
}

static const struct layer_kind positions_kind = {"positions", build_positions};

/* ---- a block ---- */

enum {
    IN_WEIGHT,
    IN_BIAS,
    OUT_WEIGHT,
    OUT_BIAS,
    FIRST_WEIGHT,
    FIRST_BIAS,
    SECOND_WEIGHT,
    SECOND_BIAS,
    NORM1_WEIGHT,
    NORM1_BIAS,
    NORM2_WEIGHT,
    NORM2_BIAS
};

static graph_node attention(const struct site *site, graph_node a)
{
    const struct transformer *settings = site->layer->settings;
    struct graph *graph = site->graph;
    int64_t n = site->batch, t = settings->steps, h = settings->heads, d = settings->width / h,
            all = n * h;
    enum triangle result = settings->causal ? TRIANGLE_RESULT : TRIANGLE_NONE,
                  left = settings->causal ? TRIANGLE_LEFT : TRIANGLE_NONE;
    graph_node qkv = dense(graph, a, site->parameters[IN_WEIGHT], site->parameters[IN_BIAS]);
    qkv = graph_reshape(graph, qkv, (struct shape){.rank = 5, .dim = {n, t, 3, h, d}});
    qkv = graph_transpose(graph, qkv, (const int[]){2, 0, 3, 1, 4});
    qkv = graph_reshape(graph, qkv, (struct shape){.rank = 3, .dim = {3 * all, t, d}});
    graph_node qk = graph_slice(graph, qkv, 0, 0, 2 * all),
               v = graph_slice(graph, qkv, 0, 2 * all, all);
    if (settings->positions == POSITIONS_ROTARY) qk = graph_rotary(graph, qk, rotary_base);
    graph_node q = graph_scale(graph, graph_slice(graph, qk, 0, 0, all), 1 / sqrt((double)d));
    graph_node scores =
        graph_batch_matmul(graph, q, graph_slice(graph, qk, 0, all, all), false, true, result);
    graph_node weights =
        settings->causal ? graph_causal_softmax(graph, scores) : graph_softmax(graph, scores);
    graph_node o = graph_batch_matmul(graph, weights, v, false, false, left);
    o = graph_transpose(graph,
                        graph_reshape(graph, o, (struct shape){.rank = 4, .dim = {n, h, t, d}}),
                        (const int[]){0, 2, 1, 3});
    o = graph_reshape(graph, o, shape_matrix(n * t, settings->width));
    return drop(site, dense(graph, o, site->parameters[OUT_WEIGHT], site->parameters[OUT_BIAS]), 0);
}

static graph_node perceptron(const struct site *site, graph_node a)
{
    const struct transformer *settings = site->layer->settings;
    graph_node h =
        dense(site->graph, a, site->parameters[FIRST_WEIGHT], site->parameters[FIRST_BIAS]);
    h = settings->activation->build(site->graph, h);
    return drop(
        site, dense(site->graph, h, site->parameters[SECOND_WEIGHT], site->parameters[SECOND_BIAS]),
        1);
}

static graph_node norm_at(const struct site *site, graph_node a, int which)
{
    return transformer_norm(site->graph, a, site->parameters[which], site->parameters[which + 1]);
}

static graph_node build_block(const struct site *site, graph_node a)
{
    const struct transformer *settings = site->layer->settings;
    if (settings->post) {
        a = norm_at(site, graph_add(site->graph, a, attention(site, a)), NORM1_WEIGHT);
        return norm_at(site, graph_add(site->graph, a, perceptron(site, a)), NORM2_WEIGHT);
    }
    a = graph_add(site->graph, a, attention(site, norm_at(site, a, NORM1_WEIGHT)));
    return graph_add(site->graph, a, perceptron(site, norm_at(site, a, NORM2_WEIGHT)));
}

static const struct layer_kind block_kind = {"transformer_block", build_block};

static basin_status declare_matrix(struct model *model, struct layer *layer, const char *weight,
                                   const char *bias, int64_t in, int64_t out)
{
    TRY(layer_parameter(model, layer,
                        &(struct parameter_form){.name = weight,
                                                 .role = ROLE_WEIGHT,
                                                 .shape = shape_matrix(in, out),
                                                 .layout = {.inner = shape_matrix(in, out),
                                                            .outer = shape_matrix(out, in),
                                                            .order = {1, 0}},
                                                 .fan_in = in,
                                                 .fan_out = out}));
    return layer_parameter(model, layer,
                           &(struct parameter_form){.name = bias,
                                                    .role = ROLE_BIAS,
                                                    .shape = shape_vector(out),
                                                    .fan_in = in,
                                                    .fan_out = out});
}

static basin_status declare_norm(struct model *model, struct layer *layer, const char *weight,
                                 const char *bias, int64_t width)
{
    TRY(layer_parameter(
        model, layer,
        &(struct parameter_form){
            .name = weight, .role = ROLE_NORMALISATION, .shape = shape_vector(width), .fill = 1}));
    return layer_parameter(model, layer,
                           &(struct parameter_form){.name = bias,
                                                    .role = ROLE_NORMALISATION,
                                                    .shape = shape_vector(width)});
}

static basin_status append_block(struct model *model, const struct transformer *settings)
{
    struct transformer own = *settings;
    struct layer *layer;
    int64_t width = own.width;
    own.ordinal = model->dropout_count;
    model->dropout_count += own.dropout > 0 ? 2 : 0;
    TRY(layer_add(model, &block_kind, sizeof own, &own, &layer));
    TRY(declare_matrix(model, layer, "self_attn.in_proj_weight", "self_attn.in_proj_bias", width,
                       3 * width));
    TRY(declare_matrix(model, layer, "self_attn.out_proj.weight", "self_attn.out_proj.bias", width,
                       width));
    TRY(declare_matrix(model, layer, "linear1.weight", "linear1.bias", width, own.hidden));
    TRY(declare_matrix(model, layer, "linear2.weight", "linear2.bias", own.hidden, width));
    TRY(declare_norm(model, layer, "norm1.weight", "norm1.bias", width));
    TRY(declare_norm(model, layer, "norm2.weight", "norm2.bias", width));
    double steps = (double)own.steps, seen = own.causal ? (steps + 1) / 2 : steps;
    layer->products = steps * (double)width * (double)(4 * width + 2 * own.hidden);
    layer->pairs = 2 * steps * seen * (double)width;
    return BASIN_OK;
}

/* ---- from rows to the head ---- */

/* parameters: weight, bias of the last norm (pre) */
static graph_node build_readout(const struct site *site, graph_node a)
{
    const struct transformer *settings = site->layer->settings;
    struct shape apart = {.rank = 3, .dim = {site->batch, settings->steps, settings->width}};
    if (!settings->post)
        a = transformer_norm(site->graph, a, site->parameters[0], site->parameters[1]);
    if (settings->readout == READOUT_SEQUENCE) return a;
    a = graph_reshape(site->graph, a, apart);
    if (settings->readout == READOUT_MEAN)
        return graph_scale(site->graph, graph_sum(site->graph, a, 1u << 1),
                           1.0 / (double)settings->steps);
    return graph_reshape(site->graph, graph_slice(site->graph, a, 1, 0, 1),
                         shape_matrix(site->batch, settings->width));
}

static const struct layer_kind readout_kind = {"readout", build_readout};

/* The table of embeddings, turned round. */
static graph_node build_tied(const struct site *site, graph_node a)
{
    return graph_matmul(site->graph, a, site->parameters[0], false, true);
}

static const struct layer_kind tied_kind = {"tied_head", build_tied};

static basin_status append_tied_head(struct model *model)
{
    struct layer *layer;
    TRY(layer_add(model, &tied_kind, 0, NULL, &layer));
    layer->parameter = model->layers[0].parameter; /* that of the embedding */
    layer->parameters = 1;
    layer->products =
        (double)layer->in.steps * (double)form_units(layer->in) * (double)model->outputs;
    layer->out = form_sequence(layer->in.steps, model->outputs);
    return BASIN_OK;
}

/* ---- the whole ---- */

static basin_status check_patch(const struct model *model, struct form form, int64_t patch)
{
    bool fits = form.width % patch == 0 && (form.axes == 1 || form.height % patch == 0);
    if (fits) return BASIN_OK;
    return layer_refuse(
        model, "patch",
        "use a number that divides both sides of an image, or the length of a signal",
        "patches of %lld do not fill %lld x %lld", (long long)patch, (long long)form.height,
        (long long)form.width);
}

static basin_status append_patches(struct model *model, struct transformer *settings)
{
    struct patches patches = {.settings = *settings, .form = model_form(model)};
    struct layer *layer;
    if (patches.form.kind == FORM_VECTOR)
        patches.form = form_map(1, 1, form_units(patches.form), 1);
    int64_t patch = settings->patch, down = patches.form.axes == 2 ? patch : 1;
    bool cut_up = patches.form.kind == FORM_MAP;
    if (cut_up) TRY(check_patch(model, patches.form, patch));
    patches.tokens =
        cut_up ? patches.form.height / down * (patches.form.width / patch) : patches.form.steps;
    int64_t features = form_size(patches.form) / patches.tokens;
    settings->steps = patches.tokens + (settings->readout == READOUT_CLS);
    TRY(layer_add(model, &patches_kind, sizeof patches, &patches, &layer));
    layer->out = form_sequence(patches.tokens, settings->width);
    layer->products = (double)patches.tokens * (double)features * (double)settings->width;
    TRY(declare_matrix(model, layer, "weight", "bias", features, settings->width));
    if (!cut_up) return BASIN_OK;
    struct layout *layout =
        &model->parameters[layer->parameter].layout; /* as the convolution that it is */
    int64_t c = patches.form.channels, width = settings->width;
    if (patches.form.axes == 2)
        *layout = (struct layout){.inner = {.rank = 4, .dim = {patch, patch, c, width}},
                                  .outer = {.rank = 4, .dim = {width, c, patch, patch}},
                                  .order = {3, 2, 0, 1}};
    else
        *layout = (struct layout){.inner = {.rank = 3, .dim = {patch, c, width}},
                                  .outer = {.rank = 3, .dim = {width, c, patch}},
                                  .order = {2, 1, 0}};
    return BASIN_OK;
}

static basin_status append_positions(struct model *model, const struct transformer *settings)
{
    struct transformer own = *settings;
    struct layer *layer;
    own.ordinal = model->dropout_count;
    model->dropout_count += own.dropout > 0;
    TRY(layer_add(model, &positions_kind, sizeof own, &own, &layer));
    layer->out = form_sequence(own.steps, own.width);
    if (own.readout == READOUT_CLS)
        TRY(layer_parameter(model, layer,
                            &(struct parameter_form){
                                .name = "cls_token",
                                .role = ROLE_WEIGHT, /* zeros would make the first norm singular */
                                .shape = shape_vector(own.width),
                                .fan_in = own.width,
                                .fan_out = own.width}));
    if (own.positions != POSITIONS_LEARNED) return BASIN_OK;
    return layer_parameter(model, layer,
                           &(struct parameter_form){.name = "position",
                                                    .role = ROLE_WEIGHT,
                                                    .shape = shape_matrix(own.steps, own.width),
                                                    .fan_in = own.width,
                                                    .fan_out = own.width});
}

static basin_status append_readout(struct model *model, const struct transformer *settings)
{
    struct layer *layer;
    TRY(layer_add(model, &readout_kind, sizeof *settings, (void *)settings, &layer));
    layer->out = settings->readout == READOUT_SEQUENCE
                     ? form_sequence(settings->steps, settings->width)
                     : form_vector(settings->width);
    return settings->post ? BASIN_OK
                          : declare_norm(model, layer, "weight", "bias", settings->width);
}

static basin_status check_heads(const struct model *model, const struct transformer *settings)
{
    long long width = settings->width, heads = settings->heads;
    if (width % heads)
        return layer_refuse(model, "heads", "use a number that divides the width",
                            "%lld heads do not divide a width of %lld", heads, width);
    if (settings->positions == POSITIONS_ROTARY && width / heads % 2)
        return layer_refuse(model, "heads", "use heads of an even width, or other positions",
                            "rotary positions turn pairs, and a head of width %lld has an odd one",
                            width / heads);
    return BASIN_OK;
}

static basin_status check_meaning(const struct model *model,
                                  const struct transformer_settings *settings)
{
    bool language = model->vocabulary > 0;
    if (!language && settings->causal == true && settings->pool == READOUT_CLS)
        return layer_refuse(
            model, "pool", "use pool: mean, or causal: false",
            "a class token stands first, and with causal: true it would see nothing but itself");
    if (!language && settings->tied_embeddings)
        return layer_refuse(model, "tied_embeddings", "leave it out",
                            "tied_embeddings needs a language model: only there do inputs and "
                            "outputs share a vocabulary");
    if (language && settings->patch_changed)
        return layer_refuse(model, "patch", "leave it out",
                            "patch has no meaning for text, whose tokens are the steps");
    if (language && settings->pool_changed)
        return layer_refuse(
            model, "pool", "leave it out",
            "pool has no meaning for a language model: every position goes to the head");
    if (language && settings->causal == false)
        return layer_refuse(model, "causal", "leave it out",
                            "a language model must not see what it predicts");
    return BASIN_OK;
}

static basin_status transformer_expand(struct model *model, const void *own)
{
    const struct transformer_settings *given = own;
    bool language = model->vocabulary > 0;
    struct transformer settings = {
        .width = given->width,
        .depth = given->depth,
        .heads = given->heads,
        .patch = given->patch,
        .hidden = given->width * given->mlp_ratio,
        .causal = given->causal == SETTING_UNSET ? language : given->causal,
        .post = given->norm == NORM_POST,
        .positions = given->positions,
        .readout = language ? READOUT_SEQUENCE : given->pool,
        .activation = given->activation->implementation,
        .dropout = model->dropout,
        .steps = model->features,
    };
    TRY(check_heads(model, &settings));
    TRY(check_meaning(model, given));
    if (language)
        TRY(layer_embedding(model, settings.width));
    else
        TRY(append_patches(model, &settings));
    TRY(append_positions(model, &settings));
    for (int64_t i = 0; i < settings.depth; i++) TRY(append_block(model, &settings));
    TRY(append_readout(model, &settings));
    if (!language) return layer_head(model, true);
    return given->tied_embeddings ? append_tied_head(model)
                                  : layer_dense(model, model->outputs, true);
}

#define FIELD(member) SETTING(struct transformer_settings, member)

static const struct schema_row parameters[] = {
    {.key = "width",
     FIELD(width),
     .type = SCHEMA_INTEGER,
     .unit = "units",
     .minimum = 1,
     .maximum = 1 << 16,
     .fallback = "64",
     .doc = "Width of the token vectors between blocks.",
     .aliases =
         (const char *const[]){"d_model", "dim", "embed_dim", "hidden", "hidden_size", NULL}},
    {.key = "depth",
     FIELD(depth),
     .type = SCHEMA_INTEGER,
     .minimum = 1,
     .maximum = 1024,
     .fallback = "2",
     .doc = "Blocks.",
     .aliases = (const char *const[]){"layers", "num_layers", "blocks", NULL}},
    {.key = "heads",
     FIELD(heads),
     .type = SCHEMA_INTEGER,
     .minimum = 1,
     .maximum = 1 << 10,
     .fallback = "4",
     .doc = "Heads of attention; they must divide the width.",
     .aliases = (const char *const[]){"num_heads", "nhead", NULL}},
    {.key = "patch",
     FIELD(patch),
     SETTING_CHANGED(struct transformer_settings, patch_changed),
     .type = SCHEMA_INTEGER,
     .minimum = 1,
     .maximum = 1 << 10,
     .fallback = "7",
     .doc = "Side of the image patch, or number of points of a signal, that makes a token.",
     .source = "Dosovitskiy et al., ICLR 2021",
     .aliases = (const char *const[]){"patch_size", NULL}},
    {.key = "pool",
     FIELD(pool),
     SETTING_CHANGED(struct transformer_settings, pool_changed),
     .type = SCHEMA_CHOICE,
     .choices = readouts,
     .fallback = "mean",
     .doc = "What the head reads: the mean over the tokens, or a class token."},
    {.key = "causal",
     FIELD(causal),
     .type = SCHEMA_BOOLEAN,
     .flags = SCHEMA_OPTIONAL,
     .doc =
         "No token attends to a later one. Always so in language models, in others only if set."},
    {.key = "positions",
     FIELD(positions),
     .type = SCHEMA_CHOICE,
     .choices = position_names,
     .fallback = "learned",
     .doc = "A trained table, sines and cosines (Vaswani et al. 2017), rotated queries and keys "
            "(Su et al. 2021; element j of a head with j + "
            "half its width), or none."},
    {.key = "norm",
     FIELD(norm),
     .type = SCHEMA_CHOICE,
     .choices = norms,
     .fallback = "pre",
     .doc = "pre: layer norm before the attention and feed-forward layers (and after the last "
            "block); post: after their residual sums.",
     .source = "Xiong et al., ICML 2020"},
    {.key = "mlp_ratio",
     FIELD(mlp_ratio),
     .type = SCHEMA_INTEGER,
     .minimum = 1,
     .maximum = 64,
     .fallback = "4",
     .doc = "Hidden width of the feed-forward layers, as a multiple of width."},
    {ACTIVATION_ROW(struct transformer_settings, "Activation of the feed-forward layers."),
     .fallback = "gelu"},
    {.key = "tied_embeddings",
     FIELD(tied_embeddings),
     .type = SCHEMA_BOOLEAN,
     .fallback = "false",
     .doc = "Language models only: the embedding table is also the head.",
     .source = "Press and Wolf, EACL 2017"},
    INITIALIZER_ROW(struct transformer_settings, "xavier"),
    {0}};

static const struct architecture transformer_architecture = {transformer_expand, .tokens = true};

const struct entry transformer_entry = {
    .name = "transformer",
    .doc = "Blocks of attention and feed-forward layers: an encoder of patches of images or "
           "signals, or a causal decoder of text. Dropout acts on the embeddings and on the output "
           "of every attention and feed-forward layer.",
    .source = "Vaswani et al., NeurIPS 2017",
    .parameters = parameters,
    .settings_size = sizeof(struct transformer_settings),
    .implementation = &transformer_architecture};
