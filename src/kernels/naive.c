/* The naive twins: float64, one element after the other, the mathematics as written in a textbook.
 * Oracles of the tests. */
#include "kernels/kernels.h"

#include <math.h>
#include <stdbool.h>
#include "base/random.h"

#define UNARY(name, expression)                                                                    \
    void kernel_##name##_naive(const struct kernel_task *task, void *out, const void *const *in)   \
    {                                                                                              \
        for (int64_t i = 0; i < task->size[0]; i++) {                                              \
            double x = ((const double *)in[0])[i];                                                 \
            ((double *)out)[i] = (expression);                                                     \
        }                                                                                          \
    }

#define BINARY(name, expression)                                                                   \
    void kernel_##name##_naive(const struct kernel_task *task, void *out, const void *const *in)   \
    {                                                                                              \
        for (int64_t i = 0; i < task->size[0]; i++) {                                              \
            double p = ((const double *)in[0])[i], q = ((const double *)in[1])[i];                 \
            ((double *)out)[i] = (expression);                                                     \
        }                                                                                          \
    }

BINARY(add, p + q)
BINARY(subtract, p - q)
BINARY(multiply, p *q)
BINARY(equal, p == q)
UNARY(scale, task->number *x)
UNARY(relu, x > 0 || isnan(x) ? x : 0)
UNARY(step, isnan(x) ? x : x > 0)
UNARY(sign, isnan(x) ? x : (x > 0) - (x < 0))
UNARY(rsqrt, 1 / sqrt(x))
UNARY(reciprocal, 1 / x)
UNARY(exp, exp(x))
UNARY(log, log(x))
UNARY(tanh, tanh(x))
UNARY(erf, erf(x))
UNARY(sigmoid, 1 / (1 + exp(-x)))
UNARY(copy, x)

void kernel_fill_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    (void)in;
    for (int64_t i = 0; i < task->size[0]; i++) ((double *)out)[i] = task->number;
}

void kernel_dropout_mask_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    const struct kernel_random *key = in[0];
    struct random random =
        random_make(key->seed, STREAM_DROPOUT, (uint32_t)task->size[1], key->step);
    for (int64_t i = 0; i < task->size[0]; i++) {
        double u = random_word(&random, (uint64_t)i) * 0x1p-32;
        ((double *)out)[i] = u < task->number ? 0 : 1 / (1 - task->number);
    }
}

void kernel_sum_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t outer = task->size[0], middle = task->size[1], inner = task->size[2];
    for (int64_t i = 0; i < outer; i++)
        for (int64_t k = 0; k < inner; k++) {
            double sum = 0;
            for (int64_t j = 0; j < middle; j++)
                sum += ((const double *)in[0])[(i * middle + j) * inner + k];
            ((double *)out)[i * inner + k] = sum;
        }
}

void kernel_broadcast_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t outer = task->size[0], middle = task->size[1], inner = task->size[2];
    for (int64_t i = 0; i < outer; i++)
        for (int64_t j = 0; j < middle; j++)
            for (int64_t k = 0; k < inner; k++)
                ((double *)out)[(i * middle + j) * inner + k] =
                    ((const double *)in[0])[i * inner + k];
}

void kernel_transpose_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int rank = (int)task->size[0];
    const int64_t *dim = task->size + 1, *stride = task->size + 7;
    int64_t count = 1;
    for (int i = 0; i < rank; i++) count *= dim[i];
    for (int64_t i = 0; i < count; i++) {
        int64_t rest = i, from = 0;
        for (int axis = rank - 1; axis >= 0; axis--) {
            from += rest % dim[axis] * stride[axis];
            rest /= dim[axis];
        }
        ((double *)out)[i] = ((const double *)in[0])[from];
    }
}

void kernel_shift_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t step = task->size[0], steps = task->size[1], by = task->size[2] ? 1 : -1;
    for (int64_t t = 0; t < steps; t++)
        for (int64_t i = 0; i < step; i++) {
            bool inside = t + by >= 0 && t + by < steps;
            ((double *)out)[t * step + i] =
                inside ? ((const double *)in[0])[(t + by) * step + i] : 0;
        }
}

void kernel_slice_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size;
    for (int64_t i = 0; i < size[0]; i++)
        for (int64_t j = 0; j < size[4]; j++)
            for (int64_t k = 0; k < size[2]; k++)
                ((double *)out)[(i * size[4] + j) * size[2] + k] =
                    ((const double *)in[0])[(i * size[1] + j + size[3]) * size[2] + k];
}

void kernel_pad_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size;
    for (int64_t i = 0; i < size[0]; i++)
        for (int64_t j = 0; j < size[4]; j++)
            for (int64_t k = 0; k < size[2]; k++) {
                int64_t from = j - size[3];
                bool inside = from >= 0 && from < size[1];
                ((double *)out)[(i * size[4] + j) * size[2] + k] =
                    inside ? ((const double *)in[0])[(i * size[1] + from) * size[2] + k] : 0;
            }
}

void kernel_matmul_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t m = task->size[0], n = task->size[1], k = task->size[2];
    const double *a = in[0], *b = in[1];
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t l = 0; l < k; l++)
                sum += (task->size[3] ? a[l * m + i] : a[i * k + l]) *
                       (task->size[4] ? b[j * k + l] : b[l * n + j]);
            ((double *)out)[i * n + j] = sum;
        }
}

static double largest(const double *row, int64_t n, int64_t *at)
{
    *at = 0;
    for (int64_t j = 1; j < n; j++)
        if (row[j] > row[*at]) *at = j;
    return row[*at];
}

static double logsumexp(const double *row, int64_t n)
{
    int64_t at;
    double sum = 0, top = largest(row, n, &at);
    for (int64_t j = 0; j < n; j++) sum += exp(row[j] - top);
    return top + log(sum);
}

void kernel_softmax_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    for (int64_t i = 0; i < task->size[0]; i++) {
        const double *row = (const double *)in[0] + i * task->size[1];
        double total = logsumexp(row, task->size[1]);
        for (int64_t j = 0; j < task->size[1]; j++)
            ((double *)out)[i * task->size[1] + j] = exp(row[j] - total);
    }
}

void kernel_softmax_jacobian_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    for (int64_t i = 0; i < task->size[0]; i++) {
        const double *y = (const double *)in[0] + i * task->size[1],
                     *v = (const double *)in[1] + i * task->size[1];
        double dot = 0;
        for (int64_t j = 0; j < task->size[1]; j++) dot += y[j] * v[j];
        for (int64_t j = 0; j < task->size[1]; j++)
            ((double *)out)[i * task->size[1] + j] = y[j] * (v[j] - dot);
    }
}

void kernel_logsumexp_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    for (int64_t i = 0; i < task->size[0]; i++)
        ((double *)out)[i] = logsumexp((const double *)in[0] + i * task->size[1], task->size[1]);
}

void kernel_max_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t at;
    for (int64_t i = 0; i < task->size[0]; i++)
        ((double *)out)[i] = largest((const double *)in[0] + i * task->size[1], task->size[1], &at);
}

void kernel_first_maximum_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    for (int64_t i = 0; i < task->size[0]; i++) {
        int64_t at;
        largest((const double *)in[0] + i * task->size[1], task->size[1], &at);
        for (int64_t j = 0; j < task->size[1]; j++)
            ((double *)out)[i * task->size[1] + j] = j == at;
    }
}

void kernel_multiply_row_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    for (int64_t i = 0; i < task->size[0]; i++)
        ((double *)out)[i] =
            ((const double *)in[0])[i] * ((const double *)in[1])[i % task->size[1]];
}

void kernel_add_row_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    for (int64_t i = 0; i < task->size[0]; i++)
        ((double *)out)[i] =
            ((const double *)in[0])[i] + ((const double *)in[1])[i % task->size[1]];
}

void kernel_affine_row_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    for (int64_t i = 0; i < task->size[0]; i++)
        ((double *)out)[i] =
            ((const double *)in[0])[i] * ((const double *)in[1])[i % task->size[1]] +
            ((const double *)in[2])[i % task->size[1]];
}

void kernel_multiply_column_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    for (int64_t i = 0; i < task->size[0]; i++)
        ((double *)out)[i] =
            ((const double *)in[0])[i] * ((const double *)in[1])[i / task->size[1]];
}

BINARY(relu_backward, q > 0 ? p : q <= 0 ? 0 : q)
BINARY(tanh_backward, p *(1 - q * q))
BINARY(sigmoid_backward, p *q *(1 - q))

void kernel_sum_product_naive(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], columns = task->size[1], kept = task->size[2] ? columns : rows;
    for (int64_t i = 0; i < kept; i++) ((double *)out)[i] = 0;
    for (int64_t at = 0; at < rows * columns; at++)
        ((double *)out)[task->size[2] ? at % columns : at / columns] +=
            ((const double *)in[0])[at] * ((const double *)in[1])[at];
}
