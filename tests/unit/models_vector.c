/* models/vector.c: from one precision to the other, sums in float64. */
#include "../support.h"
#include "models/vector.h"

Test(vector, conversions_and_finiteness)
{
    double wide[3] = {1, 0.1, -2}, back[3];
    float narrow[3];
    vector_from_double(PRECISION_FLOAT32, wide, narrow, 3);
    cr_assert_eq(narrow[1], 0.1f);
    vector_to_double(PRECISION_FLOAT32, narrow, back, 3);
    cr_assert_eq(back[1], (double)0.1f);
    cr_assert(vector_finite(PRECISION_FLOAT32, narrow, 3));
    narrow[2] = INFINITY;
    cr_assert_not(vector_finite(PRECISION_FLOAT32, narrow, 3));
    wide[0] = NAN;
    cr_assert_not(vector_finite(PRECISION_FLOAT64, wide, 3));
}

Test(vector, sums_are_in_float64)
{
    float narrow[2] = {1, 0.1f};
    double wide[2] = {1, 0.1}, sum[2] = {1e-12, 0};
    vector_add(PRECISION_FLOAT32, 0.5, narrow, sum, 2);
    cr_assert_eq(sum[0], 1e-12 + 0.5);
    cr_assert_eq(sum[1], 0.5 * (double)0.1f);
    vector_add(PRECISION_FLOAT64, -1, wide, sum, 2);
    cr_assert_eq(sum[1], 0.5 * (double)0.1f - 0.1);
}
