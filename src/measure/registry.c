#include "measure/registry.h"

static const struct entry *const entries[] = {&hessian_top_entry, &hessian_trace_entry,
                                              &weight_norm_entry, &distance_from_init_entry,
                                              &margin_entry,      NULL};

const struct registry measure_registry = {
    .kind = "measure", .plural = "measures", .entries = entries};
