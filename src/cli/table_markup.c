#include "cli/table_markup.h"

#include <ctype.h>
#include <string.h>
#include "cli/print.h"

/* What stands for a character, or for several, in a language of markup. */
struct replacement {
    const char *from, *to;
};

/* Spaces around the sign are kept; "+-" is what a terminal without UTF-8 gets. */
static const struct replacement markdown[] = {{"|", "\\|"},     {"*", "\\*"}, {"<", "&lt;"},
                                              {"`", "\\`"},     {"[", "\\["}, {"]", "\\]"},
                                              {"+-", "\u00b1"}, {NULL, NULL}};

static const struct replacement latex[] = {{"\\", "\\textbackslash{}"},
                                           {"{", "\\{"},
                                           {"}", "\\}"},
                                           {"&", "\\&"},
                                           {"%", "\\%"},
                                           {"$", "\\$"},
                                           {"#", "\\#"},
                                           {"_", "\\_"},
                                           {"~", "\\textasciitilde{}"},
                                           {"^", "\\textasciicircum{}"},
                                           {"<", "\\textless{}"},
                                           {">", "\\textgreater{}"},
                                           {"*", "$^*$"},
                                           {"\u00b1", "$\\pm$"},
                                           {"+-", "$\\pm$"},
                                           {NULL, NULL}};

static void put_replaced(struct text *out, const char *words, const struct replacement *list)
{
    while (*words) {
        const struct replacement *found = list;
        while (found->from && strncmp(words, found->from, strlen(found->from)) != 0) found++;
        if (found->from)
            text_append(out, found->to);
        else
            text_append_n(out, words, 1);
        words += found->from ? strlen(found->from) : 1;
    }
}

/* One row: `before` its first cell, `between` two, and `after` the last. */
static void put_markup_row(struct text *out, const struct grid *grid, size_t row,
                           const struct replacement *list, const char *const around[3])
{
    text_append(out, around[0]);
    for (size_t j = 0; j < grid->columns; j++) {
        const char *cell = grid->cells[row * grid->columns + j];
        bool negative = list == latex && cell[0] == '-' && isdigit((unsigned char)cell[1]);
        text_append(out, j ? around[1] : "");
        text_append(out, negative ? "$-$" : ""); /* a minus, not a hyphen */
        put_replaced(out, cell + negative, list);
    }
    text_append(out, around[2]);
}

/* Each line of the legend, in a form of its own. */
static void put_legend_lines(struct text *out, const char *legend, const char *before,
                             const char *after, const struct replacement *list)
{
    for (; *legend; legend += strcspn(legend, "\n"), legend += *legend == '\n') {
        size_t length = strcspn(legend, "\n");
        struct text line = {0};
        text_append_n(&line, legend, length);
        text_append(out, before);
        if (list)
            put_replaced(out, text_data(&line), list);
        else
            text_append(out, text_data(&line));
        text_append(out, after);
        out->failed = out->failed || line.failed;
        text_free(&line);
    }
}

basin_status table_markdown(const struct table *table, const struct selection *selection,
                            bool named, struct text *out)
{
    static const char *const around[] = {"| ", " | ", " |\n"};
    struct grid grid;
    struct text legend = {0};
    TRY(table_text_grid(table, selection, &grid));
    put_markup_row(out, &grid, 0, markdown, around);
    for (size_t j = 0; j < grid.columns; j++) text_append(out, grid.right[j] ? "|--:" : "|---");
    text_append(out, "|\n");
    for (size_t i = 1; i < grid.rows / grid.columns; i++)
        put_markup_row(out, &grid, i, markdown, around);
    table_text_legend(table, selection, named, &legend);
    put_legend_lines(out, text_data(&legend), "\n", "\n", markdown);
    out->failed = out->failed || legend.failed;
    text_free(&legend);
    return text_status(out);
}

basin_status table_latex(const struct table *table, const struct selection *selection, bool named,
                         struct text *out)
{
    static const char *const around[] = {"  ", " & ", " \\\\\n"};
    struct grid grid;
    struct text legend = {0};
    TRY(table_text_grid(table, selection, &grid));
    text_append(out, "% \\usepackage{booktabs}\n\\begin{tabular}{");
    for (size_t j = 0; j < grid.columns; j++) text_append(out, grid.right[j] ? "r" : "l");
    text_append(out, "}\n  \\toprule\n");
    put_markup_row(out, &grid, 0, latex, around);
    text_append(out, "  \\midrule\n");
    for (size_t i = 1; i < grid.rows / grid.columns; i++)
        put_markup_row(out, &grid, i, latex, around);
    text_append(out, "  \\bottomrule\n\\end{tabular}\n");
    table_text_legend(table, selection, named, &legend);
    put_legend_lines(out, text_data(&legend), "% ", "\n", NULL);
    out->failed = out->failed || legend.failed;
    text_free(&legend);
    return text_status(out);
}
