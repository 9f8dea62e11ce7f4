/* Vectors: what a component keeps from step to step, declared once.
 *
 * Purpose.  A component (the trainer, an optimiser) lists its vectors as rows; allocation,
 * checkpoint and memory estimate all follow from them, so that none of the three can forget one.
 *
 *     enum { FIRST, SECOND };
 *     static const struct vector_row adam_vectors[] = {
 *         [FIRST] = {"m", VECTOR_PARAMETERS, VECTOR_REAL, .saved = true},
 *         [SECOND] = {"v", VECTOR_PARAMETERS, VECTOR_REAL, .saved = true}, {0}};
 *     void *vectors[2];
 *     vectors_create(arena, adam_vectors, settings, &space, vectors);
 *
 * Ownership.  The vectors live in the arena. A vector that is not needed is NULL. Tables end with a
 * row without a name. Errors.  BASIN_MEMORY; of a checkpoint see base/state.h.
 */
#ifndef BASIN_TRAIN_VECTORS_H
#define BASIN_TRAIN_VECTORS_H

#include "base/state.h"
#include "base/text.h"
#include "models/model.h"

enum vector_length {
    VECTOR_PARAMETERS, /* P */
    VECTOR_STATE,      /* P + B: parameters, then buffers */
    VECTOR_EXAMPLES,   /* examples of the training set */
    VECTOR_LENGTHS
};
enum vector_type { VECTOR_REAL /* the precision of the run */, VECTOR_DOUBLE, VECTOR_INDEX };

struct vector_row {
    const char *name; /* of its field in a checkpoint */
    enum vector_length length;
    enum vector_type type;                /* VECTOR_INDEX: uint32_t, which are never saved */
    bool saved;                           /* not where it can be computed again */
    bool (*needed)(const void *settings); /* NULL: always */
    bool squares;                         /* none is below 0 */
};

/* What the lengths of a run are. */
struct vector_space {
    size_t lengths[VECTOR_LENGTHS];
    enum precision precision;
};
struct vector_space vector_space(const struct model *model, const struct data_info *info,
                                 enum precision precision);

size_t vectors_count(const struct vector_row *rows);

/* Zeroed vectors, one for each row, in their order. */
basin_status vectors_create(struct arena *arena, const struct vector_row *rows,
                            const void *settings, const struct vector_space *space, void **vectors);
/* The saved ones, to or from a checkpoint; `prefix` stands before their names. */
basin_status vectors_state(const struct vector_row *rows, const char *prefix,
                           const struct vector_space *space, void *const *vectors,
                           struct state *state);

/* What vectors_create takes, and how much of it a checkpoint holds. */
struct vector_bytes {
    size_t all, saved;
};
struct vector_bytes vectors_bytes(const struct vector_row *rows, const void *settings,
                                  const struct vector_space *space);
/* The rows that are needed, in words: equal texts need equal bytes. */
void vectors_print(const struct vector_row *rows, const void *settings, struct text *out);

#endif
