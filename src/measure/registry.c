#include "measure/measure.h"

/* One line a measure: its entry, defined in its own file. */
#define MEASURES(X)                                                                                \
    X(hessian_top_entry)                                                                           \
    X(hessian_frobenius_entry)                                                                     \
    X(hessian_spectrum_entry)                                                                      \
    X(hessian_trace_entry)                                                                         \
    X(preconditioned_sharpness_entry)                                                              \
    X(interaction_entry)                                                                           \
    X(weight_norm_entry)                                                                           \
    X(distance_from_init_entry)                                                                    \
    X(margin_entry)                                                                                \
    X(sharpness_sam_entry)                                                                         \
    X(sharpness_asam_entry)                                                                        \
    X(sharpness_average_entry)                                                                     \
    X(sharpness_worst_entry)                                                                       \
    X(sharpness_keskar_entry)                                                                      \
    X(pacbayes_sigma_entry)                                                                        \
    X(pacbayes_sigma_magnitude_entry)                                                              \
    X(relative_flatness_entry)                                                                     \
    X(llc_entry)                                                                                   \
    X(local_entropy_entry)

#define X(name) extern const struct entry name;
MEASURES(X)
#undef X

#define X(name) &name,
static const struct entry *const entries[] = {MEASURES(X) NULL};
#undef X

const struct registry measure_registry = {
    .kind = "measure", .plural = "measures", .entries = entries};
