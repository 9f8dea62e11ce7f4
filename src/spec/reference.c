/* The reference of the spec language in Markdown (experiments/REFERENCE.md): one table per block
 * and one per named thing. */
#include "spec/expected.h"
#include "spec/spec.h"

/* A cell: no line breaks, pipes escaped. */
static void put_cell(struct text *out, const char *text)
{
    for (; text && *text; text++) {
        if (*text == '|') text_append(out, "\\");
        text_append_n(out, *text == '\n' ? " " : text, 1);
    }
}

static void reference_put_default(struct text *out, const struct schema_row *row)
{
    if (row->flags & SCHEMA_REQUIRED)
        text_append(out, "required");
    else if (row->fallback && *row->fallback)
        text_format(out, "`%s`", row->fallback);
}

static void reference_put_row(struct text *out, const struct schema_row *row, const char *prefix)
{
    struct text type = {0};
    expected_text(row, row->type, &type);
    text_format(out, "| `%s%s` | ", prefix, row->key);
    put_cell(out, text_data(&type));
    text_append(out, " | ");
    reference_put_default(out, row);
    text_append(out, " | ");
    put_cell(out, row->doc);
    if (row->source) {
        text_append(out, " (");
        put_cell(out, row->source);
        text_append(out, ")");
    }
    if (row->flags & SCHEMA_FIXED) text_append(out, " Cannot be swept.");
    text_append(out, " |\n");
    if (type.failed) out->failed = true;
    text_free(&type);
}

/* Rows, and those of blocks within under their dotted keys. */
static void reference_put_rows(struct text *out, const struct schema_row *rows, const char *prefix)
{
    for (const struct schema_row *row = rows; row && row->key; row++) {
        reference_put_row(out, row, prefix);
        if (row->type != SCHEMA_TABLE && row->type != SCHEMA_TABLES) continue;
        struct text within = {0};
        text_format(&within, "%s%s%s.", prefix, row->key, row->type == SCHEMA_TABLES ? "[]" : "");
        reference_put_rows(out, row->table, text_data(&within));
        if (within.failed) out->failed = true;
        text_free(&within);
    }
}

static void reference_put_head(struct text *out)
{
    text_append(out, "| key | value | default | meaning |\n|---|---|---|---|\n");
}

static void reference_put_entry(struct text *out, const struct registry *registry,
                                const struct entry *entry)
{
    text_format(out, "\n### %s: %s\n\n%s", registry->kind, entry->name,
                entry->doc ? entry->doc : "");
    if (entry->source) text_format(out, " Source: %s.", entry->source);
    text_append(out, "\n");
    if (!entry->parameters || !entry->parameters[0].key) return;
    text_append(out, "\n");
    reference_put_head(out);
    reference_put_rows(out, entry->parameters, "");
}

basin_status schema_reference(const struct schema_row *schema,
                              const struct registry *const *registries, struct text *out)
{
    text_append(out, "## Root keys and blocks\n\n");
    reference_put_head(out);
    reference_put_rows(out, schema, "");
    text_append(
        out,
        "| `base` | a path, or a list of paths | | Specs that this one builds on. Later ones take "
        "precedence over earlier ones, and this file over all. |\n"
        "| `sweep.grid` | dotted paths, each with a list of values | | All combinations of the "
        "values. |\n"
        "| `sweep.zip` | dotted paths with lists of equal length, or a list of such blocks | | The "
        "lists, taken in step. |\n"
        "| `sweep.random` | `n`, `seed`, `after_exclude`, and dotted paths with distributions, or "
        "a list of such "
        "blocks | | `n` random points. |\n"
        "| `sweep.list` | a list of blocks of dotted paths with a value | | The points listed. |\n"
        "| `sweep.union` | a list of sweeps | | All runs of these sweeps. |\n"
        "| `sweep.exclude` | a list of blocks of conditions | | Combinations that are left out. |\n"
        "| `sweep.when` | dotted paths, each with a block of conditions | | The runs in which a "
        "path is swept. |\n"
        "| `sweep.names` | dotted paths, each with a name | | The name of an axis in tables and "
        "plots. |\n"
        "| `seeds` | an integer N (0 ... N-1), or a list | `1` | Seeds with which every "
        "combination is repeated. |\n");
    for (size_t i = 0; registries[i]; i++) {
        text_format(out, "\n## %s\n", registries[i]->plural);
        for (size_t j = 0; registries[i]->entries[j]; j++)
            reference_put_entry(out, registries[i], registries[i]->entries[j]);
    }
    return text_status(out);
}
