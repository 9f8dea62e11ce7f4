/* Fused kernels, for one precision: one pass for what several kernels would do. The result may be
 * the first input. */

enum { LOCAL(SPREAD) = 1024 };

/* Repeats a short row in a buffer, so that loops are long; a long row stays where it is. Returns
 * the period. */
static int64_t LOCAL(spread)(int64_t length, const REAL *row, REAL *buffer, const REAL **out)
{
    *out = row;
    if (2 * length > LOCAL(SPREAD)) return length;
    int64_t period = LOCAL(SPREAD) / length * length;
    for (int64_t i = 0; i < period; i += length)
        memcpy(buffer + i, row, (size_t)length * sizeof(REAL));
    *out = buffer;
    return period;
}

#define ROW(name, vectors, expression)                                                             \
    void NAME(name)(const struct kernel_task *task, void *out, const void *const *in)              \
    {                                                                                              \
        REAL buffers[2][LOCAL(SPREAD)];                                                            \
        const REAL *x = in[0], *a, *b;                                                             \
        REAL *y = out;                                                                             \
        int64_t period = LOCAL(spread)(task->size[1], in[1], buffers[0], &a);                      \
        CALL(spread, task->size[1], in[vectors], buffers[1], &b);                                  \
        for (int64_t i = 0; i < task->size[0]; i += period) {                                      \
            int64_t count = task->size[0] - i < period ? task->size[0] - i : period;               \
            IVDEP for (int64_t j = 0; j < count; j++) y[i + j] = (expression);                     \
        }                                                                                          \
    }

ROW(multiply_row, 1, x[i + j] * a[j])
ROW(add_row, 1, x[i + j] + a[j])
ROW(affine_row, 2, x[i + j] * a[j] + b[j])

#undef ROW

void NAME(multiply_column)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t length = task->size[1], rows = task->size[0] / length;
    const REAL *x = in[0], *a = in[1];
    REAL *y = out;
    for (int64_t i = 0; i < rows; i++, x += length, y += length) {
        REAL factor = a[i];
        IVDEP for (int64_t j = 0; j < length; j++) y[j] = x[j] * factor;
    }
}

#define PAIR(name, expression)                                                                     \
    void NAME(name)(const struct kernel_task *task, void *out, const void *const *in)              \
    {                                                                                              \
        const REAL *g = in[0], *y = in[1], one = 1;                                                \
        REAL *to = out;                                                                            \
        (void)one;                                                                                 \
        IVDEP for (int64_t i = 0; i < task->size[0]; i++) to[i] = (expression);                    \
    }

PAIR(relu_backward, y[i] > 0 ? g[i] : y[i] <= 0 ? 0 : y[i])
PAIR(tanh_backward, g[i] * (one - y[i] * y[i]))
PAIR(sigmoid_backward, g[i] * (y[i] * (one - y[i])))

#undef PAIR

/* As sum_narrow in structure.h. */
static void LOCAL(sum_product_narrow)(int64_t rows, int64_t columns, const REAL *a, const REAL *b,
                                      REAL *y)
{
    enum { WIDE = 256 };
    double sum[WIDE] = {0};
    int64_t together = WIDE / columns, wide = together * columns, i = 0;
    for (; i + together <= rows; i += together)
        for (int64_t j = 0; j < wide; j++)
            sum[j] += (double)a[i * columns + j] * (double)b[i * columns + j];
    for (int64_t j = 0; j < (rows - i) * columns; j++)
        sum[j] += (double)a[i * columns + j] * (double)b[i * columns + j];
    for (int64_t j = columns; j < wide; j++) sum[j % columns] += sum[j];
    for (int64_t j = 0; j < columns; j++) y[j] = (REAL)sum[j];
}

static void LOCAL(sum_product_columns)(int64_t rows, int64_t columns, const REAL *a, const REAL *b,
                                       REAL *y)
{
    enum { STRIP = 64 };
    if (columns < STRIP) {
        CALL(sum_product_narrow, rows, columns, a, b, y);
        return;
    }
    for (int64_t start = 0; start < columns; start += STRIP) {
        double sum[STRIP] = {0};
        int64_t width = columns - start < STRIP ? columns - start : STRIP;
        for (int64_t i = 0; i < rows; i++) {
            const REAL *p = a + i * columns + start, *q = b + i * columns + start;
            for (int64_t j = 0; j < width; j++) sum[j] += (double)p[j] * (double)q[j];
        }
        for (int64_t j = 0; j < width; j++) y[start + j] = (REAL)sum[j];
    }
}

/* size: rows, columns, 1 for sums of columns or 0 for sums of rows */
void NAME(sum_product)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], columns = task->size[1];
    const REAL *a = in[0], *b = in[1];
    if (task->size[2]) {
        CALL(sum_product_columns, rows, columns, a, b, out);
        return;
    }
    for (int64_t i = 0; i < rows; i++) {
        double sum[8] = {0}; /* eight lanes in a fixed order */
        int64_t j = 0;
        for (; j + 8 <= columns; j += 8)
            for (int lane = 0; lane < 8; lane++)
                sum[lane] += (double)a[i * columns + j + lane] * (double)b[i * columns + j + lane];
        for (int lane = 0; j < columns; j++, lane++)
            sum[lane] += (double)a[i * columns + j] * (double)b[i * columns + j];
        ((REAL *)out)[i] = (REAL)(((sum[0] + sum[1]) + (sum[2] + sum[3])) +
                                  ((sum[4] + sum[5]) + (sum[6] + sum[7])));
    }
}
