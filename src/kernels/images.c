#include "kernels/window.h"

#include <stdbool.h>
#include <string.h>

#define PRECISION 32
#include "kernels/precision.h"
#include "kernels/images.h"
#undef PRECISION
#define PRECISION 64
#include "kernels/precision.h"
#include "kernels/images.h"
