/* What the page takes from the result files beside the table: curves, arrays, definitions, the
 * study's description. */
#include <string.h>
#include "analysis/page.h"
#include "analysis/results.h"
#include "base/list.h"
#include "folder/folder.h"
#include "run/finished.h"
#include "store/store.h"

static int page_find_column(const struct table *table, const char *name, enum column_group group)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == group && strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

static basin_status take_definition(struct page *page, size_t column,
                                    const struct record_item *item)
{
    const char *name = record_attribute_get_text(item, "long_name"),
               *text = record_attribute_get_text(item, "definition"),
               *source = record_attribute_get_text(item, "source");
    if (!name && !text) return BASIN_OK;
    page->definitions[column] =
        arena_format(page->arena, "%s%s%s%s%s%s", name ? name : "", name && text ? ": " : "",
                     text ? text : "", source ? " (" : "", source ? source : "", source ? ")" : "");
    return page->definitions[column] ? BASIN_OK : BASIN_MEMORY;
}

/* Of columns that have none yet: runs may have different measures. */
static basin_status take_definitions(struct page *page, const struct record *record)
{
    const struct table *table = page->table;
    for (size_t i = 0; i < table->column_count; i++) {
        const char *path = arena_format(record->arena, "/measures/%s", table->columns[i].name);
        if (!path) return BASIN_MEMORY;
        const struct record_item *item =
            table->columns[i].group == COLUMN_MEASURE && !page->definitions[i]
                ? record_find(record, path)
                : NULL;
        if (item) TRY(take_definition(page, i, item));
    }
    return BASIN_OK;
}

/* It changes no number, so that runs of one study may have several: that of the first run. */
static basin_status take_description(struct page *page, const char *file, struct arena *arena)
{
    struct diagnostics diagnostics;
    struct record *record;
    struct value *run;
    if (page->description) return BASIN_OK;
    diagnostics_start(&diagnostics, arena);
    TRY(store_load_small(file, RESULT_SMALL, arena, &record));
    if (finished_spec(arena, record, file, &diagnostics, &run) != BASIN_OK) return BASIN_OK;
    for (size_t i = 0; i < run->map.count; i++) {
        const struct value *value = run->map.members[i].value;
        if (strcmp(run->map.members[i].key, "description") == 0 && value->kind == VALUE_TEXT)
            page->description = arena_text(page->arena, value->text);
    }
    if (!page->description) page->description = "";
    return BASIN_OK;
}

/* "hessian_spectrum/nodes" of its path; NULL for what is no array of a measure. */
static const char *omitted_name(const char *path)
{
    static const char *const groups[] = {"/measures/", "/tracked/"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (strncmp(path, groups[i], strlen(groups[i])) == 0) return path + strlen(groups[i]);
    return NULL;
}

static basin_status take_omitted(struct page *page, const struct record *record)
{
    for (const struct record_item *item = record->omitted; item; item = item->next) {
        const char *name = omitted_name(item->path);
        size_t i = 0;
        while (name && i < page->omitted_count && strcmp(page->omitted[i], name) != 0) i++;
        if (!name || i < page->omitted_count) continue;
        if (!list_room(page->arena, page->omitted, page->omitted_count, 1, page->omitted_capacity))
            return BASIN_MEMORY;
        if (!(page->omitted[page->omitted_count++] = arena_text(page->arena, name)))
            return BASIN_MEMORY;
    }
    return BASIN_OK;
}

static basin_status read_run(struct page *page, size_t row, const char *file, struct arena *arena)
{
    struct record *record;
    TRY(take_description(page, file, arena));
    TRY(results_arrays(page->table->results, file, arena, &record));
    TRY(take_definitions(page, record));
    TRY(take_omitted(page, record));
    TRY(page_arrays_take(page->curves, row, record));
    return page_arrays_take(page->arrays, row, record);
}

basin_status page_read(struct page *page)
{
    const struct table *table = page->table;
    int file = page_find_column(table, "file", COLUMN_FILE);
    page->definitions = arena_array(page->arena, const char *, table->column_count + 1);
    if (!page->definitions) return BASIN_MEMORY;
    TRY(page_arrays_create(page->arena, PAGE_CURVES, table->row_count, &page->curves));
    TRY(page_arrays_create(page->arena, PAGE_ARRAYS, table->row_count, &page->arrays));
    for (size_t i = 0; file >= 0 && i < table->row_count; i++) {
        struct arena *arena;
        TRY(arena_create(&arena));
        basin_status status = read_run(page, i, table->rows[i].cells[file].text, arena);
        arena_destroy(arena);
        TRY(status);
    }
    return BASIN_OK;
}
