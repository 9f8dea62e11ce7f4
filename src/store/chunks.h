/* Chunks: does each chunk of a dataset hold as many bytes as it should?
 *
 * libhdf5 takes what comes out of the filters for a whole chunk, however few bytes that are, and
 * reads on in whatever lies behind them. So each chunk is also decoded into a dataset in memory
 * whose filters are those of the file behind one that counts.
 */
#ifndef BASIN_STORE_CHUNKS_H
#define BASIN_STORE_CHUNKS_H

#include <stdbool.h>
#include "store/hdf5.h"

struct short_chunk {
    hsize_t first[H5S_MAX_RANK]; /* its first element */
    int rank;
    size_t bytes, wanted;
};

/* The first chunk that is too short, of dataset `id` with all its chunks there. What cannot be
 * decoded at all is not looked for: reading it fails by itself. BASIN_MEMORY. */
basin_status chunks_find_short(hid_t id, bool *found, struct short_chunk *chunk);

#endif
