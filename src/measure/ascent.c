/* Projected ascent in a ball around the weights. */
#include "measure/ascent.h"
#include <math.h>
#include <string.h>
#include "base/random.h"

const char *const ascent_norms[] = {"l2", "linf", NULL};

/* u: where it is; before: where it was a step ago; best: the highest point, and its loss. */
struct climb {
    const struct ascent *ascent;
    size_t group, size;
    double *u, *before, *best, *g, *next, *d, *highest;
    double step, loss, best_loss; /* -INFINITY: no point yet */
    size_t rises, left;           /* since, and steps until, the last and next look at the step */
    size_t period;
    double old_step, old_best; /* at the last look */
};

/* ---- the ball ---- */

static void ascent_project(const struct ascent *ascent, size_t size, double *u)
{
    double factor = 1;
    if (ascent->norm == ASCENT_L2) {
        double norm = vector_norm(size, u);
        if (norm > ascent->rho) factor = ascent->rho / norm;
    }
    for (size_t i = 0; i < size; i++)
        u[i] =
            ascent->norm == ASCENT_L2 ? u[i] * factor : fmin(fmax(u[i], -ascent->rho), ascent->rho);
}

/* Of the dual norm: how much a linear function with gradient g rises in a ball of radius 1. */
static double ascent_dual(const struct ascent *ascent, size_t size, const double *g)
{
    if (ascent->norm == ASCENT_L2) return vector_norm(size, g);
    double sum = 0;
    for (size_t i = 0; i < size; i++) sum += fabs(g[i]);
    return sum;
}

/* The steepest direction, of norm 1; 0 where the gradient is. */
static void steepest(const struct ascent *ascent, size_t size, double *g)
{
    double norm = ascent_dual(ascent, size, g);
    for (size_t i = 0; i < size; i++)
        if (ascent->norm == ASCENT_L2)
            g[i] = norm > 0 ? g[i] / norm : 0;
        else
            g[i] = (double)((g[i] > 0) - (g[i] < 0));
}

/* A random point of the ball: uniform in the cube; in the ball of l2 uniform on its surface. */
static void random_start(const struct climb *climb, uint32_t start)
{
    const struct ascent *ascent = climb->ascent;
    struct random random =
        random_make(ascent->perturb->site->seed, STREAM_PERTURB, start, (uint32_t)climb->group);
    if (ascent->norm == ASCENT_LINF) {
        random_fill_uniform(&random, -ascent->rho, ascent->rho, climb->u, climb->size);
        return;
    }
    random_fill_normal(&random, 1, climb->u, climb->size);
    for (size_t i = 0; i < climb->size; i++)
        if (ascent->c[i] == 0) climb->u[i] = 0;
    double norm = vector_norm(climb->size, climb->u);
    for (size_t i = 0; i < climb->size; i++) climb->u[i] *= norm > 0 ? ascent->rho / norm : 0;
}

/* ---- one start ---- */

/* dL/du and the loss at u; the best point so far is kept. */
static basin_status ascent_look(struct climb *climb)
{
    const struct ascent *ascent = climb->ascent;
    double before = climb->loss;
    for (size_t i = 0; i < climb->size; i++) climb->d[i] = ascent->c[i] * climb->u[i];
    TRY(perturb_gradient(ascent->perturb, climb->group, climb->d, climb->g, &climb->loss));
    for (size_t i = 0; i < climb->size; i++) climb->g[i] *= ascent->c[i];
    climb->rises += climb->loss > before;
    if (climb->loss > climb->best_loss) {
        climb->best_loss = climb->loss;
        memcpy(climb->best, climb->u, climb->size * sizeof *climb->u);
    }
    return BASIN_OK;
}

/* z = P(u + step direction); next = P(u + 0.75 (z - u) + 0.25 (u - before)); the first step is z
 * alone. */
static void ascent_advance(struct climb *climb, bool first)
{
    const struct ascent *ascent = climb->ascent;
    double *z = climb->next, momentum = first ? 1 : 0.75;
    steepest(ascent, climb->size, climb->g);
    for (size_t i = 0; i < climb->size; i++) z[i] = climb->u[i] + climb->step * climb->g[i];
    ascent_project(ascent, climb->size, z);
    for (size_t i = 0; i < climb->size; i++)
        z[i] = climb->u[i] + momentum * (z[i] - climb->u[i]) +
               (1 - momentum) * (climb->u[i] - climb->before[i]);
    ascent_project(ascent, climb->size, z);
    climb->next = climb->before;
    climb->before = climb->u;
    climb->u = z;
}

/* Halves the step where less than three quarters of the steps since the last look rose, or where
 * neither the step nor the best point has changed. Periods shrink from 0.22 of the steps by 0.03
 * each, to 0.06. */
static bool check_progress(struct climb *climb)
{
    bool stuck = (double)climb->rises < 0.75 * (double)climb->period ||
                 (climb->old_step == climb->step && climb->old_best == climb->best_loss);
    double steps = (double)climb->ascent->steps;
    size_t least = (size_t)fmax(1, 0.06 * steps), less = (size_t)fmax(1, 0.03 * steps);
    climb->old_step = climb->step;
    climb->old_best = climb->best_loss;
    climb->period = climb->period > least + less ? climb->period - less : least;
    climb->left = climb->period;
    climb->rises = 0;
    if (stuck) climb->step /= 2;
    return stuck;
}

static basin_status climb_once(struct climb *climb)
{
    size_t bytes = climb->size * sizeof *climb->u;
    climb->step = 2 * climb->ascent->rho;
    climb->loss = climb->best_loss = -INFINITY;
    climb->left = climb->period = (size_t)fmax(1, ceil(0.22 * (double)climb->ascent->steps));
    climb->old_step = climb->step;
    memcpy(climb->before, climb->u, bytes);
    TRY(ascent_look(climb));
    climb->old_best = climb->best_loss;
    climb->rises = 0;
    bool fresh = true;
    for (size_t step = 0; step < climb->ascent->steps && isfinite(climb->loss); step++) {
        ascent_advance(climb, fresh);
        TRY(ascent_look(climb));
        fresh = --climb->left == 0 && check_progress(climb);
        if (!fresh || step + 1 == climb->ascent->steps) continue;
        memcpy(climb->u, climb->best, bytes);
        TRY(ascent_look(climb)); /* a step of its own */
        climb->rises = 0;
        step++;
    }
    return BASIN_OK;
}

/* ---- all starts ---- */

/* The best point by the losses of the network in float64, and how far from a maximum it is. */
static basin_status ascent_finish(struct climb *climb, struct ascent_result *result)
{
    const struct ascent *ascent = climb->ascent;
    double before, after;
    memcpy(climb->u, climb->highest, climb->size * sizeof *climb->u);
    TRY(ascent_look(climb));
    result->gap = ascent->rho * ascent_dual(ascent, climb->size, climb->g) -
                  vector_dot(climb->size, climb->g, climb->u);
    for (size_t i = 0; i < climb->size; i++) climb->d[i] = ascent->c[i] * climb->u[i];
    TRY(perturb_loss(ascent->perturb, climb->group, NULL, &before));
    TRY(perturb_loss(ascent->perturb, climb->group, climb->d, &after));
    result->rise = after - before;
    return BASIN_OK;
}

basin_status ascent_run(const struct ascent *ascent, size_t group, struct ascent_result *result)
{
    size_t size = ascent->perturb->size;
    double **vectors[ASCENT_VECTORS], highest = -INFINITY;
    struct climb climb = {.ascent = ascent, .group = group, .size = size};
    vectors[0] = &climb.u, vectors[1] = &climb.before, vectors[2] = &climb.best;
    vectors[3] = &climb.g, vectors[4] = &climb.next, vectors[5] = &climb.d;
    vectors[6] = &climb.highest;
    for (size_t i = 0; i < ASCENT_VECTORS; i++) *vectors[i] = ascent->memory + i * size;
    for (uint32_t start = 0; start < ascent->restarts; start++) {
        memset(climb.u, 0, size * sizeof *climb.u);
        if (start) random_start(&climb, start);
        TRY(climb_once(&climb));
        *result = (struct ascent_result){NAN, NAN};
        if (!isfinite(climb.loss)) return BASIN_OK;
        if (climb.best_loss <= highest) continue;
        highest = climb.best_loss;
        memcpy(climb.highest, climb.best, size * sizeof *climb.u);
    }
    return ascent_finish(&climb, result);
}
