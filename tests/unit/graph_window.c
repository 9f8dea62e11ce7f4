/* Windows: how many there are (published networks, counting by hand), which are refused, what
 * kernels are told. */
#include "graph/window.h"
#include "graph_helpers.h"
#include "kernels/window.h"

TestSuite(graph_window, .init = setup, .fini = teardown);

/* A square window. */
static struct window square(int64_t kernel, int64_t stride, int64_t padding, int64_t dilation)
{
    return (struct window){
        {kernel, kernel}, {stride, stride}, {padding, padding}, {dilation, dilation}, 1};
}

static int64_t count(struct window window, int axis, int64_t length)
{
    int64_t attribute[NODE_ATTRIBUTES] = {0};
    window_attributes(&window, attribute);
    return window_count(attribute, axis, length);
}

/* floor((L + 2 padding - dilation (kernel - 1) - 1) / stride + 1), as in torch.nn.Conv2d */
Test(graph_window, sizes_of_published_networks)
{
    cr_assert_eq(count(square(5, 1, 0, 1), 0, 32), 28, "LeNet-5, C1");
    cr_assert_eq(count(square(2, 2, 0, 1), 0, 28), 14, "LeNet-5, S2");
    cr_assert_eq(count(square(11, 4, 2, 1), 0, 224), 55, "AlexNet, first convolution");
    cr_assert_eq(count(square(3, 2, 0, 1), 0, 55), 27, "AlexNet, first pool");
    cr_assert_eq(count(square(7, 2, 3, 1), 0, 224), 112, "ResNet-18, first convolution");
    cr_assert_eq(count(square(3, 2, 1, 1), 0, 112), 56, "ResNet-18, first pool");
    cr_assert_eq(count(square(3, 1, 2, 2), 0, 28), 28, "dilation 2 with padding 2 keeps the size");
    cr_assert_eq(count(square(2, 3, 0, 1), 0, 7), 2, "a stride beyond the kernel");
}

/* Positions whose window lies within the padded length, counted one by one. */
Test(graph_window, counted_by_hand)
{
    for (int i = 0; i < 4 * 4 * 3 * 3 * 12; i++) {
        int64_t kernel = 1 + i % 4, stride = 1 + i / 4 % 4, padding = i / 16 % 3,
                dilation = 1 + i / 48 % 3;
        int64_t length = 1 + i / 144;
        int64_t places = 0, last = (kernel - 1) * dilation;
        for (int64_t at = -padding; at + last < length + padding; at += stride) places++;
        cr_assert_eq(count(square(kernel, stride, padding, dilation), 1, length), places,
                     "kernel %d, stride %d, padding %d", (int)kernel, (int)stride, (int)padding);
    }
}

Test(graph_window, axes_have_their_own_numbers)
{
    struct window window = {{3, 5}, {1, 2}, {1, 0}, {1, 1}, 1};
    cr_assert_eq(count(window, 0, 10), 10);
    cr_assert_eq(count(window, 1, 10), 3);
}

Test(graph_window, bad_windows_are_not_valid)
{
    int64_t attribute[NODE_ATTRIBUTES] = {0};
    struct window good = square(3, 2, 1, 1);
    window_attributes(&good, attribute);
    cr_assert(window_valid(attribute));
    for (int which = 0; which < 9; which++) {
        int64_t bad[NODE_ATTRIBUTES];
        for (int i = 0; i < NODE_ATTRIBUTES; i++) bad[i] = attribute[i];
        bool padding = which / 2 == 2;
        bad[which == 8 ? ATTRIBUTE_GROUPS : which] = padding ? -1 : 0;
        cr_assert(!window_valid(bad), "attribute %d", which);
        if (padding) bad[which] = 0;
        cr_assert_eq(window_valid(bad), padding);
    }
}

static struct shape images(int64_t h, int64_t w, int64_t channels)
{
    return (struct shape){.rank = 4, .dim = {2, h, w, channels}};
}

static graph_node convolve(int64_t h, int64_t w, int64_t channels, struct shape weights,
                           struct window window)
{
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, images(h, w, channels)),
               k = graph_leaf(g, SLOT_PARAMETERS, 0, weights);
    return graph_convolution(g, x, k, &window);
}

static struct shape weights(int64_t kernel, int64_t in, int64_t out)
{
    return (struct shape){.rank = 4, .dim = {kernel, kernel, in, out}};
}

Test(graph_window, shapes_of_convolutions)
{
    graph_node y = convolve(9, 12, 6, weights(3, 6, 8), square(3, 2, 1, 1));
    cr_assert(shape_equal(graph_shape(g, y), images(5, 6, 8)));
    struct window grouped = square(3, 1, 0, 2);
    grouped.groups = 3;
    y = convolve(9, 12, 6, weights(3, 2, 9), grouped);
    cr_assert(shape_equal(graph_shape(g, y), images(5, 8, 9)));
    cr_assert_eq(graph_status(g), BASIN_OK);
}

static void expect_refused(graph_node node, const char *what)
{
    cr_assert_eq(node, GRAPH_NONE, "%s", what);
    cr_assert_eq(graph_status(g), BASIN_INTERNAL, "%s", what);
    teardown();
    setup();
}

Test(graph_window, convolutions_that_do_not_fit)
{
    struct window one = square(3, 1, 0, 1), three = one, none = one;
    three.groups = 3;
    none.groups = 0;
    expect_refused(convolve(2, 9, 4, weights(3, 4, 8), one), "higher than the image");
    expect_refused(convolve(9, 4, 4, weights(3, 4, 8), square(3, 1, 0, 2)),
                   "wider with its dilation");
    expect_refused(convolve(9, 9, 4, weights(3, 5, 8), one), "weights of other channels");
    expect_refused(convolve(9, 9, 4, weights(3, 4, 9), three),
                   "groups that do not divide the input");
    expect_refused(convolve(9, 9, 6, weights(3, 2, 8), three),
                   "groups that do not divide the output");
    expect_refused(convolve(9, 9, 6, weights(3, 6, 8), none), "no groups");
    expect_refused(convolve(9, 9, 4, weights(3, 4, 8), square(3, 0, 0, 1)), "no stride");
    expect_refused(convolve(9, 9, 4, weights(3, 4, 8), square(3, 1, -1, 1)), "negative padding");
    expect_refused(convolve(9, 9, 4, shape_matrix(3, 4), one), "weights of rank 2");
}

static graph_node pool(int64_t h, int64_t w, struct window window, bool average)
{
    graph_node x = graph_leaf(g, SLOT_INPUT, 0, images(h, w, 3));
    return average ? graph_average_pool(g, x, &window) : graph_max_pool(g, x, &window);
}

Test(graph_window, shapes_of_pools)
{
    for (int average = 0; average < 2; average++) {
        cr_assert(
            shape_equal(graph_shape(g, pool(7, 8, square(2, 2, 0, 1), average)), images(3, 4, 3)));
        cr_assert(
            shape_equal(graph_shape(g, pool(7, 8, square(3, 2, 1, 1), average)), images(4, 4, 3)));
        cr_assert(
            shape_equal(graph_shape(g, pool(7, 8, square(2, 2, 1, 1), average)), images(4, 5, 3)));
    }
    cr_assert_eq(graph_status(g), BASIN_OK);
}

/* At most half of the kernel, as in torch.nn.MaxPool2d: else a window might see padding alone. */
Test(graph_window, pools_that_do_not_fit)
{
    for (int average = 0; average < 2; average++) {
        expect_refused(pool(7, 8, square(2, 2, 2, 1), average), "padding as wide as the kernel");
        expect_refused(pool(7, 8, square(3, 1, 2, 1), average),
                       "padding of more than half of the kernel");
        expect_refused(pool(7, 8, square(8, 1, 0, 1), average), "higher than the image");
        expect_refused(pool(7, 8, square(0, 1, 0, 1), average), "no kernel");
    }
}

/* Every number goes to its place. */
Test(graph_window, what_kernels_are_told)
{
    struct window window = {{2, 3}, {4, 5}, {6, 7}, {8, 9}, 10};
    int64_t attribute[NODE_ATTRIBUTES] = {0};
    struct kernel_task task = {0};
    struct shape x = {.rank = 4, .dim = {20, 21, 22, 23}}, y = {.rank = 4, .dim = {20, 31, 32, 33}};
    window_attributes(&window, attribute);
    attribute[ATTRIBUTE_RELU] = 1;
    window_lower(attribute, &x, &y, &task);
    static const int64_t wanted[WINDOW_SIZES] = {
        [WINDOW_BATCH] = 20,        [WINDOW_H] = 21,         [WINDOW_W] = 22,
        [WINDOW_CHANNELS] = 23,     [WINDOW_OUT_H] = 31,     [WINDOW_OUT_W] = 32,
        [WINDOW_CHANNELS_OUT] = 33, [WINDOW_KERNEL_H] = 2,   [WINDOW_KERNEL_W] = 3,
        [WINDOW_STRIDE_H] = 4,      [WINDOW_STRIDE_W] = 5,   [WINDOW_PADDING_H] = 6,
        [WINDOW_PADDING_W] = 7,     [WINDOW_DILATION_H] = 8, [WINDOW_DILATION_W] = 9,
        [WINDOW_GROUPS] = 10,       [WINDOW_RELU] = 1};
    for (int i = 0; i < WINDOW_SIZES; i++) cr_assert_eq(task.size[i], wanted[i], "size %d", i);
}

/* What the generated tests draw fits the images that it was drawn for. */
Test(graph_window, samples_fit)
{
    struct sampler sampler = {.random = random_make(2, STREAM_DATA, 0, 0)};
    for (int i = 0; i < 2000; i++) {
        int64_t attribute[NODE_ATTRIBUTES] = {0}, h = 1 + i % 9, w = 1 + i / 9 % 7;
        window_sample(&sampler, i % 2, h, w, attribute);
        cr_assert(window_valid(attribute));
        cr_assert_geq(window_count(attribute, 0, h), 1);
        cr_assert_geq(window_count(attribute, 1, w), 1);
    }
}
