/* Effects: values of a run that have no effect, or another one than they seem to have.
 *
 * Purpose.  A wrong value is refused; a value that the other settings make idle (Nesterov's form
 * without momentum, a warm-up that is longer than the run, a batch larger than the data) is not
 * wrong, but a study that varies it compares equal runs, and one that relies on it is about
 * something else. Each rule of the table here looks at one such case and says in one sentence what
 * the value really does.
 * Promise.  A rule speaks only of what a spec says, never of a default that nobody chose, and
 * changes nothing.
 */
#ifndef BASIN_RUN_EFFECTS_H
#define BASIN_RUN_EFFECTS_H

#include "data/info.h"
#include "run/schema.h"

/* A resolved run on its data, after identity_derive. */
struct effects_site {
    const struct run_settings *settings;
    const struct data_info *info;
    bool steps_swept; /* training.steps is an axis, and this run has a value of it */
    size_t seeds;     /* how many values `seed` has in the study */
};

struct effect_rule {
    const char *key; /* the row it is about; "*" for any measure */
    /* Appends the sentence where the rule applies, and nothing elsewhere. */
    void (*look)(const struct effects_site *site, struct text *out);
};

extern const struct effect_rule effect_rules[]; /* ends with a key that is NULL */
enum { EFFECT_RULES = 34 };                     /* without that end */

#endif
