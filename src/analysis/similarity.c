#include "analysis/similarity.h"

#include <math.h>
#include <string.h>

/* Columns of X that are taken at once, so that rows stay in the cache. */
enum { PANEL = 512, ROWS_AT_ONCE = 32 };

static void centre_columns(size_t n, size_t width, double *x)
{
    for (size_t j = 0; j < width; j++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) mean += (x[i * width + j] - x[j]) / (double)n;
        mean += x[j];
        for (size_t i = 0; i < n; i++) x[i * width + j] -= mean;
    }
}

/* In four sums, so that the additions need not wait for each other. */
static double panel_product(const double *a, const double *b, size_t count)
{
    double sums[4] = {0};
    size_t k = 0;
    for (; k + 4 <= count; k += 4)
        for (size_t s = 0; s < 4; s++) sums[s] += a[k + s] * b[k + s];
    for (; k < count; k++) sums[0] += a[k] * b[k];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void similarity_gram(size_t n, size_t width, double *x, double *gram)
{
    centre_columns(n, width, x);
    memset(gram, 0, n * n * sizeof *gram);
    for (size_t start = 0; start < width; start += PANEL) {
        size_t count = width - start < PANEL ? width - start : PANEL;
        for (size_t block = 0; block < n; block += ROWS_AT_ONCE)
            for (size_t j = 0; j < n; j++)
                for (size_t i = block; i < n && i < block + ROWS_AT_ONCE && i <= j; i++)
                    gram[i * n + j] +=
                        panel_product(x + i * width + start, x + j * width + start, count);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) gram[i * n + j] = gram[j * n + i];
}

/* Of Gram matrices of deviations K H = K, so that tr(K H L H) = tr(K L), and the rows of K~ sum to
 * -k_ii but for rounding; they are summed as they are. */
struct similarity similarity_hsic(size_t n, const double *k, const double *l)
{
    double count = (double)n, all = 0, beside = 0, total_k = 0, total_l = 0, cross = 0;
    for (size_t i = 0; i < n; i++) {
        double row_k = 0, row_l = 0;
        for (size_t j = 0; j < n; j++) {
            double product = k[i * n + j] * l[i * n + j];
            all += product;
            if (i == j) continue;
            beside += product;
            row_k += k[i * n + j];
            row_l += l[i * n + j];
        }
        total_k += row_k;
        total_l += row_l;
        cross += row_k * row_l;
    }
    double unbiased =
        beside + total_k * total_l / ((count - 1) * (count - 2)) - 2 / (count - 2) * cross;
    return (struct similarity){all, unbiased / (count * (count - 3))};
}

/* An estimate of a similarity with itself that is not positive says nothing. */
static double normalised(double both, double k, double l)
{
    return k > 0 && l > 0 ? both / sqrt(k) / sqrt(l) : NAN;
}

struct similarity similarity_cka(const struct similarity *both, const struct similarity *k,
                                 const struct similarity *l)
{
    return (struct similarity){normalised(both->plain, k->plain, l->plain),
                               normalised(both->debiased, k->debiased, l->debiased)};
}
