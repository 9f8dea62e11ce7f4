/* Weights moved by a perturbation. */
#include "measure/perturb.h"
#include <math.h>
#include <string.h>
#include "base/random.h"

const char *const perturb_includes[] = {"all", "weights", NULL};

double vector_dot(size_t count, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

double vector_norm(size_t count, const double *a)
{
    return sqrt(vector_dot(count, a, a));
}

/* ---- groups ---- */

static size_t group_size(const struct measure_site *site)
{
    size_t examples = measure_examples(site);
    int64_t m = ((const struct perturb_settings *)site->settings)->m;
    return m < 1 || (size_t)m > examples ? examples : (size_t)m; /* 0: there is no such row */
}

struct objective_where perturb_where(const struct perturb *perturb, size_t group)
{
    return (struct objective_where){
        .part = DATA_TRAIN, .rows = perturb->rows + group * perturb->m, .count = perturb->m};
}

/* ---- life ---- */

static basin_status perturb_make(struct perturb *perturb)
{
    const struct measure_site *site = perturb->site;
    size_t state = (size_t)model_state_size(site->model);
    perturb->w = memory_allocate(state * sizeof(double));
    perturb->moved = memory_allocate(state * sizeof(double));
    perturb->narrow = memory_allocate(state * precision_size(site->precision));
    perturb->rows = memory_allocate(perturb->examples * sizeof *perturb->rows);
    if (!perturb->w || !perturb->moved || !perturb->narrow || !perturb->rows) return BASIN_MEMORY;
    vector_to_double(site->precision, site->w, perturb->w, state);
    memcpy(perturb->moved, perturb->w, state * sizeof(double)); /* the buffers never move */
    memcpy(perturb->narrow, site->w, state * precision_size(site->precision));
    for (size_t i = 0; i < perturb->examples; i++) perturb->rows[i] = (uint32_t)i;
    if (site->precision == PRECISION_FLOAT64) return BASIN_OK;
    struct objective_request request = measure_request_exact(site, OBJECTIVE_LOSS);
    perturb->exact = NULL;
    return objective_create(&request, &perturb->exact);
}

basin_status perturb_open(const struct measure_site *site, struct perturb *perturb)
{
    size_t m = group_size(site), groups = measure_examples(site) / m;
    *perturb = (struct perturb){.site = site,
                                .exact = site->objective,
                                .size = (size_t)model_size(site->model),
                                .m = m,
                                .groups = groups,
                                .examples = groups * m};
    return perturb_make(perturb);
}

void perturb_close(struct perturb *perturb)
{
    if (perturb->exact != perturb->site->objective) objective_destroy(perturb->exact);
    memory_free(perturb->w);
    memory_free(perturb->moved);
    memory_free(perturb->narrow);
    memory_free(perturb->rows);
}

/* ---- moved weights ---- */

static void perturb_move(struct perturb *perturb, const double *d)
{
    for (size_t i = 0; i < perturb->size; i++) perturb->moved[i] = perturb->w[i] + (d ? d[i] : 0);
}

basin_status perturb_loss(struct perturb *perturb, size_t group, const double *d, double *loss)
{
    struct objective_where where = perturb_where(perturb, group);
    struct evaluation evaluation;
    perturb_move(perturb, d);
    TRY(objective_loss(perturb->exact, &where, perturb->moved, &evaluation));
    *loss = evaluation.loss;
    return BASIN_OK;
}

static bool is_included(const struct perturb *perturb, const struct model_parameter *parameter)
{
    const struct perturb_settings *settings = perturb->site->settings;
    return settings->include == PERTURB_ALL || parameter->role == ROLE_WEIGHT;
}

static void perturb_mask(const struct perturb *perturb, double *v)
{
    for (int j = 0; j < model_parameter_count(perturb->site->model); j++) {
        const struct model_parameter *parameter = model_parameter(perturb->site->model, j);
        if (!is_included(perturb, parameter))
            memset(v + parameter->offset, 0, (size_t)parameter->size * sizeof *v);
    }
}

basin_status perturb_accuracy(struct perturb *perturb, size_t group, const double *d,
                              double *accuracy)
{
    const struct measure_site *site = perturb->site;
    struct objective_where where = perturb_where(perturb, group);
    struct evaluation evaluation;
    perturb_move(perturb, d);
    vector_from_double(site->precision, perturb->moved, perturb->narrow, perturb->size);
    TRY(objective_loss(site->objective, &where, perturb->narrow, &evaluation));
    *accuracy = evaluation.accuracy;
    return BASIN_OK;
}

basin_status perturb_gradient(struct perturb *perturb, size_t group, const double *d, double *g,
                              double *loss)
{
    const struct measure_site *site = perturb->site;
    struct objective_where where = perturb_where(perturb, group);
    perturb_move(perturb, d);
    vector_from_double(site->precision, perturb->moved, perturb->narrow, perturb->size);
    TRY(objective_gradient(site->objective, &where, perturb->narrow, g, loss));
    perturb_mask(perturb, g);
    return BASIN_OK;
}

void perturb_scale(const struct perturb *perturb, bool adaptive, double offset, double *c)
{
    for (size_t i = 0; i < perturb->size; i++) c[i] = adaptive ? fabs(perturb->w[i]) + offset : 1;
    perturb_mask(perturb, c);
}

void perturb_normal(const struct perturb *perturb, uint32_t draw, uint32_t group, double deviation,
                    const double *c, double *d)
{
    struct random random = random_make(perturb->site->seed, STREAM_PERTURB, draw, group);
    random_fill_normal(&random, deviation, d, perturb->size);
    for (size_t i = 0; i < perturb->size; i++) d[i] *= c[i];
}

/* ---- results ---- */

basin_status perturb_scalar(const struct measure_site *site, const struct quantity *quantity,
                            double value, const char *reason)
{
    if (isfinite(value)) return measure_scalar(site, quantity, value, NULL);
    return measure_scalar(site, quantity, NAN,
                          reason ? reason : "the loss at the perturbed weights is not finite");
}

basin_status perturb_notes(const struct perturb *perturb)
{
    TRY(measure_note(perturb->site, "examples", (double)perturb->examples));
    TRY(measure_note(perturb->site, "groups", (double)perturb->groups));
    return measure_note_batch(perturb->site, OBJECTIVE_GRADIENT);
}

void perturb_need(const struct measure_site *site, double gradients, double losses, size_t vectors,
                  struct measure_need *need)
{
    size_t m = group_size(site), groups = measure_examples(site) / m;
    struct objective_use loss = {
        .call = OBJECTIVE_LOSS, .examples = m, .times = losses * (double)groups};
    if (gradients > 0)
        need->uses[need->count++] = (struct objective_use){
            .call = OBJECTIVE_GRADIENT, .examples = m, .times = gradients * (double)groups};
    if (losses > 0 && site->precision == PRECISION_FLOAT32)
        need->exact = loss;
    else if (losses > 0)
        need->uses[need->count++] = loss;
    need->vectors = vectors + 2;
    need->narrow = 1;
    need->doubles = (size_t)(model_state_size(site->model) - model_size(site->model)) * 3 +
                    groups * (m + 1) / 2;
}
