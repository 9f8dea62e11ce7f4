/* Symmetry: which units of a network can be renumbered without changing what it computes.
 *
 * Purpose.  Hidden units (channels of convolutions) have no order: when they are permuted together
 * with everything that comes out of them and goes into the next layers, the outputs stay the same.
 * Values of the network that share an order (a shortcut and what is added to it; all that pooling,
 * activations and normalisation pass on) are one group. Inputs and outputs are in no group.
 *
 *     struct symmetry *symmetry;
 *     TRY(symmetry_create(arena, model, &symmetry));
 *     symmetry_permute(symmetry, permutations, from, to);
 *
 * The result says for every array in the flat state which of its axes run along the units of which
 * group: elements [outer][units][inner] of an axis, where units is the size of the group.
 * Promise.  For any permutation of each group, the permuted state computes the same outputs, in the
 * order of additions aside.
 * Ownership.  The arena's. Errors.  BASIN_SPEC for networks with layers of which this is not known
 * (recurrent, attention, embedding, grouped convolutions, group normalisation).
 */
#ifndef BASIN_MODELS_SYMMETRY_H
#define BASIN_MODELS_SYMMETRY_H

#include "models/model.h"

enum { SYMMETRY_FIXED = -1 };

struct symmetry_axis {
    int group; /* or SYMMETRY_FIXED */
    size_t outer, units, inner;
};

/* An array of the state: a parameter or a buffer, of one axis or two. */
struct symmetry_array {
    size_t offset, size; /* in the state (P + B) */
    bool trained;        /* a parameter */
    int axis_count;
    struct symmetry_axis axes[2];
};

struct symmetry_group {
    size_t units;
    char name[LAYER_NAME]; /* the first layer that gives them: "layers.0" */
};

struct symmetry {
    struct symmetry_array *arrays;
    struct symmetry_group *groups;
    int array_count, group_count;
};

basin_status symmetry_create(struct arena *arena, const struct model *model,
                             struct symmetry **symmetry);

/* to = from with unit permutations[g][k] of each group g at place k. Both (P + B), float64, not the
 * same memory. */
void symmetry_permute(const struct symmetry *symmetry, size_t *const *permutations,
                      const double *from, double *to);

#endif
