/* Convolutions of images (N, H, W, C) with weights (KH, KW, C / groups, O); sizes: window.h.
 *
 * float32 has two implementations, and `prepare` chooses one for each program: oneDNN where the
 * channels fill its vectors, otherwise gathered products (convolution.h), which is also the only
 * one for float64. oneDNN reads activations as they are (NHWC) but wants weights in a layout of its
 * own: every run reorders them into scratch memory. Where oneDNN has only a reference or GEMM
 * implementation for a shape, it is not used. */
#include "kernels/window.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "kernels/frame.h"
#include "kernels/product.h"
#include "kernels/vector.h"

enum { ALIGNMENT = 64 };

/* A 1x1 convolution without stride is a matrix product with the images as left factor. */
static bool is_product(const int64_t *size)
{
    return size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W] == 1 && size[WINDOW_GROUPS] == 1 &&
           size[WINDOW_STRIDE_H] == 1 && size[WINDOW_STRIDE_W] == 1 &&
           size[WINDOW_PADDING_H] == 0 && size[WINDOW_PADDING_W] == 0;
}

#define PRECISION 32
#include "kernels/precision.h"
#include "kernels/gathered.h"
#include "kernels/convolution.h"
#undef PRECISION
#define PRECISION 64
#include "kernels/precision.h"
#include "kernels/gathered.h"
#include "kernels/convolution.h"

/* ---- oneDNN ---- */

enum direction { FORWARD, DATA, WEIGHTS };
enum { PLACES = 5 }; /* source, weights, destination, bias, scratchpad */

struct prepared {
    dnnl_engine_t engine;
    dnnl_stream_t stream; /* runs on the calling thread; a CPU stream has no state, so threads can
                             share it */
    dnnl_primitive_t convolution,
        reorder; /* reorder: of the weights, before or (WEIGHTS) after the convolution; NULL: none
                    needed */
    dnnl_memory_desc_t image, inner, plain, result,
        bias; /* inner: the weights in the primitive's layout */
    dnnl_memory_desc_t pad;
    size_t inner_bytes, pad_bytes;
};

static void prepared_free(struct prepared *prepared)
{
    if (!prepared) return;
    if (prepared->convolution) dnnl_primitive_destroy(prepared->convolution);
    if (prepared->reorder) dnnl_primitive_destroy(prepared->reorder);
    if (prepared->stream) dnnl_stream_destroy(prepared->stream);
    if (prepared->engine) dnnl_engine_destroy(prepared->engine);
    memory_free(prepared);
}

void kernel_convolution_release(void *prepared)
{
    prepared_free(prepared);
}

/* The description of an image array for oneDNN. With one channel NCHW and NHWC are the same; oneDNN
 * compiles first layers for NCHW on the input side and blocks of 16 channels on the other, which
 * for 16 channels is NHWC again. */
static dnnl_memory_desc_t image_desc(int64_t n, int64_t c, int64_t h, int64_t w, bool first_layer)
{
    dnnl_memory_desc_t desc;
    dnnl_format_tag_t tag = !first_layer ? dnnl_nhwc : c == 1 ? dnnl_nchw : dnnl_nChw16c;
    dnnl_memory_desc_init_by_tag(&desc, 4, (const dnnl_dims_t){n, c, h, w}, dnnl_f32, tag);
    return desc;
}

static dnnl_memory_desc_t weights_desc(const int64_t *size, bool plain)
{
    int64_t groups = size[WINDOW_GROUPS];
    dnnl_memory_desc_t desc;
    if (groups > 1) {
        dnnl_dims_t dims = {groups, size[WINDOW_CHANNELS_OUT] / groups,
                            size[WINDOW_CHANNELS] / groups, size[WINDOW_KERNEL_H],
                            size[WINDOW_KERNEL_W]};
        dnnl_memory_desc_init_by_tag(&desc, 5, dims, dnnl_f32,
                                     plain ? dnnl_hwigo : dnnl_format_tag_any);
    } else {
        dnnl_dims_t dims = {size[WINDOW_CHANNELS_OUT], size[WINDOW_CHANNELS], size[WINDOW_KERNEL_H],
                            size[WINDOW_KERNEL_W]};
        dnnl_memory_desc_init_by_tag(&desc, 4, dims, dnnl_f32,
                                     plain ? dnnl_hwio : dnnl_format_tag_any);
    }
    return desc;
}

/* The padding after the last element: as far as the windows reach, which may be less than the
 * padding before the first. */
static int64_t padding_after(const int64_t *size, int axis)
{
    int64_t reach = (size[WINDOW_OUT_H + axis] - 1) * size[WINDOW_STRIDE_H + axis] +
                    (size[WINDOW_KERNEL_H + axis] - 1) * size[WINDOW_DILATION_H + axis] + 1;
    return reach - size[WINDOW_H + axis] - size[WINDOW_PADDING_H + axis];
}

static bool convolution_describe(const int64_t *size, enum direction direction, bool bias,
                                 dnnl_convolution_desc_t *out, dnnl_primitive_desc_t *hint,
                                 dnnl_engine_t engine)
{
    bool first = size[WINDOW_CHANNELS] == 1;
    dnnl_memory_desc_t x = image_desc(size[WINDOW_BATCH], size[WINDOW_CHANNELS], size[WINDOW_H],
                                      size[WINDOW_W], first);
    dnnl_memory_desc_t y = image_desc(size[WINDOW_BATCH], size[WINDOW_CHANNELS_OUT],
                                      size[WINDOW_OUT_H], size[WINDOW_OUT_W], first);
    dnnl_memory_desc_t w = weights_desc(size, false), b;
    dnnl_memory_desc_init_by_tag(&b, 1, (const dnnl_dims_t){size[WINDOW_CHANNELS_OUT]}, dnnl_f32,
                                 dnnl_a);
    dnnl_dims_t stride = {size[WINDOW_STRIDE_H], size[WINDOW_STRIDE_W]};
    dnnl_dims_t dilation = {size[WINDOW_DILATION_H] - 1, size[WINDOW_DILATION_W] - 1};
    dnnl_dims_t before = {size[WINDOW_PADDING_H], size[WINDOW_PADDING_W]};
    dnnl_dims_t after = {padding_after(size, 0), padding_after(size, 1)};
    dnnl_convolution_desc_t forward;
    dnnl_prop_kind_t kind = direction == FORWARD ? dnnl_forward_inference : dnnl_forward_training;
    if (dnnl_dilated_convolution_forward_desc_init(&forward, kind, dnnl_convolution_direct, &x, &w,
                                                   bias ? &b : NULL, &y, stride, dilation, before,
                                                   after) != dnnl_success)
        return false;
    if (direction == FORWARD) {
        *out = forward;
        return true;
    }
    if (dnnl_primitive_desc_create(hint, &forward, NULL, engine, NULL) != dnnl_success)
        return false;
    if (direction == DATA)
        return dnnl_dilated_convolution_backward_data_desc_init(out, dnnl_convolution_direct, &x,
                                                                &w, &y, stride, dilation, before,
                                                                after) == dnnl_success;
    return dnnl_dilated_convolution_backward_weights_desc_init(out, dnnl_convolution_direct, &x, &w,
                                                               NULL, &y, stride, dilation, before,
                                                               after) == dnnl_success;
}

/* Scratch memory is ours; relu follows the convolution where the task says so. */
static dnnl_primitive_attr_t attributes(bool relu)
{
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_post_ops_t after = NULL;
    if (dnnl_primitive_attr_create(&attributes) != dnnl_success) return NULL;
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (relu && dnnl_post_ops_create(&after) == dnnl_success) {
        dnnl_post_ops_append_eltwise(after, 1, dnnl_eltwise_relu, 0, 0);
        dnnl_primitive_attr_set_post_ops(attributes, after);
        dnnl_post_ops_destroy(after);
    }
    return attributes;
}

/* The first implementation that is compiled for the shape. For some forward convolutions oneDNN
 * prefers its batched GEMM, which is slower by a sixth. */
static bool convolution_choose(const dnnl_convolution_desc_t *description,
                               const_dnnl_primitive_attr_t attribute, dnnl_engine_t engine,
                               const_dnnl_primitive_desc_t hint, dnnl_primitive_desc_t *out)
{
    dnnl_primitive_desc_iterator_t iterator = NULL;
    if (dnnl_primitive_desc_iterator_create(&iterator, description, attribute, engine, hint) !=
        dnnl_success)
        return false;
    bool found = false;
    do {
        const char *name = NULL;
        dnnl_primitive_desc_t desc = dnnl_primitive_desc_iterator_fetch(iterator);
        found =
            dnnl_primitive_desc_query(desc, dnnl_query_impl_info_str, 0, &name) == dnnl_success &&
            strncmp(name, "jit", 3) == 0;
        if (found)
            *out = desc;
        else
            dnnl_primitive_desc_destroy(desc);
    } while (!found && dnnl_primitive_desc_iterator_next(iterator) == dnnl_success);
    dnnl_primitive_desc_iterator_destroy(iterator);
    return found;
}

static bool make_reorder(struct prepared *prepared, const dnnl_memory_desc_t *from,
                         const dnnl_memory_desc_t *to)
{
    dnnl_primitive_desc_t desc;
    if (dnnl_memory_desc_equal(from, to)) return true;
    if (dnnl_reorder_primitive_desc_create(&desc, from, prepared->engine, to, prepared->engine,
                                           NULL) != dnnl_success)
        return false;
    bool made = dnnl_primitive_create(&prepared->reorder, desc) == dnnl_success;
    dnnl_primitive_desc_destroy(desc);
    return made;
}

static bool convolution_finish(struct prepared *prepared, const int64_t *size,
                               enum direction direction, dnnl_primitive_desc_t desc)
{
    static const dnnl_query_t weights_of[] = {dnnl_query_weights_md, dnnl_query_weights_md,
                                              dnnl_query_diff_weights_md};
    bool first = size[WINDOW_CHANNELS] == 1;
    prepared->image = image_desc(size[WINDOW_BATCH], size[WINDOW_CHANNELS], size[WINDOW_H],
                                 size[WINDOW_W], first);
    prepared->result = image_desc(size[WINDOW_BATCH], size[WINDOW_CHANNELS_OUT], size[WINDOW_OUT_H],
                                  size[WINDOW_OUT_W], first);
    prepared->plain = weights_desc(size, true);
    prepared->inner = *dnnl_primitive_desc_query_md(desc, weights_of[direction], 0);
    prepared->pad = *dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0);
    dnnl_memory_desc_init_by_tag(&prepared->bias, 1, (const dnnl_dims_t){size[WINDOW_CHANNELS_OUT]},
                                 dnnl_f32, dnnl_a);
    prepared->inner_bytes =
        (dnnl_memory_desc_get_size(&prepared->inner) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    prepared->pad_bytes = dnnl_memory_desc_get_size(&prepared->pad);
    bool outward = direction == WEIGHTS;
    return make_reorder(prepared, outward ? &prepared->inner : &prepared->plain,
                        outward ? &prepared->plain : &prepared->inner) &&
           dnnl_primitive_create(&prepared->convolution, desc) == dnnl_success;
}

static struct prepared *prepare_library(const struct kernel_task *task, enum direction direction,
                                        bool bias)
{
    struct prepared *prepared = memory_allocate(sizeof *prepared);
    dnnl_primitive_desc_t hint = NULL, desc = NULL;
    dnnl_convolution_desc_t description;
    dnnl_primitive_attr_t attribute = attributes(bias && task->size[WINDOW_RELU]);
    bool made =
        prepared && attribute &&
        dnnl_engine_create(&prepared->engine, dnnl_cpu, 0) == dnnl_success &&
        dnnl_stream_create(&prepared->stream, prepared->engine, dnnl_stream_default_flags) ==
            dnnl_success &&
        convolution_describe(task->size, direction, bias, &description, &hint, prepared->engine) &&
        convolution_choose(&description, attribute, prepared->engine, hint, &desc) &&
        convolution_finish(prepared, task->size, direction, desc);
    if (desc) dnnl_primitive_desc_destroy(desc);
    if (hint) dnnl_primitive_desc_destroy(hint);
    if (attribute) dnnl_primitive_attr_destroy(attribute);
    if (made) return prepared;
    prepared_free(prepared);
    return NULL;
}

/* Do the channels fill vectors of 16, with enough work to be worth two calls of the library? */
static bool suits_library(const int64_t *size, enum direction direction)
{
    int64_t in = size[WINDOW_CHANNELS] / size[WINDOW_GROUPS],
            out = size[WINDOW_CHANNELS_OUT] / size[WINDOW_GROUPS];
    if (size[WINDOW_KERNEL_H] * size[WINDOW_KERNEL_W] == 1 && size[WINDOW_GROUPS] == 1)
        return false;
    if (size[WINDOW_CHANNELS] == 1) return out == 16 && direction != DATA;
    return in % 16 == 0 && out % 16 == 0;
}

static size_t gathered_bytes(const int64_t *size, enum direction direction, size_t element)
{
    if (is_product(size)) return 0;
    struct windows windows =
        direction == DATA ? windows_back(size, element) : windows_of(size, element);
    return windows_bytes(&windows, element);
}

static basin_status convolution_prepare(struct kernel_task *task, enum direction direction,
                                        bool bias)
{
    struct prepared *prepared =
        suits_library(task->size, direction) ? prepare_library(task, direction, bias) : NULL;
    /* for want of memory another kernel would be taken, with other bits */
    if (!prepared && suits_library(task->size, direction) && !memory_is_left(0))
        return error_memory(sizeof *prepared);
    task->prepared = prepared;
    task->scratch = prepared ? prepared->inner_bytes + prepared->pad_bytes + ALIGNMENT
                             : gathered_bytes(task->size, direction, sizeof(float));
    return BASIN_OK;
}

#define PREPARE(name, direction, bias)                                                             \
    basin_status kernel_##name##_prepare_float32(struct kernel_task *task)                         \
    {                                                                                              \
        return convolution_prepare(task, direction, bias);                                         \
    }                                                                                              \
    basin_status kernel_##name##_prepare_float64(struct kernel_task *task)                         \
    {                                                                                              \
        task->scratch = gathered_bytes(task->size, direction, sizeof(double));                     \
        return BASIN_OK;                                                                           \
    }

PREPARE(convolution, FORWARD, false)
PREPARE(convolution_data, DATA, false)
PREPARE(convolution_weights, WEIGHTS, false)
PREPARE(convolution_bias, FORWARD, true)

/* The memory objects of one call. They are small handles; unlike primitives, they cannot be shared
 * by threads. */
struct call {
    const struct prepared *prepared;
    dnnl_exec_arg_t arguments[PLACES];
    int count;
};

static void pass(struct call *call, int place, const dnnl_memory_desc_t *desc, const void *memory)
{
    dnnl_memory_t handle = NULL;
    if (dnnl_memory_create(&handle, desc, call->prepared->engine, (void *)(uintptr_t)memory) !=
        dnnl_success)
        kernels_short_of_memory();
    call->arguments[call->count++] = (dnnl_exec_arg_t){place, handle};
}

static void execute(struct call *call, const_dnnl_primitive_t primitive)
{
    if (dnnl_primitive_execute(primitive, call->prepared->stream, call->count, call->arguments) !=
        dnnl_success)
        kernels_short_of_memory();
    for (int i = 0; i < call->count; i++) dnnl_memory_destroy(call->arguments[i].memory);
}

static void reorder(const struct prepared *prepared, const dnnl_memory_desc_t *from, const void *in,
                    const dnnl_memory_desc_t *to, void *out)
{
    struct call call = {.prepared = prepared};
    pass(&call, DNNL_ARG_FROM, from, in);
    pass(&call, DNNL_ARG_TO, to, out);
    execute(&call, prepared->reorder);
}

/* Forward and data: `from` and `to` are images with their descriptions. */
static void run_library(const struct prepared *prepared, enum direction direction, const void *from,
                        const void *weights, const void *bias, void *to, char *scratch)
{
    bool forward = direction == FORWARD;
    const void *inner = weights;
    if (prepared->reorder) {
        reorder(prepared, &prepared->plain, weights, &prepared->inner, scratch);
        inner = scratch;
    }
    struct call call = {.prepared = prepared};
    pass(&call, forward ? DNNL_ARG_SRC : DNNL_ARG_DIFF_DST,
         forward ? &prepared->image : &prepared->result, from);
    pass(&call, DNNL_ARG_WEIGHTS, &prepared->inner, inner);
    if (bias) pass(&call, DNNL_ARG_BIAS, &prepared->bias, bias);
    pass(&call, forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_SRC,
         forward ? &prepared->result : &prepared->image, to);
    pass(&call, DNNL_ARG_SCRATCHPAD, &prepared->pad, scratch + prepared->inner_bytes);
    execute(&call, prepared->convolution);
}

static void run_library_weights(const struct prepared *prepared, const void *x, const void *g,
                                void *weights, char *scratch)
{
    void *inner = prepared->reorder ? scratch : weights;
    struct call call = {.prepared = prepared};
    pass(&call, DNNL_ARG_SRC, &prepared->image, x);
    pass(&call, DNNL_ARG_DIFF_DST, &prepared->result, g);
    pass(&call, DNNL_ARG_DIFF_WEIGHTS, &prepared->inner, inner);
    pass(&call, DNNL_ARG_SCRATCHPAD, &prepared->pad, scratch + prepared->inner_bytes);
    execute(&call, prepared->convolution);
    if (prepared->reorder) reorder(prepared, &prepared->inner, inner, &prepared->plain, weights);
}

/* Scratch memory comes after the inputs, where the task needs any. */
static void *scratch_of(const struct kernel_task *task, const void *const *in, int inputs)
{
    return task->scratch ? (void *)(uintptr_t)in[inputs] : NULL;
}

void kernel_convolution_float32(const struct kernel_task *task, void *out, const void *const *in)
{
    void *scratch = scratch_of(task, in, 2);
    if (task->prepared)
        run_library(task->prepared, FORWARD, in[0], in[1], NULL, out, scratch);
    else
        convolve_float32(task, in[0], in[1], NULL, out, scratch);
}

/* With a bias (O), and relu where the task says so. */
void kernel_convolution_bias_float32(const struct kernel_task *task, void *out,
                                     const void *const *in)
{
    void *scratch = scratch_of(task, in, 3);
    if (task->prepared)
        run_library(task->prepared, FORWARD, in[0], in[1], in[2], out, scratch);
    else
        convolve_float32(task, in[0], in[1], in[2], out, scratch);
}

void kernel_convolution_data_float32(const struct kernel_task *task, void *out,
                                     const void *const *in)
{
    void *scratch = scratch_of(task, in, 2);
    if (task->prepared)
        run_library(task->prepared, DATA, in[0], in[1], NULL, out, scratch);
    else
        convolve_data_float32(task, in[0], in[1], out, scratch);
}

void kernel_convolution_weights_float32(const struct kernel_task *task, void *out,
                                        const void *const *in)
{
    void *scratch = scratch_of(task, in, 2);
    if (task->prepared)
        run_library_weights(task->prepared, in[0], in[1], out, scratch);
    else
        convolve_weights_float32(task, in[0], in[1], out, scratch);
}

void kernel_convolution_float64(const struct kernel_task *task, void *out, const void *const *in)
{
    convolve_float64(task, in[0], in[1], NULL, out, scratch_of(task, in, 2));
}

void kernel_convolution_bias_float64(const struct kernel_task *task, void *out,
                                     const void *const *in)
{
    convolve_float64(task, in[0], in[1], in[2], out, scratch_of(task, in, 3));
}

void kernel_convolution_data_float64(const struct kernel_task *task, void *out,
                                     const void *const *in)
{
    convolve_data_float64(task, in[0], in[1], out, scratch_of(task, in, 2));
}

void kernel_convolution_weights_float64(const struct kernel_task *task, void *out,
                                        const void *const *in)
{
    convolve_weights_float64(task, in[0], in[1], out, scratch_of(task, in, 2));
}
