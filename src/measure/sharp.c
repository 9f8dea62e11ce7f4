#include "measure/sharp.h"

#include <math.h>
#include "measure/lanczos.h"

struct preconditioned {
    struct curvature curvature;
    size_t size;
    double *scale;  /* (P): P^-1/2; NULL: the Hessian as it is */
    double *scaled; /* (P) */
};

const char *sharp_missing(const struct measure_site *site)
{
    if (!site->motion)
        return "how the training moved the weights is not in its result: the measure is taken at "
               "the end of a training, and while it goes on";
    if (site->motion->second && site->motion->step == 0) return "no step has been taken yet";
    return NULL;
}

static void sharp_scale(const struct measure_site *site, double *scale, size_t n)
{
    const struct motion *motion = site->motion;
    double t = (double)motion->step, first = 1 - pow(motion->momentum, t),
           second = 1 - pow(motion->beta2, t);
    vector_to_double(site->precision, motion->second, scale, n);
    for (size_t i = 0; i < n; i++)
        scale[i] = 1 / sqrt(first * (sqrt(scale[i] / second) + motion->epsilon));
}

static basin_status sharp_multiply(void *context, const double *x, size_t count, double *y)
{
    struct preconditioned *here = context;
    if (!here->scale) return curvature_multiply(&here->curvature, x, count, y);
    for (size_t k = 0; k < count; k++) {
        double *out = y + k * here->size;
        for (size_t i = 0; i < here->size; i++)
            here->scaled[i] = here->scale[i] * x[k * here->size + i];
        TRY(curvature_multiply(&here->curvature, here->scaled, 1, out));
        for (size_t i = 0; i < here->size; i++) out[i] *= here->scale[i];
    }
    return BASIN_OK;
}

static basin_status sharp_search(struct preconditioned *here, struct sharp *sharp)
{
    const struct measure_site *site = here->curvature.site;
    const struct sharp_settings *settings = site->settings;
    struct lanczos_result found;
    const struct lanczos_request request = {.multiply = sharp_multiply,
                                            .context = here,
                                            .size = here->size,
                                            .largest = 1,
                                            .tolerance = settings->tolerance,
                                            .max_iterations = (size_t)settings->max_iterations,
                                            .narrow_basis = site->precision == PRECISION_FLOAT32,
                                            .seed = site->seed};
    basin_status status = lanczos_run(&request, &found);
    if (status == BASIN_NUMERIC) {
        *sharp = (struct sharp){NAN, NAN, CURVATURE_NOT_FINITE};
        return BASIN_OK;
    }
    TRY(status);
    *sharp = (struct sharp){found.values[0], found.residuals[0], NULL};
    status = measure_note(site, "iterations", (double)found.iterations);
    if (status == BASIN_OK) status = measure_note(site, "tolerance", found.tolerance);
    if (status == BASIN_OK) status = measure_note(site, "converged", found.converged);
    lanczos_free(&found);
    return status;
}

basin_status sharp_find(const struct measure_site *site, struct sharp *sharp)
{
    size_t n = (size_t)model_size(site->model);
    struct preconditioned here = {.curvature = curvature_open(site), .size = n};
    TRY(measure_note(site, "examples", (double)measure_examples(site)));
    TRY(measure_note_batch(site, OBJECTIVE_HESSIAN));
    *sharp = (struct sharp){NAN, NAN, sharp_missing(site)};
    if (sharp->reason) return BASIN_OK;
    double *memory = site->motion->second ? memory_allocate(2 * n * sizeof *memory) : NULL;
    if (site->motion->second && !memory) return BASIN_MEMORY;
    if (memory) {
        here.scale = memory;
        here.scaled = memory + n;
        sharp_scale(site, here.scale, n);
    }
    basin_status status = sharp_search(&here, sharp);
    memory_free(memory);
    return status;
}

/* As hessian_top for one eigenvalue; the copy of the second moments is of the precision. */
void sharp_need(const struct measure_site *site, struct measure_need *need)
{
    const struct sharp_settings *settings = site->settings;
    double most = fmin((double)settings->max_iterations, (double)model_size(site->model)),
           steps = fmin(most, 30);
    need->uses[need->count++] = (struct objective_use){.call = OBJECTIVE_HESSIAN,
                                                       .examples = measure_examples(site),
                                                       .times = steps + 2,
                                                       .calls = steps + 2};
    need->narrow = (size_t)most + 2;
    need->vectors = 13;
    need->doubles = (size_t)(most * most);
}

double sharp_edge(const struct motion *motion)
{
    double b = motion->momentum, rate = motion->rate;
    if (!(rate > 0)) return NAN;
    if (motion->second) return (2 + 2 * b) / ((1 - b) * rate);
    return motion->nesterov ? (2 + 2 * b) / ((1 + 2 * b) * rate) : (2 + 2 * b) / rate;
}
