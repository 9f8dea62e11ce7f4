#include "data/view.h"

#include <stdio.h>

static const struct transform *transform_of(const struct entry *entry)
{
    return entry->implementation;
}

/* ---- the transforms of a stage, in order: keys of the block, then those that it lists ---- */

basin_status view_prepare(struct source *source, const struct data_settings *settings)
{
    for (const struct entry *const *entry = keyed_transform_registry.entries; *entry; entry++) {
        const struct transform *transform = transform_of(*entry);
        if (transform->stage == DATA_SOURCE) TRY(transform->source(source, settings));
    }
    for (size_t i = 0; i < settings->transforms.count; i++) {
        const struct setting_variant *listed = &settings->transforms.items[i];
        if (transform_of(listed->entry)->stage == DATA_SOURCE)
            TRY(transform_of(listed->entry)->source(source, listed->settings));
    }
    return BASIN_OK;
}

static basin_status view_transform(struct data *data, const struct data_settings *settings)
{
    for (const struct entry *const *entry = keyed_transform_registry.entries; *entry; entry++) {
        const struct transform *transform = transform_of(*entry);
        if (transform->stage == DATA_VIEW) TRY(transform->view(data, settings));
    }
    for (size_t i = 0; i < settings->transforms.count; i++) {
        const struct setting_variant *listed = &settings->transforms.items[i];
        if (transform_of(listed->entry)->stage == DATA_VIEW)
            TRY(transform_of(listed->entry)->view(data, listed->settings));
    }
    return BASIN_OK;
}

/* Those of a gather, once the view is complete. */
static basin_status view_check(const struct data *data, const struct data_settings *settings)
{
    for (size_t i = 0; i < settings->transforms.count; i++) {
        const struct setting_variant *listed = &settings->transforms.items[i];
        const struct transform *transform = transform_of(listed->entry);
        if (!transform->check || transform->check(data, listed->settings) == BASIN_OK) continue;
        basin_status status = basin_error_last()->status;
        char block[64];
        snprintf(block, sizeof block, "transforms[%zu].%s", i, listed->entry->name);
        error_key_block(block);
        return status;
    }
    return BASIN_OK;
}

/* ---- the whole ---- */

static void view_describe(struct data_info *info, const struct source *source)
{
    *info = (struct data_info){.task = source->task,
                               .rank = source->rank,
                               .features = source->features,
                               .outputs = source->outputs,
                               .positions = source->vocabulary ? source->features : 1,
                               .vocabulary = source->vocabulary,
                               .available = source->available,
                               .test_available = source->test_available,
                               .has_digest = !source->generated,
                               .digest = source->digest,
                               .bytes = source_bytes(source)};
    for (int i = 0; i < source->rank; i++) info->dims[i] = source->dims[i];
}

basin_status view_make(struct data *data, const struct source *source,
                       const struct data_settings *settings)
{
    data->source = source;
    data->settings = settings;
    view_describe(&data->info, source);
    TRY(view_transform(data, settings));
    return view_check(data, settings);
}
