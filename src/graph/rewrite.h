/* Rewriting of a differentiated graph to one that is cheaper to run (rewrite.c). */
#ifndef BASIN_GRAPH_REWRITE_H
#define BASIN_GRAPH_REWRITE_H

#include "graph/node.h"

/* A graph of the same outputs; it lives in `arena`. */
basin_status graph_rewrite(struct arena *arena, const struct graph *graph,
                           struct graph **rewritten);

#endif
