/* From the checkpoints of runs that are under way to the rows of a table. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/running.h"
#include "analysis/table_rows.h"
#include "folder/ledger.h"
#include "run/finished.h"
#include "run/provenance.h"
#include "train/quantities.h"

/* ---- a run of which only its place among the axes is known ---- */

/* The value of an axis as the journal writes it. */
static struct cell axis_value(const char *copy)
{
    char *end;
    double number = strtod(copy, &end);
    if (end != copy && !*end) return (struct cell){.kind = CELL_NUMBER, .number = number};
    bool is_true = strcmp(copy, "true") == 0;
    if (is_true || strcmp(copy, "false") == 0)
        return (struct cell){.kind = CELL_BOOLEAN, .number = is_true};
    if (*copy == '[' || *copy == '{')
        return (struct cell){.kind = CELL_LIST, .text = copy, .brief = copy};
    return (struct cell){.kind = CELL_TEXT, .text = copy};
}

/* "path\tvalue\tvalue": how many values. */
static size_t axis_length(const char *axis)
{
    size_t count = 0;
    for (; *axis; axis++) count += *axis == '\t';
    return count;
}

static const char *axis_value_at(const char *axis, size_t value)
{
    for (size_t i = 0; i <= value && axis; i++) axis = strchr(axis + (i > 0), '\t');
    return axis ? axis + 1 : NULL;
}

static size_t place_of_run(const struct axis_names *names, const char *id)
{
    size_t place = 0;
    while (place < names->id_count && strcmp(names->ids[place], id) != 0) place++;
    return place;
}

/* The last axis is the fastest. */
static basin_status set_axes(struct table *table, struct row *row, const struct axis_names *names,
                             const char *id)
{
    size_t place = place_of_run(names, id);
    if (place == names->id_count) return BASIN_OK;
    for (size_t i = names->axis_count; i > 0; i--) {
        const char *axis = names->axes[i - 1];
        size_t length = axis_length(axis);
        const char *value = length ? axis_value_at(axis, place % length) : NULL;
        if (!value) return BASIN_OK; /* no journal of ours */
        place /= length;
        const char *path = arena_text_n(table->arena, axis, strcspn(axis, "\t")),
                   *text = arena_text_n(table->arena, value, strcspn(value, "\t"));
        if (!path || !text) return BASIN_MEMORY;
        TRY(table_set_parameter(table, row, path, axis_value(text)));
    }
    return BASIN_OK;
}

/* ---- numbers so far ---- */

struct numbers {
    const char **names;
    double *values;
    size_t count;
};

static void put_so_far(struct numbers *numbers, const char *name, double value)
{
    numbers->names[numbers->count] = name;
    numbers->values[numbers->count++] = value;
}

/* Of the curves that a finished run has a number of the same name of. */
static basin_status numbers_so_far(struct arena *arena, const struct running *running,
                                   struct numbers *numbers)
{
    size_t most = CURVES + 2;
    *numbers = (struct numbers){arena_array(arena, const char *, most),
                                arena_array(arena, double, most), 0};
    if (!numbers->names || !numbers->values) return BASIN_MEMORY;
    put_so_far(numbers, "epochs", (double)running->epoch);
    put_so_far(numbers, "steps", (double)running->step);
    for (const struct train_quantity *each = train_quantities; each->final.name; each++) {
        const double *curve =
            each->curve && each->final.long_name ? running_curve(running, each->final.name) : NULL;
        if (curve) put_so_far(numbers, each->final.name, running_last(running, curve));
    }
    return BASIN_OK;
}

/* NULL: the checkpoint does not say, or what it says is not understood. */
static basin_status running_spec(struct arena *arena, const struct running *running,
                                 const struct value **run)
{
    struct diagnostics diagnostics;
    struct value *found = NULL;
    *run = NULL;
    if (!running->record) return BASIN_OK;
    diagnostics_start(&diagnostics, arena);
    basin_status status =
        finished_original_spec(arena, running->record, "its checkpoint", &diagnostics, &found);
    if (status == BASIN_MEMORY) return status;
    if (status == BASIN_OK) *run = found;
    return BASIN_OK;
}

/* ---- a row ---- */

static basin_status add_running_run(struct table *table, const char *folder,
                                    const struct axis_names *names, const struct ledger *ledger,
                                    const struct ledger_entry *entry, struct arena *arena,
                                    bool *saved)
{
    struct running running;
    struct numbers numbers = {0};
    struct table_no_file row = {
        .id = entry->id, .status = ledger_names[entry->state], .study = ledger->study};
    TRY(running_look(arena, folder, entry->id, &running, saved));
    if (*saved) {
        TRY(numbers_so_far(arena, &running, &numbers));
        TRY(running_spec(arena, &running, &row.run));
    }
    row.numbers = numbers.names;
    row.values = numbers.values;
    row.count = numbers.count;
    row.seconds = *saved ? running.seconds : NAN;
    TRY(table_add_no_file(table, names, &row));
    struct row *added = &table->rows[table->row_count - 1];
    added->partial = !row.run;
    return row.run ? BASIN_OK : set_axes(table, added, names, entry->id);
}

static int running_by_id(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_wanted_running(const struct table_source *source, const struct ledger_entry *entry)
{
    if (entry->state != LEDGER_RUNNING && entry->state != LEDGER_INTERRUPTED) return false;
    return !source->ids || bsearch(&entry->id, source->ids, source->id_count, sizeof entry->id,
                                   running_by_id) != NULL;
}

static basin_status make_room(struct table *table, size_t more)
{
    struct row *rows = arena_array(table->arena, struct row, table->row_count + more + 1);
    if (!rows) return BASIN_MEMORY;
    if (table->row_count) memcpy(rows, table->rows, table->row_count * sizeof *rows);
    table->rows = rows;
    return BASIN_OK;
}

basin_status table_add_running(struct table *table, struct table_source *source,
                               const struct axis_names *names)
{
    const struct ledger_reader reader = provenance_reader();
    struct ledger *ledger;
    TRY(ledger_read(table->arena, source->path, &reader, &ledger));
    TRY(make_room(table, ledger->count));
    for (size_t i = 0; i < ledger->count; i++) {
        struct arena *arena; /* a checkpoint may be large */
        bool saved = false;
        if (!is_wanted_running(source, &ledger->entries[i])) continue;
        TRY(arena_create(&arena));
        basin_status status =
            add_running_run(table, source->path, names, ledger, &ledger->entries[i], arena, &saved);
        arena_destroy(arena);
        TRY(status);
        source->under_way++;
        source->unsaved += !saved;
    }
    table->under_way += source->under_way;
    return BASIN_OK;
}
