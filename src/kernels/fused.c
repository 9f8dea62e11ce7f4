#include "kernels/kernels.h"

#include <string.h>

#define PRECISION 32
#include "kernels/precision.h"
#include "kernels/fused.h"
#undef PRECISION
#define PRECISION 64
#include "kernels/precision.h"
#include "kernels/fused.h"
