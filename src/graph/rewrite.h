/* Rewriting of a differentiated graph into one that is cheaper to run: what and why is at the top
 * of rewrite.c. */
#ifndef BASIN_GRAPH_REWRITE_H
#define BASIN_GRAPH_REWRITE_H

#include "graph/node.h"

/* Makes a graph with the same outputs in `arena`; the old one is not changed. */
basin_status graph_rewrite(struct arena *arena, const struct graph *graph,
                           struct graph **rewritten);

#endif
