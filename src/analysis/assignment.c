#include "analysis/assignment.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

#define FREE SIZE_MAX

/* Costs are -gain, reduced by the potentials: never negative, and 0 where rows and columns are
 * assigned to each other. */
struct assignment {
    size_t n;
    const double *gain;    /* (n, n) */
    double *row, *column;  /* (n) potentials */
    double *distance;      /* (n) of the columns from the row that is to be assigned */
    size_t *before;        /* (n) the row before a column on its shortest path */
    size_t *owner, *owned; /* (n) the row of a column, the column of a row; FREE */
    bool *done;            /* (n) columns whose distance is final */
};

static double reduced(const struct assignment *work, size_t i, size_t j)
{
    return -work->gain[i * work->n + j] - work->row[i] - work->column[j];
}

/* Columns first: each column's least cost; then a start that leaves as much as it can in place, and
 * what else costs nothing. */
static void assignment_start(struct assignment *work)
{
    size_t n = work->n;
    for (size_t j = 0; j < n; j++) {
        double least = INFINITY;
        for (size_t i = 0; i < n; i++)
            if (-work->gain[i * n + j] < least) least = -work->gain[i * n + j];
        work->column[j] = least;
        work->owner[j] = work->owned[j] = FREE;
    }
    for (size_t i = 0; i < n; i++) {
        double least = INFINITY;
        for (size_t j = 0; j < n; j++)
            if (reduced(work, i, j) < least) least = reduced(work, i, j);
        work->row[i] = least;
        if (reduced(work, i, i) <= 0) work->owner[i] = work->owned[i] = i;
    }
}

/* The unfinished column that is nearest. */
static size_t nearest_unfinished(const struct assignment *work)
{
    size_t nearest = FREE;
    for (size_t j = 0; j < work->n; j++)
        if (!work->done[j] && (nearest == FREE || work->distance[j] < work->distance[nearest]))
            nearest = j;
    return nearest;
}

/* Dijkstra's search from row `start` to a free column. */
static size_t search(struct assignment *work, size_t start, double *reached)
{
    size_t i = start;
    double base = 0;
    for (size_t j = 0; j < work->n; j++) {
        work->distance[j] = INFINITY;
        work->done[j] = false;
    }
    for (;;) {
        for (size_t j = 0; j < work->n; j++) {
            if (work->done[j]) continue;
            double through = base + reduced(work, i, j);
            if (through >= work->distance[j]) continue;
            work->distance[j] = through;
            work->before[j] = i;
        }
        size_t j = nearest_unfinished(work);
        base = *reached = work->distance[j];
        if (work->owner[j] == FREE) return j;
        work->done[j] = true;
        i = work->owner[j];
    }
}

/* New potentials, then the path's columns change their rows. */
static void augment(struct assignment *work, size_t start, size_t end, double reached)
{
    work->row[start] += reached;
    for (size_t j = 0; j < work->n; j++) {
        if (!work->done[j]) continue;
        work->row[work->owner[j]] += reached - work->distance[j];
        work->column[j] -= reached - work->distance[j];
    }
    for (size_t j = end, i = FREE; i != start;) {
        i = work->before[j];
        work->owner[j] = i;
        size_t next = work->owned[i];
        work->owned[i] = j;
        j = next;
    }
}

static basin_status assignment_run(struct assignment *work, size_t *to)
{
    assignment_start(work);
    for (size_t i = 0; i < work->n; i++) {
        double reached;
        if (work->owned[i] != FREE) continue;
        size_t end = search(work, i, &reached);
        augment(work, i, end, reached);
    }
    double sum = 0, in_place = 0;
    for (size_t i = 0; i < work->n; i++) {
        sum += work->gain[i * work->n + work->owned[i]];
        in_place += work->gain[i * work->n + i];
    }
    for (size_t i = 0; i < work->n; i++) to[i] = in_place >= sum ? i : work->owned[i];
    return BASIN_OK;
}

basin_status assignment_solve(size_t n, const double *gain, size_t *to)
{
    struct arena *arena;
    for (size_t k = 0; k < n * n; k++)
        if (!isfinite(gain[k]))
            return error_raise(BASIN_NUMERIC, "an assignment needs finite gains");
    TRY(arena_create(&arena));
    struct assignment work = {.n = n,
                              .gain = gain,
                              .row = arena_array(arena, double, n + 1),
                              .column = arena_array(arena, double, n + 1),
                              .distance = arena_array(arena, double, n + 1),
                              .before = arena_array(arena, size_t, n + 1),
                              .owner = arena_array(arena, size_t, n + 1),
                              .owned = arena_array(arena, size_t, n + 1),
                              .done = arena_array(arena, bool, n + 1)};
    bool complete = work.row && work.column && work.distance && work.before && work.owner &&
                    work.owned && work.done;
    basin_status status = complete ? assignment_run(&work, to) : BASIN_MEMORY;
    arena_destroy(arena);
    return status;
}
