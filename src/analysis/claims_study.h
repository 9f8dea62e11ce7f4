/* The claims of a whole study: of a spec, and of the folder that has its results.
 *
 * Purpose.  claims_check_study finds what is wrong with the claims of a spec before any run.
 * claims_of_study and claims_of_folder judge them by the results: of the runs that the spec
 * describes now, or of those of the study that was run last in the folder (its journal says which,
 * and what they claim); results of other specs in the folder are left out.
 * Ownership.  Everything lives in the arena.
 */
#ifndef BASIN_ANALYSIS_CLAIMS_STUDY_H
#define BASIN_ANALYSIS_CLAIMS_STUDY_H

#include "analysis/claims.h"
#include "analysis/findings.h"
#include "study/study.h"

struct claims_result {
    const char *study; /* its name, or NULL */
    struct claim_row *rows;
    size_t count;
    size_t runs, results;        /* of the study; of these that have a result */
    size_t failed;               /* claims that fail */
    const char *const *problems; /* (problem_count) files that could not be used */
    size_t problem_count;
};

basin_status claims_of_findings(struct arena *arena, const struct findings *findings,
                                struct claim **claims, size_t *count);

/* BASIN_SPEC where something was added to `diagnostics`. */
basin_status claims_check_study(const struct study *study, struct diagnostics *diagnostics);

basin_status claims_of_study(struct arena *arena, const struct study *study,
                             struct claims_result *result);
basin_status claims_of_folder(struct arena *arena, const char *folder,
                              struct claims_result *result);
/* The same of a folder's table, which is read already and left as it is. */
basin_status claims_of_table(struct arena *arena, const char *folder, const struct table *table,
                             struct claims_result *result);

/* The claims of several folders as a table: a row a claim; for every format of `basin table`.
 * `rounded`: for people. */
basin_status claims_table(struct arena *arena, const struct claims_result *results, size_t count,
                          bool rounded, struct table **table);

/* For people: the verdict of each, and how it came about. Nothing without claims. */
void claims_put_text(const struct claims_result *result, struct text *out);
/* A JSON array of objects. */
void claims_put_json(const struct claims_result *result, struct text *out);

#endif
