#include "train/optimizer.h"

#include <math.h>

/* One line an optimiser: its entry, defined in its own file. */
#define OPTIMIZERS(X)                                                                              \
    X(optimizer_sgd)                                                                               \
    X(optimizer_gd)                                                                                \
    X(optimizer_adam)                                                                              \
    X(optimizer_adamw)

#define X(name) extern const struct entry name;
OPTIMIZERS(X)
#undef X

#define X(name) &name,
static const struct entry *const optimizers[] = {OPTIMIZERS(X) NULL};
#undef X

const struct registry optimizer_registry = {
    .kind = "optimizer", .plural = "optimizers", .entries = optimizers};

static const struct vector_row gradient_rows[] = {{"gradient", VECTOR_PARAMETERS, VECTOR_REAL},
                                                  {0}};
static const struct vector_row no_rows[] = {{0}};

static const struct vector_row *rows_of(const struct optimizer_kind *kind)
{
    return kind->vectors ? kind->vectors : no_rows;
}

struct vector_bytes optimizer_bytes(struct setting_variant type, const struct vector_space *space)
{
    struct vector_bytes own = vectors_bytes(rows_of(type.entry->implementation), type.settings,
                                            space),
                        gradient = vectors_bytes(gradient_rows, NULL, space);
    return (struct vector_bytes){own.all + gradient.all, own.saved + gradient.saved};
}

double optimizer_rate(struct setting_variant type)
{
    return ((const struct optimizer_settings *)type.settings)->learning_rate;
}

void optimizer_print(struct setting_variant type, struct text *out)
{
    vectors_print(rows_of(type.entry->implementation), type.settings, out);
}

basin_status optimizer_create(struct arena *arena, struct setting_variant type,
                              const struct penalties *penalties, const struct model *model,
                              const struct vector_space *space, struct optimizer **out)
{
    struct optimizer *optimizer = arena_allocate(arena, sizeof *optimizer);
    if (!optimizer) return BASIN_MEMORY;
    *optimizer = (struct optimizer){.kind = type.entry->implementation,
                                    .settings = type.settings,
                                    .model = model,
                                    .space = *space,
                                    .penalties = *penalties};
    optimizer->vectors = arena_array(arena, void *, vectors_count(rows_of(optimizer->kind)) + 1);
    if (!optimizer->vectors) return BASIN_MEMORY;
    TRY(vectors_create(arena, gradient_rows, NULL, space, &optimizer->g));
    TRY(vectors_create(arena, rows_of(optimizer->kind), type.settings, space, optimizer->vectors));
    *out = optimizer;
    return BASIN_OK;
}

basin_status optimizer_state(struct optimizer *optimizer, struct state *state)
{
    TRY(state_integer(state, "optimizer_step", &optimizer->step));
    return vectors_state(rows_of(optimizer->kind), "optimizer_", &optimizer->space,
                         optimizer->vectors, state);
}

/* The update, array by array: each has its own decay. */
static double update_all(const struct optimizer *optimizer, double scale, void *w,
                         optimizer_update *update)
{
    double squares = 0;
    for (int i = 0; i < model_parameter_count(optimizer->model); i++) {
        const struct model_parameter *parameter = model_parameter(optimizer->model, i);
        struct update part = {.precision = optimizer->space.precision,
                              .offset = (size_t)parameter->offset,
                              .count = (size_t)parameter->size,
                              .w = w,
                              .g = optimizer->g,
                              .rate = optimizer->rate,
                              .decay = penalties_decay(&optimizer->penalties, parameter),
                              .scale = scale};
        squares += update(optimizer, &part);
    }
    return squares;
}

basin_status optimizer_descend(struct optimizer *optimizer, struct gradient_source source, void *w,
                               optimizer_update *update)
{
    const struct penalties *penalties = &optimizer->penalties;
    enum precision precision = optimizer->space.precision;
    TRY(source.at(source.context, w, optimizer->g, &optimizer->loss));
    if (!isfinite(optimizer->loss)) return BASIN_OK;
    penalties_add(penalties, optimizer->model, precision, w, optimizer->g);
    double scale = penalties_scale(penalties, precision, optimizer->g,
                                   optimizer->space.lengths[VECTOR_PARAMETERS]);
    optimizer->norm = sqrt(update_all(optimizer, scale, w, update));
    return BASIN_OK;
}

basin_status optimizer_step(struct optimizer *optimizer, struct gradient_source source, double rate,
                            void *w)
{
    optimizer->rate = rate;
    optimizer->step++;
    return optimizer->kind->step(optimizer, source, w);
}
