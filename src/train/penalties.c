#include "train/penalties.h"

#include <math.h>
#include "train/update.h"

struct penalties penalties_of(const struct train_settings *settings)
{
    const struct regularizer_settings *regularizers = &settings->regularizers;
    double clipping = settings->training.gradient_clipping;
    return (struct penalties){.l1 = regularizers->l1,
                              .l2 = regularizers->l2,
                              .decay = regularizers->weight_decay,
                              .clipping = isnan(clipping) ? 0 : clipping,
                              .exempt = regularizers->exempt == EXEMPT_BIASES};
}

static bool is_penalised(const struct penalties *penalties, const struct model_parameter *parameter)
{
    return !penalties->exempt || parameter->role == ROLE_WEIGHT;
}

void penalties_add(const struct penalties *penalties, const struct model *model,
                   enum precision precision, const void *w, void *g)
{
    if (penalties->l1 == 0 && penalties->l2 == 0) return;
    for (int i = 0; i < model_parameter_count(model); i++) {
        const struct model_parameter *parameter = model_parameter(model, i);
        if (is_penalised(penalties, parameter))
            update_regularize(precision, (size_t)parameter->offset, (size_t)parameter->size, w, g,
                              penalties->l1, penalties->l2);
    }
}

double penalties_scale(const struct penalties *penalties, enum precision precision, const void *g,
                       size_t size)
{
    if (penalties->clipping == 0) return 1;
    double norm = sqrt(update_square_norm(precision, g, size));
    return norm > penalties->clipping ? penalties->clipping / norm : 1;
}

double penalties_decay(const struct penalties *penalties, const struct model_parameter *parameter)
{
    return is_penalised(penalties, parameter) ? penalties->decay : 0;
}
