#include "spec/base.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "spec/seeds.h"

/* ---- files ---- */

static basin_status base_read_all(int file, const char *name, struct text *text)
{
    char buffer[1 << 16];
    for (;;) {
        ssize_t got = read(file, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_raise(BASIN_IO, "cannot read %s: %s", name, strerror(errno));
        if (got == 0) return text_status(text);
        text_append_n(text, buffer, (size_t)got);
        if (text->failed || text->length > TREE_BYTES) return text_status(text);
    }
}

/* A pipe that the process was started with: `basin check /dev/stdin`, `basin check <(command)`. */
static bool is_own_pipe(const char *name, mode_t mode)
{
    static const char *const folders[] = {"/dev/stdin", "/dev/fd/", "/proc/self/fd/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strncmp(name, folders[i], strlen(folders[i])) == 0) return S_ISFIFO(mode);
    return false;
}

/* Anything else may never end, or never begin: opening a FIFO waits for its writer. */
static basin_status require_file(int file, const char *name)
{
    struct stat state;
    if (fstat(file, &state) != 0)
        return error_raise(BASIN_IO, "cannot read %s: %s", name, strerror(errno));
    if (!S_ISREG(state.st_mode) && !is_own_pipe(name, state.st_mode))
        return error_raise(BASIN_IO, "cannot read %s: it is %s, not a regular file", name,
                           S_ISDIR(state.st_mode)    ? "a folder"
                           : S_ISFIFO(state.st_mode) ? "a FIFO"
                           : S_ISSOCK(state.st_mode) ? "a socket"
                                                     : "a device");
    if (fcntl(file, F_SETFL, 0) != 0) /* read() waits again */
        return error_raise(BASIN_IO, "cannot read %s: %s", name, strerror(errno));
    return BASIN_OK;
}

basin_status base_read_file(struct arena *arena, const char *name, const char **out, size_t *length)
{
    struct text text = {0};
    int file = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) return error_raise(BASIN_IO, "cannot read %s: %s", name, strerror(errno));
    basin_status status = require_file(file, name);
    if (status == BASIN_OK) status = base_read_all(file, name, &text);
    close(file);
    if (status == BASIN_OK) {
        *length = text.length;
        *out = arena_text_n(arena, text_data(&text), text.length);
        if (!*out) status = BASIN_MEMORY;
    }
    text_free(&text);
    return status;
}

const char *base_folder(struct arena *arena, const char *file)
{
    const char *slash = strrchr(file, '/');
    size_t length = slash ? (size_t)(slash - file) : 0;
    if (slash == file && *file) return "/";
    if (*file == '/') return arena_text_n(arena, file, length);
    char here[4096];
    if (!getcwd(here, sizeof here)) {
        error_raise(BASIN_IO, "cannot name the current folder: %s", strerror(errno));
        return NULL;
    }
    return length ? arena_format(arena, "%s/%.*s", here, (int)length, file)
                  : arena_text(arena, here);
}

basin_status base_read_root(struct arena *arena, const struct tree_source *source,
                            struct diagnostics *diagnostics, struct tree **root)
{
    struct mark start = {.line = 1, .column = 1, .width = 1, .source = source->source};
    size_t before = diagnostics->total;
    *root = NULL;
    if (source->length > TREE_BYTES) {
        diagnostics_add(diagnostics, (struct mark){.source = source->source},
                        "the file is larger than 1 MiB (%d bytes), the most that a spec may be",
                        TREE_BYTES);
        return BASIN_OK;
    }
    TRY(tree_read(arena, source, diagnostics, root));
    if (*root && tree_is_null(*root)) *root = NULL;
    if (!*root && diagnostics->total == before)
        diagnostics_add(diagnostics, start,
                        "the file is empty; `basin init` writes one to start from");
    if (*root && (*root)->kind != TREE_MAP) {
        diagnostics_add(diagnostics, (*root)->mark,
                        "a spec is a block of keys, as in \"study: my-study\"; found %s",
                        (*root)->kind == TREE_LIST ? "a list" : "one value");
        *root = NULL;
    }
    return *root ? seeds_spread(arena, *root) : BASIN_OK;
}

/* ---- building on others ---- */

/* The chain of files being read, each named by the one before. */
struct chain {
    const struct chain *up;
    const char *file; /* absolute, without links */
};

struct builder {
    struct arena *arena;
    const struct schema_row *schema;
    struct diagnostics *diagnostics;
    struct bases *bases;
};

static basin_status apply(const struct builder *builder, const struct chain *chain,
                          const char *folder, struct tree *root, struct tree **out);

static bool is_open(const struct chain *chain, const char *file)
{
    for (; chain; chain = chain->up)
        if (strcmp(chain->file, file) == 0) return true;
    return false;
}

/* Reads one file; false after a complaint at the place that names it. */
static bool open_file(const struct builder *builder, const struct chain *chain, const char *path,
                      struct mark mark, const char **real)
{
    char resolved[PATH_MAX];
    *real = realpath(path, resolved) ? arena_text(builder->arena, resolved) : NULL;
    if (!*real)
        diagnostics_add(
            builder->diagnostics, mark,
            "base: cannot open %s: %s; a relative path starts at the folder of the file", path,
            strerror(errno));
    else if (is_open(chain, *real))
        diagnostics_add(builder->diagnostics, mark, "base: %s builds on itself", path);
    else if (builder->bases->count == BASES_MOST)
        diagnostics_add(builder->diagnostics, mark, "base: more than %d files", BASES_MOST);
    else
        return true;
    return false;
}

/* The tree of one base, with its own bases below it; NULL after a complaint. */
static basin_status read_base(const struct builder *builder, const struct chain *chain,
                              const char *folder, const struct tree *name, struct tree **out)
{
    *out = NULL;
    if (name->kind != TREE_SCALAR || tree_is_null(name)) {
        diagnostics_add(builder->diagnostics, name->mark,
                        "base: expected a path, or a list of paths");
        return BASIN_OK;
    }
    const char *path = *name->text == '/'
                           ? name->text
                           : arena_format(builder->arena, "%s/%s", folder, name->text),
               *real;
    if (!path) return BASIN_MEMORY;
    if (!open_file(builder, chain, path, name->mark, &real)) return BASIN_OK;
    struct diagnostics_base *file = &builder->bases->files[builder->bases->count];
    struct tree_source source = {.source = -1 - builder->bases->count};
    if (base_read_file(builder->arena, real, &file->source, &file->length) != BASIN_OK) {
        diagnostics_add(builder->diagnostics, name->mark, "base: %s", basin_error_last()->message);
        return basin_error_last()->status == BASIN_MEMORY ? BASIN_MEMORY : BASIN_OK;
    }
    file->file = name->text;
    file->folder = base_folder(builder->arena, real);
    if (!file->folder) return basin_error_last()->status;
    builder->bases->count++;
    source.text = file->source;
    source.length = file->length;
    struct tree *root;
    TRY(base_read_root(builder->arena, &source, builder->diagnostics, &root));
    if (!root) return BASIN_OK;
    struct chain here = {.up = chain, .file = real};
    return apply(builder, &here, file->folder, root, out);
}

static basin_status apply(const struct builder *builder, const struct chain *chain,
                          const char *folder, struct tree *root, struct tree **out)
{
    const struct tree_member *base = tree_find(root, "base");
    *out = root;
    if (!base) return BASIN_OK;
    if (tree_is_reset(base->value)) {
        tree_remove(root, "base");
        return BASIN_OK;
    }
    struct tree *own = tree_open(builder->arena, root, NULL),
                *below = tree_map(builder->arena, base->mark);
    if (!own || !below) return BASIN_MEMORY;
    tree_remove(own, "base");
    bool several = base->value->kind == TREE_LIST;
    for (size_t i = 0; i < (several ? base->value->list.count : 1); i++) {
        struct tree *one;
        TRY(read_base(builder, chain, folder, several ? base->value->list.items[i] : base->value,
                      &one));
        if (one) TRY(tree_merge(builder->arena, builder->schema, below, one, &below));
    }
    return tree_merge(builder->arena, builder->schema, below, own, out);
}

basin_status base_apply(struct arena *arena, const struct schema_row *schema,
                        struct diagnostics *diagnostics, struct bases *bases, const char *file,
                        const char *folder, struct tree *root, struct tree **out)
{
    struct builder builder = {
        .arena = arena, .schema = schema, .diagnostics = diagnostics, .bases = bases};
    char resolved[PATH_MAX];
    struct chain chain = {.file = realpath(file, resolved) ? resolved : file};
    return apply(&builder, &chain, folder, root, out);
}
