/* One setting of a claim: numbers of runs that are replicates, and where they should lie. */
#ifndef BASIN_ANALYSIS_CLAIMS_JUDGE_H
#define BASIN_ANALYSIS_CLAIMS_JUDGE_H

#include "analysis/claims.h"

/* low ... high with both ends, or -inf ... high or low ... inf without the finite one. */
struct claim_band {
    double low, high;
    bool is_open;
};

struct claim_setting {
    const double *x; /* (n) finite */
    size_t n;
    const double *other; /* (other_n) to be subtracted as means; NULL: none */
    size_t other_n;
    size_t lacking;        /* runs of the setting without a number */
    const struct row *row; /* one of them */
};

struct claim_estimate {
    enum claim_verdict verdict;
    double mean, low, high; /* low, high: NaN without an interval */
    double margin;          /* from the nearest bound of the band; the least is the worst */
    size_t n;
};

/* `level` of the interval that a failure needs; that of the others is 95 %. */
struct claim_estimate claim_judge(const struct claim_setting *setting,
                                  const struct claim_band *band, double level);

#endif
