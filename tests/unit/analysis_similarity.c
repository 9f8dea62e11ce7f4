/* Linear CKA: against its definition, under rotation, scale and shift, and of independent data. */
#include <criterion/criterion.h>
#include <math.h>
#include "analysis/similarity.h"
#include "base/random.h"

enum { N = 30, D = 5, E = 7 };

static void draw(uint32_t which, double *x, size_t count)
{
    struct random random = random_make(11, STREAM_PROBE, 70, which);
    random_fill_normal(&random, 1, x, count);
}

static struct similarity cka_of(size_t n, size_t d, const double *x, size_t e, const double *y)
{
    static double k[400 * 400], l[400 * 400], a[400 * 50], b[400 * 50];
    for (size_t i = 0; i < n * d; i++) a[i] = x[i];
    for (size_t i = 0; i < n * e; i++) b[i] = y[i];
    similarity_gram(n, d, a, k);
    similarity_gram(n, e, b, l);
    struct similarity both = similarity_hsic(n, k, l), own = similarity_hsic(n, k, k),
                      other = similarity_hsic(n, l, l);
    return similarity_cka(&both, &own, &other);
}

/* ||Y'X||_F^2 of centred columns, by plain loops. */
static double cross(const double *x, size_t d, const double *y, size_t e)
{
    double total = 0;
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < e; b++) {
            double mean_x = 0, mean_y = 0, sum = 0;
            for (size_t i = 0; i < N; i++) mean_x += x[i * d + a] / N, mean_y += y[i * e + b] / N;
            for (size_t i = 0; i < N; i++) sum += (x[i * d + a] - mean_x) * (y[i * e + b] - mean_y);
            total += sum * sum;
        }
    return total;
}

Test(similarity, plain_is_its_definition)
{
    double x[N * D], y[N * E];
    draw(0, x, N * D);
    draw(1, y, N * E);
    for (size_t i = 0; i < N; i++) y[i * E] += 2 * x[i * D] + 3; /* something in common; a shift */
    struct similarity cka = cka_of(N, D, x, E, y);
    double wanted = cross(x, D, y, E) / sqrt(cross(x, D, x, D) * cross(y, E, y, E));
    cr_expect_float_eq(cka.plain, wanted, 1e-12);
    cr_expect(wanted > 0.2 && wanted < 0.9);
}

/* HSIC1 as a mean over all quadruples of different examples (Song et al. 2012, theorem 2):
 * 1/(n)_4 sum K_ij (L_ij + L_qr - 2 L_iq). */
Test(similarity, debiased_is_the_mean_over_quadruples)
{
    enum { FEW = 8 };
    double x[FEW * 2], y[FEW * 3], k[FEW * FEW], l[FEW * FEW], sum = 0, count = 0;
    draw(2, x, FEW * 2);
    draw(3, y, FEW * 3);
    for (size_t i = 0; i < FEW; i++) y[i * 3] += x[i * 2];
    similarity_gram(FEW, 2, x, k);
    similarity_gram(FEW, 3, y, l);
    for (size_t i = 0; i < FEW; i++)
        for (size_t j = 0; j < FEW; j++)
            for (size_t q = 0; q < FEW; q++)
                for (size_t r = 0; r < FEW; r++) {
                    if (i == j || i == q || i == r || j == q || j == r || q == r) continue;
                    sum += k[i * FEW + j] * (l[i * FEW + j] + l[q * FEW + r] - 2 * l[i * FEW + q]);
                    count++;
                }
    cr_expect_float_eq(similarity_hsic(FEW, k, l).debiased, sum / count, 1e-12);
}

/* Y = 3 X R + 1, R a rotation: products of plane rotations. */
Test(similarity, one_under_rotation_scale_and_shift)
{
    double x[N * D], y[N * D];
    draw(4, x, N * D);
    for (size_t i = 0; i < N * D; i++) y[i] = x[i];
    for (size_t a = 0; a < D; a++)
        for (size_t b = a + 1; b < D; b++)
            for (size_t i = 0; i < N; i++) {
                double c = cos(1.0 + (double)(a + b)), s = sin(1.0 + (double)(a + b)),
                       p = y[i * D + a], q = y[i * D + b];
                y[i * D + a] = c * p - s * q, y[i * D + b] = s * p + c * q;
            }
    for (size_t i = 0; i < N * D; i++) y[i] = 3 * y[i] + 1;
    struct similarity cka = cka_of(N, D, x, D, y);
    cr_expect_float_eq(cka.plain, 1, 1e-10);
    cr_expect_float_eq(cka.debiased, 1, 1e-10);
}

/* Many columns for few examples: the plain one is far from 0, the debiased one is 0 on average,
 * negative values among it. */
Test(similarity, nothing_in_common)
{
    enum { ROWS = 60, WIDE = 40, REPEATS = 200 };
    static double x[ROWS * WIDE], y[ROWS * WIDE];
    double plain = 0, debiased = 0;
    int negative = 0;
    for (uint32_t r = 0; r < REPEATS; r++) {
        draw(100 + 2 * r, x, ROWS * WIDE);
        draw(101 + 2 * r, y, ROWS * WIDE);
        struct similarity cka = cka_of(ROWS, WIDE, x, WIDE, y);
        plain += cka.plain / REPEATS;
        debiased += cka.debiased / REPEATS;
        negative += cka.debiased < 0;
    }
    cr_expect_gt(plain, 0.3);
    cr_expect_lt(fabs(debiased), 0.01, "%g", debiased);
    cr_expect_gt(negative, REPEATS / 4);
}

Test(similarity, constant_activations_have_none)
{
    double x[N * D], y[N * D];
    draw(5, x, N * D);
    for (size_t i = 0; i < N * D; i++) y[i] = 0.1;
    struct similarity cka = cka_of(N, D, x, D, y);
    cr_expect(isnan(cka.plain));
    cr_expect(isnan(cka.debiased));
}
