/* Activations, as compositions of primitives: their derivatives of every order follow. */
#include <math.h>
#include "models/layer.h"

const char *const activation_aliases[] = {"act", "nonlinearity", NULL};

static graph_node identity(struct graph *graph, graph_node a)
{
    (void)graph;
    return a;
}

/* x Phi(x), Phi(x) = (1 + erf(x / sqrt 2)) / 2: the exact form, not the tanh approximation. */
static graph_node gelu(struct graph *graph, graph_node a)
{
    graph_node one = graph_constant(graph, 1, graph_shape(graph, a));
    graph_node phi = graph_scale(
        graph, graph_add(graph, one, graph_erf(graph, graph_scale(graph, a, M_SQRT1_2))), 0.5);
    return graph_multiply(graph, a, phi);
}

static graph_node silu(struct graph *graph, graph_node a)
{
    return graph_multiply(graph, a, graph_sigmoid(graph, a));
}

#define ACTIVATION(function, builder, text, paper)                                                 \
    static const struct activation function##_activation = {builder};                              \
    static const struct entry function##_entry = {                                                 \
        .name = #function, .doc = text, .source = paper, .implementation = &function##_activation}

ACTIVATION(relu, graph_relu, "max(0, x); its derivative at 0 is 0.", "Nair and Hinton, ICML 2010");
ACTIVATION(gelu, gelu, "x Phi(x) with the exact normal distribution function.",
           "Hendrycks and Gimpel, arXiv:1606.08415");
ACTIVATION(tanh, graph_tanh, "Hyperbolic tangent.", NULL);
ACTIVATION(sigmoid, graph_sigmoid, "1 / (1 + exp(-x)).", NULL);
ACTIVATION(silu, silu, "x sigmoid(x), also called swish.", "Elfwing et al., arXiv:1702.03118");
ACTIVATION(identity, identity, "No activation: a deep linear network.", NULL);

static const struct entry *const entries[] = {
    &relu_entry, &gelu_entry, &tanh_entry, &sigmoid_entry, &silu_entry, &identity_entry, NULL};

const struct registry activation_registry = {
    .kind = "activation", .plural = "activations", .entries = entries};
