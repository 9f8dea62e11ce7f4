/* Claims: what a study expects (`expect:` of its spec), and whether it came out.
 *
 * Purpose.  A claim is a number of each run (analysis/expression.h) and where it should lie: inside
 * a band, above or below a number, or above or below the same number of other runs. Claims are
 * written before the runs and judged from their files.
 *
 * How it is judged.  Runs that differ in seeds alone are replicates of one setting of the other
 * parameters. A claim is about every setting of the runs that `where` chooses.
 *   A setting: of n >= 2 runs the 95 % interval of the mean by Student's t. It holds if all of the
 * interval is on the right side, fails if all of it is on the wrong side, and else is undecided. Of
 * one run there is no interval: the number itself is compared, and n = 1 is said.
 *   The claim: it holds where every setting holds (each test has its own 2.5 % on each side, so
 * that all together are no more lenient than one). It fails where one setting fails; so that with k
 * settings chance alone does not make one fail, intervals of level 1 - 0.05 / k decide that
 * (Bonferroni). Else it is undecided. What is shown is the worst setting.
 *   Two selections (`below: {where: ..., value: ...}`): a run is paired with that of the other
 * selection that has the same values of all parameters which the two share, seeds among them, and
 * the claim is about the mean difference. Not shared are parameters of which the selections have no
 * value in common, and those that the other selection's condition names, unless that has every
 * value of this one. Where the seeds are not shared, means are compared (Welch).
 *   tau(a, b): once for each seed, over the runs of all settings; one number over all runs where
 * there is only one setting.
 * What is missing.  A run that did not finish, exploded, or has no such number is counted, said,
 * and is no evidence: with one the claim does not hold; it is undecided where it does not fail.
 * `where: status = finished` leaves such runs out.
 * Ownership.  Everything lives in the table's arena.
 */
#ifndef BASIN_ANALYSIS_CLAIMS_H
#define BASIN_ANALYSIS_CLAIMS_H

#include "analysis/expression.h"
#include "spec/diagnostics.h"

/* A text of the spec and where it stands. text NULL: it is not given. */
struct claim_text {
    const char *text;
    struct mark mark;
};

/* The right side: a value (NULL: that of the claim) of the runs of `where` (NULL: the same run). */
struct claim_side {
    bool given;
    struct claim_text where, value;
};

struct claim {
    struct claim_text claim, value, where;
    bool within; /* low ... high */
    double low, high;
    struct claim_side above, below;
};

enum claim_verdict { CLAIM_HOLDS, CLAIM_UNDECIDED, CLAIM_NO_DATA, CLAIM_FAILS };
enum { CLAIM_VERDICTS = 4 };

const char *claim_verdict_name(enum claim_verdict verdict); /* "holds", "no data" */

/* What came out. */
struct claim_row {
    const char *claim, *value, *expected; /* as written; "within [0.97, 1.15]" */
    enum claim_verdict verdict;
    bool is_difference; /* mean, low and high are of left minus right side */
    /* Of the worst setting; NaN where there is none. low, high: the interval; NaN for n = 1. */
    double mean, low, high;
    size_t n;            /* its runs, or pairs of runs */
    const char *setting; /* "learning_rate = 0.1"; NULL where there is only one */
    size_t settings, counts[CLAIM_VERDICTS]; /* of the settings */
    size_t runs, lacking; /* chosen by `where`; those without the number, or a partner */
    const char *reason;   /* why there are no data: no run has what is named, or is chosen; NULL */
};

/* Judges claims by the runs of a table (table_load). A claim about something that no run has (yet)
 * has no data, and the reason is said. */
basin_status claims_judge(const struct table *table, const struct claim *claims, size_t count,
                          struct claim_row **rows);

/* Checks one claim by names and types: `table` and `curves` say what runs have. What is wrong is
 * added at its place. BASIN_MEMORY. */
basin_status claims_check(const struct table *table, struct curve_source *curves,
                          const struct claim *claim, struct diagnostics *diagnostics);

/* "holds (interval [0.99, 1.02], n = 3)" */
void claim_put_verdict(const struct claim_row *row, struct text *out);
/* "mean 1.01, expected within [0.97, 1.15]; the worst of 4 settings is learning_rate = 0.1" */
void claim_put_detail(const struct claim_row *row, struct text *out);

#endif
