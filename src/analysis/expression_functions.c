#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/expression_node.h"

static double function_add(double *x, size_t count)
{
    (void)count;
    return x[0] + x[1];
}

static double function_subtract(double *x, size_t count)
{
    return count == 1 ? -x[0] : x[0] - x[1];
}

static double function_multiply(double *x, size_t count)
{
    (void)count;
    return x[0] * x[1];
}

static double function_divide(double *x, size_t count)
{
    (void)count;
    return x[0] / x[1];
}

static double function_power(double *x, size_t count)
{
    (void)count;
    return pow(x[0], x[1]);
}

static double function_absolute(double *x, size_t count)
{
    (void)count;
    return fabs(x[0]);
}

static double function_log(double *x, size_t count)
{
    (void)count;
    return log(x[0]);
}

static double function_sqrt(double *x, size_t count)
{
    (void)count;
    return sqrt(x[0]);
}

static double function_exp(double *x, size_t count)
{
    (void)count;
    return exp(x[0]);
}

/* What is computed from a number that is not known is not known: fmin would pass over it. */
static bool has_unknown(const double *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (isnan(x[i])) return true;
    return false;
}

static double function_least(double *x, size_t count)
{
    double least = x[0];
    if (has_unknown(x, count)) return NAN;
    for (size_t i = 1; i < count; i++) least = x[i] < least ? x[i] : least;
    return least;
}

static double function_most(double *x, size_t count)
{
    double most = x[0];
    if (has_unknown(x, count)) return NAN;
    for (size_t i = 1; i < count; i++) most = x[i] > most ? x[i] : most;
    return most;
}

/* Of equal numbers exactly these. */
static double function_mean(double *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i] - x[0];
    return x[0] + sum / (double)count;
}

static int median_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double function_median(double *x, size_t count)
{
    if (has_unknown(x, count)) return NAN;
    qsort(x, count, sizeof *x, median_order);
    return count % 2 ? x[count / 2] : (x[count / 2 - 1] + x[count / 2]) / 2;
}

static double function_first(double *x, size_t count)
{
    (void)count;
    return x[0];
}

static double function_last(double *x, size_t count)
{
    return x[count - 1];
}

#define CURVE_USAGE "(CURVE, from: A, to: B)"

static const struct expression_function functions[] = {
    {"+", FUNCTION_POINTWISE, 2, 2, function_add, NULL},
    {"-", FUNCTION_POINTWISE, 1, 2, function_subtract, NULL},
    {"*", FUNCTION_POINTWISE, 2, 2, function_multiply, NULL},
    {"/", FUNCTION_POINTWISE, 2, 2, function_divide, NULL},
    {"^", FUNCTION_POINTWISE, 2, 2, function_power, NULL},
    {"abs", FUNCTION_POINTWISE, 1, 1, function_absolute, "abs(x)"},
    {"log", FUNCTION_POINTWISE, 1, 1, function_log, "log(x)"},
    {"sqrt", FUNCTION_POINTWISE, 1, 1, function_sqrt, "sqrt(x)"},
    {"exp", FUNCTION_POINTWISE, 1, 1, function_exp, "exp(x)"},
    {"min", FUNCTION_REDUCTION, 1, 1, function_least, "min(a, b) or min" CURVE_USAGE},
    {"min", FUNCTION_POINTWISE, 2, EXPRESSION_ARGUMENTS, function_least,
     "min(a, b) or min" CURVE_USAGE},
    {"max", FUNCTION_REDUCTION, 1, 1, function_most, "max(a, b) or max" CURVE_USAGE},
    {"max", FUNCTION_POINTWISE, 2, EXPRESSION_ARGUMENTS, function_most,
     "max(a, b) or max" CURVE_USAGE},
    {"mean", FUNCTION_REDUCTION, 1, 1, function_mean, "mean" CURVE_USAGE},
    {"median", FUNCTION_REDUCTION, 1, 1, function_median, "median" CURVE_USAGE},
    {"first", FUNCTION_REDUCTION, 1, 1, function_first, "first" CURVE_USAGE},
    {"last", FUNCTION_REDUCTION, 1, 1, function_last, "last" CURVE_USAGE},
    {"value", FUNCTION_REDUCTION, 1, 1, function_last, "value(CURVE, at: EPOCH)"},
    {"tau", FUNCTION_OVER_RUNS, 2, 2, NULL, "tau(a, b)"},
};

enum { FUNCTIONS = sizeof functions / sizeof *functions };

const struct expression_function *function_find(const char *name, size_t length, int arguments)
{
    const struct expression_function *found = NULL;
    for (size_t i = 0; i < FUNCTIONS; i++) {
        const struct expression_function *each = &functions[i];
        if (strlen(each->name) != length || strncmp(each->name, name, length) != 0) continue;
        if (!arguments || (arguments >= each->least && arguments <= each->most)) return each;
        found = each;
    }
    return arguments ? NULL : found;
}

size_t function_names(const char **names, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < FUNCTIONS && count < most; i++)
        if (functions[i].usage) names[count++] = functions[i].name;
    return count;
}
