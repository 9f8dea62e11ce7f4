/* Spec: from a YAML file to resolved runs.
 *
 * Purpose.  spec_read reads, checks and expands a study; spec_run resolves its i-th run;
 * spec_identity names it.
 * Promises (P4).  After spec_read returns BASIN_OK every value of the file, every value of every
 * axis and every --set has been checked against its table; all errors (up to DIAGNOSTICS_MOST) are
 * in `diagnostics`, each with its place. The reader walks libyaml's events with its own limits: 1
 * MiB, depth 64, a budget for aliases. Errors: BASIN_SPEC (see diagnostics), BASIN_IO,
 * BASIN_MEMORY.
 * Ownership.  Everything lives in the arena given to spec_read. A `struct spec` is immutable.
 */
#ifndef BASIN_SPEC_SPEC_H
#define BASIN_SPEC_SPEC_H

#include "base/hash.h"
#include "spec/axis.h"
#include "spec/diagnostics.h"
#include "spec/input.h"
#include "spec/schema.h"

struct spec {
    const char *file;   /* as given */
    const char *folder; /* absolute folder that paths are relative to */
    const char *name, *description;
    struct spec_axis *axes;
    size_t axis_count;
    size_t run_count; /* of a grid: the product of the axes' counts; the last axis varies fastest */
    /* Combinations that became no run: equal to one of another source; left out by `exclude`. */
    size_t merged, excluded;
    const char *const *notes; /* (note_count) about the sweep that are not errors: "condition 1 of
                                 sweep.exclude (line 7) leaves out nothing" */
    size_t note_count;
    const struct value
        *whole; /* what the spec says of the study as a whole: its SCHEMA_STUDY rows */
    struct spec_inner *inner;
};

struct spec_request {
    const char *file; /* read from here, unless `text` is given: then only its name in messages */
    const char *text;
    size_t length;
    const char *folder; /* NULL: the folder of `file` */
    const struct schema_row
        *schema; /* the root table. The keys `sweep` and `seeds` are handled by this room */
    const char *const *sets; /* "a.b=value", applied in order after the file */
    size_t set_count;
    size_t most_runs; /* 0: the default, 100,000 */
    bool stored;      /* the spec of a result: what it lacks means what it meant then
                         (schema_row.former) */
};

basin_status spec_read(struct arena *arena, const struct spec_request *request,
                       struct diagnostics *diagnostics, struct spec **spec);

/* Resolves run `index` into `arena`: complete, typed, checked. Errors that only this combination
 * has (a parameter that its variant does not know) are added to `diagnostics` at the place of the
 * axis or value. */
basin_status spec_run(const struct spec *spec, size_t index, struct arena *arena,
                      struct diagnostics *diagnostics, struct value **run);

/* Which of an axis' values a run has; SPEC_ABSENT where the path does not exist in it. */
size_t spec_choice(const struct spec *spec, size_t index, size_t axis);
const struct value *spec_axis_value(const struct spec *spec, size_t index,
                                    size_t axis); /* NULL: absent */

/* What the identity needs to know beyond the resolved spec. */
struct identity_facts {
    const struct run_inputs *inputs; /* each stands in the dump by its digest, in place of the paths
                                        in its block; NULL: none */
    int64_t train_available; /* dataset.train_size equal to this minus validation_size is "all" */
    int64_t test_available;  /* dataset.test_size equal to this is "all"; 0 where it is not known */
    const char *revised; /* what of the run earlier versions computed otherwise, so that it needs
                            another id than they gave it; NULL: nothing */
};

/* Canonical dump: flow YAML, sorted keys, only what differs from its default and changes the
 * numbers. */
basin_status spec_canonical(const struct value *run, const struct identity_facts *facts,
                            struct text *out);
/* The id: the first 16 hex digits of XXH3-128 over the canonical dump. */
basin_status spec_identity(const struct value *run, const struct identity_facts *facts,
                           char id[17]);

/* Adds a diagnostic at a value of a run, for checks that a table cannot express and a room above
 * makes: at the mark of the value, or at the axis that set it. */
void spec_complain(const struct spec *spec, struct diagnostics *diagnostics,
                   const struct value *run, const char *path, const char *hint, const char *format,
                   ...) __attribute__((format(printf, 6, 7)));

/* The same at the name that sweep.names gives an axis: `what` has that name. */
void spec_complain_name(const struct spec *spec, struct diagnostics *diagnostics,
                        const struct spec_axis *axis, const char *what);

/* JSON Schema draft-07 of the whole spec language, generated from the root table. */
basin_status schema_json(const struct schema_row *schema, struct text *out);
/* What `basin explain PATH` prints; PATH may name a key anywhere ("lr", "training.optimizer",
 * "hessian_top.k"). BASIN_USAGE with a hint where nothing has that name. */
basin_status schema_explain(const struct schema_row *schema,
                            const struct registry *const *registries, const char *path,
                            struct text *out);
/* The whole language as Markdown tables: experiments/REFERENCE.md. */
basin_status schema_reference(const struct schema_row *schema,
                              const struct registry *const *registries, struct text *out);
/* The row that a dotted path of a resolved run names, or NULL. */
const struct schema_row *schema_find(const struct schema_row *schema, const struct value *run,
                                     const char *path);

#endif
