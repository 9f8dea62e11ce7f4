#include "measure/lanczos.h"

#include <math.h>
#include <string.h>
#include "base/arena.h"
#include "kernels/lapack.h"

enum {
    LANES = 8,
    CHECK_EVERY = 4,
    CHECK_SHARE = 10,
    SETTLE = 8
};                                    /* a check costs m^3: a tenth more vectors between two */
static const double EXHAUSTED = 1e-6; /* a next direction shorter than this share of ||H|| is
                                         rounding, amplified: as good as random */

struct lanczos {
    const struct lanczos_request *request;
    size_t n, m;          /* dimension; basis vectors so far */
    size_t most;          /* basis vectors at the most */
    void **basis;         /* (most) vectors (n), float or double */
    double *alpha, *beta; /* (most): diagonal; beta[j] couples j and j + 1 */
    double *x, *y;        /* (n) scratch */
    size_t start,
        before; /* index of the first basis vector of the newest block, and of the one before it */
    uint32_t starts;
    double noise, scale; /* scale: largest |Ritz value| so far */
    double *theta,
        *s; /* (most), (m, m): eigenpairs of the tridiagonal matrix; row i of s = vector i */
};

static double lanczos_dot(const double *a, const double *b, size_t n)
{
    double lanes[LANES] = {0}, total = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++) lanes[lane] += a[i + lane] * b[i + lane];
    for (; i < n; i++) lanes[0] += a[i] * b[i];
    for (size_t lane = 0; lane < LANES; lane++) total += lanes[lane];
    return total;
}

static double dot_basis(const struct lanczos *l, size_t j, const double *b)
{
    if (!l->request->narrow_basis) return lanczos_dot(l->basis[j], b, l->n);
    const float *a = l->basis[j];
    double lanes[LANES] = {0}, total = 0;
    size_t i = 0;
    for (; i + LANES <= l->n; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[lane] += (double)a[i + lane] * b[i + lane];
    for (; i < l->n; i++) lanes[0] += (double)a[i] * b[i];
    for (size_t lane = 0; lane < LANES; lane++) total += lanes[lane];
    return total;
}

/* y += factor * basis[j] */
static void add_basis(const struct lanczos *l, size_t j, double factor, double *y)
{
    if (l->request->narrow_basis)
        for (size_t i = 0; i < l->n; i++) y[i] += factor * (double)((const float *)l->basis[j])[i];
    else
        for (size_t i = 0; i < l->n; i++) y[i] += factor * ((const double *)l->basis[j])[i];
}

static void orthogonalize(const struct lanczos *l, double *y)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t j = 0; j < l->m; j++) add_basis(l, j, -dot_basis(l, j, y), y);
}

/* Appends x / norm to the basis, and leaves in x what was stored. */
static basin_status push(struct lanczos *l, double norm)
{
    bool narrow = l->request->narrow_basis;
    void *row = memory_allocate(l->n * (narrow ? sizeof(float) : sizeof(double)));
    if (!row) return BASIN_MEMORY;
    for (size_t i = 0; i < l->n; i++) {
        l->x[i] /= norm;
        if (narrow)
            l->x[i] = ((float *)row)[i] = (float)l->x[i];
        else
            ((double *)row)[i] = l->x[i];
    }
    l->basis[l->m++] = row;
    return BASIN_OK;
}

static void new_block(struct lanczos *l)
{
    l->before = l->start;
    l->start = l->m;
}

/* A random direction outside the span of the basis. */
static basin_status fresh_start(struct lanczos *l)
{
    struct random random = random_make(l->request->seed, STREAM_START, l->starts++, 0);
    random_fill_normal(&random, 1, l->x, l->n);
    orthogonalize(l, l->x);
    new_block(l);
    return push(l, sqrt(lanczos_dot(l->x, l->x, l->n)));
}

/* ||H(c x) / c - H x|| / ||H x||: 0 in exact arithmetic. */
static basin_status measure_noise(struct lanczos *l)
{
    const double factor = 1.1;
    double *scaled = memory_allocate(2 * l->n * sizeof *scaled), *again = scaled + l->n,
           difference = 0;
    if (!scaled) return BASIN_MEMORY;
    for (size_t i = 0; i < l->n; i++) scaled[i] = factor * l->x[i];
    basin_status status = l->request->multiply(l->request->context, scaled, again);
    for (size_t i = 0; i < l->n; i++) difference += pow(again[i] / factor - l->y[i], 2);
    double norm = lanczos_dot(l->y, l->y, l->n);
    l->noise = norm > 0 ? sqrt(difference / norm) : 0;
    memory_free(scaled);
    return status;
}

/* One Lanczos step: alpha of the newest basis vector, beta and the next vector (or a fresh start
 * where there is none). */
static basin_status advance(struct lanczos *l)
{
    size_t j = l->m - 1;
    TRY(l->request->multiply(l->request->context, l->x, l->y));
    if (j == 0) TRY(measure_noise(l));
    l->alpha[j] = dot_basis(l, j, l->y);
    if (!isfinite(l->alpha[j]))
        return error_raise(BASIN_NUMERIC, "a Hessian-vector product is not finite");
    double before = sqrt(lanczos_dot(l->y, l->y, l->n));
    if (before > l->scale) l->scale = before;
    orthogonalize(l, l->y);
    if (l->m == l->most) return BASIN_OK;
    double beta = sqrt(lanczos_dot(l->y, l->y, l->n));
    if (beta <= 1e-13 * l->scale) {
        l->beta[j] = 0;
        return fresh_start(l);
    }
    if (beta <= EXHAUSTED * l->scale) new_block(l);
    l->beta[j] = beta;
    memcpy(l->x, l->y, l->n * sizeof *l->x);
    return push(l, beta);
}

/* Eigenpairs of the leading m x m tridiagonal matrix, ascending. */
static basin_status ritz(struct lanczos *l, size_t m)
{
    memory_free(l->s);
    if (!(l->s = memory_allocate(m * m * sizeof(double)))) return BASIN_MEMORY;
    return lapack_tridiagonal_eigen((int)m, l->alpha, l->beta, l->theta, l->s);
}

/* Position among m ascending Ritz values of wanted pair i: the largest ones first, then the
 * smallest. */
static size_t wanted(const struct lanczos *l, size_t m, size_t i)
{
    return i < l->request->largest ? m - 1 - i : 0;
}

static size_t wanted_count(const struct lanczos *l)
{
    return l->request->largest < l->n ? l->request->largest + 1 : l->n;
}

/* Residual at which a pair counts as converged. It is relative to the eigenvalue itself: a bound
 * relative to ||H|| alone would take any interior value near 0 for the smallest eigenvalue. Below
 * 1e-3 ||H|| eigenvalues count as small. */
static double threshold(const struct lanczos *l, size_t m, double theta)
{
    double norm = fmax(fabs(l->theta[0]), fabs(l->theta[m - 1]));
    return fmax(l->request->tolerance * fmax(fabs(theta), 1e-3 * norm), 4 * l->noise * norm);
}

/* Residual of a Ritz pair: |beta_m s_mi| (Golub and Van Loan, theorem 10.1.2). */
static bool is_settled(const struct lanczos *l, size_t m, size_t i)
{
    return fabs(l->beta[m - 1] * l->s[i * m + m - 1]) <= threshold(l, m, l->theta[i]);
}

/* A Krylov space holds one copy of a multiple eigenvalue, so that each block after the first shows
 * one copy more of each. There may be more of them above the k-th until a block's own largest value
 * is settled and not above it. */
static bool shows_nothing_new(const struct lanczos *l, size_t m, size_t first)
{
    size_t last_wanted = l->request->largest < m ? m - l->request->largest : 0;
    for (size_t i = m; i-- > 0;) {
        double share = 0; /* of Ritz vector i in the block; copies in different blocks may mix */
        for (size_t j = first; j < m; j++) share += l->s[i * m + j] * l->s[i * m + j];
        if (share > 1e-3)
            return is_settled(l, m, i) &&
                   l->theta[i] - l->theta[last_wanted] <= threshold(l, m, l->theta[i]);
    }
    return true;
}

static bool has_converged(const struct lanczos *l, size_t m)
{
    bool ended = l->start == m; /* the newest block has no vector among these m yet */
    size_t first = ended ? l->before : l->start;
    if (m < wanted_count(l) || (ended ? first == 0 : m - first < SETTLE)) return false;
    for (size_t i = 0; i < wanted_count(l); i++)
        if (!is_settled(l, m, wanted(l, m, i))) return false;
    return first == 0 || shows_nothing_new(l, m, first);
}

static basin_status iterate(struct lanczos *l, struct lanczos_result *result)
{
    TRY(fresh_start(l));
    for (size_t next = CHECK_EVERY;;) {
        size_t m = l->m; /* alpha[m - 1] and beta[m - 1] are known after this step */
        TRY(advance(l));
        bool full = m == l->most;
        if (!full && l->start != m && m < next) continue;
        next = m + (m / CHECK_SHARE > CHECK_EVERY ? m / CHECK_SHARE : CHECK_EVERY);
        TRY(ritz(l, m));
        result->iterations = m;
        result->tolerance = fmax(l->request->tolerance, 4 * l->noise);
        if (full || has_converged(l, m)) return BASIN_OK;
    }
}

static void ritz_vector(const struct lanczos *l, size_t m, size_t row, double *out)
{
    memset(out, 0, l->n * sizeof *out);
    for (size_t j = 0; j < m; j++) add_basis(l, j, l->s[row * m + j], out);
    double norm = sqrt(lanczos_dot(out, out, l->n));
    for (size_t i = 0; i < l->n; i++) out[i] /= norm;
}

static basin_status lanczos_collect(struct lanczos *l, struct lanczos_result *result)
{
    size_t m = result->iterations, count = wanted_count(l) < m ? wanted_count(l) : m;
    result->count = count;
    result->converged = count == wanted_count(l);
    result->noise = l->noise;
    result->values = memory_allocate(count * sizeof(double));
    result->residuals = memory_allocate(count * sizeof(double));
    result->vectors = memory_allocate(count * l->n * sizeof(double));
    if (!result->values || !result->residuals || !result->vectors) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) {
        double *vector = result->vectors + i * l->n, sum = 0;
        size_t row = i + 1 == count ? wanted(l, m, wanted_count(l) - 1) : wanted(l, m, i);
        result->values[i] = l->theta[row];
        ritz_vector(l, m, row, vector);
        TRY(l->request->multiply(l->request->context, vector, l->y));
        for (size_t j = 0; j < l->n; j++) sum += pow(l->y[j] - result->values[i] * vector[j], 2);
        result->residuals[i] = sqrt(sum);
        if (result->residuals[i] > 2 * threshold(l, m, l->theta[row])) result->converged = false;
    }
    return BASIN_OK;
}

static basin_status lanczos_allocate(struct lanczos *l)
{
    l->basis = memory_allocate(l->most * sizeof *l->basis);
    l->alpha = memory_allocate(l->most * sizeof(double));
    l->beta = memory_allocate(l->most * sizeof(double));
    l->theta = memory_allocate(l->most * sizeof(double));
    l->x = memory_allocate(l->n * sizeof(double));
    l->y = memory_allocate(l->n * sizeof(double));
    return l->basis && l->alpha && l->beta && l->theta && l->x && l->y ? BASIN_OK : BASIN_MEMORY;
}

static void release(struct lanczos *l)
{
    for (size_t i = 0; l->basis && i < l->m; i++) memory_free(l->basis[i]);
    void *all[] = {l->basis, l->alpha, l->beta, l->theta, l->s, l->x, l->y};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_free(all[i]);
}

basin_status lanczos_run(const struct lanczos_request *request, struct lanczos_result *result)
{
    struct lanczos l = {.request = request, .n = request->size};
    l.most = request->max_iterations < l.n ? request->max_iterations : l.n;
    *result = (struct lanczos_result){0};
    basin_status status = lanczos_allocate(&l);
    if (status == BASIN_OK) status = iterate(&l, result);
    if (status == BASIN_OK) status = lanczos_collect(&l, result);
    release(&l);
    if (status != BASIN_OK) lanczos_free(result);
    return status;
}

void lanczos_free(struct lanczos_result *result)
{
    memory_free(result->values);
    memory_free(result->residuals);
    memory_free(result->vectors);
    *result = (struct lanczos_result){0};
}
