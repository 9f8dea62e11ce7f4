/* sharpness_keskar: the largest rise of the loss in a small box around the weights, in percent. */
#include <math.h>
#include "measure/box.h"
#include "measure/perturb.h"

#define PAPER "Keskar et al., ICLR 2017, metric 2.1 in the full space"
#define METHOD                                                                                     \
    "; by a projected quasi-Newton method (limited-memory BFGS; the paper has L-BFGS-B), so a "    \
    "lower bound of the maximum; L the mean training loss over `examples` examples, batch "        \
    "normalisation in eval mode unless the options say mode: train, no regulariser"

static const struct quantity quantities[] = {
    {"sharpness_keskar", "percent",
     "largest rise of the loss in a small box around the weights, relative to 1 + loss",
     "100 (max L(w + d) - L(w)) / (1 + L(w)) over |d_i| <= epsilon (|w_i| + 1), d_i = 0 outside "
     "option `include`" METHOD,
     PAPER},
    {"sharpness_keskar_gap", "percent", "first-order distance of sharpness_keskar from a maximum",
     "100 max over v of the box of <grad L(w + d), v - d> / (1 + L(w)) at the d that was found: 0 "
     "where no direction within the box raises the loss to first order",
     PAPER},
    {0}};

struct keskar_settings {
    struct perturb_settings perturb;
    double epsilon, tolerance;
    int64_t iterations;
};

static const struct schema_row parameters[] = {
    {.key = "epsilon",
     SETTING(struct keskar_settings, epsilon),
     .type = SCHEMA_FLOAT,
     .maximum = 1e6,
     .fallback = "1e-3",
     .flags = SCHEMA_OPEN_MINIMUM,
     .doc = "Half the width of the box, relative to |w_i| + 1.",
     .aliases = (const char *const[]){"eps", NULL}},
    {.key = "iterations",
     SETTING(struct keskar_settings, iterations),
     .type = SCHEMA_INTEGER,
     .unit = "steps",
     .minimum = 1,
     .maximum = 1e6,
     .fallback = "10",
     .doc = "Most steps of the search, as in the paper; each takes one gradient or a few.",
     .aliases = (const char *const[]){"max_iterations", "steps", NULL}},
    {.key = "tolerance",
     SETTING(struct keskar_settings, tolerance),
     .type = SCHEMA_FLOAT,
     .maximum = 1,
     .fallback = "1e-6",
     .flags = SCHEMA_OPEN_MINIMUM,
     .doc = "The search has converged where the loss could rise by no more than this times 1 + "
            "loss, to first order."},
    PERTURB_INCLUDE_ROW,
    MEASURE_EXAMPLES_ROW,
    MEASURE_MODE_ROW,
    MEASURE_EVERY_ROW,
    {0}};

static basin_status keskar_value(void *context, const double *x, double *f, double *g)
{
    return perturb_gradient(context, 0, x, g, f);
}

static basin_status keskar_record(struct perturb *perturb, const struct box_result *found)
{
    const struct measure_site *site = perturb->site;
    double before, after, gap = NAN, rise = NAN;
    if (isfinite(found->f)) {
        TRY(perturb_loss(perturb, 0, NULL, &before));
        TRY(perturb_loss(perturb, 0, found->x, &after));
        rise = 100 * (after - before) / (1 + before);
        gap = 100 * found->gap / (1 + before);
    }
    TRY(perturb_notes(perturb));
    TRY(measure_note(site, "iterations", (double)found->iterations));
    TRY(measure_note(site, "gradients", (double)found->values));
    TRY(measure_note(site, "converged", found->converged));
    TRY(perturb_scalar(site, &quantities[0], rise, "the loss or its gradient is not finite"));
    return perturb_scalar(site, &quantities[1], gap, "the loss or its gradient is not finite");
}

/* memory: BOX_VECTORS + 1 vectors (P) */
static basin_status keskar_take(struct perturb *perturb, double *memory)
{
    const struct keskar_settings *settings = perturb->site->settings;
    double *bound = memory + BOX_VECTORS * perturb->size;
    struct box_result found;
    struct box_problem problem = {.value = keskar_value,
                                  .context = perturb,
                                  .size = perturb->size,
                                  .bound = bound,
                                  .iterations = (size_t)settings->iterations,
                                  .tolerance = settings->tolerance,
                                  .memory = memory};
    perturb_scale(perturb, true, 1, bound);
    for (size_t i = 0; i < perturb->size; i++) bound[i] *= settings->epsilon;
    TRY(box_maximise(&problem, &found));
    return keskar_record(perturb, &found);
}

static basin_status keskar_run(const struct measure_site *site)
{
    struct perturb perturb;
    basin_status status = perturb_open(site, &perturb);
    double *memory = memory_allocate((BOX_VECTORS + 1) * perturb.size * sizeof *memory);
    if (status == BASIN_OK) status = memory ? keskar_take(&perturb, memory) : BASIN_MEMORY;
    memory_free(memory);
    perturb_close(&perturb);
    return status;
}

/* A step takes one gradient, and now and then a few. */
static void keskar_need(const struct measure_site *site, struct measure_need *need)
{
    const struct keskar_settings *settings = site->settings;
    perturb_need(site, 1.5 * (double)settings->iterations + 1, 2, BOX_VECTORS + 1, need);
}

static const struct measure measure = {
    .quantities = quantities, .run = keskar_run, .need = keskar_need};
const struct entry sharpness_keskar_entry = {
    .name = "sharpness_keskar",
    .doc = "Largest rise of the training loss in a small box around the weights, in percent of 1 + "
           "loss.",
    .source = PAPER,
    .parameters = parameters,
    .settings_size = sizeof(struct keskar_settings),
    .implementation = &measure};
