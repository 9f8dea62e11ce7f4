/* Kernels that add up or move elements, for one precision. sum and broadcast: size = outer, middle,
 * inner. */

/* Few columns: several rows are treated as one wide row, which is folded at the end. */
static void LOCAL(sum_narrow)(REAL *y, const REAL *a, int64_t middle, int64_t inner)
{
    enum { WIDE = 256 };
    double sum[WIDE] = {0};
    int64_t together = WIDE / inner, wide = together * inner, i = 0;
    for (; i + together <= middle; i += together)
        for (int64_t j = 0; j < wide; j++) sum[j] += (double)a[i * inner + j];
    for (int64_t j = 0; j < (middle - i) * inner; j++) sum[j] += (double)a[i * inner + j];
    for (int64_t j = inner; j < wide; j++) sum[j % inner] += sum[j];
    for (int64_t j = 0; j < inner; j++) y[j] = (REAL)sum[j];
}

/* Sums of the columns of a (middle, inner) block: float64, a strip of columns at a time. */
static void LOCAL(sum_columns)(REAL *y, const REAL *a, int64_t middle, int64_t inner)
{
    enum { STRIP = 128 };
    if (inner < 64) {
        CALL(sum_narrow, y, a, middle, inner);
        return;
    }
    for (int64_t start = 0; start < inner; start += STRIP) {
        double sum[STRIP] = {0};
        int64_t width = inner - start < STRIP ? inner - start : STRIP;
        for (int64_t i = 0; i < middle; i++)
            for (int64_t j = 0; j < width; j++) sum[j] += (double)a[i * inner + start + j];
        for (int64_t j = 0; j < width; j++) y[start + j] = (REAL)sum[j];
    }
}

/* Pairwise over blocks, with eight lanes in each. */
static double LOCAL(sum_array)(const REAL *a, int64_t n)
{
    enum { BLOCK = 1024 };
    if (n > BLOCK) {
        int64_t half = (n / 2 + BLOCK - 1) / BLOCK * BLOCK;
        return LOCAL(sum_array)(a, half) + LOCAL(sum_array)(a + half, n - half);
    }
    double sum[8] = {0};
    int64_t j = 0;
    for (; j + 8 <= n; j += 8)
        for (int lane = 0; lane < 8; lane++) sum[lane] += (double)a[j + lane];
    for (int lane = 0; j < n; j++, lane++) sum[lane] += (double)a[j];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

void NAME(sum)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t outer = task->size[0], middle = task->size[1], inner = task->size[2];
    for (int64_t i = 0; i < outer; i++) {
        const REAL *a = (const REAL *)in[0] + i * middle * inner;
        if (inner == 1)
            ((REAL *)out)[i] = (REAL)LOCAL(sum_array)(a, middle);
        else
            CALL(sum_columns, (REAL *)out + i * inner, a, middle, inner);
    }
}

void NAME(broadcast)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t outer = task->size[0], middle = task->size[1], inner = task->size[2];
    REAL *y = out;
    for (int64_t i = 0; i < outer; i++) {
        const REAL *a = (const REAL *)in[0] + i * inner;
        if (inner == 1)
            for (int64_t j = 0; j < middle; j++) *y++ = a[0];
        else
            for (int64_t j = 0; j < middle; j++, y += inner)
                memcpy(y, a, (size_t)inner * sizeof(REAL));
    }
}

/* size: rank, dimensions of the result (6), strides of the input along them (6). */
void NAME(transpose)(const struct kernel_task *task, void *out, const void *const *in)
{
    enum { MOST = 6 };
    int rank = (int)task->size[0], last = rank - 1;
    const int64_t *dim = task->size + 1, *stride = task->size + 1 + MOST;
    const REAL *a = in[0];
    REAL *y = out;
    int64_t index[MOST] = {0};
    for (;;) {
        for (int64_t j = 0; j < dim[last]; j++) *y++ = a[j * stride[last]];
        int axis = last - 1;
        for (; axis >= 0; axis--) {
            a += stride[axis];
            if (++index[axis] < dim[axis]) break;
            a -= dim[axis] * stride[axis];
            index[axis] = 0;
        }
        if (axis < 0) return;
    }
}

/* size: outer, length in, inner, start, length out */
void NAME(slice)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t outer = task->size[0], whole = task->size[1] * task->size[2];
    int64_t start = task->size[3] * task->size[2], part = task->size[4] * task->size[2];
    for (int64_t i = 0; i < outer; i++)
        memcpy((REAL *)out + i * part, (const REAL *)in[0] + i * whole + start,
               (size_t)part * sizeof(REAL));
}

/* size: outer, length of the first, inner, length of the second */
void NAME(concatenate)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t first = task->size[1] * task->size[2], second = task->size[3] * task->size[2];
    REAL *y = out;
    for (int64_t i = 0; i < task->size[0]; i++, y += first + second) {
        memcpy(y, (const REAL *)in[0] + i * first, (size_t)first * sizeof(REAL));
        memcpy(y + first, (const REAL *)in[1] + i * second, (size_t)second * sizeof(REAL));
    }
}

/* size: elements of a step, steps, backward: every step to the next, or to the one before. */
void NAME(shift)(const struct kernel_task *task, void *out, const void *const *in)
{
    size_t step = (size_t)task->size[0] * sizeof(REAL), moved = step * (size_t)(task->size[1] - 1);
    bool backward = task->size[2];
    memcpy((char *)out + (backward ? 0 : step), (const char *)in[0] + (backward ? step : 0), moved);
    memset((char *)out + (backward ? moved : 0), 0, step);
}

/* size: outer, length in, inner, zeros before, length out */
void NAME(pad)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t outer = task->size[0], part = task->size[1] * task->size[2];
    int64_t start = task->size[3] * task->size[2], whole = task->size[4] * task->size[2];
    memset(out, 0, (size_t)(outer * whole) * sizeof(REAL));
    for (int64_t i = 0; i < outer; i++)
        memcpy((REAL *)out + i * whole + start, (const REAL *)in[0] + i * part,
               (size_t)part * sizeof(REAL));
}
