/* llc: the local learning coefficient, an estimate of how many parameters the loss depends on near
 * the weights, halved: the rate at which the volume of low loss shrinks. */
#include <math.h>
#include "measure/langevin.h"

#define PAPER "Lau et al., arXiv:2308.12108; chains: Welling and Teh, ICML 2011"

static const struct quantity quantities[] = {
    {"llc", "1", "local learning coefficient",
     "n_beta (E L - L(w)), E the mean along chains of localised stochastic gradient Langevin "
     "dynamics from w (after `burn_in` steps, over the groups of `batch_size` examples that they "
     "see), L(w) over all examples that they see; L the mean training loss, batch normalisation in "
     "eval mode unless the options say mode: train, no regulariser",
     PAPER},
    {"llc_stderr", "1", "standard error of llc",
     "standard deviation over the chains / sqrt(chains); it does not include the bias of finite "
     "steps and chains",
     PAPER},
    {0}};
static const struct quantity chain_quantity = {"chain", "1", "ordinal of the chain", NULL, NULL};
static const struct quantity step_quantity = {"step", "1", "step of the chain, from 0 at w", NULL,
                                              NULL};
static const struct quantity trace_quantity = {
    "loss", "1", "loss along the chain",
    "mean loss of the step's group of examples at the weights where the step begins", PAPER};
static const struct quantity *const arrays[] = {&chain_quantity, &step_quantity, &trace_quantity,
                                                NULL};

struct llc_settings {
    struct perturb_settings perturb; /* m: batch_size */
    double step, gamma, n_beta;
    int64_t chains, burn_in, draws;
};

static const struct schema_row parameters[] = {
    {.key = "n_beta",
     SETTING(struct llc_settings, n_beta),
     .type = SCHEMA_FLOAT,
     .maximum = 1e15,
     .flags = SCHEMA_OPEN_MINIMUM | SCHEMA_OPTIONAL,
     .doc = "Number of examples times inverse temperature. Without it, n / ln n, n the examples "
            "that the chains see (Watanabe 2013)."},
    {.key = "gamma",
     SETTING(struct llc_settings, gamma),
     .type = SCHEMA_FLOAT,
     .maximum = 1e15,
     .fallback = "100",
     .doc = "How strongly chains are held near w: they see gamma / 2 ||d||^2 beside the loss.",
     .aliases = (const char *const[]){"localization", NULL}},
    {.key = "step",
     SETTING(struct llc_settings, step),
     .type = SCHEMA_FLOAT,
     .maximum = 1e6,
     .fallback = "1e-4",
     .flags = SCHEMA_OPEN_MINIMUM,
     .doc = "Step size. Chains are stable while step (n_beta h + gamma) < 4, h the largest "
            "eigenvalue of the Hessian.",
     .aliases = (const char *const[]){"learning_rate", "lr", "epsilon", NULL}},
    {.key = "chains",
     SETTING(struct llc_settings, chains),
     .type = SCHEMA_INTEGER,
     .unit = "chains",
     .minimum = 2,
     .maximum = 10000,
     .fallback = "4",
     .doc = "Independent chains."},
    {.key = "burn_in",
     SETTING(struct llc_settings, burn_in),
     .type = SCHEMA_INTEGER,
     .unit = "steps",
     .minimum = 0,
     .maximum = 1e8,
     .fallback = "200",
     .doc = "First steps of a chain that are not counted."},
    {.key = "draws",
     SETTING(struct llc_settings, draws),
     .type = SCHEMA_INTEGER,
     .unit = "steps",
     .minimum = 1,
     .maximum = 1e8,
     .fallback = "500",
     .doc = "Steps of a chain that are counted."},
    {.key = "batch_size",
     SETTING(struct perturb_settings, m),
     .type = SCHEMA_COUNT,
     .unit = "examples",
     .minimum = 1,
     .maximum = 1e9,
     .fallback = "256",
     .doc = "Examples of a step, without replacement within a pass; those that do not fill one are "
            "left out. all: every step sees all of them."},
    PERTURB_INCLUDE_ROW,
    MEASURE_EXAMPLES_ROW,
    MEASURE_MODE_ROW,
    MEASURE_EVERY_ROW,
    {0}};

static double llc_n_beta(const struct llc_settings *settings, size_t examples)
{
    double n = (double)examples;
    return isnan(settings->n_beta) ? n / log(n) : settings->n_beta;
}

static basin_status llc_check(const void *settings, const struct data_info *info, int64_t count)
{
    const struct llc_settings *own = settings;
    int64_t examples = own->perturb.common.examples;
    (void)count;
    if (!isnan(own->n_beta) || (examples != 1 && info->counts[DATA_TRAIN] > 1)) return BASIN_OK;
    error_raise(BASIN_SPEC, "llc.n_beta is n / ln n by default, which one example does not have");
    error_hint("give n_beta, or more examples");
    error_key("examples");
    return BASIN_SPEC;
}

/* trace (chains, steps); d, c and the rest of the chains behind it */
struct llc {
    struct perturb perturb;
    const struct llc_settings *settings;
    size_t chains, steps;
    double n_beta, rest; /* L(w) */
    double *trace;
};

/* n_beta (mean of L - L(w)) of a chain; NaN where it left. */
static double llc_of_chain(const struct llc *llc, size_t chain)
{
    const double *trace = llc->trace + chain * llc->steps;
    double sum = 0;
    for (size_t i = (size_t)llc->settings->burn_in; i < llc->steps; i++) sum += trace[i];
    return llc->n_beta * (sum / (double)llc->settings->draws - llc->rest);
}

static basin_status llc_scalars(const struct llc *llc)
{
    const struct measure_site *site = llc->perturb.site;
    const char *reason = "a chain left for weights whose loss is not finite: try a smaller step";
    double n = (double)llc->chains, mean = 0, square = 0;
    for (size_t k = 0; k < llc->chains; k++) mean += llc_of_chain(llc, k) / n;
    for (size_t k = 0; k < llc->chains; k++) square += pow(llc_of_chain(llc, k) - mean, 2);
    TRY(perturb_notes(&llc->perturb));
    TRY(measure_note(site, "n_beta", llc->n_beta));
    TRY(measure_note(site, "loss_at_rest", llc->rest));
    TRY(perturb_scalar(site, &quantities[0], mean, reason));
    return perturb_scalar(site, &quantities[1], sqrt(square / (n - 1) / n), reason);
}

static basin_status llc_arrays(const struct llc *llc)
{
    const struct measure_site *site = llc->perturb.site;
    struct measure_shape shape = {2, {"chain", "step"}, {llc->chains, llc->steps}};
    size_t most = llc->chains > llc->steps ? llc->chains : llc->steps;
    double *index = memory_allocate(most * sizeof *index);
    if (!index) return BASIN_MEMORY;
    for (size_t i = 0; i < most; i++) index[i] = (double)i;
    basin_status status = measure_array(site, &chain_quantity, "chain", llc->chains, index);
    if (status == BASIN_OK) status = measure_array(site, &step_quantity, "step", llc->steps, index);
    if (status == BASIN_OK) status = measure_grid(site, &trace_quantity, &shape, llc->trace);
    memory_free(index);
    return status;
}

static basin_status llc_take(struct llc *llc)
{
    const struct llc_settings *settings = llc->settings;
    struct perturb *perturb = &llc->perturb;
    struct langevin langevin = {.perturb = perturb,
                                .step = settings->step,
                                .n_beta = llc->n_beta,
                                .gamma = settings->gamma,
                                .steps = llc->steps,
                                .memory = llc->trace + llc->chains * llc->steps};
    for (size_t group = 0; group < perturb->groups; group++) {
        double loss;
        TRY(perturb_loss(perturb, group, NULL, &loss));
        llc->rest += loss / (double)perturb->groups;
    }
    for (size_t k = 0; k < llc->chains; k++)
        TRY(langevin_chain(&langevin, (uint32_t)k, llc->trace + k * llc->steps));
    TRY(llc_scalars(llc));
    return llc_arrays(llc);
}

static basin_status llc_run(const struct measure_site *site)
{
    const struct llc_settings *settings = site->settings;
    struct llc llc = {.settings = settings,
                      .chains = (size_t)settings->chains,
                      .steps = (size_t)(settings->burn_in + settings->draws)};
    basin_status status = perturb_open(site, &llc.perturb);
    llc.n_beta = llc_n_beta(settings, llc.perturb.examples);
    llc.trace = memory_allocate((llc.chains * llc.steps + LANGEVIN_VECTORS * llc.perturb.size) *
                                sizeof *llc.trace);
    if (status == BASIN_OK) status = llc.trace ? llc_take(&llc) : BASIN_MEMORY;
    memory_free(llc.trace);
    perturb_close(&llc.perturb);
    return status;
}

static void llc_need(const struct measure_site *site, struct measure_need *need)
{
    const struct llc_settings *settings = site->settings;
    double steps = (double)(settings->chains * (settings->burn_in + settings->draws));
    perturb_need(site, 1, 1, LANGEVIN_VECTORS, need);
    need->uses[0].times = steps; /* of a group each */
    need->doubles += (size_t)steps + (size_t)(settings->burn_in + settings->draws);
}

static const struct measure measure = {.quantities = quantities,
                                       .arrays = arrays,
                                       .group = "llc_chains",
                                       .check = llc_check,
                                       .run = llc_run,
                                       .need = llc_need};
const struct entry llc_entry = {
    .name = "llc",
    .doc =
        "Local learning coefficient with its standard error, by chains of Langevin dynamics that "
        "are held near the weights; with the loss along each chain.",
    .source = PAPER,
    .parameters = parameters,
    .settings_size = sizeof(struct llc_settings),
    .implementation = &measure};
