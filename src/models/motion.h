/* Motion: how the steps of a training move the weights, for whoever looks at curvature beside them.
 * Plain data; `second` belongs to the optimiser. */
#ifndef BASIN_MODELS_MOTION_H
#define BASIN_MODELS_MOTION_H

#include <stdbool.h>
#include <stdint.h>

struct motion {
    int64_t step;    /* taken so far */
    double rate;     /* learning rate of the latest step (of the first, before it) */
    double momentum; /* of gradient descent; of Adam beta1 */
    bool nesterov;
    const void *second; /* (P) of the run's precision: Adam's mean of squared gradients, without the
                           correction of its bias; NULL: steps are not scaled by element */
    double beta2, epsilon; /* of it */
};

#endif
