#include "analysis/kendall.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct kendall_pair {
    double a, b;
};

static int compare_pairs(const void *left, const void *right)
{
    const struct kendall_pair *x = left, *y = right;
    if (x->a != y->a) return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

/* Pairs of equal neighbours in runs of equal values: sum of t (t - 1) / 2. */
static double tied_pairs(const double *x, size_t n)
{
    double pairs = 0;
    for (size_t i = 0, length = 1; i < n; i += length, length = 1) {
        while (i + length < n && x[i + length] == x[i]) length++;
        pairs += (double)length * (double)(length - 1) / 2;
    }
    return pairs;
}

static double pairs_tied_in_both(const struct kendall_pair *x, size_t n)
{
    double pairs = 0;
    for (size_t i = 0, length = 1; i < n; i += length, length = 1) {
        while (i + length < n && x[i + length].a == x[i].a && x[i + length].b == x[i].b) length++;
        pairs += (double)length * (double)(length - 1) / 2;
    }
    return pairs;
}

/* Sorts x and counts the pairs in which a greater number stood before a smaller one. */
static double count_inversions(double *x, size_t n, double *scratch)
{
    if (n < 2) return 0;
    size_t half = n / 2, i = 0, j = half;
    double inversions =
        count_inversions(x, half, scratch) + count_inversions(x + half, n - half, scratch);
    for (size_t k = 0; k < n; k++) {
        bool takes_left = j == n || (i < half && x[i] <= x[j]);
        inversions += takes_left ? 0 : (double)(half - i);
        scratch[k] = takes_left ? x[i++] : x[j++];
    }
    memcpy(x, scratch, n * sizeof *x);
    return inversions;
}

double kendall_tau(const double *a, const double *b, size_t n, double *scratch)
{
    struct kendall_pair *pairs = (struct kendall_pair *)scratch;
    double *column = scratch + 2 * n;
    if (n < 2) return NAN;
    for (size_t i = 0; i < n; i++) pairs[i] = (struct kendall_pair){a[i], b[i]};
    qsort(pairs, n, sizeof *pairs, compare_pairs);
    double all = (double)n * (double)(n - 1) / 2, both = pairs_tied_in_both(pairs, n);
    for (size_t i = 0; i < n; i++) column[i] = pairs[i].a;
    double tied_a = tied_pairs(column, n);
    for (size_t i = 0; i < n; i++) column[i] = pairs[i].b;
    double discordant = count_inversions(column, n, scratch), tied_b = tied_pairs(column, n);
    double concordant = all - tied_a - tied_b + both - discordant;
    double scale = sqrt((all - tied_a) * (all - tied_b));
    return scale > 0 ? (concordant - discordant) / scale : NAN;
}
