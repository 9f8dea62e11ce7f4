/* Curvature parts: what probes say of a matrix of curvature (measure/probes.h), in total and per
 * parameter array, as it is stored.
 *
 * Ownership.  curvature_parts_open hands over; curvature_parts_close releases, also after a failed
 * open.
 */
#ifndef BASIN_MEASURE_CURVATURE_PARTS_H
#define BASIN_MEASURE_CURVATURE_PARTS_H

#include "measure/curvature.h"
#include "measure/probes.h"

struct curvature_parts {
    const struct measure_site *site;
    size_t count;            /* parameter arrays */
    size_t *offsets;         /* (count + 1) */
    double *values, *errors; /* (count + 1): of each array, then in total */
    double *index;           /* (count) */
    const char **names;      /* (count) */
};

basin_status curvature_parts_open(const struct measure_site *site, struct curvature_parts *parts);
void curvature_parts_close(struct curvature_parts *parts);

/* Fills values and errors: the traces of the matrix's blocks, or (`squares`) the sums of squares of
 * its rows. */
basin_status curvature_parts_probe(struct curvature_parts *parts, struct curvature *curvature,
                                   enum probes_method method, bool squares, size_t probes);

/* The arrays over `index`, with the names of the parameter arrays. */
basin_status curvature_parts_record(const struct curvature_parts *parts,
                                    const struct quantity *index, const struct quantity *values,
                                    const struct quantity *errors);

/* The products that this takes, and its vectors. */
void curvature_parts_need(const struct measure_site *site, enum probes_method method, size_t probes,
                          struct measure_need *need);

/* BASIN_SPEC where the exact method would take more products than it is made for. */
basin_status curvature_parts_check_exact(const char *measure, int64_t parameters);

#endif
