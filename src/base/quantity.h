/* Quantity: what a number of the results is. Its name is that of its dataset, the rest becomes
 * attributes; the reference pages and `basin explain` print the same words. All texts are static.
 */
#ifndef BASIN_BASE_QUANTITY_H
#define BASIN_BASE_QUANTITY_H

struct quantity {
    const char *name, *units, *long_name, *definition, *source; /* the last two may be NULL */
};

#endif
