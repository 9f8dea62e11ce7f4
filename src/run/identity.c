#include "run/identity.h"

#include <string.h>
#include "spec/spec.h"

void identity_derive(struct value *spec, const struct data_info *info)
{
    struct value *loss = (struct value *)value_find(spec, "training.loss");
    if (info->task != DATA_REGRESSION) return;
    if (loss->is_default && loss->mark.line == 0)
        loss->text = "mse"; /* cross_entropy that nobody wrote */
    if (strcmp(loss->text, "mse") == 0) loss->is_default = true;
}

basin_status identity_of_run(const struct value *spec, const struct data *data, char id[17])
{
    const struct data_info *info = data_describe(data);
    struct run_inputs inputs = {0};
    struct identity_facts facts = {.inputs = &inputs,
                                   .train_available = (int64_t)info->available,
                                   .test_available = (int64_t)info->test_available};
    TRY(data_inputs(data, &inputs));
    return spec_identity(spec, &facts, id);
}
