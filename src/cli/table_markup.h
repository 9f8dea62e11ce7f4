/* Table markup: a table as Markdown or LaTeX, with the digits that people read. */
#ifndef BASIN_CLI_TABLE_MARKUP_H
#define BASIN_CLI_TABLE_MARKUP_H

#include "cli/table_text.h"

/* A table of pipes (GitHub, Pandoc, Jupyter), and below it what the signs mean. */
basin_status table_markdown(const struct table *table, const struct selection *selection,
                            bool named, struct text *out);

/* A tabular of the package booktabs; what the signs mean is a comment below it. */
basin_status table_latex(const struct table *table, const struct selection *selection, bool named,
                         struct text *out);

#endif
