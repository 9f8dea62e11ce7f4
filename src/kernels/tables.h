/* Positional encodings. */
#ifndef BASIN_KERNELS_TABLES_H
#define BASIN_KERNELS_TABLES_H

#include <math.h>
#include <stdint.h>

/* t base^(-2 j / width): Su et al., arXiv:2104.09864, eq. 15 */
static inline double rotary_angle(int64_t t, int64_t j, int64_t width, double base)
{
    return (double)t * pow(base, -2.0 * (double)j / (double)width);
}

/* sin(t / 10000^(2 i / width)) at 2 i, cos of the same at 2 i + 1: Vaswani et al. 2017, section 3.5
 */
static inline double sinusoid_at(int64_t t, int64_t column, int64_t width)
{
    double angle = (double)t / pow(10000, (double)(column / 2 * 2) / (double)width);
    return column % 2 ? cos(angle) : sin(angle);
}

#endif
