/* sharpness_worst: the largest rise of the loss in a ball around the weights, plain or scaled by
 * the size of each parameter. */
#include <math.h>
#include "measure/ascent.h"

#define PAPER "Andriushchenko et al., ICML 2023; Auto-PGD: Croce and Hein, ICML 2020"
#define OVER                                                                                       \
    ", L the mean training loss of a group of `m` examples (mean over the groups), d over the "    \
    "parameters of option `include`, batch normalisation in eval mode unless the options say "     \
    "mode: train, no regulariser; found by projected ascent, so a lower bound of the maximum"
#define PLAIN "max L(w + d) - L(w) over ||d|| <= rho in the norm of option `norm`" OVER
#define ADAPTIVE                                                                                   \
    "max L(w + d) - L(w) over ||d / |w| || <= rho in the norm of option `norm`, quotient by "      \
    "element" OVER
#define GAP                                                                                        \
    "max over v of the ball of <dL/du, v - u> at the point u that was found, in the coordinates "  \
    "in which the ball is round (mean over the groups): 0 where no direction within the ball "     \
    "raises the loss to first order"

static const struct quantity quantities[] = {
    {"sharpness_worst", "1", "largest rise of the loss in a ball around the weights", PLAIN, PAPER},
    {"sharpness_worst_gap", "1", "first-order distance of sharpness_worst from a maximum", GAP,
     PAPER},
    {"sharpness_worst_adaptive", "1",
     "largest rise of the loss in a ball around the weights that is scaled by their size", ADAPTIVE,
     PAPER},
    {"sharpness_worst_adaptive_gap", "1",
     "first-order distance of sharpness_worst_adaptive from a maximum", GAP, PAPER},
    {0}};
static const struct quantity group_index = {"group", "1", "ordinal of the group of examples", NULL,
                                            NULL};
static const struct quantity group_sharpness = {
    "sharpness", "1", "largest rise found for one group of examples", NULL, PAPER};
static const struct quantity group_gap = {"gap", "1", "first-order distance from a maximum", GAP,
                                          PAPER};
static const struct quantity *const arrays[] = {&group_index, &group_sharpness, &group_gap, NULL};

struct worst_settings {
    struct perturb_settings perturb;
    bool adaptive;
    enum ascent_norm norm;
    double rho;
    int64_t steps, restarts;
};

static const struct schema_row parameters[] = {
    {.key = "rho",
     SETTING(struct worst_settings, rho),
     .type = SCHEMA_FLOAT,
     .maximum = 1e6,
     .fallback = "0.05",
     .flags = SCHEMA_OPEN_MINIMUM,
     .doc = "Radius of the ball."},
    {.key = "norm",
     SETTING(struct worst_settings, norm),
     .type = SCHEMA_CHOICE,
     .choices = ascent_norms,
     .fallback = "l2",
     .doc = "Of the ball: l2, or linf, a box."},
    {.key = "adaptive",
     SETTING(struct worst_settings, adaptive),
     .type = SCHEMA_BOOLEAN,
     .fallback = "false",
     .doc =
         "Scale the ball by |w_i| along each parameter, so that the measure does not change when "
         "a layer is rescaled and the next one by the inverse. The number is then "
         "sharpness_worst_adaptive."},
    {.key = "steps",
     SETTING(struct worst_settings, steps),
     .type = SCHEMA_INTEGER,
     .unit = "gradients",
     .minimum = 1,
     .maximum = 1e6,
     .fallback = "20",
     .doc = "Steps of the ascent from each start."},
    {.key = "restarts",
     SETTING(struct worst_settings, restarts),
     .type = SCHEMA_INTEGER,
     .unit = "starts",
     .minimum = 1,
     .maximum = 1e6,
     .fallback = "1",
     .doc = "Starts in all; the highest point counts. The first start is w itself, the others are "
            "random points of the ball."},
    PERTURB_M_ROW,
    PERTURB_INCLUDE_ROW,
    MEASURE_EXAMPLES_ROW,
    MEASURE_MODE_ROW,
    MEASURE_EVERY_ROW,
    {0}};

/* rises, gaps and ordinals (groups) */
static basin_status worst_record(const struct perturb *perturb, const double *rises,
                                 const double *gaps, const double *index)
{
    const struct measure_site *site = perturb->site;
    const struct worst_settings *settings = site->settings;
    const struct quantity *first = &quantities[settings->adaptive ? 2 : 0];
    double groups = (double)perturb->groups, rise = 0, gap = 0;
    for (size_t i = 0; i < perturb->groups; i++) rise += rises[i], gap += gaps[i];
    TRY(perturb_notes(perturb));
    TRY(perturb_scalar(site, &first[0], rise / groups, NULL));
    TRY(perturb_scalar(site, &first[1], gap / groups, NULL));
    TRY(measure_array(site, &group_index, "group", perturb->groups, index));
    TRY(measure_array(site, &group_sharpness, "group", perturb->groups, rises));
    return measure_array(site, &group_gap, "group", perturb->groups, gaps);
}

/* memory: ASCENT_VECTORS + 1 vectors (P) and three of groups */
static basin_status worst_take(struct perturb *perturb, double *memory)
{
    const struct worst_settings *settings = perturb->site->settings;
    struct ascent_result result;
    struct ascent ascent = {.perturb = perturb,
                            .c = memory,
                            .norm = settings->norm,
                            .rho = settings->rho,
                            .steps = (size_t)settings->steps,
                            .restarts = (size_t)settings->restarts,
                            .memory = memory + perturb->size};
    double *rises = memory + (ASCENT_VECTORS + 1) * perturb->size, *gaps = rises + perturb->groups,
           *index = gaps + perturb->groups;
    perturb_scale(perturb, settings->adaptive, 0, memory);
    for (size_t i = 0; i < perturb->groups; i++) {
        TRY(ascent_run(&ascent, i, &result));
        rises[i] = result.rise;
        gaps[i] = result.gap;
        index[i] = (double)i;
    }
    return worst_record(perturb, rises, gaps, index);
}

static basin_status worst_run(const struct measure_site *site)
{
    struct perturb perturb;
    basin_status status = perturb_open(site, &perturb);
    double *memory = memory_allocate(((ASCENT_VECTORS + 1) * perturb.size + 3 * perturb.groups) *
                                     sizeof *memory);
    if (status == BASIN_OK) status = memory ? worst_take(&perturb, memory) : BASIN_MEMORY;
    memory_free(memory);
    perturb_close(&perturb);
    return status;
}

static void worst_need(const struct measure_site *site, struct measure_need *need)
{
    const struct worst_settings *settings = site->settings;
    perturb_need(site, (double)(settings->restarts * (settings->steps + 1) + 1), 2,
                 ASCENT_VECTORS + 1, need);
}

static bool worst_gives(const struct value *options, const struct quantity *quantity)
{
    return value_find(options, "adaptive")->boolean == (quantity - quantities >= 2);
}

static const struct measure measure = {.quantities = quantities,
                                       .arrays = arrays,
                                       .group = "sharpness_worst_per_group",
                                       .gives = worst_gives,
                                       .run = worst_run,
                                       .need = worst_need};
const struct entry sharpness_worst_entry = {
    .name = "sharpness_worst",
    .doc = "Largest rise of the training loss in a ball around the weights (l2 or a box), plain or "
           "adaptive, by projected ascent with restarts.",
    .source = PAPER,
    .parameters = parameters,
    .settings_size = sizeof(struct worst_settings),
    .implementation = &measure};
