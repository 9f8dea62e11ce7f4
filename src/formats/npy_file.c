#include "formats/npy_file.h"

#include <ctype.h>
#include <string.h>
#include "base/text.h"
#include "formats/elements.h"

/* HEADER_MOST: NumPy reads 10,000 bytes; one that is longer describes records. */
enum { MAGIC = 6, HEADER_MOST = 65535, DESCR_MOST = 63, NAME_MOST = 1024, NAMES_SHOWN = 12 };

/* A header as it is read: a dictionary in the notation of Python, between `at` and `end`. */
struct header {
    const struct content *content;
    size_t start;     /* byte of the file at which `text` begins */
    const char *text; /* where it begins */
    const char *at, *end;
    char descr[DESCR_MOST + 1];
    const char *descr_at;
    struct element_format format;
    bool columns;
    long long dims[ARRAY_RANK];
    int rank;
};

/* ---- messages ---- */

static size_t npy_byte(const struct header *header, const char *at)
{
    return header->start + (size_t)(at - header->text);
}

static basin_status npy_refuse(const struct header *header, const char *at, const char *what)
{
    error_raise(BASIN_DATA, "%s (byte %zu of the header)", what, npy_byte(header, at));
    return content_blame(header->content, npy_byte(header, at));
}

static basin_status expected(const struct header *header, const char *what)
{
    char found[16] = "its end";
    unsigned char c = header->at < header->end ? (unsigned char)*header->at : 0;
    if (header->at < header->end)
        snprintf(found, sizeof found, isgraph(c) ? "'%c'" : "byte %02x", c);
    error_raise(BASIN_DATA, "the header of the array is damaged: %s is wanted at byte %zu, not %s",
                what, npy_byte(header, header->at), found);
    return content_blame(header->content, npy_byte(header, header->at));
}

/* ---- the notation of Python ---- */

static void skip_blanks(struct header *header)
{
    while (header->at < header->end && (*header->at == ' ' || *header->at == '\n')) header->at++;
}

static bool accept(struct header *header, char c)
{
    skip_blanks(header);
    if (header->at == header->end || *header->at != c) return false;
    header->at++;
    return true;
}

/* A text in quotes, without escapes: no key and no type has any. */
static basin_status read_quoted(struct header *header, const char *what, char *out)
{
    skip_blanks(header);
    char quote = header->at < header->end ? *header->at : 0;
    if (quote != '\'' && quote != '"') return expected(header, what);
    const char *from = ++header->at;
    while (header->at < header->end && *header->at != quote && isprint((unsigned char)*header->at))
        header->at++;
    size_t length = (size_t)(header->at - from);
    if (header->at == header->end || *header->at != quote) return expected(header, "a quote");
    if (length > DESCR_MOST) return npy_refuse(header, from, "a text in the header is too long");
    memcpy(out, from, length);
    out[length] = 0;
    header->at++;
    return BASIN_OK;
}

static basin_status descr_value(struct header *header)
{
    skip_blanks(header);
    header->descr_at = header->at;
    if (header->at < header->end && (*header->at == '[' || *header->at == '(')) {
        npy_refuse(header, header->at, "it holds records of several fields (a structured dtype)");
        error_hint("save each field as an array of its own: np.savez(path, x=a['x'], y=a['y'])");
        return BASIN_DATA;
    }
    return read_quoted(header, "a type in quotes", header->descr);
}

static basin_status order_value(struct header *header)
{
    skip_blanks(header);
    for (int value = 0; value < 2; value++) {
        const char *word = value ? "True" : "False";
        size_t length = strlen(word);
        if ((size_t)(header->end - header->at) < length || memcmp(header->at, word, length))
            continue;
        header->columns = value;
        header->at += length;
        return BASIN_OK;
    }
    return expected(header, "True or False");
}

/* An integer, perhaps with the L of Python 2. */
static basin_status read_size(struct header *header, long long *size)
{
    skip_blanks(header);
    const char *from = header->at;
    for (*size = 0; header->at < header->end && isdigit((unsigned char)*header->at); header->at++)
        if (__builtin_mul_overflow(*size, 10, size) ||
            __builtin_add_overflow(*size, *header->at - '0', size))
            return npy_refuse(header, from, "a size in the shape is beyond 64 bits");
    if (header->at == from) return expected(header, "a size");
    if (header->at < header->end && *header->at == 'L') header->at++;
    return BASIN_OK;
}

static basin_status shape_value(struct header *header)
{
    header->rank = 0;
    if (!accept(header, '(')) return expected(header, "a shape in parentheses");
    while (!accept(header, ')')) {
        long long size;
        TRY(read_size(header, &size));
        if (header->rank < ARRAY_RANK) header->dims[header->rank] = size;
        header->rank++;
        if (accept(header, ',')) continue;
        if (accept(header, ')')) break;
        return expected(header, "a comma");
    }
    return BASIN_OK;
}

static const struct {
    const char *name;
    basin_status (*read)(struct header *header);
} members[] = {{"descr", descr_value}, {"fortran_order", order_value}, {"shape", shape_value}};

enum { MEMBERS = sizeof members / sizeof *members };

static basin_status member_value(struct header *header, bool has[MEMBERS])
{
    char key[DESCR_MOST + 1];
    skip_blanks(header);
    const char *from = header->at;
    TRY(read_quoted(header, "a key in quotes", key));
    if (!accept(header, ':')) return expected(header, "a colon");
    for (int i = 0; i < MEMBERS; i++)
        if (strcmp(key, members[i].name) == 0) {
            if (has[i]) return npy_refuse(header, from, "a key stands twice in the header");
            has[i] = true;
            return members[i].read(header);
        }
    return npy_refuse(header, from, "a key of the header is none of descr, fortran_order, shape");
}

static basin_status read_dictionary(struct header *header)
{
    bool has[MEMBERS] = {false};
    if (!accept(header, '{')) return expected(header, "{");
    while (!accept(header, '}')) {
        TRY(member_value(header, has));
        if (accept(header, ',')) continue;
        if (accept(header, '}')) break;
        return expected(header, "a comma");
    }
    skip_blanks(header);
    if (header->at < header->end) return expected(header, "the end of the header");
    for (int i = 0; i < MEMBERS; i++)
        if (!has[i])
            return npy_refuse(header, header->end,
                              "the header lacks descr, fortran_order or shape");
    return BASIN_OK;
}

/* ---- types ---- */

static const struct {
    char letter;
    enum element_kind kind;
    const char *sizes; /* of elements, one digit each; NULL: any */
} kinds[] = {
    {'b', ELEMENT_BOOLEAN, "1"}, {'u', ELEMENT_UNSIGNED, "1248"}, {'i', ELEMENT_SIGNED, "1248"},
    {'f', ELEMENT_FLOAT, "248"}, {'S', ELEMENT_UTF8, NULL},       {'a', ELEMENT_UTF8, NULL},
    {'U', ELEMENT_UCS4, NULL},
};

/* What is not read, and what to do about it. */
static const struct {
    char letter;
    const char *what, *hint;
} others[] = {
    {'O', "it holds Python objects, which only a pickle could give back",
     "np.save(path, x.astype(float)) or, of texts, x.astype(str); pickles are never read, since "
     "they "
     "can run any program"},
    {'c', "it holds complex numbers",
     "save their parts as numbers: np.save(path, np.stack([x.real, x.imag], -1))"},
    {'f', "its floats have another size than 2, 4 or 8 bytes",
     "np.save(path, x.astype(np.float64))"},
    {'M', "it holds dates", "np.save(path, x.astype('int64')), or texts: x.astype(str)"},
    {'m', "it holds spans of time", "np.save(path, x.astype('int64'))"},
    {'V', "it holds raw bytes, of a type that NumPy has no name for (bfloat16 is one)",
     "np.save(path, x.astype(np.float32))"},
};

static basin_status type_refuse(const struct header *header, char letter)
{
    const char *what = "its type is unknown", *hint = "save integers, booleans, floats or texts";
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].letter == letter) {
            what = others[i].what;
            hint = others[i].hint;
        }
    error_raise(BASIN_DATA, "%s: '%s' (byte %zu of the header)", what, header->descr,
                npy_byte(header, header->descr_at));
    error_hint("%s", hint);
    return content_blame(header->content, npy_byte(header, header->descr_at));
}

/* Digits only; 0 where they are none, or too many. */
static size_t type_size(const char *digits)
{
    size_t length = strspn(digits, "0123456789"), size = 0;
    if (digits[length] || length > 9) return 0;
    for (; *digits; digits++) size = 10 * size + (size_t)(*digits - '0');
    return size;
}

/* '<f4': byte order, kind, bytes; '<U7': order, kind, characters of four bytes. */
static basin_status read_type(struct header *header)
{
    const char *order = header->descr, *letter = order + (*order != 0);
    size_t size = *letter ? type_size(letter + 1) : 0;
    bool has_order = *order == '<' || *order == '>';
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bool is_text = !kinds[i].sizes;
        bool fits =
            is_text ? size > 0 : size < 10 && size && strchr(kinds[i].sizes, '0' + (char)size);
        if (kinds[i].letter != *letter || !fits) continue;
        bool needs_order = kinds[i].kind != ELEMENT_UTF8 && size > 1;
        if (!has_order && (*order != '|' || needs_order || kinds[i].kind == ELEMENT_UCS4)) continue;
        header->format =
            (struct element_format){.kind = kinds[i].kind,
                                    .size = kinds[i].kind == ELEMENT_UCS4 ? 4 * size : size,
                                    .is_big = *order == '>'};
        return BASIN_OK;
    }
    return type_refuse(header, *letter);
}

/* ---- the file ---- */

static basin_status shape_refuse(const struct header *header, const char *hint)
{
    if (header->rank == 0)
        error_raise(BASIN_DATA,
                    "it is a single number (its shape is ()), not an array of examples");
    else
        error_raise(BASIN_DATA, "it has %d dimensions; 1 to %d can be read", header->rank,
                    ARRAY_RANK);
    error_hint("%s", hint);
    return content_blame(header->content, header->start);
}

/* The elements fill the rest of the file: no more, no less. */
static basin_status npy_measure(const struct header *header, size_t start,
                                struct store_array *array)
{
    size_t bytes = header->format.size, rest = header->content->length - start;
    bool is_beyond = false;
    array->rank = header->rank;
    if (header->rank == 0)
        return shape_refuse(header, "save an array: np.save(path, np.array([x]))");
    if (header->rank > ARRAY_RANK)
        return shape_refuse(header,
                            "np.save(path, x.reshape(len(x), -1)) makes each example a row");
    for (int i = 0; i < header->rank; i++) {
        if (header->dims[i] == 0) {
            error_raise(BASIN_DATA, "it is empty: size 0 in dimension %d of its shape", i);
            return content_blame(header->content, header->start);
        }
        array->dims[i] = (size_t)header->dims[i];
        is_beyond = __builtin_mul_overflow(bytes, array->dims[i], &bytes) || is_beyond;
    }
    if (!is_beyond && bytes == rest) return BASIN_OK;
    if (is_beyond || bytes > rest)
        error_raise(BASIN_DATA,
                    "it ends early: %zu bytes follow the header, too few for its shape and type",
                    rest);
    else
        error_raise(BASIN_DATA, "there are bytes behind the end of the array: %zu", rest - bytes);
    return content_blame(header->content,
                         is_beyond || bytes > rest ? header->content->length : start + bytes);
}

static basin_status not_npy(const struct content *content, const uint8_t *magic, size_t length)
{
    static const struct {
        const char *start, *hint;
    } known[] = {
        {"PK\3\4", "it is a zip archive, as np.savez makes them: give it as `path`"},
        {"\x1f\x8b", "it is compressed by gzip: gunzip it"},
        {"\x80",
         "it is a pickle; save the array by np.save(path, x) (pickles are never read, since "
         "they can run any program)"},
        {"\x89HDF", "it is an HDF5 file: read it as data set `hdf5`"},
    };
    error_raise(BASIN_DATA, "this is not a .npy file, which begins with 93 4e 55 4d 50 59");
    error_hint("write it by np.save(path, x)");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strlen(known[i].start);
        if (length >= n && memcmp(magic, known[i].start, n) == 0) error_hint("%s", known[i].hint);
    }
    return content_blame(content, 0);
}

/* Where the header begins, and its length. */
static basin_status read_preamble(const struct content *content, size_t *start, size_t *length)
{
    uint8_t buffer[12];
    const uint8_t *at;
    size_t there = content->length < sizeof buffer ? content->length : sizeof buffer;
    TRY(content_view(content, 0, there, buffer, &at));
    if (there < MAGIC || memcmp(at, "\x93NUMPY", MAGIC)) return not_npy(content, at, there);
    *start = there > MAGIC && at[MAGIC] == 1 ? 10 : 12;
    if (there < *start) {
        error_raise(BASIN_DATA, "it ends early, within the first %zu bytes", *start);
        return content_blame(content, content->length);
    }
    if (at[6] < 1 || at[6] > 3 || at[7]) {
        error_raise(BASIN_DATA, "version %d.%d of .npy (byte 6) is none of 1.0, 2.0, 3.0", at[6],
                    at[7]);
        return content_blame(content, MAGIC);
    }
    *length = (size_t)at[8] | (size_t)at[9] << 8;
    if (*start == 12) *length |= (size_t)at[10] << 16 | (size_t)at[11] << 24;
    if (*length <= HEADER_MOST && *length <= content->length - *start) return BASIN_OK;
    error_raise(BASIN_DATA, "%s: its length is %zu (byte 8)",
                *length > HEADER_MOST ? "the header of the array is too long"
                                      : "it ends early, in the header",
                *length);
    return content_blame(content, 8);
}

static basin_status npy_array(const struct content *content, char *text, double most,
                              struct store_array *array)
{
    struct header header = {.content = content};
    size_t length = 0;
    const uint8_t *view;
    TRY(read_preamble(content, &header.start, &length));
    TRY(content_view(content, header.start, length, (uint8_t *)text, &view));
    header.text = header.at = (const char *)view;
    header.end = header.text + length;
    TRY(read_dictionary(&header));
    TRY(read_type(&header));
    TRY(npy_measure(&header, header.start + length, array));
    return elements_read(content, header.start + length, &header.format, header.columns, NULL, most,
                         array);
}

static basin_status npy_content(const struct content *content, double most,
                                struct store_array *array)
{
    *array = (struct store_array){0};
    char *text = memory_allocate(HEADER_MOST);
    if (!text) return BASIN_MEMORY;
    basin_status status = npy_array(content, text, most, array);
    memory_free(text);
    return status;
}

basin_status npy_read(const char *path, double most, struct store_array *array)
{
    struct content content;
    *array = (struct store_array){0};
    TRY(content_open(path, "a .npy file", &content));
    basin_status status = npy_content(&content, most, array);
    content_close(&content);
    return status;
}

basin_status npy_read_bytes(const char *path, const char *member, const uint8_t *bytes,
                            size_t length, double most, struct store_array *array)
{
    const struct content content = {.path = path,
                                    .member = member,
                                    .bytes = bytes ? bytes : (const uint8_t *)"",
                                    .file = -1,
                                    .length = length};
    return npy_content(&content, most, array);
}

/* ---- archives of arrays ---- */

static basin_status npz_refuse(const char *path, const char *what, const char *hint)
{
    error_raise(BASIN_DATA, "%s %s", path, what);
    error_place(path, 0, 0);
    error_hint("%s", hint);
    return BASIN_DATA;
}

/* What is no zip archive is told here: a tar is not what NumPy writes. */
static basin_status npz_check(const char *path)
{
    struct content content;
    uint8_t buffer[MAGIC];
    const uint8_t *at;
    TRY(content_open(path, "an .npz file", &content));
    size_t there = content.length < sizeof buffer ? content.length : sizeof buffer;
    basin_status status = content_view(&content, 0, there, buffer, &at);
    content_close(&content);
    TRY(status);
    if (there == MAGIC && memcmp(at, "\x93NUMPY", MAGIC) == 0)
        return npz_refuse(path, "is a single array (.npy), not an .npz file",
                          "give each array its key: x_path, y_path, x_test_path, y_test_path");
    if (there >= 4 && archived_is_zip(path)) return BASIN_OK;
    return npz_refuse(path, "is not an .npz file, which is a zip archive and begins with PK",
                      "write it by np.savez(path, x=x, y=y)");
}

static basin_status npz_decode(const char *path, const struct archived *archived, double most,
                               struct store_array *arrays)
{
    for (size_t i = 0; i < archived->count; i++) {
        const struct archived_member *member = &archived->members[i];
        if (!member->is_there) continue;
        TRY(npy_read_bytes(path, member->name, member->bytes, member->length, most, &arrays[i]));
        most -= (double)store_array_count(&arrays[i]) * (double)store_array_element(&arrays[i]);
    }
    return BASIN_OK;
}

static basin_status npz_members(const char *path, double most, struct archived *archived,
                                struct store_array *arrays)
{
    most = store_array_most(most);
    basin_status status = archived_read(path, ARCHIVED_FULL, most, archived);
    if (status == BASIN_OK)
        status = npz_decode(path, archived, most - (double)archived->mapped, arrays);
    archived_free(archived);
    for (size_t i = 0; i < archived->count && status != BASIN_OK; i++) store_array_free(&arrays[i]);
    return status;
}

basin_status npz_read(const char *path, const char *const *names, size_t count, double most,
                      struct store_array *arrays)
{
    struct archived archived = {.count = count};
    struct arena *arena;
    memset(arrays, 0, count * sizeof *arrays);
    TRY(npz_check(path));
    TRY(arena_create(&arena));
    bool is_named = true;
    for (size_t i = 0; i < count; i++) {
        archived.members[i].name = arena_format(arena, "%s.npy", names[i]);
        is_named = is_named && archived.members[i].name;
    }
    basin_status status = is_named ? npz_members(path, most, &archived, arrays) : BASIN_MEMORY;
    arena_destroy(arena);
    return status;
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), n = strlen(end);
    return length >= n && strcmp(name + length - n, end) == 0;
}

static basin_status raise_names(const char *path, const char *name, struct arena *arena)
{
    struct archived_name *names;
    struct text shown = {0};
    size_t count, arrays = 0;
    bool is_torch = false;
    TRY(archived_list(path, arena, &names, &count));
    for (size_t i = 0; i < count; i++) {
        is_torch = is_torch || ends_with(names[i].name, "/data.pkl");
        if (!ends_with(names[i].name, ".npy") || ++arrays > NAMES_SHOWN) continue;
        text_append(&shown, arrays > 1 ? ", \"" : "\"");
        text_append_n(&shown, names[i].name, strlen(names[i].name) - strlen(".npy"));
        text_append(&shown, "\"");
    }
    if (arrays > NAMES_SHOWN) text_append(&shown, ", ...");
    error_raise(BASIN_DATA, "there is no array \"%s\" in this file", name);
    if (is_torch)
        error_hint("%s was written by torch.save; np.savez(path, x=x.numpy(), y=y.numpy()) writes "
                   "arrays that can be read",
                   path);
    else
        error_hint("%s has %s", path, arrays ? text_data(&shown) : "no arrays at all");
    text_free(&shown);
    return BASIN_DATA;
}

basin_status npz_missing(const char *path, const char *name)
{
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = raise_names(path, name, arena);
    arena_destroy(arena);
    return status;
}
