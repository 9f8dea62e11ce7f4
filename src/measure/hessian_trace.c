/* hessian_trace: the trace of the Hessian of the training loss, or of another matrix of curvature,
 * by random probes or exactly; in total and per parameter array. */
#include <math.h>
#include "measure/curvature_parts.h"
#include "measure/curvature_spread.h"

#define HUTCHINSON                                                                                 \
    "Hutchinson 1990, Rademacher probes; Hutch++: Meyer et al., arXiv:2010.09649; exact "          \
    "Hessian-vector products (Pearlmutter 1994)"
enum { TRACE, TRACE_ERROR, TRACE_MEAN, TRACE_SD, PER_MATRIX };
#define X(NAME, WORDS, MATRIX)                                                                     \
    {NAME "_trace", "1", "trace of " WORDS, "trace of the " MATRIX, HUTCHINSON},                   \
        {NAME "_trace_stderr", "1", "standard error of " NAME "_trace (0 for the exact method)",   \
         "standard deviation of v'Hv over the probes / sqrt(probes); of hutch++ over the third "   \
         "of "                                                                                     \
         "its products that are probes, given what it found by the others",                        \
         HUTCHINSON},                                                                              \
        CURVATURE_SPREAD(NAME "_trace", "trace of " WORDS)
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
static const struct quantity subset_quantity = {
    "trace_of_subset", "1", "the trace over each subset of examples", NULL, NULL};
static const struct quantity *const arrays[] = {&index_quantity,      &part_quantity,
                                                &part_error_quantity, &curvature_subset_quantity,
                                                &subset_quantity,     NULL};

static const char *const methods[] = {"hutchinson", "exact", "hutch++", NULL}; /* probes_method */

struct hessian_trace_settings {
    struct curvature_settings curvature;
    enum probes_method method;
    int64_t probes;
};

static const struct schema_row parameters[] = {
    CURVATURE_MATRIX_ROW,
    CURVATURE_SUBSETS_ROW,
    {.key = "method",
     SETTING(struct hessian_trace_settings, method),
     .type = SCHEMA_CHOICE,
     .choices = methods,
     .fallback = "hutchinson",
     .doc = "hutchinson: mean of v'Hv over random signs v; exact: one product per parameter, for "
            "small networks; hutch++: a third of the products finds the directions of most "
            "curvature, in which the trace is then exact, and a third are probes beside them: a "
            "smaller error where few eigenvalues are large."},
    {.key = "probes",
     SETTING(struct hessian_trace_settings, probes),
     .type = SCHEMA_INTEGER,
     .unit = "probes",
     .minimum = 2,
     .maximum = 1e6,
     .fallback = "64",
     .doc = "Random vectors of the method hutchinson; products in all of hutch++, at least 4.",
     .aliases = (const char *const[]){"samples", "n_probes", NULL}},
    MEASURE_EXAMPLES_ROW,
    MEASURE_MODE_ROW,
    MEASURE_EVERY_ROW,
    {0}};

static basin_status hessian_trace_check(const void *settings, const struct data_info *info,
                                        int64_t count)
{
    const struct hessian_trace_settings *here = settings;
    enum { FEWEST = 4 };
    if (here->method == PROBES_EXACT) TRY(curvature_parts_check_exact("hessian_trace", count));
    if (here->method != PROBES_HUTCHPP || here->probes >= FEWEST)
        return curvature_check("hessian_trace", settings, info);
    error_raise(BASIN_SPEC, "hessian_trace.probes is %lld, but hutch++ takes %d products at least",
                (long long)here->probes, FEWEST);
    error_hint("a third of them are probes, of which a standard error takes two; raise probes");
    error_key("probes");
    error_expected("at least %d", FEWEST);
    error_found("%lld", (long long)here->probes);
    return BASIN_SPEC;
}

static basin_status hessian_trace_record(const struct curvature_parts *parts)
{
    const struct measure_site *site = parts->site;
    const struct hessian_trace_settings *settings = site->settings;
    const struct quantity *own = quantities + PER_MATRIX * curvature_matrix(site);
    bool exact = settings->method == PROBES_EXACT;
    TRY(measure_note(site, "examples", (double)measure_examples(site)));
    TRY(measure_note(site, "probes",
                     exact ? (double)model_size(site->model) : (double)settings->probes));
    TRY(measure_note(site, "exact", exact));
    TRY(measure_scalar(site, &own[TRACE], parts->values[parts->count], CURVATURE_NOT_FINITE));
    TRY(measure_scalar(site, &own[TRACE_ERROR], parts->errors[parts->count], CURVATURE_NOT_FINITE));
    return curvature_parts_record(parts, &index_quantity, &part_quantity, &part_error_quantity);
}

static basin_status trace_numbers(void *context, struct curvature *curvature, double *values)
{
    struct curvature_parts *parts = context;
    const struct hessian_trace_settings *settings = parts->site->settings;
    TRY(curvature_parts_probe(parts, curvature, settings->method, false, (size_t)settings->probes));
    values[0] = parts->values[parts->count];
    return BASIN_OK;
}

static basin_status hessian_trace_spread(struct curvature_parts *parts)
{
    const struct quantity *own = quantities + PER_MATRIX * curvature_matrix(parts->site);
    const struct curvature_spread spread = {.numbers = trace_numbers,
                                            .context = parts,
                                            .count = 1,
                                            .first = {parts->values[parts->count]},
                                            .mean = {&own[TRACE_MEAN]},
                                            .sd = {&own[TRACE_SD]},
                                            .each = {&subset_quantity}};
    return curvature_spread(parts->site, &spread);
}

static basin_status hessian_trace_run(const struct measure_site *site)
{
    struct curvature curvature = curvature_open(site);
    struct curvature_parts parts;
    TRY(measure_note_batch(site, curvature_call(site)));
    basin_status status = curvature_parts_open(site, &parts);
    double whole;
    if (status == BASIN_OK) status = trace_numbers(&parts, &curvature, &whole);
    if (status == BASIN_OK) status = hessian_trace_record(&parts);
    if (status == BASIN_OK) status = hessian_trace_spread(&parts);
    curvature_parts_close(&parts);
    return status;
}

static void hessian_trace_need(const struct measure_site *site, struct measure_need *need)
{
    const struct hessian_trace_settings *settings = site->settings;
    curvature_parts_need(site, settings->method, (size_t)settings->probes, need);
    need->repeats = curvature_repeats(site);
}

static bool hessian_trace_gives(const struct value *options, const struct quantity *quantity)
{
    size_t which = (size_t)(quantity - quantities);
    return curvature_is(options, which / PER_MATRIX) &&
           (which % PER_MATRIX < TRACE_MEAN || curvature_is_spread(options));
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
