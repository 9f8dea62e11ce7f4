/* Attention, for one precision: batched products (causal ones compute only the lower triangle, in
 * blocks of rows), softmax over the rows of the triangle, rotary and sinusoidal positions. */

enum { LOCAL(BLOCK) = 64 };

/* Copies the lower triangle of a block of the left factor; zeros above it. */
static void LOCAL(triangle_take)(const REAL *a, int64_t stride, int64_t count, REAL *out)
{
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < count; j++) out[i * count + j] = j <= i ? a[i * stride + j] : 0;
}

/* c (T, T) = the lower triangle of a (T, k) b (T, k)' */
static void LOCAL(triangle_result)(int64_t steps, int64_t k, const REAL *a, const REAL *b, REAL *c)
{
    for (int64_t first = 0; first < steps; first += LOCAL(BLOCK)) {
        int64_t end = first + LOCAL(BLOCK) < steps ? first + LOCAL(BLOCK) : steps;
        CALL(product, false, true, end - first, end, k, a + first * k, k, b, k, 0,
             c + first * steps, steps);
        for (int64_t i = first; i < end; i++)
            memset(c + i * steps + i + 1, 0, (size_t)(steps - i - 1) * sizeof(REAL));
    }
}

/* c (T, n) = l b or l' b, with l the lower triangle of a (T, T). */
static void LOCAL(triangle_left)(bool transposed, int64_t steps, int64_t n, const REAL *a,
                                 const REAL *b, REAL *c)
{
    REAL diagonal[LOCAL(BLOCK) * LOCAL(BLOCK)];
    for (int64_t first = 0; first < steps; first += LOCAL(BLOCK)) {
        int64_t end = first + LOCAL(BLOCK) < steps ? first + LOCAL(BLOCK) : steps,
                count = end - first;
        int64_t others = transposed ? steps - end : first;
        const REAL *rest = transposed ? a + end * steps + first : a + first * steps;
        CALL(triangle_take, a + first * steps + first, steps, count, diagonal);
        CALL(product, transposed, false, count, n, count, diagonal, count, b + first * n, n, 0,
             c + first * n, n);
        if (others)
            CALL(product, transposed, false, count, n, others, rest, steps,
                 b + (transposed ? end : 0) * n, n, 1, c + first * n, n);
    }
}

/* size: batch, m, n, k, transpose_a, transpose_b, triangle */
void NAME(batch_matmul)(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size, m = size[1], n = size[2], k = size[3];
    bool ta = size[4], tb = size[5];
    for (int64_t i = 0; i < size[0]; i++) {
        const REAL *a = (const REAL *)in[0] + i * m * k, *b = (const REAL *)in[1] + i * k * n;
        REAL *c = (REAL *)out + i * m * n;
        if (size[6] == 1)
            CALL(triangle_result, m, k, a, b, c);
        else if (size[6] == 2)
            CALL(triangle_left, ta, m, n, a, b, c);
        else
            CALL(product, ta, tb, m, n, k, a, ta ? m : k, b, tb ? k : n, 0, c, n);
    }
}

/* size: rows, T. Row i of a (T, T) matrix over its first i + 1 elements. */
void NAME(causal_softmax)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t steps = task->size[1];
    for (int64_t i = 0; i < task->size[0]; i++) {
        int64_t length = i % steps + 1;
        const void *row[] = {(const REAL *)in[0] + i * steps};
        REAL *y = (REAL *)out + i * steps;
        NAME(softmax)(&(struct kernel_task){.size = {1, length}}, y, row);
        memset(y + length, 0, (size_t)(steps - length) * sizeof(REAL));
    }
}

void NAME(causal_softmax_jacobian)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t steps = task->size[1];
    for (int64_t i = 0; i < task->size[0]; i++) {
        int64_t length = i % steps + 1;
        const void *rows[] = {(const REAL *)in[0] + i * steps, (const REAL *)in[1] + i * steps};
        REAL *y = (REAL *)out + i * steps;
        NAME(softmax_jacobian)(&(struct kernel_task){.size = {1, length}}, y, rows);
        memset(y + length, 0, (size_t)(steps - length) * sizeof(REAL));
    }
}

void NAME(lower_triangle)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t steps = task->size[1];
    for (int64_t i = 0; i < task->size[0]; i++) {
        int64_t length = i % steps + 1;
        memcpy((REAL *)out + i * steps, (const REAL *)in[0] + i * steps,
               (size_t)length * sizeof(REAL));
        memset((REAL *)out + i * steps + length, 0, (size_t)(steps - length) * sizeof(REAL));
    }
}

/* size: rows, T, D, backward; prepared: cos and sin (T, D / 2) */
void NAME(rotary)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t steps = task->size[1], half = task->size[2] / 2;
    const double *table = task->prepared;
    REAL sign = task->size[3] ? -1 : 1;
    for (int64_t i = 0; i < task->size[0]; i++) {
        const double *cosine = table + i % steps * half, *sine = cosine + steps * half;
        const REAL *a = (const REAL *)in[0] + i * 2 * half, *b = a + half;
        REAL *y = (REAL *)out + i * 2 * half;
        for (int64_t j = 0; j < half; j++) {
            REAL c = (REAL)cosine[j], s = sign * (REAL)sine[j], p = a[j], q = b[j];
            y[j] = c * p - s * q;
            y[half + j] = s * p + c * q;
        }
    }
}

/* size: T, D; prepared: the table */
void NAME(sinusoid)(const struct kernel_task *task, void *out, const void *const *in)
{
    const double *table = task->prepared;
    (void)in;
    for (int64_t i = 0; i < task->size[0] * task->size[1]; i++) ((REAL *)out)[i] = (REAL)table[i];
}

/* size: rows, columns; number: epsilon. (x - mean) / sqrt(variance + epsilon) of each row, in two
 * passes. */
static double LOCAL(row_rstd)(const REAL *x, int64_t n, double epsilon, double *mean)
{
    *mean = LOCAL(row_sum)(x, n) / (double)n;
    double square = LOCAL(row_square)(x, *mean, n);
    return 1 / sqrt(square / (double)n + epsilon);
}

void NAME(normalise)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], n = task->size[1];
    for (int64_t i = 0; i < rows; i++) {
        const REAL *x = (const REAL *)in[0] + i * n;
        REAL *y = (REAL *)out + i * n;
        double mean, rstd = LOCAL(row_rstd)(x, n, task->number, &mean);
        for (int64_t j = 0; j < n; j++) y[j] = (REAL)(((double)x[j] - mean) * rstd);
    }
}

void NAME(rstd)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], n = task->size[1];
    double mean;
    for (int64_t i = 0; i < rows; i++)
        ((REAL *)out)[i] =
            (REAL)LOCAL(row_rstd)((const REAL *)in[0] + i * n, n, task->number, &mean);
}

/* rstd (v - mean v - y mean(y v)). in: y, rstd (R), v */
void NAME(normalise_jacobian)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], n = task->size[1];
    for (int64_t i = 0; i < rows; i++) {
        const REAL *y = (const REAL *)in[0] + i * n, *v = (const REAL *)in[2] + i * n;
        REAL rstd = ((const REAL *)in[1])[i], *row = (REAL *)out + i * n;
        REAL mean = (REAL)(LOCAL(row_sum)(v, n) / (double)n),
             along = (REAL)(LOCAL(row_dot)(y, v, n) / (double)n);
        for (int64_t j = 0; j < n; j++) row[j] = rstd * (v[j] - mean - y[j] * along);
    }
}
