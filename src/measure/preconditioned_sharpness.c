/* preconditioned_sharpness: the largest eigenvalue of the Hessian in the coordinates of Adam. */
#include <math.h>
#include <string.h>
#include "measure/sharp.h"

#define PRECONDITIONED_SOURCE "Cohen et al., arXiv:2207.14484"
static const struct quantity quantities[] = {
    {"preconditioned_sharpness", "1", "largest eigenvalue of the preconditioned Hessian",
     "of P^-1/2 H P^-1/2, P = (1 - beta1^t) (sqrt(v_hat) + epsilon) of the run's Adam after its t "
     "steps, H the Hessian of the mean training loss" CURVATURE_OVER,
     PRECONDITIONED_SOURCE},
    {"preconditioned_sharpness_residual", "1",
     "||M v - lambda v||, ||v|| = 1, M the preconditioned Hessian", "by one more product",
     PRECONDITIONED_SOURCE},
    {"preconditioned_sharpness_edge", "1",
     "preconditioned sharpness above which Adam is not stable",
     "(2 + 2 beta1) / ((1 - beta1) learning_rate), the rate that of the latest step: 38 / "
     "learning_rate for beta1 .9. Of full-batch steps with a preconditioner that moves slowly",
     PRECONDITIONED_SOURCE},
    {0}};

static const struct schema_row parameters[] = {SHARP_ROWS, {0}};

static basin_status preconditioned_sharpness_applies(const struct measure_site *site)
{
    if (strncmp(site->optimizer, "adam", 4) == 0) return BASIN_OK;
    error_raise(BASIN_SPEC,
                "preconditioned_sharpness looks at the second moments of Adam, and the optimizer "
                "is %s",
                site->optimizer);
    error_hint("use hessian_top: of gradient descent the sharpness itself is what counts; or "
               "interaction, which takes the one that suits the optimizer");
    return BASIN_SPEC;
}

static basin_status preconditioned_sharpness_run(const struct measure_site *site)
{
    struct sharp sharp;
    TRY(sharp_find(site, &sharp));
    TRY(measure_scalar(site, &quantities[0], sharp.value, sharp.reason));
    TRY(measure_scalar(site, &quantities[1], sharp.residual, sharp.reason));
    const char *missing = sharp_missing(site);
    return measure_scalar(site, &quantities[2], missing ? NAN : sharp_edge(site->motion),
                          missing ? missing : "the learning rate of the latest step is 0");
}

static const struct measure measure = {.quantities = quantities,
                                       .applies = preconditioned_sharpness_applies,
                                       .motion = true,
                                       .run = preconditioned_sharpness_run,
                                       .need = sharp_need};
const struct entry preconditioned_sharpness_entry = {
    .name = "preconditioned_sharpness",
    .doc = "Largest eigenvalue of the Hessian preconditioned as the steps of Adam are, and the "
           "value up to which they are stable. Taken by the training itself: a result does not "
           "hold what it takes.",
    .source = PRECONDITIONED_SOURCE,
    .parameters = parameters,
    .settings_size = sizeof(struct sharp_settings),
    .implementation = &measure};
