/* hessian_frobenius: the Frobenius norm of the Hessian of the training loss, or of another matrix
 * of curvature, by random probes or exactly; in total and of the rows of each parameter array. */
#include <math.h>
#include "measure/curvature_parts.h"
#include "measure/curvature_spread.h"

#define NORM_SOURCE                                                                                \
    "Hutchinson 1990, applied to H'H: E ||Hv||^2 = ||H||_F^2 for random signs v; exact "           \
    "Hessian-vector products (Pearlmutter 1994)"

enum { FROBENIUS, FROBENIUS_ERROR, FROBENIUS_MEAN, FROBENIUS_SD, PER_MATRIX };
#define X(NAME, WORDS, MATRIX)                                                                     \
    {NAME "_frobenius", "1", "Frobenius norm of " WORDS,                                           \
     "sqrt(sum of squared elements, which is the sum of squared eigenvalues) of the " MATRIX,      \
     NORM_SOURCE},                                                                                 \
        {NAME "_frobenius_stderr", "1",                                                            \
         "standard error of " NAME "_frobenius (0 for the exact method)",                          \
         "standard deviation of ||Hv||^2 over the probes / sqrt(probes) / (2 ||H||_F)",            \
         NORM_SOURCE},                                                                             \
        CURVATURE_SPREAD(NAME "_frobenius", "the Frobenius norm of " WORDS)
static const struct quantity quantities[] = {CURVATURE_MATRICES(X){0}};
#undef X
static const struct quantity index_quantity = {"index", "1", "ordinal of the parameter array", NULL,
                                               NULL};
static const struct quantity part_quantity = {
    "norm", "1", "Frobenius norm of the matrix's rows of one parameter array",
    "of the Hessian, or of the matrix that the option `matrix` names: derivatives of the gradient "
    "of this array by all parameters. The squares add up to that of the whole",
    NORM_SOURCE};
static const struct quantity part_error_quantity = {"norm_errors", "1", "standard error of norm",
                                                    NULL, NORM_SOURCE};
static const struct quantity subset_quantity = {
    "frobenius_of_subset", "1", "the Frobenius norm over each subset of examples", NULL, NULL};
static const struct quantity *const arrays[] = {&index_quantity,      &part_quantity,
                                                &part_error_quantity, &curvature_subset_quantity,
                                                &subset_quantity,     NULL};

static const char *const methods[] = {"hutchinson", "exact", NULL}; /* as in probes_method */

struct hessian_frobenius_settings {
    struct curvature_settings curvature;
    enum probes_method method;
    int64_t probes;
};

static const struct schema_row parameters[] = {
    CURVATURE_MATRIX_ROW,
    CURVATURE_SUBSETS_ROW,
    {.key = "method",
     SETTING(struct hessian_frobenius_settings, method),
     .type = SCHEMA_CHOICE,
     .choices = methods,
     .fallback = "hutchinson",
     .doc = "hutchinson: root of the mean of ||Hv||^2 over random signs v; exact: one product per "
            "parameter, for small networks."},
    {.key = "probes",
     SETTING(struct hessian_frobenius_settings, probes),
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

static basin_status hessian_frobenius_check(const void *settings, const struct data_info *info,
                                            int64_t count)
{
    const struct hessian_frobenius_settings *here = settings;
    if (here->method == PROBES_EXACT) TRY(curvature_parts_check_exact("hessian_frobenius", count));
    return curvature_check("hessian_frobenius", settings, info);
}

/* Roots of the squares, and their errors: d sqrt(x) = dx / (2 sqrt(x)). */
static void take_roots(struct curvature_parts *parts)
{
    for (size_t i = 0; i <= parts->count; i++) {
        double root = sqrt(parts->values[i]);
        parts->errors[i] = root > 0 ? parts->errors[i] / (2 * root) : parts->errors[i];
        parts->values[i] = root;
    }
}

static basin_status hessian_frobenius_record(const struct curvature_parts *parts)
{
    const struct measure_site *site = parts->site;
    const struct hessian_frobenius_settings *settings = site->settings;
    const struct quantity *own = quantities + PER_MATRIX * curvature_matrix(site);
    bool exact = settings->method == PROBES_EXACT;
    TRY(measure_note(site, "examples", (double)measure_examples(site)));
    TRY(measure_note(site, "probes",
                     exact ? (double)model_size(site->model) : (double)settings->probes));
    TRY(measure_note(site, "exact", exact));
    TRY(measure_scalar(site, &own[FROBENIUS], parts->values[parts->count], CURVATURE_NOT_FINITE));
    TRY(measure_scalar(site, &own[FROBENIUS_ERROR], parts->errors[parts->count],
                       CURVATURE_NOT_FINITE));
    return curvature_parts_record(parts, &index_quantity, &part_quantity, &part_error_quantity);
}

static basin_status frobenius_numbers(void *context, struct curvature *curvature, double *values)
{
    struct curvature_parts *parts = context;
    const struct hessian_frobenius_settings *settings = parts->site->settings;
    TRY(curvature_parts_probe(parts, curvature, settings->method, true, (size_t)settings->probes));
    take_roots(parts);
    values[0] = parts->values[parts->count];
    return BASIN_OK;
}

static basin_status hessian_frobenius_spread(struct curvature_parts *parts)
{
    const struct quantity *own = quantities + PER_MATRIX * curvature_matrix(parts->site);
    const struct curvature_spread spread = {.numbers = frobenius_numbers,
                                            .context = parts,
                                            .count = 1,
                                            .first = {parts->values[parts->count]},
                                            .mean = {&own[FROBENIUS_MEAN]},
                                            .sd = {&own[FROBENIUS_SD]},
                                            .each = {&subset_quantity}};
    return curvature_spread(parts->site, &spread);
}

static basin_status hessian_frobenius_run(const struct measure_site *site)
{
    struct curvature curvature = curvature_open(site);
    struct curvature_parts parts;
    TRY(measure_note_batch(site, curvature_call(site)));
    basin_status status = curvature_parts_open(site, &parts);
    double whole;
    if (status == BASIN_OK) status = frobenius_numbers(&parts, &curvature, &whole);
    if (status == BASIN_OK) status = hessian_frobenius_record(&parts);
    if (status == BASIN_OK) status = hessian_frobenius_spread(&parts);
    curvature_parts_close(&parts);
    return status;
}

static void hessian_frobenius_need(const struct measure_site *site, struct measure_need *need)
{
    const struct hessian_frobenius_settings *settings = site->settings;
    curvature_parts_need(site, settings->method, (size_t)settings->probes, need);
    need->repeats = curvature_repeats(site);
}

static bool hessian_frobenius_gives(const struct value *options, const struct quantity *quantity)
{
    size_t which = (size_t)(quantity - quantities);
    return curvature_is(options, which / PER_MATRIX) &&
           (which % PER_MATRIX < FROBENIUS_MEAN || curvature_is_spread(options));
}

static const struct measure measure = {.quantities = quantities,
                                       .arrays = arrays,
                                       .group = "hessian_frobenius_per_parameter",
                                       .gives = hessian_frobenius_gives,
                                       .check = hessian_frobenius_check,
                                       .run = hessian_frobenius_run,
                                       .need = hessian_frobenius_need};
const struct entry hessian_frobenius_entry = {
    .name = "hessian_frobenius",
    .doc = "Frobenius norm of the Hessian of the training loss with its standard error, in total "
           "and of the rows of each parameter array; also of the Gauss-Newton and the Fisher "
           "matrices.",
    .source = "Hutchinson 1990",
    .parameters = parameters,
    .settings_size = sizeof(struct hessian_frobenius_settings),
    .implementation = &measure};
