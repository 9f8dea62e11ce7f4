#include "analysis/power_law.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { UNKNOWNS = 5, STEPS_MOST = 400 };

#define HUBER 1e-3

struct problem {
    const struct power_points *points;
    const uint32_t *rows;
    size_t count;
    int unknowns; /* 3: e, a, alpha; 5: and b, beta */
};

static size_t row_at(const struct problem *problem, size_t i)
{
    return problem->rows ? problem->rows[i] : i;
}

/* Huber's loss and its derivative. */
static double huber(double r, double *slope)
{
    if (fabs(r) <= HUBER) {
        *slope = r;
        return r * r / 2;
    }
    *slope = r > 0 ? HUBER : -HUBER;
    return HUBER * (fabs(r) - HUBER / 2);
}

/* log(exp(e) + exp(a - alpha log x) + exp(b - beta log z)) and its derivatives, the shares of the
 * terms, by log-sum-exp. */
static double log_law(const struct problem *problem, const double *w, size_t row, double *gradient)
{
    const struct power_points *points = problem->points;
    double terms[3] = {w[0]}, logs[3] = {0};
    int count = 1 + (problem->unknowns - 1) / 2;
    for (int i = 1; i < count; i++) {
        logs[i] = log(points->x[i - 1][row]);
        terms[i] = w[2 * i - 1] - w[2 * i] * logs[i];
    }
    double most = terms[0], sum = 0;
    for (int i = 1; i < count; i++) most = fmax(most, terms[i]);
    for (int i = 0; i < count; i++) sum += exp(terms[i] - most);
    gradient[0] = exp(terms[0] - most) / sum;
    for (int i = 1; i < count; i++) {
        double share = exp(terms[i] - most) / sum;
        gradient[2 * i - 1] = share;
        gradient[2 * i] = -share * logs[i];
    }
    return most + log(sum);
}

static double law_loss(const struct problem *problem, const double *w, double *gradient)
{
    double total = 0;
    memset(gradient, 0, UNKNOWNS * sizeof *gradient);
    for (size_t i = 0; i < problem->count; i++) {
        size_t row = row_at(problem, i);
        double own[UNKNOWNS] = {0}, slope;
        double r = log_law(problem, w, row, own) - log(problem->points->y[row]);
        total += huber(r, &slope);
        for (int k = 0; k < problem->unknowns; k++) gradient[k] += slope * own[k];
    }
    return total;
}

/* ---- BFGS (Nocedal and Wright 2006, algorithm 6.1) with halving of the step ---- */

struct search {
    double w[UNKNOWNS], gradient[UNKNOWNS], loss;
    double inverse[UNKNOWNS][UNKNOWNS]; /* of the Hessian */
};

static void search_reset(struct search *search, int n)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++) search->inverse[i][k] = i == k;
}

static double power_dot(const double *a, const double *b, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* H <- (I - s y'/y's) H (I - y s'/y's) + s s'/y's */
static void search_update(struct search *search, const double *s, const double *y, int n)
{
    double hy[UNKNOWNS], sy = power_dot(s, y, n);
    if (!(sy > 1e-300)) return;
    for (int i = 0; i < n; i++) hy[i] = power_dot(search->inverse[i], y, n);
    double scale = (1 + power_dot(y, hy, n) / sy) / sy;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            search->inverse[i][k] += scale * s[i] * s[k] - (hy[i] * s[k] + s[i] * hy[k]) / sy;
}

/* One step downhill; false where there is none. */
static bool search_step(const struct problem *problem, struct search *search)
{
    int n = problem->unknowns;
    double direction[UNKNOWNS], s[UNKNOWNS], y[UNKNOWNS], slope;
    for (int i = 0; i < n; i++) direction[i] = -power_dot(search->inverse[i], search->gradient, n);
    slope = power_dot(direction, search->gradient, n);
    if (!(slope < 0)) {
        search_reset(search, n);
        for (int i = 0; i < n; i++) direction[i] = -search->gradient[i];
        slope = power_dot(direction, search->gradient, n);
        if (!(slope < 0)) return false;
    }
    for (double t = 1; t > 1e-16; t /= 2) {
        struct search next = *search;
        for (int i = 0; i < n; i++) next.w[i] += s[i] = t * direction[i];
        next.loss = law_loss(problem, next.w, next.gradient);
        if (!(next.loss <= search->loss + 1e-4 * t * slope)) continue;
        for (int i = 0; i < n; i++) y[i] = next.gradient[i] - search->gradient[i];
        search_update(&next, s, y, n);
        *search = next;
        return true;
    }
    return false;
}

static void search_run(const struct problem *problem, const double *start, struct search *search)
{
    memcpy(search->w, start, sizeof search->w);
    search_reset(search, problem->unknowns);
    search->loss = law_loss(problem, search->w, search->gradient);
    for (int i = 0; i < STEPS_MOST && search_step(problem, search); i++)
        if (power_dot(search->gradient, search->gradient, problem->unknowns) < 1e-24) break;
}

/* ---- starts ---- */

static double least_log(const struct problem *problem)
{
    double least = INFINITY;
    for (size_t i = 0; i < problem->count; i++)
        least = fmin(least, log(problem->points->y[row_at(problem, i)]));
    return least;
}

/* log A for which a term with this exponent is as large as y where x is in the middle. */
static double coefficient_for(const struct problem *problem, int variable, double exponent)
{
    double x = 0, y = 0;
    for (size_t i = 0; i < problem->count; i++) {
        x += log(problem->points->x[variable][row_at(problem, i)]);
        y += log(problem->points->y[row_at(problem, i)]);
    }
    return (y + exponent * x) / (double)problem->count;
}

static void try_start(const struct problem *problem, const double *start, struct search *best)
{
    struct search search;
    search_run(problem, start, &search);
    if (isfinite(search.loss) && search.loss < best->loss) *best = search;
}

static void search_grid(const struct problem *problem, struct search *best)
{
    static const double exponents[] = {0.05, 0.2, 0.5, 1, 2}, offsets[] = {-5, -1, -0.1};
    enum { EXPONENTS = 5, OFFSETS = 3 };
    double lowest = least_log(problem);
    int seconds = problem->unknowns == UNKNOWNS ? EXPONENTS : 1;
    for (int i = 0; i < EXPONENTS * OFFSETS * seconds; i++) {
        double start[UNKNOWNS] = {lowest + offsets[i % OFFSETS]};
        start[2] = exponents[i / OFFSETS % EXPONENTS];
        start[1] = coefficient_for(problem, 0, start[2]);
        if (seconds > 1) {
            start[4] = exponents[i / OFFSETS / EXPONENTS];
            start[3] = coefficient_for(problem, 1, start[4]);
        }
        try_start(problem, start, best);
    }
}

void power_law_fit(const struct power_points *points, const uint32_t *rows, size_t count,
                   const struct power_law *start, struct power_law *law)
{
    const struct problem problem = {points, rows, count, points->x[1] ? UNKNOWNS : 3};
    struct search best = {.loss = INFINITY};
    if (start) {
        const double w[UNKNOWNS] = {log(start->offset), log(start->coefficient[0]),
                                    start->exponent[0], log(start->coefficient[1]),
                                    start->exponent[1]};
        double from[UNKNOWNS];
        for (int i = 0; i < UNKNOWNS; i++) from[i] = isfinite(w[i]) ? w[i] : i == 0 ? -700 : 0;
        try_start(&problem, from, &best);
    } else {
        search_grid(&problem, &best);
    }
    *law = (struct power_law){.offset = exp(best.w[0]), .loss = best.loss};
    for (int i = 0; i < (problem.unknowns - 1) / 2; i++) {
        law->coefficient[i] = exp(best.w[2 * i + 1]);
        law->exponent[i] = best.w[2 * i + 2];
    }
}

void power_line_fit(const struct power_points *points, const uint32_t *rows, size_t count,
                    double *slope, double *r_squared)
{
    const struct problem problem = {.rows = rows};
    double mean_x = 0, mean_y = 0, xx = 0, xy = 0, yy = 0;
    for (size_t i = 0; i < count; i++) {
        mean_x += log(points->x[0][row_at(&problem, i)]) / (double)count;
        mean_y += log(points->y[row_at(&problem, i)]) / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        double x = log(points->x[0][row_at(&problem, i)]) - mean_x,
               y = log(points->y[row_at(&problem, i)]) - mean_y;
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    *slope = xx > 1e-20 ? xy / xx : NAN;
    *r_squared = xx > 1e-20 && yy > 0 ? xy * xy / (xx * yy) : NAN;
}
