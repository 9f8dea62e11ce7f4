/* Axes: the paths that vary from run to run. Plain data, in the arena of the spec. */
#ifndef BASIN_SPEC_AXIS_H
#define BASIN_SPEC_AXIS_H

#include "spec/value.h"

/* A path that varies, with all the values that it takes (some may be equal where several generators
 * give them). */
struct spec_axis {
    const char *path;            /* "regularizers.weight_decay"; "seed" is always the last axis */
    const char *name;            /* for tables and plots, by `sweep.names`; NULL: the path serves */
    const struct value **values; /* each as its parameter resolves it alone */
    size_t count;
    struct mark mark, name_mark;
    bool partial; /* some runs do not have it from the sweep: another point of a union or list, or a
                     condition that does not hold */
};

/* Does it tell runs apart? */
static inline bool spec_axis_varies(const struct spec_axis *axis)
{
    return axis->count > 1 || axis->partial;
}

/* The choice of a run for an axis whose path does not exist in it. */
#define SPEC_ABSENT SIZE_MAX

#endif
