#include "kernels/frame.h"

enum { FRAME_BYTES = 192 << 10, WIDEST = 48 }; /* as wide as the widest panel */

static int64_t positive(int64_t a)
{
    return a > 0 ? a : 0;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static void choose_images(struct windows *windows, const int64_t *size, size_t element)
{
    int64_t bytes = frame_size(&windows->frame) * (int64_t)element;
    windows->images = FRAME_BYTES / bytes;
    if (windows->images < 1) windows->images = 1;
    if (windows->images > size[WINDOW_BATCH]) windows->images = size[WINDOW_BATCH];
}

static struct windows windows_common(const int64_t *size)
{
    int64_t part = size[WINDOW_CHANNELS] / size[WINDOW_GROUPS];
    return (struct windows){.groups = size[WINDOW_GROUPS],
                            .part = part,
                            .o = size[WINDOW_CHANNELS_OUT] / size[WINDOW_GROUPS],
                            .outputs = size[WINDOW_CHANNELS_OUT]};
}

/* How far windows reach over the last element of an axis. */
static int64_t reach_over(const int64_t *size, int axis)
{
    int64_t end = (size[WINDOW_OUT_H + axis] - 1) * size[WINDOW_STRIDE_H + axis] -
                  size[WINDOW_PADDING_H + axis] +
                  (size[WINDOW_KERNEL_H + axis] - 1) * size[WINDOW_DILATION_H + axis] + 1;
    return positive(end - size[WINDOW_H + axis]);
}

/* Windows over x, for the forward product and the gradient of the weights. */
struct windows windows_of(const int64_t *size, size_t element)
{
    struct windows windows = windows_common(size);
    bool joined = windows.groups == 1 &&
                  size[WINDOW_DILATION_W] == 1; /* then a row of a window is contiguous */
    windows.frame = (struct frame){
        size[WINDOW_H],      size[WINDOW_W],         size[WINDOW_CHANNELS], size[WINDOW_PADDING_H],
        reach_over(size, 0), size[WINDOW_PADDING_W], reach_over(size, 1)};
    windows.plane = size[WINDOW_OUT_H] * size[WINDOW_OUT_W];
    windows.pieces = size[WINDOW_KERNEL_H] * (joined ? 1 : size[WINDOW_KERNEL_W]);
    windows.length = windows.part * (joined ? size[WINDOW_KERNEL_W] : 1);
    windows.k = windows.pieces * windows.length;
    windows.columns = windows.o;
    choose_images(&windows, size, element);
    return windows;
}

/* Does tap i of an axis reach the positions of a phase? Then *distance is how far from the
 * position's own index in g. */
static bool tap_of(const int64_t *size, int axis, int64_t phase, int64_t i, int64_t *distance)
{
    int64_t at = phase + size[WINDOW_PADDING_H + axis] - i * size[WINDOW_DILATION_H + axis];
    *distance = floor_divide(at, size[WINDOW_STRIDE_H + axis]);
    return *distance * size[WINDOW_STRIDE_H + axis] == at;
}

static int64_t phase_places(const int64_t *size, int axis, int64_t phase)
{
    return (size[WINDOW_H + axis] - phase + size[WINDOW_STRIDE_H + axis] - 1) /
           size[WINDOW_STRIDE_H + axis];
}

/* How many zeros the positions of x need before and after g. */
static void reach_back(const int64_t *size, int axis, int64_t *before, int64_t *after)
{
    int64_t stride = size[WINDOW_STRIDE_H + axis], padding = size[WINDOW_PADDING_H + axis];
    int64_t furthest = (size[WINDOW_KERNEL_H + axis] - 1) * size[WINDOW_DILATION_H + axis];
    *before = positive(-floor_divide(padding - furthest, stride));
    *after = positive(phase_places(size, axis, 0) + (stride - 1 + padding) / stride -
                      size[WINDOW_OUT_H + axis]);
}

/* Windows over g, for the gradient of the data. */
struct windows windows_back(const int64_t *size, size_t element)
{
    struct windows windows = windows_common(size);
    windows.frame =
        (struct frame){.h = size[WINDOW_OUT_H], .w = size[WINDOW_OUT_W], .c = windows.outputs};
    reach_back(size, 0, &windows.frame.top, &windows.frame.bottom);
    reach_back(size, 1, &windows.frame.left, &windows.frame.right);
    windows.plane = phase_places(size, 0, 0) * phase_places(size, 1, 0);
    windows.pieces = size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W];
    windows.length = windows.o;
    windows.k = windows.pieces * windows.length;
    windows.columns = windows.part;
    choose_images(&windows, size, element);
    return windows;
}

int64_t windows_count(const struct windows *windows, const int64_t *size, int64_t image)
{
    return size[WINDOW_BATCH] - image < windows->images ? size[WINDOW_BATCH] - image
                                                        : windows->images;
}

/* The parts of the scratch memory, in the order of `places_in`; each is rounded up to a cache line.
 */
enum { ROW, TO, PIECE, ELEMENT, FRAME, PANEL, PARTS, LINE = 64 };

static void part_bytes(const struct windows *windows, size_t element, size_t bytes[PARTS])
{
    size_t rows = (size_t)(windows->images * windows->plane) * sizeof(int64_t);
    size_t columns = windows->columns < WIDEST ? (size_t)(windows->columns + 15) / 16 * 16 : WIDEST;
    bytes[ROW] = bytes[TO] = rows;
    bytes[PIECE] = (size_t)windows->pieces * sizeof(int64_t);
    bytes[ELEMENT] = (size_t)windows->k * sizeof(int64_t);
    bytes[FRAME] = frame_is_bare(&windows->frame)
                       ? 0
                       : (size_t)(windows->images * frame_size(&windows->frame)) * element;
    bytes[PANEL] = (size_t)windows->k * columns * element;
    for (int i = 0; i < PARTS; i++) bytes[i] = (bytes[i] + LINE - 1) / LINE * LINE;
}

size_t windows_bytes(const struct windows *windows, size_t element)
{
    size_t bytes[PARTS], sum = 0;
    part_bytes(windows, element, bytes);
    for (int i = 0; i < PARTS; i++) sum += bytes[i];
    return sum;
}

struct places places_in(const struct windows *windows, void *scratch, size_t element)
{
    size_t bytes[PARTS], sum = 0;
    void *at[PARTS];
    part_bytes(windows, element, bytes);
    for (int i = 0; i < PARTS; i++) {
        at[i] = (char *)scratch + sum;
        sum += bytes[i];
    }
    return (struct places){at[ROW], at[TO], at[PIECE], at[ELEMENT], at[FRAME], at[PANEL]};
}

void windows_pieces(const struct windows *windows, const int64_t *size, const struct places *places)
{
    int64_t line = frame_width(&windows->frame) * windows->frame.c,
            across = windows->pieces / size[WINDOW_KERNEL_H];
    for (int64_t s = 0; s < windows->pieces; s++) {
        places->piece[s] = s / across * size[WINDOW_DILATION_H] * line +
                           s % across * size[WINDOW_DILATION_W] * windows->frame.c;
        for (int64_t p = 0; p < windows->length; p++)
            places->element[s * windows->length + p] = places->piece[s] + p;
    }
}

/* to[0 ... count - 1] = first, first + step, ... */
static int64_t *progression(int64_t first, int64_t step, int64_t count, int64_t *to)
{
    for (int64_t i = 0; i < count; i++) to[i] = first + i * step;
    return to + count;
}

void windows_rows(const struct windows *windows, const int64_t *size, int64_t count, int64_t *row)
{
    int64_t line = frame_width(&windows->frame) * windows->frame.c;
    for (int64_t i = 0; i < count; i++)
        for (int64_t h = 0; h < size[WINDOW_OUT_H]; h++)
            row = progression(i * frame_size(&windows->frame) + h * size[WINDOW_STRIDE_H] * line,
                              size[WINDOW_STRIDE_W] * windows->frame.c, size[WINDOW_OUT_W], row);
}

void windows_results(const struct windows *windows, int64_t image, int64_t count, int64_t *to)
{
    progression(image * windows->plane * windows->outputs, windows->outputs, count * windows->plane,
                to);
}

static void phase_taps(const struct windows *windows, const int64_t *size,
                       const struct places *places, int64_t down, int64_t right,
                       struct phase *phase)
{
    int64_t below, beside;
    for (int64_t i = 0; i < size[WINDOW_KERNEL_H]; i++) {
        if (!tap_of(size, 0, down, i, &below)) continue;
        for (int64_t j = 0; j < size[WINDOW_KERNEL_W]; j++) {
            if (!tap_of(size, 1, right, j, &beside)) continue;
            places->piece[phase->taps] =
                (below * frame_width(&windows->frame) + beside) * windows->frame.c;
            places->element[phase->taps++] = i * size[WINDOW_KERNEL_W] + j;
        }
    }
}

struct phase phase_of(const struct windows *windows, const int64_t *size,
                      const struct places *places, int64_t image, int64_t count, int64_t down,
                      int64_t right)
{
    const struct frame *frame = &windows->frame;
    int64_t high = phase_places(size, 0, down), wide = phase_places(size, 1, right);
    struct phase phase = {0};
    phase_taps(windows, size, places, down, right, &phase);
    int64_t *row = places->row, *to = places->to;
    for (int64_t i = 0; i < count; i++)
        for (int64_t h = 0; h < high; h++) {
            int64_t y = down + h * size[WINDOW_STRIDE_H];
            int64_t from = i * frame_size(frame) +
                           ((h + frame->top) * frame_width(frame) + frame->left) * frame->c;
            row = progression(from, frame->c, wide, row);
            to = progression((((image + i) * size[WINDOW_H] + y) * size[WINDOW_W] + right) *
                                 size[WINDOW_CHANNELS],
                             size[WINDOW_STRIDE_W] * size[WINDOW_CHANNELS], wide, to);
        }
    phase.rows = count * high * wide;
    return phase;
}
