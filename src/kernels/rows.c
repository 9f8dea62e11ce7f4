#include "kernels/kernels.h"

#include <math.h>
#include <string.h>

#define PRECISION 32
#include "kernels/precision.h"
#include "kernels/reduce.h"
#include "kernels/rows.h"
#undef PRECISION
#define PRECISION 64
#include "kernels/precision.h"
#include "kernels/reduce.h"
#include "kernels/rows.h"
