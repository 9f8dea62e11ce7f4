#include "measure/quadrature.h"

#include <math.h>
#include "base/arena.h"
#include "kernels/lapack.h"

struct quadrature_scratch {
    double *start;        /* (n) */
    double *alpha, *beta; /* (steps) */
    double *vectors;      /* (steps, steps) */
};

static void quadrature_start(const struct lanczos_request *request, size_t probe, double *v)
{
    struct random random = random_make(request->seed, STREAM_PROBE, (uint32_t)probe, 1);
    random_fill_normal(&random, 1, v, request->size);
}

static basin_status quadrature_probe(const struct lanczos_request *request,
                                     struct quadrature *quadrature, size_t probe,
                                     struct quadrature_scratch *scratch)
{
    size_t steps = quadrature->steps, count = 0;
    double *nodes = quadrature->nodes + probe * steps,
           *weights = quadrature->weights + probe * steps;
    quadrature_start(request, probe, scratch->start);
    TRY(lanczos_tridiagonal(request, scratch->start, scratch->alpha, scratch->beta, &count));
    TRY(lapack_tridiagonal_eigen((int)count, scratch->alpha, scratch->beta, nodes,
                                 scratch->vectors));
    for (size_t i = 0; i < count; i++)
        weights[i] = scratch->vectors[i * count] * scratch->vectors[i * count];
    for (size_t i = count; i < steps; i++) {
        nodes[i] = nodes[count - 1];
        weights[i] = 0;
    }
    quadrature->exhausted += count < steps || count == request->size;
    return BASIN_OK;
}

basin_status quadrature_run(const struct lanczos_request *request, struct quadrature *quadrature)
{
    size_t steps = quadrature->steps;
    struct lanczos_request here = *request;
    here.max_iterations = steps;
    double *memory = memory_allocate((request->size + 2 * steps + steps * steps) * sizeof *memory);
    if (!memory) return BASIN_MEMORY;
    struct quadrature_scratch scratch = {memory, memory + request->size,
                                         memory + request->size + steps,
                                         memory + request->size + 2 * steps};
    basin_status status = BASIN_OK;
    quadrature->exhausted = 0;
    for (size_t k = 0; k < quadrature->probes && status == BASIN_OK; k++)
        status = quadrature_probe(&here, quadrature, k, &scratch);
    memory_free(memory);
    return status;
}

double quadrature_density(const struct quadrature *quadrature, size_t probe, double width, double t)
{
    const double pi = 3.14159265358979323846;
    const double *nodes = quadrature->nodes + probe * quadrature->steps,
                 *weights = quadrature->weights + probe * quadrature->steps;
    double sum = 0;
    for (size_t i = 0; i < quadrature->steps; i++) {
        double z = (t - nodes[i]) / width;
        sum += weights[i] * exp(-z * z / 2);
    }
    return sum / (width * sqrt(2 * pi));
}
