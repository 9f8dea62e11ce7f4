#include "analysis/decompose.h"

#include <math.h>
#include <string.h>

/* The mean of one output is taken about its first value, so that networks that agree have the
 * variance 0 exactly. */
void decompose_squared(const double *f, size_t count, size_t stride, size_t width, const double *y,
                       double *terms)
{
    double m = (double)count, risk = 0, spread = 0, centre = 0;
    for (size_t k = 0; k < width; k++) {
        double mean = 0;
        for (size_t i = 0; i < count; i++) mean += (f[i * stride + k] - f[k]) / m;
        mean += f[k];
        centre += (mean - y[k]) * (mean - y[k]);
        for (size_t i = 0; i < count; i++) {
            double value = f[i * stride + k];
            risk += (value - y[k]) * (value - y[k]) / m;
            spread += (value - mean) * (value - mean);
        }
    }
    double variance = spread / (m - 1);
    terms[SQUARED_RISK] += risk;
    terms[SQUARED_BIAS] += centre - variance / m;
    terms[SQUARED_VARIANCE] += variance;
}

/* y log p, where 0 log 0 is 0 */
static double weighted(double y, double log_p)
{
    return y == 0 ? 0 : y * log_p;
}

void decompose_entropy(const double *log_p, size_t count, size_t stride, size_t width,
                       const double *y, double *terms)
{
    double m = (double)count, risk = 0, mass = 0, total = 0, most = -INFINITY;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < width; k++) {
            double mean = 0;
            for (size_t i = 0; i < count; i++) mean += log_p[i * stride + k] / m;
            if (pass == 0) {
                most = mean > most || isnan(mean) ? mean : most;
                risk -= weighted(y[k], mean);
                mass += y[k];
            } else {
                total += exp(mean - most);
            }
        }
    double log_z = log(total) + most;
    terms[ENTROPY_RISK] += risk;
    terms[ENTROPY_BIAS] += risk + mass * log_z;
    terms[ENTROPY_VARIANCE] -= mass * log_z;
}

void decompose_wrong(const int32_t *choices, size_t count, size_t width, size_t class,
                     size_t *votes, double *terms)
{
    size_t centre = 0;
    double m = (double)count;
    memset(votes, 0, width * sizeof *votes);
    for (size_t i = 0; i < count; i++) votes[choices[i]]++;
    for (size_t k = 1; k < width; k++)
        if (votes[k] > votes[centre]) centre = k;
    double right = (double)votes[class] / m, variance = 1 - (double)votes[centre] / m;
    if (centre == class)
        terms[WRONG_UNBIASED] += variance;
    else
        terms[WRONG_BIASED] += right;
    terms[WRONG_RISK] += 1 - right;
    terms[WRONG_BIAS] += centre != class;
    terms[WRONG_VARIANCE] += variance;
    terms[WRONG_NET] += centre == class ? variance : -right;
}
