/* Network: a model compiled for one batch size and one purpose, with the memory to run it on
 * batches of a data set. Used by models/objective; everybody else asks that.
 *
 * Purpose.  One program for each kind of question:
 *     outputs            SLOT_OUTPUT = f(x; w)
 *     activations        SLOT_OUTPUT = what layer `layer` gives
 *     statistics         the same, and what the batch says about the buffers
 *     gradient           SLOT_LOSS, SLOT_GRADIENT = dL/dw, L the mean loss of the batch
 *     input gradient     SLOT_LOSS = the loss of each example, SLOT_GRADIENT = that of each by x
 *     products           SLOT_PRODUCT = M v; the half that does not depend on v runs once a batch
 * derivatives.h has the mathematics.
 *
 * Ownership.  network_create hands over. Not shared between threads.
 */
#ifndef BASIN_MODELS_NETWORK_H
#define BASIN_MODELS_NETWORK_H

#include "models/derivatives.h"
#include "models/vector.h"

struct network;

basin_status network_create(const struct network_request *request, int64_t batch,
                            struct network **network);
void network_destroy(struct network *network); /* NULL is allowed */

/* Memory of the run's precision; owned by the caller. SLOT_PARAMETERS is the whole state:
 * parameters, then buffers. */
void network_bind(struct network *network, enum graph_slot slot, void *memory);
void network_random(struct network *network, uint64_t seed, uint32_t step);
/* Gathers `batch` examples into the input and target; network_load: outside of training. */
void network_gather(struct network *network, const struct data_gather *gather);
/* The same from arrays: x (batch, features), y (batch, targets). y may be NULL where no result
 * depends on it (outputs, activations, Gauss-Newton); elsewhere that is BASIN_INTERNAL. */
basin_status network_give(struct network *network, const double *x, const double *y);
basin_status network_no_targets(void); /* raises that error */
void network_load(struct network *network, enum data_part part, const uint32_t *rows);
basin_status network_run(struct network *network, enum program_phase phase);

/* After a run of NETWORK_GRADIENT in train mode: folds the batch's statistics into the buffers
 * behind the parameters of w. */
void network_fold(const struct network *network, void *w);
/* After a run of NETWORK_STATISTICS: sum (B) += share * what the batch says. */
void network_statistics(const struct network *network, double share, double *sum);
double network_loss(const struct network *network); /* after a run of NETWORK_GRADIENT */
void network_losses(const struct network *network,
                    double *losses); /* (batch) after NETWORK_INPUT_GRADIENT */
void network_outputs(const struct network *network,
                     double *outputs); /* (batch, outputs) after NETWORK_OUTPUTS */
int64_t network_batch(const struct network *network);
bool network_is(const struct network *network, enum network_kind kind, int layer, int64_t batch);
double network_flops(const struct network *network, enum program_phase phase);
double network_traffic(const struct network *network, enum program_phase phase); /* bytes */
void network_profile(struct network *network, struct program_profile *profile);
size_t network_program_bytes(const struct network *network,
                             size_t *least); /* planned; the largest live set */
size_t network_bytes(const struct network *network);

/* Bytes of a network before there is one: its program is compiled (and stays in the cache), nothing
 * is allocated. */
basin_status network_need(const struct network_request *request, int64_t batch, size_t *bytes);

#endif
