#include "models/vector.h"

#include <math.h>
#include <string.h>

void vector_to_double(enum precision precision, const void *from, double *to, size_t count)
{
    if (precision == PRECISION_FLOAT64)
        memcpy(to, from, count * sizeof *to);
    else
        for (size_t i = 0; i < count; i++) to[i] = ((const float *)from)[i];
}

void vector_from_double(enum precision precision, const double *from, void *to, size_t count)
{
    if (precision == PRECISION_FLOAT64)
        memcpy(to, from, count * sizeof *from);
    else
        for (size_t i = 0; i < count; i++) ((float *)to)[i] = (float)from[i];
}

bool vector_finite(enum precision precision, const void *vector, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(precision == PRECISION_FLOAT64 ? ((const double *)vector)[i]
                                                     : (double)((const float *)vector)[i]))
            return false;
    return true;
}

void vector_add(enum precision precision, double factor, const void *vector, double *sum,
                size_t count)
{
    if (precision == PRECISION_FLOAT64)
        for (size_t i = 0; i < count; i++) sum[i] += factor * ((const double *)vector)[i];
    else
        for (size_t i = 0; i < count; i++) sum[i] += factor * (double)((const float *)vector)[i];
}
