#include "spec/value_steps.h"

#include <math.h>
#include <stdlib.h>
#include "spec/schema.h"

/* The members or items of a value. */
static size_t value_parts(const struct value *value)
{
    return value->kind == VALUE_MAP    ? value->map.count
           : value->kind == VALUE_LIST ? value->list.count
                                       : 0;
}

static struct value *value_part(const struct value *value, size_t i)
{
    return value->kind == VALUE_MAP ? value->map.members[i].value : value->list.items[i];
}

bool value_has_epochs(const struct value *run)
{
    if (run->kind == VALUE_INTEGER) return run->epochs > 0;
    for (size_t i = 0; i < value_parts(run); i++)
        if (value_has_epochs(value_part(run, i))) return true;
    return false;
}

void value_count_steps(struct value *run, int64_t steps_per_epoch)
{
    for (size_t i = 0; i < value_parts(run); i++)
        value_count_steps(value_part(run, i), steps_per_epoch);
    if (run->kind != VALUE_INTEGER || run->epochs == 0) return;
    run->integer = (int64_t)ceil(run->epochs * (double)steps_per_epoch * (1 - 1e-12));
    run->written_epochs = run->epochs;
    run->epochs = 0;
    run->is_default =
        run->row && run->row->fallback && run->integer == strtoll(run->row->fallback, NULL, 10);
}
