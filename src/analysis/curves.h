/* Curves: what a run recorded over its epochs or steps, by name.
 *
 * "curves.train_loss" is /curves/train_loss of a result, "steps.batch_loss" /steps/batch_loss, and
 * "tracked.hessian_lambda_max" an array of a group of /tracked ("tracked.hessian_top.examples",
 * where several groups have one of that name). Bits are those of the file, whose digest is verified
 * when it is read (analysis/results.h). Everything lives in the arena.
 */
#ifndef BASIN_ANALYSIS_CURVES_H
#define BASIN_ANALYSIS_CURVES_H

#include "analysis/results.h"

struct run_curve {
    const char *name, *units, *long_name, *definition;
    const char *group, *options; /* of /tracked: the measure's, and how it was taken; else NULL */
    size_t count;
    const double *epochs; /* (count) or steps */
    const double *values; /* (count) */
    bool by_step;
};

struct run_curves {
    struct run_curve *items;
    size_t count;
};

/* `results`: of the table that has the file, or NULL. */
basin_status curves_load(struct results *results, struct arena *arena, const char *file,
                         struct run_curves *curves);
const struct run_curve *curves_find(const struct run_curves *curves, const char *name);

#endif
