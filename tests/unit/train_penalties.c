/* train/penalties.c: what carries penalties, how far a gradient is scaled down. */
#include "../support.h"
#include "train/penalties.h"

#define NET "architecture: {type: mlp, hidden: [3]}\nprecision: float64\n"

Test(penalties, come_from_the_settings)
{
    struct setting s;
    setting_open(&s, NET);
    struct penalties none = penalties_of(s.train);
    cr_assert(none.l1 == 0 && none.l2 == 0 && none.decay == 0 && none.clipping == 0);
    cr_assert(none.exempt);
    setting_close(&s);
    setting_open(&s, NET "regularizers: {l1: 0.5, l2: 0.25, weight_decay: 2, exempt: none}\n"
                         "training: {gradient_clipping: 3}\n");
    struct penalties all = penalties_of(s.train);
    cr_assert(all.l1 == 0.5 && all.l2 == 0.25 && all.decay == 2 && all.clipping == 3);
    cr_assert_not(all.exempt);
    setting_close(&s);
}

Test(penalties, biases_are_exempt_unless_none_is)
{
    struct setting s;
    setting_open(&s, NET);
    for (int exempt = 0; exempt <= 1; exempt++) {
        struct penalties penalties = {.l1 = 0.5, .l2 = 0.25, .decay = 2, .exempt = exempt};
        double *w = some_weights(&s), *g = doubles(&s, setting_size(&s));
        penalties_add(&penalties, s.model, PRECISION_FLOAT64, w, g);
        for (int j = 0; j < model_parameter_count(s.model); j++) {
            const struct model_parameter *parameter = model_parameter(s.model, j);
            bool carries = !exempt || parameter->role == ROLE_WEIGHT;
            cr_assert_eq(penalties_decay(&penalties, parameter), carries ? 2 : 0);
            for (int64_t i = parameter->offset; i < parameter->offset + parameter->size; i++)
                NEAR(g[i], carries ? 0.25 * w[i] + (w[i] > 0 ? 0.5 : -0.5) : 0, 1e-15);
        }
    }
    setting_close(&s);
}

Test(penalties, only_longer_gradients_are_scaled_down)
{
    const double g[] = {3, 4};
    const float narrow[] = {3, 4};
    struct penalties penalties = {0};
    cr_assert_eq(penalties_scale(&penalties, PRECISION_FLOAT64, g, 2), 1, "no clipping");
    penalties.clipping = 5;
    cr_assert_eq(penalties_scale(&penalties, PRECISION_FLOAT64, g, 2), 1);
    penalties.clipping = 2;
    NEAR(penalties_scale(&penalties, PRECISION_FLOAT64, g, 2), 0.4, 1e-15);
    NEAR(penalties_scale(&penalties, PRECISION_FLOAT32, narrow, 2), 0.4, 1e-15);
}
