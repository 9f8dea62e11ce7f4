/* Measure: a trained network in, named numbers and arrays out.
 *
 * Purpose.  Each measure is one file with one entry in measure_registry: its parameters, the
 * quantities it gives (with units, definition, source), a check that refuses specs to which it does
 * not apply, and a function.
 * Promises.  A measure never changes a training: it draws from its own streams and works on copies.
 * A number without a value is NaN with an attribute `reason`. An estimate carries its error.
 * Ownership.  Results go to a record, in its arena; a measure's scratch memory is its own.
 */
#ifndef BASIN_MEASURE_MEASURE_H
#define BASIN_MEASURE_MEASURE_H

#include <stdatomic.h>
#include "base/quantity.h"
#include "base/state.h"
#include "models/motion.h"
#include "models/objective.h"
#include "spec/settings.h"

extern const struct registry measure_registry;

struct measure_sink;

/* What the settings of every measure begin with, as a member `common`. */
struct measure_common {
    int64_t examples; /* SETTING_ALL, or so many; 0 of a measure that has no such row */
    int mode;         /* index in measure_modes */
    int64_t every;    /* epochs; SETTING_ABSENT: not while training */
};

/* What a measure sees. */
struct measure_site {
    const struct value *options; /* the measure's own block, as it is written to results */
    const void *settings;        /* and as the struct of its rows, with a measure_common in front */
    const struct model *model;
    const struct data *data;
    enum loss loss;
    enum precision precision;
    size_t batch; /* examples over which training takes statistics, where they are all of a few;
                     else 0 (run_statistics_batch) */
    uint64_t seed;
    const void *w, *initial;     /* (P) of the precision */
    const char *optimizer;       /* its name */
    const struct motion *motion; /* how the training moves w; NULL where it is not known: of a
                                    finished result, and before anything runs */
    const _Atomic bool *stop;
    size_t keep; /* bytes that may be used beyond what is needed, to save time; numbers do not
                    depend on it */
    /* The network as a function, in the mode of the options: made for each measure by
     * measure_final and measure_track_add. */
    struct objective *objective;
    struct measure_sink *sink;
};

/* What a measure asks of the objective, and what it holds beside it: its time and memory follow. */
enum { MEASURE_USES = 4 };
struct measure_need {
    struct objective_use uses[MEASURE_USES];
    int count;
    struct objective_use exact; /* of a second objective, in float64, with weights of its own; times
                                   0: there is none */
    double repeats; /* how often all of this is done, over as many other examples; 0: once */
    size_t vectors; /* (P) of float64 */
    size_t narrow;  /* (P) of the precision */
    size_t doubles; /* numbers of other arrays */
};

struct measure {
    const struct quantity *quantities;    /* the scalars it gives, ended by a NULL name */
    const struct quantity *const *arrays; /* those of its group, ended by NULL; may be NULL */
    /* Whether it gives a quantity with these options; NULL: it gives all of them. */
    bool (*gives)(const struct value *options, const struct quantity *quantity);
    bool
        revised; /* its numbers are others than in earlier versions: a run that tracks it is, too */
    const char *group; /* of its arrays, under /measures; NULL: the measure's name */
    /* BASIN_SPEC with a hint where it cannot apply; may be NULL. */
    basin_status (*check)(const void *settings, const struct data_info *info, int64_t parameters);
    /* The same by what the site says of the training, its optimizer; may be NULL. */
    basin_status (*applies)(const struct measure_site *site);
    bool motion; /* looks at site.motion */
    basin_status (*run)(const struct measure_site *site);
    /* Fills `need`, which is zeroed; of a search that ends by itself, what it takes as a rule. The
     * site has no weights, no objective and no sink. NULL: nothing that counts. */
    void (*need)(const struct measure_site *site, struct measure_need *need);
};

/* --- for the rooms above --- */

/* `name` is the key that a measure has in a resolved spec: "hessian_top", or, where it is there
 * with several options, "hessian_top@examples_500". The names of its numbers, groups and tracked
 * numbers then end in "_examples_500", and titles in "(examples_500)"; arrays over axes of their
 * own keep their names in such a group. `result`: the name of a quantity; that in results is in the
 * arena, NULL on shortage. The group of its arrays. */
const char *measure_result_name(struct arena *arena, const char *name, const char *result);
const char *measure_group(struct arena *arena, const char *name);

/* Epochs between two times that it is taken while training; SETTING_ABSENT: only at the end. */
int64_t measure_every(const struct setting_variant *measure);
/* BASIN_SPEC where the measure cannot apply. */
basin_status measure_check(const char *name, const struct measure_site *site);

/* Does it look at how the training moves the weights? */
bool measure_wants_motion(const char *name);

/* Runs one measure by name and writes /measures/<quantity> and groups /measures/<measure>/... */
basin_status measure_final(const char *name, const struct measure_site *site,
                           struct record *record);
/* For a diverged run: its quantities as NaN with `reason`. */
basin_status measure_without_value(const char *name, const struct value *options,
                                   const char *reason, struct record *record);
/* Are its numbers others than those of earlier versions? */
bool measure_is_revised(const char *name);
/* Whether a record holds this measure; and with which options (flow YAML), NULL where it does not.
 */
bool measure_is_in(const char *name, const struct record *record);
const char *measure_options(const char *name, const struct record *record);
/* All of them that a record holds, in the order of the registry and of their suffixes. */
struct measure_held {
    const char **names;
    size_t count, capacity;
};
basin_status measure_list_held(struct arena *arena, const struct record *record,
                               struct measure_held *held);
/* Takes out of a record what a measure has put under /measures: it can then be taken again. */
void measure_remove(const char *name, struct record *record);

/* Of taking it once: nominal FLOPs; the most memory, and what more it would make use of. */
double measure_flops(const char *name, const struct measure_site *site);
basin_status measure_memory(const char *name, const struct measure_site *site,
                            struct objective_memory *memory);

/* A measure taken again and again while training: /tracked/<measure>/... with the axis `epoch`. */
struct measure_track;
basin_status measure_track_create(struct arena *arena, const char *name,
                                  struct measure_track **track);
basin_status measure_track_add(struct measure_track *track, const struct measure_site *site,
                               int64_t epoch);
basin_status measure_track_record(struct measure_track *track, struct record *record);
/* `most`: the last epoch that a checkpoint can hold of it. */
basin_status measure_track_state(struct measure_track *track, struct state *state,
                                 int64_t most); /* to and from a checkpoint */

/* --- for measures --- */

/* `quantity` is one of the measure's. `reason`: why the value is NaN, or NULL. */
basin_status measure_scalar(const struct measure_site *site, const struct quantity *quantity,
                            double value, const char *reason);
/* An array in the measure's group: values[i][k]... over the places of axes[0], axes[1], ... Each
 * axis has a scale, an array over itself of the same name, which must be added too, before. In a
 * track, a shape that changes from epoch to epoch is cut, or filled with NaN, to the first one. */
enum { MEASURE_RANK = 4 };
struct measure_shape {
    int rank;
    const char *axes[MEASURE_RANK];
    size_t dims[MEASURE_RANK];
};
basin_status measure_grid(const struct measure_site *site, const struct quantity *quantity,
                          const struct measure_shape *shape, const double *values);
/* The same over one axis. `name` equal to `axis` adds the scale itself: whole numbers where all of
 * them are, else floats. */
basin_status measure_array(const struct measure_site *site, const struct quantity *quantity,
                           const char *axis, size_t count, const double *values);
/* Names of the places of an axis, as the attribute `name` of its scale, which is there already. */
basin_status measure_names(const struct measure_site *site, const char *name, const char *axis,
                           size_t count,
                           const char *const *values); /* texts beside an axis; not tracked */
/* Facts about how it was measured, set as attributes on what is added after this call. */
basin_status measure_note(const struct measure_site *site, const char *name, double value);
bool measure_stopped(const struct measure_site *site);
/* Is it taken while training? The scales of a track are the same at all epochs. */
bool measure_is_tracked(const struct measure_site *site);

/* `examples` of the options against what there is: the first N of the training permutation, or all.
 */
size_t measure_examples(const struct measure_site *site);
struct objective_where measure_where(const struct measure_site *site); /* these examples */
/* An objective for this site, in the mode of the options; for measures that need another one, to be
 * changed. */
struct objective_request measure_request(const struct measure_site *site);
/* Likewise, of the network in float64, for few calls of this kind: it shares nothing with the
 * site's, keeps nothing, and takes smaller batches where they change nothing, to need less
 * memory. */
struct objective_request measure_request_exact(const struct measure_site *site,
                                               enum objective_call call);

#define MEASURE_EXAMPLES_ROW                                                                       \
    {                                                                                              \
        .key = "examples", SETTING(struct measure_common, examples), .type = SCHEMA_COUNT,         \
        .unit = "examples", .minimum = 1, .maximum = 1e9, .fallback = "2000",                      \
        .doc =                                                                                     \
            "The first N examples of the training permutation (the same for all seeds), or all.",  \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "n_examples", "samples", NULL                                                          \
        }                                                                                          \
    }
/* The note `batch`, in mode: train, where the number depends on it. */
basin_status measure_note_batch(const struct measure_site *site, enum objective_call call);
/* Whose statistics batch normalisation takes; measures that look through the network have it. */
enum model_mode measure_mode(const struct measure_site *site);
extern const char *const measure_modes[];
/* Does `batch` of the site make its numbers others than those of earlier versions, which had none?
 */
bool measure_is_rebatched(const struct measure_site *site);
#define MEASURE_MODE_ROW                                                                           \
    {                                                                                              \
        .key = "mode", SETTING(struct measure_common, mode), .type = SCHEMA_CHOICE,                \
        .choices = measure_modes, .fallback = "eval",                                              \
        .doc =                                                                                     \
            "eval: batch normalisation uses its running statistics; train: it uses those of "      \
            "each batch of examples, and derivatives include them. Such a batch has at most "      \
            "1,000 examples, fewer of large networks, whatever training.batch_size is: the "       \
            "attribute `batch` of the number says how many. Where each step of a training sees "   \
            "all of at most 2,000 examples, they are one batch here too, so that both see the "    \
            "same function of the weights. Dropout "                                               \
            "is always off. Without batch normalisation, both modes give the same result."         \
    }
#define MEASURE_EVERY_ROW                                                                          \
    {                                                                                              \
        .key = "every", SETTING(struct measure_common, every), .type = SCHEMA_INTEGER,             \
        .unit = "epochs", .minimum = 1, .maximum = 1e9, .flags = SCHEMA_OPTIONAL,                  \
        .doc = "Also take the measure during training: before the first epoch and after every N "  \
               "epochs. It is then part of the run's id."                                          \
    }

#endif
