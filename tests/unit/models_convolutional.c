/* models/convolutional.c: the layers and parameters of cnn and sequential, and what they refuse. */
#include "models_helpers.h"

Test(convolutional, stages_then_dense_layers)
{
    struct setting s;
    model_open(&s, image(28, 28, 1),
               "architecture: {type: cnn, channels: [16, 32], hidden: [128]}\n");
    expect_parameters(&s, "layers.0.weight 16 1 3 3", "layers.0.bias 16",
                      "layers.1.weight 32 16 3 3", "layers.1.bias 32", "layers.2.weight 128 1568",
                      "layers.2.bias 128", "layers.3.weight 10 128", "layers.3.bias 10");
    expect_map(&s, 0, 28, 28, 16); /* convolution, activation, pool */
    expect_map(&s, 2, 14, 14, 16);
    expect_map(&s, 5, 7, 7, 32);
    cr_assert_eq(model_size(s.model),
                 (9 * 16 + 16) + (9 * 16 * 32 + 32) + (7 * 7 * 32 * 128 + 128) + (128 * 10 + 10));
    setting_close(&s);
}

Test(convolutional, signals_have_windows_of_one_axis)
{
    struct setting s;
    model_open(&s, signal_of(40),
               "architecture: {type: cnn, channels: [5, 6], kernel: 5, hidden: []}\n");
    expect_parameters(&s, "layers.0.weight 5 1 5", "layers.0.bias 5", "layers.1.weight 6 5 5",
                      "layers.1.bias 6", "layers.2.weight 10 60", "layers.2.bias 10");
    expect_map(&s, 2, 1, 20, 5);
    expect_map(&s, 5, 1, 10, 6);
    setting_close(&s);
}

Test(convolutional, a_kernel_of_two_sizes)
{
    struct setting s;
    model_open(
        &s, image(8, 9, 3),
        "architecture: {type: cnn, channels: [4], kernel: [3, 5], pool: none, hidden: []}\n");
    expect_parameters(&s, "layers.0.weight 4 3 3 5", "layers.0.bias 4", "layers.1.weight 10 288",
                      "layers.1.bias 10");
    expect_map(&s, 0, 8, 9, 4);
    setting_close(&s);
}

/* Beside a norm a convolution has no bias; the norm's weight and bias have one element a channel.
 */
Test(convolutional, a_norm_takes_the_place_of_the_bias)
{
    struct setting s;
    model_open(&s, image(8, 8, 3),
               "architecture: {type: cnn, channels: [4], norm: batch, hidden: []}\n");
    expect_parameters(&s, "layers.0.weight 4 3 3 3", "layers.1.weight 4", "layers.1.bias 4",
                      "layers.2.weight 10 64", "layers.2.bias 10");
    cr_assert_eq(model_buffer_count(s.model), 2);
    cr_assert_str_eq(model_buffer(s.model, 0)->name, "layers.1.running_mean");
    cr_assert_str_eq(model_buffer(s.model, 1)->name, "layers.1.running_var");
    setting_close(&s);
    model_open(&s, image(8, 8, 3),
               "architecture: {type: cnn, channels: [4], norm: layer, hidden: []}\n");
    expect_parameters(&s, "layers.0.weight 4 3 3 3", "layers.1.weight 4 8 8", "layers.1.bias 4 8 8",
                      "layers.2.weight 10 64", "layers.2.bias 10");
    cr_assert_eq(model_buffer_count(s.model), 0);
    setting_close(&s);
}

Test(convolutional, without_biases)
{
    struct setting s;
    model_open(&s, image(8, 8, 3),
               "architecture: {type: cnn, channels: [4], bias: false, hidden: [6]}\n");
    expect_parameters(&s, "layers.0.weight 4 3 3 3", "layers.1.weight 6 64",
                      "layers.2.weight 10 6");
    setting_close(&s);
}

Test(convolutional, dropout_stands_behind_hidden_layers_only)
{
    struct setting s;
    int found = 0;
    model_open(
        &s, image(8, 8, 1),
        "architecture: {type: cnn, channels: [4], hidden: [6, 5]}\nregularizers: {dropout: 0.5}\n");
    for (int i = 0; i < s.model->layer_count; i++) {
        bool dropout = strcmp(s.model->layers[i].kind->name, "dropout") == 0;
        found += dropout;
        if (dropout) cr_assert_eq(s.model->layers[i].in.kind, FORM_VECTOR);
    }
    cr_assert_eq(found, 2);
    setting_close(&s);
}

/* LeNet-5 as PyTorch's tutorials write it has 61706 parameters. */
Test(convolutional, lenet)
{
    struct setting s;
    model_open(&s, image(28, 28, 1),
               "architecture: {type: sequential, layers: [{conv: {channels: 6, kernel: 5, padding: "
               "2}}, tanh, average_pool, "
               "{conv: {channels: 16, kernel: 5}}, tanh, average_pool, {dense: {units: 120}}, "
               "tanh, {dense: {units: 84}}, tanh]}\n");
    expect_parameters(&s, "layers.0.weight 6 1 5 5", "layers.0.bias 6", "layers.1.weight 16 6 5 5",
                      "layers.1.bias 16", "layers.2.weight 120 400", "layers.2.bias 120",
                      "layers.3.weight 84 120", "layers.3.bias 84", "layers.4.weight 10 84",
                      "layers.4.bias 10");
    cr_assert_eq(model_size(s.model), 61706);
    setting_close(&s);
}

/* A list of layers is the same net as the short form. */
Test(convolutional, a_list_instead_of_stages)
{
    static const char list[] = "[{conv: {channels: 16, kernel: 3, padding: same}}, relu, max_pool, "
                               "{conv: {channels: 32, kernel: 3, padding: same}}, relu, max_pool, "
                               "{dense: {units: 128}}, relu]";
    char cnn[400], sequential[400];
    snprintf(cnn, sizeof cnn, "architecture: {type: cnn, layers: %s}\n", list);
    snprintf(sequential, sizeof sequential, "architecture: {type: sequential, layers: %s}\n", list);
    int64_t wanted =
        size_of(image(28, 28, 1), "architecture: {type: cnn, channels: [16, 32], hidden: [128]}\n");
    cr_assert_eq(size_of(image(28, 28, 1), cnn), wanted);
    cr_assert_eq(size_of(image(28, 28, 1), sequential), wanted);
}

Test(convolutional, an_empty_list_is_a_linear_model)
{
    struct setting s;
    model_open(&s, image(4, 4, 2), "architecture: {type: sequential}\n");
    expect_parameters(&s, "layers.0.weight 10 32", "layers.0.bias 10");
    setting_close(&s);
}

Test(convolutional, refusals)
{
    expect_refused(image(28, 28, 1), "architecture: {type: cnn, channels: [1, 1, 1, 1, 1]}\n",
                   "architecture.channels", "nothing is left to pool in one of 5 stages");
    expect_refused(image(28, 1, 1), "architecture: {type: cnn, channels: [1]}\n",
                   "architecture.channels", "nothing is left");
    expect_refused(image(28, 28, 1), "architecture: {type: cnn, kernel: 4}\n",
                   "architecture.kernel", "a kernel of 4");
    expect_refused(image(28, 28, 1), "architecture: {type: cnn, channels: [6], norm: group}\n",
                   "architecture.channels", "4 groups do not divide 6 channels");
    expect_refused(image(28, 28, 1),
                   "architecture: {type: cnn, channels: [6], norm: group, norm_groups: 5}\n",
                   "architecture.norm_groups", "5 groups do not divide 6 channels");
    expect_refused(image(28, 28, 1), "architecture: {type: cnn, layers: [relu], hidden: [3]}\n",
                   "architecture.hidden", "no meaning beside layers");
    expect_refused(
        image(28, 28, 1),
        "architecture: {type: sequential, layers: [relu]}\nregularizers: {dropout: 0.5}\n",
        "regularizers.dropout", "no place in a list");
    expect_refused(text_of(16, 30), "architecture: {type: cnn}\n", "architecture.type",
                   "cnn needs numbers");
    expect_refused(text_of(16, 30),
                   "architecture: {type: sequential, layers: [{dense: {units: 3}}]}\n",
                   "architecture.layers.0.dense", "the input are tokens");
}

/* Four stages of pools on 28 pixels leave one; a signal of one row is no image of height one. */
Test(convolutional, as_many_stages_as_there_is_to_pool)
{
    struct setting s;
    model_open(&s, image(28, 28, 1),
               "architecture: {type: cnn, channels: [1, 1, 1, 2], hidden: []}\n");
    expect_map(&s, 11, 1, 1, 2);
    setting_close(&s);
    model_open(&s, signal_of(2), "architecture: {type: cnn, channels: [3], hidden: []}\n");
    expect_map(&s, 2, 1, 1, 3);
    setting_close(&s);
}
