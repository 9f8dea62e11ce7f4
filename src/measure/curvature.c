#include "measure/curvature.h"

#include <string.h>

const char *const curvature_matrices[] = {"hessian", "gauss_newton", "fisher", "empirical_fisher",
                                          NULL};
static const enum objective_call curvature_calls[] = {OBJECTIVE_HESSIAN, OBJECTIVE_GAUSS_NEWTON,
                                                      OBJECTIVE_FISHER, OBJECTIVE_EMPIRICAL_FISHER};

static basin_status check_matrix(const char *measure, const struct curvature_settings *here)
{
    if (curvature_calls[here->matrix] != OBJECTIVE_EMPIRICAL_FISHER || here->common.mode == 0)
        return BASIN_OK;
    error_raise(BASIN_SPEC, "%s.matrix is empirical_fisher, but %s.mode is train", measure,
                measure);
    error_hint("with the statistics of a batch, an example has no gradient of its own; use mode: "
               "eval, or matrix: gauss_newton");
    error_key("matrix");
    return BASIN_SPEC;
}

static basin_status check_subsets(const char *measure, const struct curvature_settings *here,
                                  const struct data_info *info)
{
    int64_t examples = here->common.examples, subsets = here->subsets,
            there = (int64_t)info->counts[DATA_TRAIN];
    if (subsets == SETTING_ABSENT) return BASIN_OK;
    if (examples == SETTING_ALL || examples > there) examples = there;
    if (examples <= there / subsets) return BASIN_OK;
    error_raise(BASIN_SPEC,
                "%s.subsets is %lld, but there are %lld training examples, and a subset has %lld",
                measure, (long long)subsets, (long long)there, (long long)examples);
    error_hint("subsets are disjoint and have as many examples as `examples` says: set it to %lld "
               "or fewer",
               (long long)(there / subsets));
    error_key("subsets");
    return BASIN_SPEC;
}

basin_status curvature_check(const char *measure, const void *settings,
                             const struct data_info *info)
{
    TRY(check_matrix(measure, settings));
    return check_subsets(measure, settings, info);
}

double curvature_repeats(const struct measure_site *site)
{
    int64_t subsets = ((const struct curvature_settings *)site->settings)->subsets;
    return subsets == SETTING_ABSENT ? 1 : (double)subsets;
}

int curvature_matrix(const struct measure_site *site)
{
    return ((const struct curvature_settings *)site->settings)->matrix;
}

enum objective_call curvature_call(const struct measure_site *site)
{
    return curvature_calls[curvature_matrix(site)];
}

bool curvature_is(const struct value *options, size_t matrix)
{
    const struct value *named = value_find(options, "matrix");
    return strcmp(named ? named->text : "hessian", curvature_matrices[matrix]) == 0;
}

struct curvature curvature_open(const struct measure_site *site)
{
    return (struct curvature){site, site->objective, site->w, measure_where(site)};
}

basin_status curvature_multiply(void *context, const double *x, size_t count, double *y)
{
    const struct curvature *curvature = context;
    return objective_product(curvature->objective, &curvature->where, curvature->w,
                             curvature_call(curvature->site), x, count, y);
}
