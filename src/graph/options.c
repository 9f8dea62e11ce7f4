#include "graph/options.h"

size_t precision_size(enum precision precision)
{
    return precision == PRECISION_FLOAT32 ? sizeof(float) : sizeof(double);
}
