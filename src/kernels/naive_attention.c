/* The naive twins of the kernels of attention, indices and row normalisation. */
#include <math.h>
#include <stdbool.h>
#include "kernels/kernels.h"
#include "kernels/tables.h"

void kernel_batch_matmul_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size, m = size[1], n = size[2], k = size[3];
    for (int64_t at = 0; at < size[0] * m * n; at++) {
        int64_t batch = at / (m * n), i = at / n % m, j = at % n;
        const double *a = (const double *)in[0] + batch * m * k,
                     *b = (const double *)in[1] + batch * k * n;
        double sum = 0;
        for (int64_t l = 0; l < k; l++) {
            bool seen = size[6] == 2 ? (size[4] ? i <= l : l <= i) : size[6] == 1 ? j <= i : true;
            double left = size[4] ? a[l * m + i] : a[i * k + l],
                   right = size[5] ? b[j * k + l] : b[l * n + j];
            if (seen) sum += left * right;
        }
        ((double *)out)[at] = sum;
    }
}

void kernel_causal_softmax_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t steps = task->size[1];
    for (int64_t i = 0; i < task->size[0]; i++) {
        const double *x = (const double *)in[0] + i * steps;
        double *y = (double *)out + i * steps, top = x[0], sum = 0;
        for (int64_t j = 0; j <= i % steps; j++) top = fmax(top, x[j]);
        for (int64_t j = 0; j <= i % steps; j++) sum += exp(x[j] - top);
        for (int64_t j = 0; j < steps; j++) y[j] = j <= i % steps ? exp(x[j] - top) / sum : 0;
    }
}

void kernel_causal_softmax_jacobian_naive(const struct kernel_task *task, void *out,
                                          const void *const *in)
{
    int64_t steps = task->size[1];
    for (int64_t i = 0; i < task->size[0]; i++) {
        const double *y = (const double *)in[0] + i * steps, *v = (const double *)in[1] + i * steps;
        double dot = 0;
        for (int64_t j = 0; j <= i % steps; j++) dot += y[j] * v[j];
        for (int64_t j = 0; j < steps; j++)
            ((double *)out)[i * steps + j] = j <= i % steps ? y[j] * (v[j] - dot) : 0;
    }
}

void kernel_lower_triangle_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t steps = task->size[1];
    for (int64_t at = 0; at < task->size[0] * steps; at++)
        ((double *)out)[at] = at % steps <= at / steps % steps ? ((const double *)in[0])[at] : 0;
}

void kernel_rotary_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t steps = task->size[1], half = task->size[2] / 2;
    for (int64_t at = 0; at < task->size[0] * half; at++) {
        int64_t i = at / half, j = at % half;
        double angle =
            rotary_angle(i % steps, j, 2 * half, task->number) * (task->size[3] ? -1 : 1);
        const double *x = (const double *)in[0] + i * 2 * half;
        double *y = (double *)out + i * 2 * half;
        y[j] = cos(angle) * x[j] - sin(angle) * x[half + j];
        y[half + j] = sin(angle) * x[j] + cos(angle) * x[half + j];
    }
}

void kernel_sinusoid_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    (void)in;
    for (int64_t i = 0; i < task->size[0] * task->size[1]; i++)
        ((double *)out)[i] = sinusoid_at(i / task->size[1], i % task->size[1], task->size[1]);
}

static void moments(const double *x, int64_t n, double *mean, double *variance)
{
    *mean = *variance = 0;
    for (int64_t j = 0; j < n; j++) *mean += x[j] / (double)n;
    for (int64_t j = 0; j < n; j++) *variance += (x[j] - *mean) * (x[j] - *mean) / (double)n;
}

void kernel_normalise_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t n = task->size[1];
    double mean, variance;
    for (int64_t i = 0; i < task->size[0]; i++) {
        const double *x = (const double *)in[0] + i * n;
        moments(x, n, &mean, &variance);
        for (int64_t j = 0; j < n; j++)
            ((double *)out)[i * n + j] = (x[j] - mean) / sqrt(variance + task->number);
    }
}

void kernel_rstd_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    double mean, variance;
    for (int64_t i = 0; i < task->size[0]; i++) {
        moments((const double *)in[0] + i * task->size[1], task->size[1], &mean, &variance);
        ((double *)out)[i] = 1 / sqrt(variance + task->number);
    }
}

void kernel_normalise_jacobian_naive(const struct kernel_task *task, void *out,
                                     const void *const *in)
{
    int64_t n = task->size[1];
    for (int64_t i = 0; i < task->size[0]; i++) {
        const double *y = (const double *)in[0] + i * n, *v = (const double *)in[2] + i * n;
        double mean = 0, along = 0;
        for (int64_t j = 0; j < n; j++) mean += v[j] / (double)n, along += y[j] * v[j] / (double)n;
        for (int64_t j = 0; j < n; j++)
            ((double *)out)[i * n + j] = ((const double *)in[1])[i] * (v[j] - mean - y[j] * along);
    }
}

void kernel_gather_rows_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t columns = task->size[1];
    for (int64_t at = 0; at < task->size[0] * columns; at++)
        ((double *)out)[at] =
            ((const double *)
                 in[0])[(int64_t)((const double *)in[1])[at / columns] * columns + at % columns];
}

void kernel_scatter_rows_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t columns = task->size[1];
    for (int64_t i = 0; i < task->size[2] * columns; i++) ((double *)out)[i] = 0;
    for (int64_t at = 0; at < task->size[0] * columns; at++)
        ((double *)out)[(int64_t)((const double *)in[1])[at / columns] * columns + at % columns] +=
            ((const double *)in[0])[at];
}

void kernel_pick_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    for (int64_t i = 0; i < task->size[0]; i++)
        ((double *)out)[i] =
            ((const double *)in[0])[i * task->size[1] + (int64_t)((const double *)in[1])[i]];
}

void kernel_place_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    for (int64_t at = 0; at < task->size[0] * task->size[1]; at++) {
        int64_t i = at / task->size[1];
        bool here = at % task->size[1] == (int64_t)((const double *)in[1])[i];
        ((double *)out)[at] = here ? ((const double *)in[0])[i] : 0;
    }
}

/* size: outer, length of the first, inner, length of the second */
void kernel_concatenate_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size, both = size[1] + size[3];
    for (int64_t at = 0; at < size[0] * both * size[2]; at++) {
        int64_t i = at / (both * size[2]), j = at / size[2] % both, k = at % size[2];
        ((double *)out)[at] =
            j < size[1] ? ((const double *)in[0])[(i * size[1] + j) * size[2] + k]
                        : ((const double *)in[1])[(i * size[3] + j - size[1]) * size[2] + k];
    }
}
