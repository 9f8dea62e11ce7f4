/* Sharp: the largest eigenvalue of the Hessian beside the steps that a training takes, as such or
 * preconditioned as Adam's steps are.
 *
 * With P = (1 - beta1^t) (sqrt(v_hat) + epsilon), t the steps so far, v_hat = v / (1 - beta2^t),
 * Adam's steps are gradient descent with momentum (an average of gradients) in coordinates scaled
 * by P^1/2, in which the Hessian is P^-1/2 H P^-1/2. Source: Cohen et al., arXiv:2207.14484,
 * section 2.
 * Ownership.  Owns nothing.
 */
#ifndef BASIN_MEASURE_SHARP_H
#define BASIN_MEASURE_SHARP_H

#include "measure/curvature.h"
#include "models/motion.h"

/* What the settings of such a measure begin with. `curvature.matrix` is always the Hessian. */
struct sharp_settings {
    struct curvature_settings curvature;
    double tolerance;
    int64_t max_iterations;
};

#define SHARP_ROWS                                                                                 \
    MEASURE_EXAMPLES_ROW, MEASURE_MODE_ROW, MEASURE_EVERY_ROW,                                     \
        {.key = "tolerance",                                                                       \
         SETTING(struct sharp_settings, tolerance),                                                \
         .type = SCHEMA_FLOAT,                                                                     \
         .maximum = 1,                                                                             \
         .fallback = "1e-4",                                                                       \
         .flags = SCHEMA_OPEN_MINIMUM,                                                             \
         .doc = "Residual at which the eigenvalue counts as converged, relative to it; floored "   \
                "by the noise of the products.",                                                   \
         .aliases = (const char *const[]){"tol", NULL}},                                           \
    {                                                                                              \
        .key = "max_iterations", SETTING(struct sharp_settings, max_iterations),                   \
        .type = SCHEMA_INTEGER, .unit = "products", .minimum = 2, .maximum = 100000,               \
        .fallback = "300", .doc = "Largest number of Lanczos steps.",                              \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "iterations", "max_iter", NULL                                                         \
        }                                                                                          \
    }

struct sharp {
    double value, residual; /* NaN where `reason` says why */
    const char *reason;
};

/* Whether the site has what it takes: the motion, and of Adam a first step. */
const char *sharp_missing(const struct measure_site *site);

/* The largest eigenvalue, preconditioned where the motion has second moments; sets notes. */
basin_status sharp_find(const struct measure_site *site, struct sharp *sharp);
void sharp_need(const struct measure_site *site, struct measure_need *need);

/* The value above which the steps are not stable on a quadratic: 2 / rate of gradient descent,
 * (2 + 2 b) / rate with momentum b, (2 + 2 b) / ((1 + 2 b) rate) after Nesterov, and
 * (2 + 2 b) / ((1 - b) rate) of the preconditioned one, b = beta1. NaN where the rate is 0. */
double sharp_edge(const struct motion *motion);

#endif
