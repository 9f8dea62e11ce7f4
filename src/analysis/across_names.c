#include "analysis/across_names.h"

#include <string.h>
#include "analysis/across.h"
#include "analysis/claims_names.h"
#include "analysis/expression.h"

/* Parameters of measures over runs that are names, whichever measure has them. `rank.measures` and
 * `summary.measures` may be patterns, and are left to them. */
static const struct {
    const char *key;
    bool is_expression; /* of numbers; else names of columns with commas between them */
} named_keys[] = {{"over", false}, {"x", false}, {"y", true}, {"train", true}};

struct across_checker {
    struct arena *arena;
    const struct table *table;
    struct curve_source *curves;
    struct diagnostics *diagnostics;
};

static void complain_of_name(const struct across_checker *checker, const struct value *value)
{
    const basin_error *error = basin_error_last();
    diagnostics_add(checker->diagnostics, value->mark, "%s%s%s", error->message,
                    *error->hint ? "; " : "", error->hint);
}

static basin_status check_column_names(const struct across_checker *checker,
                                       const struct value *value)
{
    const char *at = value->text;
    while (*at) {
        size_t length = strcspn(at, ",");
        char *name = arena_text_n(checker->arena, at, length);
        if (!name) return BASIN_MEMORY;
        while (*name == ' ') name++;
        for (size_t end = strlen(name); end && name[end - 1] == ' ';) name[--end] = 0;
        bool is_word = strcmp(name, ACROSS_ALL) == 0 || strcmp(name, ACROSS_SEEDS) == 0 ||
                       strcmp(name, "seed") == 0;
        if (!is_word && table_column(checker->table, name) < 0) {
            if (basin_error_last()->status == BASIN_MEMORY) return BASIN_MEMORY;
            complain_of_name(checker, value);
        }
        at += length + (at[length] == ',');
    }
    return BASIN_OK;
}

static basin_status check_across_number(const struct across_checker *checker,
                                        const struct value *value)
{
    struct expression_scope scope = {.table = checker->table, .curves = checker->curves};
    const struct expression *expression;
    basin_status status = expression_number(&scope, value->text, &expression);
    if (status == BASIN_USAGE) complain_of_name(checker, value);
    return status == BASIN_USAGE ? BASIN_OK : status;
}

static basin_status check_across_keys(const struct across_checker *checker,
                                      const struct value *options)
{
    for (size_t i = 0; i < sizeof named_keys / sizeof *named_keys; i++) {
        const struct value *value = value_find(options, named_keys[i].key);
        if (!value || value->kind != VALUE_TEXT || value->is_default) continue;
        TRY(named_keys[i].is_expression ? check_across_number(checker, value)
                                        : check_column_names(checker, value));
    }
    return BASIN_OK;
}

basin_status across_check_names(struct arena *arena, const struct study *study,
                                const struct findings *findings, struct diagnostics *diagnostics)
{
    struct across_checker checker = {.arena = arena, .diagnostics = diagnostics};
    struct table *table;
    const struct value *all = findings->whole ? value_find(findings->whole, "across") : NULL;
    if (!all || all->map.count == 0) return BASIN_OK;
    TRY(claims_names(arena, study, &table, &checker.curves));
    checker.table = table;
    basin_status status = BASIN_OK;
    for (size_t i = 0; i < all->map.count && status == BASIN_OK; i++)
        status = check_across_keys(&checker, all->map.members[i].value);
    curve_source_close(checker.curves);
    return status;
}
