/* models/model.c: losses by hand; weights at the file boundary, (out, in) as PyTorch lays them out,
 * and back. */
#include "../support.h"
#include "models/layer.h"

/* The loss of fixed outputs (rows, columns) and targets. */
static double loss_of(enum precision precision, enum loss loss, double smoothing, int64_t rows,
                      int64_t columns, const double *f, const double *y)
{
    struct arena *arena;
    struct graph *graph;
    struct program *program;
    struct program_state *state;
    double memory[3][64], value;
    size_t count = (size_t)(rows * columns);
    OK(arena_create(&arena));
    OK(graph_create(arena, &graph));
    graph_node outputs = graph_leaf(graph, SLOT_INPUT, 0, shape_matrix(rows, columns));
    OK(graph_output(graph, model_loss(graph, outputs, loss, smoothing), SLOT_LOSS, 0));
    OK(program_compile(arena, graph, &(struct program_options){.precision = precision}, &program));
    OK(program_state_create(program, &state));
    vector_from_double(precision, f, memory[0], count);
    vector_from_double(precision, y, memory[1], count);
    program_bind(state, SLOT_INPUT, memory[0]);
    program_bind(state, SLOT_TARGET, memory[1]);
    program_bind(state, SLOT_LOSS, memory[2]);
    program_run(state, PROGRAM_ALL);
    vector_to_double(precision, memory[2], &value, 1);
    program_state_destroy(state);
    arena_destroy(arena);
    return value;
}

#define BOTH(expected, ...)                                                                        \
    do {                                                                                           \
        NEAR(loss_of(PRECISION_FLOAT64, __VA_ARGS__), expected, 1e-14);                            \
        NEAR(loss_of(PRECISION_FLOAT32, __VA_ARGS__), expected, 1e-6);                             \
    } while (0)

Test(model, cross_entropy_by_hand)
{
    const double y[] = {1, 0, 0, 0, 0, 1};
    BOTH(log(3), LOSS_CROSS_ENTROPY, 0, 2, 3, ((double[]){0, 0, 0, 5, 5, 5}), y);
    /* softmax (1/2, 1/4, 1/4) and (1/8, 1/8, 3/4): -log 1/2 and -log 3/4 */
    const double f[] = {log(2), 0, 0, 0, 0, log(6)};
    BOTH((log(2) + log(4.0 / 3)) / 2, LOSS_CROSS_ENTROPY, 0, 2, 3, f, y);
    /* no overflow: a wrong answer with logit 1000 costs 1000 */
    BOTH(500, LOSS_CROSS_ENTROPY, 0, 2, 3, ((double[]){0, 1000, 0, -1000, -1000, 0}), y);
}

/* Target (1 - s) y + s / C: each class carries s / C, the right one 1 - s more. */
Test(model, label_smoothing_by_hand)
{
    const double f[] = {log(2), 0, 0}, y[] = {1, 0, 0};
    double right = log(2), wrong = log(4);
    BOTH(0.9 * right + 0.1 / 3 * (right + 2 * wrong), LOSS_CROSS_ENTROPY, 0.1, 1, 3, f, y);
    BOTH(0.5 * right + 0.5 / 3 * (right + 2 * wrong), LOSS_CROSS_ENTROPY, 0.5, 1, 3, f, y);
}

/* Half the squared distance summed over outputs, mean over examples. */
Test(model, squared_error_by_hand)
{
    BOTH((0.5 * (1 + 4 + 9) + 0.5 * 16) / 2, LOSS_MSE, 0, 2, 3, ((double[]){1, 2, 3, 0, 0, 5}),
         ((double[]){0, 0, 0, 0, 0, 1}));
    BOTH(0.5 * 0.25, LOSS_MSE, 0, 1, 1, ((double[]){1.5}), ((double[]){1}));
}

static void round_trip(const char *spec, enum precision precision)
{
    struct setting s;
    struct record *record;
    setting_open(&s, spec);
    OK(record_create(s.arena, &record));
    size_t size = setting_size(&s);
    double *w = doubles(&s, size), *back = doubles(&s, size);
    for (size_t i = 0; i < size; i++)
        w[i] = precision == PRECISION_FLOAT32 ? (double)(float)(i + 0.1) : i + 0.1;
    OK(model_export(s.model, w, precision, record, "/weights/final"));
    const struct record_item *weight = found(record, "/weights/final/layers.0.weight");
    cr_assert_eq(weight->type, precision == PRECISION_FLOAT32 ? RECORD_FLOAT32 : RECORD_FLOAT64);
    cr_assert_eq(weight->dims[0], 6, "(out, in)");
    cr_assert_eq(weight->dims[1], 40);
    cr_assert_str_eq(record_attribute_get_text(weight, "kind"), "weight");
    for (size_t in = 0; in < 40; in++)
        for (size_t out = 0; out < 6; out++)
            cr_assert_eq(record_number(weight, out * 40 + in), w[in * 6 + out]);
    const struct record_item *bias = found(record, "/weights/final/layers.1.bias");
    cr_assert_eq(bias->rank, 1);
    cr_assert_eq(bias->dims[0], 10);
    cr_assert_eq(record_number(bias, 9), w[size - 1]);
    cr_assert_str_eq(record_attribute_get_text(bias, "kind"), "bias");
    OK(model_import(s.model, record, "/weights/final", back));
    cr_assert_arr_eq(back, w, size * sizeof *w);
    setting_close(&s);
}

Test(model, weights_go_out_and_come_back)
{
    round_trip("architecture: {type: mlp, hidden: [6]}\n", PRECISION_FLOAT32);
    round_trip("architecture: {type: mlp, hidden: [6]}\nprecision: float64\n", PRECISION_FLOAT64);
}

Test(model, weights_that_do_not_fit_are_refused)
{
    struct setting s, other;
    struct record *record;
    setting_open(&s, "architecture: {type: mlp, hidden: [6]}\n");
    setting_open(&other, "architecture: {type: mlp, hidden: [7]}\n");
    OK(record_create(s.arena, &record));
    double *w = doubles(&other, setting_size(&other));
    cr_assert_eq(model_import(s.model, record, "/weights/final", w), BASIN_DAMAGED,
                 "nothing there");
    OK(model_export(s.model, w, PRECISION_FLOAT32, record, "/weights/final"));
    cr_assert_eq(model_import(other.model, record, "/weights/final", w), BASIN_DAMAGED,
                 "another width");
    cr_assert(strstr(basin_error_last()->message, "layers.0.weight"));
    setting_close(&other);
    setting_close(&s);
}
