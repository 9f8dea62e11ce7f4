#include "kernels/kernels.h"

#include <math.h>
#include "kernels/vector.h"

#define IVDEP _Pragma("GCC ivdep")
#define root_float32 sqrtf
#define root_float64 sqrt

#define PRECISION 32
#include "kernels/precision.h"
#include "kernels/pointwise.h"
#undef PRECISION
#define PRECISION 64
#include "kernels/precision.h"
#include "kernels/pointwise.h"
