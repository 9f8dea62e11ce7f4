#include "measure/probes.h"

#include <math.h>
#include <string.h>
#include "base/arena.h"

/* A column of the sketch that is this small beside what it was depends on those before it. */
static const double DEPENDENT = 1e-10;

struct probes {
    const struct probes_request *request;
    size_t first, count;        /* probes: number of the first, how many */
    size_t sketch;              /* columns of Q */
    double *vectors, *products; /* (PROBES_TOGETHER, n) */
    double *q;                  /* (sketch, n) */
    double *fixed;              /* (parts + 1): what needs no mean */
    double *sum, *square;       /* (parts + 1): over probes */
};

size_t probes_sketch(size_t count)
{
    return count / 3;
}

size_t probes_vectors(enum probes_method method, size_t count)
{
    return 2 * PROBES_TOGETHER + (method == PROBES_HUTCHPP ? probes_sketch(count) : 0);
}

static double probes_dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* v -= Q Q'v, twice: once leaves rounding that the second removes. */
static void probes_project(const struct probes *probes, size_t columns, double *v)
{
    size_t n = probes->request->size;
    for (int pass = 0; pass < 2; pass++)
        for (size_t j = 0; j < columns; j++) {
            const double *q = probes->q + j * n;
            double along = probes_dot(q, v, n);
            for (size_t i = 0; i < n; i++) v[i] -= along * q[i];
        }
}

static void probes_fill(const struct probes *probes, size_t k, double *v)
{
    const struct probes_request *request = probes->request;
    if (request->method == PROBES_EXACT) {
        memset(v, 0, request->size * sizeof *v);
        v[k] = 1;
        return;
    }
    struct random random = random_make(request->seed, STREAM_PROBE, (uint32_t)k, 0);
    random_fill_sign(&random, v, request->size);
    if (probes->q) probes_project(probes, probes->sketch, v);
}

static double probes_form(const struct probes *probes, size_t part, const double *v,
                          const double *product)
{
    const struct probes_request *request = probes->request;
    double sum = 0;
    for (size_t i = request->offsets[part]; i < request->offsets[part + 1]; i++)
        sum += (request->squares ? product[i] : v[i]) * product[i];
    return sum;
}

/* Of one vector, to `sum` and, unless it is NULL, `square`. */
static void probes_add(const struct probes *probes, const double *v, const double *product,
                       double *sum, double *square)
{
    size_t parts = probes->request->parts;
    double whole = 0;
    for (size_t part = 0; part < parts; part++) {
        double here = probes_form(probes, part, v, product);
        sum[part] += here;
        if (square) square[part] += here * here;
        whole += here;
    }
    sum[parts] += whole;
    if (square) square[parts] += whole * whole;
}

static basin_status probes_take(struct probes *probes)
{
    const struct probes_request *request = probes->request;
    size_t n = request->size;
    for (size_t first = 0; first < probes->count; first += PROBES_TOGETHER) {
        size_t left = probes->count - first,
               count = left < PROBES_TOGETHER ? left : PROBES_TOGETHER;
        for (size_t j = 0; j < count; j++)
            probes_fill(probes, probes->first + first + j, probes->vectors + j * n);
        TRY(request->multiply(request->context, probes->vectors, count, probes->products));
        for (size_t j = 0; j < count; j++)
            probes_add(probes, probes->vectors + j * n, probes->products + j * n, probes->sum,
                       probes->square);
    }
    return BASIN_OK;
}

/* Appends v to Q, unless it depends on what is there. */
static void probes_append(struct probes *probes, const double *v)
{
    size_t n = probes->request->size;
    double *q = probes->q + probes->sketch * n, before = sqrt(probes_dot(v, v, n));
    memcpy(q, v, n * sizeof *q);
    probes_project(probes, probes->sketch, q);
    double norm = sqrt(probes_dot(q, q, n));
    if (!(norm > DEPENDENT * before)) return;
    for (size_t i = 0; i < n; i++) q[i] /= norm;
    probes->sketch++;
}

/* Q, an orthonormal basis of the range of M S. */
static basin_status probes_range(struct probes *probes)
{
    const struct probes_request *request = probes->request;
    size_t n = request->size, columns = probes_sketch(request->count);
    for (size_t first = 0; first < columns; first += PROBES_TOGETHER) {
        size_t left = columns - first, count = left < PROBES_TOGETHER ? left : PROBES_TOGETHER;
        for (size_t j = 0; j < count; j++) {
            struct random random =
                random_make(request->seed, STREAM_PROBE, (uint32_t)(first + j), 0);
            random_fill_sign(&random, probes->vectors + j * n, n);
        }
        TRY(request->multiply(request->context, probes->vectors, count, probes->products));
        for (size_t j = 0; j < count; j++) probes_append(probes, probes->products + j * n);
    }
    return BASIN_OK;
}

/* What lies in the range of Q, exactly. */
static basin_status probes_inside(struct probes *probes)
{
    const struct probes_request *request = probes->request;
    size_t n = request->size;
    for (size_t first = 0; first < probes->sketch; first += PROBES_TOGETHER) {
        size_t left = probes->sketch - first,
               count = left < PROBES_TOGETHER ? left : PROBES_TOGETHER;
        const double *q = probes->q + first * n;
        TRY(request->multiply(request->context, q, count, probes->products));
        for (size_t j = 0; j < count; j++)
            probes_add(probes, q + j * n, probes->products + j * n, probes->fixed, NULL);
    }
    return BASIN_OK;
}

/* Mean and its standard error; for unit vectors the sum and 0. */
static void probes_finish(const struct probes *probes, double *values, double *errors)
{
    bool exact = probes->request->method == PROBES_EXACT;
    double n = (double)probes->count;
    for (size_t part = 0; part <= probes->request->parts; part++) {
        double mean = probes->sum[part] / n;
        values[part] = probes->fixed[part] + (exact ? probes->sum[part] : mean);
        errors[part] = exact ? 0 : sqrt(fmax(0, probes->square[part] / n - mean * mean) / (n - 1));
    }
}

basin_status probes_run(const struct probes_request *request, double *values, double *errors)
{
    struct probes probes = {.request = request, .count = request->count};
    bool hutchpp = request->method == PROBES_HUTCHPP;
    size_t n = request->size, sums = request->parts + 1;
    if (request->method == PROBES_EXACT) probes.count = n;
    if (hutchpp) probes.first = probes_sketch(request->count);
    if (hutchpp) probes.count = request->count - 2 * probes.first;
    size_t vectors = probes_vectors(request->method, request->count);
    double *memory = memory_allocate((vectors * n + 3 * sums) * sizeof *memory);
    if (!memory) return BASIN_MEMORY;
    probes.sum = memory;
    probes.square = probes.sum + sums;
    probes.fixed = probes.square + sums;
    probes.vectors = probes.fixed + sums;
    probes.products = probes.vectors + PROBES_TOGETHER * n;
    memset(memory, 0, 3 * sums * sizeof *memory);
    if (hutchpp) probes.q = probes.products + PROBES_TOGETHER * n;
    basin_status status = hutchpp ? probes_range(&probes) : BASIN_OK;
    if (status == BASIN_OK) status = probes_inside(&probes);
    if (status == BASIN_OK) status = probes_take(&probes);
    if (status == BASIN_OK) probes_finish(&probes, values, errors);
    memory_free(memory);
    return status;
}
