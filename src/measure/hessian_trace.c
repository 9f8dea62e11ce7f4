/* hessian_trace: the trace of the Hessian of the training loss, or of another matrix of curvature,
 * by random probes or exactly; in total and per parameter array. */
#include <math.h>
#include <string.h>
#include "base/random.h"
#include "measure/curvature.h"

enum { GROUP = 8 }; /* vectors that share one pass over the batches */

#define HUTCHINSON                                                                                 \
    "Hutchinson 1990, Rademacher probes; exact Hessian-vector products (Pearlmutter 1994)"
enum { TRACE, TRACE_ERROR, PER_MATRIX };
#define X(NAME, WORDS, MATRIX)                                                                     \
    {NAME "_trace", "1", "trace of " WORDS, "trace of the " MATRIX, HUTCHINSON},                   \
        {NAME "_trace_stderr", "1", "standard error of " NAME "_trace (0 for the exact method)",   \
         "standard deviation of v'Hv over the probes / sqrt(probes)", HUTCHINSON},
static const struct quantity quantities[] = {CURVATURE_MATRICES(X){0}};
#undef X
static const struct quantity index_quantity = {"index", "1", "ordinal of the parameter array", NULL,
                                               NULL};
static const struct quantity part_quantity = {
    "trace", "1", "trace of the matrix's diagonal block of one parameter array",
    "trace of the Hessian, or of the matrix that the option `matrix` names, of the mean training "
    "loss" CURVATURE_OVER ", as far as it belongs to the array",
    HUTCHINSON};
static const struct quantity part_error_quantity = {"trace_errors", "1", "standard error of trace",
                                                    NULL, HUTCHINSON};
static const struct quantity *const arrays[] = {&index_quantity, &part_quantity,
                                                &part_error_quantity, NULL};

static const char *const methods[] = {"hutchinson", "exact", NULL};
enum trace_method { METHOD_HUTCHINSON, METHOD_EXACT }; /* as in methods */

struct hessian_trace_settings {
    struct curvature_settings curvature;
    enum trace_method method;
    int64_t probes;
};

static const struct schema_row parameters[] = {
    CURVATURE_MATRIX_ROW,
    {.key = "method",
     SETTING(struct hessian_trace_settings, method),
     .type = SCHEMA_CHOICE,
     .choices = methods,
     .fallback = "hutchinson",
     .doc = "hutchinson: mean of v'Hv over random signs v; exact: one product per parameter, for "
            "small networks."},
    {.key = "probes",
     SETTING(struct hessian_trace_settings, probes),
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

static bool is_exact(const struct hessian_trace_settings *settings)
{
    return settings->method == METHOD_EXACT;
}

static basin_status hessian_trace_check(const void *settings, const struct data_info *info,
                                        int64_t count)
{
    (void)info;
    enum { MOST_EXACT = 100000 };
    if (!is_exact(settings) || count <= MOST_EXACT)
        return curvature_check("hessian_trace", settings);
    error_raise(BASIN_SPEC, "hessian_trace.method is exact, but the network has %lld parameters",
                (long long)count);
    error_hint(
        "the exact trace takes a product a parameter; use method: hutchinson above %d parameters",
        MOST_EXACT);
    error_key("method");
    return BASIN_SPEC;
}

/* Running sums over probes, for the whole and for each of `parts` parameter arrays. */
struct sums {
    const struct measure_site *site;
    size_t size, parts, probes;
    bool exact;
    double *vectors, *products;    /* (GROUP, P) */
    double *sum, *square;          /* (parts + 1): the last is the whole */
    double *trace, *error, *index; /* (parts) */
};

static void hessian_trace_fill(const struct sums *sums, size_t probe, double *vector)
{
    struct random random = random_make(sums->site->seed, STREAM_PROBE, (uint32_t)probe, 0);
    if (!sums->exact) {
        random_fill_sign(&random, vector, sums->size);
    } else {
        memset(vector, 0, sums->size * sizeof *vector);
        vector[probe] = 1;
    }
}

static void add_probe(struct sums *sums, const double *v, const double *product)
{
    double whole = 0;
    for (size_t part = 0; part < sums->parts; part++) {
        const struct model_parameter *parameter = model_parameter(sums->site->model, (int)part);
        double here = 0;
        for (int64_t i = parameter->offset; i < parameter->offset + parameter->size; i++)
            here += v[i] * product[i];
        sums->sum[part] += here;
        sums->square[part] += here * here;
        whole += here;
    }
    sums->sum[sums->parts] += whole;
    sums->square[sums->parts] += whole * whole;
}

static basin_status hessian_trace_take(struct sums *sums)
{
    const struct measure_site *site = sums->site;
    struct curvature curvature = curvature_open(site);
    for (size_t first = 0; first < sums->probes; first += GROUP) {
        size_t count = sums->probes - first < GROUP ? sums->probes - first : GROUP;
        for (size_t j = 0; j < count; j++)
            hessian_trace_fill(sums, first + j, sums->vectors + j * sums->size);
        TRY(curvature_multiply(&curvature, sums->vectors, count, sums->products));
        for (size_t j = 0; j < count; j++)
            add_probe(sums, sums->vectors + j * sums->size, sums->products + j * sums->size);
    }
    return BASIN_OK;
}

/* Mean and its standard error; for unit vectors the sum and 0. */
static void hessian_trace_finish(const struct sums *sums, size_t part, double *value, double *error)
{
    double n = (double)sums->probes, mean = sums->sum[part] / n;
    *value = sums->exact ? sums->sum[part] : mean;
    *error = sums->exact ? 0 : sqrt(fmax(0, sums->square[part] / n - mean * mean) / (n - 1));
}

static basin_status hessian_trace_record(const struct sums *sums)
{
    const struct measure_site *site = sums->site;
    double value, error;
    TRY(measure_note(site, "examples", (double)measure_examples(site)));
    TRY(measure_note(site, "probes", (double)sums->probes));
    TRY(measure_note(site, "exact", sums->exact));
    hessian_trace_finish(sums, sums->parts, &value, &error);
    const struct quantity *own = quantities + PER_MATRIX * curvature_matrix(site);
    TRY(measure_scalar(site, &own[TRACE], value, NULL));
    TRY(measure_scalar(site, &own[TRACE_ERROR], error, NULL));
    const char **names = memory_allocate(sums->parts * sizeof *names);
    if (!names) return BASIN_MEMORY;
    for (size_t part = 0; part < sums->parts; part++) {
        hessian_trace_finish(sums, part, &sums->trace[part], &sums->error[part]);
        sums->index[part] = (double)part;
        names[part] = model_parameter(site->model, (int)part)->name;
    }
    basin_status status = measure_array(site, &index_quantity, "index", sums->parts, sums->index);
    if (status == BASIN_OK)
        status = measure_array(site, &part_quantity, "index", sums->parts, sums->trace);
    if (status == BASIN_OK)
        status = measure_array(site, &part_error_quantity, "index", sums->parts, sums->error);
    if (status == BASIN_OK) status = measure_names(site, "names", "index", sums->parts, names);
    memory_free(names);
    return status;
}

static basin_status hessian_trace_run(const struct measure_site *site)
{
    const struct hessian_trace_settings *settings = site->settings;
    struct sums sums = {.site = site,
                        .size = (size_t)model_size(site->model),
                        .parts = (size_t)model_parameter_count(site->model),
                        .exact = is_exact(settings)};
    sums.probes = sums.exact ? sums.size : (size_t)settings->probes;
    double *memory =
        memory_allocate((2 * GROUP * sums.size + 5 * (sums.parts + 1)) * sizeof *memory);
    if (!memory) return BASIN_MEMORY;
    sums.vectors = memory;
    sums.products = sums.vectors + GROUP * sums.size;
    sums.sum = sums.products + GROUP * sums.size;
    sums.square = sums.sum + sums.parts + 1;
    sums.trace = sums.square + sums.parts + 1;
    sums.error = sums.trace + sums.parts + 1;
    sums.index = sums.error + sums.parts + 1;
    basin_status status = measure_note_batch(site, curvature_call(site));
    if (status == BASIN_OK) status = hessian_trace_take(&sums);
    if (status == BASIN_OK) status = hessian_trace_record(&sums);
    memory_free(memory);
    return status;
}

static void hessian_trace_need(const struct measure_site *site, struct measure_need *need)
{
    const struct hessian_trace_settings *settings = site->settings;
    double probes = is_exact(settings) ? (double)model_size(site->model) : (double)settings->probes;
    need->uses[need->count++] = (struct objective_use){.call = curvature_call(site),
                                                       .examples = measure_examples(site),
                                                       .times = probes,
                                                       .calls = ceil(probes / GROUP)};
    need->vectors = 2 * GROUP;
}

static bool hessian_trace_gives(const struct value *options, const struct quantity *quantity)
{
    return curvature_is(options, (size_t)(quantity - quantities) / PER_MATRIX);
}

static const struct measure measure = {.quantities = quantities,
                                       .arrays = arrays,
                                       .group = "hessian_trace_per_parameter",
                                       .gives = hessian_trace_gives,
                                       .check = hessian_trace_check,
                                       .run = hessian_trace_run,
                                       .need = hessian_trace_need};
const struct entry hessian_trace_entry = {.name = "hessian_trace",
                                          .doc =
                                              "Trace of the Hessian of the training loss with its "
                                              "standard error, in total and per parameter array; "
                                              "also of the Gauss-Newton and the Fisher matrices.",
                                          .source = "Hutchinson 1990",
                                          .parameters = parameters,
                                          .settings_size = sizeof(struct hessian_trace_settings),
                                          .implementation = &measure};
