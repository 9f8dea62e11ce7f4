#include "formats/gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include "base/arena.h"

enum { BUFFER = 256 << 10, RATIO = 1032, PIECE = 1 << 30 }; /* PIECE: zlib counts in 32 bits */

struct gzip {
    const char *path;
    int file;         /* -1: all bytes are in memory, and in the buffer from the start */
    bool packed;      /* gzipped */
    bool inflating;   /* zlib's state is there */
    bool member_done; /* the current gzip member has ended */
    size_t size;
    long long before;    /* bytes of the file that were read before those now in the buffer */
    long long decoded;   /* bytes handed out */
    size_t filled, used; /* of the buffer */
    z_stream zlib;
    const uint8_t *buffer;
    uint8_t room[]; /* the buffer of a file */
};

static long long position(const struct gzip *gzip)
{
    return gzip->before + (long long)gzip->used;
}

static basin_status gzip_refuse(const struct gzip *gzip, const char *what)
{
    if (gzip->packed)
        error_raise(BASIN_DATA, "%s: %s (byte %lld of the file, %lld of its uncompressed content)",
                    gzip->path, what, position(gzip), gzip->decoded);
    else
        error_raise(BASIN_DATA, "%s: %s (byte %lld)", gzip->path, what, position(gzip));
    error_byte(gzip->path, position(gzip));
    return BASIN_DATA;
}

static voidpf take_memory(voidpf nothing, uInt count, uInt size)
{
    (void)nothing;
    return memory_allocate((size_t)count * size);
}

static void give_memory(voidpf nothing, voidpf memory)
{
    (void)nothing;
    memory_free(memory);
}

/* Fills the empty buffer; leaves it empty at the end of the file. */
static basin_status gzip_fill(struct gzip *gzip)
{
    gzip->before += (long long)gzip->filled;
    gzip->filled = gzip->used = 0;
    if (gzip->file < 0) return BASIN_OK;
    ssize_t n;
    do n = read(gzip->file, gzip->room, BUFFER);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        error_raise(BASIN_DATA, "cannot read %s: %s", gzip->path, strerror(errno));
        error_place(gzip->path, 0, 0);
        return BASIN_DATA;
    }
    gzip->filled = (size_t)n;
    return BASIN_OK;
}

static basin_status need_input(struct gzip *gzip, bool *there)
{
    if (gzip->used == gzip->filled) TRY(gzip_fill(gzip));
    *there = gzip->used < gzip->filled;
    return BASIN_OK;
}

static basin_status start(struct gzip *gzip)
{
    gzip->packed = gzip->filled >= 2 && gzip->buffer[0] == 0x1f && gzip->buffer[1] == 0x8b;
    if (!gzip->packed) return BASIN_OK;
    gzip->zlib.zalloc = take_memory;
    gzip->zlib.zfree = give_memory;
    if (inflateInit2(&gzip->zlib, 15 + 16) != Z_OK) return BASIN_MEMORY;
    gzip->inflating = true;
    return BASIN_OK;
}

static basin_status start_file(struct gzip *gzip)
{
    struct stat about = {0};
    if (fstat(gzip->file, &about) != 0 || !S_ISREG(about.st_mode)) {
        error_raise(BASIN_DATA, "%s is %s", gzip->path,
                    S_ISDIR(about.st_mode) ? "a folder" : "not a regular file");
        error_place(gzip->path, 0, 0);
        return BASIN_DATA;
    }
    gzip->size = (size_t)about.st_size;
    TRY(gzip_fill(gzip));
    return start(gzip);
}

basin_status gzip_open(const char *path, struct gzip **out)
{
    struct gzip *gzip = memory_allocate(sizeof *gzip + BUFFER);
    if (!gzip) return BASIN_MEMORY;
    gzip->path = path;
    gzip->buffer = gzip->room;
    gzip->file =
        open(path, O_RDONLY | O_CLOEXEC |
                       O_NONBLOCK); /* a pipe without a writer is refused, not waited for */
    basin_status status = BASIN_OK;
    if (gzip->file < 0) {
        status = error_raise(BASIN_DATA, "cannot open %s: %s", path, strerror(errno));
        error_place(path, 0, 0);
    }
    if (status == BASIN_OK) status = start_file(gzip);
    if (status == BASIN_OK)
        *out = gzip;
    else
        gzip_close(gzip);
    return status;
}

basin_status gzip_open_bytes(const char *name, const uint8_t *bytes, size_t length,
                             struct gzip **out)
{
    struct gzip *gzip = memory_allocate(sizeof *gzip);
    if (!gzip) return BASIN_MEMORY;
    *gzip =
        (struct gzip){.path = name, .file = -1, .size = length, .filled = length, .buffer = bytes};
    basin_status status = start(gzip);
    if (status == BASIN_OK)
        *out = gzip;
    else
        gzip_close(gzip);
    return status;
}

void gzip_close(struct gzip *gzip)
{
    if (gzip->inflating) inflateEnd(&gzip->zlib);
    if (gzip->file >= 0) close(gzip->file);
    memory_free(gzip);
}

bool gzip_is_packed(const struct gzip *gzip)
{
    return gzip->packed;
}

double gzip_most(const struct gzip *gzip)
{
    return gzip->packed ? RATIO * (double)gzip->size : (double)gzip->size;
}

static basin_status copy_plain(struct gzip *gzip, uint8_t *out, size_t length, size_t *done)
{
    size_t n = gzip->filled - gzip->used;
    if (n > length) n = length;
    memcpy(out, gzip->buffer + gzip->used, n);
    gzip->used += n;
    *done = n;
    return BASIN_OK;
}

/* One call of inflate: some input, some output (both may be none, where a member's header or
 * trailer is crossed). */
static basin_status inflate_some(struct gzip *gzip, uint8_t *out, size_t length, size_t *done)
{
    if (gzip->member_done) { /* a gzip file may be several members, one behind the other */
        if (gzip->buffer[gzip->used] != 0x1f)
            return gzip_refuse(gzip, "there are bytes behind the end of the gzip data");
        inflateReset(&gzip->zlib);
        gzip->member_done = false;
    }
    size_t room = length < PIECE ? length : PIECE;
    size_t there = gzip->filled - gzip->used < PIECE ? gzip->filled - gzip->used : PIECE;
    gzip->zlib.next_in =
        (z_const Bytef *)(uintptr_t)(gzip->buffer + gzip->used); /* zlib does not write there */
    gzip->zlib.avail_in = (uInt)there;
    gzip->zlib.next_out = out;
    gzip->zlib.avail_out = (uInt)room;
    int result = inflate(&gzip->zlib, Z_NO_FLUSH);
    gzip->used += there - gzip->zlib.avail_in;
    *done = room - gzip->zlib.avail_out;
    gzip->member_done = result == Z_STREAM_END;
    if (result == Z_MEM_ERROR) return BASIN_MEMORY;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return gzip_refuse(gzip, "the gzip data are damaged");
    return BASIN_OK;
}

basin_status gzip_read(struct gzip *gzip, void *out, size_t length)
{
    for (size_t at = 0, done; at < length; at += done, gzip->decoded += (long long)done) {
        bool there;
        TRY(need_input(gzip, &there));
        done = 0;
        if (there) {
            TRY((gzip->packed ? inflate_some : copy_plain)(gzip, (uint8_t *)out + at, length - at,
                                                           &done));
        } else if (!gzip->packed || gzip->member_done) {
            return gzip_refuse(gzip, "the file ends early");
        } else { /* all input is with zlib, which may still hold output back */
            TRY(inflate_some(gzip, (uint8_t *)out + at, length - at, &done));
            if (done == 0) return gzip_refuse(gzip, "the file ends early");
        }
    }
    return BASIN_OK;
}

basin_status gzip_some(struct gzip *gzip, void *out, size_t length, size_t *done)
{
    bool there = true;
    for (*done = 0; *done == 0 && there;) {
        TRY(need_input(gzip, &there));
        if (!there && (!gzip->packed || gzip->member_done)) return BASIN_OK;
        TRY((gzip->packed ? inflate_some : copy_plain)(gzip, out, length, done));
    }
    gzip->decoded += (long long)*done;
    return *done || gzip->member_done ? BASIN_OK : gzip_refuse(gzip, "the file ends early");
}

double gzip_share(const struct gzip *gzip)
{
    return gzip->size ? (double)position(gzip) / (double)gzip->size : 1;
}

/* For gzip this reads the trailer too, whose checksum is that of the whole content. */
basin_status gzip_end(struct gzip *gzip)
{
    uint8_t more;
    for (bool there;;) {
        TRY(need_input(gzip, &there));
        if (!there)
            return gzip->packed && !gzip->member_done ? gzip_refuse(gzip, "the file ends early")
                                                      : BASIN_OK;
        size_t done = 0;
        TRY((gzip->packed ? inflate_some : copy_plain)(gzip, &more, 1, &done));
        if (done) {
            gzip->used -= !gzip->packed; /* the place of the first byte too many */
            return gzip_refuse(gzip, "there are bytes behind the end of the data");
        }
    }
}

const char *gzip_library(void)
{
    return zlibVersion();
}
