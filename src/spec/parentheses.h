/* Parentheses: expressions in a spec that YAML would take apart.
 *
 * `value: mean(tracked.hessian_lambda_max, from: 0.5)` is an expression to a reader, but to YAML a
 * key inside a value, for ": " ends a plain text; in a flow block a comma does so too. Inside
 * parentheses of the block `expect` neither is meant. So before libyaml sees the text, what follows
 * such a colon, and such a comma, are replaced by private characters, one for one, so that places
 * stay what they are; afterwards they are put back into each text.
 */
#ifndef BASIN_SPEC_PARENTHESES_H
#define BASIN_SPEC_PARENTHESES_H

#include "base/arena.h"

/* `*hidden`: the text with such characters replaced, in the arena; `text` itself where there is
 * nothing to replace, or where it has private characters of its own. */
basin_status parentheses_hide(struct arena *arena, const char *text, size_t length,
                              const char **hidden, size_t *hidden_length);
void parentheses_show(char *text); /* puts them back, in place */

#endif
