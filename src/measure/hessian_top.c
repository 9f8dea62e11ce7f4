/* hessian_top: the largest and the smallest eigenvalues of the Hessian of the training loss, or of
 * another matrix of curvature.
 *
 * One vector at a time. A block search would ask for the products with b vectors at once, and after
 * m products has polynomials of degree m / b only, for m, so it needs more of them. What products
 * at once save is the half that does not depend on the vector, and that half is kept between calls
 * where memory allows, which makes the factor 1. Where it is not kept, a single product takes this
 * many times one of eight at once (`scripts/bench hvp`: "whole" by "each of 8"; batches of 1,000
 * and 128): MLP-512 1.2, CNN 1.0, CNN with batch norm 1.5, ResNet 1.1, LSTM 1.6, transformer 1.5.
 * Several eigenvalues, and copies of one, come from one Krylov space and deflation (extremes.h). */
#include <math.h>
#include <string.h>
#include "measure/curvature_spread.h"
#include "measure/extremes.h"
#include "measure/lanczos.h"

#define LANCZOS                                                                                    \
    "Lanczos with full reorthogonalisation on exact Hessian-vector products (Pearlmutter 1994)"
#define EIGENVALUE                                                                                 \
    "of the Hessian, or of the matrix that the option `matrix` names, of the mean training "       \
    "loss" CURVATURE_OVER

enum { LAMBDA_MAX, LAMBDA_MIN, LAMBDAS, MAX_MEAN = LAMBDAS, MAX_SD, MIN_MEAN, MIN_SD, PER_MATRIX };
#define X(NAME, WORDS, MATRIX)                                                                     \
    {NAME "_lambda_max", "1", "largest eigenvalue of " WORDS, MATRIX, LANCZOS},                    \
        {NAME "_lambda_min", "1", "smallest (most negative) eigenvalue of " WORDS, MATRIX,         \
         LANCZOS},                                                                                 \
        CURVATURE_SPREAD(NAME "_lambda_max", "the largest eigenvalue of " WORDS)                   \
            CURVATURE_SPREAD(NAME "_lambda_min", "the smallest eigenvalue of " WORDS)
static const struct quantity quantities[] = {CURVATURE_MATRICES(X){0}};
#undef X

static const struct quantity index_quantity = {
    "index", "1",
    "ends: largest: the k largest, descending; smallest: the k smallest, ascending; both: 0 ... "
    "k-1 "
    "are the k largest, k is the smallest",
    NULL, NULL};
static const struct quantity eigenvalue_quantity = {"eigenvalue", "1", "eigenvalue",
                                                    "eigenvalue " EIGENVALUE, LANCZOS};
static const struct quantity residual_quantity = {
    "residual", "1", "||H v - lambda v||, ||v|| = 1, by one more product in float64",
    "an eigenvalue of H lies within this distance: H, the Hessian or the matrix that the option "
    "`matrix` names, is that of the network in float64 at the same "
    "weights, so that the rounding of float32 is included",
    LANCZOS};
#define CONVERGED                                                                                  \
    "the search ended by itself and the residual is at most twice the tolerance asked for, or, "   \
    "where "                                                                                       \
    "rounding keeps it above, at most 5 % of the eigenvalue. In float32 an eigenvalue of 0 "       \
    "cannot be "                                                                                   \
    "told from a small one: 0"
static const struct quantity converged_quantity = {
    "eigenvalue_converged", "1", "1 where the eigenvalue has converged, 0 where it has not",
    CONVERGED, LANCZOS};
static const struct quantity subset_quantities[] = {
    {"lambda_max_of_subset", "1", "the largest eigenvalue over each subset of examples", NULL,
     NULL},
    {"lambda_min_of_subset", "1", "the smallest eigenvalue over each subset of examples", NULL,
     NULL}};
static const struct quantity *const arrays[] = {&index_quantity,
                                                &eigenvalue_quantity,
                                                &residual_quantity,
                                                &converged_quantity,
                                                &curvature_subset_quantity,
                                                &subset_quantities[0],
                                                &subset_quantities[1],
                                                NULL};

enum hessian_ends { ENDS_LARGEST, ENDS_SMALLEST, ENDS_BOTH }; /* as in ends_names */
static const char *const ends_names[] = {"largest", "smallest", "both", NULL};

struct hessian_top_settings {
    struct curvature_settings curvature;
    int64_t k, max_iterations;
    enum hessian_ends ends;
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
     .doc = "Number of eigenvalues at the end that is asked for."},
    CURVATURE_MATRIX_ROW,
    CURVATURE_SUBSETS_ROW,
    {.key = "ends",
     SETTING(struct hessian_top_settings, ends),
     .type = SCHEMA_CHOICE,
     .choices = ends_names,
     .fallback = "largest",
     .former = "both",
     .doc = "largest: the k largest eigenvalues; smallest: the k smallest (most negative); both: "
            "the k largest and the smallest one, which takes several times as many products. Each "
            "search ends as soon as what was asked for has converged."},
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
     .doc = "Largest number of Lanczos steps of a search. With k above 1 further searches look for "
            "copies of an eigenvalue, of as many steps each at most; the attribute `iterations` "
            "counts all of them.",
     .aliases = (const char *const[]){"iterations", "max_iter", NULL}},
    {0}};

static basin_status hessian_top_check(const void *settings, const struct data_info *info,
                                      int64_t count)
{
    int64_t k = ((const struct hessian_top_settings *)settings)->k;
    if (k <= count) return curvature_check("hessian_top", settings, info);
    error_raise(BASIN_SPEC, "hessian_top.k is %lld, but the network has %lld parameters",
                (long long)k, (long long)count);
    error_hint("k can be at most the number of parameters");
    error_key("k");
    error_expected("at most %lld", (long long)count);
    error_found("%lld", (long long)k);
    return BASIN_SPEC;
}

/* ---- products ---- */

/* Of the smallest eigenvalues -H is searched: its largest. */
struct hessian_top {
    struct curvature curvature;
    bool negative;
    struct objective *exact; /* in float64, of a network in float32; made when it is first needed */
    double *w;               /* the weights in float64, for it */
};

static basin_status take_products(const struct hessian_top *top, struct curvature *curvature,
                                  const double *x, size_t count, double *y)
{
    TRY(curvature_multiply(curvature, x, count, y));
    size_t size = (size_t)model_size(curvature->site->model);
    for (size_t i = 0; top->negative && i < count * size; i++) y[i] = -y[i];
    return BASIN_OK;
}

static basin_status hessian_top_multiply(void *context, const double *x, size_t count, double *y)
{
    struct hessian_top *top = context;
    return take_products(top, &top->curvature, x, count, y);
}

/* For residuals that hold: rounding in the half of a product that does not depend on the vector is
 * in every product alike, and only another precision shows it. */
static basin_status hessian_top_exact(void *context, const double *x, size_t count, double *y)
{
    struct hessian_top *top = context;
    const struct measure_site *site = top->curvature.site;
    if (!top->exact) {
        size_t size = (size_t)model_state_size(site->model);
        struct objective_request request = measure_request_exact(site, curvature_call(site));
        if (!(top->w = memory_allocate(size * sizeof *top->w))) return BASIN_MEMORY;
        vector_to_double(site->precision, site->w, top->w, size);
        TRY(objective_create(&request, &top->exact));
    }
    struct curvature exact = top->curvature;
    exact.objective = top->exact;
    exact.w = top->w;
    return take_products(top, &exact, x, count, y);
}

static void hessian_top_release(struct hessian_top *top)
{
    objective_destroy(top->exact);
    memory_free(top->w);
}

/* ---- results ---- */

static enum hessian_ends hessian_top_ends(const struct measure_site *site)
{
    return ((const struct hessian_top_settings *)site->settings)->ends;
}

static basin_status hessian_top_notes(const struct measure_site *site,
                                      const struct lanczos_result *found)
{
    TRY(measure_note(site, "examples", (double)measure_examples(site)));
    TRY(measure_note(site, "iterations", (double)found->iterations));
    TRY(measure_note(site, "tolerance", found->tolerance));
    return measure_note(site, "product_noise", found->noise);
}

/* Each number says of itself whether it has converged. */
static basin_status hessian_top_scalar(const struct measure_site *site,
                                       const struct quantity *quantity,
                                       const struct lanczos_result *found, size_t at)
{
    const char *reason = isnan(found->values[at]) ? "a Hessian-vector product is not finite" : NULL;
    TRY(measure_note(site, "converged", found->confirmed[at]));
    return measure_scalar(site, quantity, found->values[at], reason);
}

static basin_status hessian_top_scalars(const struct measure_site *site,
                                        const struct lanczos_result *found)
{
    enum hessian_ends ends = hessian_top_ends(site);
    const struct quantity *own = quantities + PER_MATRIX * curvature_matrix(site);
    if (ends != ENDS_SMALLEST) TRY(hessian_top_scalar(site, &own[LAMBDA_MAX], found, 0));
    if (ends == ENDS_LARGEST) return BASIN_OK;
    return hessian_top_scalar(site, &own[LAMBDA_MIN], found,
                              ends == ENDS_BOTH ? found->count - 1 : 0);
}

static basin_status hessian_top_arrays(const struct measure_site *site,
                                       const struct lanczos_result *found, double *scratch)
{
    TRY(measure_note(site, "converged", found->converged));
    for (size_t i = 0; i < found->count; i++) scratch[i] = (double)i;
    TRY(measure_array(site, &index_quantity, "index", found->count, scratch));
    TRY(measure_array(site, &eigenvalue_quantity, "index", found->count, found->values));
    TRY(measure_array(site, &residual_quantity, "index", found->count, found->residuals));
    for (size_t i = 0; i < found->count; i++) scratch[i] = found->confirmed[i];
    return measure_array(site, &converged_quantity, "index", found->count, scratch);
}

static basin_status hessian_top_record(const struct measure_site *site,
                                       const struct lanczos_result *found)
{
    TRY(hessian_top_notes(site, found));
    double *scratch = memory_allocate(found->count * sizeof *scratch);
    if (!scratch) return BASIN_MEMORY;
    basin_status status = hessian_top_scalars(site, found);
    if (status == BASIN_OK) status = hessian_top_arrays(site, found, scratch);
    memory_free(scratch);
    return status;
}

/* A network about to diverge has no finite products: NaN for every pair, none converged. */
static basin_status without_values(const struct lanczos_request *request,
                                   struct lanczos_result *found)
{
    size_t count = request->largest + request->smallest;
    *found = (struct lanczos_result){.count = count < request->size ? count : request->size,
                                     .tolerance = request->tolerance};
    found->values = memory_allocate(found->count * sizeof(double));
    found->residuals = memory_allocate(found->count * sizeof(double));
    found->confirmed = memory_allocate(found->count * sizeof(bool));
    for (size_t i = 0; found->values && found->residuals && i < found->count; i++)
        found->values[i] = found->residuals[i] = NAN;
    if (found->values && found->residuals && found->confirmed) return BASIN_OK;
    lanczos_free(found);
    return BASIN_MEMORY;
}

static basin_status hessian_top_find(struct hessian_top *top, struct lanczos_result *found)
{
    const struct measure_site *site = top->curvature.site;
    const struct hessian_top_settings *settings = site->settings;
    bool narrow = site->precision == PRECISION_FLOAT32;
    struct lanczos_request request = {
        .multiply = hessian_top_multiply,
        .exact = narrow ? hessian_top_exact : NULL,
        .context = top,
        .size = (size_t)model_size(site->model),
        .largest = (size_t)settings->k,
        .smallest = settings->ends == ENDS_BOTH,
        .tolerance = settings->tolerance,
        .max_iterations = (size_t)settings->max_iterations,
        .narrow_basis = narrow,
        .seed = site->seed,
    };
    basin_status status = extremes_find(&request, found);
    return status == BASIN_NUMERIC ? without_values(&request, found) : status;
}

/* The pairs of the examples of top->curvature. */
static basin_status hessian_top_search(struct hessian_top *top, struct lanczos_result *found)
{
    TRY(hessian_top_find(top, found));
    for (size_t i = 0; top->negative && i < found->count; i++) found->values[i] = -found->values[i];
    return BASIN_OK;
}

/* The scalars: the eigenvalue at the end that is asked for, or at both. */
static void top_scalars(const struct hessian_top *top, const struct lanczos_result *found,
                        double *values)
{
    values[0] = found->values[0];
    if (hessian_top_ends(top->curvature.site) == ENDS_BOTH)
        values[1] = found->values[found->count - 1];
}

static basin_status top_numbers(void *context, struct curvature *curvature, double *values)
{
    struct hessian_top *top = context;
    struct lanczos_result found;
    top->curvature = *curvature;
    TRY(hessian_top_search(top, &found));
    top_scalars(top, &found, values);
    lanczos_free(&found);
    return BASIN_OK;
}

static basin_status hessian_top_spread(struct hessian_top *top, const struct lanczos_result *found)
{
    const struct measure_site *site = top->curvature.site;
    const struct quantity *own = quantities + PER_MATRIX * curvature_matrix(site);
    enum hessian_ends ends = hessian_top_ends(site);
    struct curvature_spread spread = {
        .numbers = top_numbers, .context = top, .count = ends == ENDS_BOTH ? 2 : 1};
    for (size_t i = 0; i < spread.count; i++) {
        size_t end = ends == ENDS_SMALLEST ? 1 : i;
        spread.mean[i] = &own[MAX_MEAN + 2 * end];
        spread.sd[i] = &own[MAX_SD + 2 * end];
        spread.each[i] = &subset_quantities[end];
    }
    top_scalars(top, found, spread.first);
    return curvature_spread(site, &spread);
}

static basin_status hessian_top_run(const struct measure_site *site)
{
    struct hessian_top top = {.curvature = curvature_open(site),
                              .negative = hessian_top_ends(site) == ENDS_SMALLEST};
    struct lanczos_result found;
    TRY(measure_note_batch(site, curvature_call(site)));
    basin_status status = hessian_top_search(&top, &found);
    if (status == BASIN_OK) {
        status = hessian_top_record(site, &found);
        if (status == BASIN_OK) status = hessian_top_spread(&top, &found);
        lanczos_free(&found);
    }
    hessian_top_release(&top);
    return status;
}

/* The basis grows a vector a product; the pairs found, what their residuals take, and a second
 * search beside them are in float64. The products at the end are made four at once (lanczos.c). */
static void hessian_top_need(const struct measure_site *site, struct measure_need *need)
{
    const struct hessian_top_settings *settings = site->settings;
    double k = (double)settings->k, pairs = k + (settings->ends == ENDS_BOTH),
           most = fmin((double)settings->max_iterations, (double)model_size(site->model)),
           steps = fmin(most, (settings->ends == ENDS_LARGEST ? 15 : 80) + 15 * k);
    need->uses[need->count++] = (struct objective_use){.call = curvature_call(site),
                                                       .examples = measure_examples(site),
                                                       .times = steps + 1 + pairs,
                                                       .calls = steps + ceil(pairs / 4)};
    if (site->precision == PRECISION_FLOAT32)
        need->exact = (struct objective_use){.call = curvature_call(site),
                                             .examples = measure_examples(site),
                                             .times = pairs,
                                             .calls = ceil(pairs / 4)};
    need->repeats = curvature_repeats(site);
    need->narrow = (size_t)most + 1;
    need->vectors = 2 * (size_t)pairs + 12;
    need->doubles = (size_t)(most * most);
}

static bool hessian_top_gives(const struct value *options, const struct quantity *quantity)
{
    const struct value *ends = value_find(options, "ends");
    size_t which = (size_t)(quantity - quantities), here = which % PER_MATRIX;
    bool is_largest = here == LAMBDA_MAX || here == MAX_MEAN || here == MAX_SD;
    enum hessian_ends other = is_largest ? ENDS_SMALLEST : ENDS_LARGEST;
    return curvature_is(options, which / PER_MATRIX) &&
           strcmp(ends->text, ends_names[other]) != 0 &&
           (here < LAMBDAS || curvature_is_spread(options));
}

static const struct measure measure = {.quantities = quantities,
                                       .arrays = arrays,
                                       .gives = hessian_top_gives,
                                       .revised = true, /* `ends`; residuals in float64 */
                                       .check = hessian_top_check,
                                       .run = hessian_top_run,
                                       .need = hessian_top_need};
const struct entry hessian_top_entry = {
    .name = "hessian_top",
    .doc = "The k largest eigenvalues of the Hessian of the training loss, the smallest, or both, "
           "with residuals: the sharpness. Also of the Gauss-Newton and the Fisher matrices.",
    .source = "Lanczos 1950; exact products: Pearlmutter 1994",
    .parameters = parameters,
    .settings_size = sizeof(struct hessian_top_settings),
    .implementation = &measure};
