#include "train/penalties.h"

#include <math.h>
#include <string.h>
#include "train/update.h"

struct penalties penalties_of(const struct value *spec)
{
    return (struct penalties){
        .l1 = value_number(spec, "regularizers.l1"),
        .l2 = value_number(spec, "regularizers.l2"),
        .decay = value_number(spec, "regularizers.weight_decay"),
        .clipping = value_has(spec, "training.gradient_clipping")
                        ? value_number(spec, "training.gradient_clipping")
                        : 0,
        .exempt = strcmp(value_text(spec, "regularizers.exempt"), "none") != 0,
    };
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
