/* Diagnostics: the errors of a spec, all of them, each at its place.
 *
 *     study.yaml:12:5: error: unknown key "learnig_rate" in training.optimizer; did you mean
 *         "learning_rate"?
 *        12 |     learnig_rate: 1e-3
 *           |     ^~~~~~~~~~~~
 *
 * Kept in order of place (files under `base`, the file, then each --set), at most DIAGNOSTICS_MOST;
 * `total` counts those beyond it too. The same message at the same place is kept once.
 * Errors.  Adding never fails at once: after a shortage of memory `failed` is set, and the function
 * that filled the list returns BASIN_MEMORY. Ownership: texts live in the arena given at creation.
 */
#ifndef BASIN_SPEC_DIAGNOSTICS_H
#define BASIN_SPEC_DIAGNOSTICS_H

#include "spec/value.h"

enum { DIAGNOSTICS_MOST = 20 };

struct diagnostic {
    struct mark mark; /* line 0: no place in the text is known, only its source */
    bool warning;
    const char *message; /* with the hint, if any, after "; " */
};

/* A file that the spec names under `base`. */
struct diagnostics_base {
    const char *file, *source, *folder; /* folder: its paths are relative to this */
    size_t length;
};

struct diagnostics {
    struct arena *arena;
    const char *file;   /* as shown */
    const char *source; /* the file's text, for the excerpts */
    size_t source_length;
    const char *const *sets; /* texts of --set */
    const struct diagnostics_base *bases;
    struct diagnostic items[DIAGNOSTICS_MOST];
    size_t count, total;
    bool failed;
};

void diagnostics_start(struct diagnostics *diagnostics, struct arena *arena);
void diagnostics_add(struct diagnostics *diagnostics, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "line 4", or where that is in another text than `here` "line 4 of base.yaml", "--set seeds=3":
 * for a message that names a second place. */
enum { DIAGNOSTICS_LINE = 128 };
const char *diagnostics_line(const struct diagnostics *diagnostics, struct mark there,
                             struct mark here, char out[DIAGNOSTICS_LINE]);
void diagnostics_print(const struct diagnostics *diagnostics,
                       struct text *out); /* plain; the CLI may colour it */

#endif
