/* Inputs of a run: what its numbers depend on beyond its spec and its build.
 *
 * Purpose.  Data files, or the weights of another run: each enters the run's identity by its
 * content, and the result file says where it came from. Whoever opens an input adds it to the list
 * (data_inputs); spec_identity and provenance_add read the list and know of no kind.
 */
#ifndef BASIN_SPEC_INPUT_H
#define BASIN_SPEC_INPUT_H

#include <stddef.h>
#include "base/error.h"

struct run_input {
    const char *kind;   /* "data", "weights" */
    const char *block;  /* path of the block of the spec that names it: "dataset". One input each */
    const char *origin; /* a path, several with ", " between them, or the id of a run */
    char digest[33];    /* hex, of its content; of weights that another run of the study will make,
                           that run's id, which stands for them */
};

enum { RUN_INPUTS_MOST = 8 };

struct run_inputs {
    struct run_input items[RUN_INPUTS_MOST];
    size_t count;
};

/* BASIN_INTERNAL where there are too many. The texts must live as long as the list. */
basin_status run_inputs_add(struct run_inputs *inputs, const struct run_input *input);

#endif
