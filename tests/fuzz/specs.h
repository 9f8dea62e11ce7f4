/* What the targets of specs share: one reading of a text with all of its diagnostics, and a disk
 * that has two files. */
#ifndef BASIN_TESTS_FUZZ_SPECS_H
#define BASIN_TESTS_FUZZ_SPECS_H

#include "fuzz.h"
#include "spec/spec.h"

enum { SETS_MOST = 4 };

struct reading {
    struct arena *arena;
    struct diagnostics diagnostics;
    struct spec *spec; /* NULL: refused */
    basin_status status;
};

/* Reads with the schema of studies; `most` runs. Checks that a refusal says why, at a place that is
 * in the text, in valid UTF-8. */
void reading_open(struct reading *reading, const char *text, size_t length, const char *const *sets,
                  size_t set_count, size_t most);
void reading_close(struct reading *reading);
/* Run `index`: true with its value and id, or false with diagnostics. */
bool reading_run(struct reading *reading, size_t index, struct value **run, char id[17]);
/* Two readings say the same: the same runs with the same ids, or the same diagnostics. */
void reading_compare(struct reading *a, struct reading *b);

#endif
