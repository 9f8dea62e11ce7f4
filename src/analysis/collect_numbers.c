/* The numbers of study.h5: what a run has one of. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "analysis/collect_parts.h"
#include "base/text.h"
#include "run/quantities.h"

static basin_status add_texts(struct collector *collector, const char *name, const char *long_name,
                              const char *(*of)(const struct cube_run *run))
{
    const struct cube *cube = collector->cube;
    const char **texts = arena_array(collector->arena, const char *, cube->cell_count + 1);
    struct record_item *item;
    if (!texts) return BASIN_MEMORY;
    for (size_t i = 0; i < cube->cell_count; i++) texts[i] = of(&cube->cells[i]);
    TRY(collect_add(collector, name, RECORD_TEXT, texts, &item));
    return collect_describe(collector, item, NULL, long_name, NULL);
}

static const char *id_of(const struct cube_run *run)
{
    return run->id;
}

static const char *collect_state_of(const struct cube_run *run)
{
    return run->state;
}

/* ---- numbers ---- */

bool collect_is_diverged(const struct cube_run *run)
{
    return strcmp(run->state, "diverged") == 0;
}

/* The cell of a run, or NULL: it has no result, or diverged, and what it has is no result. */
static const struct cell *cell_at(const struct collector *collector, size_t i, size_t column)
{
    const struct cube_run *run = &collector->cube->cells[i];
    bool is_measure = collector->table->columns[column].group == COLUMN_MEASURE;
    if (run->row == CUBE_NONE || (collect_is_diverged(run) && is_measure)) return NULL;
    const struct cell *cell = &collector->table->rows[run->row].cells[column];
    return cell->kind == CELL_NUMBER || cell->kind == CELL_BOOLEAN ? cell : NULL;
}

/* An option of the measure of a number, by which rows of it are not comparable. */
static bool splits(const struct table *table, size_t option, size_t number)
{
    const struct column *column = &table->columns[option];
    return column->option && column->varied && column->measure && table->columns[number].measure &&
           strcmp(column->measure, table->columns[number].measure) == 0;
}

/* "_k_3_examples_500": the options of a row that differ from those of others; "" where none do. */
static const char *suffix_of(const struct collector *collector, size_t number, size_t row)
{
    const struct table *table = collector->table;
    struct text suffix = {0};
    text_append(&suffix, "");
    for (size_t i = 0; i < table->column_count; i++) {
        if (!splits(table, i, number)) continue;
        const struct cell *cell = &table->rows[row].cells[i];
        const char *dot = strrchr(table->columns[i].name, '.');
        char digits[32];
        if (cell->kind == CELL_ABSENT) continue;
        if (cell->kind == CELL_NUMBER) snprintf(digits, sizeof digits, "%.17g", cell->number);
        collect_name_option(&suffix, dot ? dot + 1 : "",
                            cell->kind == CELL_NUMBER ? digits
                            : cell->text              ? cell->text
                                                      : "");
    }
    const char *made = suffix.failed
                           ? NULL
                           : arena_text(collector->arena, suffix.length ? text_data(&suffix) : "");
    text_free(&suffix);
    return made;
}

static basin_status describe_number(struct collector *collector, size_t column,
                                    struct record_item *item)
{
    const struct column *own = &collector->table->columns[column];
    const struct entry *measure = NULL;
    const struct quantity *quantity = own->verdict ? NULL : quantities_find(own->name, &measure);
    const char *suffix = quantity ? quantities_suffix(quantity, own->name) : "",
               *title = quantity ? quantity->long_name : own->name;
    if (*suffix) title = arena_format(collector->arena, "%s (%s)", title, suffix);
    if (!title) return BASIN_MEMORY;
    TRY(collect_describe(collector, item, own->units ? own->units : "1", title,
                         quantity ? quantity->definition : NULL));
    if (measure)
        TRY(record_attribute_text(collector->record, item, "measure",
                                  own->measure ? own->measure : measure->name));
    return quantity && quantity->source
               ? record_attribute_text(collector->record, item, "source", quantity->source)
               : BASIN_OK;
}

static bool has_number_named(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0) return true;
    return false;
}

/* "hessian_lambda_max_examples_500", unless runs have a number of that name too, from a measure
 * that they hold with several options: both stay apart. */
static char *collect_number_name(const struct collector *collector, size_t column,
                                 const char *suffix)
{
    const struct table *table = collector->table;
    char *name = arena_format(collector->arena, "%s%s", table->columns[column].name, suffix);
    bool is_taken = name && *suffix && has_number_named(table, name);
    if (is_taken) name = arena_format(collector->arena, "%s_2", name);
    return name ? cube_identifier(collector->arena, name) : NULL;
}

/* The values of a number over all runs: of the rows with these options. `suffixes`: by row; NULL:
 * all were measured alike. */
static basin_status add_number_of(struct collector *collector, size_t column,
                                  const char *const *suffixes, const char *suffix)
{
    size_t count = collector->cube->cell_count;
    double *values = arena_array(collector->arena, double, count + 1);
    struct record_item *item;
    char *name = collect_number_name(collector, column, suffix);
    if (!values || !name) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct cell *cell = cell_at(collector, i, column);
        bool is_alike =
            cell && (!suffixes || strcmp(suffixes[collector->cube->cells[i].row], suffix) == 0);
        values[i] = is_alike ? cell->number : NAN;
    }
    TRY(collect_add(collector, name, RECORD_FLOAT64, values, &item));
    return describe_number(collector, column, item);
}

/* Once for each way in which it was measured, in the order of the rows. */
static basin_status add_number(struct collector *collector, size_t column)
{
    const struct table *table = collector->table;
    const char **suffixes = arena_array(collector->arena, const char *, table->row_count + 1),
               **done = arena_array(collector->arena, const char *, table->row_count + 1);
    size_t count = 0;
    if (!suffixes || !done) return BASIN_MEMORY;
    for (size_t i = 0; i < table->row_count; i++)
        if (!(suffixes[i] = suffix_of(collector, column, i))) return BASIN_MEMORY;
    for (size_t i = 0; i < table->row_count; i++) {
        size_t k = 0;
        if (table->rows[i].cells[column].kind == CELL_ABSENT) continue;
        while (k < count && strcmp(done[k], suffixes[i]) != 0) k++;
        if (k < count) continue;
        done[count++] = suffixes[i];
        TRY(add_number_of(collector, column, suffixes, suffixes[i]));
    }
    return BASIN_OK;
}

static bool collect_has_options(const struct table *table, size_t column)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (splits(table, i, column)) return true;
    return false;
}

static bool is_collected(const struct table *table, size_t column)
{
    const struct column *own = &table->columns[column];
    bool is_number = own->group == COLUMN_MEASURE || strcmp(own->name, "exploded") == 0 ||
                     strcmp(own->name, "seconds") == 0;
    if (!is_number || own->group == COLUMN_PARAMETER) return false;
    for (size_t i = 0; i < table->row_count; i++) {
        enum cell_kind kind = table->rows[i].cells[column].kind;
        if (kind == CELL_NUMBER || kind == CELL_BOOLEAN) return true;
    }
    return false;
}

basin_status collect_numbers(struct collector *collector)
{
    const struct table *table = collector->table;
    for (size_t i = 0; i < table->column_count; i++) {
        if (!is_collected(table, i)) continue;
        TRY(collect_has_options(table, i) ? add_number(collector, i)
                                          : add_number_of(collector, i, NULL, ""));
    }
    TRY(add_texts(collector, "run_id", "id of the run: its file is runs/<id>.h5", id_of));
    return add_texts(collector, "status", "state of the run", collect_state_of);
}
