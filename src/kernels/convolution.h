/* Convolution as gathered products (gathered.h), for one precision. Weights are (KH, KW, C /
 * groups, O); R = N OH OW is the number of windows, K = KH KW C / groups the number of elements in
 * one.
 *
 *     forward   y (R, O)   = windows of x (R, K) times w (K, O)
 *     weights   w (K, O)  += (windows of x)' g
 *     data      x (N, H, W, C) by phases: positions that are equal modulo the stride are reached by
 *               the same taps, each at a fixed distance in g. So they are windows over g, with the
 *               weights of those taps transposed.
 *
 * Where windows reach over the edge of an image, some images at a time are copied into a frame of
 * zeros. 1x1 convolutions without stride are plain products. */

static REAL *LOCAL(zeros)(REAL *out, int64_t count)
{
    for (int64_t i = 0; i < count; i++) out[i] = 0;
    return out + count;
}

/* Copies images into their frame. */
static const REAL *LOCAL(frame_fill)(const struct frame *frame, const REAL *images, int64_t count,
                                     REAL *const filled)
{
    int64_t line = frame->w * frame->c, framed = frame_width(frame) * frame->c;
    REAL *out = filled;
    if (frame_is_bare(frame)) return images;
    for (int64_t i = 0; i < count; i++) {
        out = LOCAL(zeros)(out, frame->top * framed);
        for (int64_t h = 0; h < frame->h; h++, images += line) {
            out = LOCAL(zeros)(out, frame->left * frame->c);
            memcpy(out, images, (size_t)line * sizeof(REAL));
            out = LOCAL(zeros)(out + line, frame->right * frame->c);
        }
        out = LOCAL(zeros)(out, frame->bottom * framed);
    }
    return filled;
}

/* Copies some columns of w, (K, columns), to a panel whose rows are whole vectors. */
static void LOCAL(panel_take)(const REAL *w, int64_t ldw, int64_t k, int64_t columns, REAL *panel)
{
    int64_t width = (columns + LOCAL(LANES) - 1) / LOCAL(LANES) * LOCAL(LANES);
    for (int64_t p = 0; p < k; p++, w += ldw, panel += width)
        for (int64_t j = 0; j < width; j++) panel[j] = j < columns ? w[j] : 0;
}

/* The same for w', whose columns are rows of w. */
static void LOCAL(panel_take_transposed)(const REAL *w, int64_t ldw, int64_t k, int64_t columns,
                                         REAL *panel)
{
    int64_t width = (columns + LOCAL(LANES) - 1) / LOCAL(LANES) * LOCAL(LANES);
    for (int64_t p = 0; p < k; p++)
        for (int64_t j = 0; j < width; j++) panel[p * width + j] = j < columns ? w[j * ldw + p] : 0;
}

/* Adds the bias to y (rows, outputs), then relu where the task says so. */
static void LOCAL(add_bias)(const int64_t *size, const REAL *bias, int64_t rows, REAL *y)
{
    for (int64_t i = 0; i < rows; i++, y += size[WINDOW_CHANNELS_OUT])
        for (int64_t j = 0; j < size[WINDOW_CHANNELS_OUT]; j++) {
            REAL z = y[j] + bias[j];
            y[j] = size[WINDOW_RELU] && z < 0 ? 0 : z;
        }
}

/* A 1x1 convolution as a product: y = x w, and its two adjoints. */
static void LOCAL(convolve_product)(const int64_t *size, bool ta, bool tb, const REAL *a,
                                    const REAL *b, REAL *c)
{
    int64_t rows = size[WINDOW_BATCH] * size[WINDOW_H] * size[WINDOW_W], in = size[WINDOW_CHANNELS];
    int64_t outputs = size[WINDOW_CHANNELS_OUT], m = ta ? in : rows, n = tb ? in : outputs,
            k = ta   ? rows
                : tb ? outputs
                     : in;
    CALL(product, ta, tb, m, n, k, a, ta ? m : k, b, tb ? k : n, 0, c, n);
}

static void LOCAL(convolve)(const struct kernel_task *task, const REAL *x, const REAL *w,
                            const REAL *bias, REAL *y, void *scratch)
{
    const int64_t *size = task->size;
    if (is_product(size)) {
        CALL(convolve_product, size, false, false, x, w, y);
        if (bias)
            CALL(add_bias, size, bias, size[WINDOW_BATCH] * size[WINDOW_H] * size[WINDOW_W], y);
        return;
    }
    struct windows windows = windows_of(size, sizeof(REAL));
    struct places places = places_in(&windows, scratch, sizeof(REAL));
    windows_pieces(&windows, size, &places);
    for (int64_t image = 0; image < size[WINDOW_BATCH]; image += windows.images) {
        int64_t count = windows_count(&windows, size, image), rows = count * windows.plane;
        const REAL *a = LOCAL(frame_fill)(&windows.frame, x + image * frame_inner(&windows.frame),
                                          count, places.frame);
        windows_rows(&windows, size, count, places.row);
        windows_results(&windows, image, count, places.to);
        for (int64_t group = 0; group < windows.groups; group++) {
            const REAL *from = w + group * windows.o, *add = bias ? bias + group * windows.o : NULL;
            struct LOCAL(gathered) product = {
                a + group * windows.part, places.row,     places.piece, places.to,
                windows.pieces,           windows.length, add,          bias && size[WINDOW_RELU]};
            for (int64_t j = 0, columns; j < windows.o; j += columns) {
                columns = panel_next(windows.o - j, LOCAL(panel_columns)(windows.o - j));
                CALL(panel_take, from + j, windows.outputs, windows.k, columns, places.panel);
                CALL(gathered_panel, &product, rows, j, columns, places.panel,
                     y + group * windows.o);
            }
        }
    }
}

static void LOCAL(convolve_weights)(const struct kernel_task *task, const REAL *x, const REAL *g,
                                    REAL *w, void *scratch)
{
    const int64_t *size = task->size;
    if (is_product(size)) {
        CALL(convolve_product, size, true, false, x, g, w);
        return;
    }
    struct windows windows = windows_of(size, sizeof(REAL));
    struct places places = places_in(&windows, scratch, sizeof(REAL));
    windows_pieces(&windows, size, &places);
    memset(w, 0, (size_t)(windows.k * windows.outputs) * sizeof(REAL));
    for (int64_t image = 0; image < size[WINDOW_BATCH]; image += windows.images) {
        int64_t count = windows_count(&windows, size, image);
        const REAL *a = LOCAL(frame_fill)(&windows.frame, x + image * frame_inner(&windows.frame),
                                          count, places.frame);
        windows_rows(&windows, size, count, places.row);
        for (int64_t group = 0; group < windows.groups; group++)
            CALL(gathered_backward, a + group * windows.part, places.row, count * windows.plane,
                 places.element, windows.k,
                 g + image * windows.plane * windows.outputs + group * windows.o, windows.outputs,
                 windows.o, w + group * windows.o, windows.outputs);
    }
}

/* The positions of x in one phase (down, right). */
static void LOCAL(convolve_phase)(const int64_t *size, const struct windows *windows,
                                  const struct places *places, int64_t image, int64_t count,
                                  int64_t down, int64_t right, const REAL *g, const REAL *w,
                                  REAL *x)
{
    struct phase phase = phase_of(windows, size, places, image, count, down, right);
    for (int64_t group = 0; group < windows->groups; group++) {
        REAL *to = x + group * windows->part;
        struct LOCAL(gathered) product = {g + group * windows->o,
                                          places->row,
                                          places->piece,
                                          places->to,
                                          phase.taps,
                                          windows->o,
                                          NULL,
                                          false};
        for (int64_t j = 0, columns; j < windows->part; j += columns) {
            columns = panel_next(windows->part - j, LOCAL(panel_columns)(windows->part - j));
            int64_t width = (columns + LOCAL(LANES) - 1) / LOCAL(LANES) * LOCAL(LANES);
            for (int64_t t = 0; t < phase.taps; t++) {
                const REAL *tap = w + (places->element[t] * windows->part + j) * windows->outputs +
                                  group * windows->o;
                CALL(panel_take_transposed, tap, windows->outputs, windows->o, columns,
                     (REAL *)places->panel + t * windows->o * width);
            }
            CALL(gathered_panel, &product, phase.rows, j, columns, places->panel, to);
        }
    }
}

static void LOCAL(convolve_data)(const struct kernel_task *task, const REAL *g, const REAL *w,
                                 REAL *x, void *scratch)
{
    const int64_t *size = task->size;
    if (is_product(size)) {
        CALL(convolve_product, size, false, true, g, w, x);
        return;
    }
    struct windows windows = windows_back(size, sizeof(REAL));
    struct places places = places_in(&windows, scratch, sizeof(REAL));
    for (int64_t image = 0; image < size[WINDOW_BATCH]; image += windows.images) {
        int64_t count = windows_count(&windows, size, image);
        const REAL *a = LOCAL(frame_fill)(&windows.frame, g + image * frame_inner(&windows.frame),
                                          count, places.frame);
        for (int64_t down = 0; down < size[WINDOW_STRIDE_H] && down < size[WINDOW_H]; down++)
            for (int64_t right = 0; right < size[WINDOW_STRIDE_W] && right < size[WINDOW_W];
                 right++)
                CALL(convolve_phase, size, &windows, &places, image, count, down, right, a, w, x);
    }
}
