/* What the files of the objective share: objective_gradient.c (outputs and gradients),
 * objective_product.c, objective_cost.c. */
#ifndef BASIN_MODELS_OBJECTIVE_PARTS_H
#define BASIN_MODELS_OBJECTIVE_PARTS_H

#include "base/hash.h"
#include "models/network.h"
#include "models/objective.h"

enum { OBJECTIVE_NETWORKS = 16 }; /* that are kept for later */

/* Part of a call that goes at once. */
struct piece {
    size_t first, count;
};

/* One batch of a product: its network has run the half that does not depend on the vector. */
struct half {
    struct network *network; /* its own, to be kept; otherwise one of all, found for each call */
    struct piece piece;
    bool own, ready;
};

/* The batches of the products that were asked for last. */
struct halves {
    enum objective_call kind;
    size_t examples, count;
    struct half *items;
    struct digest content; /* of the weights and examples that they were made ready with */
};

struct objective {
    struct objective_request request;
    struct score_rule rule;
    size_t size;                                  /* P */
    struct network *networks[OBJECTIVE_NETWORKS]; /* the most recently used first */
    int network_count;
    struct halves halves;
    void *v, *result; /* (P) of the precision: tangent, and gradient or product of one batch */
    double *sum;      /* (P) over batches */
    uint32_t *rows;   /* of a batch */
    size_t row_count;
    void *inputs; /* (batch, features) of the precision: gradients by the inputs of a batch */
    size_t input_count;
    uint64_t seed;
    int64_t step;
    double spent;
};

/* From {0} through all batches of a call. */
bool piece_next(struct piece *piece, size_t most, size_t count);

static inline bool objective_is_product(enum objective_call call)
{
    return call >= OBJECTIVE_HESSIAN;
}

/* The network that answers a call. */
struct network_request objective_network(const struct objective_request *request,
                                         enum objective_call call, int layer);
/* The one for a batch size, with weights, examples and dropout key of a piece; `most`: examples of
 * a full batch of the call. */
basin_status objective_take(struct objective *objective, enum objective_call call, int layer,
                            size_t batch, struct network **network);
/* Takes the one for a batch size off the list, if there is one: the caller owns it. NULL: none. */
struct network *objective_remove(struct objective *objective, const struct network_request *request,
                                 size_t batch);
basin_status objective_fill(struct objective *objective, struct network *network,
                            const struct objective_where *where, const struct piece *piece,
                            size_t most, const void *w);
basin_status objective_check_stop(const struct objective *objective);
/* BASIN_SPEC where the loss of an example depends on the others of its batch. */
basin_status objective_check_examples(const struct objective *objective);
/* A vector (P) of the precision, where there is none yet. */
basin_status objective_reserve(const struct objective *objective, void **vector);

void halves_release(struct halves *halves);
/* Bytes of the networks for a full batch and for the last, smaller one (0 where there is none). */
basin_status half_bytes(const struct objective_request *request, enum objective_call kind,
                        size_t examples, size_t *full, size_t *last);
/* How many of the full batches get networks of their own; the others share one. Compiles programs
 * only where the request has something to keep. */
basin_status half_owners(const struct objective_request *request, enum objective_call kind,
                         size_t examples, size_t *owners);

/* Nominal FLOPs of one example: of the half of a product that all vectors share, and of a vector;
 * of other calls all is in `each`. */
struct call_flops {
    double half, each;
};
struct call_flops objective_call_flops(const struct objective_request *request,
                                       enum objective_call call);

#endif
