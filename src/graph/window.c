#include "graph/window.h"

#include "kernels/window.h"

void window_attributes(const struct window *window, int64_t *attribute)
{
    for (int axis = 0; axis < 2; axis++) {
        attribute[ATTRIBUTE_KERNEL + axis] = window->kernel[axis];
        attribute[ATTRIBUTE_STRIDE + axis] = window->stride[axis];
        attribute[ATTRIBUTE_PADDING + axis] = window->padding[axis];
        attribute[ATTRIBUTE_DILATION + axis] = window->dilation[axis];
    }
    attribute[ATTRIBUTE_GROUPS] = window->groups;
}

int64_t window_count(const int64_t *attribute, int axis, int64_t length)
{
    int64_t reach =
        attribute[ATTRIBUTE_DILATION + axis] * (attribute[ATTRIBUTE_KERNEL + axis] - 1) + 1;
    int64_t room = length + 2 * attribute[ATTRIBUTE_PADDING + axis] - reach;
    return room < 0 ? 0 : room / attribute[ATTRIBUTE_STRIDE + axis] + 1;
}

bool window_valid(const int64_t *attribute)
{
    for (int axis = 0; axis < 2; axis++)
        if (attribute[ATTRIBUTE_KERNEL + axis] < 1 || attribute[ATTRIBUTE_STRIDE + axis] < 1 ||
            attribute[ATTRIBUTE_PADDING + axis] < 0 || attribute[ATTRIBUTE_DILATION + axis] < 1)
            return false;
    return attribute[ATTRIBUTE_GROUPS] >= 1;
}

void window_lower(const int64_t *attribute, const struct shape *images, const struct shape *windows,
                  struct kernel_task *task)
{
    int64_t *size = task->size;
    for (int axis = 0; axis < 2; axis++) {
        size[WINDOW_H + axis] = images->dim[1 + axis];
        size[WINDOW_OUT_H + axis] = windows->dim[1 + axis];
        size[WINDOW_KERNEL_H + axis] = attribute[ATTRIBUTE_KERNEL + axis];
        size[WINDOW_STRIDE_H + axis] = attribute[ATTRIBUTE_STRIDE + axis];
        size[WINDOW_PADDING_H + axis] = attribute[ATTRIBUTE_PADDING + axis];
        size[WINDOW_DILATION_H + axis] = attribute[ATTRIBUTE_DILATION + axis];
    }
    size[WINDOW_BATCH] = images->dim[0];
    size[WINDOW_CHANNELS] = images->dim[3];
    size[WINDOW_CHANNELS_OUT] = windows->dim[3];
    size[WINDOW_GROUPS] = attribute[ATTRIBUTE_GROUPS];
    size[WINDOW_RELU] = attribute[ATTRIBUTE_RELU];
}

void window_sample(struct sampler *sampler, bool padded, int64_t height, int64_t width,
                   int64_t *attribute)
{
    int64_t length[2] = {height, width};
    for (int axis = 0; axis < 2; axis++) {
        int64_t kernel = sample_between(sampler, 1, length[axis] < 4 ? length[axis] : 4);
        int64_t dilation =
            kernel > 1 && (kernel - 1) * 2 < length[axis] ? sample_between(sampler, 1, 2) : 1;
        attribute[ATTRIBUTE_KERNEL + axis] = kernel;
        attribute[ATTRIBUTE_DILATION + axis] = dilation;
        attribute[ATTRIBUTE_STRIDE + axis] = sample_between(sampler, 1, 3);
        attribute[ATTRIBUTE_PADDING + axis] = padded ? sample_between(sampler, 0, kernel - 1) : 0;
    }
    attribute[ATTRIBUTE_GROUPS] = 1;
}
