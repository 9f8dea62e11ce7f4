/* Show, curves: what a training recorded along its way, in a few lines of text for `basin show`.
 *
 * Rows without a finite value are left out: with `evaluate.every: 5` four of five are. Both append
 * to `out`, and own nothing.
 */
#ifndef BASIN_CLI_SHOW_CURVES_H
#define BASIN_CLI_SHOW_CURVES_H

#include "base/record.h"
#include "base/text.h"

/* The losses of /curves: first value, sparkline, last value. */
void show_curves(const struct record *record, struct text *out);

/* Every scalar of /tracked: its first and its last value with their epochs. */
void show_tracked(const struct record *record, struct text *out);

#endif
