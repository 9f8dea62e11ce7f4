/* Perturb: weights moved by a perturbation, and what measures of sharpness share.
 *
 * Purpose.  L(w + d) and its gradient over a group of examples, for perturbations d that leave the
 * parameters outside `include` where they are. With `m` the examples are divided into groups of m
 * that follow each other; a measure perturbs the loss of each group for itself and reports the mean
 * over the groups (m-sharpness: Foret 2021). Examples that do not fill a group are left out, and
 * the attribute `examples` counts those that are in.
 * Precision.  Perturbations and sums are float64. Losses are those of the network in float64 at
 * exactly w + d, since differences of losses may be smaller than the rounding of float32;
 * gradients, which only say where to go, are those of the network in the precision of the run.
 * Ownership.  perturb_open hands over; perturb_close releases, also after a failed perturb_open.
 */
#ifndef BASIN_MEASURE_PERTURB_H
#define BASIN_MEASURE_PERTURB_H

#include "measure/measure.h"

enum perturb_include { PERTURB_ALL, PERTURB_WEIGHTS }; /* as in perturb_includes */
extern const char *const perturb_includes[];

/* What the settings of such a measure begin with. */
struct perturb_settings {
    struct measure_common common;
    enum perturb_include include;
    int64_t m; /* SETTING_ABSENT: all examples are one group */
};

#define PERTURB_INCLUDE_ROW                                                                        \
    {                                                                                              \
        .key = "include", SETTING(struct perturb_settings, include), .type = SCHEMA_CHOICE,        \
        .choices = perturb_includes, .fallback = "all",                                            \
        .doc = "Which parameters are perturbed: all, or weights only (no biases, no "              \
               "normalisation)."                                                                   \
    }
#define PERTURB_M_ROW                                                                              \
    {                                                                                              \
        .key = "m", SETTING(struct perturb_settings, m), .type = SCHEMA_INTEGER,                   \
        .unit = "examples", .minimum = 1, .maximum = 1e9, .flags = SCHEMA_OPTIONAL,                \
        .doc = "Examples of a group: each group is perturbed for itself, and the number is the "   \
               "mean over the groups. Examples that do not fill a group are left out. Without "    \
               "it, all examples are one group.",                                                  \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "batch_size", "group_size", NULL                                                       \
        }                                                                                          \
    }

struct perturb {
    const struct measure_site *site;
    struct objective *exact;          /* in float64; the site's where that is */
    size_t size, m, groups, examples; /* P; examples = m groups */
    double *w, *moved;                /* (P + B) */
    void *narrow;                     /* (P + B) of the precision */
    uint32_t *rows;                   /* (examples) */
};

basin_status perturb_open(const struct measure_site *site, struct perturb *perturb);
void perturb_close(struct perturb *perturb);

struct objective_where perturb_where(const struct perturb *perturb, size_t group);
/* L(w + d) over a group, in float64; d (P), NULL: 0. */
basin_status perturb_loss(struct perturb *perturb, size_t group, const double *d, double *loss);
/* The accuracy over a group at w + d, in the precision of the run. */
basin_status perturb_accuracy(struct perturb *perturb, size_t group, const double *d,
                              double *accuracy);
/* g (P) = dL/dw at w + d, 0 outside `include`; and the loss of the same pass, or NULL. */
basin_status perturb_gradient(struct perturb *perturb, size_t group, const double *d, double *g,
                              double *loss);
/* c (P): 1, or where `adaptive` |w| + offset; 0 outside `include`. */
void perturb_scale(const struct perturb *perturb, bool adaptive, double offset, double *c);
/* d (P) = deviation c z, z standard normal: draw `draw` of a group. */
void perturb_normal(const struct perturb *perturb, uint32_t draw, uint32_t group, double deviation,
                    const double *c, double *d);

/* Adds a scalar; a value that is not finite is NaN with `reason`, or with that of a loss which is
 * not finite. */
basin_status perturb_scalar(const struct measure_site *site, const struct quantity *quantity,
                            double value, const char *reason);
/* The notes `examples`, `groups` and `batch`. */
basin_status perturb_notes(const struct perturb *perturb);

/* What these measures need: so many gradients and exact losses of all examples, and vectors of
 * their own. */
void perturb_need(const struct measure_site *site, double gradients, double losses, size_t vectors,
                  struct measure_need *need);

double vector_dot(size_t count, const double *a, const double *b);
double vector_norm(size_t count, const double *a);

#endif
