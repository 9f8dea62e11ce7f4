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

#define OF_PRECISION(name, ...)                                                                    \
    (update->precision == PRECISION_FLOAT32 ? name##_float(__VA_ARGS__)                            \
                                            : name##_double(__VA_ARGS__))

double update_plain(const struct update *update)
{
    return OF_PRECISION(apply_plain, update);
}

double update_momentum(const struct update *update, void *m, double momentum)
{
    return OF_PRECISION(apply_momentum, update, m, momentum);
}

double update_nesterov(const struct update *update, void *m, double momentum)
{
    return OF_PRECISION(apply_nesterov, update, m, momentum);
}

double update_adam(const struct update *update, void *m, void *v, const struct adam_numbers *adam)
{
    return OF_PRECISION(apply_adam, update, m, v, adam);
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
