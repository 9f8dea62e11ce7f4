#include "study/axes.h"

#include <stdio.h>
#include <string.h>
#include "folder/folder.h"
#include "run/columns.h"

/* Of a path of measures that only the end of a run has. */
static bool measures_the_end(const struct value *run, const char *path)
{
    const char *name = strncmp(path, "measures", 8) == 0 ? path + 8 : NULL;
    char every[FOLDER_PATH];
    if (!name || (*name && *name != '.')) return false;
    snprintf(every, sizeof every, "measures%.*s.every",
             (int)(strcspn(name + !!*name, ".") + !!*name), name);
    return !*name || !value_has(run, every);
}

static bool axes_ends_with_part(const char *path, const char *part)
{
    size_t length = strlen(path), tail = strlen(part);
    return length >= tail && strcmp(path + length - tail, part) == 0 &&
           (length == tail || path[length - tail - 1] == '.');
}

/* The parameter below `map` whose path, or the end of it, is `name`: into `path`, which holds what
 * is above. */
static bool axes_find_parameter(const struct value *map, const char *name, char path[FOLDER_PATH])
{
    size_t above = strlen(path);
    for (size_t i = 0; i < map->map.count; i++) {
        const struct value_member *member = &map->map.members[i];
        if (!columns_has_parameter(map, member->value)) continue;
        snprintf(path + above, FOLDER_PATH - above, "%s%s", above ? "." : "", member->key);
        if (axes_ends_with_part(path, name)) return true;
        if (member->value->kind == VALUE_MAP && axes_find_parameter(member->value, name, path))
            return true;
    }
    path[above] = 0;
    return false;
}

/* Which other column the name of an axis means already; NULL: none. A name that its own path ends
 * with means that axis. */
static const char *taken_by(const struct spec_axis *axis, const struct value *run,
                            char what[FOLDER_PATH])
{
    static const char parameter[] = "the parameter ";
    char path[FOLDER_PATH] = "";
    if (!axis->name || axes_ends_with_part(axis->path, axis->name)) return NULL;
    if (columns_has_name(axis->name)) return "a column of results";
    if (!axes_find_parameter(run, axis->name, path)) return NULL;
    snprintf(what, FOLDER_PATH, "%s%.*s", parameter, (int)(FOLDER_PATH - sizeof parameter), path);
    return what;
}

basin_status axes_check(const struct spec *spec, struct diagnostics *diagnostics, size_t index,
                        const struct value *value, bool *reported)
{
    basin_status status = BASIN_OK;
    for (size_t i = 0; i < spec->axis_count; i++) {
        const struct spec_axis *axis = &spec->axes[i];
        char buffer[FOLDER_PATH];
        if (reported[i]) continue;
        const char *taken = taken_by(axis, value, buffer);
        reported[i] = true;
        if (spec_axis_value(spec, index, i) && measures_the_end(value, axis->path))
            spec_complain(
                spec, diagnostics, value, axis->path,
                "give the measure an \"every\", or make a study of each",
                "it cannot be swept: a measure at the end of a run does not change the run");
        else if (taken)
            spec_complain_name(spec, diagnostics, axis, taken);
        else
            reported[i] = false;
        if (reported[i]) status = BASIN_SPEC;
    }
    return status;
}
