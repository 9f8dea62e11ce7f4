/* Export: arrays of a run in the files of others.
 *
 *     safetensors     what torch.nn's load_state_dict reads by `safetensors.torch.load_file`
 *     npz             a zip, without compression, of one NAME.npy each: numpy.load
 *
 * Arrays are float32, float64, int64 or uint8, in C order; names are theirs. Equal arrays give
 * equal bytes. Errors.  BASIN_MEMORY; BASIN_IO of libarchive.
 */
#ifndef BASIN_FORMATS_EXPORT_FILE_H
#define BASIN_FORMATS_EXPORT_FILE_H

#include "base/record.h"
#include "base/text.h"

struct export_array {
    const char *name;
    const struct record_item *item;
};

/* `metadata`: (pairs) key, value, key, value, ... for its header. Appends the file to `out`. */
basin_status export_safetensors(const struct export_array *arrays, size_t count,
                                const char *const *metadata, size_t pairs, struct text *out);
basin_status export_npz(const struct export_array *arrays, size_t count, struct text *out);

#endif
