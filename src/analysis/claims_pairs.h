/* Which runs a claim is about, and which of another selection each of them is compared with. */
#ifndef BASIN_ANALYSIS_CLAIMS_PAIRS_H
#define BASIN_ANALYSIS_CLAIMS_PAIRS_H

#include "analysis/claims.h"

struct claim_runs {
    const struct row **rows; /* (count) */
    double *x;               /* (count) NaN: the run has no such number */
    size_t count;
};

/* The columns of axes, which tell runs apart. */
struct claim_axes {
    int *columns; /* (count) */
    size_t count;
};
basin_status claim_find_axes(const struct table *table, struct claim_axes *axes);
/* Has the run finished, with numbers that are a result? */
bool claim_is_result(const struct table *table, const struct row *row);
/* How many different values a column has in these runs, 2 for two or more. */
size_t claim_distinct(const struct claim_runs *runs, size_t column);

/* Settings: `of` (count) is the setting of each run, from 0, in the order of their first runs. */
basin_status claim_settings(const struct table *table, const struct claim_axes *axes,
                            const struct claim_runs *runs, size_t **of, size_t *settings);

/* Which axes the two selections share: (axes). `condition`: of the right one, or NULL. */
basin_status claim_shared(const struct table *table, const struct claim_axes *axes,
                          const struct claim_runs *left, const struct claim_runs *right,
                          const struct expression *condition, bool **shared);
bool claim_shares_seeds(const struct table *table, const struct claim_axes *axes,
                        const bool *shared);
/* Leaves the axes on which partners agree: those shared, `seeds`: seeds too. */
basin_status claim_agreeing(const struct table *table, const struct claim_axes *axes,
                            const bool *shared, bool seeds, struct claim_axes *agreeing);
bool claim_agrees(const struct claim_axes *axes, const struct row *left, const struct row *right);

#endif
