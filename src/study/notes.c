#include "study/notes.h"

#include <string.h>

/* Does an axis give the run its value of `path`, by itself or in a block? */
static bool is_swept(const struct spec *spec, size_t index, const struct value *run,
                     const char *path)
{
    const struct value *value = value_find(run, path);
    for (size_t i = 0; value && value->mark.line > 0 && i < spec->axis_count; i++) {
        size_t length = strlen(spec->axes[i].path);
        if (spec_axis_varies(&spec->axes[i]) && spec_axis_value(spec, index, i) &&
            strncmp(path, spec->axes[i].path, length) == 0 &&
            (path[length] == 0 || path[length] == '.'))
            return true;
    }
    return false;
}

static size_t count_seeds_of(const struct spec *spec)
{
    for (size_t i = 0; i < spec->axis_count; i++)
        if (strcmp(spec->axes[i].path, "seed") == 0) return spec->axes[i].count;
    return 0;
}

basin_status notes_look(struct study_notes *notes, struct arena *arena, const struct spec *spec,
                        size_t index, const struct run_settings *settings,
                        const struct data_info *info)
{
    const struct effects_site site = {.settings = settings,
                                      .info = info,
                                      .steps_swept =
                                          is_swept(spec, index, settings->spec, "training.steps"),
                                      .seeds = count_seeds_of(spec)};
    struct text text = {0};
    notes->runs++;
    for (size_t i = 0; i < EFFECT_RULES; i++) {
        text.length = 0;
        effect_rules[i].look(&site, &text);
        if (text.failed) break;
        if (text.length == 0) continue;
        if (notes->count[i]++ == 0 && !(notes->first[i] = arena_text(arena, text_data(&text))))
            text.failed = true;
    }
    basin_status status = text_status(&text);
    text_free(&text);
    return status;
}

basin_status notes_finish(const struct study_notes *notes, struct arena *arena,
                          const char *const **lines, size_t *count)
{
    const char **out = arena_array(arena, const char *, EFFECT_RULES);
    *lines = out;
    *count = 0;
    if (!out) return BASIN_MEMORY;
    for (size_t i = 0; i < EFFECT_RULES; i++) {
        if (!notes->count[i]) continue;
        out[*count] = notes->count[i] == notes->runs
                          ? notes->first[i]
                          : arena_format(arena, "%s (in %zu of %zu runs)", notes->first[i],
                                         notes->count[i], notes->runs);
        if (!out[(*count)++]) return BASIN_MEMORY;
    }
    return BASIN_OK;
}
