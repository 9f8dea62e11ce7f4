/* Plots: what the page of `basin report` shows first, as a study asks for it.
 *
 *     report:
 *       plots:
 *         - curves: {of: [test_loss, tracked.hessian_lambda_max]}
 *         - gap_against: hessian_lambda_max        # short for {measure: hessian_lambda_max}
 *         - heatmap
 *
 * A plot is an entry of plot_registry: it names a section of the page (src/page/), and its
 * parameters are what a reader could choose there. The sections of all plots come first, in their
 * order; the others follow. Adding a plot: an entry here, and its case in src/page/plots.js.
 */
#ifndef BASIN_ANALYSIS_PLOTS_H
#define BASIN_ANALYSIS_PLOTS_H

#include "analysis/table.h"
#include "base/text.h"
#include "spec/settings.h"

extern const struct registry plot_registry;

struct report_settings {
    struct setting_list plots; /* entries of plot_registry */
};
extern const struct schema_row report_rows[];

/* What a parameter of a plot names. */
enum plot_name { PLOT_NO_NAME, PLOT_COLUMN, PLOT_NUMBER, PLOT_CURVE, PLOT_ARRAY, PLOT_ACROSS };

struct plot_key {
    const char *key;
    enum plot_name names;
};

struct plot {
    const struct plot_key *keys; /* those that are names; ended by a NULL key */
    size_t most;                 /* of a list of names; 0: any number */
};

enum plot_name plot_key_names(const struct plot *plot, const char *key);

/* One plot of the list: {NAME: {parameters}}. */
struct plot_given {
    const struct entry *entry;
    const struct value *parameters;
};

struct plot_given plot_at(const struct value *plots, size_t i);

/* `plots`: the list of `report.plots`, or NULL. A list of {"plot": NAME, KEY: value, ...}; names of
 * columns are those of the table, and what is at its default is left out. */
void plots_put_json(const struct table *table, const struct value *plots, struct text *out);

#endif
