/* Hessian: exact products H v of the Hessian of the training loss (eval mode, no regulariser, no
 * label smoothing) over the first N examples of the training permutation, for any architecture.
 *
 * H = (1/N) sum_i d2 loss_i / dw2. Examples go in batches; products are summed in float64. The half
 * of a product that does not depend on v is computed once a batch and kept for the next product
 * where the memory allows, and it is shared by all vectors of one call.
 * Ownership.  hessian_create hands over; hessian_destroy releases. `w` must stay unchanged in
 * between.
 * Errors.  BASIN_MEMORY; BASIN_INTERRUPTED when the site's stop flag turns true.
 */
#ifndef BASIN_MEASURE_HESSIAN_H
#define BASIN_MEASURE_HESSIAN_H

#include "measure/measure.h"

struct hessian;

basin_status hessian_create(const struct measure_site *site, size_t examples,
                            struct hessian **hessian);
void hessian_destroy(struct hessian *hessian);

/* products[j] = H vectors[j], j < count; both (count, P) row-major, float64. */
basin_status hessian_multiply(struct hessian *hessian, const double *vectors, size_t count,
                              double *products);

/* What hessian_create takes at the least, and what keeping the first half of every batch would add.
 */
basin_status hessian_memory(const struct measure_site *site, size_t examples,
                            struct measure_memory *memory);

size_t hessian_size(const struct hessian *hessian); /* P */

#endif
