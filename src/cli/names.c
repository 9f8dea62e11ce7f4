#include "cli/names.h"

#include "analysis/across.h"
#include "analysis/plots.h"
#include "run/schema.h"

enum { NAMED_REGISTRIES_MOST = 32 };

const struct registry *const *named_registries(void)
{
    static const struct registry *all[NAMED_REGISTRIES_MOST];
    size_t count = 0;
    for (; study_registries[count] && count < NAMED_REGISTRIES_MOST - 3; count++)
        all[count] = study_registries[count];
    all[count++] = &across_registry;
    all[count] = &plot_registry;
    return all;
}
