#include "formats/export_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

static size_t export_bytes_of(const struct record_item *item)
{
    return record_count(item) * record_element_size(item->type);
}

/* ---- safetensors ---- */

static const char *safetensors_type(enum record_type type)
{
    static const char *const names[] = {[RECORD_FLOAT32] = "F32",
                                        [RECORD_FLOAT64] = "F64",
                                        [RECORD_INTEGER] = "I64",
                                        [RECORD_BYTE] = "U8"};
    return names[type];
}

static void put_metadata(struct text *header, const char *const *metadata, size_t pairs)
{
    text_append(header, "\"__metadata__\":{");
    for (size_t i = 0; i < pairs; i++) {
        text_append(header, i ? "," : "");
        text_json(header, metadata[2 * i]);
        text_append(header, ":");
        text_json(header, metadata[2 * i + 1]);
    }
    text_append(header, "}");
}

static void put_tensor(struct text *header, const struct export_array *array, size_t offset)
{
    const struct record_item *item = array->item;
    text_append(header, ",");
    text_json(header, array->name);
    text_format(header, ":{\"dtype\":\"%s\",\"shape\":[", safetensors_type(item->type));
    for (int i = 0; i < item->rank; i++) text_format(header, "%s%zu", i ? "," : "", item->dims[i]);
    text_format(header, "],\"data_offsets\":[%zu,%zu]}", offset, offset + export_bytes_of(item));
}

static void put_length(struct text *out, uint64_t length)
{
    char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (char)(length >> 8 * i);
    text_append_n(out, bytes, sizeof bytes);
}

basin_status export_safetensors(const struct export_array *arrays, size_t count,
                                const char *const *metadata, size_t pairs, struct text *out)
{
    struct text header = {0};
    size_t offset = 0;
    text_append(&header, "{");
    put_metadata(&header, metadata, pairs);
    for (size_t i = 0; i < count; i++) {
        put_tensor(&header, &arrays[i], offset);
        offset += export_bytes_of(arrays[i].item);
    }
    text_append(&header, "}");
    while (header.length % 8 && !header.failed) text_append(&header, " ");
    basin_status status = text_status(&header);
    if (status == BASIN_OK) {
        put_length(out, header.length);
        text_append_n(out, text_data(&header), header.length);
        for (size_t i = 0; i < count; i++)
            text_append_n(out, arrays[i].item->data, export_bytes_of(arrays[i].item));
        status = text_status(out);
    }
    text_free(&header);
    return status;
}

/* ---- npz ---- */

static const char *npy_type(enum record_type type)
{
    static const char *const names[] = {[RECORD_FLOAT32] = "<f4",
                                        [RECORD_FLOAT64] = "<f8",
                                        [RECORD_INTEGER] = "<i8",
                                        [RECORD_BYTE] = "|u1"};
    return names[type];
}

/* Version 1.0 of the format: magic, length of the header, the header, which ends at a multiple of
 * 64 bytes. */
static void put_npy_header(struct text *out, const struct record_item *item)
{
    enum { BEFORE = 10, UNIT = 64 };
    struct text header = {0};
    text_format(&header, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                npy_type(item->type));
    for (int i = 0; i < item->rank; i++)
        text_format(&header, "%s%zu", i ? ", " : "", item->dims[i]);
    text_append(&header, item->rank == 1 ? ",), }" : "), }");
    while ((BEFORE + header.length + 1) % UNIT && !header.failed) text_append(&header, " ");
    text_append(&header, "\n");
    const char length[2] = {(char)(header.length & 0xff), (char)(header.length >> 8)};
    text_append_n(out, "\x93NUMPY\x01\x00", 8);
    text_append_n(out, length, 2);
    text_append_n(out, text_data(&header), header.length);
    if (header.failed) out->failed = true;
    text_free(&header);
}

static la_ssize_t export_take_bytes(struct archive *archive, void *context, const void *bytes,
                                    size_t length)
{
    struct text *out = context;
    (void)archive;
    text_append_n(out, bytes, length);
    return out->failed ? -1 : (la_ssize_t)length;
}

static bool export_put_member(struct archive *archive, struct archive_entry *entry,
                              const struct export_array *array)
{
    struct text header = {0}, name = {0};
    size_t bytes = export_bytes_of(array->item);
    put_npy_header(&header, array->item);
    text_format(&name, "%s.npy", array->name);
    archive_entry_clear(entry);
    archive_entry_set_pathname(entry, text_data(&name));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 315532800, 0); /* 1980, the first day of zip */
    archive_entry_set_size(entry, (la_int64_t)(header.length + bytes));
    bool good = !header.failed && !name.failed &&
                archive_write_header(archive, entry) == ARCHIVE_OK &&
                archive_write_data(archive, text_data(&header), header.length) ==
                    (la_ssize_t)header.length &&
                archive_write_data(archive, array->item->data, bytes) == (la_ssize_t)bytes &&
                archive_write_finish_entry(archive) == ARCHIVE_OK;
    text_free(&header);
    text_free(&name);
    return good;
}

basin_status export_npz(const struct export_array *arrays, size_t count, struct text *out)
{
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    bool good = archive && entry && archive_write_set_format_zip(archive) == ARCHIVE_OK &&
                archive_write_zip_set_compression_store(archive) == ARCHIVE_OK &&
                archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
                archive_write_open(archive, out, NULL, export_take_bytes, NULL) == ARCHIVE_OK;
    for (size_t i = 0; good && i < count; i++) good = export_put_member(archive, entry, &arrays[i]);
    good = good && archive_write_close(archive) == ARCHIVE_OK;
    basin_status status =
        out->failed || !archive || !entry ? BASIN_MEMORY
        : good                            ? BASIN_OK
               : error_raise(BASIN_IO, "cannot make a zip: %s", archive_error_string(archive));
    archive_entry_free(entry);
    if (archive) archive_write_free(archive);
    return status;
}
