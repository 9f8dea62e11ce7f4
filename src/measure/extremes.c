#include "measure/extremes.h"

#include <math.h>
#include <string.h>

static const double LOOSE = 1e-2; /* tolerance of a first look, enough where nothing is missing */

struct deflated {
    const struct lanczos_request *request;
    const struct lanczos_result *found;
    double floor; /* mu: where the pairs that were found are moved to */
};

static double extremes_dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* y = H x - sum_i (lambda_i - mu) v_i (v_i' x) over the k largest; y is H x already */
static void extremes_deflate(const struct deflated *deflated, const double *x, double *y)
{
    size_t n = deflated->request->size;
    for (size_t i = 0; i < deflated->request->largest; i++) {
        const double *v = deflated->found->vectors + i * n;
        double factor = (deflated->found->values[i] - deflated->floor) * extremes_dot(v, x, n);
        for (size_t j = 0; j < n; j++) y[j] -= factor * v[j];
    }
}

/* `product` is one of the request's. */
static basin_status extremes_product(const struct deflated *deflated, lanczos_product *product,
                                     const double *x, size_t count, double *y)
{
    size_t n = deflated->request->size;
    TRY(product(deflated->request->context, x, count, y));
    for (size_t i = 0; i < count; i++) extremes_deflate(deflated, x + i * n, y + i * n);
    return BASIN_OK;
}

static basin_status extremes_multiply(void *context, const double *x, size_t count, double *y)
{
    const struct deflated *deflated = context;
    return extremes_product(deflated, deflated->request->multiply, x, count, y);
}

static basin_status extremes_exact(void *context, const double *x, size_t count, double *y)
{
    const struct deflated *deflated = context;
    return extremes_product(deflated, deflated->request->exact, x, count, y);
}

/* Puts pair 0 of `next` where it belongs among the k largest; the k-th goes. */
static void extremes_insert(const struct lanczos_request *request, struct lanczos_result *result,
                            const struct lanczos_result *next)
{
    size_t n = request->size, at = request->largest - 1;
    for (; at > 0 && result->values[at - 1] < next->values[0]; at--) {
        result->values[at] = result->values[at - 1];
        result->residuals[at] = result->residuals[at - 1];
        result->confirmed[at] = result->confirmed[at - 1];
        memcpy(result->vectors + at * n, result->vectors + (at - 1) * n, n * sizeof(double));
    }
    result->values[at] = next->values[0];
    result->residuals[at] = next->residuals[0];
    result->confirmed[at] = next->confirmed[0];
    memcpy(result->vectors + at * n, next->vectors, n * sizeof(double));
}

static basin_status extremes_search(const struct lanczos_request *request,
                                    struct lanczos_result *result, double tolerance,
                                    struct lanczos_result *next)
{
    double norm = fmax(fabs(result->values[0]), fabs(result->lowest));
    struct deflated deflated = {request, result, fmin(result->lowest, 0) - norm};
    struct lanczos_request largest = *request;
    largest.multiply = extremes_multiply;
    largest.exact = request->exact && tolerance < LOOSE ? extremes_exact : NULL;
    largest.context = &deflated;
    largest.largest = 1;
    largest.smallest = false;
    largest.tolerance = fmax(tolerance, request->tolerance);
    /* Another start for each search: the copies that one start vector shows are found by its first
     * search. */
    largest.seed = request->seed + 0x9E3779B97F4A7C15u * (result->iterations + 1);
    TRY(lanczos_run(&largest, next));
    result->iterations += next->iterations;
    return BASIN_OK;
}

/* Looks for one pair above the k-th; *added where there was one. */
static basin_status look_again(const struct lanczos_request *request, struct lanczos_result *result,
                               bool *added)
{
    struct lanczos_result next;
    double last = result->values[request->largest - 1], norm = fabs(result->values[0]);
    TRY(extremes_search(request, result, LOOSE, &next));
    *added = false;
    if (next.values[0] > last - 10 * LOOSE * fabs(last)) { /* near the k-th: look closely */
        lanczos_free(&next);
        TRY(extremes_search(request, result, 0, &next));
        *added = next.values[0] > last + 2 * result->tolerance * fmax(fabs(last), 1e-3 * norm);
        if (*added) result->converged = result->converged && next.converged;
    }
    if (*added) extremes_insert(request, result, &next);
    lanczos_free(&next);
    return BASIN_OK;
}

basin_status extremes_find(const struct lanczos_request *request, struct lanczos_result *result)
{
    TRY(lanczos_run(request, result));
    bool all = result->iterations == request->size || result->count < request->largest ||
               request->largest == 1;
    bool added = !all;
    basin_status status = BASIN_OK;
    while (added && status == BASIN_OK) status = look_again(request, result, &added);
    if (status != BASIN_OK) lanczos_free(result);
    return status;
}
