/* Forms: what stands between two layers, and how parameters that depend on it are laid out at file
 * boundaries. Internal to models/.
 */
#ifndef BASIN_MODELS_FORM_H
#define BASIN_MODELS_FORM_H

#include "models/parts.h"

/* What stands between two layers, for one example. Rows of arrays: a vector (N, F); a map (N, H, W,
 * C); a sequence (N T, F), batch-major. */
enum form_kind { FORM_VECTOR, FORM_MAP, FORM_SEQUENCE };

struct form {
    enum form_kind kind;
    int axes;              /* map: 1 a signal (height 1), 2 an image */
    int64_t height, width; /* map; of a vector: what it was flattened from, 1 and 1 otherwise: its
                              units are in the order H W C */
    int64_t channels;      /* map: C; sequence: F; vector: units / (height width) */
    int64_t steps;         /* sequence: T; otherwise 1 */
    bool points;           /* a vector that is a signal of the input, each unit a point of it */
};

struct form form_vector(int64_t units);
struct form form_map(int axes, int64_t height, int64_t width, int64_t channels);
struct form form_sequence(int64_t steps, int64_t features);
int64_t form_size(struct form form);  /* elements of one example */
int64_t form_units(struct form form); /* of the last axis, along which a dense layer works */
struct shape form_shape(struct form form, int64_t batch); /* of its array */

/* Of a dense weight: (in, out) -> (out, in); what comes from a flattened map is in the order C H
 * W. */
struct layout layout_dense(struct form in, int64_t units);
/* Of one number for each unit; of a flattened map in the order C H W. */
struct layout layout_units(struct form form);

#endif
