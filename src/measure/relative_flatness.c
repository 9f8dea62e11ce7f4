/* relative_flatness: the trace of a layer's Hessian, weighted by the inner products of its neurons'
 * weights, which rescaling the layers does not change.
 *
 * With the weights of a layer as a matrix W (neurons, inputs), the measure is the trace of
 * (W W' (x) I) H, H the layer's diagonal block of the Hessian. With W W' = S S' it is the mean of
 * v'Hv over v = S Z, Z (neurons, inputs) of random signs (Hutchinson), and exactly the sum over all
 * Z with a single 1. */
#include <math.h>
#include <string.h>
#include "base/random.h"
#include "kernels/lapack.h"
#include "measure/measure.h"

enum { TOGETHER = 8 }; /* vectors that share one pass over the batches */

#define PAPER "Petzka et al., NeurIPS 2021, definition 3"
#define WHAT                                                                                       \
    "sum over neurons s, s' of <w_s, w_s'> tr(H_ss'), w_s the weights into neuron s, H_ss' the "   \
    "block of the Hessian of the mean training loss by w_s and w_s'; `examples` examples, batch "  \
    "normalisation in eval mode unless the options say mode: train, no regulariser, biases not "   \
    "among the weights"

static const struct quantity quantities[] = {
    {"relative_flatness", "1", "relative flatness of the last weight array (small values are flat)",
     WHAT, PAPER},
    {"relative_flatness_stderr", "1",
     "standard error of relative_flatness (0 for the exact method)",
     "standard deviation of v'Hv over the probes / sqrt(probes)", PAPER},
    {0}};
static const struct quantity index_quantity = {"index", "1", "ordinal of the weight array", NULL,
                                               NULL};
static const struct quantity part_quantity = {"flatness", "1",
                                              "relative flatness of one weight array", WHAT, PAPER};
static const struct quantity error_quantity = {"flatness_errors", "1", "standard error of flatness",
                                               NULL, PAPER};
static const struct quantity *const arrays[] = {&index_quantity, &part_quantity, &error_quantity,
                                                NULL};

static const char *const methods[] = {"hutchinson", "exact", NULL};
static const char *const layer_choices[] = {"last", "all", NULL};

struct flatness_settings {
    struct measure_common common;
    int exact, all; /* as in methods and layer_choices */
    int64_t probes;
};

static const struct schema_row parameters[] = {
    {.key = "layers",
     SETTING(struct flatness_settings, all),
     .type = SCHEMA_CHOICE,
     .choices = layer_choices,
     .fallback = "last",
     .doc = "last: the last weight array, which is the one of the paper; all: every array of "
            "weights with rows of inputs (convolutions: channels by taps; of a token embedding a "
            "row is the vector of a token), at the price of more noise in each. "
            "relative_flatness is that of the last one in any case."},
    {.key = "method",
     SETTING(struct flatness_settings, exact),
     .type = SCHEMA_CHOICE,
     .choices = methods,
     .fallback = "hutchinson",
     .doc = "hutchinson: mean of v'Hv over random v; exact: one product per weight, for small "
            "layers."},
    {.key = "probes",
     SETTING(struct flatness_settings, probes),
     .type = SCHEMA_INTEGER,
     .unit = "probes",
     .minimum = 2,
     .maximum = 1e6,
     .fallback = "64",
     .doc = "Random vectors of the method hutchinson.",
     .aliases = (const char *const[]){"samples", "n_probes", NULL}},
    MEASURE_EXAMPLES_ROW,
    MEASURE_MODE_ROW,
    MEASURE_EVERY_ROW,
    {0}};

/* The check sees the parameters of the whole network only: at most these are in a layer. */
static basin_status relative_flatness_check(const void *settings, const struct data_info *info,
                                            int64_t count)
{
    (void)info;
    enum { MOST_EXACT = 100000 };
    if (!((const struct flatness_settings *)settings)->exact || count <= MOST_EXACT)
        return BASIN_OK;
    error_raise(BASIN_SPEC,
                "relative_flatness.method is exact, but the network has %lld parameters",
                (long long)count);
    error_hint("the exact method takes a product a weight; use method: hutchinson above %d "
               "parameters",
               MOST_EXACT);
    error_key("method");
    return BASIN_SPEC;
}

/* ---- a layer as a matrix ---- */

struct flat_layer {
    const struct model_parameter *parameter;
    size_t rows, columns;
    double *root;       /* S (rows, rows) */
    double sum, square; /* of v'Hv */
};

static bool has_rows(const struct model_parameter *parameter)
{
    return parameter->role == ROLE_WEIGHT && parameter->shape.rank >= 2;
}

/* The last array of weights with rows; -1: there is none. */
static int last_layer(const struct model *model)
{
    int last = model_parameter_count(model) - 1;
    while (last >= 0 && !has_rows(model_parameter(model, last))) last--;
    return last;
}

/* Where element i stands in a file: its row is a neuron. */
static size_t flat_place(const struct model_parameter *parameter, size_t i)
{
    const struct layout *layout = &parameter->layout;
    size_t at[GRAPH_RANK], place = 0;
    if (layout->inner.rank == 0) return i;
    for (int axis = layout->inner.rank - 1; axis >= 0; axis--) {
        at[axis] = i % (size_t)layout->inner.dim[axis];
        i /= (size_t)layout->inner.dim[axis];
    }
    for (int axis = 0; axis < layout->inner.rank; axis++)
        place = place * (size_t)layout->inner.dim[layout->order[axis]] + at[layout->order[axis]];
    return place;
}

static double flat_weight(const struct measure_site *site, int64_t i)
{
    return site->precision == PRECISION_FLOAT64 ? ((const double *)site->w)[i]
                                                : (double)((const float *)site->w)[i];
}

/* W W' = U diag(l) U': S = U diag(sqrt l). */
static basin_status layer_root(const struct measure_site *site, struct flat_layer *layer)
{
    size_t n = layer->rows, columns = layer->columns;
    double *w = memory_allocate((n * columns + 2 * n * n + n) * sizeof *w);
    if (!w) return BASIN_MEMORY;
    double *gram = w + n * columns, *vectors = gram + n * n, *values = vectors + n * n;
    for (size_t i = 0; i < n * columns; i++)
        w[flat_place(layer->parameter, i)] =
            flat_weight(site, layer->parameter->offset + (int64_t)i);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t k = 0; k < columns; k++) sum += w[i * columns + k] * w[j * columns + k];
            gram[i * n + j] = gram[j * n + i] = sum;
        }
    basin_status status = lapack_symmetric_eigen((int)n, gram, values, vectors);
    for (size_t i = 0; i < n && status == BASIN_OK; i++)
        for (size_t k = 0; k < n; k++)
            layer->root[i * n + k] = vectors[k * n + i] * sqrt(fmax(values[k], 0));
    memory_free(w);
    return status;
}

static basin_status layer_open(const struct measure_site *site, int index, struct flat_layer *layer)
{
    const struct model_parameter *parameter = model_parameter(site->model, index);
    struct shape outer = model_outer_shape(parameter->shape, &parameter->layout);
    *layer = (struct flat_layer){.parameter = parameter, .rows = (size_t)outer.dim[0]};
    layer->columns = (size_t)parameter->size / layer->rows;
    layer->root = memory_allocate(layer->rows * layer->rows * sizeof *layer->root);
    return layer->root ? layer_root(site, layer) : BASIN_MEMORY;
}

/* ---- probes ---- */

struct flatness {
    const struct measure_site *site;
    size_t size, count, probes;
    struct flat_layer *layers;  /* (count): the last is the one of the scalar */
    double *vectors, *products; /* (TOGETHER, P) */
    double *signs;              /* (P): Z of one probe */
    bool exact;
};

/* v = S Z in one layer */
static void layer_vector(const struct flat_layer *layer, const double *z, double *v)
{
    size_t n = layer->rows, columns = layer->columns, size = n * columns;
    for (size_t i = 0; i < size; i++) {
        size_t place = flat_place(layer->parameter, i), row = place / columns,
               column = place % columns;
        double sum = 0;
        for (size_t k = 0; k < n; k++) sum += layer->root[row * n + k] * z[k * columns + column];
        v[i] = sum;
    }
}

/* Random signs in all layers; or a single 1, which goes through the layers one after another. */
static void flatness_fill(const struct flatness *flatness, size_t probe, double *v)
{
    struct random random = random_make(flatness->site->seed, STREAM_PERTURB, (uint32_t)probe, 0);
    memset(v, 0, flatness->size * sizeof *v);
    if (!flatness->exact) random_fill_sign(&random, flatness->signs, flatness->size);
    size_t first = 0;
    for (size_t k = 0; k < flatness->count; k++) {
        const struct flat_layer *layer = &flatness->layers[k];
        size_t offset = (size_t)layer->parameter->offset, size = layer->rows * layer->columns;
        double *z = flatness->signs + offset;
        bool here = !flatness->exact || (probe >= first && probe < first + size);
        if (flatness->exact && here) {
            memset(z, 0, size * sizeof *z);
            z[probe - first] = 1;
        }
        if (here) layer_vector(layer, z, v + offset);
        first += size;
    }
}

static void flatness_add(struct flatness *flatness, const double *v, const double *product)
{
    for (size_t k = 0; k < flatness->count; k++) {
        struct flat_layer *layer = &flatness->layers[k];
        double sum = 0;
        for (int64_t i = layer->parameter->offset;
             i < layer->parameter->offset + layer->parameter->size; i++)
            sum += v[i] * product[i];
        layer->sum += sum;
        layer->square += sum * sum;
    }
}

static basin_status flatness_take(struct flatness *flatness)
{
    const struct measure_site *site = flatness->site;
    struct objective_where where = measure_where(site);
    for (size_t first = 0; first < flatness->probes; first += TOGETHER) {
        size_t left = flatness->probes - first, count = left < TOGETHER ? left : TOGETHER,
               size = flatness->size;
        for (size_t j = 0; j < count; j++)
            flatness_fill(flatness, first + j, flatness->vectors + j * size);
        TRY(objective_product(site->objective, &where, site->w, OBJECTIVE_HESSIAN,
                              flatness->vectors, count, flatness->products));
        for (size_t j = 0; j < count; j++)
            flatness_add(flatness, flatness->vectors + j * size, flatness->products + j * size);
    }
    return BASIN_OK;
}

/* ---- results ---- */

static double flatness_value(const struct flatness *flatness, size_t k)
{
    const struct flat_layer *layer = &flatness->layers[k];
    return flatness->exact ? layer->sum : layer->sum / (double)flatness->probes;
}

static double flatness_error(const struct flatness *flatness, size_t k)
{
    double n = (double)flatness->probes, mean = flatness->layers[k].sum / n;
    if (flatness->exact) return 0;
    return sqrt(fmax(0, flatness->layers[k].square / n - mean * mean) / (n - 1));
}

static basin_status flatness_scalars(const struct flatness *flatness)
{
    const struct measure_site *site = flatness->site;
    const char *reason = "a Hessian-vector product is not finite";
    double value = flatness_value(flatness, flatness->count - 1),
           error = flatness_error(flatness, flatness->count - 1);
    TRY(measure_note(site, "examples", (double)measure_examples(site)));
    TRY(measure_note(site, "probes", (double)flatness->probes));
    TRY(measure_note(site, "exact", flatness->exact));
    TRY(measure_scalar(site, &quantities[0], isfinite(value) ? value : NAN, reason));
    return measure_scalar(site, &quantities[1], isfinite(error) ? error : NAN, reason);
}

static basin_status flatness_record(const struct flatness *flatness)
{
    const struct measure_site *site = flatness->site;
    size_t count = flatness->count;
    TRY(flatness_scalars(flatness));
    double *values = memory_allocate(count * (3 * sizeof *values + sizeof(char *)));
    if (!values) return BASIN_MEMORY;
    const char **names = (const char **)(values + 3 * count);
    for (size_t k = 0; k < count; k++) {
        values[k] = (double)k;
        values[count + k] = flatness_value(flatness, k);
        values[2 * count + k] = flatness_error(flatness, k);
        names[k] = flatness->layers[k].parameter->name;
    }
    basin_status status = measure_array(site, &index_quantity, "index", count, values);
    if (status == BASIN_OK)
        status = measure_array(site, &part_quantity, "index", count, values + count);
    if (status == BASIN_OK)
        status = measure_array(site, &error_quantity, "index", count, values + 2 * count);
    if (status == BASIN_OK) status = measure_names(site, "names", "index", count, names);
    memory_free(values);
    return status;
}

/* ---- the measure ---- */

static bool flatness_takes(const struct measure_site *site, int index)
{
    const struct flatness_settings *settings = site->settings;
    int last = last_layer(site->model);
    return settings->all ? index <= last && has_rows(model_parameter(site->model, index))
                         : index == last;
}

static basin_status flatness_open(struct flatness *flatness)
{
    const struct measure_site *site = flatness->site;
    int parts = model_parameter_count(site->model);
    flatness->layers = memory_allocate((size_t)parts * sizeof *flatness->layers);
    flatness->vectors = memory_allocate((2 * TOGETHER + 1) * flatness->size * sizeof(double));
    if (!flatness->layers || !flatness->vectors) return BASIN_MEMORY;
    flatness->products = flatness->vectors + TOGETHER * flatness->size;
    flatness->signs = flatness->products + TOGETHER * flatness->size;
    size_t weights = 0;
    for (int j = 0; j < parts; j++) {
        if (!flatness_takes(site, j)) continue;
        TRY(layer_open(site, j, &flatness->layers[flatness->count++]));
        weights += (size_t)model_parameter(site->model, j)->size;
    }
    if (flatness->exact) flatness->probes = weights;
    return BASIN_OK;
}

static basin_status flatness_run(const struct measure_site *site)
{
    const struct flatness_settings *settings = site->settings;
    struct flatness flatness = {.site = site,
                                .size = (size_t)model_size(site->model),
                                .probes = (size_t)settings->probes,
                                .exact = settings->exact};
    basin_status status = flatness_open(&flatness);
    if (status == BASIN_OK) status = measure_note_batch(site, OBJECTIVE_HESSIAN);
    if (status == BASIN_OK) status = flatness_take(&flatness);
    if (status == BASIN_OK) status = flatness_record(&flatness);
    for (size_t k = 0; k < flatness.count; k++) memory_free(flatness.layers[k].root);
    memory_free(flatness.layers);
    memory_free(flatness.vectors);
    return status;
}

static void flatness_need(const struct measure_site *site, struct measure_need *need)
{
    const struct flatness_settings *settings = site->settings;
    double probes = settings->exact ? 0 : (double)settings->probes;
    for (int j = 0; j < model_parameter_count(site->model); j++) {
        const struct model_parameter *parameter = model_parameter(site->model, j);
        if (!flatness_takes(site, j)) continue;
        struct shape outer = model_outer_shape(parameter->shape, &parameter->layout);
        if (settings->exact) probes += (double)parameter->size;
        need->doubles += (size_t)(3 * outer.dim[0] * outer.dim[0] + parameter->size);
    }
    need->uses[need->count++] = (struct objective_use){.call = OBJECTIVE_HESSIAN,
                                                       .examples = measure_examples(site),
                                                       .times = probes,
                                                       .calls = ceil(probes / TOGETHER)};
    need->vectors = 2 * TOGETHER + 1;
}

static const struct measure measure = {.quantities = quantities,
                                       .arrays = arrays,
                                       .group = "relative_flatness_per_layer",
                                       .check = relative_flatness_check,
                                       .run = flatness_run,
                                       .need = flatness_need};
const struct entry relative_flatness_entry = {
    .name = "relative_flatness",
    .doc = "Trace of a layer's Hessian weighted by the inner products of its neurons' weights: "
           "flatness that does not change when layers are rescaled.",
    .source = PAPER,
    .parameters = parameters,
    .settings_size = sizeof(struct flatness_settings),
    .implementation = &measure};
