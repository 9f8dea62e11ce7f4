#include "analysis/across.h"

#include <string.h>
#include "analysis/expression.h"
#include "base/list.h"

/* One line an across-measure: its entry, defined in its own file. */
#define ACROSS(X)                                                                                  \
    X(ensemble_entry)                                                                              \
    X(bias_variance_entry)                                                                         \
    X(barrier_entry)                                                                               \
    X(interpolation_entry)                                                                         \
    X(matching_entry)                                                                              \
    X(cka_entry)                                                                                   \
    X(agreement_entry)                                                                             \
    X(rank_entry)                                                                                  \
    X(summary_entry)                                                                               \
    X(scaling_fit_entry)                                                                           \
    X(double_descent_entry)

#define X(name) extern const struct entry name;
ACROSS(X)
#undef X

#define X(name) &name,
static const struct entry *const entries[] = {ACROSS(X) NULL};
#undef X

const struct registry across_registry = {
    .kind = "across-measure", .plural = "across-measures", .entries = entries};

/* ---- a request ---- */

struct across_request {
    struct setting_list measures;
};

static const struct schema_row request_rows[] = {{.key = "across",
                                                  SETTING(struct across_request, measures),
                                                  .type = SCHEMA_SEQUENCE,
                                                  .registry = &across_registry,
                                                  .flags = SCHEMA_REQUIRED,
                                                  .doc = "What is computed over the runs."},
                                                 {0}};

basin_status across_read(struct arena *arena, const char *request, struct diagnostics *diagnostics,
                         struct setting_variant *measure)
{
    struct across_request read = {0};
    const char *text = arena_format(arena, "across: [%s]", request);
    struct spec *spec;
    struct value *value;
    if (!text) return BASIN_MEMORY;
    struct spec_request wanted = {
        .file = "--across", .text = text, .length = strlen(text), .schema = request_rows};
    TRY(spec_read(arena, &wanted, diagnostics, &spec));
    TRY(spec_run(spec, 0, arena, diagnostics, &value));
    TRY(settings_fill(arena, request_rows, value, &read));
    if (read.measures.count != 1)
        return error_raise(BASIN_USAGE, "--across takes one measure, not %zu", read.measures.count);
    *measure = read.measures.items[0];
    return BASIN_OK;
}

basin_status across_check(const struct setting_variant *measure, const struct model *model)
{
    const struct across_measure *kind = measure->entry->implementation;
    return kind->check ? kind->check(measure->settings, model) : BASIN_OK;
}

/* ---- the result ---- */

struct across_sink {
    const struct across_measure *measure;
    struct table *result;
    size_t capacity, member_capacity; /* of its rows */
    bool whole;                       /* there is one group of all runs */
    int first;                        /* of the measure's columns */
    const int *group;                 /* (first) the columns of the runs that tell groups apart */
};

static basin_status plan_result(const struct table *table, struct across_sink *sink)
{
    int *group = arena_array(table->arena, int, table->column_count + 1);
    if (!group) return BASIN_MEMORY;
    for (size_t i = 0; i < table->column_count && !sink->whole; i++) {
        const struct column *column = &table->columns[i];
        if (!table_tells_groups_apart(table, i)) continue;
        int at = table_add_column(sink->result, column->name, column->group, column->units);
        if (at < 0) return BASIN_MEMORY;
        sink->result->columns[at].varied = true;
        sink->result->columns[at].title = column->title;
        sink->result->columns[at].implied = column->implied;
        sink->result->columns[at].item = column->item;
        sink->result->columns[at].row = column->row;
        group[sink->first++] = (int)i;
    }
    sink->group = group;
    const struct quantity *columns = sink->measure->columns;
    for (int i = 0; columns[i].name; i++) {
        int at = table_add_column(sink->result, columns[i].name, COLUMN_MEASURE, columns[i].units);
        if (at < 0) return BASIN_MEMORY;
        sink->result->columns[at].key = i < sink->measure->keys;
    }
    return BASIN_OK;
}

basin_status across_add(const struct across_site *site, const struct cell *cells)
{
    struct across_sink *sink = site->sink;
    struct table *result = sink->result;
    const struct row *member = &site->table->rows[site->rows[0]];
    if (!list_room(result->arena, result->rows, result->row_count, 1, sink->capacity) ||
        !list_room(result->arena, result->members, result->row_count, 1, sink->member_capacity))
        return BASIN_MEMORY;
    result->members[result->row_count] = member->cells;
    struct row *row = &result->rows[result->row_count];
    *row = (struct row){arena_array(result->arena, struct cell, result->column_count),
                        result->column_count};
    if (!row->cells) return BASIN_MEMORY;
    for (int i = 0; i < sink->first; i++) row->cells[i] = member->cells[sink->group[i]];
    memcpy(row->cells + sink->first, cells,
           (result->column_count - (size_t)sink->first) * sizeof *cells);
    result->row_count++;
    return BASIN_OK;
}

/* ---- members ---- */

static basin_status evaluate_members(const struct across_site *site,
                                     const struct expression_scope *scope,
                                     const struct expression *expression, double *values)
{
    if (expression_type(expression) == EXPRESSION_RUNS)
        return error_raise(BASIN_USAGE, "tau(...) is a number over runs, and a number of each run "
                                        "is needed");
    for (size_t i = 0; i < site->count; i++)
        TRY(expression_value(scope, expression, &site->table->rows[site->rows[i]], &values[i]));
    return BASIN_OK;
}

basin_status across_numbers(const struct across_site *site, const char *who, const char *key,
                            const char *text, double *values)
{
    const struct expression *expression;
    struct expression_scope scope = {.table = site->table, .label = key};
    TRY(curve_source_open(site->table, &scope.curves));
    basin_status status = expression_number(&scope, text, &expression);
    if (status == BASIN_OK) status = evaluate_members(site, &scope, expression, values);
    curve_source_close(scope.curves);
    if (status == BASIN_USAGE) error_prefix(who);
    return status;
}

const char *across_name(const struct across_site *site, size_t i)
{
    for (size_t k = 0; k < site->table->column_count; k++)
        if (site->table->columns[k].group == COLUMN_FILE &&
            strcmp(site->table->columns[k].name, "file") == 0)
            return site->table->rows[site->rows[i]].cells[k].text;
    return NULL;
}

basin_status across_check_size(const struct across_site *site, const char *who, size_t least)
{
    if (site->largest >= least) return BASIN_OK;
    error_raise(BASIN_USAGE, "%s compares runs, but no group has %zu of them (%s)", who, least,
                across_name(site, 0));
    error_hint("say with over in what the runs of a group differ, for example %s: {over: seed}",
               who);
    return BASIN_USAGE;
}

basin_status across_open(const struct across_site *site, size_t i, struct finished *finished)
{
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = finished_open(across_name(site, i), arena, site->data, finished);
    if (status == BASIN_OK) status = finished_load_weights(finished);
    if (status != BASIN_OK) arena_destroy(arena);
    return status;
}

/* ---- the runs of a table ---- */

static bool has_finished(const struct table *table, const struct row *row)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, "status") == 0)
            return row->cells[i].kind == CELL_TEXT && strcmp(row->cells[i].text, "finished") == 0;
    return false;
}

static size_t keep_finished(struct table *table)
{
    size_t kept = 0, all = table->row_count;
    for (size_t i = 0; i < all; i++)
        if (has_finished(table, &table->rows[i])) table->rows[kept++] = table->rows[i];
    table->row_count = kept;
    return all - kept;
}

static basin_status run_whole(const struct across_measure *kind, struct across_site *site)
{
    size_t *rows = arena_array(site->arena, size_t, site->table->row_count + 1);
    if (!rows) return BASIN_MEMORY;
    for (size_t i = 0; i < site->table->row_count; i++) rows[i] = i;
    site->rows = rows;
    site->count = site->largest = site->table->row_count;
    return kind->run(site);
}

static basin_status run_groups(const struct across_measure *kind, struct across_site *site)
{
    if (site->sink->whole) return run_whole(kind, site);
    struct table_group *groups;
    size_t count;
    TRY(table_groups(site->table, &groups, &count));
    for (size_t i = 0; i < count; i++)
        if (groups[i].count > site->largest) site->largest = groups[i].count;
    for (size_t i = 0; i < count; i++) {
        site->rows = groups[i].rows;
        site->count = groups[i].count;
        TRY(kind->run(site));
    }
    return BASIN_OK;
}

basin_status across_table(struct table *table, const struct setting_variant *measure,
                          size_t *left_out)
{
    const struct across_measure *kind = measure->entry->implementation;
    const struct across_common *common = kind->whole ? NULL : measure->settings;
    struct table result = {.arena = table->arena, .across = measure->entry};
    struct across_sink sink = {.measure = kind, .result = &result};
    struct across_site site = {
        .arena = table->arena, .settings = measure->settings, .table = table, .sink = &sink};
    *left_out = keep_finished(table);
    sink.whole = !common || strcmp(common->over, ACROSS_ALL) == 0;
    if (!sink.whole && strcmp(common->over, ACROSS_SEEDS) != 0)
        TRY(table_replicate(table, common->over));
    TRY(plan_result(table, &sink));
    TRY(data_store_create(&site.data));
    basin_status status = run_groups(kind, &site);
    data_store_destroy(site.data);
    if (status != BASIN_OK) return status;
    result.problems = table->problems;
    result.problem_count = table->problem_count;
    *table = result;
    return BASIN_OK;
}
