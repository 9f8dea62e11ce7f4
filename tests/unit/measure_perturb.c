/* measure/perturb.c: losses and gradients at moved weights, draws, scales; what is left out. */
#include "sharpness_helpers.h"

#define PERTURBED RELU_NET "measures: {sharpness_asam: {m: 25, include: %s}}\n"

static struct setting s;

static struct measure_site open_site(const char *include, double **w)
{
    setting_format(&s, PERTURBED, include);
    *w = some_weights(&s);
    struct measure_site site = setting_site(&s, *w);
    execute_choose(s.settings, 0, &site);
    site.objective = setting_objective(&s, MODE_EVAL);
    return site;
}

static void close_site(struct measure_site *site)
{
    objective_destroy(site->objective);
    setting_close(&s);
}

Test(perturb, loss_and_gradient_at_moved_weights)
{
    double *w, loss, other;
    struct measure_site site = open_site("weights", &w);
    struct perturb perturb;
    OK(perturb_open(&site, &perturb));
    cr_assert_eq(perturb.groups, 2);
    size_t size = setting_size(&s);
    double *d = doubles(&s, size), *g = doubles(&s, size), *expected = doubles(&s, size),
           *moved = doubles(&s, size);
    for (size_t i = 0; i < size; i++) moved[i] = w[i] + (d[i] = 0.01 * (double)(i % 7));
    struct objective_where where = {.part = DATA_TRAIN, .count = 25};
    put_examples(&s, &where, 25);
    OK(objective_gradient(site.objective, &where, moved, expected, &other));
    OK(perturb_loss(&perturb, 1, d, &loss));
    NEAR(loss, other, 1e-13);
    OK(perturb_gradient(&perturb, 1, d, g, &loss));
    NEAR(loss, other, 1e-13);
    for (int j = 0; j < model_parameter_count(s.model); j++) {
        const struct model_parameter *parameter = model_parameter(s.model, j);
        for (int64_t i = parameter->offset; i < parameter->offset + parameter->size; i++)
            cr_assert_eq(g[i], parameter->role == ROLE_WEIGHT ? expected[i] : 0);
    }
    perturb_close(&perturb);
    close_site(&site);
}

Test(perturb, normal_draws)
{
    double *w, mean = 0, square = 0;
    struct measure_site site = open_site("all", &w);
    struct perturb perturb;
    OK(perturb_open(&site, &perturb));
    size_t size = setting_size(&s);
    double *c = doubles(&s, size), *d = doubles(&s, size), *again = doubles(&s, size);
    perturb_scale(&perturb, true, 0.5, c);
    for (uint32_t draw = 0; draw < 20; draw++) {
        perturb_normal(&perturb, draw, 0, 0.1, c, d);
        for (size_t i = 0; i < size; i++) {
            NEAR(c[i], fabs(w[i]) + 0.5, 1e-15);
            mean += d[i] / (20 * c[i]);
            square += pow(d[i] / c[i], 2) / 20;
        }
    }
    NEAR(sqrt(square / (double)size) / 0.1, 1, 0.03);
    NEAR(mean / (double)size, 0, 0.005);
    perturb_normal(&perturb, 19, 1, 0.1, c, again);
    cr_assert_neq(again[0], d[0], "a group has draws of its own");
    perturb_close(&perturb);
    close_site(&site);
}

Test(perturb, cost_is_what_is_spent)
{
    double *w;
    struct measure_site site = open_site("all", &w);
    struct perturb perturb;
    OK(perturb_open(&site, &perturb));
    double *g = doubles(&s, setting_size(&s)), loss;
    for (size_t group = 0; group < 2; group++) {
        OK(perturb_gradient(&perturb, group, NULL, g, NULL));
        OK(perturb_loss(&perturb, group, NULL, &loss));
        OK(perturb_loss(&perturb, group, g, &loss));
    }
    NEAR(measure_flops("sharpness_asam", &site) / objective_spent(site.objective), 1, 1e-12);
    perturb_close(&perturb);
    close_site(&site);
}
