/* Rewriting: after differentiation, patterns that would cost passes over memory become single
 * primitives of class FUSED.
 *
 * Differentiation works on small primitives, each with a rule of a few lines, and so its result is
 * full of detours through memory: a bias is repeated to the size of a batch before it is added,
 * relu' is an array of zeros and ones. Nothing is differentiated after this point, so a pattern may
 * now become a primitive that has no derivative rule.
 *
 *     x * repeat(a), x + repeat(b), both   multiply_row, add_row, affine_row: the vector is read
 *                                          where it is; the same for columns
 *     g * step(y), g * (1 - y y),          the backward halves of relu, tanh and sigmoid: one pass
 *         g * (y (1 - y))
 *     sum of a * b over leading or         sum_product: the product is not stored
 *         trailing axes
 *     convolution + bias (and relu)        convolution_bias: a post-operation of oneDNN's kernel
 *     the winner of a window and its       pool_maximum: one pass
 *         element
 *     pool_scatter + x * repeat(a)         pool_scatter_affine: the gradient through batch norm and
 *         + repeat(b)                      pooling in one pass
 *     a b' in a loop, b outside of it      b is transposed once, before the loop: products of few
 *                                          rows are slower with a transposed right factor
 *
 * Every rule gives the same real number; only the order of summation may differ. A rule reads the
 * old graph and makes nodes of a new one out of the images of the old nodes; what no longer has a
 * reader is dropped by schedule.c. */
#include "graph/rewrite.h"

#include "graph/window.h"

struct rewriter {
    const struct graph *old;
    struct graph *made;
    int *uses;            /* by old node: how many nodes and results read it */
    bool *after, *before; /* by old node: depends on a delay; a delay depends on it. Both: on a
                             cycle, or between two */
    graph_node *image;    /* by old node */
};

static const struct node *rewrite_at(const struct rewriter *rewriter, graph_node id)
{
    return node_at(rewriter->old, id);
}

static bool is_op(const struct rewriter *rewriter, graph_node id, enum op op)
{
    return rewrite_at(rewriter, id)->op == op;
}

static bool is_private(const struct rewriter *rewriter, graph_node id)
{
    return rewriter->uses[id] == 1;
}

/* Is it a broadcast over leading axes (the input is a row) or over trailing ones (a column)? */
static bool repeats_rows(const struct rewriter *rewriter, graph_node id)
{
    const struct node *node = rewrite_at(rewriter, id);
    return node->op == OP_broadcast && node->attribute[0] == 0 &&
           node->attribute[1] < node->shape.rank;
}

static bool repeats_columns(const struct rewriter *rewriter, graph_node id)
{
    const struct node *node = rewrite_at(rewriter, id);
    return node->op == OP_broadcast && node->attribute[0] > 0 &&
           node->attribute[0] + node->attribute[1] == node->shape.rank;
}

static graph_node image_of(const struct rewriter *rewriter, graph_node id)
{
    return rewriter->image[id];
}

static graph_node rewrite_make(const struct rewriter *rewriter, enum op op, struct shape shape,
                               graph_node a, graph_node b, graph_node c)
{
    struct node node = {.op = op, .shape = shape, .input = {a, b, c}};
    return node_make(rewriter->made, node);
}

typedef graph_node rule(const struct rewriter *rewriter, const struct node *node);

/* The index of the first input of `node` that satisfies `test`, or -1. */
static int find_input(const struct rewriter *rewriter, const struct node *node,
                      bool (*test)(const struct rewriter *, graph_node))
{
    for (int i = 0; i < 2; i++)
        if (test(rewriter, node->input[i])) return i;
    return -1;
}

static graph_node multiply_repeated(const struct rewriter *rewriter, const struct node *node)
{
    int row = find_input(rewriter, node, repeats_rows),
        column = find_input(rewriter, node, repeats_columns);
    if (row < 0 && column < 0) return GRAPH_NONE;
    int which = row >= 0 ? row : column;
    graph_node vector = image_of(rewriter, rewrite_at(rewriter, node->input[which])->input[0]);
    return rewrite_make(rewriter, row >= 0 ? OP_multiply_row : OP_multiply_column, node->shape,
                        image_of(rewriter, node->input[1 - which]), vector, GRAPH_NONE);
}

static graph_node add_repeated(const struct rewriter *rewriter, const struct node *node)
{
    int row = find_input(rewriter, node, repeats_rows);
    if (row < 0) return GRAPH_NONE;
    graph_node other = node->input[1 - row],
               b = image_of(rewriter, rewrite_at(rewriter, node->input[row])->input[0]);
    if (is_op(rewriter, other, OP_multiply) && is_private(rewriter, other)) {
        const struct node *product = rewrite_at(rewriter, other);
        int factor = find_input(rewriter, product, repeats_rows);
        graph_node repeated = factor < 0 ? GRAPH_NONE : product->input[factor];
        if (factor >= 0 && rewrite_at(rewriter, repeated)->attribute[1] ==
                               rewrite_at(rewriter, node->input[row])->attribute[1])
            return rewrite_make(rewriter, OP_affine_row, node->shape,
                                image_of(rewriter, product->input[1 - factor]),
                                image_of(rewriter, rewrite_at(rewriter, repeated)->input[0]), b);
    }
    return rewrite_make(rewriter, OP_add_row, node->shape, image_of(rewriter, other), b,
                        GRAPH_NONE);
}

/* Is it 1 - (something)? Then *y is that. */
static bool is_one_minus(const struct rewriter *rewriter, graph_node id, graph_node *y)
{
    const struct node *node = rewrite_at(rewriter, id);
    if (node->op != OP_subtract || !node_is_constant(rewriter->old, node->input[0], 1))
        return false;
    *y = node->input[1];
    return true;
}

/* g f'(z) for y = f(z), where the rules have written f' by y: relu' = step(y), tanh' = 1 - y^2,
 * sigmoid' = y (1 - y). Only where nobody else reads the factor. */
static graph_node multiply_derivative(const struct rewriter *rewriter, const struct node *node)
{
    for (int i = 0; i < 2; i++) {
        graph_node factor = node->input[i], g = image_of(rewriter, node->input[1 - i]), y;
        const struct node *inner = rewrite_at(rewriter, factor);
        if (!is_private(rewriter, factor)) continue;
        if (inner->op == OP_step)
            return rewrite_make(rewriter, OP_relu_backward, node->shape, g,
                                image_of(rewriter, inner->input[0]), GRAPH_NONE);
        if (is_one_minus(rewriter, factor, &y) && is_op(rewriter, y, OP_multiply) &&
            rewrite_at(rewriter, y)->input[0] == rewrite_at(rewriter, y)->input[1])
            return rewrite_make(rewriter, OP_tanh_backward, node->shape, g,
                                image_of(rewriter, rewrite_at(rewriter, y)->input[0]), GRAPH_NONE);
        for (int j = 0; inner->op == OP_multiply && j < 2; j++)
            if (is_one_minus(rewriter, inner->input[j], &y) && y == inner->input[1 - j])
                return rewrite_make(rewriter, OP_sigmoid_backward, node->shape, g,
                                    image_of(rewriter, y), GRAPH_NONE);
    }
    return GRAPH_NONE;
}

static graph_node sum_of_product(const struct rewriter *rewriter, const struct node *node)
{
    const struct node *product = rewrite_at(rewriter, node->input[0]);
    bool leading = node->attribute[0] == 0,
         trailing = node->attribute[0] + node->attribute[1] == product->shape.rank;
    if (product->op != OP_multiply || !is_private(rewriter, node->input[0]) ||
        (!leading && !trailing))
        return GRAPH_NONE;
    return node_make(rewriter->made, (struct node){.op = OP_sum_product,
                                                   .shape = node->shape,
                                                   .input = {image_of(rewriter, product->input[0]),
                                                             image_of(rewriter, product->input[1])},
                                                   .attribute = {leading}});
}

/* convolution + repeat(bias), where nobody else reads the convolution's result. */
static graph_node biased_convolution(const struct rewriter *rewriter, const struct node *sum,
                                     bool relu)
{
    int row = find_input(rewriter, sum, repeats_rows);
    if (row < 0 || sum->shape.rank != 4 || rewrite_at(rewriter, sum->input[row])->attribute[1] != 3)
        return GRAPH_NONE;
    graph_node other = sum->input[1 - row];
    if (!is_op(rewriter, other, OP_convolution) || !is_private(rewriter, other)) return GRAPH_NONE;
    struct node node = *rewrite_at(rewriter, other);
    node.op = OP_convolution_bias;
    for (int i = 0; i < 2; i++) node.input[i] = image_of(rewriter, node.input[i]);
    node.input[2] = image_of(rewriter, rewrite_at(rewriter, sum->input[row])->input[0]);
    node.attribute[ATTRIBUTE_RELU] = relu;
    return node_make(rewriter->made, node);
}

static graph_node convolution_with_bias(const struct rewriter *rewriter, const struct node *node)
{
    return biased_convolution(rewriter, node, false);
}

static graph_node convolution_with_relu(const struct rewriter *rewriter, const struct node *node)
{
    graph_node sum = node->input[0];
    if (!is_op(rewriter, sum, OP_add) || !is_private(rewriter, sum)) return GRAPH_NONE;
    return biased_convolution(rewriter, rewrite_at(rewriter, sum), true);
}

/* Half `which` of a pool_maximum on the inputs of a pool_index: 0 the winner's index, 1 its
 * element. */
static graph_node half_of_maximum(const struct rewriter *rewriter, const struct node *index,
                                  int which)
{
    struct node node = *index;
    node.op = OP_pool_maximum;
    for (int i = 0; i < 2; i++) node.input[i] = image_of(rewriter, node.input[i]);
    graph_node half = graph_slice(rewriter->made, node_make(rewriter->made, node), 0, which, 1);
    return graph_reshape(rewriter->made, half, index->shape);
}

static graph_node winner_with_element(const struct rewriter *rewriter, const struct node *node)
{
    return half_of_maximum(rewriter, node, 0);
}

static graph_node element_with_winner(const struct rewriter *rewriter, const struct node *node)
{
    const struct node *index = rewrite_at(rewriter, node->input[1]);
    bool same = index->op == OP_pool_index && index->input[0] == node->input[0];
    return same ? half_of_maximum(rewriter, index, 1) : GRAPH_NONE;
}

static bool is_scatter(const struct rewriter *rewriter, graph_node id)
{
    return is_op(rewriter, id, OP_pool_scatter) && is_private(rewriter, id);
}

static bool is_affine(const struct rewriter *rewriter, graph_node id)
{
    const struct node *sum = rewrite_at(rewriter, id);
    if (sum->op != OP_add || !is_private(rewriter, id) || sum->shape.rank != 4) return false;
    int row = find_input(rewriter, sum, repeats_rows);
    const struct node *product = row < 0 ? NULL : rewrite_at(rewriter, sum->input[1 - row]);
    int factor = product && product->op == OP_multiply && is_private(rewriter, sum->input[1 - row])
                     ? find_input(rewriter, product, repeats_rows)
                     : -1;
    return factor >= 0 && rewrite_at(rewriter, sum->input[row])->attribute[1] == 3 &&
           rewrite_at(rewriter, product->input[factor])->attribute[1] == 3;
}

static graph_node scatter_onto_affine(const struct rewriter *rewriter, const struct node *node)
{
    int scatter = find_input(rewriter, node, is_scatter),
        affine = find_input(rewriter, node, is_affine);
    if (scatter < 0 || affine < 0) return GRAPH_NONE;
    const struct node *sum = rewrite_at(rewriter, node->input[affine]);
    int row = find_input(rewriter, sum, repeats_rows);
    const struct node *product = rewrite_at(rewriter, sum->input[1 - row]);
    int factor = find_input(rewriter, product, repeats_rows);
    struct node fused = *rewrite_at(rewriter, node->input[scatter]);
    fused.op = OP_pool_scatter_affine;
    for (int i = 0; i < 2; i++) fused.input[i] = image_of(rewriter, fused.input[i]);
    fused.input[2] = image_of(rewriter, product->input[1 - factor]);
    fused.input[3] = image_of(rewriter, rewrite_at(rewriter, product->input[factor])->input[0]);
    fused.input[4] = image_of(rewriter, rewrite_at(rewriter, sum->input[row])->input[0]);
    return node_make(rewriter->made, fused);
}

static graph_node transposed_before_the_loop(const struct rewriter *rewriter,
                                             const struct node *node)
{
    graph_node id = (graph_node)(node - rewriter->old->nodes);
    bool looped = rewriter->after[id] && rewriter->before[id] && !rewriter->after[node->input[1]];
    if (!looped || !node->attribute[1]) return GRAPH_NONE;
    graph_node b =
        graph_transpose(rewriter->made, image_of(rewriter, node->input[1]), (const int[]){1, 0});
    return graph_matmul(rewriter->made, image_of(rewriter, node->input[0]), b, node->attribute[0],
                        false);
}

static const struct {
    enum op op;
    rule *rule;
} rules[] = {{OP_relu, convolution_with_relu},
             {OP_add, convolution_with_bias},
             {OP_add, scatter_onto_affine},
             {OP_add, add_repeated},
             {OP_pool_index, winner_with_element},
             {OP_pool_gather, element_with_winner},
             {OP_multiply, multiply_repeated},
             {OP_multiply, multiply_derivative},
             {OP_sum, sum_of_product},
             {OP_matmul, transposed_before_the_loop}};

static graph_node rewrite_copy(const struct rewriter *rewriter, const struct node *node)
{
    struct node same = *node;
    for (int i = 0; i < op_arities[node->op]; i++)
        same.input[i] = image_of(rewriter, node->input[i]);
    return node_make(rewriter->made, same);
}

static graph_node rewrite(const struct rewriter *rewriter, graph_node id)
{
    const struct node *node = rewrite_at(rewriter, id);
    if (node_is_delay(node)) return delay_copy(rewriter->made, node);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        graph_node better = node->op == rules[i].op ? rules[i].rule(rewriter, node) : GRAPH_NONE;
        if (better != GRAPH_NONE) return better;
    }
    return rewrite_copy(rewriter, node);
}

static void count_uses(const struct rewriter *rewriter, const bool *live)
{
    for (graph_node id = 0; id < rewriter->old->count; id++)
        for (int i = 0; live[id] && i < op_arities[rewrite_at(rewriter, id)->op]; i++)
            if (rewrite_at(rewriter, id)->input[i] >= 0)
                rewriter->uses[rewrite_at(rewriter, id)->input[i]]++;
    for (int i = 0; i < rewriter->old->result_count; i++)
        rewriter->uses[rewriter->old->results[i].node]++;
}

/* Inputs come before their readers, except for the input of a delay: one sweep in each direction.
 */
static void rewrite_mark_loops(const struct rewriter *rewriter, const bool *live)
{
    for (graph_node id = 0; id < rewriter->old->count; id++) {
        const struct node *node = rewrite_at(rewriter, id);
        bool delay = node_is_delay(node);
        rewriter->after[id] = delay;
        for (int i = 0; !delay && i < op_arities[node->op]; i++)
            if (node->input[i] >= 0 && rewriter->after[node->input[i]]) rewriter->after[id] = true;
        if (delay && live[id] && node->input[0] >= 0) rewriter->before[node->input[0]] = true;
    }
    for (graph_node id = rewriter->old->count - 1; id >= 0; id--)
        for (int i = 0; rewriter->before[id] && i < op_arities[rewrite_at(rewriter, id)->op]; i++)
            if (rewrite_at(rewriter, id)->input[i] >= 0)
                rewriter->before[rewrite_at(rewriter, id)->input[i]] = true;
}

basin_status graph_rewrite(struct arena *arena, const struct graph *old, struct graph **out)
{
    size_t count = (size_t)old->count + 1;
    struct graph *made;
    TRY(graph_create(arena, &made));
    struct rewriter rewriter = {.old = old,
                                .made = made,
                                .uses = arena_array(arena, int, count),
                                .image = arena_array(arena, graph_node, count),
                                .after = arena_array(arena, bool, count),
                                .before = arena_array(arena, bool, count)};
    bool *live = arena_array(arena, bool, count);
    if (!rewriter.uses || !rewriter.image || !rewriter.after || !rewriter.before || !live)
        return BASIN_MEMORY;
    graph_mark_live(old, live);
    rewrite_mark_loops(&rewriter, live);
    count_uses(&rewriter, live);
    for (graph_node id = 0; id < old->count; id++)
        rewriter.image[id] = live[id] ? rewrite(&rewriter, id) : GRAPH_NONE;
    for (graph_node id = 0; id < old->count; id++)
        if (live[id] && node_is_delay(node_at(old, id)) && node_at(old, id)->input[0] >= 0)
            graph_delay_close(made, rewriter.image[id], rewriter.image[node_at(old, id)->input[0]]);
    for (int i = 0; i < old->result_count; i++)
        TRY(graph_output(made, rewriter.image[old->results[i].node], old->results[i].slot,
                         old->results[i].offset));
    *out = made;
    return graph_status(made);
}
