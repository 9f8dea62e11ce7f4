#include "formats/archived.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/text.h"
#include "formats/gzip.h"
#include "store/array.h"
#include "store/foreign.h"

/* RATIO: deflate packs at most so many bytes into one. CONTENT_*: what a tar.gz may expand to. */
enum { BLOCK = 64 << 10, RATIO = 1032, CONTENT_RATIO = 64, NAME_MOST = 4096, NAMES_SHOWN = 12 };
#define CONTENT_FREE 0x1p30

/* Where the child puts a member in the memory that both see. */
struct place {
    bool is_there, is_full; /* is_full: the whole name is the one that is wanted */
    size_t start, length;
};

/* What the child hands over; of a list only the number. */
struct answer {
    size_t count, bytes;
    struct place places[ARCHIVED_MOST];
};
_Static_assert(sizeof(struct answer) <= FOREIGN_RESULT, "it fits into what a child hands over");

/* What the child is asked for: members, or (`wanted` NULL) their names. */
struct request {
    const char *path;
    const struct archived *wanted;
    enum archived_match match;
    double most;
};

/* An archive that is read, in the child. */
struct reading {
    const struct request *request;
    struct archive *archive;
    struct gzip *gzip; /* of a tar, whether gzipped or not; NULL for a zip */
    basin_status fed;  /* what the gzip reader said, which libarchive does not pass on */
    double size;       /* bytes of the file */
    double content;    /* bytes of the tar read so far */
    int shared;
    struct answer *answer;
    uint8_t block[BLOCK], piece[BLOCK];
};

/* ---- messages ---- */

static basin_status archive_refuse(const char *path, const char *what)
{
    error_raise(BASIN_DATA, "%s: %s", path, what);
    error_place(path, 0, 0);
    return BASIN_DATA;
}

static basin_status refuse_member(const char *path, const char *name, const char *what)
{
    error_raise(BASIN_DATA, "%s: member \"%s\" %s", path, name, what);
    error_place(path, 0, 0);
    return BASIN_DATA;
}

/* What libarchive said, or the gzip reader below it. */
static basin_status refuse_damage(const struct reading *reading, const char *name)
{
    const char *said = archive_error_string(reading->archive);
    const char *path = reading->request->path;
    if (reading->fed != BASIN_OK) return reading->fed;
    if (name)
        error_raise(BASIN_DATA, "%s: member \"%s\" cannot be read: %s", path, name,
                    said ? said : "damaged");
    else
        error_raise(BASIN_DATA, "%s: the archive cannot be read: %s", path,
                    said ? said : "damaged");
    error_place(path, 0, 0);
    return BASIN_DATA;
}

/* What packed data may expand to: more is no data that anybody would keep so. */
static basin_status expansion_check(const struct reading *reading, double content)
{
    if (content <= fmax(CONTENT_FREE, CONTENT_RATIO * reading->size)) return BASIN_OK;
    archive_refuse(reading->request->path,
                   "its content is more than 64 times as large as the file: archives that expand "
                   "like this are refused");
    error_hint("if it is what it should be, write it without compression");
    return BASIN_DATA;
}

/* ---- opening ---- */

static ssize_t feed(struct archive *archive, void *context, const void **block)
{
    struct reading *reading = context;
    size_t done = 0;
    *block = reading->block;
    reading->fed = gzip_some(reading->gzip, reading->block, BLOCK, &done);
    reading->content += (double)done;
    if (reading->fed == BASIN_OK) reading->fed = expansion_check(reading, reading->content);
    if (reading->fed == BASIN_OK) return (ssize_t)done;
    archive_set_error(archive, EIO, "the file cannot be read");
    return ARCHIVE_FATAL;
}

static bool read_start(const char *path, uint8_t start[4], double *size)
{
    struct stat about = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool done = file >= 0 && fstat(file, &about) == 0 && read(file, start, 4) == 4;
    *size = (double)about.st_size;
    if (file >= 0) close(file);
    return done;
}

static bool is_zip(const uint8_t start[4])
{
    return memcmp(start, "PK\3\4", 4) == 0 || memcmp(start, "PK\5\6", 4) == 0;
}

bool archived_is_zip(const char *path)
{
    uint8_t start[4] = {0};
    double size;
    return read_start(path, start, &size) && is_zip(start);
}

static basin_status open_failed(const struct reading *reading, const uint8_t start[4])
{
    static const struct {
        const char *start, *what;
    } others[] = {
        {"PK\3\4",
         "it begins like a zip archive, but has no directory at its end: it was cut off, or "
         "is damaged"},
        {"BZh", "it is compressed by bzip2; a zip, tar or tar.gz archive is wanted"},
        {"\xfd"
         "7zX",
         "it is compressed by xz; a zip, tar or tar.gz archive is wanted"},
        {"\x28\xb5\x2f\xfd", "it is compressed by zstd; a zip, tar or tar.gz archive is wanted"},
        {"7z\xbc\xaf", "it is a 7z archive; a zip, tar or tar.gz archive is wanted"},
        {"Rar!", "it is a RAR archive; a zip, tar or tar.gz archive is wanted"},
    };
    const char *what = "this is not a zip, tar or tar.gz archive";
    if (reading->fed != BASIN_OK) return reading->fed;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (memcmp(start, others[i].start, strlen(others[i].start)) == 0) what = others[i].what;
    return archive_refuse(reading->request->path, what);
}

static basin_status archive_begin(struct reading *reading)
{
    uint8_t start[4] = {0};
    const char *path = reading->request->path;
    int status;
    read_start(path, start, &reading->size);
    if (is_zip(start)) {
        archive_read_support_format_zip_seekable(reading->archive);
        status = archive_read_open_filename(reading->archive, path, BLOCK);
    } else {
        TRY(gzip_open(path, &reading->gzip));
        archive_read_support_format_tar(reading->archive);
        status = archive_read_open(reading->archive, reading, NULL, feed, NULL);
    }
    return status == ARCHIVE_OK ? BASIN_OK : open_failed(reading, start);
}

/* ---- members ---- */

static bool climbs(const char *name)
{
    for (const char *at = name;; at++) {
        size_t length = strcspn(at, "/\\");
        if (length == 2 && at[0] == '.' && at[1] == '.') return true;
        at += length;
        if (!*at) return false;
    }
}

/* An archive with such a member was made by mistake or to do harm: it is refused as a whole,
 * although nothing of it is written anywhere. */
static basin_status member_check(const char *path, const char *name, struct archive_entry *entry)
{
    if (name[0] == '/' || name[0] == '\\' || (name[0] && name[1] == ':'))
        return refuse_member(path, name,
                             "has an absolute path; make the archive with paths inside "
                             "of it");
    if (climbs(name)) return refuse_member(path, name, "has `..` in its path, which is refused");
    if (archive_entry_hardlink(entry) || archive_entry_filetype(entry) == AE_IFLNK)
        return refuse_member(path, name,
                             "is a link, which is refused; make the archive with the "
                             "files themselves (tar --dereference --hard-dereference)");
    mode_t type = archive_entry_filetype(entry);
    if (type != AE_IFREG && type != AE_IFDIR)
        return refuse_member(path, name, "is neither a file nor a folder");
    if (archive_entry_is_encrypted(entry))
        return refuse_member(path, name, "is encrypted; make the archive without a password");
    return BASIN_OK;
}

static const char *last_component(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

/* Appends to the memory that the parent sees. */
static basin_status keep(struct reading *reading, const void *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t n = pwrite(reading->shared, (const char *)bytes + done, length - done,
                           (off_t)(reading->answer->bytes + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return error_memory(length);
        done += (size_t)n;
    }
    reading->answer->bytes += length;
    return BASIN_OK;
}

/* What a member claims is asked for before it is taken. */
static basin_status member_room(const struct reading *reading, const char *name,
                                struct archive_entry *entry, size_t *length)
{
    char what[NAME_MOST + 32];
    int64_t claimed = archive_entry_size(entry);
    const char *path = reading->request->path;
    if (!archive_entry_size_is_set(entry) || claimed < 0)
        return refuse_member(path, name, "does not say how large it is");
    if ((double)claimed > RATIO * reading->size)
        return refuse_member(path, name,
                             "claims to be larger than anything that a file of this size can hold");
    TRY(expansion_check(reading, (double)claimed + (double)reading->answer->bytes));
    snprintf(what, sizeof what, "member \"%s\"", name);
    *length = (size_t)claimed;
    return store_array_room(path, what, (double)claimed,
                            reading->request->most - (double)reading->answer->bytes);
}

static basin_status member_read(struct reading *reading, const char *name,
                                struct archive_entry *entry, struct place *place)
{
    size_t length = 0;
    TRY(member_room(reading, name, entry, &length));
    place->start = reading->answer->bytes;
    for (size_t done = 0;;) { /* to the end: only there the checksum is compared */
        ssize_t n = archive_read_data(reading->archive, reading->piece, BLOCK);
        if (n < 0) return refuse_damage(reading, name);
        if (n == 0 && done == length) break;
        if (n == 0 || (size_t)n > length - done)
            return refuse_member(reading->request->path, name,
                                 n ? "is larger than it says" : "ends early");
        TRY(keep(reading, reading->piece, (size_t)n));
        done += (size_t)n;
    }
    place->length = length;
    place->is_there = true;
    return BASIN_OK;
}

/* A name may be wanted twice: the first of its kind stands for all. */
static size_t first_wanted(const struct archived *wanted, size_t i)
{
    size_t first = 0;
    while (strcmp(wanted->members[first].name, wanted->members[i].name)) first++;
    return first;
}

/* Which of the wanted ones is it? A member whose whole name is wanted comes before those that only
 * end so. */
static basin_status member_match(const struct reading *reading, const char *name,
                                 struct place **place)
{
    const struct request *request = reading->request;
    *place = NULL;
    for (size_t i = 0; i < request->wanted->count; i++) {
        const char *wanted = request->wanted->members[i].name;
        struct place *at = &reading->answer->places[i];
        bool is_full = strcmp(name, wanted) == 0;
        if (first_wanted(request->wanted, i) != i) continue;
        if (!is_full && (request->match == ARCHIVED_FULL || strcmp(last_component(name), wanted)))
            continue;
        if (at->is_there && at->is_full && !is_full) continue;
        if (at->is_there && at->is_full == is_full) {
            error_raise(BASIN_DATA, "%s: there are two members \"%s\"", request->path, wanted);
            error_place(request->path, 0, 0);
            error_hint("make the archive again, with one of them");
            return BASIN_DATA;
        }
        at->is_full = is_full;
        *place = at;
    }
    return BASIN_OK;
}

static basin_status member_list(struct reading *reading, const char *name,
                                struct archive_entry *entry)
{
    int64_t size = archive_entry_size(entry);
    if (reading->answer->count == ARCHIVED_NAMES) return BASIN_OK;
    reading->answer->count++;
    TRY(keep(reading, &size, sizeof size));
    return keep(reading, name, strlen(name) + 1);
}

static basin_status member_take(struct reading *reading, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    struct place *place;
    if (!name) name = archive_entry_pathname_utf8(entry);
    if (!name) return archive_refuse(reading->request->path, "a member's name cannot be read");
    if (strlen(name) >= NAME_MOST)
        return archive_refuse(reading->request->path, "a member's name is longer than 4095 bytes");
    TRY(member_check(reading->request->path, name, entry));
    if (archive_entry_filetype(entry) != AE_IFREG) return BASIN_OK;
    if (!reading->request->wanted) return member_list(reading, name, entry);
    TRY(member_match(reading, name, &place));
    return place ? member_read(reading, name, entry, place) : BASIN_OK;
}

/* What follows the last member of a tar is padding; behind it stands the checksum of gzip. */
static basin_status archive_end(struct reading *reading)
{
    const void *block;
    if (!reading->gzip) return BASIN_OK;
    while (feed(reading->archive, reading, &block) > 0) continue;
    return reading->fed;
}

static basin_status archive_walk(struct reading *reading)
{
    struct archive_entry *entry;
    for (;;) {
        int status = archive_read_next_header(reading->archive, &entry);
        if (status == ARCHIVE_EOF) return archive_end(reading);
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return refuse_damage(reading, NULL);
        TRY(member_take(reading, entry));
    }
}

/* ---- the child ---- */

static basin_status archive_in_child(const void *context, void *result, int shared)
{
    struct reading *reading = memory_allocate(sizeof *reading);
    if (!reading) return BASIN_MEMORY;
    *reading = (struct reading){
        .request = context, .archive = archive_read_new(), .shared = shared, .answer = result};
    memset(result, 0, sizeof *reading->answer);
    setlocale(LC_CTYPE, "C.UTF-8"); /* libarchive has no names beyond ASCII in the locale "C" */
    basin_status status = reading->archive ? archive_begin(reading) : error_memory(0);
    if (status == BASIN_OK) status = archive_walk(reading);
    if (reading->archive) archive_read_free(reading->archive);
    if (reading->gzip) gzip_close(reading->gzip);
    memory_free(reading);
    return status;
}

/* ---- the parent ---- */

static basin_status ask(const struct request *request, struct answer *answer, int *shared)
{
    struct foreign foreign = {.path = request->path,
                              .library = "libarchive",
                              .read = archive_in_child,
                              .context = request,
                              .result_size = sizeof *answer};
    TRY(store_array_file(request->path, "an archive"));
    return foreign_read(&foreign, answer, shared);
}

static basin_status went_wrong(const char *path)
{
    return archive_refuse(path, "the archive cannot be read: libarchive went wrong on it");
}

/* Nothing that the child says is believed. */
static basin_status places_take(const char *path, const struct answer *answer, int shared,
                                struct archived *archived)
{
    struct stat about;
    if (fstat(shared, &about) != 0 || (size_t)about.st_size != answer->bytes)
        return went_wrong(path);
    for (size_t i = 0; i < archived->count; i++) {
        const struct place *place = &answer->places[i];
        if (place->start > answer->bytes || place->length > answer->bytes - place->start)
            return went_wrong(path);
    }
    archived->mapped = answer->bytes;
    if (answer->bytes)
        archived->mapping = mmap(NULL, answer->bytes, PROT_READ, MAP_PRIVATE, shared, 0);
    if (archived->mapping == MAP_FAILED) {
        archived->mapping = NULL;
        return error_memory(answer->bytes);
    }
    for (size_t i = 0; i < archived->count; i++) {
        const struct place *place = &answer->places[first_wanted(archived, i)];
        archived->members[i].is_there = place->is_there;
        archived->members[i].length = place->length;
        archived->members[i].bytes =
            place->length ? (const uint8_t *)archived->mapping + place->start : NULL;
    }
    return BASIN_OK;
}

basin_status archived_read(const char *path, enum archived_match match, double most,
                           struct archived *archived)
{
    struct request request = {
        .path = path, .wanted = archived, .match = match, .most = store_array_most(most)};
    struct answer answer = {0};
    int shared;
    TRY(ask(&request, &answer, &shared));
    basin_status status = places_take(path, &answer, shared, archived);
    close(shared);
    return status;
}

basin_status archived_read_here(const char *path, enum archived_match match, double most,
                                struct archived *archived)
{
    struct request request = {.path = path, .wanted = archived, .match = match, .most = most};
    struct answer answer = {0};
    int shared = memfd_create("basin", MFD_CLOEXEC);
    if (shared < 0) return error_memory(0);
    basin_status status = archive_in_child(&request, &answer, shared);
    if (status == BASIN_OK) status = places_take(path, &answer, shared, archived);
    close(shared);
    return status;
}

void archived_free(struct archived *archived)
{
    if (archived->mapping) munmap(archived->mapping, archived->mapped);
    archived->mapping = NULL;
}

static basin_status names_take(const char *path, const char *bytes, const struct answer *answer,
                               struct arena *arena, struct archived_name *names)
{
    size_t at = 0;
    for (size_t i = 0; i < answer->count; i++) {
        int64_t size;
        if (answer->bytes - at <= sizeof size) return went_wrong(path);
        memcpy(&size, bytes + at, sizeof size);
        at += sizeof size;
        size_t length = strnlen(bytes + at, answer->bytes - at);
        if (at + length == answer->bytes) return went_wrong(path);
        names[i].bytes = (double)size;
        names[i].name = arena_text_n(arena, bytes + at, length);
        if (!names[i].name) return BASIN_MEMORY;
        at += length + 1;
    }
    return BASIN_OK;
}

basin_status archived_list(const char *path, struct arena *arena, struct archived_name **names,
                           size_t *count)
{
    struct request request = {.path = path};
    struct answer answer = {0};
    struct archived all = {0};
    int shared;
    TRY(ask(&request, &answer, &shared));
    basin_status status = answer.count <= ARCHIVED_NAMES ? places_take(path, &answer, shared, &all)
                                                         : went_wrong(path);
    close(shared);
    TRY(status);
    *count = answer.count;
    *names = arena_array(arena, struct archived_name, answer.count + 1);
    status = *names ? names_take(path, all.mapping, &answer, arena, *names) : BASIN_MEMORY;
    archived_free(&all);
    return status;
}

static basin_status raise_missing(const char *path, const char *name, struct arena *arena)
{
    struct archived_name *names;
    struct text shown = {0};
    size_t count;
    TRY(archived_list(path, arena, &names, &count));
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++)
        text_format(&shown, "%s\"%s\"", i ? ", " : "", names[i].name);
    if (count > NAMES_SHOWN) text_append(&shown, ", ...");
    error_raise(BASIN_DATA, "there is no \"%s\" in this archive", name);
    error_hint("%s has %s", path, count ? text_data(&shown) : "no files at all");
    text_free(&shown);
    return BASIN_DATA;
}

basin_status archived_missing(const char *path, const char *name)
{
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = raise_missing(path, name, arena);
    arena_destroy(arena);
    return status;
}
