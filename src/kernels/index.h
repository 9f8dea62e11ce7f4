/* Rows and elements at indices, for one precision. Indices are integers. */

/* size: rows, columns of the table. in: table (V, D), ids (R) */
void NAME(gather_rows)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], columns = task->size[1];
    const REAL *table = in[0], *ids = in[1];
    for (int64_t i = 0; i < rows; i++)
        memcpy((REAL *)out + i * columns, table + (int64_t)ids[i] * columns,
               (size_t)columns * sizeof(REAL));
}

/* size: rows, columns, rows of the table. in: g (R, D), ids (R). Adds in the order of rows. */
void NAME(scatter_rows)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], columns = task->size[1];
    const REAL *ids = in[1];
    memset(out, 0, (size_t)(task->size[2] * columns) * sizeof(REAL));
    for (int64_t i = 0; i < rows; i++) {
        const REAL *g = (const REAL *)in[0] + i * columns;
        REAL *restrict to = (REAL *)out + (int64_t)ids[i] * columns;
        for (int64_t j = 0; j < columns; j++) to[j] += g[j];
    }
}

/* size: rows, columns. in: a (R, C), ids (R) */
void NAME(pick)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], columns = task->size[1];
    const REAL *a = in[0], *ids = in[1];
    for (int64_t i = 0; i < rows; i++) ((REAL *)out)[i] = a[i * columns + (int64_t)ids[i]];
}

/* in: g (R), ids (R): each element at its index in a row of zeros. */
void NAME(place)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], columns = task->size[1];
    const REAL *g = in[0], *ids = in[1];
    memset(out, 0, (size_t)(rows * columns) * sizeof(REAL));
    for (int64_t i = 0; i < rows; i++) ((REAL *)out)[i * columns + (int64_t)ids[i]] = g[i];
}
