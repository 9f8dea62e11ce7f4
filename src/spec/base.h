/* Base: the files that a spec builds on.
 *
 *     base: ../common.yaml              or a list: later ones win, and the file itself over all of
 *                                       them
 *
 * A path is relative to the file that names it, and a base may have a base itself. A missing file,
 * a circle, and whatever is wrong in a base are reported with their place.
 */
#ifndef BASIN_SPEC_BASE_H
#define BASIN_SPEC_BASE_H

#include "spec/assign.h"

enum { BASES_MOST = 64 };

struct bases {
    struct diagnostics_base files[BASES_MOST];
    int count;
};

/* The file at `name`: its text in the arena. A regular file, or a pipe that the process was started
 * with; never waits for a FIFO or a device. BASIN_IO where it cannot be read. */
basin_status base_read_file(struct arena *arena, const char *name, const char **text,
                            size_t *length);
/* The absolute folder of a file, in the arena; NULL with an error. */
const char *base_folder(struct arena *arena, const char *file);
/* The top block of a text; *root NULL where it is empty, or wrong (then reported). */
basin_status base_read_root(struct arena *arena, const struct tree_source *source,
                            struct diagnostics *diagnostics, struct tree **root);

/* `root` without the key `base`, laid over the files that the key names. `folder` is that of
 * `file`.
 */
basin_status base_apply(struct arena *arena, const struct schema_row *schema,
                        struct diagnostics *diagnostics, struct bases *bases, const char *file,
                        const char *folder, struct tree *root, struct tree **out);

#endif
