/* Convolution by patches and matrix products, of one precision. A patch is the part of the input under one window, laid
 * out as the weights' rows are: (KH, KW, C / groups). Patches of a few rows of windows at a time go to scratch memory
 * (PATCH_BYTES of it), where they meet the weights. 1x1 convolutions need no patches.
 *
 *     forward   y (R, O)  = patches (R, K) w (K, O)          R = N OH OW windows, K = KH KW C / groups
 *     data      patches   = g (R, O) w'                      then added to where they came from
 *     weights   w (K, O) += patches' g */

/* Copies the patches of windows first ... first + count - 1 for one group. */
static void LOCAL(patches_take)(const int64_t *size, int64_t group, const REAL *x, int64_t first, int64_t count, REAL *out)
{
    int64_t channels = size[WINDOW_CHANNELS], part = channels / size[WINDOW_GROUPS], across = size[WINDOW_KERNEL_W];
    int64_t plane = size[WINDOW_OUT_H] * size[WINDOW_OUT_W];
    bool joined = part == channels && size[WINDOW_DILATION_W] == 1;
    for (int64_t at = first; at < first + count; at++) {
        int64_t image = at / plane, row = at % plane / size[WINDOW_OUT_W], column = at % size[WINDOW_OUT_W], h, w;
        const REAL *from = x + image * size[WINDOW_H] * size[WINDOW_W] * channels + group * part;
        for (int64_t i = 0; i < size[WINDOW_KERNEL_H]; i++) {
            bool begins = window_tap(size, row, column, i, 0, &h, &w);
            if (joined && begins && w + across <= size[WINDOW_W]) { /* a whole row of the window is one piece */
                memcpy(out, from + (h * size[WINDOW_W] + w) * channels, (size_t)(across * part) * sizeof(REAL));
                out += across * part;
                continue;
            }
            for (int64_t j = 0; j < across; j++, out += part) {
                if (window_tap(size, row, column, i, j, &h, &w))
                    memcpy(out, from + (h * size[WINDOW_W] + w) * channels, (size_t)part * sizeof(REAL));
                else memset(out, 0, (size_t)part * sizeof(REAL));
            }
        }
    }
}

/* The opposite: adds patches to the input's places. */
static void LOCAL(patches_give)(const int64_t *size, int64_t group, const REAL *patches, int64_t first, int64_t count,
                                REAL *x)
{
    int64_t channels = size[WINDOW_CHANNELS], part = channels / size[WINDOW_GROUPS];
    int64_t plane = size[WINDOW_OUT_H] * size[WINDOW_OUT_W];
    for (int64_t at = first; at < first + count; at++) {
        int64_t image = at / plane, row = at % plane / size[WINDOW_OUT_W], column = at % size[WINDOW_OUT_W], h, w;
        REAL *to = x + image * size[WINDOW_H] * size[WINDOW_W] * channels + group * part;
        for (int64_t i = 0; i < size[WINDOW_KERNEL_H]; i++)
            for (int64_t j = 0; j < size[WINDOW_KERNEL_W]; j++, patches += part) {
                if (!window_tap(size, row, column, i, j, &h, &w)) continue;
                REAL *restrict place = to + (h * size[WINDOW_W] + w) * channels;
                for (int64_t k = 0; k < part; k++) place[k] += patches[k];
            }
    }
}

static void LOCAL(convolve)(const struct kernel_task *task, const REAL *x, const REAL *w, REAL *y, REAL *scratch)
{
    struct pieces pieces = pieces_of(task->size, sizeof(REAL));
    for (int64_t first = 0; first < pieces.windows; first += pieces.most) {
        int64_t count = pieces_count(&pieces, first);
        for (int64_t group = 0; group < pieces.groups; group++) {
            const REAL *a = pieces.direct ? x + first * pieces.k : scratch;
            if (!pieces.direct) LOCAL(patches_take)(task->size, group, x, first, count, scratch);
            LOCAL(product)(false, false, count, pieces.o, pieces.k, a, pieces.k, w + group * pieces.o, pieces.outputs, 0,
                           y + first * pieces.outputs + group * pieces.o, pieces.outputs);
        }
    }
}

static void LOCAL(convolve_data)(const struct kernel_task *task, const REAL *g, const REAL *w, REAL *x, REAL *scratch)
{
    struct pieces pieces = pieces_of(task->size, sizeof(REAL));
    const int64_t *size = task->size;
    if (!pieces.direct)
        memset(x, 0, (size_t)(size[WINDOW_BATCH] * size[WINDOW_H] * size[WINDOW_W] * size[WINDOW_CHANNELS]) * sizeof(REAL));
    for (int64_t first = 0; first < pieces.windows; first += pieces.most) {
        int64_t count = pieces_count(&pieces, first);
        for (int64_t group = 0; group < pieces.groups; group++) {
            REAL *to = pieces.direct ? x + first * pieces.k : scratch;
            LOCAL(product)(false, true, count, pieces.k, pieces.o, g + first * pieces.outputs + group * pieces.o,
                           pieces.outputs, w + group * pieces.o, pieces.outputs, 0, to, pieces.k);
            if (!pieces.direct) LOCAL(patches_give)(size, group, scratch, first, count, x);
        }
    }
}

static void LOCAL(convolve_weights)(const struct kernel_task *task, const REAL *x, const REAL *g, REAL *w, REAL *scratch)
{
    struct pieces pieces = pieces_of(task->size, sizeof(REAL));
    for (int64_t first = 0; first < pieces.windows; first += pieces.most) {
        int64_t count = pieces_count(&pieces, first);
        for (int64_t group = 0; group < pieces.groups; group++) {
            const REAL *a = pieces.direct ? x + first * pieces.k : scratch;
            if (!pieces.direct) LOCAL(patches_take)(task->size, group, x, first, count, scratch);
            LOCAL(product)(true, false, pieces.k, pieces.o, count, a, pieces.k,
                           g + first * pieces.outputs + group * pieces.o, pieces.outputs, first > 0,
                           w + group * pieces.o, pieces.outputs);
        }
    }
}
