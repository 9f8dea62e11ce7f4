/* Student's t distribution, from the incomplete beta function: with v degrees of freedom
 *
 *     P(|T| > t) = I_x(v/2, 1/2),  x = v / (v + t^2)
 *     I_x(a, b)  = x^a (1-x)^b / (a B(a, b)) * 1 / (1 + d1/(1 + d2/(1 + ...)))
 *
 * (Abramowitz and Stegun 26.7.1 and 26.5.8). The fraction converges fast for x < (a+1)/(a+b+2);
 * beyond that I_x(a, b) = 1 - I_1-x(b, a).
 */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include "analysis/interval.h"

/* Gamma(x + 1/2) / Gamma(x). A difference of lgamma would lose digits for large x, so the series in
 * 1/x is used where it is exact to rounding, and steps of 1 lead there. */
static double gamma_ratio(double x)
{
    double steps = 1;
    for (; x < 100; x += 1) steps *= x / (x + 0.5);
    double y = 1 / x;
    double series =
        1 + y * (-1. / 8 + y * (1. / 128 +
                                y * (5. / 1024 + y * (-21. / 32768 + y * (-399. / 262144 +
                                                                          y * (869. / 4194304))))));
    return steps * sqrt(x) * series;
}

/* 1 / (1 + d1/(1 + d2/(1 + ...))) by Lentz's method. */
static double beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), h = d;
    for (double m = 1; m < 1e5; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / (1 + even * d);
        c = 1 + even / c;
        h *= d * c;
        d = 1 / (1 + odd * d);
        c = 1 + odd / c;
        h *= d * c;
        if (fabs(d * c - 1) < DBL_EPSILON) break;
    }
    return h;
}

/* P(T > t) for t >= 0; `inside`: P(0 <= T <= t), whichever keeps its digits. */
static double student_part(double t, double v, bool *inside)
{
    double a = v / 2, square = t * t, x = v / (v + square), y = square / (v + square);
    /* x^a y^(1/2) / B(a, 1/2) */
    double front = exp(-a * log1p(square / v)) * sqrt(y / M_PI) * gamma_ratio(a);
    *inside = x >= (a + 1) / (a + 2.5);
    if (*inside) return front / 0.5 * beta_fraction(0.5, a, y) / 2;
    return front / a * beta_fraction(a, 0.5, x) / 2;
}

double student_cumulative(double t, double freedom)
{
    bool inside;
    double part = student_part(fabs(t), freedom, &inside);
    if (t < 0) return inside ? 0.5 - part : part;
    return inside ? 0.5 + part : 1 - part;
}

/* P(T > t) - tail for t >= 0, without cancellation where t is near 0. */
static double excess(double t, double v, double tail)
{
    bool inside;
    double part = student_part(t, v, &inside);
    return inside ? (0.5 - tail) - part : part - tail;
}

static double student_density(double t, double v)
{
    return gamma_ratio(v / 2) / sqrt(v * M_PI) * exp(-(v + 1) / 2 * log1p(t * t / v));
}

/* Newton steps inside a bracket; halving it where they leave it. */
static double student_upper(double tail, double v)
{
    double low = 0, high = 1, t;
    while (high < 1e300 && excess(high, v, tail) > 0) {
        low = high;
        high *= 4;
    }
    t = low;
    for (int i = 0; i < 400 && high - low > 2 * DBL_EPSILON * high; i++) {
        double over = excess(t, v, tail), next = t + over / student_density(t, v);
        if (over > 0)
            low = t;
        else
            high = t;
        if (!(next > low && next < high)) next = low + (high - low) / 2;
        if (fabs(next - t) <= DBL_EPSILON * t) return next;
        t = next;
    }
    return t;
}

double student_quantile(double p, double freedom)
{
    if (!(p > 0 && p < 1) || !(freedom > 0)) return NAN;
    if (p == 0.5) return 0;
    return p < 0.5 ? -student_upper(p, freedom) : student_upper(1 - p, freedom);
}
