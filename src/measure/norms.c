/* weight_norm and distance_from_init: Euclidean norms on the parameter vector, accumulated in
 * float64. */
#include <math.h>
#include "measure/measure.h"

static const struct quantity norm_quantities[] = {
    {"weight_norm", "1", "Euclidean norm of the parameters",
     "sqrt(sum w_i^2) over the parameters of option `include`", NULL},
    {0}};
static const struct quantity distance_quantities[] = {
    {"distance_from_init", "1", "Euclidean distance of the parameters from their initial values",
     "sqrt(sum (w_i - w0_i)^2) over the parameters of option `include`",
     "Nagarajan and Kolter, arXiv:1901.01672"},
    {0}};

static const char *const kinds[] = {"all", "weights", NULL};
enum norm_include { INCLUDE_ALL, INCLUDE_WEIGHTS }; /* as in kinds */

struct norm_settings {
    struct measure_common common;
    enum norm_include include;
};

static const struct schema_row parameters[] = {
    {.key = "include",
     SETTING(struct norm_settings, include),
     .type = SCHEMA_CHOICE,
     .choices = kinds,
     .fallback = "all",
     .doc = "all parameters, or weights only (no biases, no normalisation)."},
    MEASURE_EVERY_ROW,
    {0}};

static double norms_element(enum precision precision, const void *vector, int64_t i)
{
    return precision == PRECISION_FLOAT64 ? ((const double *)vector)[i]
                                          : (double)((const float *)vector)[i];
}

/* sqrt(sum (w - origin)^2); origin NULL: 0 */
static double norms_euclidean(const struct measure_site *site, const void *origin)
{
    const struct norm_settings *settings = site->settings;
    bool all = settings->include == INCLUDE_ALL;
    enum precision precision = site->precision;
    double sum = 0;
    for (int j = 0; j < model_parameter_count(site->model); j++) {
        const struct model_parameter *parameter = model_parameter(site->model, j);
        if (!all && parameter->role != ROLE_WEIGHT) continue;
        for (int64_t i = parameter->offset; i < parameter->offset + parameter->size; i++) {
            double difference = norms_element(precision, site->w, i) -
                                (origin ? norms_element(precision, origin, i) : 0);
            sum += difference * difference;
        }
    }
    return sqrt(sum);
}

static basin_status run_norm(const struct measure_site *site)
{
    return measure_scalar(site, &norm_quantities[0], norms_euclidean(site, NULL), NULL);
}

static basin_status run_distance(const struct measure_site *site)
{
    return measure_scalar(site, &distance_quantities[0], norms_euclidean(site, site->initial),
                          NULL);
}

static const struct measure norm_measure = {.quantities = norm_quantities, .run = run_norm};
static const struct measure distance_measure = {.quantities = distance_quantities,
                                                .run = run_distance};
const struct entry weight_norm_entry = {.name = "weight_norm",
                                        .doc = "Euclidean norm of the parameters.",
                                        .parameters = parameters,
                                        .settings_size = sizeof(struct norm_settings),
                                        .implementation = &norm_measure};
const struct entry distance_from_init_entry = {
    .name = "distance_from_init",
    .doc = "Euclidean distance of the parameters from where training started.",
    .source = "Nagarajan and Kolter, arXiv:1901.01672",
    .parameters = parameters,
    .settings_size = sizeof(struct norm_settings),
    .implementation = &distance_measure};
