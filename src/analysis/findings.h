/* Findings: what a study wants to know of its runs together.
 *
 * Purpose.  A spec may say what is computed over its runs (`across`), what it expects of them
 * (`expect`) and what their page shows first (`report`). These keys belong to the study as a whole:
 * they are no parameters of a run, are in no run's id and in no result. findings_schema is the root
 * table of the spec language with them; findings_of_spec gives what a spec says,
 * findings_of_folder what the latest `basin run` of a results folder said (the journal has it), so
 * that a folder can be read without its spec.
 *
 *     across:
 *       ensemble: {sizes: [1, 5]}
 *       rank: {}
 *     report:
 *       plots: [curves, gap_against: hessian_lambda_max]
 *     expect:
 *       - claim: weight decay shrinks the loss gap
 *         value: loss_gap
 *         where: weight_decay = 0.03
 *         below: {where: weight_decay = 0}
 *
 * Ownership.  Everything lives in the arena. Errors.  BASIN_DATA where a folder's journal says
 * something that this version does not understand; those of reading journals.
 */
#ifndef BASIN_ANALYSIS_FINDINGS_H
#define BASIN_ANALYSIS_FINDINGS_H

#include "analysis/plots.h"
#include "spec/settings.h"
#include "spec/spec.h"

/* What a value is compared with: an expression (a number too), over the runs that `where` chooses.
 * A bare value is short for {value: it}. All NULL where it is absent. */
struct expectation_bound {
    const char *value, *where;
};

struct expectation {
    const char *claim, *value, *where; /* where: NULL for all runs */
    struct setting_numbers within;     /* items NULL where it is absent */
    struct expectation_bound above, below;
};

struct findings {
    const struct spec *spec;      /* that says it: of a folder, one made of the journal's text */
    const struct value *whole;    /* the same as values, with their marks: "expect.0.value" */
    struct setting_list across;   /* entries of across_registry */
    struct setting_blocks expect; /* of struct expectation */
    struct report_settings report;
};

static inline const struct expectation *findings_expectation(const struct findings *findings,
                                                             size_t i)
{
    return (const struct expectation *)findings->expect.items + i;
}

/* The root table: the keys of runs (study_schema), and those of the study as a whole. Any thread.
 */
const struct schema_row *findings_schema(void);

/* `spec` was read with findings_schema, and lives as long as the result. */
basin_status findings_of_spec(struct arena *arena, const struct spec *spec,
                              struct findings *findings);
/* Nothing where no journal says anything. */
basin_status findings_of_folder(struct arena *arena, const char *folder, struct findings *findings);

#endif
