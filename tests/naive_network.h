/* A second, independent account of linear models and multi-layer perceptrons: plain loops in
 * float64, written from the definitions in the manuals, not from src/models. */
#ifndef BASIN_TESTS_NAIVE_NETWORK_H
#define BASIN_TESTS_NAIVE_NETWORK_H

#include "support.h"

static inline double naive_activation(const char *name, double x)
{
    if (strcmp(name, "relu") == 0) return x > 0 ? x : 0;
    if (strcmp(name, "gelu") == 0) return 0.5 * x * (1 + erf(x / sqrt(2)));
    if (strcmp(name, "tanh") == 0) return tanh(x);
    if (strcmp(name, "sigmoid") == 0) return 1 / (1 + exp(-x));
    if (strcmp(name, "silu") == 0) return x / (1 + exp(-x));
    cr_assert_str_eq(name, "identity");
    return x;
}

/* out = W' in + b; returns the weights behind those of this layer. */
static inline const double *naive_dense(const double *w, bool bias, size_t in, size_t out,
                                        const double *x, double *y)
{
    for (size_t j = 0; j < out; j++) {
        y[j] = bias ? w[in * out + j] : 0;
        for (size_t i = 0; i < in; i++) y[j] += x[i] * w[i * out + j];
    }
    return w + in * out + (bias ? out : 0);
}

/* f (outputs) of one example x (features). */
static inline void naive_outputs(const struct setting *s, const double *w, const double *x,
                                 double *f)
{
    bool bias = value_boolean(s->spec, "architecture.bias"),
         mlp = strcmp(value_text(s->spec, "architecture.type"), "mlp") == 0;
    double now[512], next[512];
    size_t width = s->info->features,
           layers = mlp ? value_count(s->spec, "architecture.hidden") : 0;
    cr_assert_leq(width, 512);
    memcpy(now, x, width * sizeof *x);
    for (size_t layer = 0; layer < layers; layer++) {
        size_t wide = (size_t)value_item_integer(s->spec, "architecture.hidden", layer);
        cr_assert_leq(wide, 512);
        w = naive_dense(w, bias, width, wide, now, next);
        for (size_t j = 0; j < wide; j++)
            next[j] = naive_activation(value_text(s->spec, "architecture.activation"), next[j]);
        if (value_boolean(s->spec, "architecture.residual") && wide == width)
            for (size_t j = 0; j < wide; j++) next[j] += now[j];
        memcpy(now, next, wide * sizeof *now);
        width = wide;
    }
    naive_dense(w, bias, width, s->info->outputs, now, f);
}

/* Loss of one example: 0.5 ||f - y||^2, or cross-entropy against (1 - smoothing) y + smoothing / C.
 */
static inline double naive_example_loss(const struct setting *s, const double *f, const double *y,
                                        double smoothing)
{
    size_t outputs = s->info->outputs;
    double loss = 0, sum = 0;
    if (strcmp(value_text(s->spec, "training.loss"), "mse") == 0) {
        for (size_t j = 0; j < outputs; j++) loss += 0.5 * (f[j] - y[j]) * (f[j] - y[j]);
        return loss;
    }
    for (size_t j = 0; j < outputs; j++) sum += exp(f[j]);
    for (size_t j = 0; j < outputs; j++)
        loss -= ((1 - smoothing) * y[j] + smoothing / (double)outputs) * log(exp(f[j]) / sum);
    return loss;
}

/* Mean loss over the first `count` training examples. */
static inline double naive_loss(const struct setting *s, const double *w, size_t count,
                                double smoothing)
{
    double *x, *y, f[512], loss = 0;
    setting_examples(s, DATA_TRAIN, count, &x, &y);
    for (size_t i = 0; i < count; i++) {
        naive_outputs(s, w, x + i * s->info->features, f);
        loss += naive_example_loss(s, f, y + i * s->info->outputs, smoothing) / (double)count;
    }
    return loss;
}

#endif
