/* hessian_top: the largest and the smallest eigenvalues of the Hessian of the training loss. */
#include <math.h>
#include "measure/extremes.h"
#include "measure/lanczos.h"
#include "measure/measure.h"

#define LANCZOS                                                                                    \
    "Lanczos with full reorthogonalisation on exact Hessian-vector products (Pearlmutter 1994)"
#define HESSIAN                                                                                    \
    "H = Hessian of the mean training loss over `examples` examples, batch normalisation in eval " \
    "mode unless the options say mode: train, no regulariser, all parameters"

static const struct quantity quantities[] = {
    {"hessian_lambda_max", "1", "largest eigenvalue of the Hessian of the training loss", HESSIAN,
     LANCZOS},
    {"hessian_lambda_min", "1",
     "smallest (most negative) eigenvalue of the Hessian of the training loss", HESSIAN, LANCZOS},
    {0}};

static const struct quantity index_quantity = {
    "index", "1", "0 ... k-1: the k largest, descending; k: the smallest", NULL, NULL};
static const struct quantity eigenvalue_quantity = {"eigenvalue", "1", "eigenvalue of the Hessian",
                                                    HESSIAN, LANCZOS};
static const struct quantity residual_quantity = {
    "residual", "1", "||H v - lambda v||, ||v|| = 1, by one more product",
    "an eigenvalue of H lies within this distance", LANCZOS};
static const struct quantity *const arrays[] = {&index_quantity, &eigenvalue_quantity,
                                                &residual_quantity, NULL};

struct hessian_top_settings {
    struct measure_common common;
    int64_t k, max_iterations;
    double tolerance;
};

static const struct schema_row parameters[] = {
    {.key = "k",
     SETTING(struct hessian_top_settings, k),
     .type = SCHEMA_INTEGER,
     .unit = "eigenvalues",
     .minimum = 1,
     .maximum = 1000,
     .fallback = "1",
     .doc = "Number of largest eigenvalues; the smallest one is computed as well."},
    MEASURE_EXAMPLES_ROW,
    MEASURE_MODE_ROW,
    MEASURE_EVERY_ROW,
    {.key = "tolerance",
     SETTING(struct hessian_top_settings, tolerance),
     .type = SCHEMA_FLOAT,
     .maximum = 1,
     .fallback = "1e-6",
     .flags = SCHEMA_OPEN_MINIMUM,
     .doc = "Residual at which a pair counts as converged, relative to its |eigenvalue| (at least "
            "1e-3 of the largest); "
            "floored by the noise of the products.",
     .aliases = (const char *const[]){"tol", NULL}},
    {.key = "max_iterations",
     SETTING(struct hessian_top_settings, max_iterations),
     .type = SCHEMA_INTEGER,
     .unit = "products",
     .minimum = 2,
     .maximum = 100000,
     .fallback = "300",
     .doc = "Largest number of Lanczos steps.",
     .aliases = (const char *const[]){"iterations", "max_iter", NULL}},
    {0}};

static basin_status hessian_top_check(const void *settings, const struct data_info *info,
                                      int64_t count)
{
    (void)info;
    int64_t k = ((const struct hessian_top_settings *)settings)->k;
    if (k <= count) return BASIN_OK;
    error_raise(BASIN_SPEC, "hessian_top.k is %lld, but the network has %lld parameters",
                (long long)k, (long long)count);
    error_hint("k can be at most the number of parameters");
    error_key("k");
    error_expected("at most %lld", (long long)count);
    error_found("%lld", (long long)k);
    return BASIN_SPEC;
}

static basin_status hessian_top_multiply(void *context, const double *x, double *y)
{
    const struct measure_site *site = context;
    struct objective_where where = measure_where(site);
    return objective_product(site->objective, &where, site->w, OBJECTIVE_HESSIAN, x, 1, y);
}

static basin_status hessian_top_record(const struct measure_site *site,
                                       const struct lanczos_result *found, size_t examples)
{
    TRY(measure_note(site, "examples", (double)examples));
    TRY(measure_note(site, "iterations", (double)found->iterations));
    TRY(measure_note(site, "converged", found->converged));
    TRY(measure_note(site, "tolerance", found->tolerance));
    TRY(measure_note(site, "product_noise", found->noise));
    double *index = memory_allocate(found->count * sizeof *index);
    if (!index) return BASIN_MEMORY;
    for (size_t i = 0; i < found->count; i++) index[i] = (double)i;
    const char *reason = isnan(found->values[0]) ? "a Hessian-vector product is not finite" : NULL;
    basin_status status = measure_scalar(site, &quantities[0], found->values[0], reason);
    if (status == BASIN_OK)
        status = measure_scalar(site, &quantities[1], found->values[found->count - 1], reason);
    if (status == BASIN_OK)
        status = measure_array(site, &index_quantity, "index", found->count, index);
    if (status == BASIN_OK)
        status = measure_array(site, &eigenvalue_quantity, "index", found->count, found->values);
    if (status == BASIN_OK)
        status = measure_array(site, &residual_quantity, "index", found->count, found->residuals);
    memory_free(index);
    return status;
}

/* A network about to diverge has no finite products: NaN for every pair. */
static basin_status without_values(const struct lanczos_request *request,
                                   struct lanczos_result *found)
{
    *found = (struct lanczos_result){
        .count = request->largest < request->size ? request->largest + 1 : request->size,
        .tolerance = request->tolerance};
    found->values = memory_allocate(found->count * sizeof(double));
    found->residuals = memory_allocate(found->count * sizeof(double));
    for (size_t i = 0; found->values && found->residuals && i < found->count; i++)
        found->values[i] = found->residuals[i] = NAN;
    if (found->values && found->residuals) return BASIN_OK;
    lanczos_free(found);
    return BASIN_MEMORY;
}

static basin_status hessian_top_run(const struct measure_site *site)
{
    const struct hessian_top_settings *settings = site->settings;
    TRY(measure_note_batch(site, OBJECTIVE_HESSIAN));
    struct lanczos_request request = {
        .multiply = hessian_top_multiply,
        .context = (void *)site,
        .size = (size_t)model_size(site->model),
        .largest = (size_t)settings->k,
        .tolerance = settings->tolerance,
        .max_iterations = (size_t)settings->max_iterations,
        .narrow_basis = site->precision == PRECISION_FLOAT32,
        .seed = site->seed,
    };
    struct lanczos_result found;
    basin_status status = extremes_find(&request, &found);
    if (status == BASIN_NUMERIC) status = without_values(&request, &found);
    TRY(status);
    status = hessian_top_record(site, &found, measure_examples(site));
    lanczos_free(&found);
    return status;
}

/* The basis grows a vector a product; the pairs found, and a second search beside them, are in
 * float64. A search takes some thirty products, and some more a pair. */
static void hessian_top_need(const struct measure_site *site, struct measure_need *need)
{
    const struct hessian_top_settings *settings = site->settings;
    double k = (double)settings->k,
           most = fmin((double)settings->max_iterations, (double)model_size(site->model));
    need->uses[need->count++] =
        (struct objective_use){OBJECTIVE_HESSIAN, measure_examples(site), fmin(most, 30 + 15 * k)};
    need->narrow = (size_t)most + 1;
    need->vectors = (size_t)k + 5;
    need->doubles = (size_t)(most * most);
}

static const struct measure measure = {.quantities = quantities,
                                       .arrays = arrays,
                                       .check = hessian_top_check,
                                       .run = hessian_top_run,
                                       .need = hessian_top_need};
const struct entry hessian_top_entry = {
    .name = "hessian_top",
    .doc = "The k largest and the smallest eigenvalue of the Hessian of the training loss, with "
           "residuals: the sharpness.",
    .source = "Lanczos 1950; exact products: Pearlmutter 1994",
    .parameters = parameters,
    .settings_size = sizeof(struct hessian_top_settings),
    .implementation = &measure};
