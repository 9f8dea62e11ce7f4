#include "analysis/table_cache.h"

#include <string.h>
#include "base/list.h"
#include "folder/cache.h"
#include "run/provenance.h"

/* A column as a file made it: a word of the cache. */
struct made_column {
    int column; /* -1: no file that was read has made it */
    const struct schema_row *row;
    bool option;
};

/* What of a column was last given a word, so that it is not put together for every row. */
struct column_word {
    bool is_known, option, item, verdict;
    const struct schema_row *row;
    const char *units, *measure;
    uint32_t word;
};

struct table_cache {
    struct table *table;
    struct cache *cache;
    struct made_column *made; /* by word */
    size_t made_count, made_capacity;
    struct column_word *words; /* by column */
    size_t word_count, word_capacity;
    struct text piece;
};

basin_status table_cache_open(struct table *table, const char *folder, const char *const *names,
                              size_t name_count, struct table_cache **out)
{
    struct table_cache *cache = arena_allocate(table->arena, sizeof *cache);
    struct text context = {0};
    if (!cache) return BASIN_MEMORY;
    text_format(&context, "rows 1 %s %s", provenance_version(), provenance_commit());
    for (size_t i = 0; i < name_count; i++) cache_put_text(&context, names[i]);
    basin_status status = text_status(&context);
    cache->table = table;
    if (status == BASIN_OK)
        status = cache_open(table->arena, folder, "rows",
                            hash_bytes(text_data(&context), context.length), &cache->cache);
    text_free(&context);
    *out = cache;
    return status;
}

void table_cache_close(struct table_cache *cache)
{
    cache_close(cache->cache);
    text_free(&cache->piece);
}

/* ---- columns ---- */

static bool is_file_column(const struct column *column)
{
    return column->group == COLUMN_FILE && strcmp(column->name, "file") == 0;
}

static void put_schema_row(struct text *out, const struct schema_row *row)
{
    cache_put_text(out, row ? row->key : NULL);
    cache_put_text(out, row ? row->doc : NULL);
    cache_put_text(out, row ? row->unit : NULL);
    for (size_t i = 0; row && row->aliases && row->aliases[i]; i++)
        cache_put_text(out, row->aliases[i]);
}

static uint32_t make_word(struct table_cache *cache, const struct column *column)
{
    struct text out = {0};
    cache_put_number(&out, column->group);
    cache_put_text(&out, column->name);
    cache_put_text(&out, column->units);
    cache_put_text(&out, column->measure);
    cache_put_number(&out, column->option | column->item << 1 | column->verdict << 2);
    put_schema_row(&out, column->row);
    uint32_t word =
        out.failed ? CACHE_NO_WORD : cache_word(cache->cache, text_data(&out), out.length);
    text_free(&out);
    return word;
}

static bool is_as_before(const struct column_word *before, const struct column *column)
{
    return before->is_known && before->row == column->row && before->units == column->units &&
           before->measure == column->measure && before->option == column->option &&
           before->item == column->item && before->verdict == column->verdict;
}

/* Notes that a file has made the column so. */
static bool note_made(struct table_cache *cache, uint32_t word, int at)
{
    const struct column *column = &cache->table->columns[at];
    while (cache->made_count <= word) {
        if (!list_room(cache->table->arena, cache->made, cache->made_count, 1,
                       cache->made_capacity))
            return false;
        cache->made[cache->made_count++] = (struct made_column){.column = -1};
    }
    cache->made[word] = (struct made_column){at, column->row, column->option};
    return true;
}

static uint32_t word_of_column(struct table_cache *cache, size_t at)
{
    const struct column *column = &cache->table->columns[at];
    while (cache->word_count <= at) {
        if (!list_room(cache->table->arena, cache->words, cache->word_count, 1,
                       cache->word_capacity))
            return CACHE_NO_WORD;
        cache->words[cache->word_count++] = (struct column_word){0};
    }
    struct column_word *known = &cache->words[at];
    if (is_as_before(known, column)) return known->word;
    uint32_t word = make_word(cache, column);
    if (word == CACHE_NO_WORD || !note_made(cache, word, (int)at)) return CACHE_NO_WORD;
    *known = (struct column_word){true,        column->option, column->item,    column->verdict,
                                  column->row, column->units,  column->measure, word};
    return word;
}

/* ---- cells ---- */

static void keep_cell(struct text *out, const struct cell *cell)
{
    cache_put_number(out, (unsigned)cell->kind | (unsigned)cell->is_default << 3 |
                              (unsigned)cell->doubtful << 4);
    if (cell->kind == CELL_NUMBER || cell->kind == CELL_BOOLEAN)
        cache_put_double(out, cell->number);
    if (cell->kind == CELL_TEXT || cell->kind == CELL_LIST) cache_put_text(out, cell->text);
    if (cell->kind == CELL_LIST) cache_put_text(out, cell->brief);
}

static struct cell known_cell(struct cursor *piece)
{
    uint64_t how = cache_take_number(piece);
    struct cell cell = {
        .kind = (enum cell_kind)(how & 7), .is_default = how >> 3 & 1, .doubtful = how >> 4 & 1};
    if (cell.kind == CELL_NUMBER || cell.kind == CELL_BOOLEAN)
        cell.number = cache_take_double(piece);
    if (cell.kind == CELL_TEXT || cell.kind == CELL_LIST) cell.text = cache_take_text(piece);
    if (cell.kind == CELL_LIST) cell.brief = cache_take_text(piece);
    bool lacks = (cell.kind == CELL_TEXT && !cell.text) ||
                 (cell.kind == CELL_LIST && (!cell.text || !cell.brief));
    if (how > 31 || cell.kind > CELL_LIST || lacks) piece->failed = true;
    return cell;
}

/* ---- rows ---- */

static void keep_row(struct table_cache *cache, const struct row *row)
{
    struct table *table = cache->table;
    size_t count = row->count < table->column_count ? row->count : table->column_count;
    for (size_t i = 0; i < count; i++) {
        if (row->cells[i].kind == CELL_ABSENT || is_file_column(&table->columns[i])) continue;
        uint32_t word = word_of_column(cache, i);
        if (word == CACHE_NO_WORD) cache->piece.failed = true;
        if (cache->piece.failed) return;
        cache_put_number(&cache->piece, word);
        keep_cell(&cache->piece, &row->cells[i]);
    }
}

void table_cache_keep(struct table_cache *cache, const struct row *row)
{
    basin_error before = *basin_error_last();
    if (!cache->cache) return;
    cache->piece.length = 0;
    cache->piece.failed = false;
    keep_row(cache, row);
    cache_keep(cache->cache, &cache->piece);
    error_restore(&before);
}

static bool known_cells(struct table_cache *cache, struct cursor *piece, struct row *row)
{
    while (piece->left && !piece->failed) {
        uint64_t word = cache_take_number(piece);
        if (piece->failed || word >= cache->made_count || cache->made[word].column < 0)
            return false;
        row->cells[cache->made[word].column] = known_cell(piece);
    }
    return !piece->failed;
}

/* What a file that is read does to columns that are there already: its row is that of the last. */
static void touch_columns(struct table_cache *cache, struct cursor piece)
{
    while (piece.left) {
        const struct made_column *made = &cache->made[cache_take_number(&piece)];
        struct column *column = &cache->table->columns[made->column];
        (void)known_cell(&piece);
        if (column->group != COLUMN_PARAMETER) continue;
        column->row = made->row;
        column->option = made->option;
    }
}

static void set_file(const struct table *table, const char *file, struct row *row)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (is_file_column(&table->columns[i]))
            row->cells[i] = (struct cell){.kind = CELL_TEXT, .text = file};
}

basin_status table_cache_take(struct table_cache *cache, const char *file, struct row *row,
                              bool *known)
{
    struct table *table = cache->table;
    struct cursor piece;
    *known = false;
    if (!cache_find(cache->cache, file, &piece) || !cache->made_count) return BASIN_OK;
    row->cells = arena_array(table->arena, struct cell, table->column_count + 1);
    if (!row->cells) return BASIN_MEMORY;
    row->count = table->column_count;
    struct cursor again = piece;
    *known = known_cells(cache, &piece, row);
    if (*known) {
        touch_columns(cache, again);
        set_file(table, file, row);
    } else {
        *row = (struct row){0};
    }
    return BASIN_OK;
}
