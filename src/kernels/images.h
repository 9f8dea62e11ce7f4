/* Pooling and channel statistics of images, for one precision. Channels are contiguous and are
 * computed as vectors, a strip at a time. */

enum { LOCAL(STRIP) = 64 };

struct LOCAL(windows) {
    const int64_t *size;
    int64_t image, row, column,
        place; /* place: element of the first channel, in the array with one element per window */
};

/* Moves to the next window; false after the last. Starts from {size, .column = -1}. */
static bool LOCAL(windows_next)(struct LOCAL(windows) * at)
{
    const int64_t *size = at->size;
    if (++at->column == size[WINDOW_OUT_W]) at->column = 0, at->row++;
    if (at->row == size[WINDOW_OUT_H]) at->row = 0, at->image++;
    at->place = ((at->image * size[WINDOW_OUT_H] + at->row) * size[WINDOW_OUT_W] + at->column) *
                size[WINDOW_CHANNELS];
    return at->image < size[WINDOW_BATCH];
}

/* The element of the first channel at a tap, or -1 for padding. */
static inline int64_t LOCAL(tap_place)(const struct LOCAL(windows) * at, int64_t tap)
{
    const int64_t *size = at->size;
    int64_t h, w, across = size[WINDOW_KERNEL_W];
    if (!window_tap(size, at->row, at->column, tap / across, tap % across, &h, &w)) return -1;
    return ((at->image * size[WINDOW_H] + h) * size[WINDOW_W] + w) * size[WINDOW_CHANNELS];
}

/* Windows of four taps without padding (mostly 2x2 pools) are faster: the distances of the taps
 * from the window's first element are the same everywhere. */
struct LOCAL(quads) {
    int64_t tap[4], channels;
};

static bool LOCAL(quads_of)(const int64_t *size, struct LOCAL(quads) * quads)
{
    int64_t across = size[WINDOW_KERNEL_W];
    if (size[WINDOW_KERNEL_H] * across != 4 || size[WINDOW_PADDING_H] || size[WINDOW_PADDING_W])
        return false;
    quads->channels = size[WINDOW_CHANNELS];
    for (int64_t tap = 0; tap < 4; tap++)
        quads->tap[tap] = (tap / across * size[WINDOW_DILATION_H] * size[WINDOW_W] +
                           tap % across * size[WINDOW_DILATION_W]) *
                          quads->channels;
    return true;
}

/* Runs a body for every window, with `x` at its first tap and `at` its element in the result. */
#define EACH_WINDOW(size, ...)                                                                     \
    for (int64_t image = 0, at = 0; image < (size)[WINDOW_BATCH]; image++)                         \
        for (int64_t row = 0; row < (size)[WINDOW_OUT_H]; row++) {                                 \
            int64_t x =                                                                            \
                ((image * (size)[WINDOW_H] + row * (size)[WINDOW_STRIDE_H]) * (size)[WINDOW_W]) *  \
                quads.channels;                                                                    \
            for (int64_t column = 0; column < (size)[WINDOW_OUT_W];                                \
                 column++, x += (size)[WINDOW_STRIDE_W] * quads.channels, at += quads.channels) {  \
                __VA_ARGS__                                                                        \
            }                                                                                      \
        }

static void LOCAL(index_quads)(const int64_t *size, struct LOCAL(quads) quads, const REAL *from,
                               const REAL *sign, REAL *to)
{
    EACH_WINDOW(size, {
        const REAL *a = from + x + quads.tap[0], *b = from + x + quads.tap[1],
                   *c = from + x + quads.tap[2], *d = from + x + quads.tap[3];
        REAL *restrict y = to + at;
        for (int64_t j = 0; j < quads.channels; j++) {
            REAL s = sign[j] < 0 ? -1 : 1, best = s * a[j], p = s * b[j], q = s * c[j],
                 r = s * d[j], index = 0;
            index = p > best || p != p ? 1 : index;
            best = p > best || p != p ? p : best;
            index = q > best || q != q ? 2 : index;
            best = q > best || q != q ? q : best;
            y[j] = r > best || r != r ? 3 : index;
        }
    })
}

static void LOCAL(gather_quads)(const int64_t *size, struct LOCAL(quads) quads, const REAL *from,
                                const REAL *index, REAL *to)
{
    EACH_WINDOW(size, {
        const REAL *a = from + x + quads.tap[0], *b = from + x + quads.tap[1],
                   *c = from + x + quads.tap[2], *d = from + x + quads.tap[3], *i = index + at;
        REAL *restrict y = to + at;
        for (int64_t j = 0; j < quads.channels; j++) {
            REAL low = i[j] == 0 ? a[j] : b[j], high = i[j] == 2 ? c[j] : d[j];
            y[j] = i[j] < 2 ? low : high;
        }
    })
}

/* The index and the maximum of one window. */
static inline void LOCAL(maximum_quad)(int64_t channels, const int64_t *tap, const REAL *x,
                                       const REAL *sign, REAL *winner, REAL *value)
{
    const REAL *a = x + tap[0], *b = x + tap[1], *c = x + tap[2], *d = x + tap[3];
    IVDEP for (int64_t j = 0; j < channels; j++)
    {
        REAL s = sign[j] < 0 ? -1 : 1, best = s * a[j], p = s * b[j], q = s * c[j], r = s * d[j],
             index = 0;
        index = p > best || p != p ? 1 : index;
        best = p > best || p != p ? p : best;
        index = q > best || q != q ? 2 : index;
        best = q > best || q != q ? q : best;
        index = r > best || r != r ? 3 : index;
        best = r > best || r != r ? r : best;
        winner[j] = index;
        value[j] = s * best;
    }
}

static void LOCAL(maximum_quads)(const int64_t *size, struct LOCAL(quads) quads, const REAL *from,
                                 const REAL *sign, REAL *to, REAL *values)
{
    EACH_WINDOW(size, {
        CALL(maximum_quad, quads.channels, quads.tap, from + x, sign, to + at, values + at);
    })
}

/* For windows that cover every element exactly once. */
static void LOCAL(scatter_quads)(const int64_t *size, struct LOCAL(quads) quads, const REAL *g,
                                 const REAL *index, REAL *to)
{
    EACH_WINDOW(size, {
        for (int tap = 0; tap < 4; tap++) {
            REAL *restrict y = to + x + quads.tap[tap], number = (REAL)tap;
            for (int64_t j = 0; j < quads.channels; j++)
                y[j] = index[at + j] == number ? g[at + j] : 0;
        }
    })
}

static inline void LOCAL(affine_tap)(int64_t channels, REAL tap, const REAL *g, const REAL *index,
                                     const REAL *x, const REAL *factor, const REAL *term, REAL *y)
{
    IVDEP for (int64_t j = 0; j < channels; j++) y[j] =
        (index[j] == tap ? g[j] : 0) + (x[j] * factor[j] + term[j]);
}

/* The same, plus an affine map of x; the result may overwrite x. */
static void LOCAL(scatter_affine_quads)(const int64_t *size, struct LOCAL(quads) quads,
                                        const void *const *in, REAL *to)
{
    const REAL *g = in[0], *index = in[1], *images = in[2], *factor = in[3], *term = in[4];
    EACH_WINDOW(size, {
        for (int tap = 0; tap < 4; tap++) {
            int64_t place = x + quads.tap[tap];
            CALL(affine_tap, quads.channels, (REAL)tap, g + at, index + at, images + place, factor,
                 term, to + place);
        }
    })
}

#undef EACH_WINDOW

/* The tap with the largest element (in channels with a negative direction: the smallest); the first
 * of equal ones, the last NaN. in: x, direction (C) */
void NAME(pool_index)(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size;
    int64_t channels = size[WINDOW_CHANNELS], taps = size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W];
    const REAL *x = in[0], *direction = in[1];
    struct LOCAL(quads) quads;
    if (LOCAL(quads_of)(size, &quads)) {
        CALL(index_quads, size, quads, x, direction, out);
        return;
    }
    REAL sign[LOCAL(STRIP)], best[LOCAL(STRIP)], index[LOCAL(STRIP)];
    for (int64_t start = 0; start < channels; start += LOCAL(STRIP)) {
        int64_t width = channels - start < LOCAL(STRIP) ? channels - start : LOCAL(STRIP);
        for (int64_t j = 0; j < width; j++) sign[j] = direction[start + j] < 0 ? -1 : 1;
        for (struct LOCAL(windows) at = {.size = size, .column = -1}; LOCAL(windows_next)(&at);) {
            bool any = false;
            for (int64_t tap = 0; tap < taps; tap++) {
                int64_t place = LOCAL(tap_place)(&at, tap);
                if (place < 0) continue;
                const REAL *from = x + place + start;
                REAL number = (REAL)tap;
                if (!any)
                    for (int64_t j = 0; j < width; j++)
                        best[j] = sign[j] * from[j], index[j] = number;
                else
                    for (int64_t j = 0; j < width; j++) {
                        REAL v = sign[j] * from[j];
                        bool wins = v > best[j] || v != v;
                        best[j] = wins ? v : best[j];
                        index[j] = wins ? number : index[j];
                    }
                any = true;
            }
            memcpy((REAL *)out + at.place + start, index, (size_t)width * sizeof(REAL));
        }
    }
}

/* y = the element at the index. in: x, index */
void NAME(pool_gather)(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size;
    struct LOCAL(quads) quads;
    if (LOCAL(quads_of)(size, &quads)) {
        CALL(gather_quads, size, quads, in[0], in[1], out);
        return;
    }
    int64_t channels = size[WINDOW_CHANNELS], taps = size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W];
    for (struct LOCAL(windows) at = {.size = size, .column = -1}; LOCAL(windows_next)(&at);) {
        const REAL *index = (const REAL *)in[1] + at.place;
        REAL *restrict y = (REAL *)out + at.place;
        bool any = false;
        for (int64_t tap = 0; tap < taps; tap++) {
            int64_t place = LOCAL(tap_place)(&at, tap);
            if (place < 0) continue;
            const REAL *x = (const REAL *)in[0] + place;
            REAL number = (REAL)tap;
            if (!any)
                for (int64_t j = 0; j < channels; j++) y[j] = x[j];
            else
                for (int64_t j = 0; j < channels; j++) y[j] = index[j] == number ? x[j] : y[j];
            any = true;
        }
    }
}

static bool LOCAL(windows_cover)(const int64_t *size)
{
    bool cover = true;
    for (int axis = 0; axis < 2; axis++)
        cover = cover && size[WINDOW_STRIDE_H + axis] == size[WINDOW_KERNEL_H + axis] &&
                size[WINDOW_PADDING_H + axis] == 0 && size[WINDOW_DILATION_H + axis] == 1 &&
                size[WINDOW_OUT_H + axis] * size[WINDOW_STRIDE_H + axis] == size[WINDOW_H + axis];
    return cover;
}

static void LOCAL(clear_image)(const int64_t *size, REAL *x)
{
    memset(x, 0,
           (size_t)(size[WINDOW_BATCH] * size[WINDOW_H] * size[WINDOW_W] * size[WINDOW_CHANNELS]) *
               sizeof(REAL));
}

/* x[element at the index] += g */
static void LOCAL(scatter_add)(const int64_t *size, int64_t taps, const REAL *gradients,
                               const REAL *indices, REAL *out)
{
    int64_t channels = size[WINDOW_CHANNELS];
    for (struct LOCAL(windows) at = {.size = size, .column = -1}; LOCAL(windows_next)(&at);) {
        const REAL *g = gradients + at.place, *index = indices + at.place;
        for (int64_t tap = 0; tap < taps; tap++) {
            int64_t place = LOCAL(tap_place)(&at, tap);
            if (place < 0) continue;
            REAL *restrict x = out + place;
            REAL number = (REAL)tap;
            for (int64_t j = 0; j < channels; j++) x[j] += index[j] == number ? g[j] : 0;
        }
    }
}

/* Adds into zeros. Where the windows cover every element once, each is written once instead. */
void NAME(pool_scatter)(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size;
    int64_t channels = size[WINDOW_CHANNELS], taps = size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W];
    bool cover = LOCAL(windows_cover)(size);
    struct LOCAL(quads) quads;
    if (cover && LOCAL(quads_of)(size, &quads)) {
        CALL(scatter_quads, size, quads, in[0], in[1], out);
        return;
    }
    if (!cover) {
        CALL(clear_image, size, out);
        CALL(scatter_add, size, taps, in[0], in[1], out);
        return;
    }
    for (struct LOCAL(windows) at = {.size = size, .column = -1}; LOCAL(windows_next)(&at);) {
        const REAL *g = (const REAL *)in[0] + at.place, *index = (const REAL *)in[1] + at.place;
        for (int64_t tap = 0; tap < taps; tap++) {
            REAL *restrict x = (REAL *)out + LOCAL(tap_place)(&at, tap), number = (REAL)tap;
            for (int64_t j = 0; j < channels; j++) x[j] = index[j] == number ? g[j] : 0;
        }
    }
}

/* in: g, index, x, a (C), b (C): x a + b, plus g at the element at the index. */
void NAME(pool_scatter_affine)(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size;
    struct LOCAL(quads) quads;
    if (LOCAL(windows_cover)(size) && LOCAL(quads_of)(size, &quads)) {
        CALL(scatter_affine_quads, size, quads, in, out);
        return;
    }
    int64_t channels = size[WINDOW_CHANNELS], taps = size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W];
    const REAL *x = in[2], *factor = in[3], *term = in[4];
    for (int64_t i = 0; i < size[WINDOW_BATCH] * size[WINDOW_H] * size[WINDOW_W] * channels;
         i += channels)
        for (int64_t j = 0; j < channels; j++)
            ((REAL *)out)[i + j] = x[i + j] * factor[j] + term[j];
    CALL(scatter_add, size, taps, in[0], in[1], out);
}

/* in: x, direction (C). The index of every window, then the element at it. */
void NAME(pool_maximum)(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size;
    REAL *value = (REAL *)out + size[WINDOW_BATCH] * size[WINDOW_OUT_H] * size[WINDOW_OUT_W] *
                                    size[WINDOW_CHANNELS];
    struct LOCAL(quads) quads;
    if (LOCAL(quads_of)(size, &quads)) {
        CALL(maximum_quads, size, quads, in[0], in[1], out, value);
        return;
    }
    NAME(pool_index)(task, out, in);
    NAME(pool_gather)(task, value, (const void *[]){in[0], out});
}

/* The mean over a window; padding counts as zeros. */
void NAME(average_pool)(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size;
    int64_t channels = size[WINDOW_CHANNELS], taps = size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W];
    REAL factor = (REAL)(1.0 / (double)taps);
    for (struct LOCAL(windows) at = {.size = size, .column = -1}; LOCAL(windows_next)(&at);) {
        REAL *restrict y = (REAL *)out + at.place;
        for (int64_t j = 0; j < channels; j++) y[j] = 0;
        for (int64_t tap = 0; tap < taps; tap++) {
            int64_t place = LOCAL(tap_place)(&at, tap);
            const REAL *x = (const REAL *)in[0] + place;
            for (int64_t j = 0; place >= 0 && j < channels; j++) y[j] += x[j];
        }
        for (int64_t j = 0; j < channels; j++) y[j] *= factor;
    }
}

void NAME(average_unpool)(const struct kernel_task *task, void *out, const void *const *in)
{
    const int64_t *size = task->size;
    int64_t channels = size[WINDOW_CHANNELS], taps = size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W];
    REAL factor = (REAL)(1.0 / (double)taps);
    CALL(clear_image, size, out);
    for (struct LOCAL(windows) at = {.size = size, .column = -1}; LOCAL(windows_next)(&at);) {
        const REAL *g = (const REAL *)in[0] + at.place;
        for (int64_t tap = 0; tap < taps; tap++) {
            int64_t place = LOCAL(tap_place)(&at, tap);
            REAL *restrict x = (REAL *)out + place;
            for (int64_t j = 0; place >= 0 && j < channels; j++) x[j] += factor * g[j];
        }
    }
}

/* Few channels: several rows are treated as one long row, which is folded at the end. */
static void LOCAL(moments_narrow)(int64_t rows, int64_t channels, const REAL *x, REAL *y)
{
    double sum[LOCAL(STRIP)] = {0}, square[LOCAL(STRIP)] = {0}, origin[LOCAL(STRIP)],
           n = (double)rows;
    int64_t together = LOCAL(STRIP) / channels, wide = together * channels;
    for (int64_t j = 0; j < wide; j++) origin[j] = (double)x[j % channels];
    for (int64_t i = 0; i < rows; i += together) {
        int64_t width = (rows - i < together ? rows - i : together) * channels;
        const REAL *row = x + i * channels;
        for (int64_t j = 0; j < width; j++) {
            double d = (double)row[j] - origin[j];
            sum[j] += d;
            square[j] += d * d;
        }
    }
    for (int64_t j = channels; j < wide; j++)
        sum[j % channels] += sum[j], square[j % channels] += square[j];
    for (int64_t j = 0; j < channels; j++) {
        double mean = sum[j] / n, variance = square[j] / n - mean * mean;
        y[j] = (REAL)(origin[j] + mean);
        y[channels + j] = (REAL)(variance < 0 ? 0 : variance);
    }
}

/* size: rows, channels. Mean and biased variance of every channel, from sums of x - x[0] and of its
 * square, so that nothing cancels where the mean is large. */
void NAME(moments)(const struct kernel_task *task, void *out, const void *const *in)
{
    int64_t rows = task->size[0], channels = task->size[1];
    const REAL *x = in[0];
    REAL *y = out;
    if (2 * channels <= LOCAL(STRIP)) {
        CALL(moments_narrow, rows, channels, x, y);
        return;
    }
    for (int64_t start = 0; start < channels; start += LOCAL(STRIP)) {
        double sum[LOCAL(STRIP)] = {0}, square[LOCAL(STRIP)] = {0}, n = (double)rows;
        int64_t width = channels - start < LOCAL(STRIP) ? channels - start : LOCAL(STRIP);
        const REAL *origin = x + start;
        for (int64_t i = 0; i < rows; i++) {
            const REAL *row = x + i * channels + start;
            for (int64_t j = 0; j < width; j++) {
                double d = (double)row[j] - (double)origin[j];
                sum[j] += d;
                square[j] += d * d;
            }
        }
        for (int64_t j = 0; j < width; j++) {
            double mean = sum[j] / n, variance = square[j] / n - mean * mean;
            y[start + j] = (REAL)((double)origin[j] + mean);
            y[channels + start + j] = (REAL)(variance < 0 ? 0 : variance);
        }
    }
}
