/* interaction: the sharpness beside the step size, and how far it is from the edge of stability. */
#include <math.h>
#include "measure/sharp.h"

#define INTERACTION_SOURCE "Cohen et al., arXiv:2103.00065; of Adam: arXiv:2207.14484"
enum { SHARPNESS, RESIDUAL, PRODUCT, EDGE, SHARE, DISTANCE };
static const struct quantity quantities[] = {
    [SHARPNESS] = {"interaction_sharpness", "1", "sharpness that the steps meet",
                   "of gradient descent the largest eigenvalue of H, the Hessian of the mean "
                   "training loss" CURVATURE_OVER
                   "; of Adam that of P^-1/2 H P^-1/2 (preconditioned_sharpness)",
                   INTERACTION_SOURCE},
    [RESIDUAL] = {"interaction_residual", "1", "||H v - lambda v||, ||v|| = 1",
                  "by one more product", INTERACTION_SOURCE},
    [PRODUCT] = {"interaction_lr_sharpness", "1", "learning rate times sharpness",
                 "learning_rate of the latest step * interaction_sharpness", INTERACTION_SOURCE},
    [EDGE] = {"interaction_edge", "1", "sharpness above which the steps are not stable",
              "2 / learning_rate; with momentum b (2 + 2 b) / learning_rate, after Nesterov (2 + 2 "
              "b) / ((1 + 2 b) learning_rate), of Adam (2 + 2 beta1) / ((1 - beta1) "
              "learning_rate): of full-batch steps on a quadratic, at the rate of the latest step",
              INTERACTION_SOURCE},
    [SHARE] = {"interaction_edge_share", "1", "sharpness as a share of that at the edge",
               "interaction_sharpness / interaction_edge: 1 at the edge of stability",
               INTERACTION_SOURCE},
    [DISTANCE] = {"interaction_edge_distance", "1", "distance of the sharpness from the edge",
                  "interaction_edge - interaction_sharpness: negative beyond the edge",
                  INTERACTION_SOURCE},
    {0}};

static const struct schema_row parameters[] = {SHARP_ROWS, {0}};

static basin_status interaction_run(const struct measure_site *site)
{
    struct sharp sharp;
    TRY(sharp_find(site, &sharp));
    const char *missing = sharp_missing(site);
    double edge = missing ? NAN : sharp_edge(site->motion),
           rate = missing ? NAN : site->motion->rate;
    const char *still = missing ? missing : "the learning rate of the latest step is 0";
    const char *reason = sharp.reason ? sharp.reason : still;
    TRY(measure_scalar(site, &quantities[SHARPNESS], sharp.value, sharp.reason));
    TRY(measure_scalar(site, &quantities[RESIDUAL], sharp.residual, sharp.reason));
    TRY(measure_scalar(site, &quantities[PRODUCT], rate * sharp.value, reason));
    TRY(measure_scalar(site, &quantities[EDGE], edge, still));
    TRY(measure_scalar(site, &quantities[SHARE], sharp.value / edge, reason));
    return measure_scalar(site, &quantities[DISTANCE], edge - sharp.value, reason);
}

static const struct measure measure = {
    .quantities = quantities, .motion = true, .run = interaction_run, .need = sharp_need};
const struct entry interaction_entry = {
    .name = "interaction",
    .doc = "The sharpness times the learning rate, and its distance from the edge of stability of "
           "the optimizer. Taken by the training itself: a result does not hold what it takes.",
    .source = "Cohen et al., ICLR 2021",
    .parameters = parameters,
    .settings_size = sizeof(struct sharp_settings),
    .implementation = &measure};
