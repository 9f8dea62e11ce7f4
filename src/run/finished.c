#include "run/finished.h"

#include <string.h>
#include "run/schema.h"

static basin_status add_held_measures(struct arena *arena, const struct record *record,
                                      struct spec_request *request)
{
    const struct record_item *group = record_find(record, "/measures");
    const char *measures = group ? record_attribute_get_text(group, "measures") : NULL;
    if (!measures) return BASIN_OK;
    const char **sets = arena_array(arena, const char *, 1 + request->set_count);
    if (!sets || !(sets[0] = arena_format(arena, "measures=%s", measures))) return BASIN_MEMORY;
    if (request->set_count) memcpy(sets + 1, request->sets, request->set_count * sizeof *sets);
    request->sets = sets;
    request->set_count++;
    return BASIN_OK;
}

static basin_status take_spec_text(const struct record *record, struct spec_request *request)
{
    const struct record_item *spec = record_find(record, "/spec");
    if (!spec || spec->is_group || spec->type != RECORD_TEXT || spec->rank != 0)
        return error_raise(BASIN_DATA, "%s holds no /spec", request->file);
    request->text = *(const char *const *)spec->data;
    request->length = strlen(request->text);
    return BASIN_OK;
}

basin_status finished_request(struct arena *arena, const struct record *record,
                              struct spec_request *request)
{
    TRY(take_spec_text(record, request));
    return add_held_measures(arena, record, request);
}

static basin_status resolve_request(struct arena *arena, const struct spec_request *request,
                                    struct diagnostics *diagnostics, struct value **run)
{
    struct spec *spec;
    TRY(spec_read(arena, request, diagnostics, &spec));
    return spec_run(spec, 0, arena, diagnostics, run);
}

basin_status finished_spec(struct arena *arena, const struct record *record, const char *file,
                           struct diagnostics *diagnostics, struct value **run)
{
    struct spec_request request = {.file = file, .schema = study_schema};
    TRY(finished_request(arena, record, &request));
    return resolve_request(arena, &request, diagnostics, run);
}

basin_status finished_original_spec(struct arena *arena, const struct record *record,
                                    const char *file, struct diagnostics *diagnostics,
                                    struct value **run)
{
    struct spec_request request = {.file = file, .schema = study_schema};
    TRY(take_spec_text(record, &request));
    return resolve_request(arena, &request, diagnostics, run);
}
