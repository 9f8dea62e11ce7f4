/* JSON: resolved values as other programs read them. */
#ifndef BASIN_SPEC_VALUE_JSON_H
#define BASIN_SPEC_VALUE_JSON_H

#include "base/text.h"
#include "spec/value.h"

/* Lists as arrays, blocks as objects, "all" of a count as the text. */
void json_value(struct text *out, const struct value *value);

bool value_is_all(const struct value *value); /* "all" of a SCHEMA_COUNT */

#endif
