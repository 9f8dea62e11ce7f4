#include "analysis/claims_judge.h"

#include <math.h>
#include "analysis/interval.h"

static bool is_inside(const struct claim_band *band, double low, double high)
{
    return band->is_open ? low > band->low && high < band->high
                         : low >= band->low && high <= band->high;
}

static bool is_outside(const struct claim_band *band, double low, double high)
{
    return band->is_open ? high <= band->low || low >= band->high
                         : high < band->low || low > band->high;
}

/* Of a difference of two means: Welch (1947), with Satterthwaite's degrees of freedom. */
static struct interval welch(const struct claim_setting *setting, double mean, double level)
{
    double a = interval_standard_error(setting->x, setting->n),
           b = interval_standard_error(setting->other, setting->other_n);
    double variance = a * a + b * b, freedom = variance * variance /
                                               (pow(a, 4) / (double)(setting->n - 1) +
                                                pow(b, 4) / (double)(setting->other_n - 1));
    if (variance <= 0) return (struct interval){mean, mean};
    double half = student_quantile((1 + level) / 2, freedom) * sqrt(variance);
    return (struct interval){mean - half, mean + half};
}

static struct interval interval_of_setting(const struct claim_setting *setting, double mean,
                                           double level)
{
    if (setting->other) return welch(setting, mean, level);
    return interval_student(setting->x, setting->n, level);
}

static enum claim_verdict verdict_of_one(const struct claim_band *band, double mean)
{
    return is_inside(band, mean, mean) ? CLAIM_HOLDS : CLAIM_FAILS;
}

struct claim_estimate claim_judge(const struct claim_setting *setting,
                                  const struct claim_band *band, double level)
{
    size_t n = setting->n;
    bool is_empty = !n || (setting->other && !setting->other_n);
    if (setting->other && setting->other_n < n) n = setting->other_n;
    struct claim_estimate estimate = {CLAIM_NO_DATA, NAN, NAN, NAN, 0, is_empty ? 0 : n};
    if (is_empty) return estimate;
    double mean = interval_mean(setting->x, setting->n);
    if (setting->other) mean -= interval_mean(setting->other, setting->other_n);
    struct interval usual = {mean, mean}, wide = {mean, mean};
    if (n > 1) {
        usual = interval_of_setting(setting, mean, INTERVAL_LEVEL);
        wide = interval_of_setting(setting, mean, level);
        estimate.low = usual.low;
        estimate.high = usual.high;
        estimate.verdict = is_inside(band, usual.low, usual.high)  ? CLAIM_HOLDS
                           : is_outside(band, wide.low, wide.high) ? CLAIM_FAILS
                                                                   : CLAIM_UNDECIDED;
    } else {
        estimate.verdict = verdict_of_one(band, mean);
    }
    if (setting->lacking && estimate.verdict == CLAIM_HOLDS) estimate.verdict = CLAIM_UNDECIDED;
    estimate.mean = mean;
    estimate.margin = fmin(usual.low - band->low, band->high - usual.high);
    return estimate;
}
