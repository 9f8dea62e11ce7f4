/* Every primitive of ops.def on random uses drawn by its own `sample`: no primitive is named here.
 *
 * For y = f(x), directions v, w of x and a covector u of y, one program computes
 *     y,  Jv (jvp),  J'u (vjp),  the second order d/dx[Jv] w (jvp of jvp),  d/dx<u, Jv> (vjp of
 *         jvp),  Jv by two vjps,
 *     and f(1.5 x), whose inputs die at once, so that it is computed in place wherever ops.def
 *         allows it,
 * and these must agree with central differences of y and of Jv, with each other through inner
 * products, and in float32 and by the naive kernels; and every way of planning memory must give the
 * same bits. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include "graph/program.h"
#include "graph/step.h"

#ifdef __SANITIZE_ADDRESS__
enum { SAMPLES = 10 }; /* the numbers are looked at without sanitizers */
#else
enum { SAMPLES = 40 };
#endif
enum { MOST = 1 << 15, UNALIGNED = 3, GUARD = 64 };
enum section {
    VALUE,
    TANGENT,
    ADJOINT,
    SECOND,
    SECOND_ADJOINT,
    TANGENT_BY_VJP,
    ON_COMPUTED,
    SECTIONS
};

struct trial {
    enum op op;
    int sample;
    struct arena *arena;
    struct graph *graph;
    int inputs;
    bool constant, discrete;
    double low, high;
    int64_t below[NODE_INPUTS], at[NODE_INPUTS], size[NODE_INPUTS]; /* of inputs that are indices */
    int64_t start[SECTIONS], length[SECTIONS], x_size, y_size;      /* elements of SLOT_EXTRA */
};

/* The arrays of one run; x, v, w are those of all inputs, one after the other. A trial uses the
 * first `in_span` elements of each input and the first `out_span` of the output. Both spans end
 * with guard elements; whole arrays would cost ten times as much in copies as the operations
 * themselves. */
struct arrays {
    double x[MOST], v[MOST], w[MOST], u[MOST], out[SECTIONS * MOST];
};

static int64_t in_span(const struct trial *t)
{
    int64_t used = UNALIGNED + (t->x_size > t->y_size ? t->x_size : t->y_size) + GUARD;
    return used < MOST ? used : MOST;
}

static int64_t out_span(const struct trial *t)
{
    int64_t used = t->start[SECTIONS - 1] + t->length[SECTIONS - 1] + GUARD;
    return used < SECTIONS * MOST ? used : SECTIONS * MOST;
}

static size_t in_bytes(const struct trial *t)
{
    return (size_t)in_span(t) * sizeof(double);
}

static size_t out_bytes(const struct trial *t)
{
    return (size_t)out_span(t) * sizeof(double);
}

static void copy_inputs(const struct trial *t, struct arrays *to, const struct arrays *from)
{
    memcpy(to->x, from->x, in_bytes(t));
    memcpy(to->v, from->v, in_bytes(t));
    memcpy(to->w, from->w, in_bytes(t));
    memcpy(to->u, from->u, in_bytes(t));
}

static void fill_random(double *out, int64_t count, double low, double high, uint32_t stream)
{
    struct random random = random_make(99, STREAM_DATA, stream, 0);
    random_fill_uniform(&random, low, high, out, (size_t)count);
    for (int64_t i = 0; i < count; i++) {
        if (fabs(out[i]) < 0.01) out[i] += 0.02; /* away from the kink of relu */
        out[i] = (float)out[i];                  /* the same numbers in both precisions */
    }
}

static graph_node add_all(struct graph *g, const graph_node *terms, int count)
{
    graph_node total = terms[0];
    for (int i = 1; i < count; i++) total = graph_add(g, total, terms[i]);
    return total;
}

static void section_output(struct trial *t, enum section section, const graph_node *nodes,
                           int count)
{
    static const enum section before[] = {VALUE,  VALUE,          TANGENT,       ADJOINT,
                                          SECOND, SECOND_ADJOINT, TANGENT_BY_VJP};
    t->start[section] = section ? t->start[before[section]] + t->length[before[section]] : 0;
    t->length[section] = 0;
    for (int i = 0; i < count; i++) {
        graph_output(t->graph, nodes[i], SLOT_EXTRA, t->start[section] + t->length[section]);
        t->length[section] += shape_size(graph_shape(t->graph, nodes[i]));
    }
}

static void trial_derivatives(struct trial *t, graph_node y, const graph_node *x,
                              const graph_node *v, const graph_node *w)
{
    struct graph *g = t->graph;
    graph_node u = graph_leaf(g, SLOT_TARGET, UNALIGNED, graph_shape(g, y)), tangent, second;
    graph_node adjoint[NODE_INPUTS], second_adjoint[NODE_INPUTS], again[NODE_INPUTS];
    graph_jvp(g, &y, 1, x, v, t->inputs, &tangent);
    graph_vjp(g, y, u, x, t->inputs, adjoint);
    graph_jvp(g, &tangent, 1, x, w, t->inputs, &second);
    graph_vjp(g, tangent, u, x, t->inputs, second_adjoint);
    for (int i = 0; i < t->inputs; i++) graph_vjp(g, adjoint[i], v[i], &u, 1, &again[i]);
    graph_node tangent_by_vjp = add_all(g, again, t->inputs);
    section_output(t, TANGENT, &tangent, 1);
    section_output(t, ADJOINT, adjoint, t->inputs);
    section_output(t, SECOND, &second, 1);
    section_output(t, SECOND_ADJOINT, second_adjoint, t->inputs);
    section_output(t, TANGENT_BY_VJP, &tangent_by_vjp, 1);
    if (!t->constant) return;
    cr_assert(node_is_constant(g, tangent, 0), "%s: the tangent is not an exact zero",
              op_names[t->op]);
    for (int i = 0; i < t->inputs; i++)
        cr_assert(node_is_constant(g, adjoint[i], 0), "%s: the adjoint is not an exact zero",
                  op_names[t->op]);
}

/* The value on inputs that die at once; indices stay as they are. */
static void trial_computed(struct trial *t, graph_node y)
{
    struct node computed = *node_at(t->graph, y);
    for (int i = 0; i < op_arities[computed.op]; i++)
        if (!t->below[i]) computed.input[i] = graph_scale(t->graph, computed.input[i], 1.5);
    section_output(t, ON_COMPUTED, &(graph_node){node_make(t->graph, computed)}, 1);
}

static void trial_build(struct trial *t, enum op op, int number)
{
    struct sampler sampler = {.random =
                                  random_make(5, STREAM_DATA, (uint32_t)op, (uint32_t)number)};
    struct sample sample = {.low = -1, .high = 1, .node.op = op};
    operations[op]->sample(&sampler, &sample);
    *t = (struct trial){.op = op,
                        .sample = number,
                        .inputs = op_arities[op],
                        .low = sample.low,
                        .high = sample.high,
                        .discrete = sample.discrete,
                        .constant = op_classes[op] == CLASS_CONST};
    cr_assert_eq(arena_create(&t->arena), BASIN_OK);
    cr_assert_eq(graph_create(t->arena, &t->graph), BASIN_OK);
    graph_node x[NODE_INPUTS], v[NODE_INPUTS], w[NODE_INPUTS];
    for (int i = 0; i < t->inputs; i++) {
        int64_t at = UNALIGNED + t->x_size; /* views at any element */
        x[i] = sample.node.input[i] = graph_leaf(t->graph, SLOT_INPUT, at, sample.input[i]);
        v[i] = graph_leaf(t->graph, SLOT_TANGENT, at, sample.input[i]);
        w[i] = graph_leaf(t->graph, SLOT_BUFFERS, at, sample.input[i]);
        t->below[i] = sample.below[i];
        t->at[i] = at;
        t->size[i] = shape_size(sample.input[i]);
        t->x_size += t->size[i];
    }
    graph_node y = node_make(t->graph, sample.node);
    cr_assert_neq(y, GRAPH_NONE, "%s: %s", op_names[op], basin_error_last()->message);
    t->y_size = shape_size(graph_shape(t->graph, y));
    cr_assert(t->x_size + UNALIGNED <= MOST && t->y_size + UNALIGNED <= MOST);
    section_output(t, VALUE, &y, 1);
    for (int section = VALUE + 1; section < SECTIONS; section++)
        section_output(t, (enum section)section, NULL, 0);
    if (t->inputs && op_classes[op] != CLASS_FUSED) trial_derivatives(t, y, x, v, w);
    if (t->inputs) trial_computed(t, y);
    cr_assert_eq(graph_status(t->graph), BASIN_OK, "%s: %s", op_names[op],
                 basin_error_last()->message);
}

static void *convert(const double *from, float *to, int64_t count)
{
    for (int64_t i = 0; i < count; i++) to[i] = (float)from[i];
    return to;
}

static void run_float32(const struct trial *t, struct program_state *state, struct arrays *a,
                        int split)
{
    int64_t span = in_span(t);
    static float x[MOST], v[MOST], w[MOST], u[MOST], out[SECTIONS * MOST];
    program_bind(state, SLOT_INPUT, convert(a->x, x, span));
    program_bind(state, SLOT_TANGENT, convert(a->v, v, span));
    program_bind(state, SLOT_BUFFERS, convert(a->w, w, span));
    program_bind(state, SLOT_TARGET, convert(a->u, u, span));
    program_bind(state, SLOT_EXTRA, out);
    memset(out, 0, (size_t)out_span(t) * sizeof *out);
    for (int i = 0; i < (split ? 3 : 1); i++)
        program_run(state, !split ? PROGRAM_ALL : i == 0 ? PROGRAM_INVARIANT : PROGRAM_VARYING);
    for (int64_t i = 0; i < out_span(t); i++) a->out[i] = out[i];
}

static void run_float64(const struct trial *t, struct program_state *state, struct arrays *a,
                        int split)
{
    program_bind(state, SLOT_INPUT, a->x);
    program_bind(state, SLOT_TANGENT, a->v);
    program_bind(state, SLOT_BUFFERS, a->w);
    program_bind(state, SLOT_TARGET, a->u);
    program_bind(state, SLOT_EXTRA, a->out);
    memset(a->out, 0, out_bytes(t));
    for (int i = 0; i < (split ? 3 : 1); i++)
        program_run(state, !split ? PROGRAM_ALL : i == 0 ? PROGRAM_INVARIANT : PROGRAM_VARYING);
}

/* Compiles, checks the plan and runs; `split`: the phases one by one, the second one twice. */
static void run(const struct trial *t, struct program_options options, bool split, struct arrays *a)
{
    struct arena *arena;
    struct program *program;
    struct program_state *state;
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    cr_assert_eq(program_compile(arena, t->graph, &options, &program), BASIN_OK, "%s",
                 basin_error_last()->message);
    cr_assert_eq(program_check(program), BASIN_OK, "%s %d: %s", op_names[t->op], t->sample,
                 basin_error_last()->message);
    cr_assert_eq(program_state_create(program, &state), BASIN_OK);
    program_random(state, 17, 4);
    (options.precision == PRECISION_FLOAT32 ? run_float32 : run_float64)(t, state, a, split);
    program_state_destroy(state);
    arena_destroy(arena);
}

static void fill_arrays(const struct trial *t, struct arrays *a)
{
    int64_t span = in_span(t);
    fill_random(a->x, span, t->low, t->high, 1);
    fill_random(a->v, span, -1, 1, 2);
    fill_random(a->w, span, -1, 1, 3);
    fill_random(a->u, span, -1, 1, 4);
    for (int64_t i = 0; t->discrete && i < span; i++) a->x[i] = round(a->x[i]);
    for (int i = 0; i < t->inputs; i++)
        for (int64_t j = t->at[i]; t->below[i] && j < t->at[i] + t->size[i]; j++) {
            double unit =
                (a->x[j] - t->low) / (t->high - t->low); /* indices: nothing moves along them */
            a->x[j] = fmin(fmax(floor(unit * (double)t->below[i]), 0), (double)(t->below[i] - 1));
            a->v[j] = a->w[j] = 0;
        }
}

static double largest(const double *a, int64_t count)
{
    double most = 0;
    for (int64_t i = 0; i < count; i++) most = fmax(most, fabs(a[i]));
    return most;
}

static double dot(const double *a, const double *b, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

/* |a - b| <= tolerance * (1 + largest |b|), for every element; NaN fails. */
static void assert_close(const struct trial *t, const char *what, const double *a, const double *b,
                         int64_t count, double tolerance)
{
    double most = tolerance * (1 + largest(b, count));
    for (int64_t i = 0; i < count; i++)
        cr_assert(fabs(a[i] - b[i]) <= most,
                  "%s, sample %d, %s: element %lld is %.17g, should be %.17g", op_names[t->op],
                  t->sample, what, (long long)i, a[i], b[i]);
}

static void for_each_trial(void (*check)(const struct trial *))
{
    for (int op = 0; op < OP_COUNT; op++) {
        if (!operations[op]->sample) {
            cr_assert(op == OP_leaf || op == OP_constant, "%s has no sample", op_names[op]);
            continue;
        }
        for (int number = 0; number < SAMPLES; number++) {
            struct trial t;
            trial_build(&t, (enum op)op, number);
            check(&t);
            arena_destroy(t.arena);
        }
    }
}

static const struct program_options fast64 = {.precision = PRECISION_FLOAT64},
                                    fast32 = {.precision = PRECISION_FLOAT32},
                                    naive = {.precision = PRECISION_FLOAT64, .naive = true};

static void check_kernels(const struct trial *t)
{
    static struct arrays a, b, c;
    fill_arrays(t, &a);
    copy_inputs(t, &b, &a);
    copy_inputs(t, &c, &a);
    run(t, naive, false, &a);
    run(t, fast64, false, &b);
    run(t, fast32, false, &c);
    for (int section = 0; section < (t->inputs ? SECTIONS : 1); section++) {
        int64_t start = t->start[section], length = t->length[section];
        assert_close(t, "float64 against naive", b.out + start, a.out + start, length, 1e-13);
        assert_close(t, "float32 against naive", c.out + start, a.out + start, length, 1e-5);
    }
}

Test(operations, fast_kernels_against_naive_twins, .timeout = 600)
{
    for_each_trial(check_kernels);
}

/* Central difference of `section` in direction d. */
static void difference(const struct trial *t, const struct arrays *at, const double *d,
                       enum section section, double *out)
{
    static struct arrays above, below;
    const double h = 1e-5;
    copy_inputs(t, &above, at);
    copy_inputs(t, &below, at);
    for (int64_t i = 0; i < in_span(t); i++) above.x[i] += h * d[i], below.x[i] -= h * d[i];
    run(t, fast64, false, &above);
    run(t, fast64, false, &below);
    for (int64_t i = 0; i < t->length[section]; i++)
        out[i] = (above.out[t->start[section] + i] - below.out[t->start[section] + i]) / (2 * h);
}

static void check_derivatives(const struct trial *t)
{
    if (t->constant || op_classes[t->op] == CLASS_FUSED) return;
    static struct arrays a;
    static double column[MOST];
    fill_arrays(t, &a);
    run(t, fast64, false, &a);
    const double *tangent = a.out + t->start[TANGENT], *second = a.out + t->start[SECOND];
    difference(t, &a, a.v, VALUE, column);
    assert_close(t, "jvp against differences", tangent, column, t->y_size, 1e-8);
    difference(t, &a, a.w, TANGENT, column);
    assert_close(t, "second order against differences", second, column, t->y_size, 1e-7);
    assert_close(t, "jvp against double vjp", a.out + t->start[TANGENT_BY_VJP], tangent, t->y_size,
                 1e-13);
    double forward = dot(a.u + UNALIGNED, tangent, t->y_size);
    double backward = dot(a.out + t->start[ADJOINT], a.v + UNALIGNED, t->x_size);
    cr_assert_float_eq(forward, backward, 1e-11 * (1 + fabs(forward)),
                       "%s, sample %d: <u,Jv> = %.17g, <J'u,v> = %.17g", op_names[t->op], t->sample,
                       forward, backward);
    forward = dot(a.u + UNALIGNED, second, t->y_size);
    backward = dot(a.out + t->start[SECOND_ADJOINT], a.w + UNALIGNED, t->x_size);
    cr_assert_float_eq(forward, backward, 1e-11 * (1 + fabs(forward)),
                       "%s, sample %d: second order: %.17g, adjoint %.17g", op_names[t->op],
                       t->sample, forward, backward);
}

Test(operations, derivatives, .timeout = 600)
{
    for_each_trial(check_derivatives);
}

static void check_plans(const struct trial *t)
{
    static struct arrays a, b;
    for (int precision = 0; precision < 2; precision++) {
        struct program_options plain = {.precision = (enum precision)precision};
        struct program_options split = plain, poisoned = plain, apart = plain;
        split.varying = 1u << SLOT_TANGENT;
        poisoned.varying = 1u << SLOT_TANGENT;
        poisoned.poison = true;
        apart.one_buffer_each = true;
        const struct program_options *ways[] = {&plain, &split, &poisoned, &apart};
        fill_arrays(t, &a);
        copy_inputs(t, &b, &a);
        run(t, apart, false, &a);
        for (int way = 0; way < 4; way++)
            for (int phases = 0; phases < 2; phases++) {
                run(t, *ways[way], phases, &b);
                cr_assert(!memcmp(a.out, b.out, out_bytes(t)),
                          "%s, sample %d: plan %d gives other bits", op_names[t->op], t->sample,
                          way);
            }
    }
}

Test(operations, every_plan_gives_the_same_bits, .timeout = 600)
{
    for_each_trial(check_plans);
}

Test(operations, every_class_has_what_it_needs)
{
    for (int op = 0; op < OP_COUNT; op++) {
        const struct operation *operation = operations[op];
        enum op_class class = op_classes[op];
        cr_assert(operation->shape);
        cr_assert_eq(class == CLASS_POINTWISE || class == CLASS_REDUCE, operation->partial != NULL,
                     "%s", op_names[op]);
        bool adjoint = class == CLASS_LINEAR || class == CLASS_BILINEAR || class == CLASS_GIVEN ||
                       class == CLASS_GENERAL;
        cr_assert_eq(adjoint, operation->adjoint != NULL, "%s", op_names[op]);
        cr_assert_eq(class == CLASS_GENERAL, operation->tangent != NULL, "%s", op_names[op]);
        cr_assert_eq(class == CLASS_JACOBIAN, operation->expand != NULL, "%s", op_names[op]);
        cr_assert_eq(class == CLASS_SELFADJOINT, operation->apply != NULL, "%s", op_names[op]);
        cr_assert_eq(operation->kernels.naive != NULL, operation->lower != NULL);
    }
}
