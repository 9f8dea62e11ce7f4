#include "run/identity.h"

#include <string.h>
#include "base/text.h"
#include "measure/measure.h"
#include "spec/spec.h"
#include "spec/value_steps.h"
#include "train/train.h"

static void derive_steps(struct value *spec, const struct data_info *info)
{
    int64_t examples = (int64_t)info->counts[DATA_TRAIN];
    if (!value_has_epochs(spec)) return;
    const struct entry *optimizer =
        registry_find(&optimizer_registry, value_text(spec, "training.optimizer.type"));
    int64_t steps = train_epoch_steps(optimizer, value_integer(spec, "training.batch_size"),
                                      value_boolean(spec, "training.drop_last"),
                                      examples ? examples : 1); /* none: refused later */
    value_count_steps(spec, steps);
}

void identity_derive(struct value *spec, const struct data_info *info)
{
    derive_steps(spec, info);
    struct value *loss = (struct value *)value_find(spec, "training.loss");
    if (info->task != DATA_REGRESSION) return;
    if (loss->is_default && loss->mark.line == 0)
        loss->text = "mse"; /* cross_entropy that nobody wrote */
    if (strcmp(loss->text, "mse") == 0) loss->is_default = true;
}

static bool tracks_other_numbers(const struct run_settings *settings)
{
    for (size_t i = 0; i < settings->measures.count; i++) {
        const struct setting_variant *measure = &settings->measures.items[i];
        if (measure_every(measure) != SETTING_ABSENT && measure_is_revised(measure->member))
            return true;
    }
    return false;
}

/* Does it track a measure by statistics of another batch than earlier versions did? */
static bool tracks_other_batch(const struct run_settings *settings, const struct model *model,
                               const struct data *data)
{
    struct measure_site site = {.model = model,
                                .data = data,
                                .batch =
                                    run_statistics_batch(settings, model, data_describe(data))};
    for (size_t i = 0; i < settings->measures.count; i++) {
        const struct setting_variant *measure = &settings->measures.items[i];
        site.settings = measure->settings;
        if (measure_every(measure) != SETTING_ABSENT && measure_is_rebatched(&site)) return true;
    }
    return false;
}

/* What follows from the model. One that cannot be made is reported by whoever asks for it next. */
static basin_status look_at_model(const struct run_settings *settings, const struct data *data,
                                  bool *has_weights, bool *has_batch)
{
    struct arena *arena;
    struct model *model;
    TRY(arena_create(&arena));
    basin_status status = run_model_create(arena, settings, data_describe(data), &model);
    *has_weights = status == BASIN_OK && model_is_revised(model);
    *has_batch = status == BASIN_OK && tracks_other_batch(settings, model, data);
    arena_destroy(arena);
    return status == BASIN_SPEC ? BASIN_OK : status;
}

/* What of a run earlier versions computed otherwise, as a list; empty: nothing. */
static basin_status find_revisions(const struct run_settings *settings, const struct data *data,
                                   struct text *revised)
{
    bool has_weights, has_batch;
    TRY(look_at_model(settings, data, &has_weights, &has_batch));
    bool lost = settings->train.precision == PRECISION_FLOAT32 && data_lost_in_float32(data);
    const struct {
        bool applies;
        const char *name;
    } revisions[] = {{has_weights, "initializer_fans"},
                     {lost, "standardize"},
                     {tracks_other_numbers(settings), "tracked_measures"},
                     {has_batch, "full_batch_statistics"}};
    for (size_t i = 0; i < sizeof revisions / sizeof *revisions; i++)
        if (revisions[i].applies)
            text_format(revised, "%s%s", revised->length ? ", " : "[", revisions[i].name);
    if (revised->length) text_append(revised, "]");
    return text_status(revised);
}

static basin_status identity_name(const struct value *spec, const struct data *data,
                                  const char *revised, char id[17])
{
    const struct data_info *info = data_describe(data);
    struct run_inputs inputs = {0};
    struct identity_facts facts = {.inputs = &inputs,
                                   .train_available = (int64_t)info->available,
                                   .test_available = (int64_t)info->test_available,
                                   .revised = revised};
    TRY(data_inputs(data, &inputs));
    return spec_identity(spec, &facts, id);
}

basin_status identity_of_run(const struct value *spec, const struct run_settings *settings,
                             const struct data *data, char id[17])
{
    struct text revised = {0};
    basin_status status = find_revisions(settings, data, &revised);
    if (status == BASIN_OK)
        status = identity_name(spec, data, revised.length ? text_data(&revised) : NULL, id);
    text_free(&revised);
    return status;
}

basin_status identity_of_former(const struct value *spec, const struct data *data, char id[17])
{
    return identity_name(spec, data, NULL, id);
}
