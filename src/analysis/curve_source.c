#include "analysis/curve_source.h"

#include <string.h>
#include "base/list.h"

struct curve_source {
    struct arena *arena; /* of names; of the source itself */
    const struct table *table;
    int file; /* the column, or -1 */
    bool listed;
    const char **names;
    size_t count, capacity;
    struct arena *latest; /* of the run read last; NULL */
    const char *latest_file;
    struct run_curves curves;
};

static int find_file(const struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_FILE && strcmp(table->columns[i].name, "file") == 0)
            return (int)i;
    return -1;
}

basin_status curve_source_open(const struct table *table, struct curve_source **source)
{
    struct curve_source *made = arena_allocate(table->arena, sizeof *made);
    if (!made) return BASIN_MEMORY;
    *made = (struct curve_source){.arena = table->arena, .table = table, .file = find_file(table)};
    *source = made;
    return BASIN_OK;
}

basin_status curve_source_names(struct arena *arena, const char *const *names, size_t count,
                                struct curve_source **source)
{
    struct curve_source *made = arena_allocate(arena, sizeof *made);
    if (!made || !list_room(arena, made->names, 0, count + 1, made->capacity)) return BASIN_MEMORY;
    if (count) memcpy(made->names, names, count * sizeof *names);
    made->arena = arena;
    made->file = -1;
    made->count = count;
    made->listed = true;
    *source = made;
    return BASIN_OK;
}

void curve_source_close(struct curve_source *source)
{
    if (source) arena_destroy(source->latest);
    if (source) source->latest = NULL;
}

basin_status curve_source_of(struct curve_source *source, const struct row *row,
                             const struct run_curves **curves)
{
    const char *file = source->file >= 0 ? row->cells[source->file].text : NULL;
    *curves = NULL;
    if (!file) return BASIN_OK;
    if (!source->latest || source->latest_file != file) {
        arena_destroy(source->latest);
        source->latest = NULL;
        TRY(arena_create(&source->latest));
        source->latest_file = NULL;
        TRY(curves_load(source->table->results, source->latest, file, &source->curves));
        source->latest_file = file;
    }
    *curves = &source->curves;
    return BASIN_OK;
}

static basin_status add_curve_name(struct curve_source *source, const char *name)
{
    for (size_t i = 0; i < source->count; i++)
        if (strcmp(source->names[i], name) == 0) return BASIN_OK;
    const char *copy = arena_text(source->arena, name);
    if (!copy || !list_room(source->arena, source->names, source->count, 1, source->capacity))
        return BASIN_MEMORY;
    source->names[source->count++] = copy;
    return BASIN_OK;
}

basin_status curve_source_list(struct curve_source *source, const char *const **names,
                               size_t *count)
{
    for (size_t i = 0; !source->listed && i < source->table->row_count; i++) {
        const struct run_curves *curves;
        TRY(curve_source_of(source, &source->table->rows[i], &curves));
        for (size_t k = 0; curves && k < curves->count; k++)
            TRY(add_curve_name(source, curves->items[k].name));
    }
    source->listed = true;
    *names = source->names;
    *count = source->count;
    return BASIN_OK;
}
