/* Resizing as PIL's Resample.c does it (Pillow): the same coefficients, the same rounding. */
#include "formats/image_file.h"

#include <math.h>
#include "base/arena.h"

enum { COEFFICIENT_BITS = 32 - 8 - 2 }; /* of bytes in 32 bits, with a sign and one to spare */

/* How one axis is resized: output i is a sum over inputs from start[i], count[i] of them. */
struct axis {
    size_t from, to, width; /* width: room for coefficients of each output */
    size_t *start, *count;  /* (to) */
    int32_t *weights;       /* (to, width) */
};

static void axis_free(struct axis *axis)
{
    memory_free(axis->start);
    memory_free(axis->count);
    memory_free(axis->weights);
}

static double triangle(double x)
{
    return fabs(x) < 1 ? 1 - fabs(x) : 0;
}

/* Output i lies over the input at `center`; its weights are normalised before they are rounded. */
static void axis_fill(struct axis *axis, size_t i, double scale, double stretch, double *exact)
{
    double center = ((double)i + 0.5) * scale, sum = 0, inverse = 1.0 / stretch;
    double low = trunc(center - stretch + 0.5), high = trunc(center + stretch + 0.5);
    size_t start = low < 0 ? 0 : (size_t)low;
    size_t end = high > (double)axis->from ? axis->from : (size_t)high;
    axis->start[i] = start;
    axis->count[i] = end - start;
    for (size_t k = 0; k < end - start; k++)
        sum += exact[k] = triangle(((double)k + (double)start - center + 0.5) * inverse);
    for (size_t k = 0; k < end - start; k++) {
        double weight = sum != 0 ? exact[k] / sum : exact[k];
        axis->weights[i * axis->width + k] = (int32_t)(0.5 + weight * (1 << COEFFICIENT_BITS));
    }
}

static basin_status axis_create(struct axis *axis, size_t from, size_t to)
{
    double scale = (double)from / (double)to, stretch = scale < 1 ? 1 : scale;
    *axis = (struct axis){.from = from, .to = to, .width = (size_t)ceil(stretch) * 2 + 1};
    axis->start = memory_allocate(to * sizeof *axis->start);
    axis->count = memory_allocate(to * sizeof *axis->count);
    axis->weights = memory_allocate(to * axis->width * sizeof *axis->weights);
    double *exact = memory_allocate(axis->width * sizeof *exact);
    bool is_there = axis->start && axis->count && axis->weights && exact;
    for (size_t i = 0; is_there && i < to; i++) axis_fill(axis, i, scale, stretch, exact);
    memory_free(exact);
    if (!is_there) axis_free(axis);
    return is_there ? BASIN_OK : BASIN_MEMORY;
}

static uint8_t to_byte(int32_t sum)
{
    int32_t value = sum >> COEFFICIENT_BITS;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* `in` is (before, from, after), `out` (before, to, after): the axis in the middle is resized. */
static void axis_apply(const struct axis *axis, const uint8_t *in, uint8_t *out, size_t before,
                       size_t after)
{
    for (size_t b = 0; b < before; b++, in += axis->from * after)
        for (size_t i = 0; i < axis->to; i++, out += after) {
            const int32_t *weights = axis->weights + i * axis->width;
            const uint8_t *at = in + axis->start[i] * after;
            for (size_t a = 0; a < after; a++) {
                int32_t sum = 1 << (COEFFICIENT_BITS - 1);
                for (size_t k = 0; k < axis->count[i]; k++) sum += at[k * after + a] * weights[k];
                out[a] = to_byte(sum);
            }
        }
}

static basin_status resize_axis(struct image *image, size_t from, size_t to, size_t before,
                                size_t after)
{
    struct axis axis;
    if (from == to) return BASIN_OK;
    TRY(axis_create(&axis, from, to));
    uint8_t *pixels = memory_allocate(before * to * after);
    if (pixels) {
        axis_apply(&axis, image->pixels, pixels, before, after);
        memory_free(image->pixels);
        image->pixels = pixels;
    }
    axis_free(&axis);
    return pixels ? BASIN_OK : BASIN_MEMORY;
}

basin_status image_resize(struct image *image, size_t height, size_t width)
{
    TRY(resize_axis(image, image->width, width, image->height, image->channels));
    image->width = width;
    TRY(resize_axis(image, image->height, height, 1, width * image->channels));
    image->height = height;
    return BASIN_OK;
}
