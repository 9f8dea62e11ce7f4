/* sharpness_sam and sharpness_asam: how much the loss rises along its own gradient, by one step of
 * a given length, which for asam is counted relative to the size of each parameter. */
#include <math.h>
#include "measure/perturb.h"

#define OVER                                                                                       \
    "L the mean training loss of a group of `m` examples (mean over the groups), g its gradient "  \
    "by the parameters of option `include`, batch normalisation in eval mode unless the options "  \
    "say mode: train, no regulariser"
#define SAM_PAPER "Foret et al., ICLR 2021"
#define ASAM_PAPER "Kwon et al., ICML 2021"

static const struct quantity sam_quantities[] = {
    {"sharpness_sam", "1", "rise of the loss by a step of length rho along its gradient",
     "L(w + rho g / ||g||) - L(w), " OVER, SAM_PAPER},
    {0}};
static const struct quantity asam_quantities[] = {
    {"sharpness_asam", "1",
     "rise of the loss by a step along its gradient, scaled by the size of each parameter",
     "L(w + rho T^2 g / ||T g||) - L(w), T = diag(|w_i| + eta), " OVER, ASAM_PAPER},
    {0}};
static const struct quantity group_index = {"group", "1", "ordinal of the group of examples", NULL,
                                            NULL};
static const struct quantity sam_group = {
    "sharpness", "1", "sharpness_sam of one group of examples", NULL, SAM_PAPER};
static const struct quantity asam_group = {
    "sharpness", "1", "sharpness_asam of one group of examples", NULL, ASAM_PAPER};
static const struct quantity *const sam_arrays[] = {&group_index, &sam_group, NULL};
static const struct quantity *const asam_arrays[] = {&group_index, &asam_group, NULL};

/* eta is not a row of sharpness_sam, and stays 0 there. */
struct sam_settings {
    struct perturb_settings perturb;
    double rho, eta;
};

#define RHO_ROW(value, text)                                                                       \
    {                                                                                              \
        .key = "rho", SETTING(struct sam_settings, rho), .type = SCHEMA_FLOAT, .maximum = 1e6,     \
        .fallback = value, .flags = SCHEMA_OPEN_MINIMUM, .doc = text                               \
    }

static const struct schema_row sam_rows[] = {RHO_ROW("0.05", "Length of the step."),
                                             PERTURB_M_ROW,
                                             PERTURB_INCLUDE_ROW,
                                             MEASURE_EXAMPLES_ROW,
                                             MEASURE_MODE_ROW,
                                             MEASURE_EVERY_ROW,
                                             {0}};
static const struct schema_row asam_rows[] = {
    RHO_ROW("0.5", "Length of the step in units of |w_i| + eta: ||T^-1 d||."),
    {.key = "eta",
     SETTING(struct sam_settings, eta),
     .type = SCHEMA_FLOAT,
     .maximum = 1e6,
     .fallback = "0",
     .doc = "Added to |w_i|. With 0 the measure does not change when a layer is rescaled and the "
            "next one by the inverse; training by Kwon et al. has 0.01, which keeps parameters of "
            "0 movable."},
    PERTURB_M_ROW,
    PERTURB_INCLUDE_ROW,
    MEASURE_EXAMPLES_ROW,
    MEASURE_MODE_ROW,
    MEASURE_EVERY_ROW,
    {0}};

/* d and c (P) */
struct sam {
    struct perturb perturb;
    double rho, *d, *c;
};

/* NaN where the gradient is 0 and has no direction. */
static basin_status sam_rise(struct sam *sam, size_t group, double *rise)
{
    size_t size = sam->perturb.size;
    double before, after;
    *rise = NAN;
    TRY(perturb_gradient(&sam->perturb, group, NULL, sam->d, NULL));
    for (size_t i = 0; i < size; i++) sam->d[i] *= sam->c[i];
    double norm = vector_norm(size, sam->d);
    if (!(norm > 0)) return BASIN_OK;
    for (size_t i = 0; i < size; i++) sam->d[i] *= sam->rho * sam->c[i] / norm;
    TRY(perturb_loss(&sam->perturb, group, NULL, &before));
    TRY(perturb_loss(&sam->perturb, group, sam->d, &after));
    *rise = after - before;
    return BASIN_OK;
}

static basin_status sam_take(struct sam *sam, const struct quantity *quantity,
                             const struct quantity *of_group)
{
    size_t groups = sam->perturb.groups;
    double sum = 0, *rises = memory_allocate(2 * groups * sizeof *rises), *index = rises + groups;
    basin_status status = rises ? BASIN_OK : BASIN_MEMORY;
    for (size_t i = 0; i < groups && status == BASIN_OK; i++) {
        status = sam_rise(sam, i, &rises[i]);
        sum += rises[i];
        index[i] = (double)i;
    }
    if (status == BASIN_OK) status = perturb_notes(&sam->perturb);
    if (status == BASIN_OK)
        status = perturb_scalar(
            sam->perturb.site, quantity, sum / (double)groups,
            "the gradient of a group is 0 or not finite, or the loss at the end of the step is "
            "not finite");
    if (status == BASIN_OK)
        status = measure_array(sam->perturb.site, &group_index, "group", groups, index);
    if (status == BASIN_OK)
        status = measure_array(sam->perturb.site, of_group, "group", groups, rises);
    memory_free(rises);
    return status;
}

static basin_status sam_measure(const struct measure_site *site, bool adaptive,
                                const struct quantity *quantity, const struct quantity *of_group)
{
    const struct sam_settings *settings = site->settings;
    size_t size = (size_t)model_size(site->model);
    struct sam sam = {.rho = settings->rho, .d = memory_allocate(2 * size * sizeof(double))};
    if (!sam.d) return BASIN_MEMORY;
    sam.c = sam.d + size;
    basin_status status = perturb_open(site, &sam.perturb);
    if (status == BASIN_OK) {
        perturb_scale(&sam.perturb, adaptive, settings->eta, sam.c);
        status = sam_take(&sam, quantity, of_group);
    }
    perturb_close(&sam.perturb);
    memory_free(sam.d);
    return status;
}

static basin_status sharpness_sam_run(const struct measure_site *site)
{
    return sam_measure(site, false, &sam_quantities[0], &sam_group);
}

static basin_status sharpness_asam_run(const struct measure_site *site)
{
    return sam_measure(site, true, &asam_quantities[0], &asam_group);
}

static void sam_need(const struct measure_site *site, struct measure_need *need)
{
    perturb_need(site, 1, 2, 2, need);
}

static const struct measure sam_measure_entry = {.quantities = sam_quantities,
                                                 .arrays = sam_arrays,
                                                 .group = "sharpness_sam_per_group",
                                                 .run = sharpness_sam_run,
                                                 .need = sam_need};
static const struct measure asam_measure_entry = {.quantities = asam_quantities,
                                                  .arrays = asam_arrays,
                                                  .group = "sharpness_asam_per_group",
                                                  .run = sharpness_asam_run,
                                                  .need = sam_need};
const struct entry sharpness_sam_entry = {
    .name = "sharpness_sam",
    .doc = "Rise of the training loss by a step of length rho along its gradient.",
    .source = SAM_PAPER,
    .parameters = sam_rows,
    .settings_size = sizeof(struct sam_settings),
    .implementation = &sam_measure_entry};
const struct entry sharpness_asam_entry = {
    .name = "sharpness_asam",
    .doc = "Rise of the training loss by a step along its gradient that is scaled by the size of "
           "each parameter, so that rescaling layers does not change it.",
    .source = ASAM_PAPER,
    .parameters = asam_rows,
    .settings_size = sizeof(struct sam_settings),
    .implementation = &asam_measure_entry};
