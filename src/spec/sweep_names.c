/* Names of axes: `names: {architecture: model}` under `sweep`, for tables and plots. */
#include <string.h>
#include "spec/sweep_names.h"
#include "spec/scalar.h"
#include "spec/sweep_paths.h"

static struct spec_axis *sweep_names_find(struct sweep *sweep, const char *path)
{
    for (size_t i = 0; i < sweep->count; i++)
        if (strcmp(sweep->axes[i].path, path) == 0) return &sweep->axes[i];
    return NULL;
}

static const char *used_by(const struct sweep *sweep, const char *name)
{
    for (size_t i = 0; i < sweep->count; i++)
        if (strcmp(sweep->axes[i].path, name) == 0 ||
            (sweep->axes[i].name && strcmp(sweep->axes[i].name, name) == 0))
            return sweep->axes[i].path;
    return NULL;
}

static void read_name(const struct sweep_reader *reader, const struct tree_member *member)
{
    static const struct schema_row row = {.key = "name", .type = SCHEMA_NAME};
    struct place block = {.key = "sweep.names"}, place = {.up = &block, .key = member->key};
    struct spec_axis *axis = sweep_names_find(reader->sweep, member->key);
    struct value name = {0};
    if (!axis) {
        resolver_complain(reader->resolver, member->mark, &block,
                          "name a path of grid, zip, random or list, or seed",
                          "%.100s is not swept", member->key);
        return;
    }
    if (!scalar_read(reader->resolver, &row, SCHEMA_NAME, member->value, &place, &name)) return;
    const char *other = used_by(reader->sweep, name.text);
    if (other)
        resolver_complain(reader->resolver, member->value->mark, &place, NULL,
                          "\"%s\" is the axis %s already", name.text, other);
    axis->name = name.text;
    axis->name_mark = member->value->mark;
}

basin_status sweep_names_read(const struct sweep_reader *reader, const struct tree_member *sweep)
{
    const struct tree_member *names = tree_find(sweep->value, "names");
    struct place place = {.key = "sweep.names"};
    if (!names) return BASIN_OK;
    if (names->value->kind != TREE_MAP || names->value->map.count == 0)
        resolver_complain(reader->resolver, names->value->mark, &place,
                          "write \"path: name\" below it", "expected a block of paths, found %s",
                          names->value->kind == TREE_MAP ? "an empty one"
                                                         : sweep_kind(names->value));
    else
        for (size_t i = 0; i < names->value->map.count; i++)
            read_name(reader, &names->value->map.members[i]);
    return reader->resolver->status;
}
