/* Kernels over the rows of a matrix, for one precision. size: rows, columns. */

/* exp of an array in place. */
static void LOCAL(exp_array)(REAL *a, int64_t n)
{
    struct kernel_task task = {.size = {n}};
    const void *in[] = {a};
    NAME(exp)(&task, a, in);
}

/* exp(x - max) over all rows at once, since a single row may be shorter than a vector; then each
 * row is divided by its sum. */
void NAME(softmax)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], columns = task->size[1];
    const REAL *a = in[0];
    REAL *y = out;
    for (int64_t i = 0; i < rows; i++) {
        REAL largest = LOCAL(row_maximum)(a + i * columns, columns);
        IVDEP for (int64_t j = 0; j < columns; j++) y[i * columns + j] =
            a[i * columns + j] - largest;
    }
    CALL(exp_array, y, rows * columns);
    for (int64_t i = 0; i < rows; i++) {
        REAL factor = (REAL)(1 / LOCAL(row_sum)(y + i * columns, columns));
        for (int64_t j = 0; j < columns; j++) y[i * columns + j] *= factor;
    }
}

/* y (v - sum y v) */
void NAME(softmax_jacobian)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], columns = task->size[1];
    for (int64_t i = 0; i < rows; i++) {
        const REAL *y = (const REAL *)in[0] + i * columns, *v = (const REAL *)in[1] + i * columns;
        REAL *row = (REAL *)out + i * columns;
        REAL mean = (REAL)LOCAL(row_dot)(y, v, columns);
        IVDEP for (int64_t j = 0; j < columns; j++) row[j] = y[j] * (v[j] - mean);
    }
}

/* max + log sum exp(x - max), in pieces of a row that fit a small buffer. */
static double LOCAL(logsumexp_row)(const REAL *a, int64_t n)
{
    enum { PIECE = 512 };
    REAL buffer[PIECE], largest = LOCAL(row_maximum)(a, n);
    double sum = 0;
    for (int64_t start = 0; start < n; start += PIECE) {
        int64_t length = n - start < PIECE ? n - start : PIECE;
        for (int64_t j = 0; j < length; j++) buffer[j] = a[start + j] - largest;
        CALL(exp_array, buffer, length);
        sum += LOCAL(row_sum)(buffer, length);
    }
    return (double)largest + log(sum);
}

/* Short rows share a buffer, so that exp works on whole vectors; long rows are taken one by one. */
void NAME(logsumexp)(const struct kernel_task *task, void *out, const void *const *in)
{
    enum { PIECE = 512 };
    int64_t rows = task->size[0], columns = task->size[1], together = PIECE / columns;
    const REAL *a = in[0];
    REAL *y = out, buffer[PIECE], largest[PIECE];
    for (int64_t i = 0; columns > PIECE && i < rows; i++)
        y[i] = (REAL)LOCAL(logsumexp_row)(a + i * columns, columns);
    for (int64_t first = 0; columns <= PIECE && first < rows; first += together) {
        int64_t count = rows - first < together ? rows - first : together;
        for (int64_t i = 0; i < count; i++) {
            const REAL *row = a + (first + i) * columns;
            largest[i] = LOCAL(row_maximum)(row, columns);
            for (int64_t j = 0; j < columns; j++) buffer[i * columns + j] = row[j] - largest[i];
        }
        CALL(exp_array, buffer, count * columns);
        for (int64_t i = 0; i < count; i++)
            y[first + i] =
                (REAL)((double)largest[i] + log(LOCAL(row_sum)(buffer + i * columns, columns)));
    }
}

void NAME(max)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], columns = task->size[1];
    for (int64_t i = 0; i < rows; i++)
        ((REAL *)out)[i] = LOCAL(row_maximum)((const REAL *)in[0] + i * columns, columns);
}

void NAME(first_maximum)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], columns = task->size[1];
    memset(out, 0, (size_t)(rows * columns) * sizeof(REAL));
    for (int64_t i = 0; i < rows; i++) {
        const REAL *row = (const REAL *)in[0] + i * columns;
        int64_t best = 0;
        for (int64_t j = 1; j < columns; j++) best = row[j] > row[best] ? j : best;
        ((REAL *)out)[i * columns + best] = 1;
    }
}
