/* For tests of models, training, measures and theory: a spec as text becomes a resolved run with
 * its data and model.
 *
 *     struct setting s;
 *     setting_open(&s, "architecture: {type: linear}\n");
 *     struct record *record = setting_run(&s);
 *     double loss = scalar(record, "train_loss");
 *     setting_close(&s);
 */
#ifndef BASIN_TESTS_SUPPORT_H
#define BASIN_TESTS_SUPPORT_H

#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "kernels/kernels.h"
#include "measure/measure.h"
#include "models/network.h"
#include "spec/spec.h"
#include "run/execute.h"
#include "run/identity.h"
#include "run/schema.h"
#include "train/train.h"

#define OK(call) cr_assert_eq((call), BASIN_OK, "%s: %s", #call, basin_error_last()->message)

/* |a - b| <= tolerance * max(1, |b|), which a NaN never satisfies. */
#define NEAR(a, b, tolerance)                                                                      \
    do {                                                                                           \
        double near_a = (a), near_b = (b);                                                         \
        cr_assert(fabs(near_a - near_b) <= (tolerance)*fmax(1, fabs(near_b)),                      \
                  "%s = %.17g is not %s = %.17g", #a, near_a, #b, near_b);                         \
    } while (0)

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

struct setting {
    struct arena *arena;
    struct value *spec;
    struct data_store *store;
    const struct data *data;
    const struct data_info *info;
    const struct run_settings *settings;
    const struct train_settings *train; /* of the settings */
    struct model *model;
};

/* All but the model. */
static inline void setting_read(struct setting *s, const char *yaml)
{
    struct spec *spec;
    struct diagnostics diagnostics;
    struct text text = {0};
    *s = (struct setting){0};
    omp_set_num_threads(1);
    kernels_warm();
    OK(arena_create(&s->arena));
    text_format(&text, "study: test\n%s", yaml);
    struct spec_request request = {.file = "test.yaml",
                                   .text = text_data(&text),
                                   .length = text.length,
                                   .folder = "/",
                                   .schema = study_schema};
    diagnostics_start(&diagnostics, s->arena);
    basin_status status = spec_read(s->arena, &request, &diagnostics, &spec);
    if (status == BASIN_OK) status = spec_run(spec, 0, s->arena, &diagnostics, &s->spec);
    cr_assert_eq(status, BASIN_OK, "%s: %s\n%s", basin_error_last()->message,
                 diagnostics.count ? diagnostics.items[0].message : "", yaml);
    OK(data_store_create(&s->store));
    OK(data_open(s->store, value_map(s->spec, "dataset"), &s->data));
    s->info = data_describe(s->data);
    identity_derive(s->spec, s->info);
    OK(run_settings_create(s->arena, s->spec, &s->settings));
    s->train = &s->settings->train;
    text_free(&text);
}

static inline void setting_open(struct setting *s, const char *yaml)
{
    setting_read(s, yaml);
    OK(run_model_create(s->arena, s->settings, s->info, &s->model));
}

/* The run's network for some purpose: as in training, or in its evaluation. */
static inline struct network_request setting_network(const struct setting *s,
                                                     enum network_kind kind, enum model_mode mode)
{
    struct objective_request request = train_objective(s->train, s->model, s->data, mode);
    return (struct network_request){.model = s->model,
                                    .data = s->data,
                                    .kind = kind,
                                    .mode = mode,
                                    .loss = request.loss,
                                    .label_smoothing = request.label_smoothing,
                                    .precision = request.precision};
}

/* The same with a printf format. */
__attribute__((format(printf, 2, 3))) static inline void setting_format(struct setting *s,
                                                                        const char *format, ...)
{
    char yaml[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(yaml, sizeof yaml, format, arguments);
    va_end(arguments);
    setting_open(s, yaml);
}

static inline void setting_close(struct setting *s)
{
    data_store_destroy(s->store);
    arena_destroy(s->arena);
}

/* What a measure sees, with the weights w of the run's precision. */
static inline struct measure_site setting_site(const struct setting *s, const void *w)
{
    struct measure_site site = execute_site(s->settings, s->model, s->data);
    site.w = site.initial = w;
    return site;
}

/* The run's loss, without smoothing, in a mode. */
static inline struct objective_request setting_request(const struct setting *s,
                                                       enum model_mode mode)
{
    struct measure_site site = setting_site(s, NULL);
    struct objective_request request = measure_request(&site);
    request.mode = mode;
    return request;
}

static inline struct objective *setting_objective(const struct setting *s, enum model_mode mode)
{
    struct objective_request request = setting_request(s, mode);
    struct objective *objective;
    OK(objective_create(&request, &objective));
    return objective;
}

/* The mean gradient (P) of the first examples in eval mode; a run of float64. */
static inline void setting_gradient(struct objective *objective, size_t count, const double *w,
                                    double *g)
{
    struct objective_where where = objective_first(DATA_TRAIN, count);
    OK(objective_gradient(objective, &where, w, g, NULL));
}

static inline struct record *setting_run(const struct setting *s)
{
    struct record *record;
    struct run_cost cost;
    OK(execute_estimate(s->settings, s->data, &cost));
    OK(execute_run(s->settings, s->data, &(struct run_terms){0}, s->arena, &record));
    return record;
}

static inline size_t setting_size(const struct setting *s)
{
    return (size_t)model_size(s->model);
}

/* Memory of the arena: nothing to release. */
static inline double *doubles(const struct setting *s, size_t count)
{
    double *memory = arena_array(s->arena, double, count);
    cr_assert(memory);
    return memory;
}

/* x (count, features) and y (count, outputs) of the first examples of a part. */
static inline void setting_examples(const struct setting *s, enum data_part part, size_t count,
                                    double **x, double **y)
{
    uint32_t *rows = arena_array(s->arena, uint32_t, count);
    for (size_t i = 0; i < count; i++) rows[i] = (uint32_t)i;
    *x = doubles(s, count * s->info->features);
    *y = doubles(s, count * s->info->outputs);
    data_gather_double(s->data, &(struct data_gather){.part = part, .rows = rows, .count = count},
                       *x, *y);
}

static inline const struct record_item *found(const struct record *record, const char *path)
{
    const struct record_item *item = record_find(record, path);
    cr_assert(item, "%s is not in the record", path);
    return item;
}

static inline double scalar(const struct record *record, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "/measures/%s", name);
    return record_number(found(record, path), 0);
}

/* The final weights, in the layout of the flat vector. */
static inline double *final_weights(const struct setting *s, const struct record *record)
{
    double *w = doubles(s, (size_t)model_state_size(s->model)); /* buffers behind the parameters */
    OK(model_import(s->model, record, "/weights/final", w));
    return w;
}

static inline double *initial_weights(const struct setting *s)
{
    double *w = doubles(s, (size_t)model_state_size(s->model)); /* buffers behind the parameters */
    model_initialize(s->model, (uint64_t)value_integer(s->spec, "seed"), w);
    return w;
}

/* The same vector in the precision of the run. */
static inline void *narrowed(const struct setting *s, const double *w)
{
    void *memory = arena_allocate(s->arena, setting_size(s) * sizeof(double));
    cr_assert(memory);
    vector_from_double(s->train->precision, w, memory, setting_size(s));
    return memory;
}

/* Weights of a trained kind without training: the initial ones, with biases that are not zero. */
static inline double *some_weights(const struct setting *s)
{
    double *w = initial_weights(s);
    struct random random = random_make(99, STREAM_START, 0, 0);
    for (size_t i = 0; i < setting_size(s); i++) w[i] += 0.1 * random_normal(&random, i);
    return w;
}

#endif
