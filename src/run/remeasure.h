/* Remeasure: measures asked for of runs that have finished, one file at a time.
 *
 * Purpose.  `run` adds the measures that its spec has and a result lacks; this does it without a
 * spec of the study, and takes a measure again where it is asked to.
 *
 *     struct remeasure wanted = {.again = false};
 *     TRY(remeasure_read(arena, words, count, &diagnostics, &wanted));
 *     ... for each file, in any thread that machine_prepare_worker has prepared:
 *     TRY(remeasure_file(&wanted, file, store, &terms, own_arena, &outcome));
 *
 * Promises.  What the file had stays as it was, bit for bit, but for measures that are taken again:
 * of those every number and array is replaced, and the outcome says which. What is measured is in
 * the attribute `measures` of /measures; /spec and the id stay. The file is replaced as a whole, or
 * not at all (P1), and two processes may measure one file (folder_lock_file). A measure that the
 * file has with other options is added beside that one where options are asked for: the names of
 * its numbers end in these (spec/member.h). What is tracked belongs to the run's id: to take it
 * again with other options is refused.
 * Errors.  BASIN_SPEC: options that no table has, in `diagnostics`, or a measure that cannot apply
 * to this run; errors of reading the file, its data, and of every measure.
 * Ownership.  Everything lives in the arenas; the data belong to the store.
 */
#ifndef BASIN_RUN_REMEASURE_H
#define BASIN_RUN_REMEASURE_H

#include "run/execute.h"
#include "spec/diagnostics.h"

struct remeasure {
    struct remeasure_asked {
        const char *name;    /* as in a spec: with a suffix where it is asked for several times */
        const char *beside;  /* with the options as they were written; "": there are none */
        const char *written; /* all of its options, as flow YAML */
        const struct value *options;
    } * asked; /* (count) as remeasure_read fills them */
    size_t count;
    bool again; /* held ones are taken again; without any that are asked for: all that are held,
                   with the options that they have */
    /* Waits until so many bytes may be taken; NULL: at once. `*keep`: as run_terms.keep. */
    void (*admit)(void *context, size_t bytes, size_t *keep);
    void *context;
};

struct remeasure_outcome {
    const char *status;          /* of the run: "finished", "diverged" */
    int added, replaced;         /* measures */
    const char *added_names;     /* "margin, parameter_norm"; "" */
    const char *replaced_values; /* "hessian_top (examples: 50, not 100): hessian_lambda_max 3.2 was
                                    2.1, ..."; "" */
    const char *kept; /* "hessian_top (examples: 50, not 2000)": asked for without options, but held
                         with other ones and not to be taken again; "" */
};

/* Is a word of the command line such a request: the name of a measure, or something before ':'? */
bool remeasure_is_word(const char *word);
/* Reads "NAME", "NAME: {k: 3, examples: all}" and "NAME:k=3,examples=all". */
basin_status remeasure_read(struct arena *arena, const char *const *words, size_t count,
                            struct diagnostics *diagnostics, struct remeasure *wanted);

basin_status remeasure_file(const struct remeasure *wanted, const char *file,
                            struct data_store *store, const struct run_terms *terms,
                            struct arena *arena, struct remeasure_outcome *outcome);

#endif
