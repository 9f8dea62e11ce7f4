/* Chains of stochastic gradient Langevin dynamics. */
#include "measure/langevin.h"
#include <math.h>
#include <string.h>
#include "base/random.h"

/* Steps and passes of a chain draw from sequences of their own. */
enum { PASSES = 0x80000000u };

/* The order of the examples in a pass; all at once have none. */
static void langevin_shuffle(struct perturb *perturb, uint32_t chain, uint32_t pass)
{
    struct random random = random_make(perturb->site->seed, STREAM_PERTURB, chain, PASSES | pass);
    if (perturb->groups > 1) random_permutation(&random, perturb->rows, perturb->examples);
}

basin_status langevin_chain(const struct langevin *langevin, uint32_t chain, double *trace)
{
    struct perturb *perturb = langevin->perturb;
    size_t size = perturb->size;
    double *d = langevin->memory, *g = d + size, *noise = g + size, *c = noise + size;
    perturb_scale(perturb, false, 0, c);
    memset(d, 0, size * sizeof *d);
    for (size_t step = 0; step < langevin->steps; step++) trace[step] = NAN;
    for (size_t step = 0; step < langevin->steps; step++) {
        size_t group = step % perturb->groups;
        if (group == 0) langevin_shuffle(perturb, chain, (uint32_t)(step / perturb->groups));
        TRY(perturb_gradient(perturb, group, d, g, &trace[step]));
        if (!isfinite(trace[step]) || !isfinite(vector_norm(size, g))) {
            trace[step] = NAN;
            return BASIN_OK;
        }
        perturb_normal(perturb, chain, (uint32_t)step, sqrt(langevin->step), c, noise);
        for (size_t i = 0; i < size; i++)
            d[i] +=
                noise[i] - langevin->step / 2 * (langevin->n_beta * g[i] + langevin->gamma * d[i]);
    }
    return BASIN_OK;
}
