/* Notes: what effect_rules (run/effects.h) say of the runs of a study, each rule in one line. */
#ifndef BASIN_STUDY_NOTES_H
#define BASIN_STUDY_NOTES_H

#include "run/effects.h"
#include "spec/spec.h"

struct study_notes {
    size_t count[EFFECT_RULES];      /* runs of the spec that a rule applies to */
    const char *first[EFFECT_RULES]; /* what it says of the first of them */
    size_t runs;
};

/* Looks at one run. Texts live in `arena`. */
basin_status notes_look(struct study_notes *notes, struct arena *arena, const struct spec *spec,
                        size_t index, const struct run_settings *settings,
                        const struct data_info *info);
/* The lines: "... (in 2 of 6 runs)". */
basin_status notes_finish(const struct study_notes *notes, struct arena *arena,
                          const char *const **lines, size_t *count);

#endif
