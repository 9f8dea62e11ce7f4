#include "train/update.h"

#include <math.h>

enum { LANES = 16, BLOCK = 1024 };

#define REAL float
#define NAME(x) x##_float
#define root_float sqrtf
#include "train/update.inc"
#undef REAL
#undef NAME

#define REAL double
#define NAME(x) x##_double
#define root_double sqrt
#include "train/update.inc"
#undef REAL
#undef NAME

double update_apply(const struct update *update, enum precision precision, size_t offset,
                    size_t count, void *w, void *g, void *m, void *v)
{
    if (precision == PRECISION_FLOAT32)
        return apply_float(update, (float *)w + offset, (float *)g + offset,
                           m ? (float *)m + offset : NULL, v ? (float *)v + offset : NULL, count);
    return apply_double(update, (double *)w + offset, (double *)g + offset,
                        m ? (double *)m + offset : NULL, v ? (double *)v + offset : NULL, count);
}

void update_regularize(enum precision precision, size_t offset, size_t count, const void *w,
                       void *g, double l1, double l2)
{
    if (precision == PRECISION_FLOAT32)
        regularize_float((const float *)w + offset, (float *)g + offset, count, (float)l1,
                         (float)l2);
    else
        regularize_double((const double *)w + offset, (double *)g + offset, count, l1, l2);
}

double update_square_norm(enum precision precision, const void *vector, size_t count)
{
    return precision == PRECISION_FLOAT32 ? square_norm_float(vector, count)
                                          : square_norm_double(vector, count);
}
