#include "measure/lanczos.h"

#include <math.h>
#include <string.h>
#include "base/arena.h"
#include "kernels/lapack.h"

enum {
    LANES = 8,
    CHECK_EVERY = 4,
    CHECK_SHARE = 10,
    SETTLE = 8,
    TOGETHER = 4                      /* vectors of one product at the end */
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
    double noise, scale; /* length of what a product is wrong by; of the longest product so far */
    bool settled;        /* the search ended because every wanted pair had converged */
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

static void swap_doubles(double *a, double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
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

/* The first product, y = H x, and beside it ||H(c x) / c - H x||: 0 in exact arithmetic. */
static basin_status first_product(struct lanczos *l)
{
    const double factor = 1.1;
    double *both = memory_allocate(4 * l->n * sizeof *both), *products = both + 2 * l->n,
           difference = 0;
    if (!both) return BASIN_MEMORY;
    memcpy(both, l->x, l->n * sizeof *both);
    for (size_t i = 0; i < l->n; i++) both[l->n + i] = factor * l->x[i];
    basin_status status = l->request->multiply(l->request->context, both, 2, products);
    if (status == BASIN_OK) memcpy(l->y, products, l->n * sizeof *products);
    for (size_t i = 0; i < l->n && status == BASIN_OK; i++)
        difference += pow(products[l->n + i] / factor - l->y[i], 2);
    l->noise = sqrt(difference);
    memory_free(both);
    return status;
}

/* One Lanczos step: alpha of the newest basis vector, beta and the next vector (or a fresh start
 * where there is none). */
static basin_status advance(struct lanczos *l)
{
    size_t j = l->m - 1;
    TRY(j == 0 ? first_product(l) : l->request->multiply(l->request->context, l->x, 1, l->y));
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
    size_t count = l->request->largest + l->request->smallest;
    return count < l->n ? count : l->n;
}

static double norm_of(const struct lanczos *l, size_t m)
{
    return fmax(fabs(l->theta[0]), fabs(l->theta[m - 1]));
}

/* Residual at which a pair counts as converged. It is relative to the eigenvalue itself: a bound
 * relative to ||H|| alone would take any interior value near 0 for the smallest eigenvalue. Below
 * 1e-3 ||H|| eigenvalues count as small. */
static double threshold_asked(const struct lanczos *l, size_t m, double theta)
{
    return l->request->tolerance * fmax(fabs(theta), 1e-3 * norm_of(l, m));
}

/* What the search can reach. The noise is that of a product with the start vector, in which all of
 * the spectrum has a share: a multiple of it relative to ||H|| would hide all eigenvalues that are
 * small beside ||H||, of which there is little else where a network interpolates its data. */
static double threshold(const struct lanczos *l, size_t m, double theta)
{
    return fmax(threshold_asked(l, m, theta), 4 * l->noise);
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
        l->settled = full ? m == l->n : has_converged(l, m);
        if (full || l->settled) return BASIN_OK;
    }
}

static void ritz_vector(const struct lanczos *l, size_t m, size_t row, double *out)
{
    memset(out, 0, l->n * sizeof *out);
    for (size_t j = 0; j < m; j++) add_basis(l, j, l->s[row * m + j], out);
    double norm = sqrt(lanczos_dot(out, out, l->n));
    for (size_t i = 0; i < l->n; i++) out[i] /= norm;
}

/* Row of s, and of theta, that result i comes from; count of them in all. */
/* Does what was measured confirm the search? Rounding that keeps a residual above what was asked
 * for is let pass up to a twentieth of the eigenvalue, whose own error is of the second order;
 * beyond, there is no telling it from another one. */
static bool holds(const struct lanczos *l, size_t m, const struct lanczos_result *result, size_t i)
{
    const double share = 0.05 * fabs(result->values[i]);
    double rounding = l->settled ? share : fmin(8 * l->noise, share);
    return result->residuals[i] <= fmax(2 * threshold_asked(l, m, result->values[i]), rounding);
}

/* The largest first: eigenvalues that are nearly equal may have changed places. */
static void sort_pairs(struct lanczos_result *result, size_t count, size_t n)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && result->values[j] > result->values[j - 1]; j--) {
            swap_doubles(result->values + j, result->values + j - 1, 1);
            swap_doubles(result->residuals + j, result->residuals + j - 1, 1);
            swap_doubles(result->vectors + j * n, result->vectors + (j - 1) * n, n);
        }
}

static void confirm(const struct lanczos *l, struct lanczos_result *result)
{
    result->converged = result->count == wanted_count(l);
    for (size_t i = 0; i < result->count; i++) {
        result->confirmed[i] = holds(l, result->iterations, result, i);
        if (!result->confirmed[i]) result->converged = false;
    }
}

/* Row of s, and of theta, that result i comes from; count of them in all. */
static size_t collect_row(const struct lanczos *l, size_t m, size_t i, size_t count)
{
    return l->request->smallest && i + 1 == count ? 0 : m - 1 - i;
}

static double difference_norm(const double *a, double factor, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += pow(a[i] - factor * b[i], 2);
    return sqrt(sum);
}

/* Residuals of `count` pairs from `first` on, by one more product each; `products` (2, count, n).
 * Where that product is exact, the eigenvalue becomes v' H v: its error is of the second order. */
static basin_status find_residuals(struct lanczos *l, struct lanczos_result *result, size_t first,
                                   size_t count, double *products)
{
    const struct lanczos_request *request = l->request;
    const double *vectors = result->vectors + first * l->n;
    double *exact = request->exact ? products + count * l->n : products;
    TRY(request->multiply(request->context, vectors, count, products));
    if (request->exact) TRY(request->exact(request->context, vectors, count, exact));
    for (size_t i = 0; i < count; i++) {
        const double *v = vectors + i * l->n, *y = exact + i * l->n;
        double *value = &result->values[first + i];
        if (request->exact) *value = lanczos_dot(v, y, l->n);
        result->residuals[first + i] = difference_norm(y, *value, v, l->n);
        l->noise = fmax(l->noise, difference_norm(y, 1, products + i * l->n, l->n));
    }
    return BASIN_OK;
}

static basin_status collect_pairs(struct lanczos *l, struct lanczos_result *result)
{
    size_t count = result->count, group = count < TOGETHER ? count : TOGETHER;
    double *products = memory_allocate(2 * group * l->n * sizeof(double));
    basin_status status = products ? BASIN_OK : BASIN_MEMORY;
    for (size_t i = 0; i < count && status == BASIN_OK; i++) {
        size_t row = collect_row(l, result->iterations, i, count);
        result->values[i] = l->theta[row];
        ritz_vector(l, result->iterations, row, result->vectors + i * l->n);
    }
    for (size_t i = 0; i < count && status == BASIN_OK; i += group)
        status = find_residuals(l, result, i, count - i < group ? count - i : group, products);
    memory_free(products);
    return status;
}

static basin_status lanczos_collect(struct lanczos *l, struct lanczos_result *result)
{
    size_t m = result->iterations, count = wanted_count(l) < m ? wanted_count(l) : m;
    result->count = count;
    result->lowest = l->theta[0];
    result->values = memory_allocate(count * sizeof(double));
    result->residuals = memory_allocate(count * sizeof(double));
    result->vectors = memory_allocate(count * l->n * sizeof(double));
    result->confirmed = memory_allocate(count * sizeof(bool));
    if (!result->values || !result->residuals || !result->vectors || !result->confirmed)
        return BASIN_MEMORY;
    TRY(collect_pairs(l, result));
    sort_pairs(result, count - (l->request->smallest && count > 1), l->n);
    double norm = norm_of(l, m);
    result->noise = norm > 0 ? l->noise / norm : 0;
    result->tolerance = fmax(l->request->tolerance, 4 * result->noise);
    confirm(l, result);
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

/* Until the space is full, or a new block begins: the space of the start vector is exhausted. */
static basin_status one_block(struct lanczos *l, const double *start, size_t *count)
{
    memcpy(l->x, start, l->n * sizeof *l->x);
    TRY(push(l, sqrt(lanczos_dot(start, start, l->n))));
    do {
        *count = l->m;
        TRY(advance(l));
    } while (l->m > *count && l->start != *count);
    return BASIN_OK;
}

basin_status lanczos_tridiagonal(const struct lanczos_request *request, const double *start,
                                 double *alpha, double *beta, size_t *count)
{
    struct lanczos l = {.request = request, .n = request->size};
    l.most = request->max_iterations < l.n ? request->max_iterations : l.n;
    basin_status status = lanczos_allocate(&l);
    if (status == BASIN_OK) status = one_block(&l, start, count);
    for (size_t i = 0; i < *count && status == BASIN_OK; i++) {
        alpha[i] = l.alpha[i];
        beta[i] = i + 1 < *count ? l.beta[i] : 0;
    }
    release(&l);
    return status;
}

void lanczos_free(struct lanczos_result *result)
{
    memory_free(result->values);
    memory_free(result->residuals);
    memory_free(result->vectors);
    memory_free(result->confirmed);
    *result = (struct lanczos_result){0};
}
