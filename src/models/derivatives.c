#include "models/derivatives.h"

/* One array a parameter array, at its place in `slot`. */
static basin_status declare_parameters(const struct construction *construction,
                                       const graph_node *nodes, enum graph_slot slot)
{
    const struct model *model = construction->request->model;
    for (int i = 0; i < model_parameter_count(model); i++)
        TRY(graph_output(construction->graph, nodes[i], slot, model_parameter(model, i)->offset));
    return BASIN_OK;
}

static basin_status declare_gradient(const struct construction *construction)
{
    int count = model_parameter_count(construction->request->model);
    graph_node gradient[count];
    TRY(graph_vjp(construction->graph, construction->loss, GRAPH_NONE, construction->leaves, count,
                  gradient));
    TRY(graph_output(construction->graph, construction->loss, SLOT_LOSS, 0));
    return declare_parameters(construction, gradient, SLOT_GRADIENT);
}

static basin_status declare_hessian(const struct construction *construction)
{
    struct graph *graph = construction->graph;
    int count = model_parameter_count(construction->request->model);
    graph_node gradient[count], tangents[count], products[count];
    TRY(graph_vjp(graph, construction->loss, GRAPH_NONE, construction->leaves, count, gradient));
    model_leaves(construction->request->model, graph, SLOT_TANGENT, tangents);
    TRY(graph_jvp(graph, gradient, count, construction->leaves, tangents, count, products));
    return declare_parameters(construction, products, SLOT_PRODUCT);
}

/* The outputs' tangent, times the second derivative of the loss by the outputs, back through the
 * network. */
static basin_status declare_gauss_newton(const struct construction *construction)
{
    struct graph *graph = construction->graph;
    int count = model_parameter_count(construction->request->model);
    graph_node tangents[count], products[count], by_outputs, moved, curved;
    graph_node outputs = construction->outputs;
    TRY(graph_vjp(graph, construction->loss, GRAPH_NONE, &outputs, 1, &by_outputs));
    model_leaves(construction->request->model, graph, SLOT_TANGENT, tangents);
    TRY(graph_jvp(graph, &outputs, 1, construction->leaves, tangents, count, &moved));
    TRY(graph_jvp(graph, &by_outputs, 1, &outputs, &moved, 1, &curved));
    TRY(graph_vjp(graph, outputs, curved, construction->leaves, count, products));
    return declare_parameters(construction, products, SLOT_PRODUCT);
}

/* With the losses l_p of all N T predictions: c_p = dl_p/dw . v, and the product is the adjoint of
 * the losses at c_p / (N T). */
static basin_status declare_empirical_fisher(const struct construction *construction)
{
    struct graph *graph = construction->graph;
    int count = model_parameter_count(construction->request->model);
    graph_node tangents[count], products[count], losses = construction->loss, along;
    model_leaves(construction->request->model, graph, SLOT_TANGENT, tangents);
    TRY(graph_jvp(graph, &losses, 1, construction->leaves, tangents, count, &along));
    graph_node seed =
        graph_scale(graph, along, 1.0 / (double)shape_size(graph_shape(graph, losses)));
    TRY(graph_status(graph));
    TRY(graph_vjp(graph, losses, seed, construction->leaves, count, products));
    return declare_parameters(construction, products, SLOT_PRODUCT);
}

/* Of the sum of the losses: the gradient of an example is that of its own loss, whatever the size
 * of the batch. */
static basin_status declare_input_gradient(const struct construction *construction)
{
    struct graph *graph = construction->graph;
    graph_node losses = construction->loss, gradient,
               input = model_input(construction->request->model, graph, construction->batch);
    graph_node ones = graph_constant(graph, 1, graph_shape(graph, losses));
    TRY(graph_status(graph));
    TRY(graph_vjp(graph, losses, ones, &input, 1, &gradient));
    TRY(graph_output(graph, losses, SLOT_LOSS, 0));
    return graph_output(graph, gradient, SLOT_GRADIENT, 0);
}

basin_status derivatives_declare(const struct construction *construction)
{
    const struct network_request *request = construction->request;
    switch (request->kind) {
    case NETWORK_ACTIVATIONS:
        return graph_output(construction->graph, construction->values[request->layer + 1],
                            SLOT_OUTPUT, 0);
    case NETWORK_GRADIENT:
        return declare_gradient(construction);
    case NETWORK_INPUT_GRADIENT:
        return declare_input_gradient(construction);
    case NETWORK_PRODUCT:
        return declare_hessian(construction);
    case NETWORK_GAUSS_NEWTON:
        return declare_gauss_newton(construction);
    case NETWORK_EMPIRICAL_FISHER:
        return declare_empirical_fisher(construction);
    default:
        return graph_output(construction->graph, construction->outputs, SLOT_OUTPUT, 0);
    }
}
