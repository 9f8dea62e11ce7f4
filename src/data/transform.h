/* Transforms: what is done to examples on their way from a source to a batch.
 *
 * Purpose.  A transform is one file with an entry (name, doc, paper, schema rows) whose
 * implementation is a `struct transform`, and one line in transforms.c. It says at which stage it
 * acts, and supplies the function of that stage:
 *
 *     files, recipe --> source --> view --> gather --> batch
 *                         |          |         |
 *              DATA_SOURCE    DATA_VIEW        DATA_BATCH: training examples, anew every epoch
 *              once, before   once a view:     DATA_EVALUATION: test examples, the same every time
 *              it is shared   rows, labels,
 *                             statistics
 *
 * Promise.  Examples pass the transforms of a gather one by one, in float64 whatever the precision
 * of the run, scaled to [0, 1] where they are bytes and not standardised yet; what is drawn for an
 * example depends on the seed, the epoch, the example and the element, and neither on the batch
 * around it nor on its place in it.
 */
#ifndef BASIN_DATA_TRANSFORM_H
#define BASIN_DATA_TRANSFORM_H

#include "base/random.h"
#include "data/info.h"

/* When a parameter or a transform acts. The stage of a row decides which data sets may share a
 * source; that of a row that does not say is DATA_SOURCE, which is right for all and only costs
 * memory. */
enum data_stage { DATA_SOURCE, DATA_VIEW, DATA_BATCH, DATA_EVALUATION };

struct source;

/* One example under a transform of a gather. */
struct transform_example {
    const void *settings; /* of the transform */
    const struct data_info *info;
    struct random random; /* of this seed, epoch and example */
    uint64_t first;       /* element of it at which this transform's draws begin */
    double *scratch;      /* (features) for what the transform needs beside the example */
};

struct transform {
    enum data_stage stage;
    bool keyed; /* its parameters are keys of the block `dataset` itself, and its settings those of
                   the data set (struct data_settings); else a spec lists it under `transforms`,
                   with settings of its own */
    /* The one of its stage; `example` of both stages of a gather, x (features) in place. */
    basin_status (*source)(struct source *source, const void *settings);
    basin_status (*view)(struct data *data, const void *settings);
    void (*example)(const struct transform_example *example, double *x);
    /* Of a transform of a gather, or NULL: can it act on these data? The view is complete. The key
     * of an error is that of a row of its own. */
    basin_status (*check)(const struct data *data, const void *settings);
};

extern const struct registry keyed_transform_registry; /* keys of the block `dataset` */

/* Element `index` of what is drawn for an example: below 2^24. */
static inline double transform_uniform(const struct transform_example *example, uint64_t index)
{
    return random_uniform(&example->random, example->first + index);
}

static inline double transform_normal(const struct transform_example *example, uint64_t index)
{
    return random_normal(&example->random, example->first + index);
}

static inline uint32_t transform_below(const struct transform_example *example, uint64_t index,
                                       uint32_t n)
{
    return random_below(&example->random, example->first + index, n);
}

#endif
