/* Maxima in a box, by projected limited-memory BFGS. */
#include "measure/box.h"
#include <math.h>
#include <string.h>
#include "measure/perturb.h"

enum { HALVINGS = 30 };

/* x, g, f: where it is; trial and its gradient; the pairs s, y of the last steps, in a ring. */
struct box {
    const struct box_problem *problem;
    size_t size;
    double *x, *g, *trial, *trial_g, *d, *s[BOX_PAIRS], *y[BOX_PAIRS];
    double f, trial_f;
    size_t pairs, next, values;
};

static void box_start(struct box *box, const struct box_problem *problem)
{
    double **vectors[] = {&box->x, &box->g, &box->trial, &box->trial_g, &box->d};
    double *at = problem->memory;
    *box = (struct box){.problem = problem, .size = problem->size};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++, at += problem->size)
        *vectors[i] = at;
    for (size_t i = 0; i < BOX_PAIRS; i++, at += 2 * problem->size) {
        box->s[i] = at;
        box->y[i] = at + problem->size;
    }
    memset(box->x, 0, problem->size * sizeof *box->x);
}

static basin_status box_value(struct box *box, const double *x, double *f, double *g)
{
    box->values++;
    return box->problem->value(box->problem->context, x, f, g);
}

static double box_gap(const struct box *box)
{
    double gap = -vector_dot(box->size, box->g, box->x);
    for (size_t i = 0; i < box->size; i++) gap += box->problem->bound[i] * fabs(box->g[i]);
    return gap;
}

static bool is_held(const struct box *box, size_t i)
{
    double bound = box->problem->bound[i];
    return (box->x[i] >= bound && box->g[i] >= 0) || (box->x[i] <= -bound && box->g[i] <= 0);
}

static void hold(const struct box *box, double *v)
{
    for (size_t i = 0; i < box->size; i++)
        if (is_held(box, i)) v[i] = 0;
}

/* d = H d: the two loops of Nocedal 1980; pairs have s'y > 0, of -f. */
static void two_loops(const struct box *box, double *d)
{
    double a[BOX_PAIRS], size = (double)box->pairs;
    for (size_t k = 0; k < box->pairs; k++) {
        size_t at = (box->next + BOX_PAIRS - 1 - k) % BOX_PAIRS;
        a[at] =
            vector_dot(box->size, box->s[at], d) / vector_dot(box->size, box->s[at], box->y[at]);
        for (size_t i = 0; i < box->size; i++) d[i] -= a[at] * box->y[at][i];
    }
    size_t last = (box->next + BOX_PAIRS - 1) % BOX_PAIRS;
    double scale = vector_dot(box->size, box->s[last], box->y[last]) /
                   vector_dot(box->size, box->y[last], box->y[last]);
    for (size_t i = 0; i < box->size; i++) d[i] *= scale;
    for (size_t k = (size_t)size; k-- > 0;) {
        size_t at = (box->next + BOX_PAIRS - 1 - k) % BOX_PAIRS;
        double b =
            vector_dot(box->size, box->y[at], d) / vector_dot(box->size, box->s[at], box->y[at]);
        for (size_t i = 0; i < box->size; i++) d[i] += (a[at] - b) * box->s[at][i];
    }
}

/* d of the step, and the first t to try; 0: there is no way up. */
static double box_direction(struct box *box)
{
    memcpy(box->d, box->g, box->size * sizeof *box->d);
    hold(box, box->d);
    double square = vector_dot(box->size, box->d, box->d);
    if (!(square > 0)) return 0;
    if (box->pairs) {
        two_loops(box, box->d);
        hold(box, box->d);
        double slope = vector_dot(box->size, box->d, box->g);
        if (isfinite(slope) && slope > 0) return 1;
        box->pairs = box->next = 0;
        memcpy(box->d, box->g, box->size * sizeof *box->d);
        hold(box, box->d);
    }
    return 4 * vector_norm(box->size, box->problem->bound) / sqrt(square);
}

/* The change of the last step, where -f bends upwards along it. */
static void box_learn(struct box *box)
{
    double *s = box->s[box->next], *y = box->y[box->next];
    for (size_t i = 0; i < box->size; i++) {
        s[i] = box->trial[i] - box->x[i];
        y[i] = box->g[i] - box->trial_g[i];
    }
    double bend = vector_dot(box->size, s, y);
    if (!(bend > 1e-10 * vector_norm(box->size, s) * vector_norm(box->size, y))) {
        if (box->pairs == BOX_PAIRS) box->pairs--; /* the oldest was written over */
        return;
    }
    box->next = (box->next + 1) % BOX_PAIRS;
    if (box->pairs < BOX_PAIRS) box->pairs++;
}

/* Along the arc P(x + t d). `*moved`: a point was accepted, in trial. */
static basin_status box_search(struct box *box, double t, bool *moved)
{
    *moved = false;
    for (int halving = 0; halving < HALVINGS && !*moved; halving++, t /= 2) {
        double slope = 0;
        for (size_t i = 0; i < box->size; i++) {
            double bound = box->problem->bound[i];
            box->trial[i] = fmin(fmax(box->x[i] + t * box->d[i], -bound), bound);
            slope += box->g[i] * (box->trial[i] - box->x[i]);
        }
        TRY(box_value(box, box->trial, &box->trial_f, box->trial_g));
        *moved = box->trial_f > box->f && box->trial_f >= box->f + 1e-4 * slope &&
                 isfinite(vector_norm(box->size, box->trial_g));
    }
    return BASIN_OK;
}

static void box_accept(struct box *box)
{
    double *x = box->x, *g = box->g;
    box_learn(box);
    box->x = box->trial, box->g = box->trial_g, box->f = box->trial_f;
    box->trial = x, box->trial_g = g;
}

basin_status box_maximise(const struct box_problem *problem, struct box_result *result)
{
    struct box box;
    bool moved = true;
    box_start(&box, problem);
    TRY(box_value(&box, box.x, &box.f, box.g));
    *result = (struct box_result){.x = box.x, .f = NAN, .gap = NAN};
    if (!isfinite(box.f) || !isfinite(vector_norm(box.size, box.g))) return BASIN_OK;
    while (moved && result->iterations < problem->iterations &&
           box_gap(&box) > problem->tolerance * (1 + fabs(box.f))) {
        double t = box_direction(&box);
        moved = t > 0;
        if (moved) TRY(box_search(&box, t, &moved));
        if (moved) box_accept(&box);
        result->iterations++;
    }
    result->x = box.x;
    result->f = box.f;
    result->gap = box_gap(&box);
    result->values = box.values;
    result->converged = result->gap <= problem->tolerance * (1 + fabs(box.f));
    return BASIN_OK;
}
