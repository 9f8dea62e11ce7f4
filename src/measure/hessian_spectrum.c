/* hessian_spectrum: the density of eigenvalues of the Hessian of the training loss, or of another
 * matrix of curvature, by stochastic Lanczos quadrature. */
#include <math.h>
#include "measure/curvature_spread.h"
#include "measure/quadrature.h"

#define SPECTRUM_SOURCE                                                                            \
    "stochastic Lanczos quadrature (Lin, Saad and Yang, SIAM Review 2016; Ghorbani et al., "       \
    "arXiv:1901.10159), full reorthogonalisation; exact Hessian-vector products (Pearlmutter "     \
    "1994)"

enum {
    LARGEST,
    SMALLEST,
    NEGATIVE,
    NEGATIVE_ERROR,
    LARGEST_MEAN,
    LARGEST_SD,
    SMALLEST_MEAN,
    SMALLEST_SD,
    PER_MATRIX
};
#define X(NAME, WORDS, MATRIX)                                                                     \
    {NAME "_spectrum_largest", "1", "largest node of the spectrum of " WORDS,                      \
     "the largest Ritz value of all probes, at most the largest eigenvalue of the " MATRIX,        \
     SPECTRUM_SOURCE},                                                                             \
        {NAME "_spectrum_smallest", "1", "smallest node of the spectrum of " WORDS,                \
         "the smallest Ritz value of all probes, at least the smallest eigenvalue of the " MATRIX, \
         SPECTRUM_SOURCE},                                                                         \
        {NAME "_spectrum_negative", "1", "share of negative eigenvalues of " WORDS,                \
         "weight of the nodes below -kernel_width, mean over the probes; of the " MATRIX,          \
         SPECTRUM_SOURCE},                                                                         \
        {NAME "_spectrum_negative_stderr", "1", "standard error of " NAME "_spectrum_negative",    \
         "standard deviation over the probes / sqrt(probes)", SPECTRUM_SOURCE},                    \
        CURVATURE_SPREAD(NAME "_spectrum_largest", "the largest node of the spectrum of " WORDS)   \
            CURVATURE_SPREAD(NAME "_spectrum_smallest",                                            \
                             "the smallest node of the spectrum of " WORDS)
static const struct quantity quantities[] = {CURVATURE_MATRICES(X){0}};
#undef X

static const struct quantity grid_quantity = {
    "eigenvalue", "1", "places at which the density is given",
    "evenly spaced from 5 kernel widths below the smallest node to 5 above the largest", NULL};
static const struct quantity point_quantity = {"point", "1", "ordinal of a place of the density",
                                               NULL, NULL};
static const struct quantity density_quantity = {
    "density", "1", "density of eigenvalues",
    "mean over the probes of sum w_i N(t; theta_i, kernel_width), w_i and theta_i the weights and "
    "nodes of a probe; its integral is 1. Of the Hessian, or of the matrix that the option "
    "`matrix` names, of the mean training loss" CURVATURE_OVER,
    SPECTRUM_SOURCE};
static const struct quantity error_quantity = {"density_errors", "1", "standard error of density",
                                               "standard deviation over the probes / sqrt(probes)",
                                               SPECTRUM_SOURCE};
static const struct quantity probe_quantity = {"probe", "1", "ordinal of the probe", NULL, NULL};
static const struct quantity node_quantity = {"node", "1", "ordinal of the node, ascending", NULL,
                                              NULL};
static const struct quantity nodes_quantity = {
    "quadrature_node", "1", "nodes of the quadrature of each probe",
    "eigenvalues of the tridiagonal matrix of Lanczos. Where the Krylov space is exhausted there "
    "are fewer nodes than steps: the last is repeated, with weight 0",
    SPECTRUM_SOURCE};
static const struct quantity weights_quantity = {
    "quadrature_weight", "1", "weights of the quadrature of each probe",
    "squared first components of the eigenvectors of the tridiagonal matrix of Lanczos; those of a "
    "probe add up to 1",
    SPECTRUM_SOURCE};
static const struct quantity subset_quantities[] = {
    {"largest_of_subset", "1", "the largest node over each subset of examples", NULL, NULL},
    {"smallest_of_subset", "1", "the smallest node over each subset of examples", NULL, NULL}};
static const struct quantity *const arrays[] = {
    &grid_quantity,        &point_quantity,       &density_quantity,
    &error_quantity,       &probe_quantity,       &node_quantity,
    &nodes_quantity,       &weights_quantity,     &curvature_subset_quantity,
    &subset_quantities[0], &subset_quantities[1], NULL};

struct hessian_spectrum_settings {
    struct curvature_settings curvature;
    int64_t probes, steps, points;
    double width;
};

static const struct schema_row parameters[] = {
    CURVATURE_MATRIX_ROW,
    CURVATURE_SUBSETS_ROW,
    {.key = "probes",
     SETTING(struct hessian_spectrum_settings, probes),
     .type = SCHEMA_INTEGER,
     .unit = "probes",
     .minimum = 2,
     .maximum = 10000,
     .fallback = "10",
     .doc = "Random start vectors.",
     .aliases = (const char *const[]){"samples", "n_probes", "n_v", NULL}},
    {.key = "steps",
     SETTING(struct hessian_spectrum_settings, steps),
     .type = SCHEMA_INTEGER,
     .unit = "products",
     .minimum = 2,
     .maximum = 10000,
     .fallback = "80",
     .doc = "Lanczos steps of a probe, which are its nodes; at most as many as there are "
            "parameters.",
     .aliases = (const char *const[]){"iterations", "max_iterations", "iter", NULL}},
    {.key = "points",
     SETTING(struct hessian_spectrum_settings, points),
     .type = SCHEMA_INTEGER,
     .minimum = 2,
     .maximum = 100000,
     .fallback = "1000",
     .doc = "Places at which the density is given."},
    {.key = "width",
     SETTING(struct hessian_spectrum_settings, width),
     .type = SCHEMA_FLOAT,
     .maximum = 1,
     .fallback = "0.003",
     .flags = SCHEMA_OPEN_MINIMUM,
     .doc = "Standard deviation of the kernel that smooths the density, as a share of the range of "
            "the nodes (of the largest |node| where all are one); the attribute `kernel_width` has "
            "it in units of eigenvalues. Nodes and weights are stored too: any other width can be "
            "made of them.",
     .aliases = (const char *const[]){"sigma", "kernel_width", "bandwidth", NULL}},
    MEASURE_EXAMPLES_ROW,
    MEASURE_MODE_ROW,
    MEASURE_EVERY_ROW,
    {0}};

static basin_status hessian_spectrum_check(const void *settings, const struct data_info *info,
                                           int64_t count)
{
    (void)count;
    return curvature_check("hessian_spectrum", settings, info);
}

struct spectrum {
    const struct measure_site *site;
    struct quadrature quadrature;
    size_t points;
    double smallest, largest, width;
    double *grid, *density, *errors, *index; /* (points); index is as long as any axis */
};

static size_t spectrum_steps(const struct measure_site *site)
{
    const struct hessian_spectrum_settings *settings = site->settings;
    size_t size = (size_t)model_size(site->model);
    return (size_t)settings->steps < size ? (size_t)settings->steps : size;
}

static size_t spectrum_longest(const struct spectrum *spectrum)
{
    size_t longest = spectrum->points;
    if (spectrum->quadrature.probes > longest) longest = spectrum->quadrature.probes;
    return spectrum->quadrature.steps > longest ? spectrum->quadrature.steps : longest;
}

/* A network about to diverge has no finite products: every number is NaN. */
static void spectrum_without_values(struct quadrature *quadrature)
{
    for (size_t i = 0; i < quadrature->probes * quadrature->steps; i++)
        quadrature->nodes[i] = quadrature->weights[i] = NAN;
}

static basin_status spectrum_find(struct spectrum *spectrum, struct curvature *curvature)
{
    const struct measure_site *site = spectrum->site;
    const struct lanczos_request request = {.multiply = curvature_multiply,
                                            .context = curvature,
                                            .size = (size_t)model_size(site->model),
                                            .largest = 1,
                                            .narrow_basis = site->precision == PRECISION_FLOAT32,
                                            .seed = site->seed};
    basin_status status = quadrature_run(&request, &spectrum->quadrature);
    if (status != BASIN_NUMERIC) return status;
    spectrum_without_values(&spectrum->quadrature);
    return BASIN_OK;
}

static void spectrum_range(struct spectrum *spectrum)
{
    const struct hessian_spectrum_settings *settings = spectrum->site->settings;
    const struct quadrature *quadrature = &spectrum->quadrature;
    spectrum->smallest = spectrum->largest = quadrature->nodes[0];
    for (size_t i = 1; i < quadrature->probes * quadrature->steps; i++) {
        spectrum->smallest = fmin(spectrum->smallest, quadrature->nodes[i]);
        spectrum->largest = fmax(spectrum->largest, quadrature->nodes[i]);
    }
    double range = spectrum->largest - spectrum->smallest,
           scale = fmax(fabs(spectrum->largest), fabs(spectrum->smallest));
    if (!(range > 1e-9 * scale)) range = scale > 0 ? scale : 1;
    spectrum->width = settings->width * range;
}

/* Mean over the probes and its standard error. */
static void spectrum_mean(const struct spectrum *spectrum,
                          double (*number)(const struct spectrum *, size_t probe, double t),
                          double t, double *mean, double *error)
{
    double sum = 0, square = 0, count = (double)spectrum->quadrature.probes;
    for (size_t k = 0; k < spectrum->quadrature.probes; k++) sum += number(spectrum, k, t);
    *mean = sum / count;
    for (size_t k = 0; k < spectrum->quadrature.probes; k++)
        square += pow(number(spectrum, k, t) - *mean, 2);
    *error = sqrt(square / (count - 1) / count);
}

static double spectrum_density(const struct spectrum *spectrum, size_t probe, double t)
{
    return quadrature_density(&spectrum->quadrature, probe, spectrum->width, t);
}

/* Weight of the nodes below t. */
static double spectrum_below(const struct spectrum *spectrum, size_t probe, double t)
{
    const struct quadrature *quadrature = &spectrum->quadrature;
    double sum = 0;
    for (size_t i = probe * quadrature->steps; i < (probe + 1) * quadrature->steps; i++)
        if (!(quadrature->nodes[i] >= t)) sum += quadrature->weights[i];
    return sum;
}

static void spectrum_smooth(struct spectrum *spectrum)
{
    double low = spectrum->smallest - 5 * spectrum->width,
           high = spectrum->largest + 5 * spectrum->width;
    for (size_t i = 0; i < spectrum->points; i++) {
        spectrum->grid[i] = low + (high - low) * (double)i / (double)(spectrum->points - 1);
        spectrum_mean(spectrum, spectrum_density, spectrum->grid[i], &spectrum->density[i],
                      &spectrum->errors[i]);
    }
}

static basin_status spectrum_notes(const struct spectrum *spectrum)
{
    const struct measure_site *site = spectrum->site;
    TRY(measure_note(site, "examples", (double)measure_examples(site)));
    TRY(measure_note(site, "probes", (double)spectrum->quadrature.probes));
    TRY(measure_note(site, "steps", (double)spectrum->quadrature.steps));
    TRY(measure_note(site, "exhausted", (double)spectrum->quadrature.exhausted));
    return measure_note(site, "kernel_width", spectrum->width);
}

static basin_status spectrum_scalars(const struct spectrum *spectrum)
{
    const struct measure_site *site = spectrum->site;
    const struct quantity *own = quantities + PER_MATRIX * curvature_matrix(site);
    double share, error;
    spectrum_mean(spectrum, spectrum_below, -spectrum->width, &share, &error);
    TRY(measure_scalar(site, &own[LARGEST], spectrum->largest, CURVATURE_NOT_FINITE));
    TRY(measure_scalar(site, &own[SMALLEST], spectrum->smallest, CURVATURE_NOT_FINITE));
    TRY(measure_scalar(site, &own[NEGATIVE], share, CURVATURE_NOT_FINITE));
    return measure_scalar(site, &own[NEGATIVE_ERROR], error, CURVATURE_NOT_FINITE);
}

static basin_status spectrum_ordinals(const struct spectrum *spectrum,
                                      const struct quantity *quantity, size_t count)
{
    for (size_t i = 0; i < count; i++) spectrum->index[i] = (double)i;
    return measure_array(spectrum->site, quantity, quantity->name, count, spectrum->index);
}

/* Over the eigenvalues themselves; in a track, whose scales are the same at all epochs, over
 * points, and the eigenvalues are an array beside it. */
static basin_status spectrum_curve(const struct spectrum *spectrum)
{
    const struct measure_site *site = spectrum->site;
    const char *axis = measure_is_tracked(site) ? point_quantity.name : grid_quantity.name;
    size_t points = spectrum->points;
    if (measure_is_tracked(site)) TRY(spectrum_ordinals(spectrum, &point_quantity, points));
    TRY(measure_array(site, &grid_quantity, axis, points, spectrum->grid));
    TRY(measure_array(site, &density_quantity, axis, points, spectrum->density));
    return measure_array(site, &error_quantity, axis, points, spectrum->errors);
}

static basin_status spectrum_record(const struct spectrum *spectrum)
{
    const struct measure_site *site = spectrum->site;
    const struct quadrature *quadrature = &spectrum->quadrature;
    const struct measure_shape shape = {.rank = 2,
                                        .axes = {probe_quantity.name, node_quantity.name},
                                        .dims = {quadrature->probes, quadrature->steps}};
    TRY(spectrum_notes(spectrum));
    TRY(spectrum_scalars(spectrum));
    TRY(spectrum_curve(spectrum));
    TRY(spectrum_ordinals(spectrum, &probe_quantity, quadrature->probes));
    TRY(spectrum_ordinals(spectrum, &node_quantity, quadrature->steps));
    TRY(measure_grid(site, &nodes_quantity, &shape, quadrature->nodes));
    return measure_grid(site, &weights_quantity, &shape, quadrature->weights);
}

static basin_status spectrum_numbers(void *context, struct curvature *curvature, double *values)
{
    struct spectrum *spectrum = context;
    TRY(spectrum_find(spectrum, curvature));
    spectrum_range(spectrum);
    values[0] = spectrum->largest;
    values[1] = spectrum->smallest;
    return BASIN_OK;
}

static basin_status hessian_spectrum_spread(struct spectrum *spectrum)
{
    const struct quantity *own = quantities + PER_MATRIX * curvature_matrix(spectrum->site);
    const struct curvature_spread spread = {.numbers = spectrum_numbers,
                                            .context = spectrum,
                                            .count = 2,
                                            .first = {spectrum->largest, spectrum->smallest},
                                            .mean = {&own[LARGEST_MEAN], &own[SMALLEST_MEAN]},
                                            .sd = {&own[LARGEST_SD], &own[SMALLEST_SD]},
                                            .each = {&subset_quantities[0], &subset_quantities[1]}};
    return curvature_spread(spectrum->site, &spread);
}

static basin_status hessian_spectrum_run(const struct measure_site *site)
{
    const struct hessian_spectrum_settings *settings = site->settings;
    struct spectrum spectrum = {
        .site = site,
        .points = (size_t)settings->points,
        .quadrature = {.probes = (size_t)settings->probes, .steps = spectrum_steps(site)}};
    size_t nodes = spectrum.quadrature.probes * spectrum.quadrature.steps;
    double *memory = memory_allocate(
        (2 * nodes + 3 * spectrum.points + spectrum_longest(&spectrum)) * sizeof *memory);
    if (!memory) return BASIN_MEMORY;
    spectrum.quadrature.nodes = memory;
    spectrum.quadrature.weights = memory + nodes;
    spectrum.grid = memory + 2 * nodes;
    spectrum.density = spectrum.grid + spectrum.points;
    spectrum.errors = spectrum.density + spectrum.points;
    spectrum.index = spectrum.errors + spectrum.points;
    basin_status status = measure_note_batch(site, curvature_call(site));
    struct curvature curvature = curvature_open(site);
    double ends[2];
    if (status == BASIN_OK) status = spectrum_numbers(&spectrum, &curvature, ends);
    if (status == BASIN_OK) spectrum_smooth(&spectrum);
    if (status == BASIN_OK) status = spectrum_record(&spectrum);
    if (status == BASIN_OK) status = hessian_spectrum_spread(&spectrum);
    memory_free(memory);
    return status;
}

/* A probe takes a product more than steps: the first is taken twice, to see its noise. */
static void hessian_spectrum_need(const struct measure_site *site, struct measure_need *need)
{
    const struct hessian_spectrum_settings *settings = site->settings;
    double probes = (double)settings->probes, steps = (double)spectrum_steps(site);
    need->uses[need->count++] = (struct objective_use){.call = curvature_call(site),
                                                       .examples = measure_examples(site),
                                                       .times = probes * (steps + 1),
                                                       .calls = probes * steps};
    need->repeats = curvature_repeats(site);
    need->narrow = (size_t)steps + 1;
    need->vectors = 8;
    need->doubles = (size_t)(steps * steps + 2 * steps * probes) + 5 * (size_t)settings->points;
}

static bool hessian_spectrum_gives(const struct value *options, const struct quantity *quantity)
{
    size_t which = (size_t)(quantity - quantities);
    return curvature_is(options, which / PER_MATRIX) &&
           (which % PER_MATRIX < LARGEST_MEAN || curvature_is_spread(options));
}

static const struct measure measure = {.quantities = quantities,
                                       .arrays = arrays,
                                       .gives = hessian_spectrum_gives,
                                       .check = hessian_spectrum_check,
                                       .run = hessian_spectrum_run,
                                       .need = hessian_spectrum_need};
const struct entry hessian_spectrum_entry = {
    .name = "hessian_spectrum",
    .doc = "Density of the eigenvalues of the Hessian of the training loss, with the nodes and "
           "weights that it is made of; also of the Gauss-Newton and the Fisher matrices.",
    .source = "Ghorbani, Krishnan and Xiao, ICML 2019",
    .parameters = parameters,
    .settings_size = sizeof(struct hessian_spectrum_settings),
    .implementation = &measure};
