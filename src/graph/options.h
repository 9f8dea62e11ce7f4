/* What a program is compiled for: precision, phases, and the oracles of the tests. */
#ifndef BASIN_GRAPH_OPTIONS_H
#define BASIN_GRAPH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum precision { PRECISION_FLOAT32, PRECISION_FLOAT64 };

struct program_options {
    enum precision precision;
    unsigned varying;     /* mask of slots that change between runs of the second phase */
    bool one_buffer_each; /* test oracle: no memory is reused */
    bool poison;          /* test oracle: memory whose value has died is filled with NaN */
    bool naive;           /* test oracle: naive twins instead of fast kernels */
    bool literal;         /* test oracle: the graph is not rewritten */
};

size_t precision_size(enum precision precision); /* bytes of an element */

#endif
