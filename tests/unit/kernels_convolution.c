/* Convolutions of every kind of shape against the naive twins: stride beyond the kernel, dilation,
 * groups, windows that reach over the edge or leave it out, channels that fill vectors and that do
 * not, more images than one frame holds. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "kernels/window.h"

struct form {
    const char *name;
    struct kernel_set set;
    int x, w, bias, out; /* elements of which array each place is; see `lengths` */
};

enum { X, W, Y, BIAS, NONE };

static const struct form forms[] = {
    {"convolution", KERNELS_PREPARED(convolution, convolution), X, W, NONE, Y},
    {"convolution_bias", KERNELS_PREPARED(convolution_bias, convolution), X, W, BIAS, Y},
    {"convolution_data", KERNELS_PREPARED(convolution_data, convolution), Y, W, NONE, X},
    {"convolution_weights", KERNELS_PREPARED(convolution_weights, convolution), X, Y, NONE, W}};

static int64_t between(struct random *random, uint64_t *at, int64_t low, int64_t high)
{
    return low + (int64_t)(random_word(random, (*at)++) % (uint64_t)(high - low + 1));
}

/* False where the window does not fit the input. */
static bool draw_shape(struct random *random, uint64_t *at, int64_t *size)
{
    static const int64_t channels[] = {1, 3, 5, 16, 25, 32, 50};
    int64_t groups = between(random, at, 0, 3) ? 1 : between(random, at, 2, 3);
    size[WINDOW_GROUPS] = groups;
    size[WINDOW_BATCH] = between(random, at, 1, 5);
    size[WINDOW_CHANNELS] = groups * channels[between(random, at, 0, 6)];
    size[WINDOW_CHANNELS_OUT] = groups * channels[between(random, at, 0, 6)];
    size[WINDOW_RELU] = between(random, at, 0, 1);
    for (int axis = 0; axis < 2; axis++) {
        bool flat = axis == 0 && between(random, at, 0, 2) == 0;
        size[WINDOW_H + axis] = flat ? 1 : between(random, at, 1, 17);
        size[WINDOW_KERNEL_H + axis] = flat ? 1 : between(random, at, 1, 5);
        size[WINDOW_STRIDE_H + axis] = flat ? 1 : between(random, at, 1, 4);
        size[WINDOW_PADDING_H + axis] = flat ? 0 : between(random, at, 0, 3);
        size[WINDOW_DILATION_H + axis] = flat ? 1 : between(random, at, 1, 2);
        int64_t room = size[WINDOW_H + axis] + 2 * size[WINDOW_PADDING_H + axis] -
                       (size[WINDOW_KERNEL_H + axis] - 1) * size[WINDOW_DILATION_H + axis] - 1;
        if (room < 0) return false;
        size[WINDOW_OUT_H + axis] = room / size[WINDOW_STRIDE_H + axis] + 1;
    }
    return true;
}

static void lengths(const int64_t *size, size_t length[4])
{
    length[X] =
        (size_t)(size[WINDOW_BATCH] * size[WINDOW_H] * size[WINDOW_W] * size[WINDOW_CHANNELS]);
    length[Y] = (size_t)(size[WINDOW_BATCH] * size[WINDOW_OUT_H] * size[WINDOW_OUT_W] *
                         size[WINDOW_CHANNELS_OUT]);
    length[W] = (size_t)(size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W] * size[WINDOW_CHANNELS] /
                         size[WINDOW_GROUPS] * size[WINDOW_CHANNELS_OUT]);
    length[BIAS] = (size_t)size[WINDOW_CHANNELS_OUT];
}

static double *fill(struct random *random, uint64_t *at, size_t count)
{
    double *a = malloc(count * sizeof *a);
    for (size_t i = 0; i < count; i++)
        a[i] = (float)(random_word(random, (*at)++) / 4294967296.0 - 0.5);
    return a;
}

static float *narrow(const double *a, size_t count)
{
    float *b = malloc(count * sizeof *b);
    for (size_t i = 0; i < count; i++) b[i] = (float)a[i];
    return b;
}

static void *run_scratch(struct kernel_task *task, kernel_prepare *prepare)
{
    cr_assert_eq(prepare(task), BASIN_OK);
    return task->scratch ? aligned_alloc(64, (task->scratch + 63) / 64 * 64) : NULL;
}

static void compare(const struct form *form, const int64_t *size, double *const arrays[4],
                    const size_t length[4])
{
    struct kernel_task task = {0};
    memcpy(task.size, size, WINDOW_SIZES * sizeof *size);
    int places[] = {form->x, form->w, form->bias}, inputs = form->bias == NONE ? 2 : 3;
    size_t count = length[form->out];
    const void *in64[4] = {0}, *in32[4] = {0};
    for (int i = 0; i < inputs; i++) {
        in64[i] = arrays[places[i]];
        in32[i] = narrow(arrays[places[i]], length[places[i]]);
    }
    double *wanted = malloc(count * sizeof *wanted), *got = malloc(count * sizeof *got);
    float *got32 = malloc(count * sizeof *got32);
    memset(got, 0xff, count * sizeof *got); /* NaN: what is not written is seen */
    memset(got32, 0xff, count * sizeof *got32);
    form->set.naive(&task, wanted, in64);

    in64[inputs] = run_scratch(&task, form->set.prepare_float64);
    form->set.float64(&task, got, in64);
    free((void *)(uintptr_t)in64[inputs]);
    task.prepared = NULL;
    in32[inputs] = run_scratch(&task, form->set.prepare_float32);
    form->set.float32(&task, got32, in32);
    form->set.release((void *)(uintptr_t)task.prepared);
    for (int i = 0; i <= inputs; i++) free((void *)(uintptr_t)in32[i]);
    for (size_t i = 0; i < count; i++) {
        cr_assert(fabs(got[i] - wanted[i]) < 1e-11 * (1 + fabs(wanted[i])),
                  "%s, element %zu of %zu: %g, not %g", form->name, i, count, got[i], wanted[i]);
        cr_assert(fabs((double)got32[i] - wanted[i]) < 2e-4 * (1 + fabs(wanted[i])),
                  "%s in float32, element %zu of %zu: %g, not %g", form->name, i, count,
                  (double)got32[i], wanted[i]);
    }
    free(wanted);
    free(got);
    free(got32);
}

static void try_shape(const int64_t *size, struct random *random, uint64_t *at)
{
    size_t length[4];
    double *arrays[4];
    lengths(size, length);
    for (int i = 0; i < 4; i++) arrays[i] = fill(random, at, length[i]);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        compare(&forms[i], size, arrays, length);
    for (int i = 0; i < 4; i++) free(arrays[i]);
}

Test(convolution, shapes_of_every_kind)
{
    struct random random = random_make(7, STREAM_DATA, 0, 0);
    uint64_t at = 0;
    int tried = 0;
    kernels_one_thread();
    for (int i = 0; i < 400; i++) {
        int64_t size[WINDOW_SIZES] = {0};
        if (!draw_shape(&random, &at, size)) continue;
        try_shape(size, &random, &at);
        tried++;
    }
    cr_assert(tried > 200, "%d", tried);
}

Test(convolution, more_images_than_one_frame_holds)
{
    struct random random = random_make(8, STREAM_DATA, 0, 0);
    uint64_t at = 0;
    int64_t size[WINDOW_SIZES] = {33, 20, 21, 7, 10, 11, 9, 3, 3, 2, 2, 1, 1, 1, 1, 1, 0};
    kernels_one_thread();
    try_shape(size, &random, &at);
}
