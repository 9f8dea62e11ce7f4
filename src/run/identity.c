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

basin_status identity_of_run(const struct value *spec, const struct data_info *info, char id[17])
{
    char hex[33];
    struct identity_facts facts = {.train_available = (int64_t)info->available,
                                   .test_available = (int64_t)info->test_available};
    if (info->has_digest) facts.dataset_digest = digest_hex(info->digest, hex);
    return spec_identity(spec, &facts, id);
}
