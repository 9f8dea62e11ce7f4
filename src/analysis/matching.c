#include "analysis/matching.h"

#include <string.h>
#include "analysis/assignment.h"

enum { MOST_SWEEPS = 200 };

struct matcher {
    const struct symmetry *symmetry;
    const double *a, *b;
    size_t **permutations;
    bool *settled; /* (groups) */
    double *moved; /* (largest array) of b, permuted along all axes but one */
    double *gain;  /* (largest group squared) */
    size_t *to;    /* (largest group) */
};

/* Array `array` of b, permuted along its axes but axis `except` (-1: along all). */
static void move_array(struct matcher *matcher, const struct symmetry_array *array, int except)
{
    const double *from = matcher->b + array->offset;
    for (size_t e = 0; e < array->size; e++) {
        size_t source = e;
        for (int k = 0; k < array->axis_count; k++) {
            const struct symmetry_axis *axis = &array->axes[k];
            if (k == except) continue;
            size_t unit = source / axis->inner % axis->units;
            source += (matcher->permutations[axis->group][unit] - unit) * axis->inner;
        }
        matcher->moved[e] = from[source];
    }
}

static double similarity(struct matcher *matcher)
{
    double sum = 0;
    for (int i = 0; i < matcher->symmetry->array_count; i++) {
        const struct symmetry_array *array = &matcher->symmetry->arrays[i];
        if (!array->trained) continue;
        move_array(matcher, array, -1);
        for (size_t e = 0; e < array->size; e++)
            sum += matcher->a[array->offset + e] * matcher->moved[e];
    }
    return sum;
}

/* gain[k][l] += <slice k of a, slice l of the moved b> along one axis. */
static void add_products(struct matcher *matcher, const struct symmetry_array *array,
                         const struct symmetry_axis *axis)
{
    size_t units = axis->units, inner = axis->inner;
    for (size_t o = 0; o < axis->outer; o++) {
        const double *a = matcher->a + array->offset + o * units * inner,
                     *b = matcher->moved + o * units * inner;
        for (size_t k = 0; k < units; k++) {
            double *gain = matcher->gain + k * units;
            for (size_t l = 0; l < units && inner == 1; l++) gain[l] += a[k] * b[l];
            for (size_t l = 0; l < units && inner > 1; l++) {
                double sum = 0;
                for (size_t i = 0; i < inner; i++) sum += a[k * inner + i] * b[l * inner + i];
                gain[l] += sum;
            }
        }
    }
}

/* May an axis be matched by an array while only some groups are settled? Its other one must be. */
static bool is_informed(const struct matcher *matcher, const struct symmetry_array *array, int axis)
{
    for (int k = 0; k < array->axis_count; k++)
        if (k != axis && !matcher->settled[array->axes[k].group]) return false;
    return true;
}

/* The best permutation of a group at those of the others; by settled groups alone at first. */
static basin_status match_group(struct matcher *matcher, int group)
{
    const struct symmetry *symmetry = matcher->symmetry;
    size_t units = symmetry->groups[group].units;
    memset(matcher->gain, 0, units * units * sizeof *matcher->gain);
    for (int i = 0; i < symmetry->array_count; i++) {
        const struct symmetry_array *array = &symmetry->arrays[i];
        for (int k = 0; array->trained && k < array->axis_count; k++) {
            if (array->axes[k].group != group || !is_informed(matcher, array, k)) continue;
            move_array(matcher, array, k);
            add_products(matcher, array, &array->axes[k]);
        }
    }
    return assignment_solve(units, matcher->gain, matcher->to);
}

/* Takes the new permutation where it is better: in a group that mixes with itself (a residual
 * stream) the assignment is of a linearised problem. */
static basin_status improve_group(struct matcher *matcher, int group, double *best, bool *improved)
{
    size_t units = matcher->symmetry->groups[group].units, *own = matcher->permutations[group];
    TRY(match_group(matcher, group));
    for (size_t k = 0; k < units; k++) {
        size_t swap = own[k];
        own[k] = matcher->to[k];
        matcher->to[k] = swap;
    }
    double now = similarity(matcher);
    if (now > *best) {
        *best = now;
        *improved = true;
    } else {
        memcpy(own, matcher->to, units * sizeof *own);
    }
    return BASIN_OK;
}

static basin_status descend(struct matcher *matcher, double *best)
{
    bool improved = true;
    *best = similarity(matcher);
    for (int g = 0; g < matcher->symmetry->group_count; g++) matcher->settled[g] = true;
    for (int sweep = 0; improved && sweep < MOST_SWEEPS; sweep++) {
        improved = false;
        for (int g = 0; g < matcher->symmetry->group_count; g++)
            TRY(improve_group(matcher, g, best, &improved));
    }
    return BASIN_OK;
}

static void keep_places(const struct matcher *matcher)
{
    for (int g = 0; g < matcher->symmetry->group_count; g++)
        for (size_t k = 0; k < matcher->symmetry->groups[g].units; k++)
            matcher->permutations[g][k] = k;
}

/* Groups are numbered from input to output. */
static basin_status follow_layers(struct matcher *matcher)
{
    keep_places(matcher);
    for (int g = 0; g < matcher->symmetry->group_count; g++) matcher->settled[g] = false;
    for (int g = 0; g < matcher->symmetry->group_count; g++) {
        TRY(match_group(matcher, g));
        memcpy(matcher->permutations[g], matcher->to,
               matcher->symmetry->groups[g].units * sizeof *matcher->to);
        matcher->settled[g] = true;
    }
    return BASIN_OK;
}

static basin_status make_permutations(struct arena *arena, const struct symmetry *symmetry,
                                      size_t ***permutations)
{
    *permutations = arena_array(arena, size_t *, (size_t)symmetry->group_count + 1);
    for (int g = 0; *permutations && g < symmetry->group_count; g++)
        if (!((*permutations)[g] = arena_array(arena, size_t, symmetry->groups[g].units)))
            return BASIN_MEMORY;
    return *permutations ? BASIN_OK : BASIN_MEMORY;
}

static basin_status matcher_allocate(struct arena *arena, struct matcher *matcher)
{
    size_t array = 1, units = 1;
    for (int i = 0; i < matcher->symmetry->array_count; i++)
        if (matcher->symmetry->arrays[i].size > array) array = matcher->symmetry->arrays[i].size;
    for (int g = 0; g < matcher->symmetry->group_count; g++)
        if (matcher->symmetry->groups[g].units > units) units = matcher->symmetry->groups[g].units;
    matcher->settled = arena_array(arena, bool, (size_t)matcher->symmetry->group_count + 1);
    matcher->moved = arena_array(arena, double, array);
    matcher->gain = arena_array(arena, double, units *units);
    matcher->to = arena_array(arena, size_t, units);
    return matcher->settled && matcher->moved && matcher->gain && matcher->to ? BASIN_OK
                                                                              : BASIN_MEMORY;
}

/* From both starts; the better end stays in matching->permutations. */
static basin_status find_from_both(struct matcher *matcher, struct matching *matching,
                                   size_t **other)
{
    double followed;
    matcher->permutations = matching->permutations;
    keep_places(matcher);
    TRY(descend(matcher, &matching->similarity));
    matcher->permutations = other;
    TRY(follow_layers(matcher));
    TRY(descend(matcher, &followed));
    if (followed <= matching->similarity) return BASIN_OK;
    matching->similarity = followed;
    for (int g = 0; g < matcher->symmetry->group_count; g++)
        memcpy(matching->permutations[g], other[g],
               matcher->symmetry->groups[g].units * sizeof **other);
    return BASIN_OK;
}

basin_status matching_find(struct arena *arena, const struct symmetry *symmetry, const double *a,
                           const double *b, struct matching *matching)
{
    struct matcher matcher = {.symmetry = symmetry, .a = a, .b = b};
    struct arena *scratch;
    size_t **other;
    TRY(make_permutations(arena, symmetry, &matching->permutations));
    TRY(arena_create(&scratch));
    basin_status status = matcher_allocate(scratch, &matcher);
    if (status == BASIN_OK) status = make_permutations(scratch, symmetry, &other);
    if (status == BASIN_OK) status = find_from_both(&matcher, matching, other);
    arena_destroy(scratch);
    return status;
}
