/* Assignments against all permutations; renumbered networks compute the same, and are found
 * again. */
#include "analysis/matching.h"
#include "../support.h"

#include "analysis/assignment.h"
#include "objective_helpers.h"

/* ---- assignment ---- */

static double sum_of(size_t n, const double *gain, const size_t *to)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++) sum += gain[k * n + to[k]];
    return sum;
}

/* The largest sum over all permutations of places `at` ... n - 1. */
static double best_of_all(size_t n, const double *gain, size_t *to, size_t at)
{
    if (at == n) return sum_of(n, gain, to);
    double best = -INFINITY;
    for (size_t k = at; k < n; k++) {
        size_t own = to[at];
        to[at] = to[k], to[k] = own;
        best = fmax(best, best_of_all(n, gain, to, at + 1));
        to[k] = to[at], to[at] = own;
    }
    return best;
}

static void expect_permutation(size_t n, const size_t *to)
{
    bool *seen = memory_allocate(n * sizeof *seen);
    for (size_t k = 0; k < n; k++) {
        cr_assert_lt(to[k], n);
        cr_assert_not(seen[to[k]]);
        seen[to[k]] = true;
    }
    memory_free(seen);
}

/* Normal gains, gains with many ties, and gains of very different size. */
Test(matching, assignments_are_the_best_of_all)
{
    for (uint32_t draw = 0; draw < 300; draw++) {
        size_t n = 1 + draw % 7, to[7], all[7];
        struct random random = random_make(3, STREAM_PROBE, 60, draw);
        double gain[49];
        random_fill_normal(&random, 1, gain, n * n);
        for (size_t k = 0; k < n * n; k++) {
            if (draw % 3 == 1) gain[k] = round(gain[k]);
            if (draw % 3 == 2) gain[k] *= pow(10, (double)(k % 9) - 4);
        }
        for (size_t k = 0; k < n; k++) all[k] = k;
        OK(assignment_solve(n, gain, to));
        expect_permutation(n, to);
        double best = best_of_all(n, gain, all, 0);
        cr_expect(fabs(sum_of(n, gain, to) - best) <= 1e-12 * fmax(1, fabs(best)), "%zu: %g, %g", n,
                  sum_of(n, gain, to), best);
    }
}

Test(matching, an_assignment_keeps_places_where_that_is_best)
{
    double gain[25] = {0}, wrong[1] = {NAN};
    size_t to[5];
    OK(assignment_solve(5, gain, to));
    for (size_t k = 0; k < 5; k++) cr_expect_eq(to[k], k);
    cr_expect_eq(assignment_solve(1, wrong, to), BASIN_NUMERIC);
}

/* ---- networks ---- */

#define SIGNAL "dataset: {name: mnist1d, length: 16, train_size: 40, test_size: 20}\n"

static const struct {
    const char *yaml;
    int groups;
} networks[] = {
    {SIGNAL "architecture: {type: linear}\n", 0},
    {SIGNAL "architecture: {type: mlp, hidden: [9, 7, 5], activation: tanh}\n", 3},
    {SIGNAL "architecture: {type: mlp, hidden: [6, 6, 6], residual: true}\n", 1},
    {SIGNAL "architecture: {type: mlp, hidden: [16, 5], residual: true}\n", 1},
    {SIGNAL "architecture: {type: cnn, channels: [5, 4], hidden: [6]}\n", 3},
    {SIGNAL "architecture: {type: cnn, channels: [5, 4], hidden: [], pool: average, norm: batch}\n",
     2},
    {SIGNAL "architecture: {type: cnn, channels: [4], hidden: [3], pool: none, norm: layer}\n", 2},
    {SIGNAL "architecture: {type: resnet, depth: 8, width: 3}\n", 6},
    {SIGNAL "architecture: {type: resnet, depth: 8, width: 3, preactivation: true, norm: layer}\n",
     6},
    {SIGNAL "architecture: {type: sequential, layers: [conv: {channels: 4}, batch_norm, relu, "
            "global_max_pool, dense: {units: 5}, layer_norm, gelu]}\n",
     2},
};
enum { NETWORKS = sizeof networks / sizeof *networks };

struct pair_of_networks {
    struct setting s;
    struct arena *arena;
    struct symmetry *symmetry;
    struct objective *objective;
    size_t state, outputs;
    double *a, *b; /* (state) */
    size_t **permutations;
};

/* Weights of an initialisation, with biases, scales and statistics that are not all equal. */
static void draw_state(const struct setting *s, uint64_t seed, double *w)
{
    struct random random = random_make(seed, STREAM_PROBE, 61, 0);
    model_initialize(s->model, seed, w);
    for (int64_t k = 0; k < model_state_size(s->model); k++)
        w[k] += 0.1 * random_uniform(&random, (uint64_t)k);
}

static void pair_open(struct pair_of_networks *p, const char *yaml)
{
    char text[1024];
    snprintf(text, sizeof text, "%sprecision: float64\n", yaml);
    setting_open(&p->s, text);
    p->arena = p->s.arena;
    struct objective_request request = setting_request(&p->s, MODE_EVAL);
    OK(objective_create(&request, &p->objective));
    OK(symmetry_create(p->arena, p->s.model, &p->symmetry));
    p->state = (size_t)model_state_size(p->s.model);
    p->outputs = 20 * data_describe(p->s.data)->outputs;
    p->a = arena_array(p->arena, double, p->state);
    p->b = arena_array(p->arena, double, p->state);
    p->permutations = arena_array(p->arena, size_t *, (size_t)p->symmetry->group_count + 1);
    for (int g = 0; g < p->symmetry->group_count; g++) {
        size_t units = p->symmetry->groups[g].units;
        uint32_t *order = arena_array(p->arena, uint32_t, units);
        struct random random = random_make(5, STREAM_PROBE, 62, (uint32_t)g);
        random_permutation(&random, order, units);
        p->permutations[g] = arena_array(p->arena, size_t, units);
        for (size_t k = 0; k < units; k++) p->permutations[g][k] = order[k];
    }
    draw_state(&p->s, 1, p->a);
    symmetry_permute(p->symmetry, p->permutations, p->a, p->b);
}

static void pair_close(struct pair_of_networks *p)
{
    objective_destroy(p->objective);
    setting_close(&p->s);
}

static double distance(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sqrt(sum);
}

static double largest_difference(struct pair_of_networks *p, const double *a, const double *b)
{
    struct objective_where where = objective_first(DATA_TEST, 20);
    double *f = arena_array(p->arena, double, p->outputs),
           *g = arena_array(p->arena, double, p->outputs), most = 0;
    OK(objective_outputs(p->objective, &where, a, f));
    OK(objective_outputs(p->objective, &where, b, g));
    for (size_t k = 0; k < p->outputs; k++) most = fmax(most, fabs(f[k] - g[k]));
    return most;
}

Test(matching, a_renumbered_network_computes_the_same, .timeout = 60)
{
    for (size_t i = 0; i < NETWORKS; i++) {
        struct pair_of_networks p;
        pair_open(&p, networks[i].yaml);
        cr_expect_eq(p.symmetry->group_count, networks[i].groups, "%s: %d groups", networks[i].yaml,
                     p.symmetry->group_count);
        if (networks[i].groups) cr_expect_gt(distance(p.a, p.b, p.state), 1);
        cr_expect_lt(largest_difference(&p, p.a, p.b), 1e-12, "%s", networks[i].yaml);
        pair_close(&p);
    }
}

/* Networks without a residual stream, in which each group is matched by others alone. */
Test(matching, a_renumbered_network_is_found_exactly, .timeout = 60)
{
    for (size_t i = 0; i < NETWORKS; i++) {
        struct pair_of_networks p;
        struct matching matching;
        if (strstr(networks[i].yaml, "residual") || strstr(networks[i].yaml, "resnet")) continue;
        pair_open(&p, networks[i].yaml);
        double *back = arena_array(p.arena, double, p.state);
        OK(matching_find(p.arena, p.symmetry, p.a, p.b, &matching));
        symmetry_permute(p.symmetry, matching.permutations, p.b, back);
        cr_expect_eq(distance(p.a, back, p.state), 0, "%s: %g", networks[i].yaml,
                     distance(p.a, back, p.state));
        pair_close(&p);
    }
}

/* Two initialisations: closer than before, a valid permutation, the same outputs, and the numbers
 * say what the state is. */
Test(matching, other_networks_come_closer, .timeout = 60)
{
    for (size_t i = 1; i < NETWORKS; i++) {
        struct pair_of_networks p;
        struct matching matching;
        double product = 0;
        pair_open(&p, networks[i].yaml);
        size_t trained = (size_t)model_size(p.s.model);
        double *moved = arena_array(p.arena, double, p.state);
        draw_state(&p.s, 2, p.b);
        OK(matching_find(p.arena, p.symmetry, p.a, p.b, &matching));
        for (int g = 0; g < p.symmetry->group_count; g++)
            expect_permutation(p.symmetry->groups[g].units, matching.permutations[g]);
        symmetry_permute(p.symmetry, matching.permutations, p.b, moved);
        cr_expect_lt(distance(p.a, moved, trained), distance(p.a, p.b, trained), "%s",
                     networks[i].yaml);
        cr_expect_lt(largest_difference(&p, p.b, moved), 1e-12, "%s", networks[i].yaml);
        for (size_t k = 0; k < trained; k++) product += p.a[k] * moved[k];
        cr_expect_float_eq(matching.similarity, product, 1e-9 * fabs(product));
        pair_close(&p);
    }
}

/* With one hidden layer, weight matching is a single assignment: no permutation of five units does
 * better. */
Test(matching, one_hidden_layer_is_matched_best)
{
    struct pair_of_networks p;
    struct matching matching;
    size_t all[5] = {0, 1, 2, 3, 4}, *one[] = {all};
    pair_open(&p, SIGNAL "architecture: {type: mlp, hidden: [5]}\n");
    double gain[25] = {0}, *moved = arena_array(p.arena, double, p.state);
    size_t trained = (size_t)model_size(p.s.model);
    draw_state(&p.s, 3, p.b);
    OK(matching_find(p.arena, p.symmetry, p.a, p.b, &matching));
    for (size_t shift = 0; shift < 5; shift++) { /* gain[k][l]: unit l of b in place k */
        double base = 0;
        for (size_t k = 0; k < 5; k++) all[k] = (k + shift) % 5;
        symmetry_permute(p.symmetry, one, p.b, moved);
        for (int i = 0; i < p.symmetry->array_count; i++) {
            const struct symmetry_array *array = &p.symmetry->arrays[i];
            for (size_t e = 0; e < array->size; e++) {
                double part = p.a[array->offset + e] * moved[array->offset + e];
                if (!array->axis_count) {
                    base += part;
                    continue;
                }
                size_t k = e / array->axes[0].inner % 5;
                gain[k * 5 + all[k]] += part;
            }
        }
        if (shift == 4) {
            size_t order[5] = {0, 1, 2, 3, 4};
            cr_expect_float_eq(matching.similarity, best_of_all(5, gain, order, 0) + base, 1e-9);
        }
    }
    cr_expect_gt(trained, 0);
    pair_close(&p);
}

Test(matching, what_cannot_be_renumbered_is_refused)
{
    static const char *const refused[] = {
        SIGNAL "architecture: {type: gru, hidden_size: 4}\n",
        SIGNAL "architecture: {type: transformer, width: 8, heads: 2, depth: 1, patch: 4}\n",
        SIGNAL "architecture: {type: cnn, channels: [4], norm: group}\n",
        SIGNAL "architecture: {type: sequential, layers: [conv: {channels: 4}, conv: {channels: 4, "
               "groups: 2}]}\n"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct setting s;
        struct symmetry *symmetry;
        setting_open(&s, refused[i]);
        cr_expect_eq(symmetry_create(s.arena, s.model, &symmetry), BASIN_SPEC, "%s", refused[i]);
        setting_close(&s);
    }
}
