#include "run/snapshots.h"

#include <stdio.h>
#include <string.h>
#include "kernels/kernels.h"
#include "models/vector.h"

struct snapshots {
    struct arena *arena;
    const struct model *model;
    enum precision precision;
    struct train_plan plan;
    bool by_step;
    int64_t every, most; /* most: as many as there is room for */
    size_t bytes;        /* of each */
    int64_t count;       /* number i is of epoch or step i * every */
    void **w;
};

/* What the attribute `every` of /weights says: "10 epochs". */
static void snapshots_name(const struct weights_settings *settings, char out[48])
{
    bool by_step = settings->every == SETTING_ABSENT;
    long long every = (long long)(by_step ? settings->every_steps : settings->every);
    snprintf(out, 48, "%lld %s%s", every, by_step ? "step" : "epoch", every == 1 ? "" : "s");
}

bool snapshots_are_in(const struct weights_settings *settings, const struct record *record)
{
    char wanted[48];
    if (settings->every == SETTING_ABSENT && settings->every_steps == SETTING_ABSENT) return true;
    const struct record_item *group = record_find(record, "/weights");
    const char *held = group ? record_attribute_get_text(group, "every") : NULL;
    snapshots_name(settings, wanted);
    return held && strcmp(held, wanted) == 0;
}

basin_status snapshots_create(struct arena *arena, const struct train_settings *settings,
                              const struct model *model, const struct train_plan *plan,
                              struct snapshots **out)
{
    int64_t most = train_snapshots(&settings->weights, plan);
    *out = NULL;
    if (most == 0) return BASIN_OK;
    struct snapshots *snapshots = arena_allocate(arena, sizeof *snapshots);
    if (!snapshots) return BASIN_MEMORY;
    bool by_step = settings->weights.every == SETTING_ABSENT;
    *snapshots = (struct snapshots){
        .arena = arena,
        .model = model,
        .precision = settings->precision,
        .plan = *plan,
        .by_step = by_step,
        .every = by_step ? settings->weights.every_steps : settings->weights.every,
        .most = most,
        .bytes = (size_t)model_state_size(model) * precision_size(settings->precision)};
    snapshots->w = arena_array(arena, void *, (size_t)most);
    if (!snapshots->w) return BASIN_MEMORY;
    *out = snapshots;
    return BASIN_OK;
}

static basin_status snapshots_room(struct snapshots *snapshots, void **w)
{
    if (snapshots->count == snapshots->most)
        return error_raise(BASIN_INTERNAL, "more than %lld snapshots of the weights",
                           (long long)snapshots->most);
    *w = arena_allocate(snapshots->arena, snapshots->bytes);
    if (!*w) return BASIN_MEMORY;
    snapshots->w[snapshots->count++] = *w;
    return BASIN_OK;
}

/* After an interruption one may come again that is there already; none may have been left out. */
static basin_status snapshots_take(struct snapshots *snapshots, int64_t now, const void *w)
{
    void *own = NULL;
    if (now % snapshots->every != 0 || now / snapshots->every < snapshots->count) return BASIN_OK;
    if (now / snapshots->every != snapshots->count)
        return error_raise(BASIN_DATA, "its snapshots of the weights end at number %lld",
                           (long long)snapshots->count);
    TRY(snapshots_room(snapshots, &own));
    memcpy(own, w, snapshots->bytes);
    return BASIN_OK;
}

basin_status snapshots_after_epoch(struct snapshots *snapshots, int64_t epoch, const void *w)
{
    if (!snapshots || (snapshots->by_step && epoch > 0)) return BASIN_OK;
    return snapshots_take(snapshots, epoch, w);
}

basin_status snapshots_after_step(struct snapshots *snapshots, int64_t step, const void *w)
{
    return snapshots && snapshots->by_step ? snapshots_take(snapshots, step, w) : BASIN_OK;
}

/* ---- checkpoints ---- */

static basin_status one_state(struct snapshots *snapshots, struct state *state, int64_t i)
{
    char name[32];
    bool is_double = snapshots->precision == PRECISION_FLOAT64;
    size_t size = (size_t)model_state_size(snapshots->model);
    snprintf(name, sizeof name, "w%lld", (long long)i);
    TRY(state_array(state, name, is_double ? RECORD_FLOAT64 : RECORD_FLOAT32, size,
                    snapshots->w[i]));
    if (state->save || vector_finite(snapshots->precision, snapshots->w[i], size)) return BASIN_OK;
    return error_raise(BASIN_DATA, "its snapshot %lld of the weights is not finite", (long long)i);
}

static basin_status check_snapshots(const struct snapshots *snapshots, int64_t count,
                                    int64_t most_epoch, int64_t most_step)
{
    int64_t reached = snapshots->by_step ? most_step : most_epoch;
    if (count >= 1 && count <= snapshots->most && count - 1 <= reached / snapshots->every)
        return BASIN_OK;
    return error_raise(BASIN_DATA, "it has %lld snapshots of the weights", (long long)count);
}

basin_status snapshots_state(struct snapshots *snapshots, struct state *state, int64_t most_epoch,
                             int64_t most_step)
{
    if (!snapshots) return BASIN_OK;
    struct state own = *state;
    int64_t count = snapshots->count;
    own.prefix = "snapshots/";
    TRY(state_integer(&own, "count", &count));
    if (!state->save) TRY(check_snapshots(snapshots, count, most_epoch, most_step));
    for (int64_t i = 0; i < count; i++) {
        void *w;
        if (!state->save) TRY(snapshots_room(snapshots, &w));
        TRY(one_state(snapshots, &own, i));
    }
    return BASIN_OK;
}

/* ---- the file ---- */

static basin_status record_snapshot(const struct snapshots *snapshots, int64_t i, double *w,
                                    struct record *record)
{
    int64_t now = i * snapshots->every, batches = snapshots->plan.batches;
    int64_t step = snapshots->by_step ? now : now * batches;
    struct record_item *group;
    char path[64];
    if (step > snapshots->plan.steps) step = snapshots->plan.steps; /* a part of an epoch */
    snprintf(path, sizeof path,
             snapshots->by_step ? "/weights/step_%06lld" : "/weights/epoch_%04lld", (long long)now);
    vector_to_double(snapshots->precision, snapshots->w[i], w,
                     (size_t)model_state_size(snapshots->model));
    TRY(model_export(snapshots->model, w, snapshots->precision, record, path));
    TRY(record_group(record, path, &group));
    TRY(record_attribute_float(record, group, "epoch",
                               snapshots->by_step ? (double)step / (double)batches : (double)now));
    return record_attribute_integer(record, group, "step", step);
}

basin_status snapshots_record(const struct snapshots *snapshots, struct record *record)
{
    struct record_item *group;
    char every[48];
    if (!snapshots) return BASIN_OK;
    struct weights_settings settings = {
        .every = snapshots->by_step ? SETTING_ABSENT : snapshots->every,
        .every_steps = snapshots->by_step ? snapshots->every : SETTING_ABSENT};
    snapshots_name(&settings, every);
    TRY(record_group(record, "/weights", &group));
    TRY(record_attribute_text(record, group, "every", every));
    double *w = memory_allocate((size_t)model_state_size(snapshots->model) * sizeof *w);
    if (!w) return BASIN_MEMORY;
    basin_status status = BASIN_OK;
    for (int64_t i = 0; i < snapshots->count && status == BASIN_OK; i++)
        status = record_snapshot(snapshots, i, w, record);
    memory_free(w);
    return status;
}
