/* local_entropy: the logarithm of the mean of exp(-n_beta (L(w + d) - L(w))) over normal d around
 * the weights: how much low loss there is near them.
 *
 * That mean is hopeless to estimate directly in many dimensions. But its logarithm is an integral
 * over an inverse temperature t (thermodynamic integration: Gelman and Meng 1998): with densities
 * p_t(d) ~ exp(-t n_beta L(w + d) - gamma / 2 ||d||^2), it is -int_0^1 E_t n_beta (L - L(w)) dt,
 * and each E_t is taken along Langevin chains. The integral is Gauss-Legendre's in s, t = s^2,
 * since most of the change is at small t. */
#include <math.h>
#include "measure/langevin.h"

#define PAPER "Chaudhari et al., ICLR 2017; integration: Gelman and Meng, Statistical Science 1998"
enum { NODES = 8 };

static const struct quantity quantities[] = {
    {"local_entropy", "1", "local entropy of the loss (large values are flat)",
     "log E exp(-n_beta (L(w + d) - L(w))), d normal with variance 1 / gamma along each parameter "
     "of "
     "option `include`; Chaudhari's log of the integral of exp(-L - gamma / 2 ||d||^2), less its "
     "value for a loss that is L(w) everywhere. By thermodynamic integration over 8 temperatures "
     "of Langevin chains; L the mean training loss, batch normalisation in eval mode unless the "
     "options say mode: train, no regulariser",
     PAPER},
    {"local_entropy_stderr", "1", "standard error of local_entropy",
     "standard deviation over the sets of chains / sqrt(chains); it does not include the bias of "
     "finite steps and chains",
     PAPER},
    {0}};
static const struct quantity node_quantity = {"temperature", "1", "ordinal of the temperature",
                                              NULL, NULL};
static const struct quantity beta_quantity = {
    "inverse_temperature", "1", "factor of n_beta in the density of the chains", NULL, PAPER};
static const struct quantity energy_quantity = {
    "energy", "1", "mean of n_beta (L - L(w)) along the chains of a temperature", NULL, PAPER};
static const struct quantity *const arrays[] = {&node_quantity, &energy_quantity, &beta_quantity,
                                                NULL};

struct entropy_settings {
    struct perturb_settings perturb; /* m: batch_size */
    double step, gamma, n_beta;
    int64_t chains, burn_in, draws;
};

static const struct schema_row parameters[] = {
    {.key = "gamma",
     SETTING(struct entropy_settings, gamma),
     .type = SCHEMA_FLOAT,
     .maximum = 1e15,
     .fallback = "100",
     .flags = SCHEMA_OPEN_MINIMUM,
     .doc = "Inverse variance of the normal distribution around w: the scope.",
     .aliases = (const char *const[]){"scope", NULL}},
    {.key = "n_beta",
     SETTING(struct entropy_settings, n_beta),
     .type = SCHEMA_FLOAT,
     .maximum = 1e15,
     .fallback = "1",
     .flags = SCHEMA_OPEN_MINIMUM,
     .doc = "Factor of the loss; 1 in the paper, the number of examples for a likelihood."},
    {.key = "step",
     SETTING(struct entropy_settings, step),
     .type = SCHEMA_FLOAT,
     .maximum = 1e6,
     .fallback = "1e-3",
     .flags = SCHEMA_OPEN_MINIMUM,
     .doc = "Step size of the chains. They are stable while step (n_beta h + gamma) < 4, h the "
            "largest eigenvalue of the Hessian.",
     .aliases = (const char *const[]){"learning_rate", "lr", NULL}},
    {.key = "chains",
     SETTING(struct entropy_settings, chains),
     .type = SCHEMA_INTEGER,
     .unit = "chains",
     .minimum = 2,
     .maximum = 10000,
     .fallback = "4",
     .doc = "Independent chains at each of the 8 temperatures."},
    {.key = "burn_in",
     SETTING(struct entropy_settings, burn_in),
     .type = SCHEMA_INTEGER,
     .unit = "steps",
     .minimum = 0,
     .maximum = 1e8,
     .fallback = "50",
     .doc = "First steps of a chain that are not counted."},
    {.key = "draws",
     SETTING(struct entropy_settings, draws),
     .type = SCHEMA_INTEGER,
     .unit = "steps",
     .minimum = 1,
     .maximum = 1e8,
     .fallback = "100",
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

/* Gauss-Legendre of 8 points on [-1, 1]: the positive half (Abramowitz and Stegun, table 25.4). */
static const double points[NODES / 2] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267,
                                         0.9602898564975363};
static const double weights[NODES / 2] = {0.3626837833783620, 0.3137066458778873,
                                          0.2223810344533745, 0.1012285362903763};

/* int_0^1 f(t) dt = int_0^1 f(s^2) 2 s ds */
static void entropy_node(size_t node, double *t, double *weight)
{
    size_t half = node < NODES / 2 ? NODES / 2 - 1 - node : node - NODES / 2;
    double s = (1 + (node < NODES / 2 ? -points[half] : points[half])) / 2;
    *t = s * s;
    *weight = weights[half] / 2 * 2 * s;
}

struct entropy {
    struct perturb perturb;
    const struct entropy_settings *settings;
    size_t steps;
    double rest;            /* L(w) */
    double energy[NODES];   /* mean over the chains */
    double *trace, *values; /* (steps); (chains): the integral by each set of chains */
};

/* n_beta (mean of L - L(w)) of one chain at a temperature */
static basin_status entropy_chain(struct entropy *entropy, size_t node, size_t chain,
                                  double *energy)
{
    const struct entropy_settings *settings = entropy->settings;
    double t, weight, sum = 0;
    entropy_node(node, &t, &weight);
    struct langevin langevin = {.perturb = &entropy->perturb,
                                .step = settings->step,
                                .n_beta = t * settings->n_beta,
                                .gamma = settings->gamma,
                                .steps = entropy->steps,
                                .memory = entropy->trace + entropy->steps};
    TRY(langevin_chain(&langevin, (uint32_t)(chain * NODES + node), entropy->trace));
    for (size_t i = (size_t)settings->burn_in; i < entropy->steps; i++) sum += entropy->trace[i];
    *energy = settings->n_beta * (sum / (double)settings->draws - entropy->rest);
    entropy->values[chain] -= weight * *energy;
    return BASIN_OK;
}

static basin_status entropy_scalars(const struct entropy *entropy)
{
    const struct measure_site *site = entropy->perturb.site;
    const char *reason = "a chain left for weights whose loss is not finite: try a smaller step";
    size_t chains = (size_t)entropy->settings->chains;
    double n = (double)chains, mean = 0, square = 0;
    for (size_t k = 0; k < chains; k++) mean += entropy->values[k] / n;
    for (size_t k = 0; k < chains; k++) square += pow(entropy->values[k] - mean, 2);
    TRY(perturb_notes(&entropy->perturb));
    TRY(measure_note(site, "loss_at_rest", entropy->rest));
    TRY(perturb_scalar(site, &quantities[0], mean, reason));
    return perturb_scalar(site, &quantities[1], sqrt(square / (n - 1) / n), reason);
}

static basin_status entropy_record(const struct entropy *entropy)
{
    const struct measure_site *site = entropy->perturb.site;
    double index[NODES], t[NODES], weight;
    for (size_t i = 0; i < NODES; i++) {
        index[i] = (double)i;
        entropy_node(i, &t[i], &weight);
    }
    TRY(entropy_scalars(entropy));
    TRY(measure_array(site, &node_quantity, "temperature", NODES, index));
    TRY(measure_array(site, &energy_quantity, "temperature", NODES, entropy->energy));
    return measure_array(site, &beta_quantity, "temperature", NODES, t);
}

static basin_status entropy_take(struct entropy *entropy)
{
    struct perturb *perturb = &entropy->perturb;
    size_t chains = (size_t)entropy->settings->chains;
    for (size_t group = 0; group < perturb->groups; group++) {
        double loss;
        TRY(perturb_loss(perturb, group, NULL, &loss));
        entropy->rest += loss / (double)perturb->groups;
    }
    for (size_t k = 0; k < chains; k++) entropy->values[k] = 0;
    for (size_t node = 0; node < NODES; node++)
        for (size_t k = 0; k < chains; k++) {
            double energy;
            TRY(entropy_chain(entropy, node, k, &energy));
            entropy->energy[node] += energy / (double)chains;
        }
    return entropy_record(entropy);
}

static basin_status entropy_run(const struct measure_site *site)
{
    const struct entropy_settings *settings = site->settings;
    struct entropy entropy = {.settings = settings,
                              .steps = (size_t)(settings->burn_in + settings->draws)};
    basin_status status = perturb_open(site, &entropy.perturb);
    entropy.trace = memory_allocate(
        (entropy.steps + LANGEVIN_VECTORS * entropy.perturb.size + (size_t)settings->chains) *
        sizeof *entropy.trace);
    entropy.values = entropy.trace + entropy.steps + LANGEVIN_VECTORS * entropy.perturb.size;
    if (status == BASIN_OK) status = entropy.trace ? entropy_take(&entropy) : BASIN_MEMORY;
    memory_free(entropy.trace);
    perturb_close(&entropy.perturb);
    return status;
}

static void entropy_need(const struct measure_site *site, struct measure_need *need)
{
    const struct entropy_settings *settings = site->settings;
    double steps = (double)(settings->burn_in + settings->draws);
    perturb_need(site, 1, 1, LANGEVIN_VECTORS, need);
    need->uses[0].times = NODES * (double)settings->chains * steps; /* of a group each */
    need->doubles += (size_t)steps + (size_t)settings->chains;
}

static const struct measure measure = {.quantities = quantities,
                                       .arrays = arrays,
                                       .group = "local_entropy_per_temperature",
                                       .run = entropy_run,
                                       .need = entropy_need};
const struct entry local_entropy_entry = {
    .name = "local_entropy",
    .doc = "Local entropy: how much low loss there is near the weights, by thermodynamic "
           "integration over Langevin chains, with its standard error.",
    .source = PAPER,
    .parameters = parameters,
    .settings_size = sizeof(struct entropy_settings),
    .implementation = &measure};
